//! Things in the text that something can be done with: addresses, paths, commit hashes, IP addresses, and
//! what the user's own expressions find.
//!
//! Only logical lines are looked at, within [`MAX_CELLS`] cells of each, by expressions that run in linear time
//! (`security.md` 2.3). What is found is text; whether a file is there, and whether it may be opened, is for
//! the caller to judge.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::frame::{Frame, FrameRow};
use crate::index::{Line, LineId, Point};
use crate::screen::{LineText, Screen};
use crate::selection::url;
use crate::terminal::Terminal;

/// Cells of a logical line that are looked at.
const MAX_CELLS: usize = 1024;
/// Things found in one viewport.
const MAX_HINTS: usize = 2000;

/// What a hint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HintKind {
    /// An address: marked by the program (OSC 8) or found in the text.
    Url,
    /// The path of a file or folder, perhaps with a line and a column.
    Path,
    /// The hash of a commit.
    Hash,
    /// An IP address, perhaps with a port.
    Ip,
    /// Found by the user's own expression of this number.
    Own(usize),
}

/// A path in the text, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilePath {
    /// The path; relative ones are relative to the shell's folder.
    pub path: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}

/// Something found: cells `start..end` of a logical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it is.
    pub kind: HintKind,
    /// The address, the path with its line, the hash …: what is copied. Of the user's own expressions the
    /// first group that matched, if they have groups.
    pub text: String,
    /// The path by itself.
    pub path: Option<FilePath>,
    /// The logical line.
    pub line: LineId,
    /// Its first cell.
    pub start: u32,
    /// The cell after its last one.
    pub end: u32,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct HintRules {
    own: Vec<Regex>,
    /// Look for the user's own expressions only.
    pub only_own: bool,
}

impl HintRules {
    /// Rules with the user's own expressions, which win over what is built in.
    ///
    /// # Errors
    ///
    /// When one is no regular expression or a very large one: its number, and what is wrong.
    pub fn new<'a>(own: impl IntoIterator<Item = &'a str>) -> Result<Self, (usize, String)> {
        let own = own
            .into_iter()
            .enumerate()
            .map(|(index, text)| {
                regex::RegexBuilder::new(text)
                    .size_limit(1 << 20)
                    .build()
                    .map_err(|error| (index, error.to_string()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            own,
            only_own: false,
        })
    }
}

impl Terminal {
    /// What the viewport holds, in reading order.
    pub fn hints(&mut self, rules: &HintRules) -> Vec<Hint> {
        self.hint_text().find(rules, || true)
    }

    /// The viewport's text, to be looked through without the terminal: own expressions may take their time. Costs as
    /// much as copying a frame.
    pub fn hint_text(&mut self) -> HintText {
        let rows = self.size().rows;
        let _ = self.point_at(0, 0);
        let screen = self.screen();
        let seen: Vec<i32> = (0..usize::from(rows))
            .map_while(|row| screen.viewport_line(row))
            .map(|line| line.0)
            .collect();
        screen.hint_text(&seen)
    }

    /// The path of a file in the text under a point, with its first and last cell.
    pub fn path_at(&self, point: Point) -> Option<(FilePath, Point, Point)> {
        let text = self.screen().text_around(point.line.0, MAX_CELLS / 2);
        let at = text.cell_at(point)?;
        let (shown, first) = cut(&text, at);
        let byte = text.cells[at].byte.checked_sub(first)?;
        let (span, path) = paths(shown)
            .into_iter()
            .find(|(span, _)| span.contains(&byte))?;
        let cell = |byte: usize| text.cell_of_byte(first + byte);
        let (start, end) = (cell(span.start), cell(span.end - 1));
        Some((path, text.cells[start].point, text.cells[end].last_point()))
    }
}

/// The part of a line around a cell that is looked at, and the byte where it begins.
fn cut(text: &LineText, cell: usize) -> (&str, usize) {
    let first = cell.saturating_sub(MAX_CELLS / 2);
    let start = text.cells.get(first).map_or(0, |cell| cell.byte);
    let end = text
        .cells
        .get(first + MAX_CELLS)
        .map_or(text.text.len(), |cell| cell.byte);
    (&text.text[start..end], start)
}

/// What a viewport holds, copied out of the terminal.
#[derive(Clone, Debug, Default)]
pub struct HintText {
    lines: Vec<HintLine>,
}

/// Cells of a logical line, from the first one that is seen.
#[derive(Clone, Debug, Default)]
struct HintLine {
    text: LineText,
    /// Its OSC 8 links.
    marked: Vec<Found>,
    /// Where its rows begin: the row, its logical line, the cell of that.
    rows: Vec<(i32, LineId, u32)>,
    /// The last row that is seen, of this line or another.
    last_seen: i32,
}

impl HintText {
    /// What is there, in reading order. It is asked between steps of at most a line whether to `go_on`; what was
    /// found until then is given if not.
    pub fn find(&self, rules: &HintRules, mut go_on: impl FnMut() -> bool) -> Vec<Hint> {
        let mut hints = Vec::new();
        for line in &self.lines {
            if hints.len() >= MAX_HINTS || !go_on() {
                break;
            }
            line.find(rules, &mut go_on, &mut hints);
        }
        hints.truncate(MAX_HINTS);
        hints
    }
}

impl HintLine {
    fn find(&self, rules: &HintRules, go_on: &mut impl FnMut() -> bool, hints: &mut Vec<Hint>) {
        let text = &self.text;
        let own_and_built_in = find(&text.text, rules, go_on);
        let mut taken: Vec<Found> = Vec::new();
        for one in self.marked.iter().cloned().chain(own_and_built_in) {
            let free = |other: &Found| {
                one.span.end <= other.span.start || other.span.end <= one.span.start
            };
            if taken.iter().all(free) {
                taken.push(one);
            }
        }
        taken.sort_by_key(|found| found.span.start);
        for found in taken {
            let start = text.cells[text.cell_of_byte(found.span.start)].point;
            let last = text.cells[text.cell_of_byte(found.span.end - 1)].last_point();
            if start.line.0 > self.last_seen {
                continue;
            }
            let (Some((line, start)), Some((_, last))) = (self.anchor(start), self.anchor(last))
            else {
                continue;
            };
            hints.push(Hint {
                kind: found.kind,
                text: found.text,
                path: found.path,
                line,
                start,
                end: last + 1,
            });
        }
    }

    fn anchor(&self, point: Point) -> Option<(LineId, u32)> {
        let row = self.rows.iter().find(|row| row.0 == point.line.0)?;
        Some((row.1, row.2 + u32::from(point.column.0)))
    }
}

impl Screen {
    /// The text of the rows that are seen, which ascend. Each is read once, and after the last one as many more as its
    /// logical line goes on.
    fn hint_text(&self, seen: &[i32]) -> HintText {
        let Some(&last_seen) = seen.last() else {
            return HintText::default();
        };
        let end = i32::try_from(self.grid.rows()).unwrap_or(i32::MAX);
        let mut lines: Vec<HintLine> = Vec::new();
        let mut row = FrameRow::default();
        let mut wrapped = false;
        for line in seen.iter().copied().chain(last_seen + 1..end) {
            if line > last_seen && !wrapped {
                break;
            }
            if !self.read_viewport_row(Line(line), None, &mut row) {
                continue;
            }
            if !wrapped {
                lines.push(HintLine {
                    last_seen,
                    ..HintLine::default()
                });
            }
            wrapped = row.wrapped;
            if let Some(text) = lines.last_mut()
                && text.text.cells.len() < MAX_CELLS
            {
                text.text.push_row(line, &row);
                text.rows.push((line, row.line_id, row.offset));
            } else if line > last_seen {
                break;
            }
        }
        for line in &mut lines {
            line.text.truncate(MAX_CELLS);
            line.marked = self.marked_links(&line.text);
        }
        HintText { lines }
    }

    /// OSC 8 links: runs of cells with one id.
    fn marked_links(&self, text: &LineText) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        for run in text.cells.chunk_by(|a, b| a.link == b.link) {
            let end = start + run.len();
            let after = text
                .cells
                .get(end)
                .map_or(text.text.len(), |cell| cell.byte);
            if let Some(uri) = self.link_uri(run[0].link) {
                found.push(Found {
                    kind: HintKind::Url,
                    span: run[0].byte..after,
                    text: uri.to_owned(),
                    path: None,
                });
            }
            start = end;
        }
        found
    }
}

/// Something found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    kind: HintKind,
    span: Range<usize>,
    text: String,
    path: Option<FilePath>,
}

/// Everything in a text, those first that win where they overlap. Each step of an own expression takes a time that
/// grows with text and expression alone; many of them may take many times that, so it is asked whether to go on.
fn find(text: &str, rules: &HintRules, go_on: &mut impl FnMut() -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, regex) in rules.own.iter().enumerate() {
        for groups in regex.captures_iter(text) {
            if !go_on() {
                return found;
            }
            let Some(whole) = groups.get(0).filter(|whole| !whole.is_empty()) else {
                continue;
            };
            let part = groups.iter().skip(1).flatten().next().unwrap_or(whole);
            found.push(Found {
                kind: HintKind::Own(number),
                span: whole.range(),
                text: part.as_str().to_owned(),
                path: None,
            });
        }
    }
    if rules.only_own {
        return found;
    }
    let mut from = 0;
    while let Some((start, end)) = url::next_url(text, from) {
        found.push(plain(HintKind::Url, text, start..end));
        from = end;
    }
    found.extend(ips(text).map(|span| plain(HintKind::Ip, text, span)));
    found.extend(hashes(text).map(|span| plain(HintKind::Hash, text, span)));
    found.extend(paths(text).into_iter().map(|(span, path)| Found {
        path: Some(path),
        ..plain(HintKind::Path, text, span)
    }));
    found
}

fn plain(kind: HintKind, text: &str, span: Range<usize>) -> Found {
    Found {
        kind,
        text: text[span.clone()].to_owned(),
        span,
        path: None,
    }
}

/// A regular expression of ours.
macro_rules! ours {
    ($text:expr) => {{
        static REGEX: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($text).expect("our own expressions are tested"));
        &*REGEX
    }};
}

/// Whether a stretch stands alone: neither what is before nor what is after could belong to it.
fn stands_alone(text: &str, span: &Range<usize>, belongs: impl Fn(char) -> bool) -> bool {
    !text[..span.start].chars().next_back().is_some_and(&belongs)
        && !text[span.end..].chars().next().is_some_and(&belongs)
}

/// Paths: with a slash in them, or a name with an ending and a line. Lines follow as `:12:5`, `(12,5)`, or, as
/// Python has it, `", line 12`.
fn paths(text: &str) -> Vec<(Range<usize>, FilePath)> {
    let regex = ours!(
        r#"(?x)
        (?P<path>
            (?: ~/ | \.{1,2}/ | / | [\w.@+-]+/ ) [\w.@+%=~/-]*
          | [\w@+-][\w.@+-]*\.[A-Za-z]\w{0,9}
        )
        (?: : (?P<line>\d{1,9}) (?: : (?P<column>\d{1,9}) )?
          | \( (?P<line2>\d{1,9}) (?: ,\s? (?P<column2>\d{1,9}) )? \)
          | ",\ line\ (?P<line3>\d{1,9})
        )?"#
    );
    let mut found = Vec::new();
    for groups in regex.captures_iter(text) {
        let (Some(whole), Some(path)) = (groups.get(0), groups.name("path")) else {
            continue;
        };
        let number = |names: &[&str]| {
            let group = names.iter().find_map(|name| groups.name(name));
            group.and_then(|group| group.as_str().parse().ok())
        };
        let line: Option<u32> = number(&["line", "line2", "line3"]);
        let mut end = whole.end();
        let mut name = path.as_str();
        if line.is_none() {
            // A full stop or the like ends the sentence, not the path.
            let kept = name.trim_end_matches(['.', '-', '=', '+', '~', '@', '%']);
            let kept = if kept.is_empty() { name } else { kept };
            end = path.start() + kept.len();
            name = kept;
        }
        let before = text[..whole.start()].chars().next_back();
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ':' | '/' | '\\'));
        let slashed = name.contains('/') && name.chars().any(char::is_alphanumeric);
        if begins && (slashed || line.is_some()) {
            let file = FilePath {
                path: name.to_owned(),
                line,
                column: number(&["column", "column2"]),
            };
            found.push((whole.start()..end, file));
        }
    }
    found
}

/// Hashes of commits: 7 to 64 hexadecimal digits, not only decimal ones and not a word.
fn hashes(text: &str) -> impl Iterator<Item = Range<usize>> {
    ours!(r"[0-9a-f]{7,64}")
        .find_iter(text)
        .map(|found| found.range())
        .filter(|span| {
            let word = &text[span.clone()];
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            stands_alone(text, span, |c| c.is_alphanumeric() || c == '_')
                && digits > 0
                && (digits < word.len() || word.len() == 40)
        })
}

/// IP addresses of both kinds, with a port if one follows.
fn ips(text: &str) -> impl Iterator<Item = Range<usize>> {
    let four = ours!(r"(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?");
    let four = four.captures_iter(text).filter_map(|groups| {
        groups[1].parse::<Ipv4Addr>().ok()?;
        Some(groups.get(0)?.range())
    });
    let six = ours!(r"\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*)(?:\]:\d{1,5}|\])?");
    let six = six.captures_iter(text).filter_map(|groups| {
        groups[1].parse::<Ipv6Addr>().ok()?;
        let whole = groups.get(0)?;
        let brackets = (
            whole.as_str().starts_with('['),
            whole.as_str().contains(']'),
        );
        let span = if brackets.0 == brackets.1 {
            whole.range()
        } else {
            groups.get(1)?.range()
        };
        // `a::b` is a path in many languages.
        (groups[1].len() > 5 || &groups[1] == "::1").then_some(span)
    });
    four.chain(six).filter(|span| {
        stands_alone(text, span, |c| {
            c.is_alphanumeric() || matches!(c, '_' | '.' | ':')
        })
    })
}

/// Where lines and cells are in a viewport, from its rows: for drawing, without the terminal.
#[derive(Debug)]
pub struct Places<'a> {
    frame: &'a Frame,
    /// The first row of each logical line.
    first: HashMap<LineId, usize>,
}

impl<'a> Places<'a> {
    /// The places of a frame.
    pub fn new(frame: &'a Frame) -> Self {
        let mut first = HashMap::new();
        for (index, row) in frame.rows.iter().enumerate() {
            first.entry(row.line_id).or_insert(index);
        }
        Self { frame, first }
    }

    /// The rows of a logical line, with their numbers.
    pub fn rows(&self, line: LineId) -> impl Iterator<Item = (u16, &'a FrameRow)> {
        let rows = &self.frame.rows;
        let first = self.first.get(&line).copied().unwrap_or(rows.len());
        let rows = rows[first..]
            .iter()
            .take_while(move |row| row.line_id == line);
        rows.enumerate()
            .filter_map(move |(n, row)| Some((u16::try_from(first + n).ok()?, row)))
    }

    /// Row and column of a cell.
    pub fn of(&self, line: LineId, cell: u32) -> Option<(u16, u16)> {
        let (index, row) = self
            .rows(line)
            .take_while(|(_, row)| row.offset <= cell)
            .last()?;
        let column = u16::try_from(cell - row.offset).ok()?;
        (column < self.frame.size.columns).then_some((index, column))
    }
}

/// The viewport's place of a line and cell, from its rows: for drawing, without the terminal.
pub fn place_in(frame: &Frame, line: LineId, cell: u32) -> Option<(u16, u16)> {
    Places::new(frame).of(line, cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{feed, sized};

    #[track_caller]
    fn check(text: &str, expected: &[(HintKind, &str)]) {
        let mut terminal = sized(200, 4);
        feed(&mut terminal, text);
        let hints = terminal.hints(&HintRules::default());
        let found: Vec<_> = hints
            .iter()
            .map(|hint| (hint.kind, hint.text.as_str()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn addresses_hashes_and_ips() {
        use HintKind::{Hash, Ip, Url};
        check(
            "see https://example.org/a/b:1.",
            &[(Url, "https://example.org/a/b:1")],
        );
        check(
            "commit 3db199e, 1234567 deadbeef facade1",
            &[(Hash, "3db199e"), (Hash, "facade1")],
        );
        check(
            "0000000000000000000000000000000000000000",
            &[(Hash, "0000000000000000000000000000000000000000")],
        );
        check("10.0.0.1:80 300.1.1.1 1.2.3.4.5", &[(Ip, "10.0.0.1:80")]);
        check(
            "fe80::1234 [2001:db8::1]:443 std::fmt 12:34:56 ::1",
            &[(Ip, "fe80::1234"), (Ip, "[2001:db8::1]:443"), (Ip, "::1")],
        );
    }

    #[track_caller]
    fn check_paths(text: &str, expected: &[(&str, Option<u32>, Option<u32>)]) {
        let found = paths(text);
        let found: Vec<_> = found
            .iter()
            .map(|(_, path)| (path.path.as_str(), path.line, path.column))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn paths_with_lines() {
        check_paths(
            "  --> app/src/main.rs:12:5",
            &[("app/src/main.rs", Some(12), Some(5))],
        );
        check_paths("main.rs:7: error", &[("main.rs", Some(7), None)]);
        check_paths(
            "see ./x, ~/y and /etc/hosts.",
            &[
                ("./x", None, None),
                ("~/y", None, None),
                ("/etc/hosts", None, None),
            ],
        );
        check_paths(
            "File \"a/b.py\", line 3, in f",
            &[("a/b.py", Some(3), None)],
        );
        check_paths(
            "Program.cs(10,3): error",
            &[("Program.cs", Some(10), Some(3))],
        );
        check_paths("drwxr-xr-x a.txt 3.14 e.g. x", &[]);
        check_paths("http://x/y a//b", &[("a//b", None, None)]);
        check_paths(
            "dir/ ../up/",
            &[("dir/", None, None), ("../up/", None, None)],
        );
        check_paths("größe/ä.txt:3", &[("größe/ä.txt", Some(3), None)]);
    }

    #[test]
    fn own_expressions_win_and_give_their_group() {
        let mut terminal = sized(80, 4);
        feed(&mut terminal, "JIRA-123 at https://x/JIRA-9 ok");
        let rules = HintRules::new([r"JIRA-(\d+)"]).unwrap();
        let hints = terminal.hints(&rules);
        let found: Vec<_> = hints
            .iter()
            .map(|hint| (hint.kind, hint.text.as_str(), hint.start))
            .collect();
        assert_eq!(
            found,
            [(HintKind::Own(0), "123", 0), (HintKind::Own(0), "9", 22)]
        );
        assert_eq!(HintRules::new(["a", "("]).unwrap_err().0, 1);
    }

    #[test]
    fn a_text_is_looked_through_without_its_terminal_and_only_as_long_as_wanted() {
        let mut terminal = sized(40, 6);
        feed(&mut terminal, "a1 a2\r\na3\r\na4\r\n\r\n");
        let text = terminal.hint_text();
        feed(&mut terminal, "\x1b[2J\x1b[3J\x1bc");
        let rules = HintRules::new([r"a\d"]).unwrap();
        let found = |steps: usize| {
            let mut left = steps;
            let hints = text.find(&rules, || {
                left = left.saturating_sub(1);
                left > 0
            });
            hints.len()
        };
        assert_eq!((found(usize::MAX), found(0)), (4, 0));
        // A step for each line, and one for each match.
        assert_eq!((found(3), found(4), found(6)), (1, 2, 3));
    }

    #[test]
    fn of_a_long_line_so_many_cells_are_looked_at_from_its_first_row_that_is_seen() {
        let mut terminal = sized(100, 12);
        feed(&mut terminal, &"0123456 a1".repeat(200));
        let rules = HintRules {
            only_own: true,
            ..HintRules::new([r"a\d"]).unwrap()
        };
        let hints = terminal.hints(&rules);
        assert_eq!(hints.len(), MAX_CELLS / 10);
        // Eight rows of the line are above.
        assert_eq!((hints[0].start, hints[0].end), (808, 810));
    }

    #[test]
    fn hints_go_over_soft_wraps_and_are_found_in_scrolled_views() {
        let mut terminal = sized(20, 3);
        feed(
            &mut terminal,
            "see https://example.org/a/long/path\r\n1\r\n2\r\n3\r\n4",
        );
        assert_eq!(terminal.hints(&HintRules::default()).len(), 0);
        terminal.scroll_display(crate::Scroll::Top);
        let hints = terminal.hints(&HintRules::default());
        assert_eq!(hints.len(), 1);
        assert_eq!(hints[0].text, "https://example.org/a/long/path");
        assert_eq!((hints[0].start, hints[0].end), (4, 35));
        let mut frame = Frame::new();
        frame.update(&mut terminal);
        assert_eq!(
            place_in(&frame, hints[0].line, hints[0].start),
            Some((0, 4))
        );
        assert_eq!(
            place_in(&frame, hints[0].line, hints[0].end - 1),
            Some((1, 14))
        );
    }

    #[test]
    fn marked_links_hide_what_is_in_their_text() {
        let mut terminal = sized(80, 3);
        feed(
            &mut terminal,
            "\x1b]8;;https://real.example/\x07a/file.txt\x1b]8;;\x07 b/other.txt",
        );
        let hints = terminal.hints(&HintRules::default());
        let found: Vec<_> = hints.iter().map(|hint| hint.text.as_str()).collect();
        assert_eq!(found, ["https://real.example/", "b/other.txt"]);
    }

    #[test]
    fn the_path_under_a_point() {
        let mut terminal = sized(12, 3);
        feed(&mut terminal, "at src/lib.rs:42: oops");
        let (path, start, end) = terminal.path_at(Point::new(1, 0)).unwrap();
        assert_eq!((path.path.as_str(), path.line), ("src/lib.rs", Some(42)));
        assert_eq!((start, end), (Point::new(0, 3), Point::new(1, 3)));
        assert_eq!(terminal.path_at(Point::new(1, 7)), None);
    }
}
