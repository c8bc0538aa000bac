//! The real window on a real X server, driven as a user would: keys by xdotool, eyes by screenshots,
//! another program's clipboard by xclip.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use tests::display::{Display, Picture, Window, wait_for};
use tests::x11::{self, DesktopSettings};

const SETTINGS: &str = r##"
[window]
padding = 4
confirm_close = "running"
[font]
size = 10.0
[colors]
background = "#102030"
[cursor]
blink = "never"
"##;
const GROUND: [u8; 3] = [0x10, 0x20, 0x30];

/// Whether the ground is painted and there is something in the first row.
fn has_text(picture: &Picture) -> bool {
    picture.count(GROUND) > 100_000 && (4..16).any(|y| (4..120).any(|x| picture.at(x, y) != GROUND))
}

/// The text of a file that a program in the pane writes, once it has a whole line.
fn wait_line(path: &Path) -> Result<String> {
    wait_for(&format!("a line in {}", path.display()), || {
        let text = fs::read_to_string(path).unwrap_or_default();
        Ok(text.strip_suffix('\n').map(str::to_owned))
    })
}

#[test]
fn typing_shows_and_reaches_the_shell() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut window = Window::open(&display, SETTINGS, &[])?;
    let before = window.wait_picture("a prompt", has_text)?;
    let out = display.folder().join("typed");
    window.type_text(&format!("echo 'Hello, \"window\"!' > {}", out.display()))?;
    window.wait_picture("the typed text", |picture| {
        picture.difference(&before) > 200
    })?;
    window.key("Return")?;
    assert_eq!(wait_line(&out)?, "Hello, \"window\"!");
    window.type_text("exit 0")?;
    window.key("Return")?;
    assert!(window.wait()?.success());
    Ok(())
}

/// With a graphics driver and without: text, colors, symbols, two tabs and the list of actions over them.
#[test]
fn drivers_and_the_processor_draw_the_same_window() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let script =
        r"printf 'Ag \033[1;31mred \033[7;4;38;2;90;200;150mtrue\033[0m ┌─▞┐ 日本\n'; exec cat";
    let draw = |backend: &str| -> Result<Picture> {
        let option = format!("renderer.backend={backend:?}");
        let args = ["-o", &option, "-e", "sh", "-c", script];
        let window = Window::open(&display, SETTINGS, &args)?;
        let before = window.wait_still("the text", has_text)?;
        window.key("ctrl+shift+t")?;
        window.wait_picture("the bar of tabs", |picture| {
            picture.difference(&before) > 5_000
        })?;
        window.key("ctrl+shift+Tab")?;
        window.key("ctrl+shift+p")?;
        window.wait_still("the list of actions", |picture| {
            picture.difference(&before) > 100_000
        })
    };
    let ours = draw("software")?;
    for backend in ["vulkan", "gl"] {
        let theirs = match draw(backend) {
            Ok(picture) => picture,
            Err(error) if format!("{error:#}").contains("no graphics adapter") => {
                let _ = writeln!(std::io::stderr(), "skipped: no driver for {backend}");
                continue;
            }
            Err(error) => return Err(error),
        };
        let far = ours.far(&theirs, 6);
        assert!(far < 200, "{backend}: {far} pixels differ");
    }
    Ok(())
}

#[test]
fn resizing_reaches_the_program() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &["-o", "window.columns=70"])?;
    let (first, second) = (
        display.folder().join("first"),
        display.folder().join("second"),
    );
    let size = |path: &Path| -> Result<(u32, u32)> {
        window.type_text(&format!("stty size > {}", path.display()))?;
        window.key("Return")?;
        let line = wait_line(path)?;
        let (rows, columns) = line.split_once(' ').expect("stty prints two numbers");
        Ok((rows.parse()?, columns.parse()?))
    };
    assert_eq!(size(&first)?, (24, 70));
    window.resize(900, 700)?;
    window.wait_picture("the new size", |picture| {
        (picture.width, picture.height) == (900, 700)
    })?;
    let (rows, columns) = size(&second)?;
    assert!(
        rows > 30 && columns > 80,
        "{rows} rows, {columns} columns at 900 × 700"
    );
    Ok(())
}

#[test]
fn copying_and_pasting_with_another_program() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let out = display.folder().join("pasted");
    let script = format!("clear; echo copied-words here; cat > {}", out.display());
    let window = Window::open(&display, SETTINGS, &["-e", "sh", "-c", &script])?;
    window.wait_picture("the line to copy", has_text)?;
    // A double click selects a word, a triple click a line, and selecting sets PRIMARY; the key copies to CLIPBOARD.
    let clicks = |times: u32, selected: &str| {
        wait_for(&format!("{selected:?} in PRIMARY"), || {
            // A click elsewhere ends a series of clicks, and a slow machine may tear one apart.
            window.click(300, 60, 1, 1)?;
            window.click(20, 11, 1, times)?;
            Ok((display.clipboard("primary")? == selected).then_some(()))
        })
    };
    clicks(2, "copied-words")?;
    clicks(3, "copied-words here")?;
    window.key("ctrl+shift+c")?;
    wait_for("CLIPBOARD", || {
        Ok((display.clipboard("clipboard")? == "copied-words here").then_some(()))
    })?;
    display.set_clipboard("from another program")?;
    window.key("ctrl+shift+v")?;
    window.key("Return")?;
    assert_eq!(wait_line(&out)?, "from another program");
    Ok(())
}

#[test]
fn saving_the_settings_changes_the_window() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    let most = |picture: &Picture, color| {
        picture.count(color) > (picture.width * picture.height / 2) as usize
    };
    window.wait_picture("the first color", |picture| most(picture, GROUND))?;
    let file = window.settings_file();
    fs::write(&file, SETTINGS.replace("#102030", "#305010"))?;
    let good = window.wait_picture("the new color", |p| most(p, [0x30, 0x50, 0x10]))?;
    // A mistake is said in the window, and the last good settings stay.
    fs::write(&file, SETTINGS.replace("\"#102030\"", "\"no color\""))?;
    let said = window.wait_picture("the message", |picture| picture.difference(&good) > 500)?;
    assert!(
        most(&said, [0x30, 0x50, 0x10]),
        "the last good settings stay in force"
    );
    fs::write(&file, SETTINGS)?;
    window.wait_picture("the first color again", |picture| most(picture, GROUND))?;
    Ok(())
}

#[test]
fn tabs_open_switch_and_close() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut window = Window::open(&display, SETTINGS, &[])?;
    let single = window.wait_picture("a prompt", has_text)?;
    let tty = |name: &str| -> Result<String> {
        let path = display.folder().join(name);
        window.type_text(&format!("tty > {}", path.display()))?;
        window.key("Return")?;
        wait_line(&path)
    };
    let first = tty("first")?;
    window.key("ctrl+shift+t")?;
    window.wait_picture("the tab bar", |p| {
        p.at(p.width - 2, 2) != single.at(single.width - 2, 2)
    })?;
    let second = tty("second")?;
    assert_ne!(first, second);
    window.key("ctrl+Tab")?;
    assert_eq!(tty("third")?, first);
    window.type_text("printf '\\033]2;named by the program\\007'")?;
    window.key("Return")?;
    wait_for("the title", || {
        Ok((window.title()? == "named by the program").then_some(()))
    })?;
    window.type_text("exit")?;
    window.key("Return")?;
    // What is typed until then is for a shell that is about to end.
    wait_for("the other tab", || {
        Ok((window.title()? != "named by the program").then_some(()))
    })?;
    window.type_text("exit")?;
    window.key("Return")?;
    assert!(window.wait()?.success());
    Ok(())
}

#[test]
fn files_that_are_dropped_are_typed_as_quoted_paths() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    window.wait_picture("a prompt", has_text)?;
    let out = display.folder().join("dropped");
    window.type_text("printf '%s|' ")?;
    let folder = display.folder().canonicalize()?;
    let files = ["it's one", "$HOME"].map(|name| folder.join(name));
    for file in &files {
        fs::write(file, "")?;
    }
    let [first, second] =
        ["it's%20one", "%24HOME"].map(|name| format!("file://{}/{name}", folder.display()));
    // The shell's echo ends before the picture that the drop is compared with.
    let before = window.wait_still("the typed line", has_text)?;
    x11::drop_files(&display, window.number()?, &[&first, &second])?;
    window.wait_picture("the paths", |p| p.difference(&before) > 200)?;
    window.type_text(&format!("> {}; echo >> {0}", out.display()))?;
    window.key("Return")?;
    let paths = files.map(|file| format!("{}|", file.display()));
    assert_eq!(wait_line(&out)?, paths.concat());
    Ok(())
}

#[test]
fn the_desktops_scale_scales_fonts_while_the_window_is_open() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut desktop = DesktopSettings::start(&display, 1.0)?;
    let size = ["-o", "window.columns=50", "-o", "window.rows=10"];
    let window = Window::open(&display, SETTINGS, &size)?;
    let before = window.wait_picture("a prompt", |picture| {
        (4..16).any(|y| (4..60).any(|x| picture.at(x, y) != GROUND))
    })?;
    desktop.set_scale(2.0)?;
    let after = window.wait_picture("a window twice as large", |picture| {
        picture.width > before.width * 19 / 10
    })?;
    assert!(after.height > before.height * 18 / 10, "{}", after.height);
    // As many cells as before: they grew with the window.
    let out = display.folder().join("size");
    window.type_text(&format!("stty size > {}", out.display()))?;
    window.key("Return")?;
    assert_eq!(wait_line(&out)?, "10 50");
    assert!(
        !window.log()?.contains("graphics error"),
        "{}",
        window.log()?
    );
    Ok(())
}

#[test]
fn programs_that_ask_are_told_of_the_lock_keys() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let out = display.folder().join("keys");
    // Flag 1 of kitty's protocol: keys that type nothing are told with all their modifiers.
    let script = format!(
        "stty raw -echo; printf 'ready\\033[>1u'; cat > {}",
        out.display()
    );
    let window = Window::open(&display, SETTINGS, &["-e", "sh", "-c", &script])?;
    window.wait_picture("the program", has_text)?;
    // Not by `Window::key`, which takes locks off while it presses a key.
    let press = |key: &str| display.tool("xdotool", &["key", key]).map(drop);
    for (lock, told) in [
        ("Caps_Lock", "\x1b[1;65A"),
        ("Num_Lock", "\x1b[1;193A"),
        ("Caps_Lock", "\x1b[1;129A"),
        ("Num_Lock", "\x1b[A"),
    ] {
        press(lock)?;
        wait_for(&format!("{told:?} after {lock}"), || {
            press("Up")?;
            let keys = fs::read(&out).unwrap_or_default();
            Ok(keys.ends_with(told.as_bytes()).then_some(()))
        })?;
    }
    Ok(())
}

#[test]
fn a_transparent_window_shows_its_content() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &["-o", "window.opacity=0.5"])?;
    // Premultiplied, as the compositor wants it.
    let half = GROUND.map(|value| value / 2);
    window.wait_picture("text on half the ground", |picture| {
        let near = |at: [u8; 3]| at.iter().zip(half).all(|(a, b)| a.abs_diff(b) <= 1);
        near(picture.at(300, 200)) && (4..16).any(|y| (4..60).any(|x| !near(picture.at(x, y))))
    })?;
    Ok(())
}

#[test]
fn a_running_program_keeps_the_window_until_confirmed() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut window = Window::open(
        &display,
        SETTINGS,
        &["-e", "sh", "-c", "echo ready; sleep 1000"],
    )?;
    let before = window.wait_picture("the program", has_text)?;
    ask_to_close(&window, &before)?;
    window.key("Escape")?;
    window.wait_picture("the question to go", |p| p.difference(&before) < 2_000)?;
    ask_to_close(&window, &before)?;
    // From Cancel, which has the focus, Tab goes to Close.
    window.key("Tab")?;
    window.key("Return")?;
    assert!(window.wait()?.success());
    Ok(())
}

/// Asks to quit, and waits until the question is there and takes answers.
fn ask_to_close(window: &Window<'_>, before: &Picture) -> Result<()> {
    window.key("ctrl+shift+q")?;
    window.wait_picture("the question", |picture| picture.difference(before) > 5_000)?;
    let asked = Instant::now();
    wait_for("the half second in which no key answers", || {
        Ok((asked.elapsed() > Duration::from_millis(600)).then_some(()))
    })
}
