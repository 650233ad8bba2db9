//! Times, numbers and names in words.

use callsign_protocol::{
    notice::Track,
    time::{Day, UnixSeconds},
};
use maud::{Markup, html};
use time::{OffsetDateTime, macros::format_description};

use crate::{cases::Level, escape::label};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span as people say it; calls come in steps of ten minutes, and nothing finer is claimed.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..600 => "under 10 min".to_owned(),
        600..HOUR => format!("{} min", seconds / 600 * 10),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => count(seconds / DAY, "day", "days"),
    }
}

/// A number and its word.
pub(in crate::ui) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A number in groups of three digits.
pub(in crate::ui) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}

/// How long a tick of the cadence is.
pub(in crate::ui) fn every(seconds: u32) -> String {
    match seconds {
        0..120 => count(u64::from(seconds), "second", "seconds"),
        _ => count(u64::from(seconds / 60), "minute", "minutes"),
    }
}

/// A time by which something is done, never said to be shorter than it is.
pub(in crate::ui) fn within(seconds: u64) -> String {
    match seconds.div_ceil(MINUTE).max(1) {
        1 => "a minute".to_owned(),
        minutes @ ..=120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    }
}

/// A sentence that a command says as well: commands in it stand between backticks there, and look like commands here.
pub(in crate::ui) fn told(sentence: &str) -> Markup {
    html! {
        @for (at, part) in sentence.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Day and minute, in UTC: the desk has no other zone, and colleagues may sit in several.
pub fn moment(at: UnixSeconds) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    let known = i64::try_from(at.0).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    known.and_then(|known| known.format(format).ok()).unwrap_or_else(|| "at an unknown time".to_owned())
}

/// A day, in UTC.
pub(in crate::ui) fn day(day: Day) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year]");
    let known = i64::try_from(day.start().0).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    known.and_then(|known| known.format(format).ok()).unwrap_or_else(|| "an unknown day".to_owned())
}

/// A language's English name; its tag where this list has none.
pub(in crate::ui) fn language(tag: &str) -> String {
    let name = match tag.split('-').next().unwrap_or("") {
        "" => "No language",
        "ar" => "Arabic",
        "be" => "Belarusian",
        "en" => "English",
        "fa" => "Persian",
        "kk" => "Kazakh",
        "ru" => "Russian",
        "uk" => "Ukrainian",
        _ => return label(tag),
    };
    name.to_owned()
}

/// A track's English name, or its id.
pub(in crate::ui) fn track_name(tracks: &[Track], id: &str) -> String {
    if id.is_empty() {
        return "No track".to_owned();
    }
    let known = tracks.iter().find(|track| track.id == id);
    let name = known.and_then(|track| track.names.get("en").or_else(|| track.names.values().next()));
    name.map_or_else(|| label(id), Clone::clone)
}

/// A level, by its number and a shape.
pub(in crate::ui) fn level(level: Level) -> Markup {
    html! { span class="level" data-level=(level.number()) { span class="unseen" { "Level " } (level.number()) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_sentence_looks_like_one_and_all_is_escaped() {
        let shown = told("run `callsign desk <join>` there & wait").into_string();
        assert_eq!(shown, "run <code>callsign desk &lt;join&gt;</code> there &amp; wait");
        assert_eq!(told("nothing of that").into_string(), "nothing of that");
    }

    #[test]
    fn spans_are_as_coarse_as_what_is_known() {
        for (seconds, words) in [
            (0, "under 10 min"),
            (599, "under 10 min"),
            (600, "10 min"),
            (2_459, "40 min"),
            (3_600, "1 h"),
            (86_399, "23 h"),
            (86_400, "1 day"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn a_time_by_which_something_is_done_is_never_too_short() {
        for (seconds, words) in
            [(0, "a minute"), (60, "a minute"), (61, "2 minutes"), (7_200, "120 minutes"), (7_201, "3 hours")]
        {
            assert_eq!(within(seconds), words);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(10_080), "10,080");
        assert_eq!(count(1_000_000, "byte", "bytes"), "1,000,000 bytes");
        assert_eq!(count(1, "part", "parts"), "1 part");
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(UnixSeconds(86_400)), "2 Jan 1970, 00:00 UTC");
        assert_eq!(moment(UnixSeconds(u64::MAX)), "at an unknown time");
    }

    #[test]
    fn what_has_no_name_shows_its_id() {
        assert_eq!(track_name(&crate::model_tracks(), "relative"), "I am a relative");
        assert_eq!(track_name(&[], "relative"), "relative");
        assert_eq!(track_name(&[], "\u{202e}x"), "\\u{202e}x");
        assert_eq!(track_name(&[], ""), "No track");
        assert_eq!((language("uk").as_str(), language("xx-Y").as_str()), ("Ukrainian", "xx-Y"));
    }
}
