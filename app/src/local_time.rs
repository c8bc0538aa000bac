//! The time of day where the user is.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `Sat 28 Nov 09:41`, with the year if it is another than `now`'s; `None` if the time is past what calendars hold.
pub(crate) fn date_and_time(time: SystemTime, now: SystemTime) -> Option<String> {
    let zone = TimeZone::system();
    let then = Timestamp::try_from(time).ok()?.to_zoned(zone.clone());
    let now = Timestamp::try_from(now).ok()?.to_zoned(zone);
    let form = if then.year() == now.year() {
        "%a %-d %b %H:%M"
    } else {
        "%-d %b %Y %H:%M"
    };
    Some(then.strftime(form).to_string())
}

/// `09:41`, by the system's time zone; `None` if the time is past what calendars hold.
pub(crate) fn hour_and_minute(time: SystemTime) -> Option<String> {
    let timestamp = Timestamp::try_from(time).ok()?;
    let zoned = timestamp.to_zoned(TimeZone::system());
    Some(format!("{:02}:{:02}", zoned.hour(), zoned.minute()))
}
