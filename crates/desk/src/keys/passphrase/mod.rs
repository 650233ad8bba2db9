//! Passphrases: six words to offer, and the reason for which one that is easy to guess is refused.

mod layouts;

use std::sync::LazyLock;

use callsign_protocol::{typed_secret::typed_secret, words::Language};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;
use zxcvbn::{Entropy, feedback::Warning, zxcvbn};

use layouts::{latin, typed_on_cyrillic_keys, typed_on_latin_keys};

/// Words of a passphrase that is offered: 66 bits.
pub const WORDS: usize = 6;
/// Guesses that a passphrase must stand at least, by the estimate of zxcvbn.
const GUESSES_MIN: u64 = 100_000_000_000_000;
/// Guesses within which everything that is listed is tried.
const TRIED_FIRST: u64 = 1_000_000;
/// Characters at most; nobody types more without a slip.
const LENGTH_MAX: usize = 1_000;
/// Names that everybody would try.
const OBVIOUS: [&str; 10] = [
    "callsign",
    "call sign",
    "hotline",
    "desk",
    "vault",
    "passphrase",
    "гаряча лінія",
    "https://www.",
    "http://www.",
    "https://",
];

/// Sayings that many know by heart, joined: verses, titles, mottos.
static SAYINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let joined = include_str!("sayings.txt").lines().map(|saying| joined(&saying.to_lowercase()));
    joined.flat_map(|saying| latin(&saying).into_iter().chain([saying])).collect()
});

/// Rows that people say by heart, one a line.
static ROWS: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| include_str!("rows.txt").lines().map(|row| row.split(' ').collect()).collect());

/// Passwords and words that people who write Russian or Ukrainian choose, the likeliest first, then the words of this
/// program's lists; each in Cyrillic and in Latin letters.
static CYRILLIC: LazyLock<Vec<String>> = LazyLock::new(|| {
    let listed = (0..callsign_protocol::words::COUNT)
        .flat_map(|index| [Language::Ukrainian.word(index), Language::Russian.word(index)]);
    include_str!("common.txt")
        .lines()
        .chain(listed)
        .flat_map(|word| std::iter::once(word.to_owned()).chain(latin(word)))
        .collect()
});

/// Why a passphrase is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Weak {
    /// Nothing that can be seen was typed.
    #[error("the passphrase is empty; type one")]
    Empty,
    /// More than 1,000 characters.
    #[error("the passphrase has more than {LENGTH_MAX} characters; take a shorter one")]
    TooLong,
    /// Digits and signs without a letter: dates, numbers of telephones and documents, constants.
    #[error(
        "the passphrase has no letter, and the numbers that people remember are tried; take {WORDS} random words that have nothing to do with each other"
    )]
    NoLetter,
    /// Numbers, days, months or letters in words: whatever their order, few guesses find them.
    #[error(
        "the passphrase is a row that people know by heart, such as numbers, days or letters; take {WORDS} random words that have nothing to do with each other"
    )]
    Row,
    /// An attacker's machines find it.
    #[error(
        "the passphrase is too easy to guess: {reason}. About 10^{digits} guesses find it, and 10^14 are the least; take {WORDS} random words that have nothing to do with each other"
    )]
    Guessable {
        /// A sentence without its end.
        reason: &'static str,
        /// The power of ten of the guesses that find it.
        digits: u32,
    },
}

/// How a passphrase may be read by those who guess.
#[derive(Clone, Copy)]
enum Reading {
    AsTyped,
    InLatinLetters,
    OnOtherKeys,
    WithoutBlanks,
}

/// Six words drawn uniformly from the list of a language, single spaces between.
pub fn offer(language: Language, rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut bits = Zeroizing::new([0; 2 * WORDS]);
    rng.fill_bytes(bits.as_mut_slice());
    let words = bits.chunks_exact(2).map(|two| language.word(u16::from_be_bytes([two[0], two[1]])));
    Zeroizing::new(words.collect::<Vec<_>>().join(" "))
}

/// Refuses a new passphrase that falls to fewer than 10^14 guesses, in whatever letters or keys it is meant. `names` are what
/// those who guess know of the desk.
pub fn judge(typed: &str, names: &[&str]) -> Result<(), Weak> {
    let meant = typed_secret(typed);
    if meant.is_empty() {
        return Err(Weak::Empty);
    }
    if meant.chars().count() > LENGTH_MAX {
        return Err(Weak::TooLong);
    }
    if !meant.chars().any(char::is_alphabetic) {
        return Err(Weak::NoLetter);
    }
    if is_of_a_row(&meant) {
        return Err(Weak::Row);
    }
    // Words alone are joined: a text without blanks has none, and loses what its signs are worth.
    let joined = meant.contains(' ').then(|| Zeroizing::new(joined(&meant)));
    let parts = names.iter().flat_map(|name| name.split_whitespace()).filter(|part| part.chars().count() > 2);
    let known: Vec<&str> = names
        .iter()
        .copied()
        .chain(parts)
        .chain(OBVIOUS)
        .chain(SAYINGS.iter().chain(CYRILLIC.iter()).map(String::as_str))
        .filter(|known| !known.is_empty())
        .collect();
    let mut readings = vec![(Reading::AsTyped, meant.clone())];
    readings.extend(joined.iter().map(|joined| (Reading::WithoutBlanks, joined.clone())));
    for text in std::iter::once(&meant).chain(&joined) {
        readings.extend(latin(text).into_iter().map(|text| (Reading::InLatinLetters, Zeroizing::new(text))));
        let on_other_keys = typed_on_latin_keys(text).into_iter().chain(typed_on_cyrillic_keys(text));
        readings.extend(on_other_keys.map(|text| (Reading::OnOtherKeys, Zeroizing::new(text))));
    }
    let judged = readings.iter().map(|(reading, text)| (*reading, zxcvbn(text, &known)));
    match judged.min_by_key(|(_, estimate)| estimate.guesses()) {
        Some((reading, estimate)) if estimate.guesses() < GUESSES_MIN => {
            let digits = estimate.guesses().max(1).ilog10();
            Err(Weak::Guessable { reason: reason(reading, &estimate), digits })
        }
        _ => Ok(()),
    }
}

/// Whether all words, or all letters, belong to rows that people say by heart: numbers, days, months, letters of an
/// alphabet.
fn is_of_a_row(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let letters: String = words.concat();
    let is_said = |word: &&str| {
        word.bytes().all(|byte| byte.is_ascii_digit()) || ROWS.iter().any(|row| row.contains(word))
    };
    words.iter().all(is_said) || ROWS.iter().any(|row| row.len() > 20 && row.concat().contains(&letters))
}

/// A text without blanks, and without signs around words; those inside are part of what must be guessed.
fn joined(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.collect()
}

/// Whether two passphrases open the same.
pub fn is_same(one: &str, other: &str) -> bool {
    typed_secret(one) == typed_secret(other)
}

fn reason(reading: Reading, estimate: &Entropy) -> &'static str {
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    match (reading, warning) {
        (Reading::OnOtherKeys, _) => {
            "with the other keyboard layout it is made of common words or rows of keys, which are tried as well"
        }
        (Reading::InLatinLetters, _) => {
            "in Latin letters it is made of common words, and those are tried as well"
        }
        (Reading::AsTyped | Reading::WithoutBlanks, Some(warning)) => sentence(warning),
        (Reading::AsTyped | Reading::WithoutBlanks, None) if estimate.guesses() < TRIED_FIRST => {
            "it is a word, a saying or a name that is tried early"
        }
        (Reading::AsTyped | Reading::WithoutBlanks, None) => {
            "it is too short, or has too few words, or they are common ones"
        }
    }
}

fn sentence(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            "it follows the keys of the keyboard"
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "it repeats itself"
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "many people use it, or one that is like it",
        Warning::SequencesLikeAbcAreEasyToGuess => "it is a row like abc or 6543",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => "it is a year or a date",
        Warning::AWordByItselfIsEasyToGuess => "it is a single word",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => "it is a name of people",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    fn refused(typed: &str, part: &str) {
        let weak = judge(typed, &["Line of the North", "desk-north"]).expect_err(typed).to_string();
        assert!(weak.contains(part), "{typed}: {weak}");
    }

    #[test]
    fn what_is_offered_is_six_words_of_the_language_and_never_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for language in Language::ALL {
            for _ in 0..20 {
                let words = offer(language, &mut rng);
                assert_eq!(words.split(' ').filter(|word| language.index(word).is_some()).count(), WORDS);
                assert_eq!(judge(&words, &[]), Ok(()), "{}", words.as_str());
            }
        }
    }

    #[test]
    fn common_passphrases_are_refused_with_their_reason() {
        refused("", "empty");
        refused(" \u{feff}\t", "empty");
        refused(&"слово ".repeat(200), "1000 characters");
        refused("password1", "many people");
        refused("qwertyuiop", "many people");
        refused("aaaaaaaaaaaaaaa", "repeats");
        refused("18 march 2026", "by heart");
        refused("correct horse", "too short");
        refused("Line of the North", "tried early");
        refused("desk-north", "tried early");
        refused("callsign", "tried early");
        for saying in [
            "correct horse battery staple",
            "To be, or not to be: that is the question",
            "We hold these truths to be self-evident",
            "May the Force be with you!",
            "Ще не вмерла України і слава, і воля",
            "як умру, то поховайте мене на могилі",
            "Я помню чудное мгновенье",
            "shche ne vmerla ukrayiny",
            "b'nj gj,tlf",
        ] {
            refused(saying, "easy to guess");
        }
        for number in
            ["3.14159265358979323846", "2718281828459045", "+380 44 123 45 67 89", "1945 1991 2014 2022 2026"]
        {
            refused(number, "no letter");
        }
        for row in [
            "monday tuesday wednesday thursday friday",
            "one two three four five six seven",
            "Seven, five, three, two, one, nine!",
            "один два три четыре пять шесть семь",
            "один два три чотири п'ять шість",
            "январь февраль март апрель май июнь",
            "a.b.c.d.e.f.g.h.i.j.k.l",
            "twenty thirty forty fifty sixty",
            "двадцать тридцать сорок пятьдесят шестьдесят",
            "jan feb mar apr may jun",
            "un deux trois quatre cinq six",
            "first one second two third three",
            "1st 2nd 3rd 4th 5th 6th",
            "aries taurus gemini cancer leo virgo libra scorpio",
            "alpha beta gamma delta epsilon zeta",
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        ] {
            refused(row, "by heart");
        }
        for known in [
            "https://www.google.com/",
            "Ich bin ein Berliner",
            "one fish two fish red fish blue fish",
            "Lorem ipsum dolor sit amet consectetur adipiscing",
            "allons enfants de la patrie",
            "Пусть всегда будет солнце пусть всегда будет небо",
            "Съешь же ещё этих мягких французских булок",
        ] {
            refused(known, "easy to guess");
        }
        for keys in ["фыва олдж йцук нгшщ", "qw er ty ui op as df gh jk", "йцуке нгшщзх фывап ролджэ"]
        {
            refused(keys, "easy to guess");
        }
    }

    #[test]
    fn cyrillic_is_judged_in_its_own_letters_in_latin_ones_and_on_other_keys() {
        for typed in ["пароль", "Пароль123", "слава україні", "СлаваУкраїні!", "наташа1985", "українка"]
        {
            refused(typed, "easy to guess");
        }
        for in_latin_letters in ["parol", "privet123", "slavaukraini", "Zdravstvuyte"] {
            refused(in_latin_letters, "easy to guess");
        }
        refused("ghbdtn", "");
        refused("ckfdf erhf]ys", "other keyboard layout");
        refused("зфыыцщкв", "other keyboard layout");
        refused("йцукенгшщзхъ", "easy to guess");
        refused("фівапролджє", "easy to guess");
    }

    #[test]
    fn what_nobody_guesses_is_taken_in_every_script() {
        for typed in [
            "meadow ladder copper violin harbour quilt",
            "потяг лелека жовтий колодязь нитка вітер",
            "kX9$mQ2!vL7p#Rw4",
            "-~9%Nmqk2Sd&i(.B",
            "(gV5-wZ!q7Ty#e9.",
        ] {
            assert_eq!(judge(typed, &["Line of the North"]), Ok(()), "{typed}");
        }
    }
}
