//! Looking through a viewport for hints, beside the user interface: the user's own expressions may take their time.
//!
//! The text is copied under the pane's lock and looked through without it, on a thread that ends with that. What was
//! not found within [`LOOK_TIME`] is not found.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use config::Hints;
use terminal::hints::{Hint, HintRules, HintText};

use crate::pane::PaneId;

/// How long is looked at most.
const LOOK_TIME: Duration = Duration::from_secs(1);

/// A question for hints, which can be given up; each is only equal to itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looking(Arc<AtomicBool>);

impl Looking {
    /// Nobody wants to know any more.
    pub(crate) fn give_up(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

impl PartialEq for Looking {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub(crate) struct HintsFound {
    /// Whose viewport it is.
    pub(crate) pane: PaneId,
    /// Which question this answers.
    pub(crate) looking: Looking,
    /// What was found, in reading order.
    pub(crate) hints: Vec<Hint>,
    /// What the user should know of the own expressions.
    pub(crate) wrong: Option<String>,
}

/// Looks through a viewport.
pub(crate) fn look(pane: PaneId, text: &HintText, rules: &Hints, looking: Looking) -> HintsFound {
    let started = Instant::now();
    let mut found = HintsFound {
        pane,
        looking,
        hints: Vec::new(),
        wrong: None,
    };
    let own = rules.iter().map(|rule| rule.regex.as_str());
    match HintRules::new(own) {
        Ok(own) => {
            let mut late = false;
            found.hints = text.find(&own, || {
                late = started.elapsed() > LOOK_TIME;
                !late && found.looking.goes_on()
            });
            if late {
                let seconds = LOOK_TIME.as_secs();
                let text = format!(
                    "the expressions of [[hints]] took longer than {seconds} s here; what was found by then is shown"
                );
                found.wrong = Some(text);
            }
        }
        Err((number, error)) => {
            let name = rules.get(number).map_or("", |rule| &rule.name);
            found.wrong = Some(format!("hint \"{name}\": {error}"));
        }
    }
    let elapsed_us = started.elapsed().as_micros();
    tracing::debug!(elapsed_us, hints = found.hints.len(), "looked for hints");
    found
}
