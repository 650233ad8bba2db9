//! The caller's phrase: generated, never chosen, without a checksum, read as people type it.

use std::fmt;

use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use sha2::Sha512;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{caller_keys::CallerKeys, encoding::Secret, identity::Fingerprint, words};

/// Words of a generated phrase: 110 bits.
pub const WORDS: usize = 10;
/// Rounds of PBKDF2-HMAC-SHA-512.
pub const ROUNDS: u32 = 600_000;

/// The bytes of a phrase after folding; never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Phrase(String);

/// Nothing was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the phrase is empty")]
pub struct EmptyPhrase;

impl Phrase {
    /// Ten words drawn uniformly from the list.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bits = [0; (WORDS * 11).div_ceil(8)];
        rng.fill_bytes(&mut bits);
        let phrase = Self(words::from_bits(&bits, WORDS).join(" "));
        bits.zeroize();
        phrase
    }

    /// Folds what was typed (docs/protocol.md, section 4). Any words are a phrase.
    pub fn parse(typed: &str) -> Result<Self, EmptyPhrase> {
        let visible = typed.nfc().filter(|c| !is_invisible(*c));
        let spaced: String = visible.map(|c| if is_gap(c) { ' ' } else { c }).collect();
        let folded: String = spaced.to_lowercase().nfc().collect();
        let joined = folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if joined.is_empty() { Err(EmptyPhrase) } else { Ok(Self(joined)) }
    }

    /// The words, single spaces between.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The root of all that the caller owns at the desk with this fingerprint; takes about half a second.
    pub fn caller_keys(&self, fingerprint: &Fingerprint) -> CallerKeys {
        let salt = [b"callsign/v1 root".as_slice(), &fingerprint.0].concat();
        let mut root = Secret([0; 32]);
        pbkdf2_hmac::<Sha512>(self.0.as_bytes(), &salt, ROUNDS, &mut root.0);
        CallerKeys::from_root(root)
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_gap(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '-'
            | '_'
            | ','
            | '.'
            | ';'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    #[test]
    fn a_generated_phrase_reads_back_as_itself() {
        let phrase = Phrase::generate(&mut ChaCha20Rng::seed_from_u64(1));
        assert_eq!(phrase.expose().split(' ').count(), WORDS);
        assert_eq!(Phrase::parse(phrase.expose()), Ok(phrase));
    }

    #[test]
    fn typing_is_forgiven() {
        let phrase = Phrase::parse("abandon ability able").unwrap();
        for typed in
            ["  Abandon ability\tABLE\n", "abandon-ability_able.", "aban\u{ad}don\u{a0}abi\u{200b}lity, able"]
        {
            assert_eq!(Phrase::parse(typed).as_ref(), Ok(&phrase), "{typed:?}");
        }
        assert_eq!(Phrase::parse("И\u{306}од").unwrap().expose(), "йод");
        assert_eq!(Phrase::parse(" \u{feff}-\n"), Err(EmptyPhrase));
        assert_ne!(Phrase::parse("abandon ability abel").unwrap(), phrase);
    }

    #[test]
    fn a_phrase_does_not_print() {
        assert_eq!(format!("{:?}", Phrase::parse("abandon").unwrap()), "[redacted]");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(typed in "\\PC{0,60}") {
            if let Ok(once) = Phrase::parse(&typed) {
                prop_assert_eq!(Phrase::parse(once.expose()), Ok(once));
            }
        }
    }
}
