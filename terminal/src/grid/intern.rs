//! The tables behind a live cell's small numbers: styles and grapheme clusters.
//!
//! Only live cells, the pen and the saved cursor hold these ids (scrollback keeps its own tables), so a
//! table that grew past its bound is swept by renumbering what those still use.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cell::{Cell, Style};
use crate::grid::page::{CLUSTER, END};

/// Entries a table may have before a sweep is worth its time.
const SWEEP_MIN: usize = 4096;

/// Styles by id; id 0 is the default style.
#[derive(Debug)]
pub(crate) struct Styles {
    list: Vec<Style>,
    ids: FxHashMap<(u64, u32), u32>,
    /// Keys and ids met lately, by a few bits of the key: programs go back and forth between few styles.
    recent: Box<[(u64, u32, u32); 128]>,
    sweep_at: usize,
}

/// What no key is: it has bits past the attributes'.
const NO_KEY: (u64, u32, u32) = (u64::MAX, u32::MAX, 0);

impl Styles {
    pub(crate) fn new() -> Self {
        let mut styles = Self {
            list: Vec::new(),
            ids: FxHashMap::default(),
            recent: Box::new([NO_KEY; 128]),
            sweep_at: SWEEP_MIN,
        };
        styles.intern(&Style::default());
        styles
    }

    /// The id of a style. When all ids are taken (more than 16 million live styles), the default's.
    pub(crate) fn intern(&mut self, style: &Style) -> u32 {
        let key = style.key();
        let place = (key.0 ^ u64::from(key.1)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57;
        let recent = self.recent[place as usize];
        if (recent.0, recent.1) == key {
            return recent.2;
        }
        let id = self.look_up(style, key);
        self.recent[place as usize] = (key.0, key.1, id);
        id
    }

    fn look_up(&mut self, style: &Style, key: (u64, u32)) -> u32 {
        if let Some(&id) = self.ids.get(&key) {
            return id;
        }
        let Ok(id) = u32::try_from(self.list.len()) else {
            return 0;
        };
        if id > Cell::MAX_STYLE {
            return 0;
        }
        self.list.push(*style);
        self.ids.insert(key, id);
        id
    }

    pub(crate) fn get(&self, id: u32) -> &Style {
        &self.list[id as usize]
    }

    /// Whether a sweep is due.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= self.sweep_at
    }

    /// Begins a sweep: what is renumbered through the result is kept.
    pub(crate) fn sweep(&mut self) -> Sweep<Style> {
        self.ids.clear();
        self.recent.fill(NO_KEY);
        let mut sweep = Sweep::new(std::mem::take(&mut self.list));
        sweep.keep(0);
        sweep
    }

    /// Ends a sweep.
    pub(crate) fn finish(&mut self, sweep: Sweep<Style>) {
        self.list = sweep.kept;
        for (id, style) in (0..).zip(&self.list) {
            self.ids.insert(style.key(), id);
        }
        self.sweep_at = (self.list.len() * 2).max(SWEEP_MIN);
    }

    pub(crate) fn memory(&self) -> usize {
        self.list.capacity() * size_of::<Style>() + self.ids.capacity() * 24
    }
}

/// Grapheme clusters of more than one code point, by index.
#[derive(Debug, Default)]
pub(crate) struct Clusters {
    list: Vec<Arc<str>>,
    /// The same as scrollback writes them, if that is short; else 0.
    shorts: Vec<u64>,
    ids: FxHashMap<Arc<str>, u32>,
    /// The clusters of two code points once more, by those: most are a letter and a mark.
    pairs: FxHashMap<u64, u32>,
    /// Of these the ones of an ASCII letter, 1 + index at their place; empty until there is any.
    letters: Vec<u32>,
    /// What came of code points after cells, met lately, by a few bits of the two; empty until there is any.
    joins: Vec<(u64, Join)>,
    sweep_at: usize,
}

/// What comes of a code point printed after a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// It begins a cluster of its own.
    Apart,
    /// The cell holds both: its content from then on, and whether that is wide.
    Joined(Cell, bool),
}

/// Entries of [`Clusters::joins`].
const JOINS: usize = 1 << 11;

/// A cell's content and a code point, never 0; code points of the second have 21 bits.
fn join_key(cell: Cell, c: char, ambiguous_wide: bool) -> u64 {
    cell.content_bits() << 22 | u64::from(u32::from(c)) << 1 | u64::from(ambiguous_wide) | 1 << 63
}

fn join_place(key: u64) -> usize {
    usize::try_from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53).unwrap_or(0)
}

impl Clusters {
    /// What is known to come of a code point after a cell.
    #[inline]
    pub(crate) fn join(&self, cell: Cell, c: char, ambiguous_wide: bool) -> Option<Join> {
        let key = join_key(cell, c, ambiguous_wide);
        let &(known, join) = self.joins.get(join_place(key))?;
        (known == key).then_some(join)
    }

    /// Remembers what came of it.
    pub(crate) fn learn(&mut self, cell: Cell, c: char, ambiguous_wide: bool, join: Join) {
        if self.joins.is_empty() {
            self.joins.resize(JOINS, (0, Join::Apart));
        }
        let key = join_key(cell, c, ambiguous_wide);
        self.joins[join_place(key)] = (key, join);
    }

    /// The index of a known cluster of two code points.
    #[inline]
    pub(crate) fn pair(&self, base: u32, mark: u32) -> Option<u32> {
        match letter_place(base, mark) {
            Some(place) => self.letters.get(place)?.checked_sub(1),
            None => self.pairs.get(&pair_key(base, mark)).copied(),
        }
    }

    /// The index of a cluster; `None` when the table is full.
    pub(crate) fn intern(&mut self, text: &str) -> Option<u32> {
        if let Some(&id) = self.ids.get(text) {
            return Some(id);
        }
        let id = u32::try_from(self.list.len()).ok()?;
        if id > Cell::MAX_CLUSTER_INDEX {
            return None;
        }
        let text: Arc<str> = text.into();
        let mut chars = text.chars();
        if let (Some(base), Some(mark), None) = (chars.next(), chars.next(), chars.next()) {
            match letter_place(base.into(), mark.into()) {
                Some(place) => {
                    self.letters.resize(64 * MARKS, 0);
                    self.letters[place] = id + 1;
                }
                None => {
                    self.pairs.insert(pair_key(base.into(), mark.into()), id);
                }
            }
        }
        self.shorts.push(short(&text));
        self.list.push(Arc::clone(&text));
        self.ids.insert(text, id);
        Some(id)
    }

    pub(crate) fn get(&self, id: u32) -> &str {
        &self.list[id as usize]
    }

    /// How scrollback writes a cluster, from the low byte on, and how many bytes that are; `None` for long
    /// ones.
    #[inline]
    pub(crate) fn short(&self, id: u32) -> Option<(u64, usize)> {
        let short = *self.shorts.get(id as usize)?;
        (short != 0).then_some((short & (u64::MAX >> 8), usize::from(short.to_le_bytes()[7])))
    }

    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= self.sweep_at.max(SWEEP_MIN)
    }

    pub(crate) fn sweep(&mut self) -> Sweep<Arc<str>> {
        self.ids.clear();
        self.pairs.clear();
        self.letters.clear();
        self.shorts.clear();
        self.joins.clear();
        Sweep::new(std::mem::take(&mut self.list))
    }

    pub(crate) fn finish(&mut self, sweep: Sweep<Arc<str>>) {
        self.list = sweep.kept;
        self.shorts = self.list.iter().map(|text| short(text)).collect();
        for (id, text) in (0..).zip(&self.list) {
            self.ids.insert(Arc::clone(text), id);
        }
        self.sweep_at = self.list.len() * 2;
    }

    pub(crate) fn memory(&self) -> usize {
        let list: usize = self.list.iter().map(|text| text.len() + 16 + 48).sum();
        list + self.shorts.capacity() * 8
            + self.letters.capacity() * 4
            + self.joins.capacity() * size_of::<(u64, Join)>()
    }
}

/// A cluster of at most five bytes between its marks, and the length of all that in the highest byte; 0 for
/// a longer one.
fn short(text: &str) -> u64 {
    let length = text.len() + 2;
    if length > 7 {
        return 0;
    }
    let mut bytes = [0; 8];
    bytes[0] = u32::from(CLUSTER).to_le_bytes()[0];
    bytes[1..=text.len()].copy_from_slice(text.as_bytes());
    bytes[length - 1] = u32::from(END).to_le_bytes()[0];
    bytes[7] = u8::try_from(length).unwrap_or(0);
    u64::from_le_bytes(bytes)
}

/// The combining diacritical marks, U+0300–U+036F.
const MARKS: usize = 0x70;

/// The place in [`Clusters::letters`] of an ASCII letter and a mark.
#[inline]
fn letter_place(base: u32, mark: u32) -> Option<usize> {
    let (letter, mark) = (base.wrapping_sub(0x40), mark.wrapping_sub(0x300) as usize);
    (letter < 64 && mark < MARKS).then_some(letter as usize * MARKS + mark)
}

fn pair_key(base: u32, mark: u32) -> u64 {
    u64::from(base) << 32 | u64::from(mark)
}

/// A table on its way to a smaller one: old ids in, new ids out, in order of first use.
pub(crate) struct Sweep<T> {
    old: Vec<T>,
    new_ids: Vec<u32>,
    kept: Vec<T>,
}

impl<T: Clone> Sweep<T> {
    fn new(old: Vec<T>) -> Self {
        let new_ids = vec![u32::MAX; old.len()];
        Self {
            old,
            new_ids,
            kept: Vec::new(),
        }
    }

    /// Keeps an entry and returns its new id.
    pub(crate) fn keep(&mut self, old_id: u32) -> u32 {
        let slot = &mut self.new_ids[old_id as usize];
        if *slot == u32::MAX {
            #[expect(clippy::cast_possible_truncation, reason = "fewer than the old ids")]
            let id = self.kept.len() as u32;
            *slot = id;
            self.kept.push(self.old[old_id as usize].clone());
        }
        *slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{Color, Rgb};

    #[test]
    fn equal_styles_share_an_id_and_the_default_is_zero() {
        let mut styles = Styles::new();
        let red = Style {
            foreground: Color::Indexed(1),
            ..Style::default()
        };
        assert_eq!(styles.intern(&Style::default()), 0);
        let id = styles.intern(&red);
        assert_eq!((id, styles.intern(&red)), (1, 1));
        assert_eq!(*styles.get(id), red);
    }

    #[test]
    fn keys_differ_where_styles_differ() {
        let color = |v| Color::Rgb(Rgb::new(0, 0, v));
        let base = Style::default();
        let styles = [
            base,
            Style {
                foreground: Color::Indexed(0),
                ..base
            },
            Style {
                foreground: color(0),
                ..base
            },
            Style {
                background: Color::Indexed(0),
                ..base
            },
            Style {
                background: color(1),
                ..base
            },
            Style {
                underline_color: color(1),
                ..base
            },
            Style {
                underline: crate::cell::UnderlineStyle::Dashed,
                ..base
            },
            Style {
                attrs: crate::cell::Attrs::BOLD,
                ..base
            },
            Style {
                attrs: crate::cell::Attrs::PROTECTED,
                ..base
            },
        ];
        for (i, a) in styles.iter().enumerate() {
            for (j, b) in styles.iter().enumerate() {
                assert_eq!(a.key() == b.key(), i == j, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_sweep_keeps_what_is_used_and_renumbers_it() {
        let mut styles = Styles::new();
        let style = |i| Style {
            foreground: Color::Indexed(i),
            ..Style::default()
        };
        for i in 0..10 {
            styles.intern(&style(i));
        }
        let mut sweep = styles.sweep();
        assert_eq!(sweep.keep(8), 1);
        assert_eq!(sweep.keep(3), 2);
        assert_eq!(sweep.keep(8), 1);
        styles.finish(sweep);
        assert_eq!(*styles.get(1), style(7));
        assert_eq!(styles.intern(&style(2)), 2);
        assert_eq!(styles.intern(&style(9)), 3);
    }

    #[test]
    fn clusters_are_shared_and_swept() {
        let mut clusters = Clusters::default();
        assert_eq!(clusters.intern("e\u{301}"), Some(0));
        assert_eq!(clusters.intern("a\u{301}"), Some(1));
        assert_eq!(clusters.intern("e\u{301}"), Some(0));
        let mut sweep = clusters.sweep();
        assert_eq!(sweep.keep(1), 0);
        clusters.finish(sweep);
        assert_eq!(clusters.get(0), "a\u{301}");
        assert_eq!(clusters.intern("e\u{301}"), Some(1));
    }
}
