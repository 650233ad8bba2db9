//! The caller's phrase: generated, never chosen, without a checksum, read as people type it.

use std::fmt;

use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use sha2::Sha512;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{caller_keys::CallerKeys, encoding::Secret, fold::fold, identity::Fingerprint, words::Language};

/// Words of a generated phrase: 110 bits.
pub const WORDS: usize = 10;
/// Rounds of PBKDF2-HMAC-SHA-512.
pub const ROUNDS: u32 = 600_000;

/// The bytes of a phrase after folding; never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Phrase(String);

/// Nothing was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the phrase is empty; type its words")]
pub struct EmptyPhrase;

impl Phrase {
    /// Ten words drawn uniformly from the list of a language.
    pub fn generate(rng: &mut impl CryptoRng, language: Language) -> Self {
        let mut bits = [0; (WORDS * 11).div_ceil(8)];
        rng.fill_bytes(&mut bits);
        let phrase = Self(language.spell(&bits, WORDS).join(" "));
        bits.zeroize();
        phrase
    }

    /// Folds what was typed (docs/protocol.md, section 4). Any words are a phrase.
    pub fn parse(typed: &str) -> Result<Self, EmptyPhrase> {
        let folded = fold(typed);
        if folded.is_empty() { Err(EmptyPhrase) } else { Ok(Self(folded)) }
    }

    /// The language that the phrase was made in; English for words of one's own.
    pub fn language(&self) -> Language {
        Language::of_words(&self.0.split(' ').collect::<Vec<_>>())
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

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_generated_phrase_reads_back_as_itself_in_every_language() {
        for language in Language::ALL {
            let phrase = Phrase::generate(&mut ChaCha20Rng::seed_from_u64(1), language);
            assert_eq!(phrase.expose().split(' ').count(), WORDS);
            assert_eq!(phrase.language(), language);
            assert_eq!(Phrase::parse(&phrase.expose().to_uppercase()), Ok(phrase));
        }
    }

    #[test]
    fn any_words_are_a_phrase_and_no_words_are_none() {
        assert_eq!(Phrase::parse("Xyzzy, 123").unwrap().expose(), "xyzzy 123");
        assert_eq!(Phrase::parse(" \u{feff}-\n"), Err(EmptyPhrase));
    }

    #[test]
    fn a_phrase_does_not_print() {
        assert_eq!(format!("{:?}", Phrase::parse("abandon").unwrap()), "[redacted]");
    }
}
