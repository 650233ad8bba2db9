//! Keys and phrases never print, whoever debugs a struct that holds them; and bytes have one text alone.

use callsign_protocol::{
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    keyring::EpochKey,
    phrase::Phrase,
    time::Day,
};

#[test]
fn nothing_secret_prints() {
    let phrase = Phrase::parse("abandon ability able").unwrap();
    let keys = phrase.caller_keys(&Fingerprint([7; 32]));
    let epoch = EpochKey { epoch: Day(1), key_id: 2, seed: Secret([9; 32]), superseded: false };
    assert_eq!(format!("{phrase:?} {keys:?}"), "[redacted] CallerKeys([redacted])");
    assert_eq!(format!("{:?}", PrivateKey::from_seed(&Secret([9; 32]))), "[redacted]");
    assert_eq!(
        format!("{epoch:?}"),
        "EpochKey { epoch: Day(1), key_id: 2, seed: [redacted], superseded: false }"
    );
}

#[test]
fn bytes_have_one_text_alone() {
    let bytes = Bytes([0xff, 0xfe, 0xfd, 0xfc]);
    assert_eq!((bytes.to_string(), format!("{bytes:?}")), ("__79_A".into(), "__79_A".into()));
    assert_eq!(Bytes::from_base64url("__79_A"), Some(bytes));
    let others = ["__79_A==", "//79/A", "__79_B", "__79_", "__79_AA", "__79_A\n", " __79_A", ""];
    for other in others {
        assert_eq!(Bytes::<4>::from_base64url(other), None, "{other}");
        let json = serde_json::Value::from(other).to_string();
        assert!(serde_json::from_str::<Bytes<4>>(&json).is_err(), "{other}");
        assert!(serde_json::from_str::<Secret<4>>(&json).is_err(), "{other}");
    }
}
