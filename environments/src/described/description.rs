//! What a description says: one tool's way of listing, entering and changing environments, as data.
//! How it is written is in `read.rs` and in the manual's page "environments-descriptions".

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;

use super::template::Template;
use super::value::{Field, Path};
use crate::plan::ExitMeaning;
use crate::state::State;

/// A provider that is data.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its id: letters, digits, `-`.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The name of its icon.
    pub icon: Option<String>,
    /// The kinds of system it can be on (`std::env::consts::OS`); empty: all.
    pub os: Vec<String>,
    /// The program's names, the first that is there is used.
    pub programs: Vec<String>,
    /// Where to get it.
    pub install: Option<String>,
    /// What to run to log in.
    pub login: Vec<Template>,
    /// Environment variables of every call and of the pane's program.
    pub vars: Vec<(String, Template)>,
    /// The least version.
    pub version: Option<Version>,
    /// What the user must say once.
    pub settings: Vec<Setting>,
    /// How failures are told apart.
    pub failures: Vec<FailureRule>,
    /// How environments are listed.
    pub list: List,
    /// How the state is asked, where the list has none.
    pub status: Option<Status>,
    /// What the tool's words for states mean.
    pub states: States,
    /// What environments cost.
    pub cost: Option<Cost>,
    /// How a shell is opened.
    pub shell: Option<Shell>,
    /// How one is started.
    pub start: Option<Act>,
    /// How one is stopped.
    pub stop: Option<Act>,
    /// How one is ended for good.
    pub discard: Option<Act>,
    /// How one is created.
    pub create: Option<Create>,
    /// How a port is forwarded.
    pub forward: Option<Forward>,
    /// How its log is shown.
    pub logs: Option<Logs>,
    /// How its ports are listed.
    pub ports: Option<Ports>,
    /// The provider on whose environments this is only a layer (Telepresence on a cluster).
    pub overlay: Option<String>,
}

/// A program's version and the least that will do.
#[derive(Clone, Debug)]
pub struct Version {
    /// The arguments that make it say so.
    pub args: Vec<Template>,
    /// Where the version is: the first group.
    pub pattern: Regex,
    /// The least.
    pub least: Vec<u64>,
}

/// What the user says once, in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub label: String,
    /// What it is unless the user says otherwise.
    pub default: Option<String>,
}

/// A kind of failure that a rule can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A part of the tool is not installed.
    Missing,
    /// Nobody is logged in.
    LoggedOut,
    /// The user has not set the tool up.
    NotSetUp,
    /// The account may not.
    Forbidden,
    /// The service does not answer.
    Down,
    /// The environment is not there any more.
    Gone,
    /// It is no failure: nothing is there.
    Empty,
}

/// How a failure is known.
#[derive(Clone, Debug)]
pub struct FailureRule {
    /// What it is.
    pub kind: FailureKind,
    /// The exit statuses; empty: all.
    pub exit: Vec<i64>,
    /// A text on stderr, else on stdout. What its group `what` matches is what is said of it.
    pub text: Option<Regex>,
    /// What to run against it.
    pub remedy: Vec<Template>,
    /// What to do against it, in words.
    pub say: Option<String>,
}

/// How environments are listed.
#[derive(Clone, Debug)]
pub struct List {
    /// Where the list comes from.
    pub from: Origin,
    /// A call whose items are arguments of the list's own call.
    pub before: Option<Before>,
    /// How it looks.
    pub output: Output,
    /// Where in it the items are.
    pub items: Path,
    /// Texts that mean an empty list.
    pub empty: Vec<Regex>,
    /// The longest it may take.
    pub timeout: Duration,
    /// How long it is good.
    pub every: Duration,
    /// How the next page is asked.
    pub page: Option<Page>,
    /// The one environment there is, whatever the list says.
    pub fixed: Option<Fixed>,
    /// Where the properties of an environment are.
    pub fields: Fields,
}

/// Where a listing comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A program prints it.
    Args {
        /// The program, when it is another than the provider's.
        program: Option<String>,
        /// The arguments.
        args: Vec<Template>,
    },
    /// A service answers it.
    Http(Http),
    /// Every folder in which the user works that has a file.
    Folder(FolderRule),
    /// Nowhere: there is one fixed environment.
    Nowhere,
}

/// A service that is asked by GET.
#[derive(Clone, Debug)]
pub struct Http {
    /// The address.
    pub url: Template,
    /// The environment variable that holds the bearer token.
    pub bearer: Option<String>,
}

/// Which folders are environments.
#[derive(Clone, Debug)]
pub struct FolderRule {
    /// One of these files is in it.
    pub files: Vec<String>,
    /// And its text matches.
    pub text: Option<Regex>,
}

/// A call whose items become arguments of another.
#[derive(Clone, Debug)]
pub struct Before {
    /// The arguments.
    pub args: Vec<Template>,
    /// Where in its JSON the items are.
    pub items: Path,
    /// How many the other call takes at once.
    pub most: usize,
}

/// How the next page of a list is asked.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where the answer says how the next is asked.
    pub cursor: Path,
    /// The arguments that ask it: what `{page}` stands for.
    pub args: Vec<Template>,
    /// How many pages at most.
    pub most: usize,
}

/// The one environment of a provider.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// Its id.
    pub id: String,
    /// Its name, unless a field says otherwise.
    pub name: String,
}

/// Where the properties of an environment are.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Its id.
    pub id: Option<Field>,
    /// Its name.
    pub name: Option<Field>,
    /// The tool's word for its state.
    pub state: Option<Field>,
    /// What it is listed under.
    pub group: Option<Field>,
    /// The git branch.
    pub branch: Option<Field>,
    /// Since when it is in its state.
    pub since: Option<Field>,
    /// Why it failed.
    pub reason: Option<Field>,
    /// What it costs an hour.
    pub cost: Option<Field>,
    /// Where it can be looked at.
    pub url: Option<Field>,
    /// What is shown besides.
    pub detail: Vec<(String, Field)>,
    /// What is kept for the other calls, and not shown.
    pub facts: Vec<(String, Field)>,
}

/// How a tool's output looks.
#[derive(Clone, Debug)]
pub enum Output {
    /// One JSON document.
    Json,
    /// JSON objects, one after another.
    Ndjson,
    /// A table of text.
    Table(Table),
    /// One environment a line.
    Lines,
}

/// A table of text.
#[derive(Clone, Debug)]
pub struct Table {
    /// How many lines come before it.
    pub skip: usize,
    /// The line after it.
    pub until: Option<Regex>,
    /// The columns' names.
    pub columns: Vec<String>,
    /// From where they are counted.
    pub from: Columns,
    /// What is between them.
    pub separator: Separator,
    /// Characters that are no part of a line.
    pub strip: String,
}

/// From where columns are counted: the other end takes what is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// From the left.
    FromLeft,
    /// From the right.
    FromRight,
}

/// What is between columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Separator {
    /// White space.
    Spaces,
    /// Two spaces or more.
    Wide,
    /// A text.
    Text(String),
}

/// How the state of one environment is asked.
#[derive(Clone, Debug)]
pub struct Status {
    /// The tool, or a service.
    pub from: Origin,
    /// Where in the answer the state is.
    pub state: Option<Field>,
    /// Where in the answer the reason is.
    pub reason: Option<Field>,
    /// How many are asked at the same time.
    pub at_once: usize,
    /// How many are asked at all.
    pub most: usize,
}

/// What a tool's words for states mean.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// The words in the order in which they are tried; a `*` stands for any text.
    pub words: Vec<(State, String)>,
    /// What makes it failed when it is not empty, whatever the word says.
    pub failed_if: Option<Field>,
}

/// What environments cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The fact that the prices go by.
    pub by: String,
    /// Price an hour by the fact's value.
    pub per_hour: BTreeMap<String, f64>,
}

/// How a shell is opened.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The arguments.
    pub args: Vec<Template>,
    /// How a command is passed; `None`: not at all.
    pub command: Option<CommandForm>,
    /// How a folder is passed; `None`: in the command.
    pub folder: Option<Vec<Template>>,
    /// How a variable is passed; `None`: in the command.
    pub env: Option<Vec<Template>>,
    /// What is run when a folder or a variable needs a command.
    pub default: Vec<String>,
    /// That is run in any case: the tool has no shell of its own accord.
    pub always: bool,
    /// A command gets a terminal, and so the shell can be integrated by one.
    pub integrate: bool,
    /// Which `TERM` is there.
    pub term: Term,
    /// A change of size arrives.
    pub resize: bool,
    /// What the exit status says.
    pub exit: ExitMeaning,
    /// The far shell outlives the pane.
    pub leaves_process: bool,
    /// Opening starts a stopped one.
    pub starts: bool,
    /// It is the user's own shell here, with variables.
    pub local: bool,
    /// Variables of the pane's program.
    pub vars: Vec<(String, Template)>,
    /// Variables that the pane's program must not have.
    pub unset: Vec<String>,
    /// The folder on this machine in which the program is run.
    pub run_in: Option<Template>,
}

/// How a command is passed.
#[derive(Clone, Debug)]
pub struct CommandForm {
    /// As what.
    pub form: Form,
    /// The arguments, with the command in them.
    pub args: Vec<Template>,
}

/// As what a command is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As arguments: `{argv}`.
    Argv,
    /// As one line quoted for a POSIX shell: `{line}`.
    Line,
    /// As arguments joined by commas: `{argv,}`.
    Joined,
}

/// Which `TERM` a shell has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// The one that we ask for.
    Ours,
    /// Always this one, whatever we ask for.
    Fixed(String),
    /// It must be passed as a variable.
    Variable,
}

/// Something that is done with an environment.
#[derive(Clone, Debug)]
pub struct Act {
    /// The program, when it is another than the provider's.
    pub program: Option<String>,
    /// The arguments.
    pub args: Vec<Template>,
    /// The folder on this machine in which it is run.
    pub run_in: Option<Template>,
    /// The state in which it is done; `None`: when the tool ends.
    pub done: Option<State>,
    /// The longest it may take.
    pub timeout: Duration,
    /// What is lost.
    pub loses: Option<Template>,
    /// What should be known.
    pub note: Option<Template>,
}

/// How an environment is created.
#[derive(Clone, Debug)]
pub struct Create {
    /// What is run.
    pub act: Act,
    /// What is asked before.
    pub parameters: Vec<CreateParameter>,
    /// The id of what was created.
    pub id: CreatedId,
}

/// The id of what was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreatedId {
    /// The next list shows it.
    Listed,
    /// The last line that the tool prints.
    LastLine,
    /// Known from the parameters.
    Template(Template),
}

/// What is asked before something is created.
#[derive(Clone, Debug)]
pub struct CreateParameter {
    /// Its name.
    pub name: String,
    /// What the form calls it.
    pub label: String,
    /// What stands there at first.
    pub default: Template,
    /// The arguments that pass it, left out when it is empty; `None`: it must not be empty and is
    /// put where its name is.
    pub args: Option<Vec<Template>>,
    /// What can be chosen.
    pub choices: ParameterChoices,
}

/// What can be chosen.
#[derive(Clone, Debug)]
pub enum ParameterChoices {
    /// Anything.
    Any,
    /// One of these.
    Fixed(Vec<String>),
    /// What the tool says.
    Asked {
        /// The arguments.
        args: Vec<Template>,
        /// Where in its JSON the choices are.
        items: Path,
        /// Where in one its value is; `None`: it is the value.
        value: Option<Field>,
        /// Where in one its name is.
        label: Option<Field>,
    },
}

/// How a port is forwarded.
#[derive(Clone, Debug)]
pub struct Forward {
    /// What is run.
    pub act: Act,
    /// When it works.
    pub ready: ForwardReady,
    /// Where it can be opened.
    pub url: Option<Template>,
}

/// When a forwarded port works.
#[derive(Clone, Debug)]
pub enum ForwardReady {
    /// When the local port accepts.
    Listening,
    /// When the tool prints this.
    Line(Regex),
    /// When the tool has ended: it only makes an address.
    Exit,
}

/// How a log is shown.
#[derive(Clone, Debug)]
pub struct Logs {
    /// What is run.
    pub act: Act,
    /// The arguments that make it go on: what `{follow}` stands for.
    pub follow: Vec<Template>,
}

/// How the ports of an environment are listed.
#[derive(Clone, Debug)]
pub struct Ports {
    /// The arguments.
    pub args: Vec<Template>,
    /// Where in its JSON the ports are.
    pub items: Path,
    /// Where in one its number over there is.
    pub remote: Field,
    /// Where in one its name is.
    pub label: Option<Field>,
    /// Where in one its address is.
    pub url: Option<Field>,
}
