//! Every bound on what a program can make the core keep or do, with its name (`security.md` 2.3).

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
