//! Whether words stand in the texts of a block as they were typed: what the index cannot tell, for many blocks one
//! after the other.

use regex::bytes::{Regex, RegexBuilder};
use rusqlite::{Connection, OptionalExtension};

use super::MAX_OUTPUT;
use crate::record::plain;
use crate::words::Pattern;

/// Looks through the texts of blocks.
pub(super) struct Texts<'a> {
    connection: &'a Connection,
    /// One for each term.
    terms: Vec<Regex>,
    /// What unpacks outputs; to make one costs more than to unpack a short output.
    unpacker: Option<zstd::bulk::Decompressor<'static>>,
    /// An output that was unpacked.
    unpacked: Vec<u8>,
}

impl<'a> Texts<'a> {
    /// What looks for a pattern.
    pub(super) fn new(connection: &'a Connection, pattern: &Pattern) -> Self {
        let term = |term: &String| {
            RegexBuilder::new(&regex::escape(term))
                .case_insensitive(true)
                .unicode(!term.is_ascii())
                .build()
                .ok()
        };
        Self {
            connection,
            terms: pattern.terms().iter().filter_map(term).collect(),
            unpacker: zstd::bulk::Decompressor::new().ok(),
            unpacked: Vec::new(),
        }
    }

    /// Whether each term stands in a block's command or in its output.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn hold(&mut self, id: i64, command: &[u8]) -> rusqlite::Result<bool> {
        let Self {
            connection,
            terms,
            unpacker,
            unpacked,
        } = self;
        let mut missing: Vec<&Regex> = terms
            .iter()
            .filter(|term| !term.is_match(command))
            .collect();
        if missing.is_empty() {
            return Ok(true);
        }
        let mut look = |codec: i64, bytes: &[u8]| {
            let text = match (codec, &mut *unpacker) {
                (0, _) => plain(bytes),
                (_, Some(unpacker)) => {
                    unpacked.clear();
                    unpacked.reserve(unpacked_size(bytes));
                    // What is damaged is not found.
                    let _ = unpacker.decompress_to_buffer(bytes, unpacked);
                    plain(unpacked)
                }
                (_, None) => return,
            };
            missing.retain(|term| !term.is_match(text.as_bytes()));
        };
        connection
            .prepare_cached("SELECT codec, head, tail FROM output WHERE block_id = ?1")?
            .query_row([id], |row| {
                let codec = row.get(0)?;
                look(codec, row.get_ref(1)?.as_bytes()?);
                if let Some(tail) = row.get_ref(2)?.as_bytes_or_null()? {
                    look(codec, tail);
                }
                Ok(())
            })
            .optional()?;
        Ok(missing.is_empty())
    }
}

/// Bytes that packed ones have unpacked, as far as may be.
pub(super) fn unpacked_size(bytes: &[u8]) -> usize {
    zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(MAX_OUTPUT)
        .min(MAX_OUTPUT)
}
