//! Blocks of an earlier session, put into a terminal before its shell begins.
//!
//! Their text is on new lines, as if it had been printed now; they are ended, and belong to no shell of this
//! terminal. What was stored of a program's output is inert here: of its sequences only the looks (SGR) are obeyed,
//! so that an old query gets no answer that a new shell would read (`security.md` 2.4).

use std::sync::Arc;
use std::time::Duration;

use super::{Block, BlockId, CommandText, Context, Flags, Kind, Notes, ShellId, State, Trust};
use crate::blocks::Anchor;
use crate::terminal::Terminal;

/// What stands before the command of an old block.
const SIGN: &str = "\x1b[2m❯\x1b[m ";
/// The same before its further lines.
const SIGN_BELOW: &str = "\x1b[2m·\x1b[m ";

/// A block of an earlier session.
#[derive(Clone, Debug)]
pub struct OldBlock {
    /// What it is.
    pub kind: Kind,
    /// How it ended; a running one is [`State::Lost`].
    pub state: State,
    /// Whether its facts may be believed.
    pub trust: Trust,
    /// The command.
    pub command: CommandText,
    /// Its output: characters, SGR, line feeds. Anything else is left out.
    pub output: String,
    /// Where it ran.
    pub context: Arc<Context>,
    /// How long before this terminal's time zero it began.
    pub earlier: Duration,
    /// What is known about it beside.
    pub flags: Flags,
    /// What the user wrote beside it.
    pub notes: Option<Notes>,
}

impl Terminal {
    /// Puts a block of an earlier session at the cursor, which goes to the line after it. Call it before a shell
    /// runs, oldest block first.
    pub fn restore_block(&mut self, old: OldBlock) -> BlockId {
        self.print_inert("\n", self.state.cursor_anchor().cell > 0);
        let prompt = self.state.cursor_anchor();
        let background = old.kind == Kind::Background;
        if !background {
            self.print_inert(SIGN, true);
        }
        let input = self.state.cursor_anchor();
        for (index, line) in old.command.text.lines().enumerate() {
            if index > 0 {
                self.print_inert("\n", true);
                self.print_inert(SIGN_BELOW, true);
            }
            let plain: String = line.chars().filter(|one| !one.is_control()).collect();
            self.print_inert(&plain, true);
        }
        self.print_inert("\n", !background);
        let output = self.state.cursor_anchor();
        self.print_inert(&old.output, true);
        self.print_inert("\x1b[m", true);
        let (end, no_eol) = self.state.output_end();
        self.print_inert("\n", no_eol);
        let mut flags = old.flags & (Flags::ALT_SCREEN | Flags::BOOKMARK);
        flags.set(Flags::NO_EOL, no_eol && end > output);
        self.push_old(old, [prompt, input, output, end], flags)
    }

    fn push_old(&mut self, old: OldBlock, places: [Anchor; 4], flags: Flags) -> BlockId {
        let blocks = &mut self.state.blocks;
        let id = blocks.fresh_id();
        let [prompt, input, output, end] = places.map(Some);
        let command = old.kind == Kind::Command;
        let gone = blocks.push(Block {
            id,
            shell: ShellId::EARLIER,
            parent: None,
            cycle: 0,
            kind: old.kind,
            state: match old.state {
                State::Pending | State::Running => State::Lost,
                ended => ended,
            },
            trust: old.trust,
            prompt: prompt.filter(|_| command),
            input: input.filter(|_| command),
            output,
            end,
            command: old.command,
            context: old.context,
            started: Duration::ZERO,
            earlier: Some(old.earlier),
            flags,
            sections: Vec::new(),
            notes: old.notes.map(Box::new),
            dropped: (0, 0),
            hidden: Vec::new(),
            filter: None,
            capture: None,
        });
        blocks.unsettled = true;
        for id in gone {
            self.state.effects.block(super::BlockEvent::Forgotten(id));
        }
        id
    }

    /// Prints a line that belongs to no block, such as what divides old blocks from new ones.
    pub fn print_divider(&mut self, styled: &str) {
        self.print_inert("\n", self.state.cursor_anchor().cell > 0);
        self.print_inert(styled, true);
        self.print_inert("\x1b[m\n", true);
    }

    fn print_inert(&mut self, styled: &str, wanted: bool) {
        if wanted {
            let now = self.state.effects.now();
            self.advance(inert(styled).as_bytes(), now);
        }
    }
}

/// A text of which a terminal obeys line feeds, tabs and SGR, and nothing else.
fn inert(styled: &str) -> String {
    let mut text = String::with_capacity(styled.len() + styled.len() / 32);
    let mut rest = styled;
    while let Some(at) = rest.find(|one: char| one.is_control()) {
        text.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some('\n') => text.push_str("\r\n"),
            Some('\t') => text.push('\t'),
            Some('\x1b') => {
                let (sequence, after) = sequence(characters.as_str());
                if is_sgr(sequence) {
                    text.push('\x1b');
                    text.push_str(sequence);
                }
                rest = after;
                continue;
            }
            _ => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// Splits what follows an ESC into its sequence and the rest (ECMA-48 5.4, 5.6).
fn sequence(after: &str) -> (&str, &str) {
    let bytes = after.as_bytes();
    let length = match bytes.first() {
        Some(b'[') => {
            let parameters = bytes[1..]
                .iter()
                .take_while(|byte| matches!(byte, 0x20..=0x3f))
                .count();
            let last = bytes.get(1 + parameters);
            1 + parameters + usize::from(last.is_some_and(|byte| matches!(byte, 0x40..=0x7e)))
        }
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            let end = bytes
                .iter()
                .position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'));
            match end {
                Some(end) if bytes[end] == 0x1b && bytes.get(end + 1) == Some(&b'\\') => end + 2,
                Some(end) if bytes[end] == 0x07 => end + 1,
                Some(end) => end,
                None => bytes.len(),
            }
        }
        Some(0x20..=0x7e) => 1,
        _ => 0,
    };
    after.split_at(length)
}

fn is_sgr(sequence: &str) -> bool {
    let parameters = sequence
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix('m'));
    parameters.is_some_and(|text| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::{Exit, Format, Part, ShellKey, TextSource};
    use crate::terminal::Origin;
    use crate::testing::{feed, screen, sized};

    fn old(command: &str, output: &str, code: u8) -> OldBlock {
        OldBlock {
            kind: Kind::Command,
            state: State::Done {
                exit: Some(Exit {
                    code,
                    pipe: Vec::new(),
                }),
                duration: Some(Duration::from_secs(2)),
                clock: super::super::Clock::Shell,
            },
            trust: Trust::Verified(Origin::Local),
            command: CommandText {
                text: command.to_owned(),
                source: TextSource::Shell,
                private: false,
            },
            output: output.to_owned(),
            context: Arc::default(),
            earlier: Duration::from_secs(3600),
            flags: Flags::empty(),
            notes: None,
        }
    }

    #[test]
    fn old_blocks_stand_before_the_new_ones_and_are_blocks() {
        let mut terminal = sized(30, 8);
        let first = terminal.restore_block(old("ls", "a\nb\n", 0));
        let second = terminal.restore_block(old("for x\ndo", "\x1b[31mred\x1b[m", 1));
        terminal.print_divider("--- old");
        terminal.register_shell(ShellKey::new("a", "n"));
        feed(
            &mut terminal,
            "\x1b]133;A;aid=a;tn=n;n=1\x07$ \x1b]133;B\x07",
        );
        let text = screen(&terminal);
        let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(
            rows,
            ["❯ ls", "a", "b", "❯ for x", "· do", "red", "--- old", "$"]
        );
        let text = |id, part| terminal.block_text(id, part, Format::Text).unwrap();
        assert_eq!(text(first, Part::Output), "a\nb\n");
        assert_eq!(text(second, Part::Output), "red");
        let styled = terminal.block_text(second, Part::Output, Format::Styled);
        assert_eq!(styled.as_deref(), Some("\x1b[0;31mred\x1b[m"));
        let blocks = terminal.blocks();
        let block = blocks.get(second).unwrap();
        assert!(block.is_failure() && block.is_old() && !block.is_running());
        assert_eq!(block.command.text, "for x\ndo");
        let lines: Vec<_> = blocks
            .iter()
            .map(|block| block.start().unwrap().line)
            .collect();
        assert!(lines[0] < lines[1]);
        assert_eq!(blocks.at(lines[1]).map(|block| block.id), Some(second));
        assert!(blocks.is_at_prompt() && blocks.pending().is_some_and(|block| !block.is_old()));
    }

    #[test]
    fn what_was_stored_is_inert() {
        #[track_caller]
        fn check(stored: &str, expected: &str) {
            assert_eq!(inert(stored), expected);
        }
        check("a\tb\nc", "a\tb\r\nc");
        check("\x1b[1;38:2::1:2:3mx\x1b[m", "\x1b[1;38:2::1:2:3mx\x1b[m");
        check("a\x1b[cb\x1b[6nc\x1b[?1049hd", "abcd");
        check("a\x1b]52;c;AAAA\x07b\x1b]0;t\x1b\\c\x1bPq\x1b\\d", "abcd");
        check("a\x1b]133;A\x07b\x1bcc\x1b[2Jd\x1b", "abcd");
        check("a\x07\x08\r\u{9b}6nb", "a6nb");
        check("\x1b[>4m\x1b[1", "");
        let mut terminal = sized(20, 4);
        terminal.restore_block(old("x", "\x1b[c\x1b[6n\x05\x1b]2;evil\x07", 0));
        assert_eq!(terminal.take_replies(), b"");
        assert!(terminal.take_events().is_empty());
    }

    #[test]
    fn an_old_block_never_runs() {
        let mut terminal = sized(20, 4);
        let mut one = old("sleep 9", "", 0);
        one.state = State::Running;
        let id = terminal.restore_block(one);
        assert_eq!(terminal.blocks().get(id).unwrap().state, State::Lost);
        assert_eq!(terminal.blocks().running(), None);
    }
}
