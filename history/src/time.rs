//! Points in time as numbers and as texts for people, in the machine's own time zone.
//!
//! The standard library knows no time zones; SQLite asks the C library, and is here anyway.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// Microseconds since 1970, UTC.
#[must_use]
pub fn micros(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
    }
}

/// Milliseconds since 1970, UTC.
#[must_use]
pub fn millis(time: SystemTime) -> i64 {
    micros(time).div_euclid(1000)
}

/// The time that is so many microseconds after 1970, UTC.
#[must_use]
pub fn from_micros(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    let time = if micros < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}

/// A date and a time of day, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
}

impl Civil {
    /// Of so many seconds since 1970.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY);
        let rest = seconds.rem_euclid(DAY);
        // The calendar repeats every 400 years of 146,097 days, counted from 1 March of year 0.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let small = |number: i64| u8::try_from(number).unwrap_or(0);
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: small(month),
            day: small(day),
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn to_seconds(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = self.year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let days = era * 146_097 + of_era - 719_468;
        days * DAY
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
    }

    /// `2026-11-29`.
    #[must_use]
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `08:52`.
    #[must_use]
    pub fn clock(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }
}

impl fmt::Display for Civil {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}:{:02}",
            self.date(),
            self.clock(),
            self.second
        )
    }
}

/// RFC 3339 in UTC, with microseconds: `2026-11-29T08:52:58.123456Z`.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    let micros = micros(time);
    let civil = Civil::from_seconds(micros.div_euclid(1_000_000));
    format!(
        "{}T{}:{:02}.{:06}Z",
        civil.date(),
        civil.clock(),
        civil.second,
        micros.rem_euclid(1_000_000)
    )
}

/// The machine's time zone. Asking costs microseconds; offsets are kept a quarter of an hour each.
#[derive(Debug)]
pub struct Zone {
    connection: Option<Connection>,
    known: std::cell::RefCell<std::collections::HashMap<i64, i64>>,
}

impl Default for Zone {
    fn default() -> Self {
        Self::local()
    }
}

impl Zone {
    /// That of the machine (`TZ`, else `/etc/localtime`).
    #[must_use]
    pub fn local() -> Self {
        Self {
            connection: Connection::open_in_memory().ok(),
            known: std::cell::RefCell::default(),
        }
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            connection: None,
            known: std::cell::RefCell::default(),
        }
    }

    /// Seconds to be added to UTC at a time, given in seconds since 1970.
    #[must_use]
    pub fn offset(&self, seconds: i64) -> i64 {
        let Some(connection) = &self.connection else {
            return 0;
        };
        // No zone changes within a quarter of an hour of UTC.
        let quarter = seconds.div_euclid(900);
        if let Some(offset) = self.known.borrow().get(&quarter) {
            return *offset;
        }
        let asked = connection
            .prepare_cached("SELECT CAST(strftime('%s', ?1, 'unixepoch', 'localtime') AS INTEGER)")
            .and_then(|mut statement| {
                statement.query_row([quarter * 900], |row| row.get::<_, i64>(0))
            });
        let offset = asked.map_or(0, |local| local - quarter * 900);
        self.known.borrow_mut().insert(quarter, offset);
        offset
    }

    /// Date and time of day there.
    #[must_use]
    pub fn civil(&self, time: SystemTime) -> Civil {
        let seconds = micros(time).div_euclid(1_000_000);
        Civil::from_seconds(seconds + self.offset(seconds))
    }

    /// The time at which it is `civil` there.
    #[must_use]
    pub fn time(&self, civil: Civil) -> SystemTime {
        let local = civil.to_seconds();
        // The offset is that of the time sought: the second guess is right but for skipped hours.
        let guess = local - self.offset(local);
        let seconds = local - self.offset(guess);
        from_micros(seconds.saturating_mul(1_000_000))
    }
}

/// Reads a time as people give it: `2026-11-29`, `2026-11-29 08:52`, `08:52` (today), `today`,
/// `yesterday`, `2h`, `3d`, `1w` (before now), or seconds since 1970.
///
/// # Errors
/// A sentence that says which forms there are.
pub fn parse(text: &str, now: SystemTime, zone: &Zone) -> Result<SystemTime, String> {
    let text = text.trim();
    let today = Civil {
        hour: 0,
        minute: 0,
        second: 0,
        ..zone.civil(now)
    };
    let before = |duration: Duration| now.checked_sub(duration).unwrap_or(UNIX_EPOCH);
    match text {
        "now" => return Ok(now),
        "today" => return Ok(zone.time(today)),
        "yesterday" => {
            let day = Civil::from_seconds(today.to_seconds() - DAY);
            return Ok(zone.time(day));
        }
        _ => {}
    }
    if let Some(duration) = parse_duration(text) {
        return Ok(before(duration));
    }
    if text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text
            .parse::<i64>()
            .map(|seconds| from_micros(seconds.saturating_mul(1_000_000)))
            .map_err(|_| unknown_time(text));
    }
    if text.ends_with(['Z', 'z']) {
        let civil = parse_civil(&text[..text.len() - 1], None).ok_or_else(|| unknown_time(text))?;
        return Ok(Zone::utc().time(civil));
    }
    let civil = parse_civil(text, Some(today)).ok_or_else(|| unknown_time(text))?;
    Ok(zone.time(civil))
}

fn unknown_time(text: &str) -> String {
    format!(
        "{text:?} is no time; give 2026-11-29, \"2026-11-29 08:52\", 08:52, today, yesterday, or 30m, 2h, 3d, 1w ago"
    )
}

/// Reads a length of time: `90s`, `30m`, `2h`, `3d`, `1w`, `1y`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

fn parse_civil(text: &str, today: Option<Civil>) -> Option<Civil> {
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (Some(date), Some(clock)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let mut civil = match date {
        Some(date) => {
            let mut parts = date.split('-');
            let year: i64 = parts.next()?.parse().ok()?;
            let month: u8 = parts.next()?.parse().ok()?;
            let day: u8 = parts.next()?.parse().ok()?;
            if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
                return None;
            }
            Civil {
                year,
                month,
                day,
                hour: 0,
                minute: 0,
                second: 0,
            }
        }
        None => today?,
    };
    if let Some(clock) = clock {
        let mut parts = clock.split(':');
        civil.hour = parts.next()?.parse().ok().filter(|hour| *hour < 24)?;
        civil.minute = parts.next()?.parse().ok().filter(|minute| *minute < 60)?;
        let second = parts.next().unwrap_or("0");
        civil.second = second
            .split('.')
            .next()?
            .parse()
            .ok()
            .filter(|second| *second < 61)?;
        if parts.next().is_some() {
            return None;
        }
    }
    Some(civil)
}

/// A length of time for people: `0.42s`, `12.3s`, `4m 05s`, `2h 13m`.
#[must_use]
pub fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_millis() < 10 => format!("{}ms", duration.as_millis()),
        0..=9 => format!("{:.2}s", duration.as_secs_f64()),
        10..=59 => format!("{:.1}s", duration.as_secs_f64()),
        60..=3599 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{}h {:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_seconds_lead_back() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_795_953_600, "2026-11-29 12:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (4_107_542_399, "2100-02-28 23:59:59"),
        ] {
            let civil = Civil::from_seconds(seconds);
            assert_eq!(civil.to_string(), text);
            assert_eq!(civil.to_seconds(), seconds);
        }
        for day in -800_000..800_000 {
            assert_eq!(Civil::from_seconds(day * DAY).to_seconds(), day * DAY);
        }
    }

    #[test]
    fn times_are_read_as_people_give_them() {
        let zone = Zone::utc();
        let now = from_micros(1_795_953_600_000_000);
        #[track_caller]
        fn check(text: &str, now: SystemTime, zone: &Zone, expected: &str) {
            let time = parse(text, now, zone).unwrap();
            assert_eq!(zone.civil(time).to_string(), expected, "{text}");
        }
        check("now", now, &zone, "2026-11-29 12:00:00");
        check("today", now, &zone, "2026-11-29 00:00:00");
        check("yesterday", now, &zone, "2026-11-28 00:00:00");
        check("2h", now, &zone, "2026-11-29 10:00:00");
        check("1w", now, &zone, "2026-11-22 12:00:00");
        check("2025-01-31", now, &zone, "2025-01-31 00:00:00");
        check("2025-01-31 07:08", now, &zone, "2025-01-31 07:08:00");
        check("2025-01-31T07:08:09Z", now, &zone, "2025-01-31 07:08:09");
        check("07:08", now, &zone, "2026-11-29 07:08:00");
        check("1700000000", now, &zone, "2023-11-14 22:13:20");
        for text in [
            "",
            "soon",
            "2025-13-01",
            "25:00",
            "2025-01-01-01",
            "3x",
            "7:61",
        ] {
            assert!(parse(text, now, &zone).is_err(), "{text}");
        }
    }

    #[test]
    fn the_local_zone_leads_back() {
        let zone = Zone::local();
        let time = from_micros(1_795_953_600_000_000);
        assert_eq!(zone.time(zone.civil(time)), time);
    }

    #[test]
    fn lengths_of_time_are_short() {
        for (millis, text) in [
            (4, "4ms"),
            (420, "0.42s"),
            (12_340, "12.3s"),
            (245_000, "4m 05s"),
            (7_980_000, "2h 13m"),
            (200_000_000, "2d 07h"),
        ] {
            assert_eq!(human(Duration::from_millis(millis)), text);
        }
    }
}
