//! A real sshd on the loopback, for one account whose shell and home folder are the test's.
//!
//! As root it runs in a mount namespace with a password file of its own, so that the account's shell can
//! be any; otherwise only the shell of whoever runs the tests can be tried.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that runs until the value is dropped.
#[derive(Debug)]
pub struct Sshd {
    server: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// What is special about the server.
#[derive(Clone, Debug, Default)]
pub struct SshdOptions {
    /// Lines for `sshd_config`.
    pub lines: Vec<String>,
    /// Files in the account's home folder.
    pub files: Vec<(String, String)>,
    /// Nothing can be written below the home folder.
    pub read_only_home: bool,
}

impl Sshd {
    /// Starts a server; `None`, with a word about why, where it cannot be done.
    ///
    /// # Panics
    /// When it can be done and fails.
    pub fn start(shell: &str, options: &SshdOptions) -> Option<Self> {
        let skip = |why: &str| {
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            None
        };
        if !Path::new("/usr/sbin/sshd").is_file() || !crate::is_installed("ssh") {
            return skip("sshd is not installed");
        }
        if !may_have_any_shell() {
            return skip("only root can give an account another shell");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().canonicalize().expect("it exists");
        for name in ["home", "tmp"] {
            fs::create_dir(path.join(name)).expect("it can be written");
        }
        for (name, text) in &options.files {
            let file = path.join("home").join(name);
            fs::create_dir_all(file.parent().expect("it has one"))
                .and_then(|()| fs::write(&file, text))
                .expect("it can be written");
        }
        for key in ["hostkey", "id"] {
            let status = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(path.join(key))
                .status();
            assert!(status.is_ok_and(|status| status.success()), "no key");
        }
        let at = path.display();
        // Free when we ask; the server says so if somebody was faster.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/hostkey\nAuthorizedKeysFile {at}/id.pub\n\
             PasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\nStrictModes no\nPidFile none\n"
        );
        if !options.lines.iter().any(|line| line.starts_with("SetEnv")) {
            config.push_str(&format!("SetEnv TMPDIR={at}/tmp\n"));
        }
        for line in &options.lines {
            config.push_str(&format!("{line}\n"));
        }
        let host = fs::read_to_string(path.join("hostkey.pub")).expect("it was made");
        let host: Vec<&str> = host.split(' ').take(2).collect();
        let files = [
            ("sshd_config", config),
            (
                "known_hosts",
                format!("[127.0.0.1]:{port} {}\n", host.join(" ")),
            ),
            (
                "passwd",
                format!(
                    "root:x:0:0:root:{at}/home:{shell}\nsshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n"
                ),
            ),
            (
                "config",
                format!(
                    "Host lab\n HostName 127.0.0.1\n Port {port}\n User root\n IdentityFile {at}/id\n IdentitiesOnly yes\n \
                     UserKnownHostsFile {at}/known_hosts\n LogLevel ERROR\n ControlPath {at}/m\n"
                ),
            ),
        ];
        for (name, text) in files {
            fs::write(path.join(name), text).expect("it can be written");
        }
        let read_only = if options.read_only_home {
            "mount --bind \"$1/home\" \"$1/home\" && mount -o remount,ro,bind \"$1/home\" &&"
        } else {
            ""
        };
        let script = format!(
            "mkdir -p /run/sshd; mount --bind \"$1/passwd\" /etc/passwd && {read_only} \
             exec /usr/sbin/sshd -D -f \"$1/sshd_config\" -E \"$1/log\""
        );
        let server = Command::new("unshare")
            .args(["-m", "sh", "-c", &script, "sh"])
            .arg(&path)
            .stdin(Stdio::null())
            .spawn()
            .expect("unshare is there");
        let mut sshd = Self {
            server,
            folder,
            port,
        };
        sshd.wait_until_it_listens();
        Some(sshd)
    }

    fn wait_until_it_listens(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let gone = self.server.try_wait().ok().flatten();
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(gone.is_none(), "sshd ended: {}", log());
            assert!(Instant::now() < deadline, "sshd does not listen: {}", log());
            std::thread::yield_now();
        }
    }

    /// The file for `ssh -F`, in which the server is the host `lab`.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// The folder for temporary files over there.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// The account's home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Ends the server and every connection.
    pub fn kill(&mut self) {
        // The sessions are processes of their own below the listener.
        let listener = self.server.id();
        let mut pids = descendants(listener);
        pids.push(listener);
        for pid in pids {
            let _ = Command::new("kill").arg("-9").arg(pid.to_string()).status();
        }
        let _ = self.server.wait();
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn descendants(pid: u32) -> Vec<u32> {
    let children =
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let mut found: Vec<u32> = Vec::new();
    for child in children
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
    {
        found.extend(descendants(child));
        found.push(child);
    }
    found
}

/// Whether this machine lets us lay another password file over the real one, for our children alone.
fn may_have_any_shell() -> bool {
    Command::new("unshare")
        .args(["-m", "mount", "--bind", "/etc/hostname", "/etc/passwd"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
