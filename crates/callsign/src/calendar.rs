//! Days and minutes as people write them: YYYY-MM-DD and HH:MM, UTC.

use std::{fmt, ops::RangeInclusive};

use callsign_protocol::time::{Day, Minute};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

const FORMAT: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// The date of a day; beyond the year 9999 its number.
pub fn written(day: Day) -> String {
    let date = i32::try_from(day.0)
        .ok()
        .and_then(|days| Date::from_julian_day(epoch().to_julian_day().checked_add(days)?).ok());
    date.and_then(|date| date.format(FORMAT).ok()).unwrap_or_else(|| format!("day {}", day.0))
}

/// A minute of a day as `YYYY-MM-DDTHH:MMZ`.
pub fn written_with_time(day: Day, minute: Minute) -> String {
    format!("{}T{}Z", written(day), time(minute))
}

/// A minute as `HH:MM`.
pub fn time(minute: Minute) -> String {
    let minutes = u16::from(minute);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The day of a date from 1970 on.
pub fn parse(text: &str) -> Result<Day, &'static str> {
    let date = Date::parse(text, FORMAT).map_err(|_| {
        if is_written_as_a_date(text) {
            "the calendar has no such day; look at its month, and at the number of days that it has"
        } else {
            "a date is written YYYY-MM-DD"
        }
    })?;
    let days = date.to_julian_day() - epoch().to_julian_day();
    u32::try_from(days).map(Day).map_err(|_| "the date lies before 1970")
}

/// A month of the calendar, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(Day);

impl Month {
    /// The one in which a day lies.
    pub fn of(day: Day) -> Self {
        let in_month = written(day).get(8..).and_then(|text| text.parse().ok()).unwrap_or(1);
        Self(day.minus(in_month - 1))
    }

    /// Its first day to its last.
    pub fn days(self) -> RangeInclusive<Day> {
        // No month has more than 31 days, and the next begins in the week behind them.
        self.0..=Self::of(self.0.plus(31)).0.minus(1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = written(self.0);
        f.write_str(first.get(..7).unwrap_or(&first))
    }
}

/// The month of a text, as YYYY-MM.
pub fn month(text: &str) -> Result<Month, &'static str> {
    match parse(&format!("{text}-01")) {
        Ok(first) => Ok(Month(first)),
        Err(_) if is_written_as_a_date(&format!("{text}-01")) => {
            Err("the calendar has no such month, or it lies before 1970; months are 01 to 12")
        }
        Err(_) => Err("a month is written YYYY-MM"),
    }
}

/// Four digits, two and two: what is wrong with such a date is its day or month.
fn is_written_as_a_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let are_digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    are_digits && parts.iter().map(|part| part.len()).eq([4, 2, 2])
}

fn epoch() -> Date {
    time::OffsetDateTime::UNIX_EPOCH.date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days() {
        for (text, first, last) in [
            ("2026-11", "2026-11-01", "2026-11-30"),
            ("2026-12", "2026-12-01", "2026-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("1970-01", "1970-01-01", "1970-01-31"),
        ] {
            let read = month(text).unwrap();
            assert_eq!(
                (written(*read.days().start()), written(*read.days().end())),
                (first.into(), last.into())
            );
            assert_eq!((Month::of(parse(last).unwrap()), read.to_string()), (read, text.to_owned()));
        }
        for (wrong, is_no_month) in [
            ("2026-13", true),
            ("2026-00", true),
            ("1969-12", true),
            ("2026-1", false),
            ("11.2026", false),
            ("", false),
        ] {
            assert_eq!(month(wrong).unwrap_err().contains("no such month"), is_no_month, "{wrong}");
        }
    }

    #[test]
    fn a_date_reads_back() {
        assert_eq!(written(Day(20_780)), "2026-11-23");
        assert_eq!(parse("2026-11-23"), Ok(Day(20_780)));
        let minute = |minute: u16| minute.try_into().unwrap();
        assert_eq!(written_with_time(Day(20_780), minute(845)), "2026-11-23T14:05Z");
        assert_eq!((time(minute(0)), time(minute(1_439))), ("00:00".to_owned(), "23:59".to_owned()));
        assert_eq!(written(Day(0)), "1970-01-01");
        assert_eq!(written(Day(u32::MAX)), "day 4294967295");
        for wrong in ["", "23.11.2026", "2026-02-30", "1969-12-31", "2026-11-23 "] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        for (text, is_no_day) in
            [("2026-11-31", true), ("2026-13-01", true), ("31.11.2026", false), ("2026-1-1", false)]
        {
            assert_eq!(parse(text).unwrap_err().contains("no such day"), is_no_day, "{text}");
        }
    }
}
