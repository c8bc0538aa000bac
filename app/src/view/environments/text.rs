//! What the environments panel says of times, prices and failures, in few words.

use std::time::SystemTime;

use environments::{EnvironmentSpec, Failure, ProviderSnapshot, State};

use super::rows::Columns;

/// How long ago a time is, in one unit: "3 min", "2 h", "5 d".
pub(super) fn since(time: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(time).map_or(0, |since| since.as_secs());
    match seconds {
        0..60 => "now".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        172_800..63_072_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} y", seconds / 31_536_000),
    }
}

/// A price an hour, with as many digits as it needs.
pub(crate) fn cost(per_hour: f64) -> String {
    let digits = if per_hour < 0.1 { 3 } else { 2 };
    format!("{per_hour:.digits$}/h")
}

/// What is said at the right of an environment, in columns; `price`: what it costs an hour.
pub(super) fn facts(
    env: &EnvironmentSpec,
    price: Option<f64>,
    now: SystemTime,
    columns: Columns,
) -> String {
    let state = super::rows::state_word(env);
    let state = if state == "running" { "" } else { state };
    let mut text = env.branch.clone().unwrap_or_default();
    if columns.since || columns.cost {
        text.push_str(&format!("  {state:>8}"));
    } else if !state.is_empty() {
        text.push_str(&format!("  {state}"));
    }
    if columns.since {
        let since = env.since.map(|time| since(time, now)).unwrap_or_default();
        text.push_str(&format!("  {since:>6}"));
    }
    if columns.cost {
        // What does not run costs nothing by the hour.
        let runs = !matches!(env.state, State::Stopped | State::Absent | State::Failed);
        let price = price.filter(|_| runs);
        let price = price.map(cost).unwrap_or_default();
        text.push_str(&format!("  {price:>7}"));
    }
    text.trim_start().to_owned()
}

/// The quiet line of a provider that did not answer as it should.
pub(super) fn quiet(provider: &ProviderSnapshot) -> (String, String) {
    let Some(failure) = &provider.failure else {
        return (String::new(), String::new());
    };
    let stale = if provider.is_stale() {
        ", the list is old"
    } else {
        ""
    };
    let said = match failure {
        Failure::Missing { .. } => "not installed".to_owned(),
        other => other.said(),
    };
    let remedy = failure
        .remedy()
        .map(|remedy| remedy.say.clone())
        .unwrap_or_default();
    (format!("{}: {said}{stale}", provider.title), remedy)
}

/// All that is known of an environment besides its row.
pub(super) fn about(env: &EnvironmentSpec, provider: &str) -> String {
    let mut parts = vec![provider.to_owned()];
    if let Some(reason) = &env.reason {
        parts.push(reason.clone());
    }
    parts.extend(
        env.detail
            .iter()
            .map(|(label, text)| format!("{label} {text}")),
    );
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_and_prices_are_short() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(200_000_000);
        for (seconds, expected) in [
            (0, "now"),
            (59, "now"),
            (61, "1 min"),
            (7200, "2 h"),
            (90_000, "25 h"),
            (400_000, "4 d"),
            (100_000_000, "3 y"),
        ] {
            assert_eq!(since(now - Duration::from_secs(seconds), now), expected);
        }
        assert_eq!(since(now + Duration::from_secs(5), now), "now");
        assert_eq!(cost(0.18), "0.18/h");
        assert_eq!(cost(0.0104), "0.010/h");
    }
}
