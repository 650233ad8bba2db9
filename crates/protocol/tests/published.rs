//! What standards publish, through the functions and libraries that the protocol uses; values and sources are in `vectors/published/`.

use std::path::PathBuf;

use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    identity::verify_bytes,
    xwing_public,
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use hpke::{
    Deserializable as _, Kem as _, OpModeR, PskBundle, Serializable as _,
    aead::ChaCha20Poly1305,
    kdf::HkdfSha256,
    kem::{X25519HkdfSha256, XWing},
};
use serde_json::Value;
use sha2::{Sha256, Sha512};
use x25519_dalek::{PublicKey, StaticSecret};

fn vectors(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/published").join(name);
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let vectors = file["vectors"].as_array().unwrap().clone();
    assert!(!vectors.is_empty(), "{name}");
    vectors
}

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

#[test]
fn xwing() {
    for vector in vectors("xwing.json") {
        let seed = Secret(array(&vector["seed"]));
        assert_eq!(xwing_public(&seed), Bytes(array(&vector["pk"])));
        let secret = <XWing as hpke::Kem>::PrivateKey::from_bytes(&seed.0).unwrap();
        let enc = <XWing as hpke::Kem>::EncappedKey::from_bytes(&hex(&vector["ct"])).unwrap();
        let shared = XWing::decap(&secret, None, &enc).unwrap();
        assert_eq!(shared.0.as_slice(), hex(&vector["ss"]));
    }
}

#[test]
fn hpke_opens() {
    for vector in vectors("hpke.json") {
        type Kem = X25519HkdfSha256;
        let (psk, psk_id) = (vector.get("psk").map(hex), vector.get("psk_id").map(hex));
        let mode = match (&psk, &psk_id) {
            (Some(psk), Some(id)) => {
                let sender = <Kem as hpke::Kem>::PublicKey::from_bytes(&hex(&vector["pkSm"])).unwrap();
                OpModeR::AuthPsk(sender, PskBundle::new(psk, id).unwrap())
            }
            _ => OpModeR::Base,
        };
        let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(&hex(&vector["skRm"])).unwrap();
        assert_eq!(Kem::sk_to_pk(&secret).to_bytes().as_slice(), hex(&vector["pkRm"]));
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&hex(&vector["enc"])).unwrap();
        let info = hex(&vector["info"]);
        let mut context =
            hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(&mode, &secret, &enc, &info).unwrap();
        // A drop or a cell is the first of its context; the second shows that the base nonce is right too.
        for encryption in &vector["encryptions"].as_array().unwrap()[..2] {
            let opened = context.open(&hex(&encryption["ct"]), &hex(&encryption["aad"])).unwrap();
            assert_eq!(opened, hex(&encryption["pt"]), "{}", vector["name"]);
        }
    }
}

#[test]
fn ed25519_is_strict() {
    for vector in vectors("ed25519.json") {
        let verified = verify_bytes(
            &Bytes(array(&vector["key"])),
            &hex(&vector["message"]),
            &array(&vector["signature"]),
        );
        assert_eq!(verified.is_ok(), vector["verifies"], "{}", vector["name"]);
    }
}

#[test]
fn x25519() {
    let nine = [[9].as_slice(), &[0; 31]].concat();
    for vector in vectors("x25519.json") {
        let (private, public): ([u8; 32], [u8; 32]) = (array(&vector["private"]), array(&vector["public"]));
        let shared = StaticSecret::from(private).diffie_hellman(&PublicKey::from(public));
        let shared = shared.was_contributory().then(|| shared.to_bytes().to_vec());
        assert_eq!(shared, vector["shared"].as_str().map(|_| hex(&vector["shared"])), "{}", vector["name"]);
        if public.as_slice() == nine {
            assert_eq!(Some(x25519_public(&Secret(private)).0.to_vec()), shared);
        }
    }
}

#[test]
fn hkdf_sha256() {
    for vector in vectors("hkdf.json") {
        let (prk, extracted) = Hkdf::<Sha256>::extract(Some(&hex(&vector["salt"])), &hex(&vector["ikm"]));
        assert_eq!(prk.as_slice(), hex(&vector["prk"]));
        for hkdf in [extracted, Hkdf::from_prk(&hex(&vector["prk"])).unwrap()] {
            let mut okm = vec![0; hex(&vector["okm"]).len()];
            hkdf.expand(&hex(&vector["info"]), &mut okm).unwrap();
            assert_eq!(okm, hex(&vector["okm"]), "{}", vector["name"]);
        }
    }
}

#[test]
fn hmac_sha256() {
    for vector in vectors("hmac.json") {
        let mut mac = Hmac::<Sha256>::new_from_slice(&hex(&vector["key"])).unwrap();
        mac.update(&hex(&vector["message"]));
        assert!(mac.verify_slice(&hex(&vector["mac"])).is_ok(), "{}", vector["name"]);
    }
}

#[test]
fn pbkdf2_hmac_sha512() {
    for vector in vectors("pbkdf2.json") {
        let mut key = vec![0; hex(&vector["key"]).len()];
        let iterations = u32::try_from(vector["iterations"].as_u64().unwrap()).unwrap();
        pbkdf2::pbkdf2_hmac::<Sha512>(&hex(&vector["password"]), &hex(&vector["salt"]), iterations, &mut key);
        assert_eq!(key, hex(&vector["key"]), "{}", vector["name"]);
    }
}

#[test]
fn xchacha20_poly1305() {
    for vector in vectors("xchacha20poly1305.json") {
        let cipher = XChaCha20Poly1305::new(&array(&vector["key"]).into());
        let nonce = XNonce::from(array::<24>(&vector["nonce"]));
        let (aad, text, sealed) = (hex(&vector["aad"]), hex(&vector["message"]), hex(&vector["ct"]));
        let opens = vector["opens"].as_bool().unwrap();
        let opened = cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &aad });
        assert_eq!(opened.ok(), opens.then(|| text.clone()), "{}", vector["name"]);
        let made = cipher.encrypt(&nonce, Payload { msg: &text, aad: &aad }).unwrap();
        assert_eq!(made == sealed, opens, "{}", vector["name"]);
    }
}
