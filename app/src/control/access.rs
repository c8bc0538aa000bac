//! Who may ask what: the folder, the socket, the tokens.
//!
//! A caller must be the same user (the kernel tells), and know a token. That of a pane, which its
//! programs find in `TERRACE_PANE_TOKEN`, lets it read its own pane; that in the file beside the socket,
//! readable by the user alone, what `control.allow` says (`security.md`, section 6). About all else the user is
//! asked in the window, where [`super::grants`] remembers the answer.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use config::control::{Scope, Scopes};
use crossbeam::channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use serde_json::Value;

use super::grants::{Asker, Call, Decision, Grant, Grants, Outcome};
use super::protocol::{Failure, Request};
use crate::pane::PaneId;

/// The variable with the socket's path, for programs in panes.
pub(crate) const SOCKET_VARIABLE: &str = "TERRACE_SOCKET";
/// The variable with the pane's token.
pub(crate) const TOKEN_VARIABLE: &str = "TERRACE_PANE_TOKEN";
/// The variable with the pane's number.
pub(crate) const PANE_VARIABLE: &str = "TERRACE_PANE";

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A program in a pane.
    Pane(PaneId),
    /// One that knows the file's token.
    User,
}

/// The tokens in force.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    user: String,
    panes: BTreeMap<String, PaneId>,
    allow: Scopes,
    /// Whether the user is asked about what is not allowed.
    asks: bool,
    grants: Grants,
    question: Option<Open>,
    questions: u64,
}

/// A question that waits for its answer.
#[derive(Debug)]
struct Open {
    ticket: u64,
    asker: Asker,
    scope: Scope,
    decided: Sender<Decision>,
}

/// What is to be done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Do it.
    Allowed,
    /// Ask the user whether the program may do such things.
    Ask(Scope),
    /// Refuse it.
    Denied(Failure),
}

impl Tokens {
    /// Tokens with a fresh one for the user.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(crate) fn new(allow: Scopes, asks: bool) -> io::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Known {
            user: random()?,
            allow,
            asks,
            ..Known::default()
        }))))
    }

    /// The user's token, for the file.
    fn user(&self) -> String {
        self.0.lock().user.clone()
    }

    /// What the user's token allows from now on, and whether the user is asked about the rest.
    pub(crate) fn set_allowed(&self, allow: Scopes, asks: bool) {
        let mut known = self.0.lock();
        (known.allow, known.asks) = (allow, asks);
    }

    /// A fresh token for a pane.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(crate) fn add_pane(&self, pane: PaneId) -> io::Result<PaneToken> {
        let text = random()?;
        self.0.lock().panes.insert(text.clone(), pane);
        Ok(PaneToken {
            text,
            tokens: self.clone(),
        })
    }

    /// Whose token this is.
    pub(crate) fn caller(&self, token: &str) -> Option<Caller> {
        let known = self.0.lock();
        // Both are 256 random bits: looking one up tells nothing of another by its time.
        if let Some(pane) = known.panes.get(token) {
            return Some(Caller::Pane(*pane));
        }
        (!token.is_empty() && token == known.user).then_some(Caller::User)
    }

    /// Whether somebody may ask this, as the settings and earlier answers have it.
    pub(crate) fn judge(&self, asker: &Asker, request: &Request) -> Verdict {
        let Some(scope) = request.scope() else {
            return Verdict::Allowed;
        };
        let known = self.0.lock();
        let why = match &asker.caller {
            Caller::Pane(own) => {
                let about_itself = request.pane().is_none_or(|pane| pane == own.0);
                if request.reads_a_pane() && about_itself {
                    return Verdict::Allowed;
                }
                "a program in a pane may only read its own pane; use terrace ctl --all, \
                 for which control.allow decides"
                    .to_owned()
            }
            Caller::User if known.allow.contains(scope) => return Verdict::Allowed,
            Caller::User => format!(
                "this needs \"{}\" in control.allow of the settings",
                scope.name()
            ),
        };
        match known.grants.answer(asker, scope, Instant::now()) {
            Some(true) => Verdict::Allowed,
            Some(false) => Verdict::Denied(refused()),
            None if known.asks => Verdict::Ask(scope),
            None => Verdict::Denied(Failure::forbidden(why)),
        }
    }

    /// Opens a question to the user: its number, and where the answer comes. `None` while another is open.
    pub(crate) fn open_question(
        &self,
        asker: &Asker,
        scope: Scope,
    ) -> Option<(u64, Receiver<Decision>)> {
        let mut known = self.0.lock();
        if known.question.is_some() {
            return None;
        }
        let (decided, decision) = bounded(1);
        known.questions += 1;
        let ticket = known.questions;
        known.question = Some(Open {
            ticket,
            asker: asker.clone(),
            scope,
            decided,
        });
        Some((ticket, decision))
    }

    /// Answers a question, and remembers the answer. Nothing happens when it is not open any more.
    pub(crate) fn decide(&self, ticket: u64, decision: Decision) {
        let mut known = self.0.lock();
        if let Some(open) = known.question.take_if(|open| open.ticket == ticket) {
            known.grants.remember(&open.asker, open.scope, decision);
            // The program may have left.
            let _ = open.decided.send(decision);
        }
    }

    /// Writes down what was asked and how it ended.
    pub(crate) fn note(&self, asker: &Asker, name: &str, pane: Option<u64>, outcome: Outcome) {
        self.0.lock().grants.note(Call {
            at: SystemTime::now(),
            asker: asker.clone(),
            name: name.to_owned(),
            pane,
            outcome,
        });
    }

    /// What is granted now, and the calls, the newest first.
    pub(crate) fn audit(&self) -> (Vec<Grant>, Vec<Call>) {
        let known = self.0.lock();
        let grants = known.grants.allowed().cloned().collect();
        (grants, known.grants.calls().cloned().collect())
    }

    /// The same for clients.
    pub(crate) fn audit_json(&self) -> Value {
        self.0.lock().grants.json()
    }

    /// Takes a grant back, or all of them; returns how many.
    pub(crate) fn revoke(&self, number: Option<u64>) -> usize {
        self.0.lock().grants.revoke(number)
    }
}

/// What a program is told that the user refused.
pub(crate) fn refused() -> Failure {
    Failure::forbidden("you refused it in the window; it is asked again after a minute")
}

/// A pane's token, in force until it is dropped.
#[derive(Debug)]
pub(crate) struct PaneToken {
    text: String,
    tokens: Tokens,
}

impl PaneToken {
    /// What the pane's programs are given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for PaneToken {
    fn drop(&mut self) {
        let mut known = self.tokens.0.lock();
        if let Some(pane) = known.panes.remove(&self.text) {
            known.grants.forget(&Caller::Pane(pane));
        }
    }
}

/// 256 random bits in hexadecimal.
fn random() -> io::Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where this process listens.
pub(crate) fn socket_path() -> io::Result<PathBuf> {
    let name = format!("control-{}.sock", std::process::id());
    Ok(pty::runtime_folder()?.join(name))
}

/// The file of the user's token for a socket.
fn token_path(socket: &Path) -> PathBuf {
    socket.with_extension("token")
}

/// Writes the user's token beside the socket, for its owner alone.
pub(crate) fn write_token(socket: &Path, tokens: &Tokens) -> io::Result<()> {
    let path = token_path(socket);
    let _ = fs::remove_file(&path);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(tokens.user().as_bytes())
}

/// Takes socket and token away.
pub(crate) fn remove(socket: &Path) {
    let _ = fs::remove_file(token_path(socket));
    let _ = fs::remove_file(socket);
}

/// The user's token for a socket.
///
/// # Errors
/// When there is none, or others could have written or read it.
pub(crate) fn read_token(socket: &Path) -> io::Result<String> {
    let path = token_path(socket);
    let found = fs::symlink_metadata(&path)?;
    let ours = found.uid() == rustix::process::geteuid().as_raw();
    if !found.is_file() || !ours || found.mode() & 0o077 != 0 || found.len() > 128 {
        return Err(io::Error::other(format!(
            "{} is not a file that is yours alone",
            path.display()
        )));
    }
    fs::read_to_string(path)
}

/// Whether a path is a socket of ours that nobody else may use.
///
/// # Errors
/// When it is not, or is not there.
pub(crate) fn check_socket(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    let ours = found.uid() == rustix::process::geteuid().as_raw();
    if found.file_type().is_socket() && ours && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{} is not a socket that is yours alone",
        path.display()
    )))
}

/// The sockets of running Terraces, the newest first; those that nobody listens on are taken away.
///
/// # Errors
/// When there is no folder of ours for them.
pub(crate) fn sockets() -> io::Result<Vec<PathBuf>> {
    let folder = pty::runtime_folder()?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with("control-") || !name.ends_with(".sock") || check_socket(&path).is_err()
        {
            continue;
        }
        if UnixStream::connect(&path).is_err() {
            remove(&path);
            continue;
        }
        let since = entry.metadata().and_then(|it| it.modified()).ok();
        found.push((since, path));
    }
    found.sort();
    Ok(found.into_iter().rev().map(|(_, path)| path).collect())
}

#[cfg(test)]
mod tests {
    use super::super::program::Program;
    use super::*;

    #[track_caller]
    fn judge(tokens: &Tokens, caller: &Caller, line: &str) -> Verdict {
        let line = format!(r#"{{"v":1,"do":{line}}}"#);
        let (_, request) = super::super::protocol::parse(line.as_bytes()).unwrap();
        tokens.judge(&asker(caller), &request)
    }

    fn asker(caller: &Caller) -> Asker {
        Asker {
            caller: caller.clone(),
            program: Program {
                path: Some("/bin/x".into()),
                ..Program::default()
            },
        }
    }

    #[test]
    fn a_token_opens_what_it_is_for_and_nothing_else() {
        let tokens = Tokens::new(Scopes(vec![Scope::StateRead]), false).unwrap();
        let token = tokens.add_pane(PaneId(4)).unwrap();
        let text = token.text().to_owned();
        assert_eq!(text.len(), 64);
        assert_eq!(tokens.caller(&text), Some(Caller::Pane(PaneId(4))));
        assert_eq!(tokens.caller(&tokens.user()), Some(Caller::User));
        assert_eq!(tokens.caller(""), None);
        assert_eq!(tokens.caller("x"), None);

        #[track_caller]
        fn check(tokens: &Tokens, caller: &Caller, line: &str, allowed: bool) {
            let found = judge(tokens, caller, line);
            assert_eq!(found == Verdict::Allowed, allowed, "{found:?}");
            assert!(!matches!(found, Verdict::Ask(_)));
        }
        let own = Caller::Pane(PaneId(4));
        check(&tokens, &own, r#""hello""#, true);
        check(&tokens, &own, r#""text""#, true);
        check(&tokens, &own, r#""text","with":{"pane":4}"#, true);
        check(&tokens, &own, r#""text","with":{"pane":5}"#, false);
        check(&tokens, &own, r#""list""#, false);
        let send = r#""send-text","with":{"pane":4,"text":"x"}"#;
        check(&tokens, &own, send, false);
        check(&tokens, &Caller::User, r#""list""#, true);
        check(&tokens, &Caller::User, r#""text""#, false);
        tokens.set_allowed(Scopes(vec![Scope::ScreenRead]), false);
        check(&tokens, &Caller::User, r#""list""#, false);
        check(&tokens, &Caller::User, r#""text""#, true);

        drop(token);
        assert_eq!(tokens.caller(&text), None);
    }

    #[test]
    fn one_question_is_asked_at_a_time_and_its_answer_counts() {
        let tokens = Tokens::new(Scopes::default(), true).unwrap();
        let token = tokens.add_pane(PaneId(4)).unwrap();
        let own = Caller::Pane(PaneId(4));
        let send = r#""send-text","with":{"pane":4,"text":"x"}"#;
        assert_eq!(judge(&tokens, &own, send), Verdict::Ask(Scope::InputSend));
        let (ticket, decision) = tokens
            .open_question(&asker(&own), Scope::InputSend)
            .unwrap();
        assert!(
            tokens
                .open_question(&asker(&own), Scope::ScreenRead)
                .is_none()
        );
        tokens.decide(ticket + 1, Decision::Lasting);
        assert!(decision.is_empty());
        tokens.decide(ticket, Decision::Lasting);
        assert_eq!(decision.recv(), Ok(Decision::Lasting));
        assert_eq!(judge(&tokens, &own, send), Verdict::Allowed);
        assert_eq!(
            judge(&tokens, &Caller::User, send),
            Verdict::Ask(Scope::InputSend)
        );
        // Nothing is taken twice, and the pane's token takes its grants along.
        tokens.decide(ticket, Decision::No);
        assert_eq!(judge(&tokens, &own, send), Verdict::Allowed);
        drop(token);
        assert_eq!(judge(&tokens, &own, send), Verdict::Ask(Scope::InputSend));
        let (ticket, _) = tokens
            .open_question(&asker(&own), Scope::InputSend)
            .unwrap();
        tokens.decide(ticket, Decision::No);
        assert_eq!(judge(&tokens, &own, send), Verdict::Denied(refused()));
    }
}
