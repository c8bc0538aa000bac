//! The documentation of the settings, made from their doc comments: the default file
//! (`terrace config default`, `assets/config/terrace.toml`) and the manual page `terrace.toml(5)`
//! (`assets/man/terrace.toml.5`). Tests compare both with what is in the tree.

use std::fmt::Write as _;

use crate::keys::{ActionName, Keys};
use crate::section::{Choice, OptionInfo};
use crate::value::Setting;
use crate::{Config, theme};

/// The width to which comments of the default file are filled, in columns.
const FILL: usize = 96;

/// What the default file says before its first section.
const PREAMBLE: &str = "\
Terrace's settings. The file belongs at $XDG_CONFIG_HOME/terrace/terrace.toml, most often \
~/.config/terrace/terrace.toml.

Every option stands here with its default, switched off by a #. To change one, take its # away \
and write another value. Saving changes the windows that are open at once; a mistake is shown with \
its line and the last good settings stay.

Other files can be read first: import = [\"more.toml\"], with paths relative to this file. It must \
stand above the first section. What stands here replaces what they say.";

/// What stands over `[keys]`.
const KEYS_INTRO: &str = "\
What keys do: \"modifiers+key\" = \"action\". What you write is laid over the defaults below; \
\"unbind\" gives a key back to the program, \"ignore\" makes it do nothing at all, \"pass\" sends it on. \
\"text:…\" sends a text, with TOML's escapes (\"\\u001b\" is escape), \"esc:…\" escape and a text, \
\"bytes:1b 5b 41\" bytes. Modifiers are ctrl, alt, shift and super. A key is the character it gives \
without modifiers, or a name: enter, tab, space, backspace, escape, insert, delete, home, end, pageup, \
pagedown, up, down, left, right, f1 to f35, menu, print, pause, plus, minus, equal, comma, kp_0 to kp_9, \
kp_add, kp_subtract, kp_multiply, kp_divide, kp_decimal, kp_enter; physical:w is the key at the place of w \
on an American keyboard, whatever it gives. Keys pressed one after the other stand with spaces between \
them: \"ctrl+a c\"; with leader = \"ctrl+a\" the word leader stands for that key: \"leader c\". While keys \
wait for more, the window shows them and, after a moment, what can follow; escape drops them. \
\"mode:NAME\" begins a mode: until leave-mode, the keys under [keys.modes.NAME] are in force and no \
others; its `unbound` says what those do: \"ignore\", \"pass\" or \"leave\".";

/// What stands over a mode of the defaults.
const MODES_INTRO: &str = "\
The keys while panes are resized, moved and turned; ctrl+shift+r begins the mode.";

/// What stands over `[[layouts]]`.
const LAYOUTS_INTRO: &str = "\
Layouts: tabs and panes opened at once, by `terrace --layout NAME` or the action open-layout; save-layout \
keeps the window as one. A tab is one pane, or several in panes, side by side (split = \"columns\") or one \
above the other (\"rows\"), which can be split themselves. A pane has a folder, and either a command that \
is started in the place of the shell or a line to run, typed into the shell; share is its part of the \
length (1, if nothing is said), focus gives it the keyboard.";

/// A layout, for example.
const LAYOUTS_EXAMPLE: &str = "\
[[layouts]]
name = \"work\"

[[layouts.tabs]]
name = \"edit\"
split = \"columns\"
panes = [
  { share = 2, folder = \"~/src\", command = [\"nvim\", \".\"] },
  { split = \"rows\", panes = [{ folder = \"~/src\", run = \"make watch\" }, { focus = true }] },
]

[[layouts.tabs]]
folder = \"~\"
";

/// The default file: every option documented, with its default in a comment. Parsed, with its
/// comments or without, it gives the defaults.
#[must_use]
pub fn default_file() -> String {
    let mut out = String::new();
    for (idx, paragraph) in PREAMBLE.split("\n\n").enumerate() {
        if idx > 0 {
            out.push_str("#\n");
        }
        comment(&mut out, paragraph, "");
    }
    for section in Config::sections() {
        out.push('\n');
        comment(&mut out, &joined(section.doc), "");
        let _ = writeln!(out, "[{}]", section.name);
        for option in &section.options {
            out.push('\n');
            comment(&mut out, &joined(option.doc), "");
            for choice in option.choices {
                comment(&mut out, &choice_line(choice), "  ");
            }
            let _ = writeln!(out, "#{} = {}", option.name, option.default);
        }
    }
    out.push('\n');
    comment(&mut out, KEYS_INTRO, "");
    out.push_str("#\n");
    comment(&mut out, "The actions:", "");
    for name in ActionName::ALL.iter().filter(|name| !is_repetitive(**name)) {
        comment(
            &mut out,
            &format!("{}: {}", family_name(*name), meaning(*name)),
            "  ",
        );
    }
    let _ = writeln!(out, "[{}]\n", Keys::NAME);
    let keys = Keys::default();
    for binding in keys.iter() {
        let _ = writeln!(out, "#\"{}\" = \"{}\"", binding.keys, binding.action);
    }
    for mode in keys.modes() {
        out.push('\n');
        comment(&mut out, MODES_INTRO, "");
        let _ = writeln!(out, "#[{}.modes.{}]\n", Keys::NAME, mode.name);
        for binding in mode.table.iter() {
            let _ = writeln!(out, "#\"{}\" = \"{}\"", binding.keys, binding.action);
        }
    }
    out.push('\n');
    comment(&mut out, LAYOUTS_INTRO, "");
    out.push_str("#\n");
    for line in LAYOUTS_EXAMPLE.lines() {
        let _ = writeln!(out, "{}", format!("#   {line}").trim_end());
    }
    out
}

/// The manual page `terrace.toml(5)`, as roff.
#[must_use]
pub fn man_page() -> String {
    let mut out = String::from(
        ".\\\" Made from the doc comments of the crate config; do not edit.\n\
         .TH TERRACE.TOML 5 \"\" \"Terrace\" \"File formats\"\n",
    );
    heading(&mut out, "NAME");
    out.push_str("terrace.toml \\- settings of the terminal emulator Terrace\n");
    heading(&mut out, "DESCRIPTION");
    for paragraph in DESCRIPTION.split("\n\n") {
        let _ = writeln!(out, ".PP\n{}", roff(paragraph));
    }
    for section in Config::sections() {
        heading(&mut out, &format!("[{}]", section.name));
        let _ = writeln!(out, "{}", roff(&joined(section.doc)));
        for option in &section.options {
            option_entry(&mut out, option);
        }
    }
    heading(&mut out, "[keys]");
    let _ = writeln!(out, "{}", roff(KEYS_INTRO));
    let _ = writeln!(out, ".SS Actions");
    for name in ActionName::ALL.iter().filter(|name| !is_repetitive(**name)) {
        let _ = writeln!(
            out,
            ".TP\n.B {}\n{}",
            roff(family_name(*name)),
            roff(&meaning(*name))
        );
    }
    let _ = writeln!(out, ".SS Defaults\n.nf");
    let keys = Keys::default();
    for binding in keys.iter() {
        let line = format!("{:<22} {}", binding.keys.to_string(), binding.action);
        let _ = writeln!(out, "{}", roff(&line));
    }
    for mode in keys.modes() {
        let _ = writeln!(
            out,
            ".fi\n.SS Defaults of the mode {}\n{}\n.nf",
            mode.name,
            roff(MODES_INTRO)
        );
        for binding in mode.table.iter() {
            let line = format!("{:<22} {}", binding.keys.to_string(), binding.action);
            let _ = writeln!(out, "{}", roff(&line));
        }
    }
    out.push_str(".fi\n");
    heading(&mut out, "[[layouts]]");
    let _ = writeln!(out, "{}\n.PP\n.nf\n.RS 4", roff(LAYOUTS_INTRO));
    for line in LAYOUTS_EXAMPLE.lines() {
        let _ = writeln!(out, "{}", roff(line));
    }
    out.push_str(".RE\n.fi\n");
    heading(&mut out, "THEMES");
    let mut names: Vec<&str> = theme::builtin::names().collect();
    names.sort_unstable();
    let _ = writeln!(out, "Terrace brings along {}.", roff(&names.join(", ")));
    for paragraph in THEMES.split("\n\n") {
        let _ = writeln!(out, ".PP\n{}", roff(paragraph));
    }
    let _ = writeln!(out, ".PP\n.nf\n.RS 4");
    for line in theme::builtin::text("Terrace Dark")
        .unwrap_or_default()
        .lines()
    {
        let _ = writeln!(out, "{}", roff(line));
    }
    out.push_str(".RE\n.fi\n");
    heading(&mut out, "FILES");
    for (file, what) in FILES {
        let _ = writeln!(out, ".TP\n.I {}\n{}", roff(file), roff(what));
    }
    heading(&mut out, "SEE ALSO");
    out.push_str(".BR terrace (1)\n");
    out
}

/// What the manual page says of the file as a whole.
const DESCRIPTION: &str = "\
The settings are a TOML file in UTF-8. It need not exist, nor need an option stand in it: every \
option has a default. `terrace config default` prints a file with all of them, `terrace config \
check` tells what is wrong with yours.

Saving the file changes the windows that are open at once. A mistake is shown in the window with \
file, line and column and with what was expected; the last good settings stay in force. An unknown \
key gives a warning with the nearest known name. A file to which others than its owner may write is \
not read.

On the command line `-o section.option=value` sets one option over the file, as in \
`-o font.size=14` or `-o colors.theme=Nord`, and `--config FILE` names another file.

A file can read others first, with `import = [\"more.toml\"]` above the first section: paths are \
relative to the file or begin with `~/`, imports go at most 5 files deep, and what stands in the \
importing file replaces what they say.";

/// What the manual page says of themes, after their names.
const THEMES: &str = "\
A theme of your own is a file `themes/NAME.toml` beside the configuration file, and comes before one \
of the same name that Terrace brings along. It can hold a name and colors, nothing else: the text's \
and the ground's, 16 in `palette`, and at will those of the cursor, the selection and the tab bar. \
This is the whole of Terrace Dark:";

/// The manual page's files.
const FILES: [(&str, &str); 3] = [
    ("$XDG_CONFIG_HOME/terrace/terrace.toml", "The settings."),
    (
        "~/.config/terrace/terrace.toml",
        "The settings, where XDG_CONFIG_HOME is not set or not an absolute path.",
    ),
    ("themes/NAME.toml", "Beside the settings: your own themes."),
];

/// One option of the manual page.
fn option_entry(out: &mut String, option: &OptionInfo) {
    let default = option.default.to_string();
    let _ = writeln!(
        out,
        ".TP\n.B {}\n{}",
        roff(option.name),
        roff(&joined(option.doc))
    );
    if option.choices.is_empty() {
        let _ = writeln!(out, ".br\nTakes {}.", roff(&option.expected));
    } else {
        out.push_str(".RS\n");
        for choice in option.choices {
            let name = format!("\"{}\"", choice.name);
            let _ = writeln!(
                out,
                ".TP\n.B {}\n{}",
                roff(&name),
                roff(&joined(choice.doc))
            );
        }
        out.push_str(".RE\n.IP\n");
    }
    let _ = writeln!(out, "Default: \\fB{}\\fR", roff_literal(&default));
}

/// `go-to-tab-1` to `9` are documented as one.
fn is_repetitive(name: ActionName) -> bool {
    name.tab_idx().is_some_and(|idx| idx > 0)
}

/// The action's name in lists.
fn family_name(name: ActionName) -> &'static str {
    if name.tab_idx().is_some() {
        "go-to-tab-1 … go-to-tab-9"
    } else {
        name.name()
    }
}

/// What an action does.
fn meaning(name: ActionName) -> String {
    if name.tab_idx().is_some() {
        return "Show the tab of that number.".to_owned();
    }
    let all = <ActionName as Setting>::choices();
    let doc = all
        .iter()
        .find(|choice| choice.name == name.name())
        .map_or(&[][..], |one| one.doc);
    joined(doc)
}

/// One named value with its meaning.
fn choice_line(choice: &Choice) -> String {
    format!("\"{}\": {}", choice.name, joined(choice.doc))
}

/// The lines of a doc comment as one text.
fn joined(doc: &[&str]) -> String {
    doc.iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Appends a text as comment lines, filled; lines after the first are indented below it.
fn comment(out: &mut String, text: &str, indent: &str) {
    let hanging = if indent.is_empty() {
        String::new()
    } else {
        format!("{indent}  ")
    };
    let mut line = format!("# {indent}");
    let mut is_empty = true;
    // Backticks are for the manual; in the file they would be noise.
    for word in text.replace('`', "").split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > FILL {
            let _ = writeln!(out, "{}", line.trim_end());
            line = format!("# {hanging}");
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// Begins a section of the manual page.
fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, ".SH \"{}\"", roff(text));
}

/// A text as roff: escaped, with what stands in backticks bold.
fn roff(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (idx, part) in text.split('`').enumerate() {
        // Between the first backtick and the second, the third and the fourth, and so on.
        if idx % 2 == 1 {
            let _ = write!(out, "\\fB{}\\fR", roff_literal(part));
        } else {
            out.push_str(&roff_literal(part));
        }
    }
    // A dot at the start of a line would be a request.
    if out.starts_with('.') {
        format!("\\&{out}")
    } else {
        out
    }
}

/// A text as roff, every character as itself.
fn roff_literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '"' => out.push_str("\\(dq"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '`' => out.push_str("\\(ga"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
