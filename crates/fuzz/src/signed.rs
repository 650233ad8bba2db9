//! Signed documents: envelope and certificate, and the bodies of notice, keyring, letters document and content pack.

use std::{collections::HashSet, sync::LazyLock};

use callsign_protocol::{
    content::{ContentPack, PACK_MAX},
    derive::sha256,
    encoding::Secret,
    keyring::{DeskKeys, Device, DeviceIdentity, Keyring, WrapContext, device_id, seal_keys},
    letter_key::LETTER_KEYS_MAX,
    letters::{LETTERS_LEN, Letters},
    notice::{CHANNELS_MAX, LIFETIME_MAX_S, Notice, PAGES_MAX, is_name},
    plan::SHARDS_MAX,
    signed::{Certificate, Envelope, Kind},
    time::Day,
};

use crate::{
    Target,
    desk::{DESK, rng},
    read::{cases, file},
    retold,
};

/// Bytes of an envelope beside its body.
const AROUND: usize = 146 + 64;

pub const TARGETS: &[Target] = &[
    Target { name: "certificate", run: certificate, seeds: certificates, max_len: 120, replays: 20_000 },
    Target { name: "envelope", run: envelope, seeds: envelopes, max_len: 12_000, replays: 2_000 },
    Target { name: "notice_body", run: notice_body, seeds: notice_bodies, max_len: 8_000, replays: 2_000 },
    Target {
        name: "keyring_body",
        run: keyring_body,
        seeds: keyring_bodies,
        max_len: 12_000,
        replays: 2_000,
    },
    Target { name: "letters_body", run: letters_body, seeds: letters_bodies, max_len: 7_982, replays: 1_000 },
    Target { name: "wrapped", run: wrapped, seeds: wraps, max_len: 2_500, replays: 500 },
    Target { name: "desk_keys", run: desk_keys, seeds: all_desk_keys, max_len: 1_500, replays: 500 },
    Target { name: "content_pack", run: content_pack, seeds: content_packs, max_len: 4_000, replays: 5_000 },
];

fn certificate(bytes: &[u8]) {
    match Certificate::decode(bytes) {
        Ok(certificate) => assert_eq!(certificate.encode().as_slice(), bytes),
        Err(_) => assert_ne!(bytes.len(), Certificate::LEN),
    }
}

fn envelope(bytes: &[u8]) {
    static SIGNED: LazyLock<HashSet<Vec<u8>>> =
        LazyLock::new(|| envelopes().iter().map(|signed| before_put(signed).to_vec()).collect());
    static WHOLE: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| envelopes().into_iter().collect());
    let Ok(envelope) = Envelope::decode(bytes) else {
        assert!(Notice::verify(bytes, None, DESK.now).is_err());
        assert!(Keyring::verify(bytes, &DESK.fingerprint, DESK.now).is_err());
        return;
    };
    assert_eq!(envelope.encode(), bytes);
    assert_eq!(Envelope::kept_since(bytes).ok(), Some(envelope.certificate().days.0.start()));
    for kind in [Kind::Notice, Kind::Keyring, Kind::Letters] {
        let Ok(free) = envelope.clone().verify(kind, None, DESK.now) else {
            assert!(envelope.clone().verify(kind, Some(&DESK.fingerprint), DESK.now).is_err());
            continue;
        };
        assert!(SIGNED.contains(before_put(bytes)), "a document that nobody signed");
        assert_eq!(envelope.clone().verify(kind, Some(&free.fingerprint), DESK.now), Ok(free));
    }
    if Keyring::verify(bytes, &DESK.fingerprint, DESK.now).is_ok() {
        assert!(WHOLE.contains(bytes), "a keyring that nobody has put");
    }
}

/// What the duty key's signature is the end of: behind it stands that of who puts a keyring, which the envelope alone cannot judge.
fn before_put(envelope: &[u8]) -> &[u8] {
    let put = if envelope.get(1) == Some(&2) { 64 } else { 0 };
    &envelope[..envelope.len().saturating_sub(put)]
}

fn notice_body(body: &[u8]) {
    let read = |body: &[u8]| Notice::verify(&DESK.notice(body), Some(&DESK.fingerprint), DESK.now).ok();
    let Some(verified) = read(body) else { return };
    assert_eq!(verified.hash, sha256(&[body]));
    let notice = &verified.notice;
    assert!(notice.expires.since(notice.issued) <= LIFETIME_MAX_S);
    for day in [notice.first_planned(), notice.issued.day(), Day(u32::MAX)] {
        let shards = notice.plan.on(day).expect("a checked plan covers it").shards;
        assert!(shards <= SHARDS_MAX && notice.plan.shard(day, u16::MAX) == shards - 1);
    }
    assert!(notice.channels.len() <= CHANNELS_MAX && notice.pages.len() <= PAGES_MAX);
    assert!(notice.pages.iter().all(|page| is_name(&page.name) && page.sha256.len() == 64));
    let nearest = verified.inbox_key(DESK.today());
    assert!(
        notice
            .inbox_keys
            .iter()
            .all(|key| { key.epoch.0.abs_diff(DESK.today().0) >= nearest.epoch.0.abs_diff(DESK.today().0) })
    );
    let move_after_ms = notice.cover.move_after_ms(&mut rng());
    assert!((0..=2).contains(&(move_after_ms / u64::from(notice.cover.move_after_ms.max(1)))));
    assert_eq!(read(&retold::json(notice)).expect("the same notice").notice, *notice);
}

fn keyring_body(body: &[u8]) {
    let read = |body: &[u8]| {
        let verified = Keyring::verify(&DESK.keyring(body), &DESK.fingerprint, DESK.now);
        verified.ok().map(|verified| verified.keyring)
    };
    let Some(keyring) = read(body) else { return };
    let slots: HashSet<u8> = keyring.devices.iter().map(|device| device.posting_slot).collect();
    assert_eq!(slots.len(), keyring.devices.len());
    assert!(slots.iter().all(|slot| *slot < 8));
    for device in &keyring.devices {
        assert_eq!(device.id, device_id(&device.signing_key));
        assert!(keyring.device(&device.id).is_some());
    }
    assert_eq!(read(&retold::json(&keyring)).as_ref(), Some(&keyring));
}

/// Any body, and the same with blanks up to the size of all.
fn letters_body(body: &[u8]) {
    let read = |body: &[u8]| Letters::verify(&DESK.letters(body), Some(&DESK.fingerprint), DESK.now).ok();
    let Some(verified) = read(body) else {
        let mut padded = body.to_vec();
        padded.resize(LETTERS_LEN - AROUND, b' ');
        if let Some(verified) = read(&padded) {
            assert_eq!(verified.hash, sha256(&[&padded]));
        }
        return;
    };
    assert_eq!(body.len(), LETTERS_LEN - AROUND);
    assert!(verified.letters.keys.len() <= LETTER_KEYS_MAX);
    let again = verified.letters.body().expect("what had room has room");
    assert_eq!(read(&again).expect("the same document").letters, verified.letters);
}

/// Wrapped keys as a hostile hub would have them: the keyring's signature stands before this reader, and is left out here.
fn wrapped(bytes: &[u8]) {
    static WRAPPED: LazyLock<HashSet<Vec<u8>>> = LazyLock::new(|| wraps().into_iter().collect());
    if unwrap(bytes).is_some() {
        assert!(WRAPPED.contains(bytes), "keys that nobody wrapped");
    }
}

fn desk_keys(json: &[u8]) {
    let Some(keys) = unseal(json) else { return };
    assert_eq!(unseal(&retold::json(&keys)), Some(keys));
}

static KEYRING: LazyLock<Keyring> = LazyLock::new(|| {
    Keyring::verify(&envelopes_of("keyring.json")[0], &DESK.fingerprint, DESK.now)
        .expect("the vectors' keyring")
        .keyring
});

fn unwrap(wrapped: &[u8]) -> Option<DeskKeys> {
    let mut keyring = KEYRING.clone();
    keyring.devices.retain(|device| device.id == DESK.device);
    keyring.devices.iter_mut().for_each(|device| device.wrapped = wrapped.to_vec());
    keyring.unwrap_keys(&DESK.device, &DESK.wrapping_secret, &DESK.fingerprint).ok()
}

/// What a device finds where these bytes are sealed for it.
fn unseal(json: &[u8]) -> Option<DeskKeys> {
    let (key, identity) = (Secret([7; 32]), KEYRING.device(&DESK.device)?);
    let Device { signing_key, wrapping_key, posting_slot, .. } = identity.clone();
    let bind = WrapContext { fingerprint: &DESK.fingerprint, generation: KEYRING.generation };
    let identity = DeviceIdentity { signing_key, wrapping_key, posting_slot };
    let device = Device::wrap(&identity, &key, bind, &mut rng()).expect("it wraps");
    let keys = seal_keys(json, &key, bind).expect("it seals");
    let keyring = Keyring { devices: vec![device], keys, ..KEYRING.clone() };
    keyring.unwrap_keys(&DESK.device, &DESK.wrapping_secret, &DESK.fingerprint).ok()
}

fn content_pack(bytes: &[u8]) {
    let Ok(pack) = ContentPack::decode(bytes) else { return };
    assert!(bytes.len() <= PACK_MAX);
    let again = ContentPack::decode(&retold::json(&pack)).expect("the same pack");
    assert_eq!(again, pack);
}

fn envelopes_of(name: &str) -> Vec<Vec<u8>> {
    cases(&file(name)).into_iter().map(|(_, bytes)| bytes).collect()
}

fn envelopes() -> Vec<Vec<u8>> {
    ["notice.json", "keyring.json", "letters.json"].into_iter().flat_map(envelopes_of).collect()
}

fn certificates() -> Vec<Vec<u8>> {
    let within = |envelope: Vec<u8>| envelope.get(34..142).map(<[u8]>::to_vec);
    envelopes().into_iter().filter_map(within).collect()
}

fn bodies(name: &str) -> Vec<Vec<u8>> {
    let body = |envelope: Vec<u8>| {
        let signed = before_put(&envelope);
        signed.get(146..signed.len().saturating_sub(64)).map(<[u8]>::to_vec)
    };
    let fits = |envelope: &Vec<u8>| envelope.len() > AROUND;
    envelopes_of(name).into_iter().filter(fits).filter_map(body).collect()
}

fn notice_bodies() -> Vec<Vec<u8>> {
    bodies("notice.json")
}

fn keyring_bodies() -> Vec<Vec<u8>> {
    bodies("keyring.json")
}

fn letters_bodies() -> Vec<Vec<u8>> {
    bodies("letters.json")
}

fn wraps() -> Vec<Vec<u8>> {
    let keyring = |body: Vec<u8>| serde_json::from_slice::<Keyring>(&body).ok();
    let devices = keyring_bodies().into_iter().filter_map(keyring).flat_map(|keyring| keyring.devices);
    devices.map(|device| device.wrapped).collect()
}

fn all_desk_keys() -> Vec<Vec<u8>> {
    vec![retold::json(&DESK.keys), b"{}".to_vec()]
}

fn content_packs() -> Vec<Vec<u8>> {
    let procedure = r#"{"id":"wounded","track":"field","title":"If I am wounded?","text":"First.\n\nThen.","owner":"Desk",
        "reviewer":null,"promised_by":"Desk","valid_until":"2027-01-31","sample":true}"#;
    let pack = |procedures: &str| {
        format!(r#"{{"version":1,"language":"en","about":"Who we are","procedures":[{procedures}]}}"#)
            .into_bytes()
    };
    vec![pack(""), pack(procedure), pack(&format!("{procedure},{procedure}"))]
}
