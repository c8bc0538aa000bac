//! Events on their way to the caller: coalesced, and let through at a bounded rate (`security.md` 2.2).
//!
//! Titles, bells and the like have one slot each: the last value wins, and leaves when its time has come.
//! Everything else is a queue. Nothing leaves before [`Effects::take`], so how the input was split cannot
//! be seen in the events.

use std::collections::VecDeque;
use std::time::Duration;

use crate::blocks::{BlockEvent, Mark};
use crate::event::{Event, Progress};
use crate::limits::{
    EVENT_INTERVAL, MAX_CLIPBOARD_EVENTS, MAX_EVENTS, MAX_MARKS_PER_SECOND,
    MAX_NOTIFICATIONS_PER_MINUTE, NOTIFICATION_INTERVAL, NOTIFICATION_REPEAT,
};

/// The coalesced kinds.
#[derive(Clone, Copy)]
enum Kind {
    Bell,
    Title,
    IconName,
    Folder,
    Progress,
    Palette,
    Pointer,
}

const KINDS: usize = 7;

/// A coalesced kind's waiting value.
#[derive(Debug, Default)]
struct Slot {
    /// When it was set, counted in events, and the event.
    pending: Option<(u64, Event)>,
    /// The time from which the next one may leave.
    next: Duration,
}

/// The events of a terminal.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    now: Duration,
    count: u64,
    slots: [Slot; KINDS],
    queue: VecDeque<(u64, Event)>,
    clipboard: VecDeque<(u64, Event)>,
    /// When notifications were let through in the last minute, with their text.
    notified: VecDeque<(Duration, String, String)>,
    /// The second being counted, and the marks in it.
    marks: (Duration, u32),
}

impl Effects {
    /// Time goes on; never backwards.
    pub(crate) fn set_now(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// The time last told.
    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// BEL.
    pub(crate) fn bell(&mut self) {
        // The first of several is the one that counts, so that its place among the events does not move.
        if self.slots[Kind::Bell as usize].pending.is_none() {
            self.coalesce(Kind::Bell, Event::Bell);
        }
    }

    /// The window's title.
    pub(crate) fn title(&mut self, title: String) {
        self.coalesce(Kind::Title, Event::Title(title));
    }

    /// The icon's name.
    pub(crate) fn icon_name(&mut self, name: String) {
        self.coalesce(Kind::IconName, Event::IconName(name));
    }

    /// The shell's folder.
    pub(crate) fn folder(&mut self, path: String) {
        self.coalesce(Kind::Folder, Event::WorkingDirectory(path));
    }

    /// OSC 9;4.
    pub(crate) fn progress(&mut self, progress: Progress) {
        self.coalesce(Kind::Progress, Event::Progress(progress));
    }

    /// The palette changed.
    pub(crate) fn palette(&mut self) {
        if self.slots[Kind::Palette as usize].pending.is_none() {
            self.coalesce(Kind::Palette, Event::PaletteChanged);
        }
    }

    /// OSC 22.
    pub(crate) fn pointer(&mut self, shape: &'static str) {
        self.coalesce(Kind::Pointer, Event::PointerShape(shape));
    }

    /// OSC 52: of one kind and selection, the last one counts.
    pub(crate) fn clipboard(&mut self, event: Event) {
        let same = |other: &Event| match (&event, other) {
            (
                Event::ClipboardStore { selections: a, .. },
                Event::ClipboardStore { selections: b, .. },
            )
            | (Event::ClipboardLoad { selections: a }, Event::ClipboardLoad { selections: b }) => {
                a == b
            }
            _ => false,
        };
        self.clipboard.retain(|(_, waiting)| !same(waiting));
        if self.clipboard.len() == MAX_CLIPBOARD_EVENTS {
            self.clipboard.pop_front();
        }
        self.count += 1;
        self.clipboard.push_back((self.count, event));
    }

    /// OSC 9, 99, 777: dropped when there were too many, or the same just now.
    pub(crate) fn notification(&mut self, title: String, body: String) {
        let now = self.now;
        let recent = |at: Duration, limit: Duration| now.saturating_sub(at) < limit;
        while self
            .notified
            .front()
            .is_some_and(|(at, ..)| !recent(*at, Duration::from_secs(60)))
        {
            self.notified.pop_front();
        }
        let refused = self.notified.len() >= MAX_NOTIFICATIONS_PER_MINUTE
            || self.notified.iter().any(|(at, other_title, other_body)| {
                recent(*at, NOTIFICATION_INTERVAL)
                    || recent(*at, NOTIFICATION_REPEAT)
                        && *other_title == title
                        && *other_body == body
            });
        if !refused {
            self.notified.push_back((now, title.clone(), body.clone()));
            self.enqueue(Event::Notification { title, body });
        }
    }

    /// Counts a prompt mark; `false` if there were too many in this second.
    pub(crate) fn allow_mark(&mut self) -> bool {
        let (since, count) = &mut self.marks;
        if self.now.saturating_sub(*since) >= Duration::from_secs(1) {
            (*since, *count) = (self.now, 0);
        }
        *count = count.saturating_add(1);
        *count <= MAX_MARKS_PER_SECOND
    }

    /// A shell proved itself: the count begins anew.
    pub(crate) fn reset_marks(&mut self) {
        self.marks = (self.now, 0);
    }

    /// Something happened to the blocks.
    pub(crate) fn block(&mut self, event: BlockEvent) {
        self.enqueue(Event::Block(event));
    }

    /// A shell reads what integrates it.
    pub(crate) fn shell_ready(&mut self, word: &str) {
        self.enqueue(Event::ShellReady(word.to_owned()));
    }

    /// A prompt mark.
    pub(crate) fn mark(&mut self, mark: Mark) {
        self.enqueue(Event::PromptMark(mark));
    }

    /// Takes the events whose time has come, in the order they happened.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        let mut ready: Vec<(u64, Event)> = self
            .queue
            .drain(..)
            .chain(self.clipboard.drain(..))
            .collect();
        for slot in &mut self.slots {
            if slot.next <= self.now
                && let Some(event) = slot.pending.take()
            {
                slot.next = self.now + EVENT_INTERVAL;
                ready.push(event);
            }
        }
        ready.sort_by_key(|&(count, _)| count);
        ready.into_iter().map(|(_, event)| event).collect()
    }

    /// Whether [`Effects::take`] would give any.
    pub(crate) fn is_ready(&self) -> bool {
        !self.queue.is_empty()
            || !self.clipboard.is_empty()
            || self
                .slots
                .iter()
                .any(|slot| slot.pending.is_some() && slot.next <= self.now)
    }

    /// When the next one that waits may leave.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.slots
            .iter()
            .filter(|slot| slot.pending.is_some())
            .map(|slot| slot.next)
            .min()
    }

    fn coalesce(&mut self, kind: Kind, event: Event) {
        self.count += 1;
        self.slots[kind as usize].pending = Some((self.count, event));
    }

    /// A shell said its key.
    pub(crate) fn shell(&mut self, key: crate::blocks::ShellKey) {
        self.enqueue(Event::Shell(key));
    }

    fn enqueue(&mut self, event: Event) {
        if self.queue.len() < MAX_EVENTS {
            self.count += 1;
            self.queue.push_back((self.count, event));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn notification(body: &str) -> Event {
        Event::Notification {
            title: String::new(),
            body: body.to_owned(),
        }
    }

    #[test]
    fn titles_are_coalesced_and_limited() {
        let mut effects = Effects::default();
        effects.title("a".to_owned());
        effects.bell();
        effects.title("b".to_owned());
        effects.bell();
        assert!(effects.is_ready());
        assert_eq!(effects.take(), [Event::Bell, Event::Title("b".to_owned())]);
        effects.set_now(at(10));
        effects.title("c".to_owned());
        assert!(!effects.is_ready());
        assert_eq!(effects.deadline(), Some(at(100)));
        assert_eq!(effects.take(), []);
        effects.set_now(at(100));
        assert_eq!(effects.take(), [Event::Title("c".to_owned())]);
        assert_eq!(effects.deadline(), None);
    }

    #[test]
    fn a_flood_of_bells_is_ten_a_second() {
        let mut effects = Effects::default();
        let mut bells = 0;
        for millisecond in 0..1000 {
            effects.set_now(at(millisecond));
            effects.bell();
            bells += effects.take().len();
        }
        assert_eq!(bells, 10);
    }

    #[test]
    fn notifications_are_limited() {
        let mut effects = Effects::default();
        let mut send = |second_tenths: u64, body: &str| {
            effects.set_now(at(second_tenths * 100));
            effects.notification(String::new(), body.to_owned());
            effects.take()
        };
        assert_eq!(send(0, "a"), [notification("a")]);
        assert_eq!(send(9, "b"), [], "one a second");
        assert_eq!(send(10, "b"), [notification("b")]);
        assert_eq!(send(20, "a"), [], "the same within five seconds");
        assert_eq!(send(51, "a"), [notification("a")]);
        for i in 0..7 {
            assert_eq!(send(100 + 10 * i, &format!("{i}")).len(), 1);
        }
        assert_eq!(send(300, "x"), [], "ten a minute");
        assert_eq!(send(601, "x"), [notification("x")]);
    }

    #[test]
    fn clipboard_events_are_bounded() {
        let mut effects = Effects::default();
        for i in 0..100 {
            effects.clipboard(Event::ClipboardStore {
                selections: (i % 20).to_string(),
                text: String::new(),
            });
        }
        assert_eq!(effects.take().len(), MAX_CLIPBOARD_EVENTS);
    }

    #[test]
    fn marks_are_limited() {
        let mut effects = Effects::default();
        let allowed = (0..2 * MAX_MARKS_PER_SECOND)
            .filter(|_| effects.allow_mark())
            .count();
        assert_eq!(allowed, MAX_MARKS_PER_SECOND as usize);
        effects.set_now(at(1000));
        assert!(effects.allow_mark());
    }
}
