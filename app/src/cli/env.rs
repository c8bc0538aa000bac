//! `terrace env …`: what can be asked of environments on the command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::NestedSettings;

/// `terrace env`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = super::help::unwrapped(ENV_HELP))]
pub(crate) struct EnvArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: EnvCommand,
    /// Print JSON instead of text: one document, or one a line for each environment. Errors are a document too.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Look for dev containers and Compose files in this folder too. May be given more than once; without it,
    /// the present one.
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(crate) folder: Vec<PathBuf>,
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: NestedSettings,
}

/// `terrace env …`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum EnvCommand {
    /// List the environments, kind by kind.
    List {
        /// Only these kinds: ssh, docker, podman, compose, devcontainer, kubernetes …
        #[arg(value_name = "KIND")]
        kinds: Vec<String>,
    },
    /// Say all that is known of an environment.
    Show {
        /// Its name, or KIND:NAME.
        name: String,
    },
    /// Open a tab with a shell in an environment, or a window where no Terrace runs; a stopped one is started
    /// first.
    Open {
        /// Its name, or KIND:NAME.
        name: String,
        /// The folder over there.
        #[arg(long, value_name = "FOLDER")]
        cd: Option<String>,
        /// A window of its own, though a Terrace runs.
        #[arg(long)]
        window: bool,
        /// A program instead of the shell.
        #[arg(last = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
    /// Run a command in one environment or in many at once; each line is prefixed with its environment's name.
    Run(EnvRunArgs),
    /// Start environments.
    Start {
        /// Their names.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Stop environments; nothing is lost.
    Stop {
        /// Their names.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Create an environment.
    Create {
        /// The kind: docker, devcontainer …
        kind: String,
        /// What it asks for, as NAME=VALUE; without any, says what that is.
        #[arg(value_name = "NAME=VALUE", value_parser = parse_pair)]
        values: Vec<(String, String)>,
    },
    /// End environments for good; says what is lost and asks.
    Discard {
        /// Their names.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Make a port of an environment reachable on this machine, until interrupted.
    Forward {
        /// Its name.
        name: String,
        /// The port over there, or LOCAL:REMOTE.
        #[arg(value_name = "[LOCAL:]REMOTE", value_parser = parse_ports)]
        ports: (Option<u16>, u16),
    },
    /// Print an environment's log.
    Logs {
        /// Its name.
        name: String,
        /// Go on as it grows.
        #[arg(short, long)]
        follow: bool,
    },
    /// Check descriptions of environments: what is wrong, what is listed, and what would be run.
    Check(EnvCheckArgs),
    /// Run the same in two environments and compare: exit status, duration, and output line by line.
    Diff(EnvDiffArgs),
}

/// `terrace env check`.
#[derive(Args, Clone, Debug)]
pub(crate) struct EnvCheckArgs {
    /// The descriptions; see the manual's page "environments-descriptions".
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read the tool's list from this file instead of running the tool.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// A setting of the description. May be given more than once.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_pair)]
    pub(crate) values: Vec<(String, String)>,
}

/// `terrace env run`.
#[derive(Args, Clone, Debug)]
pub(crate) struct EnvRunArgs {
    /// The environments' names.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The folder over there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cd: Option<String>,
    /// End what takes longer than this many seconds, over there too.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = super::parse_seconds)]
    pub(crate) timeout: Duration,
    /// Start what is stopped; it goes on afterwards. Without it, what is stopped is told.
    #[arg(long)]
    pub(crate) start: bool,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// `terrace env diff`.
#[derive(Args, Clone, Debug)]
pub(crate) struct EnvDiffArgs {
    /// One environment's name.
    pub(crate) left: String,
    /// The other's.
    pub(crate) right: String,
    /// The folder over there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cd: Option<String>,
    /// Compare the versions of the tools that the project here uses, and the names of the environment variables.
    #[arg(long, conflicts_with = "command")]
    pub(crate) toolchain: bool,
    /// What may differ and still be the same; without it, nothing may.
    #[arg(
        long,
        value_name = "WHAT",
        value_enum,
        value_delimiter = ',',
        conflicts_with = "toolchain"
    )]
    pub(crate) ignore: Vec<Ignored>,
    /// The same as --ignore times,durations,hex,paths.
    #[arg(long, conflicts_with_all = ["ignore", "toolchain"])]
    pub(crate) loose: bool,
    /// Columns of the comparison; the terminal's, or 120.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    pub(crate) width: Option<u16>,
    /// End what takes longer than this many seconds, over there too.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = super::parse_seconds)]
    pub(crate) timeout: Duration,
    /// Start what is stopped; it goes on afterwards. Without it, what is stopped is told.
    #[arg(long)]
    pub(crate) start: bool,
    /// The command and its arguments.
    #[arg(last = true, required_unless_present = "toolchain", value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// What differs at every run, and may be passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ignored {
    /// Dates and times of day.
    Times,
    /// How long something took.
    Durations,
    /// Checksums, addresses, ids, UUIDs.
    Hex,
    /// Paths below /tmp and its like.
    Paths,
}

impl Ignored {
    /// As it is given on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Times => "times",
            Self::Durations => "durations",
            Self::Hex => "hex",
            Self::Paths => "paths",
        }
    }
}

impl EnvDiffArgs {
    /// What may differ.
    pub(crate) fn ignored(&self) -> Vec<Ignored> {
        match self.loose {
            true => Ignored::value_variants().to_vec(),
            false => self.ignore.clone(),
        }
    }
}

impl EnvArgs {
    /// With the settings that were given before the command.
    pub(super) fn after(self, outer: super::SettingsArgs) -> Self {
        Self {
            settings: self.settings.after(outer),
            ..self
        }
    }
}

/// `NAME=VALUE`.
pub(super) fn parse_pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "expected NAME=VALUE, as in region=eu".to_owned())
}

/// `8080` or `18080:8080`.
fn parse_ports(text: &str) -> Result<(Option<u16>, u16), String> {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let parsed = match text.split_once(':') {
        Some((local, remote)) => port(local).map(Some).zip(port(remote)),
        None => port(text).map(|remote| (None, remote)),
    };
    parsed.ok_or_else(|| "expected a port, or LOCAL:REMOTE, as in 18080:8080".to_owned())
}

/// The end of `terrace env --help`: the interface of the JSON forms.
const ENV_HELP: &str = include_str!("../../../assets/manual/environments.md");
