//! The window; written elsewhere.

use std::process::ExitCode;

use crate::cli::WindowOptions;

/// Opens the window.
pub(crate) fn run(options: WindowOptions) -> anyhow::Result<ExitCode> {
    anyhow::bail!("no window in this build for {options:?}")
}
