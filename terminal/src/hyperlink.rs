//! Hyperlinks (OSC 8): one table a screen, ids in cells, freed with the cells that bear them.
//!
//! An entry is held by live cells (found by the screen's sweep) and by scrollback pages (counted here).
//! Links with the same URI and id are one link; a link without id is one link by its URI.

use rustc_hash::FxHashMap;

use crate::limits::{MAX_LINK_BYTES, MAX_LINK_ID, MAX_LINK_URI, MAX_LINKS};

/// One link.
#[derive(Debug)]
struct Entry {
    uri: Box<str>,
    id: Box<str>,
    /// Scrollback pages that use it.
    pages: u32,
}

/// The links of a screen; 0 is no link.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Entry of link `i + 1`.
    entries: Vec<Option<Entry>>,
    ids: FxHashMap<(Box<str>, Box<str>), u16>,
    free: Vec<u16>,
    bytes: usize,
    /// Links made since the last sweep.
    made: usize,
}

/// What came of asking for a link's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interned {
    /// Its number.
    Link(u16),
    /// The target is longer than the limits allow, or empty: no link.
    Refused,
    /// No number or no room is left; sweep, or drop old ones, and ask again.
    Full,
}

impl Links {
    /// The number for a target and an explicit id (empty: none).
    pub(crate) fn intern(&mut self, uri: &str, id: &str) -> Interned {
        if uri.is_empty() || uri.len() > MAX_LINK_URI || id.len() > MAX_LINK_ID {
            return Interned::Refused;
        }
        let key = (Box::<str>::from(uri), Box::<str>::from(id));
        if let Some(&link) = self.ids.get(&key) {
            return Interned::Link(link);
        }
        let bytes = uri.len() + id.len();
        if self.bytes + bytes > MAX_LINK_BYTES {
            return Interned::Full;
        }
        let link = match self.free.pop() {
            Some(link) => link,
            None => match u16::try_from(self.entries.len() + 1) {
                Ok(link) if usize::from(link) <= MAX_LINKS => {
                    self.entries.push(None);
                    link
                }
                _ => return Interned::Full,
            },
        };
        let (uri, id) = (key.0.clone(), key.1.clone());
        self.entries[usize::from(link) - 1] = Some(Entry { uri, id, pages: 0 });
        self.ids.insert(key, link);
        self.bytes += bytes;
        self.made += 1;
        Interned::Link(link)
    }

    /// The target of a link.
    pub(crate) fn uri(&self, link: u16) -> Option<&str> {
        let index = usize::from(link).checked_sub(1)?;
        Some(&self.entries.get(index)?.as_ref()?.uri)
    }

    /// Every link that is kept: number and target.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &str)> {
        (1..=u16::MAX)
            .zip(&self.entries)
            .filter_map(|(link, entry)| Some((link, &*entry.as_ref()?.uri)))
    }

    /// Whether a scrollback page uses the link.
    pub(crate) fn is_held(&self, link: u16) -> bool {
        let entry = self.entries.get(usize::from(link).wrapping_sub(1));
        matches!(entry, Some(Some(entry)) if entry.pages > 0)
    }

    /// Enough links were made that a sweep may be worth it.
    pub(crate) fn is_due(&self) -> bool {
        self.made >= 4096
    }

    /// Notes that a scrollback page uses the link.
    pub(crate) fn hold(&mut self, link: u16) {
        if let Some(Some(entry)) = self.entries.get_mut(usize::from(link).wrapping_sub(1)) {
            entry.pages += 1;
        }
    }

    /// Notes that a scrollback page does so no more; the next sweep may free it.
    pub(crate) fn release(&mut self, link: u16) {
        if let Some(Some(entry)) = self.entries.get_mut(usize::from(link).wrapping_sub(1)) {
            entry.pages = entry.pages.saturating_sub(1);
        }
    }

    /// Frees every link that neither a page nor `used` holds.
    pub(crate) fn sweep(&mut self, used: impl Fn(u16) -> bool) {
        for (link, slot) in (1..=u16::MAX).zip(&mut self.entries) {
            if slot
                .as_ref()
                .is_some_and(|entry| entry.pages == 0 && !used(link))
                && let Some(entry) = slot.take()
            {
                self.bytes -= entry.uri.len() + entry.id.len();
                self.ids.remove(&(entry.uri, entry.id));
                self.free.push(link);
            }
        }
        self.made = 0;
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes * 2 + self.entries.capacity() * size_of::<Option<Entry>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(links: &mut Links, uri: &str, id: &str) -> u16 {
        match links.intern(uri, id) {
            Interned::Link(link) => link,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn same_target_and_id_is_the_same_link() {
        let mut links = Links::default();
        let a = link(&mut links, "http://a/", "");
        assert_eq!(link(&mut links, "http://a/", ""), a);
        assert_ne!(link(&mut links, "http://a/", "1"), a);
        assert_eq!(links.uri(a), Some("http://a/"));
        assert_eq!(links.uri(0), None);
    }

    #[test]
    fn too_long_targets_and_ids_are_refused() {
        let mut links = Links::default();
        assert_eq!(
            links.intern(&"u".repeat(MAX_LINK_URI + 1), ""),
            Interned::Refused
        );
        assert_eq!(
            links.intern("u", &"i".repeat(MAX_LINK_ID + 1)),
            Interned::Refused
        );
        assert_eq!(links.intern("", ""), Interned::Refused);
        link(
            &mut links,
            &"u".repeat(MAX_LINK_URI),
            &"i".repeat(MAX_LINK_ID),
        );
    }

    #[test]
    fn numbers_run_out_and_come_back_after_a_sweep() {
        let mut links = Links::default();
        for i in 0..MAX_LINKS {
            link(&mut links, &i.to_string(), "");
        }
        assert_eq!(links.intern("x", ""), Interned::Full);
        links.hold(7);
        links.sweep(|link| link == 9);
        assert_eq!(
            links.iter().map(|(link, _)| link).collect::<Vec<_>>(),
            [7, 9]
        );
        link(&mut links, "x", "");
        links.release(7);
        links.sweep(|_| false);
        assert_eq!(links.iter().count(), 0);
    }

    #[test]
    fn the_bytes_of_targets_are_bounded() {
        let mut links = Links::default();
        let mut made = 0;
        while let Interned::Link(_) = links.intern(&format!("{made:02000}"), "") {
            made += 1;
        }
        assert_eq!(made, MAX_LINK_BYTES / 2000);
    }
}
