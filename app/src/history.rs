//! What is kept of panes, and where: the settings and the terminal's blocks in the terms of `history`.

pub(crate) mod keeper;
pub(crate) mod old;
pub(crate) mod recorder;
pub(crate) mod seeker;

use std::path::PathBuf;
use std::time::Duration;

use config::Config;
use history::export::Look;
use history::{Host, HostKind, Options, Policy};

use seeker::Whole;

/// The variable that tells a pane's programs which session is theirs.
pub(crate) const SESSION_VARIABLE: &str = "TERRACE_SESSION";

/// Where and how long blocks are kept.
pub(crate) fn options(config: &Config) -> Options {
    let settings = &config.history;
    let (policy, problems) = Policy::new(&settings.redact, &settings.ignore);
    for problem in problems {
        tracing::warn!("[history] {problem}");
    }
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    Options {
        max_output_bytes: u64::from(settings.max_megabytes) << 20,
        max_output_age: days(settings.output_days),
        max_command_age: days(settings.command_days),
        max_block_bytes: usize::try_from(settings.block_kilobytes).unwrap_or(1024) << 10,
        policy,
        ..Options::new(&folder(config))
    }
}

/// The folder of the history.
pub(crate) fn folder(config: &Config) -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
    let set = config.history.folder.as_str();
    if let Some(below) = set.strip_prefix("~/") {
        return home().join(below);
    }
    if !set.is_empty() {
        return PathBuf::from(set);
    }
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(|| home().join(".local/share"));
    data.join("terrace/history")
}

/// The colors in which stored text is shown and exported: those of the theme.
pub(crate) fn look(theme: &config::Theme) -> Look {
    let rgb = |color: config::Rgb| (color.r, color.g, color.b);
    Look {
        foreground: rgb(theme.foreground),
        background: rgb(theme.background),
        palette: std::array::from_fn(|idx| rgb(theme.palette[idx])),
    }
}

/// A block of the history as bytes for a terminal: visibly old, and inert but for its styles.
pub(crate) fn old_text(block: &Whole) -> Vec<u8> {
    let clean = |text: &str| -> String { text.chars().filter(|one| !one.is_control()).collect() };
    let command: Vec<String> = block.command.lines().map(clean).collect();
    let mut text = format!(
        "\x1b[2;3m{}\x1b[0m\r\n\x1b[2m$ {}\x1b[0m\r\n",
        clean(&block.facts),
        command.join("\x1b[0m\r\n\x1b[2m> ")
    );
    text.push_str(&block.output.replace('\n', "\r\n"));
    text.into_bytes()
}

/// This machine and this user.
pub(crate) fn local_host() -> Host {
    // Without a login nobody says it, and shells that do are believed.
    let user = std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .unwrap_or_default();
    let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    Host {
        name: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        user,
        kind: HostKind::Local,
        // Only to tell machines of one name apart: its beginning is enough for that.
        machine_id: id.trim().chars().take(12).collect(),
    }
}
