//! Things in the text that something can be done with: addresses, paths, commit hashes, IP addresses, and
//! what the user's own expressions find.
//!
//! Only logical lines are looked at, within [`MAX_CELLS`] cells of each, by expressions that run in linear time
//! (`security.md` 2.3). What is found is text; whether a file is there, and whether it may be opened, is for
//! the caller to judge.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::index::{LineId, Point};
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
        let rows = self.size().rows;
        let _ = self.point_at(0, 0);
        let screen = self.screen();
        let seen: Vec<i32> = (0..usize::from(rows))
            .map_while(|row| screen.viewport_line(row))
            .map(|line| line.0)
            .collect();
        screen.hints(rules, &seen)
    }

    /// The path of a file in the text under a point, with its first and last cell.
    pub fn path_at(&self, point: Point) -> Option<(FilePath, Point, Point)> {
        let text = self.screen().line_text(point.line.0);
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

impl Screen {
    /// What the rows hold that are seen, which ascend.
    fn hints(&self, rules: &HintRules, seen: &[i32]) -> Vec<Hint> {
        let mut hints = Vec::new();
        let mut done = None;
        for &line in seen {
            if done.is_some_and(|done| line <= done) || hints.len() >= MAX_HINTS {
                continue;
            }
            let (first, end) = self.logical_rows(line);
            let text = self.rows_text(first, end);
            self.line_hints(&text, rules, seen, &mut hints);
            done = Some(end);
        }
        hints.truncate(MAX_HINTS);
        hints
    }

    /// What one logical line holds in the rows that are seen.
    fn line_hints(&self, text: &LineText, rules: &HintRules, seen: &[i32], hints: &mut Vec<Hint>) {
        let first_seen = text
            .cells
            .iter()
            .position(|cell| seen.binary_search(&cell.point.line.0).is_ok());
        let Some(first_seen) = first_seen else { return };
        let (shown, first) = cut(text, first_seen + MAX_CELLS / 2);
        let mut found = self.marked_links(text, first..first + shown.len());
        found.extend(find(shown, rules).into_iter().map(|mut found| {
            found.span = found.span.start + first..found.span.end + first;
            found
        }));
        let mut taken: Vec<Found> = Vec::new();
        for one in found {
            let free = |other: &Found| {
                one.span.end <= other.span.start || other.span.end <= one.span.start
            };
            if taken.iter().all(free) {
                taken.push(one);
            }
        }
        taken.sort_by_key(|found| found.span.start);
        for found in taken {
            let start = &text.cells[text.cell_of_byte(found.span.start)];
            let last = &text.cells[text.cell_of_byte(found.span.end - 1)];
            let is_seen = |line: i32| seen.binary_search(&line).is_ok();
            if !is_seen(start.point.line.0) && !is_seen(last.point.line.0) {
                continue;
            }
            let (Some((line, start)), Some((_, last))) =
                (self.anchor(start.point), self.anchor(last.last_point()))
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

    /// OSC 8 links: runs of cells with one id.
    fn marked_links(&self, text: &LineText, bytes: Range<usize>) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        for run in text.cells.chunk_by(|a, b| a.link == b.link) {
            let end = start + run.len();
            let first = run[0].byte;
            let after = text
                .cells
                .get(end)
                .map_or(text.text.len(), |cell| cell.byte);
            if let Some(uri) = self.link_uri(run[0].link)
                && bytes.contains(&first)
            {
                found.push(Found {
                    kind: HintKind::Url,
                    span: first..after,
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

/// Everything in a text, those first that win where they overlap.
fn find(text: &str, rules: &HintRules) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, regex) in rules.own.iter().enumerate() {
        for groups in regex.captures_iter(text) {
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

/// The viewport's place of a line and cell, from its rows: for drawing, without the terminal.
pub fn place_in(frame: &crate::Frame, line: LineId, cell: u32) -> Option<(u16, u16)> {
    let mut place = None;
    for (index, row) in (0..).zip(&frame.rows) {
        if row.line_id == line && row.offset <= cell {
            place = Some((index, row.offset));
        }
    }
    let (row, offset) = place?;
    let column = u16::try_from(cell - offset).ok()?;
    (column < frame.size.columns).then_some((row, column))
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
        let mut frame = crate::Frame::new();
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
