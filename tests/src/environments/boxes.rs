//! What Distrobox and Toolbx need to work on a machine for tests: podman, an image in which they find what they
//! look for, a home of their own.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Podman, tools};

/// What they call in a container, beside busybox: in place of shadow's programs, libc's, libcap's and util-linux's.
const PROGRAMS: [(&str, &str); 7] = [
    ("usermod", ""),
    ("useradd", ""),
    ("passwd", ""),
    ("chpasswd", "exec cat >/dev/null"),
    ("getent", "grep \"^$2:\\|:$2:\" \"/etc/$1\""),
    ("capsh", "shift 2; exec busybox sh \"$@\""),
    // busybox's knows groups by number only.
    (
        "mount",
        "for word; do shift; set -- \"$@\" \"$(echo \"$word\" | sed s/gid=tty/gid=5/)\"; done; exec busybox mount \"$@\"",
    ),
];

/// A shell that prefers no applet of its own to what is in `PATH`, unlike busybox's.
const SHELL: &str = "/bin/mksh-static";

/// A place in which `distrobox` or `toolbox` makes containers, whose container is gone with the test.
pub struct Boxes {
    podman: Podman,
    home: TempDir,
    container: &'static str,
}

impl Boxes {
    /// The image.
    pub const IMAGE: &'static str = "localhost/terrace-test/box:1";

    /// Makes the image, for a tool and one container; `None`, with the reason printed, when that cannot be.
    ///
    /// # Panics
    /// When its files cannot be written.
    pub fn start(test: &str, tool: &str, container: &'static str) -> Option<Self> {
        let fetched = tools().join("bin").join(tool).is_file();
        if !fetched && !crate::is_installed(tool) {
            super::skip(test, &format!("{tool} could not be had"));
            return None;
        }
        if !Path::new(SHELL).is_file() {
            super::skip(test, "mksh is not installed");
            return None;
        }
        let podman = Podman::start(test)?;
        let this = Self {
            podman,
            home: tempfile::tempdir().expect("a folder"),
            container,
        };
        // Toolbx looks for the socket, and goes on when nobody answers.
        fs::write(this.home.path().join("bus"), "").expect("writable");
        // It stops all containers of the machine for a podman that is newer than it remembers.
        let config = this.home.path().join(".config/toolbox");
        fs::create_dir_all(&config).expect("writable");
        fs::write(config.join("podman-system-migrate"), "999.0.0\n").expect("writable");
        let root = this.home.path().join("root");
        fill(&root);
        let label = "LABEL com.github.containers.toolbox=true";
        this.podman.import(&root, &["--change", label], Self::IMAGE);
        fs::remove_dir_all(&root).expect("it is ours");
        this.remove();
        Some(this)
    }

    /// The variables by which the tool, fetched or installed, finds all that.
    ///
    /// # Panics
    /// When a folder of `PATH` cannot be in it.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [tools().join("bin")].into_iter();
        let folders = folders.chain(std::env::split_paths(&path));
        let mut bus = OsString::from("unix:path=");
        bus.push(self.home.path().join("bus"));
        let mut variables = self.podman.variables();
        variables.extend([
            ("PATH", std::env::join_paths(folders).expect("paths")),
            ("HOME", self.home.path().into()),
            ("XDG_CONFIG_HOME", self.home.path().join(".config").into()),
            ("SHELL", "/bin/sh".into()),
            ("DBUS_SYSTEM_BUS_ADDRESS", bus),
            ("DBX_CONTAINER_MANAGER", "podman".into()),
        ]);
        variables
    }

    fn remove(&self) {
        self.podman.remove(self.container);
    }
}

impl Drop for Boxes {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The image's files: busybox's, and those that the tools would install or refuse to go without.
fn fill(root: &Path) {
    let copied = Command::new("cp")
        .arg("-a")
        .args([&tools().join("root"), root])
        .status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    for folder in [
        "etc/profile.d",
        "media",
        "mnt",
        "run/lock",
        "srv",
        "var/tmp",
    ] {
        fs::create_dir_all(root.join(folder)).expect("writable");
    }
    let write = |name: &str, text: &[u8]| {
        let file = root.join(name);
        // busybox's is a link to all of it.
        let _ = fs::remove_file(&file);
        fs::write(&file, text).expect("writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    };
    write("bin/sh", &fs::read(SHELL).expect("readable"));
    for (name, script) in PROGRAMS {
        for folder in ["usr/bin", "usr/sbin", "sbin"] {
            let _ = fs::remove_file(root.join(folder).join(name));
        }
        write(
            &format!("bin/{name}"),
            format!("#!/bin/sh\n{script}\n").as_bytes(),
        );
    }
    write("etc/group", b"root:x:0:\ndev:x:1000:\nsudo:x:27:\n");
    // Distrobox installs nothing where it has been.
    write(".containersetupdone", b"");
}
