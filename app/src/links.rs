//! Opening links and files with other programs (`security.md` 4): a fixed opener and one argument, never a
//! shell, schemes by allow-list.

pub(crate) mod paths;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use config::Links;

/// Schemes that no setting opens: they run things, or reach into the machine.
const REFUSED: [&str; 9] = [
    "javascript",
    "data",
    "ssh",
    "telnet",
    "sftp",
    "smb",
    "x-man-page",
    "vbscript",
    "terrace",
];

/// Schemes that open without a question; others that the settings allow are asked about.
const PLAIN: [&str; 3] = ["http", "https", "mailto"];

/// What must be asked before an address is opened; `None` opens it at once. `shown` is the text that stands for
/// it, where a program marked it.
pub(crate) fn question(uri: &str, shown: Option<&str>) -> Option<String> {
    let scheme = uri.split(':').next().unwrap_or_default();
    if !PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(scheme)) {
        return Some(format!("It is handed to the program for {scheme}: links."));
    }
    let target = host(uri)?;
    let claimed = host(shown?.trim())?;
    (claimed != target).then(|| format!("The text says {claimed}, but the link goes to {target}."))
}

/// The host of an address, or of a text that looks like one.
fn host(text: &str) -> Option<String> {
    let rest = match text.split_once("://") {
        Some((_, rest)) => rest,
        // A name with dots and letters at its end, as addresses are often written.
        None if text.contains(char::is_whitespace) => return None,
        None => text,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let name = host.split(':').next()?.to_ascii_lowercase();
    let name = name.strip_prefix("www.").unwrap_or(&name).to_owned();
    let last = name.rsplit('.').next()?;
    let named = name.contains('.') && last.len() >= 2 && last.chars().all(char::is_alphabetic);
    (text.contains("://") || named)
        .then_some(name)
        .filter(|name| !name.is_empty())
}

/// The path that a `file:` address of this machine names.
pub(crate) fn local_file(uri: &str, hostname: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at(slash);
    let ours = ["", "localhost", hostname]
        .iter()
        .any(|ours| ours.eq_ignore_ascii_case(host));
    let path = percent_decode(path.split(['?', '#']).next()?)?;
    ours.then_some(path)
}

/// Decodes `%HH` once; `None` where that gives a control character or no text.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let decoded = String::from_utf8(bytes).ok()?;
    (!decoded.chars().any(char::is_control)).then_some(decoded)
}

/// Opens an address by the settings.
///
/// # Errors
/// When the scheme is not allowed, the address is malformed, or the opener does not start.
pub(crate) fn open(uri: &str, links: &Links) -> Result<()> {
    check(uri, &links.schemes)?;
    open_checked(uri, links)
}

/// Whether an address may be opened at all; the error says why not.
///
/// # Errors
/// When the scheme is not allowed or the address malformed.
pub(crate) fn allowed(uri: &str, links: &Links) -> Result<()> {
    check(uri, &links.schemes)
}

fn open_checked(uri: &str, links: &Links) -> Result<()> {
    match links.opener.split_first() {
        Some((program, args)) => {
            let mut command = Command::new(program);
            command.args(args).arg(uri);
            start(command).with_context(|| format!("{program} does not start; see links.opener"))
        }
        None => open_with_desktop(uri.into()),
    }
}

/// Opens a file with the desktop's program for it.
///
/// # Errors
/// When the desktop has none.
pub(crate) fn open_file(path: &Path) -> Result<()> {
    open_with_desktop(path.as_os_str().to_owned())
}

/// Starts a program that goes on by itself; its end is waited for on a thread, so that it leaves no zombie.
///
/// # Errors
/// When it does not start.
pub(crate) fn start(mut command: Command) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    thread::Builder::new()
        .name("opener".into())
        .spawn(move || child.wait())?;
    Ok(())
}

fn open_with_desktop(target: OsString) -> Result<()> {
    let command = open::commands(&target)
        .into_iter()
        .next()
        .context("this desktop has no opener; install xdg-utils or set links.opener")?;
    let program = command.get_program().to_string_lossy().into_owned();
    start(command)
        .with_context(|| format!("{program} does not start; install xdg-utils or set links.opener"))
}

/// Whether an address may be opened; the error says why not.
fn check(uri: &str, allowed: &[String]) -> Result<()> {
    let (scheme, rest) = uri.split_once(':').context("the link names no scheme")?;
    let scheme = scheme.to_ascii_lowercase();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    ensure!(
        !uri.contains(hidden),
        "the link has hidden characters and is not opened"
    );
    if REFUSED.contains(&scheme.as_str()) || scheme.starts_with("ms-") {
        bail!("links to {scheme}: are never opened");
    }
    ensure!(
        allowed.iter().any(|one| one.eq_ignore_ascii_case(&scheme)),
        "links to {scheme}: are not opened; see links.schemes"
    );
    if matches!(scheme.as_str(), "http" | "https") {
        let host = rest.strip_prefix("//").unwrap_or_default();
        ensure!(
            !host.is_empty() && !host.starts_with('/'),
            "the link names no host"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_uri(uri: &str, error: Option<&str>) {
        let allowed = ["http", "https", "mailto", "vscode"].map(str::to_owned);
        let got = check(uri, &allowed).err().map(|error| error.to_string());
        match (got, error) {
            (None, None) => {}
            (Some(got), Some(error)) if got.contains(error) => {}
            (got, _) => panic!("{uri:?}: {got:?}, not {error:?}"),
        }
    }

    #[test]
    fn schemes_are_allowed_by_list() {
        check_uri("https://example.org/x?y#z", None);
        check_uri("HTTP://example.org", None);
        check_uri("mailto:a@example.org", None);
        check_uri("vscode://file/x", None);
        check_uri("ftp://example.org", Some("links.schemes"));
        check_uri("file:///etc/passwd", Some("links.schemes"));
        for refused in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ssh://-oProxyCommand=x",
            "MS-foo:x",
        ] {
            check_uri(refused, Some("never opened"));
        }
    }

    #[test]
    fn some_links_are_asked_about() {
        let asks = |uri, shown| question(uri, shown).unwrap_or_default();
        assert_eq!(asks("https://example.org/x", None), "");
        assert_eq!(asks("https://example.org/x", Some("a page")), "");
        assert_eq!(
            asks("https://www.example.org/x", Some("https://example.org")),
            ""
        );
        assert!(
            asks("https://evil.example/", Some("https://bank.example/")).contains("evil.example")
        );
        assert!(asks("https://evil.example/", Some("bank.example/login")).contains("bank.example"));
        assert!(
            asks("https://a@evil.example:8/", Some("a.example")).contains("goes to evil.example")
        );
        assert_eq!(
            asks("https://evil.example/", Some("main.rs")),
            "The text says main.rs, but the link goes to evil.example."
        );
        assert!(asks("vscode://file/x", None).contains("vscode:"));
    }

    #[test]
    fn files_of_this_machine_have_a_path() {
        let path = |uri| local_file(uri, "here");
        assert_eq!(path("file:///a%20b/c").as_deref(), Some("/a b/c"));
        assert_eq!(path("file://here/a").as_deref(), Some("/a"));
        assert_eq!(path("file://localhost/a#3").as_deref(), Some("/a"));
        assert_eq!(path("file://there/a"), None);
        assert_eq!(path("file:///a%0ab"), None);
        assert_eq!(path("https://here/a"), None);
    }

    #[test]
    fn malformed_links_are_refused() {
        check_uri("example.org", Some("no scheme"));
        check_uri("https:///x", Some("no host"));
        check_uri("https://exa\u{202e}mple.org", Some("hidden"));
        check_uri("https://example.org/\u{7}", Some("hidden"));
    }
}
