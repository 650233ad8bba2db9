//! `keyring.json`: the signed list of devices, and the desk's keys wrapped to each.

use callsign_protocol::{
    VERSION, XWingSecret,
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{
        DeskKeys, Device, DeviceIdentity, FormerAnswerKey, FormerDevice, Keyring, RetiredKey, WrapContext,
        device_id,
    },
    signed::Kind,
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
    let keyring = keyring_of(vec![first.clone(), second]);
    let mut cases: Vec<Value> = vec![
        Case::new("valid", "ok", "two devices")
            .bytes(&sign(&desk, &keyring))
            .with("serial", keyring.serial)
            .with("generation", keyring.generation)
            .into(),
    ];
    cases.extend(refused(&desk, &Keyring { devices: vec![first.clone()], ..keyring }));
    cases.extend(wrapped_wrongly(&desk, &first, &mut rng));
    json!({
        "comment": "Section 5.3: the keyring, read with `fingerprint` at `now`. The devices' wrapping seeds are `devices`; \
                    what each unwraps in a case that is ok is `keys`.",
        "fingerprint": desk.fingerprint().to_string(),
        "now": now().0,
        "devices": seeds,
        "keys": keys(&desk),
        "cases": cases,
    })
}

fn keys(desk: &Desk) -> DeskKeys {
    DeskKeys {
        duty_key: desk.duty.seed(),
        certificate: Bytes(desk.certificate().encode()),
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

fn keyring_of(devices: Vec<Device>) -> Keyring {
    let former_key = PrivateKey::from_seed(&Secret([6; 32])).public();
    Keyring {
        version: VERSION,
        serial: 4,
        generation: GENERATION,
        fold: 1,
        begun: TODAY.minus(1),
        devices,
        former: vec![FormerDevice { id: device_id(&former_key), signing_key: former_key }],
        retired: vec![RetiredKey { duty_key: former_key, last_day: TODAY.plus(9) }],
    }
}

fn device(desk: &Desk, posting_slot: u8, rng: &mut ChaCha20Rng) -> (Device, XWingSecret) {
    let (seed, wrapping_key) = xwing_generate(rng);
    let signing_key = PrivateKey::generate(rng).public();
    let identity = DeviceIdentity { signing_key, wrapping_key, posting_slot };
    let context = WrapContext { fingerprint: &desk.fingerprint(), generation: GENERATION };
    (Device::wrap(&identity, &keys(desk), context, rng).expect("it wraps"), seed)
}

fn sign(desk: &Desk, keyring: &Keyring) -> Vec<u8> {
    desk.envelope(Kind::Keyring, serde_json::to_vec(keyring).expect("a keyring is JSON"))
}

/// Keyrings that are refused whole.
fn refused(desk: &Desk, good: &Keyring) -> Vec<Value> {
    let device = || Device { wrapped: vec![], ..good.devices[0].clone() };
    let with = |devices: Vec<Device>| sign(desk, &Keyring { devices, ..good.clone() });
    let change =
        |name, outcome, comment| Value::from(Case::new(name, outcome, comment).of("valid").xor(1, &[3]));
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
        ("fold 0", "rule", "versions of the fold begin with 1", {
            sign(desk, &Keyring { fold: 0, devices: vec![], ..good.clone() })
        }),
        ("later body", "version", "whose members are for later versions", {
            desk.envelope(Kind::Keyring, br#"{"version":2}"#.to_vec())
        }),
        ("given twice", "json", "a member twice", {
            desk.envelope(
                Kind::Keyring,
                br#"{"version":1,"serial":4,"serial":4,"generation":3,"begun":20000,"fold":1,"devices":[],"former":[],"retired":[]}"#
                    .to_vec(),
            )
        }),
        ("not JSON", "json", "no JSON", desk.envelope(Kind::Keyring, b"keyring".to_vec())),
        ("no devices", "json", "a missing member", {
            desk.envelope(
                Kind::Keyring,
                br#"{"version":1,"serial":4,"generation":3,"begun":20000,"fold":1,"former":[],"retired":[]}"#
                    .to_vec(),
            )
        }),
    ];
    let mut refused: Vec<Value> = cases
        .map(|(name, outcome, comment, bytes)| Case::new(name, outcome, comment).bytes(&bytes).into())
        .to_vec();
    refused.push(change("a notice", "kind", "a notice where a keyring is expected"));
    refused
}

/// Keyrings in order, whose wrapped keys do not open for the device.
fn wrapped_wrongly(desk: &Desk, device: &Device, rng: &mut ChaCha20Rng) -> Vec<Value> {
    let wrap = |info: &[u8], aad: &[u8], plaintext: &[u8], rng: &mut ChaCha20Rng| {
        let wrapped = seal::to_xwing(&device.wrapping_key, &Bound { info, aad }, plaintext, rng);
        let devices = vec![Device { wrapped, ..device.clone() }];
        sign(desk, &keyring_of(devices))
    };
    let info = |fingerprint: &[u8; 32], generation: u32| {
        [b"callsign/v1 keyring".as_slice(), fingerprint, &generation.to_be_bytes()].concat()
    };
    let fingerprint = desk.fingerprint().0;
    let right = info(&fingerprint, GENERATION);
    let json = serde_json::to_vec(&keys(desk)).expect("JSON");
    let mut short = serde_json::to_value(keys(desk)).expect("JSON");
    short["log_key"] = json!(Secret([1; 31]));
    let cases = [
        ("other generation", "wrapped", "wrapped for the generation before", {
            wrap(&info(&fingerprint, GENERATION - 1), &device.id.0, &json, rng)
        }),
        ("other desk", "wrapped", "wrapped for another desk", {
            wrap(&info(&[7; 32], GENERATION), &device.id.0, &json, rng)
        }),
        ("other device", "wrapped", "wrapped for another id", wrap(&right, &[0; 16], &json, rng)),
        ("wrapped keys cut", "wrapped keys", "not JSON", wrap(&right, &device.id.0, &json[..40], rng)),
        ("short log key", "wrapped keys", "a log key of 31 bytes", {
            wrap(&right, &device.id.0, short.to_string().as_bytes(), rng)
        }),
    ];
    let mut wrong: Vec<Value> = cases
        .map(|(name, outcome, comment, bytes)| Case::new(name, outcome, comment).bytes(&bytes).into())
        .to_vec();
    let cut = Device { wrapped: device.wrapped[..1_119].to_vec(), ..device.clone() };
    let keyring = keyring_of(vec![cut]);
    let case = Case::new("enc cut", "wrapped", "shorter than an enc").bytes(&sign(desk, &keyring));
    wrong.push(case.into());
    wrong
}
