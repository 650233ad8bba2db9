//! What comes of a phrase: the caller's key pair, identifier, shard, weekly drop secrets and proof.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use x25519_dalek::{PublicKey as X25519Public, StaticSecret};

use crate::{
    call_sign::CallSign,
    derive::{derive, sha256, sha256_id},
    encoding::{Bytes, Secret},
    time::{Day, Week},
};

/// An X25519 public key (RFC 7748).
pub type CallerPublicKey = Bytes<32>;
/// `SHA-256(caller_pk)[..16]`.
pub type CallerId = Bytes<16>;
/// The secret of one week's drops; the desk gets it inside real cells.
pub type DropSecret = Secret<32>;

// Labels under which the keys of proofs are derived.
const CELL_PROOF: &str = "caller proof";
const LETTER_PROOF: &str = "letter proof";

/// All that one phrase owns at one desk; wiped on drop.
#[derive(Clone)]
pub struct CallerKeys {
    root: Secret<32>,
    secret: Secret<32>,
    public: CallerPublicKey,
}

/// What the proof of section 6 covers.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    /// The message's id.
    pub message_id: &'a Bytes<16>,
    /// Which part of it, from 1.
    pub part: u8,
    /// The payload's JSON as it is sealed.
    pub json: &'a [u8],
    /// The epoch that the cell is sealed for; of a letter, its period.
    pub epoch: Day,
}

impl CallerKeys {
    /// All that comes of a root; a phrase makes its root slowly.
    pub fn from_root(root: Secret<32>) -> Self {
        let secret = Secret(derive(&root.0, "caller key", b""));
        let public = x25519_public(&secret);
        Self { root, secret, public }
    }

    /// The X25519 private key; answers are sealed to its public half.
    pub fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// The public half.
    pub fn public(&self) -> &CallerPublicKey {
        &self.public
    }

    /// The caller's identifier at this desk.
    pub fn id(&self) -> CallerId {
        caller_id(&self.public)
    }

    /// The name to speak.
    pub fn call_sign(&self) -> CallSign {
        CallSign::of(&self.id())
    }

    /// Constant for the phrase; the first bits choose the shard.
    pub fn shard_bits(&self) -> u16 {
        u16::from_be_bytes(derive(&self.root.0, "shard", b""))
    }

    /// The secret of the drops of one week.
    pub fn drop_secret(&self, week: Week) -> DropSecret {
        Secret(derive(&self.root.0, "drop secret", &week.0.to_be_bytes()))
    }

    /// The proof that a cell is this caller's, for the desk that holds the private half of `answer_key`;
    /// none where that is a point of small order.
    pub fn prove(&self, answer_key: &Bytes<32>, proven: &Proven<'_>) -> Option<[u8; 32]> {
        Some(proof(CELL_PROOF, &self.secret, answer_key, proven)?.finalize().into_bytes().into())
    }

    /// The proof that a letter is this caller's, for the desk that holds the private half of `proof_key`; likewise.
    pub fn prove_letter(&self, proof_key: &Bytes<32>, proven: &Proven<'_>) -> Option<[u8; 32]> {
        Some(proof(LETTER_PROOF, &self.secret, proof_key, proven)?.finalize().into_bytes().into())
    }
}

/// Checks [`CallerKeys::prove`] with the desk's answer key, in constant time. It never holds for a point of small order:
/// anyone could prove that, and no answer could be sealed to it.
pub fn proof_holds(
    answer_secret: &Secret<32>,
    caller: &CallerPublicKey,
    proven: &Proven<'_>,
    mac: &[u8; 32],
) -> bool {
    proof(CELL_PROOF, answer_secret, caller, proven).is_some_and(|proof| proof.verify_slice(mac).is_ok())
}

/// Checks [`CallerKeys::prove_letter`] with a letter key's proof secret; likewise.
pub fn letter_proof_holds(
    proof_secret: &Secret<32>,
    caller: &CallerPublicKey,
    proven: &Proven<'_>,
    mac: &[u8; 32],
) -> bool {
    proof(LETTER_PROOF, proof_secret, caller, proven).is_some_and(|proof| proof.verify_slice(mac).is_ok())
}

/// `SHA-256(caller_pk)[..16]`.
pub fn caller_id(public: &CallerPublicKey) -> CallerId {
    sha256_id(&[&public.0])
}

/// The public half of an X25519 private key.
pub fn x25519_public(secret: &Secret<32>) -> Bytes<32> {
    Bytes(X25519Public::from(&StaticSecret::from(secret.0)).to_bytes())
}

fn proof(label: &str, own: &Secret<32>, other: &Bytes<32>, proven: &Proven<'_>) -> Option<Hmac<Sha256>> {
    let shared = StaticSecret::from(own.0).diffie_hellman(&X25519Public::from(other.0));
    if !shared.was_contributory() {
        return None;
    }
    let key = Secret(derive::<32>(shared.as_bytes(), label, b""));
    // Unwrap safety: HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes any key");
    mac.update(&proven.message_id.0);
    mac.update(&[proven.part]);
    mac.update(&sha256(&[proven.json]));
    mac.update(&proven.epoch.0.to_be_bytes());
    Some(mac)
}

impl fmt::Debug for CallerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerKeys([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_make_the_same_proof_and_nobody_else_does() {
        let caller = CallerKeys::from_root(Secret([1; 32]));
        let answer = Secret([2; 32]);
        let id = Bytes([3; 16]);
        let proven = Proven { message_id: &id, part: 1, json: b"{}", epoch: Day(9) };
        let mac = caller.prove(&x25519_public(&answer), &proven).unwrap();
        assert!(proof_holds(&answer, caller.public(), &proven, &mac));
        assert!(!proof_holds(&Secret([4; 32]), caller.public(), &proven, &mac));
        assert!(!proof_holds(&answer, caller.public(), &Proven { part: 2, ..proven }, &mac));
        assert!(!proof_holds(&answer, caller.public(), &Proven { epoch: Day(8), ..proven }, &mac));
        assert!(!proof_holds(&answer, caller.public(), &Proven { json: b"{ }", ..proven }, &mac));
        assert!(
            !letter_proof_holds(&answer, caller.public(), &proven, &mac),
            "a letter's proof has its own label"
        );
    }

    #[test]
    fn nothing_is_proved_for_a_point_of_small_order() {
        let id = Bytes([3; 16]);
        let proven = Proven { message_id: &id, part: 1, json: b"{}", epoch: Day(9) };
        let answer = Secret([2; 32]);
        for point in [0, 1] {
            let mut small = Bytes([0; 32]);
            small.0[0] = point;
            // What anyone can compute, for the shared secret is zero.
            let key = Secret(derive::<32>(&[0; 32], "caller proof", b""));
            let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).unwrap();
            mac.update(&id.0);
            mac.update(&[1]);
            mac.update(&sha256(&[b"{}"]));
            mac.update(&9u32.to_be_bytes());
            assert!(!proof_holds(&answer, &small, &proven, &mac.finalize().into_bytes().into()));
        }
    }

    #[test]
    fn weeks_have_unrelated_secrets() {
        let caller = CallerKeys::from_root(Secret([1; 32]));
        assert_ne!(caller.drop_secret(Week(1)), caller.drop_secret(Week(2)));
        assert_eq!(caller.drop_secret(Week(1)), caller.clone().drop_secret(Week(1)));
    }
}
