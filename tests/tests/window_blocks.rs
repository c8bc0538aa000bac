//! Blocks in the real window, with a real bash: what is done with them by keys, seen through the clipboard.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use tests::display::{Display, Window, wait_for};

const SETTINGS: &str = r#"
[cursor]
blink = "never"
[history]
enabled = false
"#;

/// A window with bash in it.
struct Blocks<'a> {
    display: &'a Display,
    window: Window<'a>,
}

impl<'a> Blocks<'a> {
    fn open(display: &'a Display) -> Result<Self> {
        fs::write(display.folder().join("home/.bashrc"), "PS1='> '\n")?;
        let window = Window::open(display, SETTINGS, &["--", "bash"])?;
        let blocks = Self { display, window };
        blocks.run("true", "begun")?;
        Ok(blocks)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.display.folder().join(name)
    }

    fn enter(&self, line: &str) -> Result<()> {
        self.window.type_text(line)?;
        self.window.key("Return")
    }

    /// Runs a line, and another that says by a file that the shell is done with it.
    fn run(&self, line: &str, name: &str) -> Result<()> {
        self.enter(line)?;
        let file = self.file(name);
        self.enter(&format!(" >{}", file.display()))?;
        wait_for(&format!("the end of {line}"), || {
            Ok(file.exists().then_some(()))
        })
    }

    /// Runs a line to its end, as one command.
    fn finish(&self, line: &str, name: &str) -> Result<()> {
        let file = self.file(name);
        let _ = fs::remove_file(&file);
        self.enter(&format!("{line}; >{}", file.display()))?;
        wait_for(&format!("the end of {line}"), || {
            Ok(file.exists().then_some(()))
        })
    }

    /// Waits until the picture has been the same for a while: lists come bit by bit.
    fn settle(&self) -> Result<()> {
        self.window.wait_still("a picture that stays", |_| true)?;
        Ok(())
    }

    /// Asks a question by keys, and waits until it takes an answer: not in its first half second.
    fn ask(&self, keys: &[&str]) -> Result<()> {
        let before = self.window.picture()?;
        self.keys(keys)?;
        wait_for("the question", || {
            Ok((self.window.picture()?.difference(&before) > 20_000).then_some(()))
        })?;
        let asked = Instant::now();
        wait_for("the half second in which no key answers", || {
            Ok((asked.elapsed() > Duration::from_millis(600)).then_some(()))
        })
    }

    fn keys(&self, keys: &[&str]) -> Result<()> {
        keys.iter().try_for_each(|key| self.window.key(key))
    }

    /// Presses keys until they put a text on the clipboard that is as wanted.
    fn copied(&self, keys: &[&str], wanted: impl Fn(&str) -> bool) -> Result<String> {
        self.display.set_clipboard("nothing yet")?;
        wait_for("a text on the clipboard", || {
            self.keys(keys)?;
            let text = self.display.clipboard("clipboard")?;
            Ok(wanted(&text).then_some(text))
        })
    }
}

#[test]
fn a_running_command_is_filtered_while_it_prints() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let blocks = Blocks::open(&display)?;
    let (more, end) = (blocks.file("more"), blocks.file("end"));
    fs::write(
        blocks.file("build"),
        format!(
            "seq 1 200\nuntil [ -e {} ]; do sleep 0.05; done\nseq 201 320\nuntil [ -e {} ]; do sleep 0.05; done\n",
            more.display(),
            end.display()
        ),
    )?;
    blocks.enter(&format!("sh {}", blocks.file("build").display()))?;
    blocks.copied(&["alt+shift+o"], |text| text.ends_with("\n200"))?;
    blocks.window.key("alt+shift+l")?;
    blocks.window.type_text("99")?;
    blocks.window.key("Return")?;
    blocks.copied(&["alt+shift+o"], |text| text == "99\n199")?;
    fs::write(&more, "")?;
    blocks.copied(&["alt+shift+o"], |text| text == "99\n199\n299")?;
    fs::write(&end, "")?;
    // Escape in the bar shows everything again.
    blocks.keys(&["alt+shift+l", "Escape"])?;
    blocks.copied(&["alt+shift+o"], |text| text.lines().count() == 320)?;
    Ok(())
}

#[test]
fn a_shell_that_others_started_is_integrated_when_asked() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let blocks = Blocks::open(&display)?;
    blocks.run("bash --norc", "inside")?;
    // Its commands are no blocks: the newest is the shell itself.
    blocks.copied(&["alt+shift+x"], |text| text == "bash --norc")?;
    blocks.ask(&["alt+shift+u", "i"])?;
    // From Cancel, which has the focus, Tab goes to what types it.
    blocks.keys(&["Tab", "Return"])?;
    // What is typed meanwhile would be taken for lines of it.
    blocks.settle()?;
    blocks.finish("echo said inside", "said")?;
    blocks.copied(&["alt+shift+y"], |text| text == "said inside")?;
    // Asked again, it says that there is nothing to do.
    blocks.keys(&["alt+shift+u", "i"])?;
    blocks.run("exit", "outside")?;
    blocks.finish("echo outer", "outer")?;
    blocks.copied(&["alt+shift+y"], |text| text == "outer")?;
    Ok(())
}

#[test]
fn a_command_runs_again_where_it_is_wanted() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let blocks = Blocks::open(&display)?;
    let log = blocks.file("log");
    let line = format!("echo $$ >> {}", log.display());
    blocks.enter(&line)?;
    let lines = |count: usize| {
        wait_for(&format!("{count} runs"), || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            Ok((text.lines().count() == count).then_some(text))
        })
    };
    lines(1)?;
    // In a new pane below, by the list of places.
    blocks.keys(&["alt+shift+u", "r"])?;
    blocks.window.type_text("below")?;
    blocks.window.key("Return")?;
    let shells = wait_for("the other pane's run", || {
        blocks.window.key("Return")?;
        let text = fs::read_to_string(&log).unwrap_or_default();
        Ok((text.lines().count() >= 2).then_some(text))
    })?;
    let shells: Vec<&str> = shells.lines().collect();
    assert_ne!(shells[0], shells[1], "it ran in another shell");
    Ok(())
}

#[test]
fn a_command_is_compared_with_itself_in_another_environment() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let blocks = Blocks::open(&display)?;
    let log = blocks.file("log");
    blocks.enter(&format!("echo ran | tee -a {}", log.display()))?;
    let ran = |count: usize| {
        wait_for(&format!("{count} runs"), || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            Ok((text.lines().count() == count).then_some(()))
        })
    };
    ran(1)?;
    let before = blocks.window.picture()?;
    // Here and on this machine once more.
    blocks.keys(&["alt+shift+u", "d"])?;
    wait_for("the list", || {
        Ok((blocks.window.picture()?.difference(&before) > 50_000).then_some(()))
    })?;
    blocks.settle()?;
    blocks.window.type_text("local")?;
    blocks.settle()?;
    blocks.window.key("Return")?;
    ran(3)?;
    wait_for("the comparison", || {
        Ok((blocks.window.picture()?.difference(&before) > 5_000).then_some(()))
    })?;
    let compared = blocks.window.wait_still("the whole comparison", |_| true)?;
    blocks.window.key("Escape")?;
    wait_for("the panes again", || {
        Ok((blocks.window.picture()?.difference(&compared) > 5_000).then_some(()))
    })
}
