//! [`Record`]: one block as it is stored, in plain types, so that no other crate's model is frozen by
//! the file.
//!
//! Numbers of the enumerations are the numbers in the database; their meaning never changes.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::id::Uid;

/// One block.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its identity; see [`Uid::new`].
    pub uid: Uid,
    /// The shell in which it ran.
    pub session: Session,
    /// The block inside which this one ran: `ssh`, `bash`, `sudo -s`.
    pub parent: Option<Uid>,
    /// Its place among the session's blocks: the prompt's number.
    pub seq: u32,
    /// What was typed.
    pub command: CommandText,
    /// The folder in which it ran, an absolute path on the session's host.
    pub folder: Option<String>,
    /// The root of the project that the folder belongs to: where `.git` is.
    pub project: Option<String>,
    /// Branch, or the commit's first digits.
    pub git: Option<String>,
    /// When it began.
    pub started: SystemTime,
    /// How long it took; `None` when nobody knows.
    pub duration: Option<Duration>,
    /// How it ended.
    pub exit: Exit,
    /// What became of it.
    pub state: State,
    /// Who says all this.
    pub trust: Trust,
    /// What is noteworthy.
    pub flags: Flags,
    /// A name that the user gave.
    pub name: Option<String>,
    /// A note that the user wrote.
    pub note: Option<String>,
    /// What it printed.
    pub output: Output,
    /// The nonces of the session's shells, never stored: wherever one stands in a text, `[nonce]` is stored.
    pub nonces: Vec<String>,
}

impl Record {
    /// A block that ran `command` and printed `output`, whole; everything else at its plainest.
    #[must_use]
    pub fn new(session: Session, command: &str, output: &[u8], started: SystemTime) -> Self {
        Self {
            uid: Uid::new(started),
            session,
            parent: None,
            seq: 0,
            command: CommandText {
                text: command.to_owned(),
                source: TextSource::Shell,
                unwanted: false,
            },
            folder: None,
            project: None,
            git: None,
            started,
            duration: None,
            exit: Exit::default(),
            state: State::Done,
            trust: Trust::Local,
            flags: Flags::default(),
            name: None,
            note: None,
            output: Output::whole(output),
            nonces: Vec::new(),
        }
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        let texts = [
            &self.folder,
            &self.project,
            &self.git,
            &self.name,
            &self.note,
        ];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        512 + self.command.text.len() + texts + self.output.size()
    }
}

/// The shell in which blocks run: one from its first prompt to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identity.
    pub uid: Uid,
    /// The session inside which it runs: that of `ssh` or of a nested shell.
    pub parent: Option<Uid>,
    /// Where it runs.
    pub host: Host,
    /// The shell and its version: `zsh/5.9`.
    pub shell: String,
    /// When it began.
    pub started: SystemTime,
    /// The pane, as the window numbers it; only for people.
    pub pane: Option<String>,
}

/// A machine, container or pod, and the account there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// Its name; for a remote the label that the environment has in Terrace.
    pub name: String,
    /// The account.
    pub user: String,
    /// What it is.
    pub kind: HostKind,
    /// What tells two of the same name apart; may be empty.
    pub machine_id: String,
}

/// Declares an enumeration whose numbers are stored.
macro_rules! stored {
    (
        $(#[doc = $enum_doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $doc:literal])* $variant:ident = $number:literal, $text:literal; )*
        }
    ) => {
        $(#[doc = $enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[doc = $doc])* $variant, )* }

        impl $name {
            /// The number in the database.
            #[must_use]
            pub fn number(self) -> i64 {
                match self { $( Self::$variant => $number, )* }
            }

            /// The variant of a number in the database; `None` for one that a newer version wrote.
            #[must_use]
            pub fn from_number(number: i64) -> Option<Self> {
                match number { $( $number => Some(Self::$variant), )* _ => None }
            }

            /// Its name in exports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $text, )* }
            }

            /// The variant of a name in an export.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $( $text => Some(Self::$variant), )* _ => None }
            }
        }
    };
}

stored! {
    /// What a host is.
    pub enum HostKind {
        /// This machine.
        Local = 0, "local";
        /// Reached over SSH.
        Ssh = 1, "ssh";
        /// A container.
        Container = 2, "container";
        /// A Kubernetes pod.
        Pod = 3, "pod";
        /// This machine as another user.
        Elevated = 4, "elevated";
        /// Something else.
        Other = 5, "other";
    }
}

stored! {
    /// What became of a block.
    pub enum State {
        /// It ended.
        Done = 1, "done";
        /// Its shell or Terrace went away before it ended.
        Lost = 2, "lost";
        /// Nothing ran: a syntax error, or the line was given up.
        Rejected = 3, "rejected";
        /// Output between prompts, of no command in the foreground.
        Background = 4, "background";
    }
}

stored! {
    /// Who vouches for a block's text, status and folder.
    pub enum Trust {
        /// Nobody: such blocks are not stored.
        Unverified = 0, "unverified";
        /// The shell that Terrace started on this machine.
        Local = 1, "local";
        /// The shell that Terrace started elsewhere; the far side may lie.
        Remote = 2, "remote";
        /// A history file of another program.
        Imported = 3, "imported";
    }
}

stored! {
    /// Where the text of a command comes from.
    pub enum TextSource {
        /// There is none.
        None = 0, "none";
        /// The shell said it.
        Shell = 1, "shell";
        /// The shell said a part of it.
        Partial = 2, "partial";
        /// It was read from the screen.
        Screen = 3, "screen";
        /// The shell said it after expanding it.
        Expanded = 4, "expanded";
        /// A history file had it.
        File = 5, "file";
    }
}

/// A command's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandText {
    /// As it was typed, several lines perhaps; at most 64 KiB.
    pub text: String,
    /// Where it comes from.
    pub source: TextSource,
    /// The shell's own settings keep this line out of history (`hist=0`): so does the store.
    pub unwanted: bool,
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// The shell's `$?`.
    pub status: Option<u8>,
    /// The signal that ended it, where the status says so.
    pub signal: Option<u8>,
    /// The status of each part of a pipeline; empty if the shell did not say.
    pub pipe: Vec<u8>,
}

impl Exit {
    /// From the shell's `$?`, of which 129 to 159 say a signal.
    #[must_use]
    pub fn from_status(status: u8) -> Self {
        Self {
            status: Some(status),
            signal: matches!(status, 129..=159).then(|| status - 128),
            pipe: Vec::new(),
        }
    }
}

/// What is noteworthy about a block: bits, as in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u32);

impl Flags {
    /// The user wants to find it again: retention leaves it alone.
    pub const BOOKMARK: Self = Self(1);
    /// It used the alternate screen: an editor, a pager.
    pub const ALT_SCREEN: Self = Self(2);
    /// Not all of its output is kept.
    pub const TRUNCATED: Self = Self(4);
    /// Something was redacted.
    pub const REDACTED: Self = Self(8);
    /// It drew over its own output: a progress bar, a full-screen program on the main screen.
    pub const LIVE: Self = Self(16);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets the bits of `other`.
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// These bits and those of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Clears the bits of `other`.
    pub fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
    }
}

/// What a block printed: styled text (characters, SGR, OSC 8, line feeds), its beginning and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The beginning; all of it where nothing was dropped.
    pub head: Vec<u8>,
    /// The end, after what was dropped; empty where nothing was.
    pub tail: Vec<u8>,
    /// Lines printed in all.
    pub lines: u64,
    /// Bytes printed in all, as styled text.
    pub bytes: u64,
    /// Lines between head and tail that are not kept.
    pub dropped_lines: u64,
    /// Bytes between head and tail that are not kept.
    pub dropped_bytes: u64,
}

impl Output {
    /// Output of which nothing was dropped.
    #[must_use]
    pub fn whole(bytes: &[u8]) -> Self {
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        let rest = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
        Self {
            head: bytes.to_vec(),
            lines: (ends + rest) as u64,
            bytes: bytes.len() as u64,
            ..Self::default()
        }
    }

    /// Bytes kept.
    #[must_use]
    pub fn size(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Nothing was printed, or nothing of it is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// Gives the kept bytes up, counting them as dropped.
    pub fn discard(&mut self) {
        self.dropped_lines = self.lines;
        self.dropped_bytes = self.bytes;
        self.head = Vec::new();
        self.tail = Vec::new();
    }

    /// Cuts what is kept to `limit` bytes, half from the beginning and half from the end, at line
    /// ends where there are some; what goes is counted.
    pub fn bound(&mut self, limit: usize) {
        if self.size() <= limit {
            return;
        }
        let half = limit / 2;
        let before = self.size();
        let whole = self.dropped_bytes == 0 && self.tail.is_empty();
        let mut tail = if whole {
            self.head.clone()
        } else {
            std::mem::take(&mut self.tail)
        };
        let head_end = self.head.len().min(half);
        let head_end = cut_before(&self.head, head_end);
        let tail_start = cut_after(
            &tail,
            tail.len()
                .saturating_sub(limit - half)
                .max(if whole { head_end } else { 0 }),
        );
        let gone_tail: usize = if whole {
            lines_in(&self.head[head_end..tail_start])
        } else {
            lines_in(&self.head[head_end..]) + lines_in(&tail[..tail_start])
        };
        self.head.truncate(head_end);
        tail.drain(..tail_start);
        self.tail = tail;
        self.dropped_lines += gone_tail as u64;
        self.dropped_bytes += (before - self.size()) as u64;
    }

    /// Head and tail as one text without styles, with a line between them that says what is missing.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = plain(&self.head);
        if self.dropped_bytes > 0 || self.dropped_lines > 0 {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&self.gap());
            text.push('\n');
        }
        text.push_str(&plain(&self.tail));
        text
    }

    /// The line that stands for what is not kept.
    #[must_use]
    pub fn gap(&self) -> String {
        format!(
            "[… {} lines, {} bytes not kept …]",
            self.dropped_lines, self.dropped_bytes
        )
    }
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// The end of the last whole line within `end` bytes, or else of the last whole character.
fn cut_before(bytes: &[u8], end: usize) -> usize {
    match bytes[..end].iter().rposition(|byte| *byte == b'\n') {
        Some(at) if end - at <= 4096 => at + 1,
        _ => {
            let mut end = end;
            while end > 0 && end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
                end -= 1;
            }
            end
        }
    }
}

/// The beginning of the first whole line from `start`, or else of the first whole character.
fn cut_after(bytes: &[u8], start: usize) -> usize {
    if start == 0 {
        return 0;
    }
    match bytes[start..].iter().position(|byte| *byte == b'\n') {
        Some(at) if at <= 4096 => start + at + 1,
        _ => {
            let mut start = start;
            while start < bytes.len() && bytes[start] & 0xc0 == 0x80 {
                start += 1;
            }
            start
        }
    }
}

/// Bytes as text; what is no UTF-8 becomes a sign that says so. Almost all output is UTF-8, and to see that is
/// much cheaper than to look for what is not.
pub(crate) fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Styled text without its styles: escape sequences and controls but LF and TAB go.
#[must_use]
pub fn plain(styled: &[u8]) -> String {
    let mut text = String::with_capacity(styled.len());
    let lossy = utf8(styled);
    let mut rest = lossy.as_ref();
    while let Some(at) = next_control(rest) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match rest.strip_prefix('\x1b') {
            Some(sequence) => &sequence[sequence_length(sequence)..],
            None => &rest[rest.chars().next().map_or(0, char::len_utf8)..],
        };
    }
    text.push_str(rest);
    text
}

/// The first control character but LF and TAB.
fn next_control(text: &str) -> Option<usize> {
    /// Bytes looked at together, which the processor does at once.
    const TOGETHER: usize = 32;
    // The controls of C1 begin with 0xc2 in UTF-8, as some letters do.
    let suspect = |byte: u8| {
        (byte < 0x20 && byte != b'\n' && byte != b'\t') | (byte == 0x7f) | (byte == 0xc2)
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = bytes.get(at..) {
        let clean = next
            .chunks_exact(TOGETHER)
            .take_while(|chunk| {
                !chunk
                    .iter()
                    .fold(false, |found, byte| found | suspect(*byte))
            })
            .count();
        let next = &next[clean * TOGETHER..];
        let found = next.iter().position(|byte| suspect(*byte))?;
        at += clean * TOGETHER + found;
        if bytes[at] != 0xc2 || bytes.get(at + 1).is_some_and(|second| *second < 0xa0) {
            return Some(at);
        }
        at += 2;
    }
    None
}

/// Bytes of the escape sequence whose ESC has been taken off (ECMA-48 5.3, 5.4, 5.6).
pub(crate) fn sequence_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    match bytes.first() {
        Some(b'[') => {
            let end = bytes[1..]
                .iter()
                .position(|byte| !(0x20..=0x3f).contains(byte));
            match end {
                Some(at) if (0x40..=0x7e).contains(&bytes[1 + at]) => at + 2,
                Some(at) => at + 1,
                None => bytes.len(),
            }
        }
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            let end = bytes.iter().position(|byte| matches!(byte, 0x07 | 0x1b));
            match end {
                Some(at) if bytes[at] == 0x1b && bytes.get(at + 1) == Some(&b'\\') => at + 2,
                Some(at) if bytes[at] == 0x07 => at + 1,
                Some(at) => at,
                None => bytes.len(),
            }
        }
        Some(0x20..=0x2f) => bytes.len().min(2),
        Some(byte) if byte.is_ascii() => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
