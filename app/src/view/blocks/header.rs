//! A block's header: where it finds room in the command's first row, and which of its parts it shows there.
//!
//! The grid has whole rows, so a header takes none of its own: it is written into cells that are blank, at the
//! right end of the row if they are there, else in the widest gap (before a right prompt). What does not fit
//! is left out, the least important first. Pure; `decorate.rs` puts it into the frame.

use unicode_width::UnicodeWidthStr;

use super::summary::{Status, Summary, duration_text, elapsed_text};
use super::tools::Tool;

/// In which of the chrome's colors a part is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ink {
    /// Less important text.
    Muted,
    /// Text.
    Text,
    /// What is chosen, or goes on.
    Accent,
    /// What went wrong.
    Error,
}

/// What a click on a part does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Click {
    /// Nothing of its own.
    None,
    /// Shows what is hidden.
    Unfold,
    /// Something that can be done with the block.
    Tool(Tool),
}

/// A part of a header, placed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Piece {
    /// The first column.
    pub(crate) column: u16,
    /// Its text.
    pub(crate) text: String,
    /// Its color.
    pub(crate) ink: Ink,
    /// What a click does.
    pub(crate) click: Click,
}

impl Piece {
    /// The columns it takes.
    pub(crate) fn columns(&self) -> std::ops::Range<u16> {
        self.column..self.column + width(&self.text)
    }
}

/// A part before it is placed; the most important ones have the highest rank.
#[derive(Clone, Debug)]
struct Part {
    rank: u8,
    text: String,
    ink: Ink,
    click: Click,
}

/// Columns between two parts.
const GAP: u16 = 2;
/// Columns left free at the row's end.
const END: u16 = 1;

/// A header for a row whose cells are blank where `blank` says so; empty when there is no room.
pub(crate) fn header(summary: &Summary, blank: &[bool]) -> Vec<Piece> {
    place(parts(summary), blank, GAP)
}

/// The tools in place of the header while the pointer is on the row; `folded`: there is something to unfold.
pub(crate) fn toolbar(
    tools: &[Tool],
    hovered: Option<Tool>,
    folded: bool,
    blank: &[bool],
) -> Vec<Piece> {
    let parts = tools.iter().enumerate().map(|(index, tool)| Part {
        rank: u8::MAX - u8::try_from(index).unwrap_or(u8::MAX),
        text: format!(" {} ", tool.label(folded)),
        ink: if hovered == Some(*tool) {
            Ink::Accent
        } else {
            Ink::Text
        },
        click: Click::Tool(*tool),
    });
    place(parts.collect(), blank, 1)
}

/// What is said of a section beside its title: how much of it is hidden.
pub(crate) fn note(hidden: String, blank: &[bool]) -> Vec<Piece> {
    let part = Part {
        rank: 0,
        text: hidden,
        ink: Ink::Accent,
        click: Click::Unfold,
    };
    place(vec![part], blank, GAP)
}

fn parts(summary: &Summary) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |rank, text: Option<String>, ink, click| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            parts.push(Part {
                rank,
                text,
                ink,
                click,
            });
        }
    };
    let marked = match (&summary.name, summary.bookmark) {
        (Some(name), true) => Some(format!("★ {name}")),
        (Some(name), false) => Some(name.clone()),
        (None, true) => Some("★".to_owned()),
        (None, false) => None,
    };
    add(6, marked, Ink::Accent, Click::None);
    add(5, summary.place.clone(), Ink::Text, Click::None);
    add(3, summary.folder.clone(), Ink::Muted, Click::None);
    let branch = summary.branch.as_ref().map(|branch| branch.to_string());
    add(2, branch, Ink::Muted, Click::None);
    add(9, summary.hidden.clone(), Ink::Accent, Click::Unfold);
    let ink = match summary.status {
        Status::Failed | Status::Rejected => Ink::Error,
        _ => Ink::Muted,
    };
    add(8, summary.exit.clone(), ink, Click::None);
    let duration = summary.duration.map(|duration| match summary.status {
        Status::Running => elapsed_text(duration),
        _ => duration_text(duration),
    });
    let ink = match summary.status {
        Status::Running => Ink::Accent,
        _ => Ink::Muted,
    };
    add(8, summary.progress.clone(), Ink::Accent, Click::None);
    let job = (summary.status == Status::Background).then(|| "background job".to_owned());
    add(8, job, Ink::Muted, Click::None);
    let full_screen = summary.full_screen.then(|| "full screen".to_owned());
    add(4, full_screen, Ink::Muted, Click::None);
    add(7, duration, ink, Click::None);
    // The day is what tells an old block from a new one.
    let rank = if summary.old { 10 } else { 1 };
    add(rank, summary.time.clone(), Ink::Muted, Click::None);
    if summary.old {
        for part in parts.iter_mut().filter(|part| part.click == Click::None) {
            part.ink = Ink::Muted;
        }
    }
    parts
}

/// Puts as many parts as fit into the best gap, right-aligned there, in their order.
fn place(mut parts: Vec<Part>, blank: &[bool], between: u16) -> Vec<Piece> {
    let Some((start, end)) = gap(blank) else {
        return Vec::new();
    };
    let room = end - start;
    let total = |parts: &[Part]| {
        let text: u16 = parts.iter().map(|part| width(&part.text)).sum();
        text + between * u16::try_from(parts.len().saturating_sub(1)).unwrap_or(0)
    };
    while total(&parts) > room {
        let least = parts.iter().map(|part| part.rank).min();
        parts.retain(|part| Some(part.rank) != least);
    }
    let mut column = end - total(&parts);
    parts
        .into_iter()
        .map(|part| {
            let piece = Piece {
                column,
                text: part.text,
                ink: part.ink,
                click: part.click,
            };
            column = piece.columns().end + between;
            piece
        })
        .collect()
}

/// The columns that a header may take: those at the end of the row, else the widest gap in it.
fn gap(blank: &[bool]) -> Option<(u16, u16)> {
    let columns = u16::try_from(blank.len()).ok()?;
    let last = blank.iter().rposition(|blank| !blank);
    let after_text = last.map_or(0, |last| u16::try_from(last).unwrap_or(columns) + 1 + GAP);
    let at_end = (after_text, columns.saturating_sub(END));
    let mut best = at_end;
    let wide = |(start, end): (u16, u16)| end.saturating_sub(start);
    if wide(best) < 8 {
        let mut start = None;
        for (column, blank) in (0..columns).zip(blank) {
            match (blank, start) {
                (true, None) => start = Some(column),
                (false, Some(first)) => {
                    // A gap at the row's start is an indented prompt, not room.
                    let inner = (first + GAP, column.saturating_sub(GAP));
                    if first > 0 && wide(inner) > wide(best) {
                        best = inner;
                    }
                    start = None;
                }
                _ => {}
            }
        }
    }
    (wide(best) > 0).then_some(best)
}

fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn summary() -> Summary {
        Summary {
            status: Status::Failed,
            exit: Some("exit 2".to_owned()),
            duration: Some(Duration::from_secs(12)),
            progress: None,
            full_screen: false,
            folder: Some("~/src".to_owned()),
            branch: None,
            place: None,
            name: None,
            bookmark: false,
            hidden: None,
            old: false,
            time: Some("09:41".to_owned()),
        }
    }

    /// The row with the header written into it.
    fn row(text: &str, columns: usize, summary: &Summary) -> String {
        let mut cells: Vec<char> = text.chars().collect();
        cells.resize(columns, ' ');
        let blank: Vec<bool> = cells.iter().map(|c| *c == ' ').collect();
        for piece in header(summary, &blank) {
            for (column, c) in piece.columns().zip(piece.text.chars()) {
                let cell = &mut cells[usize::from(column)];
                assert_eq!(*cell, ' ', "written over text");
                *cell = c;
            }
        }
        cells.into_iter().collect()
    }

    /// A row of `columns` that begins with `text` and has `header` at its end.
    #[track_caller]
    fn check(text: &str, columns: usize, header: &str) {
        let blank = columns - text.len() - header.len() - 1;
        let expected = format!("{text}{}{header} ", " ".repeat(blank));
        assert_eq!(row(text, columns, &summary()), expected);
    }

    #[test]
    fn it_is_written_where_the_row_is_free() {
        check("$ make", 50, "~/src  exit 2  12 s  09:41");
        check("", 50, "~/src  exit 2  12 s  09:41");
    }

    #[test]
    fn the_least_important_parts_go_first() {
        check("$ make", 33, "~/src  exit 2  12 s");
        check("$ make", 24, "exit 2  12 s");
        check("$ make", 16, "exit 2");
        check("$ make", 12, "");
    }

    #[test]
    fn before_a_right_prompt() {
        let text = format!("$ make{}main", " ".repeat(38));
        let header = "~/src  exit 2  12 s  09:41";
        let expected = format!("$ make{}{header}  main ", " ".repeat(10));
        assert_eq!(row(&text, 49, &summary()), expected);
    }

    #[test]
    fn tools_can_be_hit() {
        let blank = vec![true; 60];
        let pieces = toolbar(Tool::ALL, Some(Tool::Fold), false, &blank);
        assert_eq!(pieces.len(), Tool::ALL.len());
        assert!(pieces.iter().any(|piece| piece.ink == Ink::Accent));
        assert!(
            pieces
                .windows(2)
                .all(|two| two[0].columns().end < two[1].column)
        );
    }
}
