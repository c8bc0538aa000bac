//! Real shells in a real pseudo-terminal, integrated as Terrace starts them: what each of them says
//! about its prompts and commands.

use serde_json::json;
use tests::is_installed;
use tests::shell::{Setup, Shell, left_over, our_variables};

const BASHRC: &str = r#"PS1='\u:\W\n> '
alias ll='ls -d /tmp'
HISTCONTROL=ignorespace
PROMPT_COMMAND=true
"#;
const ZSHRC: &str = r#"PS1=$'%n:%1~\n> '
RPS1='<R>'
alias ll='ls -d /tmp'
setopt hist_ignore_space
HISTFILE=~/.h HISTSIZE=99
"#;
const FISH: &str = "function fish_greeting; end
function fish_prompt; echo $USER; echo -n '> '; end
function fish_right_prompt; echo -n '<R>'; end
alias ll 'ls -d /tmp'
";

fn bash() -> Setup {
    Setup::default().file(".bashrc", BASHRC)
}

fn zsh() -> Setup {
    Setup::default().file(".zshrc", ZSHRC)
}

fn fish() -> Setup {
    Setup::default().file(".config/fish/config.fish", FISH)
}

/// What a line must say: text, status, those of the pipeline, and where the text is from.
struct Case(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[track_caller]
fn check(shell: &mut Shell, cases: &[Case]) {
    let marks = shell.marks();
    let in_ms = marks
        .iter()
        .any(|mark| mark.option("sh").starts_with("fish"));
    for Case(line, text, status, pipeline, source) in cases {
        let mut cycle = None;
        for line in line.split('\n') {
            match cycle {
                None => shell.enter(line),
                Some(()) => shell.enter(line),
            }
            cycle = Some(());
        }
        let cycle = shell.next_prompt();
        assert_eq!(
            (
                cycle.text(),
                cycle.status(),
                cycle.end.option("ps"),
                cycle.source()
            ),
            (*text, *status, *pipeline, *source),
            "{line:?}: {cycle:?}"
        );
        if cycle.command.is_some() {
            assert!(
                // fish counts milliseconds.
                cycle.duration().is_some_and(|us| us > 0 || in_ms),
                "{line:?}: {cycle:?}"
            );
        } else {
            assert!(
                !cycle.end.options.contains_key("dur"),
                "{line:?}: {cycle:?}"
            );
        }
    }
}

/// The marks of every prompt: verified ones with one key, and the borders without any.
#[track_caller]
fn check_prompt(shell: &Shell, name: &str, borders: &str) {
    let marks = shell.marks();
    let context = marks
        .iter()
        .find(|mark| mark.letter == "ctx")
        .expect("a prompt has a context");
    assert!(context.option("sh").starts_with(name), "{context:?}");
    assert_eq!(context.option("cwd"), shell.home_path());
    assert_eq!(
        (context.option("aid").len(), context.option("tn").len()),
        (16, 32)
    );
    for mark in marks.iter().filter(|mark| mark.has_key()) {
        assert_eq!(mark.option("tn"), context.option("tn"), "{mark:?}");
        assert_eq!(mark.option("aid"), context.option("aid"), "{mark:?}");
    }
    let plain: String = marks
        .iter()
        .filter(|mark| !mark.has_key())
        .map(|mark| format!("{}{} ", mark.letter, mark.option("k")))
        .collect();
    assert_eq!(plain.trim_end(), borders);
}

#[test]
fn bash_says_what_ran() {
    for login in [false, true] {
        let setup = bash().file(".bash_profile", ". ~/.bashrc\nLOGIN=1\n");
        let mut shell = match login {
            false => setup.start(&["bash"]),
            true => setup.start(&["bash", "-l"]),
        };
        check_prompt(&shell, "bash/", "Pi B");
        check(
            &mut shell,
            &[
                Case(
                    "true | false | sh -c 'exit 3'",
                    "true | false | sh -c 'exit 3'",
                    "3",
                    "0|1|3",
                    "hist",
                ),
                Case("", "", "", "", ""),
                Case("ll", "ll", "0", "0", "hist"),
                Case(
                    "for i in 1 2\ndo echo $i\ndone",
                    "for i in 1 2; do echo $i; done",
                    "0",
                    "0",
                    "hist",
                ),
                Case(
                    "cat <<'X'\nl;1 %41\n\\x\nX",
                    "cat <<'X'\nl;1 %41\n\\x\nX",
                    "0",
                    "0",
                    "hist",
                ),
                Case("echo one two", "echo one two", "0", "0", "hist"),
                Case("echo !$ again", "echo two again", "0", "0", "hist"),
                Case("echo 'žluť 漢字'", "echo 'žluť 漢字'", "0", "0", "hist"),
                Case(" echo hid", "", "0", "0", "screen"),
                Case("false", "false", "1", "1", "hist"),
                Case("false", "false", "1", "1", "hist"),
                Case("nosuch_xyz", "nosuch_xyz", "127", "127", "hist"),
                Case("# note", "", "", "", ""),
                Case("printf abc", "printf abc", "0", "0", "hist"),
                Case(
                    "shopt -q login_shell; echo $?",
                    "shopt -q login_shell; echo $?",
                    "0",
                    "0",
                    "hist",
                ),
            ],
        );
        let cycle = shell.run("shopt -q login_shell && echo login $LOGIN");
        assert_eq!(cycle.printed(), if login { "login 1" } else { "" });
        let cycle = shell.run("cd /usr");
        assert_eq!(cycle.context.option("cwd"), "/usr");
        assert_eq!(shell.run("echo )").end.option("st"), "2");
        check_interrupts(&mut shell, true);
        check_secrecy(&mut shell);
    }
}

#[test]
fn zsh_says_what_ran() {
    if !is_installed("zsh") {
        return;
    }
    for arguments in [&["zsh"][..], &["zsh", "-l"]] {
        let mut shell = zsh().start(arguments);
        check_prompt(&shell, "zsh/", "Pi B Pr B");
        check(
            &mut shell,
            &[
                Case(
                    "true | false | sh -c 'exit 3'",
                    "true | false | sh -c 'exit 3'",
                    "3",
                    "0|1|3",
                    "hist",
                ),
                Case("", "", "", "", ""),
                Case("ll", "ll", "0", "0", "hist"),
                Case(
                    "for i in 1 2\ndo echo $i\ndone",
                    "for i in 1 2\ndo echo $i\ndone",
                    "0",
                    "0",
                    "hist",
                ),
                Case(
                    "cat <<'X'\nl;1 %41\n\\x\nX",
                    "cat <<'X'\nl;1 %41\n\\x\nX",
                    "0",
                    "0",
                    "hist",
                ),
                Case("echo one two", "echo one two", "0", "0", "hist"),
                Case("echo !$ again", "echo two again", "0", "0", "hist"),
                Case("echo 'žluť 漢字'", "echo 'žluť 漢字'", "0", "0", "hist"),
                Case(" echo hid", " echo hid", "0", "0", "hist"),
                Case("false", "false", "1", "1", "hist"),
                Case("false", "false", "1", "1", "hist"),
                Case("nosuch_xyz", "nosuch_xyz", "127", "127", "hist"),
                Case("# note", "# note", "127", "127", "hist"),
                Case("printf abc", "printf abc", "0", "0", "hist"),
            ],
        );
        assert_eq!(shell.run(" true").command.unwrap().option("hist"), "0");
        assert_eq!(shell.run("cd /usr").context.option("cwd"), "/usr");
        assert_eq!(shell.run("echo )").command, None);
        check_interrupts(&mut shell, true);
        check_secrecy(&mut shell);
    }
}

#[test]
fn fish_says_what_ran() {
    if !is_installed("fish") {
        return;
    }
    let mut shell = fish().start(&["fish"]);
    let old = shell
        .marks()
        .iter()
        .any(|mark| mark.letter == "ctx" && mark.option("sh").starts_with("fish/3"));
    if old {
        check_prompt(&shell, "fish/", "Pi B Pr B");
    }
    check(
        &mut shell,
        &[
            Case(
                "true | false | sh -c 'exit 3'",
                "true | false | sh -c 'exit 3'",
                "3",
                "0|1|3",
                "hist",
            ),
            Case("", "", "", "", ""),
            Case("ll", "ll", "0", "0", "hist"),
            Case(
                "echo 'žluť 漢字;%41'",
                "echo 'žluť 漢字;%41'",
                "0",
                "0",
                "hist",
            ),
            Case(" echo hid", " echo hid", "0", "0", "hist"),
            Case("false", "false", "1", "1", "hist"),
            Case("false", "false", "1", "1", "hist"),
            Case("nosuch_xyz", "nosuch_xyz", "127", "127", "hist"),
            Case("printf abc", "printf abc", "0", "0", "hist"),
        ],
    );
    let cycle = {
        shell.enter("for i in 1 2");
        shell.enter("echo $i");
        shell.enter("end");
        shell.next_prompt()
    };
    let lines: Vec<&str> = cycle.text().lines().map(str::trim).collect();
    assert_eq!(lines, ["for i in 1 2", "echo $i", "end"]);
    assert_eq!(shell.run(" true").command.unwrap().option("hist"), "0");
    assert_eq!(shell.run("cd /usr").context.option("cwd"), "/usr");
    // fish 4 only empties the line, and fish 3 misses a signal that comes while it colors the line.
    check_interrupts(&mut shell, false);
    check_secrecy(&mut shell);
}

#[test]
fn plain_shells_say_their_statuses() {
    for command in [&["dash"][..], &["busybox", "sh"], &["ksh"], &["mksh"]] {
        if !is_installed(command[0]) {
            continue;
        }
        let setup = Setup::default()
            .file(".shrc", "PS1='sh> ' MINE=1\n")
            .env("ENV", "~/.shrc");
        let mut shell = setup.start(command);
        let marks = shell.marks();
        let begun = marks.iter().find(|mark| mark.letter == "A").unwrap();
        assert_eq!(begun.option("c"), "enter", "{command:?}");
        for (line, status) in [
            ("true", "0"),
            ("false", "1"),
            ("nosuch_xyz", "127"),
            ("sh -c 'exit 3'", "3"),
        ] {
            assert_eq!(shell.run(line).status(), status, "{command:?}: {line}");
        }
        assert_eq!(shell.run("cd /usr").context.option("cwd"), "/usr");
        shell.run("env > ~/env; echo \"$MINE $ENV\" > ~/mine");
        assert_eq!(
            shell.wait_for_file("mine"),
            format!("1 {}/.shrc\n", shell.home_path())
        );
        assert_eq!(
            our_variables(&shell.wait_for_file("env")),
            Vec::<&str>::new(),
            "{command:?}"
        );
    }
}

#[test]
fn elvish_says_what_ran() {
    if !is_installed("elvish") {
        return;
    }
    let rc = "fn greet {|x| echo hello $x }\nvar mine = world\nset edit:prompt = { put 'el> ' }\n";
    let mut shell = Setup::default()
        .file(".config/elvish/rc.elv", rc)
        .start_silent(&["elvish"]);
    shell.await_prompt(1);
    for (line, status, ran) in [
        ("greet $mine", "0", true),
        ("", "", false),
        ("false", "1", true),
        ("sh -c 'exit 3' # ;%41", "3", true),
        ("nosuch_xyz", "1", true),
    ] {
        shell.enter(line);
        let cycle = shell.await_prompt(shell.cycle + 1);
        assert_eq!((cycle.text(), cycle.status()), (line, status), "{cycle:?}");
        assert_eq!(cycle.duration().is_some(), ran, "{cycle:?}");
    }
    assert!(
        shell.rows().concat().contains("el> greet $mine"),
        "{:?}",
        shell.rows()
    );
    shell.enter("env > ~/env; echo done > ~/done");
    shell.wait_for_file("done");
    assert_eq!(
        our_variables(&shell.wait_for_file("env")),
        Vec::<&str>::new()
    );
}

/// Ctrl-C and Ctrl-Z, at the prompt and at a command. `cancels`: Ctrl-C at a prompt begins a new one.
#[track_caller]
fn check_interrupts(shell: &mut Shell, cancels: bool) {
    let marks = shell.marks();
    let in_fish = marks
        .iter()
        .any(|mark| mark.option("sh").starts_with("fish"));
    if cancels {
        shell.type_text("echo part");
        shell.session.control.wait_for("echo part");
        shell.key("c", &["ctrl"]);
        let cycle = shell.next_prompt();
        assert_eq!(
            (cycle.command, cycle.end.words.concat().as_str()),
            (None, "")
        );
        if in_fish {
            assert_eq!(cycle.end.option("st"), "130");
        }
    }
    for (key, status) in [("c", "130"), ("z", "148")] {
        // fish keeps the old status when a job is stopped.
        let status = if in_fish { "130" } else { status };
        shell.enter("sleep 60");
        let n = shell.cycle.to_string();
        shell.wait_for_marks("the command", |marks| {
            marks
                .iter()
                .any(|mark| mark.letter == "C" && mark.option("n") == n)
        });
        wait_for_program(shell, "sleep");
        shell.key(key, &["ctrl"]);
        let cycle = shell.next_prompt();
        assert_eq!((cycle.text(), cycle.status()), ("sleep 60", status));
    }
    // zsh asks twice before it leaves a stopped job behind.
    shell.run("kill %1");
}

/// Waits until a program runs under the shell.
#[track_caller]
fn wait_for_program(shell: &mut Shell, name: &str) {
    let marks = shell.marks();
    let pid = marks
        .iter()
        .rev()
        .find(|mark| mark.letter == "ctx")
        .expect("a prompt has a context")
        .option("pid")
        .to_owned();
    let runs = || {
        let children =
            std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().any(|child| {
            std::fs::read_to_string(format!("/proc/{child}/comm"))
                .is_ok_and(|comm| comm.trim() == name)
        })
    };
    shell.wait_for_marks(name, |_| runs());
}

/// What the shell was handed is not in its environment, and what it was handed cannot be read there by
/// the programs that it starts.
#[track_caller]
fn check_secrecy(shell: &mut Shell) {
    shell.run("env > ~/env");
    let env = shell.wait_for_file("env");
    assert_eq!(our_variables(&env), Vec::<&str>::new());
    assert_eq!(left_over(&env), Vec::<&str>::new());
}

// --- the shell is as it would have been -----------------------------------------------------------------

/// Runs `dump` in a shell with and without integration, and compares what it writes to `~/state`.
#[track_caller]
fn check_vanilla(setup: &Setup, command: &[&str], dump: &str, ignored: &[&str]) {
    let state = |shell: &mut Shell| {
        shell.enter(dump);
        let home = shell.home_path();
        let lines: Vec<String> = shell
            .wait_for_file("state")
            .replace(&home, "~")
            .lines()
            .filter(|line| {
                !line.contains("__terrace") && !ignored.iter().any(|name| line.contains(name))
            })
            .map(str::to_owned)
            .collect();
        lines
    };
    let with = state(&mut setup.start(command));
    let mut shell = setup
        .clone()
        .options(&["-o", "shell.integration=false"])
        .start_silent(command);
    shell.session.control.wait_for(">");
    let without = state(&mut shell);
    let differences: Vec<&String> = with.iter().filter(|line| !without.contains(line)).collect();
    let missing: Vec<&String> = without.iter().filter(|line| !with.contains(line)).collect();
    assert!(with.len() > 20, "{with:?}");
    assert!(
        differences.is_empty() && missing.is_empty(),
        "{command:?}: more {differences:#?}, less {missing:#?}"
    );
}

#[test]
fn bash_is_as_it_would_have_been() {
    let rc = "PS1='> '\nalias ll='ls -l'\nshopt -s globstar\nset -o vi\ntrap 'echo usr1' USR1\ndeclare -A MAP=([a]=1)\nf() { echo f; }\n";
    let setup = Setup::default()
        .file(".bashrc", rc)
        .file(".bash_profile", "declare -i NUMBER=7\n. ~/.bashrc\n");
    let dump = "{ shopt; set -o; alias; trap -p; declare -p; declare -F; echo \"$0 $-\"; } > ~/state.new; echo >> ~/state.new; mv ~/state.new ~/state";
    let changing = [
        "BASHPID",
        "RANDOM",
        "EPOCH",
        "SECONDS",
        " PPID=",
        "BASH_LINENO",
        "BASH_ARG",
        "BASH_SOURCE",
        "PROMPT_COMMAND=",
        " PS0=",
        " PS1=",
        " PS2=",
        "TERRACE_",
        " _=",
        "HISTCMD",
        "PIPESTATUS",
        "BASH_COMMAND",
        "SHELLOPTS_",
        // The folder of the marks is in the name of the file that --rcfile names.
        "BASH_EXECUTION_STRING",
    ];
    check_vanilla(&setup, &["bash"], dump, &changing);
    check_vanilla(&setup, &["bash", "-l"], dump, &changing);
}

#[test]
fn zsh_is_as_it_would_have_been() {
    if !is_installed("zsh") {
        return;
    }
    let setup = Setup::default().file(
        ".zshrc",
        "PS1='> '\nalias ll='ls -l'\nsetopt extended_glob\nTRAPUSR1() { echo usr1 }\ntypeset -A MAP=(a 1)\n",
    );
    let dump = "{ setopt; alias -L; print -l ${(k)functions}; typeset +m '*'; zmodload; export } > ~/state.new; mv ~/state.new ~/state";
    let changing = [
        "TERRACE_",
        "_hooks",
        "_functions",
        "EPOCH",
        "epochtime",
        "strftime",
        "zsh/datetime",
        "ITERM_SHELL",
        "iterm2_prompt_mark",
        "zsh/parameter",
    ];
    check_vanilla(&setup, &["zsh"], dump, &changing);
    check_vanilla(&setup, &["zsh", "-l"], dump, &changing);
    let elsewhere = Setup::default()
        .file("z/.zshrc", "PS1='> '\n")
        .file("z/.zshenv", "FROM=z\n")
        .env("ZDOTDIR", "~/z");
    check_vanilla(&elsewhere, &["zsh"], dump, &changing);
    let mut shell = elsewhere.start(&["zsh"]);
    assert_eq!(shell.run("echo $FROM ${ZDOTDIR:t}").printed(), "z z");
}

#[test]
fn fish_is_as_it_would_have_been() {
    if !is_installed("fish") {
        return;
    }
    let setup = Setup::default().file(
        ".config/fish/config.fish",
        "function fish_greeting; end\nfunction fish_prompt; echo -n '> '; end\nabbr -a gc git commit\nset -g MINE 1\n",
    );
    let dump = "begin; set -n; functions -an; abbr; set -gx; bind; end > ~/state.new; mv ~/state.new ~/state";
    let changing = ["TERRACE_", "fish_kill_signal", "CMD_DURATION"];
    check_vanilla(&setup, &["fish"], dump, &changing);
    let with_folders = setup.env("XDG_DATA_DIRS", "/opt/share:/usr/share");
    check_vanilla(&with_folders, &["fish"], dump, &changing);
}

// --- what stays away ------------------------------------------------------------------------------------

#[track_caller]
fn check_silent(setup: &Setup, command: &[&str], prompt: &str) {
    let mut shell = setup.start_silent(command);
    shell.session.control.wait_for(prompt);
    shell.enter("echo to\"\"nic");
    shell.session.control.wait_for("tonic");
    shell.session.control.tell(&json!({"sync": true}));
    let marks = shell.marks();
    assert!(
        marks.iter().all(|mark| !mark.has_key()),
        "{command:?}: {marks:?}"
    );
}

#[test]
fn the_users_wishes_go_first() {
    let off = bash().options(&["-o", "shell.integration=false"]);
    check_silent(&off, &["bash"], ">");
    check_silent(&bash().env("PS1", "own$"), &["bash", "--norc"], "own$");
    check_silent(&bash().env("PS1", "own$"), &["bash", "--posix"], "own$");
    check_silent(
        &bash(),
        &["sh", "-c", "echo 'own$'; read line; eval \"$line\""],
        "own$",
    );
    if is_installed("zsh") {
        check_silent(&zsh().env("PS1", "own$"), &["zsh", "-f"], "own$");
    }
    if is_installed("fish") {
        check_silent(&fish(), &["fish", "--no-config"], "@");
    }
}

#[test]
fn the_users_own_rcfile_is_read() {
    let setup = bash().file("other rc", "PS1='other> '\n");
    let mut shell = setup.start(&["bash", "--rcfile", "other rc", "-i"]);
    assert_eq!(shell.run("echo ${#BASH_ALIASES[@]}").printed(), "0");
    assert!(shell.rows().concat().contains("other> "));
}

#[test]
fn tmux_and_screen_are_left_alone() {
    for program in ["tmux", "screen"] {
        if !is_installed(program) {
            continue;
        }
        let mut shell = bash().start(&["bash"]);
        let command = match program {
            "tmux" => "tmux -f /dev/null -L \"$RANDOM$$\" new 'bash --norc'",
            _ => "screen -q -c /dev/null bash --norc",
        };
        shell.enter(command);
        shell.session.control.wait_for("bash-");
        let before = shell.marks().len();
        shell.enter("echo in\"\"side");
        shell.session.control.wait_for("inside");
        let marks = shell.marks();
        assert!(
            marks[before..].iter().all(|mark| !mark.has_key()),
            "{program}: {marks:?}"
        );
        shell.enter("exit");
        let cycle = shell.next_prompt();
        assert_eq!((cycle.text(), cycle.status()), (command, "0"));
    }
}

#[test]
fn sourced_by_hand_it_speaks_too() {
    let terrace = tests::terrace().get_program().to_owned();
    let terrace = terrace.to_str().unwrap();
    let off = ["-o", "shell.integration=false"];
    let rc = format!("{BASHRC}eval \"$('{terrace}' integration bash)\"\n");
    let mut shell = Setup::default()
        .file(".bashrc", &rc)
        .options(&off)
        .start(&["bash"]);
    assert_eq!(shell.run("false | true").end.option("ps"), "1|0");
    check_secrecy(&mut shell);
    if is_installed("zsh") {
        let rc = format!("{ZSHRC}eval \"$('{terrace}' integration zsh)\"\n");
        let mut shell = Setup::default()
            .file(".zshrc", &rc)
            .options(&off)
            .start(&["zsh"]);
        assert_eq!(shell.run("false | true").end.option("ps"), "1|0");
        check_secrecy(&mut shell);
    }
    if is_installed("fish") {
        let rc = format!("{FISH}'{terrace}' integration fish | source\n");
        let setup = Setup::default()
            .file(".config/fish/config.fish", &rc)
            .options(&off);
        let mut shell = setup.start(&["fish"]);
        assert_eq!(shell.run("false | true").end.option("ps"), "1|0");
        check_secrecy(&mut shell);
    }
}

// --- shells in shells -----------------------------------------------------------------------------------

#[test]
fn a_shell_in_a_shell_is_one_command() {
    let mut shell = bash().start(&["bash"]);
    // What is waited for stands in no line that was typed.
    for (line, prompt) in [
        ("PS1='$((40 + 1)).' bash --norc", "41."),
        ("PS1='$((50 + 1)).' sh", "51."),
        ("PS1='$((60 + 1)).' exec bash --norc", "61."),
    ] {
        let before = shell.marks().len();
        shell.enter(line);
        shell.session.control.wait_for(prompt);
        shell.enter("echo in\"\"side $((PPID + 0)); false");
        shell.session.control.wait_for(&format!("{prompt}echo"));
        shell.session.control.wait_for("inside");
        shell.session.control.tell(&json!({"sync": true}));
        let marks = shell.marks();
        assert!(
            marks[before..]
                .iter()
                .all(|mark| !mark.has_key() || mark.letter == "C"),
            "{line}: {marks:?}"
        );
        if !line.contains("exec") {
            shell.enter("exit");
            let cycle = shell.next_prompt();
            assert_eq!((cycle.text(), cycle.status()), (line, "1"));
        }
    }
}

#[test]
fn jobs_in_the_background_disturb_nothing() {
    let mut shell = bash().start(&["bash"]);
    let cycle = shell.run("mkfifo ~/fifo; cat ~/fifo &");
    assert_eq!(cycle.status(), "0");
    std::fs::write(shell.home.path().join("fifo"), "from the back\n").unwrap();
    shell.session.control.wait_for("from the back");
    let cycle = shell.run("");
    assert_eq!((cycle.command, cycle.end.option("st")), (None, "0"));
}
