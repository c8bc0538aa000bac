//! vttest, walked by script: each screen of menus 1–3, 6, 8 and 11 as it was when a person looked at
//! its picture and judged it right by what vttest says it should show.
//!
//! `tests/data/vttest/PATH.ansi` holds the screens of one walk (the numbers typed, then Return at
//! each prompt). `TERRACE_BLESS=1 cargo test -p tests --test vttest` writes them anew, to be looked
//! at again. Left out: 4 (double-size lines) and 7 (VT52 mode), which Terrace does not do, and what
//! only a person can answer.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::{RunningSession, data_folder, is_installed};

/// The numbers typed for each walk.
const WALKS: [&str; 53] = [
    "1",
    "2",
    "3.8",
    "3.9",
    "3.10",
    "3.11",
    "6.2",
    "6.3",
    "6.4",
    "6.5",
    "6.6",
    "6.7",
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
