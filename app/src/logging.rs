//! Logging to the standard error, chosen by `TERRACE_LOG` (`TERRACE_LOG=pty=debug,warn`).
//!
//! Never in it: what is typed, pasted or printed, and the values of environment variables.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The variable that chooses what is logged.
const VARIABLE: &str = "TERRACE_LOG";

/// Starts logging, at `warn` unless [`VARIABLE`] says otherwise. A second call does nothing.
pub(crate) fn init() {
    // Graphics libraries warn about drivers that they then do without.
    let default = "warn,wgpu_core=error,wgpu_hal=error,naga=error";
    let (filter, mistake) = match std::env::var(VARIABLE) {
        Ok(text) => match EnvFilter::try_new(&text) {
            Ok(filter) => (filter, None),
            Err(error) => (EnvFilter::new(default), Some(error)),
        },
        Err(_) => (EnvFilter::new(default), None),
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    if started.is_ok()
        && let Some(error) = mistake
    {
        tracing::warn!(%error, "{VARIABLE} is not understood");
    }
}
