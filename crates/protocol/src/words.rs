//! The word list: the 2,048 English words of BIP-39, 11 bits a word.

use std::sync::LazyLock;

static LIST: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../words/en.txt").lines().collect());

/// Words in the list.
pub const COUNT: u16 = 2_048;

/// The word of an index; only the low 11 bits count.
pub fn word(index: u16) -> &'static str {
    LIST[usize::from(index % COUNT)]
}

/// The index of a word, exactly as it is in the list.
pub fn index(word: &str) -> Option<u16> {
    LIST.binary_search(&word).ok().and_then(|at| u16::try_from(at).ok())
}

/// The first `count` groups of 11 bits of `bytes`, as words.
///
/// # Panics
/// Where `bytes` has fewer than `11 * count` bits.
pub(crate) fn from_bits(bytes: &[u8], count: usize) -> Vec<&'static str> {
    let bit = |at: usize| u16::from(bytes[at / 8] >> (7 - at % 8) & 1);
    (0..count).map(|n| word((11 * n..11 * (n + 1)).fold(0, |index, at| index << 1 | bit(at)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::sha256;

    #[test]
    fn the_list_is_the_published_one() {
        // SHA-256 of english.txt in the BIP-39 repository.
        let published = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda";
        let hash = sha256(&[include_bytes!("../words/en.txt")]);
        assert_eq!(data_encoding::HEXLOWER.encode(&hash), published);
        assert_eq!(LIST.len(), usize::from(COUNT));
        assert!((0..COUNT).all(|n| index(word(n)) == Some(n)));
    }

    #[test]
    fn bits_are_taken_from_the_most_significant() {
        assert_eq!(from_bits(&[0, 0b0010_0000, 0b0000_1000], 2), [word(1), word(2)]);
    }
}
