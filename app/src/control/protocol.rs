//! The control protocol, version 1: a line of JSON each way. `assets/manual/ctl.md` documents it.

mod change;
#[cfg(test)]
mod tests;

use std::time::Duration;

use config::control::Scope;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use self::change::{BlockState, Change};

/// The protocol's version.
pub(crate) const VERSION: u64 = 1;
/// The longest line that is read.
pub(crate) const MAX_LINE: usize = 1024 * 1024;
/// How long a wait may last that names no time.
pub(crate) const WAIT: Duration = Duration::from_secs(30);

/// The frame around a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope {
    /// The protocol's version.
    v: u64,
    /// Given back with the answer.
    #[serde(default)]
    pub(crate) id: Value,
    /// Who asks; see [`super::access`].
    #[serde(default)]
    pub(crate) token: String,
    /// What is asked.
    #[serde(rename = "do")]
    pub(crate) name: String,
    /// Its arguments.
    #[serde(default)]
    with: Option<Value>,
}

/// A failure, as clients are told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// A word for programs.
    pub(crate) code: &'static str,
    /// A sentence for people.
    pub(crate) message: String,
}

impl Failure {
    /// The request is wrong.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new("request", message)
    }

    /// There is no such window, tab or pane.
    pub(crate) fn absent(message: impl Into<String>) -> Self {
        Self::new("absent", message)
    }

    /// The caller may not.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new("forbidden", message)
    }

    /// It took too long.
    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new("timeout", message)
    }

    /// It could not be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new("failed", message)
    }

    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// What a new pane runs, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Place {
    /// The folder; that of the focused pane if not given.
    pub(crate) folder: Option<String>,
    /// Program and arguments; the shell if empty.
    pub(crate) command: Vec<String>,
    /// The environment, by its id (`ssh:web`); this machine if not given. The folder is then one over there.
    pub(crate) environment: Option<String>,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    tag = "do",
    content = "with",
    rename_all = "kebab-case",
    deny_unknown_fields
)]
pub(crate) enum Request {
    /// Names the version and the program's process.
    Hello {},
    /// Every window with its tabs and panes.
    List {},
    /// Opens a tab, or a window with `"kind":"window"`.
    Open {
        /// A tab or a window.
        #[serde(default)]
        kind: OpenKind,
        /// The window of the tab; the foremost if not given.
        window: Option<u64>,
        /// What runs in it.
        #[serde(default)]
        place: Place,
        /// The tab's name.
        name: Option<String>,
    },
    /// Splits a pane.
    Split {
        /// Which; the focused if not given.
        pane: Option<u64>,
        /// Where the new one is.
        #[serde(default)]
        side: Side,
        /// What runs in it.
        #[serde(default)]
        place: Place,
    },
    /// Gives the keyboard to a pane, shows its tab and brings its window forward.
    Focus {
        /// Which.
        pane: Option<u64>,
        /// Or the tab.
        tab: Option<u64>,
        /// Or the window.
        window: Option<u64>,
    },
    /// Closes a pane or a tab.
    Close {
        /// Which.
        pane: Option<u64>,
        /// Or the tab.
        tab: Option<u64>,
        /// Even while a program runs in it.
        #[serde(default)]
        force: bool,
    },
    /// Gives a pane so many cells by moving its borders, or a window the size at which its focused pane has them.
    Resize {
        /// The pane.
        pane: Option<u64>,
        /// Or the window; the foremost if neither is given.
        window: Option<u64>,
        /// Columns.
        columns: Option<u16>,
        /// Rows.
        rows: Option<u16>,
    },
    /// Pastes a text into a pane, through the filter for pastes.
    SendText {
        /// Which.
        pane: Option<u64>,
        /// The text.
        text: String,
    },
    /// Presses a key in a pane.
    SendKey {
        /// Which.
        pane: Option<u64>,
        /// As the headless control socket takes it: `"a"`, or `{"key":"c","mods":["ctrl"]}`.
        key: Value,
    },
    /// The text of a pane.
    Text {
        /// Which.
        pane: Option<u64>,
        /// Which part of it.
        #[serde(default)]
        part: Part,
    },
    /// A picture of a pane's screen, or of a window with all that is in it, written to a file.
    Screenshot {
        /// Of what.
        #[serde(default)]
        of: Shot,
        /// Which pane.
        pane: Option<u64>,
        /// Which window; the foremost if not given.
        window: Option<u64>,
        /// The file, an absolute path; it must not exist.
        file: String,
        /// Physical pixels per logical one, for panes; a window has its own.
        scale: Option<f32>,
    },
    /// Names a tab; empty gives it its own title again.
    Title {
        /// Which; the shown one if not given.
        tab: Option<u64>,
        /// The name.
        name: String,
    },
    /// Shows a theme, and keeps it in the settings if asked to.
    Theme {
        /// Its name.
        name: String,
        /// Write it to the settings.
        #[serde(default)]
        keep: bool,
    },
    /// Runs an action of `terrace keys`, in the foremost window or a pane's.
    Action {
        /// Its name.
        name: String,
        /// The pane that is focused first.
        pane: Option<u64>,
    },
    /// Answers when a pane holds a text, or was silent for a while.
    Wait {
        /// Which.
        pane: Option<u64>,
        /// A text on the screen.
        text: Option<String>,
        /// No output for so long, in milliseconds.
        silence: Option<u64>,
        /// Fails after so long, in milliseconds.
        timeout: Option<u64>,
    },
    /// Sends a line a change from now on, until the client closes.
    Subscribe {
        /// Of this pane only.
        pane: Option<u64>,
    },
    /// Lists what was asked through the socket and what is granted.
    Audit {},
    /// Takes grants back.
    Revoke {
        /// Which; all if not given.
        grant: Option<u64>,
    },
}

/// What a picture is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shot {
    /// A pane's grid.
    #[default]
    Pane,
    /// A window as it is on the screen.
    Window,
}

/// A tab or a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OpenKind {
    /// A tab.
    #[default]
    Tab,
    /// A window.
    Window,
}

/// A side of a pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    /// Right of it.
    #[default]
    Right,
    /// Left of it.
    Left,
    /// Below it.
    Down,
    /// Above it.
    Up,
}

/// A part of a pane's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// The screen.
    #[default]
    Screen,
    /// Scrollback and screen.
    Scrollback,
    /// What is selected.
    Selection,
}

impl Request {
    /// What one must be allowed for it; `None` where everybody may who is let in.
    pub(crate) fn scope(&self) -> Option<Scope> {
        Some(match self {
            // Less may always be asked for.
            Self::Hello {} | Self::Revoke { .. } => return None,
            Self::List {} | Self::Subscribe { .. } | Self::Audit {} => Scope::StateRead,
            Self::Text { .. } | Self::Screenshot { .. } | Self::Wait { .. } => Scope::ScreenRead,
            Self::Open { .. }
            | Self::Split { .. }
            | Self::Focus { .. }
            | Self::Close { .. }
            | Self::Resize { .. }
            | Self::Title { .. } => Scope::PaneCreate,
            Self::SendText { .. } | Self::SendKey { .. } | Self::Action { .. } => Scope::InputSend,
            Self::Theme { .. } => Scope::ConfigWrite,
        })
    }

    /// Whether it only reads, so that a program may ask it of its own pane.
    pub(crate) fn reads_a_pane(&self) -> bool {
        matches!(
            self,
            Self::Text { .. } | Self::Wait { .. } | Self::Subscribe { .. }
        )
    }

    /// The pane that it names.
    pub(crate) fn pane(&self) -> Option<u64> {
        match self {
            Self::Split { pane, .. }
            | Self::Focus { pane, .. }
            | Self::Close { pane, .. }
            | Self::SendText { pane, .. }
            | Self::SendKey { pane, .. }
            | Self::Text { pane, .. }
            | Self::Screenshot { pane, .. }
            | Self::Action { pane, .. }
            | Self::Wait { pane, .. }
            | Self::Resize { pane, .. }
            | Self::Subscribe { pane } => *pane,
            _ => None,
        }
    }

    /// Names the pane where none was named.
    pub(crate) fn default_pane(&mut self, own: u64) {
        match self {
            Self::Split { pane, .. }
            | Self::SendText { pane, .. }
            | Self::SendKey { pane, .. }
            | Self::Text { pane, .. }
            | Self::Screenshot {
                of: Shot::Pane,
                pane,
                ..
            }
            | Self::Wait { pane, .. } => {
                pane.get_or_insert(own);
            }
            _ => {}
        }
    }
}

/// Reads a line. On failure the identity is given back as far as it could be read.
pub(crate) fn parse(line: &[u8]) -> Result<(Envelope, Request), (Value, Failure)> {
    let envelope: Envelope = serde_json::from_slice(line).map_err(|error| {
        (
            Value::Null,
            Failure::request(format!("not a request: {error}")),
        )
    })?;
    let wrong = |message: String| (envelope.id.clone(), Failure::request(message));
    if envelope.v != VERSION {
        return Err(wrong(format!(
            "version {} of the protocol; this Terrace speaks {VERSION}",
            envelope.v
        )));
    }
    let with = envelope.with.clone().unwrap_or_else(|| json!({}));
    let request = serde_json::from_value(json!({"do": envelope.name, "with": with}))
        .map_err(|error| wrong(error.to_string()))?;
    Ok((envelope, request))
}

/// The line of an answer.
pub(crate) fn answer(id: &Value, result: &Result<Value, Failure>) -> String {
    let mut line = match result {
        Ok(value) => json!({"v": VERSION, "id": id, "ok": true, "result": value}),
        Err(failure) => json!({"v": VERSION, "id": id, "ok": false,
            "error": {"code": failure.code, "message": failure.message}}),
    }
    .to_string();
    line.push('\n');
    line
}
