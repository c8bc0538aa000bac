//! Text to glyphs, word by word; every word is shaped once.
//!
//! A word is a run of cells of one face without blanks between. Its glyphs are placed from the cell
//! in which their cluster begins, never from the glyph before: the grid holds whatever a font does.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "font units and pixels of one word; glyph ids are 16 bits in every font format we read"
)]

use cosmic_text::harfrust::{Direction, Feature, Script, ShapePlan, Tag, UnicodeBuffer};
use rustc_hash::FxHashMap;

use crate::CellMetrics;
use crate::atlas::Slot;
use crate::font::library::{Face, FaceId, FaceStyle, Library, is_ignorable};

/// Words kept before the cache starts over. A screen has hundreds.
const MAX_WORDS: usize = 16_384;

/// The span of a symbol in one column that may reach into the blank one after it.
pub(crate) const OVERFLOW: u8 = 3;

/// A glyph of a word, placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShapedGlyph {
    /// Cell of the word in which its cluster begins.
    pub(crate) cell: u16,
    pub(crate) face: FaceId,
    pub(crate) glyph: u16,
    /// Columns that the glyph is fitted into; 0: drawn as it is. See [`OVERFLOW`].
    pub(crate) span: u8,
    /// From the cell's left edge to the pen, in pixels.
    pub(crate) x: i16,
    /// From the baseline up to the pen, in pixels.
    pub(crate) y: i16,
}

/// Where a shaped glyph was last found in the atlas, at the size of a cell.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KnownSlot {
    /// The atlas's count of evictions then, plus one; 0: never.
    pub(crate) since: u64,
    pub(crate) slot: Option<Slot>,
}

/// Where a word's glyphs are in the shaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    start: u32,
    len: u32,
}

/// A map of the words of one face or style.
type Words = FxHashMap<Box<str>, Word>;

/// Shapes words and remembers them.
pub(crate) struct Shaper {
    glyphs: Vec<ShapedGlyph>,
    /// What is known of each of them, as far as it was asked for.
    slots: Vec<KnownSlot>,
    /// By face: words of narrow, single-character cells.
    runs: Vec<Words>,
    /// By style, span and color: single cells of any content.
    cells: [Words; 24],
    count: usize,
    buffer: Option<UnicodeBuffer>,
    features: Vec<Feature>,
    cell_starts: Vec<u32>,
}

impl Shaper {
    pub(crate) fn new(ligatures: bool) -> Self {
        let off = |tag: &[u8; 4]| Feature::new(Tag::new(tag), 0, ..);
        let features = if ligatures {
            Vec::new()
        } else {
            vec![off(b"liga"), off(b"clig"), off(b"calt"), off(b"dlig")]
        };
        Self {
            glyphs: Vec::new(),
            slots: Vec::new(),
            runs: Vec::new(),
            cells: Default::default(),
            count: 0,
            buffer: None,
            features,
            cell_starts: Vec::new(),
        }
    }

    /// A glyph of a word returned since the last call of [`Shaper::make_room`], and what is known of its place in
    /// the atlas.
    pub(crate) fn glyph(
        &mut self,
        word: Word,
        index: usize,
    ) -> Option<(ShapedGlyph, &mut KnownSlot)> {
        if index >= word.len as usize {
            return None;
        }
        let at = word.start as usize + index;
        if at >= self.slots.len() {
            self.slots.resize(self.glyphs.len(), KnownSlot::default());
        }
        Some((*self.glyphs.get(at)?, self.slots.get_mut(at)?))
    }

    /// Forgets all words when there are too many; between rows, while no [`Word`] is held.
    pub(crate) fn make_room(&mut self) {
        if self.count < MAX_WORDS {
            return;
        }
        self.count = 0;
        self.glyphs.clear();
        self.slots.clear();
        self.runs.iter_mut().for_each(Words::clear);
        self.cells.iter_mut().for_each(Words::clear);
    }

    /// A run of narrow cells with one character each, all in `face`.
    pub(crate) fn run(
        &mut self,
        library: &mut Library,
        face: FaceId,
        text: &str,
        cell: &CellMetrics,
        em: f32,
    ) -> Word {
        let index = usize::from(face.0);
        if self.runs.len() <= index {
            self.runs.resize_with(index + 1, Words::default);
        }
        if let Some(&known) = self.runs[index].get(text) {
            return known;
        }
        let start = self.glyphs.len();
        let found = self.shape(library, face, text, cell, em, (1, false));
        let word = if found {
            Word {
                start: start as u32,
                len: (self.glyphs.len() - start) as u32,
            }
        } else {
            Word::default()
        };
        self.count += 1;
        self.runs[index].insert(text.into(), word);
        word
    }

    /// One cell: a cluster, a wide character, or what stands alone. `span` is its columns, `emoji`
    /// whether color is wanted.
    pub(crate) fn cell(
        &mut self,
        library: &mut Library,
        style: FaceStyle,
        text: &str,
        (span, emoji): (u8, bool),
        (cell, em): (&CellMetrics, f32),
    ) -> Word {
        let index = style as usize * 6 + usize::from(span.clamp(1, 3) - 1) * 2 + usize::from(emoji);
        if let Some(&known) = self.cells[index].get(text) {
            return known;
        }
        let start = self.glyphs.len();
        match library.resolve(text, style, emoji) {
            Some(face) => {
                self.shape(library, face, text, cell, em, (span, true));
                self.settle(library, start, span);
            }
            None if text.chars().all(|c| is_ignorable(c) || c.is_control()) => {}
            None => {
                // The font's own box for what it lacks.
                let face = library.primary(style);
                self.glyphs.push(ShapedGlyph {
                    cell: 0,
                    face,
                    glyph: 0,
                    span,
                    x: 0,
                    y: 0,
                });
            }
        }
        let word = Word {
            start: start as u32,
            len: (self.glyphs.len() - start) as u32,
        };
        self.count += 1;
        self.cells[index].insert(text.into(), word);
        word
    }

    /// What a single cell needs beside shaping: an emoji sequence that the font cannot join shows
    /// its first picture, and one glyph alone may be fitted into the cell.
    fn settle(&mut self, library: &Library, start: usize, span: u8) {
        let Some(&first) = self.glyphs.get(start) else {
            return;
        };
        let face = library.face(first.face);
        let is_color = is_color(face);
        if is_color {
            self.glyphs.truncate(start + 1);
        }
        let alone = self.glyphs.len() == start + 1;
        if alone && (face.fitted || is_color) {
            self.glyphs[start].span = span;
            self.glyphs[start].x = 0;
        }
    }

    /// Appends the glyphs of `text`; false when the face has none of it.
    fn shape(
        &mut self,
        library: &mut Library,
        face_id: FaceId,
        text: &str,
        cell: &CellMetrics,
        em: f32,
        (span, alone): (u8, bool),
    ) -> bool {
        let mut buffer = self.buffer.take().unwrap_or_default();
        buffer.push_str(text);
        buffer.set_direction(Direction::LeftToRight);
        buffer.guess_segment_properties();
        let face = &mut library.faces[usize::from(face_id.0)];
        let plan = plan(face, buffer.script(), &buffer, &self.features);
        let face = &library.faces[usize::from(face_id.0)];
        let plan = &face.plans[plan].1;
        let output = face
            .font
            .shaper()
            .shape_with_plan(plan, buffer, &self.features);

        self.cell_starts.clear();
        self.cell_starts
            .extend(text.char_indices().map(|(at, _)| at as u32));
        let unit = face.unit(em);
        let is_run = !alone && !face.fitted;
        let is_color = is_color(face);
        let start = self.glyphs.len();
        let mut pen = 0.0_f32;
        let mut cluster = u32::MAX;
        let mut total = 0.0_f32;
        let mut base = 0.0_f32;
        for (info, position) in output.glyph_infos().iter().zip(output.glyph_positions()) {
            if info.cluster != cluster {
                cluster = info.cluster;
                pen = 0.0;
            }
            let advance = position.x_advance as f32 * unit;
            let stacked = !is_run && base > 0.0 && position.x_offset == 0;
            let x = if stacked && advance > 0.0 && !is_color {
                // A face without places for this mark puts it after its base; it belongs over it.
                0.0
            } else {
                pen + position.x_offset as f32 * unit
            };
            let y = position.y_offset as f32 * unit;
            pen += advance;
            total += advance;
            if base == 0.0 {
                base = advance;
            }
            let glyph = info.glyph_id as u16;
            if glyph == 0 && !output.glyph_infos().iter().all(|info| info.glyph_id == 0) {
                // A mark that the face lacks, in a cluster that it has otherwise.
                continue;
            }
            let cell = self.cell_starts.partition_point(|&at| at < cluster);
            self.glyphs.push(ShapedGlyph {
                cell: if is_run { cell as u16 } else { 0 },
                face: face_id,
                glyph,
                span: 0,
                x: x.round() as i16,
                y: y.round() as i16,
            });
        }
        self.buffer = Some(output.clear());
        let columns = if span == 2 { 2 } else { 1 };
        // The face's width and the cell's differ by rounding, by letter spacing, or because the
        // face is a stranger: the glyph stands in the middle.
        let room = (columns * cell.width) as f32;
        let each = if is_run {
            total / self.cell_starts.len() as f32
        } else {
            base
        };
        let shift = ((room - each) / 2.0).round() as i16;
        for glyph in &mut self.glyphs[start..] {
            glyph.x = glyph.x.saturating_add(shift);
        }
        self.glyphs.len() > start
    }
}

/// Whether the face draws in colors, as those of emoji do: their glyphs join to one picture or not at all.
pub(crate) fn is_color(face: &Face) -> bool {
    let font = face.font.as_swash();
    font.color_strikes().next().is_some() || font.color_palettes().next().is_some()
}

/// The index of the face's plan for a script, made on first use: making one is slow.
fn plan(face: &mut Face, script: Script, buffer: &UnicodeBuffer, features: &[Feature]) -> usize {
    if let Some(known) = face.plans.iter().position(|(known, _)| *known == script) {
        return known;
    }
    let plan = ShapePlan::new(
        face.font.shaper(),
        buffer.direction(),
        Some(script),
        buffer.language().as_ref(),
        features,
    );
    face.plans.push((script, plan));
    face.plans.len() - 1
}

/// Whether cells of this character are shaped one by one: joined letters of scripts written from
/// right to left would join the wrong neighbours in cells that run from left to right.
pub(crate) fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff
        | 0x1_e800..=0x1_efff)
}

/// Whether a cell's text asks for color: a variation selector says so, or it is wide and of the
/// blocks of emoji (UTS #51: those with default emoji presentation are wide).
pub(crate) fn wants_color(text: &str, wide: bool) -> bool {
    if text.contains('\u{fe0e}') {
        return false;
    }
    if text.contains('\u{fe0f}') || text.contains('\u{20e3}') {
        return true;
    }
    wide && text.chars().next().is_some_and(|c| {
        matches!(u32::from(c), 0x1_f000..=0x1_faff | 0x231a..=0x23ff | 0x25fd..=0x27bf
            | 0x2b1b..=0x2b55)
    })
}
