//! Finding in the real window: search, hints, copy mode, and what programs signal.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};
use tests::ctl::{ctl, socket};
use tests::display::{Display, Picture, Window, wait_for};

const SETTINGS: &str = r##"
[window]
padding = 4
confirm_close = "never"
[font]
size = 10.0
[colors]
background = "#102030"
[cursor]
blink = "never"
"##;
const GROUND: [u8; 3] = [0x10, 0x20, 0x30];

fn wait_clipboard(display: &Display, expected: &str) -> Result<()> {
    let mut last = String::new();
    wait_for(&format!("{expected:?} in the clipboard"), || {
        last = display.clipboard("clipboard")?;
        Ok((last == expected).then_some(()))
    })
    .with_context(|| format!("the clipboard holds {last:?}"))
}

/// A window in which `script` ran and then waits; with its picture.
fn open<'a>(display: &'a Display, settings: &str, script: &str) -> Result<(Window<'a>, Picture)> {
    let script = format!(
        "{script}; cat > {}",
        display.folder().join("typed").display()
    );
    let window = Window::open(display, settings, &["-e", "sh", "-c", &script])?;
    let picture = window.wait_still("the text", |picture| {
        picture.count(GROUND) > 100_000
            && picture.count(GROUND) + 60 < (picture.width * picture.height) as usize
    })?;
    Ok((window, picture))
}

#[test]
fn a_match_far_back_is_found_kept_and_copied() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let (window, before) = open(&display, SETTINGS, "seq 5000; echo the end")?;
    window.key("ctrl+shift+f")?;
    window.wait_picture("the bar", |picture| picture.difference(&before) > 1000)?;
    window.type_text("1234")?;
    // From here on the view is another: lines of four digits everywhere but where the bar is.
    let found = window.wait_still("the match", |picture| picture.difference(&before) > 4000)?;
    // Escape takes the view back.
    window.key("Escape")?;
    window.wait_picture("the view as it was", |picture| {
        picture.difference(&before) < 50
    })?;
    // The same once more, kept: the match is the selection.
    window.key("ctrl+shift+f")?;
    window.wait_still("the match again", |picture| {
        // The text in the bar is selected this time.
        picture.difference(&found) < 3000 && picture.difference(&before) > 4000
    })?;
    window.key("Return")?;
    window.wait_picture("the bar to go", |picture| {
        picture.difference(&found) > 500 && picture.difference(&before) > 2000
    })?;
    window.key("ctrl+shift+c")?;
    wait_clipboard(&display, "1234")
}

#[test]
fn expressions_are_searched_from_match_to_match() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let settings = format!("{SETTINGS}[control]\nallow = [\"screen.read\"]\n");
    let (window, _) = open(&display, &settings, "seq 3000; echo the end")?;
    socket(&display)?;
    // The match that is chosen is selected.
    let wait_match = |expected: &str| {
        wait_for(&format!("the match {expected}"), || {
            let selected = ctl(&display, &["text", "part=selection"])?;
            Ok((selected["text"] == expected).then_some(()))
        })
    };
    window.key("ctrl+shift+f")?;
    window.type_text("^(7[0-9])$")?;
    window.key("alt+r")?;
    wait_match("79")?;
    for (key, expected) in [("Up", "78"), ("Up", "77"), ("Down", "78")] {
        window.key(key)?;
        wait_match(expected)?;
    }
    window.key("Return")?;
    window.key("ctrl+shift+c")?;
    wait_clipboard(&display, "78")
}

#[test]
fn hints_copy_and_insert_over_soft_wraps() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let settings = SETTINGS.replace("padding = 4", "padding = 4\ncolumns = 40");
    let address = "https://example.org/a/long/path/over/two/rows";
    let script = format!("echo see {address} or src/main.rs:12");
    let (window, before) = open(&display, &settings, &script)?;
    window.key("ctrl+shift+y")?;
    let labels = window.wait_still("the labels", |picture| picture.difference(&before) > 500)?;
    // The address begins nearer to the cursor than the path and has the first letter.
    window.type_text("a")?;
    wait_clipboard(&display, address)?;
    // The labels go, and what was copied is said.
    window.wait_still("the end of the mode", |picture| {
        picture.difference(&labels) > 500
    })?;
    // Letters typed ahead of the labels choose as well.
    window.key("ctrl+shift+i")?;
    window.type_text("s")?;
    window.key("Return")?;
    wait_for("what was inserted", || {
        let text = fs::read_to_string(display.folder().join("typed")).unwrap_or_default();
        Ok((text == "src/main.rs:12\n").then_some(()))
    })
}

#[test]
fn copy_mode_moves_selects_and_copies() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let (window, before) = open(&display, SETTINGS, "echo 'first (second third) fourth'")?;
    window.key("ctrl+shift+space")?;
    window.wait_picture("the badge", |picture| picture.difference(&before) > 200)?;
    window.type_text("kwwvey")?;
    wait_clipboard(&display, "second")?;
    window.wait_picture("the end of the mode", |picture| {
        picture.difference(&before) < 50
    })?;
    window.key("ctrl+shift+space")?;
    window.type_text("kf(v%y")?;
    wait_clipboard(&display, "(second third)")?;
    // With plain keys.
    window.key("ctrl+shift+space")?;
    for key in ["Up", "Home", "shift+End", "Return"] {
        window.key(key)?;
    }
    wait_clipboard(&display, "first (second third) fourth")
}

#[test]
fn progress_is_in_the_title() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let script = r"printf '\033]2;work\007\033]9;4;1;40\007'; read line; printf '\033]9;4;0\007'";
    let (window, _) = open(&display, SETTINGS, &format!("echo text; {script}"))?;
    wait_for("progress in the title", || {
        Ok((window.title()? == "[40%] work").then_some(()))
    })?;
    window.key("Return")?;
    wait_for("the title without it", || {
        Ok((window.title()? == "work").then_some(()))
    })
}

/// A session bus with somebody who writes down what goes over it.
struct Bus {
    daemon: Child,
    monitor: Child,
    lines: mpsc::Receiver<String>,
}

impl Bus {
    /// Starts both; `None`, with the reason printed, where the tools are missing.
    fn start(display: &mut Display) -> Result<Option<Self>> {
        if !tests::is_installed("dbus-daemon") || !tests::is_installed("dbus-monitor") {
            #[expect(
                clippy::print_stderr,
                reason = "why a test checked nothing must be seen"
            )]
            {
                eprintln!("skipped: dbus is not installed; run `make test`");
            }
            return Ok(None);
        }
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .arg(format!("--address=unix:dir={}", display.folder().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut address = String::new();
        let out = daemon.stdout.take().context("the bus has no output")?;
        BufReader::new(out).read_line(&mut address)?;
        display.set_env("DBUS_SESSION_BUS_ADDRESS", address.trim());
        let mut monitor = display
            .command("dbus-monitor")
            .args(["--session", "interface='org.freedesktop.Notifications'"])
            .stdout(Stdio::piped())
            .spawn()?;
        let (sender, lines) = mpsc::channel();
        let mut out = monitor.stdout.take().context("the monitor has no output")?;
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
        Ok(Some(Self {
            daemon,
            monitor,
            lines,
        }))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        for child in [&mut self.monitor, &mut self.daemon] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_notification_reaches_the_desktop_while_the_pane_has_no_keyboard() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let Some(bus) = Bus::start(&mut display)? else {
        return Ok(());
    };
    // The monitor tells of itself first, and sees all that comes after.
    let mut said = String::new();
    wait_for("the monitor", || {
        said.extend(bus.lines.try_iter());
        Ok(said.contains("NameAcquired").then_some(()))
    })?;
    let gate = display.folder().join("gate");
    display.tool("mkfifo", &[&gate.display().to_string()])?;
    let script = format!(
        "printf '\\033]2;builder\\007text'; read line < {}; \
         printf '\\033]777;notify;<Done>;all <b>well</b>\\007'",
        gate.display()
    );
    let (window, _) = open(&display, SETTINGS, &script)?;
    wait_for("the title", || {
        Ok((window.title()? == "builder").then_some(()))
    })?;
    // Another tab takes the keyboard, and only then the program speaks.
    window.key("ctrl+shift+t")?;
    wait_for("another tab", || {
        Ok((window.title()? != "builder").then_some(()))
    })?;
    fs::write(&gate, "go\n")?;
    wait_for("the notification", || {
        said.extend(bus.lines.try_iter());
        let found = [
            "member=Notify",
            "builder: <Done>",
            "all &lt;b&gt;well&lt;/b&gt;",
        ];
        Ok(found.iter().all(|part| said.contains(part)).then_some(()))
    })
    .with_context(|| format!("on the bus: {said}"))
}
