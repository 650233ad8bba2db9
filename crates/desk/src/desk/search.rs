//! Finding cases by their words, by call sign and by what they are; what is found is neither opened nor noted anywhere.

mod hit;
mod index;
mod query;

use std::{collections::BTreeSet, sync::Arc};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds, words::Language};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::Case,
    escape::label,
    store::{Precision, Term},
};

pub use hit::{Line, Speaker};
use hit::{Meeting, Seeker};
pub(crate) use index::Searching;
pub use query::{QUERY_MAX, SearchQuery, TERMS_MAX};

/// Cases that one search shows, at most.
pub const HITS_MAX: usize = 50;
/// Call signs that begin as a word does, beside the cases in which the word stands.
const SIGNS_BESIDE_WORDS: usize = 10;
/// Steps that a search makes by itself before it looks: what came in since the last one is found.
const STEPS_BEFORE: usize = 4;
/// Cases that the index names at first: of frequent words most searches need no more.
const NAMED_FIRST: usize = 200;
/// Cases that are taken under one lock to be looked at.
const LOOK_AT_ONCE: usize = 16;
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
    #[error(
        "\"since:\" takes a number of hours, days or weeks from 1 on, such as since:12h, since:7d or since:2w; write it \
         right behind the colon"
    )]
    NotASpan,
    /// No case is on this track or in this language, so a typo is likely.
    #[error("no case here has \"{what}\"; there are {}", .there.join(", "))]
    NoSuch {
        /// What was asked for: `track:x`.
        what: String,
        /// What there is.
        there: Vec<String>,
    },
    /// A case cannot be read, for this reason.
    #[error("not every case can be read from this desk's files: {0}")]
    Files(String),
    /// The index cannot be kept in memory.
    #[error("this computer has no memory left for the search; close other programs and try again")]
    Memory,
}

/// The filters, as sentences list them.
const FILTERS: &str = "track:witness, lang:uk, since:7d, waiting and due";

impl From<DeskError> for SearchError {
    fn from(error: DeskError) -> Self {
        Self::Files(error.to_string())
    }
}

impl SearchError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
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
    /// Whether somebody has closed the case.
    pub is_closed: bool,
    /// The line that met, never of a message that nobody has opened; of a case that was found without words, the newest one.
    pub line: Option<Line>,
    /// Whether some of the words stand only in messages that nobody has opened.
    pub is_unopened: bool,
}

/// How a case came to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Words,
    OtherThings,
}

/// A search on its way.
struct Search<'a> {
    desk: &'a Desk,
    query: &'a SearchQuery,
    now: UnixSeconds,
    seeker: Seeker<'a>,
    /// Who was looked at.
    seen: BTreeSet<CallerId>,
    found: Found,
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
        let mut search = Search {
            desk: self,
            query: &query,
            now: self.now(),
            seeker: Seeker::new(&query.terms),
            seen: BTreeSet::new(),
            found: Found::default(),
        };
        search.run()?;
        let mut found = search.found;
        found.unsearched = self.state().log.unindexed.len();
        if found.hits.is_empty() {
            self.explain_nothing(&query)?;
        }
        Ok(found)
    }

    /// Says why nothing was found, where what was typed makes it certain.
    fn explain_nothing(&self, query: &SearchQuery) -> Result<(), SearchError> {
        if query.is_short && query.terms.is_empty() {
            return Err(SearchError::TooShort);
        }
        if let Some(track) = &query.filters.track {
            let state = self.state();
            let of_desk = state.tracks();
            let of_desk = || of_desk.iter().map(|track| track.id.as_str());
            let there = || state.log.view.tracks().map(|count| count.track).chain(of_desk()).chain([""]);
            if !there().any(|name| query::is_track(track, name)) {
                return nobody_has(format!("track:{}", label(track)), there().collect());
            }
        }
        if let Some(tag) = &query.filters.language {
            let state = self.state();
            let there = || state.log.view.languages();
            if !there().any(|name| query::is_language(tag, name)) {
                return nobody_has(format!("lang:{}", label(tag)), there().collect());
            }
        }
        Ok(())
    }
}

impl Search<'_> {
    /// Looks at who may be meant, the likeliest first, until the page is full.
    fn run(&mut self) -> Result<(), SearchError> {
        if self.query.says_nothing() {
            return self.in_steps(Self::by_filters, By::OtherThings);
        }
        let named = self.by_name();
        self.look(&named, By::OtherThings)?;
        if self.query.terms.is_empty() {
            return Ok(());
        }
        // The same where no word of the search has forms.
        let has_forms = self.query.terms.iter().any(|term| matches!(term, Term::Forms { .. }));
        let precisions =
            if has_forms { &[Precision::Typed, Precision::Forms][..] } else { &[Precision::Typed] };
        for precision in precisions {
            self.in_steps(|search, max| search.by_words(*precision, max), By::Words)?;
        }
        Ok(())
    }

    /// Looks at the first who are named, and at all others only where those do not fill the page.
    fn in_steps(
        &mut self,
        callers: impl Fn(&Self, usize) -> Result<Vec<CallerId>, SearchError>,
        by: By,
    ) -> Result<(), SearchError> {
        for max in [NAMED_FIRST, usize::MAX] {
            if self.found.more {
                break;
            }
            let callers = callers(self, max)?;
            self.look(&callers, by)?;
            if callers.len() < max {
                break;
            }
        }
        Ok(())
    }

    /// Callers whose call sign was typed, and then those whose call sign begins so.
    fn by_name(&self) -> Vec<CallerId> {
        let index = self.desk.index();
        let Some(index) = index.get() else { return Vec::new() };
        let whole = self.query.sign.iter();
        let whole = whole.flat_map(|sign| index.among(sign.ranges(), |id| sign.matches(id), HITS_MAX + 1));
        let beside = if self.query.terms.is_empty() { HITS_MAX + 1 } else { SIGNS_BESIDE_WORDS };
        let begun = self.query.sign_start.iter();
        let begun = begun.flat_map(|start| index.among(start.ranges(), |id| start.begins(id), beside));
        whole.chain(begun).collect()
    }

    fn by_words(&self, precision: Precision, max: usize) -> Result<Vec<CallerId>, SearchError> {
        let index = self.desk.index();
        let Some(index) = index.get() else { return Ok(Vec::new()) };
        // The error's own words may be a caller's: they go into no log.
        index.find(&self.query.terms, precision, max).map_err(|_| SearchError::Memory)
    }

    /// Callers who may pass the filters, by what is known of them without reading their cases, those first whom the index does not
    /// know yet.
    fn by_filters(&self, max: usize) -> Result<Vec<CallerId>, SearchError> {
        let filters = &self.query.filters;
        let today = self.now.day();
        let index = self.desk.index();
        let since = filters.since(self.now).unwrap_or(UnixSeconds(0));
        let unknown = |caller: &CallerId| index.get().is_none_or(|index| !index.knows(caller));
        let unknown: Vec<CallerId> =
            self.desk.state().log.unindexed.iter().copied().filter(unknown).collect();
        Ok(self.desk.with_cases(|cases| {
            let may_pass = |caller: &CallerId| filters.may_pass(cases, caller, self.now);
            if filters.is_due {
                let due = cases.due_at().take_while(|((day, _), _)| *day <= today);
                let due: BTreeSet<CallerId> = due.map(|(_, caller)| caller).filter(may_pass).collect();
                let mut due: Vec<CallerId> = due.into_iter().collect();
                index.get().iter().for_each(|index| index.sort(&mut due));
                due.truncate(max);
                return Ok(due);
            }
            // As far as the page needs it, in the order of the index: of a large desk many wait.
            let known = index.get().into_iter().flat_map(|index| index.since(since));
            Ok(unknown.iter().copied().chain(known).filter(may_pass).take(max).collect())
        })?)
    }

    /// Looks at the cases themselves, those that were not looked at before: the index may be behind, and knows no order of
    /// words.
    fn look(&mut self, callers: &[CallerId], by: By) -> Result<(), SearchError> {
        let mut rest = callers;
        while !rest.is_empty() {
            // No more than there is room for, and one that says that there may be more: most that the index names are hits.
            let room = HITS_MAX + 1 - self.found.hits.len();
            let (some, behind) = rest.split_at(rest.len().min(room).min(LOOK_AT_ONCE));
            rest = behind;
            let unseen: Vec<CallerId> =
                some.iter().filter(|caller| self.seen.insert(**caller)).copied().collect();
            let cases = self.desk.with_cases(|cases| {
                let read = |caller: &CallerId| Ok(cases.get(caller)?.map(|case| (*caller, case)));
                let may_pass = |caller: &&CallerId| self.query.filters.may_pass(cases, caller, self.now);
                unseen
                    .iter()
                    .filter(may_pass)
                    .filter_map(|caller| read(caller).transpose())
                    .collect::<Result<Vec<_>, _>>()
            })?;
            let mut met = Vec::new();
            for (caller, case) in cases {
                if !self.query.filters.pass(&case, self.now) {
                    continue;
                }
                if self.seeker.read() > READ_MAX {
                    self.found.more = true;
                    break;
                }
                let meeting = match by {
                    By::Words => self.seeker.meet(hit::said(&case)),
                    By::OtherThings => Some(hit::newest(hit::said(&case))),
                };
                let Some(meeting) = meeting else { continue };
                if self.found.hits.len() + met.len() == HITS_MAX {
                    self.found.more = true;
                    break;
                }
                met.push((caller, case, meeting));
            }
            self.take(met);
            if self.found.more {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, met: Vec<(CallerId, Arc<Case>, Meeting)>) {
        if met.is_empty() {
            return;
        }
        let state = self.desk.state();
        self.found.hits.extend(met.into_iter().map(|(caller, case, meeting)| Hit {
            caller,
            call_sign: state.log.view.name(&caller, Language::English),
            callers_name: state.log.view.callers_name(&case),
            track: case.track.clone(),
            language: case.language.clone(),
            is_waiting: case.waiting_since(self.now.day()).is_some(),
            is_closed: case.closed().is_some(),
            line: meeting.line,
            is_unopened: meeting.is_unopened,
        }));
    }
}

/// Says what there is instead; nothing where there is no case at all.
fn nobody_has(what: String, there: BTreeSet<&str>) -> Result<(), SearchError> {
    if there.is_empty() {
        return Ok(());
    }
    let named = |name: &str| match name {
        "" => "those that name none".to_owned(),
        name => format!("\"{}\"", label(name)),
    };
    Err(SearchError::NoSuch { what, there: there.into_iter().map(named).collect() })
}

#[cfg(test)]
mod tests;
