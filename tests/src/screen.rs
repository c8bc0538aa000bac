//! The state that `terrace dump` prints, read back; see `assets/manual/dump.md`.

use base64::Engine as _;
use serde_json::Value;

/// A terminal's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen(pub Value);

impl Screen {
    /// Reads one line of JSON.
    ///
    /// # Panics
    /// When it is none, or of another version than these tests know.
    #[track_caller]
    pub fn parse(line: &str) -> Self {
        let value: Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(value["version"], 1, "{line}");
        Self(value)
    }

    /// The rows' text, trailing blanks cut.
    pub fn rows(&self) -> Vec<String> {
        rows_of(&self.0["lines"])
    }

    /// The rows of the scrollback, oldest first.
    pub fn scrollback(&self) -> Vec<String> {
        rows_of(&self.0["scrollback"])
    }

    /// All rows as one text, empty rows at the end cut.
    pub fn text(&self) -> String {
        self.rows().join("\n").trim_end().to_owned()
    }

    /// Row and column of the cursor.
    pub fn cursor(&self) -> (i64, i64) {
        let cursor = &self.0["cursor"];
        (
            cursor["row"].as_i64().unwrap_or(-1),
            cursor["col"].as_i64().unwrap_or(-1),
        )
    }

    /// A cell: text, foreground, background, attributes (and what else there is).
    pub fn cell(&self, row: usize, col: usize) -> &Value {
        &self.0["lines"][row]["cells"][col]
    }

    /// Whether a mode is set; `None` when it is not known.
    pub fn mode(&self, number: &str) -> Option<bool> {
        self.0["modes"][number].as_bool()
    }

    /// Every byte the program was or would have been sent.
    pub fn replies(&self) -> Vec<u8> {
        let text = self.0["replies"].as_str().unwrap_or_default();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap_or_default()
    }
}

fn rows_of(lines: &Value) -> Vec<String> {
    let row = |line: &Value| {
        let cells = line["cells"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let text: String = cells.iter().filter_map(|cell| cell[0].as_str()).collect();
        text.trim_end_matches(' ').to_owned()
    };
    lines
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(row)
        .collect()
}
