//! Finding cases by their words, by call sign and by what they are; what is found is neither opened nor noted anywhere.

mod hit;
mod query;

use std::{
    collections::BTreeSet,
    sync::{MutexGuard, PoisonError},
};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use thiserror::Error;

use crate::{
    Desk,
    cases::Case,
    device::DeviceState,
    escape::label,
    store::{Indexed, Precision, SearchIndex},
};

use hit::Meeting;
pub use hit::{Line, Speaker};
use query::Signs;
pub use query::{QUERY_MAX, SearchQuery, TERMS_MAX};

/// Cases that one search shows, at most.
pub const HITS_MAX: usize = 50;
/// Call signs that begin as a word does, beside the cases in which the word stands.
const SIGNS_BESIDE_WORDS: usize = 10;
/// Bytes of text that one step puts into the index, about: some ten milliseconds, in which a search waits.
const STEP_BYTES: usize = 512 << 10;
/// Cases of one step, at most.
const STEP_CASES: usize = 512;
/// Steps that a search makes by itself before it looks: what came in since the last one is found.
const STEPS_BEFORE: usize = 4;
/// Cases that the index names at first: of frequent words most searches need no more.
const NAMED_FIRST: usize = 200;
/// Cases that are looked at under one lock.
const LOOK_AT_ONCE: usize = 32;
/// Bytes of text that one search reads, at most: some hundred milliseconds.
const READ_MAX: usize = 8 << 20;

/// Why a search is not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SearchError {
    /// Nothing to search for.
    #[error(
        "there is nothing to search for in what was typed; type a word, \"exact words\", the beginning of a call sign, or a \
         filter: {FILTERS}"
    )]
    Empty,
    /// Far more than anybody would type.
    #[error(
        "a search has {TERMS_MAX} words and {QUERY_MAX} characters at most; leave the rarest words in it"
    )]
    TooLong,
    /// Words of one or two letters alone.
    #[error(
        "a word of fewer than three letters is too short to search for, and no call sign here begins so; type more of it"
    )]
    TooShort,
    /// No filter has this name.
    #[error(
        "there is no filter \"{0}:\"; the filters are {FILTERS}. To search for these words, put them between quotation marks"
    )]
    UnknownFilter(String),
    /// A filter that has nothing to go by.
    #[error(
        "this desk does not note what \"{0}\" asks for, so nothing can be found by it; the filters are {FILTERS}. To search for \
         the word, put it between quotation marks"
    )]
    NoDataFor(String),
    /// A filter without what it filters by.
    #[error(
        "\"{0}:\" says nothing; write what it is to be right behind the colon, such as track:witness, lang:uk or since:7d"
    )]
    NoValue(String),
    /// Not hours, days or weeks.
    #[error("\"since:\" takes hours, days or weeks, such as since:12h, since:7d or since:2w")]
    NotASpan,
    /// No case is on this track or in this language, so a typo is likely.
    #[error("no case here has {what}; there are {}", .there.join(", "))]
    NoSuch {
        /// What was asked for: `track:x`.
        what: String,
        /// What there is.
        there: Vec<String>,
    },
    /// The index cannot be kept in memory.
    #[error("this computer has no memory left for the search; close other programs and try again")]
    Memory,
}

/// The filters, as sentences list them.
const FILTERS: &str = "track:witness, lang:uk, since:7d and waiting";

impl SearchError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            _ => "search",
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// At most 50 cases: one that is named by its call sign, call signs that begin so, cases with the words as they were
    /// typed, cases with other forms of them; of each kind those who wrote last come first.
    pub hits: Vec<Hit>,
    /// Whether there may be more.
    pub more: bool,
    /// Cases that the index does not know yet, so that they are not found by their words.
    pub unsearched: usize,
}

/// A case that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whose it is.
    pub caller: CallerId,
    /// The caller's name, in English.
    pub call_sign: String,
    /// The same in the caller's language, where that is not English.
    pub callers_name: Option<(String, Language)>,
    /// What the call is about; empty where the caller said nothing.
    pub track: String,
    /// The caller's language (BCP 47).
    pub language: String,
    /// Whether somebody waits for an answer.
    pub is_waiting: bool,
    /// The line that met, never of a message that nobody has opened; of a case that was found without words, the newest one.
    pub line: Option<Line>,
    /// Whether some of the words stand only in messages that nobody has opened.
    pub is_unopened: bool,
}

/// Who may be meant.
struct Candidates {
    /// The likeliest first.
    likeliest: Vec<(CallerId, By)>,
    /// Whether there are no others.
    are_all: bool,
}

/// How a case came to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Words,
    OtherThings,
}

impl Desk {
    /// Finds cases; what a search of ordinary size costs is some milliseconds, and some hundred at most. Works without the
    /// hub. Cases that the index does not know yet are counted; [`Desk::prepare_search`] waits for them.
    pub fn search(&self, typed: &str) -> Result<Found, SearchError> {
        let query = SearchQuery::parse(typed)?;
        for _ in 0..STEPS_BEFORE {
            if self.index_some()? == 0 {
                break;
            }
        }
        let mut found = Found::default();
        for max in [NAMED_FIRST, usize::MAX] {
            let candidates = self.candidates(&query, max)?;
            found = self.look(&query, &candidates.likeliest);
            if found.more || candidates.are_all {
                break;
            }
        }
        found.unsearched = self.state().unindexed.len();
        if found.hits.is_empty() {
            self.explain_nothing(&query)?;
        }
        Ok(found)
    }

    /// Puts all cases into the index; returns once it knows them. Takes seconds for some ten thousand cases, and holds up
    /// neither pages nor beats meanwhile.
    pub fn prepare_search(&self) -> Result<(), SearchError> {
        while self.index_some()? > 0 {}
        Ok(())
    }

    /// Puts some of the cases that changed into the index; their number.
    pub(super) fn index_some(&self) -> Result<usize, SearchError> {
        // Taken first, so that what another thread took before this one is in the index before it.
        let mut index = self.index();
        let cases = self.state().take_unindexed();
        if cases.is_empty() {
            return Ok(0);
        }
        let put = |index: &mut Option<SearchIndex>| {
            let index = match index {
                Some(index) => index,
                None => index.insert(SearchIndex::new()?),
            };
            index.put(&cases)?;
            if cases.iter().any(|case| case.text.is_none()) { index.forget() } else { Ok(()) }
        };
        if put(&mut index).is_err() {
            self.state().unindexed.extend(cases.iter().map(|case| case.caller));
            return Err(SearchError::Memory);
        }
        Ok(cases.len())
    }

    /// Who may be meant; by their words, so many at most of each kind.
    fn candidates(&self, query: &SearchQuery, max: usize) -> Result<Candidates, SearchError> {
        let index = self.index();
        let mut candidates: Vec<(CallerId, By)> = Vec::new();
        let mut are_all = true;
        let Some(index) = index.as_ref() else { return Ok(Candidates { likeliest: candidates, are_all }) };
        if query.says_nothing() {
            candidates.extend(index.callers().map(|caller| (*caller, By::OtherThings)));
            return Ok(Candidates { likeliest: candidates, are_all });
        }
        let signs = Signs { whole: query.sign.as_ref(), start: query.sign_start.as_ref() };
        let named = |is_meant: &dyn Fn(&CallerId) -> bool, max: usize| {
            let meant = index.callers().filter(|caller| is_meant(caller));
            meant.take(max).map(|caller| (*caller, By::OtherThings)).collect::<Vec<_>>()
        };
        candidates.extend(named(&|caller| signs.is_whole(caller), HITS_MAX + 1));
        let beside = if query.terms.is_empty() { HITS_MAX + 1 } else { SIGNS_BESIDE_WORDS };
        candidates.extend(named(&|caller| signs.is_begun(caller), beside));
        if !query.terms.is_empty() {
            for precision in [Precision::Typed, Precision::Forms] {
                // The error's own words may be a caller's: they go into no log.
                let callers = index.find(&query.terms, precision, max).map_err(|_| SearchError::Memory)?;
                are_all &= callers.len() < max;
                candidates.extend(callers.into_iter().map(|caller| (caller, By::Words)));
            }
        }
        let mut seen = BTreeSet::new();
        candidates.retain(|(caller, _)| seen.insert(*caller));
        Ok(Candidates { likeliest: candidates, are_all })
    }

    /// Looks at the cases themselves: the index may be behind, and knows no order of words.
    fn look(&self, query: &SearchQuery, candidates: &[(CallerId, By)]) -> Found {
        let now = self.now();
        let mut found = Found::default();
        let mut read = 0;
        for some in candidates.chunks(LOOK_AT_ONCE) {
            if read > READ_MAX {
                found.more = true;
                return found;
            }
            let looked_at: Vec<_> = {
                let state = self.state();
                let passing = some.iter().filter_map(|(caller, by)| {
                    let case = state.view.get(caller)?;
                    let hit = || Hit {
                        caller: *caller,
                        call_sign: state.view.name(case, Language::English),
                        callers_name: state.view.callers_name(case),
                        track: case.track.clone(),
                        language: case.language.clone(),
                        is_waiting: case.waiting_since(now.day()).is_some(),
                        line: None,
                        is_unopened: false,
                    };
                    query.filters.pass(case, now).then(|| (hit(), *by, hit::said(case)))
                });
                passing.collect()
            };
            for (hit, by, said) in looked_at {
                read += hit::len(&said);
                let meeting = match by {
                    By::Words => hit::meet(&said, &query.terms),
                    By::OtherThings => Some(hit::newest(&said)),
                };
                let Some(Meeting { line, is_unopened }) = meeting else { continue };
                if found.hits.len() == HITS_MAX {
                    found.more = true;
                    return found;
                }
                found.hits.push(Hit { line, is_unopened, ..hit });
            }
        }
        found
    }

    /// Says why nothing was found, where what was typed makes it certain.
    fn explain_nothing(&self, query: &SearchQuery) -> Result<(), SearchError> {
        if query.is_short && query.terms.is_empty() {
            return Err(SearchError::TooShort);
        }
        let nobody_has = |what: String, is: &dyn Fn(&Case) -> bool, of: fn(&Case) -> &str| {
            let state = self.state();
            let there: BTreeSet<&str> = state.view.all().map(of).collect();
            if there.is_empty() || state.view.all().any(is) {
                return Ok(());
            }
            let named = |name: &str| if name.is_empty() { "none".to_owned() } else { label(name) };
            Err(SearchError::NoSuch { what, there: there.into_iter().map(named).collect() })
        };
        if let Some(track) = &query.filters.track {
            let is = |case: &Case| query::is_track(track, case);
            nobody_has(format!("track:{}", label(track)), &is, |case| &case.track)?;
        }
        if let Some(tag) = &query.filters.language {
            let is = |case: &Case| query::is_language(tag, case);
            nobody_has(format!("lang:{}", label(tag)), &is, |case| &case.language)?;
        }
        Ok(())
    }

    fn index(&self) -> MutexGuard<'_, Option<SearchIndex>> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DeviceState {
    /// Some of the cases that changed since the index was made, as they are now.
    fn take_unindexed(&mut self) -> Vec<Indexed> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while bytes < STEP_BYTES && taken.len() < STEP_CASES {
            let Some(caller) = self.unindexed.pop_first() else { break };
            let case = self.view.get(&caller);
            let text = case.map(hit::searched);
            bytes += text.as_ref().map_or(0, String::len);
            taken.push(Indexed {
                caller,
                heard: case.and_then(Case::last_heard).unwrap_or(UnixSeconds(0)),
                text,
            });
        }
        taken
    }
}

#[cfg(test)]
mod tests;
