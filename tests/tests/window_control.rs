//! A whole session played through the control socket of a real window: panes opened, typed into, read,
//! arranged and closed; and those kept out who have no business there.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::ctl::{ctl, panes, socket};
use tests::display::{Display, Picture, Window, wait_for};

const SETTINGS: &str = r#"
[control]
allow = ["state.read", "screen.read", "pane.create", "input.send", "config.write"]
[cursor]
blink = "never"
"#;

#[test]
fn a_session_is_played_from_outside() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut window = Window::open(&display, SETTINGS, &[])?;
    socket(&display)?;
    let hello = ctl(&display, &["hello"])?;
    assert_eq!(hello["protocol"], 1);

    let list = ctl(&display, &["list"])?;
    let first = panes(&list);
    assert_eq!(first.len(), 1, "{list}");
    let one = first[0]["pane"].to_string();

    let split = ctl(&display, &["split", "side=right", "folder=/tmp"])?;
    let two = split["pane"].to_string();
    let in_two = format!("pane={two}");
    ctl(&display, &["wait", &in_two, "text=$"])?;
    ctl(
        &display,
        &["send-text", &in_two, "text=pwd; echo se$((20 + 3))en"],
    )?;
    ctl(&display, &["send-key", &in_two, r#"key={"key":"enter"}"#])?;
    ctl(&display, &["wait", &in_two, "text=se23en", "silence=200"])?;
    let text = ctl(&display, &["text", &in_two])?;
    assert!(
        text["text"]
            .as_str()
            .unwrap_or_default()
            .contains("\n/tmp\n"),
        "{text}"
    );
    // The other pane saw nothing of it.
    let other = ctl(&display, &["text", &format!("pane={one}")])?;
    assert!(
        !other["text"]
            .as_str()
            .unwrap_or_default()
            .contains("se23en"),
        "{other}"
    );

    let shot = display.folder().join("pane.png");
    let file = format!("file={}", shot.display());
    let drawn = ctl(&display, &["screenshot", &in_two, &file])?;
    assert!(drawn["width"].as_u64() > Some(50), "{drawn}");
    assert!(std::fs::read(&shot)?.starts_with(b"\x89PNG"));
    assert!(
        ctl(&display, &["screenshot", &file]).is_err(),
        "a file is never written over"
    );

    // A pane gets as many columns as are asked for, a window's picture holds all of it.
    let sized = ctl(&display, &["resize", &in_two, "columns=24"])?;
    assert_eq!(sized["columns"], 24, "{sized}");
    let list = ctl(&display, &["list"])?;
    let columns: Vec<Option<u64>> = panes(&list)
        .iter()
        .map(|pane| pane["columns"].as_u64())
        .collect();
    assert_eq!(columns[1], Some(24), "{list}");
    assert!(columns[0] > Some(30), "{list}");
    let refused = ctl(&display, &["resize", &in_two, "rows=9"]).unwrap_err();
    assert!(refused.to_string().contains("nothing lies beside"));
    let whole = display.folder().join("window.png");
    let file = format!("file={}", whole.display());
    let drawn = ctl(&display, &["screenshot", "of=window", &file])?;
    let shot = Picture::read(&whole)?;
    assert_eq!(
        (&drawn["width"], &drawn["height"]),
        (&shot.width.into(), &shot.height.into())
    );
    // The window shows the same with its next frame.
    window.wait_picture("what the picture holds", |seen| {
        (seen.width, seen.height) == (shot.width, shot.height) && shot.difference(seen) < 400
    })?;

    let opened = ctl(
        &display,
        &[
            "new-tab",
            "name=counted",
            "--",
            "sh",
            "-c",
            "echo in a tab; cat",
        ],
    )?;
    let three = format!("pane={}", opened["pane"]);
    ctl(&display, &["wait", &three, "text=in a tab"])?;
    wait_for("the tab's name as the window's title", || {
        Ok(window.title()?.contains("counted").then_some(()))
    })?;
    let refused = ctl(&display, &["close", &three]).unwrap_err().to_string();
    assert!(
        refused.contains("cat") || refused.contains("sh"),
        "{refused}"
    );
    ctl(&display, &["close", &three, "force=true"])?;

    let before = window.picture()?;
    ctl(&display, &["theme", "name=Solarized Light"])?;
    wait_for("the light theme", || {
        Ok((window.picture()?.difference(&before) > 100_000).then_some(()))
    })?;
    assert!(ctl(&display, &["theme", "name=None Such"]).is_err());

    ctl(&display, &["focus", &format!("pane={one}")])?;
    let list = ctl(&display, &["list"])?;
    let focused: Vec<_> = panes(&list)
        .into_iter()
        .filter(|pane| pane["focused"] == true)
        .collect();
    assert_eq!(focused[0]["pane"].to_string(), one, "{list}");
    ctl(&display, &["action", "name=zoom-pane"])?;
    assert_eq!(
        ctl(&display, &["list"])?["windows"][0]["tabs"][0]["zoomed"],
        true
    );
    for (args, expected) in [
        (&["action", "name=zom-pane"][..], "no action \"zom-pane\""),
        (&["text", "pane=99"], "no pane 99"),
        (&["close"], "name a pane or a tab"),
        (
            &["wait", "text=never there", "timeout=50"],
            "did not appear",
        ),
        (&["lsit"], "unknown variant"),
    ] {
        let error = ctl(&display, args).unwrap_err().to_string();
        assert!(error.contains(expected), "{args:?}: {error}");
    }
    ctl(&display, &["close", &format!("pane={one}")])?;
    ctl(&display, &["close", &in_two])?;
    assert!(window.wait()?.success());
    let run = display.folder().join("run/terrace");
    let left: Vec<_> = std::fs::read_dir(run)?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("control-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

#[test]
fn changes_are_told() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let _window = Window::open(&display, SETTINGS, &[])?;
    socket(&display)?;
    let mut subscriber = display
        .terrace()
        .args(["ctl", "--all", "subscribe"])
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = subscriber.stdout.take().context("a pipe")?;
    let (told, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = told.send(line);
        }
    });
    // Told once it is listened to; opened again and again until then.
    let event = |wanted: &str| -> Result<Value> {
        loop {
            let line = lines
                .recv_timeout(Duration::from_secs(60))
                .context(wanted.to_owned())?;
            let value: Value = serde_json::from_str(&line)?;
            if value["event"] == wanted {
                return Ok(value);
            }
        }
    };
    let mut opened = Value::Null;
    wait_for("a pane's opening to be told", || {
        let pane = ctl(&display, &["split", "side=down"])?["pane"].clone();
        match lines.recv_timeout(Duration::from_millis(500)) {
            Ok(_) => {
                opened = pane;
                Ok(Some(()))
            }
            Err(_) => {
                ctl(&display, &["close", &format!("pane={pane}")])?;
                Ok(None)
            }
        }
    })?;
    ctl(&display, &["close", &format!("pane={opened}")])?;
    let closed = event("closed")?;
    assert_eq!(closed["v"], 1);
    subscriber.kill()?;
    subscriber.wait()?;
    Ok(())
}

#[test]
fn a_pane_speaks_for_itself_alone() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let out = display.folder().join("out");
    let binary = display.terrace().get_program().to_owned();
    let binary = binary.to_string_lossy();
    let script = format!(
        "echo marked; {binary} ctl text > {out}; {binary} ctl list >> {out} 2>&1; \
         {binary} ctl send-text text=x >> {out} 2>&1; {binary} ctl --all list >> {out} 2>&1; \
         echo end >> {out}; cat",
        out = out.display()
    );
    let settings = "[control]\nallow = []\nask = false\n";
    let _window = Window::open(&display, settings, &["-e", "sh", "-c", &script])?;
    let text = wait_for("what the program was told", || {
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        Ok(text.ends_with("end\n").then_some(text))
    })?;
    assert!(text.starts_with("marked\n"), "{text}");
    assert_eq!(
        text.matches("may only read its own pane").count(),
        2,
        "{text}"
    );
    assert!(text.contains("\"state.read\" in control.allow"), "{text}");
    Ok(())
}

#[test]
fn nonsense_harms_nobody() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let mut window = Window::open(&display, SETTINGS, &[])?;
    let path = socket(&display)?;
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).map(|it| it.permissions().mode() & 0o777);
    assert_eq!(mode(&path)?, 0o600);
    assert_eq!(mode(&path.with_extension("token"))?, 0o600);
    assert_eq!(mode(path.parent().context("a folder")?)?, 0o700);

    // Garbage, and a token that is none, get a sentence; the latter is shown the door.
    let mut client = UnixStream::connect(&path)?;
    client.write_all(b"\x00\xff garbage\n{\"v\":1,\"token\":\"x\",\"do\":\"list\"}\n")?;
    let mut said = String::new();
    client.read_to_string(&mut said)?;
    let lines: Vec<Value> = said
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    assert_eq!(lines.len(), 2, "{said}");
    assert_eq!(lines[0]["error"]["code"], "request");
    assert_eq!(lines[1]["error"]["code"], "forbidden");

    // A line without an end is cut at a megabyte, long before a gigabyte.
    let mut client = UnixStream::connect(&path)?;
    let chunk = vec![b'a'; 1 << 16];
    let sent = (0..1 << 14)
        .take_while(|_| client.write_all(&chunk).is_ok())
        .count();
    assert!(sent < 1 << 10, "{sent} chunks were taken");

    // Half a message, and nothing at all: closed without an answer.
    let mut half = UnixStream::connect(&path)?;
    half.write_all(b"{\"v\":1,")?;
    let mut silent = UnixStream::connect(&path)?;
    for client in [&mut half, &mut silent] {
        client.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut said = Vec::new();
        client.read_to_end(&mut said)?;
        assert!(said.is_empty(), "{said:?}");
    }

    assert_eq!(panes(&ctl(&display, &["list"])?).len(), 1);
    assert!(window.ended()?.is_none());
    Ok(())
}

#[test]
fn a_second_terrace_may_open_a_tab_in_the_first() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let _window = Window::open(&display, SETTINGS, &[])?;
    socket(&display)?;
    let config = display.folder().join("config/terrace");
    std::fs::create_dir_all(&config)?;
    std::fs::write(
        config.join("terrace.toml"),
        "[control]\nsingle_instance = \"tab\"\n",
    )?;
    let status = display
        .terrace()
        .env("XDG_CONFIG_HOME", display.folder().join("config"))
        .args(["-e", "sh", "-c", "echo handed over; cat"])
        .status()?;
    assert!(status.success());
    let list = ctl(&display, &["list"])?;
    let all = panes(&list);
    assert_eq!(all.len(), 2, "{list}");
    let pane = format!("pane={}", all[1]["pane"]);
    ctl(&display, &["wait", &pane, "text=handed over"])?;
    Ok(())
}
