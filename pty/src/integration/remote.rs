//! Shell integration on the other side of a connection, with nothing installed there.
//!
//! Pure: texts and argument lists, no connection is made here. A [`Bootstrap`] is one program for
//! `sh` that holds the scripts of bash, zsh, fish and plain shells. Over there it picks the account's
//! shell, writes that shell's script into a private folder and becomes the shell, whose first act is
//! to remove the folder. Whatever is missing there, it becomes the plain shell that was asked for.
//!
//! Four ways to bring it over, by what the connection allows:
//!
//! | Way | For | Calls |
//! |---|---|---|
//! | by a second channel | ssh with a shared connection: nothing secret in an argument list | [`Bootstrap::upload`], then [`Uploaded`] |
//! | as a command line | ssh: the shell over there makes its key ([`Bootstrap::makes_its_key`]) | [`Bootstrap::command_line`] |
//! | as arguments | `docker exec -it`, `kubectl exec -it … --`, `devcontainer exec` | [`Bootstrap::arguments`] |
//! | typed | a shell that already runs: `sudo -s`, a hand-typed ssh | [`Bootstrap::typed`] |
//!
//! ```
//! use pty::integration::remote::Bootstrap;
//! use pty::{Command, ShellKey};
//!
//! let key = ShellKey { aid: "0f".into(), nonce: "c0ffee".into() };
//! let bootstrap = Bootstrap::new(key.clone()).login(true).folder("/srv");
//! let command = Command::new("docker")
//!     .args(["exec", "-it", "-e", "TERRACE_NONCE", "-e", "TERRACE_AID", "web"])
//!     .args(bootstrap.clone().key_from_environment().arguments())
//!     .env("TERRACE_NONCE", &key.nonce)
//!     .env("TERRACE_AID", &key.aid)
//!     .with_shell_key(key);
//! assert!(bootstrap.command_line().len() < 8192);
//! # let _ = command;
//! ```

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scripts::{self, Shell};
use super::{ShellKey, random};

/// Arguments and command lines stay below this many bytes: dropbear takes 9,000, and what proxies let
/// through of kubectl's address ends near it.
pub const MAX_BYTES: usize = 8192;
/// Characters of a typed line: the line discipline of macOS ends one at 1,024.
const TYPED_LINE: usize = 880;
/// Decodes `$0` and runs it, else becomes a plain shell. Every account shell reads it as one word.
const DECODER: &str = "eval \"$(printf %s \"$0\"|{ base64 -d 2>/dev/null||openssl base64 -d -A 2>/dev/null;}|gzip -dc 2>/dev/null)\";[ -x \"$SHELL\" ]||SHELL=/bin/sh;exec \"$SHELL\"";

/// The program that starts an integrated shell on the other side.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    key: Option<ShellKey>,
    /// The nonce is made over there; the key's is the word that it is said after.
    makes_its_key: bool,
    shell: Option<String>,
    login: bool,
    folder: Option<String>,
    greeting: bool,
    term: String,
    environment: Vec<(String, String)>,
    survives: Option<String>,
}

impl Bootstrap {
    /// A shell whose marks bear `key`: the account's own, not for login, where the connection lands.
    pub fn new(key: ShellKey) -> Self {
        Self {
            key: Some(key),
            makes_its_key: false,
            shell: None,
            login: false,
            folder: None,
            greeting: false,
            term: "xterm-256color".into(),
            environment: Vec::new(),
            survives: None,
        }
    }

    /// Leaves the key out of the program: the connection brings `TERRACE_NONCE` and `TERRACE_AID` in
    /// its environment, so that no argument list shows the secret.
    #[must_use]
    pub fn key_from_environment(mut self) -> Self {
        self.key = None;
        self
    }

    /// Lets the program make the secret over there and say it to the terminal after the one-time word that is the
    /// key's nonce: no argument list shows the secret, and the word is worth nothing once it was used. The command
    /// that brings the program over bears the same key by [`crate::Command::with_expected_shell`].
    #[must_use]
    pub fn makes_its_key(mut self) -> Self {
        self.makes_its_key = true;
        self
    }

    /// Starts this shell, a path or a name, rather than the account's.
    #[must_use]
    pub fn shell(mut self, shell: impl Into<String>) -> Self {
        self.shell = Some(shell.into());
        self
    }

    /// Whether the shell is one for login, as ssh starts it.
    #[must_use]
    pub fn login(mut self, login: bool) -> Self {
        self.login = login;
        self
    }

    /// The folder to start in, if it is there.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<String>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Shows the message of the day, which sshd leaves out when it is given a command.
    #[must_use]
    pub fn greeting(mut self, greeting: bool) -> Self {
        self.greeting = greeting;
        self
    }

    /// `TERM`, if the other side knows that terminal; else it is `xterm-256color`.
    #[must_use]
    pub fn term(mut self, term: impl Into<String>) -> Self {
        self.term = term.into();
        self
    }

    /// Sets an environment variable over there. A name that is none is left out.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Keeps the shell in a session of this name that outlives the connection, with the first of tmux, screen, dtach
    /// and abduco that is over there. The first two let no marks pass: the shell in them is a plain one. Not for what
    /// is brought by a second channel or typed.
    #[must_use]
    pub fn survives(mut self, name: impl Into<String>) -> Self {
        self.survives = Some(name.into());
        self
    }

    /// The command line for `ssh -t HOST -- …`, as one word: any account shell can read it.
    pub fn command_line(&self) -> String {
        let login = if self.login { " -l" } else { "" };
        format!("exec sh -c '{DECODER}{login}' {}", self.packed())
    }

    /// The arguments after `docker exec -it CONTAINER`, `kubectl exec -it POD --` and the like.
    pub fn arguments(&self) -> Vec<String> {
        let login = if self.login { " -l" } else { "" };
        vec![
            "sh".into(),
            "-c".into(),
            format!("{DECODER}{login}"),
            self.packed(),
        ]
    }

    /// For a second channel of the same connection, before the shell's own.
    pub fn upload(&self) -> Upload {
        Upload {
            command: "exec sh -c 'umask 077;for d in \"$XDG_RUNTIME_DIR\" \"$TMPDIR\" /tmp /dev/shm \"$HOME\";do \
                [ -n \"$d\" ]&&f=$(mktemp \"$d/.terrace.XXXXXX\" 2>/dev/null)&&{ cat>\"$f\"&&echo \"$f\"||rm -f \"$f\";exit;};done;exit 1'",
            input: format!("rm -f -- \"$0\"\n{}", self.program()).into_bytes(),
        }
    }

    /// What to type into a shell that already runs; `None` without a key or random numbers.
    pub fn typed(&self, into: Dialect) -> Option<Typed> {
        let key = self.key.as_ref()?;
        let word = format!("#{}", random::hexadecimal(4)?);
        let given = match into {
            Dialect::Posix => format!("TERRACE_NONCE={} TERRACE_AID={}\n", key.nonce, key.aid),
            Dialect::Fish => format!(
                "set -gx TERRACE_NONCE {}\nset -gx TERRACE_AID {}\n",
                key.nonce, key.aid
            ),
        };
        let shells: &[(char, Shell)] = match into {
            Dialect::Posix => &[('B', Shell::Bash), ('Z', Shell::Zsh), ('S', Shell::Sh)],
            Dialect::Fish => &[('F', Shell::Fish)],
        };
        let mut lines = Vec::new();
        for (label, shell) in shells {
            let packed = pack(&format!("{given}{}", scripts::bare(*shell)));
            for part in packed.as_bytes().chunks(TYPED_LINE) {
                lines.push(format!("{word}{label}{}", String::from_utf8_lossy(part)));
            }
        }
        lines.push(format!("{word}."));
        // A line without the word of this one time is somebody else's. At a prompt the lines are comments.
        let read = format!(
            "while read -r l;do case $l in \"{word}.\")break;;\"{word}$K\"*)T=$T${{l#\"{word}$K\"}};;esac;done"
        );
        let ready = format!("printf '\\033]8377;ready;%s\\007' '{word}'");
        let unpack = "printf %s \"$T\"|base64 -d|gzip -dc";
        let first = match into {
            Dialect::Posix => format!(
                " stty -echo;{ready};T=;K=S;[ -z \"${{BASH_VERSION-}}\" ]||K=B;[ -z \"${{ZSH_VERSION-}}\" ]||K=Z;{read};stty echo;eval \"$({unpack})\";unset T K l"
            ),
            // fish puts its own echo back after each program, so that one does it all.
            Dialect::Fish => format!(
                " sh -c 'stty -echo;{}>/dev/tty;T=;K=F;{read};stty echo;{unpack}'|source",
                ready.replace('\'', "\"")
            ),
        };
        let ready = format!("8377;ready;{word}");
        Some(Typed {
            first,
            ready,
            lines,
        })
    }

    /// gzip and base64.
    fn packed(&self) -> String {
        pack(&self.program())
    }

    /// The program for sh.
    fn program(&self) -> String {
        let mut text = String::new();
        let mut line = |part: &str| {
            text.push_str(part);
            text.push('\n');
        };
        if self.survives.is_some() {
            // Within the session the same program runs once more, with the key that it has by then.
            line("[ -n \"${T_in-}\" ]||{");
        }
        match &self.key {
            Some(key) if self.makes_its_key => {
                line("TERRACE_NONCE=$(od -An -N16 -tx1 /dev/urandom 2>/dev/null|tr -d ' \\n')");
                // Without random numbers there is no key, and so a plain shell.
                line(&format!(
                    "case ${{#TERRACE_NONCE}} in 32)export TERRACE_NONCE TERRACE_AID={};;*)TERRACE_NONCE=;;esac",
                    quoted(&key.aid)
                ));
                // Also without one: the terminal hears that the program is understood.
                line(&format!(
                    "printf '\\033]8377;key;%s;%s\\007' {} \"$TERRACE_NONCE\"",
                    quoted(&key.nonce)
                ));
            }
            Some(key) => line(&format!(
                "export TERRACE_NONCE={} TERRACE_AID={}",
                quoted(&key.nonce),
                quoted(&key.aid)
            )),
            None => {}
        }
        if self.survives.is_some() {
            line(":;}");
        }
        line(&format!("export TERM={}", quoted(&self.term)));
        if self.term != "xterm-256color" {
            line("infocmp \"$TERM\" >/dev/null 2>&1||TERM=xterm-256color");
        }
        line(concat!(
            "export COLORTERM=truecolor TERM_PROGRAM=Terrace TERM_PROGRAM_VERSION=",
            env!("CARGO_PKG_VERSION")
        ));
        let is_name = |name: &str| {
            !name.starts_with(|first: char| first.is_ascii_digit())
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        for (name, value) in self.environment.iter().filter(|(name, _)| is_name(name)) {
            line(&format!("export {name}={}", quoted(value)));
        }
        if let Some(folder) = &self.folder {
            line(&format!("cd -- {} 2>/dev/null", quoted(folder)));
        }
        line(&format!(
            "T_s={};T_L={}",
            quoted(self.shell.as_deref().unwrap_or_default()),
            if self.login { "-l" } else { "" }
        ));
        line(FIND_SHELL);
        if let Some(name) = &self.survives {
            let login = if self.login { " -l" } else { "" };
            line(&format!(
                "T_n={};T_d={}",
                quoted(name),
                quoted(&format!("{DECODER}{login}"))
            ));
            line(SURVIVE);
        }
        if self.greeting {
            line("[ -e ~/.hushlogin ]||cat /run/motd.dynamic /etc/motd 2>/dev/null");
        }
        text.push_str(START[0]);
        for (shell, start) in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Sh]
            .into_iter()
            .zip(&START[1..])
        {
            let zshenv;
            let files: &[(&str, &str)] = match shell {
                Shell::Bash => &[("bash", shell.script())],
                Shell::Zsh => {
                    zshenv = scripts::ZSHENV;
                    &[(".zshenv", zshenv), ("terrace.zsh", shell.script())]
                }
                Shell::Fish => &[(
                    "fish/vendor_conf.d/terrace-integration.fish",
                    shell.script(),
                )],
                _ => &[("sh", shell.script())],
            };
            let (names, rest) = start.split_once('\n').unwrap_or((start, ""));
            text.push_str(names);
            text.push('\n');
            for (place, script) in files {
                text.push_str(&format!(
                    "T_w {place}<<'T_EOF'\n{}T_EOF\n",
                    scripts::stripped(script)
                ));
            }
            text.push_str(rest);
        }
        text.push_str(END);
        text
    }
}

/// The account's shell as `$T_s`, and UTF-8 where no locale is.
const FIND_SHELL: &str = r#"[ -n "$T_s" ]||T_s=${SHELL:-}
[ -n "$T_s" ]||T_s=$(sed -n "s/^[^:]*:[^:]*:$(id -u):.*://p" /etc/passwd 2>/dev/null|head -n 1)
case $T_s in */nologin|*/false|'')T_s=/bin/sh;;esac
command -v "$T_s" >/dev/null 2>&1||T_s=/bin/sh
case ${LC_ALL-}${LC_CTYPE-}${LANG-} in ''|C|POSIX)locale -a 2>/dev/null|grep -qix 'c\.utf-*8'&&{ unset LC_ALL;export LC_CTYPE=C.UTF-8;};;esac"#;
/// Puts what follows into the session `$T_n`, if it can be: this program (`$0`) once more by `$T_d`, or a plain shell.
/// dtach keeps no screen: it asks for one with Ctrl+L, which it sends only to a program that reads single keys; shells
/// do not draw their prompt again for a SIGWINCH without another size.
const SURVIVE: &str = r#"if [ -z "${T_in-}" ];then
T_h(){ command -v "$1" >/dev/null 2>&1;}
if T_h tmux||T_h screen;then unset TERRACE_NONCE TERRACE_AID
T_h tmux&&exec tmux new-session -A -s "$T_n" "$T_s" $T_L
exec screen -D -RR -S "$T_n" "$T_s" $T_L;fi
export T_in=1
T_h dtach&&exec dtach -A "${TMPDIR:-/tmp}/$T_n" -r ctrl_l sh -c "$T_d" "$0"
T_h abduco&&exec abduco -A "$T_n" sh -c "$T_d" "$0"
fi;unset T_in"#;
/// The parts of the program: before the shells, and for each of them, whose file is written after the
/// first line. The last line of `START[0]` opens the `case` over the shells.
const START: [&str; 5] = [
    r#"T_o=$(umask);umask 077
for T_b in "${XDG_RUNTIME_DIR:-}" "${TMPDIR:-}" /tmp /dev/shm "${HOME:-}";do
[ -n "$T_b" ]&&TERRACE_TMP=$(mktemp -d "$T_b/.terrace.XXXXXX" 2>/dev/null)&&break;TERRACE_TMP=;done
T_w(){ mkdir -p "$TERRACE_TMP/fish/vendor_conf.d"&&cat >"$TERRACE_TMP/$1"||T_f=1;}
T_f=;[ -n "$TERRACE_TMP" ]&&[ -n "${TERRACE_NONCE:-}" ]||T_f=1
[ -n "$T_f" ]||case ${T_s##*/} in
"#,
    r#"bash)
[ -n "$T_f" ]||{ umask $T_o;export TERRACE_TMP
case $T_L$(uname)$T_s in
-lDarwin/bin/bash)export TERRACE_BASH_INJECT='rcfile login';exec "$T_s" --rcfile "$TERRACE_TMP/bash" -i;;
-l*)[ -n "${HISTFILE-}" ]||export HISTFILE="$HOME/.bash_history" TERRACE_BASH_UNEXPORT_HISTFILE=1
[ -z "${ENV+x}" ]||export TERRACE_BASH_ENV="$ENV"
export ENV="$TERRACE_TMP/bash" TERRACE_BASH_INJECT=posix;exec "$T_s" --posix -l -i;;
*)export TERRACE_BASH_INJECT=rcfile;exec "$T_s" --rcfile "$TERRACE_TMP/bash" -i;;
esac;};;
"#,
    r#"zsh)
[ -n "$T_f" ]||{ umask $T_o;export TERRACE_TMP
[ -z "${ZDOTDIR+x}" ]||export TERRACE_ZDOTDIR="$ZDOTDIR"
export ZDOTDIR="$TERRACE_TMP";exec "$T_s" $T_L -i;};;
"#,
    r#"fish)
[ -n "$T_f" ]||{ umask $T_o;export TERRACE_TMP
[ -n "${XDG_DATA_DIRS:-}" ]||export XDG_DATA_DIRS=/usr/local/share:/usr/share TERRACE_XDG_UNSET=1
export TERRACE_XDG_DIR="$TERRACE_TMP" XDG_DATA_DIRS="$TERRACE_TMP:$XDG_DATA_DIRS"
exec "$T_s" $T_L -i;};;
"#,
    r#"sh|dash|ash|ksh|ksh93|mksh)
[ -n "$T_f" ]||{ umask $T_o;export TERRACE_TMP
[ -z "${ENV+x}" ]||export TERRACE_SH_ENV="$ENV"
export TERRACE_SH_INJECT=1 ENV="$TERRACE_TMP/sh";exec "$T_s" $T_L -i;};;
"#,
];
/// Where all ends that did not become an integrated shell.
const END: &str = r#"esac
[ -z "$TERRACE_TMP" ]||rm -rf "$TERRACE_TMP"
umask $T_o;unset TERRACE_NONCE TERRACE_AID TERRACE_TMP
case ${T_s##*/} in elvish|xonsh)T_L=;;esac
exec "$T_s" $T_L
"#;

/// What goes over a second channel.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The command line: it keeps its standard input in a new file of the account's alone and prints
    /// the path, to be read with [`Uploaded::read`].
    pub command: &'static str,
    /// The standard input.
    pub input: Vec<u8>,
}

/// A program that lies on the other side, and removes itself when it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    path: String,
}

impl Uploaded {
    /// Reads what [`Upload::command`] printed; `None` if it is no path: what the other side says is
    /// never believed.
    pub fn read(output: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(output).ok()?;
        // What the account's files print comes first.
        let path = text.trim_end().lines().last()?.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte);
        let is_ours = path.starts_with('/')
            && path.len() < 512
            && path.bytes().all(plain)
            && path.rsplit('/').next()?.starts_with(".terrace.");
        is_ours.then(|| Self { path: path.into() })
    }

    /// The command line for `ssh -t HOST -- …`, as one word.
    pub fn command_line(&self) -> String {
        format!("exec sh '{}'", self.path)
    }
}

/// Whether ssh, by what `ssh -G HOST` printed, takes a command line and gives it a terminal: else the
/// plain shell is all there is.
pub fn takes_a_command(configuration: &str) -> bool {
    let says = |line: &str| {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "remotecommand" => value != "none",
            "requesttty" => value == "false" || value == "no",
            "sessiontype" => value != "default",
            "stdinnull" | "forkafterauthentication" => value == "yes" || value == "true",
            _ => false,
        }
    };
    !configuration.lines().any(|line| says(line.trim()))
}

/// The language of a shell that already runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// bash, zsh or a plain shell: they find out themselves.
    Posix,
    /// fish.
    Fish,
}

/// What to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The first line, which turns the echo off and reads the others. Send it with Enter.
    pub first: String,
    /// The OSC that says that the echo is off and the shell reads: wait for it, a second at most.
    pub ready: String,
    /// The other lines, each with Enter, after that.
    pub lines: Vec<String>,
}

fn pack(text: &str) -> String {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let packed = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    STANDARD.encode(packed.expect("writing to memory does not fail"))
}

/// One word of sh.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::{Bootstrap, Dialect, MAX_BYTES, ShellKey, Uploaded, quoted, takes_a_command};

    fn bootstrap() -> Bootstrap {
        Bootstrap::new(ShellKey {
            aid: "0123456789abcdef".into(),
            nonce: "0123456789abcdef0123456789abcdef".into(),
        })
    }

    #[test]
    fn it_is_short_and_one_word_for_every_shell() {
        let line = bootstrap()
            .login(true)
            .greeting(true)
            .folder("/srv")
            .command_line();
        assert!(line.len() < MAX_BYTES, "{} bytes", line.len());
        assert_eq!(line.matches('\'').count(), 2);
        assert!(!line.contains(['\n', '!', '`', '\\']));
        let length: usize = bootstrap().arguments().iter().map(String::len).sum();
        assert!(length < MAX_BYTES, "{length} bytes");
    }

    #[test]
    fn the_key_can_stay_out_of_the_program() {
        let program = bootstrap().key_from_environment().program();
        assert!(!program.contains("0123456789abcdef"));
        assert!(bootstrap().program().contains("0123456789abcdef"));
        assert!(
            bootstrap()
                .key_from_environment()
                .typed(Dialect::Posix)
                .is_none()
        );
    }

    #[test]
    fn the_secret_can_be_made_over_there() {
        let program = bootstrap().makes_its_key().program();
        // The key's nonce is only the word after which the other one is said.
        assert!(!program.contains("TERRACE_NONCE='"), "{program}");
        assert!(program.contains("8377;key;%s;%s"));
        let line = bootstrap().makes_its_key().login(true).command_line();
        assert!(line.len() < MAX_BYTES, "{} bytes", line.len());
    }

    #[test]
    fn words_are_quoted_and_names_checked() {
        assert_eq!(quoted("it's"), "'it'\\''s'");
        let program = bootstrap()
            .folder("/a'; rm -rf /")
            .env("GOOD_1", "$(x)")
            .env("BAD;x", "1")
            .env("1BAD", "1")
            .program();
        assert!(program.contains("cd -- '/a'\\''; rm -rf /' 2>/dev/null\n"));
        assert!(program.contains("export GOOD_1='$(x)'\n"));
        assert!(!program.contains("BAD"));
    }

    #[test]
    fn only_a_path_of_ours_is_run() {
        #[track_caller]
        fn check(output: &str, expected: Option<&str>) {
            let path = Uploaded::read(output.as_bytes()).map(|found| found.path);
            assert_eq!(path.as_deref(), expected, "{output:?}");
        }
        check("/tmp/.terrace.aB3dEf\n", Some("/tmp/.terrace.aB3dEf"));
        check(
            "Welcome!\n/run/user/1000/.terrace.x\r\n",
            Some("/run/user/1000/.terrace.x"),
        );
        check("", None);
        check("mktemp: failed\n", None);
        check("/etc/passwd\n", None);
        check("/tmp/.terrace.'; reboot '\n", None);
        check("/tmp/.terrace.x/../../y\n", None);
    }

    #[test]
    fn a_host_with_a_command_of_its_own_is_left_alone() {
        let check = |text: &str, expected| assert_eq!(takes_a_command(text), expected, "{text}");
        check(
            "host lab\nrequesttty auto\nsessiontype default\nstdinnull no\n",
            true,
        );
        check("remotecommand none\nrequesttty true\n", true);
        check("remotecommand tmux attach\n", false);
        check("requesttty false\n", false);
        check("sessiontype none\n", false);
    }

    #[test]
    fn typed_lines_fit_the_line_discipline() {
        for dialect in [Dialect::Posix, Dialect::Fish] {
            let typed = bootstrap().typed(dialect).unwrap();
            assert!(typed.first.starts_with(' ') && typed.first.len() < 1000);
            assert!(
                typed
                    .lines
                    .iter()
                    .all(|line| line.len() < 1000 && line.starts_with('#'))
            );
        }
    }
}
