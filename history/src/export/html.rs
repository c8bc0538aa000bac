//! One HTML page: styles inside, no script, nothing fetched.

use std::fmt::Write as _;

use super::{Look, colors, escape, facts, hex, output_lines, prompted, title};
use crate::record::Record;
use crate::styled::Span;
use crate::time::Zone;

/// Lines of one block, at most.
const MAX_LINES: usize = 50_000;

/// The page.
pub(super) fn page(records: &[Record], look: &Look, zone: &Zone) -> String {
    let heading = records.first().map(title).unwrap_or_default();
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n\
         body {{ margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: {fg}; background: {bg}; }}\n\
         pre {{ font: 13px/1.45 ui-monospace, \"JetBrains Mono\", Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }}\n\
         article {{ border-left: 3px solid {ok}; padding: 0 0 0 1rem; margin: 0 0 2rem; }}\n\
         article.failed {{ border-color: {red}; }}\n\
         .command {{ font-weight: bold; margin-bottom: .5rem; }}\n\
         footer, blockquote {{ font: 12px/1.5 system-ui, sans-serif; opacity: .7; margin: .5rem 0 0; }}\n\
         a {{ color: inherit; }}\n</style>\n</head>\n<body>\n",
        escape(&heading),
        fg = hex(look.foreground),
        bg = hex(look.background),
        ok = hex(look.palette[2]),
        red = hex(look.palette[1]),
    );
    for record in records {
        let class = if crate::query::failed(&record.exit) {
            " class=\"failed\""
        } else {
            ""
        };
        let _ = write!(
            page,
            "<article{class}>\n<pre class=\"command\">{}</pre>\n<pre>",
            escape(&prompted(&record.command.text))
        );
        for line in output_lines(record, MAX_LINES) {
            for one in &line {
                span(&mut page, one, look);
            }
            page.push('\n');
        }
        let _ = writeln!(
            page,
            "</pre>\n<footer>{}</footer>",
            escape(&facts(record, zone))
        );
        if let Some(note) = &record.note {
            let _ = writeln!(page, "<blockquote>{}</blockquote>", escape(note));
        }
        page.push_str("</article>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn span(page: &mut String, span: &Span, look: &Look) {
    let style = &span.style;
    let (foreground, background) = colors(style, look);
    let mut css = String::new();
    if foreground != look.foreground {
        let _ = write!(css, "color:{};", hex(foreground));
    }
    if let Some(background) = background {
        let _ = write!(css, "background:{};", hex(background));
    }
    for (set, rule) in [
        (style.bold, "font-weight:bold;"),
        (style.italic, "font-style:italic;"),
        (
            style.underline && style.strike,
            "text-decoration:underline line-through;",
        ),
        (
            style.underline && !style.strike,
            "text-decoration:underline;",
        ),
        (
            style.strike && !style.underline,
            "text-decoration:line-through;",
        ),
    ] {
        if set {
            css.push_str(rule);
        }
    }
    let text = escape(&span.text);
    let text = match &style.link {
        Some(link) => format!("<a href=\"{}\" rel=\"noreferrer\">{text}</a>", escape(link)),
        None => text,
    };
    if css.is_empty() {
        page.push_str(&text);
    } else {
        let _ = write!(page, "<span style=\"{css}\">{text}</span>");
    }
}
