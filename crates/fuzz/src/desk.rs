//! The desk of the vectors with all its keys, so that anything at all can be signed and sealed for its readers.

use std::sync::LazyLock;

use callsign_protocol::{
    caller_keys::CallerKeys,
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    keyring::{DeskKeys, DeviceId},
    signed::{Certificate, Envelope, Kind, Putter},
    time::{Day, UnixSeconds},
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::read::{file, fingerprint, hex, list, number, person};

/// A desk, one of its devices, and one of its callers.
pub struct Desk {
    identity_key: PrivateKey,
    pub fingerprint: Fingerprint,
    pub keys: DeskKeys,
    pub device: DeviceId,
    device_key: PrivateKey,
    pub wrapping_secret: Secret<32>,
    pub notice_hash: [u8; 32],
    pub caller: CallerKeys,
    pub now: UnixSeconds,
}

/// The desk of all vectors.
pub static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let (keyring, cell) = (file("keyring.json"), file("cell.json"));
    let desk = fingerprint(&keyring["fingerprint"]);
    let device = &list(&keyring["devices"])[0];
    Desk {
        identity_key: PrivateKey::from_seed(&Secret(hex(&keyring["identity_seed"]))),
        device_key: PrivateKey::from_seed(&Secret(hex(&keyring["device_seed"]))),
        fingerprint: desk,
        keys: serde_json::from_value(keyring["keys"].clone()).expect("the keys of a desk"),
        device: Bytes(hex(&device["id"])),
        wrapping_secret: Secret(hex(&device["seed"])),
        notice_hash: hex(&cell["notice_hash"]),
        caller: person(&cell["caller"], &desk),
        now: UnixSeconds(number(&keyring["now"])),
    }
});

impl Desk {
    /// Signs any body as a notice's.
    pub fn notice(&self, body: &[u8]) -> Vec<u8> {
        self.envelope(Kind::Notice, body).encode()
    }

    /// Signs any body as a letters document's.
    pub fn letters(&self, body: &[u8]) -> Vec<u8> {
        self.envelope(Kind::Letters, body).encode()
    }

    /// Signs any body as a keyring's, put by the device or the identity, whichever it names.
    pub fn keyring(&self, body: &[u8]) -> Vec<u8> {
        let named: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let envelope = self.envelope(Kind::Keyring, body);
        let putter = if named.get("by").is_some() {
            Putter::Device(&self.device_key)
        } else {
            Putter::Identity(&self.identity_key)
        };
        envelope.put_by(putter, named["serial"].as_u64().unwrap_or_default()).encode()
    }

    fn envelope(&self, kind: Kind, body: &[u8]) -> Envelope {
        let duty = PrivateKey::from_seed(&self.keys.duty_key);
        let certificate = Certificate::decode(&self.keys.certificate.0).expect("the desk's own certificate");
        Envelope::sign(kind, self.identity_key.public(), certificate, &duty, body.to_vec())
    }

    /// The day of the vectors' clock; the first epoch is its own.
    pub fn today(&self) -> Day {
        self.now.day()
    }
}

/// A generator that draws the same each time: an input must do the same whenever it is run.
pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}
