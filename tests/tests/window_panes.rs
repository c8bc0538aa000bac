//! Panes, tabs and windows in the real window: splitting, zooming, moving, closing and opening again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tests::display::{Display, Window, wait_for};

const SETTINGS: &str = r##"
[window]
columns = 100
rows = 30
padding = 4
confirm_close = "never"
[font]
size = 10.0
[colors]
background = "#102030"
[cursor]
blink = "never"
[tabs]
dim_inactive_panes = 0.0
"##;

/// The text of a file that a program in a pane writes, once it has a whole line.
fn wait_line(path: &Path) -> Result<String> {
    wait_for(&format!("a line in {}", path.display()), || {
        let text = fs::read_to_string(path).unwrap_or_default();
        Ok(text.strip_suffix('\n').map(str::to_owned))
    })
}

/// A window's panes, asked through what is typed into them.
struct Panes<'a> {
    display: &'a Display,
    window: Window<'a>,
    asked: u32,
}

impl<'a> Panes<'a> {
    fn open(display: &'a Display, settings: &str, args: &[&str]) -> Result<Self> {
        let window = Window::open(display, settings, args)?;
        Ok(Self {
            display,
            window,
            asked: 0,
        })
    }

    fn file(&mut self) -> PathBuf {
        self.asked += 1;
        self.display.folder().join(format!("answer-{}", self.asked))
    }

    /// What a command prints in the pane that has the keyboard.
    fn ask(&mut self, command: &str) -> Result<String> {
        let path = self.file();
        let temporary = path.with_extension("part");
        let (to, done) = (temporary.display(), path.display());
        self.window
            .type_text(&format!("{command} > {to}; mv {to} {done}"))?;
        self.window.key("Return")?;
        wait_line(&path)
    }

    /// The shell in the pane that has the keyboard.
    fn shell(&mut self) -> Result<String> {
        self.ask("echo $$")
    }

    /// Rows and columns of the pane that has the keyboard.
    fn size(&mut self) -> Result<(u32, u32)> {
        let line = self.ask("stty size")?;
        let (rows, columns) = line.split_once(' ').context("stty prints two numbers")?;
        Ok((rows.parse()?, columns.parse()?))
    }

    /// Asks for the size until it is as wanted: programs are told of it by a signal.
    fn wait_size(&mut self, name: &str, is: impl Fn((u32, u32)) -> bool) -> Result<(u32, u32)> {
        wait_for(name, || Ok(Some(self.size()?).filter(|size| is(*size))))
    }

    /// Presses a key until another shell has the keyboard than `before`.
    fn key_to_other(&mut self, key: &str, before: &str) -> Result<String> {
        self.window.key(key)?;
        wait_for("another pane", || {
            Ok(Some(self.shell()?).filter(|shell| shell != before))
        })
    }
}

#[test]
fn panes_split_focus_zoom_and_resize() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut panes = Panes::open(&display, SETTINGS, &[])?;
    let first = panes.shell()?;
    assert_eq!(panes.size()?, (30, 100));
    let right = panes.key_to_other("ctrl+shift+o", &first)?;
    let (rows, columns) = panes.size()?;
    assert!(
        rows == 30 && (45..50).contains(&columns),
        "{rows} {columns}"
    );
    let below = panes.key_to_other("ctrl+shift+e", &right)?;
    let (rows, _) = panes.size()?;
    assert!((12..15).contains(&rows), "{rows} rows in the lower half");

    // By direction: to the left, and back to the upper of the two on the right.
    assert_eq!(panes.key_to_other("ctrl+alt+Left", &below)?, first);
    assert_eq!(panes.key_to_other("ctrl+alt+Right", &first)?, right);
    assert_eq!(panes.key_to_other("ctrl+alt+Down", &right)?, below);

    // By number: the panes are numbered in reading order.
    panes.window.key("alt+0")?;
    panes.window.key("1")?;
    assert_eq!(panes.shell()?, first);

    panes.window.key("ctrl+shift+Return")?;
    panes.wait_size("the zoomed size", |size| size == (30, 100))?;
    panes.window.key("ctrl+shift+Return")?;
    let (_, before) = panes.wait_size("the old size", |size| size.1 < 60)?;

    // The mode for resizing takes plain keys until it is left.
    panes.window.key("ctrl+shift+r")?;
    for _ in 0..3 {
        panes.window.key("Right")?;
    }
    panes.window.key("Return")?;
    let (_, wider) = panes.wait_size("a wider pane", |size| size.1 > before)?;
    assert_eq!(wider, before + 6);

    // The border dragged far to the left stops at the least width.
    // The program knows its size before the window shows it.
    let line = wait_for("a border where the pane ends", || {
        let picture = panes.window.picture()?;
        let x = picture.width * wider / 100 + 8;
        let line =
            (x - 12..x + 12).find(|x| (100..140).all(|y| picture.at(*x, y) != [0x10, 0x20, 0x30]));
        Ok(line.map(i32::try_from).transpose()?)
    })?;
    panes.window.drag((line, 120), (20, 120))?;
    let (_, least) = panes.wait_size("a narrow pane", |size| size.1 < 20)?;
    assert_eq!(least, 10);
    // Too narrow to be split: it says so, and stays one.
    panes.window.key("ctrl+shift+o")?;
    assert_eq!(panes.shell()?, first);
    Ok(())
}

#[test]
fn what_was_closed_comes_back_with_its_program() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut panes = Panes::open(&display, SETTINGS, &[])?;
    let first = panes.shell()?;
    let second = panes.key_to_other("ctrl+shift+o", &first)?;
    panes.ask("MARK=kept; echo set")?;
    assert_eq!(panes.key_to_other("alt+shift+w", &second)?, first);
    panes.wait_size("the whole width", |size| size.1 == 100)?;
    assert_eq!(panes.key_to_other("ctrl+shift+BackSpace", &first)?, second);
    assert_eq!(panes.ask("echo $MARK")?, "kept");
    panes.wait_size("half the width again", |size| size.1 < 50)?;

    // A tab with two panes, closed while a program runs in it.
    let third = panes.key_to_other("ctrl+shift+t", &second)?;
    panes.ask("MARK=tab; echo set")?;
    panes.key_to_other("ctrl+shift+w", &third)?;
    assert_eq!(panes.key_to_other("ctrl+shift+BackSpace", &second)?, third);
    assert_eq!(panes.ask("echo $MARK")?, "tab");
    Ok(())
}

#[test]
fn typing_goes_to_all_panes_while_asked_to() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut panes = Panes::open(&display, SETTINGS, &[])?;
    let first = panes.shell()?;
    let second = panes.key_to_other("ctrl+shift+o", &first)?;
    let before = panes.window.wait_still("two prompts", |_| true)?;
    for key in ["ctrl+shift+r", "b", "Return"] {
        panes.window.key(key)?;
    }
    wait_for("frames and a message", || {
        let now = panes.window.picture()?;
        Ok((now.difference(&before) > 1_000).then_some(()))
    })?;
    let folder = display.folder().join("both");
    fs::create_dir(&folder)?;
    panes
        .window
        .type_text(&format!("echo x > {}/$$", folder.display()))?;
    panes.window.key("Return")?;
    for shell in [&first, &second] {
        assert_eq!(wait_line(&folder.join(shell))?, "x");
    }
    for key in ["ctrl+shift+r", "b", "Return"] {
        panes.window.key(key)?;
    }
    let one = panes.ask("echo one")?;
    assert_eq!(one, "one");
    Ok(())
}

#[test]
fn tabs_and_panes_move_between_windows_of_one_process() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut panes = Panes::open(&display, SETTINGS, &[])?;
    let first = panes.shell()?;
    let old = panes.window.all()?;
    assert_eq!(old.len(), 1);
    let second = panes.key_to_other("ctrl+shift+t", &first)?;
    // The second tab, dragged out of the bar, is a window with the same shell in it.
    panes.window.drag((300, 16), (420, 300))?;
    let new = wait_for("another window", || {
        let all = panes.window.all()?;
        Ok(all.into_iter().find(|id| !old.contains(id)))
    })?;
    panes.window.turn_to(&new)?;
    assert_eq!(panes.shell()?, second);
    // Closing it leaves the other one, of the same process.
    panes.window.key("ctrl+shift+w")?;
    wait_for("the window to close", || {
        Ok((panes.window.all()? == old).then_some(()))
    })?;
    panes.window.turn_to(&old[0])?;
    assert_eq!(panes.shell()?, first);
    // And what was closed opens again in the window that is left.
    assert_eq!(panes.key_to_other("ctrl+shift+BackSpace", &first)?, second);
    panes.window.key("ctrl+shift+n")?;
    wait_for("a new window", || {
        Ok((panes.window.all()?.len() == 2).then_some(()))
    })?;
    panes.window.key("ctrl+shift+q")?;
    assert!(panes.window.wait()?.success());
    Ok(())
}

const LAYOUT: &str = r##"
# Kept.
[[layouts]]
name = "work"

[[layouts.tabs]]
name = "two"
panes = [
  { share = 3, folder = "FOLDER", run = "pwd > left" },
  { focus = true, folder = "FOLDER", command = ["sh", "-c", "stty size > right; exec sh"] },
]

[[layouts.tabs]]
folder = "FOLDER"
run = "echo third > third"
"##;

#[test]
fn layouts_open_and_are_kept() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let folder = display.folder().join("project");
    fs::create_dir(&folder)?;
    let name = folder.display().to_string();
    let settings = format!("{SETTINGS}{}", LAYOUT.replace("FOLDER", &name));
    let mut panes = Panes::open(&display, &settings, &["--layout", "work"])?;
    assert_eq!(wait_line(&folder.join("left"))?, name);
    assert_eq!(wait_line(&folder.join("third"))?, "third");
    wait_line(&folder.join("right"))?;
    let (_, columns) = panes.wait_size("a quarter of the width", |size| size.1 < 30)?;
    assert!(columns > 18, "{columns} columns");

    panes.window.key("ctrl+shift+p")?;
    panes.window.type_text("save layout")?;
    panes.window.key("Return")?;
    panes.window.type_text("mine")?;
    panes.window.key("Return")?;
    let file = panes.window.settings_file();
    let text = wait_for("the layout in the file", || {
        let text = fs::read_to_string(&file)?;
        Ok(text.contains("name = \"mine\"").then_some(text))
    })?;
    assert!(text.starts_with(&settings), "what was there is as it was");
    let mine = &text[settings.len()..];
    assert!(
        mine.contains("share = 1.5") && mine.contains("focus = true"),
        "{mine}"
    );
    assert!(mine.contains(&format!("folder = \"{name}\"")), "{mine}");
    Ok(())
}
