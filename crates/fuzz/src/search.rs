//! What operators search for, and what callers write: nothing of either is an error of the index, and a text finds itself.

use std::cell::RefCell;

use callsign_desk::{
    QUERY_MAX, SearchQuery, TERMS_MAX,
    store::{Indexed, Precision, SearchIndex, Term, words},
};
use callsign_protocol::{encoding::Bytes, time::UnixSeconds};

use crate::Target;

pub const TARGETS: &[Target] =
    &[Target { name: "search", run: search, seeds: searches, max_len: 2_000, replays: 5_000 }];

/// A search has 1,000 characters at most, so the bytes are cut there as a text.
fn search(bytes: &[u8]) {
    thread_local! {
        static INDEX: RefCell<SearchIndex> = RefCell::new(SearchIndex::new().expect("memory"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    INDEX.with_borrow_mut(|index| {
        let case = |n: u8, text: &str| {
            let (caller, heard) = (Bytes([n; 16]), UnixSeconds(600 * u64::from(n)));
            Indexed { caller, heard, text: Some(text.to_owned()) }
        };
        index.put(&[case(1, text), case(2, "інша справа")]).expect("any text is indexed");
        if let Ok(query) = SearchQuery::parse(text) {
            assert!(text.chars().count() <= QUERY_MAX && query.terms.len() <= TERMS_MAX);
            for precision in [Precision::Typed, Precision::Forms] {
                if !query.terms.is_empty() {
                    index.find(&query.terms, precision, usize::MAX).expect("any search is made");
                }
            }
        }
        let all: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        for word in &all {
            assert_eq!(words(word).len(), 1, "folded once: {word:?}");
        }
        if !all.is_empty() {
            let some = all.into_iter().take(TERMS_MAX).collect();
            let found = index
                .find(&[Term::Exact(some)], Precision::Typed, usize::MAX)
                .expect("any words are searched");
            assert!(found.contains(&Bytes([1; 16])), "a text finds itself");
        }
    });
}

fn searches() -> Vec<Vec<u8>> {
    let texts = [
        "повістка брат track:witness lang:uk since:7d waiting",
        "\"не хочу здаватися\" «до дому» “",
        "river-stone-42 ри ab",
        "NEAR(alpha, 3) text:x {a b} : c* ^d -e \"",
        "об'єкт обʼєкт ещё е\u{308} за\u{301}мок ｒｉｖｅｒ ½ ǅ İ ﬁ",
        "مرحبا שלום 👩‍👩‍👧 \u{202e} \u{0}\u{1b}[2J",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
