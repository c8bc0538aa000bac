//! What is kept of panes, and where: the settings and the terminal's blocks in the terms of `history`.

pub(crate) mod keeper;
pub(crate) mod old;
pub(crate) mod recorder;
pub(crate) mod seeker;

use std::path::PathBuf;
use std::time::Duration;

use config::Config;
use environments::EnvironmentSpec;
use history::export::Look;
use history::{Host, HostKind, Options, Policy};

use seeker::Whole;

/// The variable that tells a pane's programs which session is theirs.
pub(crate) const SESSION_VARIABLE: &str = "TERRACE_SESSION";

/// Where and how long blocks are kept.
pub(crate) fn options(config: &Config) -> Options {
    let settings = &config.history;
    let (policy, problems) = Policy::new(&settings.redact, &settings.ignore);
    for problem in problems {
        tracing::warn!("[history] {problem}");
    }
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    Options {
        max_output_bytes: u64::from(settings.max_megabytes) << 20,
        max_output_age: days(settings.output_days),
        max_command_age: days(settings.command_days),
        max_block_bytes: usize::try_from(settings.block_kilobytes).unwrap_or(1024) << 10,
        backups: settings.backups,
        policy,
        ..Options::new(&folder(config))
    }
}

/// The folder of the history.
pub(crate) fn folder(config: &Config) -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
    let set = config.history.folder.as_str();
    if let Some(below) = set.strip_prefix("~/") {
        return home().join(below);
    }
    if !set.is_empty() {
        return PathBuf::from(set);
    }
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(|| home().join(".local/share"));
    data.join("terrace/history")
}

/// The colors in which stored text is shown and exported: those of the theme.
pub(crate) fn look(theme: &config::Theme) -> Look {
    let rgb = |color: config::Rgb| (color.r, color.g, color.b);
    Look {
        foreground: rgb(theme.foreground),
        background: rgb(theme.background),
        palette: std::array::from_fn(|idx| rgb(theme.palette[idx])),
    }
}

/// A block of the history as bytes for a terminal: visibly old, and inert but for its styles.
pub(crate) fn old_text(block: &Whole) -> Vec<u8> {
    let clean = |text: &str| -> String { text.chars().filter(|one| !one.is_control()).collect() };
    let command: Vec<String> = block.command.lines().map(clean).collect();
    let mut text = format!(
        "\x1b[2;3m{}\x1b[0m\r\n\x1b[2m$ {}\x1b[0m\r\n",
        clean(&block.facts),
        command.join("\x1b[0m\r\n\x1b[2m> ")
    );
    text.push_str(&block.output.replace('\n', "\r\n"));
    text.into_bytes()
}

/// An environment as the host of what runs in it: the name is the one that it has in Terrace, and its identity tells
/// it from others of that name.
pub(crate) fn environment_host(spec: &EnvironmentSpec) -> Host {
    Host {
        name: spec.name.clone(),
        user: String::new(),
        kind: host_kind(spec.id.provider.as_str()),
        machine_id: spec.id.to_string(),
    }
}

/// What the environments of a provider are.
fn host_kind(provider: &str) -> HostKind {
    match provider {
        "local" => HostKind::Local,
        "ssh" | "vagrant" | "gcloud-compute" | "aws-ec2" => HostKind::Ssh,
        "docker" | "podman" | "compose" | "devcontainer" | "distrobox" | "toolbox" | "aws-ecs"
        | "localstack" => HostKind::Container,
        "kubernetes" | "telepresence" | "telepresence-workloads" => HostKind::Pod,
        _ => HostKind::Other,
    }
}

/// What a host is and its name, as lists show it: `container web`; nothing for this machine.
pub(crate) fn place_name(host: &Host) -> Option<String> {
    match host.kind {
        HostKind::Local => None,
        HostKind::Elevated => Some(format!("as {}", host.user)),
        HostKind::Other => Some(host.name.clone()),
        kind => Some(format!("{} {}", kind.name(), host.name)),
    }
}

/// This machine and this user.
pub(crate) fn local_host() -> Host {
    // Without a login nobody says it, and shells that do are believed.
    let user = std::env::var("USER")
        .or_else(|_| std::env::var("LOGNAME"))
        .unwrap_or_default();
    let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    Host {
        name: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        user,
        kind: HostKind::Local,
        // Only to tell machines of one name apart: its beginning is enough for that.
        machine_id: id.trim().chars().take(12).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use environments::EnvironmentId;

    #[test]
    fn an_environment_is_kept_by_its_name_and_kind() {
        #[track_caller]
        fn check(id: &str, kind: HostKind, shown: Option<&str>) {
            let id: EnvironmentId = id.parse().unwrap();
            let host = environment_host(&EnvironmentSpec::new(id.clone(), "web"));
            assert_eq!((host.name.as_str(), host.kind), ("web", kind));
            assert_eq!(host.machine_id, id.to_string());
            assert_eq!(place_name(&host).as_deref(), shown);
        }
        check("ssh:web", HostKind::Ssh, Some("ssh web"));
        check(
            "docker:0123abcd",
            HostKind::Container,
            Some("container web"),
        );
        check("kubernetes:a/b/c", HostKind::Pod, Some("pod web"));
        check("local:this", HostKind::Local, None);
        check("codespaces:x", HostKind::Other, Some("web"));
    }
}
