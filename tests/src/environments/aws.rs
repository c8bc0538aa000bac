//! A stand-in for AWS that the real `aws` talks to.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use environments::tool::find_program;
use tempfile::TempDir;

use super::wait_until;

/// In place of the Session Manager's plugin: the session is a shell here, after it has said for what. `aws` first
/// asks whether it is there, without a session.
const PLUGIN: &str =
    "#!/bin/sh\n[ $# -gt 1 ] || { echo 1.2.497.0; exit; }\necho \"for $5\"\nexec /bin/sh\n";

/// The service, and a folder with the programs that go to it.
pub struct AwsApi {
    folder: TempDir,
    server: Child,
}

impl AwsApi {
    /// Starts one; `None`, with the reason printed, when `aws` or Python is missing.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(test: &str) -> Option<Self> {
        // Debian's before one that a version manager starts.
        let debians = Some(PathBuf::from("/usr/bin/aws")).filter(|file| file.is_file());
        let aws = debians.or_else(|| find_program("aws"));
        let Some(aws) = aws.filter(|_| crate::is_installed("python3")) else {
            super::skip(test, "aws (awscli) or python3 is not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let port_file = folder.path().join("port");
        let server = Command::new("python3")
            .arg(crate::data_folder().join("environments/aws_api.py"))
            .arg(&port_file)
            .stdin(Stdio::null())
            .spawn()
            .expect("python3 starts");
        let this = Self { folder, server };
        wait_until("the API", || port_file.is_file());
        let port = fs::read_to_string(port_file).expect("readable");
        this.write("bin/aws", &to(&aws, &port));
        this.write("down/aws", &to(&aws, "1"));
        this.write("bin/session-manager-plugin", PLUGIN);
        let sso = "sso_account_id = 012345678910\nsso_role_name = dev\nregion = us-east-1\n";
        let address = "sso_start_url = http://127.0.0.1:1/\nsso_region = us-east-1\n";
        this.write(".aws/config", &format!("[profile sso]\n{address}{sso}"));
        Some(this)
    }

    /// The folder of the programs that find the service, and with `down` of those that find nobody.
    pub fn programs(&self, down: bool) -> PathBuf {
        self.folder.path().join(if down { "down" } else { "bin" })
    }

    /// The variables by which everything is found, those of a user who is logged in.
    ///
    /// # Panics
    /// When a folder of `PATH` cannot be in it.
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.programs(false)].into_iter();
        let folders = folders.chain(std::env::split_paths(&path));
        vec![
            ("PATH", std::env::join_paths(folders).expect("paths")),
            ("HOME", self.folder.path().into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_DEFAULT_REGION", "us-east-1".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ]
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
        fs::write(&file, text).expect("writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
}

/// The real program, sent to a port of this machine: Debian 12's knows no variable for it.
fn to(aws: &Path, port: &str) -> String {
    let aws = environments::tool::quote(&aws.to_string_lossy());
    format!("#!/bin/sh\nexec {aws} --endpoint-url http://127.0.0.1:{port} \"$@\"\n")
}

impl Drop for AwsApi {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
