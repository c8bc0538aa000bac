//! Copying blocks: as text, as Markdown, as HTML.

use std::fmt::Write as _;

use terminal::blocks::{Block, Format, Part};
use terminal::{BlockId, Terminal};

use super::targets;
use crate::input::clipboard::Selection;
use crate::services::Services;
use crate::view::blocks::html;
use crate::view::blocks::summary::{duration_text, exit_text};
use crate::view::notices::Severity;
use crate::window::Window;

/// What is copied, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Commands.
    Command,
    /// Output.
    Output,
    /// Commands and output.
    Both,
    /// Both, as Markdown.
    Markdown,
    /// Both, as HTML.
    Html,
}

/// Copies the blocks that the action is about.
pub(super) fn run(window: &mut Window, services: &Services, form: Form) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let (text, dropped) = {
        let terminal = pane.session.lock();
        let targets = targets(pane, &terminal);
        if targets.is_empty() {
            return false;
        }
        let dropped = match form {
            Form::Command => 0,
            _ => targets.iter().map(|id| terminal.dropped_lines(*id)).sum(),
        };
        (text_of(&terminal, &targets, form), dropped)
    };
    put(window, services, text, form, dropped);
    true
}

/// Copies the output of the last command that ended.
pub(super) fn last_output(window: &mut Window, services: &Services) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let (text, dropped) = {
        let terminal = pane.session.lock();
        let ended = |block: &&Block| !block.is_running() && !block.command.text.is_empty();
        let last = terminal.blocks().iter().rev().find(ended);
        let Some(id) = last.map(|block| block.id) else {
            return false;
        };
        let text = text_of(&terminal, &[id], Form::Output);
        (text, terminal.dropped_lines(id))
    };
    put(window, services, text, Form::Output, dropped);
    true
}

fn put(window: &mut Window, services: &Services, text: String, form: Form, dropped: u64) {
    if text.is_empty() {
        window.notify(Severity::Info, "copy", "there is no output to copy");
        return;
    }
    let lines = text.lines().count();
    let what = match lines {
        1 => "1 line".to_owned(),
        lines => format!("{} lines", crate::view::blocks::summary::grouped(lines)),
    };
    match form {
        Form::Html => services.clipboard.store_html(Selection::Clipboard, text),
        _ => services.clipboard.store(Selection::Clipboard, text),
    }
    if dropped == 0 {
        window.notify(Severity::Info, "copy", format!("{what} copied"));
    } else {
        let dropped = usize::try_from(dropped).unwrap_or(usize::MAX);
        let dropped = crate::view::blocks::summary::grouped(dropped);
        let text = format!("{what} copied; {dropped} between them were too many to be kept");
        window.notify(Severity::Warning, "copy", text);
    }
}

/// The text of blocks in a form.
pub(super) fn text_of(terminal: &Terminal, ids: &[BlockId], form: Form) -> String {
    let blocks = ids.iter().filter_map(|id| terminal.blocks().get(*id));
    let parts: Vec<String> = blocks
        .map(|block| match form {
            Form::Command => block.command.text.clone(),
            Form::Output => shown_output(terminal, block),
            Form::Both => {
                let command = &block.command.text;
                let output = shown_output(terminal, block);
                match (command.is_empty(), output.is_empty()) {
                    (false, false) => format!("{command}\n{output}"),
                    (true, _) => output,
                    (false, true) => command.clone(),
                }
            }
            Form::Markdown => markdown(terminal, block),
            Form::Html => html_of(terminal, block),
        })
        .filter(|text| !text.is_empty())
        .collect();
    let between = match form {
        Form::Command | Form::Output => "\n",
        Form::Both | Form::Markdown | Form::Html => "\n\n",
    };
    parts.join(between)
}

/// A block's output as it is shown, without the newline at its end.
fn shown_output(terminal: &Terminal, block: &Block) -> String {
    let mut text = terminal.block_shown_text(block.id).unwrap_or_default();
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

fn markdown(terminal: &Terminal, block: &Block) -> String {
    let output = shown_output(terminal, block);
    let fence = fence(&[&block.command.text, &output]);
    let mut text = format!("{fence}console\n");
    if !block.command.text.is_empty() {
        let _ = writeln!(text, "$ {}", block.command.text.replace('\n', "\n> "));
    }
    if !output.is_empty() {
        let _ = writeln!(text, "{output}");
    }
    text.push_str(&fence);
    let ending = ending(block);
    if !ending.is_empty() {
        let _ = write!(text, "\n\n{ending}");
    }
    text
}

/// Backticks, more than stand together anywhere in the texts.
fn fence(texts: &[&str]) -> String {
    let longest = texts
        .iter()
        .flat_map(|text| text.split(|c: char| c != '`'))
        .map(str::len)
        .max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

/// How a command ended, in words.
fn ending(block: &Block) -> String {
    let exit = block.exit().and_then(exit_text);
    let duration = block.duration().map(duration_text);
    let parts: Vec<String> = exit.into_iter().chain(duration).collect();
    parts.join(", ")
}

fn html_of(terminal: &Terminal, block: &Block) -> String {
    let styled = terminal
        .block_text(block.id, Part::Output, Format::Styled)
        .unwrap_or_default();
    let command = match block.command.text.as_str() {
        "" => String::new(),
        text => format!("\x1b[0;1m$ {}\x1b[m\n", text.replace('\n', "\n> ")),
    };
    html::page(&(command + &styled), terminal.palette())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use terminal::{GridSize, Options, ShellKey};

    use super::*;

    fn terminal() -> Terminal {
        let mut terminal = Terminal::new(GridSize::new(40, 10), Options::default());
        terminal.register_shell(ShellKey::new("a", "b"));
        for (n, command, output, status) in [
            (1, "ls", "one\r\n", 0),
            (2, "cat%20x", "``` \x1b[31mred\x1b[m\r\n", 2),
        ] {
            let proof = format!("aid=a;tn=b;n={n}");
            let bytes = format!(
                "\x1b]133;A;{proof}\x07$ \x1b]133;B\x07x\r\n\x1b]133;C;cmdline_url={command};{proof}\x07{output}\
                 \x1b]133;D;{status};{proof};dur=3000000\x07"
            );
            terminal.advance(bytes.as_bytes(), Duration::ZERO);
        }
        terminal
    }

    fn all(terminal: &Terminal) -> Vec<BlockId> {
        terminal.blocks().iter().map(|block| block.id).collect()
    }

    #[test]
    fn forms() {
        let terminal = terminal();
        let ids = all(&terminal);
        let check = |form, expected: &str| {
            assert_eq!(text_of(&terminal, &ids, form), expected);
        };
        check(Form::Command, "ls\ncat x");
        check(Form::Output, "one\n``` red");
        check(Form::Both, "ls\none\n\ncat x\n``` red");
        check(
            Form::Markdown,
            "```console\n$ ls\none\n```\n\n3.0 s\n\n````console\n$ cat x\n``` red\n````\n\nexit 2, 3.0 s",
        );
        let html = text_of(&terminal, &ids[1..], Form::Html);
        assert!(html.contains("$ cat x"), "{html}");
        assert!(html.contains(">red</span>"), "{html}");
    }
}
