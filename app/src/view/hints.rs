//! Hint mode's labels: which letters stand on what, and how they are drawn.

use renderer::units::Rect;
use renderer::{Highlight, Renderer, TextStyle};
use terminal::hints::{Hint, Places};
use terminal::{Frame, Rgb};

use super::tokens::Tokens;
use crate::input::mouse::CellArea;

/// A hint with the letters that choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Labelled {
    /// What was found.
    pub(crate) hint: Hint,
    /// The letters.
    pub(crate) label: String,
    /// It is chosen, while several are.
    pub(crate) picked: bool,
}

/// Labels for `n` things: as short as they can be without one being the beginning of another, the shortest
/// and handiest first.
pub(crate) fn labels(n: usize, letters: &str) -> Vec<String> {
    let mut alphabet: Vec<char> = Vec::new();
    for letter in letters.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() && !alphabet.contains(&letter) {
            alphabet.push(letter);
        }
    }
    if alphabet.len() < 2 {
        alphabet = "asdfghjkl".chars().collect();
    }
    // The last label becomes the beginning of longer ones until there are enough.
    let mut labels: Vec<String> = alphabet.iter().map(char::to_string).collect();
    let mut longer = Vec::new();
    while labels.len() + longer.len() < n {
        match labels.pop() {
            Some(head) => longer.extend(alphabet.iter().map(|letter| format!("{head}{letter}"))),
            None => {
                longer.sort_by_key(String::len);
                labels.append(&mut longer);
            }
        }
    }
    labels.append(&mut longer);
    labels.sort_by_key(|label| label.chars().count());
    labels.truncate(n);
    labels
}

/// Gives hints their labels, the shortest to those nearest to a place in the viewport (row, column).
pub(crate) fn label(
    hints: Vec<Hint>,
    frame: &Frame,
    from: (u16, u16),
    letters: &str,
) -> Vec<Labelled> {
    let places = Places::new(frame);
    let distance = |hint: &Hint| {
        let place = places.of(hint.line, hint.start);
        let (row, column) = place.unwrap_or((u16::MAX, u16::MAX));
        // A row is about two columns high.
        2 * u32::from(row.abs_diff(from.0)) + u32::from(column.abs_diff(from.1))
    };
    let mut order: Vec<usize> = (0..hints.len()).collect();
    order.sort_by_cached_key(|index| distance(&hints[*index]));
    let mut of = vec![String::new(); hints.len()];
    for (index, label) in order.into_iter().zip(labels(hints.len(), letters)) {
        of[index] = label;
    }
    let pairs = hints.into_iter().zip(of);
    pairs
        .map(|(hint, label)| Labelled {
            hint,
            label,
            picked: false,
        })
        .collect()
}

/// The cells of the hints that can still be chosen.
pub(crate) fn highlights(
    hints: &[Labelled],
    typed: &str,
    frame: &Frame,
    tokens: &Tokens,
) -> Vec<Highlight> {
    let mut cells = Vec::new();
    let places = Places::new(frame);
    for one in hints.iter().filter(|one| one.label.starts_with(typed)) {
        let color = if one.picked {
            tokens.found_chosen
        } else {
            tokens.found
        };
        for (index, row) in places.rows(one.hint.line) {
            let (first, end) = (row.offset, row.offset + u32::from(frame.size.columns));
            if one.hint.end <= first || end <= one.hint.start {
                continue;
            }
            let column = |cell: u32| u16::try_from(cell.clamp(first, end) - first).unwrap_or(0);
            cells.push(Highlight {
                row: index,
                start: column(one.hint.start),
                end: column(one.hint.end),
                background: rgb(color),
            });
        }
    }
    cells
}

/// Draws the labels that begin with what was typed.
pub(crate) fn draw(
    hints: &[Labelled],
    typed: &str,
    frame: &Frame,
    cells: CellArea,
    renderer: &mut Renderer,
    tokens: &Tokens,
) {
    let ground = rgb(tokens.accent);
    let text = readable(ground);
    let places = Places::new(frame);
    for one in hints.iter().filter(|one| one.label.starts_with(typed)) {
        let Some((row, column)) = places.of(one.hint.line, one.hint.start) else {
            continue;
        };
        let rest = one.label[typed.len()..].to_uppercase();
        let columns = u32::try_from(rest.chars().count()).unwrap_or(1);
        let last = u32::from(cells.size.columns).saturating_sub(columns);
        let at = Rect {
            x: cells.column_x(u32::from(column).min(last)),
            y: cells.row_y(row),
            width: columns * cells.cell_width,
            height: cells.cell_height,
        };
        renderer.draw_quad(at, [ground.r, ground.g, ground.b, 255]);
        let style = TextStyle {
            color: text,
            background: ground,
            bold: true,
            italic: false,
        };
        renderer.draw_text(at.x, at.y, &rest, style);
    }
}

/// A badge at the lower right corner of a pane: which mode it is in.
pub(crate) fn badge(text: &str, cells: CellArea, renderer: &mut Renderer, tokens: &Tokens) {
    let ground = rgb(tokens.accent);
    let text = format!(" {text} ");
    let columns = u32::try_from(text.chars().count()).unwrap_or(1);
    let at = Rect {
        x: cells.column_x(u32::from(cells.size.columns).saturating_sub(columns)),
        y: cells.row_y(cells.size.rows.saturating_sub(1)),
        width: columns.min(u32::from(cells.size.columns)) * cells.cell_width,
        height: cells.cell_height,
    };
    renderer.draw_quad(at, [ground.r, ground.g, ground.b, 255]);
    let style = TextStyle {
        color: readable(ground),
        background: ground,
        bold: true,
        italic: false,
    };
    renderer.draw_text(at.x, at.y, &text, style);
}

fn rgb(color: egui::Color32) -> Rgb {
    Rgb::new(color.r(), color.g(), color.b())
}

/// Black or white, whichever is read better.
fn readable(ground: Rgb) -> Rgb {
    let ground = config::Rgb::new(ground.r, ground.g, ground.b);
    let (black, white) = (config::Rgb::new(0, 0, 0), config::Rgb::new(255, 255, 255));
    if ground.contrast(black) >= ground.contrast(white) {
        Rgb::new(0, 0, 0)
    } else {
        Rgb::new(255, 255, 255)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n: usize, letters: &str, expected: &str) {
        assert_eq!(labels(n, letters).join(" "), expected);
    }

    #[test]
    fn labels_are_short_and_none_begins_another() {
        check(0, "abc", "");
        check(2, "abc", "a b");
        check(3, "abc", "a b c");
        check(4, "abc", "a b ca cb");
        check(6, "abc", "a ca cb cc ba bb");
        check(3, "AAbB", "a ba bb");
        check(2, "x", "a s");
        for n in [1, 9, 27, 100, 700, 2000] {
            let labels = labels(n, "asdfghjkl");
            assert_eq!(labels.len(), n);
            for (index, label) in labels.iter().enumerate() {
                let begins = |other: &String| other != label && other.starts_with(label.as_str());
                assert!(!labels.iter().any(begins), "{label}");
                assert!(!labels[..index].contains(label), "{label} twice");
            }
            assert!(labels.is_sorted_by_key(|label| label.len()));
        }
    }
}
