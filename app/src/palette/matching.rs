//! What is typed, found among names: letter by letter in any gaps (nucleo, as helix has it), and by whole words
//! in what else is said of a thing.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Command, Entry, Found};

/// A matcher with its memory, which is large enough to be kept.
pub(crate) struct Matching {
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Default for Matching {
    fn default() -> Self {
        let mut config = Config::DEFAULT;
        config.prefer_prefix = true;
        Self {
            matcher: Matcher::new(config),
            buffer: Vec::new(),
        }
    }
}

/// What recent use is worth beside a match of letters: about two letters for the last thing used.
const RECENT_BONUS: u32 = 40;
/// What a setting is behind what can be done: all of a section's begin with the same word, which is that of actions.
const SETTING_MALUS: u32 = 32;

impl Matching {
    /// The entries that match `typed`, best first; all, when nothing is typed: what was used lately (`recent`,
    /// last first), then the others in their order.
    pub(super) fn find(&mut self, typed: &str, entries: &[Entry], recent: &[String]) -> Vec<Found> {
        let pattern = Pattern::new(
            typed,
            CaseMatching::Ignore,
            Normalization::Smart,
            AtomKind::Fuzzy,
        );
        let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<(u32, Found)> = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                let rank = recent
                    .iter()
                    .position(|id| !entry.id.is_empty() && *id == entry.id);
                let (score, letters) = self.score(&pattern, &words, entry)?;
                let bonus = match rank {
                    Some(rank) if typed.is_empty() => u32::MAX - u32::try_from(rank).unwrap_or(0),
                    Some(rank) => RECENT_BONUS / (1 + u32::try_from(rank).unwrap_or(u32::MAX - 1)),
                    None => 0,
                };
                let found = Found {
                    entry: index,
                    letters,
                };
                // Nothing typed matches everything equally well: recent use alone decides.
                let score = if typed.is_empty() { 0 } else { score };
                let score = match entry.command {
                    Command::Option(..) => score.saturating_sub(SETTING_MALUS),
                    _ => score,
                };
                Some((score.saturating_add(bonus), found))
            })
            .collect();
        // Stable: equals stay in the order of their sources.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn score(
        &mut self,
        pattern: &Pattern,
        words: &[String],
        entry: &Entry,
    ) -> Option<(u32, Vec<usize>)> {
        let mut letters = Vec::new();
        let name = Utf32Str::new(&entry.label, &mut self.buffer);
        if let Some(score) = pattern.indices(name, &mut self.matcher, &mut letters) {
            letters.sort_unstable();
            letters.dedup();
            let letters = letters.into_iter().map(|at| at as usize).collect();
            // Above every match by words.
            return Some((score.saturating_add(1000), letters));
        }
        // The manual calls an action by its name.
        let name = entry.id.strip_prefix("action:").unwrap_or_default();
        let more = format!("{} {} {} {name}", entry.label, entry.detail, entry.about);
        let more = more.to_lowercase();
        let all = words.iter().all(|word| more.contains(word.as_str()));
        all.then(|| (0, Vec::new()))
    }
}
