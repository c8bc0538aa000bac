//! What the control socket is told of this window, and asks of its user.

use std::rc::Rc;

use terminal::BlockEvent;
use terminal::blocks::Kind;

use super::Window;
use crate::control::access::Caller;
use crate::control::protocol::{BlockState, Change};
use crate::history::recorder::Recorder;
use crate::palette::{Command, Deed, Entry};
use crate::pane::PaneId;
use crate::services::Services;
use crate::view::dialog::Question;
use crate::view::notices::Severity;

impl Window {
    /// What those who watch a pane are told of an event of its blocks. What ran is named only where its shell vouches
    /// for it (`security.md`, 2.4), and not in private panes.
    pub(super) fn block_change(&self, pane: PaneId, event: &BlockEvent) -> Option<Change> {
        let (id, state) = match event {
            BlockEvent::Started(id) => (*id, BlockState::Started),
            BlockEvent::Finished(id) => (*id, BlockState::Ended),
            _ => return None,
        };
        let session = &self.panes.get(&pane)?.session;
        let terminal = session.lock();
        let block = terminal.blocks().get(id)?;
        if block.kind != Kind::Command {
            return None;
        }
        let private = session.recorder().is_some_and(Recorder::is_private);
        let command = block.command.text.lines().next().map(str::to_owned);
        let took = block.duration().map(|took| took.as_millis());
        Some(Change::Block {
            pane: pane.0,
            block: id.get(),
            state,
            command: command.filter(|_| block.is_verified() && !private),
            exit: block
                .exit()
                .filter(|_| block.is_verified())
                .map(|exit| i32::from(exit.code)),
            took: took.map(|took| u64::try_from(took).unwrap_or(u64::MAX)),
        })
    }

    /// A program does not wait any more for the answer to a question.
    pub(crate) fn withdraw_question(&mut self, ticket: u64) {
        self.overlay.drop_dialog(
            |question| matches!(question, Question::Control { ticket: of, .. } if *of == ticket),
        );
        self.redraw();
    }

    /// What is granted to other programs, each of which choosing it takes back, and what they asked, the newest first.
    pub(crate) fn access_entries(&self, services: &Services) -> Vec<Entry> {
        let Some(tokens) = &services.tokens else {
            let text = "The control socket is closed; see control.enabled";
            return vec![Entry::new("", text, nothing())];
        };
        let (grants, calls) = tokens.audit();
        let place = |caller: &Caller| match caller {
            Caller::Pane(pane) => match self.panes.get(pane) {
                Some(pane) => format!("in the pane {}, {}", pane.id.0, pane.label()),
                None => format!("in the pane {}", pane.0),
            },
            Caller::User => "outside of panes".to_owned(),
        };
        let mut entries: Vec<Entry> = Vec::new();
        for grant in grants {
            let number = grant.number;
            let revoke: Deed = Rc::new(move |window, services| {
                if let Some(tokens) = &services.tokens {
                    tokens.revoke(Some(number));
                    window.notify(Severity::Info, "control", "Taken back.");
                }
            });
            entries.push(Entry {
                detail: place(&grant.caller),
                about: format!("{}. Enter takes it back.", grant.line),
                hint: "granted".to_owned(),
                ..Entry::new(
                    "",
                    format!("{} may {}", grant.program(), grant.scope.name()),
                    Command::Do(revoke),
                )
            });
        }
        entries.extend(calls.into_iter().map(|call| {
            let time = crate::local_time::hour_and_minute(call.at).unwrap_or_default();
            let target = call
                .pane
                .map_or_else(String::new, |pane| format!(" pane={pane}"));
            let program = &call.asker.program;
            Entry {
                detail: program.name(),
                about: format!("{}, {}", program.line, place(&call.asker.caller)),
                hint: call.outcome.name().to_owned(),
                ..Entry::new("", format!("{time}  {}{target}", call.name), nothing())
            }
        }));
        if entries.is_empty() {
            entries.push(Entry::new("", "Nothing was asked yet", nothing()));
        }
        entries
    }
}

/// For entries that only say something.
fn nothing() -> Command {
    Command::Do(Rc::new(|_, _| {}))
}
