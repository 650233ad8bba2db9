//! What a person types into the search: words, exact words between quotation marks, a call sign, filters.

use callsign_protocol::{
    call_sign::{CallSignQuery, CallSignStart},
    caller_keys::CallerId,
    time::UnixSeconds,
};

use super::SearchError;
use crate::{
    cases::{Case, Cases},
    escape::label,
    store::{START_MIN, Term, starts_of_forms, words},
};

/// Characters of a search, at most.
pub const QUERY_MAX: usize = 1_000;
/// Words of a search, at most.
pub const TERMS_MAX: usize = 32;
/// Marks of quotation on the keyboards of our languages; any of them ends what any of them began.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];
const DAY_S: u64 = 86_400;

/// A search that can be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// What must stand in a case, all of it.
    pub terms: Vec<Term>,
    pub(super) filters: Filters,
    /// The one call sign that is meant, perhaps.
    pub(super) sign: Option<CallSignQuery>,
    /// What a call sign begins with, perhaps.
    pub(super) sign_start: Option<CallSignStart>,
    /// Whether words were left out that are too short to be searched for.
    pub(super) is_short: bool,
}

/// What a case must be beside what is said in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filters {
    pub(super) track: Option<String>,
    pub(super) language: Option<String>,
    /// Seconds before now in which the caller must have written.
    within_s: Option<u64>,
    pub(super) is_waiting: bool,
    /// Whether a follow-up is due by today.
    pub(super) is_due: bool,
}

impl SearchQuery {
    /// Reads a search.
    pub fn parse(typed: &str) -> Result<Self, SearchError> {
        if typed.chars().nth(QUERY_MAX).is_some() {
            return Err(SearchError::TooLong);
        }
        // Behind a word among others it is a colon and no filter.
        if let Some(name) =
            typed.trim().strip_suffix(':').filter(|name| is_field(name) && !Filters::has(name))
        {
            return Err(SearchError::UnknownFilter(label(name)));
        }
        let mut query = Self::default();
        let mut bare = Vec::new();
        for (at, piece) in typed.split(QUOTES).enumerate() {
            // Every second piece stands between quotation marks; what is not closed goes on to the end.
            if at % 2 == 1 {
                query.exact(piece);
                continue;
            }
            for word in piece.split_whitespace() {
                if !query.filters.take(word)? {
                    query.forms(word);
                    bare.push(word);
                }
            }
        }
        if query.terms.len() > TERMS_MAX {
            return Err(SearchError::TooLong);
        }
        if !typed.contains(QUOTES) {
            let bare = bare.join(" ");
            query.sign = CallSignQuery::parse(&bare).ok();
            query.sign_start = CallSignStart::parse(&bare);
        }
        match (query.says_nothing(), query.is_short) {
            (true, true) => Err(SearchError::TooShort),
            (true, false) if query.filters == Filters::default() => Err(SearchError::Empty),
            _ => Ok(query),
        }
    }

    /// Whether it names no word and no call sign.
    pub(super) fn says_nothing(&self) -> bool {
        self.terms.is_empty() && self.sign.is_none() && self.sign_start.is_none()
    }

    fn exact(&mut self, piece: &str) {
        let words: Vec<String> = words(piece).into_iter().map(|word| word.folded).collect();
        if !words.is_empty() {
            self.terms.push(Term::Exact(words));
        }
    }

    fn forms(&mut self, piece: &str) {
        for word in words(piece) {
            let starts = starts_of_forms(&word.folded);
            match starts.iter().map(|start| start.chars().count()).min() {
                // A number is itself: what begins with one digit is too much.
                Some(0..START_MIN) => self.terms.push(Term::Exact(vec![word.folded])),
                Some(_) => self.terms.push(Term::Forms { word: word.folded, starts }),
                None => self.is_short = true,
            }
        }
    }
}

impl Filters {
    /// Whether a filter with a value has this name, or would if the desk noted it.
    fn has(name: &str) -> bool {
        ["lang", "level", "since", "track"].contains(&name.to_lowercase().as_str())
    }

    /// Whether a word is a filter, which is then taken.
    fn take(&mut self, word: &str) -> Result<bool, SearchError> {
        let lower = word.to_lowercase();
        match lower.as_str() {
            "waiting" => {
                self.is_waiting = true;
                return Ok(true);
            }
            "due" => {
                self.is_due = true;
                return Ok(true);
            }
            "mine" => return Err(SearchError::NoDataFor(lower)),
            _ => {}
        }
        let Some((name, value)) = lower.split_once(':') else { return Ok(false) };
        match name {
            "track" | "lang" | "since" if value.is_empty() => {
                return Err(SearchError::NoValue(name.to_owned()));
            }
            "track" => self.track = Some(value.to_owned()),
            "lang" => self.language = Some(value.to_owned()),
            "since" => self.within_s = Some(seconds(value).ok_or(SearchError::NotASpan)?),
            "level" => return Err(SearchError::NoDataFor("level:".to_owned())),
            // A time of day, or a colon behind a word.
            _ if value.is_empty() || !is_field(name) => return Ok(false),
            _ => return Err(SearchError::UnknownFilter(label(name))),
        }
        Ok(true)
    }

    /// Since when the caller must have written.
    pub(super) fn since(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        self.within_s.map(|within_s| UnixSeconds(now.0.saturating_sub(within_s)))
    }

    /// Whether a case may pass, by what is known without reading it: all but what is due.
    pub(super) fn may_pass(&self, cases: &Cases, caller: &CallerId, now: UnixSeconds) -> bool {
        let is = |meant: &Option<String>, found: Option<&str>, is: fn(&str, &str) -> bool| {
            meant.as_ref().is_none_or(|meant| found.is_some_and(|found| is(meant, found)))
        };
        is(&self.track, cases.track_of(caller), is_track)
            && is(&self.language, cases.language_of(caller), is_language)
            && self.since(now).is_none_or(|since| cases.heard_of(caller) >= Some(since))
            && (!self.is_waiting || cases.waits(caller))
    }

    /// Whether a case passes.
    pub(super) fn pass(&self, case: &Case, now: UnixSeconds) -> bool {
        let since = self.since(now);
        let is_due = || case.follow_ups().iter().any(|one| one.due <= now.day());
        self.track.as_ref().is_none_or(|track| is_track(track, &case.track))
            && self.language.as_ref().is_none_or(|language| is_language(language, &case.language))
            && since.is_none_or(|since| case.last_heard().is_some_and(|heard| heard >= since))
            && (!self.is_due || is_due())
            && (!self.is_waiting || case.waiting_since(now.day()).is_some())
    }
}

/// Whether a track is meant; `none` means those on no track.
pub(super) fn is_track(meant: &str, track: &str) -> bool {
    if track.is_empty() { meant == "none" } else { track == meant || track.to_lowercase() == meant }
}

/// Whether a language is meant or a variety of it.
pub(super) fn is_language(meant: &str, tag: &str) -> bool {
    let tag = tag.to_lowercase();
    tag == meant || tag.strip_prefix(meant).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether what stands before a colon is meant as the name of a filter, and is no time of day.
fn is_field(name: &str) -> bool {
    name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The seconds of `12h`, `7d` or `2w`.
fn seconds(span: &str) -> Option<u64> {
    let (number, unit) = span.split_at_checked(span.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => 3_600,
        "d" => DAY_S,
        "w" => 7 * DAY_S,
        _ => return None,
    };
    let number: u32 = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
    (number > 0).then(|| u64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(typed: &str) -> String {
        let parsed = SearchQuery::parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        let shown = |term: &Term| match term {
            Term::Forms { starts, .. } => format!("{}*", starts.join("|")),
            Term::Exact(words) => format!("[{}]", words.join(" ")),
        };
        parsed.terms.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn operators_of_the_index_are_words_and_signs_between_words_are_nothing() {
        for (typed, is) in [
            ("повестка в армию", "повес* арми*"),
            ("«до дому» мама", "[до дому] мам*"),
            ("\"не закрыто", "[не закрыто]"),
            ("NEAR(повестка, армия)", "nea* повес* арми*"),
            ("повестка OR NOT* армия^ -мама +брат", "повес* not* арми* мам* бра*"),
            ("{text} : слово", "tex* слов*"),
            ("слово: інше 10:30 42", "слов* інш* [10] [30] [42]"),
            ("'; DROP TABLE words; --", "dro* tabl* word*"),
            ("\u{202e}слово\u{0} 👩‍👧 \u{301}", "слов*"),
            ("\"waiting\"", "[waiting]"),
        ] {
            assert_eq!(terms(typed), is, "{typed}");
        }
    }

    #[test]
    fn filters_are_words_and_what_is_none_is_refused() {
        let query = SearchQuery::parse("WAITING due track:Witness lang:uk since:2w свідок").unwrap();
        let filters = Filters {
            track: Some("witness".to_owned()),
            language: Some("uk".to_owned()),
            within_s: Some(14 * DAY_S),
            is_waiting: true,
            is_due: true,
        };
        assert_eq!((query.filters, query.terms.len()), (filters, 1));
        for (typed, is) in [
            ("text:слово", "text"),
            ("трек:свідок", "трек"),
            ("https://example.org", "https"),
            ("call_sign:x", "call_sign"),
            ("a-1:x", "a-1"),
            (" field: ", "field"),
        ] {
            assert_eq!(SearchQuery::parse(typed), Err(SearchError::UnknownFilter(is.to_owned())), "{typed}");
        }
        for typed in ["level:1", "mine"] {
            assert!(matches!(SearchQuery::parse(typed), Err(SearchError::NoDataFor(_))), "{typed}");
        }
        for typed in
            ["since:7", "since:d", "since:0d", "since:+7d", "since:99999999999d", "since:7я", "since:7days"]
        {
            assert_eq!(SearchQuery::parse(typed), Err(SearchError::NotASpan), "{typed}");
        }
        assert!(matches!(SearchQuery::parse("lang:"), Err(SearchError::NoValue(_))));
    }

    #[test]
    fn what_says_nothing_or_too_much_is_refused() {
        for typed in ["", "  ", "\"\"", "*", "-", "\u{1f469}\u{200d}", "(((("] {
            assert_eq!(SearchQuery::parse(typed), Err(SearchError::Empty), "{typed:?}");
        }
        assert_eq!(SearchQuery::parse("ы я"), Err(SearchError::TooShort));
        for long in ["я".repeat(10_000), "слово ".repeat(33), "\"".repeat(1_001)] {
            assert_eq!(SearchQuery::parse(&long), Err(SearchError::TooLong));
        }
        assert!(SearchQuery::parse(&"я".repeat(QUERY_MAX)).is_ok());
    }
}
