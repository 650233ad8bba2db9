//! What is sealed opens with its own keys and places alone, and not where anything of it was changed.

use std::path::PathBuf;

use callsign_protocol::{
    caller_keys::x25519_public,
    cell::{Cell, Opened, Opener},
    drop::{ANSWER_TEXT_MAX, AnswerPart, Drop, DropPayload, OPENED_MAX, Place, Sender},
    encoding::{Bytes, Secret},
    entry::{Bundle, Entry, EntryHeader, Writer},
    identity::Fingerprint,
    keyring::{DeskKeys, Device, DeviceIdentity, EpochKey, Keyring},
    letter_key::LetterKey,
    signed::Certificate,
    time::{Day, UnixSeconds},
    xwing_generate,
};
use chacha20::ChaCha20Rng;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use proptest::prelude::*;
use rand_core::SeedableRng as _;
use serde_json::Value;

use super::{CALLERS, DESK, bytes, changed, secret, signer};

fn place() -> impl Strategy<Value = Place> {
    (any::<u32>(), 0..8u8, 0..32u8).prop_map(|(day, slot, index)| Place { day: Day(day), slot, index })
}

fn payload() -> impl Strategy<Value = DropPayload> {
    let text = proptest::string::string_regex("(\\PC|[а-яёїієґ]|😀){1,60}").unwrap();
    let answer = (bytes(), 1..=16u8, 1..=16u8, text).prop_map(|(id, one, other, text)| {
        assert!(text.len() <= ANSWER_TEXT_MAX);
        AnswerPart { id, part: one.min(other), parts: one.max(other), text }
    });
    let opened = prop::collection::vec(bytes(), 0..=OPENED_MAX);
    (1..=u32::MAX, prop::option::of(answer), opened).prop_map(|(number, answer, opened)| DropPayload {
        number,
        answer,
        opened,
    })
}

/// The sealed part of `vectors/cell.json`, and the keys that open it.
struct SealedCell {
    bytes: Vec<u8>,
    fingerprint: Fingerprint,
    seed: Secret<32>,
    answer_key: Secret<32>,
    notice_hash: [u8; 32],
}

fn sealed_cell() -> SealedCell {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/cell.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let hex = |value: &Value| HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let array = |value: &Value| -> [u8; 32] { hex(value).try_into().unwrap() };
    let bytes = BASE64URL_NOPAD.decode(file["cases"][0]["bytes_b64"].as_str().unwrap().as_bytes()).unwrap();
    let (epoch, key_id) = Cell::from_bytes(&bytes).unwrap().key().unwrap();
    let epochs: Vec<EpochKey> = serde_json::from_value::<Vec<Value>>(file["epochs"].clone())
        .unwrap()
        .iter()
        .map(|key| EpochKey {
            epoch: Day(key["epoch"].as_u64().unwrap().try_into().unwrap()),
            key_id: key["key_id"].as_u64().unwrap().try_into().unwrap(),
            seed: Secret(array(&key["seed"])),
            superseded: false,
        })
        .collect();
    let key = epochs.into_iter().find(|key| (key.epoch, key.key_id) == (epoch, key_id)).unwrap();
    SealedCell {
        bytes,
        fingerprint: Fingerprint(array(&file["fingerprint"])),
        seed: key.seed,
        answer_key: Secret(array(&file["answer_key"])),
        notice_hash: array(&file["notice_hash"]),
    }
}

impl SealedCell {
    fn opener(&self) -> Opener<'_> {
        Opener {
            fingerprint: &self.fingerprint,
            seed: &self.seed,
            answer_key: &self.answer_key,
            former_answer_keys: &[],
            notice_hashes: std::slice::from_ref(&self.notice_hash),
        }
    }
}

fn opens(bytes: &[u8], opener: &Opener<'_>) -> bool {
    Cell::from_bytes(bytes).is_ok_and(|cell| cell.open(opener).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_drop_opens_for_its_caller_at_its_place(
        payload in payload(), place in place(), elsewhere in place(), answer_key in secret(), impostor in secret(),
        seed: u64, at in 16..1_024usize, with in 1..=u8::MAX,
    ) {
        let [caller, other] = &*CALLERS;
        let drop_secret = caller.drop_secret(place.day.week());
        let sender = Sender {
            fingerprint: &DESK, answer_key: &answer_key, caller: caller.public(), drop_secret: &drop_secret,
        };
        let drop = Drop::seal(&payload, &place, &sender, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
        let from = x25519_public(&answer_key);
        prop_assert_eq!(Drop::from_bytes(&drop.0), Ok(drop));
        prop_assert!(Drop::from_bytes(&drop.0[..at]).is_err());
        prop_assert_eq!(drop.address(), place.address(&drop_secret));
        prop_assert_eq!(drop.open(&place, caller, &DESK, &from), Ok(payload));
        prop_assert!(drop.open(&place, other, &DESK, &from).is_err());
        prop_assert!(drop.open(&place, caller, &Fingerprint([6; 32]), &from).is_err());
        prop_assert!(drop.open(&place, caller, &DESK, &x25519_public(&impostor)).is_err());
        prop_assert!(elsewhere == place || drop.open(&elsewhere, caller, &DESK, &from).is_err());
        let mut tampered = drop;
        tampered.0[at] ^= with;
        prop_assert!(tampered.open(&place, caller, &DESK, &from).is_err());
    }

    #[test]
    fn a_bundle_opens_with_its_log_key(
        key in signer(), log_key in secret(), wrong in secret(), prev in bytes(), seed: u64,
        at in 0..8_281usize, with in 1..=u8::MAX,
    ) {
        let header = EntryHeader { generation: 1, device: Bytes([2; 16]), prev, day: Day(9) };
        let bundle = Bundle::of(UnixSeconds(60), 1, &["an event"]).unwrap();
        let writer = Writer { fingerprint: &DESK, log_key: &log_key, signing_key: &key };
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let entry = Entry::write(&header, &[3; 32], &bundle, &writer, &mut rng).unwrap();
        prop_assert_eq!(entry.open(&DESK, &log_key).unwrap(), bundle);
        prop_assert!(entry.open(&DESK, &wrong).is_err());
        prop_assert!(entry.open(&Fingerprint([6; 32]), &log_key).is_err());
        let mut tampered = *entry.as_bytes();
        tampered[at] ^= with;
        // The hash of what goes with the entry, bytes 57 to 89, is under the signature and not under the seal.
        let opened = Entry::from_bytes(&tampered).and_then(|entry| entry.open(&DESK, &log_key));
        prop_assert_eq!(opened.is_ok(), (57..89).contains(&at));
    }

    #[test]
    fn a_cell_opens_with_its_keys(
        seed in secret(), answer_key in secret(), hash: [u8; 32], at: prop::sample::Index, with in 1..=u8::MAX,
    ) {
        let cell = sealed_cell();
        let right = cell.opener();
        let whole = Cell::from_bytes(&cell.bytes).unwrap();
        prop_assert!(matches!(whole.open(&right), Ok(Opened::Call(_))));
        let wrong = [
            Opener { seed: &seed, ..right },
            Opener { answer_key: &answer_key, ..right },
            Opener { notice_hashes: &[hash], ..right },
            Opener { fingerprint: &Fingerprint(hash), ..right },
        ];
        for opener in wrong {
            prop_assert!(!opens(&cell.bytes, &opener));
        }
        prop_assert!(!opens(&cell.bytes[..at.index(cell.bytes.len())], &right));
        prop_assert!(!opens(&[cell.bytes.as_slice(), &[with]].concat(), &right));
        // The key id, bytes 5 and 6, and the epoch are under the seal as well.
        prop_assert!(!opens(&changed(&cell.bytes, at, with), &right));
    }

    #[test]
    fn wrapped_keys_open_for_their_device_and_generation(
        duty_key in secret(), answer_key in secret(), log_key in secret(), signing_key in bytes(),
        generation in 1..u32::MAX, seed: u64, at: prop::sample::Index, with_byte in 1..=u8::MAX,
    ) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let keys = DeskKeys {
            duty_key,
            certificate: Bytes([4; Certificate::LEN]),
            duty_generation: generation,
            certified_until: Day(9),
            exposed_until: Day(0),
            answer_key,
            former_answer_keys: Vec::new(),
            log_key,
            epochs: vec![EpochKey::generate(Day(9), &mut rng)],
            letters: vec![LetterKey::generate(Day(0), &mut rng)],
        };
        let ((own, wrapping_key), (other, _)) = (xwing_generate(&mut rng), xwing_generate(&mut rng));
        let identity = DeviceIdentity { signing_key, wrapping_key, posting_slot: 0 };
        let keyring = Keyring {
            version: 1, serial: 1, generation, begun: Day(9), fold: 1, keys: vec![], devices: vec![], former: vec![], by: None,
        };
        let keyring = keyring.wrapped_to(&[identity], &keys, &DESK, &mut rng).unwrap();
        let device = keyring.devices[0].clone();
        let unwrap = |keyring: &Keyring, secret| keyring.unwrap_keys(&device.id, secret, &DESK);
        prop_assert_eq!(unwrap(&keyring, &own).unwrap(), keys);
        prop_assert!(unwrap(&keyring, &other).is_err());
        let later = Keyring { generation: generation - 1, ..keyring.clone() };
        prop_assert!(unwrap(&later, &own).is_err());
        prop_assert!(keyring.unwrap_keys(&device.id, &own, &Fingerprint([6; 32])).is_err());
        prop_assert!(keyring.unwrap_keys(&Bytes([7; 16]), &own, &DESK).is_err());
        let with = |device: Device| Keyring { devices: vec![device], ..keyring.clone() };
        let tampered = Device { wrapped: changed(&device.wrapped, at, with_byte), ..device.clone() };
        prop_assert!(unwrap(&with(tampered), &own).is_err());
        let cut = Device { wrapped: device.wrapped[..at.index(device.wrapped.len())].to_vec(), ..device.clone() };
        prop_assert!(unwrap(&with(cut), &own).is_err());
        let tampered = Keyring { keys: changed(&keyring.keys, at, with_byte), ..keyring.clone() };
        prop_assert!(unwrap(&tampered, &own).is_err());
        let cut = Keyring { keys: keyring.keys[..at.index(keyring.keys.len())].to_vec(), ..keyring.clone() };
        prop_assert!(unwrap(&cut, &own).is_err());
    }
}

#[test]
fn a_cell_with_any_byte_changed_does_not_open() {
    let cell = sealed_cell();
    for at in 0..cell.bytes.len() {
        let mut tampered = cell.bytes.clone();
        tampered[at] ^= 1;
        assert!(!opens(&tampered, &cell.opener()), "byte {at}");
    }
}
