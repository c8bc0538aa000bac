//! What a shell's mark says, whatever its dialect: OSC 133, OSC 633, OSC 3008. Pure.
//!
//! Sources: Per Bothner's semantic prompts (133), VS Code's shell integration (633), UAPI.15 (3008);
//! `blocks.md` 1.2, 1.3, 1.6.

use std::time::Duration;

use super::{Exit, TextSource};
use crate::limits::{MAX_COMMAND, MAX_FIELD, MAX_FIELDS, MAX_PIPE};

/// Statuses of commands that were stopped: 128 and SIGSTOP to SIGTTOU, on Linux and on macOS.
const STOPPED: std::ops::RangeInclusive<u8> = 145..=150;

/// A mark's point in a command's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// `A`, `N`: a prompt begins; with `fl=1` on a line of its own.
    Prompt { fresh_line: bool },
    /// `P`: a part of the prompt begins.
    Part(PromptPart),
    /// `B`, `I`: the prompt ends, input begins.
    Input,
    /// `C`: input ends, the command's output begins.
    Output(Claim),
    /// `D`: the command ended, or nothing ran.
    End(Ending),
}

/// Which part of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptPart {
    /// `k=i`: the prompt itself.
    First,
    /// `k=s`, `k=c`: before a line that goes on.
    Continuation,
    /// `k=r`: at the right.
    Right,
}

/// What a `C` says of the command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The text; empty if it is to be read off the screen.
    pub(crate) text: String,
    /// Where the shell has it from.
    pub(crate) source: TextSource,
    /// The shell's text may lack the bodies of here-documents.
    pub(crate) partial: bool,
    /// It is to be kept out of the history.
    pub(crate) private: bool,
    /// It was cut.
    pub(crate) truncated: bool,
}

/// What a `D` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The status, if one was said.
    pub(crate) exit: Option<Exit>,
    /// `$?` when nothing ran.
    pub(crate) status: Option<u8>,
    /// How long it ran, by the shell's clock.
    pub(crate) duration: Option<Duration>,
    /// What was entered though nothing ran; empty if it is to be read off the screen.
    pub(crate) entered: String,
}

/// The shell's name, its secret and its count of prompts, as a mark has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof<'a> {
    pub(crate) aid: &'a [u8],
    pub(crate) nonce: &'a [u8],
    pub(crate) cycle: u32,
}

/// `key=value` fields between semicolons; fields of other forms are passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// All fields, with and without `=`.
    pub(crate) fn all(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.split(|&byte| byte == b';').take(MAX_FIELDS)
    }

    /// All fields but those with a key.
    pub(crate) fn without(&self, key: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.all().filter(move |field| {
            let rest = field.strip_prefix(key.as_bytes());
            !rest.is_some_and(|rest| rest.starts_with(b"="))
        })
    }

    /// The value of the first field with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&'a [u8]> {
        self.all().find_map(|field| {
            let rest = field.strip_prefix(key.as_bytes())?;
            rest.strip_prefix(b"=")
        })
    }

    /// As text, if it is some and not too long.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        let value = self.get(key).filter(|value| value.len() <= MAX_FIELD)?;
        std::str::from_utf8(value).ok()
    }

    /// As a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.text(key)?.parse().ok()
    }

    /// The proof, if all of it is there.
    pub(crate) fn proof(&self) -> Option<Proof<'a>> {
        Some(Proof {
            aid: self.get("aid")?,
            nonce: self.get("tn")?,
            cycle: self.number("n")?,
        })
    }
}

/// The options of an OSC 133, read in one pass; the first of each counts.
#[derive(Clone, Copy, Debug, Default)]
struct Options<'a> {
    aid: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    cycle: Option<&'a [u8]>,
    kind: Option<&'a [u8]>,
    fresh_line: Option<&'a [u8]>,
    command: Option<&'a [u8]>,
    source: Option<&'a [u8]>,
    history: Option<&'a [u8]>,
    truncated: Option<&'a [u8]>,
    pipe: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    duration: Option<&'a [u8]>,
}

impl<'a> Options<'a> {
    fn read(text: &'a [u8]) -> Self {
        let mut options = Self::default();
        for field in Fields::new(text).all() {
            let Some(at) = memchr::memchr(b'=', field) else {
                continue;
            };
            let place = match &field[..at] {
                b"aid" => &mut options.aid,
                b"tn" => &mut options.nonce,
                b"n" => &mut options.cycle,
                b"k" => &mut options.kind,
                b"fl" => &mut options.fresh_line,
                b"cmdline_url" => &mut options.command,
                b"src" => &mut options.source,
                b"hist" => &mut options.history,
                b"trunc" => &mut options.truncated,
                b"ps" => &mut options.pipe,
                b"st" => &mut options.status,
                b"dur" => &mut options.duration,
                _ => continue,
            };
            place.get_or_insert(&field[at + 1..]);
        }
        options
    }

    fn proof(&self) -> Option<Proof<'a>> {
        Some(Proof {
            aid: self.aid?,
            nonce: self.nonce?,
            cycle: number(self.cycle?)?,
        })
    }
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// An OSC 133 without its number.
pub(crate) fn semantic_prompt(text: &[u8]) -> Option<(Signal, Option<Proof<'_>>)> {
    let (action, rest) = match text.iter().position(|&byte| byte == b';') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    let options = Options::read(rest);
    let signal = match action {
        b"A" | b"N" => Signal::Prompt {
            fresh_line: options.fresh_line == Some(b"1"),
        },
        b"P" => Signal::Part(match options.kind {
            Some(b"s" | b"c") => PromptPart::Continuation,
            Some(b"r") => PromptPart::Right,
            _ => PromptPart::First,
        }),
        b"B" | b"I" => Signal::Input,
        b"C" => Signal::Output(claim(rest, &options)),
        b"D" => Signal::End(ending(rest, &options)),
        _ => return None,
    };
    let proof = match signal {
        Signal::Part(_) | Signal::Input => None,
        _ => options.proof(),
    };
    Some((signal, proof))
}

fn claim(text: &[u8], options: &Options<'_>) -> Claim {
    // kitty's `cmdline` ends where the mark ends and may hold semicolons; it is quoted for a shell.
    let raw = text.strip_prefix(b"cmdline=");
    let text = match (options.command, raw) {
        (Some(encoded), _) => command_text(&percent_decode_lossy(encoded)),
        (None, Some(raw)) => unquote(&String::from_utf8_lossy(raw)),
        (None, None) => String::new(),
    };
    let said = options.source;
    Claim {
        source: match said {
            _ if text.is_empty() => TextSource::None,
            Some(b"expanded") => TextSource::Expanded,
            _ => TextSource::Shell,
        },
        partial: said == Some(b"partial"),
        private: options.history == Some(b"0"),
        truncated: options.truncated == Some(b"1") || text.len() >= MAX_COMMAND,
        text,
    }
}

fn ending(text: &[u8], options: &Options<'_>) -> Ending {
    let first = text.split(|&byte| byte == b';').next();
    let code = first.and_then(code_of);
    let pipe: Vec<u8> = options
        .pipe
        .map(|list| {
            let parts = list.split(|&byte| byte == b'|');
            parts.filter_map(code_of).take(MAX_PIPE).collect()
        })
        .unwrap_or_default();
    Ending {
        exit: code.map(|code| {
            // bash keeps PIPESTATUS as it was when a command is stopped, so these are of an earlier pipeline.
            let stale = STOPPED.contains(&code) && pipe.last() != Some(&code);
            Exit {
                code,
                pipe: if pipe.len() > 1 && !stale {
                    pipe
                } else {
                    Vec::new()
                },
            }
        }),
        status: options.status.and_then(code_of),
        duration: options.duration.and_then(number).map(Duration::from_micros),
        entered: options
            .command
            .map(|encoded| command_text(&percent_decode_lossy(encoded)))
            .unwrap_or_default(),
    }
}

/// An exit status; those above 255, which bash 3.2 reports for syntax errors, lose their upper bits, as in
/// `$?`.
pub(crate) fn code_of(digits: &[u8]) -> Option<u8> {
    let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    u8::try_from(number.rem_euclid(256)).ok()
}

/// What VS Code's dialect says (OSC 633 without its number): a signal, or the command's text for the next `C`.
pub(crate) enum Editor {
    /// A point in a command's life.
    Signal(Signal),
    /// `E`: the text of the command that runs next.
    Command(String),
    /// `P;Cwd=`: the folder.
    Folder(String),
}

/// An OSC 633 without its number.
pub(crate) fn editor_mark(text: &[u8]) -> Option<Editor> {
    let (action, rest) = match text.iter().position(|&byte| byte == b';') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    Some(Editor::Signal(match action {
        b"A" => Signal::Prompt { fresh_line: false },
        b"B" | b"G" | b"I" => Signal::Input,
        b"C" => Signal::Output(Claim::default()),
        b"D" => Signal::End(ending(rest, &Options::read(rest))),
        b"F" => Signal::Part(PromptPart::Continuation),
        b"H" => Signal::Part(PromptPart::Right),
        b"E" => {
            let line = rest.split(|&byte| byte == b';').next().unwrap_or_default();
            return Some(Editor::Command(command_text(&unescape(line))));
        }
        b"P" => {
            let folder = unescape(rest.strip_prefix(b"Cwd=")?);
            return Some(Editor::Folder(folder));
        }
        _ => return None,
    }))
}

/// `\\` and `\xHH`, as OSC 633 and OSC 3008 have them.
pub(crate) fn unescape(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'\\', [b'\\', more @ ..]) => {
                bytes.push(b'\\');
                rest = more;
            }
            (b'\\', [b'x', high, low, more @ ..]) => {
                match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => bytes.push(high * 16 + low),
                    _ => bytes.extend_from_slice(&[b'\\', b'x', *high, *low]),
                }
                rest = more;
            }
            _ => bytes.push(first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Decodes `%HH` once; a `%` that stands alone is itself.
pub(crate) fn percent_decode_lossy(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%'
            && let [high, low, more @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high * 16 + low);
            rest = more;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// A command's text as it is kept: newlines and tabs are its only controls, and none at its end.
pub(crate) fn command_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MAX_COMMAND));
    for character in text.chars() {
        if clean.len() + character.len_utf8() > MAX_COMMAND {
            break;
        }
        if !character.is_control() || matches!(character, '\n' | '\t') {
            clean.push(character);
        }
    }
    clean.truncate(clean.trim_end_matches('\n').len());
    clean
}

/// A text that bash quoted with `printf %q`.
fn unquote(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let body = text
        .strip_prefix("$'")
        .and_then(|text| text.strip_suffix('\''));
    let mut characters = body.unwrap_or(text).chars();
    while let Some(character) = characters.next() {
        match (character, body.is_some()) {
            ('\\', ansi) => match (characters.next(), ansi) {
                (Some('n'), true) => plain.push('\n'),
                (Some('t'), true) => plain.push('\t'),
                (Some(other), _) => plain.push(other),
                (None, _) => {}
            },
            (other, _) => plain.push(other),
        }
    }
    command_text(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn signal(text: &str) -> Signal {
        semantic_prompt(text.as_bytes()).expect("a mark").0
    }

    #[track_caller]
    fn command(text: &str) -> Claim {
        match signal(text) {
            Signal::Output(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn end(text: &str) -> Ending {
        match signal(text) {
            Signal::End(ending) => ending,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_dialects_of_133() {
        let prompt = |fresh_line| Signal::Prompt { fresh_line };
        assert_eq!(signal("A"), prompt(false));
        assert_eq!(signal("A;click_events=1"), prompt(false));
        assert_eq!(signal("N;aid=7;fl=1"), prompt(true));
        assert_eq!(signal("P;k=i"), Signal::Part(PromptPart::First));
        assert_eq!(signal("P"), Signal::Part(PromptPart::First));
        assert_eq!(signal("P;k=c"), Signal::Part(PromptPart::Continuation));
        assert_eq!(signal("P;k=r"), Signal::Part(PromptPart::Right));
        assert_eq!(signal("I"), Signal::Input);
        assert_eq!(semantic_prompt(b""), None);
        assert_eq!(semantic_prompt(b"E"), None);
        assert_eq!(semantic_prompt(b"AA"), None);
    }

    #[test]
    fn command_texts() {
        assert_eq!(command("C").text, "");
        assert_eq!(command("C;cmdline_url=ls%20-l%3B%0als").text, "ls -l;\nls");
        assert_eq!(command("C;cmdline=echo\\ a\\;b").text, "echo a;b");
        assert_eq!(command("C;cmdline=$'a\\nb'").text, "a\nb");
        assert_eq!(command("C;cmdline_url=100%;src=hist").text, "100%");
        let claim = command("C;cmdline_url=x%1by;src=partial;hist=0;trunc=1");
        assert_eq!(
            (claim.text.as_str(), claim.partial, claim.private),
            ("xy", true, true)
        );
        assert!(claim.truncated);
        assert_eq!(
            command("C;cmdline_url=a;src=expanded").source,
            TextSource::Expanded
        );
        let long = format!("C;cmdline_url={}", "a".repeat(MAX_COMMAND + 10));
        assert_eq!(command(&long).text.len(), MAX_COMMAND);
    }

    #[test]
    fn endings() {
        let code = |text: &str| end(text).exit.map(|exit| exit.code);
        assert_eq!(code("D"), None);
        assert_eq!(code("D;"), None);
        assert_eq!(code("D;0"), Some(0));
        assert_eq!(code("D;258"), Some(2), "bash 3.2");
        assert_eq!(code("D;-1"), Some(255));
        assert_eq!(code("D;x"), None);
        let full = end("D;3;aid=a;tn=b;n=4;ps=0|1|3;dur=1500000");
        assert_eq!(
            full.exit,
            Some(Exit {
                code: 3,
                pipe: vec![0, 1, 3]
            })
        );
        assert_eq!(full.duration, Some(Duration::from_millis(1500)));
        let pipe = |text: &str| end(text).exit.map(|exit| exit.pipe);
        assert_eq!(pipe("D;0;ps=0"), Some(vec![]));
        assert_eq!(pipe("D;148;ps=3|0|4"), Some(vec![]), "stopped");
        assert_eq!(pipe("D;148;ps=0|148"), Some(vec![0, 148]));
        assert_eq!(pipe("D;1;ps=0|1|0"), Some(vec![0, 1, 0]), "pipefail");
        assert_eq!(end("D;;st=130").status, Some(130));
    }

    #[test]
    fn a_proof_is_whole_or_none() {
        let proof = |text: &'static str| semantic_prompt(text.as_bytes()).and_then(|mark| mark.1);
        assert_eq!(
            proof("A;aid=a;tn=b;n=12"),
            Some(Proof {
                aid: b"a",
                nonce: b"b",
                cycle: 12
            })
        );
        for cut in [
            "A;aid=a;tn=b",
            "A;aid=a;tn=b;n=",
            "A;tn=b;n=1",
            "P;k=i;aid=a;tn=b;n=1",
        ] {
            assert_eq!(proof(cut), None, "{cut}");
        }
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(br"a\x3bb\\n"), r"a;b\n");
        assert_eq!(unescape(br"\xzz\"), r"\xzz\");
        assert_eq!(percent_decode_lossy(b"%41%4"), "A%4");
    }
}
