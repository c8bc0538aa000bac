//! What frames see, and when: synchronized output (mode 2026) holds them back, and the whole screen is not
//! inverted (DECSCNM) as often as a program likes.

use std::time::Duration;

use crate::limits::{MAX_INVERSIONS_PER_SECOND, SYNC_BYTES, SYNC_IDLE, SYNC_TOTAL};
use crate::modes::Mode;
use crate::terminal::state::State;

/// An open synchronized update.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sync {
    opened: Duration,
    fed: Duration,
    bytes: usize,
}

/// DECSCNM as frames see it: inverting the whole screen often is dangerous to look at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inversions {
    shown: bool,
    /// When the last inversions were shown.
    times: [Option<Duration>; MAX_INVERSIONS_PER_SECOND],
}

impl State {
    /// Opens a synchronized update; one that is open is not extended.
    pub(crate) fn begin_sync(&mut self) {
        if self.sync.is_none() {
            let now = self.effects.now();
            self.sync = Some(Sync {
                opened: now,
                fed: now,
                bytes: 0,
            });
        }
        self.modes.assign(Mode::SynchronizedOutput, true);
    }

    /// Ends it.
    pub(crate) fn end_sync(&mut self) {
        self.sync = None;
        self.modes.assign(Mode::SynchronizedOutput, false);
    }

    /// Whether frames are held back.
    pub(crate) fn is_synchronizing(&self) -> bool {
        self.sync.is_some()
    }

    /// Ends an update that is overdue.
    pub(crate) fn check_sync(&mut self) {
        let now = self.effects.now();
        if self
            .sync
            .is_some_and(|sync| sync.deadline() <= now || sync.bytes > SYNC_BYTES)
        {
            tracing::debug!("synchronized update ended by its limits");
            self.end_sync();
        }
    }

    /// Notes that output came.
    pub(crate) fn feed_sync(&mut self, bytes: usize) {
        let now = self.effects.now();
        if let Some(sync) = &mut self.sync {
            sync.fed = now;
            sync.bytes += bytes;
        }
        self.check_sync();
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let sync = self.sync.map(|sync| sync.deadline());
        let inversion = (self.inversions.shown != self.modes.is_set(Mode::ReverseScreen))
            .then(|| self.inversions.next_allowed());
        [self.effects.deadline(), sync, inversion]
            .into_iter()
            .flatten()
            .min()
    }

    /// DECSCNM, at most [`MAX_INVERSIONS_PER_SECOND`].
    pub(crate) fn settle_inversion(&mut self) -> bool {
        let wanted = self.modes.is_set(Mode::ReverseScreen);
        if self.inversion_due() {
            self.inversions.times.rotate_left(1);
            self.inversions.times[MAX_INVERSIONS_PER_SECOND - 1] = Some(self.effects.now());
            self.inversions.shown = wanted;
        }
        self.inversions.shown
    }

    /// Whether the next frame would be inverted.
    pub(crate) fn inversion_due(&self) -> bool {
        self.inversions.shown != self.modes.is_set(Mode::ReverseScreen)
            && self.inversions.next_allowed() <= self.effects.now()
    }
}

impl Sync {
    fn deadline(&self) -> Duration {
        (self.fed + SYNC_IDLE).min(self.opened + SYNC_TOTAL)
    }
}

impl Inversions {
    fn next_allowed(&self) -> Duration {
        self.times[0].map_or(Duration::ZERO, |oldest| oldest + Duration::from_secs(1))
    }
}
