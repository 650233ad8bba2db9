//! What carriers do to armour does no harm, alone and one after another; what is lost is said.

use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng as _;

use super::*;

const BEGIN: &str = "-----BEGIN CALLSIGN LETTER-----";
const END: &str = "-----END CALLSIGN LETTER-----";

/// Every character of base64 comes in it.
fn letter(seed: u64) -> Letter {
    let mut bytes = Box::new([0; LETTER_LEN]);
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(bytes.as_mut_slice());
    Letter(bytes)
}

fn each_line(block: &str, before: &str, after: &str) -> String {
    block.lines().flat_map(|line| [before, line, after]).collect()
}

/// The block in lines of another length.
fn wrapped(text: &str, len: usize) -> String {
    let characters: Vec<char> = text.chars().filter(|c| *c != '\n').collect();
    characters.chunks(len).flat_map(|line| line.iter().copied().chain(['\n'])).collect()
}

/// As a mail program sends a text that is not all ASCII.
fn quoted_printable(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'=' | 0x80.. => format!("={byte:02X}"),
        byte => char::from(byte).to_string(),
    };
    // No escape is cut in two.
    let piece = |piece: &[u8]| piece.iter().map(|byte| escape(*byte)).collect::<String>();
    let line = |line: &str| line.as_bytes().chunks(20).map(piece).collect::<Vec<_>>().join("=\r\n");
    text.lines().map(|one| line(one) + "\r\n").collect()
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let escaped = escaped.replace('+', "&#43;").replace('/', "&#x2F;");
    format!("<div class=\"mail\"><p>{}</p></div>", escaped.replace('\n', "<br>\n&nbsp;"))
}

fn in_base64(text: &str) -> String {
    let body = data_encoding::BASE64.encode(format!("Привіт!\r\n{text}").as_bytes());
    format!("Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--part--\r\n", wrapped(&body, 76))
}

fn upper_case_lines(text: &str) -> String {
    text.replace("BEGIN CALLSIGN LETTER", "begin callsign Letter").replace("END CALLSIGN", "End Callsign")
}

/// Between two halves of a text that was too long for one message.
fn in_two_messages(text: &str) -> String {
    let half = text.match_indices('\n').nth(50).map_or(0, |(at, _)| at);
    format!("{}\nOlena K, [28.11.26 21:10]\n{}", &text[..half], &text[half..])
}

/// A name, and what a carrier does to a text.
type Mangling = (&'static str, fn(&str) -> String);
/// A name, and the bytes that a text is kept as.
type Encoding = (&'static str, fn(&str) -> Vec<u8>);

/// What carriers do to a text and leave a text.
const TEXTUAL: [Mangling; 20] = [
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("CR", |text| text.replace('\n', "\r")),
    ("quoted", |text| each_line(text, "> > ", "\r\n")),
    ("quoted by bars", |text| each_line(text, "| ", "\n")),
    ("quoted by all kinds", |text| each_line(text, "\u{a0}> | \u{2502}>> ", "\n")),
    ("in one line", |text| text.replace('\n', " ")),
    ("indented", |text| each_line(text, "\u{a0}\t\u{3000}\u{202f}", " \n")),
    ("in a mail", |text| {
        format!("From: <a@b.example>\nSubject: =?utf-8?x?=\n\nDear desk,\n{text}-- \nyours\n")
    }),
    ("em dashes", |text| text.replace("--", "\u{2014}")),
    ("en dashes", |text| text.replace("---", "\u{2013}")),
    ("one dash", |text| text.replace("-----", "\u{2212}")),
    ("non-breaking hyphens", |text| text.replace('-', "\u{2011}")),
    ("full-width hyphens", |text| text.replace('-', "\u{ff0d}")),
    ("dash escaped", |text| text.replace("-----B", "- -----B").replace("-----E", "\\-\\-\\-E")),
    ("what nobody sees", |text| {
        format!(
            "\u{feff}{}",
            text.replace('A', "\u{200b}A\u{200e}").replace('B', "B\u{2060}").replace('\n', "\u{200b}\n")
        )
    }),
    ("bold", |text| text.replace("-----BEGIN", "*-----BEGIN").replace("LETTER-----", "LETTER-----*")),
    ("code", |text| format!("```\n{text}```\n\u{201c}\u{2026}\u{201d}")),
    ("other capitals", upper_case_lines),
    ("flowed", |text| wrapped(text, 40).replace('\n', " \r\n")),
    ("wrapped in the middle", |text| wrapped(text, 47)),
];

/// How a program sends what it has: nothing touches the text behind these.
const SENT: [Mangling; 4] = [
    ("plain", |text| text.to_owned()),
    ("html", html),
    ("quoted-printable", quoted_printable),
    ("html, quoted-printable", |text| quoted_printable(&html(text))),
];

/// What carriers do to lines as they were written.
const BY_LINES: [Mangling; 3] = [
    ("initials", |text| each_line(text, "OK> ", "\n")),
    ("in two messages", in_two_messages),
    ("in a part in base64", in_base64),
];

/// The encodings that a text file has.
const ENCODED: [Encoding; 6] = [
    ("UTF-8", |text| text.as_bytes().to_vec()),
    ("UTF-16 LE", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("UTF-16 BE", |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ("UTF-16 with a mark", |text| {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    ("UTF-32", |text| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
    // What an 8-bit encoding has beyond ASCII differs; none of it is armour.
    ("windows-1251", |text| {
        let is_dash = |c: char| "\u{2011}\u{2013}\u{2014}\u{2212}\u{ff0d}".contains(c);
        let foreign = |c: char| if is_dash(c) { 0x97 } else { b'?' };
        let byte = |c: char| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(foreign(c));
        b"\xcf\xf0\xe8\xe2\xe5\xf2\r\n".iter().copied().chain(text.chars().map(byte)).collect()
    }),
];

#[test]
fn a_block_has_short_lines() {
    let block = armour(&letter(1));
    assert_eq!(block.lines().count(), 2 + 86);
    assert!(block.lines().all(|line| line.len() <= LINE_LEN));
    assert!(block.starts_with(BEGIN) && block.trim_end().ends_with(END));
}

#[test]
fn what_one_carrier_does_does_no_harm_in_any_encoding() {
    let block = armour(&letter(2));
    for (carrier, change) in TEXTUAL.iter().chain(&BY_LINES).chain(&SENT) {
        for (encoding, encode) in ENCODED {
            assert_eq!(read(&encode(&change(&block))), [Ok(letter(2))], "{carrier}, {encoding}");
        }
    }
}

#[test]
fn encodings_may_change_within_a_text() {
    let [one, two] = [1, 2].map(|seed| armour(&letter(seed)));
    let wide: Vec<u8> = one.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = [b"\xf0\xd2\xc9\xd7\xc5\xd4\n".as_slice(), &wide, two.as_bytes()].concat();
    assert_eq!(read(&text), [Ok(letter(1)), Ok(letter(2))]);
}

#[test]
fn a_bad_block_has_its_own_error_and_spoils_no_other() {
    let (first, last) = (armour(&letter(1)), armour(&letter(2)));
    let unended = first.replace(END, "");
    let shorter = first.replacen(first.lines().nth(7).unwrap(), "", 1);
    let longer = first.replacen(first.lines().nth(7).unwrap(), "Greetings from Kyiv", 1);
    let end = first.lines().nth(86).unwrap();
    // 4,096 bytes leave four bits in the last character.
    let beyond = first.replace(end, &format!("{}/", &end[..end.len() - 1]));
    let length = |found| Err(ArmourError::Length { found, wanted: 5_462 });
    let text = format!("{END}\n{unended}{last}{shorter}{longer}{beyond}{last}");
    assert_eq!(
        read(text.as_bytes()),
        [
            Err(ArmourError::Unended),
            Ok(letter(2)),
            length(5_462 - 64),
            length(5_462 - 64 + 17),
            Err(ArmourError::Characters),
            Ok(letter(2)),
        ]
    );
}

#[test]
fn prose_about_letters_is_none() {
    for text in [
        "",
        "no letter -----END CALLSIGN LETTER-----",
        "Copy from BEGIN CALLSIGN LETTER down to END CALLSIGN LETTER.",
    ] {
        assert_eq!(read(text.as_bytes()), [], "{text}");
    }
    let block = armour(&letter(1));
    assert_eq!(read(block.replace("LETTER", "DEVICE REQUEST").as_bytes()), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_carrier_after_another_does_no_harm(
        seeds in prop::collection::vec(any::<u64>(), 1..4),
        carriers in prop::collection::vec(prop::sample::select(TEXTUAL.to_vec()), 0..5),
        sent in prop::sample::select(SENT.to_vec()),
        encoding in prop::sample::select(ENCODED.to_vec()),
    ) {
        let blocks: String = seeds.iter().map(|seed| armour(&letter(*seed))).collect();
        let carried = carriers.iter().fold(blocks, |text, (_, change)| change(&text));
        let sent_text = sent.1(&carried);
        let letters: Vec<_> = seeds.iter().map(|seed| Ok(letter(*seed))).collect();
        let names: Vec<_> = carriers.iter().map(|(name, _)| *name).collect();
        prop_assert_eq!(read(&encoding.1(&sent_text)), letters, "{:?}, {}, {}", names, sent.0, encoding.0);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), pieces in "(-|<a|&amp;|&#1|=4|%|> |BEGIN CALLSIGN LETTER-|-END CALLSIGN LETTER|\\x00){0,80}") {
        for block in read(&[bytes.as_slice(), pieces.as_bytes(), &bytes].concat()) {
            prop_assert!(block.is_err());
        }
    }
}
