//! How the bytes are cut into pieces changes nothing: the whole state of every reference recording,
//! and of streams made to be cut badly, is the same at every chunk size.

use std::fs;

use tests::{data_folder, run, terrace};

/// Streams in which every byte is inside of something.
const AWKWARD: [&[u8]; 8] = [
    "e\u{301}👩‍👩‍👧‍👦🇩🇪한국어 a\u{200d}b 👍🏽☺\u{fe0f}".as_bytes(),
    b"\x1b]2;title\x1b\\\x1b]8;id=a;http://e/\x1b\\link\x1b]8;;\x1b\\\x1b]4;1;rgb:12/34/56\x07",
    b"\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1b[?1;2c\x1b[>c\x1b[=c\x1b[6n\x1b[?2026$p",
    b"\x1b[1;2\x18x\x1b[1\x1b[31mred\x1b]2;cut\x18off\x1bP1$r\x1aend",
    b"\xff\xc3\x28\xe2\x82\xf0\x9f\x98A\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf",
    b"\x1b_Gi=1;AAAA\x1b\\after\x1b^pm\x1b\\\x1bXsos\x1b\\done",
    b"\x1b(0lqqk\x1b(B\x0e\x0f\x1b)0\x0eqq\x0f\x1b[4h\x1b[1Gins\x1b[4l\x1b[20h\n\x1b[20l",
    b"\x1b[38:2::1:2:3;4:3;58:5:9mx\x1b[0m\x1b[?1049h\x1b[2J\x1b[5;5Hy\x1b[?1049l\x1b]133;A\x07$ ",
];

#[track_caller]
fn check(name: &str, bytes: &[u8], size: [&str; 4]) {
    let dump = |chunk: Option<&str>| {
        let mut command = terrace();
        command.args(["dump", "--format", "json"]).args(size);
        command.args(chunk.map(|chunk| ["--chunk", chunk]).into_iter().flatten());
        let output = run(&mut command, bytes);
        assert_eq!(output.code, Some(0), "{name}: {}", output.stderr);
        output.text()
    };
    let whole = dump(None);
    for chunk in ["1", "2", "3", "7", "64", "4093"] {
        assert!(
            dump(Some(chunk)) == whole,
            "{name}: chunks of {chunk} bytes change the state"
        );
    }
}

#[test]
fn awkward_streams() {
    for (i, bytes) in AWKWARD.iter().enumerate() {
        check(
            &format!("stream {i}"),
            bytes,
            ["--cols", "20", "--rows", "5"],
        );
    }
    check("all", &AWKWARD.concat(), ["--cols", "9", "--rows", "4"]);
}

#[test]
fn recordings() {
    let mut found = 0;
    for entry in fs::read_dir(data_folder().join("ref")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(bytes) = fs::read(folder.join("recording")) else {
            continue;
        };
        check(
            &folder.display().to_string(),
            &bytes,
            ["--cols", "80", "--rows", "24"],
        );
        found += 1;
    }
    assert!(found > 5, "only {found} recordings");
}
