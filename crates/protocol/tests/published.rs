//! What standards publish, through the functions that the protocol uses; values and sources are in `vectors/published/`.

use std::path::PathBuf;

use callsign_protocol::{
    encoding::{Bytes, Secret},
    identity::verify_bytes,
    xwing_public,
};
use data_encoding::HEXLOWER;
use serde_json::Value;

fn vectors(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/published").join(name);
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn xwing_keys() {
    for vector in vectors("xwing.json") {
        let seed = Secret(hex(&vector["seed"]).try_into().unwrap());
        assert_eq!(xwing_public(&seed).0.as_slice(), hex(&vector["pk"]));
    }
}

#[test]
fn ed25519_is_strict() {
    for vector in vectors("ed25519.json") {
        let key = Bytes(hex(&vector["key"]).try_into().unwrap());
        let signature = hex(&vector["signature"]).try_into().unwrap();
        let verified = verify_bytes(&key, &hex(&vector["message"]), &signature);
        assert_eq!(verified.is_ok(), vector["verifies"], "{}", vector["name"]);
    }
}
