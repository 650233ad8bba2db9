//! The primitives with nothing around them, for sealing what the protocol's own code refuses to make.

use callsign_protocol::{
    WrappingKey,
    encoding::{Bytes, Secret},
    identity::Fingerprint,
};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use hmac::{Hmac, Mac as _};
use hpke::{
    Deserializable as _, Kem as _, OpModeS, PskBundle, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256, kem::XWing,
};
use rand_core::CryptoRng;
use sha2::{Sha256, Sha512};

/// What HPKE binds beside the plaintext.
pub struct Bound<'a> {
    pub info: &'a [u8],
    pub aad: &'a [u8],
}

/// Base mode to an X-Wing key: `enc || ct`.
pub fn to_xwing(to: &WrappingKey, bound: &Bound<'_>, plaintext: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let to = <XWing as hpke::Kem>::PublicKey::from_bytes(&to.0).expect("an X-Wing key");
    let (enc, ct) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &to,
        bound.info,
        plaintext,
        bound.aad,
        rng,
    )
    .expect("HPKE seals");
    [enc.to_bytes().as_slice(), &ct].concat()
}

/// The pre-shared key of a drop and its name.
pub struct Psk<'a> {
    pub key: [u8; 32],
    pub id: &'a [u8],
}

/// `auth_psk` mode to an X25519 key: `enc || ct`.
pub fn to_x25519(
    (from, to): (&Secret<32>, &Bytes<32>),
    psk: &Psk<'_>,
    info: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let from = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&from.0).expect("an X25519 key");
    let to = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&to.0).expect("an X25519 key");
    let public = X25519HkdfSha256::sk_to_pk(&from);
    let psk = PskBundle::new(&psk.key, psk.id).expect("a key and its name");
    let (enc, ct) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::AuthPsk((from, public), psk),
        &to,
        info,
        plaintext,
        &[],
        rng,
    )
    .expect("HPKE seals");
    [enc.to_bytes().as_slice(), &ct].concat()
}

/// XChaCha20-Poly1305.
pub fn xchacha(key: &Secret<32>, nonce: [u8; 24], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plaintext, aad };
    XChaCha20Poly1305::new(&key.0.into()).encrypt(&XNonce::from(nonce), payload).expect("it encrypts")
}

/// HMAC-SHA-256.
pub fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The root of a folded phrase, which the protocol's own code keeps to itself.
pub fn root(phrase: &str, fingerprint: &Fingerprint) -> [u8; 32] {
    let salt = [b"callsign/v1 root".as_slice(), &fingerprint.0].concat();
    let mut root = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha512>(phrase.as_bytes(), &salt, 600_000, &mut root);
    root
}

/// `u16 len || payload || filling` of `size` bytes, with any length and any filling.
pub fn padded(len: usize, payload: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = u16::try_from(len).expect("a short payload").to_be_bytes().to_vec();
    bytes.extend_from_slice(payload);
    bytes.resize(size, 0);
    bytes
}
