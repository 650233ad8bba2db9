//! What carriers do to a text, undone: other encodings, entities, escapes, quoting, dashes, and what nobody sees.

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

/// Stands for dashes of all kinds; base64 has none.
pub(super) const DASH: char = '-';
/// Characters of an entity's name at most.
const ENTITY_MAX: usize = 10;
/// Characters before a mark of quoting that are a name or initials.
const PREFIX_MAX: usize = 16;
/// Characters of the first line of a part in base64 at least.
const PART_LINE_MIN: usize = 40;
/// Base64 as mail programs write it, whatever its last bits.
static PART: LazyLock<Encoding> = LazyLock::new(|| {
    let mut base64 = Specification::new();
    base64.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    base64.check_trailing_bits = false;
    // Unwrap safety: these are the 64 symbols of base64.
    base64.encoding().expect("the alphabet of base64")
});
/// Entities that stand for something in armour.
const ENTITIES: [(&str, char); 9] = [
    ("plus", '+'),
    ("sol", '/'),
    ("ndash", DASH),
    ("mdash", DASH),
    ("minus", DASH),
    ("hyphen", DASH),
    ("dash", DASH),
    ("gt", '>'),
    ("lt", '<'),
];

/// The text in each encoding that the bytes can be in. Of all 8-bit encodings armour has the ASCII part alone.
pub(super) fn decodings(bytes: &[u8]) -> Vec<String> {
    let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Part of the text may be in such an encoding and part of it not: ASCII without its zeros is ASCII.
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let plain = String::from_utf8_lossy(&narrow).into_owned();
    let parts = base64_parts(&plain);
    let mut texts = vec![plain];
    if even + odd > 0 {
        let unit = if even > odd { u16::from_be_bytes } else { u16::from_le_bytes };
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let wide = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        texts.push(wide.filter(|c| *c != '\0').collect());
    }
    if !parts.is_empty() {
        texts.push(format!("{}\n{parts}", texts[0]));
    }
    texts
}

/// What stands in the base64 parts of a mail that was saved as it came.
fn base64_parts(text: &str) -> String {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut parts = String::new();
    let mut part = String::new();
    for line in text.lines().map(str::trim).chain([""]) {
        if !line.is_empty() && line.chars().all(is_base64) && (line.len() > PART_LINE_MIN || !part.is_empty())
        {
            part.push_str(line);
            continue;
        }
        let whole = part.trim_end_matches('=');
        // One character more than a byte needs is none of base64.
        let whole = &whole[..whole.len() - usize::from(whole.len() % 4 == 1)];
        if let Ok(bytes) = PART.decode(whole.as_bytes()) {
            parts.extend([&String::from_utf8_lossy(&bytes), "\n"]);
        }
        part.clear();
    }
    parts
}

/// Entities, the escapes of quoted-printable and addresses are what they stand for, and tags are gone: base64 has none of
/// `&`, `=`, `%` and `<`.
pub(super) fn without_escapes(text: &str) -> String {
    let plain = replaced(text, &['=', '%'], escaped_byte);
    let plain = replaced(&plain, &['&'], |after| {
        let (c, len) = entity(after);
        (c.map(String::from).unwrap_or_default().into_bytes(), len)
    });
    replaced(&plain, &['<'], |after| (Vec::new(), tag_len(after)))
}

/// The text with each of these signs, and as much behind it as `read` says, replaced by what that stands for. Escaped bytes
/// make characters together.
fn replaced(text: &str, signs: &[char], read: impl Fn(&str) -> (Vec<u8>, usize)) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(signs) {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let (stands_for, len) = read(after);
        bytes.extend(stands_for);
        rest = &after[len..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Each line from behind its marks of quoting, with the initials or the name before them.
pub(super) fn without_prefixes(text: &str) -> String {
    text.lines().flat_map(|line| [without_prefix(line), "\n"]).collect()
}

/// The lines that are of armour alone: what messengers put between two halves of a long text goes.
pub(super) fn whole_lines(text: &str) -> String {
    let is_whole = |line: &&str| {
        let mut pieces = line.split(|c: char| c.is_whitespace()).filter(|piece| !symbols(piece).is_empty());
        let only = pieces.next().unwrap_or_default();
        let is_foreign = |c: char| symbol(c).is_none() && !crate::invisible::is_invisible(c);
        line.to_ascii_uppercase().contains("CALLSIGN")
            || (pieces.next().is_none() && !only.contains(is_foreign))
    };
    text.lines().map(without_prefix).filter(is_whole).flat_map(|line| [line, "\n"]).collect()
}

/// What can belong to armour: letters, digits, `+`, `/`, and dashes as [`DASH`]. All else is left out, wherever it is.
pub(super) fn symbols(text: &str) -> String {
    text.chars().filter_map(symbol).collect()
}

fn symbol(c: char) -> Option<char> {
    match c {
        'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => Some(c),
        // Where a dash was in another 8-bit encoding, this is what is left of it.
        char::REPLACEMENT_CHARACTER
        | '-'
        | '_'
        | '\u{ad}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{207b}'
        | '\u{208b}'
        | '\u{2212}'
        | '\u{2500}'..='\u{2501}'
        | '\u{2796}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{30fc}'
        | '\u{fe31}'
        | '\u{fe32}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => Some(DASH),
        _ => None,
    }
}

fn without_prefix(line: &str) -> &str {
    let is_mark = |c: char| {
        matches!(c, '>' | '|' | '\u{2502}' | '\u{2503}' | '\u{258e}' | '\u{258f}' | '\u{bb}' | '\u{203a}')
    };
    let mut rest = line;
    while let Some((at, mark)) = rest.char_indices().take(PREFIX_MAX).find(|(_, c)| is_mark(*c)) {
        rest = &rest[at + mark.len_utf8()..];
    }
    rest
}

/// What an entity stands for, and its length behind the `&`; nothing of its name stays.
fn entity(after: &str) -> (Option<char>, usize) {
    // An entity in text that was escaped twice.
    let inner = after.trim_start_matches("amp;");
    let twice = after.len() - inner.len();
    let Some(len) = inner.bytes().take(ENTITY_MAX).position(|byte| byte == b';') else {
        return (None, twice);
    };
    let name = &inner[..len];
    if !name.strip_prefix('#').unwrap_or(name).bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return (None, twice);
    }
    let number = |digits: &str| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    let named = || ENTITIES.iter().find(|(of, _)| *of == name).map(|(_, c)| *c);
    let read = name.strip_prefix('#').map_or_else(named, |digits| number(digits).and_then(char::from_u32));
    (read, twice + len + 1)
}

/// The length of a tag behind its `<`, within its line; 0 where there is none.
fn tag_len(after: &str) -> usize {
    let begins = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    // No farther than the next one: so the whole text is looked through once.
    match after.find(['<', '>', '\n']) {
        Some(end) if begins && after[end..].starts_with('>') => end + 1,
        _ => 0,
    }
}

/// `=2B` and `%2B`, and a `=` at a line's end with the line's end; padding stands for nothing.
fn escaped_byte(after: &str) -> (Vec<u8>, usize) {
    let hex = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
        Some(byte) => (vec![byte], 2),
        None if after.starts_with("\r\n") => (Vec::new(), 2),
        None => (Vec::new(), usize::from(after.starts_with('\n'))),
    }
}
