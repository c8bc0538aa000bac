//! The integration scripts, which are part of the program.

/// A shell that has an integration script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shell {
    /// bash, 3.2 and newer.
    Bash,
    /// zsh, 5.1 and newer.
    Zsh,
    /// fish, 3.4 and newer.
    Fish,
    /// nushell, 0.100 and newer.
    Nushell,
    /// PowerShell, 7 and newer.
    PowerShell,
    /// elvish, 0.19 and newer.
    Elvish,
    /// A plain POSIX shell: dash, busybox's ash, ksh, mksh.
    Sh,
}

impl Shell {
    /// Every shell that has a script.
    pub(super) const ALL: [Self; 7] = [
        Self::Bash,
        Self::Zsh,
        Self::Fish,
        Self::Nushell,
        Self::PowerShell,
        Self::Elvish,
        Self::Sh,
    ];

    /// The script, as it is sourced by a shell that already runs.
    pub fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../../assets/shell/terrace.bash"),
            Self::Zsh => include_str!("../../../assets/shell/terrace.zsh"),
            Self::Fish => include_str!("../../../assets/shell/terrace.fish"),
            Self::Nushell => include_str!("../../../assets/shell/terrace.nu"),
            Self::PowerShell => include_str!("../../../assets/shell/terrace.ps1"),
            Self::Elvish => include_str!("../../../assets/shell/terrace.elv"),
            Self::Sh => include_str!("../../../assets/shell/terrace.sh"),
        }
    }

    /// Where the script lies below the folder of all scripts, by the names its shell looks for.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Bash => "terrace.bash",
            Self::Zsh => "zsh/terrace.zsh",
            Self::Fish => "data/fish/vendor_conf.d/terrace-integration.fish",
            Self::Nushell => "data/nushell/vendor/autoload/terrace-integration.nu",
            Self::PowerShell => "terrace.ps1",
            Self::Elvish => "terrace.elv",
            Self::Sh => "terrace.sh",
        }
    }
}

/// What zsh reads first when `ZDOTDIR` is ours: it puts things back and sources the script.
pub(super) const ZSHENV: &str = include_str!("../../../assets/shell/zshenv.zsh");
/// Its place below the folder of all scripts.
pub(super) const ZSHENV_PLACE: &str = "zsh/.zshenv";

/// A script without its comments and indentation and with shorter names, for the way over a connection.
pub(super) fn stripped(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    for line in script.lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // By our own habit a comment behind code holds no quote.
        let code = match line.rfind(" # ") {
            Some(at) if !line[at..].contains(['\'', '"']) => line[..at].trim_end(),
            _ => line,
        };
        text.push_str(&code.replace("__terrace_", "__tc_"));
        text.push('\n');
    }
    text
}

/// The script as a shell that already runs reads it: without what stands between `#[` and `#]`, which
/// ends a sourced file early.
pub(super) fn bare(shell: Shell) -> String {
    let mut text = String::new();
    let mut kept = true;
    for line in shell.script().lines() {
        kept = match line {
            _ if line.starts_with("#[") => false,
            _ if line.starts_with("#]") => true,
            _ => kept,
        };
        if kept {
            text.push_str(line);
            text.push('\n');
        }
    }
    stripped(&text)
}
