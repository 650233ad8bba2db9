//! What holds for any value: layouts read back, what is changed is noticed, no other key opens, no address comes twice.

mod addresses;
mod documents;
mod exchanges;
mod layouts;
mod seals;
mod times;

use std::sync::LazyLock;

use callsign_protocol::{
    caller_keys::CallerKeys,
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    phrase::Phrase,
};
use proptest::prelude::*;

const DESK: Fingerprint = Fingerprint([5; 32]);

/// Made once, for a phrase takes long on purpose.
static CALLERS: LazyLock<[CallerKeys; 2]> =
    LazyLock::new(|| ["one", "two"].map(|phrase| Phrase::parse(phrase).unwrap().caller_keys(&DESK)));

fn bytes<const N: usize>() -> impl Strategy<Value = Bytes<N>> {
    any::<[u8; N]>().prop_map(Bytes)
}

fn secret() -> impl Strategy<Value = Secret<32>> {
    any::<[u8; 32]>().prop_map(Secret)
}

fn signer() -> impl Strategy<Value = PrivateKey> {
    secret().prop_map(|seed| PrivateKey::from_seed(&seed))
}

/// `N` bytes grown from a few, where drawing each would take long and show nothing more.
fn filled<const N: usize>(seed: u64) -> [u8; N] {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng as _, SeedableRng as _};
    let mut bytes = [0; N];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// The bytes with one of them changed; `with` is not zero.
fn changed(bytes: &[u8], at: prop::sample::Index, with: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = at.index(bytes.len());
    bytes[at] ^= with;
    bytes
}
