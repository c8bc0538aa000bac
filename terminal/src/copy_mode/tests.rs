use super::*;
use crate::motion::tests::Sample;

const TEXT: &str = "fn main() {\n    let x = foo.bar(1);\n\n  wrapped wo\\\nrd here\n中文 end\n}";

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
fn a_yank_takes_what_its_motion_covers() {
    #[track_caller]
    fn yanks(from: (u64, u16), typed: &str, expected: &str) {
        check_outcome(from, typed, &Outcome::Copy);
        check(from, typed, expected);
    }
    yanks((0, 3), "yw", "0:6 Character 0:3");
    yanks((0, 0), "2yw", "0:6 Character 0:0");
    yanks((0, 0), "y2w", "0:6 Character 0:0");
    yanks((1, 4), "2y2w", "1:14 Character 1:4");
    yanks((0, 3), "ye", "0:6 Character 0:3");
    yanks((0, 6), "yb", "0:5 Character 0:3");
    yanks((0, 10), "yw", "0:10 Character 0:10");
    yanks((1, 8), "y$", "1:22 Character 1:8");
    yanks((1, 8), "y0", "1:7 Character 1:0");
    yanks((1, 8), "y^", "1:7 Character 1:4");
    yanks((1, 4), "yfo", "1:13 Character 1:4");
    yanks((1, 4), "yto", "1:12 Character 1:4");
    yanks((1, 20), "yFo", "1:19 Character 1:14");
    yanks((1, 4), "fo0y;", "1:13 Character 1:0");
    yanks((0, 10), "y%", "6:0 Character 0:10");
    yanks((1, 8), "yge", "1:8 Character 1:6");
    yanks((0, 0), "yj", "1:0 Line 0:0");
    yanks((3, 3), "y2k", "1:3 Line 3:3");
    yanks((3, 3), "yG", "6:0 Line 3:3");
    yanks((3, 3), "ygg", "0:3 Line 3:3");
    yanks((1, 4), "y}", "1:22 Character 1:4");
    yanks((3, 3), "y<end>", "4:6 Character 3:3");
    yanks((3, 3), "y<down>", "4:3 Line 3:3");
    yanks((1, 8), "maGy'a", "1:4 Line 6:0");
    // What finds nothing, or is no motion, copies nothing and leaves no yank behind.
    for (typed, expected) in [
        ("yfz", "1:8"),
        ("y<esc>", "1:8"),
        ("yq", "1:8"),
        ("yv", "1:8 Character 1:8"),
        ("yfzw", "1:10"),
        ("y<esc>w", "1:10"),
    ] {
        check_outcome((1, 8), typed, &Outcome::Moved);
        check((1, 8), typed, expected);
    }
    check((0, 0), "5|", "0:4");
    check((1, 8), "ge", "1:6");
    check((1, 8), "2gE", "0:10");
    assert_eq!(run((0, 0), "2y3").0.typed(), "2y3");
    assert_eq!(run((0, 0), "yf").0.typed(), "yf");
}

#[test]
fn what_is_typed_can_be_shown() {
    let typed = |keys| run((0, 0), keys).0.typed();
    assert_eq!(
        [typed("12"), typed("3f"), typed("g"), typed("w")],
        ["12", "3f", "g", ""]
    );
}
