//! Numbers with their nouns.

use std::fmt::Display;

/// "1 call", "2 calls"; the plural of `noun` ends in "s".
pub fn count<N: Copy + Display + PartialEq + From<bool>>(number: N, noun: &str) -> String {
    if number == N::from(true) { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!([0_u32, 1, 2].map(|n| count(n, "call")), ["0 calls", "1 call", "2 calls"]);
    }
}
