//! What the panel of environments offers, done by keys in the real window, for a tool that nobody knows: a
//! description in the user's folder, and an executable that keeps its boats in a file.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};

use anyhow::{Result, ensure};
use tests::display::{Display, Window, wait_for};
use tests::environments::window::{
    give_program, middle, newest, press_until, settings, text, wait_calm, wait_text,
};

/// The tool: `boats` in the folder of the test are lines of id, name and state.
const TOOL: &str = r#"#!/usr/bin/env python3
import os, socket, sys
file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boats")
words = sys.argv[1:]
boats = [line.split() for line in open(file)]
if words[0] == "list":
    print("\n".join("\t".join(boat) for boat in boats))
elif words[0] == "board":
    os.execvp("sh", ["sh", "-i"] if len(words) < 4 else words[3:])
elif words[0] == "build":
    open(file, "a").write("-".join(words[1:]) + " " + words[1] + " afloat\n")
    print("-".join(words[1:]))
elif words[0] == "sink":
    open(file, "w").write("".join(" ".join(boat) + "\n" for boat in boats if boat[0] != words[1]))
elif words[0] == "log":
    print("calm sea", flush=True)
    sys.stdin.read()
elif words[0] == "tow":
    server = socket.create_server(("127.0.0.1", int(words[3])))
    print("towing", flush=True)
    while True:
        connection, _ = server.accept()
        connection.sendall(("ahoy " + words[1]).encode())
        connection.close()
"#;

const DESCRIPTION: &str = r#"
schema = 1
id = "fleet"
name = "Fleet"
program = "fleet"
[list]
args = ["list"]
output = "table"
table = { columns = ["id", "name", "state"] }
[list.fields]
id = "id"
name = "name"
state = "state"
[states]
running = ["afloat"]
[shell]
args = ["board", "{id}", "{command}"]
command = { form = "argv", args = ["--", "{argv}"] }
[create]
args = ["build", "{name}", "{sail}"]
id = "stdout-last-line"
[[create.parameter]]
name = "name"
label = "Name"
[[create.parameter]]
name = "sail"
label = "Sail"
choices = ["red", "white"]
args = ["{value}"]
[discard]
args = ["sink", "{id}"]
done = "absent"
loses = "all that is aboard"
[logs]
args = ["log", "{id}"]
[forward]
args = ["tow", "{id}", "{remote}", "{local}"]
ready = "towing"
url = "http://127.0.0.1:{local}/"
"#;

/// A window for which there is a fleet of one boat.
fn fleet(display: &mut Display) -> Result<()> {
    give_program(display, "fleet", TOOL)?;
    let script = "#!/bin/sh\necho \"$1\" >\"$0.told\"\n";
    give_program(display, "xdg-open", script)?;
    fs::write(display.folder().join("bin/boats"), "b0 swan afloat\n")?;
    let folder = display.folder().join("config/terrace/environments");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("fleet.toml"), DESCRIPTION)?;
    Ok(())
}

/// Opens the menu of an environment that is known, and chooses so many below its first choice.
fn choose(window: &Window<'_>, name: &str, below: usize) -> Result<()> {
    window.key("ctrl+shift+l")?;
    window.type_text(name)?;
    window.key("Tab")?;
    for _ in 0..below {
        window.key("Down")?;
    }
    window.key("Return")
}

/// Waits for a shell's prompt in a pane: root's or a user's.
fn wait_prompt(display: &Display, pane: &str) -> Result<()> {
    wait_for("a prompt", || {
        let all = text(display, pane)?;
        Ok(all.trim_end().ends_with(['$', '#']).then_some(()))
    })
}

/// Whether nobody listens at a port.
fn is_free(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err()
}

#[test]
fn everything_that_the_panel_offers_is_done_by_keys() -> Result<()> {
    if !tests::is_installed("python3") {
        tests::environments::skip("window, panel", "python3 is not installed");
        return Ok(());
    }
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    fleet(&mut display)?;
    let rule = "[[environments.rules]]\nname = \"swan\"\nproduction = true\nbadge = \"P\"";
    let window = Window::open(&display, &settings(&[], rule), &[])?;
    newest(&display, 1)?;
    // Once it was opened it is known.
    window.key("ctrl+shift+l")?;
    window.type_text("swan")?;
    window.key("Return")?;
    wait_prompt(&display, &newest(&display, 2)?)?;

    // A port: at the same number here, as it is free. The notice comes once the list knows it.
    let corner = || -> Result<[u8; 3]> {
        let now = window.picture()?;
        Ok(now.at(now.width - 60, now.height - 40))
    };
    wait_calm(&window)?;
    let empty = corner()?;
    let probe = TcpListener::bind(("127.0.0.1", 0))?;
    let port = probe.local_addr()?.port();
    drop(probe);
    choose(&window, "swan", 3)?;
    window.type_text(&port.to_string())?;
    window.key("Return")?;
    let said = wait_for("the port", || {
        let Ok(mut connection) = TcpStream::connect(("127.0.0.1", port)) else {
            return Ok(None);
        };
        let mut said = String::new();
        connection.read_to_string(&mut said)?;
        Ok(Some(said))
    })?;
    ensure!(said == "ahoy b0", "{said}");
    wait_for("the notice", || Ok((corner()? != empty).then_some(())))?;
    // Its address is opened.
    let told = display.folder().join("bin/xdg-open.told");
    choose(&window, "swan", 3)?;
    let address = wait_for("the browser", || {
        Ok(fs::read_to_string(&told)
            .ok()
            .filter(|told| told.ends_with('\n')))
    })?;
    ensure!(
        address.trim() == format!("http://127.0.0.1:{port}/"),
        "{address}"
    );
    // It ends with a key.
    choose(&window, "swan", 4)?;
    wait_for("the end of the forward", || Ok(is_free(port).then_some(())))?;
    // The panel is still there, with what was looked for.
    window.key("Escape")?;
    window.key("Escape")?;

    // The log is a tab of its own; the command of the connection goes to the clipboard.
    choose(&window, "swan", 4)?;
    let log = newest(&display, 3)?;
    wait_text(&display, &log, "calm sea")?;
    choose(&window, "swan", 5)?;
    wait_for("the command in the clipboard", || {
        let copied = display.clipboard("clipboard").unwrap_or_default();
        Ok((copied == "fleet board b0").then_some(()))
    })?;
    Ok(())
}

#[test]
fn an_environment_is_made_by_a_form_and_discarded_after_a_question() -> Result<()> {
    if !tests::is_installed("python3") {
        tests::environments::skip("window, panel", "python3 is not installed");
        return Ok(());
    }
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    fleet(&mut display)?;
    let rule = "[[environments.rules]]\nname = \"heron\"\nproduction = true\nbadge = \"P\"";
    let window = Window::open(&display, &settings(&[], rule), &[])?;
    newest(&display, 1)?;
    let boats = || Ok::<_, anyhow::Error>(fs::read_to_string(display.folder().join("bin/boats"))?);
    // The list must have come before its menu can be opened.
    window.key("ctrl+shift+l")?;
    window.type_text("swan")?;
    window.key("Return")?;
    newest(&display, 2)?;
    choose(&window, "swan", 7)?;
    window.type_text("heron")?;
    window.key("Tab")?;
    window.key("Down")?;
    window.key("Down")?;
    window.key("Return")?;
    // What was made is opened.
    let pane = newest(&display, 3)?;
    ensure!(boats()? == "b0 swan afloat\nheron-white heron afloat\n");
    wait_prompt(&display, &pane)?;

    // Several lines there: only after a question, whose first answer is no.
    let calm = wait_calm(&window)?;
    display.set_clipboard("echo on\necho e\n")?;
    window.key("ctrl+shift+v")?;
    wait_for("the question", || {
        Ok((middle(&window)? != calm).then_some(()))
    })?;
    press_until(&window, "Return", "the end of the question", || {
        Ok(middle(&window)? == calm)
    })?;
    ensure!(!text(&display, &pane)?.contains("echo on"));
    window.key("ctrl+shift+v")?;
    wait_for("the question", || {
        Ok((middle(&window)? != calm).then_some(()))
    })?;
    window.key("Tab")?;
    press_until(&window, "Return", "the paste", || {
        Ok(text(&display, &pane)?.contains("\non\n"))
    })?;

    // Discarding asks as well.
    let calm = wait_calm(&window)?;
    choose(&window, "heron", 6)?;
    wait_for("the question", || {
        Ok((middle(&window)? != calm).then_some(()))
    })?;
    ensure!(boats()?.contains("heron"), "before the answer");
    window.key("Tab")?;
    press_until(&window, "Return", "the end of the heron", || {
        Ok(boats()? == "b0 swan afloat\n")
    })
}
