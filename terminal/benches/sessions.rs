//! What a shell and its commands write, with and without the marks of blocks.

use crate::payloads::{Random, sgr_line, word};

/// What a shell and its commands write in a busy hour: prompts, commands echoed, output colored here and there. Most
/// of it is short, some is a screen or two, and now and then a build or a log is thousands of lines. With the
/// marks of a shell whose key is `bench`, or without: the same otherwise, and so longer.
pub(crate) fn shell(marks: bool) -> Vec<u8> {
    let mut random = Random(0x5eed_0b10_c4e5_0001);
    let mut text = String::new();
    for n in 1..=400 {
        let (r, text) = (&mut random, &mut text);
        let proof = format!("aid=bench;tn=bench;n={n}");
        let mark = |text: &mut String, body: &str| {
            if marks {
                text.push_str(&format!("\x1b]{body}\x07"));
            }
        };
        let command = format!("cargo test -p {} -- {}", word(r, 4, 9), word(r, 4, 12));
        mark(
            text,
            &format!(
                "8377;ctx;{proof};sh=bash/5.2;pid=4242;user=me;host=here;cwd=/home/me/src/project"
            ),
        );
        mark(text, &format!("133;A;{proof};redraw=last;fl=1"));
        mark(text, "133;P;k=i");
        text.push_str("\x1b[?2004h\x1b[1;32mme@here\x1b[m:\x1b[1;34m~/src/project\x1b[m$ ");
        mark(text, "133;B");
        text.push_str(&command);
        text.push_str("\r\n\x1b[?2004l\r");
        let encoded = command.replace(' ', "%20");
        mark(
            text,
            &format!("133;C;cmdline_url={encoded};{proof};src=hist"),
        );
        let lines = match r.below(100) {
            0..70 => r.between(2, 40),
            70..95 => r.between(40, 400),
            _ => r.between(2_000, 8_000),
        };
        for _ in 0..lines {
            sgr_line(r, text);
        }
        mark(text, &format!("133;D;0;{proof};ps=0;dur=153000"));
    }
    text.into_bytes()
}
