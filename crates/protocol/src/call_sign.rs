//! Call signs: two words and two digits to speak over a telephone, made from a caller's identifier.

use std::{collections::BTreeSet, fmt, ops::RangeInclusive};

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::{
    caller_keys::CallerId,
    encoding::Bytes,
    fold::{TWINS, fold},
    words::{self, Language},
};

/// What stands before the mark: the slash, and what keyboards and typographers put for it.
const SLASHES: [char; 4] = ['/', '\u{2044}', '\u{2215}', '\u{ff0f}'];

/// `word-word-NN`, in whatever language; shown in English where none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallSign {
    words: [u16; 2],
    number: u16,
}

/// A call sign as an operator types it: perhaps with the mark that tells two callers of one call sign apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSignQuery {
    /// One for each language that has both words: some words are in two lists, at other places.
    signs: Vec<CallSign>,
    mark: Option<String>,
}

/// The first letters of a call sign in any language, as an operator types them: `ri`, `river-st`, `river-stone-4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSignStart {
    /// For each language the indices of words that begin so: of the first word, and of the second where it was begun.
    words: Vec<(Vec<u16>, Option<Vec<u16>>)>,
    digits: String,
}

/// Not of the shape `word-word-NN` or `word-word-NN/xxxxxxxx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a call sign is two words and two digits, such as river-stone-42")]
pub struct NotACallSign;

impl CallSign {
    /// The call sign of a caller.
    pub fn of(id: &CallerId) -> Self {
        let mut indices = words::indices(&id.0);
        let words = std::array::from_fn(|_| indices.next().unwrap_or_default());
        Self { words, number: u16::from_be_bytes([id.0[4], id.0[5]]) % 100 }
    }

    /// Where the identifiers lie of all callers who may share it: those with its words.
    pub fn identifiers(&self) -> RangeInclusive<CallerId> {
        let [first, second] = self.words;
        identifiers(first, Some(second))
    }

    /// `word-word-NN` in a language.
    pub fn spoken(&self, language: Language) -> String {
        let [first, second] = self.words.map(|index| language.word(index));
        format!("{first}-{second}-{:02}", self.number)
    }

    /// The call sign with the mark of one caller: `word-word-NN/xxxxxxxx`.
    pub fn marked(id: &CallerId, language: Language) -> String {
        format!("{}/{}", Self::of(id).spoken(language), mark(id))
    }
}

impl fmt::Display for CallSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spoken(Language::English))
    }
}

impl CallSignQuery {
    /// Reads `word-word-NN` or `word-word-NN/xxxxxxxx` in any language that has a list, typed as a phrase is.
    pub fn parse(typed: &str) -> Result<Self, NotACallSign> {
        let (sign, mark) = match typed.split_once(SLASHES) {
            Some((sign, mark)) => (fold(sign), Some(fold(mark))),
            None => (fold(typed), None),
        };
        let pieces: Vec<&str> = sign.split(' ').collect();
        let [first, second, digits] = pieces[..] else { return Err(NotACallSign) };
        let number = digits.parse().map_err(|_| NotACallSign)?;
        let in_language = |language: Language| {
            let words = [language.index(first)?, language.index(second)?];
            Some(CallSign { words, number })
        };
        let signs: Vec<CallSign> = Language::ALL.into_iter().filter_map(in_language).collect();
        let two_digits = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        let marked = mark.as_ref().is_none_or(|m| m.len() == 8 && m.bytes().all(|b| b.is_ascii_hexdigit()));
        if two_digits && marked && !signs.is_empty() { Ok(Self { signs, mark }) } else { Err(NotACallSign) }
    }

    /// Where the identifiers lie of all callers who may be meant.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<CallerId>> {
        self.signs.iter().map(CallSign::identifiers)
    }

    /// Whether this caller is meant.
    pub fn matches(&self, id: &CallerId) -> bool {
        self.signs.contains(&CallSign::of(id)) && self.mark.as_ref().is_none_or(|m| *m == mark(id))
    }
}

impl CallSignStart {
    /// Letters of the first word without which too many callers would be meant.
    pub const LETTERS_MIN: usize = 2;

    /// Reads what may begin a call sign; none where no call sign in any language begins so.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = fold(typed);
        let pieces: Vec<&str> = typed.split(' ').collect();
        let (first, second, digits) = match pieces[..] {
            [first] => (first, None, ""),
            [first, second] => (first, Some(second), ""),
            [first, second, digits] => (first, Some(second), digits),
            _ => return None,
        };
        let is_number = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number || first.chars().count() < Self::LETTERS_MIN {
            return None;
        }
        // A word behind which another one stands is whole.
        let indices = |language: Language, piece: &str, is_whole: bool| match language.index(piece) {
            Some(index) if is_whole => vec![index],
            _ if is_whole => Vec::new(),
            _ => (0..words::COUNT).filter(|index| begins(language.word(*index), piece)).collect(),
        };
        let in_language = |language: Language| {
            let second = second.map(|second| indices(language, second, !digits.is_empty()));
            let first = indices(language, first, second.is_some());
            let is_any = !first.is_empty() && second.as_ref().is_none_or(|second| !second.is_empty());
            is_any.then_some((first, second))
        };
        let words: Vec<_> = Language::ALL.into_iter().filter_map(in_language).collect();
        (!words.is_empty()).then(|| Self { words, digits: digits.to_owned() })
    }

    /// Where the identifiers lie of all callers whose call signs may begin so; no two of these ranges overlap.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<CallerId>> {
        let firsts: BTreeSet<u16> =
            self.words.iter().flat_map(|(firsts, _)| firsts.iter().copied()).collect();
        firsts.into_iter().map(|first| identifiers(first, None))
    }

    /// Whether a caller's call sign begins so in one of the languages.
    pub fn begins(&self, id: &CallerId) -> bool {
        let CallSign { words: [first, second], number } = CallSign::of(id);
        let has = |indices: &[u16], index: u16| indices.binary_search(&index).is_ok();
        self.words.iter().any(|(firsts, seconds)| {
            has(firsts, first) && seconds.as_ref().is_none_or(|seconds| has(seconds, second))
        }) && format!("{number:02}").starts_with(&self.digits)
    }
}

/// The identifiers whose call signs begin with a word, or with two: words are the first bits.
fn identifiers(first: u16, second: Option<u16>) -> RangeInclusive<CallerId> {
    let open: u32 = if second.is_some() { u32::MAX >> 22 } else { u32::MAX >> 11 };
    let begin = u32::from(first) << 21 | u32::from(second.unwrap_or(0)) << 10;
    let id = |begin: u32, rest: u8| {
        let mut id = [rest; 16];
        id[..4].copy_from_slice(&begin.to_be_bytes());
        Bytes(id)
    };
    id(begin, 0)..=id(begin | open, 0xff)
}

/// Whether a word begins with these letters, or with their twins: a few letters do not tell of which script they are.
fn begins(word: &str, start: &str) -> bool {
    let latin = |c: char| TWINS.iter().find(|twin| twin.1 == c).map_or(c, |twin| twin.0);
    let mut letters = word.chars().map(latin);
    start.chars().map(latin).all(|c| letters.next() == Some(c))
}

fn mark(id: &CallerId) -> String {
    // The call sign is made of the first six bytes: all who share it share those, or nearly.
    HEXLOWER.encode(&id.0[6..10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_sign_is_found_as_people_type_it() {
        let mut bytes = [0; 16];
        bytes[5] = 107;
        let id = Bytes(bytes);
        assert_eq!(CallSign::of(&id).to_string(), "abandon-abandon-07");
        for typed in ["abandon-abandon-07", " Abandon ABANDON 07 ", "abandon-abandon-07/00000000"] {
            assert!(CallSignQuery::parse(typed).unwrap().matches(&id), "{typed}");
        }
        assert!(!CallSignQuery::parse("abandon-abandon-07/00000001").unwrap().matches(&id));
        assert!(!CallSignQuery::parse("abandon-ability-07").unwrap().matches(&id));
        let mut twin = id;
        twin.0[9] = 1;
        assert_eq!(CallSign::of(&twin), CallSign::of(&id));
        assert!(!CallSignQuery::parse(&CallSign::marked(&id, Language::English)).unwrap().matches(&twin));
        for bad in
            ["", "abandon-07", "abandon-abandon-7", "abandon-abandon-077", "x-y-07", "abandon-abandon-07/zz"]
        {
            assert_eq!(CallSignQuery::parse(bad), Err(NotACallSign), "{bad}");
        }
    }

    #[test]
    fn all_who_share_a_call_sign_lie_in_its_range() {
        for n in 0..=255_u8 {
            let id = Bytes(std::array::from_fn(|at| n.wrapping_mul(37 + u8::try_from(at).unwrap())));
            for bit in 0..128 {
                let mut other = id;
                other.0[bit / 8] ^= 0x80 >> (bit % 8);
                let shares = CallSign::of(&other).words == CallSign::of(&id).words;
                assert_eq!(CallSign::of(&id).identifiers().contains(&other), shares, "{id:?} {bit}");
            }
        }
    }

    #[test]
    fn one_call_sign_is_said_and_read_in_every_language() {
        let id = Bytes(*b"any caller's id.");
        for language in Language::ALL {
            let spoken = CallSign::of(&id).spoken(language);
            for typed in [spoken.to_uppercase(), spoken.replace('-', " "), CallSign::marked(&id, language)] {
                let query = CallSignQuery::parse(&typed).unwrap();
                assert!(query.matches(&id) && query.ranges().any(|range| range.contains(&id)), "{typed}");
            }
        }
        let (english, russian) = (Language::English.word(3), Language::Russian.word(3));
        assert_eq!(CallSignQuery::parse(&format!("{english}-{russian}-01")), Err(NotACallSign));
    }

    #[test]
    fn a_call_sign_is_begun_in_every_language() {
        for n in 0..50 {
            let id = Bytes(*b"any caller's id.").0.map(|byte| byte.wrapping_mul(n));
            let (id, mut other) = (Bytes(id), Bytes(id));
            other.0[0] = !id.0[0];
            for language in Language::ALL {
                let spoken = CallSign::of(&id).spoken(language);
                let starts = spoken.char_indices().skip(2).map(|(end, _)| &spoken[..end]);
                for start in starts.chain([&spoken[..], &spoken.to_uppercase(), &spoken.replace('-', " ")]) {
                    let parsed = CallSignStart::parse(start).unwrap_or_else(|| panic!("{start}"));
                    assert!(parsed.begins(&id), "{start}");
                    assert_eq!(parsed.ranges().filter(|range| range.contains(&id)).count(), 1, "{start}");
                    let is_same = CallSign::of(&other).spoken(language).starts_with(start);
                    assert!(is_same || start.len() < 12 || !parsed.begins(&other), "{start}");
                }
            }
        }
        let id = Bytes([0; 16]);
        assert!(CallSignStart::parse("abandon-ab").unwrap().begins(&id));
        assert!(!CallSignStart::parse("abandon-abi").unwrap().begins(&id));
        assert!(!CallSignStart::parse("abandon-abandon-1").unwrap().begins(&id));
        for bad in [
            "",
            "a",
            "xq",
            "aban-aban",
            "abandon-aban-0",
            "abandon-abandon-007",
            "abandon-abandon-x",
            "a b c d",
        ] {
            assert_eq!(CallSignStart::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ranges_are_all_identifiers_with_the_same_words() {
        for n in 0..=255_u8 {
            let id = Bytes(std::array::from_fn(|at| n.wrapping_mul(37 + u8::try_from(at).unwrap())));
            let [first, second] = CallSign::of(&id).words;
            for bit in 0..128 {
                let mut other = id;
                other.0[bit / 8] ^= 0x80 >> (bit % 8);
                let words = CallSign::of(&other).words;
                assert_eq!(identifiers(first, None).contains(&other), words[0] == first, "{id:?} {bit}");
                let is_in = identifiers(first, Some(second)).contains(&other);
                assert_eq!(is_in, words == [first, second], "{id:?} {bit}");
            }
        }
    }

    #[test]
    fn words_of_two_lists_mean_callers_of_both() {
        let [ukrainian, russian] = [Language::Ukrainian, Language::Russian].map(|language| {
            let shared =
                (0..words::COUNT).filter_map(|n| Language::Russian.index(Language::Ukrainian.word(n)));
            let word = Language::Russian.word(shared.max().unwrap());
            let index = language.index(word).unwrap();
            CallSign { words: [index, index], number: 7 }
        });
        assert_ne!(ukrainian, russian);
        let query = CallSignQuery::parse(&ukrainian.spoken(Language::Ukrainian)).unwrap();
        assert_eq!(query.signs, [ukrainian, russian]);
    }
}
