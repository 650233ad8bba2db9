//! What a device says of itself to be admitted, as bytes, as text that can be sent, and as words that can be said.

use data_encoding::BASE64URL_NOPAD;
use thiserror::Error;

use crate::{
    VERSION, WrappingKey,
    derive::sha256,
    encoding::Bytes,
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    layout::{LayoutError, Reader},
    words::Language,
};

const BEGIN: &str = "-----BEGIN CALLSIGN DEVICE REQUEST-----";
const END: &str = "-----END CALLSIGN DEVICE REQUEST-----";
const LINE_LEN: usize = 64;
/// Who replaces a request on its way tries keys until the words are the same: 66 bits are too many.
const CHECK_WORDS: usize = 6;

/// A device's keys, signed so that nobody else's key is admitted in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Ed25519.
    pub signing_key: PublicKey,
    /// X-Wing.
    pub wrapping_key: WrappingKey,
    /// `signed("device", fingerprint || signing_key || wrapping_key)`.
    signature: [u8; 64],
}

/// Why a text is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// There is no beginning, no end, or something else than base64url between them.
    #[error("there is no whole request of a device in the text")]
    Armour,
    /// The bytes do not have the layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A version that this program does not know.
    #[error("the request is of another version of the program")]
    Version,
}

impl DeviceRequest {
    /// Asks the desk with this fingerprint.
    pub fn sign(fingerprint: &Fingerprint, device: &PrivateKey, wrapping_key: WrappingKey) -> Self {
        let signing_key = device.public();
        let signature = device.sign("device", &[&fingerprint.0, &signing_key.0, &wrapping_key.0]);
        Self { signing_key, wrapping_key, signature }
    }

    /// Whether the device that asks has the signing key, and asks this desk.
    pub fn verify(&self, fingerprint: &Fingerprint) -> Result<(), BadSignature> {
        let parts: [&[u8]; 3] = [&fingerprint.0, &self.signing_key.0, &self.wrapping_key.0];
        identity::verify(&self.signing_key, "device", &parts, &self.signature)
    }

    /// `u8 version || signing key 32 || wrapping key 1,216 || signature 64`.
    pub fn encode(&self) -> Vec<u8> {
        [&[VERSION], self.signing_key.0.as_slice(), &self.wrapping_key.0, &self.signature].concat()
    }

    /// Reads [`DeviceRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(RequestError::Version);
        }
        let request = Self {
            signing_key: Bytes(reader.array()?),
            wrapping_key: Bytes(reader.array()?),
            signature: reader.array()?,
        };
        reader.finish()?;
        Ok(request)
    }

    /// The request as text between two lines that say what it is.
    pub fn armour(&self) -> String {
        let text = BASE64URL_NOPAD.encode(&self.encode());
        let mut armoured = format!("{BEGIN}\n");
        for (at, character) in text.chars().enumerate() {
            if at > 0 && at % LINE_LEN == 0 {
                armoured.push('\n');
            }
            armoured.push(character);
        }
        armoured + "\n" + END + "\n"
    }

    /// Reads [`DeviceRequest::armour`], whatever stands before and after it.
    pub fn from_armour(text: &str) -> Result<Self, RequestError> {
        let (_, rest) = text.split_once(BEGIN).ok_or(RequestError::Armour)?;
        let (body, _) = rest.split_once(END).ok_or(RequestError::Armour)?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| RequestError::Armour)?;
        Self::decode(&bytes)
    }

    /// Six English words of the request's SHA-256, to be compared by voice.
    pub fn check_words(&self) -> String {
        Language::English.spell(&sha256(&[&self.encode()]), CHECK_WORDS).join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Secret;

    fn request() -> (Fingerprint, DeviceRequest) {
        let device = PrivateKey::from_seed(&Secret([1; 32]));
        let desk = Fingerprint([3; 32]);
        (desk, DeviceRequest::sign(&desk, &device, Bytes([2; 1_216])))
    }

    #[test]
    fn a_device_asks_for_itself_and_for_one_desk() {
        let (desk, request) = request();
        assert!(request.verify(&desk).is_ok());
        assert!(request.verify(&Fingerprint([0; 32])).is_err());
        let (mut other, mut unwrapped) = (request.clone(), request);
        other.signing_key = PrivateKey::from_seed(&Secret([2; 32])).public();
        unwrapped.wrapping_key = Bytes([0; 1_216]);
        assert!(other.verify(&desk).is_err() && unwrapped.verify(&desk).is_err());
    }

    #[test]
    fn a_request_survives_what_mail_does_to_it() {
        let (_, request) = request();
        let armoured = request.armour();
        assert!(armoured.lines().all(|line| line.len() <= LINE_LEN));
        let mailed = format!("Hello,\r\n\r\n{}\r\nRegards", armoured.replace('\n', " \r\n  "));
        assert_eq!(DeviceRequest::from_armour(&mailed), Ok(request.clone()));
        let cut = armoured.replacen(&armoured[80..92], "", 1);
        assert!(matches!(DeviceRequest::from_armour(&cut), Err(RequestError::Layout(_))));
        for no in ["", BEGIN, END, &armoured.replace(END, ""), &armoured.replace("AgIC", "A+IC")] {
            assert_eq!(DeviceRequest::from_armour(no), Err(RequestError::Armour));
        }
        let mut later = request.encode();
        later[0] = 2;
        assert_eq!(DeviceRequest::decode(&later), Err(RequestError::Version));
    }

    #[test]
    fn every_byte_changes_the_words() {
        let (_, request) = request();
        let words = request.check_words();
        assert_eq!(words.split(' ').count(), CHECK_WORDS);
        for at in 1..request.encode().len() {
            let mut changed = request.encode();
            changed[at] ^= 1;
            assert_ne!(DeviceRequest::decode(&changed).unwrap().check_words(), words, "byte {at}");
        }
    }
}
