//! `terrace ctl`, and a second `terrace` that hands its wish to the first: the asking end of the socket.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use config::control::SingleInstance;
use serde_json::{Map, Value, json};

use super::access::{self, SOCKET_VARIABLE, TOKEN_VARIABLE};
use super::protocol::VERSION;
use crate::cli::{CtlArgs, WindowOptions};
use crate::headless::print;

/// How long a Terrace that does not answer is waited for when a window is to be opened.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection.
struct Connection {
    stream: UnixStream,
    token: String,
}

impl Connection {
    /// Connects as a program of the pane it runs in, or as the user.
    fn open(args: &CtlArgs) -> anyhow::Result<Self> {
        let named = args.socket.clone();
        let own = std::env::var_os(SOCKET_VARIABLE).map(PathBuf::from);
        let in_pane = named.is_none() && !args.all;
        if let (true, Some(socket), Ok(token)) = (in_pane, &own, std::env::var(TOKEN_VARIABLE)) {
            return Self::to(socket, token);
        }
        let socket = match named.or(own) {
            Some(socket) => socket,
            None => access::sockets()?
                .into_iter()
                .next()
                .context("no Terrace is running, or control.enabled is off in its settings")?,
        };
        Self::as_user(&socket)
    }

    fn as_user(socket: &Path) -> anyhow::Result<Self> {
        let token = access::read_token(socket)
            .with_context(|| format!("the token of {} cannot be read", socket.display()))?;
        Self::to(socket, token)
    }

    fn to(socket: &Path, token: String) -> anyhow::Result<Self> {
        let context = || format!("cannot speak to the Terrace at {}", socket.display());
        access::check_socket(socket).with_context(context)?;
        let stream = UnixStream::connect(socket).with_context(context)?;
        Ok(Self { stream, token })
    }

    fn send(&mut self, name: &str, with: &Value) -> io::Result<()> {
        let line = json!({"v": VERSION, "token": self.token, "do": name, "with": with});
        self.stream.write_all(format!("{line}\n").as_bytes())
    }
}

/// The answer of a line: its result, or what went wrong.
fn result(line: &str) -> anyhow::Result<Value> {
    let answer: Value = serde_json::from_str(line).context("the answer is no JSON")?;
    if answer["ok"] == true {
        return Ok(answer["result"].clone());
    }
    match answer["error"]["message"].as_str() {
        Some(message) => bail!("{message}"),
        None => bail!("the answer is not understood: {}", line.trim_end()),
    }
}

/// `terrace ctl …`.
///
/// # Errors
/// When no Terrace answers, or it says no.
pub(crate) fn run(args: &CtlArgs) -> anyhow::Result<ExitCode> {
    let with = arguments(args)?;
    let mut connection = Connection::open(args)?;
    connection.send(shorthand(&args.request).0, &with)?;
    let mut lines = BufReader::new(connection.stream.try_clone()?).lines();
    let first = lines
        .next()
        .context("Terrace closed the connection")?
        .context("no answer")?;
    let answer = result(&first)?;
    match (args.request.as_str(), answer["text"].as_str()) {
        ("text", Some(text)) if !args.json => print(text)?,
        ("subscribe", _) => {
            for line in lines {
                print(&format!("{}\n", line?))?;
            }
        }
        _ => print(&format!("{answer}\n"))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The request that a word of the command line stands for, and the kind that it opens.
fn shorthand(word: &str) -> (&str, Option<&'static str>) {
    match word {
        "new-tab" => ("open", Some("tab")),
        "new-window" => ("open", Some("window")),
        other => (other, None),
    }
}

/// The request's arguments from the command line's.
fn arguments(args: &CtlArgs) -> anyhow::Result<Value> {
    let mut with = Map::new();
    if let (_, Some(kind)) = shorthand(&args.request) {
        with.insert("kind".to_owned(), json!(kind));
    }
    for pair in &args.with {
        let (name, value) = pair
            .split_once('=')
            .with_context(|| format!("{pair}: expected NAME=VALUE"))?;
        // A number, true and false, or JSON with its brackets or quotes; else a text as it stands.
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        let value = match (name, value) {
            // Texts that look like something else.
            ("text" | "name" | "file" | "folder" | "environment", value) if !value.is_string() => {
                Value::String(pair[name.len() + 1..].to_owned())
            }
            (_, value) => value,
        };
        with.insert(name.to_owned(), value);
    }
    let mut place = Map::new();
    for name in ["folder", "environment"] {
        if let Some(value) = with.remove(name) {
            place.insert(name.to_owned(), value);
        }
    }
    if !args.command.is_empty() {
        place.insert("command".to_owned(), json!(args.command));
    }
    if !place.is_empty() {
        with.insert("place".to_owned(), Value::Object(place));
    }
    Ok(Value::Object(with))
}

/// Has a Terrace that runs already open what this one was to open, if the settings say so and one
/// answers; returns whether it did.
pub(crate) fn hand_over(options: &WindowOptions, how: SingleInstance) -> bool {
    let kind = match how {
        SingleInstance::Never => return false,
        SingleInstance::Window => "window",
        SingleInstance::Tab => "tab",
    };
    // What only a process of its own can do.
    if options.layout.is_some()
        || options.hold
        || options.title.is_some()
        || options.settings.config.is_some()
        || !options.settings.options.is_empty()
    {
        return false;
    }
    let Some(socket) = access::sockets()
        .ok()
        .and_then(|all| all.into_iter().next())
    else {
        return false;
    };
    let with = json!({"kind": kind, "place": place(options)});
    match ask_to_open(&socket, &with) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(
                "a process of its own, since the one that runs did not do it: {error:#}"
            );
            false
        }
    }
}

/// Has the Terrace in whose pane this runs, else the newest that runs, open a tab for what was asked for; `None`
/// when none runs.
pub(crate) fn open_tab(options: &WindowOptions) -> Option<anyhow::Result<()>> {
    let own = std::env::var_os(SOCKET_VARIABLE).map(PathBuf::from);
    let socket = own
        .filter(|socket| access::check_socket(socket).is_ok())
        .or_else(|| access::sockets().ok()?.into_iter().next())?;
    let with = json!({"kind": "tab", "place": place(options)});
    Some(ask_to_open(&socket, &with))
}

/// What is to run in the new pane, and where.
fn place(options: &WindowOptions) -> Value {
    let command: Vec<String> = options
        .command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match &options.environment {
        Some(open) => json!({
            "environment": open.id.to_string(),
            "folder": open.folder,
            "command": command,
        }),
        None => {
            let folder = options.working_directory.clone();
            let folder = folder.or_else(|| std::env::current_dir().ok());
            json!({"folder": folder, "command": command})
        }
    }
}

fn ask_to_open(socket: &Path, with: &Value) -> anyhow::Result<()> {
    let mut connection = Connection::as_user(socket)?;
    connection.stream.set_read_timeout(Some(PATIENCE))?;
    connection.send("open", with)?;
    let mut line = String::new();
    BufReader::new(&connection.stream).read_line(&mut line)?;
    result(&line).map(drop)
}
