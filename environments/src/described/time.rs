//! Times as tools write them: RFC 3339, or seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use toml::value::{Datetime, Offset};

/// Reads a time; `None` where it is none, or before 1970 ("never" in many tools).
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let seconds = match text.parse::<f64>() {
        // Thirteen digits are milliseconds.
        Ok(number) if number > 1e11 => number / 1000.0,
        Ok(number) => number,
        Err(_) => rfc3339(text)?,
    };
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    UNIX_EPOCH.checked_add(since).filter(|_| seconds > 0.0)
}

fn rfc3339(text: &str) -> Option<f64> {
    let parsed: Datetime = text.trim().parse().ok()?;
    let (date, time) = (parsed.date?, parsed.time?);
    let offset = match parsed.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days(
        i64::from(date.year),
        i64::from(date.month),
        i64::from(date.day),
    );
    let second = i64::from(time.second.unwrap_or(0));
    let seconds =
        days * 86_400 + i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + second;
    let seconds = u32::try_from(seconds - offset * 60).ok()?;
    Some(f64::from(seconds))
}

/// Days since 1970-01-01 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date
/// algorithms", days_from_civil).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let got = read(text).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        assert_eq!(got.map(|since| since.as_secs()), expected);
    }

    #[test]
    fn times_are_read_as_tools_write_them() {
        check("2026-11-20T10:00:00Z", Some(1_795_168_800));
        check("2026-11-20T11:30:00+01:30", Some(1_795_168_800));
        check("2026-11-20T10:00:00.123456789Z", Some(1_795_168_800));
        check("1970-01-02T00:00:00Z", Some(86_400));
        check("1795168800", Some(1_795_168_800));
        check("1795168800000", Some(1_795_168_800));
        check("-62135596800", None);
        check("0001-01-01T00:00:00Z", None);
        check("4 seconds ago", None);
        check("", None);
    }
}
