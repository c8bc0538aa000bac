//! Opening links and files with other programs (`security.md` 4): a fixed opener and one argument, never a
//! shell, schemes by allow-list.

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

/// Opens an address by the settings.
///
/// # Errors
/// When the scheme is not allowed, the address is malformed, or the opener does not start.
pub(crate) fn open(uri: &str, links: &Links) -> Result<()> {
    check(uri, &links.schemes)?;
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
    fn malformed_links_are_refused() {
        check_uri("example.org", Some("no scheme"));
        check_uri("https:///x", Some("no host"));
        check_uri("https://exa\u{202e}mple.org", Some("hidden"));
        check_uri("https://example.org/\u{7}", Some("hidden"));
    }
}
