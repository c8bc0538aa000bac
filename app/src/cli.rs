//! The command line: what can be asked of `terrace`, and the help that says so.
//!
//! Nothing is done here. Without a command the answer is a window, whose options are
//! [`WindowOptions`]; the other commands are carried out by [`crate::headless`].

pub(crate) mod blocks;
pub(crate) mod env;
mod help;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// `terrace …`.
#[derive(Debug, Parser)]
#[command(
    name = "terrace",
    version,
    about = "A GPU-accelerated terminal emulator",
    long_about = "A GPU-accelerated terminal emulator. Without a command, opens a window with your shell in it.",
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  terrace -o font.size=14\n  terrace --working-directory ~/src -e htop\n  terrace dump --format json capture.bin\n  terrace run --dump text -- ls --color\n  terrace shot -o picture.png -- sh -c 'tput setaf 2; echo hello'"
)]
pub(crate) struct Cli {
    /// What the settings are taken from.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// How the window begins.
    #[command(flatten)]
    pub(crate) window: WindowArgs,
    /// Another job than a window.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Where the settings come from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SettingsArgs {
    /// Read this file instead of the usual one (see `terrace config path`).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Set one option, over the file: `-o font.size=14`. May be given more than once.
    #[arg(short = 'o', long = "option", value_name = "SECTION.KEY=VALUE")]
    pub(crate) options: Vec<String>,
}

impl SettingsArgs {
    /// These settings after those given before the command (`terrace --config X run …`).
    fn after(mut self, outer: SettingsArgs) -> Self {
        self.config = self.config.or(outer.config);
        self.options.splice(0..0, outer.options);
        self
    }

    /// Whether the command line sets an option.
    pub(crate) fn sets(&self, name: &str) -> bool {
        let mut options = self.options.iter();
        options.any(|option| option.split('=').next().map(str::trim) == Some(name))
    }

    /// In the form the settings are loaded by.
    pub(crate) fn sources(&self) -> config::Sources {
        config::Sources {
            file: self.config.clone(),
            overrides: self.options.clone(),
        }
    }
}

/// How the window begins.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WindowArgs {
    /// The folder in which the shell starts.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) working_directory: Option<PathBuf>,
    /// Open this layout of the settings: its tabs, panes, folders and commands.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["execute", "rest", "working_directory"])]
    pub(crate) layout: Option<String>,
    /// Keep the tab when its program has ended.
    #[arg(long)]
    pub(crate) hold: bool,
    /// The window's title; programs cannot change it then.
    #[arg(short = 'T', long)]
    pub(crate) title: Option<String>,
    /// Run this program instead of the shell; takes all the rest of the line.
    #[arg(short = 'e', value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) execute: Vec<OsString>,
    /// Run this program instead of the shell, after `--`.
    #[arg(last = true, value_name = "CMD", conflicts_with = "execute")]
    pub(crate) rest: Vec<OsString>,
}

/// What the window is to begin with.
#[derive(Clone, Debug, Default)]
pub(crate) struct WindowOptions {
    /// Where the settings come from.
    pub(crate) settings: SettingsArgs,
    /// Program and arguments to run in the first tab instead of the shell; empty: the shell.
    pub(crate) command: Vec<OsString>,
    /// The folder in which the first shell starts.
    pub(crate) working_directory: Option<PathBuf>,
    /// The layout to begin with.
    pub(crate) layout: Option<String>,
    /// Keep the first tab when its program has ended, whatever `shell.hold` says.
    pub(crate) hold: bool,
    /// A title that programs cannot change.
    pub(crate) title: Option<String>,
    /// The environment in which the first shell runs, if not this machine.
    pub(crate) environment: Option<EnvironmentOption>,
}

/// An environment to be opened, and the folder over there.
#[derive(Clone, Debug)]
pub(crate) struct EnvironmentOption {
    /// The environment.
    pub(crate) id: environments::EnvironmentId,
    /// The folder in it.
    pub(crate) folder: Option<String>,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Job {
    /// A window.
    Window(Box<WindowOptions>),
    /// Another job.
    Headless(Box<Command>),
}

impl Cli {
    /// What is asked for.
    pub(crate) fn job(self) -> Job {
        let Cli {
            settings,
            window,
            command,
        } = self;
        match command {
            Some(command) => Job::Headless(Box::new(command.after(settings))),
            None => Job::Window(Box::new(WindowOptions {
                settings,
                command: if window.execute.is_empty() {
                    window.rest
                } else {
                    window.execute
                },
                working_directory: window.working_directory,
                layout: window.layout,
                hold: window.hold,
                title: window.title,
                environment: None,
            })),
        }
    }
}

/// The jobs without a window.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Feed bytes to the terminal, as a program's output, and print its state.
    Dump(DumpArgs),
    /// Run a program on a real pseudo-terminal, with the terminal answering, without a window.
    Run(RunArgs),
    /// Draw a program's screen, or recorded bytes, to a picture.
    Shot(ShotArgs),
    /// Say what works and what does not on this machine, what is wrong first.
    Doctor(DoctorArgs),
    /// Look at the settings.
    Config(ConfigArgs),
    /// Look at the color themes.
    Theme(ThemeArgs),
    /// List the key bindings in force.
    Keys(KeysArgs),
    /// Hosts, containers, pods: list, open, run in many, start, stop, compare.
    Env(env::EnvArgs),
    /// Print a shell's integration script, to be sourced by your own files.
    Integration(IntegrationArgs),
    /// Find, show, compare and export the commands and outputs that are kept.
    Blocks(blocks::BlocksArgs),
    /// Ask a running Terrace for something.
    Ctl(CtlArgs),
}

impl Command {
    fn after(self, outer: SettingsArgs) -> Self {
        match self {
            Command::Dump(args) => Command::Dump(args),
            Command::Run(args) => Command::Run(RunArgs {
                settings: args.settings.after(outer),
                ..args
            }),
            Command::Shot(args) => Command::Shot(ShotArgs {
                settings: args.settings.after(outer.into()),
                ..args
            }),
            Command::Doctor(args) => Command::Doctor(DoctorArgs {
                settings: args.settings.after(outer),
            }),
            Command::Config(args) => Command::Config(ConfigArgs {
                settings: args.settings.after(outer),
                ..args
            }),
            Command::Theme(args) => Command::Theme(ThemeArgs {
                settings: args.settings.after(outer),
                ..args
            }),
            Command::Env(args) => Command::Env(args.after(outer)),
            Command::Keys(args) => Command::Keys(KeysArgs {
                settings: args.settings.after(outer),
            }),
            Command::Integration(args) => Command::Integration(args),
            Command::Blocks(args) => Command::Blocks(args.after(outer)),
            Command::Ctl(args) => Command::Ctl(args),
        }
    }
}

/// `terrace ctl`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = CTL_HELP)]
pub(crate) struct CtlArgs {
    /// What is asked: hello, list, open (new-tab and new-window for short), split, focus, close,
    /// resize, send-text, send-key, text, screenshot, title, theme, action, wait, subscribe,
    /// audit or revoke.
    pub(crate) request: String,
    /// Its arguments: pane=3, text='ls -l', side=down.
    #[arg(value_name = "NAME=VALUE")]
    pub(crate) with: Vec<String>,
    /// Ask as the user, not as a program of the pane that this runs in; control.allow decides then.
    #[arg(long)]
    pub(crate) all: bool,
    /// The socket of the Terrace that is asked; the pane's own, or the newest, if not given.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) socket: Option<PathBuf>,
    /// Print every answer as JSON, a text's too.
    #[arg(long)]
    pub(crate) json: bool,
    /// What a new pane runs instead of the shell.
    #[arg(last = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

/// What `terrace ctl --help` ends with.
const CTL_HELP: &str = "Examples:
  terrace ctl --all list
  terrace ctl --all open folder=/srv name=logs -- tail -f app.log
  terrace ctl --all new-window
  terrace ctl --all split pane=3 side=down
  terrace ctl --all send-text pane=3 text='make test'
  terrace ctl --all send-key pane=3 key='{\"key\":\"enter\"}'
  terrace ctl text part=scrollback
  terrace ctl --all wait pane=3 text=passed timeout=60000
  terrace ctl --all screenshot of=window file=/tmp/window.png
  terrace ctl --all subscribe

All but text, wait and subscribe on the own pane need what control.allow of the settings allows to
--all, or the user's answer to a question in the window. The protocol is described in assets/manual/ctl.md.";

/// The form in which a terminal's state is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The screen's rows, trailing blanks cut.
    #[default]
    Text,
    /// The screen's rows with SGR sequences for their colors and attributes.
    Ansi,
    /// Everything, as one line of JSON; see `terrace dump --help`.
    Json,
    /// A picture, drawn by the renderer.
    Png,
}

/// `terrace dump`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = DUMP_HELP)]
pub(crate) struct DumpArgs {
    /// Columns of the screen.
    #[arg(long, default_value_t = 80, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) cols: u16,
    /// Rows of the screen.
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rows: u16,
    /// What is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Keep this many rows of scrollback, and print them too.
    #[arg(long, value_name = "N")]
    pub(crate) scrollback: Option<usize>,
    /// Feed N bytes at a time; changes nothing but the time it takes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) chunk: Option<u32>,
    /// Read frames (u32 length, u16 columns, u16 rows, little-endian, then that many bytes) and
    /// print one line of JSON for each.
    #[arg(long, conflicts_with_all = ["cols", "rows"])]
    pub(crate) batch: bool,
    /// Answer DECRQCRA (the core's option `terminal.checksum_reports`).
    #[arg(long)]
    pub(crate) checksum_reports: bool,
    /// The bytes; `-` is the standard input.
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `terrace run`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = CONTROL_HELP)]
pub(crate) struct RunArgs {
    /// Columns of the screen.
    #[arg(long, default_value_t = 80, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) cols: u16,
    /// Rows of the screen.
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rows: u16,
    /// Size of a cell in pixels, as the program is told.
    #[arg(long, default_value = "8x16", value_name = "WxH", value_parser = parse_cell)]
    pub(crate) cell: (u16, u16),
    /// Type the bytes of this file (`-`: the standard input) as a person would: line by line, each
    /// once the program is quiet.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Print the terminal's state when the program has ended.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) dump: Option<Format>,
    /// Rows of scrollback to print with the state.
    #[arg(long, value_name = "N")]
    pub(crate) scrollback: Option<usize>,
    /// End the program after this many seconds; the exit status is then 124.
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: Option<std::time::Duration>,
    /// Listen on this Unix socket for commands, one line of JSON each way.
    #[arg(long, value_name = "SOCKET")]
    pub(crate) control: Option<PathBuf>,
    /// Write every byte that the program writes to this file, to be read by `terrace dump`.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// The folder in which the program starts.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) working_directory: Option<PathBuf>,
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// The program and its arguments; without it, your shell.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    pub(crate) command: Vec<OsString>,
}

/// The settings of `terrace shot`, where `-o` is the picture.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShotSettings {
    /// Read this file instead of the usual one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one option, over the file: `--option font.size=14`. May be given more than once.
    #[arg(long = "option", value_name = "SECTION.KEY=VALUE")]
    options: Vec<String>,
}

impl From<SettingsArgs> for ShotSettings {
    fn from(SettingsArgs { config, options }: SettingsArgs) -> Self {
        Self { config, options }
    }
}

impl ShotSettings {
    fn after(self, outer: ShotSettings) -> Self {
        let settings = self.settings().after(outer.settings());
        settings.into()
    }

    /// As the other commands have them.
    pub(crate) fn settings(&self) -> SettingsArgs {
        SettingsArgs {
            config: self.config.clone(),
            options: self.options.clone(),
        }
    }
}

/// `terrace shot`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShotArgs {
    /// Columns of the screen.
    #[arg(long, default_value_t = 80, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) cols: u16,
    /// Rows of the screen.
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rows: u16,
    /// A color theme instead of the configured one; see `terrace theme list`.
    #[arg(long, value_name = "NAME")]
    pub(crate) theme: Option<String>,
    /// Physical pixels per logical pixel.
    #[arg(long, default_value_t = 1.0, value_name = "F", value_parser = parse_scale)]
    pub(crate) scale: f32,
    /// Where the picture (PNG) goes.
    #[arg(short = 'o', long, value_name = "FILE.png")]
    pub(crate) output: PathBuf,
    /// Type the bytes of this file to the program, line by line, each once it is quiet.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Draw after this many seconds at the latest, though the program still runs.
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) timeout: std::time::Duration,
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: ShotSettings,
    /// Recorded bytes to draw; `-` is the standard input, which is also the default.
    #[arg(value_name = "FILE", conflicts_with = "command")]
    pub(crate) file: Option<PathBuf>,
    /// The program to run and draw.
    #[arg(last = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// `terrace doctor`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// `terrace keys`.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeysArgs {
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// `terrace integration`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = INTEGRATION_HELP)]
pub(crate) struct IntegrationArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: ShellName,
}

/// A shell that has an integration script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellName {
    /// bash, 3.2 and newer.
    Bash,
    /// zsh, 5.1 and newer.
    Zsh,
    /// fish, 3.4 and newer.
    Fish,
    /// nushell, 0.100 and newer.
    Nu,
    /// PowerShell 7.
    Pwsh,
    /// elvish, 0.19 and newer.
    Elvish,
    /// dash, busybox's ash, ksh, mksh.
    Sh,
}

/// The settings of a command with commands of its own: given before or after those.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct NestedSettings {
    /// Read this file instead of the usual one.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Set one option, over the file: `-o font.size=14`. May be given more than once.
    #[arg(
        short = 'o',
        long = "option",
        value_name = "SECTION.KEY=VALUE",
        global = true
    )]
    options: Vec<String>,
}

impl From<SettingsArgs> for NestedSettings {
    fn from(SettingsArgs { config, options }: SettingsArgs) -> Self {
        Self { config, options }
    }
}

impl NestedSettings {
    fn after(self, outer: SettingsArgs) -> Self {
        self.settings().after(outer).into()
    }

    /// As the other commands have them.
    pub(crate) fn settings(&self) -> SettingsArgs {
        SettingsArgs {
            config: self.config.clone(),
            options: self.options.clone(),
        }
    }
}

/// `terrace config`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConfigArgs {
    /// What to show.
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: NestedSettings,
}

/// `terrace config …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the default file, every option with its description.
    Default,
    /// Check the settings; the exit status is 1 when something is wrong.
    Check,
    /// Print where the settings are read from.
    Path,
}

/// `terrace theme`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ThemeArgs {
    /// What to show.
    #[command(subcommand)]
    pub(crate) command: ThemeCommand,
    /// Where the settings come from.
    #[command(flatten)]
    pub(crate) settings: NestedSettings,
}

/// `terrace theme …`.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum ThemeCommand {
    /// List the themes by name, with the theme for the other preference of the desktop.
    List,
    /// Show a theme's colors.
    Show {
        /// Its name.
        name: String,
    },
    /// Make a theme of another terminal's color scheme.
    Import(ThemeImportArgs),
}

/// `terrace theme import`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThemeImportArgs {
    /// The scheme's file, or - for standard input.
    pub(crate) file: PathBuf,
    /// Whose scheme it is: iterm2, alacritty, kitty, ghostty, base16 or windows-terminal; found out if
    /// not given.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    pub(crate) format: Option<config::theme::import::Format>,
    /// The theme's name; the scheme's own, or the file's, if not given. Where the file has several
    /// schemes, which of them.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Print the theme instead of writing it to the themes folder.
    #[arg(long)]
    pub(crate) print: bool,
    /// Write over a theme of that name.
    #[arg(long)]
    pub(crate) force: bool,
}

/// A format by its name.
fn parse_format(text: &str) -> Result<config::theme::import::Format, String> {
    let known = config::theme::import::Format::ALL;
    let found = known.iter().find(|format| format.name() == text);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|format| format.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// `8x16` as width and height.
fn parse_cell(text: &str) -> Result<(u16, u16), String> {
    let parsed = text.split_once('x').and_then(|(width, height)| {
        let (width, height) = (width.parse::<u16>().ok()?, height.parse::<u16>().ok()?);
        (width > 0 && height > 0).then_some((width, height))
    });
    parsed.ok_or_else(|| "expected width and height in pixels, as in 8x16".to_owned())
}

/// Seconds, with a fraction if need be.
fn parse_seconds(text: &str) -> Result<std::time::Duration, String> {
    text.parse::<f64>()
        .ok()
        .and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected seconds, as in 2.5".to_owned())
}

/// A scale factor that the renderer takes.
fn parse_scale(text: &str) -> Result<f32, String> {
    text.parse::<f32>()
        .ok()
        .filter(|scale| (0.25..=8.0).contains(scale))
        .ok_or_else(|| "expected a factor from 0.25 to 8, as in 1.5".to_owned())
}

/// The end of `terrace dump --help`: the interface of the JSON form.
const DUMP_HELP: &str = include_str!("../../assets/manual/dump.md");
/// The end of `terrace run --help`: the interface of the control socket.
const CONTROL_HELP: &str = include_str!("../../assets/manual/control.md");
/// The end of `terrace integration --help`.
const INTEGRATION_HELP: &str = include_str!("../../assets/manual/integration.md");

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Job, clap::Error> {
        Cli::try_parse_from(std::iter::once("terrace").chain(line.iter().copied())).map(Cli::job)
    }

    #[track_caller]
    fn check_window(line: &[&str], expected: fn(&WindowOptions) -> bool) {
        match parse(line) {
            Ok(Job::Window(window)) => assert!(expected(&window), "{window:?}"),
            other => panic!("{line:?} gave {other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_window_takes_a_command() {
        check_window(&[], |w| w.command.is_empty() && !w.hold);
        check_window(&["-e", "vim", "-u", "NONE", "--hold"], |w| {
            w.command == ["vim", "-u", "NONE", "--hold"] && !w.hold
        });
        check_window(&["--config", "x.toml", "-e", "run", "-o", "a"], |w| {
            w.command == ["run", "-o", "a"] && w.settings.config == Some("x.toml".into())
        });
        check_window(&["--hold", "--", "dump", "--help"], |w| {
            w.command == ["dump", "--help"] && w.hold
        });
        check_window(&["-o", "font.size=8", "-o", "a.b=c", "--title", "x"], |w| {
            w.settings.options == ["font.size=8", "a.b=c"] && w.title.as_deref() == Some("x")
        });
        check_window(&["--working-directory", "/tmp"], |w| {
            w.working_directory == Some("/tmp".into())
        });
    }

    #[test]
    fn commands_take_settings_before_and_after() {
        let Ok(Job::Headless(job)) = parse(&[
            "--config", "a", "-o", "x.y=1", "run", "-o", "x.z=2", "--", "ls", "-l",
        ]) else {
            panic!("no job");
        };
        let Command::Run(run) = *job else {
            panic!("not a run")
        };
        assert_eq!(run.settings.config, Some("a".into()));
        assert_eq!(run.settings.options, ["x.y=1", "x.z=2"]);
        assert_eq!(run.command, ["ls", "-l"]);

        let Ok(Job::Headless(job)) = parse(&[
            "shot", "-o", "f.png", "--option", "a.b=1", "--scale", "1.5", "--", "ls", "-o",
        ]) else {
            panic!("no job");
        };
        let Command::Shot(shot) = *job else {
            panic!("not a shot")
        };
        assert_eq!(shot.output, PathBuf::from("f.png"));
        assert_eq!(shot.settings.settings().options, ["a.b=1"]);
        assert_eq!(shot.command, ["ls", "-o"]);
    }

    #[track_caller]
    fn check_error(line: &[&str], expected: &str) {
        let error = parse(line).map(drop).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn mistakes_are_named() {
        check_error(&["run", "--cell", "8"], "as in 8x16");
        check_error(&["run", "--cell", "0x1"], "as in 8x16");
        check_error(&["run", "--timeout", "-1"], "as in 2.5");
        check_error(&["shot", "-o", "x.png", "--scale", "99"], "0.25 to 8");
        check_error(&["dump", "--chunk", "0"], "--chunk");
        check_error(&["dump", "--format", "xml"], "text, ansi, json, png");
        check_error(&["shot", "x.bin"], "--output");
    }
}
