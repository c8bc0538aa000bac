//! The time of day where the user is.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `09:41`, by the system's time zone; `None` if the time is past what calendars hold.
pub(crate) fn hour_and_minute(time: SystemTime) -> Option<String> {
    let timestamp = Timestamp::try_from(time).ok()?;
    let zoned = timestamp.to_zoned(TimeZone::system());
    Some(format!("{:02}:{:02}", zoned.hour(), zoned.minute()))
}
