//! Days as browsers write them in forms: YYYY-MM-DD (HTML, "valid date string").

use callsign_protocol::time::Day;
use time::{Date, OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

const FORMAT: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// A day as a form shows it; nothing beyond the year 9999.
pub(in crate::ui) fn written(day: Day) -> String {
    let at = i64::try_from(day.start().0).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    at.and_then(|at| at.format(FORMAT).ok()).unwrap_or_default()
}

/// The day of a date from 1970 on.
pub(in crate::ui) fn parse(text: &str) -> Option<Day> {
    let days =
        Date::parse(text, FORMAT).ok()?.to_julian_day() - OffsetDateTime::UNIX_EPOCH.date().to_julian_day();
    u32::try_from(days).ok().map(Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_back() {
        assert_eq!(written(Day(20_780)), "2026-11-23");
        assert_eq!(parse("2026-11-23"), Some(Day(20_780)));
        assert_eq!(written(Day(u32::MAX)), "");
        for wrong in ["", "23.11.2026", "2026-02-30", "1969-12-31"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
