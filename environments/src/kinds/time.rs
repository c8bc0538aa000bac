//! Points in time as tools print them.

use std::time::{Duration, SystemTime};

/// `2026-11-20T23:28:01Z`, with a fraction or an offset too (RFC 3339).
pub(crate) fn from_rfc3339(text: &str) -> Option<SystemTime> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year < 1970 {
        return None;
    }
    // Days since the epoch, by years that begin in March.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    let rest = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match rest.get(..1) {
        Some(sign @ ("+" | "-")) => {
            let number = |range: std::ops::Range<usize>| rest.get(range)?.parse::<i64>().ok();
            let offset = number(1..3)? * 3600 + number(4..6).unwrap_or(0) * 60;
            if sign == "+" { -offset } else { offset }
        }
        _ => 0,
    };
    from_epoch(i64::try_from(seconds).ok()? + offset)
}

/// Seconds since 1970; earlier is "never".
pub(crate) fn from_epoch(seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// `Up 3 minutes (healthy)`: when that began, as exactly as it says.
pub(crate) fn from_up(status: &str, now: SystemTime) -> Option<SystemTime> {
    let words = status.strip_prefix("Up ")?;
    let words = words.strip_prefix("About ").unwrap_or(words);
    let mut words = words.split_whitespace();
    let count = match words.next()? {
        "a" | "an" => 1,
        "Less" => 0,
        count => count.parse::<u64>().ok()?,
    };
    let unit = match words.next()?.trim_end_matches('s') {
        "second" | "than" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    now.checked_sub(Duration::from_secs(count * unit))
}

#[cfg(test)]
mod tests {
    use super::{from_epoch, from_rfc3339, from_up};
    use std::time::{Duration, SystemTime};

    #[track_caller]
    fn check(text: &str, seconds: Option<u64>) {
        let expected = seconds.map(|s| SystemTime::UNIX_EPOCH + Duration::from_secs(s));
        assert_eq!(from_rfc3339(text), expected, "{text}");
    }

    #[test]
    fn dates_are_read() {
        check("1970-01-02T00:00:00Z", Some(86_400));
        check("2026-11-20T23:28:01Z", Some(1_795_217_281));
        check("2026-11-20T23:28:01.123456789Z", Some(1_795_217_281));
        check("2026-11-21T01:28:01+02:00", Some(1_795_217_281));
        check("2024-02-29T12:00:00Z", Some(1_709_208_000));
        check("yesterday", None);
        check("0001-01-01T00:00:00Z", None);
        assert_eq!(from_epoch(-62_135_596_800), None);
    }

    #[test]
    fn durations_in_words_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let ago = |text| from_up(text, now).and_then(|at| now.duration_since(at).ok());
        assert_eq!(ago("Up 3 seconds (healthy)"), Some(Duration::from_secs(3)));
        assert_eq!(ago("Up About a minute"), Some(Duration::from_secs(60)));
        assert_eq!(ago("Up About an hour"), Some(Duration::from_secs(3600)));
        assert_eq!(ago("Up Less than a second"), Some(Duration::ZERO));
        assert_eq!(ago("Exited (0) 3 minutes ago"), None);
    }
}
