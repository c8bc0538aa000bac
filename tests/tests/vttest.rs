//! vttest, walked by script: each screen of menus 1–8 and 11 as it was when a person looked at
//! its picture and judged it right by what vttest says it should show.
//!
//! `tests/data/vttest/PATH.ansi` holds the screens of one walk (the numbers typed, then Return at
//! each prompt, or the keys of a step). `TERRACE_BLESS=1 cargo test -p tests --test vttest` writes
//! them anew, to be looked at again. Left out: what only a person can see (LEDs, repeat). Two lines
//! of screen 3 of menu 7 say "failed": a VT400 comes back from VT52 mode as a VT100, xterm and
//! Terrace as what they were.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{RunningSession, data_folder, is_installed};

/// The numbers typed for each walk.
const WALKS: [&str; 55] = [
    "1",
    "2",
    "3.8",
    "3.9",
    "3.10",
    "3.11",
    "4",
    "6.2",
    "6.3",
    "6.4",
    "6.5",
    "6.6",
    "6.7",
    "7",
    "8",
    "11.1.2.2",
    "11.1.2.3",
    "11.1.2.4",
    "11.1.6",
    "11.2.2.1",
    "11.2.2.2",
    "11.3.2.7",
    "11.3.2.8",
    "11.3.2.9",
    "11.3.2.10",
    "11.3.3.9",
    "11.3.3.10",
    "11.3.3.11",
    "11.3.3.12",
    "11.3.3.13",
    "11.3.6.7",
    "11.3.6.8",
    "11.3.6.9",
    "11.3.6.10",
    "11.3.6.11",
    "11.3.6.12",
    "11.5.1",
    "11.5.2",
    "11.5.3",
    "11.5.4",
    "11.5.5",
    "11.5.6",
    "11.5.7",
    "11.5.8",
    "11.5.9",
    "11.6.2",
    "11.6.3",
    "11.6.4",
    "11.6.5",
    "11.7.2",
    "11.7.3",
    "11.7.4",
    "11.8.7.3",
    "11.8.7.4",
    "11.8.7.5",
];

/// The numbers typed, and the keys of each step after which the screen is compared.
const KEY_WALKS: [(&str, &[&str]); 6] = [
    (
        "5.4",
        &[
            "up",
            "down right",
            "left",
            "tab",
            "up down right left",
            "tab",
            "up down right left",
            "tab",
        ],
    ),
    (
        "5.5",
        &[
            "kp_0 kp_5 kp_decimal kp_subtract kp_enter f1 f4",
            "tab",
            "kp_0 kp_1 kp_2 kp_3 kp_4",
            "kp_5 kp_6 kp_7 kp_8 kp_9 kp_decimal kp_subtract kp_enter f1 f2 f3 f4",
            "tab",
            "kp_0 kp_5 kp_9 kp_decimal kp_enter f1 f4",
            "tab",
        ],
    ),
    (
        "5.6",
        &["insert delete", "page_up page_down", "home end", "tab"],
    ),
    (
        "5.7",
        &[
            "f6 f7 f8 f9 f10",
            "f11 f12 f13 f14",
            "f17 f18 f19 f20",
            "tab",
        ],
    ),
    (
        "5.9",
        &[
            "ctrl+a ctrl+a ctrl+c ctrl+c ctrl+i ctrl+i ctrl+j ctrl+j ctrl+m ctrl+m",
            "ctrl+q ctrl+q ctrl+s ctrl+s ctrl+z ctrl+z ctrl+2 ctrl+2",
            "ctrl+[ ctrl+[ ctrl+\\ ctrl+\\ ctrl+] ctrl+]",
            "backspace",
        ],
    ),
    ("6.1", &["enter"]),
];

/// How long a screen may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long vttest must be quiet for a new expectation.
const QUIET: Duration = Duration::from_millis(200);
/// What begins each screen of an expectation, before the cursor's place.
const HEAD: &str = "──── cursor ";

/// A session and how much of its output there was before the last key.
struct Walk {
    session: RunningSession,
    before: u64,
}

impl Walk {
    fn start() -> Self {
        let session = RunningSession::start(&[], &["vttest"]);
        Self { session, before: 0 }
    }

    /// Types a line.
    fn enter(&mut self, line: &str) {
        self.before = self.bytes();
        for character in line.chars() {
            self.session
                .control
                .tell(&json!({"key": character.to_string()}));
        }
        self.session.control.tell(&json!({"key": "enter"}));
    }

    /// Presses keys, each when vttest has shown the one before, since it reads all that is there as one;
    /// modifiers stand before them with `+`.
    fn press(&mut self, keys: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut waits = false;
        for key in keys.split(' ') {
            while waits && self.bytes() == self.before {
                assert!(Instant::now() < deadline, "vttest does not show {key}");
            }
            waits = true;
            self.before = self.bytes();
            let mut parts: Vec<&str> = key.split('+').collect();
            let key = parts.pop().unwrap_or_default();
            let event = json!({"key": {"key": key, "mods": parts}});
            assert_eq!(self.session.control.tell(&event)["sent"], true, "{key}");
        }
    }

    /// Waits until vttest is quiet.
    fn quiet(&mut self) {
        let (mut seen, mut since) = (0, Instant::now());
        while since.elapsed() < 2 * QUIET {
            let bytes = self.bytes();
            if bytes != seen {
                (seen, since) = (bytes, Instant::now());
            }
        }
    }

    fn bytes(&mut self) -> u64 {
        self.session.control.tell(&json!({"sync": true}))["bytes"]
            .as_u64()
            .unwrap_or(0)
    }

    /// The screen in SGR form, with the cursor's place before it.
    fn screen(&mut self) -> String {
        let control = &mut self.session.control;
        let text = control.tell(&json!({"dump": {"format": "ansi"}}))["text"].clone();
        let cursor = control.tell(&json!({"dump": {}}))["cursor"].clone();
        let rows = text.as_str().unwrap_or_default().trim_end();
        format!("{HEAD}{},{}\n{rows}\n", cursor["row"], cursor["col"])
    }

    /// The screen once vttest waits.
    fn settled(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            let bytes = self.bytes();
            if bytes != seen || bytes <= self.before {
                (seen, since) = (bytes, Instant::now());
            } else if since.elapsed() > QUIET {
                let screen = self.screen();
                if is_menu(&screen) || screen.contains("RETURN") {
                    return screen;
                }
            }
            assert!(Instant::now() < deadline, "vttest does not come to rest");
        }
    }

    /// Goes on until the screen is `expected`, or says where it differs.
    fn expect(&mut self, name: &str, expected: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let changed = self.bytes() > self.before;
            let screen = self.screen();
            if changed && screen == expected {
                return;
            }
            if Instant::now() > deadline {
                for (row, (shown, wanted)) in screen.lines().zip(expected.lines()).enumerate() {
                    assert_eq!(shown, wanted, "{name}: line {row}");
                }
                assert_eq!(screen, expected, "{name}");
                assert!(changed, "{name}: vttest did not go on");
            }
        }
    }
}

fn is_menu(screen: &str) -> bool {
    screen.contains("Enter choice number (0 - ")
}

/// Walks and writes down what is there.
fn bless(path: &str) -> String {
    let mut walk = Walk::start();
    for number in path.split('.') {
        assert!(is_menu(&walk.settled()), "{path}: no menu");
        walk.enter(number);
    }
    let mut screens = String::new();
    loop {
        let screen = walk.settled();
        if is_menu(&screen) {
            return screens;
        }
        let _ = write!(screens, "{screen}");
        walk.enter("");
    }
}

/// Walks and compares.
fn check(path: &str, expected: &str) {
    let mut walk = Walk::start();
    for number in path.split('.') {
        assert!(is_menu(&walk.settled()), "{path}: no menu");
        walk.enter(number);
    }
    let mut steps = 0;
    for (i, screen) in expected.split(HEAD).skip(1).enumerate() {
        walk.expect(
            &format!("{path}, screen {}", i + 1),
            &format!("{HEAD}{screen}"),
        );
        walk.enter("");
        steps += 1;
    }
    assert!(steps > 0, "{path}: nothing is expected");
    assert!(
        is_menu(&walk.settled()),
        "{path}: there are more screens than expected"
    );
}

/// Goes to a screen of keys.
fn begin_keys(path: &str) -> Walk {
    let mut walk = Walk::start();
    for number in path.split('.') {
        assert!(is_menu(&walk.settled()), "{path}: no menu");
        walk.enter(number);
    }
    walk
}

fn bless_keys(path: &str, steps: &[&str]) -> String {
    let mut walk = begin_keys(path);
    let mut screens = String::new();
    walk.quiet();
    for keys in steps {
        walk.press(keys);
        walk.quiet();
        let _ = write!(screens, "{}", walk.screen());
    }
    screens
}

fn check_keys(path: &str, steps: &[&str], expected: &str) {
    let mut walk = begin_keys(path);
    let mut screens = expected.split(HEAD).skip(1);
    // The first keys must not come before vttest reads them as keys.
    let deadline = Instant::now() + PATIENCE;
    while !walk.screen().contains("inish") {
        assert!(Instant::now() < deadline, "{path}: no screen of keys");
    }
    for (i, keys) in steps.iter().enumerate() {
        let screen = screens.next().unwrap_or_default();
        walk.press(keys);
        walk.expect(&format!("{path}, {keys} ({i})"), &format!("{HEAD}{screen}"));
    }
    assert_eq!(screens.next(), None, "{path}: more is expected");
}

#[test]
fn keys_are_told_as_judged() {
    if !is_installed("vttest") {
        return;
    }
    let blesses = std::env::var_os("TERRACE_BLESS").is_some();
    let folder = data_folder().join("vttest");
    std::thread::scope(|scope| {
        for (path, steps) in KEY_WALKS {
            let file = folder.join(format!("{path}.ansi"));
            scope.spawn(move || {
                if blesses {
                    fs::write(file, bless_keys(path, steps)).expect("the folder can be written");
                } else {
                    check_keys(
                        path,
                        steps,
                        &fs::read_to_string(file).expect("an expectation"),
                    );
                }
            });
        }
    });
}

#[test]
fn screens_are_as_judged() {
    if !is_installed("vttest") {
        return;
    }
    let blesses = std::env::var_os("TERRACE_BLESS").is_some();
    let folder = data_folder().join("vttest");
    let walk = |path: &&str| {
        let file = folder.join(format!("{path}.ansi"));
        if blesses {
            fs::write(file, bless(path)).expect("the folder can be written");
        } else {
            check(path, &fs::read_to_string(file).expect("an expectation"));
        }
    };
    // They mostly wait, so several go at once.
    std::thread::scope(|scope| {
        for part in WALKS.chunks(WALKS.len().div_ceil(6)) {
            let walk = &walk;
            scope.spawn(move || part.iter().for_each(walk));
        }
    });
}
