//! sshd, dockerd and a stand-in for a Kubernetes API server, started by a test and ended with it.

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};

use tempfile::TempDir;

use super::{tools, wait_until};

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

fn run(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// An OpenSSH server on the loopback, with keys, known hosts and a configuration of its own for the client.
pub struct Sshd {
    /// Where its files and the client's are.
    pub folder: TempDir,
    /// Its port.
    pub port: u16,
    server: Child,
}

impl Sshd {
    /// Starts one; `None`, with the reason printed, when there is none. `settings` are added to its configuration.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(test: &str, settings: &str) -> Option<Self> {
        let program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
        let Some(program) = program.into_iter().find(|path| Path::new(path).is_file()) else {
            super::skip(test, "sshd is not installed (openssh-server)");
            return None;
        };
        // Where root's sshd separates privileges.
        let _ = fs::create_dir_all("/run/sshd");
        let folder = tempfile::Builder::new()
            .prefix("sshd")
            .tempdir_in("/tmp")
            .expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        for key in ["host", "id"] {
            assert!(
                run(
                    "ssh-keygen",
                    &["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]
                ),
                "a key"
            );
        }
        fs::copy(at("id.pub"), at("authorized_keys")).expect("writable");
        let port = free_port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\nStrictModes no\nAcceptEnv LANG LC_* COLORTERM\nPidFile none\n{settings}\n",
            at("host"),
            at("authorized_keys")
        );
        // The first value wins.
        fs::write(at("sshd_config"), format!("{settings}\n{config}")).expect("writable");
        let key = fs::read_to_string(at("host.pub")).expect("readable");
        let key: Vec<&str> = key.split_whitespace().take(2).collect();
        fs::write(
            at("known_hosts"),
            format!("[127.0.0.1]:{port} {}\n", key.join(" ")),
        )
        .expect("writable");
        fs::write(at("no_hosts"), "").expect("writable");
        let log = fs::File::create(at("log")).expect("writable");
        let server = Command::new(program)
            .args(["-D", "-e", "-f", &at("sshd_config")])
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("sshd starts");
        let this = Self {
            folder,
            port,
            server,
        };
        wait_until("sshd", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(this)
    }

    /// A `Host` block for it, by the key.
    pub fn host(&self, name: &str, more: &str) -> String {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        format!(
            "Host {name}\n  {more}\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n",
            self.port,
            at("id"),
            at("known_hosts")
        )
    }

    /// Ends every connection, as a network that goes does; the server goes on.
    pub fn kill_sessions(&self) {
        // The server's own processes only: what runs below them sees a connection that is gone.
        for pid in crate::sshd::descendants(self.server.id()) {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.starts_with("sshd") {
                run("kill", &["-9", &pid.to_string()]);
            }
        }
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A Docker daemon with the test image: one that runs already, or one of ours, ended with the last test.
pub struct Docker {
    daemon: Option<Child>,
}

/// The image that is nothing but busybox.
const IMAGE: &str = "terrace-test/busybox:1";

impl Docker {
    /// The image's name.
    pub const IMAGE: &'static str = IMAGE;

    /// The daemon; `None`, with the reason printed, when there can be none.
    pub fn get(test: &str) -> Option<Arc<Self>> {
        static RUNNING: Mutex<Weak<Docker>> = Mutex::new(Weak::new());
        let mut running = RUNNING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(docker) = running.upgrade() {
            return Some(docker);
        }
        match Self::start() {
            Ok(docker) => {
                let docker = Arc::new(docker);
                *running = Arc::downgrade(&docker);
                Some(docker)
            }
            Err(why) => {
                super::skip(test, &why);
                None
            }
        }
    }

    fn start() -> Result<Self, String> {
        if !crate::is_installed("docker") {
            return Err("docker is not installed (docker.io)".into());
        }
        let mut docker = Self { daemon: None };
        if !run("docker", &["info"]) {
            if !crate::is_installed("dockerd") {
                return Err("no Docker daemon runs, and dockerd is not installed".into());
            }
            let daemon = Command::new("dockerd")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            docker.daemon = Some(daemon.map_err(|error| format!("dockerd: {error}"))?);
            let deadline = std::time::Instant::now() + super::DEADLINE;
            while !run("docker", &["info"]) {
                let ended = docker
                    .daemon
                    .as_mut()
                    .and_then(|daemon| daemon.try_wait().ok().flatten());
                if let Some(status) = ended {
                    return Err(format!("dockerd cannot run here ({status})"));
                }
                if std::time::Instant::now() > deadline {
                    return Err("dockerd did not come up".into());
                }
                std::thread::park_timeout(std::time::Duration::from_millis(100));
            }
        }
        let root = tools().join("root");
        if !root.join("bin/busybox").is_file() {
            return Err("the image's files are missing; run .ci/environments.sh".into());
        }
        if !run("docker", &["image", "inspect", IMAGE]) {
            let mut tar = Command::new("tar")
                .arg("-C")
                .arg(&root)
                .args(["-c", "."])
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|e| e.to_string())?;
            let archive = tar.stdout.take().ok_or("tar has no output")?;
            let changes = [
                "-c",
                "CMD [\"/bin/sh\"]",
                "-c",
                "ENV PATH=/bin:/usr/bin:/sbin:/usr/sbin",
            ];
            let status = Command::new("docker")
                .arg("import")
                .args(changes)
                .args(["-", IMAGE])
                .stdin(archive)
                .stdout(Stdio::null())
                .status();
            let _ = tar.wait();
            if !status.is_ok_and(|status| status.success()) {
                return Err("docker import failed".into());
            }
        }
        Ok(docker)
    }

    /// The variables by which docker finds the plugins that were fetched.
    pub fn variables() -> Vec<(&'static str, OsString)> {
        let folder = tools().join("docker");
        if folder.join("cli-plugins/docker-compose").is_file() {
            vec![("DOCKER_CONFIG", folder.into_os_string())]
        } else {
            Vec::new()
        }
    }

    /// Runs a container that waits.
    ///
    /// # Panics
    /// When it does not run.
    #[track_caller]
    pub fn container(self: &Arc<Self>, name: &str, script: &str) -> Container {
        run("docker", &["rm", "--force", name]);
        let args = [
            "run", "--detach", "--init", "--name", name, IMAGE, "sh", "-c", script,
        ];
        assert!(run("docker", &args), "docker run {name}");
        Container {
            name: name.into(),
            _docker: Arc::clone(self),
        }
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            // SIGTERM, so that it ends its own children.
            run("kill", &[&daemon.id().to_string()]);
            let _ = daemon.wait();
        }
    }
}

/// A container that is removed with the test.
pub struct Container {
    /// Its name.
    pub name: String,
    _docker: Arc<Docker>,
}

impl Drop for Container {
    fn drop(&mut self) {
        run("docker", &["rm", "--force", &self.name]);
    }
}

/// podman with the test image, set up so that it also runs as root within a container.
pub struct Podman {
    folder: TempDir,
}

impl Podman {
    /// The image's name.
    const IMAGE: &'static str = "localhost/terrace-test/busybox:1";

    /// Imports the image; `None`, with the reason printed, when podman cannot.
    ///
    /// # Panics
    /// When there is no folder for its settings.
    pub fn start(test: &str) -> Option<Self> {
        if !crate::is_installed("podman") || !crate::is_installed("runc") {
            super::skip(test, "podman or runc is not installed");
            return None;
        }
        let root = tools().join("root");
        if !root.join("bin/busybox").is_file() {
            super::skip(
                test,
                "the image's files are missing; run .ci/environments.sh",
            );
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let limits = "default_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]";
        let text = format!("[engine]\nruntime = \"runc\"\n[containers]\n{limits}\n");
        fs::write(folder.path().join("containers.conf"), text).expect("writable");
        let podman = Self { folder };
        if let Err(said) = podman.try_import(&root, &[], Self::IMAGE) {
            super::skip(test, &format!("podman cannot store images here: {said}"));
            return None;
        }
        Some(podman)
    }

    /// Makes an image of a folder.
    ///
    /// # Panics
    /// When that fails.
    pub fn import(&self, root: &Path, options: &[&str], image: &str) {
        let made = self.try_import(root, options, image);
        assert!(made.is_ok(), "podman import {image}: {made:?}");
    }

    fn try_import(&self, root: &Path, options: &[&str], image: &str) -> Result<(), String> {
        let archive = self.folder.path().join("root.tar").display().to_string();
        let root = root.display().to_string();
        assert!(run("tar", &["-C", &root, "-cf", &archive, "."]), "tar");
        let path = [
            "import",
            "--change",
            "ENV PATH=/bin:/usr/bin:/sbin:/usr/sbin",
        ];
        self.call(&[&path, options, &[archive.as_str(), image]].concat())
    }

    /// The variables by which podman finds its settings.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let file = self.folder.path().join("containers.conf");
        vec![("CONTAINERS_CONF", file.into_os_string())]
    }

    /// Runs a container that waits; `None`, with the reason printed, when podman cannot.
    pub fn container(&self, test: &str, name: &str) -> Option<PodmanContainer<'_>> {
        self.remove(name);
        let args = ["run", "--detach", "--name", name, "--network", "host"];
        let args: Vec<&str> = args
            .into_iter()
            .chain([Self::IMAGE, "sleep", "100000"])
            .collect();
        match self.call(&args) {
            Ok(()) => Some(PodmanContainer {
                name: name.to_owned(),
                podman: self,
            }),
            Err(said) => {
                super::skip(test, &format!("podman cannot run containers here: {said}"));
                None
            }
        }
    }

    /// Removes a container, if there is one.
    pub fn remove(&self, name: &str) {
        let _ = self.call(&["rm", "--force", "--time", "0", name]);
    }

    /// Runs podman.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn run(&self, args: &[&str]) {
        let ran = self.call(args);
        assert!(ran.is_ok(), "podman {args:?}: {ran:?}");
    }

    fn call(&self, args: &[&str]) -> Result<(), String> {
        let output = Command::new("podman")
            .args(args)
            .envs(self.variables())
            .env_remove("DOCKER_CONFIG")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// A container that is removed with the test.
pub struct PodmanContainer<'a> {
    /// Its name.
    pub name: String,
    podman: &'a Podman,
}

impl Drop for PodmanContainer<'_> {
    fn drop(&mut self) {
        self.podman.remove(&self.name);
    }
}

/// A stand-in for a Kubernetes API server that the real kubectl talks to.
pub struct KubernetesApi {
    folder: TempDir,
    server: Child,
}

impl KubernetesApi {
    /// Starts one, with so many pods beside its five; `None`, with the reason printed, when kubectl or Python is
    /// missing.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(test: &str, more_pods: usize) -> Option<Self> {
        let kubectl = tools().join("bin/kubectl").is_file() || crate::is_installed("kubectl");
        if !kubectl || !crate::is_installed("python3") {
            super::skip(test, "kubectl or python3 is not installed");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let port_file = folder.path().join("port");
        let script = crate::data_folder().join("environments/kubernetes_api.py");
        let server = Command::new("python3")
            .arg(script)
            .arg(&port_file)
            .arg(more_pods.to_string())
            .stdin(Stdio::null())
            .spawn()
            .expect("python3 starts");
        let this = Self { folder, server };
        wait_until("the API", || port_file.is_file());
        let port = fs::read_to_string(port_file).expect("readable");
        let config = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters:\n- name: lab\n  cluster: {{server: 'http://127.0.0.1:{port}'}}\n- name: gone\n  cluster: {{server: 'http://127.0.0.1:1'}}\nusers:\n- name: dev\n  user: {{token: x}}\ncontexts:\n- name: lab\n  context: {{cluster: lab, user: dev, namespace: default}}\n- name: gone\n  context: {{cluster: gone, user: dev}}\n"
        );
        fs::write(this.folder.path().join("config"), config).expect("writable");
        Some(this)
    }

    /// The variables by which kubectl finds it.
    ///
    /// # Panics
    /// When a folder of `PATH` cannot be in it.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([tools().join("bin")]);
        vec![
            (
                "KUBECONFIG",
                self.folder.path().join("config").into_os_string(),
            ),
            ("HOME", self.folder.path().as_os_str().to_owned()),
            ("PATH", std::env::join_paths(folders).expect("paths")),
        ]
    }
}

impl Drop for KubernetesApi {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
