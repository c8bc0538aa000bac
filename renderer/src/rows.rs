//! A frame's row to rectangles and glyphs: backgrounds, text, underlines, cursor.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "columns are at most 4096 and cells at most 1024 pixels wide; out of range saturates"
)]

use std::ops::Range;

use terminal::cell::{Attrs, CellWidth};
use terminal::frame::{CursorShape, FrameCell, FrameRow};
use terminal::{Color, LineSize, Rgb, UnderlineStyle};

use crate::atlas::{GlyphKey, PageKind, Stretch};
use crate::builtin::{self, Decoration};
use crate::color::{CellColors, Resolver, lightness};
use crate::font::library::{FaceId, FaceStyle};
use crate::scene::{Glyph, Quad, opaque, quad};
use crate::shape::{OVERFLOW, Word, stands_alone, wants_color};
use crate::text::TextEngine;
use crate::{CellMetrics, Rect};

/// Longest run that is shaped at once, in cells: bounds the keys of the cache.
const MAX_RUN: usize = 64;

/// Alpha of dim color glyphs, which have no color of their own to blend.
const DIM_ALPHA: u8 = 153;

/// The form in which the cursor is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrawnCursor {
    /// A filled cell, the text in it in another color.
    Block,
    /// A line left of the cell.
    Beam,
    /// A line at the foot of the cell.
    Underline,
    /// A frame: the pane has not the keyboard.
    Hollow,
}

impl From<CursorShape> for DrawnCursor {
    fn from(shape: CursorShape) -> Self {
        match shape {
            CursorShape::Block => DrawnCursor::Block,
            CursorShape::Underline => DrawnCursor::Underline,
            CursorShape::Beam => DrawnCursor::Beam,
        }
    }
}

/// The cursor on the row that it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowCursor {
    pub(crate) column: u16,
    pub(crate) columns: u16,
    pub(crate) form: DrawnCursor,
    /// Thickness of its lines in pixels.
    pub(crate) thickness: u32,
}

/// Everything that a row's picture depends on and that is not in [`ViewKey`](crate::view::ViewKey):
/// the same key, the same picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowKey {
    pub(crate) generation: u64,
    /// Counts up with everything that changes the whole view.
    pub(crate) epoch: u64,
    pub(crate) cursor: Option<RowCursor>,
    /// Whether blinking text is to be seen; always true in rows without any.
    pub(crate) blink_on: bool,
    /// Hovered link, 0 in rows without it.
    pub(crate) link: u16,
    /// Columns underlined as a link, empty in most rows.
    pub(crate) hovered: (u16, u16),
    /// A digest of the row's highlights, 0 in most rows.
    pub(crate) highlights: u64,
}

/// A row's picture.
#[derive(Debug, Default)]
pub(crate) struct CachedRow {
    pub(crate) key: Option<RowKey>,
    /// Backgrounds, then straight lines under the text.
    pub(crate) quads: Vec<Quad>,
    /// Text and other underlines.
    pub(crate) masks: Vec<Glyph>,
    /// What is over the text, and color glyphs.
    pub(crate) overs: Vec<Glyph>,
    /// Atlas pages drawn from, a bit for each.
    pub(crate) mask_pages: u64,
    pub(crate) color_pages: u64,
    pub(crate) has_blink: bool,
}

impl CachedRow {
    /// Cuts off what is not between two heights.
    fn clip(&mut self, top: i32, bottom: i32) {
        let inside = |y: i16, height: u16| {
            let (start, end) = (i32::from(y), i32::from(y) + i32::from(height));
            let (from, to) = (start.max(top), end.min(bottom));
            (from < to).then_some(((from - start) as u16, from as i16, (to - from) as u16))
        };
        self.quads.retain_mut(|quad| {
            let kept = inside(quad.y, quad.height);
            if let Some((_, y, height)) = kept {
                (quad.y, quad.height) = (y, height);
            }
            kept.is_some()
        });
        for glyphs in [&mut self.masks, &mut self.overs] {
            glyphs.retain_mut(|glyph| {
                let kept = inside(glyph.y, glyph.height);
                if let Some((cut, y, height)) = kept {
                    (glyph.y, glyph.height) = (y, height);
                    glyph.v += cut;
                }
                kept.is_some()
            });
        }
    }

    /// Moves the picture down by `y` pixels.
    pub(crate) fn shift(&mut self, y: i16) {
        for quad in &mut self.quads {
            quad.y = quad.y.saturating_add(y);
        }
        for glyph in self.masks.iter_mut().chain(&mut self.overs) {
            glyph.y = glyph.y.saturating_add(y);
        }
    }
}

/// Memory kept from row to row.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    colors: Vec<CellColors>,
    /// Whether any cell of the row has an underline, and the attributes that any of them has.
    underlined: bool,
    attrs: Attrs,
    run: String,
}

/// Builds rows of one frame.
pub(crate) struct RowBuilder<'a> {
    pub(crate) engine: &'a mut TextEngine,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) resolver: Resolver<'a>,
    /// Of the row being built: how much larger its characters are, and its cell.
    pub(crate) stretch: Stretch,
    pub(crate) cell: CellMetrics,
}

impl RowBuilder<'_> {
    /// Fills `out` with the picture of `row`, the `index`th of its view.
    pub(crate) fn build(&mut self, row: &FrameRow, index: usize, key: RowKey, out: &mut CachedRow) {
        out.quads.clear();
        out.masks.clear();
        out.overs.clear();
        (out.mask_pages, out.color_pages) = (0, 0);
        out.key = Some(key);
        self.engine.shaper.make_room();
        self.color_cells(row, index, &key);
        let attrs = self.scratch.attrs;
        out.has_blink = attrs.contains(Attrs::BLINK);
        self.stretch = stretch_of(row.size);
        let top = index as i32 * self.engine.metrics.height as i32;
        let cell = self.engine.metrics.stretched(self.stretch);
        self.cell = cell;
        // The lower half of a line of double height is drawn as if it began a row above.
        let y = match row.size {
            LineSize::DoubleBottom => top - self.engine.metrics.height as i32,
            LineSize::Single | LineSize::DoubleWidth | LineSize::DoubleTop => top,
        };
        self.backgrounds(y, &cell, out);
        let linked = key.link != 0 || key.hovered.0 < key.hovered.1;
        if linked || self.scratch.underlined || attrs.contains(Attrs::OVERLINE) {
            self.lines(row, &key, y, &cell, out);
        }
        self.text(row, &key, y, out);
        if attrs.contains(Attrs::STRIKETHROUGH) {
            self.strikes(row, &key, y, &cell, out);
        }
        if let Some(cursor) = key.cursor {
            self.cursor(&cursor, y, &cell, out);
        }
        if self.stretch == Stretch::Large {
            out.clip(top, top + self.engine.metrics.height as i32);
        }
    }

    fn color_cells(&mut self, row: &FrameRow, index: usize, key: &RowKey) {
        let Scratch {
            colors,
            underlined,
            attrs,
            ..
        } = &mut *self.scratch;
        colors.clear();
        (*underlined, *attrs) = (false, Attrs::empty());
        let selected = row.selected.0..row.selected.1;
        let mut last: Option<(&FrameCell, bool, CellColors)> = None;
        for (column, cell) in row.shown().iter().enumerate() {
            if cell.width == CellWidth::Spacer
                && let Some(&previous) = colors.last()
            {
                colors.push(previous);
                continue;
            }
            let is_selected = selected.contains(&(column as u16));
            let color = match last {
                Some((cell_before, was, color))
                    if was == is_selected && cell_before.style == cell.style =>
                {
                    color
                }
                _ => {
                    *underlined |= cell.style.underline != UnderlineStyle::None;
                    *attrs |= cell.style.attrs;
                    self.resolver.cell(&cell.style, is_selected)
                }
            };
            last = Some((cell, is_selected, color));
            colors.push(color);
        }
        if key.highlights != 0 {
            let look = self.resolver.look;
            for one in look
                .highlights
                .iter()
                .filter(|one| usize::from(one.row) == index)
            {
                let end = usize::from(one.end).min(colors.len());
                for cell in &mut colors[usize::from(one.start).min(end)..end] {
                    *cell = self.resolver.highlighted(cell, one.background);
                }
            }
        }
        if let Some(cursor) = key
            .cursor
            .filter(|cursor| cursor.form == DrawnCursor::Block)
        {
            let start = usize::from(cursor.column);
            if let Some(&under) = colors.get(start) {
                let block = self.resolver.block_cursor(&under);
                let end = (start + usize::from(cursor.columns)).min(colors.len());
                colors[start..end].fill(block);
            }
        }
    }

    /// One rectangle for each run of cells with one background.
    fn backgrounds(&self, y: i32, cell: &CellMetrics, out: &mut CachedRow) {
        let mut start = 0;
        for run in self.scratch.colors.chunk_by(|a, b| {
            (a.plain && b.plain) || (!a.plain && !b.plain && a.background == b.background)
        }) {
            if !run[0].plain {
                let rect = Rect::new(
                    (start * cell.width as usize) as i32,
                    y,
                    run.len() as u32 * cell.width,
                    cell.height,
                );
                out.quads.push(quad(&rect, opaque(run[0].background)));
            }
            start += run.len();
        }
    }

    /// Whether a cell's text and lines are to be seen.
    fn is_visible(cell: &FrameCell, key: &RowKey) -> bool {
        let attrs = cell.style.attrs;
        !attrs.contains(Attrs::CONCEAL) && (key.blink_on || !attrs.contains(Attrs::BLINK))
    }

    /// The underline of a cell, that of a hovered link included.
    fn underline(cell: &FrameCell, column: usize, key: &RowKey) -> UnderlineStyle {
        let in_link = cell.link != 0 && cell.link == key.link;
        let hovered = usize::from(key.hovered.0) <= column && column < usize::from(key.hovered.1);
        match cell.style.underline {
            UnderlineStyle::None if in_link || hovered => UnderlineStyle::Single,
            style => style,
        }
    }

    /// Underlines and overlines, under the text.
    fn lines(
        &mut self,
        row: &FrameRow,
        key: &RowKey,
        y: i32,
        cell: &CellMetrics,
        out: &mut CachedRow,
    ) {
        let mut under: Option<LineRun> = None;
        let mut over: Option<LineRun> = None;
        for (column, (frame_cell, &colors)) in
            row.shown().iter().zip(&self.scratch.colors).enumerate()
        {
            let visible = Self::is_visible(frame_cell, key);
            let style = Self::underline(frame_cell, column, key);
            let color = if frame_cell.style.underline_color == Color::Default {
                colors.foreground
            } else {
                colors.underline
            };
            let straight =
                visible && matches!(style, UnderlineStyle::Single | UnderlineStyle::Double);
            let line = straight.then_some((style == UnderlineStyle::Double, color));
            LineRun::step(&mut under, column, line, |run| run.underline(y, cell, out));
            let wants_over = visible && frame_cell.style.attrs.contains(Attrs::OVERLINE);
            let line = wants_over.then_some((false, colors.foreground));
            LineRun::step(&mut over, column, line, |run| run.overline(y, cell, out));
            let form = match style {
                UnderlineStyle::Curly => Decoration::Curly,
                UnderlineStyle::Dotted => Decoration::Dotted,
                UnderlineStyle::Dashed => Decoration::Dashed,
                UnderlineStyle::None | UnderlineStyle::Single | UnderlineStyle::Double => continue,
            };
            if visible {
                let slot = self
                    .engine
                    .atlas
                    .get(GlyphKey::decoration(form as u8, self.stretch), || {
                        builtin::decoration(form, cell)
                    });
                if let Some(slot) = slot {
                    let x = (column * cell.width as usize) as i32;
                    let backdrop = lightness(colors.background);
                    let baseline = y + cell.baseline as i32;
                    push(out, Glyph::new(x, baseline, &slot, opaque(color), backdrop));
                }
            }
        }
        let end = row.shown().len();
        LineRun::step(&mut under, end, None, |run| run.underline(y, cell, out));
        LineRun::step(&mut over, end, None, |run| run.overline(y, cell, out));
    }

    /// Lines through struck text, over it.
    fn strikes(
        &self,
        row: &FrameRow,
        key: &RowKey,
        y: i32,
        cell: &CellMetrics,
        out: &mut CachedRow,
    ) {
        let mut strike: Option<LineRun> = None;
        for (column, (frame_cell, colors)) in
            row.shown().iter().zip(&self.scratch.colors).enumerate()
        {
            let struck = Self::is_visible(frame_cell, key)
                && frame_cell.style.attrs.contains(Attrs::STRIKETHROUGH);
            let line = struck.then_some((false, colors.foreground));
            LineRun::step(&mut strike, column, line, |run| run.strike(y, cell, out));
        }
        LineRun::step(&mut strike, row.shown().len(), None, |run| {
            run.strike(y, cell, out)
        });
    }

    fn text(&mut self, row: &FrameRow, key: &RowKey, y: i32, out: &mut CachedRow) {
        let mut column = 0;
        while let Some(cell) = row.shown().get(column) {
            let blank = cell.cluster == 0 && matches!(cell.character, ' ' | '\0');
            if blank
                || matches!(cell.width, CellWidth::Spacer | CellWidth::LeadingSpacer)
                || !Self::is_visible(cell, key)
            {
                column += 1;
                continue;
            }
            if cell.cluster == 0
                && cell.width == CellWidth::Narrow
                && self.engine.builtin
                && builtin::covers(cell.character)
            {
                self.builtin(cell.character, column, y, out);
                column += 1;
                continue;
            }
            let style = face_style(cell);
            if let Some(face) = self.run_face(cell, style) {
                let end = self.collect_run(row, key, column, style, face);
                let word = self.engine.run(face, &self.scratch.run);
                self.place(word, column..end, y, out);
                column = end;
            } else {
                let word = self.single(row, column, cell, style);
                self.place(word, column..column + 1, y, out);
                column += 1;
            }
        }
    }

    /// The face of a cell that can be part of a run; `None` for those shaped alone.
    fn run_face(&mut self, cell: &FrameCell, style: FaceStyle) -> Option<FaceId> {
        let c = cell.character;
        if cell.cluster != 0 || cell.width != CellWidth::Narrow || stands_alone(c) || is_private(c)
        {
            return None;
        }
        let face = self.engine.library.resolve_char(c, style, false)?;
        (!self.engine.library.face(face).fitted).then_some(face)
    }

    /// Collects the text of the run that begins at `start`; returns the column after it.
    fn collect_run(
        &mut self,
        row: &FrameRow,
        key: &RowKey,
        start: usize,
        style: FaceStyle,
        face: FaceId,
    ) -> usize {
        let first = &row.shown()[start];
        // The family's own letters are most of all text, and need no look-up.
        let is_family = face == self.engine.library.primary(style);
        let mut run = std::mem::take(&mut self.scratch.run);
        run.clear();
        run.push(first.character);
        let mut end = start + 1;
        while let Some(cell) = row.shown().get(end) {
            let goes_on = end - start < MAX_RUN
                && cell.character > ' '
                && face_style(cell) == style
                && cell.style.foreground == first.style.foreground
                && Self::is_visible(cell, key);
            let plain = is_family
                && cell.character.is_ascii()
                && cell.cluster == 0
                && cell.width == CellWidth::Narrow;
            let goes_on = goes_on
                && (plain
                    || (!(self.engine.builtin && builtin::covers(cell.character))
                        && self.run_face(cell, style) == Some(face)));
            if !goes_on {
                break;
            }
            run.push(cell.character);
            end += 1;
        }
        self.scratch.run = run;
        end
    }

    /// The glyphs of a cell that is shaped alone.
    fn single(
        &mut self,
        row: &FrameRow,
        column: usize,
        cell: &FrameCell,
        style: FaceStyle,
    ) -> Word {
        let mut buffer = [0; 4];
        let text = row.text(cell, &mut buffer);
        let wide = cell.width == CellWidth::Wide;
        let next_blank = || {
            row.shown()
                .get(column + 1)
                .is_some_and(|next| next.cluster == 0 && next.character == ' ')
        };
        let span = match wide {
            true => 2,
            false if is_private(cell.character) && next_blank() => OVERFLOW,
            false => 1,
        };
        self.engine.cell(style, text, span, wants_color(text, wide))
    }

    /// Emits the glyphs of a word in these columns.
    fn place(&mut self, word: Word, columns: Range<usize>, y: i32, out: &mut CachedRow) {
        let width = self.cell.width as i32;
        let baseline = y + self.cell.baseline as i32;
        let (wider, higher) = self.stretch.factors();
        let mut shade: Option<(Rgb, u8)> = None;
        for index in 0.. {
            let Some((glyph, slot)) = self.engine.glyph(word, index, self.stretch) else {
                break;
            };
            let Some(slot) = slot else { continue };
            let at = columns.start + usize::from(glyph.cell);
            let colors = self.scratch.colors.get(at).copied().unwrap_or_default();
            let backdrop = match shade {
                Some((background, backdrop)) if background == colors.background => backdrop,
                _ => lightness(colors.background),
            };
            shade = Some((colors.background, backdrop));
            let mut color = opaque(colors.foreground);
            if slot.kind == PageKind::Color && colors.dim {
                color[3] = DIM_ALPHA;
            }
            let left = at as i32 * width;
            let x = left + i32::from(glyph.x) * i32::from(wider);
            let up = i32::from(glyph.y) * i32::from(higher);
            let placed = Glyph::new(x, baseline - up, &slot, color, backdrop);
            let (start, end) = (
                i32::from(placed.x),
                i32::from(placed.x) + i32::from(placed.width),
            );
            if (start >= left && end <= left + width) || columns.len() == 1 {
                push(out, placed);
            } else {
                self.split(placed, &columns, at, out);
            }
        }
    }

    /// Emits a glyph that covers several cells of its word (a ligature) in the color of each: the
    /// cursor and the selection may change some of them.
    fn split(&self, glyph: Glyph, columns: &Range<usize>, home: usize, out: &mut CachedRow) {
        let width = self.cell.width as i32;
        let (start, end) = (
            i32::from(glyph.x),
            i32::from(glyph.x) + i32::from(glyph.width),
        );
        let column_at = |x: i32| {
            let column = usize::try_from(x.div_euclid(width)).unwrap_or(0);
            column.clamp(columns.start, columns.end - 1)
        };
        let colors = |column: usize| self.scratch.colors.get(column).copied().unwrap_or_default();
        let (first, last) = (column_at(start), column_at(end - 1));
        if (first..=last).all(|column| colors(column) == colors(home)) {
            push(out, glyph);
            return;
        }
        for column in first..=last {
            let from = if column == first {
                start
            } else {
                column as i32 * width
            };
            let to = if column == last {
                end
            } else {
                (column as i32 + 1) * width
            };
            let colors = colors(column);
            push(
                out,
                Glyph {
                    x: glyph.x + (from - start) as i16,
                    width: (to - from) as u16,
                    u: glyph.u + (from - start) as u16,
                    backdrop: lightness(colors.background),
                    color: opaque(colors.foreground),
                    ..glyph
                },
            );
        }
    }

    fn builtin(&mut self, c: char, column: usize, y: i32, out: &mut CachedRow) {
        let metrics = self.cell;
        let slot = self
            .engine
            .atlas
            .get(GlyphKey::builtin(c, self.stretch), || {
                builtin::draw(c, &metrics)
            });
        if let Some(slot) = slot {
            let colors = self.scratch.colors.get(column).copied().unwrap_or_default();
            let x = (column * metrics.width as usize) as i32;
            let baseline = y + metrics.baseline as i32;
            let backdrop = lightness(colors.background);
            push(
                out,
                Glyph::new(x, baseline, &slot, opaque(colors.foreground), backdrop),
            );
        }
    }

    /// Cursors other than the block, over the text.
    fn cursor(&self, cursor: &RowCursor, y: i32, cell: &CellMetrics, out: &mut CachedRow) {
        let colors = self
            .scratch
            .colors
            .get(usize::from(cursor.column))
            .copied()
            .unwrap_or_default();
        let color = opaque(self.resolver.cursor(&colors));
        let x = i32::from(cursor.column) * cell.width as i32;
        let width = u32::from(cursor.columns) * cell.width;
        let thin = cursor.thickness.clamp(1, (cell.width / 2).max(1));
        let (right, bottom) = (
            (width - thin) as i32,
            (cell.height.saturating_sub(thin)) as i32,
        );
        let mut solid = |x, y, width, height| {
            out.overs
                .push(Glyph::solid(&Rect::new(x, y, width, height), color));
        };
        match cursor.form {
            DrawnCursor::Block => {}
            DrawnCursor::Beam => solid(x, y, thin, cell.height),
            DrawnCursor::Underline => solid(x, y + bottom, width, thin),
            DrawnCursor::Hollow => {
                let sides = cell.height.saturating_sub(2 * thin);
                solid(x, y, width, thin);
                solid(x, y + bottom, width, thin);
                solid(x, y + thin as i32, thin, sides);
                solid(x + right, y + thin as i32, thin, sides);
            }
        }
    }
}

fn stretch_of(size: LineSize) -> Stretch {
    match size {
        LineSize::Single => Stretch::None,
        LineSize::DoubleWidth => Stretch::Wide,
        LineSize::DoubleTop | LineSize::DoubleBottom => Stretch::Large,
    }
}

/// Adds a glyph, and its page to those that the row draws from.
fn push(out: &mut CachedRow, glyph: Glyph) {
    let page = 1_u64.checked_shl(u32::from(glyph.layer)).unwrap_or(0);
    if glyph.kind == Glyph::COLOR {
        out.color_pages |= page;
        out.overs.push(glyph);
    } else {
        out.mask_pages |= page;
        out.masks.push(glyph);
    }
}

fn face_style(cell: &FrameCell) -> FaceStyle {
    let attrs = cell.style.attrs;
    FaceStyle::new(attrs.contains(Attrs::BOLD), attrs.contains(Attrs::ITALIC))
}

/// Symbols of patched fonts: icons, often wider than a cell.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xe000..=0xf8ff | 0xf_0000..)
}

/// Neighbouring cells under, over or through which one line goes.
struct LineRun {
    start: usize,
    end: usize,
    double: bool,
    color: Rgb,
}

impl LineRun {
    /// Goes on to `column`, which has `line` (whether it is double, and its color); a run that
    /// ends is drawn.
    fn step(
        run: &mut Option<LineRun>,
        column: usize,
        line: Option<(bool, Rgb)>,
        draw: impl FnOnce(&LineRun),
    ) {
        if let (Some(open), Some((double, color))) = (run.as_mut(), line)
            && open.double == double
            && open.color == color
        {
            open.end = column + 1;
            return;
        }
        if let Some(done) = run.take() {
            draw(&done);
        }
        *run = line.map(|(double, color)| LineRun {
            start: column,
            end: column + 1,
            double,
            color,
        });
    }

    /// Its rectangle, `height` pixels from `y` on.
    fn rect(&self, y: i32, height: u32, cell: &CellMetrics) -> Rect {
        let x = (self.start * cell.width as usize) as i32;
        let width = ((self.end - self.start) * cell.width as usize) as u32;
        Rect::new(x, y, width, height)
    }

    fn under(&self, y: i32, height: u32, cell: &CellMetrics, out: &mut CachedRow) {
        out.quads
            .push(quad(&self.rect(y, height, cell), opaque(self.color)));
    }

    fn underline(&self, y: i32, cell: &CellMetrics, out: &mut CachedRow) {
        let thick = cell.underline_thickness;
        if self.double {
            let top = cell
                .underline_position
                .min(cell.height.saturating_sub(3 * thick));
            self.under(y + top as i32, thick, cell, out);
            self.under(y + (top + 2 * thick) as i32, thick, cell, out);
        } else {
            self.under(y + cell.underline_position as i32, thick, cell, out);
        }
    }

    fn overline(&self, y: i32, cell: &CellMetrics, out: &mut CachedRow) {
        self.under(y, cell.underline_thickness, cell, out);
    }

    fn strike(&self, y: i32, cell: &CellMetrics, out: &mut CachedRow) {
        let top = y + cell.strikethrough_position as i32;
        let rect = self.rect(top, cell.strikethrough_thickness, cell);
        out.overs.push(Glyph::solid(&rect, opaque(self.color)));
    }
}
