//! The thread that reads the history for the window: the panel asks, and the answer comes as an event.
//!
//! The newest question counts: it interrupts the one before it.

use std::path::PathBuf;
use std::sync::Arc;
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

enum Ask {
    Search(u64, Box<Filter>),
    Preview(i64),
    Whole(i64),
    Stats(Box<Question>),
    Places,
    Runs(u64, Box<Filter>),
    Compared(i64),
}

/// The thread's handle.
pub(crate) struct Seeker {
    asks: Sender<Ask>,
    interrupter: Arc<Mutex<Option<Interrupter>>>,
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
        std::thread::Builder::new()
            .name("history-read".to_owned())
            .spawn(move || {
                Work {
                    folder,
                    reader: None,
                    interrupter: theirs,
                    zone: Zone::local(),
                }
                .run(&receiver, &tell);
            })
            .context("no thread to read the history with")?;
        Ok(Self { asks, interrupter })
    }

    /// Searches; a search that goes on is given up.
    pub(crate) fn search(&self, question: u64, filter: Filter) {
        self.ask(Ask::Search(question, Box::new(filter)));
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
    zone: Zone,
}

impl Work {
    fn run(mut self, asks: &Receiver<Ask>, tell: &dyn Fn(Answer)) {
        for ask in asks {
            // Searches that were overtaken are not begun.
            let overtaken = matches!(ask, Ask::Search(..) | Ask::Preview(_)) && !asks.is_empty();
            if overtaken && matches!(ask, Ask::Preview(_)) {
                continue;
            }
            match self.answer(ask, asks, tell) {
                Ok(()) => {}
                Err(error) if Reader::is_interrupted(&error) => {}
                Err(error) => {
                    // The file may have been set aside: the next question opens the new one.
                    self.reader = None;
                    tell(Answer::Failed(error.to_string()));
                }
            }
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

    fn answer(
        &mut self,
        ask: Ask,
        asks: &Receiver<Ask>,
        tell: &dyn Fn(Answer),
    ) -> Result<(), history::Error> {
        let zone = std::mem::replace(&mut self.zone, Zone::utc());
        let answered = self.answer_in(&zone, ask, asks, tell);
        self.zone = zone;
        answered
    }

    fn answer_in(
        &mut self,
        zone: &Zone,
        ask: Ask,
        asks: &Receiver<Ask>,
        tell: &dyn Fn(Answer),
    ) -> Result<(), history::Error> {
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
            Ask::Search(question, filter) => {
                let send = |rows: &Vec<Row>| {
                    tell(Answer::Rows {
                        question,
                        rows: Arc::new(rows.clone()),
                    });
                };
                let mut rows = shown(reader.search(&filter, FIRST)?);
                send(&rows);
                if rows.len() == FIRST && asks.is_empty() {
                    rows = shown(reader.search(&filter, ROWS)?);
                    send(&rows);
                }
                if filter.text.characters() < 3 {
                    return Ok(());
                }
                for row in rows.iter_mut().take(FIRST) {
                    if !asks.is_empty() {
                        return Ok(());
                    }
                    row.snippet = reader.snippet(row.hit.id, &filter.text)?;
                }
                send(&rows);
            }
            Ask::Runs(question, filter) => {
                let rows = shown(reader.search(&filter, FIRST)?);
                tell(Answer::Runs(question, Arc::new(rows)));
            }
            Ask::Compared(id) => {
                let record = reader.record(id)?;
                let text = record.output.plain();
                tell(Answer::Compared(Arc::new((facts(zone, &record), text))));
            }
            Ask::Preview(id) => tell(Answer::Preview(Arc::new(preview(reader, zone, id)?))),
            Ask::Whole(id) => {
                let record = reader.record(id)?;
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
                let found = report(reader, &question, zone)?;
                tell(Answer::Stats(Arc::new(found)));
            }
            Ask::Places => {
                let (hosts, projects) = (reader.hosts()?, reader.projects()?);
                tell(Answer::Places(Arc::new(hosts), Arc::new(projects)));
            }
        }
        Ok(())
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
