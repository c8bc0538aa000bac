//! Opening files that a pane's text names (`security.md` 4): on this machine only, links resolved first, never
//! what could run.
//!
//! The desktop's program for a file may run it, so it gets nothing that can be run. An editor from the settings
//! is a program and arguments of the user's; it gets any regular file, never through a shell.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use config::Links;
use terminal::hints::FilePath;
use winit::event_loop::EventLoopProxy;

use super::{open_file, start};
use crate::event::AppEvent;
use crate::pane::PaneId;
use crate::session::Session;

/// Endings of files that a desktop's opener might run.
const RUNS: [&str; 24] = [
    "action", "app", "appimage", "bat", "bash", "cmd", "com", "command", "csh", "desktop", "exe",
    "fish", "jar", "js", "msi", "pl", "ps1", "py", "rb", "scr", "sh", "terminal", "workflow",
    "zsh",
];
/// Folders in which reading or opening a file does things.
const SPECIAL: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Programs whose output is about another machine.
const REMOTE: [&str; 12] = [
    "ssh",
    "mosh",
    "mosh-client",
    "telnet",
    "docker",
    "podman",
    "kubectl",
    "oc",
    "nerdctl",
    "lxc",
    "machinectl",
    "distrobox",
];
/// File systems of other machines, by their number in `statfs`: NFS, SMB, CIFS, FUSE (sshfs), 9p, AFS, Ceph.
const NETWORK: [u64; 8] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x6573_5546,
    0x0102_1997,
    0x5346_414f,
    0x00c3_6400,
];

/// Opens a path from a pane, on a thread of its own: file systems may take their time. What goes wrong is said
/// in the window.
pub(crate) fn open(
    path: FilePath,
    pane: PaneId,
    session: &Arc<Session>,
    links: &Links,
    proxy: EventLoopProxy<AppEvent>,
) {
    let (session, links) = (Arc::clone(session), links.clone());
    let spawned = thread::Builder::new().name("open-path".into()).spawn({
        let proxy = proxy.clone();
        move || {
            let opened = open_now(&path, pane, &session, &links, &proxy);
            if let Err(error) = opened {
                let _ = proxy.send_event(AppEvent::Notice(format!("{error:#}")));
            }
        }
    });
    if let Err(error) = spawned {
        let _ = proxy.send_event(AppEvent::Notice(format!("the path is not opened: {error}")));
    }
}

fn open_now(
    path: &FilePath,
    pane: PaneId,
    session: &Session,
    links: &Links,
    proxy: &EventLoopProxy<AppEvent>,
) -> Result<()> {
    let program = session.program_name();
    ensure!(
        !REMOTE.contains(&program.as_str()),
        "{} may be on another machine ({program} runs here) and is not opened",
        path.path
    );
    let folder = session.folder();
    let found = resolve(
        &path.path,
        folder.as_deref(),
        std::env::home_dir().as_deref(),
    )?;
    if found.is_dir() {
        return open_file(&found);
    }
    if links.editor.is_empty() {
        check_harmless(&found)?;
        return open_file(&found);
    }
    let argv = editor_command(&links.editor, &found, path)?;
    if links.editor_in_tab {
        let event = AppEvent::OpenTab {
            pane,
            command: argv,
            folder,
        };
        let _ = proxy.send_event(event);
        return Ok(());
    }
    let (program, args) = argv.split_first().context("links.editor is empty")?;
    let mut command = Command::new(program);
    command.args(args);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    start(command).with_context(|| format!("{program} does not start; see links.editor"))
}

/// The real path of a regular file or folder of this machine.
fn resolve(path: &str, folder: Option<&Path>, home: Option<&Path>) -> Result<PathBuf> {
    let asked = match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if path.starts_with('/') => PathBuf::from(path),
        _ => folder
            .with_context(|| format!("{path} is relative, and the pane's folder is not known"))?
            .join(path),
    };
    let found = asked
        .canonicalize()
        .with_context(|| format!("{} cannot be opened", asked.display()))?;
    ensure!(
        !SPECIAL.iter().any(|special| found.starts_with(special)),
        "{} is no ordinary file and is not opened",
        found.display()
    );
    let metadata = found
        .metadata()
        .with_context(|| format!("{} cannot be opened", found.display()))?;
    ensure!(
        metadata.is_file() || metadata.is_dir(),
        "{} is neither a file nor a folder and is not opened",
        found.display()
    );
    let kind = rustix::fs::statfs(&found)
        .with_context(|| format!("{} cannot be opened", found.display()))?
        .f_type;
    let kind = u64::try_from(kind).unwrap_or(0) & 0xffff_ffff;
    ensure!(
        !NETWORK.contains(&kind),
        "{} is on a network file system and is not opened",
        found.display()
    );
    Ok(found)
}

/// Whether the desktop's program for a file can be trusted not to run it.
fn check_harmless(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let ending = path
        .extension()
        .and_then(OsStr::to_str)
        .map(str::to_ascii_lowercase);
    if let Some(ending) = ending.filter(|ending| RUNS.contains(&ending.as_str())) {
        bail!("{shown} is a program (.{ending}) and is not opened; set links.editor");
    }
    let mode = path
        .metadata()
        .with_context(|| format!("{shown} cannot be opened"))?
        .permissions()
        .mode();
    ensure!(
        mode & 0o111 == 0,
        "{shown} can be run and is not opened; set links.editor"
    );
    Ok(())
}

/// Program and arguments of the editor for a file.
fn editor_command(template: &[String], path: &Path, asked: &FilePath) -> Result<Vec<String>> {
    let path = path.to_str().with_context(|| {
        format!(
            "{} has a name that is no text and is not opened",
            path.display()
        )
    })?;
    let mut argv: Vec<String> = template
        .iter()
        .map(|part| {
            // The path last, so that braces in its name stay what they are.
            part.replace("{line}", &asked.line.unwrap_or(1).to_string())
                .replace("{column}", &asked.column.unwrap_or(1).to_string())
                .replace("{path}", path)
        })
        .collect();
    if !template.iter().any(|part| part.contains("{path}")) {
        argv.push(path.to_owned());
    }
    Ok(argv)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn paths_are_resolved_from_the_panes_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("src")).unwrap();
        fs::write(root.join("src/a.rs"), "").unwrap();
        symlink("/proc/self/environ", root.join("trap")).unwrap();
        let resolve = |path| resolve(path, Some(&root), Some(&root));
        assert_eq!(resolve("src/a.rs").unwrap(), root.join("src/a.rs"));
        assert_eq!(resolve("~/src").unwrap(), root.join("src"));
        let error = |path| format!("{:#}", resolve(path).unwrap_err());
        assert!(error("missing.rs").contains("missing.rs cannot be opened"));
        assert!(
            error("trap").contains("no ordinary file"),
            "links are resolved first"
        );
        assert!(error("/dev/null").contains("no ordinary file"));
        assert!(super::resolve("x", None, None).is_err());
    }

    #[test]
    fn the_desktop_gets_nothing_that_runs() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            check_harmless(&path).map_err(|error| error.to_string())
        };
        assert!(file("a.txt", 0o644).is_ok());
        assert!(file("tool", 0o755).unwrap_err().contains("can be run"));
        assert!(
            file("x.Desktop", 0o644)
                .unwrap_err()
                .contains("is a program")
        );
    }

    #[track_caller]
    fn check(template: &[&str], line: Option<u32>, column: Option<u32>, expected: &[&str]) {
        let template: Vec<String> = template.iter().map(|part| (*part).to_owned()).collect();
        let asked = FilePath {
            path: "x".to_owned(),
            line,
            column,
        };
        let argv = editor_command(&template, Path::new("/a/b {line}.rs"), &asked).unwrap();
        assert_eq!(argv, expected);
    }

    #[test]
    fn the_editor_gets_a_list_of_arguments() {
        check(
            &["code", "--goto", "{path}:{line}:{column}"],
            Some(3),
            None,
            &["code", "--goto", "/a/b {line}.rs:3:1"],
        );
        check(
            &["vim", "+{line}"],
            None,
            None,
            &["vim", "+1", "/a/b {line}.rs"],
        );
    }
}
