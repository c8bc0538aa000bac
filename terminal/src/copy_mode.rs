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
    Yank,
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
            Some(Pending::Yank) => "y",
        });
        typed
    }

    /// What a key does.
    pub fn key(&mut self, key: CopyKey, text: &Text<'_>, seen: Seen) -> Outcome {
        if let Some(pending) = self.pending.take() {
            return self.finish(pending, key, text);
        }
        if let CopyKey::Char(digit @ '0'..='9') = key
            && (digit != '0' || self.count > 0)
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
            'y' => self.wait(given, Pending::Yank),
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
            Pending::Yank if character == 'y' => self.yank_lines(given.max(1), text),
            Pending::Yank => Outcome::Moved,
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

fn size(key: char) -> WordSize {
    if key.is_uppercase() {
        WordSize::Big
    } else {
        WordSize::Small
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::tests::Sample;

    const TEXT: &str =
        "fn main() {\n    let x = foo.bar(1);\n\n  wrapped wo\\\nrd here\n中文 end\n}";

    /// Keys from text: `<c-u>`, `<esc>`, `<cr>`, `<s-right>` and the like, else characters.
    fn keys(text: &str) -> Vec<CopyKey> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if first == '<'
                && let Some((name, after)) = rest[1..].split_once('>')
                && !name.is_empty()
            {
                let (mut shift, mut ctrl) = (false, false);
                let mut name = name;
                while let Some((modifier, tail)) = name.split_once('-') {
                    shift |= modifier == "s";
                    ctrl |= modifier == "c";
                    name = tail;
                }
                let named = match name {
                    "esc" => Some(CopyNamed::Escape),
                    "cr" => Some(CopyNamed::Enter),
                    "left" => Some(CopyNamed::Left),
                    "right" => Some(CopyNamed::Right),
                    "up" => Some(CopyNamed::Up),
                    "down" => Some(CopyNamed::Down),
                    "home" => Some(CopyNamed::Home),
                    "end" => Some(CopyNamed::End),
                    "pgup" => Some(CopyNamed::PageUp),
                    "pgdn" => Some(CopyNamed::PageDown),
                    _ => None,
                };
                keys.push(match named {
                    Some(key) => CopyKey::Named { key, shift, ctrl },
                    None => CopyKey::Ctrl(name.chars().next().unwrap()),
                });
                rest = after;
            } else {
                keys.push(CopyKey::Char(first));
                rest = &rest[first.len_utf8()..];
            }
        }
        keys
    }

    fn run(from: (u64, u16), typed: &str) -> (CopyMode, Outcome) {
        let sample = Sample::new(TEXT);
        let text = Text::new(&sample);
        let mut mode = CopyMode::new(Spot::new(100 + from.0, from.1));
        let seen = Seen {
            first: 101,
            rows: 4,
        };
        let mut outcome = Outcome::Nothing;
        for key in keys(typed) {
            outcome = mode.key(key, &text, seen);
        }
        (mode, outcome)
    }

    /// The cursor, and where the selection began if there is one.
    #[track_caller]
    fn check(from: (u64, u16), typed: &str, expected: &str) {
        let (mode, _) = run(from, typed);
        let show = |spot: Spot| format!("{}:{}", spot.row - 100, spot.column);
        let mut shown = show(mode.cursor());
        if let Some((visual, anchor)) = mode.visual() {
            shown.push_str(&format!(" {visual:?} {}", show(anchor)));
        }
        assert_eq!(shown, expected, "{typed}");
    }

    #[test]
    fn motions_with_counts() {
        check((0, 0), "3w", "0:10");
        check((0, 0), "l3l", "0:4");
        check((0, 8), "jj", "2:0");
        check((0, 8), "jjj", "3:8");
        check((0, 8), "2j2kj", "1:8");
        check((3, 3), "5j", "6:0");
        check((0, 0), "GW", "6:0");
        check((5, 0), "gg", "0:0");
        check((5, 0), "2G", "1:0");
        check((0, 0), "10l0", "0:0");
        check((0, 0), "}}", "6:0");
        check((6, 0), "%", "0:10");
    }

    #[test]
    fn what_is_seen_and_pages() {
        check((5, 0), "H", "1:0");
        check((5, 0), "2H", "2:0");
        check((5, 0), "M", "2:0");
        check((5, 0), "L", "4:0");
        check((0, 0), "<c-d>", "2:0");
        check((0, 0), "<c-f><c-f>", "6:0");
        check((6, 0), "<c-u>", "4:0");
        check((6, 0), "<c-b>", "2:0");
        check((6, 0), "<pgup>", "2:0");
    }

    #[test]
    fn characters_are_found_again() {
        check((1, 0), "fo", "1:13");
        check((1, 0), "fo;", "1:14");
        check((1, 0), "2fo,", "1:13");
        check((3, 4), "tr;", "4:4");
        check((1, 20), "Fb", "1:16");
        check((1, 0), "fz", "1:0");
    }

    #[test]
    fn selections_begin_swap_and_end() {
        check((0, 0), "vw", "0:3 Character 0:0");
        check((0, 0), "vwo", "0:0 Character 0:3");
        check((0, 0), "vwV", "0:3 Line 0:0");
        check((0, 0), "V<c-v>", "0:0 Block 0:0");
        check((0, 0), "vwv", "0:3");
        check((0, 0), "vw<esc>", "0:3");
        check((0, 0), "<s-right><s-right>", "0:2 Character 0:0");
        check((0, 0), "<s-right><right>", "0:2");
        check((0, 0), "v<right>", "0:1 Character 0:0");
        check((0, 0), "<c-right><c-right><c-left>", "0:3");
        check((3, 4), "<s-end>", "4:6 Character 3:4");
        check((4, 4), "<home>", "3:0");
        check((4, 4), "<c-home>", "0:4");
    }

    #[test]
    fn marks_are_returned_to() {
        check((1, 8), "maG`a", "1:8");
        check((1, 8), "maG'a", "1:4");
        check((1, 8), "`z", "1:8");
    }

    #[track_caller]
    fn check_outcome(from: (u64, u16), typed: &str, expected: &Outcome) {
        assert_eq!(&run(from, typed).1, expected, "{typed}");
    }

    #[test]
    fn what_the_caller_is_to_do() {
        check_outcome((0, 0), "<esc>", &Outcome::Leave);
        check_outcome((0, 0), "v<esc>", &Outcome::Moved);
        check_outcome((0, 0), "v<esc><esc>", &Outcome::Leave);
        check_outcome((0, 0), "vey", &Outcome::Copy);
        check_outcome((0, 0), "ve<cr>", &Outcome::Copy);
        check_outcome((0, 0), "yy", &Outcome::Copy);
        check_outcome((0, 0), "/", &Outcome::Search(Direction::Forward));
        check_outcome((0, 0), "N", &Outcome::SearchAgain { same_way: false });
        let word = Outcome::SearchWord("main".to_owned(), Direction::Backward);
        check_outcome((0, 4), "#", &word);
        check_outcome((6, 0), "*", &Outcome::Nothing);
        check_outcome((0, 0), "]", &Outcome::Prompt(Direction::Forward));
        check_outcome((0, 0), "q", &Outcome::Leave);
    }

    #[test]
    fn lines_are_yanked_whole() {
        check((3, 3), "Y", "3:3 Line 3:3");
        check((3, 3), "2Y", "5:3 Line 3:3");
        check((3, 3), "3yy", "6:3 Line 3:3");
    }

    #[test]
    fn what_is_typed_can_be_shown() {
        let typed = |keys| run((0, 0), keys).0.typed();
        assert_eq!(
            [typed("12"), typed("3f"), typed("g"), typed("w")],
            ["12", "3f", "g", ""]
        );
    }
}
