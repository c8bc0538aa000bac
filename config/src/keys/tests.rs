//! Chords as they are written, and what a key press finds.

use toml::de::DeValue;

use super::*;
use crate::value::Setting;

#[test]
fn chords_are_read_and_written() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match text.parse::<Chord>() {
            Ok(chord) => chord.to_string(),
            Err(problem) => problem.to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }
    check("ctrl+shift+t", "ctrl+shift+t");
    check("Shift+Ctrl+T", "ctrl+shift+t");
    check(" ctrl + t ", "ctrl+t");
    check("control+option+cmd+a", "ctrl+alt+super+a");
    check("f11", "f11");
    check("F35", "f35");
    check("f", "f");
    check("ctrl++", "ctrl+plus");
    check("ctrl+plus", "ctrl+plus");
    check("+", "plus");
    check("alt+-", "alt+minus");
    check("page_up", "pageup");
    check("shift+PgDn", "shift+pagedown");
    check("ctrl+space", "ctrl+space");
    check("ctrl+ü", "ctrl+ü");
    check("ctrl+Ü", "ctrl+ü");
    const EXPECTED: &str = "expected modifiers and a key such as \"ctrl+shift+t\" or \"f11\"";
    check("", &format!("no key in \"\"; {EXPECTED}"));
    check("ctrl+", &format!("no key in \"ctrl+\"; {EXPECTED}"));
    check("f36", &format!("unknown key \"f36\"; {EXPECTED}"));
    check(
        "ctrl+entr",
        &format!("unknown key \"entr\" (did you mean \"enter\"?); {EXPECTED}"),
    );
    check(
        "hyper+x",
        "unknown modifier \"hyper\"; expected ctrl, alt, shift or super",
    );
    check(
        "+x",
        "unknown modifier \"\"; expected ctrl, alt, shift or super",
    );
}

#[test]
fn every_key_name_reads_back() {
    for key in NamedKey::ALL {
        assert_eq!(key.name().parse(), Ok(KeyName::Named(*key)));
    }
}

#[test]
fn every_default_is_bound_once() {
    for (text, name) in DEFAULTS {
        let keys = read::sequence(text, None).unwrap();
        assert_eq!(keys.to_string(), *text);
        let presses: Vec<Press> = keys.chords().iter().copied().map(Press::of).collect();
        assert_eq!(
            Keys::default().table(None).lookup(&presses),
            Lookup::Bound(&Action::Run(*name)),
            "{text}"
        );
    }
    assert_eq!(Keys::default().iter().count(), DEFAULTS.len() + 1);
    for (text, name) in PANE_KEYS {
        let chord: Chord = text.parse().unwrap();
        assert_eq!(
            Keys::default()
                .table(Some("panes"))
                .lookup(&[Press::of(chord)]),
            Lookup::Bound(&Action::Run(*name)),
            "{text}"
        );
    }
    assert_eq!(Keys::default().check(), []);
}

#[test]
fn actions_are_names_or_texts() {
    #[track_caller]
    fn check(text: &str, expected: Result<Action, &str>) {
        let read = Action::read(&DeValue::String(text.into())).map_err(|problem| problem.message);
        assert_eq!(read, expected.map_err(str::to_owned));
    }
    check("copy", Ok(Action::Run(ActionName::Copy)));
    check("go-to-tab-9", Ok(Action::Run(ActionName::GoToTab9)));
    check("text:a:b ", Ok(Action::Text("a:b ".to_owned())));
    check("esc:[A", Ok(Action::Text("\x1b[A".to_owned())));
    check("bytes:1b 5bFF", Ok(Action::Bytes(vec![0x1b, 0x5b, 0xff])));
    check("bytes:1", Err("\"1\" is no row of bytes"));
    check("mode:resize", Ok(Action::Mode("resize".to_owned())));
    check("pass", Ok(Action::Pass));
    check("ignore", Ok(Action::Ignore));
    check("none", Ok(Action::Unbind));
    check(
        "past",
        Err("unknown action \"past\" (did you mean \"paste\"?)"),
    );
    check(
        "new_tab",
        Err("unknown action \"new_tab\" (did you mean \"new-tab\"?)"),
    );
    check("make-coffee", Err("unknown action \"make-coffee\""));
    check("", Err("unknown action \"\""));
}

#[test]
fn tabs_are_counted_from_zero() {
    assert_eq!(ActionName::GoToTab1.tab_idx(), Some(0));
    assert_eq!(ActionName::GoToTab9.tab_idx(), Some(8));
    assert_eq!(ActionName::NextTab.tab_idx(), None);
    assert!(ActionName::ScrollTop.scrolls());
    assert!(!ActionName::Copy.scrolls());
}

#[test]
fn a_press_finds_its_action() {
    const CTRL: Modifiers = Modifiers::CTRL;
    let ctrl_shift = CTRL.with(Modifiers::SHIFT);
    #[track_caller]
    fn check(held: Modifiers, base: char, produced: Option<char>, expected: Option<ActionName>) {
        let press = Press {
            modifiers: held,
            base: KeyName::of_char(base),
            produced,
            physical: None,
        };
        let keys = Keys::default();
        let action = expected.map(Action::Run);
        let expected = action.as_ref().map_or(Lookup::Unbound, Lookup::Bound);
        assert_eq!(keys.table(None).lookup(&[press]), expected);
    }
    check(ctrl_shift, 'c', Some('C'), Some(ActionName::Copy));
    check(CTRL, 'c', Some('c'), None);
    // Plus is shift and equal on an American keyboard, a key of its own on a German one.
    check(
        ctrl_shift,
        '=',
        Some('+'),
        Some(ActionName::IncreaseFontSize),
    );
    check(CTRL, '+', Some('+'), Some(ActionName::IncreaseFontSize));
    check(CTRL, '=', Some('='), Some(ActionName::IncreaseFontSize));
    // Zero and the digits are shifted on a French one.
    check(ctrl_shift, 'à', Some('0'), Some(ActionName::ResetFontSize));
    check(ctrl_shift, ',', Some('<'), Some(ActionName::ReloadConfig));
    check(Modifiers::NONE, 'c', Some('c'), None);
    // A letter with shift is not the letter without.
    check(
        ctrl_shift,
        'x',
        Some('X'),
        Some(ActionName::ScrollToNextPrompt),
    );
    check(ctrl_shift.with(Modifiers::ALT), 'c', Some('C'), None);
}

#[test]
fn later_bindings_replace_and_unbind() {
    let mut keys = Keys::default();
    let chord: Chord = "ctrl+shift+c".parse().unwrap();
    let found = |keys: &Keys| match keys.table(None).lookup(&[Press::of(chord)]) {
        Lookup::Bound(action) => Some(action.clone()),
        Lookup::Pending | Lookup::Unbound => None,
    };
    keys.bind(chord.into(), Action::Text("x".to_owned()));
    assert_eq!(found(&keys), Some(Action::Text("x".to_owned())));
    assert_eq!(
        keys.keys_of(ActionName::Copy).unwrap().to_string(),
        "ctrl+insert"
    );
    keys.bind(chord.into(), Action::Unbind);
    assert_eq!(found(&keys), None);
    assert!(keys.iter().all(|binding| binding.keys.chords() != [chord]));
    keys.bind(chord.into(), Action::Ignore);
    assert_eq!(found(&keys), Some(Action::Ignore));
}

/// Reads a text as the file's `[keys]` and gives what is told of it.
fn read(text: &str) -> (Keys, Vec<String>) {
    let table = toml::de::DeTable::parse(text).expect("TOML");
    let mut keys = Keys::default();
    let value = table.get_ref().get("keys").expect("keys");
    let report = keys.read(value);
    let mut told: Vec<String> = report
        .told
        .iter()
        .map(|one| {
            let (line, column) = crate::diagnostic::line_and_column(text, one.span.start);
            let remedy = one.expected.as_deref().unwrap_or("nothing");
            format!(
                "{line}:{column} {}: {}; {remedy}",
                one.severity, one.message
            )
        })
        .collect();
    let checked = keys.check();
    told.extend(
        checked
            .into_iter()
            .map(|(mode, severity, problem)| format!("{mode} {severity}: {problem}")),
    );
    (keys, told)
}

fn presses(text: &str) -> Vec<Press> {
    text.split(' ')
        .map(|chord| Press::of(chord.parse().unwrap()))
        .collect()
}

#[test]
fn sequences_wait_for_their_last_key() {
    let (keys, told) = read(
        "[keys]\n\"leader c\" = \"new-tab\"\nleader = \"ctrl+a\"\n\"leader leader\" = \"pass\"\n\"ctrl+a g g\" = \"scroll-top\"\n",
    );
    assert_eq!(told, [""; 0]);
    #[track_caller]
    fn check(keys: &Keys, text: &str, expected: &str) {
        let found = match keys.table(None).lookup(&presses(text)) {
            Lookup::Bound(action) => action.to_string(),
            Lookup::Pending => "…".to_owned(),
            Lookup::Unbound => "-".to_owned(),
        };
        assert_eq!(found, expected, "{text}");
    }
    check(&keys, "ctrl+a", "…");
    check(&keys, "ctrl+a c", "new-tab");
    check(&keys, "ctrl+a ctrl+a", "pass");
    check(&keys, "ctrl+a g", "…");
    check(&keys, "ctrl+a g g", "scroll-top");
    check(&keys, "ctrl+a x", "-");
    check(&keys, "c", "-");
    let follow: Vec<String> = keys
        .table(None)
        .continuations(&presses("ctrl+a"))
        .iter()
        .map(|(keys, action)| format!("{keys}: {action}"))
        .collect();
    assert_eq!(follow, ["c: new-tab", "ctrl+a: pass", "g g: scroll-top"]);
    let bound = keys.keys_of(ActionName::ScrollTop).map(ToString::to_string);
    assert_eq!(bound.as_deref(), Some("shift+home"));
}

#[test]
fn conflicts_are_told_with_place_and_remedy() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text).1, expected);
    }
    check(
        "[keys]\n\"ctrl+b\" = \"copy\"\n\"ctrl+b x\" = \"paste\"\n",
        &[
            "3:1 warning: \"ctrl+b x\" makes \"ctrl+b\" unreachable: one begins with the other; other keys for one of the two",
        ],
    );
    check(
        "[keys]\n\"ctrl+shift+t x\" = \"paste\"\n",
        &[
            "2:1 warning: \"ctrl+shift+t x\" makes \"ctrl+shift+t\" (new-tab) unreachable: one begins with the other; other keys, or \"ctrl+shift+t\" = \"unbind\" above it",
        ],
    );
    check(
        "[keys]\n\"ctrl+shift+t\" = \"unbind\"\n\"ctrl+shift+t x\" = \"paste\"\n",
        &[],
    );
    check(
        "[keys]\n\"ctrl+b\" = \"copy\"\n\"control+B\" = \"paste\"\n",
        &["3:1 warning: \"control+B\" is the same key as \"ctrl+b\", which it replaces; nothing"],
    );
    check(
        "[keys]\n\"leader x\" = \"paste\"\n",
        &[
            "2:1 error: no leader is set for \"leader x\"; leader = \"ctrl+a\", or another key, under [keys]",
        ],
    );
    check(
        "[keys]\n\"ctrl+b entr\" = \"paste\"\n",
        &[
            "2:1 error: unknown key \"entr\" (did you mean \"enter\"?); keys such as \"ctrl+shift+t\" or \"ctrl+a c\"",
        ],
    );
    check(
        "[keys]\n\"a b c d e f g h i\" = \"paste\"\n",
        &["2:1 error: 9 keys in a row; at most 8"],
    );
    check(
        "[keys]\n\"ctrl+b\" = \"pastee\"\n",
        &[
            "2:12 error: unknown action \"pastee\" (did you mean \"paste\"?); an action, see `terrace keys` or terrace.toml(5)",
        ],
    );
}

#[test]
fn modes_have_keys_of_their_own() {
    let (keys, told) = read(
        "[keys]\n\"ctrl+b\" = \"mode:move\"\n[keys.modes.move]\nunbound = \"leave\"\n\"x\" = \"swap-pane-left\"\n[keys.modes.panes]\n\"h\" = \"unbind\"\n",
    );
    assert_eq!(told, [""; 0]);
    let way = Keys::default().way_to(ActionName::BroadcastTab);
    assert_eq!(way.as_deref(), Some("ctrl+shift+r b"));
    assert_eq!(keys.way_to(ActionName::OpenLayout), None);
    let mode = keys.mode("move").unwrap();
    assert_eq!(mode.unbound, Unbound::Leave);
    assert_eq!(mode.table.iter().count(), 1);
    let panes = keys.table(Some("panes"));
    assert_eq!(panes.lookup(&presses("h")), Lookup::Unbound);
    assert!(matches!(panes.lookup(&presses("l")), Lookup::Bound(_)));
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text).1, expected);
    }
    check(
        "[keys]\n\"ctrl+b\" = \"mode:paness\"\n",
        &[
            "paness error: \"ctrl+b\" enters the mode \"paness\", which is not there (did you mean \"panes\"?); expected [keys.modes.paness] with its keys",
        ],
    );
    check(
        "[keys.modes.lost]\n\"x\" = \"copy\"\n",
        &[
            "lost warning: no key enters the mode \"lost\", so its keys cannot be reached; expected a key under [keys] that does \"mode:lost\"",
        ],
    );
    check(
        "[keys.modes.panes]\nunbound = \"leav\"\n",
        &[
            "2:11 error: found \"leav\" (did you mean \"leave\"?); \"ignore\", \"pass\" or \"leave\"",
        ],
    );
}

#[test]
fn keys_are_meant_by_what_they_give_or_by_their_place() {
    let (keys, told) = read("[keys]\n\"ctrl+physical:w\" = \"copy\"\n");
    assert_eq!(told, [""; 0]);
    // Dvorak: the key at the place of w gives a comma, and ctrl+comma is bound by default.
    let press = Press {
        modifiers: Modifiers::CTRL,
        base: KeyName::Char(','),
        produced: Some(','),
        physical: Some('w'),
    };
    let copy = Action::Run(ActionName::Copy);
    assert_eq!(keys.table(None).lookup(&[press]), Lookup::Bound(&copy));
    let bound = keys.keys_of(ActionName::Copy).map(ToString::to_string);
    assert_eq!(bound.as_deref(), Some("ctrl+shift+c"));
    assert_eq!("physical:minus".parse(), Ok(KeyName::Physical('-')));
    assert_eq!(KeyName::Physical('-').to_string(), "physical:minus");
    assert!("physical:ü".parse::<KeyName>().is_err());
}

#[test]
fn modifier_sets_are_read_and_written() {
    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let set = ModifierSet::read(&DeValue::String(text.into())).ok();
        assert_eq!(set.map(|set| set.0.to_string()).as_deref(), expected);
    }
    check("ctrl", Some("ctrl"));
    check("Shift + Alt", Some("alt+shift"));
    check("", None);
    check("ctrl+t", None);
}
