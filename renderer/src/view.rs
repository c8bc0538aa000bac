//! What is kept of a grid from scene to scene: its rows' pictures and their buffers.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "rows are at most 4096 and at most 1024 pixels high"
)]

use terminal::cell::Attrs;
use terminal::frame::Frame;
use terminal::{Palette, Rgb};

use crate::color::Resolver;
use crate::damage::Damage;
use crate::pipeline::{Ink, Painter, RowBuffer};
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
    changed: Vec<bool>,
    any_changed: bool,
    quads: RowBuffer,
    masks: RowBuffer,
    overs: RowBuffer,
    /// Height of a row in pixels.
    row_height: u32,
    /// The scene that drew it last.
    pub(crate) scene: u64,
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
            self.any_changed = true;
        }
        self.row_height = engine.metrics.height;
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
            };
            let key = row_key(key, frame, index, look, cached);
            // A row built before may have lost its glyphs to one built just now.
            if cached.key == Some(key) && engine.atlas.evictions() == evictions {
                touch(engine, cached);
                continue;
            }
            let mut builder = RowBuilder {
                engine,
                scratch,
                resolver,
            };
            builder.build(row, index, key, cached);
            self.changed[index + 1] = true;
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
        }
    }

    /// Adds where it differs from what was sent last, drawn at `at`.
    pub(crate) fn damage(&self, at: &Rect, damage: &mut Damage) {
        if !self.any_changed {
            return;
        }
        if self.changed.first() == Some(&true) {
            damage.add(*at);
            return;
        }
        for (index, _) in self
            .changed
            .iter()
            .enumerate()
            .filter(|(_, changed)| **changed)
        {
            // Tall glyphs reach into the rows above and below.
            let top = (index as i32 - 2) * self.row_height as i32;
            let rows = Rect::new(at.x, at.y + top, at.width, 3 * self.row_height);
            damage.add(rows.intersection(at));
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
        self.changed.fill(false);
        self.any_changed = false;
        sent
    }

    /// The most rectangles or glyphs of one draw.
    pub(crate) fn most(&self) -> usize {
        self.quads.len().max(self.masks.len()).max(self.overs.len())
    }

    /// Draws what `part` of the target, which is clipped already, shows of it at `at`.
    pub(crate) fn draw(&self, painter: &mut Painter<'_>, layer: u32, at: &Rect, part: &Rect) {
        let height = self.row_height.max(1) as i32;
        // Tall glyphs of the rows next to it reach in.
        let first = ((part.y - at.y) / height - 1).max(0) as usize + 1;
        let end = ((part.bottom() - at.y) / height + 2).max(0) as usize + 1;
        let rows = first..end.min(self.rows.len());
        // The first of the rows fills the background.
        let filled = self.rows.first().is_some_and(|row| !row.quads.is_empty());
        let quads = if filled { 0..rows.end } else { rows.clone() };
        painter.draw(layer, Ink::Quads, self.quads.rows(quads));
        painter.draw(layer, Ink::Masks, self.masks.rows(rows.clone()));
        if self
            .rows
            .get(rows.clone())
            .is_some_and(|rows| rows.iter().any(|row| !row.overs.is_empty()))
        {
            painter.draw(layer, Ink::Any, self.overs.rows(rows));
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
    RowKey {
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
