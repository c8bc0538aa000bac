//! Selecting text: by character, word, line or block. Anchors follow the text as it scrolls.

/// How a selection grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionKind {
    /// From cell to cell.
    Character,
    /// Whole words (semantic: separators come from the options).
    Word,
    /// Whole logical lines.
    Line,
    /// A rectangle.
    Block,
}
