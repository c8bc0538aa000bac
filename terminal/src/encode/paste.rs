//! The paste filter (`security.md` 3): the only way outside text gets to a program.

/// Why a paste should be confirmed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PasteRisk {
    /// Several lines and no bracketed paste: the shell would run them.
    Newlines,
    /// It held control characters, which were replaced.
    Controls,
    /// Over 64 KiB.
    Large,
    /// It holds bidi controls, zero-width characters or tags.
    Invisible,
}

/// Text made fit to be pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredPaste {
    /// What to write to the program, brackets included.
    pub bytes: Vec<u8>,
    /// Why to ask first, if at all.
    pub risks: Vec<PasteRisk>,
}

/// Filters `text`: dangerous controls (C0 but tab and newline, DEL, C1, and the terminal's current special
/// characters `special`) become spaces; newlines become CR unless `bracketed`.
pub fn filter_paste(text: &str, bracketed: bool, special: &[u8]) -> FilteredPaste {
    let _ = (text, bracketed, special);
    todo!()
}
