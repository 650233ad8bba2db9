//! Between device and hub: entries and their events, commits, followers' answers, sessions, invitations and enrolment.

use std::{collections::HashSet, sync::LazyLock};

use callsign_desk::cases::{Act, Cases, EntryRead, EventBody, FOLD_VERSION, Outcome};
use callsign_protocol::{
    VERSION,
    commit::{Commit, DROPS_MAX, Head, SIGNATURES_MAX},
    device_request::DeviceRequest,
    encoding::{Bytes, Secret},
    enrol::EnrolRequest,
    entry::{Bundle, ENTRY_LEN, Entry, EntryHeader, Writer},
    follow::{CELLS_MAX, ENTRIES_MAX, Follow},
    identity::{PrivateKey, PublicKey},
    invitation::{INVITATION_MAX, Invitation, OPENING_LEN, Opening},
    session::{SESSION_LEN, SessionRequest},
    time::Day,
};
use serde_json::{Value, json};

use crate::{
    Target,
    desk::{DESK, rng},
    read::{b64, cases, file, hex, list},
    retold, seal,
};

const PLAINTEXT: usize = 8_152;

pub const TARGETS: &[Target] = &[
    Target { name: "entry", run: entry, seeds: entries, max_len: ENTRY_LEN + 1, replays: 2_000 },
    Target { name: "bundle", run: bundle, seeds: bundles, max_len: PLAINTEXT, replays: 2_000 },
    Target { name: "commit", run: commit, seeds: commits, max_len: 80_000, replays: 1_000 },
    Target { name: "head", run: head, seeds: heads, max_len: 41, replays: 20_000 },
    Target { name: "follow", run: follow, seeds: follows, max_len: 40_000, replays: 1_000 },
    Target { name: "session", run: session, seeds: sessions, max_len: SESSION_LEN + 1, replays: 5_000 },
    Target { name: "opening", run: opening, seeds: openings, max_len: OPENING_LEN + 1, replays: 5_000 },
    Target {
        name: "invitation",
        run: invitation,
        seeds: invitations,
        max_len: INVITATION_MAX + 1,
        replays: 5_000,
    },
    Target { name: "enrol", run: enrol, seeds: enrolments, max_len: 66, replays: 5_000 },
];

fn entry(bytes: &[u8]) {
    static SIGNED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| entries().into_iter().collect());
    static SIGNER: LazyLock<PublicKey> = LazyLock::new(|| Bytes(hex(&file("entry.json")["signing_key"])));
    let Ok(entry) = Entry::from_bytes(bytes) else {
        assert!(bytes.len() != ENTRY_LEN || bytes[0] != VERSION);
        return;
    };
    assert_eq!(entry.as_bytes().as_slice(), bytes);
    let EntryHeader { generation, device, prev, day } = entry.header();
    let header = [&generation.to_be_bytes(), device.0.as_slice(), &prev.0, &day.0.to_be_bytes()].concat();
    assert_eq!([&header, entry.rest_hash()].concat(), bytes[1..89]);
    if entry.verify(&DESK.fingerprint, &SIGNER).is_ok() {
        assert!(SIGNED.contains(bytes), "an entry that nobody signed");
    }
    if entry.open(&DESK.fingerprint, &DESK.keys.log_key).is_ok() {
        let sealed = |signed: &Vec<u8>| {
            signed.get(..57) == Some(&bytes[..57]) && signed.get(89..8_281) == Some(&bytes[89..8_281])
        };
        assert!(SIGNED.iter().any(sealed), "a bundle that nobody sealed");
    }
}

/// Any padded plaintext under the log key.
fn bundle(start: &[u8]) {
    let mut plaintext = start.to_vec();
    plaintext.resize(PLAINTEXT, 0);
    let mut bytes = vec![0; ENTRY_LEN];
    bytes[0] = VERSION;
    let aad = [b"callsign/v1 bundle".as_slice(), &DESK.fingerprint.0, &bytes[..57]].concat();
    let sealed = seal::xchacha(&DESK.keys.log_key, [0; 24], &aad, &plaintext);
    bytes[113..113 + sealed.len()].copy_from_slice(&sealed);
    let entry = Entry::from_bytes(&bytes).expect("the size of an entry");
    let Ok(bundle) = entry.open(&DESK.fingerprint, &DESK.keys.log_key) else { return };
    assert_eq!(bundle.at.0 % 60, 0);
    // Spaces that were between members may be more than fits again.
    if retold::json(&bundle).len() <= PLAINTEXT - 2 {
        let again = write(&bundle).open(&DESK.fingerprint, &DESK.keys.log_key);
        assert_eq!(again.as_ref(), Ok(&bundle));
    }
    desk_event(&bundle);
}

/// What the desk makes of any events: what it reads it writes so that it reads the same again.
fn desk_event(bundle: &Bundle) {
    let header = EntryHeader { generation: 1, device: DESK.device, prev: Bytes([0; 32]), day: Day(20_000) };
    let read = EntryRead::new(1, &header, FOLD_VERSION, Some(bundle));
    assert_eq!(read.events.len() + read.unreadable, bundle.events.len());
    for event in &read.events {
        assert!(event.body == EventBody::Unknown || event.is_readable());
    }
    let mut cases = Cases::default();
    cases.take(&read).expect("every case is in memory");
    let once = format!("{cases:?}");
    for event in read.events.iter().filter(|event| cases.has_applied(&event.id)) {
        assert_eq!(cases.clone().apply(&Act { origin: &read.origin, event }).unwrap(), Outcome::Repeated);
    }
    assert_eq!(format!("{cases:?}"), once);
}

fn write(bundle: &Bundle) -> Entry {
    let header = EntryHeader { generation: 1, device: DESK.device, prev: Bytes([0; 32]), day: Day(20_000) };
    let signing_key = PrivateKey::from_seed(&Secret([1; 32]));
    let writer =
        Writer { fingerprint: &DESK.fingerprint, log_key: &DESK.keys.log_key, signing_key: &signing_key };
    Entry::write(&header, &[0; 32], bundle, &writer, &mut rng()).expect("it fits")
}

fn commit(bytes: &[u8]) {
    let Ok(commit) = Commit::decode(bytes) else { return };
    assert_eq!(commit.encode(), bytes);
    assert_eq!(commit.entry.rest_hash(), commit.rest.hash());
    assert!(commit.rest.drops.len() <= DROPS_MAX);
    assert!(commit.rest.signed.len() <= SIGNATURES_MAX);
}

fn head(bytes: &[u8]) {
    match Head::decode(bytes) {
        Ok(head) => assert_eq!(head.encode().as_slice(), bytes),
        Err(_) => assert_ne!(bytes.len(), 40),
    }
}

fn follow(bytes: &[u8]) {
    let Ok(follow) = Follow::decode(bytes) else { return };
    assert_eq!(follow.encode(), bytes);
    assert!(follow.cells.len() <= CELLS_MAX && follow.entries.len() <= ENTRIES_MAX);
}

fn session(bytes: &[u8]) {
    static SIGNED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| sessions().into_iter().collect());
    static SIGNER: LazyLock<PublicKey> = LazyLock::new(|| Bytes(hex(&file("session.json")["signing_key"])));
    let Ok(request) = SessionRequest::decode(bytes) else {
        assert_ne!(bytes.len(), SESSION_LEN);
        return;
    };
    assert_eq!(request.encode().as_slice(), bytes);
    if request.verify(&DESK.fingerprint, &SIGNER).is_ok() {
        // The device's id stands outside the signature: by it the hub finds the key.
        assert!(SIGNED.iter().any(|signed| signed.get(16..) == Some(&bytes[16..])), "nobody signed it");
    }
}

/// A request is the beginning of one.
fn opening(bytes: &[u8]) {
    static SIGNED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| openings().into_iter().collect());
    let Ok(opening) = Opening::decode(bytes) else { return };
    assert_eq!(opening.encode().as_slice(), bytes);
    if opening.request.verify(&DESK.fingerprint).is_ok() {
        let request = |signed: &Vec<u8>| signed.get(..OPENING_LEN - 32) == bytes.get(..OPENING_LEN - 32);
        assert!(SIGNED.iter().any(request), "a request that no device signed");
    }
    let words = opening.check_words(&DESK.fingerprint, &Bytes([0; 32]), &Bytes([0; 32]));
    assert_eq!(words.split(' ').count(), 6);
    assert_eq!(DeviceRequest::from_armour(opening.request.armour().as_bytes()), Ok(opening.request));
}

fn invitation(bytes: &[u8]) {
    let Ok(invitation) = Invitation::decode(bytes) else { return };
    assert_eq!(invitation.encode(), bytes);
    assert!(bytes.len() <= INVITATION_MAX);
}

fn enrol(bytes: &[u8]) {
    static PROVEN: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| enrolments().into_iter().collect());
    let Ok(request) = EnrolRequest::decode(bytes) else { return };
    assert_eq!(request.encode().as_slice(), bytes);
    if request.proves("ABCD-2345-efgh") {
        assert!(PROVEN.contains(bytes), "nobody who has the code made it");
    }
}

fn of_cases(name: &str) -> Vec<Vec<u8>> {
    cases(&file(name)).into_iter().map(|(_, bytes)| bytes).collect()
}

fn entries() -> Vec<Vec<u8>> {
    of_cases("entry.json")
}

fn bundles() -> Vec<Vec<u8>> {
    let bundle = |events: &Value| json!({ "at": 1_728_043_200, "fold": 1, "events": events }).to_string();
    let padded = |json: String| seal::padded(json.len(), json.as_bytes(), json.len() + 2);
    let of_entries = cases(&file("entry.json"))
        .into_iter()
        .filter_map(|(case, _)| (!case["events"].is_null()).then(|| bundle(&case["events"])));
    let of_types = file("event.json")["cases"].as_array().cloned().unwrap_or_default();
    let of_types = of_types.into_iter().map(|case| bundle(&json!([case["event"]])));
    of_entries.chain(of_types).map(padded).collect()
}

fn commits() -> Vec<Vec<u8>> {
    of_cases("commit.json")
}

fn heads() -> Vec<Vec<u8>> {
    vec![Head::EMPTY.encode().to_vec(), vec![1; 39]]
}

fn follows() -> Vec<Vec<u8>> {
    of_cases("follow.json")
}

fn sessions() -> Vec<Vec<u8>> {
    of_cases("session.json")
}

fn openings() -> Vec<Vec<u8>> {
    of_cases("invitation.json")
}

fn invitations() -> Vec<Vec<u8>> {
    list(&file("invitation.json")["stages"]).iter().map(|case| b64(&case["bytes_b64"])).collect()
}

fn enrolments() -> Vec<Vec<u8>> {
    of_cases("enrol.json")
}
