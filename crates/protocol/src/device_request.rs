//! What a device says of itself to be admitted, as bytes, as text that can be sent, and as words that can be said.

use thiserror::Error;

use crate::{
    VERSION, WrappingKey,
    armour::{ArmourError, Kind},
    derive::sha256,
    encoding::Bytes,
    identity::{self, BadSignature, Fingerprint, PrivateKey, PublicKey},
    layout::{LayoutError, Reader},
    words::Language,
};

/// Bytes of a request.
pub(crate) const REQUEST_LEN: usize = 1 + 1 + 32 + 1_216 + 64;
const ARMOUR: Kind = Kind::new("DEVICE REQUEST", REQUEST_LEN);
/// Who replaces a request on its way tries keys until the words are the same: 66 bits are too many.
pub(crate) const CHECK_WORDS: usize = 6;

/// What a desk is for, and a device that asks to join it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// People call in earnest.
    #[default]
    Earnest,
    /// All callers are invented.
    Practice,
}

/// A device's keys, signed so that nobody else's key is admitted in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    /// What the device believes that the desk is for.
    pub purpose: Purpose,
    /// Ed25519.
    pub signing_key: PublicKey,
    /// X-Wing.
    pub wrapping_key: WrappingKey,
    /// `signed("device", fingerprint || u8 purpose || signing_key || wrapping_key)`.
    signature: [u8; 64],
}

/// Why a text is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// There is no beginning.
    #[error("there is no request of a device in the text; one begins with a line with BEGIN")]
    None,
    /// There is one, and it is not whole.
    #[error("the request of a device in the text is not whole: {0}")]
    Armour(#[from] ArmourError),
    /// Two that differ: which one is meant is not guessed.
    #[error("there are several requests of devices in the text; give the one that is meant alone")]
    Several,
    /// The bytes do not have the layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A version that this program does not know.
    #[error("the request is of another version of the program")]
    Version,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Earnest => 0,
            Self::Practice => 1,
        }
    }

    fn of_byte(byte: u8) -> Result<Self, LayoutError> {
        match byte {
            0 => Ok(Self::Earnest),
            1 => Ok(Self::Practice),
            _ => Err(LayoutError::OutOfRange),
        }
    }
}

impl DeviceRequest {
    /// Asks the desk with this fingerprint.
    pub fn sign(
        fingerprint: &Fingerprint,
        device: &PrivateKey,
        wrapping_key: WrappingKey,
        purpose: Purpose,
    ) -> Self {
        let signing_key = device.public();
        let parts: [&[u8]; 4] = [&fingerprint.0, &[purpose.byte()], &signing_key.0, &wrapping_key.0];
        let signature = device.sign("device", &parts);
        Self { purpose, signing_key, wrapping_key, signature }
    }

    /// Whether the device that asks has the signing key, and asks this desk.
    pub fn verify(&self, fingerprint: &Fingerprint) -> Result<(), BadSignature> {
        let parts: [&[u8]; 4] =
            [&fingerprint.0, &[self.purpose.byte()], &self.signing_key.0, &self.wrapping_key.0];
        identity::verify(&self.signing_key, "device", &parts, &self.signature)
    }

    /// `u8 version || u8 purpose || signing key 32 || wrapping key 1,216 || signature 64`.
    pub fn encode(&self) -> Vec<u8> {
        [
            &[VERSION, self.purpose.byte()],
            self.signing_key.0.as_slice(),
            &self.wrapping_key.0,
            &self.signature,
        ]
        .concat()
    }

    /// Reads [`DeviceRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(RequestError::Version);
        }
        let request = Self {
            purpose: Purpose::of_byte(reader.u8()?)?,
            signing_key: Bytes(reader.array()?),
            wrapping_key: Bytes(reader.array()?),
            signature: reader.array()?,
        };
        reader.finish()?;
        Ok(request)
    }

    /// The request as text between two lines that say what it is.
    pub fn armour(&self) -> String {
        ARMOUR.write(&self.encode())
    }

    /// Reads [`DeviceRequest::armour`] in a text of whatever encoding, as [`crate::armour::read`] reads letters. A request that
    /// stands there more than once, as where a mail was quoted, is one.
    pub fn from_armour(carried: &[u8]) -> Result<Self, RequestError> {
        let blocks = ARMOUR.read(carried);
        let mut whole: Vec<&Vec<u8>> = blocks.iter().flatten().collect();
        whole.dedup();
        match (&whole[..], blocks.first()) {
            ([request], _) => Self::decode(request),
            ([], Some(Err(error))) => Err((*error).into()),
            ([], _) => Err(RequestError::None),
            _ => Err(RequestError::Several),
        }
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
        (desk, DeviceRequest::sign(&desk, &device, Bytes([2; 1_216]), Purpose::Earnest))
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
        other = self::request().1;
        other.purpose = Purpose::Practice;
        assert!(other.verify(&desk).is_err());
    }

    #[test]
    fn a_request_is_found_in_what_mail_makes_of_it() {
        let (_, request) = request();
        let armoured = request.armour();
        let quoted: String = armoured.lines().flat_map(|line| ["> ", line, "\r\n"]).collect();
        // "Hello" in windows-1251, and mail of 70 kB around.
        let greeting = b"\xcf\xf0\xe8\xe2\xe5\xf2\r\n";
        let long = "x".repeat(70_000);
        for mail in [&[], &greeting[..], long.as_bytes()] {
            let text = [mail, quoted.as_bytes(), b"\r\n", armoured.as_bytes(), mail].concat();
            assert_eq!(DeviceRequest::from_armour(&text), Ok(request.clone()));
        }
    }

    #[test]
    fn a_text_without_a_whole_request_says_what_it_lacks() {
        let (_, request) = request();
        let armoured = request.armour();
        let read = |text: &str| DeviceRequest::from_armour(text.as_bytes());
        assert_eq!(read(""), Err(RequestError::None));
        assert_eq!(read(&armoured[..1_000]), Err(ArmourError::Unended.into()));
        let cut = armoured.replacen(&armoured[80..92], "", 1);
        assert!(matches!(read(&cut), Err(RequestError::Armour(ArmourError::Length { .. }))));
        let other = DeviceRequest { wrapping_key: Bytes([3; 1_216]), ..request.clone() };
        assert_eq!(read(&(armoured + &other.armour())), Err(RequestError::Several));
        let mut later = request.encode();
        later[0] = 2;
        assert_eq!(DeviceRequest::decode(&later), Err(RequestError::Version));
        let mut neither = request.encode();
        neither[1] = 2;
        assert_eq!(DeviceRequest::decode(&neither), Err(LayoutError::OutOfRange.into()));
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
