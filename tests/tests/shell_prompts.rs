//! What people put into their prompts: frameworks, hooks and traps, each as a small look-alike of the
//! real one, with the real shells.

use tests::is_installed;
use tests::shell::{Cycle, Mark, Setup, Shell};

/// Runs the lines that every setup must get right.
#[track_caller]
fn check_all(shell: &mut Shell, pipeline: bool) {
    let ps = |text: &'static str| if pipeline { text } else { "" };
    for (line, status, pipe) in [
        ("true | false", "1", "0|1"),
        ("false", "1", "1"),
        ("true", "0", "0"),
        ("nosuch_xyz", "127", "127"),
    ] {
        let cycle = shell.run(line);
        assert_eq!(
            (cycle.text(), cycle.status(), cycle.end.option("ps")),
            (line, status, ps(pipe)),
            "{cycle:?}"
        );
    }
    let cycle = shell.run("");
    assert_eq!((cycle.command, cycle.end.option("st")), (None, "127"));
}

fn borders(marks: &[Mark]) -> String {
    let word = |mark: &Mark| format!("{}{}", mark.letter, mark.option("k"));
    marks.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn bash(rc: &str) -> Shell {
    Setup::default().file(".bashrc", rc).start(&["bash"])
}

#[track_caller]
fn zsh(rc: &str) -> Option<Shell> {
    is_installed("zsh").then(|| Setup::default().file(".zshrc", rc).start(&["zsh"]))
}

// --- bash -----------------------------------------------------------------------------------------------

/// starship takes PROMPT_COMMAND, keeps the old one in a variable and writes PS1 at every prompt.
#[test]
fn bash_with_a_prompt_made_anew_each_time() {
    let mut shell = bash(
        r#"_set() { return "${1:-0}"; }
        star_precmd() {
            local status=$? pipe=("${PIPESTATUS[@]}")
            _set $status; eval "${STAR_PROMPT_COMMAND-}"
            PS1=$'\n\\[\e[1;36m\\]\\w\\[\e[0m\\] on \\[\e[1;35m\\]main\\[\e[0m\\]\n\\[\e[1;32m\\]❯\\[\e[0m\\] '"${status#0}"
            PS2='∙ '
        }
        STAR_PROMPT_COMMAND=$PROMPT_COMMAND
        PROMPT_COMMAND=star_precmd
        "#,
    );
    check_all(&mut shell, true);
    let cycle = shell.run("true");
    assert_eq!(borders(&cycle.plain), "Pi B Pi B");
    assert_eq!(
        shell
            .rows()
            .iter()
            .filter(|row| row.contains("on main"))
            .count(),
        7
    );
}

/// The real starship, if it is there.
#[test]
fn bash_and_zsh_and_fish_with_starship() {
    if !is_installed("starship") {
        return;
    }
    let rc = |shell: &str| format!("eval \"$(starship init {shell})\"\n");
    let setup = |file: &str, text: &str| {
        Setup::default()
            .file(file, text)
            .env("STARSHIP_CACHE", "~/cache")
            .env("STARSHIP_LOG", "error")
    };
    let mut shell = setup(".bashrc", &rc("bash")).start(&["bash"]);
    check_all(&mut shell, true);
    let cycle = shell.run("echo out");
    assert_eq!(cycle.printed(), "out");
    assert_eq!(borders(&cycle.plain), "Pi B Pi B");
    if is_installed("zsh") {
        let mut shell = setup(".zshrc", &rc("zsh")).start(&["zsh"]);
        check_all(&mut shell, true);
        assert_eq!(shell.run("echo out").printed(), "out");
    }
    if is_installed("fish") {
        let text = "set -g fish_greeting\nstarship init fish | source\n";
        let mut shell = setup(".config/fish/config.fish", text).start(&["fish"]);
        check_all(&mut shell, true);
        assert_eq!(shell.run("echo out").printed(), "out");
    }
}

/// zsh's suggestions and colors while typing, as Debian packages them, if they are there.
#[test]
fn zsh_with_suggestions_and_colors() {
    let files = [
        "/usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh",
        "/usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh",
    ];
    if !files
        .iter()
        .all(|file| std::path::Path::new(file).is_file())
    {
        return;
    }
    let sources: String = files
        .iter()
        .map(|file| format!("source {file}\n"))
        .collect();
    let Some(mut shell) = zsh(&format!("PROMPT='> '\n{sources}")) else {
        return;
    };
    check_all(&mut shell, true);
    let cycle = shell.run("echo out; echo 'a b'");
    assert_eq!(
        (cycle.text(), cycle.printed().as_str()),
        ("echo out; echo 'a b'", "out\na b")
    );
}

/// Debian's liquidprompt in bash, if it is there.
#[test]
fn bash_with_liquidprompt() {
    let file = "/usr/share/liquidprompt/liquidprompt";
    if !std::path::Path::new(file).is_file() {
        return;
    }
    let mut shell = bash(&format!("source {file}\n"));
    check_all(&mut shell, true);
    assert_eq!(shell.run("echo out").printed(), "out");
}

/// The same, set up by hand after our script has run.
#[test]
fn bash_whose_hooks_are_assigned_later() {
    let mut shell = bash("PS1='> '\n");
    shell.run("star() { :; }; PROMPT_COMMAND=star");
    check_all(&mut shell, true);
    // An array whose first place is taken once more.
    shell.run("PROMPT_COMMAND='true; star'");
    check_all(&mut shell, true);
    shell.run(". ~/.bashrc");
    check_all(&mut shell, true);
}

/// oh-my-posh writes marks of its own and keeps the status in its hook.
#[test]
fn bash_with_marks_of_others() {
    let mut shell = bash(
        r#"omp_hook() { local status=$?; PS1='\[\e]133;A\a\]posh \w\[\e]133;B\a\] '; return $status; }
        PROMPT_COMMAND="omp_hook; $PROMPT_COMMAND"
        PS0='\e]133;C\a'
        "#,
    );
    check_all(&mut shell, true);
    let cycle = shell.run("echo out");
    assert_eq!(cycle.printed(), "out");
}

/// bash-preexec: a DEBUG trap and PROMPT_COMMAND, installed at the first prompt.
#[test]
fn bash_with_preexec_functions() {
    let mut shell = bash(
        r#"PS1='> '
        __bp_imported=defined bash_preexec_imported=defined
        declare -a precmd_functions preexec_functions
        __bp_on=
        __bp_set() { return "${1:-0}"; }
        __bp_in_prompt_command() {
            local c IFS=$'\n;'; for c in ${PROMPT_COMMAND[*]}; do [[ $c = "$1" ]] && return 0; done; return 1; }
        __bp_debug() {
            [[ -n ${COMP_LINE-} || -z $__bp_on ]] && return
            __bp_in_prompt_command "$BASH_COMMAND" && { __bp_on=; return; }
            local f this; this=$(HISTTIMEFORMAT= builtin history 1 | sed '1 s/^ *[0-9][0-9]*[* ] //')
            __bp_on=
            for f in "${preexec_functions[@]}"; do __bp_set 0; "$f" "$this"; done; }
        __bp_precmd() { local status=$? f; for f in "${precmd_functions[@]}"; do __bp_set $status; "$f"; done; __bp_set $status; }
        __bp_interactive() { __bp_on=on; }
        __bp_install() {
            trap '__bp_debug "$_"' DEBUG
            PROMPT_COMMAND=${PROMPT_COMMAND//__bp_install$'\n'/}
            PROMPT_COMMAND=${PROMPT_COMMAND//__bp_install/:}
            PROMPT_COMMAND=$'__bp_precmd\n'$PROMPT_COMMAND
            PROMPT_COMMAND+=(__bp_interactive)
            __bp_precmd; __bp_interactive; }
        PROMPT_COMMAND=$'__bp_install\n'${PROMPT_COMMAND-}
        HISTCONTROL=${HISTCONTROL//ignorespace/}
        preexec_functions+=(said); said() { echo "about to: $1"; }
        "#,
    );
    check_all(&mut shell, false);
    let cycle = shell.run("echo hi");
    assert_eq!(cycle.printed(), "about to: echo hi\nhi");
}

/// PROMPT_COMMAND as an array, each of whose elements sees the status.
#[test]
fn bash_with_an_array_of_hooks() {
    let mut shell = bash(
        "PS1='> '\nseen() { seen=$?:${PIPESTATUS[*]}; }\nPROMPT_COMMAND=(true seen 'PS1=\"[$seen] > \"')\n",
    );
    check_all(&mut shell, true);
    shell.run("true | false | true");
    shell.run("sh -c 'exit 3' | true");
    assert!(
        shell.rows().iter().any(|row| row.starts_with("[0:3 0] >")),
        "{:?}",
        shell.rows()
    );
}

/// A DEBUG trap with a timer, as thousands have it: it sees the user's commands only.
#[test]
fn bash_with_a_debug_trap() {
    let mut shell = bash(
        r#"begin() { begun=${begun:-$BASH_COMMAND}; }
        end() { last=$begun; unset begun; }
        trap 'begin "it'"'"'s"' DEBUG
        PROMPT_COMMAND=end
        PS1='<$last> '
        "#,
    );
    check_all(&mut shell, true);
    shell.run("true 1");
    shell.run("true 2");
    let rows = shell.rows();
    assert!(
        rows.iter().any(|row| row.starts_with("<true 1> true 2")),
        "{rows:?}"
    );
}

/// What ERR, errexit and nounset make of hooks that fail.
#[test]
fn bash_with_traps_and_strict_options() {
    let mut shell = bash("PS1='> '\ntrap 'echo trapped' ERR\nset -u\n");
    let cycle = shell.run("false");
    assert_eq!((cycle.status(), cycle.printed().as_str()), ("1", "trapped"));
    let before = shell.written().len();
    let cycle = shell.run("");
    assert_eq!(cycle.end.option("st"), "1");
    let written = String::from_utf8_lossy(&shell.written()[before..]).into_owned();
    assert!(!written.contains("trapped"), "{written:?}");
    shell.run("trap - ERR; set +u; unset PS2 HISTCONTROL PWD; set -u; cd");
    check_all(&mut shell, true);
    shell.run("set +u -e");
    let cycle = shell.run("! true");
    assert_eq!((cycle.text(), cycle.status()), ("! true", "1"));
    assert_eq!(shell.run("echo alive").printed(), "alive");
}

/// The way of bash 3.2 to 4.3, which have no PS0: a DEBUG trap before the user's own.
#[test]
fn bash_as_if_it_had_no_ps0() {
    let terrace = tests::terrace().get_program().to_str().unwrap().to_owned();
    let rc = format!(
        "PS1='> '\ntrap 'seen=$BASH_COMMAND' DEBUG\nPROMPT_COMMAND=true\n\
         eval \"$('{terrace}' integration bash | sed 's/^__terrace_v=.*/__terrace_v=302/')\"\n"
    );
    let mut shell = Setup::default()
        .file(".bashrc", &rc)
        .options(&["-o", "shell.integration=false"])
        .start(&["bash"]);
    check_all(&mut shell, false);
    assert_eq!(
        shell.run("echo one; echo $seen").printed(),
        "one\necho $seen"
    );
    shell.enter("cat <<X | cat");
    shell.enter("X");
    let cycle = shell.next_prompt();
    assert_eq!((cycle.source(), cycle.duration()), ("partial", None));
}

#[test]
fn bash_with_promptvars_off() {
    let mut shell = bash("PS1='> '\nshopt -u promptvars\nPS0='zero '\n");
    for (line, status) in [("false", "1"), ("true", "0"), ("sh -c 'exit 3'", "3")] {
        let cycle = shell.run(line);
        assert_eq!((cycle.text(), cycle.status()), (line, status), "{cycle:?}");
    }
    assert_eq!(shell.run("").command, None);
    assert!(
        !shell.rows().concat().contains("__terrace"),
        "{:?}",
        shell.rows()
    );
}

/// systemd's profile script takes PS0 and an array, and writes marks of its own (OSC 3008).
#[test]
fn bash_with_ps0_taken() {
    let mut shell = bash(
        r"PS1='> '
        osc_start() { local status=$?; printf '\033]3008;start=x;type=shell;cwd=%s\033\\' $PWD; return $status; }
        PS0='\e]3008;start=y;type=command\e\\\\'
        [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]] || PROMPT_COMMAND=(${PROMPT_COMMAND-})
        PROMPT_COMMAND+=(osc_start)
        ",
    );
    check_all(&mut shell, true);
    assert_eq!(shell.run("echo out").printed(), "out");
}

#[test]
fn bash_with_a_python_environment() {
    let mut shell = bash("PS1='> '\n");
    shell.run(
        "activate() { OLD=$PS1; VIRTUAL_ENV='/srv/a;b'; export VIRTUAL_ENV; PS1=\"(venv) $PS1\"; }",
    );
    let cycle = shell.run("activate");
    assert_eq!(cycle.context.option("venv"), "/srv/a;b");
    assert_eq!(borders(&cycle.plain), "Pi B Pi B");
    assert!(shell.rows().iter().any(|row| row.starts_with("(venv) >")));
    let cycle = shell.run("PS1=$OLD; unset VIRTUAL_ENV");
    assert_eq!(
        (cycle.context.option("venv"), borders(&cycle.plain).as_str()),
        ("", "Pi B Pi B")
    );
}

/// What the user's settings keep out of the history is not told.
#[test]
fn bash_keeps_what_the_user_keeps() {
    let mut shell = bash("PS1='> '\nHISTCONTROL=ignoreboth\n");
    let told = |cycle: &Cycle| {
        let command = cycle.command.clone().unwrap();
        (
            cycle.text().to_owned(),
            cycle.source().to_owned(),
            command.option("hist").to_owned(),
        )
    };
    let case = |text: &str, source: &str, kept: &str| {
        (text.to_owned(), source.to_owned(), kept.to_owned())
    };
    assert_eq!(told(&shell.run("echo a")), case("echo a", "hist", ""));
    assert_eq!(told(&shell.run("echo a")), case("", "screen", ""));
    assert_eq!(told(&shell.run(" echo secret")), case("", "screen", ""));
    shell.run("HISTCONTROL=ignorespace");
    assert_eq!(told(&shell.run(" echo secret")), case("", "screen", "0"));
    assert_eq!(told(&shell.run("echo b")), case("echo b", "hist", ""));
    assert_eq!(told(&shell.run("echo b")), case("echo b", "hist", ""));
    shell.run("HISTCONTROL= HISTIGNORE='export *'");
    assert_eq!(told(&shell.run("export TOKEN=1")), case("", "screen", "0"));
    shell.run("HISTIGNORE=; set +o history");
    assert_eq!(told(&shell.run("echo c")), case("", "screen", "0"));
    shell.run(" set -o history; HISTCONTROL=erasedups");
    assert_eq!(told(&shell.run("echo d")), case("echo d", "hist", ""));
    assert_eq!(told(&shell.run("echo e")), case("echo e", "hist", ""));
    // Whether it was erased and added, or kept out, cannot be told.
    assert_eq!(told(&shell.run("echo d")), case("", "screen", ""));
    shell.run("shopt -u cmdhist");
    assert_eq!(told(&shell.run("echo f")).1, "screen");
}

#[test]
fn bash_with_aliases_and_functions_of_the_users() {
    let mut shell = bash(
        "PS1='> '\nalias local='echo no' printf='echo no' case='echo no' unset=echo shopt='echo no' trap='echo no'\n\
         function printf { echo mine; }\nfunction history { echo mine; }\n",
    );
    check_all(&mut shell, true);
    assert_eq!(shell.run("alias local").printed(), "alias local='echo no'");
    assert_eq!(shell.run("set -x").status(), "0");
    let cycle = shell.run("true");
    assert_eq!((cycle.text(), cycle.status()), ("true", "0"));
    assert!(!String::from_utf8_lossy(&shell.written()).contains("+ local"));
}

/// Output that was sent elsewhere takes no marks along, and does not stop them.
#[test]
fn bash_with_its_output_elsewhere() {
    let mut shell = bash("PS1='> '\n");
    shell.run("exec 9>&1 >~/out");
    assert_eq!(shell.run("echo into the file").status(), "0");
    assert_eq!(shell.run("exec >&9 9>&-").status(), "0");
    let text = std::fs::read_to_string(shell.home.path().join("out")).unwrap();
    assert_eq!(text, "into the file\n");
}

// --- zsh ------------------------------------------------------------------------------------------------

#[test]
fn zsh_with_a_prompt_made_anew_each_time() {
    let Some(mut shell) = zsh("autoload -Uz add-zsh-hook\nsetopt prompt_subst\n\
         star() { PROMPT=$'\\n%F{cyan}%~%f on main\\n%(?.%F{green}.%F{red})❯%f '; RPROMPT=\"[$?]\" }\n\
         add-zsh-hook precmd star\n")
    else {
        return;
    };
    check_all(&mut shell, true);
    let cycle = shell.run("true");
    assert_eq!(borders(&cycle.plain), "Pi B Pr B Pi B Pr B");
}

/// A theme that assigns the arrays of hooks, and later once more.
#[test]
fn zsh_whose_hooks_are_assigned_anew() {
    let Some(mut shell) = zsh("PROMPT='> '\nmine() { : }\npreexec_functions=(mine)\n") else {
        return;
    };
    check_all(&mut shell, true);
    shell.run("precmd_functions=(mine $precmd_functions[-1]) preexec_functions+=(mine)");
    check_all(&mut shell, true);
}

/// powerlevel10k places marks itself where it finds iTerm2's switch: in a prompt that is built after
/// every hook, and in the short one that takes its place once the line is accepted.
#[test]
fn zsh_with_transient_and_instant_prompts() {
    let Some(mut shell) = zsh(
        r#"print -rn -- $'\e[2minstant\e[0m ❯ \r'  # drawn before anything else is read
        setopt prompt_subst
        typeset -g _p9k_on=0
        (( $+ITERM_SHELL_INTEGRATION_INSTALLED )) && _p9k_on=1
        _p9k_precmd() {
            precmd_functions=(${precmd_functions:#_p9k_precmd} _p9k_precmd)
            local a= b=; (( _p9k_on )) && { a=$'%{\e]133;A\a%}'; b=$'%{\e]133;B\a%}' }
            PROMPT="$a%F{blue}%~%f"$'\n'"%F{green}❯%f $b\${_p9k_x-}"
            _p9k_short="$a%F{green}❯%f $b\${_p9k_x-}"
        }
        precmd_functions+=(_p9k_precmd)
        _p9k_finish() { PROMPT=$_p9k_short; zle .reset-prompt; zle -R }
        zle -N zle-line-finish _p9k_finish
        exec {_p9k_fd}>&1
        "#,
    ) else {
        return;
    };
    check_all(&mut shell, true);
    let cycle = shell.run("echo out");
    // The long prompt, the short one in its place, and the next long one.
    assert_eq!(borders(&cycle.plain), "A B A B A B");
    assert_eq!(cycle.printed(), "out");
    let rows = shell.rows();
    assert_eq!(
        rows.iter().filter(|row| row.as_str() == "~").count(),
        1,
        "{rows:?}"
    );
}

/// Debian's own powerlevel9k, if it is there.
#[test]
fn zsh_with_powerlevel9k() {
    let theme = "/usr/share/powerlevel9k/powerlevel9k.zsh-theme";
    if !std::path::Path::new(theme).is_file() {
        return;
    }
    if let Some(mut shell) = zsh(&format!(
        "POWERLEVEL9K_MODE=compatible POWERLEVEL9K_PROMPT_ON_NEWLINE=true\nsource {theme}\n"
    )) {
        check_all(&mut shell, true);
        let cycle = shell.run("true");
        assert_eq!(borders(&cycle.plain), "Pi A B Pr B Pi A B Pr B");
    }
}

#[test]
fn zsh_with_strict_and_odd_options() {
    let Some(mut shell) = zsh(
        "PROMPT='100%'\nsetopt no_unset warn_create_global ksh_arrays sh_word_split all_export\n\
         alias local=echo print=echo\n",
    ) else {
        return;
    };
    check_all(&mut shell, true);
    // A lone percent at the end of a prompt is shown as it was.
    assert!(
        shell.rows().iter().any(|row| row.starts_with("100%true")),
        "{:?}",
        shell.rows()
    );
    shell.run("env > ~/env");
    assert!(!shell.wait_for_file("env").contains("__terrace"));
    // Without percents nothing can be marked as taking no room.
    let rc = "PROMPT='> '\nsetopt err_return no_prompt_percent\nTRAPZERR() { print zerr }\n";
    let mut shell = Setup::default().file(".zshrc", rc).start_silent(&["zsh"]);
    shell.await_prompt(1);
    shell.enter("false");
    let cycle = shell.await_prompt(2);
    assert_eq!((cycle.status(), cycle.printed().as_str()), ("1", "zerr"));
    shell.enter("");
    assert_eq!(shell.await_prompt(3).end.option("st"), "1");
}

#[test]
fn zsh_without_history() {
    let Some(mut shell) = zsh("PROMPT='> '\nHISTSIZE=0 SAVEHIST=0\nunset HISTFILE\n") else {
        return;
    };
    check_all(&mut shell, true);
}

// --- fish -----------------------------------------------------------------------------------------------

/// A prompt that shows the statuses, as fish's own does.
#[test]
fn fish_shows_the_statuses_it_would_have_shown() {
    if !is_installed("fish") {
        return;
    }
    let mut shell = Setup::default()
        .file(
            ".config/fish/config.fish",
            "function fish_greeting; end\nfunction fish_prompt\n    set -l pipe $pipestatus; set -l last $status\n    \
             set -l last $status\n    echo\n    echo -n (string join '|' $pipe)'> '\nend\n",
        )
        .start(&["fish"]);
    shell.run("true | false");
    shell.run("sh -c 'exit 3'");
    let rows = shell.rows();
    assert!(rows.iter().any(|row| row.starts_with("0|1>")), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("3>")), "{rows:?}");
    check_all(&mut shell, true);
}
