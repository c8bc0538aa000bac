//! Shell integration brought over a connection: every way, with every kind of account shell, over a real
//! sshd where there is one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pty::ShellKey;
use pty::integration::remote::{Bootstrap, Dialect, Uploaded, takes_a_command};
use tests::is_installed;
use tests::shell::{Mark, Setup, Shell, left_over, our_variables};
use tests::sshd::{Sshd, SshdOptions};

const AID: &str = "0123456789abcdef";
const NONCE: &str = "0123456789abcdef0123456789abcdef";

fn bootstrap() -> Bootstrap {
    Bootstrap::new(ShellKey {
        aid: AID.into(),
        nonce: NONCE.into(),
    })
}

fn is_ours(mark: &Mark) -> bool {
    mark.option("aid") == AID && mark.option("tn") == NONCE
}

/// The files that the account's shell is to show.
const FILES: [(&str, &str); 6] = [
    (".bash_profile", "PS1='remote> ' LOGIN=1\n"),
    (".bashrc", "PS1='remote> '\n"),
    (".zshrc", "PS1='remote> '\n"),
    (".zprofile", "LOGIN=1\n"),
    (".profile", "PS1='remote> ' LOGIN=1\n"),
    (
        ".config/fish/config.fish",
        "function fish_greeting; end\nfunction fish_prompt; echo -n 'remote> '; end\nstatus is-login; and set LOGIN 1\n",
    ),
];

fn setup() -> Setup {
    FILES.iter().fold(Setup::default(), |setup, (name, text)| {
        setup.file(name, text)
    })
}

fn path_of(program: &str) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    Some(found?.to_str()?.to_owned())
}

/// [`check_clean`], where the far side may still be cleaning up.
fn wait_clean(folder: &Path) {
    let left = || {
        tests::display::wait_for("a clean folder", || {
            Ok(ours_in(folder).is_empty().then_some(()))
        })
    };
    assert!(left().is_ok(), "left behind: {:?}", ours_in(folder));
}

/// Nothing of ours is left in a folder.
#[track_caller]
fn check_clean(folder: &Path) {
    let names = ours_in(folder);
    assert!(names.is_empty(), "left behind: {names:?}");
}

fn ours_in(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .expect("it can be read")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".terrace"))
        .collect()
}

/// The shell over there speaks with our key, tells statuses, and hides what it was given.
#[track_caller]
fn check_speaks(shell: &mut Shell, knows_text: bool) {
    let marks = shell.marks();
    assert!(
        marks.iter().filter(|mark| mark.has_key()).all(is_ours),
        "{marks:?}"
    );
    let cycle = shell.run("false");
    assert_eq!(cycle.status(), "1");
    assert_eq!(cycle.text(), if knows_text { "false" } else { "" });
    assert_eq!(shell.run("cd /usr").context.option("cwd"), "/usr");
}

/// `exit 7` is what the connection ends with.
#[track_caller]
fn check_exit(mut shell: Shell) {
    shell.enter("exit 7");
    assert_eq!(shell.session.finish().0, Some(7));
}

// --- without a network: sshd hands the command line to the account's shell ------------------------------

#[track_caller]
fn check_account_shell(outer: &str, inner: &str, login: bool) {
    let line = bootstrap().login(login).command_line();
    let mut shell = setup().env("SHELL", inner).start(&[outer, "-c", &line]);
    let plain = !["bash", "zsh", "fish"]
        .iter()
        .any(|name| inner.ends_with(name));
    check_speaks(&mut shell, !plain);
    shell.run("env > ~/env");
    let env = shell.wait_for_file("env");
    assert_eq!(our_variables(&env), Vec::<&str>::new(), "{outer} {inner}");
    assert_eq!(left_over(&env), Vec::<&str>::new(), "{outer} {inner}");
    assert!(
        env.contains("TERM=xterm-256color") && env.contains("TERM_PROGRAM=Terrace"),
        "{env}"
    );
    if !plain {
        shell.run("echo \"login=$LOGIN.\" > ~/login");
        let expected = if login { "login=1.\n" } else { "login=.\n" };
        assert_eq!(shell.wait_for_file("login"), expected, "{outer} {inner}");
    }
    check_clean(&shell.home.path().join("tmp"));
    check_clean(&shell.home.path().join("run"));
    check_clean(shell.home.path());
    check_exit(shell);
}

#[test]
fn every_account_shell_reads_the_command_line() {
    let bash = path_of("bash").unwrap();
    for outer in [
        "dash", "bash", "zsh", "fish", "tcsh", "ksh", "mksh", "elvish",
    ] {
        if let Some(outer) = path_of(outer) {
            check_account_shell(&outer, &bash, true);
        }
    }
}

#[test]
fn every_shell_over_there_speaks() {
    for inner in ["bash", "zsh", "fish", "dash", "ksh", "mksh"] {
        if let Some(inner) = path_of(inner) {
            check_account_shell("sh", &inner, false);
            check_account_shell("sh", &inner, true);
        }
    }
}

/// The arguments after `docker exec -it CONTAINER`, with the key in the environment, in a folder.
#[test]
fn arguments_bring_it_into_a_container() {
    let arguments = bootstrap()
        .key_from_environment()
        .folder("/usr")
        .env("MINE", "it's \"x\"")
        .arguments();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut shell = setup().env("SHELL", &path_of("bash").unwrap()).start(
        &[
            &[
                "env",
                &format!("TERRACE_NONCE={NONCE}"),
                &format!("TERRACE_AID={AID}"),
            ][..],
            &words,
        ]
        .concat(),
    );
    let marks = shell.marks();
    assert_eq!(
        marks
            .iter()
            .find(|mark| mark.letter == "ctx")
            .unwrap()
            .option("cwd"),
        "/usr"
    );
    assert_eq!(shell.run("echo \"$MINE\"").printed(), "it's \"x\"");
    check_speaks(&mut shell, true);
    check_exit(shell);
}

/// busybox alone, as in a small container; and the same without a decoder: a plain shell comes up.
#[test]
fn a_small_userland_is_enough_and_a_smaller_one_gives_a_plain_shell() {
    if !is_installed("busybox") {
        return;
    }
    let busybox = path_of("busybox").unwrap();
    let bin = tempfile::tempdir().unwrap();
    let tools = [
        "sh", "cat", "mktemp", "base64", "gzip", "rm", "id", "sed", "head", "mkdir", "uname", "env",
    ];
    for tool in tools {
        std::os::unix::fs::symlink(&busybox, bin.path().join(tool)).unwrap();
    }
    let sh = bin.path().join("sh");
    let sh = sh.to_str().unwrap();
    let setup = Setup::default()
        .file(".profile", "PS1='small> '\n")
        .env("PATH", bin.path().to_str().unwrap())
        .env("SHELL", sh);
    let line = bootstrap().login(true).command_line();
    let mut shell = setup.start(&[sh, "-c", &line]);
    check_speaks(&mut shell, false);
    check_clean(&shell.home.path().join("run"));
    check_exit(shell);

    for gone in ["mktemp", "gzip", "base64"] {
        std::fs::remove_file(bin.path().join(gone)).unwrap();
        let mut shell = setup.start_silent(&[sh, "-c", &line]);
        shell.session.control.wait_for("small>");
        shell.enter("env > ~/env; echo done > ~/done");
        shell.wait_for_file("done");
        let written = String::from_utf8_lossy(&shell.written()).into_owned();
        assert!(
            !shell.marks().iter().any(Mark::has_key),
            "{gone}: {written}"
        );
        assert!(!written.contains("not found"), "{gone}: {written}");
        assert_eq!(
            our_variables(&shell.wait_for_file("env")),
            Vec::<&str>::new(),
            "{gone}"
        );
        check_exit(shell);
    }
}

#[test]
fn an_unknown_shell_and_a_missing_one_are_plain() {
    for (shell, prompt) in [("/no/such/shell", "sh"), ("/usr/sbin/nologin", "sh")] {
        let line = bootstrap().shell(shell).login(true).command_line();
        let mut shell = setup().start(&["sh", "-c", &line]);
        shell.run("echo ${0##*/} > ~/name");
        assert_eq!(shell.wait_for_file("name").trim(), prompt);
        check_exit(shell);
    }
}

// --- typed into a shell that already runs ---------------------------------------------------------------

#[test]
fn it_can_be_typed_into_a_running_shell() {
    for (command, dialect) in [
        (&["bash", "--norc"][..], Dialect::Posix),
        (&["zsh", "-f"], Dialect::Posix),
        (&["dash"], Dialect::Posix),
        (&["mksh"], Dialect::Posix),
        (&["busybox", "sh"], Dialect::Posix),
        (&["fish", "--no-config"], Dialect::Fish),
    ] {
        if !is_installed(command[0]) {
            continue;
        }
        let off = ["-o", "shell.integration=false"];
        let mut shell = Setup::default()
            .env("PS1", "own> ")
            .options(&off)
            .start_silent(command);
        let record = shell.home.path().join("record");
        shell.wait_for_marks("a prompt", |_| {
            record.metadata().is_ok_and(|found| found.len() > 0)
        });
        let typed = bootstrap().typed(dialect).unwrap();
        shell.enter(&typed.first);
        let word = typed.ready.rsplit(';').next().unwrap();
        shell.wait_for_marks("ready", |marks| {
            marks
                .iter()
                .any(|mark| mark.letter == "ready" && mark.words == [word])
        });
        for line in &typed.lines {
            shell.enter(line);
        }
        shell.next_prompt();
        let written = String::from_utf8_lossy(&shell.written()).into_owned();
        assert!(
            !written.contains(&typed.lines[0][..40]),
            "{command:?}: the lines are shown"
        );
        let knows_text = matches!(command[0], "bash" | "zsh" | "fish");
        check_speaks(&mut shell, knows_text);
        shell.enter("exit 7");
        assert_eq!(shell.session.finish().0, Some(7), "{command:?}");
    }
}

/// As `su` and `sudo -s` leave it: another user's shell, inside one that told of its commands until then.
#[test]
fn it_can_be_typed_into_the_shell_of_another_user() {
    use std::os::unix::fs::MetadataExt;
    // Only root needs no password for it.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0);
    if !is_root || !is_installed("su") {
        return;
    }
    for command in [
        "su -s /bin/bash nobody",
        "su -s /bin/sh nobody",
        "sudo -s",
        "sudo -u nobody bash",
        "bash --norc",
        "exec bash --norc",
    ] {
        if command.starts_with("sudo") && !is_installed("sudo") {
            continue;
        }
        let mut shell = Setup::default()
            .file(".bashrc", "PS1='> '\n")
            .start(&["bash"]);
        let outer = shell.cycle;
        shell.enter(command);
        // What is typed while the shell changes may be lost.
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut asked: Option<Instant> = None;
        while !String::from_utf8_lossy(&shell.written()).contains("inner-42") {
            assert!(Instant::now() < deadline, "{command}: {:?}", shell.rows());
            if asked.is_none_or(|at| at.elapsed() > Duration::from_secs(2)) {
                shell.enter("echo inner-$((40 + 2))");
                asked = Some(Instant::now());
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let typed = bootstrap().typed(Dialect::Posix).unwrap();
        shell.enter(&typed.first);
        let word = typed.ready.rsplit(';').next().unwrap();
        shell.wait_for_marks("ready", |marks| {
            let is_ready = |mark: &Mark| mark.letter == "ready" && mark.words == [word];
            marks.iter().any(is_ready)
        });
        for line in &typed.lines {
            shell.enter(line);
        }
        let of_inner = |mark: &Mark, letter: &str| is_ours(mark) && mark.letter == letter;
        shell.wait_for_marks("a prompt of the inner shell", |marks| {
            marks.iter().any(|mark| of_inner(mark, "A"))
        });
        shell.enter("false");
        shell.wait_for_marks("the end of its command", |marks| {
            marks
                .iter()
                .any(|mark| of_inner(mark, "D") && mark.words == ["1"])
        });
        shell.enter("exit 3");
        if command.starts_with("exec") {
            assert_eq!(shell.session.finish().0, Some(3));
        } else {
            shell.wait_for_marks("the end of the outer command", |marks| {
                let ends = |mark: &Mark| {
                    mark.letter == "D" && !is_ours(mark) && mark.option("n") == outer.to_string()
                };
                marks.iter().any(|mark| ends(mark) && mark.words == ["3"])
            });
        }
    }
}

// --- over a real sshd -----------------------------------------------------------------------------------

fn sshd(shell: &str, change: impl FnOnce(&mut SshdOptions)) -> Option<Sshd> {
    let mut options = SshdOptions {
        files: FILES
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
        ..SshdOptions::default()
    };
    change(&mut options);
    Sshd::start(shell, &options)
}

#[track_caller]
fn connect(sshd: &Sshd, line: &str) -> Shell {
    let config = sshd.config();
    let config = config.to_str().expect("a plain name");
    Setup::default().start(&["ssh", "-F", config, "-tt", "lab", line])
}

#[test]
fn one_connection_brings_it_as_a_command_line() {
    for shell in ["bash", "zsh", "fish", "dash", "ksh"] {
        let Some(path) = path_of(shell) else { continue };
        let Some(sshd) = sshd(&path, |_| ()) else {
            return;
        };
        let line = bootstrap().login(true).greeting(true).command_line();
        let mut shell_there = connect(&sshd, &line);
        check_speaks(&mut shell_there, shell != "dash" && shell != "ksh");
        if shell == "bash" {
            let cycle = shell_there.run("shopt -q login_shell && echo login $LOGIN $-");
            assert!(cycle.printed().starts_with("login 1 "), "{cycle:?}");
        }
        check_clean(&sshd.temporary());
        check_clean(&sshd.home());
        check_exit(shell_there);
    }
}

/// The shell over there makes its key and says it once: nobody who reads argument lists, here or there, has it.
#[test]
fn a_key_that_is_made_over_there_is_in_no_argument_list() {
    for shell in ["bash", "zsh", "fish", "dash", "tcsh"] {
        let Some(path) = path_of(shell) else { continue };
        let Some(sshd) = sshd(&path, |_| ()) else {
            return;
        };
        let line = bootstrap().login(true).makes_its_key().command_line();
        // tcsh has no integration of its own: it stays plain, and is understood all the same.
        let config = sshd.config();
        let config = config.to_str().expect("a plain name");
        let command = ["ssh", "-F", config, "-tt", "lab", &line];
        let mut shell_there = match shell {
            "tcsh" => Setup::default().start_silent(&command),
            _ => Setup::default().start(&command),
        };
        let is_key = |mark: &Mark| mark.letter == "key";
        shell_there.wait_for_marks("a key", |marks| marks.iter().any(is_key));
        let marks = shell_there.marks();
        let Some(key) = marks.into_iter().find(is_key) else {
            panic!("{shell}: no key");
        };
        let [word, nonce] = key.words.as_slice() else {
            panic!("{key:?}");
        };
        assert_eq!(word, NONCE, "the word");
        assert!(nonce.len() == 32 && nonce != NONCE, "{nonce}");
        if shell != "tcsh" {
            let cycle = shell_there.run("false");
            assert_eq!(cycle.status(), "1");
            let marks = shell_there.marks();
            let ours = |mark: &&Mark| mark.option("aid") == AID && mark.option("tn") == *nonce;
            assert!(marks.iter().filter(ours).count() >= 4, "{shell}: {marks:?}");
        }
        let processes = std::fs::read_dir("/proc").expect("it is there").flatten();
        for process in processes {
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments);
            assert!(!arguments.contains(nonce.as_str()), "{arguments}");
        }
        // tcsh has said its key before it takes away what brought it.
        wait_clean(&sshd.temporary());
        check_exit(shell_there);
    }
}

#[test]
fn a_second_channel_keeps_the_secret_out_of_argument_lists() {
    for shell in ["bash", "zsh", "fish", "dash"] {
        let Some(path) = path_of(shell) else { continue };
        let Some(sshd) = sshd(&path, |_| ()) else {
            return;
        };
        let ssh = || {
            let mut command = Command::new("ssh");
            command.arg("-F").arg(sshd.config());
            command
        };
        let master = ssh().args(["-M", "-N", "-f", "lab"]).status().unwrap();
        assert!(master.success());
        let upload = bootstrap().login(true).upload();
        let mut child = ssh()
            .args(["lab", upload.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &upload.input).unwrap();
        let output = child.wait_with_output().unwrap();
        let uploaded = Uploaded::read(&output.stdout).expect("a path");
        let line = uploaded.command_line();
        assert!(!line.contains(NONCE));
        let mut shell_there = connect(&sshd, &line);
        check_speaks(&mut shell_there, shell != "dash");
        check_clean(&sshd.temporary());
        check_exit(shell_there);
        let _ = ssh()
            .args(["-O", "exit", "lab"])
            .stderr(Stdio::null())
            .status();
    }
}

#[test]
fn a_read_only_home_is_no_hindrance() {
    let bash = path_of("bash").unwrap();
    let Some(sshd) = sshd(&bash, |options| options.read_only_home = true) else {
        return;
    };
    let mut shell = connect(&sshd, &bootstrap().login(true).command_line());
    check_speaks(&mut shell, true);
    assert_eq!(
        shell
            .run("touch ~/x 2>/dev/null || echo read-only")
            .printed(),
        "read-only"
    );
    check_exit(shell);
}

#[test]
fn a_host_without_decoder_gives_the_plain_shell() {
    let bin = tempfile::tempdir().unwrap();
    for tool in [
        "sh", "bash", "cat", "mktemp", "gzip", "rm", "id", "sed", "env",
    ] {
        std::os::unix::fs::symlink(path_of(tool).unwrap(), bin.path().join(tool)).unwrap();
    }
    let bash = path_of("bash").unwrap();
    let path = format!("SetEnv PATH={}", bin.path().display());
    let Some(sshd) = sshd(&bash, |options| options.lines.push(path)) else {
        return;
    };
    let config = sshd.config();
    let line = bootstrap().login(true).command_line();
    let mut shell = Setup::default().start_silent(&[
        "ssh",
        "-F",
        config.to_str().unwrap(),
        "-tt",
        "lab",
        &line,
    ]);
    shell.session.control.wait_for("remote>");
    assert!(!shell.marks().iter().any(Mark::has_key));
    check_exit(shell);
}

/// A router or a small board: all that there is is one busybox, and its `sh` is the account's shell.
#[test]
fn a_host_with_nothing_but_busybox_speaks() {
    let Some(busybox) = path_of("busybox") else {
        return;
    };
    let bin = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bin.path(), mode).unwrap();
    let applets = Command::new(&busybox).arg("--list").output().unwrap();
    for applet in String::from_utf8(applets.stdout).unwrap().lines() {
        std::os::unix::fs::symlink(&busybox, bin.path().join(applet)).unwrap();
    }
    let shell = bin.path().join("sh").display().to_string();
    let path = format!("SetEnv PATH={}", bin.path().display());
    let Some(sshd) = sshd(&shell, |options| options.lines.push(path)) else {
        return;
    };
    let line = bootstrap().login(true).makes_its_key().command_line();
    let config = sshd.config();
    let config = config.to_str().expect("a plain name");
    let command = ["ssh", "-F", config, "-tt", "lab", &line];
    let mut shell = Setup::default().start(&command);
    let is_key = |mark: &Mark| mark.letter == "key" && mark.words.len() == 2;
    shell.wait_for_marks("a key", |marks| marks.iter().any(is_key));
    let cycle = shell.run("false");
    assert_eq!(cycle.status(), "1");
    assert_eq!(shell.run("cd /usr").context.option("cwd"), "/usr");
    shell.run("echo \"${SHELL##*/} $(id -u) $(readlink \"$SHELL\")\" >~/said");
    let said = std::fs::read_to_string(sshd.home().join("said")).unwrap();
    assert_eq!(said, format!("sh 0 {busybox}\n"));
    check_clean(&sshd.temporary());
    check_clean(&sshd.home());
    check_exit(shell);
}

#[test]
fn a_forced_command_and_a_command_of_the_users_are_left_alone() {
    let bash = path_of("bash").unwrap();
    let Some(sshd) = sshd(&bash, |options| {
        options
            .lines
            .push("ForceCommand echo forced; exit 3".into())
    }) else {
        return;
    };
    let config = sshd.config();
    let config = config.to_str().unwrap();
    let line = bootstrap().login(true).command_line();
    let mut shell = Setup::default().start_silent(&["ssh", "-F", config, "-tt", "lab", &line]);
    shell.session.control.wait_for("forced");
    assert!(!shell.marks().iter().any(Mark::has_key));
    assert_eq!(shell.session.finish().0, Some(3));

    let asked = |options: &[&str]| {
        let output = Command::new("ssh")
            .args(["-F", config, "-G"])
            .args(options)
            .arg("lab")
            .output()
            .unwrap();
        takes_a_command(&String::from_utf8_lossy(&output.stdout))
    };
    assert!(asked(&[]));
    assert!(!asked(&["-o", "RemoteCommand=tmux attach"]));
    assert!(!asked(&["-o", "RequestTTY=no"]));
    assert!(!asked(&["-N"]));
}

#[test]
fn a_connection_that_dies_ends_the_session() {
    let bash = path_of("bash").unwrap();
    let Some(mut sshd) = sshd(&bash, |_| ()) else {
        return;
    };
    let mut shell = connect(&sshd, &bootstrap().login(true).command_line());
    check_speaks(&mut shell, true);
    shell.enter("sleep 1000");
    let n = shell.cycle.to_string();
    shell.wait_for_marks("the command", |marks| {
        marks
            .iter()
            .any(|mark| mark.letter == "C" && mark.option("n") == n)
    });
    check_clean(&sshd.temporary());
    sshd.kill();
    assert_eq!(shell.session.finish().0, Some(255));
}
