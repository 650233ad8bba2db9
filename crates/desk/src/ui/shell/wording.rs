//! Times, numbers and names in words.

use callsign_protocol::{
    notice::Track,
    time::{Day, UnixSeconds},
};
use maud::{Markup, html};
use time::OffsetDateTime;

use super::texts::{Texts, say, text};
use crate::{
    cases::{ClosedWhy, Flag, LeftWaiting, Level},
    escape::label,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span as people say it, in English, for commands; calls come in steps of ten minutes, and nothing finer is claimed.
pub fn span(seconds: u64) -> String {
    Texts::English.span(seconds)
}

/// That a call has waited for long, in English, for commands.
pub fn step_of_waiting(left: LeftWaiting) -> String {
    Texts::English.step_of_waiting(left)
}

/// Day and minute, in UTC and in English, for commands.
pub fn moment(at: UnixSeconds) -> String {
    Texts::English.moment(at)
}

impl Texts {
    /// A span as people say it; nothing finer than ten minutes is claimed.
    pub(in crate::ui) fn span(self, seconds: u64) -> String {
        match seconds {
            0..600 => text!(self, "wording-under-ten-minutes"),
            600..HOUR => text!(self, "wording-minutes-short", number = seconds / 600 * 10),
            HOUR..DAY => text!(self, "wording-hours-short", number = seconds / HOUR),
            _ => text!(self, "wording-days", number = seconds / DAY),
        }
    }

    /// How long a tick of the cadence is, behind "every".
    pub(in crate::ui) fn every(self, seconds: u32) -> String {
        if seconds < 120 {
            text!(self, "wording-every-seconds", number = seconds)
        } else {
            text!(self, "wording-every-minutes", number = seconds / 60)
        }
    }

    /// A time by which something is done, never said to be shorter than it is.
    pub(in crate::ui) fn within(self, seconds: u64) -> String {
        match seconds.div_ceil(MINUTE).max(1) {
            1 => text!(self, "wording-within-a-minute"),
            minutes @ ..=120 => text!(self, "wording-within-minutes", number = minutes),
            minutes => text!(self, "wording-within-hours", number = minutes.div_ceil(60)),
        }
    }

    /// Day and minute, in UTC: the desk has no other zone, and colleagues may sit in several.
    pub(in crate::ui) fn moment(self, at: UnixSeconds) -> String {
        let Some(known) = known(at) else { return text!(self, "wording-unknown-time") };
        let time = format!("{:02}:{:02}", known.hour(), known.minute());
        text!(self, "wording-moment", date = self.date(known), time = time)
    }

    /// A day, in UTC.
    pub(in crate::ui) fn day(self, day: Day) -> String {
        known(day.start()).map_or_else(|| text!(self, "wording-unknown-day"), |known| self.date(known))
    }

    /// A day, and its hour where that matters.
    pub(in crate::ui) fn due(self, day: Day, hour: Option<u8>) -> String {
        match hour {
            Some(hour) => text!(self, "wording-moment", date = self.day(day), time = format!("{hour}:00")),
            None => self.day(day),
        }
    }

    /// A language's name; its tag where this list has none.
    pub(in crate::ui) fn language(self, tag: &str) -> String {
        match tag.split('-').next().unwrap_or("") {
            "" => text!(self, "wording-no-language"),
            "ar" => text!(self, "wording-arabic"),
            "be" => text!(self, "wording-belarusian"),
            "en" => text!(self, "wording-english"),
            "fa" => text!(self, "wording-persian"),
            "kk" => text!(self, "wording-kazakh"),
            "ru" => text!(self, "wording-russian"),
            "uk" => text!(self, "wording-ukrainian"),
            _ => label(tag),
        }
    }

    /// A track's name as callers see it, in this language where it has one, or its id.
    pub(in crate::ui) fn track(self, tracks: &[Track], id: &str) -> String {
        if id.is_empty() {
            return text!(self, "wording-no-track");
        }
        let known = tracks.iter().find(|track| track.id == id);
        let name = known.and_then(|track| {
            track
                .names
                .get(self.tag())
                .or_else(|| track.names.get("en"))
                .or_else(|| track.names.values().next())
        });
        name.map_or_else(|| label(id), Clone::clone)
    }

    /// A level, by its number and a shape.
    pub(in crate::ui) fn level(self, level: Level) -> Markup {
        html! {
            span class="level" data-level=(level.number()) {
                span class="unseen" { (say!(self, "wording-level")) " " } (level.number())
            }
        }
    }

    /// That a call has waited for long, and nobody has it.
    pub(in crate::ui) fn step_of_waiting(self, left: LeftWaiting) -> String {
        if left.is_last {
            text!(self, "wording-step-last", minutes = left.minutes)
        } else {
            text!(self, "wording-step", minutes = left.minutes)
        }
    }

    /// Why a case was closed, behind "closed: ".
    pub(in crate::ui) fn closed_why(self, why: ClosedWhy) -> String {
        match why {
            ClosedWhy::Answered => text!(self, "wording-closed-answered"),
            ClosedWhy::Junk => text!(self, "wording-closed-junk"),
            ClosedWhy::NoMoreNeeded => text!(self, "wording-closed-no-more-needed"),
            ClosedWhy::Referred => text!(self, "wording-closed-referred"),
        }
    }

    /// A flag's name.
    pub(in crate::ui) fn flag(self, flag: Flag) -> String {
        match flag {
            Flag::Abusive => text!(self, "wording-flag-abusive"),
            Flag::Coerced => text!(self, "wording-flag-coerced"),
            Flag::Junk => text!(self, "wording-flag-junk"),
        }
    }

    fn date(self, known: OffsetDateTime) -> String {
        let (day, month, year) = (known.day(), u8::from(known.month()), known.year().to_string());
        text!(self, "wording-date", day = day, month = month, year = year)
    }
}

/// A sentence that a command says as well: commands in it stand between backticks there, and look like commands here.
pub(in crate::ui) fn marked(sentence: &str) -> Markup {
    html! {
        @for (at, part) in sentence.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn known(at: UnixSeconds) -> Option<OffsetDateTime> {
    i64::try_from(at.0).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_sentence_looks_like_one_and_all_is_escaped() {
        let shown = marked("run `callsign desk <join>` there & wait").into_string();
        assert_eq!(shown, "run <code>callsign desk &lt;join&gt;</code> there &amp; wait");
        assert_eq!(marked("nothing of that").into_string(), "nothing of that");
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
        let said = [0, 2_459, 3_600, 86_400, 172_800].map(|seconds| Texts::Ukrainian.span(seconds));
        assert_eq!(said, ["до 10 хв", "40 хв", "1 год", "1 день", "2 дні"]);
    }

    #[test]
    fn a_time_by_which_something_is_done_is_never_too_short() {
        for (seconds, words) in
            [(0, "a minute"), (60, "a minute"), (61, "2 minutes"), (7_200, "120 minutes"), (7_201, "3 hours")]
        {
            assert_eq!(Texts::English.within(seconds), words);
        }
        assert_eq!(Texts::Ukrainian.within(61), "2 хвилини");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, english, ukrainian) in [
            (7, "7", "7"),
            (4_192, "4,192", "4\u{a0}192"),
            (10_080, "10,080", "10\u{a0}080"),
            (1_000_000, "1,000,000", "1\u{a0}000\u{a0}000"),
        ] {
            assert_eq!(Texts::English.grouped(number), english);
            assert_eq!(Texts::Ukrainian.grouped(number), ukrainian);
        }
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(UnixSeconds(86_400)), "2 Jan 1970, 00:00 UTC");
        assert_eq!(moment(UnixSeconds(u64::MAX)), "at an unknown time");
        assert_eq!(Texts::Ukrainian.moment(UnixSeconds(86_400)), "2 січ. 1970, 00:00 UTC");
        assert_eq!(Texts::English.due(Day(364), Some(6)), "31 Dec 1970, 6:00 UTC");
        assert_eq!(Texts::Ukrainian.due(Day(364), None), "31 груд. 1970");
    }

    #[test]
    fn what_has_no_name_shows_its_id() {
        let texts = Texts::English;
        let tracks = crate::model_tracks();
        assert_eq!(texts.track(&tracks, "relative"), "I am a relative");
        assert_ne!(Texts::Ukrainian.track(&tracks, "relative"), texts.track(&tracks, "relative"));
        assert_eq!(texts.track(&[], "relative"), "relative");
        assert_eq!(texts.track(&[], "\u{202e}x"), "\\u{202e}x");
        assert_eq!(texts.track(&[], ""), "No track");
        assert_eq!((texts.language("uk").as_str(), texts.language("xx-Y").as_str()), ("Ukrainian", "xx-Y"));
    }
}
