//! What changes with time alone: blinking, the visual bell, deadlines of terminals, notices that go.
//!
//! A window at rest with a steady cursor has no deadline at all, and so uses no CPU.

use std::time::{Duration, Instant};

use super::Window;
use crate::services::Services;
use crate::settings;

/// The phases of what blinks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blink {
    since: Option<Instant>,
    flash: Option<(Instant, Duration)>,
}

/// How what blinks does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// How long it is shown, then hidden.
    pub(crate) interval: Duration,
    /// How long after the last key it stays shown for good.
    pub(crate) rests_after: Option<Duration>,
}

impl Blink {
    /// The cursor is to be seen for a full phase from now: a key was pressed, focus came.
    pub(super) fn restart(&mut self, now: Instant) {
        self.since = Some(now);
    }

    /// Whether what blinks in this rhythm is to be seen now.
    pub(super) fn is_on(&self, now: Instant, rhythm: Rhythm) -> bool {
        let Some(since) = self.since else { return true };
        let elapsed = now.duration_since(since);
        let rests = rhythm.rests_after.is_some_and(|timeout| elapsed >= timeout);
        rests || (elapsed.as_millis() / rhythm.interval.as_millis().max(1)).is_multiple_of(2)
    }

    /// When the phase next changes; `None` when it rests.
    fn next(&self, now: Instant, rhythm: Rhythm) -> Option<Instant> {
        let elapsed = now.duration_since(self.since.unwrap_or(now));
        if rhythm.rests_after.is_some_and(|timeout| elapsed >= timeout) {
            return None;
        }
        let interval = rhythm.interval.max(Duration::from_millis(1));
        let into = elapsed.as_nanos() % interval.as_nanos();
        let left = interval.as_nanos() - into;
        Some(now + Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX)))
    }

    /// Lights the visual bell, which fades within `duration`.
    pub(super) fn flash(&mut self, now: Instant, duration: Duration) {
        self.flash = Some((now, duration));
    }

    /// The visual bell's strength now, 0–1.
    pub(super) fn flash_strength(&self, now: Instant) -> f32 {
        let Some((flash, duration)) = self.flash else {
            return 0.0;
        };
        let share = now.duration_since(flash).as_secs_f32() / duration.as_secs_f32().max(0.001);
        (1.0 - share).max(0.0)
    }
}

impl Window {
    /// Whether text or the cursor blinks somewhere it is seen.
    fn blinks(&self) -> bool {
        self.focused
            && !self.occluded
            && self
                .shown_panes()
                .iter()
                .filter_map(|id| self.panes.get(id))
                .any(|pane| {
                    pane.frame.has_blinking_text
                        || (pane.frame.cursor.visible && pane.frame.cursor.blinking)
                })
    }

    /// Does what is due now; returns when to be called again.
    pub(crate) fn tick(&mut self, services: &mut Services, now: Instant) -> Option<Instant> {
        let due: Vec<_> = self
            .panes
            .values_mut()
            .filter_map(|pane| {
                if pane.deadline? > now {
                    return None;
                }
                pane.session.tick();
                Some(pane.id)
            })
            .collect();
        for pane in due {
            self.pane_changed(services, pane);
        }
        for pane in self.panes.values_mut() {
            pane.compact_if_due(now);
            pane.type_if_due(now);
        }
        if self.overlay.notices.expire(now) {
            self.overlay.changed();
            self.redraw();
        }
        if self.overlay.repaint_at().is_some_and(|at| at <= now) {
            self.overlay.changed();
            self.redraw();
        }
        self.search_if_due(services, now);
        self.mark_silence(now);
        self.tick_environments(services, now);
        if self.keyboard.hint_due(now) {
            self.overlay.changed();
            self.redraw();
        }
        self.drag_scroll(services, now);
        self.paste_overdue(services, now);
        self.integrations_overdue(now);
        self.count_seconds();
        self.blink_if_due(services, now);
        self.next_deadline(services, now)
    }

    /// Draws the elapsed time of running commands when a second of it is full.
    fn count_seconds(&mut self) {
        let due = |pane: &crate::pane::Pane| {
            let next = pane.blocks.next_second;
            next.is_some_and(|next| next <= pane.session.now())
        };
        let shown = self.shown_panes();
        let mut panes = shown.iter().filter_map(|id| self.panes.get(id));
        if !self.occluded && panes.any(due) {
            self.redraw();
        }
    }

    fn blink_if_due(&mut self, services: &Services, now: Instant) {
        if self.blink.flash.is_some() {
            if self.blink.flash_strength(now) == 0.0 {
                self.blink.flash = None;
            }
            self.redraw();
        }
        let rhythm = settings::blink_rhythm(&services.config);
        if self.blinks() && self.blink.is_on(now, rhythm) != self.pace.blink_shown {
            self.redraw();
        }
        self.draw_held(now);
    }

    fn next_deadline(&self, services: &Services, now: Instant) -> Option<Instant> {
        let panes = self
            .panes
            .values()
            .flat_map(|pane| {
                let typing = pane.typed_later.as_ref().and_then(|(_, at)| *at);
                [pane.deadline, pane.compact_at, pane.quiet_at, typing]
            })
            .flatten();
        let shown = if self.occluded {
            Vec::new()
        } else {
            self.shown_panes()
        };
        let seconds = shown
            .iter()
            .filter_map(|id| self.panes.get(id)?.next_second());
        let seconds: Vec<Instant> = seconds.collect();
        let prompts = self
            .panes
            .values()
            .flat_map(|pane| {
                let waiting = pane.for_prompt.as_ref().map(|text| text.until);
                [waiting, pane.integration_deadline()]
            })
            .flatten();
        let rhythm = settings::blink_rhythm(&services.config);
        let blink = self
            .blinks()
            .then(|| self.blink.next(now, rhythm))
            .flatten();
        let flash = self.blink.flash.map(|_| now + Duration::from_millis(16));
        panes
            .chain(blink)
            .chain(flash)
            .chain(self.overlay.notices.deadline())
            .chain(self.overlay.repaint_at())
            .chain(self.environment_deadline(services))
            .chain(self.drag_deadline())
            .chain(self.find.deadline())
            .chain(self.keyboard.deadline(now))
            .chain(self.pace.held_until)
            .chain(seconds)
            .chain(prompts)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_alternate() {
        let start = Instant::now();
        let mut blink = Blink::default();
        blink.restart(start);
        let rhythm = Rhythm {
            interval: Duration::from_millis(500),
            rests_after: Some(Duration::from_millis(1600)),
        };
        let at = |ms| start + Duration::from_millis(ms);
        let on = |ms| blink.is_on(at(ms), rhythm);
        assert_eq!(
            [on(0), on(499), on(500), on(999), on(1000)],
            [true, true, false, false, true]
        );
        assert_eq!([on(1599), on(1600), on(9999)], [false, true, true]);
        assert_eq!(blink.next(at(700), rhythm), Some(at(1000)));
        assert_eq!(blink.next(at(1600), rhythm), None);
    }

    #[test]
    fn the_flash_fades() {
        let start = Instant::now();
        let mut blink = Blink::default();
        assert!(blink.flash_strength(start) < f32::EPSILON);
        let duration = Duration::from_millis(120);
        blink.flash(start, duration);
        assert!(blink.flash_strength(start) > 0.99);
        assert!(blink.flash_strength(start + duration) < f32::EPSILON);
    }
}
