//! What the user allowed other programs beyond the settings, and a list of what was asked of Terrace.
//!
//! A grant is for one program, as far as it comes by the same token: that of a pane, with which it ends, or the
//! user's, with which it ends when Terrace does. A refusal holds for [`REFUSED_FOR`], so that a program that asks in a
//! loop does not keep asking the user.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use config::control::Scope;
use serde_json::{Value, json};

use super::access::Caller;
use super::program::Program;

/// How many calls are remembered.
const MAX_CALLS: usize = 1000;
/// How many grants and refusals are remembered; the oldest goes.
const MAX_GRANTS: usize = 256;
/// How long a program that was refused something is not asked about again.
pub(crate) const REFUSED_FOR: Duration = Duration::from_secs(60);

/// Who asks: with whose token, and which program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    /// Whose token it has.
    pub(crate) caller: Caller,
    /// The program.
    pub(crate) program: Program,
}

/// What the user answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// This once.
    Once,
    /// As long as the token is in force.
    Lasting,
    /// No.
    No,
    /// Nobody could be asked: another question is open.
    Busy,
}

/// Something that a program may do, or not.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Its number.
    pub(crate) number: u64,
    /// Whose token the program had.
    pub(crate) caller: Caller,
    path: PathBuf,
    /// The program's command line when it was allowed.
    pub(crate) line: String,
    /// What it may do.
    pub(crate) scope: Scope,
    /// When it was refused; `None`: it is allowed.
    refused: Option<Instant>,
}

impl Grant {
    /// The program, for people.
    pub(crate) fn program(&self) -> String {
        self.path.display().to_string()
    }

    fn is_of(&self, asker: &Asker, scope: Scope) -> bool {
        self.scope == scope
            && self.caller == asker.caller
            && asker.program.path.as_ref() == Some(&self.path)
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The settings or an earlier answer allow it.
    Allowed,
    /// The user was asked and allowed it.
    Granted,
    /// The user was asked and refused it, or did not answer.
    Refused,
    /// Nobody was asked.
    Denied,
}

impl Outcome {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Denied => "denied",
        }
    }
}

/// A call that was made.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// When.
    pub(crate) at: SystemTime,
    /// Who asked.
    pub(crate) asker: Asker,
    /// What was asked.
    pub(crate) name: String,
    /// The pane that it named.
    pub(crate) pane: Option<u64>,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// Grants, refusals and calls.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    list: VecDeque<Grant>,
    calls: VecDeque<Call>,
    last: u64,
}

impl Grants {
    /// What the user said of this before; `None` when it must be asked.
    pub(crate) fn answer(&self, asker: &Asker, scope: Scope, now: Instant) -> Option<bool> {
        let grant = self.list.iter().find(|grant| grant.is_of(asker, scope))?;
        match grant.refused {
            None => Some(true),
            Some(at) if now.saturating_duration_since(at) < REFUSED_FOR => Some(false),
            Some(_) => None,
        }
    }

    /// Remembers an answer. A program that is not known by its file is asked about each time.
    pub(crate) fn remember(&mut self, asker: &Asker, scope: Scope, decision: Decision) {
        let refused = match decision {
            Decision::Lasting => None,
            Decision::No => Some(Instant::now()),
            Decision::Once | Decision::Busy => return,
        };
        let Some(path) = asker.program.path.clone() else {
            return;
        };
        self.list.retain(|grant| !grant.is_of(asker, scope));
        if self.list.len() >= MAX_GRANTS {
            self.list.pop_front();
        }
        self.last += 1;
        self.list.push_back(Grant {
            number: self.last,
            caller: asker.caller.clone(),
            path,
            line: asker.program.line.clone(),
            scope,
            refused,
        });
    }

    /// Takes a grant back; all of them if none is named. Returns how many there were.
    pub(crate) fn revoke(&mut self, number: Option<u64>) -> usize {
        let before = self.list.len();
        self.list
            .retain(|grant| number.is_some_and(|number| grant.number != number));
        before - self.list.len()
    }

    /// A token is not in force any more.
    pub(crate) fn forget(&mut self, caller: &Caller) {
        self.list.retain(|grant| grant.caller != *caller);
    }

    /// Writes a call down.
    pub(crate) fn note(&mut self, call: Call) {
        if self.calls.len() >= MAX_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// What is allowed now.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = &Grant> {
        self.list.iter().filter(|grant| grant.refused.is_none())
    }

    /// The calls, the newest first.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().rev()
    }

    /// All of it for clients.
    pub(crate) fn json(&self) -> Value {
        let own = |caller: &Caller| match caller {
            Caller::Pane(pane) => Some(pane.0),
            Caller::User => None,
        };
        let grants: Vec<Value> = self
            .allowed()
            .map(|grant| {
                json!({
                    "grant": grant.number,
                    "program": grant.program(),
                    "command": grant.line,
                    "in": own(&grant.caller),
                    "scope": grant.scope.name(),
                })
            })
            .collect();
        let calls: Vec<Value> = self
            .calls
            .iter()
            .map(|call| {
                let at = call.at.duration_since(UNIX_EPOCH).unwrap_or_default();
                json!({
                    "at": u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
                    "program": call.asker.program.name(),
                    "command": call.asker.program.line,
                    "process": call.asker.program.process,
                    "in": own(&call.asker.caller),
                    "do": call.name,
                    "pane": call.pane,
                    "outcome": call.outcome.name(),
                })
            })
            .collect();
        json!({"grants": grants, "calls": calls})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pane::PaneId;

    fn asker(caller: Caller, path: Option<&str>) -> Asker {
        Asker {
            caller,
            program: Program {
                path: path.map(PathBuf::from),
                line: "x --y".to_owned(),
                process: 7,
            },
        }
    }

    #[test]
    fn an_answer_is_for_one_program_by_one_token() {
        let mut grants = Grants::default();
        let now = Instant::now();
        let in_pane = Caller::Pane(PaneId(3));
        let one = asker(in_pane.clone(), Some("/bin/x"));
        assert_eq!(grants.answer(&one, Scope::InputSend, now), None);
        grants.remember(&one, Scope::InputSend, Decision::Once);
        assert_eq!(grants.answer(&one, Scope::InputSend, now), None);
        grants.remember(&one, Scope::InputSend, Decision::Lasting);
        assert_eq!(grants.answer(&one, Scope::InputSend, now), Some(true));
        for other in [
            asker(in_pane.clone(), Some("/bin/y")),
            asker(in_pane.clone(), None),
            asker(Caller::Pane(PaneId(4)), Some("/bin/x")),
            asker(Caller::User, Some("/bin/x")),
        ] {
            assert_eq!(grants.answer(&other, Scope::InputSend, now), None);
        }
        assert_eq!(grants.answer(&one, Scope::ScreenRead, now), None);
        grants.forget(&in_pane);
        assert_eq!(grants.answer(&one, Scope::InputSend, now), None);
    }

    #[test]
    fn a_refusal_holds_for_a_while_and_a_grant_until_it_is_taken_back() {
        let mut grants = Grants::default();
        let one = asker(Caller::User, Some("/bin/x"));
        grants.remember(&one, Scope::ScreenRead, Decision::No);
        let now = Instant::now();
        assert_eq!(grants.answer(&one, Scope::ScreenRead, now), Some(false));
        let later = now + REFUSED_FOR;
        assert_eq!(grants.answer(&one, Scope::ScreenRead, later), None);
        assert_eq!(grants.allowed().count(), 0);
        grants.remember(&one, Scope::ScreenRead, Decision::Lasting);
        assert_eq!(grants.answer(&one, Scope::ScreenRead, later), Some(true));
        let number = grants.allowed().next().unwrap().number;
        assert_eq!(grants.revoke(Some(number + 1)), 0);
        assert_eq!(grants.revoke(Some(number)), 1);
        assert_eq!(grants.answer(&one, Scope::ScreenRead, now), None);
    }

    #[test]
    fn calls_and_grants_are_bounded() {
        let mut grants = Grants::default();
        for number in 0..MAX_CALLS + 5 {
            let one = asker(Caller::Pane(PaneId(number as u64)), Some("/bin/x"));
            grants.remember(&one, Scope::StateRead, Decision::Lasting);
            grants.note(Call {
                at: SystemTime::now(),
                asker: one,
                name: number.to_string(),
                pane: None,
                outcome: Outcome::Allowed,
            });
        }
        assert_eq!(grants.calls().count(), MAX_CALLS);
        assert_eq!(
            grants.calls().next().unwrap().name,
            (MAX_CALLS + 4).to_string()
        );
        assert_eq!(grants.allowed().count(), MAX_GRANTS);
        let json = grants.json();
        assert_eq!(json["calls"][0]["do"], "5");
        assert_eq!(json["grants"][0]["scope"], "state.read");
    }
}
