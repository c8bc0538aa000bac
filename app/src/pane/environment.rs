//! A pane whose shell runs in an environment: how it is opening, running or lost, and what it says of that.

use std::time::{Duration, Instant, SystemTime};

use environments::plan::{ExitMeaning, ShellWish, Verdict, says_gone, says_lost, was_not_let_in};
use environments::rules::Look;
use environments::{Cleaner, Cleanup, EnvironmentId, EnvironmentSpec, Failure, Opened, Ticket};
use terminal::LineId;

/// Pauses before a lost connection is made again by itself, in seconds; the last is every further one too.
const PAUSES: [u64; 7] = [1, 2, 5, 10, 20, 30, 60];
/// A session that lived shorter than this never was one: its end is the failure of the opening.
const SETTLED: Duration = Duration::from_secs(10);
/// How long after a shell's end its environment may be said to run though it does not.
const DOUBT: Duration = Duration::from_secs(1);
/// How long it is waited for that an environment which is stopping has stopped.
const ENDING: Duration = Duration::from_secs(15);
/// How long a new connection takes until others can share it.
pub(crate) const SHARING: Duration = Duration::from_millis(800);
/// An end this soon after the start, or after what was typed last (a password), with no word of our program, means
/// that the other side did not understand it.
const REFUSED: Duration = Duration::from_secs(3);
/// The longest that a login takes for that.
const LOGIN: Duration = Duration::from_secs(60);
/// How long a far side may be silent before the pane says so.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);
/// How often it is looked at whether the connection to a silent far side is up.
const LOOK: Duration = Duration::from_secs(1);
/// A far side that says nothing though its connection was up so many looks long swallows what integrates its shell.
const LOOKS: u8 = 3;
/// A look that takes longer than this says that everything is slow now.
const QUICK_LOOK: Duration = Duration::from_millis(700);
/// A last word older than this, in seconds, is told when a connection times out.
const STALE: u64 = 30;
/// Whoever has typed into a session for longer than this has found a shell there.
const TALK: Duration = Duration::from_secs(1);
/// When the size is told again after the first output, to sessions that start late.
pub(crate) const RESIZE_DELAY: Duration = Duration::from_millis(100);

/// The environment of a pane.
#[derive(Debug)]
pub(crate) struct PaneEnvironment {
    /// The environment as it was when it was opened.
    pub(crate) spec: EnvironmentSpec,
    /// How the shell was wished for; the same again after a loss.
    pub(crate) wish: ShellWish,
    /// How it looks.
    pub(crate) look: Look,
    /// Discard the environment when its last pane is closed, after asking.
    pub(crate) ephemeral: bool,
    /// When something was last typed into it.
    pub(crate) used: Instant,
    /// Its idleness was pointed out.
    pub(crate) pointed_out: bool,
    phase: Phase,
    exit: ExitMeaning,
    /// The shell over there was to say that our program is understood.
    expects: bool,
    /// Whether the far side has answered since the start, or since a login's question was.
    answer: Answer,
    /// When the user first typed into the session itself, past all questions of a login.
    talked: Option<Instant>,
    /// How often a shell was started.
    starts: u32,
    /// One of them was there for long enough, or was typed into.
    reached: bool,
    /// One of them has said that it understands what integrates it.
    understood: bool,
    /// How many looks long the connection has been up while the far side said nothing.
    up: u8,
    /// When that is looked at next, and the look that counted last.
    look_at: Option<Instant>,
    looked: Option<SystemTime>,
    /// It was found stopped when its shell was to open, and was started for that.
    started: bool,
    /// When the far side wrote something last, and before that.
    heard: [Option<SystemTime>; 2],
    /// The line that says what the keys do, as long as it may be written anew.
    pub(crate) advice: Option<LineId>,
    cleanup: Option<Cleanup>,
    /// What opens a plain shell at once, if the other side does not understand what integrates one.
    plain: Option<Opened>,
    /// The size is to be told again: once there was output, then.
    resize: Resize,
    /// How often it was opened again by itself since it last lived.
    attempts: usize,
    /// When the environment is asked once more whether it still runs.
    ask_at: Option<Instant>,
    cleaner: Option<Cleaner>,
    /// A plain shell was opened where an integrated one was refused, and has not run for long enough to show that
    /// this was the reason.
    plain_on_trial: bool,
}

impl Drop for PaneEnvironment {
    /// However the pane went: nothing of it stays over there, and nothing is opened for it any more.
    fn drop(&mut self) {
        let Some(cleaner) = &self.cleaner else { return };
        if let Phase::Opening(ticket) = self.phase {
            cleaner.cancel(ticket);
        }
        if let Some(cleanup) = self.cleanup.take() {
            cleaner.clean_up(cleanup);
        }
    }
}

/// Where in its life the shell is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// It is being opened.
    Opening(Ticket),
    /// It runs, since then.
    Running(Instant),
    /// It ended then, and whether by itself only the environment's state can tell.
    Unsure(SystemTime),
    /// The connection is gone.
    Lost {
        /// When it is made again by itself.
        retry: Option<Instant>,
    },
    /// It could not be opened.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Resize {
    No,
    AfterOutput,
    At(Instant),
}

/// Whether a far side answers. `parsed` counts the bytes that the pane had shown when it began to be waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    /// It did, or need not.
    Came,
    /// It is waited for, and it is said when none came until then.
    Awaited { until: Instant, parsed: u64 },
    /// It was said that none came.
    Missed { parsed: u64 },
    /// The user does not wait for it any longer.
    GivenUp,
}

/// What is to be done when a pane's program has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AfterEnd {
    /// As with any shell.
    AsUsual,
    /// The environment is asked.
    Ask,
    /// Stay, and say this.
    Stay(Said),
}

/// What is said in a pane whose shell is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// What happened, with its line ends; empty: the advice takes the place of the one before.
    pub(crate) what: String,
    /// What comes, and what the keys do.
    pub(crate) advice: String,
}

impl Said {
    fn new(color: u8, what: &str, advice: &str) -> Self {
        Self {
            what: format!("\r\n\x1b[{color}m[{}]\x1b[0m\r\n", clean(what)),
            advice: format!("\x1b[2m[{}]\x1b[0m\r\n", clean(advice)),
        }
    }
}

impl PaneEnvironment {
    /// A shell that is being opened.
    pub(crate) fn opening(
        spec: EnvironmentSpec,
        wish: ShellWish,
        look: Look,
        ticket: Ticket,
    ) -> Self {
        Self {
            spec,
            wish,
            look,
            ephemeral: false,
            used: Instant::now(),
            pointed_out: false,
            phase: Phase::Opening(ticket),
            exit: ExitMeaning::Same,
            expects: false,
            answer: Answer::Came,
            talked: None,
            starts: 0,
            reached: false,
            understood: false,
            up: 0,
            look_at: None,
            looked: None,
            started: false,
            heard: [None; 2],
            advice: None,
            cleanup: None,
            plain: None,
            resize: Resize::No,
            attempts: 0,
            ask_at: None,
            cleaner: None,
            plain_on_trial: false,
        }
    }

    /// One that was there when Terrace ended, and is opened by a key.
    pub(crate) fn not_connected(spec: EnvironmentSpec, wish: ShellWish, look: Look) -> Self {
        let mut environment = Self::opening(spec, wish, look, Ticket(0));
        environment.phase = Phase::Lost { retry: None };
        environment
    }

    /// What stands in the pane of one that is not connected.
    pub(crate) fn invitation(&self) -> String {
        format!(
            "\x1b[2m[{} is not connected]\r\n[Enter: connect · Esc: close]\x1b[0m\r\n",
            clean(&self.spec.name)
        )
    }

    /// What is left over there is ended by this when the pane goes.
    pub(crate) fn with_cleaner(mut self, cleaner: Cleaner) -> Self {
        self.cleaner = Some(cleaner);
        self
    }

    /// Its identity.
    pub(crate) fn id(&self) -> &EnvironmentId {
        &self.spec.id
    }

    /// Where in its life it is.
    pub(crate) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The ticket of the opening that goes on.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        match self.phase {
            Phase::Opening(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// It is being opened again.
    pub(crate) fn reopening(&mut self, ticket: Ticket) {
        self.phase = Phase::Opening(ticket);
    }

    /// The shell was started, in a pane that has shown so many bytes. `look` says how an environment looks.
    pub(crate) fn opened(
        &mut self,
        opened: &Opened,
        look: impl FnOnce(&EnvironmentSpec) -> Look,
        parsed: u64,
        now: Instant,
    ) {
        // One that is not listed any more is called and looks as it did: the rules match on what it was.
        if !opened.env.is_bare() {
            self.spec = opened.env.clone();
        }
        self.look = look(&self.spec);
        self.exit = opened.plan.exit;
        self.expects = opened.plan.command.expected_shell().is_some();
        self.starts = self.starts.saturating_add(1);
        self.cleanup.clone_from(&opened.plan.leaves_process);
        self.plain = opened.plan.plain.as_deref().map(|plan| Opened {
            env: opened.env.clone(),
            plan: plan.clone(),
        });
        self.resize = if opened.plan.resize_again {
            Resize::AfterOutput
        } else {
            Resize::No
        };
        self.phase = Phase::Running(now);
        self.talked = None;
        self.answer = Answer::Came;
        // A command may have nothing to say.
        if self.wish.command.is_empty() {
            self.await_answer(parsed, now);
        }
    }

    /// The far side is to answer from now on, in a pane that has shown so many bytes.
    fn await_answer(&mut self, parsed: u64, now: Instant) {
        let until = now + SILENCE;
        self.answer = Answer::Awaited { until, parsed };
        self.up = 0;
        self.looked = Some(SystemTime::now());
        self.look_at = Some(now + LOOK).filter(|_| self.swallows());
    }

    /// Whether a silence may mean that the far side swallowed what integrates its shell: the connection of a host says
    /// whether it is up. What was understood before is not swallowed.
    fn swallows(&self) -> bool {
        self.expects && !self.understood && self.exit == ExitMeaning::Ssh
    }

    /// Whether it is to be looked at now whether the connection is up. True once a time.
    pub(crate) fn look_is_due(&mut self, now: Instant) -> bool {
        let due = self.look_at.is_some_and(|at| at <= now);
        if due {
            let waits = matches!(self.answer, Answer::Awaited { .. });
            self.look_at = Some(now + LOOK).filter(|_| waits);
        }
        due
    }

    /// The connection was up when it was looked at, and its far side still says nothing. True when that has been so for
    /// long enough: the user is not asked to wait for it any longer.
    pub(crate) fn is_up(&mut self, asked: SystemTime, answered: SystemTime) -> bool {
        let waits = matches!(self.answer, Answer::Awaited { .. });
        // Lists are asked for by others too.
        let is_look = |before: SystemTime| asked >= before + LOOK - LOOK / 10;
        if !waits || !self.swallows() || !self.looked.is_none_or(is_look) {
            return false;
        }
        self.looked = Some(asked);
        let took = answered.duration_since(asked).unwrap_or_default();
        if self.up > 0 && took > QUICK_LOOK {
            return false;
        }
        self.up = self.up.saturating_add(1);
        let swallowed = self.up >= LOOKS;
        if swallowed {
            self.answer = Answer::GivenUp;
            self.look_at = None;
        }
        swallowed
    }

    /// The shell could not be started; says why, and what to do.
    pub(crate) fn failed(&mut self, failure: &Failure) -> Said {
        self.phase = Phase::Failed;
        let what = match failure {
            Failure::Cancelled => format!("{} was not opened", self.spec.name),
            failure => format!("{} could not be opened: {failure}", self.spec.name),
        };
        Said::new(31, &what, KEYS)
    }

    /// The pane has shown so many bytes by now.
    pub(crate) fn on_output(&mut self, parsed: u64, now: Instant) {
        match self.answer {
            Answer::Awaited { parsed: before, .. } | Answer::Missed { parsed: before }
                if parsed > before =>
            {
                self.answer = Answer::Came;
                self.look_at = None;
            }
            _ => {}
        }
        self.heard = [Some(SystemTime::now()), self.heard[0]];
        if self.resize == Resize::AfterOutput {
            self.resize = Resize::At(now + RESIZE_DELAY);
        }
    }

    /// Whether the size is to be told again now. True once.
    pub(crate) fn resize_is_due(&mut self, now: Instant) -> bool {
        let due = matches!(self.resize, Resize::At(at) if at <= now);
        if due {
            self.resize = Resize::No;
        }
        due
    }

    /// Whether the user has not typed into the session itself yet: what is typed may answer a login's questions, and
    /// [`PaneEnvironment::typed`] is to be told.
    pub(crate) fn is_logging_in(&self) -> bool {
        matches!(self.phase, Phase::Running(_)) && self.talked.is_none()
    }

    /// The user typed. `asked`: a program on this side reads lines, as ssh does while it logs in; `entered`: this ended
    /// one, after which the far side is to answer.
    pub(crate) fn typed(&mut self, asked: bool, entered: bool, parsed: u64, now: Instant) {
        if !asked {
            self.talked.get_or_insert(now);
        } else if entered && self.answer == Answer::Came && self.wish.command.is_empty() {
            self.await_answer(parsed, now);
        }
    }

    /// Says that nothing came for too long, and what can be done, if that is so. The pane has shown so many bytes.
    /// Once.
    pub(crate) fn silence(&mut self, parsed: u64, now: Instant) -> Option<String> {
        let Answer::Awaited { until, .. } = self.answer else {
            return None;
        };
        if until > now {
            return None;
        }
        let what = format!(
            "{} has not answered for {} s",
            self.spec.name,
            SILENCE.as_secs()
        );
        // A plain shell helps where there is a connection.
        self.expects &= self.up > 0 || self.spec.fact("shared") != "yes";
        let key = if self.expects {
            "Esc: try a plain shell"
        } else {
            "Esc: give up"
        };
        let text = format!(
            "\r\n\x1b[33m[{}]\x1b[0m\r\n\x1b[2m[{key}]\x1b[0m\r\n",
            clean(&what)
        );
        let parsed = parsed + text.len() as u64;
        self.answer = Answer::Missed { parsed };
        Some(text)
    }

    /// The user waits no longer for a far side of which it was said that it does not answer; false for others. Its
    /// program is to be ended.
    pub(crate) fn give_up(&mut self) -> bool {
        let missed = matches!(self.answer, Answer::Missed { .. });
        if missed {
            self.answer = Answer::GivenUp;
        }
        missed
    }

    /// Whether the user gave it up.
    pub(crate) fn is_given_up(&self) -> bool {
        self.answer == Answer::GivenUp
    }

    /// Another pane makes the same connection just now: this one waits, so that it can share it.
    pub(crate) fn wait_for_others(&mut self, until: Instant) {
        if let Phase::Lost { retry: Some(at) } = &mut self.phase {
            *at = until;
        }
    }

    /// Whether the connection is being made, or was a moment ago.
    pub(crate) fn connects(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Opening(_) => true,
            Phase::Running(since) => now.duration_since(since) < SHARING,
            _ => false,
        }
    }

    /// Whether the connection is to be made again now.
    pub(crate) fn retry_is_due(&self, now: Instant) -> bool {
        matches!(self.phase, Phase::Lost { retry: Some(at) } if at <= now)
    }

    /// When something of the above is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let resize = match self.resize {
            Resize::At(at) => Some(at),
            _ => None,
        };
        let retry = match self.phase {
            Phase::Lost { retry } => retry,
            _ => None,
        };
        let silence = match self.answer {
            Answer::Awaited { until, .. } => Some(until),
            _ => None,
        };
        let all = resize.into_iter().chain(retry).chain(self.proven_at());
        all.chain(self.ask_at)
            .chain(silence)
            .chain(self.look_at)
            .min()
    }

    /// Whether Enter opens it again.
    pub(crate) fn can_reopen(&self) -> bool {
        matches!(self.phase, Phase::Lost { .. } | Phase::Failed)
    }

    /// The program ended with `status` and left `tail` on the screen. `introduced`: the far shell has said its key.
    pub(crate) fn ended(
        &mut self,
        introduced: bool,
        status: Option<i32>,
        tail: &[String],
        retries: bool,
        now: Instant,
    ) -> AfterEnd {
        self.answer = Answer::Came;
        self.look_at = None;
        self.understood |= introduced;
        let lived = introduced || self.talked.is_some();
        self.reached |= lived || self.has_settled(now);
        if lived {
            // What it wrote since then stays.
            self.advice = None;
        }
        let verdict = self.exit.judge(status, tail);
        if std::mem::take(&mut self.plain_on_trial) && verdict != Verdict::Ended {
            // Integration was not what was wrong.
            self.wish.integrate = true;
        }
        match verdict {
            Verdict::Ended => {
                // Nothing of it is left over there.
                self.cleanup = None;
                let shell = self.wish.command.is_empty() && self.wish.debug_image.is_none();
                match status {
                    Some(status @ 1..) if shell && !lived && !self.has_settled(now) => {
                        let what = format!(
                            "{} could not be opened: its shell ended with status {status}",
                            self.spec.name
                        );
                        self.phase = Phase::Failed;
                        AfterEnd::Stay(Said::new(31, &what, KEYS))
                    }
                    _ => AfterEnd::AsUsual,
                }
            }
            Verdict::Unsure => {
                // How long it ran is not known any more when this is decided.
                if self.has_settled(now) {
                    self.attempts = 0;
                }
                // What its tool found was there until now.
                self.reached |= !says_gone(tail);
                self.phase = Phase::Unsure(SystemTime::now());
                AfterEnd::Ask
            }
            Verdict::Lost(why) => {
                let retries = retries && !was_not_let_in(&why);
                AfterEnd::Stay(self.lost(&why, retries, now))
            }
        }
    }

    /// Whether the program ended because the other side does not understand what integrates its shell: a restricted
    /// shell, a router's, one that says nothing. `introduced`: the far shell has said that it does; `tail`: the last
    /// lines of the screen. A shell that the user has talked to was there, whoever put it there: a forced command. Of
    /// an environment that is gone, or cannot be reached, nothing is known; one that has understood it does so still.
    pub(crate) fn was_refused(
        &mut self,
        introduced: bool,
        status: Option<i32>,
        tail: &[String],
        now: Instant,
    ) -> bool {
        let Phase::Running(since) = self.phase else {
            return false;
        };
        self.understood |= introduced;
        // 255 is ssh's own failure.
        let failed = status.is_some_and(|status| !matches!(status, 0 | 255));
        let quick = now.duration_since(self.used.max(since)) <= REFUSED
            && now.duration_since(since) <= LOGIN;
        let talked = self
            .talked
            .is_some_and(|since| now.duration_since(since) > TALK);
        let lost = says_gone(tail) || says_lost(tail);
        let refused = failed && quick && !talked && !lost && !self.understood;
        self.expects && !introduced && (self.is_given_up() || refused)
    }

    /// A plain shell is opened from now on. True when there is nothing else in the pane than what the refused one
    /// left.
    pub(crate) fn go_plain(&mut self) -> bool {
        // One that was given up may only have been slow.
        self.plain_on_trial = !self.is_given_up();
        self.wish.integrate = false;
        if self.exit == ExitMeaning::Ssh {
            // Who refuses one command refuses every other.
            self.wish.survive = None;
            self.wish.folder = None;
        }
        self.starts <= 1
    }

    /// What opens a plain shell at once, if that is known.
    pub(crate) fn take_plain(&mut self) -> Option<Opened> {
        self.plain.take()
    }

    /// Whether the plain shell runs where an integrated one was refused: that is to be remembered. True once. What
    /// ends as soon as the refused one says nothing of integration.
    pub(crate) fn plain_is_proven(&mut self, now: Instant) -> bool {
        let proven = self.proven_at().is_some_and(|at| at <= now);
        if proven {
            self.plain_on_trial = false;
        }
        proven
    }

    fn proven_at(&self) -> Option<Instant> {
        match self.phase {
            Phase::Running(since) if self.plain_on_trial => Some(since + REFUSED),
            _ => None,
        }
    }

    /// The environment was asked at `asked` and still ran. False when that was too soon after the end to be
    /// believed: a container that is being killed is said to run for a moment longer. It is asked once more then.
    pub(crate) fn is_believed(&mut self, asked: Option<SystemTime>, now: Instant) -> bool {
        let Phase::Unsure(since) = self.phase else {
            return true;
        };
        let late_enough = asked.is_some_and(|asked| asked >= since + DOUBT);
        if !late_enough {
            self.ask_at = Some(now + DOUBT);
        }
        late_enough
    }

    /// The environment is on its way to its end: it is asked again until it is there, for a while.
    pub(crate) fn waits_for_end(&mut self, now: Instant) -> bool {
        let Phase::Unsure(since) = self.phase else {
            return false;
        };
        let waits = since.elapsed().is_ok_and(|waited| waited < ENDING);
        if waits {
            self.ask_at = Some(now + DOUBT);
        }
        waits
    }

    /// Whether the environment is to be asked now. True once.
    pub(crate) fn ask_is_due(&mut self, now: Instant) -> bool {
        let due = self.ask_at.is_some_and(|at| at <= now);
        if due {
            self.ask_at = None;
        }
        due
    }

    /// The environment still runs: the shell ended by itself.
    pub(crate) fn settle(&mut self) {
        self.exit = ExitMeaning::Same;
        self.phase = Phase::Running(Instant::now());
    }

    /// Whether the shell has run for long enough to have been a session.
    fn has_settled(&self, now: Instant) -> bool {
        matches!(self.phase, Phase::Running(since) if now.duration_since(since) >= SETTLED)
    }

    /// The environment was found stopped though its shell was to open. True once, when nothing else has been in the pane:
    /// it is to be opened again, which starts it.
    pub(crate) fn starts_it(&mut self) -> bool {
        let starts = !self.reached && !self.started && self.starts <= 1;
        self.started |= starts;
        starts
    }

    /// The connection is gone; says what happened, since when, and what comes. What is tried again and again says so in
    /// one place.
    pub(crate) fn lost(&mut self, why: &str, retries: bool, now: Instant) -> Said {
        let settled = match self.phase {
            Phase::Running(_) => self.has_settled(now),
            _ => self.attempts == 0 && self.reached,
        };
        self.reached |= settled || self.talked.is_some();
        if settled {
            self.attempts = 0;
            self.advice = None;
        }
        // What never was a session is not tried again and again: a password may be asked for.
        let pause = PAUSES.get(self.attempts).or(PAUSES.last());
        let pause = pause.filter(|_| retries && (settled || self.attempts > 0));
        let retry = pause.map(|pause| now + Duration::from_secs(*pause));
        let tried_again = self.attempts > 0;
        self.attempts += usize::from(retry.is_some());
        self.phase = Phase::Lost { retry };
        let name = &self.spec.name;
        let advice = match pause {
            Some(pause) if tried_again => {
                // The host has been named.
                let short = why
                    .strip_prefix("ssh: ")
                    .and_then(|why| why.rsplit(": ").next());
                let short = short.unwrap_or(why);
                format!("connecting again in {pause} s · {KEYS} · {short}")
            }
            Some(pause) => format!("connecting again in {pause} s · {KEYS}"),
            None => KEYS.to_owned(),
        };
        let what = if self.reached {
            let heard = self.last_heard(why).map(clock);
            let heard = heard.map_or_else(String::new, |at| format!(", last heard at {at}"));
            format!("{name} lost at {}{heard}: {why}", clock(SystemTime::now()))
        } else {
            format!("{name} could not be reached: {why}")
        };
        let mut said = Said::new(33, &what, &advice);
        if tried_again && pause.is_some() && self.advice.is_some() {
            said.what.clear();
        }
        said
    }

    /// When a far side wrote something before its tool found out that it is silent for good.
    fn last_heard(&self, why: &str) -> Option<SystemTime> {
        let found_out = ["not responding", "timed out", "imeout"];
        if !found_out.iter().any(|text| why.contains(text)) {
            return None;
        }
        let passed = |at: &SystemTime| at.elapsed().unwrap_or_default().as_secs();
        // The last that came is what the tool said of it.
        let heard = self.heard.into_iter().flatten();
        heard.into_iter().find(|at| passed(at) >= STALE)
    }

    /// What stands before a program's own title: programs cannot change it.
    pub(crate) fn label(&self, title: &str) -> String {
        let name = &self.spec.name;
        let state = match self.phase {
            Phase::Opening(_) => "opening",
            Phase::Lost { .. } | Phase::Unsure(_) if !self.reached => "not connected",
            Phase::Lost { .. } | Phase::Unsure(_) => "lost",
            Phase::Failed => "failed",
            Phase::Running(_) if title.is_empty() || title == name => return name.clone(),
            Phase::Running(_) => return format!("{name}: {title}"),
        };
        format!("{name} ({state})")
    }
}

/// What the keys do in a pane whose shell is gone.
const KEYS: &str = "Enter: connect again · Esc: close";

/// The time of day where the user is.
fn clock(time: SystemTime) -> String {
    crate::local_time::hour_and_minute(time).unwrap_or_default()
}

/// A text without control characters, since it holds what tools and hosts said.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        AfterEnd, DOUBT, ENDING, LOOK, PaneEnvironment, Phase, REFUSED, RESIZE_DELAY, SETTLED,
        SILENCE, TALK,
    };
    use environments::plan::{ExitMeaning, ShellPlan, ShellWish};
    use environments::rules::Look;
    use environments::{EnvironmentSpec, Failure, Opened, Ticket};
    use std::time::{Duration, Instant, SystemTime};

    fn running(exit: ExitMeaning, now: Instant) -> PaneEnvironment {
        let spec = EnvironmentSpec::new("ssh:web".parse().expect("an id"), "web");
        let mut pane = PaneEnvironment::opening(
            spec.clone(),
            ShellWish::default(),
            Look::default(),
            Ticket(1),
        );
        let mut plan = ShellPlan::new(pty::Command::new("ssh"));
        plan.exit = exit;
        plan.resize_again = true;
        pane.opened(&Opened { env: spec, plan }, |_| Look::default(), 0, now);
        pane
    }

    /// What is said when the program ends with ssh's own failure.
    #[track_caller]
    fn stays(pane: &mut PaneEnvironment, tail: &[String], now: Instant) -> String {
        match pane.ended(false, Some(255), tail, true, now) {
            AfterEnd::Stay(said) => said.what + &said.advice,
            other => panic!("not lost: {other:?}"),
        }
    }

    const CLOSED: &str = "Connection to web closed by remote host.";

    #[test]
    fn a_lost_connection_is_made_again_ever_less_often() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        let now = start + SETTLED;
        let tail = [CLOSED.to_owned()];
        let text = stays(&mut pane, &tail, now);
        assert!(
            text.contains(CLOSED) && text.contains("again in 1 s"),
            "{text}"
        );
        assert!(!pane.retry_is_due(now) && pane.retry_is_due(now + Duration::from_secs(1)));
        // The next attempts end at once.
        pane.advice = Some(terminal::LineId(1));
        pane.reopening(Ticket(2));
        pane.phase = Phase::Running(now);
        let text = stays(&mut pane, &tail, now);
        assert!(text.contains("again in 2 s"), "{text}");
        assert_eq!(text.matches('\n').count(), 1, "one line an attempt");
        assert_eq!(pane.label("vim"), "web (lost)");
    }

    #[test]
    fn a_shared_connection_that_was_lived_on_begins_anew_with_the_pauses() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        let tail = ["Shared connection to web closed.".to_owned()];
        let lose = |pane: &mut PaneEnvironment, lived: Duration| {
            let now = start + lived;
            assert_eq!(
                pane.ended(false, Some(255), &tail, true, now),
                AfterEnd::Ask
            );
            let text = pane.lost("the connection is gone", true, now).advice;
            pane.reopening(Ticket(2));
            pane.phase = Phase::Running(start);
            text
        };
        for _ in 0..12 {
            let text = lose(&mut pane, SETTLED);
            assert!(text.contains("again in 1 s"), "{text}");
        }
        // What fails again and again is tried ever less often, and always.
        let mut text = String::new();
        for _ in 0..12 {
            text = lose(&mut pane, Duration::ZERO);
        }
        assert!(text.contains("again in 60 s"), "{text}");
    }

    #[test]
    fn a_plain_shell_is_remembered_when_it_runs() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Kubectl, start);
        pane.expects = true;
        pane.wish.integrate = true;
        pane.used = start;
        let gone = ["Error from server (NotFound): pods \"web\" not found".to_owned()];
        assert!(!pane.was_refused(false, Some(1), &gone, start));
        assert!(pane.was_refused(false, Some(1), &[], start));
        pane.go_plain();
        assert!(!pane.plain_is_proven(start) && pane.plain_is_proven(start + REFUSED));
        assert!(!pane.plain_is_proven(start + REFUSED), "once");
        // What ends like the one before says nothing.
        pane.go_plain();
        assert_eq!(
            pane.ended(false, Some(1), &gone, false, start),
            AfterEnd::Ask
        );
        assert!(!pane.plain_is_proven(start + REFUSED) && pane.wish.integrate);
    }

    #[test]
    fn what_was_understood_once_or_cannot_be_reached_is_not_refused() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Kubectl, start);
        pane.expects = true;
        pane.used = start;
        for said in [
            "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host?",
            "error: unable to upgrade connection: dial tcp 10.0.0.1:10250: connect: connection refused",
            "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout",
        ] {
            assert!(
                !pane.was_refused(false, Some(1), &[said.to_owned()], start),
                "{said}"
            );
        }
        assert!(pane.was_refused(false, Some(126), &[], start));
        // It was integrated before, in this pane.
        assert!(!pane.was_refused(true, Some(1), &[], start));
        pane.reopening(Ticket(2));
        pane.phase = Phase::Running(start);
        assert!(!pane.was_refused(false, Some(126), &[], start));
    }

    #[test]
    fn a_container_that_was_stopped_meanwhile_is_started_once() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Container, now);
        let gone = ["Error response from daemon: container abc is not running".to_owned()];
        let end = |pane: &mut PaneEnvironment| pane.ended(false, Some(1), &gone, true, now);
        assert_eq!(end(&mut pane), AfterEnd::Ask);
        assert_eq!(pane.label(""), "web (not connected)");
        assert!(pane.starts_it() && !pane.starts_it());
        let said = pane.lost("it is stopped", false, now);
        assert!(said.what.contains("could not be reached"), "{said:?}");
        // One that was killed while it was used is not.
        let mut pane = running(ExitMeaning::Container, now);
        assert_eq!(pane.ended(false, Some(137), &[], true, now), AfterEnd::Ask);
        assert!(!pane.starts_it());
        let said = pane.lost("it is stopped", false, now);
        assert!(said.what.contains("web lost at"), "{said:?}");
    }

    #[test]
    fn a_shell_that_cannot_be_started_can_be_tried_again() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::AnyFailureIsOne, now);
        let end = |pane: &mut PaneEnvironment| pane.ended(false, Some(1), &[], true, now);
        let AfterEnd::Stay(said) = end(&mut pane) else {
            panic!("it is closed");
        };
        assert!(said.what.contains("ended with status 1") && pane.can_reopen());
        // One that was worked in ends as usual.
        let mut pane = running(ExitMeaning::AnyFailureIsOne, now);
        pane.typed(false, false, 0, now);
        assert_eq!(end(&mut pane), AfterEnd::AsUsual);
    }

    #[test]
    fn a_far_side_that_swallows_the_command_is_seen_by_its_connection() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        pane.expects = true;
        pane.await_answer(0, start);
        let now = SystemTime::now();
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        assert!(!pane.look_is_due(start) && pane.look_is_due(start + LOOK));
        // The same look counts once, and an answer ends it.
        let is_up = |pane: &mut PaneEnvironment, seconds| pane.is_up(at(seconds), at(seconds));
        assert!(!is_up(&mut pane, 0) && !is_up(&mut pane, 1) && !is_up(&mut pane, 1));
        assert!(!is_up(&mut pane, 2));
        // Everything is slow.
        assert!(!pane.is_up(at(3), at(4)));
        assert!(is_up(&mut pane, 4) && pane.is_given_up());
        pane.await_answer(0, start);
        assert!(!is_up(&mut pane, 1) && !is_up(&mut pane, 2));
        pane.on_output(1, start);
        assert!(!is_up(&mut pane, 3) && !pane.look_is_due(start + LOOK * 9));
        // A plain shell does not help where there is no connection.
        pane.await_answer(1, start);
        pane.spec = pane.spec.clone().with_fact("shared", "yes");
        let text = pane.silence(1, start + SILENCE).unwrap_or_default();
        assert!(text.contains("Esc: give up"), "{text}");
    }

    #[test]
    fn one_that_is_not_listed_any_more_is_called_as_before() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Kubectl, now);
        let id = pane.spec.id.clone();
        pane.spec.name = "web-7f9".into();
        pane.spec = pane.spec.clone().with_fact("namespace", "prod");
        let opened = |env| Opened {
            env,
            plan: ShellPlan::new(pty::Command::new("kubectl")),
        };
        let look = |env: &EnvironmentSpec| Look {
            production: Some(env.fact("namespace") == "prod"),
            ..Look::default()
        };
        let unlisted = EnvironmentSpec::new(id.clone(), id.local.clone());
        pane.opened(&opened(unlisted.clone()), look, 0, now);
        assert_eq!(pane.label(""), "web-7f9");
        assert_eq!(pane.look.production, Some(true));
        let mut listed = unlisted;
        listed.name = "web-8a0".into();
        listed.state = environments::State::Ready;
        pane.opened(&opened(listed), look, 0, now);
        assert_eq!(pane.label(""), "web-8a0");
        assert_eq!(pane.look.production, Some(false));
    }

    #[test]
    fn what_is_stopping_is_asked_again_for_a_while() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Container, now);
        assert_eq!(pane.ended(false, Some(137), &[], true, now), AfterEnd::Ask);
        assert!(pane.waits_for_end(now));
        assert!(pane.ask_is_due(now + DOUBT));
        pane.phase = Phase::Unsure(SystemTime::now() - ENDING);
        assert!(!pane.waits_for_end(now));
    }

    #[test]
    fn a_first_connection_that_fails_waits_for_a_key() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, now);
        let tail = ["ssh: connect to host web port 22: Connection refused".to_owned()];
        let text = stays(&mut pane, &tail, now);
        assert!(!text.contains("again in"), "{text}");
        assert!(
            text.contains("[web could not be reached: ssh: connect to"),
            "{text}"
        );
        assert_eq!(pane.label(""), "web (not connected)");
        assert_eq!(pane.phase(), &Phase::Lost { retry: None });
        assert!(pane.can_reopen());
    }

    #[test]
    fn one_that_came_back_waits_for_a_key() {
        let spec = EnvironmentSpec::new("ssh:web".parse().expect("an id"), "w\x1beb");
        let pane = PaneEnvironment::not_connected(spec, ShellWish::default(), Look::default());
        assert!(pane.can_reopen());
        assert_eq!(pane.deadline(), None);
        assert!(pane.invitation().contains("[web is not connected]"));
        assert!(pane.label("").ends_with("(not connected)"));
    }

    #[test]
    fn a_shell_that_ends_by_itself_is_no_loss() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, now);
        pane.typed(false, false, 0, now);
        assert_eq!(
            pane.ended(false, Some(255), &["$ exit 255".to_owned()], true, now),
            AfterEnd::AsUsual
        );
        let mut pane = running(ExitMeaning::Container, now);
        assert_eq!(pane.ended(false, Some(137), &[], true, now), AfterEnd::Ask);
    }

    #[test]
    fn a_far_side_that_does_not_understand_is_told_from_a_shell_that_ends() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        let soon = start + Duration::from_secs(1);
        assert!(
            !pane.was_refused(false, Some(126), &[], soon),
            "nothing was expected"
        );
        pane.expects = true;
        pane.used = start;
        assert!(pane.was_refused(false, Some(126), &[], soon));
        assert!(!pane.was_refused(false, Some(255), &[], soon));
        assert!(!pane.was_refused(false, Some(0), &[], soon));
        let later = start + Duration::from_secs(20);
        assert!(!pane.was_refused(false, Some(126), &[], later));
        // A password was typed for so long.
        pane.used = later - Duration::from_secs(1);
        assert!(pane.was_refused(false, Some(126), &[], later));
        assert!(pane.go_plain());
        assert!(!pane.wish.integrate);
    }

    #[test]
    fn the_size_is_told_again_once_after_the_first_output() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Same, now);
        assert_eq!(pane.deadline(), Some(now + SILENCE));
        pane.on_output(1, now);
        assert_eq!(pane.deadline(), Some(now + RESIZE_DELAY));
        assert!(!pane.resize_is_due(now) && pane.resize_is_due(now + RESIZE_DELAY));
        pane.on_output(2, now + RESIZE_DELAY);
        assert_eq!(pane.deadline(), None);
    }

    #[test]
    fn a_far_side_that_says_nothing_is_told_once_and_can_be_given_up() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        pane.expects = true;
        assert!(pane.silence(7, start).is_none() && !pane.give_up());
        let later = start + SILENCE;
        let Some(text) = pane.silence(7, later) else {
            panic!("nothing said");
        };
        assert!(
            text.contains("web has not answered for 10 s") && text.contains("plain shell"),
            "{text}"
        );
        assert!(pane.silence(7, later).is_none());
        assert_eq!(pane.deadline(), None);
        // What was said is no answer.
        pane.on_output(7 + text.len() as u64, later);
        assert!(pane.give_up() && pane.is_given_up());
        assert!(pane.was_refused(false, None, &[], later));
        pane.expects = false;
        assert!(
            !pane.was_refused(false, None, &[], later),
            "it was plain already"
        );
    }

    #[test]
    fn an_answer_after_all_takes_the_key_back() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        let text = pane.silence(0, start + SILENCE).unwrap_or_default();
        pane.on_output(text.len() as u64 + 1, start + SILENCE);
        assert!(!pane.give_up());
        // A password was given: the far side is to answer again.
        pane.typed(true, false, 60, start + SILENCE);
        assert_eq!(pane.deadline(), Some(start + SILENCE + RESIZE_DELAY));
        pane.typed(true, true, 60, start + SILENCE);
        assert!(pane.silence(60, start + SILENCE * 2).is_some());
    }

    #[test]
    fn a_shell_that_was_talked_to_was_there() {
        let start = Instant::now();
        let mut pane = running(ExitMeaning::Ssh, start);
        pane.expects = true;
        let talked = start + Duration::from_secs(1);
        pane.used = talked + Duration::from_secs(4);
        assert!(pane.is_logging_in());
        pane.typed(true, true, 0, start);
        assert!(pane.is_logging_in(), "that was a password");
        pane.typed(false, false, 0, talked);
        assert!(!pane.is_logging_in());
        let end = talked + Duration::from_secs(5);
        assert!(!pane.was_refused(false, Some(1), &[], end));
        // Typed ahead.
        assert!(pane.was_refused(false, Some(1), &[], talked + TALK));
    }

    #[test]
    fn what_tools_say_cannot_draw() {
        let now = Instant::now();
        let mut pane = running(ExitMeaning::Same, now);
        let text = pane.failed(&Failure::Other("\x1b]0;x\x07 bad".into())).what;
        assert!(
            text.contains("]0;x bad") && !text.contains("\x1b]0"),
            "{text:?}"
        );
    }
}
