//! The thread that reads the history for the window: the panel asks, and the answer comes as an event.
//!
//! The newest question counts: it interrupts the one before it. What was interrupted and is still wanted is asked again,
//! for an interruption meets whatever runs when it comes.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, Sender, unbounded};
use history::query::{Interrupter, Place};
use history::stats::{Question, Report, report};
use history::styled::{self, Line};
use history::time::Zone;
use history::{Filter, Hit, Reader};
use parking_lot::Mutex;

use crate::view::blocks::summary::duration_text;

/// Rows of an answer.
pub(crate) const ROWS: usize = 200;
/// Rows of the first part of an answer, which comes before the lines in which words stand.
const FIRST: usize = 50;
/// Lines of a preview.
const PREVIEW: usize = 600;

/// A block of an answer, ready to be shown.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The block.
    pub(crate) hit: Hit,
    /// When it began, as it is shown.
    pub(crate) when: String,
    /// The line of its output in which the words stand.
    pub(crate) snippet: Option<String>,
}

impl Row {
    /// Whether the command is kept as it was typed: nothing redacted, and not so long that it may have been cut.
    pub(crate) fn is_whole(&self) -> bool {
        const LONG: usize = 8000;
        !self.hit.command.contains("[redacted") && self.hit.command.len() < LONG
    }
}

/// A block's output, ready to be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preview {
    /// Its row.
    pub(crate) id: i64,
    /// Facts in one line.
    pub(crate) facts: String,
    /// The first lines of its output.
    pub(crate) lines: Vec<Line>,
    /// What is not shown of it.
    pub(crate) rest: Option<String>,
}

/// What the thread found.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Blocks; `complete`: these are all that were asked for.
    Rows {
        /// Which question this answers.
        question: u64,
        /// The blocks, newest first.
        rows: Arc<Vec<Row>>,
    },
    /// The output of one.
    Preview(Arc<Preview>),
    /// The whole text of one, for a pane of its own.
    Whole(Arc<Whole>),
    /// The figures.
    Stats(Arc<Report>),
    /// Hosts and projects that filters offer.
    Places(Arc<Vec<Place>>, Arc<Vec<Place>>),
    /// Earlier runs of a command.
    Runs(u64, Arc<Vec<Row>>),
    /// One that is to be compared: what stands above it, and its output without styles.
    Compared(Arc<(String, String)>),
    /// Nothing can be found, and why.
    Failed(String),
}

/// A block's text with its styles and nothing else that a terminal would obey.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    /// What was typed.
    pub(crate) command: String,
    /// Facts in one line.
    pub(crate) facts: String,
    /// The output.
    pub(crate) output: String,
}

#[derive(Debug)]
enum Ask {
    Search(Box<Search>),
    Preview(i64),
    Whole(i64),
    Stats(Box<Question>),
    Places,
    Runs(u64, Box<Filter>),
    Compared(i64),
}

/// A search, or what is left of it.
#[derive(Clone, Debug)]
struct Search {
    question: u64,
    filter: Filter,
    /// Its number among all searches: a newer one overtakes it.
    number: u64,
    rest: Rest,
}

/// What is left of a search. Other questions come between, so that a preview waits for no more than a part.
#[derive(Clone, Debug)]
enum Rest {
    /// All of it.
    First,
    /// More than the first rows.
    Rows,
    /// The lines in which the words stand, from a row on.
    Snippets(Vec<Row>, usize),
}

/// The thread's handle.
pub(crate) struct Seeker {
    asks: Sender<Ask>,
    interrupter: Arc<Mutex<Option<Interrupter>>>,
    newest: Arc<AtomicU64>,
}

impl Seeker {
    /// Starts the thread; `tell` is called on it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(folder: PathBuf, tell: impl Fn(Answer) + Send + 'static) -> Result<Self> {
        let (asks, receiver) = unbounded();
        let interrupter = Arc::default();
        let theirs = Arc::clone(&interrupter);
        let newest = Arc::new(AtomicU64::new(0));
        let newest_of = Arc::clone(&newest);
        std::thread::Builder::new()
            .name("history-read".to_owned())
            .spawn(move || {
                Work {
                    folder,
                    reader: None,
                    interrupter: theirs,
                    newest: newest_of,
                    waiting: VecDeque::new(),
                    zone: Zone::local(),
                }
                .run(&receiver, &tell);
            })
            .context("no thread to read the history with")?;
        Ok(Self {
            asks,
            interrupter,
            newest,
        })
    }

    /// Searches; a search that goes on is given up.
    pub(crate) fn search(&self, question: u64, filter: Filter) {
        let number = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        // Before it is sent: else the interruption could meet the search itself.
        self.interrupt();
        self.ask(Ask::Search(Box::new(Search {
            question,
            filter,
            number,
            rest: Rest::First,
        })));
    }

    fn interrupt(&self) {
        if let Some(interrupter) = &*self.interrupter.lock() {
            interrupter.interrupt();
        }
    }

    /// Reads a block's output for the preview.
    pub(crate) fn preview(&self, id: i64) {
        self.ask(Ask::Preview(id));
    }

    /// Reads a block for a pane of its own.
    pub(crate) fn whole(&self, id: i64) {
        self.ask(Ask::Whole(id));
    }

    /// Works out the figures.
    pub(crate) fn stats(&self, question: Question) {
        self.ask(Ask::Stats(Box::new(question)));
    }

    /// Looks which hosts and projects there are.
    pub(crate) fn places(&self) {
        self.ask(Ask::Places);
    }

    /// Looks for runs of a command before a time.
    pub(crate) fn runs(&self, question: u64, command: String, until: SystemTime) {
        let filter = Filter {
            command: Some(command),
            until: Some(until),
            ..Filter::default()
        };
        self.ask(Ask::Runs(question, Box::new(filter)));
    }

    /// Reads a block that is to be compared.
    pub(crate) fn compared(&self, id: i64) {
        self.ask(Ask::Compared(id));
    }

    fn ask(&self, ask: Ask) {
        // The thread lives as long as this handle.
        let _ = self.asks.send(ask);
    }
}

struct Work {
    folder: PathBuf,
    reader: Option<Reader>,
    interrupter: Arc<Mutex<Option<Interrupter>>>,
    newest: Arc<AtomicU64>,
    /// What was taken and not begun, the first first.
    waiting: VecDeque<Ask>,
    zone: Zone,
}

impl Work {
    fn run(mut self, asks: &Receiver<Ask>, tell: &dyn Fn(Answer)) {
        loop {
            self.waiting.extend(asks.try_iter());
            let Some(ask) = self.waiting.pop_front().or_else(|| asks.recv().ok()) else {
                return;
            };
            while self.is_wanted(&ask, asks) {
                match self.answer(&ask, asks, tell) {
                    Ok(rest) => {
                        // What was asked for meanwhile comes before the rest.
                        self.waiting.extend(asks.try_iter());
                        self.waiting.extend(rest);
                    }
                    Err(error) if Reader::is_interrupted(&error) => continue,
                    Err(error) => {
                        // The file may have been set aside: the next question opens the new one.
                        self.reader = None;
                        tell(Answer::Failed(error.to_string()));
                    }
                }
                break;
            }
        }
    }

    /// Whether nothing newer made the question idle: a search, another search; a preview, another preview or a search,
    /// whose answer asks for one.
    fn is_wanted(&mut self, ask: &Ask, asks: &Receiver<Ask>) -> bool {
        match ask {
            Ask::Search(search) => search.number == self.newest.load(Ordering::Relaxed),
            Ask::Preview(_) => {
                self.waiting.extend(asks.try_iter());
                let newer = |ask: &Ask| match ask {
                    Ask::Preview(_) => true,
                    Ask::Search(search) => matches!(search.rest, Rest::First),
                    _ => false,
                };
                !self.waiting.iter().any(newer)
            }
            _ => true,
        }
    }

    fn reader(&mut self) -> Result<&Reader, history::Error> {
        if self.reader.is_none() {
            let reader = Reader::open(&self.folder)?;
            *self.interrupter.lock() = Some(reader.interrupter());
            self.reader = Some(reader);
        }
        self.reader
            .as_ref()
            .ok_or_else(|| history::Error::Missing(self.folder.clone()))
    }

    /// Answers a question, or a part of it; returns what is left of it.
    fn answer(
        &mut self,
        ask: &Ask,
        asks: &Receiver<Ask>,
        tell: &dyn Fn(Answer),
    ) -> Result<Option<Ask>, history::Error> {
        let zone = std::mem::replace(&mut self.zone, Zone::utc());
        let answered = self.answer_in(&zone, ask, asks, tell);
        self.zone = zone;
        answered
    }

    fn answer_in(
        &mut self,
        zone: &Zone,
        ask: &Ask,
        asks: &Receiver<Ask>,
        tell: &dyn Fn(Answer),
    ) -> Result<Option<Ask>, history::Error> {
        let reader = self.reader()?;
        let shown = |hits: Vec<Hit>| -> Vec<Row> {
            hits.into_iter()
                .map(|hit| Row {
                    when: when(zone, &hit),
                    hit,
                    snippet: None,
                })
                .collect()
        };
        match ask {
            Ask::Search(search) => {
                let Search {
                    question, filter, ..
                } = &**search;
                let left = |rest| {
                    Some(Ask::Search(Box::new(Search {
                        rest,
                        ..(**search).clone()
                    })))
                };
                let send = |rows: &Vec<Row>| {
                    tell(Answer::Rows {
                        question: *question,
                        rows: Arc::new(rows.clone()),
                    });
                };
                let (mut rows, from) = match &search.rest {
                    Rest::First => {
                        let rows = shown(reader.search(filter, FIRST)?);
                        send(&rows);
                        if rows.len() == FIRST {
                            return Ok(left(Rest::Rows));
                        }
                        (rows, 0)
                    }
                    Rest::Rows => {
                        let rows = shown(reader.search(filter, ROWS)?);
                        send(&rows);
                        (rows, 0)
                    }
                    Rest::Snippets(rows, from) => (rows.clone(), *from),
                };
                if filter.text.characters() < 3 {
                    return Ok(None);
                }
                for at in from..rows.len().min(FIRST) {
                    if !asks.is_empty() {
                        return Ok(left(Rest::Snippets(rows, at)));
                    }
                    rows[at].snippet = reader.snippet(rows[at].hit.id, &filter.text)?;
                }
                send(&rows);
            }
            Ask::Runs(question, filter) => {
                let rows = shown(reader.search(filter, FIRST)?);
                tell(Answer::Runs(*question, Arc::new(rows)));
            }
            Ask::Compared(id) => {
                let record = reader.record(*id)?;
                let text = record.output.plain();
                tell(Answer::Compared(Arc::new((facts(zone, &record), text))));
            }
            Ask::Preview(id) => tell(Answer::Preview(Arc::new(preview(reader, zone, *id)?))),
            Ask::Whole(id) => {
                let record = reader.record(*id)?;
                let mut output = styled::ansi(&String::from_utf8_lossy(&record.output.head));
                if record.output.dropped_bytes > 0 {
                    output.push_str(&format!("\x1b[2m{}\x1b[0m\n", record.output.gap()));
                }
                output.push_str(&styled::ansi(&String::from_utf8_lossy(&record.output.tail)));
                tell(Answer::Whole(Arc::new(Whole {
                    facts: facts(zone, &record),
                    command: record.command.text,
                    output,
                })));
            }
            Ask::Stats(question) => {
                let found = report(reader, question, zone)?;
                tell(Answer::Stats(Arc::new(found)));
            }
            Ask::Places => {
                let (hosts, projects) = (reader.hosts()?, reader.projects()?);
                tell(Answer::Places(Arc::new(hosts), Arc::new(projects)));
            }
        }
        Ok(None)
    }
}

fn preview(reader: &Reader, zone: &Zone, id: i64) -> Result<Preview, history::Error> {
    let record = reader.record(id)?;
    let mut lines = styled::lines(&String::from_utf8_lossy(&record.output.head), PREVIEW + 1);
    let more = lines.len() > PREVIEW || record.output.dropped_bytes > 0;
    lines.truncate(PREVIEW);
    let rest = more.then(|| format!("{} lines in all", record.output.lines));
    Ok(Preview {
        id,
        facts: facts(zone, &record),
        lines,
        rest,
    })
}

fn facts(zone: &Zone, record: &history::Record) -> String {
    let mut facts = vec![history::export::outcome(record)];
    facts.extend(record.duration.map(duration_text));
    facts.push(zone.civil(record.started).to_string());
    let host = &record.session.host;
    let name = super::place_name(host).unwrap_or_else(|| host.name.clone());
    facts.push(match &record.folder {
        Some(folder) => format!("{name}:{folder}"),
        None => name,
    });
    facts.extend(record.git.clone());
    facts.extend(record.name.clone());
    facts.extend(record.note.clone());
    facts.join("  ·  ")
}

/// `08:52` today, `11-29 08:52` this year, else the date.
fn when(zone: &Zone, hit: &Hit) -> String {
    let (then, now) = (zone.civil(hit.started), zone.civil(SystemTime::now()));
    if then.date() == now.date() {
        then.clock()
    } else if then.year == now.year {
        format!("{:02}-{:02} {}", then.month, then.day, then.clock())
    } else {
        then.date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use history::{HistoryStore, Options, Record, Session};
    use std::time::{Duration, Instant};

    /// A seeker over so many blocks, and its answers.
    fn seeker(blocks: usize) -> (tempfile::TempDir, Seeker, Receiver<Answer>) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let store = HistoryStore::open(Options::new(folder.path()), |_| ()).unwrap();
        let now = SystemTime::now();
        let session = Session {
            uid: history::Uid::new(now),
            parent: None,
            host: super::super::local_host(),
            shell: "bash".to_owned(),
            started: now,
            pane: None,
        };
        for n in 0..blocks {
            let started = now - Duration::from_secs(n as u64);
            store.insert(Record::new(
                session.clone(),
                &format!("make target{n}"),
                b"needle in the output\n",
                started,
            ));
        }
        store.flush().recv().unwrap().unwrap();
        let (tell, told) = unbounded();
        let seeker = Seeker::start(folder.path().to_owned(), move |answer| {
            let _ = tell.send(answer);
        })
        .unwrap();
        (folder, seeker, told)
    }

    fn next(told: &Receiver<Answer>) -> Answer {
        told.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    fn sought(words: &str) -> Filter {
        Filter {
            text: history::Pattern::new(words),
            ..Filter::default()
        }
    }

    #[test]
    fn an_interrupted_search_that_is_still_wanted_is_answered() {
        let (_folder, seeker, told) = seeker(600);
        // It has opened the file.
        seeker.places();
        next(&told);
        for question in 1..=20 {
            seeker.search(question, sought("make needle"));
            // As that of a search that was sent before it comes late.
            let end = Instant::now() + Duration::from_millis(20);
            while told.is_empty() && Instant::now() < end {
                seeker.interrupt();
            }
            loop {
                match next(&told) {
                    Answer::Rows { question: of, .. } if of == question => break,
                    Answer::Rows { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    #[test]
    fn a_preview_takes_nothing_from_the_search_that_asked_for_it() {
        let (_folder, seeker, told) = seeker(120);
        seeker.search(1, sought("needle"));
        let (mut found, mut asked, mut previewed) = (0, false, false);
        let mut complete = false;
        while !(complete && previewed) {
            match next(&told) {
                Answer::Rows { rows, .. } => {
                    if !std::mem::replace(&mut asked, true) {
                        seeker.preview(rows[0].hit.id);
                    }
                    found = rows.len();
                    complete = rows[..FIRST].iter().all(|row| row.snippet.is_some());
                }
                Answer::Preview(_) => previewed = true,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(found, 120);
    }
}
