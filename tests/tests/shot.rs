//! Pictures without a window: `terrace shot`, `dump --format png`, the control socket's screenshot.
//! How they look is the renderer's golden images' business; here they are of the right thing.

use std::io::Write;

use serde_json::json;
use tests::{RunningSession, run, terrace};

/// A decoded picture.
struct Picture {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Picture {
    #[track_caller]
    fn decode(bytes: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .expect("a PNG");
        let mut rgba = vec![0; reader.output_buffer_size().expect("a picture of sane size")];
        let info = reader.next_frame(&mut rgba).expect("a whole PNG");
        assert_eq!(info.color_type, png::ColorType::Rgba);
        Self {
            width: info.width,
            height: info.height,
            rgba,
        }
    }

    /// How many pixels have about this color.
    fn count(&self, color: [u8; 3]) -> usize {
        let near = |pixel: &[u8]| pixel.iter().zip(color).all(|(a, b)| a.abs_diff(b) < 8);
        self.rgba
            .chunks_exact(4)
            .filter(|pixel| near(&pixel[..3]))
            .count()
    }
}

/// Whether pictures can be drawn here; says why not.
fn can_draw() -> bool {
    let output = run(
        terrace().args(["dump", "--format", "png", "--cols", "2", "--rows", "1"]),
        b"",
    );
    if output.code != Some(0) {
        let _ = writeln!(std::io::stderr(), "skipped: {}", output.stderr.trim());
    }
    output.code == Some(0)
}

/// A screen whose upper half is of one color.
const HALF: &[u8] = b"\x1b[?25l\x1b[48;2;200;30;60m\x1b[2J\x1b[m\x1b[5H\x1b[J";

#[test]
fn a_shot_shows_the_screen() {
    if !can_draw() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shot.png");
    let draw = |args: &[&str]| {
        let mut command = terrace();
        command
            .args(["shot", "--cols", "20", "--rows", "8", "-o"])
            .arg(&file)
            .args(args);
        let output = run(&mut command, HALF);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        Picture::decode(&std::fs::read(&file).unwrap())
    };
    let plain = draw(&["--option", "window.padding=0"]);
    let (cell_width, cell_height) = (plain.width / 20, plain.height / 8);
    assert_eq!((plain.width % 20, plain.height % 8), (0, 0));
    assert!(
        cell_width >= 6 && cell_height > cell_width,
        "{cell_width} × {cell_height}"
    );
    assert_eq!(
        plain.count([200, 30, 60]),
        (plain.width * plain.height / 2) as usize
    );

    let padded = draw(&["--option", "window.padding=10"]);
    assert_eq!(
        (padded.width, padded.height),
        (plain.width + 20, plain.height + 20)
    );
    let double = draw(&["--option", "window.padding=0", "--scale", "2"]);
    assert!(
        double.width.abs_diff(plain.width * 2) <= 20,
        "{} × {}",
        double.width,
        double.height
    );

    let [light, dark] = ["Terrace Light", "Terrace Dark"].map(|theme| {
        let picture = draw(&["--theme", theme]);
        let last = picture.rgba.len() - 4;
        u32::from(picture.rgba[last]) + u32::from(picture.rgba[last + 1])
    });
    assert!(light > dark + 200, "{light} {dark}");
}

#[test]
fn a_program_is_drawn_at_its_end_or_in_its_life() {
    if !can_draw() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shot.png");
    for script in [
        "printf '\\033[48;2;10;200;30m\\033[2J'",
        "printf '\\033[48;2;10;200;30m\\033[2J'; exec cat",
    ] {
        let mut command = terrace();
        command
            .args(["shot", "--timeout", "2", "-o"])
            .arg(&file)
            .args(["--", "sh", "-c", script]);
        let output = run(&mut command, b"");
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let picture = Picture::decode(&std::fs::read(&file).unwrap());
        let share = picture.count([10, 200, 30]) * 10 / (picture.width * picture.height) as usize;
        assert!(share >= 8, "{script}: {share} tenths");
    }
}

#[test]
fn a_session_is_drawn_as_it_is_scrolled() {
    if !can_draw() {
        return;
    }
    let script = "printf '\\033[?25l\\033[41m\\033[2J\\033[m'; seq 1 100; exec cat";
    let mut session = RunningSession::start(&["--rows", "5"], &["sh", "-c", script]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shot.png");
    session.control.wait_for("100");
    let mut shoot = || {
        let answer = session.control.tell(&json!({"screenshot": file.to_str()}));
        let picture = Picture::decode(&std::fs::read(&file).unwrap());
        assert_eq!(
            (&answer["width"], &answer["height"]),
            (&json!(picture.width), &json!(picture.height))
        );
        picture.rgba
    };
    let (bottom, again) = (shoot(), shoot());
    assert!(bottom == again, "the same screen gives the same picture");
    session.control.tell(&json!({"scroll": -50}));
    let answer = session.control.tell(&json!({"screenshot": file.to_str()}));
    assert_eq!(answer["ok"], true);
    assert!(Picture::decode(&std::fs::read(&file).unwrap()).rgba != bottom);
    assert_eq!(session.control.tell(&json!({"stats": true}))["frames"], 3);
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    let output = run(
        terrace().args(["shot", "-o", "/no/such/folder/x.png", "--cols", "2"]),
        b"",
    );
    assert_ne!(output.code, Some(0));
    assert_eq!(output.stdout, b"");
    let output = run(
        terrace().args(["shot", "-o", "x.png", "--theme", "No Such Theme"]),
        b"",
    );
    assert!(output.stderr.contains("No Such Theme"), "{}", output.stderr);
}
