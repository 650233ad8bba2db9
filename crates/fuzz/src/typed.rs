//! What people type, say and copy: phrases, call signs, fingerprints, links, messages; and bytes written as text.

use callsign_desk::{
    Purpose,
    keys::{Cost, Kit},
};
use callsign_http::Link;
use callsign_protocol::{
    call::{Message, MessageError, PART_TEXT_MAX, PARTS_MAX},
    call_sign::{CallSign, CallSignQuery},
    drop::{ANSWER_PARTS_MAX, ANSWER_TEXT_MAX, AnswerError, answer_parts},
    encoding::{Bytes, Secret},
    identity::{DeskId, Fingerprint, PrivateKey},
    invisible::is_blank,
    invitation::{CODE_LEN, InviteCode},
    phrase::Phrase,
    words::Language,
};

use crate::{
    Target,
    desk::rng,
    read::{file, list, text},
    retold,
};

pub const TARGETS: &[Target] = &[
    Target { name: "phrase", run: phrase, seeds: phrases, max_len: 512, replays: 20_000 },
    Target { name: "call_sign", run: call_sign, seeds: call_signs, max_len: 64, replays: 20_000 },
    Target { name: "fingerprint", run: fingerprint, seeds: fingerprints, max_len: 256, replays: 20_000 },
    Target { name: "link", run: link, seeds: links, max_len: 256, replays: 20_000 },
    Target { name: "message", run: message, seeds: messages, max_len: 40_000, replays: 2_000 },
    Target { name: "invite_code", run: invite_code, seeds: invite_codes, max_len: 32, replays: 20_000 },
    Target { name: "kit", run: kit, seeds: kits, max_len: 2_048, replays: 5_000 },
    Target { name: "encoding", run: encoding, seeds: encodings, max_len: 64, replays: 20_000 },
];

fn phrase(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    let Ok(phrase) = Phrase::parse(typed) else { return };
    let folded = phrase.expose();
    assert!(
        !folded.is_empty() && !folded.starts_with(' ') && !folded.ends_with(' ') && !folded.contains("  ")
    );
    assert!(Phrase::parse(folded).as_ref() == Ok(&phrase), "folded once: {folded:?}");
    let spaced = format!(" {} ", folded.replace(' ', " - "));
    assert!(Phrase::parse(&spaced).as_ref() == Ok(&phrase), "spaced: {spaced:?}");
}

/// The first 16 bytes are a caller's identifier as well.
fn call_sign(bytes: &[u8]) {
    if let Some(id) = bytes.first_chunk::<16>().map(|id| Bytes(*id)) {
        let parsed = |text: &str| CallSignQuery::parse(text).expect("a call sign");
        for spoken in Language::ALL.map(|language| CallSign::marked(&id, language)) {
            assert!(parsed(&spoken).matches(&id));
            assert_eq!(parsed(&spoken.to_uppercase()), parsed(&spoken));
            assert_eq!(parsed(&format!(" {} ", spoken.replace('-', "  "))), parsed(&spoken));
        }
    }
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    if let Ok(query) = CallSignQuery::parse(typed) {
        assert_eq!(CallSignQuery::parse(&typed.to_lowercase()), Ok(query));
    }
}

fn invite_code(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    let Ok(code) = InviteCode::parse(typed) else { return };
    let spoken = code.to_string();
    assert_eq!(spoken.len(), CODE_LEN + 1);
    assert_eq!(InviteCode::parse(&spoken.to_lowercase().replace('-', " ")), Ok(code));
}

/// A sheet as it was typed: what is read is printed and read again.
fn kit(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    let Ok(kit) = Kit::parse(typed) else { return };
    assert_eq!(Kit::parse(&kit.lines().join("\n")), Ok(kit));
}

fn fingerprint(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else { return };
    if let Ok(fingerprint) = Fingerprint::parse(typed) {
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Ok(fingerprint));
        assert_eq!(fingerprint.words().split(' ').count(), 12);
        let desk = fingerprint.desk_id();
        assert_eq!(DeskId::parse(desk.as_str()), Some(desk));
    }
    if let Some(desk) = DeskId::parse(typed) {
        assert_eq!(desk.as_str(), typed);
    }
}

fn link(bytes: &[u8]) {
    let Ok(copied) = std::str::from_utf8(bytes) else { return };
    let Ok(link) = Link::parse(copied) else { return };
    let authority = link.address.authority();
    assert!(
        !authority.is_empty() && authority.bytes().all(|b| b.is_ascii_graphic() && !b"/#?@".contains(&b))
    );
    let path = link.desk.as_ref().map_or(String::new(), |desk| format!("/{desk}/"));
    let fragment = link.fingerprint.map_or(String::new(), |fingerprint| format!("#{fingerprint}"));
    let again = Link::parse(&format!("  {}{path}{fragment}\n", link.address)).expect("the same link");
    assert_eq!(again, link);
}

fn message(bytes: &[u8]) {
    let Ok(written) = std::str::from_utf8(bytes) else { return };
    let message = Message {
        id: Bytes([1; 16]),
        track: String::new(),
        language: "en".to_owned(),
        text: written.to_owned(),
        safe_times: None,
    };
    let fit = |parts: &[&str], max: usize| {
        assert_eq!(parts.concat(), written);
        let len = |part: &str| serde_json::to_string(part).expect("a text is JSON").len() - 2;
        assert!(parts.iter().all(|part| !part.is_empty() && len(part) <= max));
    };
    match message.part_texts() {
        Ok(parts) => {
            fit(&parts, PART_TEXT_MAX);
            assert_eq!(message.parts().map(|sealed| sealed.len()), Ok(parts.len()));
        }
        Err(MessageError::Empty) => assert!(is_blank(written)),
        Err(MessageError::TooLong { parts }) => assert!(parts > usize::from(PARTS_MAX)),
        Err(MessageError::LabelTooLong) => panic!("short labels"),
    }
    match answer_parts(written) {
        Ok(parts) => fit(&parts, ANSWER_TEXT_MAX),
        Err(AnswerError::Empty) => assert!(is_blank(written)),
        Err(AnswerError::TooLong { parts }) => assert!(parts > usize::from(ANSWER_PARTS_MAX)),
    }
}

fn encoding(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    canonical::<16>(text);
    canonical::<32>(text);
}

fn canonical<const N: usize>(text: &str) {
    let json = serde_json::Value::from(text).to_string();
    let read = Bytes::<N>::from_base64url(text);
    assert_eq!(serde_json::from_str::<Bytes<N>>(&json).ok(), read);
    assert_eq!(serde_json::from_str::<Secret<N>>(&json).ok(), read.map(|bytes| Secret(bytes.0)));
    if let Some(read) = read {
        assert_eq!(read.to_string(), text, "one text for the same bytes");
        assert_eq!(retold::json(&read), json.as_bytes());
    }
}

fn texts(name: &str, lists: &[&str], member: &str) -> Vec<Vec<u8>> {
    let file = file(name);
    let one = |list: &&str| file.pointer(list).cloned().unwrap_or_else(|| panic!("{name} has no {list}"));
    let all: Vec<_> = lists.iter().map(one).collect();
    all.iter().flat_map(list).map(|case| text(&case[member]).as_bytes().to_vec()).collect()
}

fn phrases() -> Vec<Vec<u8>> {
    texts("phrase.json", &["/folding"], "typed")
}

fn call_signs() -> Vec<Vec<u8>> {
    texts("phrase.json", &["/call_sign_readings/readings"], "typed")
}

fn fingerprints() -> Vec<Vec<u8>> {
    let desks = texts("fingerprint.json", &["/desks"], "desk_id");
    texts("fingerprint.json", &["/readings"], "typed").into_iter().chain(desks).collect()
}

fn links() -> Vec<Vec<u8>> {
    let file = file("fingerprint.json");
    let desk = &file["desks"][0];
    let (id, fingerprint) = (text(&desk["desk_id"]), text(&desk["fingerprint"]));
    let hosts =
        ["http://127.0.0.1:8700", "https://hub.example", "http://[::1]:8700", "HTTP://Abc.onion", "ftp://x"];
    let link = |host: &str| {
        [
            host.to_owned(),
            format!("{host}/{id}/"),
            format!("{host}/{id}/#{fingerprint}"),
            format!("{host}/?q@x"),
        ]
    };
    hosts.into_iter().flat_map(link).map(String::into_bytes).collect()
}

fn messages() -> Vec<Vec<u8>> {
    let times = |n: usize| "Де ви? \"\\\u{1}\u{1f64f}\n".repeat(n).into_bytes();
    [0, 1, 70, 80, 150, 600, 1_200].map(times).to_vec()
}

fn encodings() -> Vec<Vec<u8>> {
    let written = [Bytes([0; 16]).to_string(), Bytes([0xfb; 32]).to_string(), "AB==".into(), "a+/b".into()];
    written.map(String::into_bytes).to_vec()
}

fn invite_codes() -> Vec<Vec<u8>> {
    list(&file("invitation.json")["codes"])
        .iter()
        .map(|case| text(&case["typed"]).as_bytes().to_vec())
        .collect()
}

fn kits() -> Vec<Vec<u8>> {
    let identity = PrivateKey::from_seed(&Secret([1; 32]));
    let cheap = Cost { memory_kib: 64, passes: 1 };
    let kit = |purpose| {
        let desk = ("Desk", "http://127.0.0.1:1");
        Kit::seal((&identity, purpose), desk, "open", cheap, &mut rng()).expect("a cost that there is")
    };
    [Purpose::Earnest, Purpose::Practice].map(|purpose| kit(purpose).lines().join("\n").into_bytes()).to_vec()
}
