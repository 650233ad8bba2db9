//! JSON sealed under a passphrase: Argon2id (RFC 9106) and XChaCha20-Poly1305, with all that opens it but the passphrase in front.

use argon2::{Algorithm, Argon2, Params, Version};
use callsign_protocol::{encoding::Secret, typed_secret::typed_secret};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 24;
/// Bytes of the header behind the magic.
const FIELDS_LEN: usize = 12 + SALT_LEN + NONCE_LEN;
/// Memory for Argon2id at most, KiB, and passes: a tampered header must not take the machine down.
const MEMORY_MAX_KIB: u32 = 1_048_576;
const PASSES_MAX: u32 = 16;

/// What Argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

/// Why bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsealed {
    /// Another magic, cut short, or a cost that nothing was sealed with.
    Malformed,
    /// The passphrase is another, or a byte was changed.
    Passphrase,
}

/// `memory KiB u32 || passes u32 || lanes u32 || salt 16 || nonce 24`, behind the magic; then the ciphertext.
struct Header {
    cost: Cost,
    salt: [u8; SALT_LEN],
    nonce: [u8; NONCE_LEN],
}

impl Cost {
    /// What a machine with this much free memory, in KiB, bears: 256 MiB in one pass, 128 MiB in two, and at least the second
    /// recommended choice of RFC 9106, 64 MiB in three. They take about as long as each other; more memory costs those who
    /// guess more. Half of what is free is left to others.
    pub fn within(free_kib: u64) -> Self {
        Self::STEPS.into_iter().find(|step| 2 * u64::from(step.memory_kib) <= free_kib).unwrap_or(Self::LEAST)
    }

    /// The cost where memory is no matter.
    pub const FULL: Self = Self { memory_kib: 262_144, passes: 1 };
    const LEAST: Self = Self { memory_kib: 65_536, passes: 3 };
    const STEPS: [Self; 2] = [Self::FULL, Self { memory_kib: 131_072, passes: 2 }];
}

/// Seals `json` behind `magic`, which says what it is; nothing where the cost is none that Argon2id has.
pub(crate) fn seal(
    magic: &[u8],
    json: &[u8],
    passphrase: &str,
    cost: Cost,
    rng: &mut impl CryptoRng,
) -> Option<Vec<u8>> {
    let mut header = Header { cost, salt: [0; SALT_LEN], nonce: [0; NONCE_LEN] };
    rng.fill_bytes(&mut header.salt);
    rng.fill_bytes(&mut header.nonce);
    let key = header.key(passphrase)?;
    let mut sealed = header.encode(magic);
    let payload = Payload { msg: json, aad: &sealed };
    let ct = XChaCha20Poly1305::new(&key.0.into()).encrypt(&XNonce::from(header.nonce), payload).ok()?;
    sealed.extend_from_slice(&ct);
    Some(sealed)
}

/// Opens what [`seal`] made; takes as long as its cost says.
pub(crate) fn unseal(magic: &[u8], sealed: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Unsealed> {
    let header = Header::read(magic, sealed).ok_or(Unsealed::Malformed)?;
    let key = header.key(passphrase).ok_or(Unsealed::Malformed)?;
    let (aad, ct) = sealed.split_at(magic.len() + FIELDS_LEN);
    XChaCha20Poly1305::new(&key.0.into())
        .decrypt(&XNonce::from(header.nonce), Payload { msg: ct, aad })
        .map(Zeroizing::new)
        .map_err(|_| Unsealed::Passphrase)
}

/// The cost at which bytes behind `magic` were sealed; nothing where they were not.
pub(crate) fn cost(magic: &[u8], sealed: &[u8]) -> Option<Cost> {
    Header::read(magic, sealed).map(|header| header.cost)
}

impl Header {
    fn encode(&self, magic: &[u8]) -> Vec<u8> {
        let mut bytes = magic.to_vec();
        for number in [self.cost.memory_kib, self.cost.passes, 1] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.nonce);
        bytes
    }

    fn read(magic: &[u8], bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(magic)?;
        let (memory_kib, rest) = rest.split_first_chunk()?;
        let (passes, rest) = rest.split_first_chunk()?;
        let (lanes, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (nonce, _) = rest.split_first_chunk()?;
        let cost = Cost { memory_kib: u32::from_be_bytes(*memory_kib), passes: u32::from_be_bytes(*passes) };
        let sane =
            cost.memory_kib <= MEMORY_MAX_KIB && cost.passes <= PASSES_MAX && u32::from_be_bytes(*lanes) == 1;
        sane.then_some(Self { cost, salt: *salt, nonce: *nonce })
    }

    fn key(&self, passphrase: &str) -> Option<Secret<32>> {
        let params = Params::new(self.cost.memory_kib, self.cost.passes, 1, Some(32)).ok()?;
        let mut key = Secret([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(typed_secret(passphrase).as_bytes(), &self.salt, &mut key.0)
            .ok()?;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_with_less_memory_takes_the_next_step_and_never_less_than_the_last() {
        let mib = |free_mib: u64| Cost::within(free_mib << 10).memory_kib >> 10;
        assert_eq!([8_192, 512, 511, 256, 255, 0].map(mib), [256, 256, 128, 128, 64, 64]);
    }
}
