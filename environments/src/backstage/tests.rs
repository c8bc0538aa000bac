use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

/// As the catalog backend 4.0 of Backstage answers `entities/by-query`, with a second entity and a mark for
/// the next page.
const FIRST: &str = r#"{"items":[{"kind":"Component","metadata":{"name":"payments","namespace":"default","annotations":{"backstage.io/kubernetes-id":"payments","backstage.io/kubernetes-namespace":"pay","github.com/project-slug":"acme/payments"},"links":[{"url":"https://grafana.example.com","title":"Grafana","icon":"dashboard","type":"monitoring"}]},"spec":{"type":"service","lifecycle":"production","owner":"team-pay","system":"billing"},"relations":[{"type":"dependsOn","targetRef":"resource:default/pay-db"},{"type":"partOf","targetRef":"system:default/billing"},{"type":"ownedBy","targetRef":"group:default/team-pay"}]}],"totalItems":2,"pageInfo":{"nextCursor":"a b="}}"#;
const SECOND: &str = r#"{"items":[{"kind":"Component","metadata":{"name":"lab","namespace":"default","annotations":{"terrace.dev/environments":"[{\"name\":\"box\",\"provider\":\"fake\",\"id\":\"lab-1\"}]"},"links":[{"url":"https://term.example.com/lab","title":"Web terminal","type":"terminal"}]},"spec":{"type":"service","lifecycle":"experimental"},"relations":[]}],"totalItems":2,"pageInfo":{}}"#;

/// A catalogue that answers by what is asked, and keeps what was asked.
struct Stub {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    fn new(status: &'static str, answers: [&'static str; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut request = [0; 8192];
                let count = stream.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..count]).into_owned();
                let body = answers[usize::from(request.contains("cursor="))];
                kept.lock().push(request);
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { url, asked }
    }

    fn backstage(&self, others: Vec<Arc<dyn Provider>>) -> Backstage {
        let options = Options {
            url: self.url.clone(),
            // Set wherever tests run.
            token_variable: "PATH".to_owned(),
        };
        Backstage::new(options, others)
    }
}

/// A kind that opens everything by `echo`.
struct Fake(ProviderId);

impl Provider for Fake {
    fn id(&self) -> &ProviderId {
        &self.0
    }

    fn title(&self) -> String {
        "Fake".to_owned()
    }

    fn abilities(&self) -> Abilities {
        Abilities::SHELL
    }

    fn list(&self, _: &Scope, _: &Limit) -> Result<Listing, Failure> {
        let env = |name: &str, repository: &str, state| {
            let mut env = EnvironmentSpec::new(EnvironmentId::new(&self.0, name), name);
            env.state = state;
            env.with_fact("repository", repository)
        };
        Ok(Listing {
            items: vec![
                env("other", "acme/other", State::Ready),
                env("asleep", "acme/payments", State::Stopped),
                env("awake", "acme/payments", State::Ready),
            ],
            truncated: false,
        })
    }

    fn shell(&self, env: &EnvironmentSpec, _: &ShellWish) -> Result<ShellPlan, Failure> {
        Ok(ShellPlan::new(pty::Command::new("echo").arg(&env.id.local)))
    }
}

fn limit() -> Limit {
    Limit::within(Duration::from_secs(30))
}

fn fakes() -> Vec<Arc<dyn Provider>> {
    ["fake", "codespaces"]
        .map(|name| Arc::new(Fake(ProviderId::new(name))) as Arc<dyn Provider>)
        .to_vec()
}

#[test]
fn entities_become_the_places_that_they_point_at() {
    let stub = Stub::new("200 OK", [FIRST, SECOND]);
    let listing = stub
        .backstage(Vec::new())
        .list(&Scope::default(), &limit())
        .unwrap();
    let rows: Vec<(String, String, Option<String>)> = listing
        .items
        .iter()
        .map(|env| (env.id.local.clone(), env.name.clone(), env.group.clone()))
        .collect();
    let group = Some("billing / team-pay".to_owned());
    let row = |id: &str, name: &str, group: &Option<String>| {
        (id.to_owned(), name.to_owned(), group.clone())
    };
    assert_eq!(
        rows,
        [
            row(
                "component:default/lab#Web terminal",
                "lab (Web terminal)",
                &None
            ),
            row("component:default/lab#box", "lab (box)", &None),
            row(
                "component:default/payments#codespace",
                "payments (codespace)",
                &group
            ),
            row("component:default/payments#pods", "payments (pods)", &group),
        ]
    );
    let asked = stub.asked.lock();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].contains("filter=kind=component&"), "{}", asked[0]);
    let token = format!(
        "Authorization: Bearer {}\r\n",
        std::env::var("PATH").unwrap()
    );
    assert!(asked[0].contains(&token), "{}", asked[0]);
    assert!(asked[1].contains("?cursor=a%20b%3D&"), "{}", asked[1]);
    assert!(!asked[1].contains("filter="), "{}", asked[1]);
}

#[test]
fn a_row_is_opened_by_the_kind_that_it_points_at() {
    let stub = Stub::new("200 OK", [FIRST, SECOND]);
    let backstage = stub.backstage(fakes());
    let listing = backstage.list(&Scope::default(), &limit()).unwrap();
    let check = |local: &str, expected: &str| {
        let env = listing
            .items
            .iter()
            .find(|env| env.id.local == local)
            .unwrap();
        let env = backstage.prepare(env, &limit()).unwrap();
        let plan = backstage.shell(&env, &ShellWish::default()).unwrap();
        assert_eq!(
            plan.command.arguments(),
            [std::ffi::OsString::from(expected)]
        );
    };
    check("component:default/lab#box", "lab-1");
    check("component:default/payments#codespace", "awake");
    let link = listing
        .items
        .iter()
        .find(|env| env.name.contains("Web"))
        .unwrap();
    assert_eq!(link.fact("url"), "https://term.example.com/lab");
    assert!(!link.can.has(Abilities::SHELL));
    assert_eq!(
        backstage.prepare(link, &limit()).unwrap_err().kind(),
        "unsupported"
    );
}

#[test]
fn a_refusal_says_what_is_missing() {
    #[track_caller]
    fn check(status: &'static str, body: &'static str, expected: &str) {
        let stub = Stub::new(status, [body, body]);
        let failure = stub
            .backstage(Vec::new())
            .list(&Scope::default(), &limit())
            .unwrap_err();
        assert_eq!(failure.to_string(), expected);
    }
    check(
        "401 Unauthorized",
        r#"{"error":{"name":"AuthenticationError","message":"Missing credentials"}}"#,
        "not logged in; PATH holds no valid token",
    );
    check(
        "404 Not Found",
        r#"{"error":{"name":"NotFoundError","message":"No plugin"}}"#,
        "HTTP 404: No plugin",
    );
    check(
        "200 OK",
        "<html>Sign in</html>",
        "unreadable answer: <html>Sign in</html>",
    );
}
