//! Who may ask what: the folder, the socket, the tokens.
//!
//! A caller must be the same user (the kernel tells), and know a token. That of a pane, which its
//! programs find in `TERRACE_PANE_TOKEN`, lets it read its own pane; that in the file beside the socket,
//! readable by the user alone, what `control.allow` says (`security.md`, section 6).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::control::Scopes;
use parking_lot::Mutex;

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
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    user: String,
    panes: BTreeMap<String, PaneId>,
    allow: Scopes,
}

impl Tokens {
    /// Tokens with a fresh one for the user.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(crate) fn new(allow: Scopes) -> io::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Known {
            user: random()?,
            panes: BTreeMap::new(),
            allow,
        }))))
    }

    /// The user's token, for the file.
    fn user(&self) -> String {
        self.0.lock().user.clone()
    }

    /// What the user's token allows from now on.
    pub(crate) fn set_allowed(&self, allow: Scopes) {
        self.0.lock().allow = allow;
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

    /// Whether the caller may ask this.
    ///
    /// # Errors
    /// When not; the message says what would have to be allowed.
    pub(crate) fn check(&self, caller: &Caller, request: &Request) -> Result<(), Failure> {
        let Some(scope) = request.scope() else {
            return Ok(());
        };
        match caller {
            Caller::Pane(own) => {
                let about_itself = request.pane().is_none_or(|pane| pane == own.0);
                if request.reads_a_pane() && about_itself {
                    return Ok(());
                }
                Err(Failure::forbidden(
                    "a program in a pane may only read its own pane; use terrace ctl --all, \
                     for which control.allow decides",
                ))
            }
            Caller::User if self.0.lock().allow.contains(scope) => Ok(()),
            Caller::User => Err(Failure::forbidden(format!(
                "this needs \"{}\" in control.allow of the settings",
                scope.name()
            ))),
        }
    }
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
        self.tokens.0.lock().panes.remove(&self.text);
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
    use super::*;
    use config::control::Scope;

    #[test]
    fn a_token_opens_what_it_is_for_and_nothing_else() {
        let tokens = Tokens::new(Scopes(vec![Scope::StateRead])).unwrap();
        let token = tokens.add_pane(PaneId(4)).unwrap();
        let text = token.text().to_owned();
        assert_eq!(text.len(), 64);
        assert_eq!(tokens.caller(&text), Some(Caller::Pane(PaneId(4))));
        assert_eq!(tokens.caller(&tokens.user()), Some(Caller::User));
        assert_eq!(tokens.caller(""), None);
        assert_eq!(tokens.caller("x"), None);

        #[track_caller]
        fn check(tokens: &Tokens, caller: &Caller, line: &str, allowed: bool) {
            let line = format!(r#"{{"v":1,"do":{line}}}"#);
            let (_, request) = super::super::protocol::parse(line.as_bytes()).unwrap();
            let found = tokens.check(caller, &request);
            assert_eq!(found.is_ok(), allowed, "{found:?}");
        }
        let own = Caller::Pane(PaneId(4));
        check(&tokens, &own, r#""hello""#, true);
        check(&tokens, &own, r#""text""#, true);
        check(&tokens, &own, r#""text","with":{"pane":4}"#, true);
        check(&tokens, &own, r#""text","with":{"pane":5}"#, false);
        check(&tokens, &own, r#""list""#, false);
        check(
            &tokens,
            &own,
            r#""send-text","with":{"pane":4,"text":"x"}"#,
            false,
        );
        check(&tokens, &Caller::User, r#""list""#, true);
        check(&tokens, &Caller::User, r#""text""#, false);
        tokens.set_allowed(Scopes(vec![Scope::ScreenRead]));
        check(&tokens, &Caller::User, r#""list""#, false);
        check(&tokens, &Caller::User, r#""text""#, true);

        drop(token);
        assert_eq!(tokens.caller(&text), None);
    }
}
