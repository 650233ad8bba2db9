//! `keyring.json`: the signed list of devices, and the desk's keys wrapped to each.

use callsign_protocol::{
    VERSION, XWingSecret,
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{
        DeskKeys, Device, DeviceIdentity, FormerAnswerKey, FormerDevice, Keyring, WrapContext, device_id,
        seal_keys,
    },
    signed::Putter,
    xwing_generate,
};
use chacha20::ChaCha20Rng;
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    fixture::{Desk, TODAY, now, rng},
    seal::{self, Bound},
};

const GENERATION: u32 = 3;

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new();
    let mut rng = rng(70);
    let (first, first_seed) = device(&desk, 0, &mut rng);
    let (second, second_seed) = device(&desk, 7, &mut rng);
    let seeds = [(&first, &first_seed), (&second, &second_seed)]
        .map(|(device, seed)| json!({ "id": hex(&device.id.0), "seed": hex(&seed.0) }));
    let by_identity = Keyring { by: None, ..keyring_of(&desk, vec![first.clone()]) };
    let keyring = keyring_of(&desk, vec![first.clone(), second]);
    let mut cases: Vec<Value> = vec![
        Case::new("valid", "ok", "two devices")
            .bytes(&sign(&desk, &keyring))
            .with("serial", keyring.serial)
            .with("generation", keyring.generation)
            .into(),
        Case::new("restart", "ok", "put by the identity")
            .bytes(&restart(&desk, &by_identity, by_identity.serial))
            .with("serial", by_identity.serial)
            .with("generation", by_identity.generation)
            .into(),
    ];
    cases.extend(put_wrongly(&desk, &keyring_of(&desk, vec![first.clone()]), &by_identity));
    cases.extend(refused(&desk, &Keyring { devices: vec![first.clone()], ..keyring }));
    cases.extend(wrapped_wrongly(&desk, &first, &mut rng));
    json!({
        "comment": "Section 5.3: the keyring, read with `fingerprint` at `now`. The devices' wrapping seeds are `devices`; \
                    what each unwraps in a case that is ok is `keys`. `identity_seed` and `device_seed` sign for \
                    who puts it.",
        "fingerprint": desk.fingerprint().to_string(),
        "now": now().0,
        "identity_seed": hex(&desk.identity.seed().0),
        "device_seed": hex(&device_key(0).seed().0),
        "devices": seeds,
        "keys": keys(&desk),
        "cases": cases,
    })
}

fn keys(desk: &Desk) -> DeskKeys {
    DeskKeys {
        duty_key: desk.duty.seed(),
        certificate: Bytes(desk.certificate().encode()),
        duty_generation: GENERATION,
        certified_until: desk.certificate().days.1,
        exposed_until: TODAY.plus(2),
        answer_key: desk.answer_key.clone(),
        former_answer_keys: vec![
            FormerAnswerKey {
                public: x25519_public(&Secret([8; 32])),
                last_day: TODAY,
                secret: Some(Secret([8; 32])),
                exposed: true,
            },
            FormerAnswerKey {
                public: x25519_public(&Secret([9; 32])),
                last_day: TODAY.minus(7),
                secret: None,
                exposed: false,
            },
        ],
        log_key: desk.log_key.clone(),
        epochs: desk.epochs.clone(),
        letters: desk.letters.clone(),
    }
}

fn keyring_of(desk: &Desk, devices: Vec<Device>) -> Keyring {
    let former_key = PrivateKey::from_seed(&Secret([6; 32])).public();
    Keyring {
        version: VERSION,
        serial: 4,
        generation: GENERATION,
        fold: 1,
        begun: TODAY.minus(1),
        keys: sealed(desk, &serde_json::to_vec(&keys(desk)).expect("JSON"), &key()),
        devices,
        former: vec![FormerDevice { id: device_id(&former_key), signing_key: former_key }],
        by: Some(device_id(&device_key(0).public())),
    }
}

fn device(desk: &Desk, posting_slot: u8, rng: &mut ChaCha20Rng) -> (Device, XWingSecret) {
    let (seed, wrapping_key) = xwing_generate(rng);
    let signing_key = device_key(posting_slot).public();
    let identity = DeviceIdentity { signing_key, wrapping_key, posting_slot };
    let context = WrapContext { fingerprint: &desk.fingerprint(), generation: GENERATION };
    (Device::wrap(&identity, &key(), context, rng).expect("it wraps"), seed)
}

/// Seals the desk's keys, and is wrapped to each device.
fn key() -> Secret<32> {
    Secret([77; 32])
}

fn sealed(desk: &Desk, json: &[u8], key: &Secret<32>) -> Vec<u8> {
    let context = WrapContext { fingerprint: &desk.fingerprint(), generation: GENERATION };
    seal_keys(json, key, context).expect("it seals")
}

/// Signs for a device, by its posting slot.
fn device_key(posting_slot: u8) -> PrivateKey {
    PrivateKey::generate(&mut rng(700 + u64::from(posting_slot)))
}

fn sign(desk: &Desk, keyring: &Keyring) -> Vec<u8> {
    sign_body(desk, serde_json::to_vec(keyring).expect("a keyring is JSON"))
}

/// Any body, put by the first device.
fn sign_body(desk: &Desk, body: Vec<u8>) -> Vec<u8> {
    desk.keyring(body, Putter::Device(&device_key(0)), 0)
}

/// Put by the identity, whose signature names a serial.
fn restart(desk: &Desk, keyring: &Keyring, serial: u64) -> Vec<u8> {
    let body = serde_json::to_vec(keyring).expect("a keyring is JSON");
    desk.keyring(body, Putter::Identity(&desk.identity), serial)
}

/// Keyrings that nobody has put who may.
fn put_wrongly(desk: &Desk, good: &Keyring, by_identity: &Keyring) -> Vec<Value> {
    let body = |keyring: &Keyring| serde_json::to_vec(keyring).expect("a keyring is JSON");
    let by = |keyring: &Keyring, key: &PrivateKey| desk.keyring(body(keyring), Putter::Device(key), 0);
    let len = sign(desk, good).len();
    let change = |case: Case| Value::from(case.of("one device"));
    let cases = [
        ("by another device", "put", "the signature is that of another device", by(good, &device_key(7))),
        ("by the duty key", "put", "the signature is the duty key's", by(good, &desk.duty)),
        ("identity for a device", "put", "the identity's signature where a device is named", {
            restart(desk, good, good.serial)
        }),
        (
            "device for the identity",
            "put",
            "a device's signature where none is named",
            sign(desk, by_identity),
        ),
        ("restart of another serial", "put", "the identity's signature over another serial", {
            restart(desk, by_identity, by_identity.serial + 1)
        }),
        ("by nobody", "rule", "the device that puts it is not in it", {
            sign(desk, &Keyring { by: Some(Bytes([7; 16])), ..good.clone() })
        }),
        ("by null", "json", "null is an error", {
            let mut body = serde_json::to_value(good).expect("a keyring is JSON");
            body["by"] = Value::Null;
            sign_body(desk, body.to_string().into_bytes())
        }),
    ];
    let mut wrong: Vec<Value> = vec![
        Case::new("one device", "ok", "a device alone")
            .bytes(&sign(desk, good))
            .with("serial", good.serial)
            .with("generation", good.generation)
            .into(),
    ];
    wrong.extend(
        cases.map(|(name, outcome, comment, bytes)| {
            Value::from(Case::new(name, outcome, comment).bytes(&bytes))
        }),
    );
    wrong.extend([
        change(Case::new("put flipped", "put", "one bit of the last signature").xor(len - 1, &[1])),
        change(Case::new("number flipped", "certificate signature", "another number").xor(69, &[1])),
        change(Case::new("body signature flipped", "body signature", "one bit").xor(len - 65, &[1])),
        change(Case::new("without who puts it", "truncated", "the last signature is missing").keep(len - 64)),
        change(Case::new("longer", "trailing", "one byte too many").append(&[0])),
    ]);
    wrong
}

/// Keyrings that are refused whole.
fn refused(desk: &Desk, good: &Keyring) -> Vec<Value> {
    let device = || Device { wrapped: vec![], ..good.devices[0].clone() };
    let with = |devices: Vec<Device>| sign(desk, &Keyring { devices, ..good.clone() });
    let cases = [
        ("renamed", "rule", "an id that is not the hash of the signing key", {
            with(vec![Device { id: Bytes([0; 16]), ..device() }])
        }),
        ("same device", "rule", "one device in two posting slots", {
            with(vec![device(), Device { posting_slot: 1, ..device() }])
        }),
        ("same slot", "rule", "two devices in one posting slot", with(vec![device(), device()])),
        ("slot 8", "rule", "posting slots end at 7", with(vec![Device { posting_slot: 8, ..device() }])),
        ("version 2", "version", "a body of a later version", {
            sign(desk, &Keyring { version: 2, devices: vec![], ..good.clone() })
        }),
        ("version 0", "version", "no such version", {
            sign(desk, &Keyring { version: 0, devices: vec![], ..good.clone() })
        }),
        ("generation 0", "rule", "generations begin with 1", {
            sign(desk, &Keyring { generation: 0, devices: vec![], ..good.clone() })
        }),
        ("former twice", "rule", "a former device twice", {
            let former = vec![good.former[0].clone(); 2];
            sign(desk, &Keyring { former, devices: vec![device()], ..good.clone() })
        }),
        ("former renamed", "rule", "a former device whose id is not the hash of its key", {
            let former = vec![FormerDevice { id: Bytes([0; 16]), ..good.former[0].clone() }];
            sign(desk, &Keyring { former, devices: vec![device()], ..good.clone() })
        }),
        ("fold 0", "rule", "versions of the fold begin with 1", {
            sign(desk, &Keyring { fold: 0, devices: vec![], ..good.clone() })
        }),
        ("later body", "version", "whose members are for later versions", {
            sign_body(desk, br#"{"version":2}"#.to_vec())
        }),
        ("given twice", "json", "a member twice", {
            sign_body(desk, br#"{"version":1,"serial":4,"serial":4,"generation":3,"begun":20000,"fold":1,"keys":"","devices":[],"former":[]}"#.to_vec())
        }),
        ("not JSON", "json", "no JSON", sign_body(desk, b"keyring".to_vec())),
        ("no devices", "json", "a missing member", {
            sign_body(
                desk,
                br#"{"version":1,"serial":4,"generation":3,"begun":20000,"fold":1,"keys":"","former":[]}"#
                    .to_vec(),
            )
        }),
    ];
    let mut refused: Vec<Value> = cases
        .map(|(name, outcome, comment, bytes)| Case::new(name, outcome, comment).bytes(&bytes).into())
        .to_vec();
    let len = sign(desk, good).len();
    let notice = Case::new("a notice", "kind", "a notice where a keyring is expected");
    refused.push(notice.of("one device").xor(1, &[3]).keep(len - 64).into());
    refused
}

/// Keyrings in order, whose wrapped keys do not open for the device.
fn wrapped_wrongly(desk: &Desk, device: &Device, rng: &mut ChaCha20Rng) -> Vec<Value> {
    let wrap = |info: &[u8], aad: &[u8], plaintext: &[u8], rng: &mut ChaCha20Rng| {
        let wrapped = seal::to_xwing(&device.wrapping_key, &Bound { info, aad }, plaintext, rng);
        let devices = vec![Device { wrapped, ..device.clone() }];
        sign(desk, &keyring_of(desk, devices))
    };
    let info = |fingerprint: &[u8; 32], generation: u32| {
        [b"callsign/v1 keyring".as_slice(), fingerprint, &generation.to_be_bytes()].concat()
    };
    let fingerprint = desk.fingerprint().0;
    let right = info(&fingerprint, GENERATION);
    let json = serde_json::to_vec(&keys(desk)).expect("JSON");
    let mut short = serde_json::to_value(keys(desk)).expect("JSON");
    short["log_key"] = json!(Secret([1; 31]));
    let key = key();
    let with = |keys: Vec<u8>| sign(desk, &Keyring { keys, ..keyring_of(desk, vec![device.clone()]) });
    let right_keys = keyring_of(desk, vec![]).keys;
    let cases = [
        ("other generation", "wrapped", "wrapped for the generation before", {
            wrap(&info(&fingerprint, GENERATION - 1), &device.id.0, &key.0, rng)
        }),
        ("other desk", "wrapped", "wrapped for another desk", {
            wrap(&info(&[7; 32], GENERATION), &device.id.0, &key.0, rng)
        }),
        ("other device", "wrapped", "wrapped for another id", wrap(&right, &[0; 16], &key.0, rng)),
        ("another key", "wrapped", "a key under which nothing is sealed", {
            wrap(&right, &device.id.0, &[78; 32], rng)
        }),
        ("short key", "wrapped", "a key of 31 bytes", wrap(&right, &device.id.0, &[77; 31], rng)),
        ("another name of the key", "wrapped", "one bit of the first 32 bytes", {
            with([&[right_keys[0] ^ 1], &right_keys[1..]].concat())
        }),
        ("keys flipped", "wrapped", "one bit of the sealed keys", {
            with([&right_keys[..40], &[right_keys[40] ^ 1], &right_keys[41..]].concat())
        }),
        ("no keys", "wrapped", "nothing is sealed", with(vec![])),
        ("wrapped keys cut", "wrapped keys", "not JSON", with(sealed(desk, &json[..40], &key))),
        ("short log key", "wrapped keys", "a log key of 31 bytes", {
            with(sealed(desk, short.to_string().as_bytes(), &key))
        }),
    ];
    let mut wrong: Vec<Value> = cases
        .map(|(name, outcome, comment, bytes)| Case::new(name, outcome, comment).bytes(&bytes).into())
        .to_vec();
    let cut = Device { wrapped: device.wrapped[..1_119].to_vec(), ..device.clone() };
    let keyring = keyring_of(desk, vec![cut]);
    let case = Case::new("enc cut", "wrapped", "shorter than an enc").bytes(&sign(desk, &keyring));
    wrong.push(case.into());
    wrong
}
