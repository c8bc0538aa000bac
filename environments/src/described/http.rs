//! GET, for services that answer a list. On this machine's loopback by a connection of our own; anywhere
//! else through curl, which brings the system's certificates and proxies. Redirects are not followed: a
//! token goes to the host that the user named, and to no other.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::failure::{Failure, Remedy, tidy};
use crate::tool::{Limit, MAX_OUTPUT, ToolCall, run};

/// What a service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Error {
    /// Nothing listens there.
    Refused(String),
    /// Anything else.
    Failed(Failure),
}

impl Error {
    /// As a provider says it.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Refused(host) => down(format!("nothing answers at {host}")),
            Self::Failed(failure) => failure,
        }
    }
}

/// A status that is no success as a failure; 401 is up to the caller, who knows the login.
pub(crate) fn failure(status: u16, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let message = json.as_ref().and_then(|json| {
        let message = json
            .pointer("/error/message")
            .or_else(|| json.get("message"));
        message.and_then(serde_json::Value::as_str)
    });
    let said = message.map_or_else(|| tidy(text.lines().next().unwrap_or_default()), tidy);
    let said = match said.as_str() {
        "" => format!("HTTP {status}"),
        said => format!("HTTP {status}: {said}"),
    };
    match status {
        401 => Failure::LoggedOut {
            remedy: Remedy::default(),
        },
        403 => Failure::Forbidden {
            said,
            remedy: Remedy::default(),
        },
        404 | 410 => Failure::Gone(said),
        429 | 500..=599 => down(said),
        _ => Failure::Other(said),
    }
}

fn down(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::default(),
    }
}

/// Asks for `url`. `bearer`: the environment variable that holds a token.
pub(crate) fn get(url: &str, bearer: Option<&str>, limit: &Limit) -> Result<Answer, Error> {
    let token = match bearer {
        Some(name) => Some(token(name).map_err(Error::Failed)?),
        None => None,
    };
    let address = Address::read(url).map_err(Error::Failed)?;
    if address.is_loopback() && !address.secure {
        return plain(&address, token.as_deref(), limit);
    }
    if !address.secure && token.is_some() {
        let refused = format!("{url} is not https: the token is not sent there");
        return Err(Error::Failed(Failure::Refused(refused)));
    }
    curl(url, token.as_deref(), limit).map_err(Error::Failed)
}

fn token(name: &str) -> Result<String, Failure> {
    let token = std::env::var(name).unwrap_or_default();
    if token.is_empty() {
        return Err(Failure::LoggedOut {
            remedy: Remedy::say(format!("set {name} to a token")),
        });
    }
    if token
        .chars()
        .any(|c| c.is_control() || c == '"' || c == '\\')
    {
        return Err(Failure::Refused(format!("{name} holds no token")));
    }
    Ok(token)
}

/// An address in parts.
struct Address<'u> {
    secure: bool,
    host: &'u str,
    port: u16,
    path: &'u str,
}

impl<'u> Address<'u> {
    fn read(url: &'u str) -> Result<Self, Failure> {
        let wrong = || Failure::Refused(format!("{url:?} is no address"));
        if url.chars().any(|c| c.is_control() || c == ' ') {
            return Err(wrong());
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let secure = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(wrong()),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let bracketed = authority
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| wrong())?,
            None if secure => 443,
            None => 80,
        };
        if host.is_empty() || host.contains('@') {
            return Err(wrong());
        }
        Ok(Self {
            secure,
            host,
            port,
            path,
        })
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    }
}

/// HTTP/1.1 without more than is needed (RFC 9112).
fn plain(address: &Address<'_>, token: Option<&str>, limit: &Limit) -> Result<Answer, Error> {
    let place = format!("{}:{}", address.host, address.port);
    let error = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::Refused(place.clone()),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            Error::Failed(Failure::Slow(limit.left().max(Duration::from_secs(1))))
        }
        _ => Error::Failed(down(format!("{place}: {error}"))),
    };
    let mut stream = connect(address, limit).map_err(error)?;
    let path = match address.path {
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    };
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {place}\r\nAccept: application/json\r\nUser-Agent: terrace\r\nConnection: close\r\n"
    );
    if let Some(token) = token {
        request.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).map_err(error)?;
    let bytes = read_all(&mut stream, limit).map_err(error)?;
    read_answer(&bytes).ok_or_else(|| {
        let text = String::from_utf8_lossy(&bytes);
        let first_line = tidy(text.lines().next().unwrap_or_default());
        Error::Failed(Failure::Nonsense { first_line })
    })
}

fn connect(address: &Address<'_>, limit: &Limit) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for socket in (address.host, address.port).to_socket_addrs()? {
        let patience = limit.left().max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&socket, patience) {
            Ok(stream) => {
                stream.set_write_timeout(Some(patience))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn read_all(stream: &mut TcpStream, limit: &Limit) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let left = limit.left();
        if left.is_zero() || limit.cancel.is_cancelled() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("the answer is too long"));
        }
        // A server that leaves the connection open says how long its answer is.
        if read_answer(&bytes).is_some_and(|_| is_whole(&bytes)) {
            return Ok(bytes);
        }
    }
}

/// Splits an answer into its head and its body.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn is_chunked(head: &str) -> bool {
    header(head, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
}

/// Whether the answer says that it ends here.
fn is_whole(bytes: &[u8]) -> bool {
    let Some((head, body)) = split(bytes) else {
        return false;
    };
    if is_chunked(head) {
        return unchunked(body).is_some();
    }
    let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

fn read_answer(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = split(bytes)?;
    let status = head
        .strip_prefix("HTTP/1.")?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    let body = if is_chunked(head) {
        unchunked(body).unwrap_or_default()
    } else {
        body.to_vec()
    };
    Some(Answer { status, body })
}

/// A chunked body (RFC 9112 7.1); `None` while its end is missing.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

/// Lets curl ask. What it is told comes on its standard input, where no other user sees the token.
fn curl(url: &str, token: Option<&str>, limit: &Limit) -> Result<Answer, Failure> {
    let mut config = format!(
        "url = \"{}\"\nheader = \"Accept: application/json\"\n",
        quoted(url)
    );
    if let Some(token) = token {
        config.push_str(&format!("header = \"Authorization: Bearer {token}\"\n"));
    }
    let seconds = limit.left().as_secs().max(1).to_string();
    let call = ToolCall::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-redirs",
            "0",
            "--proto",
            "=http,https",
        ])
        .args([
            "--max-time",
            &seconds,
            "--write-out",
            "\n%{http_code}",
            "--config",
            "-",
        ])
        .input(config.into_bytes())
        .timeout(limit.left() + Duration::from_secs(1));
    let output = run(&call, limit)?;
    if !output.status.is_success() {
        let stderr = output.stderr_text();
        let said = tidy(stderr.lines().next_back().unwrap_or("curl failed"));
        // EXIT CODES in curl(1): 28 is the time limit.
        return Err(match output.status.number() {
            28 => Failure::Slow(limit.left().max(Duration::from_secs(1))),
            _ => down(said),
        });
    }
    let cut = output
        .stdout
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap_or(0);
    let (body, status) = output.stdout.split_at(cut);
    let status = std::str::from_utf8(status)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    Ok(Answer {
        status: status.unwrap_or(0),
        body: body.to_vec(),
    })
}

/// A text within quotes in curl's configuration file.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &str, whole: bool, expected: Option<(u16, &str)>) {
        assert_eq!(is_whole(bytes.as_bytes()), whole);
        let answer = read_answer(bytes.as_bytes());
        let got = answer
            .as_ref()
            .map(|a| (a.status, std::str::from_utf8(&a.body).unwrap()));
        assert_eq!(got, expected);
    }

    #[test]
    fn answers_are_read_in_every_form() {
        check(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            true,
            Some((200, "{}")),
        );
        check(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}",
            false,
            Some((200, "{}")),
        );
        check("HTTP/1.0 404 Not Found\r\n\r\nno", false, Some((404, "no")));
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n",
            true,
            Some((200, "abcd")),
        );
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            false,
            Some((200, "")),
        );
        check("SSH-2.0-OpenSSH_9.2\r\n\r\n", false, None);
    }

    #[test]
    fn addresses_are_taken_apart() {
        let address = Address::read("http://127.0.0.1:4566/_localstack/health").unwrap();
        assert_eq!(
            (address.host, address.port, address.path),
            ("127.0.0.1", 4566, "/_localstack/health")
        );
        assert!(address.is_loopback());
        assert!(Address::read("http://[::1]:80/").unwrap().is_loopback());
        assert!(
            !Address::read("https://backstage.example/api?x")
                .unwrap()
                .is_loopback()
        );
        for wrong in [
            "ftp://x/",
            "http://",
            "http://a b/",
            "x",
            "http://u@h/",
            "http://h:x/",
        ] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_names_what_the_service_said() {
        let said = br#"{"error":{"name":"AuthenticationError","message":"Missing credentials"}}"#;
        assert_eq!(failure(401, said).kind(), "logged-out");
        assert_eq!(failure(404, said).kind(), "gone");
        assert_eq!(failure(503, b"").to_string(), "HTTP 503");
        assert_eq!(
            failure(403, said).to_string(),
            "not allowed: HTTP 403: Missing credentials"
        );
    }
}
