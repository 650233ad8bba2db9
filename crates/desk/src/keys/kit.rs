//! The recovery kit: what brings a desk's name and fingerprint back where all of its devices are lost, as a text that is printed.
//!
//! The identity is sealed under a passphrase of its own, and written as rows of words that can be typed from paper: each row tells by itself
//! whether it was read right, and four letters of a word are enough.

use callsign_protocol::{
    derive::sha256,
    device_request::Purpose,
    encoding::Secret,
    identity::{Fingerprint, PrivateKey},
    words::Language,
};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use super::sealed::{self, Cost, Unsealed};

/// `memory KiB u32 || passes u32 || salt 16 || nonce 24 || ct 48`; there is always one lane.
const SEALED_LEN: usize = 8 + 16 + 24 + 48;
const ROW_LEN: usize = 8;
/// Rows of words.
pub const KIT_ROWS: usize = SEALED_LEN / ROW_LEN;
/// 64 bits of what is sealed, and 13 of their hash.
const ROW_WORDS: usize = 7;
/// Letters by which each word of the list differs from all others.
const LETTERS_ENOUGH: usize = 4;
const ONE_LANE: [u8; 4] = [0, 0, 0, 1];

/// What stands before what a program reads again.
const DESK: &str = "Desk:";
const LINK: &str = "Link for callers:";
const PRACTICE: &str = "Practice:";
/// What stands before the fingerprint's words, which a person compares, and a program where they were typed.
pub const WORDS: &str = "Fingerprint in words:";

/// A kit as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The desk's name, as callers see it.
    pub name: String,
    /// The hub with the desk's fingerprint, as a leaflet carries it.
    pub link: String,
    /// What the desk is for.
    pub purpose: Purpose,
    /// The fingerprint's words, where they were typed.
    words: Option<Vec<String>>,
    sealed: [u8; SEALED_LEN],
}

/// Why a text brings no desk back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KitError {
    /// There is no such line.
    #[error("the kit has no line that begins with {0:?}; copy that line from the paper, too")]
    Line(&'static str),
    /// A row is not there.
    #[error("the kit's row {0} is missing; each row begins with its number, and has seven words")]
    Row(usize),
    /// A row has fewer words, or more.
    #[error("the kit's row {row} has {found} words, and seven are printed; compare it with the paper")]
    Words {
        /// From 1.
        row: usize,
        /// As many as were typed.
        found: usize,
    },
    /// A word that is in no list.
    #[error("in the kit's row {row} the word {word} is none of the list; compare it with the paper")]
    Word {
        /// From 1.
        row: usize,
        /// As it was typed, fit to be shown.
        word: String,
    },
    /// The words are of the list, and not those that were printed.
    #[error(
        "the kit's row {0} is not as it was printed: a word is another one, or two have changed places; compare it with the paper"
    )]
    Check(usize),
    /// What the rows say was never sealed.
    #[error(
        "the rows are those of no kit of this version of the program; see that they are all from one sheet"
    )]
    Sealed,
    /// Another passphrase.
    #[error(
        "the passphrase does not open the kit; it is the one that was chosen when the kit was made: check the keyboard layout and Caps Lock, and try again"
    )]
    Passphrase,
    /// It was sealed for another purpose than its lines say.
    #[error(
        "the kit's line {PRACTICE:?} is not as it was printed: the sheet of a desk to practise at has it, and no other; compare it with the paper, and copy all lines"
    )]
    Purpose,
    /// The fingerprint's words are others.
    #[error(
        "the kit's fingerprint words are not those of its link or its rows; compare them with the paper, and see that all is from one sheet"
    )]
    Fingerprint,
    /// The identity is of another desk than the link.
    #[error("the kit's link and its rows are of two desks; take both from one sheet")]
    OtherDesk,
}

impl Kit {
    /// Seals an identity; nothing where the cost is none that Argon2id has.
    pub fn seal(
        (identity, purpose): (&PrivateKey, Purpose),
        (name, hub): (&str, &str),
        passphrase: &str,
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Option<Self> {
        let seed = Zeroizing::new(identity.seed().0);
        let bytes = sealed::seal(magic(purpose), &*seed, passphrase, cost, rng)?;
        let (costs, rest) = bytes.strip_prefix(magic(purpose))?.split_at_checked(8)?;
        let sealed = [costs, rest.strip_prefix(&ONE_LANE)?].concat().try_into().ok()?;
        let fingerprint = Fingerprint::of(&identity.public());
        let link = format!("{}/{}/#{fingerprint}", hub.trim_end_matches('/'), fingerprint.desk_id());
        Some(Self { name: name.to_owned(), link, purpose, words: None, sealed })
    }

    /// The identity; takes as long as its Argon2id cost says, twice that where it fails.
    ///
    /// # Errors
    /// [`KitError::Passphrase`], [`KitError::Purpose`], [`KitError::Sealed`].
    pub fn open(&self, passphrase: &str) -> Result<PrivateKey, KitError> {
        let other = match self.purpose {
            Purpose::Earnest => Purpose::Practice,
            Purpose::Practice => Purpose::Earnest,
        };
        let seed = self.unseal(self.purpose, passphrase).map_err(|why| match why {
            Unsealed::Malformed => KitError::Sealed,
            Unsealed::Passphrase if self.unseal(other, passphrase).is_ok() => KitError::Purpose,
            Unsealed::Passphrase => KitError::Passphrase,
        })?;
        let seed: [u8; 32] = seed.as_slice().try_into().map_err(|_| KitError::Sealed)?;
        Ok(PrivateKey::from_seed(&Secret(seed)))
    }

    /// What is sealed, which opens as what it was sealed for alone.
    fn unseal(&self, purpose: Purpose, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Unsealed> {
        let (costs, rest) = self.sealed.split_at(8);
        let bytes = [magic(purpose), costs, &ONE_LANE, rest].concat();
        sealed::unseal(magic(purpose), &bytes, passphrase)
    }

    /// What a program reads again of what is printed.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{DESK} {}", self.name), format!("{LINK} {}", self.link)];
        if self.purpose == Purpose::Practice {
            lines.push(format!("{PRACTICE} all callers of this desk are invented"));
        }
        lines.extend((1..).zip(self.sealed.chunks_exact(ROW_LEN)).map(|(row, bytes)| {
            let words: Vec<String> = row_words(row, bytes).iter().map(|word| format!("{word:<9}")).collect();
            format!("{row:>2}  {}", words.join("").trim_end())
        }));
        lines
    }

    /// Reads [`Kit::lines`] in a text, whatever else stands there: also what was typed from paper, with four letters of each word.
    ///
    /// # Errors
    /// Which line, row or word is not as it was printed.
    pub fn parse(text: &str) -> Result<Self, KitError> {
        let member = |name: &'static str| {
            let mut found = text.lines().filter_map(|line| line.trim().strip_prefix(name));
            found.next().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let name = member(DESK).ok_or(KitError::Line(DESK))?;
        let link = member(LINK).ok_or(KitError::Line(LINK))?;
        let purpose = member(PRACTICE).map_or(Purpose::Earnest, |_| Purpose::Practice);
        let mut sealed = [0; SEALED_LEN];
        for (row, place) in (1..=KIT_ROWS).zip(sealed.chunks_exact_mut(ROW_LEN)) {
            place.copy_from_slice(&row_in(text, row)?);
        }
        Ok(Self { name, link, purpose, words: words_of_fingerprint(text), sealed })
    }

    /// Whether the fingerprint's words, where they were typed from the paper, are those of a fingerprint.
    ///
    /// # Errors
    /// [`KitError::Fingerprint`]
    pub fn check_words(&self, fingerprint: &Fingerprint) -> Result<(), KitError> {
        let Some(typed) = &self.words else { return Ok(()) };
        let words = fingerprint.words();
        let is_same = |(typed, word): (&String, &str)| index_of(typed) == index_of(word);
        let are_all = words.split(' ').count() == typed.len();
        if are_all && typed.iter().zip(words.split(' ')).all(is_same) {
            Ok(())
        } else {
            Err(KitError::Fingerprint)
        }
    }
}

/// The words behind the line that names them, which go on in the next; none where that line is not there.
fn words_of_fingerprint(text: &str) -> Option<Vec<String>> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(WORDS));
    let first = lines.next()?.strip_prefix(WORDS)?;
    let rest = lines.next().unwrap_or_default();
    let words = [first, rest].into_iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    Some(words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect())
}

/// The words of a line that begins with this number.
fn words_of_row(line: &str, row: usize) -> Option<Vec<String>> {
    let mut pieces = line.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty());
    let is_row = pieces.next()?.parse() == Ok(row);
    let words: Vec<String> = pieces.map(str::to_lowercase).collect();
    // Other lines of the sheet begin with numbers, too, such as a date or "1 of 1".
    (is_row && words.len() >= ROW_WORDS.div_ceil(2)).then_some(words)
}

/// A row of a text. A sentence may begin with a number as well, and what was typed wrong may stand there once more: a line that reads as the row is
/// the row, and otherwise the one that is most like it says what is wrong.
fn row_in(text: &str, row: usize) -> Result<[u8; ROW_LEN], KitError> {
    let lines: Vec<_> = text.lines().filter_map(|line| words_of_row(line, row)).collect();
    if let Some(bytes) = lines.iter().find_map(|words| read_row(row, words).ok()) {
        return Ok(bytes);
    }
    let most_like = lines.iter().min_by_key(|words| words.len().abs_diff(ROW_WORDS));
    read_row(row, most_like.ok_or(KitError::Row(row))?)
}

/// What a kit is sealed behind, which no line of the paper can change.
fn magic(purpose: Purpose) -> &'static [u8] {
    match purpose {
        Purpose::Earnest => b"callsign kit\x01",
        Purpose::Practice => b"callsign practice kit\x01",
    }
}

fn read_row(row: usize, typed: &[String]) -> Result<[u8; ROW_LEN], KitError> {
    if typed.len() != ROW_WORDS {
        return Err(KitError::Words { row, found: typed.len() });
    }
    let mut bits: u128 = 0;
    for word in typed {
        let index = index_of(word).ok_or_else(|| KitError::Word { row, word: crate::escape::label(word) })?;
        bits = bits << 11 | u128::from(index);
    }
    // 77 bits, of which the last 13 are the check.
    let bytes = u64::try_from(bits >> 13).map_err(|_| KitError::Check(row))?.to_be_bytes();
    let is_right =
        row_words(row, &bytes).iter().zip(typed).all(|(word, typed)| index_of(typed) == index_of(word));
    if is_right { Ok(bytes) } else { Err(KitError::Check(row)) }
}

/// Of a word, or of four of its letters or more.
fn index_of(typed: &str) -> Option<u16> {
    let list = Language::English;
    if let Some(index) = list.index(typed) {
        return Some(index);
    }
    if typed.chars().count() < LETTERS_ENOUGH {
        return None;
    }
    let mut meant = (0..callsign_protocol::words::COUNT).filter(|index| list.word(*index).starts_with(typed));
    let only = meant.next()?;
    meant.next().is_none().then_some(only)
}

/// `bytes 8 || the first 13 bits of SHA-256("callsign/v1 kit row" || 0x00 || u8 row || bytes)`, eleven bits a word.
fn row_words(row: usize, bytes: &[u8]) -> [&'static str; ROW_WORDS] {
    let number = u8::try_from(row).unwrap_or(u8::MAX);
    let hash = sha256(&[b"callsign/v1 kit row\0", &[number], bytes]);
    let check = u128::from(u16::from_be_bytes([hash[0], hash[1]]) >> 3);
    let data = bytes.iter().fold(0, |data: u128, byte| data << 8 | u128::from(*byte));
    let bits = data << 13 | check;
    std::array::from_fn(|at| {
        let index = bits >> (11 * (ROW_WORDS - 1 - at)) & 0x7ff;
        Language::English.word(u16::try_from(index).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    fn identity() -> PrivateKey {
        PrivateKey::from_seed(&Secret([7; 32]))
    }

    fn kit(purpose: Purpose) -> Kit {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let desk = ("Лінія «Північ»", "http://127.0.0.1:8700/");
        Kit::seal((&identity(), purpose), desk, "correct", CHEAP, &mut rng).unwrap()
    }

    fn text(kit: &Kit) -> String {
        format!("2026-11-30 a sheet\n12 rows follow\n\n{}\n-- 1 of 1 --\n", kit.lines().join("\n"))
    }

    #[test]
    fn what_was_printed_opens_with_its_passphrase_alone() {
        for purpose in [Purpose::Earnest, Purpose::Practice] {
            let kit = kit(purpose);
            let read = Kit::parse(&text(&kit)).unwrap();
            assert_eq!(read, kit);
            assert_eq!(read.open("correct").unwrap().public(), identity().public());
            assert_eq!(read.open("wrong").unwrap_err(), KitError::Passphrase);
            assert!(!text(&kit).contains("correct"));
        }
        let link = kit(Purpose::Earnest).link;
        let fingerprint = Fingerprint::of(&identity().public());
        assert_eq!(link, format!("http://127.0.0.1:8700/{}/#{fingerprint}", fingerprint.desk_id()));
    }

    #[test]
    fn four_letters_of_each_word_are_enough_and_case_and_signs_do_not_matter() {
        let kit = kit(Purpose::Earnest);
        let short: String = text(&kit)
            .lines()
            .map(|line| match line.trim_start().split_once("  ") {
                Some((number, words)) if number.parse::<usize>().is_ok() => {
                    let words = words.split_whitespace().map(|word| word.chars().take(4).collect::<String>());
                    format!("{number}. {}\n", words.collect::<Vec<_>>().join(" - ").to_uppercase())
                }
                _ => format!("{line}\r\n"),
            })
            .collect();
        assert_eq!(Kit::parse(&short), Ok(kit));
    }

    #[test]
    fn every_slip_names_its_row() {
        let kit = kit(Purpose::Earnest);
        let lines = kit.lines();
        for row in 1..=KIT_ROWS {
            let line = &lines[row + 1];
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let with = |words: &[&str]| {
                Kit::parse(&text(&kit).replace(line.as_str(), &format!("{row} {}", words.join(" "))))
            };
            assert_eq!(Kit::parse(&text(&kit).replace(line.as_str(), "")), Err(KitError::Row(row)));
            assert_eq!(with(&words[1..]), Err(KitError::Words { row, found: 6 }));
            for at in 0..ROW_WORDS {
                let mut other = words.clone();
                other[at] = if words[at] == "abandon" { "zoo" } else { "abandon" };
                assert_eq!(with(&other), Err(KitError::Check(row)), "{row} {at}");
                other[at] = "callsign";
                assert_eq!(with(&other), Err(KitError::Word { row, word: "callsign".into() }));
            }
        }
        // Rows that have changed places.
        let swapped = text(&kit).replace(" 1  ", " x  ").replace(" 2  ", " 1  ").replace(" x  ", " 2  ");
        assert_eq!(Kit::parse(&swapped), Err(KitError::Check(1)));
        assert_eq!(Kit::parse(""), Err(KitError::Line(DESK)));
        assert_eq!(Kit::parse("Desk: North"), Err(KitError::Line(LINK)));
    }

    #[test]
    fn rows_that_were_never_sealed_take_no_memory() {
        let kit = kit(Purpose::Earnest);
        let absurd = Kit { sealed: [0xff; SEALED_LEN], ..kit.clone() };
        assert_eq!(Kit::parse(&text(&absurd)).unwrap().open("correct").unwrap_err(), KitError::Sealed);
        for at in 8..SEALED_LEN {
            let mut changed = kit.clone();
            changed.sealed[at] ^= 1;
            assert_eq!(changed.open("correct").unwrap_err(), KitError::Passphrase, "byte {at}");
        }
    }

    #[test]
    fn four_letters_name_one_word() {
        for index in 0..callsign_protocol::words::COUNT {
            let word = Language::English.word(index);
            let short: String = word.chars().take(LETTERS_ENOUGH).collect();
            assert_eq!(index_of(&short), Some(index), "{word}");
        }
        assert_eq!([index_of("aba"), index_of("zo"), index_of("")], [None, None, None]);
    }

    /// docs/desk.md: "neither a person nor a passphrase makes one into a desk that is called in earnest".
    #[test]
    fn a_kit_for_practice_is_no_kit_in_earnest_where_a_letter_of_it_is_another() {
        let kit = kit(Purpose::Practice);
        for slip in [
            text(&kit).replace("Practice:", "Practise:"),
            text(&kit).lines().filter(|line| !line.starts_with("Practice:")).collect::<Vec<_>>().join("\n"),
        ] {
            let read = Kit::parse(&slip).unwrap();
            assert_eq!(read.purpose, Purpose::Earnest);
            assert_eq!(read.open("correct").unwrap_err(), KitError::Purpose);
            assert_eq!(read.open("wrong").unwrap_err(), KitError::Passphrase);
        }
    }

    /// Nor is one in earnest a kit for practice, at which people would take callers for invented ones.
    #[test]
    fn a_kit_in_earnest_is_none_for_practice() {
        let read = Kit::parse(&format!("Practice: yes\n{}", text(&kit(Purpose::Earnest)))).unwrap();
        assert_eq!(read.open("correct").unwrap_err(), KitError::Purpose);
    }

    #[test]
    fn a_sentence_of_seven_words_behind_a_number_is_no_row() {
        let kit = kit(Purpose::Earnest);
        let noted = format!("3 of us know where this paper is\n{}", text(&kit));
        assert_eq!(Kit::parse(&noted), Ok(kit.clone()));
        // A row that was typed wrong, and typed anew below.
        let wrong = format!("{}\n{}", text(&kit).replacen(" 1  ", " 1 x", 1), kit.lines()[2]);
        assert_eq!(Kit::parse(&wrong), Ok(kit));
    }
}
