//! Who gets what from the control socket: programs that the user is asked about, those that are refused, other users of
//! the machine, and what is in a container.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use tests::ctl::{begin, ctl, socket};
use tests::display::{Display, Window, wait_for};

const SETTINGS: &str = "[cursor]\nblink = \"never\"\n";
/// A user that nobody is.
const NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

/// A pixel of the background, which is dark while a question is open.
fn corner(window: &Window<'_>) -> Result<[u8; 3]> {
    let picture = window.picture()?;
    Ok(picture.at(picture.width / 2, picture.height - 2))
}

/// A window with its first picture drawn.
fn open<'a>(display: &'a Display, settings: &str, args: &[&str]) -> Result<Window<'a>> {
    let window = Window::open(display, settings, args)?;
    wait_for("the first picture", || {
        Ok((corner(&window)? != [0, 0, 0]).then_some(()))
    })?;
    Ok(window)
}

/// Has a program ask something, waits until the question is seen, and answers it by the button so many Tabs behind the
/// one that denies; `ended` tells when the program has its answer.
fn choose<T>(
    window: &Window<'_>,
    tabs: usize,
    begin: impl FnOnce() -> Result<()>,
    mut ended: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let calm = window.wait_still("a window at rest", |_| true)?;
    let calm = calm.at(calm.width / 2, calm.height - 2);
    begin()?;
    let dim = wait_for("the question", || {
        Ok(Some(corner(window)?).filter(|color| *color != calm))
    })?;
    // Keys count once it has the keyboard.
    window.wait_still("the question to be drawn", |_| true)?;
    for _ in 0..tabs {
        let before = window.picture()?;
        window.key("Tab")?;
        window.wait_picture("the next button", |picture| *picture != before)?;
    }
    // In its first half second it takes no answer.
    let answer = wait_for("the answer", || {
        window.key("Return")?;
        ended()
    })?;
    wait_for("the question's end", || {
        Ok((corner(window)? != dim).then_some(()))
    })?;
    Ok(answer)
}

/// Asks as the user would in a script, and answers the question that comes of it.
fn answer(display: &Display, window: &Window<'_>, request: &[&str], tabs: usize) -> Result<Output> {
    let asked = std::cell::RefCell::new(None);
    let start = || {
        *asked.borrow_mut() = Some(begin(display, request)?);
        Ok(())
    };
    choose(window, tabs, start, || match &mut *asked.borrow_mut() {
        Some(child) => Ok(child.try_wait()?),
        None => Ok(None),
    })?;
    let child = asked.into_inner().context("it was started")?;
    Ok(child.wait_with_output()?)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_user_is_asked_and_the_answer_holds() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = open(
        &display,
        SETTINGS,
        &["-e", "sh", "-c", "echo to be read; cat"],
    )?;
    socket(&display)?;
    ctl(&display, &["list"]).context("the settings allow this")?;

    // Denied: Enter does what the focused button says.
    let denied = answer(&display, &window, &["text"], 0)?;
    assert!(!denied.status.success());
    assert!(
        said(&denied).contains("you refused it"),
        "{}",
        said(&denied)
    );
    // The user is not asked again at once.
    let again = ctl(&display, &["text"]).unwrap_err().to_string();
    assert!(again.contains("you refused it"), "{again}");

    // Something else is another question; once is once.
    for _ in 0..2 {
        let once = answer(&display, &window, &["theme", "name=Dracula"], 1)?;
        assert!(once.status.success(), "{}", said(&once));
    }
    let audit = ctl(&display, &["audit"])?;
    assert_eq!(audit["grants"].as_array().map(Vec::len), Some(0), "{audit}");
    let calls: Vec<(&str, &str)> = audit["calls"]
        .as_array()
        .context("calls")?
        .iter()
        .filter_map(|call| Some((call["do"].as_str()?, call["outcome"].as_str()?)))
        .collect();
    assert_eq!(
        calls,
        [
            ("list", "allowed"),
            ("text", "refused"),
            ("text", "denied"),
            ("theme", "granted"),
            ("theme", "granted"),
            ("audit", "allowed"),
        ]
    );
    // The one that asks is this test, not the program that carries its question.
    let own = std::env::current_exe()?;
    assert_eq!(audit["calls"][0]["program"], own.display().to_string());

    // What was refused may be asked again once that is taken back.
    let revoked = ctl(&display, &["revoke"])?;
    assert_eq!(revoked["revoked"], 1, "{revoked}");
    let denied = answer(&display, &window, &["text"], 0)?;
    assert!(!denied.status.success());
    Ok(())
}

#[test]
fn a_lasting_answer_holds_until_it_is_taken_back() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let script = "echo to be read; cat";
    let window = open(&display, SETTINGS, &["-e", "sh", "-c", script])?;
    socket(&display)?;
    let lasting = answer(&display, &window, &["text"], 2)?;
    assert!(lasting.status.success(), "{}", said(&lasting));
    // Of this nobody is asked any more; of another thing one is, whatever comes of it.
    for _ in 0..2 {
        let text = ctl(&display, &["text"])?["text"].to_string();
        assert!(text.contains("to be read"), "{text}");
    }
    let other = answer(&display, &window, &["theme", "name=Dracula"], 0)?;
    assert!(!other.status.success());
    let audit = ctl(&display, &["audit"])?;
    let grant = &audit["grants"][0];
    assert_eq!(
        (&grant["scope"], &grant["in"]),
        (&"screen.read".into(), &Value::Null),
        "{audit}"
    );
    let own = std::env::current_exe()?.display().to_string();
    assert_eq!(grant["program"], own, "{audit}");
    let number = format!("grant={}", grant["grant"]);
    assert_eq!(ctl(&display, &["revoke", &number])?["revoked"], 1);
    let denied = answer(&display, &window, &["text"], 0)?;
    assert!(
        said(&denied).contains("you refused it"),
        "{}",
        said(&denied)
    );
    Ok(())
}

#[test]
fn a_panes_lasting_answer_ends_with_the_pane() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let settings = "[control]\nallow = [\"state.read\", \"screen.read\", \"pane.create\", \"input.send\"]\n[cursor]\nblink = \"never\"\n";
    let window = open(&display, settings, &["-e", "cat"])?;
    socket(&display)?;
    let answers = display.folder().join("answers");
    std::fs::create_dir(&answers)?;
    let program = display.terrace().get_program().to_owned();
    let script = format!(
        "echo ready; while read name; do {} ctl theme name=\"$name\" >part 2>&1; echo \"status $?\" >>part; \
         mv part \"$name\"; done",
        program.to_string_lossy()
    );
    // A program in a new pane, which asks for the theme that is typed into it.
    let start = || -> Result<String> {
        let folder = format!("folder={}", answers.display());
        let opened = ctl(&display, &["new-tab", &folder, "--", "sh", "-c", &script])?;
        let pane = format!("pane={}", opened["pane"]);
        ctl(&display, &["wait", &pane, "text=ready"])?;
        Ok(pane)
    };
    let ask = |pane: &str, theme: &str| -> Result<()> {
        let _ = std::fs::remove_file(answers.join(theme));
        ctl(&display, &["send-text", pane, &format!("text={theme}")])?;
        ctl(&display, &["send-key", pane, r#"key={"key":"enter"}"#])?;
        Ok(())
    };
    let told = |theme: &str| Ok(std::fs::read_to_string(answers.join(theme)).ok());

    let pane = start()?;
    let first = choose(&window, 2, || ask(&pane, "Dracula"), || told("Dracula"))?;
    assert!(first.ends_with("status 0\n"), "{first}");
    // Without a question from now on.
    ask(&pane, "Nord")?;
    let second = wait_for("the next answer", || told("Nord"))?;
    assert!(second.ends_with("status 0\n"), "{second}");
    let audit = ctl(&display, &["audit"])?;
    let of_pane = format!("pane={}", audit["grants"][0]["in"]);
    assert_eq!(of_pane, pane, "{audit}");

    // The same program in another pane is another one.
    let next = start()?;
    let denied = choose(&window, 0, || ask(&next, "Dracula"), || told("Dracula"))?;
    assert!(denied.contains("you refused it"), "{denied}");
    ctl(&display, &["close", &pane, "force=true"])?;
    wait_for("the grant to end with its pane", || {
        let audit = ctl(&display, &["audit"])?;
        Ok((audit["grants"].as_array().map(Vec::len) == Some(0)).then_some(()))
    })
}

#[test]
fn a_question_goes_with_its_program() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = open(&display, SETTINGS, &["-e", "cat"])?;
    socket(&display)?;
    let calm = corner(&window)?;
    let mut asked = begin(&display, &["text"])?;
    wait_for("the question", || {
        Ok((corner(&window)? != calm).then_some(()))
    })?;
    // Another one is not asked meanwhile.
    let busy = ctl(&display, &["theme", "name=Dracula"]).unwrap_err();
    assert!(busy.to_string().contains("something else"), "{busy}");
    asked.kill()?;
    asked.wait()?;
    wait_for("the window as it was", || {
        Ok((corner(&window)? == calm).then_some(()))
    })?;
    Ok(())
}

#[test]
fn secrets_and_private_panes_are_left_alone() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let settings = "[control]\nallow = [\"screen.read\", \"input.send\"]\n";
    let script = "stty -echo; echo ready; cat";
    let _window = open(&display, settings, &["-e", "sh", "-c", script])?;
    socket(&display)?;
    ctl(&display, &["wait", "text=ready"])?;
    for request in [
        &["send-text", "text=x"][..],
        &["send-key", r#"key={"key":"x"}"#],
    ] {
        let refused = ctl(&display, request).unwrap_err().to_string();
        assert!(refused.contains("something secret"), "{refused}");
    }
    let file = format!("file={}", display.folder().join("x.png").display());
    ctl(&display, &["action", "name=toggle-private"])?;
    for request in [
        &["text"][..],
        &["wait", "text=ready"],
        &["screenshot", &file],
        &["screenshot", "of=window", &file],
    ] {
        let refused = ctl(&display, request).unwrap_err().to_string();
        assert!(refused.contains("is private"), "{refused}");
    }
    Ok(())
}

#[test]
fn what_happens_in_a_pane_is_told() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let settings =
        "[control]\nallow = [\"state.read\", \"pane.create\", \"input.send\"]\nask = false\n";
    let _window = open(&display, settings, &[])?;
    let path = socket(&display)?;
    let token = std::fs::read_to_string(path.with_extension("token"))?;
    let mut client = std::os::unix::net::UnixStream::connect(&path)?;
    client.set_read_timeout(Some(tests::display::PATIENCE))?;
    let line = format!("{{\"v\":1,\"token\":\"{token}\",\"do\":\"subscribe\"}}\n");
    client.write_all(line.as_bytes())?;
    let mut lines = BufReader::new(client).lines();
    let mut next = || -> Result<Value> {
        let line = lines.next().context("no more lines")??;
        Ok(serde_json::from_str(&line)?)
    };
    let first = next()?;
    assert_eq!(first["ok"], true, "{first}");
    let script =
        r"printf '\a\033]133;A\a$ \033]133;B\amake\n\033]133;C\aout\n\033]133;D;2\a'; exit 3";
    let opened = ctl(&display, &["open", "--", "sh", "-c", script])?;
    let pane = &opened["pane"];
    // What is told at one look comes in an order of its own, but a block begins before it ends.
    let (mut bells, mut blocks, mut end, mut all) = (0, Vec::new(), None, String::new());
    while bells == 0 || blocks.len() < 2 || end.is_none() {
        let event = next().with_context(|| all.clone())?;
        all.push_str(&format!("{event}\n"));
        match event["event"].as_str() {
            _ if event["pane"] != *pane => {}
            Some("bell") => bells += 1,
            Some("block") => blocks.push(event),
            Some("ended") => end = Some(event),
            _ => {}
        }
    }
    let (started, ended) = (&blocks[0], &blocks[1]);
    assert_eq!(started["state"], "started", "{all}");
    assert_eq!(
        (&ended["state"], &ended["block"]),
        (&"ended".into(), &started["block"])
    );
    // Nobody vouches for these marks, and this client may not read panes.
    assert!(
        ended["command"].is_null() && ended["exit"].is_null(),
        "{ended}"
    );
    assert_eq!(end.context("an end")?["exit"], 3);
    Ok(())
}

/// A program that connects to a socket, asks for a list and prints how that went.
const KNOCK: &str = r#"
use IO::Socket::UNIX;
my ($path, $token) = @ARGV;
my $socket = IO::Socket::UNIX->new(Peer => $path) or do { print "no way in: $!"; exit };
$SIG{PIPE} = 'IGNORE';
print $socket "{\"v\":1,\"token\":\"$token\",\"do\":\"list\"}\n";
$socket->flush;
my $line = <$socket>;
print defined $line ? $line : "turned away";
"#;

/// Runs a program before which stand others that change who it is.
fn run(words: &[&str]) -> Result<String> {
    let mut command = Command::new(words[0]);
    let output = command
        .args(&words[1..])
        .stdin(Stdio::null())
        .current_dir("/")
        .output()
        .context(words[0].to_owned())?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(text)
}

#[test]
fn another_user_and_a_container_are_kept_out() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let may_change = std::fs::metadata("/proc/self")
        .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !may_change
        || !["setpriv", "perl", "unshare"]
            .into_iter()
            .all(tests::is_installed)
    {
        eprintln!("skipped: only root with setpriv, unshare and perl can be somebody else");
        return Ok(());
    }
    let number = display.folder().join("process");
    let script = format!("echo $$ > {}; exec sleep 1000", number.display());
    let mut window = open(&display, SETTINGS, &["-e", "sh", "-c", &script])?;
    let path = socket(&display)?;
    let token_file = path.with_extension("token");
    let token = std::fs::read_to_string(&token_file)?;
    let (at, token_at) = (path.display().to_string(), token_file.display().to_string());
    let perl = ["perl", "-e", KNOCK, &at, &token];
    let nobody = [&["setpriv"][..], &NOBODY].concat();
    let contained = [
        &nobody[..],
        &["unshare", "--user", "--map-root-user", "--mount"],
    ]
    .concat();
    // The test's own folders let nobody through; the one that Terrace made must do so by itself.
    for folder in [display.folder(), &display.folder().join("run")] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    }
    assert!(run(&perl)?.contains("\"ok\":true"), "the owner is let in");

    for who in [&nobody, &contained] {
        let answer = run(&[&who[..], &perl].concat())?;
        assert!(answer.contains("no way in: Permission denied"), "{answer}");
        let read = run(&[&who[..], &["cat", &token_at]].concat())?;
        assert!(read.contains("Permission denied"), "{read}");
    }

    // Even if somebody opened the folder and the socket to all, and the token leaked: the kernel tells who asks.
    let folder = path.parent().context("a folder")?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666))?;
    for who in [&nobody, &contained] {
        let answer = run(&[&who[..], &perl].concat())?;
        assert_eq!(answer, "turned away", "{who:?}");
    }
    // And our own client would not speak to such a socket.
    let refused = ctl(&display, &["--socket", &at, "list"]).unwrap_err();
    assert!(
        format!("{refused:#}").contains("yours alone"),
        "{refused:#}"
    );

    // A container of the same user that was given the socket, but no token, is refused by the token.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    let container = [
        "unshare", "--mount", "--pid", "--fork", "--ipc", "--net", "--uts",
    ];
    let guess = "0".repeat(64);
    let perl = ["perl", "-e", KNOCK, &at, &guess];
    let answer = run(&[&container[..], &perl].concat())?;
    assert!(
        answer.contains("the token is not one of this Terrace"),
        "{answer}"
    );

    // The pane's token stands in its programs' environment, which no other user can read.
    let list = ctl(&display, &["list"])?;
    assert_eq!(list["windows"].as_array().map(Vec::len), Some(1), "{list}");
    let asleep = wait_for("the program's number", || {
        let text = std::fs::read_to_string(&number).unwrap_or_default();
        Ok(text.ends_with('\n').then_some(text))
    })?;
    let environment = format!("/proc/{}/environ", asleep.trim());
    let read = run(&[&nobody[..], &["cat", &environment]].concat())?;
    assert!(read.contains("Permission denied"), "{read}");
    assert!(window.ended()?.is_none());
    Ok(())
}
