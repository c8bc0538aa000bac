//! Every bound on what a program can make the core keep or do, with its name (`security.md` 2.3).

use std::time::Duration;

/// Parameters of a CSI or DCS sequence, sub-parameters included.
pub const MAX_PARAMS: usize = 32;
/// Bytes of an ordinary OSC.
pub const MAX_OSC: usize = 4 * 1024;
/// Bytes of an OSC that carries data (52, 66, 99, 1337).
pub const MAX_OSC_DATA: usize = 8 * 1024 * 1024;
/// Bytes of a DCS.
pub const MAX_DCS: usize = 1024 * 1024;
/// Bytes of one APC.
pub const MAX_APC: usize = 8 * 1024 * 1024;
/// Code points in a cell.
pub const MAX_CLUSTER: usize = 16;
/// Bytes of a hyperlink's URI.
pub const MAX_LINK_URI: usize = 2083;
/// Bytes of a hyperlink's id.
pub const MAX_LINK_ID: usize = 250;
/// Live hyperlinks of a pane.
pub const MAX_LINKS: usize = 65_535;
/// Bytes of URI text of a pane's live links.
pub const MAX_LINK_BYTES: usize = 16 * 1024 * 1024;
/// Depth of the title stack (XTWINOPS 22, 23).
pub const MAX_TITLE_STACK: usize = 8;
/// Depth of the color stack (XTPUSHCOLORS).
pub const MAX_COLOR_STACK: usize = 10;
/// Depth of the SGR stack (XTPUSHSGR).
pub const MAX_SGR_STACK: usize = 10;
/// Depth of the keyboard flags' stack, per screen.
pub const MAX_KEYBOARD_STACK: usize = 8;
/// Bytes of a title.
pub const MAX_TITLE: usize = 1024;
/// Bytes of one reply.
pub const MAX_REPLY: usize = 1024;
/// Bytes of replies queued and not yet taken.
pub const MAX_REPLIES: usize = 1024 * 1024;
/// Prompt marks kept.
pub const MAX_MARKS: usize = 30_000;
/// Bytes of scrollback of a pane, all forms together, unless the options say otherwise.
pub const MAX_SCROLLBACK_BYTES: usize = 50_000_000;
/// Bytes of an OSC that carries marks of a shell (133, 633, 3008, 8377); `blocks.md` 1.1.
pub const MAX_OSC_MARK: usize = 64 * 1024;
/// Depth of the pointer shapes' stack (OSC 22).
pub const MAX_POINTER_STACK: usize = 8;
/// Names answered in one XTGETTCAP request.
pub const MAX_CAPABILITY_NAMES: usize = 64;
/// Bytes of a folder's path (OSC 7, 9;9, 1337).
pub const MAX_FOLDER: usize = 4096;
/// Characters of a notification's title and of its text.
pub const MAX_NOTIFICATION: usize = 256;
/// Bytes that a program of this machine may put into the clipboard at once (OSC 52).
pub const MAX_CLIPBOARD_LOCAL: usize = 1024 * 1024;
/// Bytes that a remote program may put into the clipboard at once (OSC 52).
pub const MAX_CLIPBOARD_REMOTE: usize = 256 * 1024;
/// Clipboard events that wait to be taken; the oldest goes first.
pub const MAX_CLIPBOARD_EVENTS: usize = 8;
/// Events of other kinds that wait to be taken; more are dropped.
pub const MAX_EVENTS: usize = 65_536;
/// Bells, titles, icon names, progress and palette changes reach the caller at most this often.
pub const EVENT_INTERVAL: Duration = Duration::from_millis(100);
/// Notifications reach the caller at most this often …
pub const NOTIFICATION_INTERVAL: Duration = Duration::from_secs(1);
/// … the same text this often …
pub const NOTIFICATION_REPEAT: Duration = Duration::from_secs(5);
/// … and this many in a minute.
pub const MAX_NOTIFICATIONS_PER_MINUTE: usize = 10;
/// Inversions of the whole screen (DECSCNM) that reach a frame in a second.
pub const MAX_INVERSIONS_PER_SECOND: usize = 3;
/// A synchronized update (2026) ends after this long without output …
pub const SYNC_IDLE: Duration = Duration::from_millis(150);
/// … after this long in any case …
pub const SYNC_TOTAL: Duration = Duration::from_secs(1);
/// … or after this many bytes.
pub const SYNC_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of a field of a shell's mark, the command's text aside.
pub const MAX_FIELD: usize = 4 * 1024;
/// Fields of a shell's mark that are looked at.
pub const MAX_FIELDS: usize = 32;
/// Bytes of a command's text.
pub const MAX_COMMAND: usize = 64 * 1024;
/// Parts of a pipeline whose statuses are kept.
pub const MAX_PIPE: usize = 32;
/// Blocks of a pane, all together; the oldest go first …
pub const MAX_BLOCKS: usize = 262_144;
/// … and those that have no line left, which are kept for their text and their place in lists.
pub const MAX_DETACHED_BLOCKS: usize = 10_000;
/// Bytes of a block's output that are handed on for keeping: half from its head, half from its tail.
pub const MAX_SPOOL: usize = 1024 * 1024;
/// Bytes of rows kept, beside the scrollback, for the text of blocks that left it.
pub const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of rows copied since something could paint over them, all blocks of a pane together.
pub const MAX_CAPTURE_BYTES: usize = 8 * 1024 * 1024;
/// Depth of shells within shells.
pub const MAX_SHELLS: usize = 16;
/// Keys of shells that a pane believes.
pub const MAX_SHELL_KEYS: usize = 64;
/// Depth of contexts (OSC 3008); deeper ones are not followed.
pub const MAX_CONTEXTS: usize = 16;
/// Foldable sections of a block.
pub const MAX_SECTIONS: usize = 4096;
/// Ranges in a command's line that are a prompt's, not the command's.
pub const MAX_PROMPT_PARTS: usize = 256;
/// Ranges of lines of a pane that are not shown.
pub const MAX_HIDDEN_RANGES: usize = 1 << 20;
/// Lines that a block's filter looks at.
pub const MAX_FILTER_LINES: usize = 2_000_000;
/// Prompt marks a second; more are ignored, until the next one with a shell's key.
pub const MAX_MARKS_PER_SECOND: u32 = 10_000;
