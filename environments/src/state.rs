//! The life of an environment, one word for all kinds.

use std::fmt;

/// Where in its life an environment is. The tool's own word stands beside it
/// ([`crate::EnvironmentSpec::raw_state`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It was listed, and is not any more; or it is described, and was never created.
    Absent,
    /// It is being made, because we asked for it.
    Creating,
    /// It exists and is on its way to [`State::Ready`].
    Starting,
    /// A shell can be opened at once.
    Ready,
    /// It is on its way to [`State::Stopped`], or to its end.
    Stopping,
    /// It exists and does not run.
    Stopped,
    /// The listing says that it runs, and yet our shell in it ended without its doing.
    Lost,
    /// It is broken; the reason stands in [`crate::EnvironmentSpec::reason`].
    Failed,
    /// The tool has no word for it, or one that we do not know.
    #[default]
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Absent,
        Self::Creating,
        Self::Starting,
        Self::Ready,
        Self::Stopping,
        Self::Stopped,
        Self::Lost,
        Self::Failed,
        Self::Unknown,
    ];

    /// The word by which it is shown, in descriptions and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Creating => "creating",
            Self::Starting => "starting",
            Self::Ready => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Lost => "lost",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// It changes by itself soon: worth looking again.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Creating | Self::Starting | Self::Stopping)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn names_go_there_and_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
        }
        assert_eq!(State::from_name("Running"), None);
    }
}
