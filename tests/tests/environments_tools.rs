//! Tools whose service cannot be reached from here, or that need no service: the real command line, with a
//! stand-in behind it where it wants one.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use environments::described::Described;
use environments::plan::Act;
use environments::{EnvironmentSpec, Provider, Scope, ShellWish, State};
use tests::environments::{
    AwsApi, Driver, Sshd, described, inside, limit, run_plan, skip, tools, wait_until,
};
use tests::{data_folder, is_installed, terrace};

fn is_inner() -> bool {
    std::env::var_os("TERRACE_TEST_INNER").is_some()
}

fn wish(command: &[&str]) -> ShellWish {
    ShellWish {
        command: command.iter().map(OsString::from).collect(),
        term: "xterm-256color".into(),
        ..ShellWish::default()
    }
}

fn list(provider: &Described, scope: &Scope) -> Vec<EnvironmentSpec> {
    provider.list(scope, &limit()).expect("a list").items
}

/// A folder in which somebody works.
struct Project {
    _folder: tempfile::TempDir,
    path: PathBuf,
    scope: Scope,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it exists");
        for (name, text) in files {
            fs::write(path.join(name), text).expect("writable");
        }
        let scope = Scope {
            folders: vec![path.clone()],
            ..Scope::default()
        };
        Self {
            _folder: folder,
            path,
            scope,
        }
    }

    /// What a kind that looks for folders finds in it.
    #[track_caller]
    fn find(&self, provider: &Described) -> EnvironmentSpec {
        let mut items = list(provider, &self.scope);
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }
}

/// Opens a shell, has it say `script`'s text, and leaves it with a status of its own.
#[track_caller]
fn check_shell(provider: &Described, env: &EnvironmentSpec, script: &str, said: &str) {
    let shell = Driver::open(provider, env, &wish(&[]));
    shell.send(&format!("{script}; exit 7\r"));
    shell.wait_for(said);
    let (status, rest) = shell.end();
    assert_eq!(status.map(pty::ExitStatus::shell_code), Some(7), "{rest}");
    let shell = Driver::open(
        provider,
        env,
        &wish(&["sh", "-c", &format!("{script}; exit 4")]),
    );
    shell.wait_for(said);
    let (status, rest) = shell.end();
    assert_eq!(status.map(pty::ExitStatus::shell_code), Some(4), "{rest}");
}

/// A derivation that is nothing but a variable: it needs neither nixpkgs nor a network.
const DERIVATION: &str = "derivation { name = \"lab\"; system = \"SYSTEM\"; builder = \"/bin/bash\"; outputs = [ \"out\" ]; GREETING = \"from nix\"; }";

#[test]
fn the_shells_of_nix_are_opened_by_the_real_one() {
    const TEST: &str = "the_shells_of_nix_are_opened_by_the_real_one";
    if !is_inner() {
        if !is_installed("nix") || !Path::new("/bin/bash").is_file() {
            return skip("nix", "nix (nix-bin) or /bin/bash is not installed");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).into_os_string();
        fs::write(at("registry.json"), "{\"version\":2,\"flakes\":[]}").expect("writable");
        let config = format!(
            "sandbox = false\nbuild-users-group =\nsubstituters =\nflake-registry = {}\n",
            folder.path().join("registry.json").display()
        );
        let variables = [
            ("HOME", at("home")),
            ("NIX_STORE_DIR", at("store")),
            ("NIX_STATE_DIR", at("var")),
            ("NIX_LOCALSTATE_DIR", at("var")),
            ("NIX_LOG_DIR", at("log")),
            ("NIX_CONF_DIR", at("etc")),
            ("NIX_CONFIG", config.into()),
        ];
        return inside(TEST, &variables, || ());
    }
    inside(TEST, &[], || {
        let system = format!("{}-linux", std::env::consts::ARCH);
        let derivation = DERIVATION.replace("SYSTEM", &system);
        let flake =
            format!("{{ outputs = _: {{ devShells.{system}.default = {derivation}; }}; }}\n");
        let project = Project::new(&[("flake.nix", &flake), ("shell.nix", &derivation)]);
        for kind in ["nix", "nix-shell"] {
            let provider = described(kind, &[]);
            let env = project.find(&provider);
            assert_eq!(env.state, State::Unknown, "{kind}");
            check_shell(
                &provider,
                &env,
                "echo \"<$GREETING|$IN_NIX_SHELL|$PWD>\"",
                &format!("<from nix|impure|{}>", project.path.display()),
            );
        }
    });
}

#[test]
fn vagrants_machines_are_entered_halted_and_destroyed() {
    const TEST: &str = "vagrants_machines_are_entered_halted_and_destroyed";
    if !is_inner() {
        if !is_installed("vagrant") {
            return skip("vagrant", "vagrant is not installed");
        }
        let Some(sshd) = Sshd::start("vagrant", "") else {
            return;
        };
        let user = Command::new("id").arg("-un").output().expect("id runs");
        let user = String::from_utf8_lossy(&user.stdout).trim().to_owned();
        let variables = [
            ("VAGRANT_HOME", sshd.file("vagrant").into_os_string()),
            ("VAGRANT_CHECKPOINT_DISABLE", "1".into()),
            ("LAB_PORT", sshd.port.to_string().into()),
            ("LAB_KEY", sshd.file("id").into_os_string()),
            ("LAB_USER", user.into()),
        ];
        return inside(TEST, &variables, || ());
    }
    inside(TEST, &[], || {
        let file = fs::read_to_string(data_folder().join("environments/vagrant/Vagrantfile"));
        let project = Project::new(&[("Vagrantfile", &file.expect("readable"))]);
        let provider = described("vagrant", &[]);
        // A machine is listed once it was made.
        let made = Command::new("vagrant")
            .arg("up")
            .current_dir(&project.path)
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        assert!(made.status.success(), "{made:?}");
        let get = || {
            let mut items = list(&provider, &Scope::default());
            assert_eq!(items.len(), 1, "{items:?}");
            items.remove(0)
        };
        let env = get();
        assert_eq!(
            (env.name.as_str(), env.state, env.group.as_deref()),
            ("web", State::Ready, project.path.to_str())
        );
        let integrated = ShellWish {
            integrate: true,
            vars: vec![("GREETING".into(), "it's $HOME".into())],
            ..wish(&[])
        };
        let shell = Driver::open(&provider, &env, &integrated);
        shell.wait_for("\x1b]133;B");
        shell.send("echo \"<$GREETING|$TERM|$(stty size)>\"; exit 5\r");
        shell.wait_for("<it's $HOME|xterm-256color|30 90>");
        let (status, said) = shell.end();
        assert_eq!(status.map(pty::ExitStatus::shell_code), Some(5), "{said}");
        run_plan(&provider, &provider.plan(&env, &Act::Stop).expect("a plan"));
        assert_eq!(get().state, State::Stopped);
        let plan = provider.plan(&env, &Act::Discard).expect("a plan");
        run_plan(&provider, &plan);
        let id = project.path.join(".vagrant/machines/web/lab/id");
        assert!(!id.exists(), "it was not destroyed");
    });
}

fn with_aws(test: &str, body: impl FnOnce()) {
    if is_inner() {
        return inside(test, &[], body);
    }
    let Some(api) = AwsApi::start(test) else {
        return;
    };
    inside(test, &api.variables(), body);
}

#[test]
fn the_containers_of_ecs_are_listed_and_entered_by_the_real_aws() {
    with_aws(
        "the_containers_of_ecs_are_listed_and_entered_by_the_real_aws",
        || {
            let provider = described("aws-ecs", &[]);
            let items = list(&provider, &Scope::default());
            let seen: Vec<_> = items
                .iter()
                .map(|item| (item.name.as_str(), item.state, item.group.as_deref()))
                .collect();
            let expected = [
                ("app", State::Ready, Some("service:web")),
                ("sidecar", State::Ready, Some("service:web")),
                ("job", State::Starting, Some("family:job")),
            ];
            assert_eq!(seen, expected);
            let shell = Driver::open(&provider, &items[1], &wish(&[]));
            shell.wait_for("for {\"Target\": \"ecs:default_0a_r-1\"}");
            shell.send("exit\r");
            let (status, said) = shell.end();
            assert_eq!(status.map(pty::ExitStatus::shell_code), Some(0), "{said}");
            // A cluster that is not there has nothing in it.
            let provider = described("aws-ecs", &[("cluster", "nope")]);
            assert_eq!(list(&provider, &Scope::default()), []);
        },
    );
}

#[test]
fn instances_of_ec2_are_stopped_started_and_entered_by_the_real_aws() {
    with_aws(
        "instances_of_ec2_are_stopped_started_and_entered_by_the_real_aws",
        || {
            let provider = described("aws-ec2", &[]);
            let items = list(&provider, &Scope::default());
            let seen: Vec<_> = items
                .iter()
                .map(|item| (item.name.as_str(), item.state))
                .collect();
            let expected = [
                ("build box", State::Ready),
                ("i-0a1b2c3d4e5f60719", State::Stopped),
            ];
            assert_eq!(seen, expected);
            assert!(items[0].since.is_some());
            let plan = |act: &Act| provider.plan(&items[0], act).expect("a plan");
            run_plan(&provider, &plan(&Act::Stop));
            assert_eq!(list(&provider, &Scope::default())[0].state, State::Stopped);
            run_plan(&provider, &plan(&Act::Start));
            let shell = Driver::open(&provider, &items[0], &wish(&[]));
            shell.wait_for("for {\"Target\": \"i-0a1b2c3d4e5f60718\"}");
            shell.send("exit\r");
            let (status, said) = shell.end();
            assert_eq!(status.map(pty::ExitStatus::shell_code), Some(0), "{said}");
        },
    );
}

#[test]
fn what_aws_lacks_is_one_line_with_its_remedy() {
    let Some(api) = AwsApi::start("aws, failures") else {
        return;
    };
    let said = |args: &[&str], without: &[&str], with: &[(&str, &str)], down: bool| {
        let mut command = terrace();
        command.args(["env"]).args(args).envs(api.variables());
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = [api.programs(down)].into_iter();
        let folders = folders.chain(std::env::split_paths(&others));
        command.env("PATH", std::env::join_paths(folders).expect("paths"));
        for name in without {
            command.env_remove(name);
        }
        let output = command.envs(with.iter().copied()).output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout)
    };
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let ecs = ["list", "aws-ecs"];
    #[track_caller]
    fn check(said: &str, expected: &str) {
        assert!(said.contains(expected), "{said:?}, not {expected:?}");
    }
    check(
        &said(&ecs, &keys, &[], false),
        "AWS ECS: not set up: Unable to locate credentials",
    );
    check(
        &said(&ecs, &keys, &[("AWS_PROFILE", "sso")], false),
        "AWS ECS: not logged in; aws sso login",
    );
    check(
        &said(&ecs, &[], &[("AWS_PROFILE", "nobody")], false),
        "AWS ECS: not set up: The config profile (nobody) could not be found; aws configure",
    );
    check(
        &said(&["list", "aws-ec2"], &["AWS_DEFAULT_REGION"], &[], false),
        "AWS EC2 (SSM): not set up: You must specify a region",
    );
    check(
        &said(&ecs, &[], &[], true),
        "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"",
    );
}

#[test]
fn ampt_says_that_one_must_log_in() {
    const TEST: &str = "ampt_says_that_one_must_log_in";
    let program = tools().join("ampt/node_modules/.bin/ampt");
    if !is_inner() {
        if !program.is_file() {
            return skip("ampt", "ampt could not be had from npm");
        }
        // It reports its failures over the network; here it has none.
        let without = ["--net", "--map-root-user"];
        let words = (1..=2).map(|count| &without[..count]).find(|words| {
            let tried = Command::new("unshare").args(*words).arg("true").output();
            tried.is_ok_and(|output| output.status.success())
        });
        let Some(words) = words else {
            return skip("ampt", "a program cannot be kept from the network here");
        };
        let folder = tempfile::tempdir().expect("a folder");
        let quoted = environments::tool::quote(&program.to_string_lossy());
        let script = format!(
            "#!/bin/sh\nexec unshare {} {quoted} \"$@\"\n",
            words.join(" ")
        );
        let file = folder.path().join("ampt");
        fs::write(&file, script).expect("writable");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&file, executable).expect("it is ours");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [folder.path().to_owned()].into_iter();
        let folders = folders.chain(std::env::split_paths(&path));
        let variables = [
            ("PATH", std::env::join_paths(folders).expect("paths")),
            ("HOME", folder.path().into()),
        ];
        return inside(TEST, &variables, || ());
    }
    inside(TEST, &[], || {
        let text = "{\"name\":\"shop\",\"devDependencies\":{\"@ampt/cli\":\"^1.1.0\"}}\n";
        let project = Project::new(&[("package.json", text)]);
        let provider = described("ampt", &[]);
        let env = project.find(&provider);
        let shell = Driver::open(&provider, &env, &wish(&[]));
        shell.wait_for("You must login to proceeed.");
        shell.close();
    });
}

#[test]
fn wings_simulator_runs_in_a_pane_and_ends_with_it() {
    const TEST: &str = "wings_simulator_runs_in_a_pane_and_ends_with_it";
    let programs = tools().join("wing/node_modules/.bin");
    if !is_inner() {
        if !programs.join("wing").exists() {
            let why = "wing was not fetched (LARGE_TOOLS=1 sh .ci/environments.sh)";
            return skip("wing", why);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [programs].into_iter().chain(std::env::split_paths(&path));
        let variables = [
            ("PATH", std::env::join_paths(folders).expect("paths")),
            ("HOME", folder.path().into()),
        ];
        return inside(TEST, &variables, || ());
    }
    inside(TEST, &[], || {
        let project = Project::new(&[("main.w", "bring cloud;\nnew cloud.Bucket();\n")]);
        let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = probe.local_addr().expect("an address").port().to_string();
        drop(probe);
        let provider = described("wing", &[("port", &port)]);
        let state = || project.find(&provider).state;
        assert_eq!(state(), State::Stopped);
        let pane = Driver::open(&provider, &project.find(&provider), &wish(&[]));
        pane.wait_for("The Wing Console is running at");
        wait_until("the simulator", || state() == State::Ready);
        fs::write(project.path.join("main.w"), "bring nothing;\n").expect("writable");
        wait_until("the mistake", || state() == State::Failed);
        pane.close();
        wait_until("its end", || state() == State::Stopped);
    });
}
