//! Licences as packages name them: expressions of SPDX.

/// What may be given on with a program under Apache-2.0, by keeping a notice at most.
const ALLOWED: [&str; 7] =
    ["Apache-2.0", "BSD-3-Clause", "CDLA-Permissive-2.0", "ISC", "MIT", "Unicode-3.0", "Zlib"];

/// What binds the files that are under it and nothing beside them: who gives the program on says where their source is, and
/// Cargo.lock says that.
const OF_FILES: [&str; 2] = ["MPL-2.0", "MPL-2.0+"];

/// Whether one of the choices that an expression gives asks for nothing but what is allowed. What is no expression is not.
pub fn is_allowed(expression: &str) -> bool {
    // Older packages write a stroke for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    let allowed = any(&mut rest);
    allowed == Some(true) && rest.is_empty()
}

/// Choices, of which one is enough. Nothing where the words are no expression.
fn any(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = every(words)?;
    while take(words, "OR") {
        allowed |= every(words)?;
    }
    Some(allowed)
}

fn every(words: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(words)?;
    while take(words, "AND") {
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let allowed = any(words)?;
        return take(words, ")").then_some(allowed);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    if take(words, "WITH") {
        // An exception only takes conditions away.
        let (_, rest) = words.split_first()?;
        *words = rest;
    }
    Some(ALLOWED.contains(name) || OF_FILES.contains(name))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    let is_next = words.first() == Some(&word);
    if is_next {
        *words = &words[1..];
    }
    is_next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_choice_is_enough_and_each_part_of_it_counts() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "LGPL-2.1-or-later OR MIT",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
            "GPL-2.0-only AND MIT OR ISC",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in [
            "",
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "MIT AND (GPL-3.0-only OR AGPL-3.0-only)",
            "MIT OR",
            "(MIT",
            "MIT)",
            "MIT ISC",
            "SEE LICENSE IN LICENSE.md",
        ] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }
}
