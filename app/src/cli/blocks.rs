//! `terrace blocks …`: what can be asked of the blocks that are kept.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::SettingsArgs;

/// `terrace blocks`.
#[derive(Args, Clone, Debug)]
pub(crate) struct BlocksArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: BlocksCommand,
    /// Where the settings come from.
    #[command(flatten)]
    settings: BlocksSettings,
}

impl BlocksArgs {
    pub(super) fn after(self, outer: SettingsArgs) -> Self {
        let settings = self.settings().after(outer);
        Self {
            settings: BlocksSettings {
                config: settings.config,
                options: settings.options,
            },
            ..self
        }
    }

    /// As the other commands have them.
    pub(crate) fn settings(&self) -> SettingsArgs {
        SettingsArgs {
            config: self.settings.config.clone(),
            options: self.settings.options.clone(),
        }
    }
}

/// The settings of `terrace blocks`, whose `-o` is a file.
#[derive(Args, Clone, Debug, Default)]
struct BlocksSettings {
    /// Read this file instead of the usual one.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Set one option, over the file: `--option history.folder=/x`. May be given more than once.
    #[arg(long = "option", value_name = "SECTION.KEY=VALUE", global = true)]
    options: Vec<String>,
}

/// `terrace blocks …`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum BlocksCommand {
    /// List blocks, newest last.
    List(ListArgs),
    /// Find blocks by words of their command or output.
    Search(SearchArgs),
    /// Show one block, by the id that `list` shows, or `-2` for the last but one.
    Show(ShowArgs),
    /// Show the last block: inside Terrace that of this pane, else the newest.
    Last(LastArgs),
    /// Write blocks as Markdown, HTML, JSON lines, asciicast or SVG.
    Export(ExportArgs),
    /// The inner loop in figures: runs, failures, durations, waiting.
    Stats(StatsArgs),
    /// Compare the outputs of two blocks; with one, it and the run before it.
    Diff(DiffArgs),
    /// Take over the history of bash, zsh, fish or atuin, or an export.
    Import(ImportArgs),
    /// Delete blocks, so that no byte of them is left.
    Forget(ForgetArgs),
    /// Apply today's limits and redaction to everything that is kept.
    Prune(PruneArgs),
}

/// What a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceKind {
    /// This machine, or another of which a history was imported.
    Local,
    /// A machine reached over SSH.
    Ssh,
    /// A container.
    Container,
    /// A Kubernetes pod.
    Pod,
    /// This machine as another user.
    Elevated,
    /// An environment of another kind.
    Other,
}

/// Which blocks; everything that is given must hold.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FilterArgs {
    /// Of this host or environment.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// On hosts of this kind.
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) kind: Option<PlaceKind>,
    /// In this folder or below it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// In this project: the folder that holds `.git`, or its name.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Of this session; `this` for the pane's own.
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Of exactly this command.
    #[arg(long, value_name = "TEXT")]
    pub(crate) command: Option<String>,
    /// Only what failed; Ctrl-C is no failure.
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only what is bookmarked.
    #[arg(long)]
    pub(crate) bookmarked: bool,
    /// Not before: `2026-11-29`, `"2026-11-29 08:52"`, `08:52`, `today`, `yesterday`, `2h`, `3d`, `1w`.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Before this.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

/// `terrace blocks list`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// Which blocks.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// At most so many, the newest.
    #[arg(short = 'n', long, default_value_t = 30, value_name = "N")]
    pub(crate) limit: usize,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `terrace blocks search`.
#[derive(Args, Clone, Debug)]
pub(crate) struct SearchArgs {
    /// Words; all must stand in the command or the output, each at least as the beginning of a word.
    #[arg(required = true, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Which blocks.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// At most so many, the newest.
    #[arg(short = 'n', long, default_value_t = 30, value_name = "N")]
    pub(crate) limit: usize,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What of a block is shown.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PartArgs {
    /// Only the output.
    #[arg(long)]
    pub(crate) output: bool,
    /// Only the command.
    #[arg(long, conflicts_with = "output")]
    pub(crate) command: bool,
    /// Keep colors and styles, even if the output is no terminal.
    #[arg(long)]
    pub(crate) styled: bool,
    /// One JSON object, with the output.
    #[arg(long, conflicts_with_all = ["output", "command"])]
    pub(crate) json: bool,
}

/// `terrace blocks show`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// The block: an id of `terrace blocks list`, `last`, or `-2` for the last but one.
    #[arg(value_name = "BLOCK", allow_negative_numbers = true)]
    pub(crate) block: String,
    /// What of it.
    #[command(flatten)]
    pub(crate) part: PartArgs,
}

/// `terrace blocks last`.
#[derive(Args, Clone, Debug)]
pub(crate) struct LastArgs {
    /// What of it.
    #[command(flatten)]
    pub(crate) part: PartArgs,
    /// The last that failed.
    #[arg(long)]
    pub(crate) failed: bool,
    /// The newest of all panes, not only of this one.
    #[arg(long)]
    pub(crate) any: bool,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Markdown.
    #[value(alias = "md")]
    Markdown,
    /// A self-contained page.
    Html,
    /// One JSON object a line.
    #[value(alias = "jsonl")]
    Json,
    /// A recording for asciinema's players, version 2.
    #[value(alias = "cast")]
    Asciicast,
    /// A picture.
    Svg,
}

/// `terrace blocks export`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    /// The blocks; without any, those of the filters, else the last one.
    #[arg(value_name = "BLOCK", allow_negative_numbers = true)]
    pub(crate) blocks: Vec<String>,
    /// Which blocks.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Words that must stand in the command or the output.
    #[arg(long, value_name = "WORDS")]
    pub(crate) search: Option<String>,
    /// The form; without it by the ending of the file's name, else Markdown.
    #[arg(short = 'f', long, value_enum)]
    pub(crate) format: Option<ExportFormat>,
    /// The file; without it the standard output. Only you can read it.
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// At most so many, the newest, where filters choose; 0 for all.
    #[arg(short = 'n', long, default_value_t = 100, value_name = "N")]
    pub(crate) limit: usize,
}

/// By what figures are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Grouping {
    /// The command, without what differs from run to run.
    #[default]
    Command,
    /// The program and its subcommand.
    Program,
    /// The project.
    Project,
}

/// `terrace blocks stats`.
#[derive(Args, Clone, Debug)]
pub(crate) struct StatsArgs {
    /// Not before.
    #[arg(long, default_value = "4w", value_name = "TIME")]
    pub(crate) since: String,
    /// Before this.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// In this project.
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// Of this host or environment.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// By what runs are put together.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) by: Grouping,
    /// So many commands, those that cost the most waiting.
    #[arg(short = 'n', long, default_value_t = 15, value_name = "N")]
    pub(crate) limit: usize,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `terrace blocks diff`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DiffArgs {
    /// The old block; alone: the new one, compared with the run before it.
    #[arg(value_name = "OLD", allow_negative_numbers = true)]
    pub(crate) old: Option<String>,
    /// The new block.
    #[arg(value_name = "NEW", allow_negative_numbers = true)]
    pub(crate) new: Option<String>,
    /// Compare lines as they are: times, durations, ids and temporary paths too.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Put numbers aside too.
    #[arg(long, conflicts_with = "exact")]
    pub(crate) ignore_numbers: bool,
    /// Put blanks aside too.
    #[arg(long, conflicts_with = "exact")]
    pub(crate) ignore_blanks: bool,
    /// So many lines around each difference.
    #[arg(short = 'U', long = "context", default_value_t = 3, value_name = "N")]
    pub(crate) context: usize,
    /// Old and new beside one another.
    #[arg(short = 'y', long)]
    pub(crate) side_by_side: bool,
    /// One JSON object.
    #[arg(long, conflicts_with = "side_by_side")]
    pub(crate) json: bool,
}

/// Whose history is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportSource {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// atuin.
    Atuin,
    /// An export of `terrace blocks`, in JSON lines.
    Json,
}

/// `terrace blocks import`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// Whose history.
    #[arg(value_enum)]
    pub(crate) source: ImportSource,
    /// Its file, if it is not where that program usually keeps it.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// One JSON object that says what was done.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `terrace blocks forget`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ForgetArgs {
    /// The blocks.
    #[arg(value_name = "BLOCK", allow_negative_numbers = true)]
    pub(crate) blocks: Vec<String>,
    /// Which blocks.
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Words that must stand in the command or the output.
    #[arg(long, value_name = "WORDS")]
    pub(crate) search: Option<String>,
    /// Everything.
    #[arg(long, conflicts_with = "blocks")]
    pub(crate) all: bool,
    /// Do not ask.
    #[arg(short = 'y', long)]
    pub(crate) yes: bool,
}

/// `terrace blocks prune`.
#[derive(Args, Clone, Debug)]
pub(crate) struct PruneArgs {
    /// One JSON object that says what was done.
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        blocks: BlocksArgs,
    }

    #[test]
    fn the_last_but_one_stands_before_options() {
        let line = ["terrace", "export", "-2", "-o", "report.html"];
        let parsed = Line::try_parse_from(line).unwrap().blocks.command;
        let BlocksCommand::Export(export) = parsed else {
            panic!("not an export: {parsed:?}");
        };
        assert_eq!(export.blocks, ["-2"]);
        assert_eq!(export.to, Some("report.html".into()));
    }
}
