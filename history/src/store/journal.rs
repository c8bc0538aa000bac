//! The journal of running blocks: what `kill -9` must not take.
//!
//! A file a process, `running-<id>.journal`, locked while the process lives; so the next one knows by the
//! lock alone whose blocks are lost. Frames: length and checksum (both u32, little-endian) of a kind (one
//! byte), the block's id and its bytes. A frame that was cut short ends the file. What goes into it is
//! redacted by whole lines; the line that has not ended goes without its last word.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::database::private_file;
use crate::id::Uid;
use crate::json;
use crate::record::{Output, Record, State, utf8};
use crate::redact::{LineRedactor, NONCE, Redactor};

/// Bytes at which the file is written anew without what is over.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// Bytes of one frame.
const MAX_FRAME: usize = 8 * 1024 * 1024;

/// What a running block has printed since it was last told.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// The block.
    pub uid: Uid,
    /// All that is known of it, the first time; its output is ignored.
    pub begin: Option<Box<Record>>,
    /// Styled text that is final and follows what was told before.
    pub more: Vec<u8>,
    /// Lines and bytes after it that are not kept: more was printed than a block may have.
    pub skipped: (u64, u64),
    /// Styled text after those, which is final too.
    pub rest: Vec<u8>,
    /// Styled text after all that which may still change: what is on the screen now.
    pub screen: Vec<u8>,
}

impl Running {
    pub(super) fn size(&self) -> usize {
        let begin = self.begin.as_ref().map_or(0, |record| record.size());
        begin + self.more.len() + self.rest.len() + self.screen.len() + 64
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Begin,
    More,
    /// Lines and bytes that are not kept, as two little-endian u64.
    Skipped,
    Screen,
    End,
}

impl Kind {
    const ALL: [(Self, u8); 5] = [
        (Self::Begin, b'B'),
        (Self::More, b'M'),
        (Self::Skipped, b'G'),
        (Self::Screen, b'S'),
        (Self::End, b'E'),
    ];

    fn byte(self) -> u8 {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or(0, |(_, byte)| *byte)
    }

    fn of(byte: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, one)| *one == byte)
            .map(|(kind, _)| *kind)
    }
}

/// What is remembered of a running block.
#[derive(Debug, Default)]
struct Told {
    lines: LineRedactor,
    /// The shells' nonces, which no file may hold.
    nonces: Vec<String>,
    /// What is known of the block beside its output, until it is written.
    begin: Option<String>,
    /// Lines and bytes that could not be written.
    missed: (u64, u64),
}

impl Told {
    fn text(&self, bytes: &[u8]) -> String {
        let mut text = utf8(bytes).into_owned();
        for nonce in self.nonces.iter().filter(|nonce| !nonce.is_empty()) {
            if text.contains(nonce.as_str()) {
                text = text.replace(nonce.as_str(), NONCE);
            }
        }
        text
    }
}

/// The journal of this process.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
    running: HashMap<Uid, Told>,
    length: u64,
    limit: usize,
}

impl Journal {
    /// One in this folder; the file is made when there is something to write.
    pub(super) fn new(folder: &Path, limit: usize) -> Self {
        let name = format!("running-{}.journal", Uid::new(SystemTime::now()));
        Self {
            path: folder.join(name),
            file: None,
            running: HashMap::new(),
            length: 0,
            limit,
        }
    }

    /// Writes what a block has printed.
    pub(super) fn write(&mut self, running: Running, redactor: &Redactor) -> std::io::Result<()> {
        let uid = running.uid;
        let mut frames = Vec::new();
        if let Some(mut record) = running.begin {
            record.output = Output::default();
            let nonces = record.nonces.clone();
            redactor.redact_record(&mut record);
            let told = Told {
                nonces,
                begin: Some(json::record(&record)),
                ..Told::default()
            };
            self.running.insert(uid, told);
        }
        let Some(told) = self.running.get_mut(&uid) else {
            return Ok(());
        };
        if let Some(begin) = &told.begin {
            frame(&mut frames, Kind::Begin, uid, begin.as_bytes());
        }
        if told.missed != (0, 0) {
            frame(&mut frames, Kind::Skipped, uid, &skipped(told.missed));
        }
        let mut more = told.text(&running.more);
        more = told.lines.push(redactor, &more);
        if running.skipped != (0, 0) {
            // What goes on after the gap is another line.
            more.push_str(&told.lines.finish(redactor));
        }
        if !more.is_empty() {
            frame(&mut frames, Kind::More, uid, more.as_bytes());
        }
        if running.skipped != (0, 0) {
            frame(&mut frames, Kind::Skipped, uid, &skipped(running.skipped));
        }
        let rest = told.text(&running.rest);
        let rest = told.lines.push(redactor, &rest);
        if !rest.is_empty() {
            frame(&mut frames, Kind::More, uid, rest.as_bytes());
        }
        let mut screen = told.lines.partial(redactor);
        let mut last = LineRedactor::default();
        screen.push_str(&last.push(redactor, &told.text(&running.screen)));
        screen.push_str(&last.partial(redactor));
        frame(&mut frames, Kind::Screen, uid, screen.as_bytes());
        let written = self.append(&frames);
        if let Some(told) = self.running.get_mut(&uid) {
            if written.is_ok() {
                told.begin = None;
                told.missed = (0, 0);
            } else {
                let lines = line_ends(&more) + line_ends(&rest) + running.skipped.0;
                let bytes = (more.len() + rest.len()) as u64 + running.skipped.1;
                told.missed = (told.missed.0 + lines, told.missed.1 + bytes);
            }
        }
        written?;
        if self.length > MAX_FILE {
            self.rewrite()?;
        }
        Ok(())
    }

    /// A block is over: stored, or not to be.
    pub(super) fn end(&mut self, uid: Uid) -> std::io::Result<()> {
        if self.running.remove(&uid).is_none() {
            return Ok(());
        }
        if self.running.is_empty() {
            if let Some(file) = &mut self.file {
                file.set_len(0)?;
                file.seek(SeekFrom::Start(0))?;
            }
            self.length = 0;
            return Ok(());
        }
        let mut frames = Vec::new();
        frame(&mut frames, Kind::End, uid, &[]);
        self.append(&frames)
    }

    fn append(&mut self, frames: &[u8]) -> std::io::Result<()> {
        if self.file.is_none() {
            let file = private_file(&self.path)?;
            file.lock()?;
            self.file = Some(file);
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(frames)
        {
            // A part of it, on a full disk, would hide what is written when there is room again.
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += frames.len() as u64;
        Ok(())
    }

    /// Writes the file anew with what still runs, bounded.
    fn rewrite(&mut self) -> std::io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let blocks = read(file, self.limit)?;
        let mut frames = Vec::new();
        for (uid, mut block) in blocks {
            frame(&mut frames, Kind::Begin, uid, block.begin.as_bytes());
            block.more.bound(self.limit);
            frame(&mut frames, Kind::More, uid, &block.more.head);
            let dropped = (block.more.dropped_lines, block.more.dropped_bytes);
            if dropped != (0, 0) {
                frame(&mut frames, Kind::Skipped, uid, &skipped(dropped));
            }
            frame(&mut frames, Kind::More, uid, &block.more.tail);
            frame(&mut frames, Kind::Screen, uid, &block.screen);
        }
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&frames)?;
        self.length = frames.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // What still runs now is lost only if nobody stores it: then the file must stay.
        if self.file.is_some() && self.running.is_empty() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Blocks of processes that ended without warning, as lost records; their files go by
/// [`Orphan::remove`] once the records are stored.
pub(super) struct Orphan {
    path: PathBuf,
    /// Held until the file is removed, so that nobody else takes it.
    _locked: File,
    /// What ran.
    pub(super) records: Vec<Record>,
}

impl Orphan {
    /// Removes the file: what it had is stored.
    pub(super) fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The journals in a folder whose process is gone.
pub(super) fn orphans(folder: &Path, limit: usize) -> Vec<Orphan> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with("running-") || !name.ends_with(".journal") {
            continue;
        }
        let Ok(mut file) = File::options().read(true).write(true).open(entry.path()) else {
            continue;
        };
        if file.try_lock().is_err() {
            continue;
        }
        let records = match read(&mut file, limit) {
            Ok(blocks) => blocks.into_values().filter_map(Block::record).collect(),
            Err(error) => {
                tracing::warn!("a journal of running commands cannot be read: {error}");
                continue;
            }
        };
        found.push(Orphan {
            path: entry.path(),
            _locked: file,
            records,
        });
    }
    found
}

#[derive(Default)]
struct Block {
    begin: String,
    more: Output,
    screen: Vec<u8>,
}

impl Block {
    fn record(self) -> Option<Record> {
        let mut record = json::parse_record(&self.begin).ok()?;
        record.output = self.more;
        if record.output.tail.is_empty() && record.output.dropped_bytes == 0 {
            record.output.head.extend_from_slice(&self.screen);
        } else {
            record.output.tail.extend_from_slice(&self.screen);
        }
        let lines = self.screen.iter().filter(|byte| **byte == b'\n').count();
        record.output.lines += lines as u64;
        record.output.bytes += self.screen.len() as u64;
        record.state = State::Lost;
        Some(record)
    }
}

fn frame(into: &mut Vec<u8>, kind: Kind, uid: Uid, bytes: &[u8]) {
    for piece in bytes
        .chunks(MAX_FRAME / 2)
        .chain(bytes.is_empty().then_some(bytes))
    {
        let mut body = Vec::with_capacity(piece.len() + 17);
        body.push(kind.byte());
        body.extend_from_slice(&uid.0);
        body.extend_from_slice(piece);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        into.extend_from_slice(&length.to_le_bytes());
        into.extend_from_slice(&checksum(&body).to_le_bytes());
        into.extend_from_slice(&body);
    }
}

/// FNV-1a, 32 bits: enough to see a frame that was cut.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// The blocks that still ran at the end of a journal.
fn read(file: &mut File, limit: usize) -> std::io::Result<BTreeMap<Uid, Block>> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(4 * MAX_FILE).read_to_end(&mut bytes)?;
    let mut blocks: BTreeMap<Uid, Block> = BTreeMap::new();
    let mut rest = bytes.as_slice();
    while let Some((body, after)) = next_frame(rest) {
        rest = after;
        let (Some(kind), Some(uid)) = (Kind::of(body[0]), Uid::from_slice(&body[1..17])) else {
            continue;
        };
        let data = &body[17..];
        match kind {
            Kind::Begin => {
                let block = blocks.entry(uid).or_default();
                block.begin.push_str(&String::from_utf8_lossy(data));
            }
            Kind::More => {
                if let Some(block) = blocks.get_mut(&uid) {
                    append(&mut block.more, data, limit);
                }
            }
            Kind::Skipped => {
                if let Some(block) = blocks.get_mut(&uid)
                    && let Some((lines, bytes)) = two_numbers(data)
                {
                    skip(&mut block.more, lines, bytes);
                }
            }
            Kind::Screen => {
                if let Some(block) = blocks.get_mut(&uid) {
                    block.screen = data.to_vec();
                }
            }
            Kind::End => {
                blocks.remove(&uid);
            }
        }
    }
    Ok(blocks)
}

/// Lines and bytes that are left out, as they are written.
fn skipped((lines, bytes): (u64, u64)) -> Vec<u8> {
    [lines.to_le_bytes(), bytes.to_le_bytes()].concat()
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

fn two_numbers(data: &[u8]) -> Option<(u64, u64)> {
    let number = |at: usize| Some(u64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?));
    Some((number(0)?, number(8)?))
}

/// Lines and bytes are not kept; what was the end until now lies before them and goes, too.
fn skip(output: &mut Output, lines: u64, bytes: u64) {
    let tail = std::mem::take(&mut output.tail);
    let tail_lines = tail.iter().filter(|byte| **byte == b'\n').count() as u64;
    output.lines += lines;
    output.bytes += bytes;
    output.dropped_lines += lines + tail_lines;
    output.dropped_bytes += bytes + tail.len() as u64;
}

fn append(output: &mut Output, data: &[u8], limit: usize) {
    output.lines += data.iter().filter(|byte| **byte == b'\n').count() as u64;
    output.bytes += data.len() as u64;
    if output.dropped_bytes == 0 && output.tail.is_empty() {
        output.head.extend_from_slice(data);
    } else {
        output.tail.extend_from_slice(data);
    }
    if output.size() > 2 * limit {
        output.bound(limit);
    }
}

fn next_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let sum = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let body = bytes.get(8..8 + length)?;
    (length >= 17 && checksum(body) == sum).then(|| (body, &bytes[8 + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    fn running(uid: Uid, begin: bool, more: &str, screen: &str) -> Running {
        let mut block = record("make", "");
        block.uid = uid;
        Running {
            uid,
            begin: begin.then(|| Box::new(block)),
            more: more.as_bytes().to_vec(),
            skipped: (0, 0),
            rest: Vec::new(),
            screen: screen.as_bytes().to_vec(),
        }
    }

    fn told(journal: &mut Journal, uid: Uid, begin: bool, more: &str, screen: &str) {
        let running = running(uid, begin, more, screen);
        journal.write(running, &Redactor::default()).unwrap();
    }

    fn uid(name: &str) -> Uid {
        Uid::derived(crate::testing::at(0), &[name.as_bytes()])
    }

    /// What another process would find: the file copied away, as a lock is the process's own.
    fn found(folder: &Path) -> Vec<(Uid, String)> {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        orphans(copy.path(), 1 << 20)
            .into_iter()
            .flat_map(|orphan| orphan.records)
            .map(|record| {
                assert_eq!(record.state, State::Lost);
                (record.uid, record.output.plain())
            })
            .collect()
    }

    #[test]
    fn what_could_not_be_written_is_counted_when_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), 1 << 20);
        let (a, b) = (uid("a"), uid("b"));
        told(&mut journal, a, true, "one\n", "");
        // Nothing can be written to a file that is open for reading.
        let read_only = File::open(&journal.path).unwrap();
        let file = journal.file.replace(read_only);
        for running in [
            running(a, false, "two\n", "screen"),
            running(b, true, "begun\n", ""),
        ] {
            assert!(journal.write(running, &Redactor::default()).is_err());
        }
        journal.file = file;
        told(&mut journal, a, false, "three\n", "");
        told(&mut journal, b, false, "more\n", "");
        let mut found = found(folder.path());
        found.sort_by_key(|(uid, _)| *uid != a);
        let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "one\n[… 1 lines, 4 bytes not kept …]\nthree\n",
                "[… 1 lines, 6 bytes not kept …]\nmore\n"
            ]
        );
    }

    #[test]
    fn what_ran_is_found_and_what_ended_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), 1 << 20);
        let (a, b) = (uid("a"), uid("b"));
        told(&mut journal, a, true, "one\n", "two\nthree");
        told(&mut journal, b, true, "", "");
        told(
            &mut journal,
            a,
            false,
            "two\n",
            "three four\nPASSWORD=x five",
        );
        assert!(orphans(folder.path(), 1 << 20).is_empty(), "it is locked");
        let mut all = found(folder.path());
        all.sort();
        let mut expected = vec![
            (
                a,
                "one\ntwo\nthree four\nPASSWORD=[redacted: password] ".to_owned(),
            ),
            (b, String::new()),
        ];
        expected.sort();
        assert_eq!(all, expected);
        journal.end(a).unwrap();
        assert_eq!(found(folder.path()), [(b, String::new())]);
        journal.end(b).unwrap();
        assert_eq!(found(folder.path()), []);
        drop(journal);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_was_cut_anywhere_gives_what_came_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), 1 << 20);
        told(&mut journal, uid("a"), true, "one\n", "");
        told(&mut journal, uid("a"), false, "two\n", "three\n");
        let bytes = std::fs::read(&journal.path).unwrap();
        let mut last = 0;
        for end in 0..=bytes.len() {
            let copy = tempfile::tempdir().unwrap();
            std::fs::write(copy.path().join("running-x.journal"), &bytes[..end]).unwrap();
            let orphans = orphans(copy.path(), 1 << 20);
            let text: String = orphans[0]
                .records
                .iter()
                .map(|record| record.output.plain())
                .collect();
            assert!("one\ntwo\nthree\n".starts_with(&text), "{text:?}");
            assert!(text.len() >= last);
            last = text.len();
        }
        assert_eq!(last, "one\ntwo\nthree\n".len());
    }

    #[test]
    fn what_was_skipped_is_counted_and_no_nonce_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), 1 << 20);
        let mut block = record("make", "");
        block.uid = uid("a");
        block.nonces = vec!["0123456789abcdef".to_owned()];
        let tell = |begin, more: &str, skipped, rest: &str| Running {
            uid: uid("a"),
            begin,
            more: more.as_bytes().to_vec(),
            skipped,
            rest: rest.as_bytes().to_vec(),
            screen: b"now 0123456789abcdef\n".to_vec(),
        };
        for running in [
            tell(Some(Box::new(block)), "one\n", (7, 70), "nine\n"),
            tell(None, "ten\n", (0, 0), ""),
            tell(None, "", (2, 20), "0123456789abcdef 14\n"),
        ] {
            journal.write(running, &Redactor::default()).unwrap();
        }
        let expected = "one\n[… 11 lines, 99 bytes not kept …]\n[nonce] 14\nnow [nonce]\n";
        assert_eq!(found(folder.path()), [(uid("a"), expected.to_owned())]);
        journal.rewrite().unwrap();
        assert_eq!(found(folder.path()), [(uid("a"), expected.to_owned())]);
    }

    #[test]
    fn the_file_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), 100_000);
        let line = "0123456789abcdef".repeat(64) + "\n";
        let chunk = line.repeat(1000);
        told(&mut journal, uid("a"), true, "first line\n", "");
        for _ in 0..40 {
            told(&mut journal, uid("a"), false, &chunk, "");
        }
        told(&mut journal, uid("a"), false, "last line\n", "");
        let length = std::fs::metadata(&journal.path).unwrap().len();
        assert!(length <= MAX_FILE + chunk.len() as u64 * 2, "{length}");
        let text = &found(folder.path())[0].1;
        assert!(text.starts_with("first line\n") && text.ends_with("last line\n"));
    }
}
