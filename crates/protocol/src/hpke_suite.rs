//! The two HPKE suites of the protocol (RFC 9180): X-Wing in base mode for calls and wrapping, X25519 in `auth_psk` mode for answers.

use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, PskBundle, Serializable, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256, kem::XWing,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::encoding::{Bytes, Secret};

/// Bytes of an X-Wing encapsulation.
pub(crate) const XWING_ENC_LEN: usize = 1_120;
/// Bytes of the AEAD's tag.
pub(crate) const TAG_LEN: usize = 16;

/// An X-Wing public key, 1,216 bytes (draft-connolly-cfrg-xwing-kem).
pub type WrappingKey = Bytes<1_216>;
/// X-Wing's decapsulation key, the 32-byte seed.
pub type XWingSecret = Secret<32>;

/// The bytes did not open, or the key is not a point or a lattice element. Nothing more may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("does not open")]
pub(crate) struct HpkeFailed;

/// A new X-Wing key pair.
pub fn xwing_generate(rng: &mut impl CryptoRng) -> (XWingSecret, WrappingKey) {
    let seed = Secret::random(rng);
    let public = xwing_public(&seed);
    (seed, public)
}

/// The public key of an X-Wing seed.
///
/// # Panics
/// Never: every 32-byte string is a seed.
pub fn xwing_public(seed: &XWingSecret) -> WrappingKey {
    let secret = <XWing as hpke::Kem>::PrivateKey::from_bytes(&seed.0).expect("any 32 bytes are a seed");
    let mut public = [0; 1_216];
    XWing::sk_to_pk(&secret).write_exact(&mut public);
    Bytes(public)
}

/// HPKE base mode to an X-Wing key: `enc 1,120 || ct`, ct being 16 bytes longer than the plaintext.
pub(crate) fn xwing_seal(
    to: &WrappingKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, HpkeFailed> {
    let to = <XWing as hpke::Kem>::PublicKey::from_bytes(&to.0).map_err(|_| HpkeFailed)?;
    let (enc, ct) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &to,
        info,
        plaintext,
        aad,
        rng,
    )
    .map_err(|_| HpkeFailed)?;
    let mut sealed = vec![0; XWING_ENC_LEN];
    enc.write_exact(&mut sealed);
    sealed.extend_from_slice(&ct);
    Ok(sealed)
}

/// Opens what [`xwing_seal`] made.
pub(crate) fn xwing_open(
    seed: &XWingSecret,
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeFailed> {
    let (enc, ct) = sealed.split_at_checked(XWING_ENC_LEN).ok_or(HpkeFailed)?;
    let secret = <XWing as hpke::Kem>::PrivateKey::from_bytes(&seed.0).map_err(|_| HpkeFailed)?;
    let enc = <XWing as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| HpkeFailed)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        &secret,
        &enc,
        info,
        ct,
        aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| HpkeFailed)
}

/// Who speaks to whom in `auth_psk` mode, and under which shared secret.
pub(crate) struct AuthPsk<'a> {
    pub(crate) psk: &'a Secret<32>,
    pub(crate) psk_id: &'a [u8],
    pub(crate) info: &'a [u8],
}

type Private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Public = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type Encapped = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// HPKE `auth_psk` mode over X25519: `(enc 32, ct)` from `sender` to `to`.
pub(crate) fn auth_psk_seal(
    sender: &Secret<32>,
    to: &Bytes<32>,
    bind: &AuthPsk<'_>,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<([u8; 32], Vec<u8>), HpkeFailed> {
    let sender = Private::from_bytes(&sender.0).map_err(|_| HpkeFailed)?;
    let sender_public = X25519HkdfSha256::sk_to_pk(&sender);
    let to = Public::from_bytes(&to.0).map_err(|_| HpkeFailed)?;
    let psk = PskBundle::new(&bind.psk.0, bind.psk_id).map_err(|_| HpkeFailed)?;
    let mode = OpModeS::AuthPsk((sender, sender_public), psk);
    let (enc, ct) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode,
        &to,
        bind.info,
        plaintext,
        &[],
        rng,
    )
    .map_err(|_| HpkeFailed)?;
    let mut enc_bytes = [0; 32];
    enc.write_exact(&mut enc_bytes);
    Ok((enc_bytes, ct))
}

/// Opens what [`auth_psk_seal`] made; fails unless it came from `sender`.
pub(crate) fn auth_psk_open(
    recipient: &Secret<32>,
    sender: &Bytes<32>,
    bind: &AuthPsk<'_>,
    enc: &[u8; 32],
    ct: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeFailed> {
    let recipient = Private::from_bytes(&recipient.0).map_err(|_| HpkeFailed)?;
    let sender = Public::from_bytes(&sender.0).map_err(|_| HpkeFailed)?;
    let enc = Encapped::from_bytes(enc).map_err(|_| HpkeFailed)?;
    let psk = PskBundle::new(&bind.psk.0, bind.psk_id).map_err(|_| HpkeFailed)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::AuthPsk(sender, psk),
        &recipient,
        &enc,
        bind.info,
        ct,
        &[],
    )
    .map(Zeroizing::new)
    .map_err(|_| HpkeFailed)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, path::PathBuf};

    use data_encoding::HEXLOWER;
    use rand_core::{TryCryptoRng, TryRng};
    use serde_json::Value;

    use super::*;

    /// Gives the published randomness, once.
    struct Published(Vec<u8>);

    impl TryRng for Published {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("keys are drawn as bytes")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("keys are drawn as bytes")
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.copy_from_slice(&self.0.split_off(self.0.len() - bytes.len()));
            Ok(())
        }
    }

    impl TryCryptoRng for Published {}

    fn published(file: &str) -> Vec<Value> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/published").join(file);
        let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        file["vectors"].as_array().unwrap().clone()
    }

    fn hex(value: &Value) -> Vec<u8> {
        HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
    }

    fn array<const N: usize>(value: &Value) -> [u8; N] {
        hex(value).try_into().unwrap()
    }

    #[test]
    fn xwing_seals_and_opens_as_published() {
        for vector in published("hpke_xwing.json") {
            let (seed, info) = (Secret(array(&vector["skRm"])), hex(&vector["info"]));
            let first = &vector["encryptions"][0];
            let (aad, text) = (hex(&first["aad"]), hex(&first["pt"]));
            let expected = [hex(&vector["enc"]), hex(&first["ct"])].concat();
            let mut rng = Published(hex(&vector["ikmE"]));
            let to = Bytes(array(&vector["pkRm"]));
            assert_eq!(xwing_public(&seed), to);
            assert_eq!(xwing_seal(&to, &info, &aad, &text, &mut rng).unwrap(), expected);
            assert_eq!(*xwing_open(&seed, &info, &aad, &expected).unwrap(), text);
        }
    }

    #[test]
    fn auth_psk_seals_as_published() {
        for vector in published("hpke.json").iter().filter(|vector| vector["mode"] == 3) {
            let (info, psk_id) = (hex(&vector["info"]), hex(&vector["psk_id"]));
            let psk = Secret(array(&vector["psk"]));
            let bind = AuthPsk { psk: &psk, psk_id: &psk_id, info: &info };
            let first = &vector["encryptions"][0];
            let (to, from) = (Bytes(array(&vector["pkRm"])), Secret(array(&vector["skSm"])));
            let mut rng = Published(hex(&vector["ikmE"]));
            let (enc, ct) = auth_psk_seal(&from, &to, &bind, &hex(&first["pt"]), &mut rng).unwrap();
            assert_eq!(enc, array(&vector["enc"]));
            // The published aad is not empty, as ours always is: the tags differ, the stream is the same.
            let len = ct.len() - TAG_LEN;
            assert_eq!(ct[..len], hex(&first["ct"])[..len]);
            let (own, sender) = (Secret(array(&vector["skRm"])), Bytes(array(&vector["pkSm"])));
            assert_eq!(*auth_psk_open(&own, &sender, &bind, &enc, &ct).unwrap(), hex(&first["pt"]));
            let with_aad = hex(&first["ct"]);
            assert!(auth_psk_open(&own, &sender, &bind, &enc, &with_aad).is_err());
        }
    }
}
