//! Parity: the same command in two environments, compared side by side by exit status, duration and line.
//!
//! [`of_block`] is the action on a block: it lets the user choose the other environment, or both, in the panel.
//! [`choose`] does so for any command, [`run`] is for whoever knows both environments. What comes of it is shown as a
//! comparison of two blocks is; closing it calls off what still runs.

use std::time::Duration;

use environments::{EnvironmentId, Failure, JobEvent, Ran, ShellWish, Ticket};

use crate::services::Services;
use crate::view::blocks::compare::Compared;
use crate::view::dialog::Question;
use crate::view::environments::Panel;
use crate::view::notices::Severity;
use crate::window::Window;

/// How long a command may take.
const WITHIN: Duration = Duration::from_secs(600);
/// Runs the line `$2` by the account's shell in the folder `$1`, or where the environment begins if that is not
/// there.
const LINE: &str = "cd -- \"$1\" 2>/dev/null; exec \"${SHELL:-sh}\" -c \"$2\"";

/// A command to be run in two environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// The line, as it was typed.
    pub(crate) line: String,
    /// The folder; where there is none of that name, the command runs where the environment begins.
    pub(crate) folder: Option<String>,
    /// The first environment.
    pub(crate) left: EnvironmentId,
}

/// What a window knows of its comparison of environments.
#[derive(Debug, Default)]
pub(crate) struct Parity {
    /// The command whose other environment is being chosen.
    wanted: Option<Command>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    line: String,
    sides: [Side; 2],
}

#[derive(Debug)]
struct Side {
    name: String,
    state: SideState,
}

#[derive(Debug)]
enum SideState {
    Runs(Ticket),
    Ended(Result<Ran, Failure>),
}

impl Parity {
    /// No other environment is chosen any more.
    pub(super) fn forget_wish(&mut self) {
        self.wanted = None;
    }

    /// Whether something is one of its jobs.
    pub(crate) fn has(&self, ticket: Ticket) -> bool {
        self.tickets().any(|one| one == ticket)
    }

    fn tickets(&self) -> impl Iterator<Item = Ticket> {
        let sides = self.running.iter().flat_map(|running| &running.sides);
        sides.filter_map(|side| match side.state {
            SideState::Runs(ticket) => Some(ticket),
            SideState::Ended(_) => None,
        })
    }
}

/// Compares the selected block's command, or the newest's: here and in another environment. `false` without a
/// block.
pub(super) fn of_block(window: &mut Window, services: &mut Services) -> bool {
    let command = match super::blocks::rerunnable(window) {
        None => return false,
        Some(Err(why)) => {
            window.notify(Severity::Info, "parity", why);
            return true;
        }
        Some(Ok((line, folder))) => Command {
            line,
            folder,
            left: window.environment_of_focused(),
        },
    };
    choose(window, services, command);
    true
}

/// Lets the user choose the other environment, or both, then runs the command in them.
pub(crate) fn choose(window: &mut Window, services: &mut Services, command: Command) {
    let purpose = purpose("here", &command);
    super::environments::open_panel(window, services, |snapshot| {
        Panel::choosing_two(snapshot, purpose)
    });
    window.overlay.parity.wanted = Some(command);
}

/// What the panel says that the other environment is chosen for.
fn purpose(first: &str, command: &Command) -> String {
    let line = command.line.lines().next().unwrap_or_default();
    format!("Run {first} and in …   {line}")
}

/// Another environment than the one here was chosen as the first; the second is chosen next.
pub(super) fn chosen_first(window: &mut Window, services: &Services, first: EnvironmentId) {
    let Some(command) = &mut window.overlay.parity.wanted else {
        return;
    };
    let name = services.environments.name_of(&first);
    command.left = first;
    if let Some(panel) = &mut window.overlay.environments {
        panel.choose_second(purpose(&format!("in {name}"), command));
        window.overlay.changed();
        window.redraw();
    }
}

/// The other environment was chosen. What is marked as production is asked about.
pub(crate) fn chosen(window: &mut Window, services: &mut Services, right: EnvironmentId) {
    let Some(command) = window.overlay.parity.wanted.take() else {
        return;
    };
    let cautious: Vec<String> = [&command.left, &right]
        .into_iter()
        .filter(|id| services.environments.is_production(id))
        .map(|id| services.environments.name_of(id))
        .collect();
    if cautious.is_empty() {
        run(window, services, &command, &right);
    } else {
        window.ask(Question::RunIn {
            names: cautious,
            command,
            right,
        });
    }
}

/// Runs a command in both environments and compares.
pub(crate) fn run(
    window: &mut Window,
    services: &Services,
    command: &Command,
    right: &EnvironmentId,
) {
    call_off(window, services);
    let sides = [&command.left, right].map(|id| {
        let manager = services.environments.manager();
        Side {
            name: services.environments.name_of(id),
            state: SideState::Runs(manager.run(id.clone(), wish(command), WITHIN)),
        }
    });
    window.overlay.parity.running = Some(Running {
        line: command.line.clone(),
        sides,
    });
    show(window, services);
}

/// How the command is wished for over there: the line as one argument, so that no shell but its own reads it.
fn wish(command: &Command) -> ShellWish {
    let folder = command.folder.as_deref().unwrap_or(".");
    let words = ["sh", "-c", LINE, "terrace", folder, &command.line];
    ShellWish {
        command: words.map(Into::into).to_vec(),
        ..ShellWish::default()
    }
}

/// Ends what still runs; its comparison is no longer looked at.
pub(crate) fn call_off(window: &mut Window, services: &Services) {
    for ticket in window.overlay.parity.tickets() {
        services.environments.manager().cancel(ticket);
    }
    window.overlay.parity.running = None;
}

/// A job goes on that is one of the sides; false when it is another's.
pub(crate) fn heard(
    window: &mut Window,
    services: &Services,
    ticket: Ticket,
    event: &JobEvent,
) -> bool {
    if !window.overlay.parity.has(ticket) {
        return false;
    }
    let JobEvent::Done(done) = event else {
        // Its lines are in what it printed.
        drop(services.environments.manager().take_lines(ticket));
        return true;
    };
    let sides = window.overlay.parity.running.iter_mut();
    for side in sides.flat_map(|running| &mut running.sides) {
        if matches!(side.state, SideState::Runs(one) if one == ticket) {
            side.state = SideState::Ended(done.clone().and_then(|finished| {
                let ran = finished.ran;
                ran.ok_or_else(|| Failure::Other("nothing was run".to_owned()))
            }));
        }
    }
    show(window, services);
    true
}

/// Shows how far it is.
fn show(window: &mut Window, services: &Services) {
    let Some(running) = &window.overlay.parity.running else {
        return;
    };
    let waiting: Vec<&str> = running
        .sides
        .iter()
        .filter(|side| matches!(side.state, SideState::Runs(_)))
        .map(|side| side.name.as_str())
        .collect();
    let waiting = match waiting.is_empty() {
        true => not_compared(&running.sides),
        false => Some(format!("running in {} …", waiting.join(" and "))),
    };
    let compares = waiting.is_none();
    let sides = running
        .sides
        .each_ref()
        .map(|side| compared(side, &running.line));
    window.show_comparison(services, sides, waiting);
    // What differs between two environments is what is asked for: nothing is passed over at first, whatever is
    // between two runs in one of them.
    let question = window.overlay.next_question();
    if let Some(comparison) = &mut window.overlay.compare {
        comparison.rules = history::diff::Rules::EXACT;
        comparison.question = question;
        if compares {
            services.compare(comparison);
        }
    }
}

/// Why there is nothing to compare: why a command did not run is no output of it.
fn not_compared(sides: &[Side; 2]) -> Option<String> {
    let failed = |side: &&Side| matches!(side.state, SideState::Ended(Err(_)));
    let names: Vec<&str> = sides
        .iter()
        .filter(failed)
        .map(|side| side.name.as_str())
        .collect();
    (!names.is_empty()).then(|| format!("not compared: no output of {}", names.join(" and ")))
}

fn compared(side: &Side, line: &str) -> Compared {
    let (end, text) = match &side.state {
        SideState::Runs(_) => ("runs".to_owned(), String::new()),
        SideState::Ended(Ok(ran)) => (
            format!("{}  {:.1} s", ran.output.status, ran.took.as_secs_f64()),
            ran.output.stdout_text() + &ran.output.stderr_text(),
        ),
        SideState::Ended(Err(failure @ Failure::TimedOut(_))) => {
            (failure.to_string(), String::new())
        }
        SideState::Ended(Err(failure)) => (format!("not run: {failure}"), String::new()),
    };
    let line = line.lines().next().unwrap_or_default();
    Compared {
        title: format!("{}  {end}  {line}", side.name),
        text: text.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use environments::tool::{Output, Status};
    use environments::{Failure, Limit, Ran, ToolCall};

    use super::{Command, Side, SideState, compared, not_compared, wish};

    fn command(line: &str, folder: &str) -> Command {
        Command {
            line: line.to_owned(),
            folder: Some(folder.to_owned()),
            left: "local:local".parse().expect("an id"),
        }
    }

    #[track_caller]
    fn check(line: &str, folder: &str, expected: &str) {
        let words = wish(&command(line, folder)).command;
        let call = ToolCall::new(&words[0])
            .args(&words[1..])
            .env("SHELL", "/bin/sh")
            .folder("/usr");
        let output = environments::tool::run(&call, &Limit::within(Duration::from_secs(60)));
        assert_eq!(output.expect("sh runs").stdout_text(), expected);
    }

    #[test]
    fn a_line_runs_whole_in_its_folder_or_where_the_environment_begins() {
        check("pwd; echo \"it's $((1 + 2))\"", "/tmp", "/tmp\nit's 3\n");
        check("pwd", "/no/such/folder", "/usr\n");
    }

    #[test]
    fn a_side_says_where_how_it_ended_and_how_long_it_took() {
        let side = |state| Side {
            name: "web".to_owned(),
            state,
        };
        let ran = Ran {
            output: Output {
                status: Status::Code(3),
                stdout: b"out\n".to_vec(),
                stderr: b"err\n".to_vec(),
                cut: false,
            },
            took: Duration::from_millis(1240),
        };
        let ended = compared(&side(SideState::Ended(Ok(ran))), "make test\nmore");
        assert_eq!(ended.title, "web  exit status 3  1.2 s  make test");
        assert_eq!(&*ended.text, "out\nerr\n");
        let no_way = || side(SideState::Ended(Err(Failure::Other("no way".to_owned()))));
        let failed = compared(&no_way(), "make");
        assert_eq!(
            (failed.title.as_str(), &*failed.text),
            ("web  not run: no way  make", "")
        );
        assert_eq!(
            not_compared(&[no_way(), no_way()]).as_deref(),
            Some("not compared: no output of web and web")
        );
    }
}
