//! Copy mode: a cursor that the keyboard moves over the screen and the scrollback, as in vi, or with plain
//! keys.
//!
//! Only state and motions are here. The caller hands over keys and what is seen, shows the cursor and the
//! selection, and does what an [`Outcome`] says.

use std::collections::BTreeMap;

use crate::motion::{CharSearch, Direction, Spot, Text, WordSize};

/// The largest count that can be typed.
const MAX_COUNT: usize = 1_000_000;

/// A key as copy mode sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyKey {
    /// A character as typed, shift included.
    Char(char),
    /// A letter with control held.
    Ctrl(char),
    /// A key that is no character, with what is held.
    Named {
        /// Which key.
        key: CopyNamed,
        /// Whether shift is held: it extends the selection.
        shift: bool,
        /// Whether control is held.
        ctrl: bool,
    },
}

/// A key that is no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyNamed {
    /// Escape.
    Escape,
    /// Enter.
    Enter,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// To the beginning of the line; with control, of everything.
    Home,
    /// To the end of the line; with control, of everything.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// How the selection grows from where it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visual {
    /// By characters: `v`.
    Character,
    /// By lines: `V`.
    Line,
    /// As a rectangle: control and `v`.
    Block,
}

/// What the caller is to do after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Show the cursor and the selection where they are now.
    Moved,
    /// Nothing: the key is the beginning of a command, or has no meaning.
    Nothing,
    /// End copy mode.
    Leave,
    /// Copy the selection and end copy mode.
    Copy,
    /// Ask what to search for, and go there.
    Search(Direction),
    /// Go to the next match in the direction of the search, or against it.
    SearchAgain {
        /// In the search's own direction: `n`, not `N`.
        same_way: bool,
    },
    /// Search for this as a whole word.
    SearchWord(String, Direction),
    /// Go to the prompt before or after.
    Prompt(Direction),
}

/// The rows that are seen: the first one's number, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The first row.
    pub first: u64,
    /// How many rows.
    pub rows: u16,
}

/// A command of which more keys are awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    Find { direction: Direction, till: bool },
    Go,
    SetMark,
    GoToMark { line: bool },
}

/// What a motion takes of the text between its two ends when something is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// All but the character at the later end.
    Exclusive,
    /// Both ends.
    Inclusive,
    /// Whole lines.
    Lines,
}

/// The state of copy mode.
#[derive(Clone, Debug)]
pub struct CopyMode {
    cursor: Spot,
    /// The column that vertical motions aim for.
    goal: Option<u16>,
    visual: Option<(Visual, Spot)>,
    /// The selection was begun by shift, and ends with the first motion without it.
    by_shift: bool,
    count: usize,
    pending: Option<Pending>,
    /// A yank that waits for its motion, with the count before it.
    yank: Option<usize>,
    last_find: Option<CharSearch>,
    marks: BTreeMap<char, Spot>,
}

impl CopyMode {
    /// Copy mode with its cursor at a spot.
    pub fn new(cursor: Spot) -> Self {
        Self {
            cursor,
            goal: None,
            visual: None,
            by_shift: false,
            count: 0,
            pending: None,
            yank: None,
            last_find: None,
            marks: BTreeMap::new(),
        }
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Spot {
        self.cursor
    }

    /// Puts the cursor somewhere: a match, a prompt.
    pub fn set_cursor(&mut self, spot: Spot) {
        self.cursor = spot;
        self.goal = None;
    }

    /// How and from where the selection grows, if there is one.
    pub fn visual(&self) -> Option<(Visual, Spot)> {
        self.visual
    }

    /// The count typed so far and the command begun, for a badge: `12y`.
    pub fn typed(&self) -> String {
        let mut typed = String::new();
        if let Some(count) = self.yank {
            if count > 0 {
                typed.push_str(&count.to_string());
            }
            typed.push('y');
        }
        if self.count > 0 {
            typed.push_str(&self.count.to_string());
        }
        typed.push_str(match self.pending {
            None => "",
            Some(Pending::Find { direction, till }) => match (direction, till) {
                (Direction::Forward, false) => "f",
                (Direction::Forward, true) => "t",
                (Direction::Backward, false) => "F",
                (Direction::Backward, true) => "T",
            },
            Some(Pending::Go) => "g",
            Some(Pending::SetMark) => "m",
            Some(Pending::GoToMark { line: true }) => "'",
            Some(Pending::GoToMark { line: false }) => "`",
        });
        typed
    }

    /// What a key does.
    pub fn key(&mut self, key: CopyKey, text: &Text<'_>, seen: Seen) -> Outcome {
        let Some(count) = self.yank else {
            return self.press(key, text, seen);
        };
        let pending = self.pending;
        if pending.is_none() {
            if self.is_digit(key) {
                return self.press(key, text, seen);
            }
            self.count = times(count, self.count);
            self.yank = Some(0);
            if key == CopyKey::Char('y') {
                self.yank = None;
                let count = std::mem::take(&mut self.count).max(1);
                return self.yank_lines(count, text);
            }
        }
        let reach = self.reach(pending, key);
        let from = self.cursor;
        let outcome = self.press(key, text, seen);
        if outcome == Outcome::Moved && self.pending.is_some() {
            return outcome;
        }
        self.yank = None;
        match (reach, outcome) {
            (Some(reach), Outcome::Moved) => self.finish_yank(from, reach, key, text),
            // Escape ends the yank before it ends the mode.
            (_, Outcome::Leave) => Outcome::Moved,
            (_, outcome) => outcome,
        }
    }

    /// What a motion reaches; `None` for keys that are none.
    fn reach(&self, pending: Option<Pending>, key: CopyKey) -> Option<Reach> {
        let find = |direction| match direction {
            Direction::Forward => Reach::Inclusive,
            Direction::Backward => Reach::Exclusive,
        };
        Some(match (pending, key) {
            (Some(Pending::Find { direction, .. }), CopyKey::Char(_)) => find(direction),
            (Some(Pending::Go), CopyKey::Char('g')) => Reach::Lines,
            (Some(Pending::Go), CopyKey::Char('_' | 'e' | 'E')) => Reach::Inclusive,
            (Some(Pending::GoToMark { line: true }), CopyKey::Char(_)) => Reach::Lines,
            (Some(Pending::GoToMark { line: false }), CopyKey::Char(_)) => Reach::Exclusive,
            (Some(_), _) => return None,
            (None, CopyKey::Char(';')) => find(self.last_find?.direction),
            (None, CopyKey::Char(',')) => find(self.last_find?.direction.reversed()),
            (None, CopyKey::Char('e' | 'E' | '$' | '%')) => Reach::Inclusive,
            (None, CopyKey::Char('j' | 'k' | '+' | '-' | 'G' | 'H' | 'M' | 'L')) => Reach::Lines,
            (None, CopyKey::Ctrl('u' | 'd' | 'b' | 'f')) => Reach::Lines,
            (None, CopyKey::Char(key)) if "hl wWbB0^_{}|".contains(key) => Reach::Exclusive,
            // What only begins a motion ends somewhere else.
            (None, CopyKey::Char(_) | CopyKey::Ctrl(_)) => return None,
            (None, CopyKey::Named { shift: true, .. }) => return None,
            (None, CopyKey::Named { key, ctrl, .. }) => match (key, ctrl) {
                (CopyNamed::Escape | CopyNamed::Enter, _) => return None,
                (CopyNamed::End, false) => Reach::Inclusive,
                (CopyNamed::Left | CopyNamed::Right, _) | (CopyNamed::Home, false) => {
                    Reach::Exclusive
                }
                (CopyNamed::Up | CopyNamed::Down, true) => Reach::Exclusive,
                _ => Reach::Lines,
            },
        })
    }

    /// Selects what lies between the cursor and where it was, and has it copied.
    fn finish_yank(&mut self, from: Spot, reach: Reach, key: CopyKey, text: &Text<'_>) -> Outcome {
        let (low, high) = (from.min(self.cursor), from.max(self.cursor));
        if reach == Reach::Lines {
            self.visual = Some((Visual::Line, from));
            return Outcome::Copy;
        }
        // A character that was not found moves nothing, and nothing is to be copied then.
        let found = low != high || matches!(key, CopyKey::Char('e' | 'E' | '$'));
        let end = match reach {
            Reach::Exclusive => text.before(high).filter(|_| low != high),
            Reach::Inclusive | Reach::Lines => Some(high).filter(|_| found),
        };
        let Some(end) = end else {
            return Outcome::Moved;
        };
        // The last word of a line is taken without the blanks before the next one.
        let by_word = matches!(key, CopyKey::Char('w' | 'W'));
        let line_end = text.line_end(low);
        self.visual = Some((Visual::Character, low));
        self.cursor = if by_word && end > line_end {
            line_end
        } else {
            end
        };
        Outcome::Copy
    }

    /// Whether a key is a digit of a count.
    fn is_digit(&self, key: CopyKey) -> bool {
        matches!(key, CopyKey::Char(digit @ '0'..='9') if digit != '0' || self.count > 0)
    }

    fn press(&mut self, key: CopyKey, text: &Text<'_>, seen: Seen) -> Outcome {
        if let Some(pending) = self.pending.take() {
            return self.finish(pending, key, text);
        }
        if let CopyKey::Char(digit) = key
            && self.is_digit(key)
        {
            let digit = usize::try_from(u32::from(digit) - u32::from('0')).unwrap_or(0);
            self.count = (self.count * 10 + digit).min(MAX_COUNT);
            return Outcome::Moved;
        }
        let given = std::mem::take(&mut self.count);
        match key {
            CopyKey::Char(character) => self.character(character, given, text, seen),
            CopyKey::Ctrl(letter) => self.control(letter, given, text, seen),
            CopyKey::Named { key, shift, ctrl } => self.named(key, shift, ctrl, given, text, seen),
        }
    }

    fn character(&mut self, key: char, given: usize, text: &Text<'_>, seen: Seen) -> Outcome {
        use Direction::{Backward, Forward};
        let count = given.max(1);
        let cursor = self.cursor;
        match key {
            'h' => self.go(text.by_character(cursor, Backward, count)),
            'l' | ' ' => self.go(text.by_character(cursor, Forward, count)),
            'j' | '+' => self.rows(text, Forward, count),
            'k' | '-' => self.rows(text, Backward, count),
            'w' | 'W' => self.repeat(count, |spot| text.word_forward(spot, size(key))),
            'b' | 'B' => self.repeat(count, |spot| text.word_backward(spot, size(key))),
            'e' | 'E' => self.repeat(count, |spot| text.word_end(spot, size(key))),
            '0' => self.go(text.line_start(cursor)),
            '^' | '_' => self.go(text.line_text(cursor)),
            '$' => self.go(text.line_end(cursor)),
            '|' => {
                let column = u16::try_from(count - 1).unwrap_or(u16::MAX);
                self.go(text.settle(Spot::new(cursor.row, column)))
            }
            '{' => self.repeat(count, |spot| text.paragraph(spot, Backward)),
            '}' => self.repeat(count, |spot| text.paragraph(spot, Forward)),
            '%' => self.go(text.bracket(cursor).unwrap_or(cursor)),
            'G' => self.go_to_row(given, text, text.bounds().1),
            'H' => self.see(text, seen, u64::try_from(count - 1).unwrap_or(0)),
            'M' => self.see(text, seen, u64::from(seen.rows.saturating_sub(1) / 2)),
            'L' => {
                let up = u64::try_from(count).unwrap_or(u64::MAX);
                self.see(text, seen, u64::from(seen.rows).saturating_sub(up))
            }
            ';' | ',' => self.find_again(key == ',', count, text),
            'f' => self.wait(
                given,
                Pending::Find {
                    direction: Forward,
                    till: false,
                },
            ),
            'F' => self.wait(
                given,
                Pending::Find {
                    direction: Backward,
                    till: false,
                },
            ),
            't' => self.wait(
                given,
                Pending::Find {
                    direction: Forward,
                    till: true,
                },
            ),
            'T' => self.wait(
                given,
                Pending::Find {
                    direction: Backward,
                    till: true,
                },
            ),
            'g' => self.wait(given, Pending::Go),
            'm' => self.wait(0, Pending::SetMark),
            '\'' => self.wait(0, Pending::GoToMark { line: true }),
            '`' => self.wait(0, Pending::GoToMark { line: false }),
            'v' => self.select(Visual::Character),
            'V' => self.select(Visual::Line),
            'o' => self.swap(),
            'y' if self.visual.is_some() => Outcome::Copy,
            'y' => {
                self.yank = Some(given);
                Outcome::Moved
            }
            'Y' => self.yank_lines(count, text),
            '/' => Outcome::Search(Forward),
            '?' => Outcome::Search(Backward),
            'n' => Outcome::SearchAgain { same_way: true },
            'N' => Outcome::SearchAgain { same_way: false },
            '*' => self.search_word(text, Forward),
            '#' => self.search_word(text, Backward),
            '[' => Outcome::Prompt(Backward),
            ']' => Outcome::Prompt(Forward),
            'q' | 'i' => Outcome::Leave,
            _ => Outcome::Nothing,
        }
    }

    fn control(&mut self, letter: char, given: usize, text: &Text<'_>, seen: Seen) -> Outcome {
        use Direction::{Backward, Forward};
        let page = usize::from(seen.rows.max(1));
        let half = (page / 2).max(1);
        let count = given.max(1);
        match letter {
            'u' => self.rows(text, Backward, half * count),
            'd' => self.rows(text, Forward, half * count),
            'b' => self.rows(text, Backward, page * count),
            'f' => self.rows(text, Forward, page * count),
            'v' => self.select(Visual::Block),
            'c' => Outcome::Leave,
            _ => Outcome::Nothing,
        }
    }

    fn named(
        &mut self,
        key: CopyNamed,
        shift: bool,
        ctrl: bool,
        given: usize,
        text: &Text<'_>,
        seen: Seen,
    ) -> Outcome {
        use Direction::{Backward, Forward};
        match key {
            CopyNamed::Escape if self.visual.is_some() || given > 0 => {
                self.visual = None;
                self.by_shift = false;
                return Outcome::Moved;
            }
            CopyNamed::Escape => return Outcome::Leave,
            CopyNamed::Enter if self.visual.is_some() => return Outcome::Copy,
            CopyNamed::Enter => return Outcome::Leave,
            _ => {}
        }
        match (shift, self.by_shift, self.visual) {
            (true, _, None) => {
                self.visual = Some((Visual::Character, self.cursor));
                self.by_shift = true;
            }
            (false, true, _) => {
                self.visual = None;
                self.by_shift = false;
            }
            _ => {}
        }
        let page = usize::from(seen.rows.max(1));
        let count = given.max(1);
        let cursor = self.cursor;
        let (first, last) = text.bounds();
        match (key, ctrl) {
            (CopyNamed::Left, true) => {
                self.repeat(count, |spot| text.word_backward(spot, WordSize::Small))
            }
            (CopyNamed::Right, true) => {
                self.repeat(count, |spot| text.word_forward(spot, WordSize::Small))
            }
            (CopyNamed::Up, true) => self.repeat(count, |spot| text.paragraph(spot, Backward)),
            (CopyNamed::Down, true) => self.repeat(count, |spot| text.paragraph(spot, Forward)),
            (CopyNamed::Left, false) => self.go(text.by_character(cursor, Backward, count)),
            (CopyNamed::Right, false) => self.go(text.by_character(cursor, Forward, count)),
            (CopyNamed::Up, false) => self.rows(text, Backward, count),
            (CopyNamed::Down, false) => self.rows(text, Forward, count),
            (CopyNamed::Home, true) => self.go_to_row(0, text, first),
            (CopyNamed::End, true) => self.go_to_row(0, text, last),
            (CopyNamed::Home, false) => self.go(text.line_start(cursor)),
            (CopyNamed::End, false) => self.go(text.line_end(cursor)),
            (CopyNamed::PageUp, _) => self.rows(text, Backward, page * count),
            (CopyNamed::PageDown, _) => self.rows(text, Forward, page * count),
            (CopyNamed::Escape | CopyNamed::Enter, _) => Outcome::Nothing,
        }
    }

    /// The second key of a command.
    fn finish(&mut self, pending: Pending, key: CopyKey, text: &Text<'_>) -> Outcome {
        let given = std::mem::take(&mut self.count);
        let CopyKey::Char(character) = key else {
            return Outcome::Moved;
        };
        match pending {
            Pending::Find { direction, till } => {
                let search = CharSearch {
                    character,
                    direction,
                    till,
                };
                self.last_find = Some(search);
                let found = text.find(self.cursor, search, given, false);
                self.go(found.unwrap_or(self.cursor))
            }
            Pending::Go => match character {
                'g' => self.go_to_row(given, text, text.bounds().0),
                '_' => self.go(text.line_end(self.cursor)),
                'e' | 'E' => self.repeat(given.max(1), |spot| {
                    text.word_end_backward(spot, size(character))
                }),
                _ => Outcome::Moved,
            },
            Pending::SetMark => {
                if character.is_alphabetic() {
                    self.marks.insert(character, self.cursor);
                }
                Outcome::Moved
            }
            Pending::GoToMark { line } => match self.marks.get(&character) {
                Some(&mark) if line => {
                    let start = text.settle(Spot::new(mark.row, 0));
                    self.go(text.line_text(start))
                }
                Some(&mark) => self.go(text.settle(mark)),
                None => Outcome::Moved,
            },
        }
    }

    fn wait(&mut self, given: usize, pending: Pending) -> Outcome {
        self.count = given;
        self.pending = Some(pending);
        Outcome::Moved
    }

    fn go(&mut self, spot: Spot) -> Outcome {
        self.cursor = spot;
        self.goal = None;
        Outcome::Moved
    }

    fn repeat(&mut self, count: usize, motion: impl Fn(Spot) -> Spot) -> Outcome {
        for _ in 0..count {
            let next = motion(self.cursor);
            if next == self.cursor {
                break;
            }
            self.cursor = next;
        }
        self.goal = None;
        Outcome::Moved
    }

    /// Up or down, keeping the column as far as rows are long enough.
    fn rows(&mut self, text: &Text<'_>, direction: Direction, count: usize) -> Outcome {
        let goal = self.goal.unwrap_or(self.cursor.column);
        let (first, last) = text.bounds();
        let by = u64::try_from(count).unwrap_or(u64::MAX);
        let row = match direction {
            Direction::Forward => self.cursor.row.saturating_add(by).min(last),
            Direction::Backward => self.cursor.row.saturating_sub(by).max(first),
        };
        self.cursor = text.settle(Spot::new(row, goal));
        self.goal = Some(goal);
        Outcome::Moved
    }

    /// To a row by its number from 1, or to `otherwise`.
    fn go_to_row(&mut self, given: usize, text: &Text<'_>, otherwise: u64) -> Outcome {
        let (first, last) = text.bounds();
        let row = match u64::try_from(given) {
            Ok(given @ 1..) => (first + given - 1).min(last),
            _ => otherwise,
        };
        let column = self.cursor.column;
        self.go(text.settle(Spot::new(row, column)))
    }

    fn see(&mut self, text: &Text<'_>, seen: Seen, row: u64) -> Outcome {
        let row = row.min(u64::from(seen.rows.saturating_sub(1)));
        let spot = text.settle(Spot::new(seen.first + row, 0));
        self.go(text.settle(Spot::new(spot.row, self.cursor.column)))
    }

    fn find_again(&mut self, reversed: bool, count: usize, text: &Text<'_>) -> Outcome {
        let Some(mut search) = self.last_find else {
            return Outcome::Nothing;
        };
        if reversed {
            search.direction = search.direction.reversed();
        }
        let found = text.find(self.cursor, search, count, true);
        self.go(found.unwrap_or(self.cursor))
    }

    fn select(&mut self, visual: Visual) -> Outcome {
        self.by_shift = false;
        self.visual = match self.visual {
            Some((now, _)) if now == visual => None,
            Some((_, anchor)) => Some((visual, anchor)),
            None => Some((visual, self.cursor)),
        };
        Outcome::Moved
    }

    fn swap(&mut self) -> Outcome {
        if let Some((_, anchor)) = &mut self.visual {
            std::mem::swap(anchor, &mut self.cursor);
            self.goal = None;
        }
        Outcome::Moved
    }

    fn yank_lines(&mut self, count: usize, text: &Text<'_>) -> Outcome {
        self.visual = Some((Visual::Line, self.cursor));
        for _ in 1..count {
            let (_, end) = text.line(self.cursor.row);
            self.cursor.row = (end + 1).min(text.bounds().1);
        }
        Outcome::Copy
    }

    fn search_word(&self, text: &Text<'_>, direction: Direction) -> Outcome {
        text.word_at(self.cursor).map_or(Outcome::Nothing, |word| {
            Outcome::SearchWord(word, direction)
        })
    }
}

/// Counts before and after an operator, 0 where none was typed.
fn times(before: usize, after: usize) -> usize {
    match (before, after) {
        (0, count) | (count, 0) => count,
        (before, after) => before.saturating_mul(after).min(MAX_COUNT),
    }
}

fn size(key: char) -> WordSize {
    if key.is_uppercase() {
        WordSize::Big
    } else {
        WordSize::Small
    }
}

#[cfg(test)]
mod tests;
