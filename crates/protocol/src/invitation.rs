//! An invitation: a code that is said brings a device's request to the desk, and words that are said show that it is that one.
//!
//! The device commits to its request and to random bytes before it sees those of the desk, and shows them after. The words are made of all
//! of it, so whoever stands between has one guess of 66 bits in an invitation, whatever they can compute.

use rand_core::CryptoRng;
use thiserror::Error;

use crate::{
    VERSION,
    derive::sha256,
    device_request::{CHECK_WORDS, DeviceRequest, REQUEST_LEN, RequestError},
    encoding::Bytes,
    identity::Fingerprint,
    layout::{LayoutError, Reader},
    words::Language,
};

/// Seconds for which an invitation stands.
pub const INVITATION_S: u64 = 900;
/// Bytes of an opening.
pub const OPENING_LEN: usize = REQUEST_LEN + 32;
/// Bytes of what a hub shows of an invitation, at most.
pub const INVITATION_MAX: usize = 2 + 32 + 32 + OPENING_LEN;
/// Characters of a code.
pub const CODE_LEN: usize = 8;

/// Of the pairs that look or sound alike one at most is here: 0 and O, 1 and I, 5 and S, 8 and B, M and N, U and V, and the letters that are
/// said as "ee".
const SYMBOLS: [u8; 20] = *b"2346789AFHJKLMQRWXYZ";

/// Where an invitation is at the hub.
pub type Slot = Bytes<32>;

/// What is said from who invites to who joins. It finds the invitation and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteCode([u8; CODE_LEN]);

/// Why what was typed is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Too few or too many characters.
    #[error("a code has eight characters, and {0} were typed; have it read out again")]
    Length(usize),
    /// A letter or digit that no code has.
    #[error("no code has the character {0}; have it read out again")]
    Symbol(char),
}

/// What a device has committed to: its request, and 32 random bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What it asks the desk with.
    pub request: DeviceRequest,
    /// Drawn anew for each invitation.
    pub nonce: Bytes<32>,
}

/// How far an invitation has come, as its hub shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// A device of the desk has opened it.
    Open,
    /// A device that wants to join has committed to what it will ask with.
    Committed(Bytes<32>),
    /// The desk has drawn its random bytes.
    Answered {
        /// Of the device that joins.
        commitment: Bytes<32>,
        /// Of the desk.
        nonce: Bytes<32>,
    },
    /// The device has shown what it committed to.
    Shown {
        /// Of the device that joins.
        commitment: Bytes<32>,
        /// Of the desk.
        nonce: Bytes<32>,
        /// An [`Opening`] as it came.
        opening: Box<[u8; OPENING_LEN]>,
    },
}

/// Why bytes are no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvitationError {
    /// The bytes do not have the layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A version that this program does not know.
    #[error("the invitation is of another version of the program")]
    Version,
}

impl InviteCode {
    /// A code of 34.6 bits.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(std::array::from_fn(|_| {
            loop {
                let mut byte = [0; 1];
                rng.fill_bytes(&mut byte);
                // 240 is the last multiple of 20 in a byte: beyond it some symbols would come more often.
                if byte[0] < 240 {
                    return SYMBOLS[usize::from(byte[0]) % SYMBOLS.len()];
                }
            }
        }))
    }

    /// Reads what was typed: letters and digits count alone, in any case, and Cyrillic letters that look like a code's.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let mut symbols = Vec::new();
        for character in typed.chars().filter(|character| character.is_alphanumeric()) {
            let folded = latin(character);
            let symbol = u8::try_from(folded).ok().filter(|symbol| SYMBOLS.contains(symbol));
            symbols.push(symbol.ok_or(CodeError::Symbol(character))?);
        }
        symbols.try_into().map(Self).map_err(|symbols: Vec<u8>| CodeError::Length(symbols.len()))
    }

    /// Where the invitation is at the hub of a desk: `SHA-256("callsign/v1 invitation" || 0x00 || fingerprint || code)`.
    pub fn slot(&self, desk: &Fingerprint) -> Slot {
        Bytes(sha256(&[b"callsign/v1 invitation\0", &desk.0, &self.0]))
    }
}

/// In two groups of four.
impl std::fmt::Display for InviteCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, symbol) in self.0.iter().enumerate() {
            if at == CODE_LEN / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

/// A letter in upper case, a Cyrillic one that looks like a Latin one of a code as that.
fn latin(character: char) -> char {
    match character.to_uppercase().next().unwrap_or(character) {
        'А' => 'A',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'Х' => 'X',
        'У' => 'Y',
        'Ј' => 'J',
        other => other,
    }
}

impl Opening {
    /// A request, with random bytes for one invitation.
    pub fn draw(request: DeviceRequest, rng: &mut impl CryptoRng) -> Self {
        Self { request, nonce: Bytes::random(rng) }
    }

    /// `request 1,314 || nonce 32`.
    pub fn encode(&self) -> [u8; OPENING_LEN] {
        let mut bytes = [0; OPENING_LEN];
        bytes[..REQUEST_LEN].copy_from_slice(&self.request.encode());
        bytes[REQUEST_LEN..].copy_from_slice(&self.nonce.0);
        bytes
    }

    /// Reads [`Opening::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        let mut reader = Reader::exactly(bytes, OPENING_LEN)?;
        let request = DeviceRequest::decode(reader.slice(REQUEST_LEN)?)?;
        Ok(Self { request, nonce: Bytes(reader.array()?) })
    }

    /// What the words of both sides are made of; six English words, 66 bits.
    pub fn check_words(&self, desk: &Fingerprint, slot: &Slot, nonce: &Bytes<32>) -> String {
        let hash =
            sha256(&[b"callsign/v1 check words\0", &desk.0, &slot.0, &nonce.0, self.encode().as_slice()]);
        Language::English.spell(&hash, CHECK_WORDS).join(" ")
    }
}

/// What a device commits to an opening with: `SHA-256("callsign/v1 commitment" || 0x00 || fingerprint || slot || opening)`.
pub fn commitment(desk: &Fingerprint, slot: &Slot, opening: &[u8; OPENING_LEN]) -> Bytes<32> {
    Bytes(sha256(&[b"callsign/v1 commitment\0", &desk.0, &slot.0, opening]))
}

impl Invitation {
    /// `u8 version || u8 stage`, then what there is of `commitment 32 || nonce 32 || opening 1,346`.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Open => vec![VERSION, 0],
            Self::Committed(commitment) => [&[VERSION, 1], commitment.0.as_slice()].concat(),
            Self::Answered { commitment, nonce } => [&[VERSION, 2], &commitment.0[..], &nonce.0].concat(),
            Self::Shown { commitment, nonce, opening } => {
                [&[VERSION, 3], &commitment.0[..], &nonce.0, &opening[..]].concat()
            }
        }
    }

    /// Reads [`Invitation::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, InvitationError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(InvitationError::Version);
        }
        let invitation = match reader.u8()? {
            0 => Self::Open,
            1 => Self::Committed(Bytes(reader.array()?)),
            2 => Self::Answered { commitment: Bytes(reader.array()?), nonce: Bytes(reader.array()?) },
            3 => Self::Shown {
                commitment: Bytes(reader.array()?),
                nonce: Bytes(reader.array()?),
                opening: Box::new(reader.array()?),
            },
            _ => return Err(LayoutError::OutOfRange.into()),
        };
        reader.finish()?;
        Ok(invitation)
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    use super::*;
    use crate::{device_request::Purpose, encoding::Secret, identity::PrivateKey};

    const DESK: Fingerprint = Fingerprint([3; 32]);

    fn opening(seed: u8) -> Opening {
        let device = PrivateKey::from_seed(&Secret([seed; 32]));
        let request = DeviceRequest::sign(&DESK, &device, Bytes([2; 1_216]), Purpose::Earnest);
        Opening { request, nonce: Bytes([5; 32]) }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = InviteCode::parse("7K4M-WXYZ").unwrap();
        assert_eq!(code.to_string(), "7K4M-WXYZ");
        for typed in ["7k4mwxyz", " 7K4M WXYZ\n", "7к4м—wху z", "7K4M/WX.Y,Z"] {
            assert_eq!(InviteCode::parse(typed), Ok(code.clone()), "{typed}");
        }
        assert_eq!(InviteCode::parse(""), Err(CodeError::Length(0)));
        assert_eq!(InviteCode::parse("7K4M-WXY"), Err(CodeError::Length(7)));
        assert_eq!(InviteCode::parse("7K4M-WXYZ2"), Err(CodeError::Length(9)));
        for none in ["0", "O", "1", "I", "5", "S", "B", "N", "V", "Ж", "７"] {
            let typed = format!("7K4M-WXY{none}");
            assert_eq!(InviteCode::parse(&typed), Err(CodeError::Symbol(none.chars().next().unwrap())));
        }
    }

    #[test]
    fn codes_use_every_symbol_alike() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut counts = [0_u32; 256];
        for _ in 0..5_000 {
            for symbol in InviteCode::generate(&mut rng).0 {
                counts[usize::from(symbol)] += 1;
            }
        }
        for symbol in SYMBOLS {
            assert!((1_800..2_200).contains(&counts[usize::from(symbol)]), "{}", char::from(symbol));
        }
    }

    #[test]
    fn an_invitation_is_of_one_desk() {
        let code = InviteCode::parse("7K4M-WXYZ").unwrap();
        assert_ne!(code.slot(&DESK), code.slot(&Fingerprint([4; 32])));
        let other = InviteCode::parse("7K4M-WXY2").unwrap();
        assert_ne!(code.slot(&DESK), other.slot(&DESK));
    }

    #[test]
    fn everything_that_was_said_changes_the_words_and_the_commitment() {
        let (slot, nonce) = (Bytes([6; 32]), Bytes([7; 32]));
        let (one, other) = (opening(1), opening(2));
        let words = one.check_words(&DESK, &slot, &nonce);
        assert_eq!(words.split(' ').count(), CHECK_WORDS);
        let fresh = Opening { nonce: Bytes([6; 32]), ..one.clone() };
        for changed in [
            other.check_words(&DESK, &slot, &nonce),
            fresh.check_words(&DESK, &slot, &nonce),
            one.check_words(&Fingerprint([4; 32]), &slot, &nonce),
            one.check_words(&DESK, &Bytes([5; 32]), &nonce),
            one.check_words(&DESK, &slot, &Bytes([8; 32])),
        ] {
            assert_ne!(changed, words);
        }
        let committed = commitment(&DESK, &slot, &one.encode());
        for changed in [
            commitment(&DESK, &slot, &other.encode()),
            commitment(&DESK, &slot, &fresh.encode()),
            commitment(&Fingerprint([4; 32]), &slot, &one.encode()),
            commitment(&DESK, &Bytes([5; 32]), &one.encode()),
        ] {
            assert_ne!(changed, committed);
        }
    }

    #[test]
    fn each_stage_has_one_encoding() {
        let (commitment, nonce) = (Bytes([1; 32]), Bytes([2; 32]));
        let opening = Box::new(opening(1).encode());
        let stages = [
            Invitation::Open,
            Invitation::Committed(commitment),
            Invitation::Answered { commitment, nonce },
            Invitation::Shown { commitment, nonce, opening },
        ];
        for stage in &stages {
            let bytes = stage.encode();
            assert!(bytes.len() <= INVITATION_MAX);
            assert_eq!(Invitation::decode(&bytes).as_ref(), Ok(stage));
            assert!(Invitation::decode(&bytes[..bytes.len() - 1]).is_err());
            assert!(Invitation::decode(&[&bytes[..], &[0]].concat()).is_err());
        }
        assert_eq!(Invitation::decode(&[2, 0]), Err(InvitationError::Version));
        assert_eq!(Invitation::decode(&[1, 4]), Err(LayoutError::OutOfRange.into()));
        let read = Opening::decode(&self::opening(1).encode()).unwrap();
        assert_eq!(read, self::opening(1));
    }
}
