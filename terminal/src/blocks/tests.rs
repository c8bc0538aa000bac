//! Blocks from bytes: the state machine, trust, text, eviction.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;

use super::{
    BlockEvent, Flags, Format, Kind, Part, ShellKey, SpoolPlace, State, TextSource, Trust,
};
use crate::event::Event;
use crate::size::{GridSize, PixelSize};
use crate::terminal::{Options, Origin, Terminal};
use crate::testing::{feed, row, screen, sized, with_options};

const AID: &str = "a1b2";
const NONCE: &str = "5ec7e7";

/// A terminal with one shell that can prove itself.
fn shell(columns: u16, rows: u16) -> Terminal {
    let mut terminal = sized(columns, rows);
    terminal.register_shell(ShellKey::new(AID, NONCE));
    terminal
}

fn proof(n: u32) -> String {
    format!("aid={AID};tn={NONCE};n={n}")
}

/// A prompt `$ `, as bash sends it.
fn prompt(n: u32) -> String {
    format!(
        "\x1b]133;A;{}\x07\x1b]133;P;k=i\x07$ \x1b]133;B\x07",
        proof(n)
    )
}

/// A command that is echoed, starts, and prints.
fn run(n: u32, command: &str, output: &str) -> String {
    let encoded = command.replace('%', "%25").replace('\n', "%0a");
    let echoed = command.replace('\n', "\r\n> ");
    format!(
        "{echoed}\r\n\x1b]133;C;cmdline_url={encoded};{};src=hist\x07{output}",
        proof(n)
    )
}

fn end(n: u32, status: u8) -> String {
    format!("\x1b]133;D;{status};{};dur=2500\x07", proof(n))
}

/// A whole cycle.
fn cycle(n: u32, command: &str, output: &str, status: u8) -> String {
    prompt(n) + &run(n, command, output) + &end(n, status)
}

/// One line a block: trust, state, command, output.
fn list(terminal: &Terminal) -> String {
    let mut text = String::new();
    let blocks = terminal.blocks();
    for block in blocks.iter().chain(blocks.pending()) {
        let trust = match block.trust {
            Trust::Unverified => "?",
            Trust::Verified(Origin::Local) => "",
            Trust::Verified(Origin::Remote) => "@",
        };
        let state = match &block.state {
            State::Pending => "pending".to_owned(),
            State::Running => "running".to_owned(),
            State::Done { exit: None, .. } => "done".to_owned(),
            State::Done {
                exit: Some(exit), ..
            } => format!("{}", exit.code),
            State::Rejected { status } => format!("rejected {status}"),
            State::Lost => "lost".to_owned(),
        };
        let kind = if block.kind == Kind::Background {
            "&"
        } else {
            ""
        };
        let nested = if block.parent.is_some() { ">" } else { "" };
        let output = terminal
            .block_text(block.id, Part::Output, Format::Text)
            .unwrap();
        let _ = writeln!(
            text,
            "{nested}{kind}{trust}{state} {:?} {output:?}",
            block.command.text
        );
    }
    text
}

#[track_caller]
fn check(terminal: &Terminal, expected: &str) {
    let expected: String = expected
        .lines()
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect();
    assert_eq!(list(terminal), expected);
}

/// The blocks after `input` from a shell with a key.
#[track_caller]
fn check_shell(input: &str, expected: &str) {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, input);
    check(&terminal, expected);
}

fn events(terminal: &mut Terminal) -> Vec<BlockEvent> {
    let of_blocks = |event| match event {
        Event::Block(event) => Some(event),
        _ => None,
    };
    terminal
        .take_events()
        .into_iter()
        .filter_map(of_blocks)
        .collect()
}

#[test]
fn a_cycle_is_a_block() {
    let input = cycle(1, "ls -l", "a\r\nb\r\n", 0) + &prompt(2);
    check_shell(
        &input,
        "0 \"ls -l\" \"a\\nb\\n\"
         pending \"\" \"\"",
    );
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &input);
    let block = terminal.blocks().nth(0).unwrap();
    assert_eq!(block.duration(), Some(Duration::from_micros(2500)));
    assert_eq!(block.command.source, TextSource::Shell);
    assert_eq!(block.cycle, 1);
    let id = block.id;
    let pending = terminal.blocks().pending().unwrap().id;
    assert_eq!(
        events(&mut terminal),
        [
            BlockEvent::Prompted(id),
            BlockEvent::Started(id),
            BlockEvent::Finished(id),
            BlockEvent::Prompted(pending)
        ]
    );
    let both = terminal.block_text(id, Part::Both, Format::Text);
    assert_eq!(both.as_deref(), Some("ls -l\na\nb\n"));
}

#[test]
fn styled_text_keeps_its_look() {
    let mut terminal = shell(20, 6);
    feed(
        &mut terminal,
        &cycle(1, "x", "\x1b[31mred\x1b[m!\r\n\x1b[1mbold\r\n\x1b[m", 0),
    );
    let id = terminal.blocks().last().unwrap().id;
    assert_eq!(
        terminal
            .block_text(id, Part::Output, Format::Styled)
            .unwrap(),
        "\x1b[0;31mred\x1b[m!\n\x1b[0;1mbold\x1b[m\n"
    );
}

#[test]
fn output_without_a_newline() {
    check_shell(&cycle(1, "x", "abc", 0), "0 \"x\" \"abc\"");
    let mut terminal = shell(10, 6);
    feed(&mut terminal, &prompt(1));
    feed(&mut terminal, &run(1, "x", "abc"));
    // zsh: a reversed bold `%`, blanks to the margin, back.
    feed(
        &mut terminal,
        &format!(
            "\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m{}\r \r{}{}",
            " ".repeat(9),
            end(1, 0),
            prompt(2)
        ),
    );
    check(
        &terminal,
        "0 \"x\" \"abc\"
         pending \"\" \"\"",
    );
    let block = terminal.blocks().nth(0).unwrap();
    assert!(block.flags.contains(Flags::NO_EOL));
    let pending = terminal.blocks().pending().unwrap();
    assert_ne!(
        pending.prompt.unwrap().line,
        block.end.unwrap().line,
        "the prompt begins a line"
    );
}

#[test]
fn bash_asks_for_a_fresh_line() {
    let mut terminal = shell(10, 6);
    feed(&mut terminal, &cycle(1, "x", "abc", 0));
    feed(
        &mut terminal,
        &format!("\x1b]133;A;{};fl=1\x07$ ", proof(2)),
    );
    assert_eq!(screen(&terminal), "$ x\nabc\n$");
}

#[test]
fn nothing_ran() {
    let nothing = |n, status| format!("\x1b]133;D;;{};st={status}\x07", proof(n));
    // An empty line.
    check_shell(
        &(prompt(1) + "\r\n" + &nothing(1, 3) + &prompt(2)),
        "pending \"\" \"\"",
    );
    // Ctrl-C.
    check_shell(
        &(prompt(1) + "sleep 1^C\r\n" + &nothing(1, 130) + &prompt(2)),
        "rejected 130 \"sleep 1\" \"\"
         pending \"\" \"\"",
    );
    // A syntax error.
    check_shell(
        &(prompt(1) + "fi\r\nbash: error\r\n" + &nothing(1, 2)),
        "rejected 2 \"fi\" \"bash: error\\n\"",
    );
}

#[test]
fn the_command_is_read_off_the_screen_where_the_shell_does_not_know_it() {
    let unknown = |n| format!("\x1b]133;C;{};src=screen\x07", proof(n));
    let mut terminal = shell(20, 6);
    feed(
        &mut terminal,
        &(prompt(1) + "echo a\r\n" + &unknown(1) + "a\r\n" + &end(1, 0)),
    );
    let command = &terminal.blocks().nth(0).unwrap().command;
    assert_eq!(
        (command.text.as_str(), command.source),
        ("echo a", TextSource::Screen)
    );
    // A right prompt and a continuation are no part of it.
    let right = "\x1b[15G\x1b]133;P;k=r\x07main\x1b]133;B\x07\x1b[3G";
    let more = "\x1b]133;P;k=s\x07> \x1b]133;B\x07";
    let mut terminal = shell(20, 6);
    feed(
        &mut terminal,
        &(prompt(1) + right + "for x\r\n" + more + "do y\r\n" + &unknown(1)),
    );
    check(&terminal, "running \"for x\\ndo y\" \"\"");
}

#[test]
fn a_right_prompt_that_does_not_fit_takes_no_row() {
    // Its shell drew it for a width that the terminal has no more.
    let right = "\x1b[15G\x1b]133;P;k=r\x07a long branch\x1b]133;B\x07\r\x1b[3G";
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &(prompt(1) + right + "ls"));
    assert_eq!(row(&terminal, 0), "$ ls          a lonh");
    assert_eq!(row(&terminal, 1), "");
    // What is typed goes on in the next row.
    feed(&mut terminal, &"x".repeat(20));
    assert_eq!(row(&terminal, 1), "xxxx");
    // One that never ends holds nothing up.
    let open = "\x1b]133;P;k=r\x07open\r\n";
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &(prompt(1) + open));
    feed(&mut terminal, &(run(1, "x", "") + &"y".repeat(25)));
    let long = (0..6).any(|at| row(&terminal, at) == "yyyyy");
    assert!(
        long,
        "{:?}",
        (0..6).map(|at| row(&terminal, at)).collect::<Vec<_>>()
    );
}

/// A terminal that waits for a shell to say its key after a word.
fn expecting(word: &str) -> Terminal {
    let mut terminal = sized(40, 6);
    terminal.expect_shell(ShellKey::new(AID, word).remote());
    terminal
}

fn trusts(terminal: &mut Terminal, nonce: &str) -> bool {
    let marks = format!(
        "\x1b]133;A;aid={AID};tn={nonce};n=1\x07$ \x1b]133;B\x07x\r\n\x1b]133;C;cmdline_url=x;aid={AID};tn={nonce};n=1\x07"
    );
    feed(terminal, &marks);
    terminal
        .blocks()
        .last()
        .is_some_and(|block| block.is_verified())
}

#[test]
fn a_shell_elsewhere_says_its_key_once_and_after_its_word() {
    let nonce = "00112233445566778899aabbccddeeff";
    let said = format!("\x1b]8377;key;w0rd;{nonce}\x07");
    let mut terminal = expecting("w0rd");
    feed(&mut terminal, &said);
    let shells: Vec<ShellKey> = terminal
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Shell(key) => Some(key),
            _ => None,
        })
        .collect();
    assert_eq!(shells, [ShellKey::new(AID, nonce).remote()]);
    assert!(trusts(&mut terminal, nonce));
    let block = terminal.blocks().last().unwrap();
    assert_eq!(block.trust, Trust::Verified(Origin::Remote));

    let other = "ffeeddccbbaa99887766554433221100";
    // Another word, none at all, no shell expected, a second key after the first, one that is none.
    for (mut terminal, first, nonce) in [
        (
            expecting("w0rd"),
            format!("\x1b]8377;key;guess;{other}\x07"),
            other,
        ),
        (
            expecting("w0rd"),
            format!("\x1b]8377;key;;{other}\x07"),
            other,
        ),
        (sized(40, 6), format!("\x1b]8377;key;;{other}\x07"), other),
        (
            expecting("w0rd"),
            format!("{said}\x1b]8377;key;w0rd;{other}\x07"),
            other,
        ),
        (expecting("w0rd"), "\x1b]8377;key;w0rd;\x07".to_owned(), ""),
        (
            expecting("w0rd"),
            "\x1b]8377;key;w0rd;short\x07".to_owned(),
            "short",
        ),
    ] {
        feed(&mut terminal, &first);
        assert!(!trusts(&mut terminal, nonce), "{first:?}");
    }
    // What was expected of a program that is gone is expected of no other.
    let mut terminal = expecting("w0rd");
    terminal.shells_ended();
    feed(&mut terminal, &said);
    assert!(!trusts(&mut terminal, nonce));
}

#[test]
fn marks_without_proof_end_nothing() {
    let forged = [
        "\x1b]133;D;0\x07",
        "\x1b]133;A\x07\x1b]133;B\x07rm -rf\r\n\x1b]133;C;cmdline_url=rm\x07",
        "\x1b]633;A\x07\x1b]633;E;rm\x07\x1b]633;C\x07\x1b]633;D;0\x07",
        "\x1b]3008;start=x;type=shell\x07\x1b]3008;start=y;type=command\x07\x1b]3008;end=y;exit=failure\x07",
        "\x1b]1337;CurrentDir=/evil\x07\x1b]7;file:///evil\x07\x1b]9;9;/evil\x07\x1b]633;P;Cwd=/evil\x07",
        "\x1b]133;D;0;aid=a1b2;tn=wrong;n=1\x07",
        "\x1b]133;D;0;aid=a1b2;tn=5ec7e7\x07",
        "\x1b]133;A;aid=other;tn=5ec7e7;n=9\x07",
        "\x1b]8377;ctx;aid=a1b2;tn=wrong;n=9;cwd=/evil;host=evil\x07",
        "\x1b]133;D;0;aid=a1b2;tn=5ec7e7;n=1\x18",
    ];
    for forged in forged {
        let mut terminal = shell(40, 6);
        feed(&mut terminal, &prompt(1));
        feed(&mut terminal, &run(1, "cat x", forged));
        assert_eq!(terminal.blocks().len(), 1, "{forged:?}");
        let block = terminal.blocks().nth(0).unwrap();
        assert!(block.is_running(), "{forged:?}");
        assert_eq!(block.command.text, "cat x");
        assert_eq!(block.context.cwd, None);
        assert_eq!(terminal.working_directory(), None, "{forged:?}");
        feed(&mut terminal, &end(1, 3));
        let block = terminal.blocks().nth(0).unwrap();
        assert_eq!(block.exit().map(|exit| exit.code), Some(3));
        // And at the prompt, from a background job.
        feed(&mut terminal, &prompt(2));
        feed(&mut terminal, forged);
        assert_eq!(terminal.blocks().len(), 1, "{forged:?}");
        feed(&mut terminal, &run(2, "true", ""));
        assert_eq!(terminal.blocks().last().unwrap().command.text, "true");
    }
}

#[test]
fn the_file_of_forged_marks_makes_no_trusted_block() {
    let forged = include_bytes!("../../../tests/data/forged-marks");
    let mut terminal = shell(80, 24);
    feed(&mut terminal, &prompt(1));
    feed(&mut terminal, &run(1, "cat forged-marks", ""));
    terminal.advance(forged, Duration::ZERO);
    let blocks = terminal.blocks();
    assert_eq!(blocks.len(), 1);
    let block = blocks.running().unwrap();
    assert_eq!(block.command.text, "cat forged-marks");
    assert_eq!(*block.context, super::Context::default());
    assert_eq!(terminal.working_directory(), None);
    feed(&mut terminal, &(end(1, 3) + &prompt(2)));
    // And from a background job while the prompt waits: borders may move, nothing else.
    terminal.advance(forged, Duration::ZERO);
    assert_eq!(
        terminal
            .blocks()
            .iter()
            .filter(|block| block.kind == Kind::Command)
            .count(),
        1
    );
    assert!(terminal.blocks().is_at_prompt());
    feed(&mut terminal, &run(2, "true", ""));
    feed(&mut terminal, &end(2, 0));
    let last = terminal.blocks().last().unwrap();
    assert_eq!(last.command.text, "true");
    assert_eq!(last.exit().map(|exit| exit.code), Some(0));
    assert_eq!(last.context.cwd, None);
    // In a pane where no shell ever proved itself they are for the view only.
    let mut terminal = sized(80, 24);
    terminal.advance(forged, Duration::ZERO);
    assert!(!terminal.blocks().is_empty());
    assert!(terminal.blocks().iter().all(|block| !block.is_verified()));
}

#[test]
fn an_old_recording_of_the_same_session_is_no_proof() {
    let mut terminal = shell(20, 6);
    let recording = cycle(1, "rm -rf /", "gone\r\n", 0);
    feed(&mut terminal, &recording);
    feed(&mut terminal, &prompt(2));
    feed(&mut terminal, &run(2, "cat typescript", &recording));
    let (count, running) = (terminal.blocks().len(), terminal.blocks().running());
    assert_eq!(count, 2);
    assert_eq!(
        running.map(|block| block.command.text.as_str()),
        Some("cat typescript")
    );
}

#[test]
fn nobody_proved_anything() {
    let mut terminal = sized(20, 6);
    feed(
        &mut terminal,
        "\x1b]133;A\x07% \x1b]133;B\x07ls\r\n\x1b]133;C\x07a\r\n\x1b]133;D;1\x07\x1b]133;A\x07% ",
    );
    check(
        &terminal,
        "?1 \"ls\" \"a\\n\"
         ?pending \"\" \"\"",
    );
    // VS Code's dialect, silenced by the other.
    feed(&mut terminal, "\x1b]633;C\x07");
    assert_eq!(terminal.blocks().len(), 1);
    let mut terminal = sized(20, 6);
    feed(
        &mut terminal,
        "\x1b]633;A\x07% \x1b]633;B\x07\x1b]633;E;make\\x3b ls\x07\r\n\x1b]633;C\x07x\r\n\x1b]633;D;2\x07",
    );
    check(&terminal, "?2 \"make; ls\" \"x\\n\"");
    let mut terminal = sized(20, 6);
    feed(
        &mut terminal,
        "\x1b]3008;start=s;type=shell\x07$ ls\r\n\x1b]3008;start=c;type=command\x07y\r\n\x1b]3008;end=c;exit=failure;status=4\x07",
    );
    check(&terminal, "?4 \"\" \"y\\n\"");
}

#[test]
fn the_first_proof_ends_what_was_not() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, "\x1b]133;C\x07motd\r\n");
    feed(&mut terminal, &cycle(1, "ls", "a\r\n", 0));
    check(
        &terminal,
        "?lost \"\" \"motd\\n\"
         0 \"ls\" \"a\\n\"",
    );
}

#[test]
fn a_shell_in_a_shell() {
    let mut terminal = shell(20, 12);
    terminal.register_shell(ShellKey::new("inner", "n2").remote());
    feed(&mut terminal, &prompt(1));
    feed(&mut terminal, &run(1, "ssh h", ""));
    let inner = "aid=inner;tn=n2";
    feed(
        &mut terminal,
        &format!(
            "\x1b]133;A;{inner};n=1\x07h$ \x1b]133;B\x07w\r\n\x1b]133;C;cmdline_url=w;{inner};n=1\x07up\r\n\
             \x1b]133;D;0;{inner};n=1\x07\x1b]133;A;{inner};n=2\x07h$ \x1b]133;B\x07x\r\n\
             \x1b]133;C;cmdline_url=x;{inner};n=2\x07.."
        ),
    );
    let outer = terminal.blocks().nth(0).unwrap().id;
    assert_eq!(terminal.blocks().nth(1).unwrap().parent, Some(outer));
    feed(&mut terminal, &format!("\r\n{}", end(1, 255)));
    check(
        &terminal,
        "255 \"ssh h\" \"h$ w\\nup\\nh$ x\\n..\\n\"
         >@0 \"w\" \"up\\n\"
         >@lost \"x\" \"..\\n\"",
    );
}

#[test]
fn the_shell_goes_away() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &(prompt(1) + &run(1, "exec x", "bye")));
    terminal.shells_ended();
    check(&terminal, "lost \"exec x\" \"bye\"");
    assert!(matches!(
        events(&mut terminal)[..],
        [.., BlockEvent::Finished(_)]
    ));
}

#[test]
fn a_lost_end_is_made_good_by_the_next_prompt() {
    check_shell(
        &(prompt(1) + &run(1, "a", "1\r\n") + &prompt(4) + &run(4, "b", "2\r\n") + &end(4, 0)),
        "lost \"a\" \"1\\n\"
         0 \"b\" \"2\\n\"",
    );
}

#[test]
fn background_output_is_a_block_when_the_prompt_is_drawn_again() {
    let again = "\x1b]133;P;k=i\x07$ \x1b]133;B\x07sle";
    let at = |terminal: &mut Terminal, seconds, text: &str| {
        terminal.advance(text.as_bytes(), Duration::from_secs(seconds));
    };
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &(prompt(1) + "sle"));
    terminal.typed(b"e", Duration::ZERO);
    at(&mut terminal, 1, &format!("\r\n\r\n[1] done\r\n{again}"));
    check(
        &terminal,
        "&done \"\" \"[1] done\\n\"
         pending \"\" \"\"",
    );
    // Drawn again in place (completion, a resize): nothing.
    feed(
        &mut terminal,
        "\r\x1b[J\x1b]133;P;k=i\x07$ \x1b]133;B\x07sleep",
    );
    assert_eq!(terminal.blocks().len(), 1);
    // What was printed beside an empty prompt is the job's too.
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &prompt(1));
    at(&mut terminal, 1, &format!("from a job\r\n{again}"));
    check(
        &terminal,
        "&done \"\" \"from a job\\n\"
         pending \"\" \"\"",
    );
}

#[test]
fn what_was_printed_before_a_key_is_no_answer_to_it() {
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &(prompt(1) + "from a job\r\n"));
    terminal.typed(b"l", Duration::ZERO);
    feed(
        &mut terminal,
        "l\r\n[1] done\r\n\x1b]133;P;k=i\x07$ \x1b]133;B\x07l",
    );
    check(
        &terminal,
        "&done \"\" \"from a job\\nl\\n[1] done\\n\"
         pending \"\" \"\"",
    );
}

#[test]
fn completions_are_no_background_output() {
    let again = "sbin/ srv/ sys/\r\n\x1b]133;P;k=i\x07$ \x1b]133;B\x07ls /s";
    let bash = format!("\x1b]8377;ctx;{};sh=bash/5.2;cwd=/\x07", proof(1));
    let zsh = bash.replace("bash/5.2", "zsh/5.9");
    for (context, key, seconds) in [(&zsh, "\t", 2), (&zsh, "s", 0), (&bash, "s", 2)] {
        let mut terminal = shell(20, 8);
        feed(&mut terminal, &(context.clone() + &prompt(1) + "ls /s"));
        terminal.typed(key.as_bytes(), Duration::ZERO);
        let listed = format!("\r\n{again}");
        terminal.advance(listed.as_bytes(), Duration::from_secs(seconds));
        check(&terminal, "pending \"\" \"\"");
    }
}

#[test]
fn output_begins_below_a_prompt_that_was_drawn_shorter_without_marks() {
    let mut terminal = shell(20, 8);
    let two_rows = format!(
        "\x1b]133;A;{}\x07\x1b]133;P;k=i\x07~\r\n% \x1b]133;B\x07",
        proof(1)
    );
    let shorter = "echo one\r\x1b[A\x1b[J> ";
    feed(
        &mut terminal,
        &(two_rows + shorter + &run(1, "echo one", "one\r\n") + &end(1, 0) + &prompt(2)),
    );
    check(&terminal, "0 \"echo one\" \"one\\n\"\npending \"\" \"\"");
    assert_ordered(&terminal);
}

#[test]
fn what_a_job_prints_behind_what_is_typed_is_output() {
    let typed = |input: &str, command: &str| {
        let mut terminal = shell(40, 8);
        let run = format!("\x1b]133;C;cmdline_url={command};{};src=hist\x07", proof(1));
        feed(
            &mut terminal,
            &(prompt(1) + input + "\r\n" + &run + "out\r\n" + &end(1, 0)),
        );
        list(&terminal)
    };
    assert_eq!(
        typed("lsfrom job\r\nmore", "ls"),
        "0 \"ls\" \"from job\\nmore\\nout\\n\"\n"
    );
    // A right prompt, and what history expansion made of a line.
    let plain = "0 \"ls\" \"out\\n\"\n";
    assert_eq!(typed("ls            right", "ls"), plain);
    assert_eq!(typed("!l\r\nls", "ls"), plain);
}

#[test]
fn a_plain_mark_takes_no_line_from_a_block_before() {
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &cycle(1, "x", "a\r\nb\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(
        &mut terminal,
        "\x1b[2A\r\x1b]133;A\x07\x1b]133;P;k=i\x07\x1b[3B",
    );
    feed(&mut terminal, &run(2, "y", ""));
    check(
        &terminal,
        "0 \"x\" \"a\\nb\\n\"
         running \"y\" \"\"",
    );
    assert_ordered(&terminal);
}

#[test]
fn output_after_clearing_begins_at_the_top() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &cycle(1, "ls", "a\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(&mut terminal, &run(2, "x", "\x1b[H\x1b[2Jone\r\n"));
    let top = terminal.anchor(crate::index::Point::new(0, 0)).unwrap();
    let begins = |terminal: &Terminal| terminal.blocks().nth(1).unwrap().output.unwrap();
    assert_eq!((begins(&terminal).line, begins(&terminal).cell), top);
    // What was printed before stays its output.
    feed(&mut terminal, "\x1b[H\x1b[2Jtwo\r\n");
    assert_eq!((begins(&terminal).line, begins(&terminal).cell), top);
    feed(&mut terminal, &(end(2, 0) + &prompt(3)));
    check(
        &terminal,
        "0 \"ls\" \"a\\n\"
         0 \"x\" \"one\\ntwo\\n\"
         pending \"\" \"\"",
    );
    assert_ordered(&terminal);
}

#[test]
fn clearing_the_screen_hides_nothing_but_itself() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &cycle(1, "ls", "a\r\nb\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(&mut terminal, &run(2, "clear", "\x1b[H\x1b[2J\x1b[3J"));
    feed(&mut terminal, &(end(2, 0) + &prompt(3)));
    assert_eq!(screen(&terminal), "$");
    let blocks = terminal.blocks();
    assert!(blocks.nth(1).unwrap().flags.contains(Flags::CLEARED));
    assert!(!blocks.nth(0).unwrap().flags.contains(Flags::CLEARED));
    check(
        &terminal,
        "0 \"ls\" \"a\\nb\\n\"
         0 \"clear\" \"\"
         pending \"\" \"\"",
    );
    let first = blocks.nth(0).unwrap().id;
    assert!(events(&mut terminal).contains(&BlockEvent::Detached(first)));
}

#[test]
fn clearing_at_the_prompt_leaves_no_second_prompt() {
    let mut terminal = shell(20, 4);
    feed(&mut terminal, &cycle(1, "ls", "a\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(
        &mut terminal,
        "\x1b[H\x1b[2J\x1b]133;P;k=i\x07$ \x1b]133;B\x07",
    );
    assert_eq!(screen(&terminal), "$");
    assert_eq!(terminal.scrollback_rows(), 2, "only the block before");
    assert_eq!(terminal.blocks().len(), 1);
}

#[test]
fn what_is_painted_over_later_keeps_its_text() {
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &cycle(1, "ls", "one\r\ntwo\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(
        &mut terminal,
        &run(2, "evil", "\x1b[2;1Hpainted\x1b[K\x1b[8;1H"),
    );
    check(
        &terminal,
        "0 \"ls\" \"one\\ntwo\\n\"
         running \"evil\" \"\\n\\n\\n\"",
    );
    assert!(screen(&terminal).contains("painted"));
    let block = terminal.blocks().last().unwrap();
    assert!(block.flags.contains(Flags::LIVE));
}

#[test]
fn a_progress_bar_is_kept_as_it_ended() {
    let frames: String = (0..50)
        .map(|n| format!("\r{n} %\x1b[K\r\nbar\x1b[1A"))
        .collect();
    check_shell(
        &cycle(1, "pull", &format!("{frames}\r\n\ndone\r\n"), 0),
        "0 \"pull\" \"49 %\\nbar\\ndone\\n\"",
    );
}

#[test]
fn programs_on_the_alternate_screen_are_noted() {
    let mut terminal = shell(20, 6);
    feed(
        &mut terminal,
        &cycle(1, "vim", "\x1b[?1049h\x1b[2Jtext\x1b[?1049l", 0),
    );
    check(&terminal, "0 \"vim\" \"\"");
    let block = terminal.blocks().last().unwrap();
    assert!(block.flags.contains(Flags::ALT_SCREEN));
}

#[test]
fn text_outlives_scrollback() {
    let mut terminal = with_options(
        20,
        4,
        Options {
            scrollback_lines: 50,
            ..Options::default()
        },
    );
    terminal.register_shell(ShellKey::new(AID, NONCE));
    feed(&mut terminal, &cycle(1, "first", "kept\r\n", 0));
    let first = terminal.blocks().last().unwrap().id;
    for n in 2..3000 {
        let output: String = (0..20).map(|line| format!("line {n} {line}\r\n")).collect();
        feed(&mut terminal, &cycle(n, "seq", &output, 0));
    }
    assert!(events(&mut terminal).contains(&BlockEvent::Detached(first)));
    let text = terminal.block_text(first, Part::Output, Format::Text);
    assert_eq!(text.as_deref(), Some("kept\n"));
}

#[test]
fn a_huge_output_keeps_its_head_and_its_tail() {
    let mut terminal = with_options(
        40,
        4,
        Options {
            scrollback_lines: 1000,
            ..Options::default()
        },
    );
    terminal.register_shell(ShellKey::new(AID, NONCE));
    feed(&mut terminal, &(prompt(1) + &run(1, "seq", "")));
    let lines = 200_000;
    for chunk in 0..lines / 1000 {
        let text: String = (0..1000)
            .map(|line| format!("this is line {}\r\n", chunk * 1000 + line))
            .collect();
        feed(&mut terminal, &text);
    }
    feed(&mut terminal, &end(1, 0));
    let id = terminal.blocks().last().unwrap().id;
    let spool = terminal.block_spool(id, Format::Text).unwrap();
    assert!(spool.head.starts_with("this is line 0\nthis is line 1\n"));
    assert!(
        spool
            .tail
            .ends_with(&format!("this is line {}\n", lines - 1))
    );
    assert!(spool.head.len() > 400_000, "{}", spool.head.len());
    assert!(spool.head.len() + spool.tail.len() <= crate::limits::MAX_SPOOL);
    assert_eq!(spool.lines, lines);
    let kept = (spool.head.lines().count() + spool.tail.lines().count()) as u64;
    assert_eq!(kept + spool.dropped_lines, lines);
    let (_, scrollback) = terminal.memory();
    assert!(scrollback < 4_000_000, "{scrollback}");
}

/// A terminal whose shell runs a command that has printed nothing yet.
fn busy(scrollback_lines: usize) -> Terminal {
    let options = Options {
        scrollback_lines,
        ..Options::default()
    };
    let mut terminal = with_options(40, 4, options);
    terminal.register_shell(ShellKey::new(AID, NONCE));
    feed(&mut terminal, &(prompt(1) + &run(1, "seq", "")));
    terminal
}

fn numbered(lines: std::ops::Range<u64>) -> String {
    lines.map(|n| format!("this is line {n}\r\n")).collect()
}

#[test]
fn what_is_between_head_and_tail_is_counted_but_not_read() {
    let mut terminal = busy(1_000_000);
    let lines = 200_000;
    feed(&mut terminal, &numbered(0..lines));
    feed(&mut terminal, &end(1, 0));
    let id = terminal.blocks().last().unwrap().id;
    let spool = terminal.block_spool(id, Format::Styled).unwrap();
    let all = numbered(0..lines).replace('\r', "");
    assert!(spool.head.len() > 400_000 && all.starts_with(&spool.head));
    assert!(spool.tail.len() > 400_000 && all.ends_with(&spool.tail));
    assert_eq!((spool.lines, spool.bytes), (lines, all.len() as u64));
    assert_eq!(
        spool.dropped_bytes,
        (all.len() - spool.head.len() - spool.tail.len()) as u64
    );
    let kept = (spool.head.lines().count() + spool.tail.lines().count()) as u64;
    assert_eq!(kept + spool.dropped_lines, lines);
}

#[test]
fn news_of_a_running_block_make_up_its_output() {
    let mut terminal = busy(100_000);
    let id = terminal.blocks().running().unwrap().id;
    let mut place = SpoolPlace::default();
    let (mut text, mut told) = (String::new(), 0);
    for step in 0..60 {
        let until = told + [1, 0, 700, 3, 12][step % 5];
        feed(&mut terminal, &numbered(told..until));
        // A line longer than the screen is wide, and one that is painted over.
        feed(&mut terminal, &"long ".repeat(step * 3));
        feed(&mut terminal, "\r\n\x1b[31m10 %\r20 %\x1b[m\r\n");
        told = until;
        let news = terminal.block_news(id, Format::Styled, &mut place).unwrap();
        assert_eq!((news.skipped, news.rest.as_str()), ((0, 0), ""));
        text.push_str(&news.more);
        let spool = terminal.block_spool(id, Format::Styled).unwrap();
        assert_eq!(text.clone() + &news.screen, spool.head);
    }
    let news = terminal.block_news(id, Format::Styled, &mut place).unwrap();
    assert_eq!(news.more, "");
}

#[test]
fn of_a_flood_between_two_looks_no_more_is_read_than_is_kept() {
    let mut terminal = busy(1_000_000);
    let id = terminal.blocks().running().unwrap().id;
    let mut place = SpoolPlace::default();
    let lines = 200_000;
    feed(&mut terminal, &numbered(0..lines));
    let news = terminal.block_news(id, Format::Text, &mut place).unwrap();
    let all = numbered(0..lines).replace('\r', "");
    assert!(news.more.len() > 400_000 && all.starts_with(&news.more));
    let end = news.rest.clone() + &news.screen;
    assert!(end.len() > 400_000 && end.len() < 700_000 && all.ends_with(&end));
    assert_eq!(
        news.skipped.1,
        (all.len() - news.more.len() - end.len()) as u64
    );
    // The head is full now: of the next flood only the end is read.
    feed(&mut terminal, &numbered(lines..2 * lines));
    let news = terminal.block_news(id, Format::Text, &mut place).unwrap();
    assert_eq!(news.more, "");
    assert!(news.rest.len() < 700_000 && news.skipped.0 > 100_000);
}

#[test]
fn blocks_are_found_by_line() {
    let mut terminal = shell(20, 6);
    for n in 1..100 {
        feed(&mut terminal, &cycle(n, "x", "1\r\n2\r\n3\r\n", 0));
    }
    let blocks = terminal.blocks();
    for (index, block) in blocks.iter().enumerate() {
        let start = block.start().unwrap().line;
        assert_eq!(blocks.index_at(start), Some(index));
        assert_eq!(blocks.index_at(block.last_line().unwrap()), Some(index));
        assert_eq!(blocks.first_from(start), index);
        assert_eq!(blocks.position(block.id), Some(index));
    }
}

#[test]
fn the_context_needs_a_proof_and_changes_folders() {
    let mut terminal = shell(20, 6);
    feed(
        &mut terminal,
        &format!(
            "\x1b]8377;ctx;{};sh=zsh/5.9;pid=12;user=me;host=here;cwd=/tmp/a%3Bb;venv=v\x07",
            proof(1)
        ),
    );
    feed(
        &mut terminal,
        &(prompt(1) + &run(1, "x", "\x1b]7;file:///evil\x07")),
    );
    let context = &terminal.blocks().running().unwrap().context;
    assert_eq!(context.cwd.as_deref(), Some("/tmp/a;b"));
    assert_eq!(
        (context.host.as_str(), context.user.as_str(), context.pid),
        ("here", "me", Some(12))
    );
    assert_eq!(terminal.working_directory(), Some("/tmp/a;b"));
    // The same context again is the same object.
    feed(
        &mut terminal,
        &(end(1, 0)
            + &format!("\x1b]8377;ctx;{};venv=v\x07", proof(2))
            + &prompt(2)
            + &run(2, "y", "")),
    );
    let blocks = terminal.blocks();
    let (a, b) = (blocks.nth(0).unwrap(), blocks.nth(1).unwrap());
    assert!(std::sync::Arc::ptr_eq(&a.context, &b.context));
}

#[test]
fn shells_without_a_hook_start_at_enter() {
    let mut terminal = shell(20, 6);
    let prompt = |n| format!("\x1b]133;A;{};c=enter\x07$ \x1b]133;B\x07", proof(n));
    feed(&mut terminal, &prompt(1));
    feed(&mut terminal, "ec");
    terminal.typed(b"\r", Duration::ZERO);
    feed(&mut terminal, "ho\r\nho\r\n");
    check(&terminal, "running \"echo\" \"ho\\n\"");
    feed(&mut terminal, &(end(1, 0) + &prompt(2) + "\r\n"));
    check(
        &terminal,
        "0 \"echo\" \"ho\\n\"
         pending \"\" \"\"",
    );
}

#[test]
fn sections_of_output() {
    let mut terminal = shell(20, 8);
    feed(&mut terminal, &prompt(1));
    feed(
        &mut terminal,
        &run(
            1,
            "ci",
            "\x1b]1337;Block=attr=start;id=build\x07a\r\nb\r\n\x1b]1337;Block=attr=end;id=build\x07\
             \x1b]1337;UpdateBlock=id=build;action=fold\x07c\r\n",
        ),
    );
    let block = terminal.blocks().running().unwrap();
    assert_eq!(block.sections.len(), 1);
    assert!(block.sections[0].folded && block.sections[0].end.is_some());
}

#[test]
fn a_flood_of_marks_ends_with_the_next_proof() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &prompt(1));
    feed(
        &mut terminal,
        &run(1, "cat", &"\x1b]133;A\x07".repeat(30_000)),
    );
    feed(&mut terminal, &prompt(2));
    feed(&mut terminal, &run(2, "b", ""));
    assert_eq!(terminal.blocks().running().unwrap().command.text, "b");
}

#[test]
fn folding_hides_output_and_nothing_else() {
    let mut terminal = shell(20, 6);
    for n in 1..=3 {
        feed(
            &mut terminal,
            &cycle(n, "x", &format!("a{n}\r\nb{n}\r\n"), 0),
        );
    }
    feed(&mut terminal, &prompt(4));
    let ids: Vec<_> = terminal.blocks().iter().map(|block| block.id).collect();
    let shown = |terminal: &mut Terminal| {
        let mut frame = crate::frame::Frame::new();
        terminal.damage_all();
        frame.update(terminal);
        let rows = frame.lines.iter().map(|line| row(terminal, line.0));
        rows.collect::<Vec<_>>().join("|")
    };
    assert_eq!(shown(&mut terminal), "a2|b2|$ x|a3|b3|$");
    assert_eq!(terminal.block_height(ids[1]), 2);
    terminal.fold_block(ids[2], true);
    assert_eq!(shown(&mut terminal), "b1|$ x|a2|b2|$ x|$");
    terminal.fold_where(None, |_| true);
    assert_eq!(shown(&mut terminal), "$ x|$ x|$ x|$");
    terminal.scroll_display(crate::terminal::Scroll::Top);
    assert_eq!(terminal.display_offset(), 0);
    // What is copied is what is seen.
    terminal.select_all();
    assert_eq!(
        terminal.selected_text().as_deref(),
        Some("$ x\n$ x\n$ x\n$")
    );
    // Output goes on below, and the folds stay where they are.
    feed(&mut terminal, &run(4, "y", "1\r\n2\r\n3\r\n4\r\n"));
    feed(&mut terminal, &(end(4, 0) + &prompt(5)));
    assert_eq!(shown(&mut terminal), "$ y|1|2|3|4|$");
    terminal.scroll_display(crate::terminal::Scroll::Top);
    assert_eq!(shown(&mut terminal), "$ x|$ x|$ x|$ y|1|2");
    let line = terminal.block_line(ids[1]).unwrap();
    terminal.reveal(line + 1);
    assert!(shown(&mut terminal).contains("a2|b2"));
    terminal.fold_where(None, |_| false);
    terminal.scroll_display(crate::terminal::Scroll::Top);
    assert_eq!(shown(&mut terminal), "$ x|a1|b1|$ x|a2|b2");
}

#[test]
fn a_filter_shows_what_matches() {
    let mut terminal = shell(20, 8);
    let output: String = (0..20).map(|n| format!("line {n}\r\n")).collect();
    feed(&mut terminal, &(cycle(1, "seq", &output, 0) + &prompt(2)));
    let id = terminal.blocks().last().unwrap().id;
    let mut filter = super::LineFilter::new("LINE 1[0-3]", true);
    assert_eq!(
        terminal.filter_block(id, filter.as_ref().ok()),
        Some(super::Filtered {
            matched: 0,
            total: 20
        }),
        "capitals make case count"
    );
    filter = super::LineFilter::new("line 1[0-3]", true);
    let mut filter = filter.unwrap();
    let counts = terminal.filter_block(id, Some(&filter)).unwrap();
    assert_eq!((counts.matched, counts.total), (4, 20));
    assert_eq!(
        terminal.block_shown_text(id).as_deref(),
        Some("line 10\nline 11\nline 12\nline 13\n")
    );
    filter.context = 1;
    terminal.filter_block(id, Some(&filter));
    assert_eq!(terminal.block_shown_text(id).unwrap().lines().count(), 6);
    filter.invert = true;
    filter.context = 0;
    let counts = terminal.filter_block(id, Some(&filter)).unwrap();
    assert_eq!(counts.matched, 16);
    terminal.filter_block(id, None);
    assert_eq!(terminal.block_shown_text(id).unwrap().lines().count(), 20);
    assert!(super::LineFilter::new("(", true).is_err());
}

/// What the viewport shows, without empty rows.
fn seen(terminal: &mut Terminal, frame: &mut crate::frame::Frame) -> String {
    frame.update(terminal);
    let rows = frame.rows.iter().map(|row| {
        let text: String = row.cells.iter().map(|cell| cell.character).collect();
        text.trim_end().to_owned()
    });
    let rows: Vec<String> = rows.filter(|row| !row.is_empty()).collect();
    rows.join("|")
}

#[test]
fn a_running_command_is_filtered_while_it_prints() {
    let mut terminal = shell(20, 6);
    let mut frame = crate::frame::Frame::new();
    feed(
        &mut terminal,
        &(prompt(1) + &run(1, "ci", "ok 1\r\nbad 2\r\nok 3\r\nok")),
    );
    let id = terminal.blocks().running().unwrap().id;
    let filter = super::LineFilter::new("bad", false).unwrap();
    let found = |terminal: &Terminal| {
        let found = terminal.blocks().get(id).unwrap().filtered().unwrap();
        (found.matched, found.total)
    };
    let counts = terminal.filter_block(id, Some(&filter)).unwrap();
    assert_eq!((counts.matched, counts.total), (1, 3), "the line goes on");
    assert_eq!(seen(&mut terminal, &mut frame), "$ ci|bad 2|ok");
    feed(&mut terminal, " 4\r\nbad 5\r\n");
    assert_eq!(seen(&mut terminal, &mut frame), "$ ci|bad 2|bad 5");
    // Far more than the screen holds.
    let more: String = (6..60).map(|n| format!("ok {n}\r\n")).collect();
    feed(&mut terminal, &more);
    assert_eq!(seen(&mut terminal, &mut frame), "$ ci|bad 2|bad 5");
    feed(&mut terminal, "bad 60\r\nworse\r\x1b[Abad 61\r\n\n");
    assert_eq!(seen(&mut terminal, &mut frame), "$ ci|bad 2|bad 5|bad 61");
    assert_eq!(found(&terminal), (3, 61), "painted over");
    assert_eq!(
        terminal.block_shown_text(id).unwrap(),
        "bad 2\nbad 5\nbad 61\n"
    );
    feed(
        &mut terminal,
        &("bad 62".to_owned() + &end(1, 0) + "\r\n" + &prompt(2)),
    );
    assert_eq!(
        seen(&mut terminal, &mut frame),
        "$ ci|bad 2|bad 5|bad 61|bad 62|$"
    );
    assert_eq!(found(&terminal), (4, 62));
    terminal.filter_block(id, None);
    terminal.scroll_display(crate::terminal::Scroll::Bottom);
    assert_eq!(
        seen(&mut terminal, &mut frame),
        "ok 58|ok 59|bad 61|worse|bad 62|$"
    );
}

#[test]
fn a_filter_with_context_grows_with_the_output() {
    let mut terminal = shell(20, 5);
    let mut frame = crate::frame::Frame::new();
    feed(&mut terminal, &(prompt(1) + &run(1, "x", "")));
    let id = terminal.blocks().running().unwrap().id;
    let mut filter = super::LineFilter::new("7", false).unwrap();
    filter.context = 1;
    terminal.filter_block(id, Some(&filter));
    for n in 1..30 {
        feed(&mut terminal, &format!("{n}\r\n"));
        seen(&mut terminal, &mut frame);
    }
    assert_eq!(
        terminal.block_shown_text(id).unwrap().replace('\n', " "),
        "6 7 8 16 17 18 26 27 28 "
    );
    assert_eq!(seen(&mut terminal, &mut frame), "18|26|27|28");
    // In one go it is the same.
    filter.invert = true;
    filter.context = 0;
    let counts = terminal.filter_block(id, Some(&filter)).unwrap();
    assert_eq!((counts.matched, counts.total), (26, 29));
}

proptest! {
    /// Looked at in pieces, a filter hides what it hides looked at once.
    #[test]
    fn a_filter_in_pieces_is_the_same(
        lines in prop::collection::vec((prop::sample::select(vec!["a", "b", "c", "wide wide wide wide wide", "\x1b[Aa"]), any::<bool>()), 0..80),
        context in 0usize..3,
        invert in any::<bool>(),
    ) {
        let mut terminal = shell(12, 5);
        let mut frame = crate::frame::Frame::new();
        feed(&mut terminal, &(prompt(1) + &run(1, "x", "")));
        let id = terminal.blocks().running().unwrap().id;
        let mut filter = super::LineFilter::new("a", false).unwrap();
        (filter.context, filter.invert) = (context, invert);
        terminal.filter_block(id, Some(&filter));
        for (line, look) in &lines {
            feed(&mut terminal, &format!("{line}\r\n"));
            if *look {
                seen(&mut terminal, &mut frame);
            }
        }
        let text = seen(&mut terminal, &mut frame);
        let found = terminal.blocks().get(id).unwrap().filtered();
        let shown = terminal.block_shown_text(id);
        let mut fresh = crate::frame::Frame::new();
        prop_assert_eq!(seen(&mut terminal, &mut fresh), text.clone());
        terminal.filter_block(id, Some(&filter));
        prop_assert_eq!(terminal.blocks().get(id).unwrap().filtered(), found);
        prop_assert_eq!(terminal.block_shown_text(id), shown);
        feed(&mut terminal, &(end(1, 0) + &prompt(2)));
        let ended = terminal.block_shown_text(id);
        terminal.filter_block(id, Some(&filter));
        prop_assert_eq!(terminal.block_shown_text(id), ended);
    }
}

#[test]
fn what_a_job_prints_at_the_prompt_of_bash_is_not_typed() {
    let context = |n| format!("\x1b]8377;ctx;{};sh=bash/5.2;cwd=/\x07", proof(n));
    let nothing = |n, status: u8| format!("\x1b]133;D;;{};st={status}\x07", proof(n));
    let mut terminal = shell(20, 8);
    feed(
        &mut terminal,
        &(context(1) + &prompt(1) + "from a job\r\n\r\n" + &nothing(1, 0)),
    );
    feed(
        &mut terminal,
        &(context(2) + &prompt(2) + "if then\r\nerror\r\n" + &nothing(2, 2) + &prompt(3)),
    );
    check(
        &terminal,
        "&done \"\" \"from a job\\n\\n\"
         rejected 2 \"if then\" \"error\\n\"
         pending \"\" \"\"",
    );
}

#[test]
fn what_a_job_prints_before_a_command_is_typed_is_a_block_of_its_own() {
    let typed = |input: &str, command: &str| {
        let mut terminal = shell(20, 12);
        let run = format!(
            "\x1b]133;C;cmdline_url={};{};src=hist\x07",
            command.replace('\n', "%0A"),
            proof(1)
        );
        let done = format!("\x1b]133;D;0;{}\x07", proof(1));
        feed(
            &mut terminal,
            &(prompt(1) + input + &run + "out\r\n" + &done + &prompt(2)),
        );
        terminal
    };
    let terminal = typed("from a job\r\nand more\r\nls\r\n", "ls");
    check(
        &terminal,
        "&done \"\" \"from a job\\nand more\\n\"
         0 \"ls\" \"out\\n\"
         pending \"\" \"\"",
    );
    let blocks = terminal.blocks();
    let command = blocks.nth(1).unwrap();
    assert_eq!(command.prompt, blocks.nth(0).unwrap().end);
    // Several lines that were typed are the command, as are lines that it does not end in.
    for (input, command) in [
        ("for x in 1\r\ndo\r\ndone\r\n", "for x in 1\ndo\ndone"),
        ("for x in 1\r\ndo\r\ndone\r\n", "for x in 1; do done"),
        (
            "a line that the screen wraps here\r\n",
            "a line that the screen wraps here",
        ),
    ] {
        assert_eq!(typed(input, command).blocks().len(), 1, "{command}");
    }
}

#[test]
fn a_right_prompt_without_marks_is_no_input() {
    let mut terminal = shell(40, 6);
    let nothing = format!("\x1b]133;D;;{};st=1\x07", proof(1));
    feed(
        &mut terminal,
        &(prompt(1) + "\x1b7\x1b[30G08:49 PM\x1b8\r\n" + &nothing + &prompt(2)),
    );
    assert!(terminal.blocks().is_empty(), "{}", list(&terminal));
    // What was typed before it is.
    let nothing = format!("\x1b]133;D;;{};st=1\x07", proof(2));
    feed(
        &mut terminal,
        &("if\r\n".to_owned() + &nothing + &prompt(3)),
    );
    check(&terminal, "rejected 1 \"if\" \"\"\npending \"\" \"\"");
}

#[test]
fn what_bash_rejects_is_what_bash_says_not_what_a_job_printed_before_it() {
    let mut terminal = shell(60, 8);
    let context = format!("\x1b]8377;ctx;{};sh=bash/5.2;cwd=/\x07", proof(1));
    let rejected = format!("\x1b]133;D;;{};st=2;cmdline_url=if then fi\x07", proof(1));
    let input = context
        + &prompt(1)
        + "from the background\r\nif then fi\r\nbash: syntax error\r\n"
        + &rejected
        + &prompt(2);
    feed(&mut terminal, &input);
    check(
        &terminal,
        "&done \"\" \"from the background\\n\"
         rejected 2 \"if then fi\" \"bash: syntax error\\n\"
         pending \"\" \"\"",
    );
    let block = terminal.blocks().last().unwrap();
    assert_eq!(block.command.source, TextSource::Shell);
}

#[test]
fn groups_are_sections() {
    let mut terminal = shell(20, 12);
    feed(
        &mut terminal,
        &(cycle(
            1,
            "ci",
            "::group::Build\r\na\r\nb\r\n::endgroup::\r\nc\r\n",
            0,
        ) + &prompt(2)),
    );
    let id = terminal.blocks().last().unwrap().id;
    terminal.find_sections(id);
    assert_eq!(
        terminal.blocks().get(id).unwrap().sections[0].title,
        "Build"
    );
    terminal.fold_section(id, 0, true);
    assert_eq!(terminal.blocks().get(id).unwrap().sections.len(), 1);
    let mut frame = crate::frame::Frame::new();
    frame.update(&mut terminal);
    let rows = frame.lines.iter().map(|line| row(&terminal, line.0));
    assert_eq!(
        rows.collect::<Vec<_>>().join("|"),
        "$ ci|::group::Build|c|$|||||"
    );
    assert_eq!(terminal.section_height(id, 0), 3);
    assert_eq!(terminal.section_height(id, 1), 0);
}

#[test]
fn unfolding_keeps_the_prompt_in_view_when_all_fits() {
    let mut terminal = shell(20, 8);
    let lines: String = (0..20).map(|line| format!("{line}\r\n")).collect();
    feed(
        &mut terminal,
        &(cycle(1, "long", &lines, 0) + &cycle(2, "short", "a\r\nb\r\n", 0) + &prompt(3)),
    );
    let shown = |terminal: &mut Terminal| {
        let mut frame = crate::frame::Frame::new();
        frame.update(terminal);
        let rows = frame.lines.iter().map(|line| row(terminal, line.0));
        rows.map(|row| row.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let ids: Vec<_> = terminal.blocks().iter().map(|block| block.id).collect();
    for id in &ids {
        terminal.fold_block(*id, true);
    }
    assert_eq!(shown(&mut terminal)[..3], ["$ long", "$ short", "$"]);
    terminal.fold_block(ids[1], false);
    assert_eq!(
        shown(&mut terminal)[..5],
        ["$ long", "$ short", "a", "b", "$"]
    );
    // What does not fit keeps its command where it was.
    terminal.fold_block(ids[0], false);
    assert_eq!(shown(&mut terminal)[0], "$ long");
}

#[test]
fn a_line_typed_for_the_user_is_taken_back() {
    let mut terminal = shell(10, 6);
    feed(&mut terminal, "above\r\n$ ");
    let line = terminal.cursor_line();
    feed(&mut terminal, "a line of three rows to read\r\n");
    terminal.take_back_line(line);
    feed(&mut terminal, "new");
    assert_eq!(row(&terminal, 0).trim_end(), "above");
    assert_eq!(row(&terminal, 1).trim_end(), "new");
    assert_eq!(row(&terminal, 2).trim_end(), "");
    // One that is not on the screen any more stays.
    feed(&mut terminal, "\r\n\n\n\n\n\n\nlast");
    terminal.take_back_line(line);
    assert_eq!(terminal.cursor().0.column.0, 4);
}

#[test]
fn a_resize_leaves_the_prompt_to_its_shell() {
    let mut terminal = shell(20, 6);
    feed(&mut terminal, &cycle(1, "x", "a long line of text\r\n", 0));
    feed(&mut terminal, &prompt(2));
    feed(&mut terminal, "typed words here 123");
    assert_eq!(
        screen(&terminal),
        "$ x\na long line of text\n$ typed words here 1\n23"
    );
    terminal.resize(GridSize::new(10, 6), PixelSize::default());
    // The line of output is wrapped anew; the prompt's rows are cut and stay two.
    assert_eq!(
        screen(&terminal),
        "$ x\na long lin\ne of text\n$ typed wo\n23"
    );
    let (cursor, _) = terminal.cursor();
    assert_eq!((cursor.line.0, cursor.column.0), (4, 2));
    // Wider again, nobody having drawn over it: all is back.
    terminal.resize(GridSize::new(20, 6), PixelSize::default());
    assert_eq!(
        screen(&terminal),
        "$ x\na long line of text\n$ typed words here 1\n23"
    );
}

/// A frame of six rows that nearly fill the width, drawn over the one before.
fn agent_frame(number: usize, columns: usize) -> String {
    let up = if number == 0 { "" } else { "\x1b[6A" };
    let mut text = up.to_owned();
    for row in 0..6 {
        let mut line = format!("frame {number} row {row} ");
        line.extend(std::iter::repeat_n(
            '=',
            (columns - 2).saturating_sub(line.len()),
        ));
        line.truncate(columns - 2);
        let _ = write!(text, "\x1b[2K{line}\r\n");
    }
    text
}

fn lines_with(terminal: &Terminal, text: &str) -> usize {
    let above = i32::try_from(terminal.scrollback_rows()).unwrap();
    (-above..i32::from(terminal.size().rows))
        .filter(|line| row(terminal, *line).contains(text))
        .count()
}

/// A terminal in which a command runs that printed a long line.
fn running(columns: u16, rows: u16) -> Terminal {
    let mut terminal = shell(columns, rows);
    feed(&mut terminal, &(prompt(1) + &run(1, "agent", "")));
    feed(
        &mut terminal,
        "a long line that the program prints once\r\n",
    );
    terminal
}

fn resize(terminal: &mut Terminal, columns: usize, rows: u16) {
    let columns = u16::try_from(columns).unwrap();
    terminal.resize(GridSize::new(columns, rows), PixelSize::default());
}

#[test]
fn frames_painted_in_place_leave_nothing_when_the_width_changes() {
    let mut terminal = running(64, 24);
    let mut number = 0;
    for columns in [64, 50, 45, 34, 55, 30, 64] {
        resize(&mut terminal, columns, 24);
        for _ in 0..3 {
            feed(&mut terminal, &agent_frame(number, columns));
            number += 1;
        }
        assert_eq!(lines_with(&terminal, "frame"), 6, "{}", screen(&terminal));
        assert_eq!(lines_with(&terminal, "==="), 6, "{}", screen(&terminal));
    }
    // What it printed before is wrapped anew all the while.
    resize(&mut terminal, 20, 24);
    let shown = screen(&terminal);
    assert!(shown.starts_with("$ agent\na long line that the\n program prints once\nframe"));
    assert!(
        terminal
            .blocks()
            .running()
            .unwrap()
            .flags
            .contains(Flags::LIVE)
    );
}

#[test]
fn frames_stay_whole_when_lines_are_printed_above_them() {
    let mut terminal = running(40, 30);
    for number in 0..12 {
        if number == 11 {
            resize(&mut terminal, 30, 30);
        }
        let columns = if number < 11 { 40 } else { 30 };
        let mut frame = agent_frame(number, columns);
        if number > 0 {
            frame = frame.replacen(
                "\x1b[2K",
                &format!("\x1b[J{number:02}. log line of more than 30 cells\r\n"),
                1,
            );
        }
        terminal.advance(
            frame.as_bytes(),
            Duration::from_millis(300) * u32::try_from(number).unwrap(),
        );
    }
    assert_eq!(lines_with(&terminal, "frame"), 6, "{}", screen(&terminal));
    // Most of the lines above are wrapped anew, not cut.
    let shown = screen(&terminal);
    assert!(
        shown.contains("01. log line of more than 30 c\nells\n"),
        "{shown}"
    );
}

#[test]
fn a_bar_that_comes_back_to_its_start_leaves_nothing_when_the_width_changes() {
    for back in ["\r\x1b[K", "\x1b[G\x1b[2K", "\x1b[1G\x1b[K"] {
        let mut terminal = running(40, 8);
        for columns in [40_usize, 25, 33, 20] {
            resize(&mut terminal, columns, 8);
            for _ in 0..3 {
                feed(&mut terminal, &format!("{back}{}", "#".repeat(columns - 8)));
            }
            assert_eq!(lines_with(&terminal, "#"), 1, "{}", screen(&terminal));
            let text = row(&terminal, terminal.cursor().0.line.0);
            assert_eq!(text, "#".repeat(columns - 8));
        }
    }
}

#[test]
fn a_program_that_addresses_the_screen_keeps_its_rows() {
    let mut terminal = running(30, 6);
    feed(&mut terminal, "\x1b[2J");
    let frame = |columns: usize| {
        let rows: Vec<String> = (0..5)
            .map(|row| format!("{row}{}\x1b[K", ".".repeat(columns - 2)))
            .collect();
        "\x1b[H".to_owned() + &rows.join("\r\n")
    };
    for columns in [30, 20, 12, 25] {
        resize(&mut terminal, columns, 6);
        feed(&mut terminal, &frame(columns).repeat(2));
        assert_eq!(lines_with(&terminal, "..."), 5, "{}", screen(&terminal));
    }
}

#[test]
fn what_a_frozen_row_lost_comes_back() {
    let lines = "\x1b[5A\x1b[2Kfirst line of the program\r\nsecond line of the program\r\nthird one\r\n\r\n\r\n";
    let start = || {
        let mut terminal = running(30, 12);
        feed(&mut terminal, &("x\r\n".repeat(5) + lines));
        terminal
    };
    let before = screen(&start());
    // By widening.
    let mut terminal = start();
    resize(&mut terminal, 12, 12);
    assert_eq!(
        lines_with(&terminal, "of the"),
        0,
        "cut: {}",
        screen(&terminal)
    );
    let id = terminal.blocks().running().unwrap().id;
    let text = terminal.block_text(id, Part::Output, Format::Text).unwrap();
    assert!(
        text.contains("\nfirst line of the program\nsecond"),
        "{text}"
    );
    resize(&mut terminal, 18, 10);
    resize(&mut terminal, 30, 12);
    assert_eq!(screen(&terminal), before);
    // By its command's end, at any width.
    resize(&mut terminal, 16, 12);
    feed(&mut terminal, &end(1, 0));
    let shown = screen(&terminal);
    assert!(
        shown.contains("first line of th\ne program\nsecond line of t\nhe program"),
        "{shown}"
    );
    let id = terminal.blocks().last().unwrap().id;
    let text = terminal.block_text(id, Part::Output, Format::Text).unwrap();
    assert!(
        text.contains("\nfirst line of the program\nsecond line of the program\nthird one\n"),
        "{text}"
    );
    // By scrolling away.
    let mut terminal = start();
    resize(&mut terminal, 12, 12);
    feed(&mut terminal, &"\r\nmore".repeat(20));
    resize(&mut terminal, 30, 12);
    assert_eq!(lines_with(&terminal, "second line of the program"), 1);
}

#[test]
fn ordinary_output_is_wrapped_anew_after_a_clear_or_a_way_up() {
    for before in [
        "\x1b[H\x1b[2J\x1b[3J",
        "\x1b[H\x1b[J",
        "\x1b[2J\x1b[H",
        "wait\r\n\x1b[1A\x1b[K",
        "name\x1b[20Gvalue\r\x1b[K",
    ] {
        let mut terminal = running(30, 12);
        feed(&mut terminal, before);
        feed(&mut terminal, "a line that is wrapped anew\r\nb\r\nc\r\n");
        resize(&mut terminal, 20, 12);
        assert!(
            screen(&terminal).contains("a line that is wrapp\ned anew\nb\nc"),
            "{before:?}: {}",
            screen(&terminal)
        );
    }
    // Without a shell that tells of its commands, all is.
    let mut terminal = sized(30, 12);
    feed(
        &mut terminal,
        "x\r\nx\r\n\x1b[2Aa line that is wrapped anew\r\nb\r\n",
    );
    resize(&mut terminal, 20, 12);
    assert_eq!(screen(&terminal), "a line that is wrapp\ned anew\nb");
}

/// Bits of a session, good and bad, to be put together in any order.
fn session(pieces: &[u8]) -> String {
    let mut text = String::new();
    let mut n = 0;
    for piece in pieces {
        match piece % 14 {
            0 | 1 => {
                n += 1;
                text += &prompt(n);
            }
            2 => text += &run(n, "cmd", "out put\r\n"),
            3 => text += &end(n, piece / 14),
            4 => text += "a longer line of text that wraps\r\n",
            5 => text += "\x1b]133;P;k=i\x07# \x1b]133;B\x07",
            6 => text += "\x1b[H\x1b[2J",
            7 => text += "\x1b[2A\x1b[Kover",
            8 => text += "\x1b]133;A\x07\x1b]133;C\x07\x1b]133;D;1\x07",
            9 => text += "\x1b[3J",
            10 => text += "wide 漢字 and e\u{301}\r\n",
            11 => text += "\x1b[?1049hx\x1b[?1049l",
            12 => text += "\x1b[31mred\x1b[m\r\n\r\n\r\n",
            _ => text += &format!("\x1b]133;D;;{};st=1\x07", proof(n)),
        }
    }
    text
}

fn assert_ordered(terminal: &Terminal) {
    let mut last = None;
    for block in terminal.blocks() {
        let anchors = [block.prompt, block.input, block.output, block.end];
        let placed: Vec<_> = anchors.into_iter().flatten().collect();
        assert!(placed.is_sorted(), "{block:?}");
        assert!(last.is_none_or(|last| last <= block.start()), "{block:?}");
        last = Some(block.start());
    }
    let ids: Vec<_> = terminal.blocks().iter().map(|block| block.id).collect();
    assert!(ids.is_sorted());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_gives_the_same_blocks(
        pieces in prop::collection::vec(any::<u8>(), 1..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let input = session(&pieces);
        let mut whole = shell(16, 5);
        feed(&mut whole, &input);
        let mut split = shell(16, 5);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len())).collect();
        at.sort_unstable();
        let mut start = 0;
        for end in at.into_iter().chain([input.len()]) {
            split.advance(&input.as_bytes()[start..end], Duration::ZERO);
            start = end;
        }
        prop_assert_eq!(list(&whole), list(&split));
        prop_assert_eq!(events(&mut whole), events(&mut split));
        assert_ordered(&whole);
    }

    #[test]
    fn resizing_keeps_finished_text(
        outputs in prop::collection::vec("([a-z 漢]{0,60}\r\n){0,4}", 1..6),
        sizes in prop::collection::vec((4u16..60, 2u16..20), 1..6),
    ) {
        let mut terminal = shell(20, 6);
        for (n, output) in (1..).zip(&outputs) {
            feed(&mut terminal, &cycle(n, "x", output, 0));
        }
        feed(&mut terminal, &prompt(99));
        let before: Vec<_> = terminal.blocks().iter().map(|block| block.id).collect();
        let texts = |terminal: &Terminal| -> Vec<String> {
            before
                .iter()
                .map(|id| terminal.block_text(*id, Part::Output, Format::Text).unwrap())
                .collect()
        };
        let expected = texts(&terminal);
        for (columns, rows) in sizes {
            terminal.resize(GridSize::new(columns, rows), PixelSize::default());
            prop_assert_eq!(&texts(&terminal), &expected);
            assert_ordered(&terminal);
        }
    }
}
