//! The index of all words: `SQLite`'s FTS5 in memory, a row for each case, without the texts. On a disk it is only as a sealed image.

mod forms;
mod image;
mod pairs;
mod words;

use std::{collections::BTreeMap, ops::RangeInclusive};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use rusqlite::Connection;
use zeroize::Zeroizing;

pub use forms::{START_MIN, starts_of_forms};
pub(crate) use image::{Image, ImageFile, ImagePlace, SEARCH_FILE, forget as forget_image};
#[cfg(test)]
pub(crate) use words::tests as word_by_word;
pub(crate) use words::{Places, fold_onto, initials_of};
pub use words::{Word, words};

use pairs::{Pair, Pairs};

/// The index holds no texts and no places of words, so a tenth of what it was made from. Words come folded and parted by
/// spaces: this tokenizer takes them as they are, where another one might see two words in one and find no phrase. Pages that
/// become free are overwritten: words of erased cases would stay in them.
const SCHEMA: &str = "
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
    CREATE VIRTUAL TABLE words
        USING fts5(text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
";
/// Times of calls come in steps of so many seconds.
const STEP_S: u64 = 600;
/// Bits of a row's number that tell cases of one step apart.
const TWIN_BITS: u32 = 24;
/// Pages of the index that are rewritten at once: some ten milliseconds, in which a search waits.
const TIDIED_AT_ONCE: i64 = 64;

/// Which words stand in which cases.
#[derive(Debug)]
pub struct SearchIndex {
    connection: Connection,
    /// Rows with the last to write at the end.
    callers: BTreeMap<i64, Known>,
    rows: BTreeMap<CallerId, i64>,
    /// Whether words of erased cases may be in its memory.
    is_untidy: bool,
    /// Whether a part of it is rewritten.
    is_tidying: bool,
}

/// A case in the index.
#[derive(Clone, Debug)]
struct Known {
    caller: CallerId,
    pairs: Pairs,
}

/// A case as it is now.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Whose case it is.
    pub caller: CallerId,
    /// When the caller last wrote.
    pub heard: UnixSeconds,
    /// All that is searched; none once the case is erased.
    pub text: Option<String>,
}

/// What must stand in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A folded word in any of its forms.
    Forms {
        /// As it was typed.
        word: String,
        /// What its forms begin with, one of these.
        starts: Vec<String>,
    },
    /// Folded words, exactly so and in this order.
    Exact(Vec<String>),
}

/// What counts as met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The words as they were typed.
    Typed,
    /// All forms.
    Forms,
}

impl SearchIndex {
    /// An index of no case. An error means that there is no memory.
    pub fn new() -> Result<Self, rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self::of(connection, BTreeMap::new(), BTreeMap::new()))
    }

    fn of(connection: Connection, callers: BTreeMap<i64, Known>, rows: BTreeMap<CallerId, i64>) -> Self {
        Self { connection, callers, rows, is_untidy: false, is_tidying: false }
    }

    /// Whose cases are in it, in the order of their identifiers.
    pub fn known(&self) -> impl Iterator<Item = CallerId> {
        self.rows.keys().copied()
    }

    /// Whether a caller's case is in it.
    pub fn knows(&self, caller: &CallerId) -> bool {
        self.rows.contains_key(caller)
    }

    /// How many cases are in it.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no case is in it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes cases in as they are now, all or none of them.
    pub fn put(&mut self, cases: &[Indexed]) -> Result<(), rusqlite::Error> {
        let mut rows: Vec<(i64, Zeroizing<String>)> = Vec::new();
        let mut taken = BTreeMap::new();
        for case in cases.iter().filter(|case| case.text.is_some()) {
            let row = self.free_row(case, &taken);
            let folded = Zeroizing::new(words::folded(case.text.as_deref().unwrap_or_default()));
            taken.insert(row, Known { caller: case.caller, pairs: Pairs::of(&folded) });
            rows.push((row, folded));
        }
        // In order: FTS5 begins a piece of its own where a row's number goes back.
        rows.sort_unstable_by_key(|(row, _)| *row);
        let transaction = self.connection.unchecked_transaction()?;
        {
            let mut delete = transaction.prepare_cached("DELETE FROM words WHERE rowid = ?1")?;
            for row in cases.iter().filter_map(|case| self.rows.get(&case.caller)) {
                delete.execute([row])?;
            }
            let mut insert = transaction.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
            for (row, folded) in rows {
                insert.execute((row, folded.as_str()))?;
            }
        }
        transaction.commit()?;
        for case in cases {
            if let Some(row) = self.rows.remove(&case.caller) {
                self.callers.remove(&row);
                self.is_untidy |= case.text.is_none();
            }
        }
        self.rows.extend(taken.iter().map(|(row, known)| (known.caller, *row)));
        self.callers.extend(taken);
        Ok(())
    }

    /// Has all of the index rewritten, as if a case had been erased: the words of what was changed since may be in its memory too.
    pub fn untidy(&mut self) {
        self.is_untidy = true;
    }

    /// Whether something is left for [`SearchIndex::tidy`].
    pub fn is_untidy(&self) -> bool {
        self.is_untidy || self.is_tidying
    }

    /// Rewrites some of the index without what was taken out of it: until all of it is rewritten, its memory has the words of erased
    /// cases. One piece of it is left then, in which a search looks faster than in several.
    ///
    /// # Errors
    /// No memory is left.
    pub fn tidy(&mut self) -> Result<(), rusqlite::Error> {
        if !self.is_untidy() {
            return Ok(());
        }
        // A negative number begins with all that is there, others go on with that; what changes nothing was the last step.
        let pages = if self.is_tidying { TIDIED_AT_ONCE } else { -TIDIED_AT_ONCE };
        if !self.is_tidying {
            (self.is_untidy, self.is_tidying) = (false, true);
        }
        let before = self.connection.total_changes();
        self.connection.execute("INSERT INTO words (words, rank) VALUES ('merge', ?1)", [pages])?;
        self.is_tidying = self.connection.total_changes() - before >= 2;
        Ok(())
    }

    /// The callers in whose cases all terms stand, the last to write first, and so many at most. Of an exact phrase each word follows the
    /// one before somewhere in the case, or seems to: who knows the text must look at it.
    pub fn find(
        &self,
        terms: &[Term],
        precision: Precision,
        max: usize,
    ) -> Result<Vec<CallerId>, rusqlite::Error> {
        let sql = "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([expression(terms, precision)])?;
        let pairs = pairs_of(terms);
        let mut found = Vec::new();
        // Not by a limit of the statement: most cases with two frequent words do not have them in this order.
        while found.len() < max
            && let Some(row) = rows.next()?
        {
            let known = self.callers.get(&row.get(0)?).filter(|known| known.pairs.may_have(&pairs));
            found.extend(known.map(|known| known.caller));
        }
        Ok(found)
    }

    /// The callers who wrote since, about, the last to write first.
    pub fn since(&self, heard: UnixSeconds) -> impl Iterator<Item = CallerId> {
        self.callers.range(step(heard)..).rev().map(|(_, known)| known.caller)
    }

    /// The callers in these ranges who are meant, the last to write first, and so many at most.
    pub fn among(
        &self,
        ranges: impl Iterator<Item = RangeInclusive<CallerId>>,
        is_meant: impl Fn(&CallerId) -> bool,
        max: usize,
    ) -> Vec<CallerId> {
        let within = ranges.flat_map(|range| self.rows.range(range));
        let mut meant: Vec<_> =
            within.map(|(caller, row)| (*row, *caller)).filter(|(_, caller)| is_meant(caller)).collect();
        meant.sort_unstable_by(|one, other| other.cmp(one));
        meant.truncate(max);
        meant.into_iter().map(|(_, caller)| caller).collect()
    }

    /// Puts the last to write first, before them those whom the index does not know yet.
    pub fn sort(&self, callers: &mut [CallerId]) {
        let row = |caller: &CallerId| self.rows.get(caller).copied().unwrap_or(i64::MAX);
        callers.sort_by_cached_key(|caller| std::cmp::Reverse(row(caller)));
    }

    /// A row's number that rises with the time of the last call.
    fn free_row(&self, case: &Indexed, taken: &BTreeMap<i64, Known>) -> i64 {
        let [first, second, third, ..] = case.caller.0;
        let mut row = step(case.heard) | i64::from(u32::from_be_bytes([0, first, second, third]));
        let is_others = |at: &i64| self.callers.get(at).is_some_and(|known| known.caller != case.caller);
        while taken.contains_key(&row) || is_others(&row) {
            row += 1;
        }
        row
    }
}

/// The first row of the cases that were heard in a step of time.
fn step(heard: UnixSeconds) -> i64 {
    ((heard.0 / STEP_S).min(1 << 38) << TWIN_BITS).cast_signed()
}

/// Which words must follow each other.
fn pairs_of(terms: &[Term]) -> Vec<Pair> {
    let phrases = terms.iter().filter_map(|term| match term {
        Term::Exact(words) => Some(words),
        Term::Forms { .. } => None,
    });
    phrases.flat_map(|words| words.windows(2)).map(|two| Pair::of(&two[0], &two[1])).collect()
}

/// FTS5's own language, of folded words alone: nothing in them means anything to it.
fn expression(terms: &[Term], precision: Precision) -> String {
    let quoted = |term: &Term| match (term, precision) {
        (Term::Forms { starts, .. }, Precision::Forms) => {
            let any: Vec<_> = starts.iter().map(|start| format!("\"{start}\" *")).collect();
            format!("({})", any.join(" OR "))
        }
        (Term::Forms { word, .. }, Precision::Typed) => format!("\"{word}\""),
        (Term::Exact(words), _) => {
            words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" AND ")
        }
    };
    terms.iter().map(quoted).collect::<Vec<_>>().join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use callsign_protocol::encoding::Bytes;

    fn indexed(caller: u8, heard: u64, text: &str) -> Indexed {
        let heard = UnixSeconds(heard * STEP_S);
        Indexed { caller: Bytes([caller; 16]), heard, text: Some(text.to_owned()) }
    }

    fn forms(word: &str) -> Term {
        Term::Forms { word: word.to_owned(), starts: starts_of_forms(word) }
    }

    fn found(index: &SearchIndex, terms: &[Term], precision: Precision) -> Vec<u8> {
        index.find(terms, precision, usize::MAX).unwrap().iter().map(|caller| caller.0[0]).collect()
    }

    pub(super) fn tidied(index: &mut SearchIndex) {
        while index.is_untidy() {
            index.tidy().unwrap();
        }
    }

    /// In any page, those that are free among them.
    pub(super) fn holds(index: &SearchIndex, word: &str) -> bool {
        let pages = index.connection.serialize("main").unwrap();
        pages.windows(word.len()).any(|part| part == word.as_bytes())
    }

    #[test]
    fn the_last_to_write_is_found_first_and_a_changed_case_is_found_by_what_it_says_now() {
        let mut index = SearchIndex::new().unwrap();
        index.put(&[indexed(1, 5, "повестка пришла"), indexed(2, 9, "про повестку")]).unwrap();
        index.put(&[indexed(3, 7, "Повестки, мобилизация")]).unwrap();
        assert_eq!(found(&index, &[forms("повестка")], Precision::Forms), [2, 3, 1]);
        assert_eq!(index.find(&[forms("повестка")], Precision::Forms, 1).unwrap(), [Bytes([2; 16])]);
        assert_eq!(found(&index, &[forms("повестка")], Precision::Typed), [1]);
        assert_eq!(found(&index, &[forms("повестка"), forms("мобилизации")], Precision::Forms), [3]);
        index.put(&[indexed(1, 10, "все добре"), indexed(2, 9, "про повестку")]).unwrap();
        assert_eq!(found(&index, &[forms("повестка")], Precision::Forms), [2, 3]);
        assert_eq!(found(&index, &[forms("добре")], Precision::Forms), [1]);
        let since =
            |heard: u64| index.since(UnixSeconds(heard * STEP_S)).map(|id| id.0[0]).collect::<Vec<_>>();
        assert_eq!((since(0), since(9), since(10)), (vec![1, 2, 3], vec![1, 2], vec![1]));
        let ids = |ids: &[u8]| ids.iter().map(|id| Bytes([*id; 16])).collect::<Vec<CallerId>>();
        let mut some = ids(&[3, 8, 2]);
        index.sort(&mut some);
        assert_eq!(some, ids(&[8, 2, 3]));
        let ranges = || [Bytes([0; 16])..=Bytes([2; 16]), Bytes([3; 16])..=Bytes([7; 16])].into_iter();
        assert_eq!(index.among(ranges(), |caller| caller.0[0] != 2, 5), ids(&[1, 3]));
        assert_eq!(index.among(ranges(), |_| true, 2), ids(&[1, 2]));
    }

    #[test]
    fn exact_words_name_cases_in_which_each_follows_the_one_before() {
        let mut index = SearchIndex::new().unwrap();
        let exact = |words: &str| Term::Exact(words.split(' ').map(str::to_owned).collect());
        let other = |caller| indexed(caller, 5, "хочу додому, не туди. Не я хочу");
        index.put(&[indexed(1, 4, "Я не хочу туди"), indexed(2, 9, "НЕ,\nхо\u{301}чу!")]).unwrap();
        index.put(&(3..=200).map(other).collect::<Vec<_>>()).unwrap();
        let named = found(&index, &[exact("не хочу")], Precision::Typed);
        assert_eq!((named.len(), named.first(), named.last()), (2, Some(&2), Some(&1)));
        assert_eq!(index.find(&[exact("не хочу")], Precision::Typed, 1).unwrap(), [Bytes([2; 16])]);
        assert_eq!(found(&index, &[exact("не хочу туди"), forms("туди")], Precision::Forms), [1]);
        assert_eq!(found(&index, &[exact("не"), exact("хочу")], Precision::Typed).len(), 200);
        // What a case no longer says names it no more.
        index.put(&[indexed(1, 4, "туди хочу, не"), indexed(7, 5, "не хочу")]).unwrap();
        assert_eq!(found(&index, &[exact("не хочу")], Precision::Typed), [2, 7]);
    }

    #[test]
    fn an_erased_case_leaves_no_word_in_the_index() {
        let mut index = SearchIndex::new().unwrap();
        index.put(&[indexed(1, 1, "зозулинець"), indexed(2, 1, "інше")]).unwrap();
        let erased = Indexed { text: None, ..indexed(1, 1, "") };
        index.put(std::slice::from_ref(&erased)).unwrap();
        // Once more, as when two programs erase it.
        index.put(&[erased]).unwrap();
        assert_eq!(found(&index, &[forms("зозулинець")], Precision::Forms), [] as [u8; 0]);
        let holds_word = |index: &SearchIndex| holds(index, "зозулинець");
        assert!(holds_word(&index));
        assert!(index.is_untidy());
        tidied(&mut index);
        assert!(!holds_word(&index));
        assert_eq!(found(&index, &[forms("інше")], Precision::Forms), [2]);
    }

    #[test]
    fn rewritten_in_steps_it_has_no_word_that_was_taken_out_and_finds_what_came_meanwhile() {
        let mut index = SearchIndex::new().unwrap();
        let text = |n: u32| (0..60).map(|at| format!("w{n:x}x{at:x}")).collect::<Vec<_>>().join(" ");
        let case = |n: u32, text: String| {
            let mut case = indexed(0, u64::from(n), &text);
            case.caller.0[12..].copy_from_slice(&n.to_be_bytes());
            case
        };
        for some in (0..4_000).collect::<Vec<u32>>().chunks(100) {
            index.put(&some.iter().map(|n| case(*n, text(*n))).collect::<Vec<_>>()).unwrap();
        }
        index.put(&[case(7, format!("{} зозулинець", text(7)))]).unwrap();
        index.put(&[case(7, text(7)), case(9, "трактор".to_owned())]).unwrap();
        index.put(&[Indexed { text: None, ..case(9, String::new()) }]).unwrap();
        assert!(holds(&index, "озулинец") && holds(&index, "ракто"));
        let mut steps = 0;
        while index.is_untidy() {
            index.tidy().unwrap();
            steps += 1;
            if steps < 5 {
                index.put(&[case(5_000 + steps, text(5_000 + steps))]).unwrap();
            }
        }
        assert!(steps > 5, "{steps}");
        assert!(!holds(&index, "озулинец") && !holds(&index, "ракто"));
        for n in [0, 7, 3_999, 5_001, 5_004] {
            let word = Term::Exact(vec![format!("w{n:x}x3b")]);
            assert_eq!(index.find(&[word], Precision::Typed, 9).unwrap().len(), 1, "{n}");
        }
    }

    #[test]
    fn callers_of_one_moment_and_one_beginning_have_rows_of_their_own() {
        let mut index = SearchIndex::new().unwrap();
        let case = |last: u8| {
            let mut case = indexed(1, u64::MAX / STEP_S, "слово");
            case.caller.0[15] = last;
            case
        };
        index.put(&[case(1), case(2)]).unwrap();
        index.put(&[case(3), case(1)]).unwrap();
        assert_eq!(index.find(&[forms("слово")], Precision::Typed, usize::MAX).unwrap().len(), 3);
    }
}
