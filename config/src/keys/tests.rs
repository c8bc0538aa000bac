//! Chords as they are written, and what a key press finds.

use super::*;

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
fn every_default_is_a_chord_bound_once() {
    for (text, name) in DEFAULTS {
        let chord: Chord = text.parse().unwrap();
        assert_eq!(chord.to_string(), *text);
        assert_eq!(
            Keys::default().actions.get(&chord),
            Some(&Action::Run(*name)),
            "{text}"
        );
    }
    assert_eq!(Keys::default().iter().count(), DEFAULTS.len());
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
        let found = Keys::default()
            .lookup(held, KeyName::of_char(base), produced)
            .cloned();
        assert_eq!(found, expected.map(Action::Run));
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
    let found = |keys: &Keys| keys.lookup(chord.modifiers, chord.key, Some('C')).cloned();
    keys.bind(chord, Action::Text("x".to_owned()));
    assert_eq!(found(&keys), Some(Action::Text("x".to_owned())));
    assert_eq!(
        keys.chord_of(ActionName::Copy).unwrap().to_string(),
        "ctrl+insert"
    );
    keys.bind(chord, Action::Unbind);
    assert_eq!(found(&keys), None);
    assert!(keys.iter().all(|binding| binding.chord != chord));
    keys.bind(chord, Action::Ignore);
    assert_eq!(found(&keys), Some(Action::Ignore));
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
