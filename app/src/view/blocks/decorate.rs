//! Writes headers into a frame's rows for as long as it is drawn.
//!
//! The rows are the frame's own copies, and get back what was in them; the terminal never sees this. A row that
//! was written into has a generation of its own, made from its text, so the renderer keeps its picture.

use std::hash::{DefaultHasher, Hash, Hasher};

use terminal::cell::CellWidth;
use terminal::frame::{FrameCell, FrameRow};
use terminal::{Attrs, Color, Frame, Rgb, Style};
use unicode_width::UnicodeWidthChar;

use super::BlockView;
use super::header::{Click, Ink, Piece};

/// The bit that says of a generation that it is a hash, as the terminal's own have it.
const HASHED: u64 = 1 << 62;

/// The colors that headers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Inks {
    /// Less important text.
    pub(crate) muted: Rgb,
    /// The same where the ground is raised.
    pub(crate) muted_raised: Rgb,
    /// Text.
    pub(crate) text: Rgb,
    /// What is chosen, or goes on.
    pub(crate) accent: Rgb,
    /// What went wrong.
    pub(crate) error: Rgb,
    /// Behind the sticky header.
    pub(crate) raised: Rgb,
}

impl Inks {
    /// The color of an ink.
    pub(crate) fn color(&self, ink: Ink) -> Rgb {
        match ink {
            Ink::Muted => self.muted,
            Ink::Text => self.text,
            Ink::Accent => self.accent,
            Ink::Error => self.error,
        }
    }
}

/// Which cells of a row show nothing and may be written into.
pub(crate) fn blank_cells(row: &FrameRow) -> Vec<bool> {
    let blank = |cell: &FrameCell| {
        cell.character == ' '
            && cell.cluster == 0
            && cell.width == CellWidth::Narrow
            && cell.style.background == Color::Default
            && !cell.style.attrs.contains(Attrs::REVERSE)
    };
    // A row of double size shows half of its cells.
    let single = !row.size.is_double();
    row.cells.iter().map(|cell| single && blank(cell)).collect()
}

/// Whether a row shows nothing at all.
pub(crate) fn is_empty(row: &FrameRow) -> bool {
    row.cells
        .iter()
        .all(|cell| cell.character == ' ' && cell.style.background == Color::Default)
}

/// Writes a view's headers into its frame; returns the rows as they were, for [`restore`].
pub(crate) fn apply(frame: &mut Frame, view: &BlockView, inks: &Inks) -> Vec<(usize, FrameRow)> {
    let mut before = Vec::new();
    let covered = |index: usize| index == 0 && view.sticky.is_some();
    for seen in view.seen.iter().filter(|seen| seen.old) {
        for index in seen.rows.clone().map(usize::from) {
            if let Some(row) = frame.rows.get_mut(index)
                && !covered(index)
            {
                before.push((index, row.clone()));
                fade(row);
            }
        }
    }
    for section in view.sections.iter().filter(|one| !one.pieces.is_empty()) {
        let index = usize::from(section.row);
        if let Some(row) = frame.rows.get_mut(index)
            && !covered(index)
        {
            before.push((index, row.clone()));
            let ground = match view.selected.contains(&section.section.block) {
                true => Ground::Selected,
                false => Ground::Plain,
            };
            write(row, &section.pieces, inks, ground);
        }
    }
    for seen in view.seen.iter().filter(|seen| !seen.pieces.is_empty()) {
        let index = usize::from(seen.header_row);
        if covered(index) {
            continue;
        }
        let Some(row) = frame.rows.get_mut(index) else {
            continue;
        };
        before.push((index, row.clone()));
        let ground = match view.selected.contains(&seen.id) {
            true => Ground::Selected,
            false => Ground::Plain,
        };
        write(row, &seen.pieces, inks, ground);
    }
    if let Some(sticky) = &view.sticky
        && let Some(row) = frame.rows.first_mut()
    {
        before.push((0, row.clone()));
        row.clusters.clear();
        row.selected = (0, 0);
        row.cells
            .fill(cell(' ', CellWidth::Narrow, inks.text, Some(inks.raised)));
        let command = Piece {
            column: 0,
            text: sticky.command.clone(),
            ink: Ink::Text,
            click: Click::None,
        };
        write(row, &[command], inks, Ground::Raised);
        write(row, &sticky.pieces, inks, Ground::Raised);
    }
    before
}

/// Gives the rows back what was in them.
pub(crate) fn restore(frame: &mut Frame, rows: Vec<(usize, FrameRow)>) {
    // A row that was written into twice has its own text in the first of its copies.
    for (index, row) in rows.into_iter().rev() {
        if let Some(place) = frame.rows.get_mut(index) {
            *place = row;
        }
    }
}

/// Fades a row of an earlier session, as SGR 2 does.
fn fade(row: &mut FrameRow) {
    for cell in &mut row.cells {
        cell.style.attrs.insert(Attrs::DIM);
    }
    let mut hasher = DefaultHasher::new();
    row.generation.hash(&mut hasher);
    Attrs::DIM.hash(&mut hasher);
    row.generation = hasher.finish() >> 2 | HASHED;
}

/// What a header is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ground {
    /// The row's own.
    Plain,
    /// The tint of what is selected, on which less important text would be hard to read.
    Selected,
    /// The sticky header's.
    Raised,
}

fn write(row: &mut FrameRow, pieces: &[Piece], inks: &Inks, ground: Ground) {
    for piece in pieces {
        let color = match (piece.ink, ground) {
            (Ink::Muted, Ground::Raised) => inks.muted_raised,
            (Ink::Muted, Ground::Selected) => inks.text,
            (ink, _) => inks.color(ink),
        };
        let background = match (piece.click, ground) {
            (Click::Tool(_), _) | (_, Ground::Raised) => Some(inks.raised),
            (Click::None | Click::Unfold, Ground::Plain | Ground::Selected) => None,
        };
        let mut column = usize::from(piece.column);
        for character in piece.text.chars() {
            let width = match character.width() {
                Some(1) => CellWidth::Narrow,
                Some(2) => CellWidth::Wide,
                _ => continue,
            };
            let columns = if width == CellWidth::Wide { 2 } else { 1 };
            let Some(cells) = row.cells.get_mut(column..column + columns) else {
                break;
            };
            cells[0] = cell(character, width, color, background);
            if let Some(second) = cells.get_mut(1) {
                *second = cell(' ', CellWidth::Spacer, color, background);
            }
            column += columns;
        }
    }
    let mut hasher = DefaultHasher::new();
    row.generation.hash(&mut hasher);
    pieces.hash(&mut hasher);
    inks.hash(&mut hasher);
    ground.hash(&mut hasher);
    row.generation = hasher.finish() >> 2 | HASHED;
}

fn cell(character: char, width: CellWidth, color: Rgb, background: Option<Rgb>) -> FrameCell {
    FrameCell {
        character,
        cluster: 0,
        width,
        style: Style {
            foreground: Color::Rgb(color),
            background: background.map_or(Color::Default, Color::Rgb),
            ..Style::default()
        },
        link: 0,
    }
}
