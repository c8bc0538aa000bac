//! The palette and key sequences in the real window: what is typed is found and done, settings are written back,
//! themes are seen before they are taken.

use std::fs;

use anyhow::Result;
use tests::display::{Display, Picture, Window, wait_for};

const SETTINGS: &str = r##"# My settings.
[window]
columns = 100
rows = 30
[font]
size = 10.0 # small
[colors]
theme = "Terrace Dark" # for now
[cursor]
blink = "never"
[keys]
leader = "ctrl+a"
"leader t" = "new-tab"
"leader leader" = "pass"
"##;

/// Waits for the settings file to hold a text.
fn wait_file(window: &Window<'_>, text: &str) -> Result<String> {
    let file = window.settings_file();
    wait_for(&format!("{text} in the settings"), || {
        let all = fs::read_to_string(&file)?;
        Ok(all.contains(text).then_some(all))
    })
}

/// The color that most of the window has.
fn ground(picture: &Picture) -> [u8; 3] {
    picture.at(picture.width - 20, picture.height - 8)
}

/// Whether there is something in the first row.
fn has_prompt(picture: &Picture) -> bool {
    let ground = ground(picture);
    (4..16).any(|y| (4..60).any(|x| picture.at(x, y) != ground))
}

#[test]
fn an_action_is_found_and_done() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    let before = window.wait_picture("a prompt", has_prompt)?;
    window.key("ctrl+shift+p")?;
    // Typed before the palette is drawn for the first time; nothing of it may be lost.
    window.type_text("newtab")?;
    window.key("Return")?;
    let bar = |picture: &Picture| {
        picture.at(picture.width - 3, 10) != before.at(before.width - 3, 10)
            && picture.at(picture.width / 2, 200) == ground(picture)
    };
    window.wait_picture("a tab bar", bar)?;
    // A sequence does the same; Escape in its middle drops it.
    let one_more = |picture: &Picture, known: &Picture| {
        (0..picture.width)
            .filter(|x| picture.at(*x, 10) != known.at(*x, 10))
            .count()
            > 50
    };
    let two = window.wait_still("two tabs with their titles", bar)?;
    window.key("ctrl+a")?;
    window.key("t")?;
    window.wait_picture("a third tab", |picture| one_more(picture, &two))?;
    let out = display.folder().join("typed");
    window.key("ctrl+a")?;
    window.key("Escape")?;
    window.type_text(&format!("echo through > {}", out.display()))?;
    window.key("Return")?;
    wait_for("what was typed", || {
        Ok((fs::read_to_string(&out).unwrap_or_default() == "through\n").then_some(()))
    })
}

#[test]
fn a_setting_changes_at_once_and_in_the_file() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    let before = window.wait_still("a prompt", has_prompt)?;
    window.key("ctrl+shift+p")?;
    window.type_text(":tabs.bar")?;
    window.key("Return")?;
    window.type_text("always")?;
    window.key("Return")?;
    let text = wait_file(&window, "bar = \"always\"")?;
    assert!(
        text.starts_with(SETTINGS),
        "what was there is as it was: {text}"
    );
    window.wait_picture("the tab bar", |picture| {
        picture.at(picture.width - 3, 10) != before.at(before.width - 3, 10)
            || picture.height != before.height
    })?;
    // A number typed in place; its comment stays.
    window.key("ctrl+shift+p")?;
    window.type_text(":font.size")?;
    window.key("Return")?;
    window.type_text("12.5")?;
    window.key("Return")?;
    wait_file(&window, "size = 12.5 # small")?;
    // What is wrong is said, and changes nothing.
    window.key("ctrl+shift+p")?;
    window.type_text(":font.size")?;
    window.key("Return")?;
    window.type_text("huge")?;
    window.key("Return")?;
    window.key("Escape")?;
    window.key("Escape")?;
    window.key("ctrl+shift+p")?;
    window.type_text(":tabs.numbers")?;
    window.key("Return")?;
    window.type_text("true")?;
    window.key("Return")?;
    let text = wait_file(&window, "numbers = true")?;
    assert!(text.contains("size = 12.5 # small"), "{text}");
    Ok(())
}

#[test]
fn themes_are_seen_before_they_are_taken() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    const DARK: [u8; 3] = [0x16, 0x1a, 0x22];
    const SOLARIZED: [u8; 3] = [0xfd, 0xf6, 0xe3];
    let window = Window::open(&display, SETTINGS, &[])?;
    let dark = DARK;
    window.wait_picture("the dark theme", |picture| ground(picture) == dark)?;
    let choose = || -> Result<()> {
        window.key("ctrl+shift+p")?;
        window.type_text("@solarized light")?;
        window.wait_picture("the light theme", |picture| ground(picture) == SOLARIZED)?;
        Ok(())
    };
    choose()?;
    window.key("Escape")?;
    window.wait_picture("the dark theme again", |picture| ground(picture) == dark)?;
    let file = window.settings_file();
    assert_eq!(fs::read_to_string(&file)?, SETTINGS);
    choose()?;
    window.key("Return")?;
    wait_file(&window, "theme = \"Solarized Light\" # for now")?;
    window.wait_picture("the light theme to stay", |picture| {
        ground(picture) == SOLARIZED
    })?;
    Ok(())
}

#[test]
fn the_key_that_opens_a_panel_closes_it() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    let before = window.wait_still("a prompt", has_prompt)?;
    let out = display.folder().join("typed");
    let panels = [
        ("the palette", "ctrl+shift+p"),
        ("the environments", "ctrl+shift+l"),
        ("the history", "alt+shift+h"),
    ];
    for (name, key) in panels {
        window.key(key)?;
        window.wait_picture(name, |picture| {
            picture.difference(&before) > picture.width as usize * 20
        })?;
        window.key(key)?;
        window.type_text(&format!("echo {key} > {}", out.display()))?;
        window.key("Return")?;
        wait_for(name, || {
            Ok((fs::read_to_string(&out).unwrap_or_default() == format!("{key}\n")).then_some(()))
        })?;
    }
    Ok(())
}

#[test]
fn fields_share_the_clipboard_with_other_programs() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    // No leader key, which selects all in a field.
    let window = Window::open(&display, &SETTINGS.replace("ctrl+a", "ctrl+q"), &[])?;
    window.wait_picture("a prompt", has_prompt)?;
    for (paste, text) in [("ctrl+shift+v", "by the pane's key"), ("ctrl+v", "漢字")] {
        display.set_clipboard(text)?;
        window.key("ctrl+shift+p")?;
        window.type_text("x")?;
        let before = window.wait_still("the palette", |_| true)?;
        window.key(paste)?;
        window.wait_picture("the text in the field", |now| now.difference(&before) > 0)?;
        window.wait_still("all of it", |_| true)?;
        window.key("ctrl+a")?;
        window.key("ctrl+c")?;
        wait_for("the field's text on the clipboard", || {
            let now = display.clipboard("clipboard")?;
            Ok((now == format!("x{text}")).then_some(()))
        })?;
        window.key("Escape")?;
    }
    Ok(())
}
