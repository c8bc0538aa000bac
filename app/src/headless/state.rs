//! A terminal's state in print: text, text with SGR, and the JSON that `assets/manual/dump.md`
//! documents. Other people's tests read these; change the version with their meaning.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use terminal::blocks::{
    Block, BlockEvent, Format as BlockFormat, Kind, Mark, MarkKind, Part, State as BlockState,
    TextSource, Trust,
};
use terminal::cell::CellWidth;
use terminal::event::Progress;
use terminal::frame::{CursorShape, FrameCell, FrameRow};
use terminal::{
    Attrs, Color, Event, Line, LineSize, Origin, Palette, Rgb, Style, Terminal, UnderlineStyle,
};

/// The version of the JSON form.
const VERSION: u32 = 1;

/// Letters of the independent attributes around the underline's, in print order.
const BEFORE_UNDERLINE: [(Attrs, char); 3] =
    [(Attrs::BOLD, 'b'), (Attrs::DIM, 'd'), (Attrs::ITALIC, 'i')];
const AFTER_UNDERLINE: [(Attrs, char); 5] = [
    (Attrs::REVERSE, 'r'),
    (Attrs::CONCEAL, 'h'),
    (Attrs::STRIKETHROUGH, 's'),
    (Attrs::OVERLINE, 'o'),
    (Attrs::BLINK, 'B'),
];

/// What is told beside the terminal's own state.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Bytes the program was or would have been sent.
    pub(crate) replies: Vec<u8>,
    /// Effects outside the terminal.
    pub(crate) events: Vec<Event>,
    /// The palette before any program changed it.
    pub(crate) palette: Palette,
    /// Every mode by number, as [`Terminal::modes`] gives them.
    pub(crate) modes: Vec<(i32, bool)>,
}

/// The rows to print: up to `scrollback` of the newest rows above the screen, then the screen.
fn lines(terminal: &Terminal, scrollback: usize) -> std::ops::Range<i32> {
    let above = terminal.scrollback_rows().min(scrollback);
    let above = i32::try_from(above).unwrap_or(i32::MAX);
    -above..i32::from(terminal.size().rows)
}

/// The screen's text, one line a row, trailing blanks cut; `scrollback` rows of history before it.
pub(crate) fn text(terminal: &Terminal, scrollback: usize) -> String {
    text_of(terminal, scrollback, false)
}

/// The screen's text, one line a logical line, whatever the width wraps.
pub(crate) fn flowing_text(terminal: &Terminal) -> String {
    text_of(terminal, 0, true)
}

fn text_of(terminal: &Terminal, scrollback: usize, flowing: bool) -> String {
    let mut out = String::new();
    let mut row = FrameRow::default();
    for line in lines(terminal, scrollback) {
        if !terminal.read_row(Line(line), &mut row) {
            continue;
        }
        let start = out.len();
        for cell in &row.cells {
            let is_text = match cell.width {
                CellWidth::Spacer => false,
                CellWidth::LeadingSpacer => !flowing,
                CellWidth::Narrow | CellWidth::Wide => true,
            };
            if is_text {
                out.push_str(row.text(cell, &mut [0; 4]));
            }
        }
        if flowing && row.wrapped {
            continue;
        }
        let kept = out[start..].trim_end_matches(' ').len();
        out.truncate(start + kept);
        out.push('\n');
    }
    out
}

/// As [`text`], with an SGR sequence where the style changes, and DECDHL or DECDWL before a row of double
/// size. A row ends in the default style.
pub(crate) fn ansi(terminal: &Terminal, scrollback: usize) -> String {
    let mut out = String::new();
    let mut row = FrameRow::default();
    for line in lines(terminal, scrollback) {
        if !terminal.read_row(Line(line), &mut row) {
            continue;
        }
        let blank = |cell: &FrameCell| {
            cell.character == ' ' && cell.cluster == 0 && cell.style == Style::default()
        };
        let end = row
            .cells
            .iter()
            .rposition(|cell| !blank(cell))
            .map_or(0, |last| last + 1);
        let mut style = Style::default();
        out.push_str(match row.size {
            LineSize::Single => "",
            LineSize::DoubleTop => "\x1b#3",
            LineSize::DoubleBottom => "\x1b#4",
            LineSize::DoubleWidth => "\x1b#6",
        });
        for cell in &row.cells[..end] {
            if cell.width == CellWidth::Spacer {
                continue;
            }
            if cell.style != style {
                style = cell.style;
                sgr(&style, &mut out);
            }
            out.push_str(row.text(cell, &mut [0; 4]));
        }
        if style != Style::default() {
            out.push_str("\x1b[m");
        }
        out.push('\n');
    }
    out
}

/// The SGR sequence that makes any style this one.
fn sgr(style: &Style, out: &mut String) {
    out.push_str("\x1b[0");
    const CODES: [(Attrs, u8); 8] = [
        (Attrs::BOLD, 1),
        (Attrs::DIM, 2),
        (Attrs::ITALIC, 3),
        (Attrs::BLINK, 5),
        (Attrs::REVERSE, 7),
        (Attrs::CONCEAL, 8),
        (Attrs::STRIKETHROUGH, 9),
        (Attrs::OVERLINE, 53),
    ];
    for (attr, code) in CODES {
        if style.attrs.contains(attr) {
            let _ = write!(out, ";{code}");
        }
    }
    out.push_str(match style.underline {
        UnderlineStyle::None => "",
        UnderlineStyle::Single => ";4",
        UnderlineStyle::Double => ";21",
        UnderlineStyle::Curly => ";4:3",
        UnderlineStyle::Dotted => ";4:4",
        UnderlineStyle::Dashed => ";4:5",
    });
    let mut color = |color: Color, low: Option<u8>, long: u8| match (color, low) {
        (Color::Default, _) => {}
        (Color::Indexed(i @ 0..8), Some(low)) => {
            let _ = write!(out, ";{}", low + i);
        }
        (Color::Indexed(i @ 8..16), Some(low)) => {
            let _ = write!(out, ";{}", low + 60 + i - 8);
        }
        (Color::Indexed(i), _) => {
            let _ = write!(out, ";{long}:5:{i}");
        }
        (Color::Rgb(Rgb { r, g, b }), _) => {
            let _ = write!(out, ";{long}:2::{r}:{g}:{b}");
        }
    };
    color(style.foreground, Some(30), 38);
    color(style.background, Some(40), 48);
    color(style.underline_color, None, 58);
    out.push('m');
}

/// Everything, as one line of JSON without the line feed; `scrollback` rows of history at most.
pub(crate) fn json(terminal: &Terminal, scrollback: usize, told: &Told) -> String {
    let size = terminal.size();
    let cells = usize::from(size.columns) * usize::from(size.rows);
    let mut out = Json(String::with_capacity(1024 + cells * 18));
    let (point, pending_wrap) = terminal.cursor();
    let (shape, blink, visible) = terminal.cursor_look();
    let shape = match shape {
        CursorShape::Block => "block",
        CursorShape::Underline => "underline",
        CursorShape::Beam => "beam",
    };
    out.raw(&format!(
        "{{\"version\":{VERSION},\"cols\":{},\"rows\":{},\"cursor\":{{\"row\":{},\"col\":{},\"visible\":{visible},\
         \"shape\":\"{shape}\",\"blink\":{blink},\"pending_wrap\":{pending_wrap}}},\"screen\":\"{}\",\"title\":",
        size.columns,
        size.rows,
        point.line,
        point.column,
        if terminal.is_alternate() { "alternate" } else { "main" },
    ));
    out.string(terminal.title());
    out.raw(",\"modes\":{");
    out.list(&told.modes, |out, (mode, set)| {
        out.raw(&format!("\"{mode}\":{set}"))
    });
    out.raw(&format!(
        "}},\"keyboard_flags\":{},\"lines\":[",
        terminal.key_modes().keyboard_flags.bits()
    ));
    let all = lines(terminal, scrollback);
    let mut spans = Vec::new();
    out.list(0..all.end, |out, line| out.row(terminal, line, &mut spans));
    out.raw("],\"scrollback\":[");
    out.list(all.start..0, |out, line| {
        out.row(terminal, line, &mut spans)
    });
    out.raw("],\"marks\":[");
    out.list(terminal.marks(), |out, mark| out.mark(terminal, &mark));
    out.raw("],\"blocks\":[");
    let blocks = terminal.blocks();
    out.list(blocks.iter().chain(blocks.pending()), |out, block| {
        out.block(terminal, block)
    });
    out.raw("],\"links\":[");
    spans.sort_unstable();
    out.list(terminal.links(), |out, (id, uri)| {
        out.raw(&format!("{{\"id\":{id},\"uri\":"));
        out.string(&uri);
        out.raw(",\"spans\":[");
        out.list(
            spans.iter().filter(|span| span.0 == id),
            |out, (_, row, first, last)| {
                out.raw(&format!("[{row},{first},{last}]"));
            },
        );
        out.raw("]}");
    });
    out.raw("],\"images\":[],\"palette\":{");
    out.palette(terminal, &told.palette);
    out.raw("},\"working_directory\":");
    match terminal.working_directory() {
        Some(folder) => out.string(folder),
        None => out.raw("null"),
    }
    out.raw(",\"replies\":\"");
    BASE64.encode_string(&told.replies, &mut out.0);
    out.raw("\",\"events\":[");
    out.list(&told.events, Json::event);
    out.raw("]}");
    out.0
}

/// JSON in the making. Written by hand, since a tree of values for every cell would cost more than
/// all the rest of `terrace dump`.
struct Json(String);

impl Json {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn string(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                '\0'..' ' | '\x7f' => {
                    let _ = write!(self.0, "\\u{:04x}", u32::from(character));
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.0.push(',');
            }
            each(self, item);
        }
    }

    /// A list of strings, the form of an event.
    fn strings(&mut self, parts: &[&str]) {
        self.0.push('[');
        self.list(parts, |out, part| out.string(part));
        self.0.push(']');
    }

    fn color(&mut self, color: Color) {
        let _ = match color {
            Color::Default => write!(self.0, "null"),
            Color::Indexed(i) => write!(self.0, "{i}"),
            Color::Rgb(rgb) => write!(self.0, "\"{}\"", hex(rgb)),
        };
    }

    /// One row; the runs of its links (id, row, first and last column) go to `spans`.
    fn row(&mut self, terminal: &Terminal, line: i32, spans: &mut Vec<(u16, i32, u16, u16)>) {
        let mut row = FrameRow::default();
        if !terminal.read_row(Line(line), &mut row) {
            self.raw("{\"wrapped\":false,\"cells\":[]}");
            return;
        }
        let _ = write!(self.0, "{{\"wrapped\":{},\"cells\":[", row.wrapped);
        let mut run: Option<(u16, i32, u16, u16)> = None;
        for (column, cell) in (0u16..).zip(&row.cells) {
            if column > 0 {
                self.0.push(',');
            }
            self.cell(&row, cell);
            match &mut run {
                Some((id, .., last)) if *id == cell.link => *last = column,
                _ => {
                    spans.extend(run.take());
                    run = (cell.link != 0).then_some((cell.link, line, column, column));
                }
            }
        }
        spans.extend(run);
        self.raw("]");
        match row.size {
            LineSize::Single => {}
            LineSize::DoubleTop => self.raw(",\"size\":\"double-top\""),
            LineSize::DoubleBottom => self.raw(",\"size\":\"double-bottom\""),
            LineSize::DoubleWidth => self.raw(",\"size\":\"double-width\""),
        }
        self.raw("}");
    }

    fn cell(&mut self, row: &FrameRow, cell: &FrameCell) {
        if cell.character == ' ' && cell.cluster == 0 && cell.style == Style::default() {
            self.raw(if cell.width == CellWidth::Spacer {
                "[\"\",null,null,\"\"]"
            } else {
                "[\" \",null,null,\"\"]"
            });
            return;
        }
        self.0.push('[');
        if cell.width == CellWidth::Spacer {
            self.raw("\"\"");
        } else {
            self.string(row.text(cell, &mut [0; 4]));
        }
        self.0.push(',');
        self.color(cell.style.foreground);
        self.0.push(',');
        self.color(cell.style.background);
        self.raw(",\"");
        self.attributes(&cell.style);
        self.0.push('"');
        let underline = cell.style.underline_color;
        let protected = cell.style.attrs.contains(Attrs::PROTECTED);
        if underline != Color::Default || protected {
            self.raw(",{");
            if underline != Color::Default {
                self.raw("\"underline\":");
                self.color(underline);
                self.raw(if protected { "," } else { "" });
            }
            self.raw(if protected { "\"protected\":true" } else { "" });
            self.0.push('}');
        }
        self.0.push(']');
    }

    fn attributes(&mut self, style: &Style) {
        let mut letters = |table: &[(Attrs, char)]| {
            for (attr, letter) in table {
                if style.attrs.contains(*attr) {
                    self.0.push(*letter);
                }
            }
        };
        letters(&BEFORE_UNDERLINE);
        self.raw(match style.underline {
            UnderlineStyle::None => "",
            UnderlineStyle::Single => "u",
            UnderlineStyle::Double => "U",
            UnderlineStyle::Curly => "c",
            UnderlineStyle::Dotted => ".",
            UnderlineStyle::Dashed => "-",
        });
        let mut letters = |table: &[(Attrs, char)]| {
            for (attr, letter) in table {
                if style.attrs.contains(*attr) {
                    self.0.push(*letter);
                }
            }
        };
        letters(&AFTER_UNDERLINE);
    }

    fn mark(&mut self, terminal: &Terminal, mark: &Mark) {
        let _ = write!(self.0, "{{\"kind\":\"{}\"", mark_kind(mark.kind));
        match terminal.resolve(mark.line, mark.offset) {
            Some(point) => {
                let _ = write!(self.0, ",\"row\":{},\"col\":{}", point.line, point.column);
            }
            None => self.raw(",\"row\":null,\"col\":null"),
        }
        if let MarkKind::End { status } = mark.kind {
            let _ = match status {
                Some(status) => write!(self.0, ",\"status\":{status}"),
                None => write!(self.0, ",\"status\":null"),
            };
        }
        self.0.push('}');
    }

    fn block(&mut self, terminal: &Terminal, block: &Block) {
        let _ = write!(self.0, "{{\"id\":{}", block.id.get());
        let _ = write!(self.0, ",\"shell\":{},\"parent\":", block.shell.0);
        match block.parent {
            Some(parent) => {
                let _ = write!(self.0, "{}", parent.get());
            }
            None => self.raw("null"),
        }
        let _ = write!(self.0, ",\"cycle\":{}", block.cycle);
        self.raw(match block.kind {
            Kind::Command => ",\"kind\":\"command\"",
            Kind::Background => ",\"kind\":\"background\"",
        });
        self.raw(match block.trust {
            Trust::Unverified => ",\"trust\":\"unverified\"",
            Trust::Verified(Origin::Local) => ",\"trust\":\"local\"",
            Trust::Verified(Origin::Remote) => ",\"trust\":\"remote\"",
        });
        self.block_state(&block.state);
        self.raw(",\"command\":");
        self.string(&block.command.text);
        self.raw(match block.command.source {
            TextSource::None => ",\"source\":\"none\"",
            TextSource::Shell => ",\"source\":\"shell\"",
            TextSource::Expanded => ",\"source\":\"expanded\"",
            TextSource::Screen => ",\"source\":\"screen\"",
        });
        let _ = write!(self.0, ",\"private\":{}", block.command.private);
        let text = |part| terminal.block_text(block.id, part, BlockFormat::Text);
        self.raw(",\"output\":");
        self.string(&text(Part::Output).unwrap_or_default());
        for (name, anchor) in [
            ("prompt", block.prompt),
            ("input", block.input),
            ("start", block.output),
            ("end", block.end),
        ] {
            let _ = write!(self.0, ",\"{name}\":");
            match anchor.and_then(|at| terminal.resolve(at.line, at.cell)) {
                Some(point) => {
                    let _ = write!(self.0, "[{},{}]", point.line, point.column);
                }
                None => self.raw("null"),
            }
        }
        self.raw(",\"flags\":[");
        let names = block.flags.iter_names().map(|(name, _)| name);
        self.list(names, |out, name| {
            out.string(&name.to_ascii_lowercase().replace('_', "-"));
        });
        self.raw("],\"sections\":[");
        self.list(&block.sections, |out, section| out.string(&section.title));
        self.raw("],\"context\":{");
        let context = &block.context;
        for (name, value) in [
            ("cwd", context.cwd.as_deref().unwrap_or_default()),
            ("host", context.host.as_str()),
            ("user", context.user.as_str()),
            ("shell", context.shell.as_str()),
            ("venv", context.venv.as_deref().unwrap_or_default()),
        ] {
            let _ = write!(self.0, "\"{name}\":");
            self.string(value);
            self.raw(",");
        }
        match context.pid {
            Some(pid) => {
                let _ = write!(self.0, "\"pid\":{pid}}}}}");
            }
            None => self.raw("\"pid\":null}}"),
        }
    }

    fn block_state(&mut self, state: &BlockState) {
        self.raw(match state {
            BlockState::Pending => ",\"state\":\"pending\"",
            BlockState::Running => ",\"state\":\"running\"",
            BlockState::Done { .. } => ",\"state\":\"done\"",
            BlockState::Rejected { .. } => ",\"state\":\"rejected\"",
            BlockState::Lost => ",\"state\":\"lost\"",
        });
        let (status, pipe, duration) = match state {
            BlockState::Done { exit, duration, .. } => (
                exit.as_ref().map(|exit| exit.code),
                exit.as_ref()
                    .map(|exit| exit.pipe.clone())
                    .unwrap_or_default(),
                *duration,
            ),
            BlockState::Rejected { status } => (Some(*status), Vec::new(), None),
            _ => (None, Vec::new(), None),
        };
        let or_null = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
        let _ = write!(
            self.0,
            ",\"status\":{},\"duration_us\":{},\"pipe\":{pipe:?}",
            or_null(status.map(|status| status.to_string())),
            or_null(duration.map(|duration| duration.as_micros().to_string())),
        );
    }

    fn block_event(&mut self, event: &BlockEvent) {
        let (name, id) = match event {
            BlockEvent::Prompted(id) => ("prompted", Some(id)),
            BlockEvent::Started(id) => ("started", Some(id)),
            BlockEvent::Finished(id) => ("finished", Some(id)),
            BlockEvent::Rejected(id) => ("rejected", Some(id)),
            BlockEvent::Detached(id) => ("detached", Some(id)),
            BlockEvent::Forgotten(id) => ("forgotten", Some(id)),
            BlockEvent::ContextChanged(_) => ("context", None),
        };
        let _ = match id {
            Some(id) => write!(self.0, "[\"block\",\"{name}\",{}]", id.get()),
            None => write!(self.0, "[\"block\",\"{name}\"]"),
        };
    }

    fn palette(&mut self, terminal: &Terminal, before: &Palette) {
        let now = terminal.palette();
        let named = [
            ("foreground", Some(now.foreground), Some(before.foreground)),
            ("background", Some(now.background), Some(before.background)),
            ("cursor", now.cursor, before.cursor),
            (
                "selection_background",
                now.selection_background,
                before.selection_background,
            ),
            (
                "selection_foreground",
                now.selection_foreground,
                before.selection_foreground,
            ),
        ];
        let indexed = terminal.changed_palette().into_iter();
        let indexed = indexed.map(|(index, color)| (index.to_string(), color));
        let named = named.into_iter().filter(|(_, now, before)| now != before);
        let named = named.filter_map(|(name, now, _)| Some((name.to_owned(), now?)));
        self.list(indexed.chain(named), |out, (name, color)| {
            let _ = write!(out.0, "\"{name}\":\"{}\"", hex(color));
        });
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Bell => self.strings(&["bell"]),
            Event::Title(title) => self.strings(&["title", title]),
            Event::IconName(name) => self.strings(&["icon_name", name]),
            Event::WorkingDirectory(folder) => self.strings(&["working_directory", folder]),
            Event::ClipboardStore { selections, text } => {
                self.strings(&["clipboard", selections, &BASE64.encode(text)]);
            }
            Event::ClipboardLoad { selections } => self.strings(&["clipboard_query", selections]),
            Event::Notification { title, body } => self.strings(&["notification", title, body]),
            Event::Progress(progress) => {
                let (state, percent) = match progress {
                    Progress::None => ("none", None),
                    Progress::Normal(percent) => ("normal", Some(percent)),
                    Progress::Error(percent) => ("error", Some(percent)),
                    Progress::Indeterminate => ("indeterminate", None),
                    Progress::Paused(percent) => ("paused", Some(percent)),
                };
                let percent = percent.map_or("null".to_owned(), u8::to_string);
                let _ = write!(self.0, "[\"progress\",\"{state}\",{percent}]");
            }
            Event::PaletteChanged => self.strings(&["palette"]),
            Event::PointerShape(name) => self.strings(&["pointer", name]),
            Event::ShellReady(_) => self.strings(&["shell-ready"]),
            Event::PromptMark(mark) => self.strings(&["mark", mark_kind(mark.kind)]),
            Event::Block(event) => self.block_event(event),
            Event::Shell(key) => self.strings(&["shell", &key.aid]),
        }
    }
}

fn mark_kind(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::PromptStart => "prompt",
        MarkKind::InputStart => "input",
        MarkKind::OutputStart => "output",
        MarkKind::End { .. } => "end",
    }
}

fn hex(Rgb { r, g, b }: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
