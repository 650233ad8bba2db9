//! `cargo xtask letters`: writes which characters are letters, marks or numbers in Unicode 14, or checks that they are up to date.

use std::fs;

use regex_syntax::hir::{Class, HirKind};

use crate::root;

/// What section 4 of docs/protocol.md names; what cannot be seen is removed before.
const PROPERTIES: &str = r"[[\p{L}\p{M}\p{N}]&&\p{age=14.0}--\p{Default_Ignorable_Code_Point}]";
const RUST: &str = "crates/protocol/src/letters.txt";
const TYPESCRIPT: &str = "web/caller/src/protocol/letters.ts";

/// Writes both files, or with `--check` compares them with what would be written.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let runs = runs()?;
    let typescript = format!(
        "// Letters, marks and numbers of Unicode 14 as runs that fold.ts reads; `cargo xtask letters` writes this file.\n\n\
         export const LETTERS =\n  \"{runs}\";\n"
    );
    let write = |path: &str, text: String| match arguments {
        [] => fs::write(root().join(path), text).map_err(|error| format!("{path}: {error}")),
        [only] if only == "--check" => match fs::read_to_string(root().join(path)) {
            Ok(found) if found == text => Ok(()),
            _ => Err(format!("{path} is not what `cargo xtask letters` writes")),
        },
        _ => Err("letters takes no argument but --check".to_owned()),
    };
    write(RUST, format!("{runs}\n"))?;
    write(TYPESCRIPT, typescript)
}

/// How many code points are none, then how many are, and so on from U+0000.
fn runs() -> Result<String, String> {
    let parsed = regex_syntax::parse(PROPERTIES).map_err(|error| error.to_string())?;
    let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { return Err("no class".to_owned()) };
    let mut runs = String::new();
    let mut next = 0;
    for range in class.ranges() {
        let (first, last) = (u32::from(range.start()), u32::from(range.end()));
        runs += &number(first - next);
        runs += &number(last + 1 - first);
        next = last + 1;
    }
    Ok(runs)
}

/// Digits of base 26, capitals before the last one, so that a number needs no separator.
fn number(n: u32) -> String {
    let digit = |n: u32| char::from_digit(n % 26 + 10, 36).unwrap_or_default();
    let mut digits = vec![digit(n)];
    let mut rest = n / 26;
    while rest > 0 {
        digits.push(digit(rest).to_ascii_uppercase());
        rest /= 26;
    }
    digits.iter().rev().collect()
}
