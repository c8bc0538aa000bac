//! What is seen of blocks, from bytes.

use std::time::{Duration, SystemTime};

use terminal::{Frame, GridSize, Options, ShellKey, Terminal};

use super::*;

fn look() -> BlockLook {
    BlockLook {
        headers: true,
        sticky: true,
        toolbar: true,
        time: false,
        duration_from: Duration::from_secs(1),
        home: Some("/home/me".to_owned()),
    }
}

const INKS: decorate::Inks = decorate::Inks {
    muted: terminal::Rgb::new(1, 1, 1),
    muted_raised: terminal::Rgb::new(6, 6, 6),
    text: terminal::Rgb::new(2, 2, 2),
    accent: terminal::Rgb::new(3, 3, 3),
    error: terminal::Rgb::new(4, 4, 4),
    raised: terminal::Rgb::new(5, 5, 5),
};

fn text_of(row: &FrameRow) -> String {
    row.cells.iter().map(|cell| cell.character).collect()
}

fn cycle(n: u32, command: &str, lines: usize, status: u8) -> String {
    let proof = format!("aid=a;tn=b;n={n}");
    let output: String = (0..lines).map(|line| format!("{n}.{line}\r\n")).collect();
    format!(
        "\x1b]133;A;{proof}\x07$ \x1b]133;B\x07{command}\r\n\x1b]133;C;cmdline_url={command};{proof}\x07{output}\
         \x1b]133;D;{status};{proof};dur=2000000\x07"
    )
}

fn terminal(input: &str) -> Terminal {
    let mut terminal = Terminal::new(GridSize::new(40, 8), Options::default());
    terminal.register_shell(ShellKey::new("a", "b"));
    terminal.advance(input.as_bytes(), Duration::ZERO);
    terminal
}

fn view(terminal: &mut Terminal) -> (BlockView, Frame) {
    let mut frame = Frame::new();
    frame.update(terminal);
    let mut view = BlockView::default();
    view.update(
        terminal,
        &frame,
        &look(),
        Duration::ZERO,
        SystemTime::UNIX_EPOCH,
    );
    (view, frame)
}

#[test]
fn blocks_have_their_rows() {
    let input = cycle(1, "one", 2, 0) + &cycle(2, "two", 1, 1) + &cycle(3, "three", 0, 0);
    let (view, _) = view(&mut terminal(&input));
    let rows: Vec<_> = view
        .seen
        .iter()
        .map(|seen| (seen.rows.clone(), seen.starts, seen.status))
        .collect();
    assert_eq!(
        rows,
        [
            (0..3, true, Status::Ok),
            (3..5, true, Status::Failed),
            (5..6, true, Status::Ok)
        ]
    );
    assert_eq!(view.sticky, None);
    let text: Vec<_> = view.seen[1]
        .pieces
        .iter()
        .map(|piece| piece.text.as_str())
        .collect();
    assert_eq!(text, ["exit 1", "2.0 s"]);
}

#[test]
fn long_output_keeps_its_command_in_sight() {
    let mut terminal = terminal(&(cycle(1, "one", 2, 0) + &cycle(2, "two", 30, 0)));
    let (view, mut frame) = view(&mut terminal);
    let sticky = view.sticky.as_ref().expect("the output fills the screen");
    assert_eq!(sticky.command, "two");
    assert!(matches!(view.hit(0, Some(3)), Some(Hit::Sticky(_))));
    assert!(matches!(view.hit(1, None), Some(Hit::Gutter(_))));
    let before = frame.rows.clone();
    let plain = decorate::apply(&mut frame, &view, &INKS);
    assert_eq!(text_of(&frame.rows[0]), format!("two{:>36} ", "2.0 s"));
    assert_ne!(frame.rows[0].generation, before[0].generation);
    decorate::restore(&mut frame, plain);
    assert_eq!(frame.rows, before);
}

#[test]
fn folded_blocks_say_so_and_can_be_unfolded() {
    let mut terminal = terminal(&(cycle(1, "one", 3, 0) + &cycle(2, "two", 2, 0)));
    let first = terminal.blocks().nth(0).map(|block| block.id).unwrap();
    terminal.fold_block(first, true);
    let (view, _) = view(&mut terminal);
    let seen = &view.seen[0];
    let piece = seen
        .pieces
        .iter()
        .find(|piece| piece.click == Click::Unfold)
        .expect("it says what is hidden");
    assert_eq!(piece.text, "▸ 3 lines");
    let hit = view.hit(seen.header_row, Some(piece.column));
    assert_eq!(hit, Some(Hit::Piece(first, Click::Unfold)));
}

#[test]
fn folded_sections_say_how_much_they_hide() {
    let mut terminal = terminal(&cycle(1, "x", 0, 0).replace(
        "\x1b]133;D",
        "::group::Build\r\none\r\ntwo\r\n::endgroup::\r\nthree\r\n\x1b]133;D",
    ));
    let id = terminal.blocks().nth(0).map(|block| block.id).unwrap();
    terminal.find_sections(id);
    assert!(view(&mut terminal).0.sections[0].pieces.is_empty());
    terminal.fold_section(id, 0, true);
    let (view, mut frame) = view(&mut terminal);
    let section = SectionOf {
        block: id,
        index: 0,
        folded: true,
    };
    let piece = &view.sections[0].pieces[0];
    assert_eq!(piece.text, "▸ 3 lines");
    assert_eq!(view.hit(1, None), Some(Hit::Section(section)));
    assert_eq!(view.hit(1, Some(piece.column)), Some(Hit::Section(section)));
    assert_eq!(view.hit(1, Some(0)), None);
    decorate::apply(&mut frame, &view, &INKS);
    assert_eq!(
        text_of(&frame.rows[1]),
        format!("::group::Build{:>25} ", "▸ 3 lines")
    );
}

#[test]
fn what_ran_in_an_earlier_session_is_faded() {
    let mut terminal = terminal("");
    terminal.restore_block(terminal::blocks::OldBlock {
        kind: terminal::blocks::Kind::Command,
        state: State::Lost,
        trust: Trust::Unverified,
        command: terminal::blocks::CommandText::default(),
        output: "out\n".to_owned(),
        context: Arc::default(),
        earlier: Duration::from_secs(60),
        flags: Flags::empty(),
        notes: None,
    });
    terminal.advance(cycle(1, "new", 1, 0).as_bytes(), Duration::ZERO);
    let (view, mut frame) = view(&mut terminal);
    let before = frame.rows.clone();
    let plain = decorate::apply(&mut frame, &view, &INKS);
    let faded = |row: usize| {
        let style = frame.rows[row].cells[0].style;
        style.attrs.contains(terminal::Attrs::DIM)
    };
    assert_eq!([1, 2, 3].map(faded), [true, false, false]);
    assert_ne!(frame.rows[1].generation, before[1].generation);
    decorate::restore(&mut frame, plain);
    assert_eq!(frame.rows, before);
}

#[test]
fn selecting() {
    let input: String = (1..=5).map(|n| cycle(n, "x", 1, 0)).collect();
    let terminal = terminal(&input);
    let ids: Vec<_> = terminal.blocks().iter().map(|block| block.id).collect();
    let mut view = BlockView::default();
    view.select(ids[1]);
    view.extend_to(terminal.blocks(), ids[3]);
    assert_eq!(view.selected.len(), 3);
    view.toggle(ids[2]);
    assert_eq!(view.selected, BTreeSet::from([ids[1], ids[3]]));
    view.forget(ids[1]);
    assert!(view.clear_selection() && !view.clear_selection());
}

#[test]
fn the_alternate_screen_has_no_blocks() {
    let mut terminal = terminal(&(cycle(1, "one", 2, 0) + "\x1b[?1049h"));
    assert!(view(&mut terminal).0.seen.is_empty());
}

#[test]
fn an_empty_line_before_a_prompt_has_no_mark() {
    let proof = "aid=a;tn=b;n=1";
    let input = format!(
        "\x1b]133;A;{proof}\x07\x1b]133;P;k=i\x07\r\nmain\r\n$ \x1b]133;B\x07x\r\n\
         \x1b]133;C;cmdline_url=x;{proof}\x07out\r\n\x1b]133;D;1;{proof};dur=9000000\x07"
    );
    let (view, _) = view(&mut terminal(&input));
    let seen = &view.seen[0];
    assert_eq!((seen.rows.clone(), seen.starts), (0..4, true));
    assert_eq!((seen.mark_row, seen.header_row), (1, 1));
    assert!(!seen.pieces.is_empty());
}

#[test]
fn what_is_left_of_a_prompt_at_the_top_has_its_mark() {
    let proof = "aid=a;tn=b;n=1";
    let input = format!(
        "\x1b]133;A;{proof}\x07\x1b]133;P;k=i\x07\r\nmain\r\n$ \x1b]133;B\x07x\r\n\
         \x1b]133;C;cmdline_url=x;{proof}\x07{}\x1b]133;D;1;{proof};dur=9000000\x07",
        "out\r\n".repeat(6)
    );
    // Nine rows and the cursor's in eight: two have gone, and `$ x` is the first.
    let (view, _) = view(&mut terminal(&input));
    let seen = &view.seen[0];
    assert_eq!(
        (seen.rows.clone(), seen.starts, seen.mark_row),
        (0..7, true, 0)
    );
    assert!(!seen.pieces.is_empty() && view.sticky.is_none());
}

#[test]
fn a_shell_of_another_user_says_so() {
    let context = |aid: &str, user: &str, n: u32| {
        format!("\x1b]8377;ctx;aid={aid};tn=b;n={n};user={user};host=here;cwd=/\x07")
    };
    let mut terminal = terminal("");
    terminal.register_shell(ShellKey::new("c", "b"));
    let outer = "aid=a;tn=b;n=1";
    let inner = "aid=c;tn=b;n=1";
    let input = format!(
        "{}\x1b]133;A;{outer}\x07$ \x1b]133;B\x07su\r\n\x1b]133;C;cmdline_url=su;{outer}\x07\
         {}\x1b]133;A;{inner}\x07# \x1b]133;B\x07id\r\n\x1b]133;C;cmdline_url=id;{inner}\x07\
         \x1b]133;D;0;{inner}\x07",
        context("a", "me", 1),
        context("c", "root", 1).replace("cwd=/", "cwd=/home/me")
    );
    terminal.advance(input.as_bytes(), Duration::ZERO);
    let (view, _) = view(&mut terminal);
    assert_eq!(view.seen[1].depth, 1);
    // Its home folder is another, too.
    let texts = |index: usize| -> Vec<String> {
        let pieces = view.seen[index].pieces.iter();
        pieces.map(|piece| piece.text.clone()).collect()
    };
    assert!(!texts(0).contains(&"me@here".to_owned()), "{:?}", texts(0));
    assert!(texts(1).contains(&"root@here".to_owned()), "{:?}", texts(1));
    assert!(texts(1).contains(&"/home/me".to_owned()), "{:?}", texts(1));
}
