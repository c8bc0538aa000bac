//! Motions over the text of a terminal, as vi has them: words, lines, paragraphs, brackets, characters.
//!
//! Pure functions of rows of characters. Rows are numbered as [`Terminal::row_numbers`] does, so that a place
//! stays the same text while output scrolls. A logical line counts as one line; motions look at no more than
//! [`MAX_SCAN`] rows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::cell::CellWidth;
use crate::frame::FrameRow;
use crate::index::{Line, Point};
use crate::terminal::Terminal;

/// Rows that one motion looks at.
const MAX_SCAN: usize = 20_000;

/// A cell by its row's number and its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The row.
    pub row: u64,
    /// The column.
    pub column: u16,
}

impl Spot {
    /// A spot from its parts.
    pub const fn new(row: u64, column: u16) -> Self {
        Self { row, column }
    }
}

/// One row as motions see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowText {
    /// A character for each column; the second half of a wide one is NUL.
    pub cells: Vec<char>,
    /// Whether the logical line goes on in the next row.
    pub wrapped: bool,
}

/// Where rows come from.
pub trait Rows {
    /// The first row's number, and the one after the last row's.
    fn bounds(&self) -> (u64, u64);
    /// A row within the bounds.
    fn read(&self, row: u64) -> RowText;
}

impl Rows for Terminal {
    fn bounds(&self) -> (u64, u64) {
        self.row_numbers()
    }

    fn read(&self, row: u64) -> RowText {
        let mut frame_row = FrameRow::default();
        let Some(line) = self.line_of_row(row) else {
            return RowText::default();
        };
        if !self.read_row(line, &mut frame_row) {
            return RowText::default();
        }
        let cells = frame_row.cells.iter().map(|cell| match cell.width {
            CellWidth::Spacer => '\0',
            CellWidth::LeadingSpacer => ' ',
            CellWidth::Narrow | CellWidth::Wide => cell.character,
        });
        RowText {
            cells: cells.collect(),
            wrapped: frame_row.wrapped,
        }
    }
}

impl Terminal {
    /// The line that a row's number stands for now.
    pub fn line_of_row(&self, row: u64) -> Option<Line> {
        let (first, end) = self.row_numbers();
        if !(first..end).contains(&row) {
            return None;
        }
        let top = end - u64::from(self.size().rows);
        let line = i64::try_from(row).ok()? - i64::try_from(top).ok()?;
        Some(Line(i32::try_from(line).ok()?))
    }

    /// The spot of a point.
    pub fn spot(&self, point: Point) -> Spot {
        let (first, end) = self.row_numbers();
        let top = end - u64::from(self.size().rows);
        let row = top.saturating_add_signed(i64::from(point.line.0));
        Spot::new(row.clamp(first, end - 1), point.column.0)
    }

    /// The point of a spot, if its row is still there.
    pub fn point(&self, spot: Spot) -> Option<Point> {
        Some(Point::new(self.line_of_row(spot.row)?.0, spot.column))
    }
}

/// What a character is to word motions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// A row without text, which is a word to `w` and `b`.
    Empty,
    Blank,
    Word,
    Sign,
}

/// Whether words are what blanks divide, or what blanks and signs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordSize {
    /// Letters, digits and underscores, or signs: `w`, `b`, `e`.
    Small,
    /// Everything but blanks: `W`, `B`, `E`.
    Big,
}

/// A direction in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To newer rows, to the right.
    Forward,
    /// To older rows, to the left.
    Backward,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

/// A search for a character within a line: `f`, `F`, `t`, `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharSearch {
    /// The character.
    pub character: char,
    /// Which way.
    pub direction: Direction,
    /// Stop before it.
    pub till: bool,
}

/// Rows with those read already.
pub struct Text<'a> {
    rows: &'a dyn Rows,
    read: RefCell<HashMap<u64, Rc<RowText>>>,
}

impl<'a> Text<'a> {
    /// The text of these rows.
    pub fn new(rows: &'a dyn Rows) -> Self {
        Self {
            rows,
            read: RefCell::default(),
        }
    }

    fn row(&self, row: u64) -> Rc<RowText> {
        let mut read = self.read.borrow_mut();
        if read.len() > 1024 {
            read.clear();
        }
        let entry = read
            .entry(row)
            .or_insert_with(|| Rc::new(self.rows.read(row)));
        Rc::clone(entry)
    }

    /// The first and the last row.
    pub fn bounds(&self) -> (u64, u64) {
        let (first, end) = self.rows.bounds();
        (first, end.saturating_sub(1).max(first))
    }

    /// Columns of a row up to its last character; all if the line goes on.
    pub fn len(&self, row: u64) -> u16 {
        let text = self.row(row);
        let length = if text.wrapped {
            text.cells.len()
        } else {
            let last = text.cells.iter().rposition(|c| !matches!(c, ' ' | '\t'));
            last.map_or(0, |last| last + 1)
        };
        u16::try_from(length).unwrap_or(u16::MAX)
    }

    /// The character at a spot; a blank where there is none.
    pub fn character(&self, spot: Spot) -> char {
        let row = self.row(spot.row);
        row.cells
            .get(usize::from(spot.column))
            .copied()
            .unwrap_or(' ')
    }

    /// The spot itself, or the first half of the wide character there, within the row's text.
    pub fn settle(&self, spot: Spot) -> Spot {
        let (first, last) = self.bounds();
        let row = spot.row.clamp(first, last);
        let mut column = spot.column.min(self.len(row).saturating_sub(1));
        if column > 0 && self.character(Spot::new(row, column)) == '\0' {
            column -= 1;
        }
        Spot::new(row, column)
    }

    fn class(&self, spot: Spot, size: WordSize) -> Class {
        if self.len(spot.row) == 0 {
            return Class::Empty;
        }
        match self.character(spot) {
            c if c.is_whitespace() => Class::Blank,
            _ if size == WordSize::Big => Class::Word,
            c if c.is_alphanumeric() || c == '_' => Class::Word,
            _ => Class::Sign,
        }
    }

    /// The next spot in reading order, and whether a line ended between.
    fn next(&self, spot: Spot) -> Option<(Spot, bool)> {
        let mut column = spot.column + 1;
        while self.character(Spot::new(spot.row, column)) == '\0' {
            column += 1;
        }
        if column < self.len(spot.row) {
            return Some((Spot::new(spot.row, column), false));
        }
        let (_, last) = self.bounds();
        (spot.row < last).then(|| (Spot::new(spot.row + 1, 0), !self.row(spot.row).wrapped))
    }

    /// The spot before in reading order, and whether a line ended between.
    fn previous(&self, spot: Spot) -> Option<(Spot, bool)> {
        if spot.column > 0 {
            return Some((self.settle(Spot::new(spot.row, spot.column - 1)), false));
        }
        let (first, _) = self.bounds();
        let above = spot.row.checked_sub(1).filter(|row| *row >= first)?;
        let end = self.len(above).saturating_sub(1);
        Some((self.settle(Spot::new(above, end)), !self.row(above).wrapped))
    }

    fn step(&self, spot: Spot, direction: Direction) -> Option<(Spot, bool)> {
        match direction {
            Direction::Forward => self.next(spot),
            Direction::Backward => self.previous(spot),
        }
    }

    /// `h`, `l`: by characters within the line.
    pub fn by_character(&self, spot: Spot, direction: Direction, count: usize) -> Spot {
        let mut spot = self.settle(spot);
        for _ in 0..count.min(MAX_SCAN) {
            match self.step(spot, direction) {
                Some((next, false)) => spot = next,
                _ => break,
            }
        }
        spot
    }

    /// `w`, `W`: to the beginning of the next word.
    pub fn word_forward(&self, spot: Spot, size: WordSize) -> Spot {
        let start = self.class(spot, size);
        let mut left = matches!(start, Class::Blank | Class::Empty);
        let mut here = spot;
        let mut scanned = 0;
        while let Some((next, broke)) = self.next(here) {
            let class = self.class(next, size);
            if broke && class == Class::Empty {
                return next;
            }
            left |= broke || class != start;
            if left && matches!(class, Class::Word | Class::Sign) {
                return next;
            }
            here = next;
            scanned += usize::from(next.row != spot.row);
            if scanned > MAX_SCAN * 100 {
                break;
            }
        }
        here
    }

    /// `e`, `E`: to the end of this word, or of the next.
    pub fn word_end(&self, spot: Spot, size: WordSize) -> Spot {
        let mut here = spot;
        // Off the end of this word, and over blanks.
        loop {
            let Some((next, _)) = self.next(here) else {
                return here;
            };
            here = next;
            if matches!(self.class(here, size), Class::Word | Class::Sign) {
                break;
            }
        }
        let class = self.class(here, size);
        while let Some((next, false)) = self.next(here) {
            if self.class(next, size) != class {
                break;
            }
            here = next;
        }
        here
    }

    /// `b`, `B`: to the beginning of this word, or of the one before.
    pub fn word_backward(&self, spot: Spot, size: WordSize) -> Spot {
        let mut here = spot;
        loop {
            let Some((before, _)) = self.previous(here) else {
                return here;
            };
            here = before;
            match self.class(here, size) {
                Class::Empty => return here,
                Class::Word | Class::Sign => break,
                Class::Blank => {}
            }
        }
        let class = self.class(here, size);
        while let Some((before, false)) = self.previous(here) {
            if self.class(before, size) != class {
                break;
            }
            here = before;
        }
        here
    }

    /// `ge`, `gE`: to the end of the word before.
    pub fn word_end_backward(&self, spot: Spot, size: WordSize) -> Spot {
        let start = self.class(spot, size);
        let mut here = spot;
        let mut left = matches!(start, Class::Blank | Class::Empty);
        loop {
            let Some((before, broke)) = self.previous(here) else {
                return here;
            };
            here = before;
            let class = self.class(here, size);
            left |= broke || class != start;
            match class {
                Class::Empty => return here,
                Class::Word | Class::Sign if left => return here,
                Class::Word | Class::Sign | Class::Blank => {}
            }
        }
    }

    /// The character before a spot, of this line or of the one above.
    pub fn before(&self, spot: Spot) -> Option<Spot> {
        self.previous(spot).map(|(before, _)| before)
    }

    /// First and last row of the logical line that a row is part of.
    pub fn line(&self, row: u64) -> (u64, u64) {
        let (first, last) = self.bounds();
        let (mut start, mut end) = (row, row);
        while start > first && self.row(start - 1).wrapped {
            start -= 1;
        }
        while end < last && self.row(end).wrapped {
            end += 1;
        }
        (start, end)
    }

    /// `0`: to the beginning of the line.
    pub fn line_start(&self, spot: Spot) -> Spot {
        Spot::new(self.line(spot.row).0, 0)
    }

    /// `$`: to the end of the line.
    pub fn line_end(&self, spot: Spot) -> Spot {
        let row = self.line(spot.row).1;
        self.settle(Spot::new(row, self.len(row).saturating_sub(1)))
    }

    /// `^`: to the first character of the line that is no blank.
    pub fn line_text(&self, spot: Spot) -> Spot {
        let start = self.line_start(spot);
        let mut here = start;
        while self.character(here).is_whitespace() {
            match self.next(here) {
                Some((next, false)) => here = next,
                _ => return start,
            }
        }
        here
    }

    /// `{`, `}`: to the empty row before or after this paragraph.
    pub fn paragraph(&self, spot: Spot, direction: Direction) -> Spot {
        let (first, last) = self.bounds();
        let end = match direction {
            Direction::Forward => last,
            Direction::Backward => first,
        };
        let mut row = spot.row;
        // From within a run of empty rows the next one after some text counts.
        let mut empty = self.len(row) == 0;
        for _ in 0..MAX_SCAN {
            if row == end {
                break;
            }
            row = match direction {
                Direction::Forward => row + 1,
                Direction::Backward => row - 1,
            };
            let is_empty = self.len(row) == 0;
            if is_empty && !empty {
                break;
            }
            empty &= is_empty;
        }
        let column = if direction == Direction::Forward && self.len(row) > 0 {
            self.len(row) - 1
        } else {
            0
        };
        self.settle(Spot::new(row, column))
    }

    /// `%`: to the bracket that belongs to the one here, or to the next one in the line.
    pub fn bracket(&self, spot: Spot) -> Option<Spot> {
        const PAIRS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];
        let mut here = spot;
        let (open, close, direction) = loop {
            let c = self.character(here);
            let opens = PAIRS.iter().find(|pair| pair.0 == c);
            let closes = PAIRS.iter().find(|pair| pair.1 == c);
            match (opens, closes) {
                (Some(pair), _) => break (pair.0, pair.1, Direction::Forward),
                (_, Some(pair)) => break (pair.1, pair.0, Direction::Backward),
                _ => here = self.next(here).filter(|(_, broke)| !broke)?.0,
            }
        };
        let from = here.row;
        let mut depth = 1;
        while let Some((next, _)) = self.step(here, direction) {
            here = next;
            if here.row.abs_diff(from) > MAX_SCAN as u64 {
                return None;
            }
            let c = self.character(here);
            if c == close {
                depth -= 1;
            } else if c == open {
                depth += 1;
            }
            if depth == 0 {
                return Some(here);
            }
        }
        None
    }

    /// `f`, `F`, `t`, `T`: to the `count`th such character in the line. Repeated, a search that stops before
    /// its character does not find the one it stands before.
    pub fn find(&self, spot: Spot, search: CharSearch, count: usize, again: bool) -> Option<Spot> {
        let mut here = spot;
        if again && search.till {
            here = self.step(here, search.direction)?.0;
        }
        let mut left = count.max(1);
        loop {
            let (next, broke) = self.step(here, search.direction)?;
            if broke {
                return None;
            }
            let before = std::mem::replace(&mut here, next);
            if self.character(here) == search.character {
                left -= 1;
                if left == 0 {
                    return Some(if search.till { before } else { here });
                }
            }
        }
    }

    /// The word at a spot, or the next one in the line.
    pub fn word_at(&self, spot: Spot) -> Option<String> {
        let is_word = |spot| self.class(spot, WordSize::Small) == Class::Word;
        let mut here = self.settle(spot);
        while !is_word(here) {
            here = self.next(here).filter(|(_, broke)| !broke)?.0;
        }
        while let Some((before, false)) = self.previous(here) {
            if !is_word(before) {
                break;
            }
            here = before;
        }
        let mut word = String::from(self.character(here));
        while let Some((next, false)) = self.next(here) {
            if !is_word(next) {
                break;
            }
            here = next;
            word.push(self.character(here));
        }
        Some(word)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Rows from text: a line that ends with `\` goes on in the next row.
    pub(crate) struct Sample(Vec<RowText>);

    impl Sample {
        pub(crate) fn new(text: &str) -> Self {
            let rows = text.split('\n').map(|line| {
                let (line, wrapped) = match line.strip_suffix('\\') {
                    Some(line) => (line, true),
                    None => (line, false),
                };
                let mut cells: Vec<char> = Vec::new();
                for character in line.chars() {
                    cells.push(character);
                    if ('\u{2e80}'..'\u{a000}').contains(&character) {
                        cells.push('\0');
                    }
                }
                if !wrapped {
                    cells.resize(40, ' ');
                }
                RowText { cells, wrapped }
            });
            Self(rows.collect())
        }
    }

    impl Rows for Sample {
        fn bounds(&self) -> (u64, u64) {
            (100, 100 + self.0.len() as u64)
        }

        fn read(&self, row: u64) -> RowText {
            self.0[usize::try_from(row - 100).unwrap()].clone()
        }
    }

    const TEXT: &str =
        "fn main() {\n    let x = foo.bar(1);\n\n  wrapped wo\\\nrd here\n中文 end\n}";

    /// Where a motion goes again and again, as `row:column`, until it stays.
    #[track_caller]
    fn check(from: (u64, u16), motion: impl Fn(&Text<'_>, Spot) -> Spot, expected: &str) {
        let sample = Sample::new(TEXT);
        let text = Text::new(&sample);
        let mut spot = Spot::new(100 + from.0, from.1);
        let mut path = Vec::new();
        loop {
            let next = motion(&text, spot);
            if next == spot {
                break;
            }
            path.push(format!("{}:{}", next.row - 100, next.column));
            spot = next;
        }
        assert_eq!(path.join(" "), expected);
    }

    #[test]
    fn words() {
        let small = WordSize::Small;
        check(
            (0, 0),
            |text, spot| text.word_forward(spot, small),
            "0:3 0:7 0:10 1:4 1:8 1:10 1:12 1:15 1:16 1:19 1:20 1:21 2:0 3:2 3:10 4:3 5:0 5:5 6:0",
        );
        check(
            (0, 0),
            |text, spot| text.word_forward(spot, WordSize::Big),
            "0:3 0:10 1:4 1:8 1:10 1:12 2:0 3:2 3:10 4:3 5:0 5:5 6:0",
        );
        check(
            (6, 0),
            |text, spot| text.word_backward(spot, WordSize::Big),
            "5:5 5:0 4:3 3:10 3:2 2:0 1:12 1:10 1:8 1:4 0:10 0:3 0:0",
        );
        check(
            (6, 0),
            |text, spot| text.word_end_backward(spot, WordSize::Big),
            "5:7 5:2 4:6 4:1 3:8 2:0 1:22 1:10 1:8 1:6 0:10 0:8 0:1 0:0",
        );
        check(
            (1, 14),
            |text, spot| text.word_end_backward(spot, small),
            "1:10 1:8 1:6 0:10 0:8 0:6 0:1 0:0",
        );
        check(
            (0, 0),
            |text, spot| text.word_end(spot, small),
            "0:1 0:6 0:8 0:10 1:6 1:8 1:10 1:14 1:15 1:18 1:19 1:20 1:22 3:8 4:1 4:6 5:2 5:7 6:0",
        );
    }

    #[test]
    fn lines_go_over_soft_wraps() {
        let sample = Sample::new(TEXT);
        let text = Text::new(&sample);
        let spot = |row, column| Spot::new(100_u64 + row, column);
        assert_eq!(text.line_start(spot(4, 3)), spot(3, 0));
        assert_eq!(text.line_text(spot(4, 3)), spot(3, 2));
        assert_eq!(text.line_end(spot(3, 3)), spot(4, 6));
        assert_eq!(text.line_end(spot(2, 0)), spot(2, 0));
        assert_eq!(
            text.by_character(spot(3, 11), Direction::Forward, 1),
            spot(4, 0)
        );
        assert_eq!(
            text.by_character(spot(4, 0), Direction::Backward, 2),
            spot(3, 10)
        );
        assert_eq!(
            text.by_character(spot(0, 10), Direction::Forward, 5),
            spot(0, 10)
        );
        assert_eq!(
            text.by_character(spot(5, 0), Direction::Forward, 1),
            spot(5, 2),
            "wide"
        );
        assert_eq!(
            text.by_character(spot(5, 2), Direction::Backward, 1),
            spot(5, 0),
            "wide"
        );
    }

    #[test]
    fn paragraphs_end_at_empty_rows() {
        check(
            (0, 0),
            |text, spot| text.paragraph(spot, Direction::Forward),
            "2:0 6:0",
        );
        check(
            (1, 4),
            |text, spot| text.paragraph(spot, Direction::Forward),
            "2:0 6:0",
        );
        check(
            (6, 0),
            |text, spot| text.paragraph(spot, Direction::Backward),
            "2:0 0:0",
        );
    }

    #[test]
    fn brackets_and_characters() {
        let sample = Sample::new(TEXT);
        let text = Text::new(&sample);
        let spot = |row, column| Spot::new(100_u64 + row, column);
        assert_eq!(
            text.bracket(spot(0, 0)),
            Some(spot(0, 8)),
            "the next in the line"
        );
        assert_eq!(text.bracket(spot(0, 10)), Some(spot(6, 0)));
        assert_eq!(text.bracket(spot(6, 0)), Some(spot(0, 10)));
        assert_eq!(text.bracket(spot(5, 0)), None);
        let search = |character, direction, till| CharSearch {
            character,
            direction,
            till,
        };
        let forward = search('o', Direction::Forward, false);
        assert_eq!(text.find(spot(1, 0), forward, 2, false), Some(spot(1, 14)));
        let till = search('r', Direction::Forward, true);
        assert_eq!(
            text.find(spot(3, 4), till, 1, false),
            Some(spot(3, 11)),
            "over a wrap"
        );
        assert_eq!(text.find(spot(3, 11), till, 1, true), Some(spot(4, 4)));
        let back = search('w', Direction::Backward, false);
        assert_eq!(text.find(spot(4, 6), back, 2, false), Some(spot(3, 2)));
        assert_eq!(
            text.find(spot(0, 0), search('z', Direction::Forward, false), 1, false),
            None
        );
    }

    #[test]
    fn the_word_under_the_cursor() {
        let sample = Sample::new(TEXT);
        let text = Text::new(&sample);
        let word = |row, column| text.word_at(Spot::new(100_u64 + row, column));
        assert_eq!(word(4, 0).as_deref(), Some("word"));
        assert_eq!(word(1, 0).as_deref(), Some("let"));
        assert_eq!(word(6, 0), None);
    }

    #[test]
    fn spots_stay_with_their_text() {
        let mut terminal = crate::testing::sized(10, 3);
        crate::testing::feed(&mut terminal, "one\r\ntwo\r\nthree");
        let spot = terminal.spot(Point::new(1, 1));
        crate::testing::feed(&mut terminal, "\r\nfour\r\nfive");
        assert_eq!(terminal.point(spot), Some(Point::new(-1, 1)));
        assert_eq!(Text::new(&terminal).word_at(spot).as_deref(), Some("two"));
        assert_eq!(terminal.point(Spot::new(9, 0)), None);
    }
}
