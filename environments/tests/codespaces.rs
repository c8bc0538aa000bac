//! The shipped description of Codespaces with the real `gh`, against a stub of GitHub's API that answers as
//! docs.github.com describes "REST API endpoints for Codespaces".

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use environments::described::{Described, Description};
use environments::{
    Act, EnvironmentEvent, EnvironmentId, Failure, JobEvent, Limit, Manager, Provider, ProviderId,
    Scope, Snapshot, State, tool,
};

const TEXT: &str = include_str!("../../assets/environments/codespaces.toml");
/// Long, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// The API: codespaces by name, with their states.
struct Github {
    url: String,
    states: Arc<Mutex<BTreeMap<String, &'static str>>>,
}

/// What the API does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    BadCredentials,
    MissingScope,
}

impl Github {
    fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has one"));
        let states = BTreeMap::from([
            ("fuzzy-space-x7".to_owned(), "Available"),
            ("old-train-q2".to_owned(), "Shutdown"),
        ]);
        let states = Arc::new(Mutex::new(states));
        let shared = Arc::clone(&states);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let states = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, mood, &states));
            }
        });
        Self { url, states }
    }

    /// The description, with the API's address among its variables.
    fn provider(&self, token: &str) -> Described {
        let home = std::env::temp_dir().join("terrace-no-gh-config");
        let vars = format!(
            "vars = {{ GITHUB_API_URL = \"{0}\", GITHUB_SERVER_URL = \"{0}\", GH_TOKEN = \"{token}\", GITHUB_TOKEN = \"\", GH_CONFIG_DIR = \"{1}\", ",
            self.url,
            home.display()
        );
        let text = TEXT.replace("vars = { ", &vars);
        assert_ne!(text, TEXT);
        Described::new(
            Description::parse(&text).expect("it is right"),
            &BTreeMap::new(),
        )
    }
}

/// Answers the requests of a connection.
fn serve(stream: TcpStream, mood: Mood, states: &Mutex<BTreeMap<String, &'static str>>) {
    let mut writer = stream.try_clone().expect("it can be cloned");
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let (status, more, body) = answer(method, path, mood, states);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n",
            body.len()
        );
        if writer
            .write_all(format!("{head}{body}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

fn answer(
    method: &str,
    path: &str,
    mood: Mood,
    states: &Mutex<BTreeMap<String, &'static str>>,
) -> (u16, &'static str, String) {
    match mood {
        Mood::Well => {}
        Mood::BadCredentials => return (401, "", r#"{"message":"Bad credentials"}"#.to_owned()),
        Mood::MissingScope => {
            let scopes = "X-Oauth-Scopes: repo\r\nX-Accepted-Oauth-Scopes: codespace\r\n";
            let body = r#"{"message":"Must have admin rights to Repository."}"#;
            return (403, scopes, body.to_owned());
        }
    }
    let mut states = states.lock().expect("nobody panicked");
    let path = path.split('?').next().unwrap_or_default();
    let name = path
        .trim_start_matches("/user/codespaces")
        .trim_matches('/');
    let (name, verb) = name.split_once('/').unwrap_or((name, ""));
    match (method, name, verb) {
        ("GET", "/user" | "user", _) => {
            (200, "", r#"{"login":"octocat","type":"User"}"#.to_owned())
        }
        ("GET", "", _) => {
            let all: Vec<String> = states
                .iter()
                .map(|(name, state)| codespace(name, state))
                .collect();
            let body = format!(
                r#"{{"total_count":{},"codespaces":[{}]}}"#,
                all.len(),
                all.join(",")
            );
            (200, "", body)
        }
        (_, name, _) if !states.contains_key(name) => {
            (404, "", r#"{"message":"Not Found"}"#.to_owned())
        }
        ("POST", name, "stop") => {
            states.insert(name.to_owned(), "Shutdown");
            (200, "", codespace(name, "ShuttingDown"))
        }
        ("DELETE", name, _) => {
            states.remove(name);
            (202, "", "{}".to_owned())
        }
        (_, name, _) => {
            let state = states[name];
            (200, "", codespace(name, state))
        }
    }
}

fn codespace(name: &str, state: &str) -> String {
    format!(
        r#"{{"id":1,"name":"{name}","display_name":"display {name}","created_at":"2026-11-20T10:00:00Z","last_used_at":"2026-11-20T11:00:00Z","owner":{{"login":"octocat","type":"User"}},"repository":{{"id":5,"full_name":"octo/repo","default_branch":"main"}},"state":"{state}","git_status":{{"ahead":0,"behind":0,"ref":"main","has_unpushed_changes":false,"has_uncommitted_changes":true}},"machine":{{"name":"basicLinux32gb","display_name":"2 cores","operating_system":"linux","cpus":2}},"web_url":"https://example.com","connection":{{}}}}"#
    )
}

/// Whether there is a `gh`; says so when there is none.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn has_gh() -> bool {
    let found = tool::find_program("gh").is_some();
    if !found {
        eprintln!("skipped: gh is not installed; run `make test`");
    }
    found
}

fn failure(mood: Mood, token: &str) -> Failure {
    let github = Github::start(mood);
    let limit = Limit::within(PATIENCE);
    github
        .provider(token)
        .list(&Scope::default(), &limit)
        .expect_err("it must fail")
}

#[test]
fn the_real_gh_lists_what_the_api_has() {
    if !has_gh() {
        return;
    }
    let github = Github::start(Mood::Well);
    let limit = Limit::within(PATIENCE);
    let listing = github
        .provider("x")
        .list(&Scope::default(), &limit)
        .expect("a list");
    let rows: Vec<(&str, &str, State, Option<&str>)> = listing
        .items
        .iter()
        .map(|env| {
            (
                env.id.local.as_str(),
                env.name.as_str(),
                env.state,
                env.branch.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "fuzzy-space-x7",
                "display fuzzy-space-x7",
                State::Ready,
                Some("main")
            ),
            (
                "old-train-q2",
                "display old-train-q2",
                State::Stopped,
                Some("main")
            ),
        ]
    );
    assert_eq!(listing.items[0].cost_per_hour, Some(0.18));
    assert_eq!(listing.items[0].fact("uncommitted"), "true");
}

#[test]
fn the_real_gh_says_what_is_wrong() {
    if !has_gh() {
        return;
    }
    assert_eq!(
        failure(Mood::Well, "").to_string(),
        "not logged in; gh auth login -s codespace"
    );
    assert_eq!(
        failure(Mood::BadCredentials, "x").to_string(),
        "not logged in; gh auth login -s codespace"
    );
    let scope = failure(Mood::MissingScope, "x");
    assert_eq!(scope.kind(), "forbidden");
    let remedy = scope.remedy().expect("there is one").say.clone();
    assert_eq!(remedy, "gh auth refresh -h github.com -s codespace");
}

/// Waits for what the manager says.
fn wait<T>(
    events: &Receiver<EnvironmentEvent>,
    mut look: impl FnMut(&EnvironmentEvent) -> Option<T>,
) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let event = events.recv_timeout(left).expect("it happens in time");
        if let Some(found) = look(&event) {
            return found;
        }
    }
}

fn state_in(snapshot: &Snapshot, id: &EnvironmentId) -> Option<State> {
    snapshot.find(id).map(|env| env.state)
}

#[test]
fn the_real_gh_stops_and_deletes() {
    if !has_gh() {
        return;
    }
    let github = Github::start(Mood::Well);
    let (tell, events) = channel();
    let tell = Mutex::new(tell);
    let manager = Manager::start(vec![Arc::new(github.provider("x"))], move |event| {
        let _ = tell.lock().expect("nobody panicked").send(event);
    })
    .expect("a thread can be started");
    let id = EnvironmentId::new(&ProviderId::new("codespaces"), "fuzzy-space-x7");
    manager.refresh(None);
    wait(&events, |_| {
        (state_in(&manager.snapshot(), &id) == Some(State::Ready)).then_some(())
    });
    let plan = manager
        .plan(&id, &Act::Discard)
        .expect("it can be discarded");
    assert_eq!(
        plan.loses.as_deref(),
        Some("uncommitted and unpushed work in display fuzzy-space-x7")
    );
    for (act, expected) in [(Act::Stop, Some(State::Stopped)), (Act::Discard, None)] {
        let ticket = manager.act(id.clone(), act);
        let result = wait(&events, |event| match event {
            EnvironmentEvent::Job(one, JobEvent::Done(result)) if *one == ticket => {
                Some(result.clone())
            }
            _ => None,
        });
        result.expect("it is done");
        // The list that shows it may be published a moment after the job's end.
        let is_so = || {
            let state = state_in(&manager.snapshot(), &id);
            state.filter(|state| *state != State::Absent) == expected
        };
        if !is_so() {
            wait(&events, |_| is_so().then_some(()));
        }
    }
    assert!(
        !github
            .states
            .lock()
            .expect("nobody panicked")
            .contains_key("fuzzy-space-x7")
    );
    assert!(manager.close(PATIENCE));
}
