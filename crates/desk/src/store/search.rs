//! The index of all words: `SQLite`'s FTS5 in memory, a row for each case, without the texts. Nothing of it is ever on a disk.

mod forms;
mod words;

use std::{collections::BTreeMap, ops::RangeInclusive};

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use rusqlite::Connection;

pub use forms::{START_MIN, starts_of_forms};
#[cfg(test)]
pub(crate) use words::tests as word_by_word;
pub(crate) use words::{Places, fold_onto, initials_of};
pub use words::{Word, words};

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

/// Which words stand in which cases.
#[derive(Debug)]
pub struct SearchIndex {
    connection: Connection,
    /// Rows with the last to write at the end.
    callers: BTreeMap<i64, CallerId>,
    rows: BTreeMap<CallerId, i64>,
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
        Ok(Self { connection, callers: BTreeMap::new(), rows: BTreeMap::new() })
    }

    /// Takes cases in as they are now, all or none of them.
    pub fn put(&mut self, cases: &[Indexed]) -> Result<(), rusqlite::Error> {
        let mut rows: Vec<(i64, &Indexed)> = Vec::new();
        let mut taken = BTreeMap::new();
        for case in cases.iter().filter(|case| case.text.is_some()) {
            let row = self.free_row(case, &taken);
            taken.insert(row, case.caller);
            rows.push((row, case));
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
            for (row, case) in rows {
                insert.execute((row, words::folded(case.text.as_deref().unwrap_or_default())))?;
            }
        }
        transaction.commit()?;
        for row in cases.iter().filter_map(|case| self.rows.remove(&case.caller)) {
            self.callers.remove(&row);
        }
        self.rows.extend(taken.iter().map(|(row, caller)| (*caller, *row)));
        self.callers.extend(taken);
        Ok(())
    }

    /// Rewrites the index without what was taken out of it: until then its memory still has the words of erased cases.
    pub fn forget(&mut self) -> Result<(), rusqlite::Error> {
        self.connection.execute("INSERT INTO words (words) VALUES ('optimize')", []).map(|_| ())
    }

    /// The callers in whose cases all terms stand, the last to write first, and so many at most. Of an exact phrase the words are looked for in
    /// any order: who knows the text must look at it.
    pub fn find(
        &self,
        terms: &[Term],
        precision: Precision,
        max: usize,
    ) -> Result<Vec<CallerId>, rusqlite::Error> {
        let sql = "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let rows = statement.query_map((expression(terms, precision), max), |row| row.get::<_, i64>(0))?;
        rows.filter_map(|row| row.map(|row| self.callers.get(&row).copied()).transpose()).collect()
    }

    /// The callers who wrote since, about, the last to write first.
    pub fn since(&self, heard: UnixSeconds) -> impl Iterator<Item = CallerId> {
        self.callers.range(step(heard)..).rev().map(|(_, caller)| *caller)
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
    fn free_row(&self, case: &Indexed, taken: &BTreeMap<i64, CallerId>) -> i64 {
        let [first, second, third, ..] = case.caller.0;
        let mut row = step(case.heard) | i64::from(u32::from_be_bytes([0, first, second, third]));
        let is_others = |at: &i64| self.callers.get(at).is_some_and(|of| *of != case.caller);
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
    fn an_erased_case_leaves_no_word_in_the_index() {
        let mut index = SearchIndex::new().unwrap();
        index.put(&[indexed(1, 1, "зозулинець"), indexed(2, 1, "інше")]).unwrap();
        let erased = Indexed { text: None, ..indexed(1, 1, "") };
        index.put(std::slice::from_ref(&erased)).unwrap();
        // Once more, as when two programs erase it.
        index.put(&[erased]).unwrap();
        assert_eq!(found(&index, &[forms("зозулинець")], Precision::Forms), [] as [u8; 0]);
        let holds_word = |index: &SearchIndex| {
            // All pages, those that are free among them.
            let pages = index.connection.serialize("main").unwrap();
            let needle = "зозулинець".as_bytes();
            pages.windows(needle.len()).any(|part| part == needle)
        };
        assert!(holds_word(&index));
        index.forget().unwrap();
        assert!(!holds_word(&index));
        assert_eq!(found(&index, &[forms("інше")], Precision::Forms), [2]);
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
