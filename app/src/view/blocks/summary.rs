//! What is said of a block in one row: how it ended, how long it took, what changed of its place.

use std::sync::Arc;
use std::time::Duration;

use terminal::blocks::{Block, Exit, Flags, Kind, State};

use super::dialogs::FilterWords;
use crate::git::Branch;

/// How a block's command ended, as the user is told by color and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    /// It runs.
    Running,
    /// It succeeded, or the shell did not say.
    Ok,
    /// It failed.
    Failed,
    /// It was interrupted or stopped, at the prompt too, or nobody reads it any more.
    Neutral,
    /// Nothing ran: a syntax error.
    Rejected,
    /// Its shell went away.
    Lost,
    /// A background job printed at a prompt.
    Background,
}

impl Status {
    /// A block's status.
    pub(crate) fn of(block: &Block) -> Self {
        if block.kind == Kind::Background {
            return Self::Background;
        }
        match &block.state {
            State::Pending | State::Running => Self::Running,
            State::Done { exit: None, .. } => Self::Ok,
            State::Done {
                exit: Some(exit), ..
            } => match exit.code {
                0 => Self::Ok,
                _ if exit.is_failure() => Self::Failed,
                _ => Self::Neutral,
            },
            State::Rejected { status: 130 } => Self::Neutral,
            State::Rejected { .. } => Self::Rejected,
            State::Lost => Self::Lost,
        }
    }
}

/// Everything that a header shows of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// How it ended.
    pub(crate) status: Status,
    /// The exit status in words, if it is not plain success.
    pub(crate) exit: Option<String>,
    /// How long it took, or has taken so far.
    pub(crate) duration: Option<Duration>,
    /// How far the program says it is.
    pub(crate) progress: Option<String>,
    /// It had the whole screen, of which nothing is left.
    pub(crate) full_screen: bool,
    /// The folder, if it is another than the block's before.
    pub(crate) folder: Option<String>,
    /// The branch, if it is another than the block's before.
    pub(crate) branch: Option<Arc<Branch>>,
    /// The host or environment, if it is another than this pane's usual one.
    pub(crate) place: Option<String>,
    /// The name that the user gave.
    pub(crate) name: Option<String>,
    /// Marked by the user.
    pub(crate) bookmark: bool,
    /// What is hidden of it.
    pub(crate) hidden: Option<String>,
    /// It ran in an earlier session: all of it is muted.
    pub(crate) old: bool,
    /// The local time at which it started, with the day if it is old.
    pub(crate) time: Option<String>,
}

/// The exit status in words.
pub(crate) fn exit_text(exit: &Exit) -> Option<String> {
    let code = exit.code;
    let text = match (code, exit.signal()) {
        (0, _) => return None,
        (130, _) => "interrupted".to_owned(),
        (148, _) => "stopped".to_owned(),
        (_, Some(signal)) => match signal_name(signal) {
            Some(name) => name.to_owned(),
            None => format!("signal {signal}"),
        },
        (127, _) => "127 not found".to_owned(),
        (126, _) => "126 not executable".to_owned(),
        _ => format!("exit {code}"),
    };
    let pipe: Vec<String> = exit.pipe.iter().map(u8::to_string).collect();
    Some(if pipe.is_empty() {
        text
    } else {
        format!("{text} ({})", pipe.join("|"))
    })
}

fn signal_name(signal: u8) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}

/// A duration in as few signs as tell it.
pub(crate) fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if seconds == 0 {
        return format!("{} ms", duration.as_millis());
    }
    if seconds < 10 {
        return format!("{seconds}.{} s", duration.subsec_millis() / 100);
    }
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {:02} s", seconds % 60),
        (0, _, _) => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {:02} h", hours % 24),
    }
}

/// The time a running command has taken, in whole seconds.
pub(crate) fn elapsed_text(duration: Duration) -> String {
    if duration.as_secs() < 10 {
        return format!("{} s", duration.as_secs());
    }
    duration_text(duration)
}

/// A folder as it is shown: below the home folder with `~`, long ones by their last parts.
pub(crate) fn folder_text(folder: &str, home: Option<&str>) -> String {
    const LONGEST: usize = 32;
    let home = home.filter(|home| !home.is_empty() && *home != "/");
    let below = home.and_then(|home| folder.strip_prefix(home));
    let text = match below {
        Some("") => "~".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("~{rest}"),
        _ => folder.to_owned(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut kept = String::new();
    for part in text.rsplit('/') {
        if !kept.is_empty() && kept.chars().count() + part.chars().count() + 3 > LONGEST {
            break;
        }
        kept = if kept.is_empty() {
            part.to_owned()
        } else {
            format!("{part}/{kept}")
        };
    }
    format!("…/{kept}")
}

/// What is hidden of a block.
pub(crate) fn hidden_text(
    block: &Block,
    height: usize,
    filter: Option<&FilterWords>,
) -> Option<String> {
    if block.flags.contains(Flags::FOLDED)
        && let Some(folded) = folded_text(height)
    {
        return Some(folded);
    }
    let found = block.filtered()?;
    filter.map(|filter| filter.label(found))
}

/// How many lines are folded away, if any are.
pub(crate) fn folded_text(lines: usize) -> Option<String> {
    match lines {
        0 => None,
        1 => Some("▸ 1 line".to_owned()),
        lines => Some(format!("▸ {} lines", grouped(lines))),
    }
}

/// A number with its thousands set apart.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |millis, expected: &str| {
            assert_eq!(duration_text(Duration::from_millis(millis)), expected);
        };
        check(0, "0 ms");
        check(999, "999 ms");
        check(1_000, "1.0 s");
        check(9_960, "9.9 s");
        check(12_500, "12 s");
        check(61_000, "1 min 01 s");
        check(3_661_000, "1 h 01 min");
        check(90_000_000, "1 d 01 h");
        assert_eq!(elapsed_text(Duration::from_millis(1999)), "1 s");
    }

    #[test]
    fn folders() {
        let check = |folder, expected: &str| {
            assert_eq!(folder_text(folder, Some("/home/me")), expected);
        };
        check("/home/me", "~");
        check("/home/me/src/terrace", "~/src/terrace");
        check("/home/merge", "/home/merge");
        check("/", "/");
        check(
            "/var/lib/containers/storage/overlay/deadbeef/diff",
            "…/storage/overlay/deadbeef/diff",
        );
        assert_eq!(folder_text("/root", Some("/")), "/root");
    }

    #[test]
    fn exits() {
        let check = |code, pipe: &[u8], expected: Option<&str>| {
            let exit = Exit {
                code,
                pipe: pipe.to_vec(),
            };
            assert_eq!(exit_text(&exit).as_deref(), expected);
        };
        check(0, &[], None);
        check(1, &[], Some("exit 1"));
        check(127, &[], Some("127 not found"));
        check(130, &[], Some("interrupted"));
        check(137, &[], Some("SIGKILL"));
        check(150, &[], Some("signal 22"));
        check(2, &[0, 2], Some("exit 2 (0|2)"));
    }

    #[test]
    fn numbers() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
