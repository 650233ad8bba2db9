//! JSON sealed under a passphrase: Argon2id (RFC 9106) and XChaCha20-Poly1305, with all that opens it but the passphrase in front.

use argon2::{Algorithm, Argon2, Params, Version};
use callsign_protocol::encoding::Secret;
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
/// Memory for Argon2id at most, KiB: a tampered header must not take the machine down.
const MEMORY_MAX_KIB: u32 = 1_048_576;

/// What Argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

/// Why bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsealed {
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

impl Default for Cost {
    /// The second recommended choice of RFC 9106 (64 MiB, three passes), one lane.
    fn default() -> Self {
        Self { memory_kib: 65_536, passes: 3 }
    }
}

/// Seals `json` behind `magic`, which says what it is; nothing where the cost is none that Argon2id has.
pub(super) fn seal(
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
pub(super) fn unseal(magic: &[u8], sealed: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Unsealed> {
    let header = Header::read(magic, sealed).ok_or(Unsealed::Malformed)?;
    let key = header.key(passphrase).ok_or(Unsealed::Malformed)?;
    let (aad, ct) = sealed.split_at(magic.len() + FIELDS_LEN);
    XChaCha20Poly1305::new(&key.0.into())
        .decrypt(&XNonce::from(header.nonce), Payload { msg: ct, aad })
        .map(Zeroizing::new)
        .map_err(|_| Unsealed::Passphrase)
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
        let sane = cost.memory_kib <= MEMORY_MAX_KIB && cost.passes <= 100 && u32::from_be_bytes(*lanes) == 1;
        sane.then_some(Self { cost, salt: *salt, nonce: *nonce })
    }

    fn key(&self, passphrase: &str) -> Option<Secret<32>> {
        let params = Params::new(self.cost.memory_kib, self.cost.passes, 1, Some(32)).ok()?;
        let mut key = Secret([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut key.0)
            .ok()?;
        Some(key)
    }
}
