//! `derive`: HKDF-Expand-SHA-256 (RFC 5869) with the protocol's labels.

use hkdf::Hkdf;
use sha2::{Digest, Sha256};

use crate::encoding::Bytes;

/// `HKDF-Expand(secret, "callsign/v1 " || label || 0x00 || context, N)`; N is at most 8,160 bytes.
///
/// # Panics
/// Where `N` is over HKDF's limit of 255 blocks, which no caller of this crate asks for.
pub fn derive<const N: usize>(secret: &[u8; 32], label: &str, context: &[u8]) -> [u8; N] {
    const { assert!(N <= 255 * 32, "HKDF-Expand gives 255 blocks at most") };
    let mut output = [0; N];
    // Unwrap safety: a 32-byte key is as long as the hash, and N was checked above.
    let hkdf = Hkdf::<Sha256>::from_prk(secret).expect("32 bytes are a valid pseudorandom key");
    hkdf.expand_multi_info(&[b"callsign/v1 ", label.as_bytes(), &[0], context], &mut output)
        .expect("N was checked at compile time");
    output
}

/// The first 16 bytes of [`sha256`]: the protocol's identifiers.
pub fn sha256_id(parts: &[&[u8]]) -> Bytes<16> {
    let mut id = [0; 16];
    id.copy_from_slice(&sha256(parts)[..16]);
    Bytes(id)
}

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
