//! What is kept of a grid from scene to scene: its rows' pictures and their buffers.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "rows are at most 4096 and at most 1024 pixels high"
)]

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::FxHasher;
use terminal::cell::Attrs;
use terminal::frame::{Frame, FrameRow};
use terminal::{Palette, Rgb};

use crate::atlas::Stretch;
use crate::color::Resolver;
use crate::damage::Damage;
use crate::pipeline::{Ink, Pass, RowBuffer};
use crate::rows::{CachedRow, DrawnCursor, RowBuilder, RowCursor, RowKey, Scratch};
use crate::scene::{opaque, quad};
use crate::text::TextEngine;
use crate::{Gpu, Look, Rect};

/// Everything that changes the picture of every row of a view.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ViewKey {
    palette: Palette,
    reverse_screen: bool,
    minimum_contrast: f32,
    bold_is_bright: bool,
    dim: f32,
    /// Counts up when fonts change or glyphs are evicted.
    glyphs: u64,
}

/// A grid's rows.
#[derive(Debug, Default)]
pub(crate) struct GridView {
    key: Option<ViewKey>,
    epoch: u64,
    /// The first is no row: it fills the grid's rectangle where the scene's clear color does not.
    rows: Vec<CachedRow>,
    /// Rows whose buffers are out of date.
    changed: Vec<bool>,
    any_changed: bool,
    /// Rows whose picture is out of date; after `moved`.
    damaged: Vec<bool>,
    all_damaged: bool,
    moved: Option<Moved>,
    quads: RowBuffer,
    masks: RowBuffer,
    overs: RowBuffer,
    /// Height of a row in pixels.
    row_height: u32,
    /// The scene that drew it last.
    pub(crate) scene: u64,
}

/// Rows that moved within the grid: a terminal scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// The first and the last row of the part that scrolled.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Rows up; down when negative.
    pub(crate) up: i32,
}

impl Moved {
    /// How many rows are still to be seen.
    pub(crate) fn count(&self) -> usize {
        (self.last + 1 - self.first).saturating_sub(self.up.unsigned_abs() as usize)
    }

    /// Where the rows that are still to be seen begin, before and after.
    pub(crate) fn starts(&self) -> (usize, usize) {
        let by = self.up.unsigned_abs() as usize;
        if self.up > 0 {
            (self.first + by, self.first)
        } else {
            (self.first, self.first + by)
        }
    }
}

/// What the scene has behind a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Backdrop {
    pub(crate) clear: Rgb,
    pub(crate) opacity: f32,
}

impl GridView {
    /// Brings the rows up to date with `frame`; returns how many were built.
    pub(crate) fn update(
        &mut self,
        engine: &mut TextEngine,
        scratch: &mut Scratch,
        frame: &Frame,
        at: &Rect,
        look: &Look,
        (backdrop, scale): (Backdrop, f32),
    ) -> u64 {
        let resolver = Resolver {
            palette: &frame.palette,
            look,
            reverse_screen: frame.reverse_screen,
        };
        self.follow(frame, look, engine.atlas.evictions());
        let n_rows = frame.rows.len();
        if self.rows.len() != n_rows + 1 {
            self.rows.resize_with(n_rows + 1, CachedRow::default);
            self.changed.resize(n_rows + 1, true);
            self.damaged.resize(n_rows + 1, true);
            self.any_changed = true;
            self.all_damaged = true;
        }
        self.row_height = engine.metrics.height;
        self.follow_scrolling(frame);
        self.fill(&resolver, at, look, backdrop);
        let cursor = row_cursor(frame, look, scale);
        let evictions = engine.atlas.evictions();
        let mut built = 0;
        for (index, row) in frame.rows.iter().enumerate() {
            let cached = &mut self.rows[index + 1];
            let key = RowKey {
                generation: row.generation,
                epoch: self.epoch,
                cursor: cursor
                    .filter(|(at, _)| *at == index)
                    .map(|(_, cursor)| cursor),
                blink_on: true,
                link: 0,
                hovered: (0, 0),
                highlights: 0,
            };
            let key = row_key(key, frame, index, look, cached);
            // A row built before may have lost its glyphs to one built just now.
            if cached.key == Some(key) && engine.atlas.evictions() == evictions {
                touch(engine, cached);
                continue;
            }
            let mut builder = RowBuilder {
                cell: engine.metrics,
                stretch: Stretch::None,
                engine,
                scratch,
                resolver,
            };
            builder.build(row, index, key, cached);
            self.changed[index + 1] = true;
            self.damaged[index + 1] = true;
            self.any_changed = true;
            built += 1;
        }
        built
    }

    /// Starts a new epoch when something changes every row.
    fn follow(&mut self, frame: &Frame, look: &Look, glyphs: u64) {
        let same = self.key.as_ref().is_some_and(|key| {
            key.glyphs == glyphs
                && key.reverse_screen == frame.reverse_screen
                && key.minimum_contrast.to_bits() == look.minimum_contrast.to_bits()
                && key.bold_is_bright == look.bold_is_bright
                && key.dim.to_bits() == look.dim.to_bits()
                && key.palette == frame.palette
        });
        if !same {
            self.epoch += 1;
            self.key = Some(ViewKey {
                palette: frame.palette.clone(),
                reverse_screen: frame.reverse_screen,
                minimum_contrast: look.minimum_contrast,
                bold_is_bright: look.bold_is_bright,
                dim: look.dim,
                glyphs,
            });
        }
    }

    /// The grid's own background, where it is not what the scene was cleared with.
    fn fill(&mut self, resolver: &Resolver<'_>, at: &Rect, look: &Look, backdrop: Backdrop) {
        let screen = resolver.screen();
        let opacity = look.background_opacity.clamp(0.0, 1.0);
        let same = screen == backdrop.clear && opacity.to_bits() == backdrop.opacity.to_bits();
        let mut color = opaque(screen);
        color[3] = crate::color::byte(opacity * 255.0);
        let rect = Rect::new(0, 0, at.width, at.height);
        let wanted = (!same).then(|| quad(&rect, color));
        let row = &mut self.rows[0];
        if row.quads.first().copied() != wanted {
            row.quads.clear();
            row.quads.extend(wanted);
            self.changed[0] = true;
            self.any_changed = true;
            self.all_damaged = true;
        }
    }

    /// Rows keep their generation while they scroll: moves their pictures along.
    fn follow_scrolling(&mut self, frame: &Frame) {
        let known = |row: &CachedRow| row.key.map(|key| key.generation);
        let rows = &self.rows[1..];
        let same = |(cached, new): (&CachedRow, &FrameRow)| known(cached) == Some(new.generation);
        let Some(first) = rows.iter().zip(&frame.rows).position(|pair| !same(pair)) else {
            return;
        };
        let last = rows
            .iter()
            .zip(&frame.rows)
            .rposition(|pair| !same(pair))
            .unwrap_or(first);
        let part = &rows[first..=last];
        let new = &frame.rows[first..=last];
        let up = part
            .iter()
            .position(|row| known(row) == Some(new[0].generation));
        let down = new
            .iter()
            .position(|row| known(&part[0]) == Some(row.generation));
        let up = match (up, down) {
            (Some(up), _) => up as i32,
            (None, Some(down)) => -(down as i32),
            (None, None) => return,
        };
        let moved = Moved { first, last, up };
        let (from, to) = moved.starts();
        let pairs = rows[from..]
            .iter()
            .zip(&frame.rows[to..])
            .take(moved.count());
        let kept = pairs.filter(|pair| same((pair.0, pair.1))).count();
        if up == 0 || kept * 2 < part.len() {
            return;
        }
        // Where something else awaits drawing too, its place would have to move along.
        self.all_damaged |= self.moved.is_some() || self.damaged.contains(&true);
        self.moved = Some(moved);
        let by = up.unsigned_abs() as usize;
        let part = &mut self.rows[first + 1..=last + 1];
        if up > 0 {
            part.rotate_left(by);
        } else {
            part.rotate_right(by);
        }
        let y = -up * self.row_height as i32;
        for (index, row) in part.iter_mut().enumerate() {
            let stays = to - first..to - first + moved.count();
            if stays.contains(&index) {
                row.shift(y as i16);
            } else {
                row.key = None;
            }
        }
        self.changed[first + 1..=last + 1].fill(true);
        self.any_changed = true;
    }

    /// Rows that moved since the last picture, if that is all that happened to them.
    pub(crate) fn moved(&self) -> Option<Moved> {
        self.moved.filter(|_| !self.all_damaged)
    }

    /// Where rows are, drawn at `at`.
    pub(crate) fn place(&self, rows: Range<usize>, at: &Rect) -> Rect {
        let height = self.row_height;
        let y = at.y + rows.start as i32 * height as i32;
        Rect::new(at.x, y, at.width, rows.len() as u32 * height)
    }

    /// Adds where it differs from the last picture, in which `moved` rows moved already.
    pub(crate) fn damage(&self, at: &Rect, moved: Option<Moved>, damage: &mut Damage) {
        if self.all_damaged || (self.moved.is_some() && moved.is_none()) {
            damage.add(*at);
            return;
        }
        // Tall glyphs reach into the rows above and below.
        let mut add = |row: usize| {
            let rows = self.place(row..row + 1, at);
            let height = self.row_height;
            let near = Rect::new(at.x, rows.y - height as i32, at.width, 3 * height);
            damage.add(near.intersection(at));
        };
        for row in 1..self.damaged.len() {
            if self.damaged[row] {
                add(row - 1);
            }
        }
        if let Some(moved) = moved {
            add(moved.first);
            add(moved.last);
        }
    }

    /// Sends what changed; returns the bytes sent.
    pub(crate) fn upload(&mut self, gpu: &Gpu) -> u64 {
        if !self.any_changed {
            return 0;
        }
        let quads = self.rows.iter().map(|row| row.quads.as_slice());
        let masks = self.rows.iter().map(|row| row.masks.as_slice());
        let overs = self.rows.iter().map(|row| row.overs.as_slice());
        let sent = self.quads.update(gpu, quads, &self.changed)
            + self.masks.update(gpu, masks, &self.changed)
            + self.overs.update(gpu, overs, &self.changed);
        self.settle();
        sent
    }

    /// The picture shows it as it is now.
    pub(crate) fn settle(&mut self) {
        self.changed.fill(false);
        self.damaged.fill(false);
        (self.any_changed, self.all_damaged, self.moved) = (false, false, None);
    }

    /// The most rectangles or glyphs of one draw.
    pub(crate) fn most(&self) -> usize {
        self.quads.len().max(self.masks.len()).max(self.overs.len())
    }

    /// The rows that reach into `part` of the target, drawn at `at`; the first of all, which fills
    /// the background, is not among them.
    pub(crate) fn rows_in(&self, part: &Rect, at: &Rect) -> Range<usize> {
        let height = self.row_height.max(1) as i32;
        // Tall glyphs of the rows next to it reach in.
        let first = ((part.y - at.y) / height - 1).max(0) as usize + 1;
        let end = ((part.bottom() - at.y) / height + 2).max(0) as usize + 1;
        let end = end.min(self.rows.len());
        first.min(end)..end
    }

    /// The pictures of rows; the first one fills the grid's rectangle, if it holds anything.
    pub(crate) fn pictures(&self) -> &[CachedRow] {
        &self.rows
    }

    /// Draws what `part` of the target, which is clipped already, shows of it at `at`.
    pub(crate) fn draw(&self, pass: &mut Pass<'_>, layer: u32, at: &Rect, part: &Rect) {
        let rows = self.rows_in(part, at);
        // The first of the rows fills the background.
        let filled = self.rows.first().is_some_and(|row| !row.quads.is_empty());
        let quads = if filled { 0..rows.end } else { rows.clone() };
        pass.draw(layer, Ink::Quads, self.quads.rows(quads));
        pass.draw(layer, Ink::Masks, self.masks.rows(rows.clone()));
        if self
            .rows
            .get(rows.clone())
            .is_some_and(|rows| rows.iter().any(|row| !row.overs.is_empty()))
        {
            pass.draw(layer, Ink::Any, self.overs.rows(rows));
        }
    }
}

/// Completes a row's key with what concerns this row only.
fn row_key(key: RowKey, frame: &Frame, index: usize, look: &Look, cached: &CachedRow) -> RowKey {
    let row = &frame.rows[index];
    // Whether a row blinks is known from its last building, if it is the same row still.
    let known = cached
        .key
        .is_some_and(|known| known.generation == key.generation);
    let blinks = frame.has_blinking_text
        && if known {
            cached.has_blink
        } else {
            row.cells
                .iter()
                .any(|cell| cell.style.attrs.contains(Attrs::BLINK))
        };
    let link = look
        .hovered_link
        .filter(|&link| link != 0 && row.cells.iter().any(|cell| cell.link == link));
    let hovered = look
        .hovered_cells
        .iter()
        .find(|cells| usize::from(cells.0) == index);
    let mut highlights = 0;
    for one in look
        .highlights
        .iter()
        .filter(|one| usize::from(one.row) == index)
    {
        let mut hasher = FxHasher::default();
        (highlights, one).hash(&mut hasher);
        highlights = hasher.finish() | 1;
    }
    RowKey {
        highlights,
        blink_on: !blinks || look.text_blink_on,
        link: link.unwrap_or(0),
        hovered: hovered.map_or((0, 0), |&(_, start, end)| (start, end)),
        ..key
    }
}

/// Keeps the pages of an unchanged row from eviction.
fn touch(engine: &mut TextEngine, row: &CachedRow) {
    use crate::atlas::PageKind::{Color, Mask};
    for (kind, pages) in [(Mask, row.mask_pages), (Color, row.color_pages)] {
        let mut left = pages;
        while left != 0 {
            let layer = left.trailing_zeros();
            engine.atlas.touch(kind, u8::try_from(layer).unwrap_or(0));
            left &= left - 1;
        }
    }
}

/// The row of the cursor and how it is drawn there; `None` when it is not to be seen.
fn row_cursor(frame: &Frame, look: &Look, scale: f32) -> Option<(usize, RowCursor)> {
    let cursor = &frame.cursor;
    let blinked_off = cursor.blinking && look.focused && !look.cursor_blink_on;
    let composing = look
        .preedit
        .as_ref()
        .is_some_and(|preedit| !preedit.text.is_empty());
    if !cursor.visible || blinked_off || composing {
        return None;
    }
    let form = if look.focused || !look.unfocused_hollow {
        DrawnCursor::from(cursor.shape)
    } else {
        DrawnCursor::Hollow
    };
    let thickness = if form == DrawnCursor::Hollow {
        1.0
    } else {
        look.cursor_thickness
    };
    let thickness = crate::units::Scale::new(scale).physical(crate::LogicalPx(thickness));
    Some((
        usize::from(cursor.row),
        RowCursor {
            column: cursor.column,
            columns: if cursor.wide { 2 } else { 1 },
            form,
            thickness: u32::try_from(thickness.0).unwrap_or(1).max(1),
        },
    ))
}
