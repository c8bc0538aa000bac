//! hyperlink
