//! Enrolment: who holds the code that the hub printed may bring one identity.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    VERSION,
    encoding::Bytes,
    identity::PublicKey,
    layout::{LayoutError, Reader},
};

/// Bytes of an enrolment request.
pub const ENROL_LEN: usize = 1 + 32 + 32;

/// An identity and the proof of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolRequest {
    /// The identity to enrol.
    pub identity: PublicKey,
    mac: [u8; 32],
}

/// Why an enrolment request is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// Not the size of a request.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

impl EnrolRequest {
    /// Proves `code` for `identity`.
    pub fn new(identity: PublicKey, code: &str) -> Self {
        Self { identity, mac: mac(&identity, code).finalize().into_bytes().into() }
    }

    /// `u8 version || identity 32 || mac 32`.
    pub fn encode(&self) -> [u8; ENROL_LEN] {
        let mut bytes = [0; ENROL_LEN];
        bytes[0] = VERSION;
        bytes[1..33].copy_from_slice(&self.identity.0);
        bytes[33..].copy_from_slice(&self.mac);
        bytes
    }

    /// Reads [`EnrolRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EnrolError> {
        let mut reader = Reader::exactly(bytes, ENROL_LEN)?;
        if reader.u8()? != VERSION {
            return Err(EnrolError::Version);
        }
        Ok(Self { identity: Bytes(reader.array()?), mac: reader.array()? })
    }

    /// Whether the request was made with this code, in constant time.
    pub fn proves(&self, code: &str) -> bool {
        mac(&self.identity, code).verify_slice(&self.mac).is_ok()
    }
}

/// The code's ASCII letters and digits in upper case; how it is grouped does not matter.
fn mac(identity: &PublicKey, code: &str) -> Hmac<Sha256> {
    let folded: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    // Unwrap safety: HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(folded.as_bytes()).expect("HMAC takes any key");
    mac.update(b"callsign/v1 enrol\0");
    mac.update(&identity.0);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it_and_serves_one_identity() {
        let identity = Bytes([1; 32]);
        let request = EnrolRequest::new(identity, "ABCD-2345");
        assert_eq!(EnrolRequest::decode(&request.encode()), Ok(request.clone()));
        assert!(request.proves(" abcd 2345\n"));
        assert!(!request.proves("ABCD-2346"));
        let other = EnrolRequest { identity: Bytes([2; 32]), ..request };
        assert!(!other.proves("ABCD-2345"));
    }
}
