//! Letters: a part of a call sealed to a letter key, 4,096 bytes that reach the desk by any carrier, long after.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    call::{CallPart, DROP_SECRET_WEEKS_MAX, PAYLOAD_MAX, PROOF_LEN, weeks_of_letter},
    caller_keys::{CallerKeys, Proven, letter_proof_holds},
    cell::{AAD_LEN, CELL_LEN, Part, Recipient, named_key},
    hpke_suite::xwing_open,
    identity::Fingerprint,
    json,
    layout::{LayoutError, Reader, unpad},
    letter_key::{LetterKey, LetterPublicKey, last_day},
    letters::NamedLetters,
    time::{Day, Week},
};

/// Bytes of a letter.
pub const LETTER_LEN: usize = CELL_LEN;
/// Days from its writing to its expiry at most, for who writes one.
pub const VALID_DAYS_MAX: u32 = 90;
/// Days from its opening to its expiry at most, for the desk: the same and a clock that is a month off.
const AHEAD_DAYS_MAX: u32 = 120;

/// A letter as it travels.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter(pub Box<[u8; LETTER_LEN]>);

/// When a letter is written, and the last day on which the desk takes it.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// The writer's today.
    pub written: Day,
    /// At most [`VALID_DAYS_MAX`] later.
    pub expires: Day,
}

/// With what a desk opens letters.
#[derive(Clone, Copy, Debug)]
pub struct LetterOpener<'a> {
    /// The desk.
    pub fingerprint: &'a Fingerprint,
    /// All that it has.
    pub keys: &'a [LetterKey],
    /// The desk's today.
    pub today: Day,
}

/// What a letter turned out to hold.
#[derive(Debug, PartialEq, Eq)]
pub struct OpenedLetter {
    /// A part of a call, its proof checked.
    pub call: Box<CallPart>,
    /// Whether it is proven for a key that a removed device knows: whoever had that device may have written it.
    pub doubted: bool,
}

/// Why a letter is not written, or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LetterError {
    /// Its sealed expiry has passed.
    #[error("it has expired; its writer can write it again")]
    Expired,
    /// Not the JSON of section 7.1, or a member out of its range.
    #[error(
        "what is in it is not readable; it was written with another program, or by somebody who tries things out"
    )]
    Json,
    /// Its key is destroyed or never was; in writing, that the letters document has none that lives as long as the letter.
    #[error("there is no key for it: it is too old, or meant for another desk")]
    Key,
    /// It says that it is of another kind than a text.
    #[error("it is of a kind that this program does not know; get a newer program")]
    Kind,
    /// More or fewer bytes, a length that leaves no room, or bytes after the payload.
    #[error("its bytes are not those of a letter: {0}")]
    Layout(#[from] LayoutError),
    /// Not this caller's, or not for this desk.
    #[error("its proof fails: it is not from the caller that it names")]
    Proof,
    /// HPKE refuses it.
    #[error("it does not open: it was changed on its way, or is meant for another desk")]
    Sealed,
    /// An expiry farther ahead than any letter has.
    #[error("its expiry is too far ahead; its writer's clock is wrong, or this one's")]
    TooFarAhead,
    /// A version that this program does not know.
    #[error("it is of a later version; get a newer program")]
    Version,
}

/// The JSON of a letter as it is written: a call's and one member more.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    call: &'a CallPart,
    expires: Day,
}

/// What a letter's JSON has beside a call's. Read apart from it, so that no secret lies in a buffer between.
#[derive(Deserialize)]
struct Expiry {
    expires: Day,
}

impl Letter {
    /// Reads a letter's bytes; whether they mean anything only the desk can tell.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let array = reader.array()?;
        reader.finish()?;
        Ok(Self(Box::new(array)))
    }

    /// Seals one part of [`crate::call::Message::letter_parts`] to the desk's first key that lives as long as the letter.
    ///
    /// # Errors
    /// [`LetterError::Key`] where there is none, [`LetterError::Sealed`] and [`LetterError::Proof`] where it is no key.
    pub fn seal_part(
        part: &Part,
        caller: &CallerKeys,
        letters: &NamedLetters,
        validity: Validity,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, LetterError> {
        let Validity { written, expires } = validity;
        let key = key_for(letters.keys(), expires).ok_or(LetterError::Key)?;
        let call = part.call(caller, weeks_of_letter(written));
        let json = Zeroizing::new(
            serde_json::to_vec(&Written { call: &call, expires }).map_err(|_| LetterError::Json)?,
        );
        let proven = Proven { message_id: &call.id, part: call.part, json: &json, epoch: key.period };
        let mac = caller.prove_letter(&key.proof_key, &proven).ok_or(LetterError::Proof)?;
        let payload = Zeroizing::new([mac.as_slice(), &json].concat());
        if payload.len() > PAYLOAD_MAX {
            return Err(LetterError::Layout(LayoutError::TrailingBytes));
        }
        let to = Recipient { day: key.period, key_id: key.key_id, public_key: &key.public_key };
        let info = info(&letters.fingerprint, key.period);
        to.seal(&info, &payload, rng).map(Self).map_err(|_| LetterError::Sealed)
    }

    /// Period and key id that the letter names.
    pub fn key(&self) -> Result<(Day, u16), LetterError> {
        named_key(&self.0)?.ok_or(LetterError::Version)
    }

    /// Opens the letter and checks all that section 7.1 asks of a desk.
    pub fn open(&self, with: &LetterOpener<'_>) -> Result<OpenedLetter, LetterError> {
        let named = self.key()?;
        let mut keys = with.keys.iter().filter(|key| (key.period, key.key_id) == named).peekable();
        keys.peek().ok_or(LetterError::Key)?;
        let info = info(with.fingerprint, named.0);
        let (aad, sealed) = self.0.split_at(AAD_LEN);
        let open = |key: &LetterKey| xwing_open(&key.seed, &info, aad, sealed).ok();
        let (key, plaintext) = keys.find_map(|key| Some((key, open(key)?))).ok_or(LetterError::Sealed)?;
        let (mac, json) =
            unpad(&plaintext)?.split_first_chunk::<PROOF_LEN>().ok_or(LayoutError::Truncated)?;
        let call = CallPart::read(json).map_err(|_| LetterError::Json)?.ok_or(LetterError::Kind)?;
        let Expiry { expires } = json::read(json).map_err(|_| LetterError::Json)?;
        if !call.keeps_limits(&weeks_around(expires)) {
            return Err(LetterError::Json);
        }
        let proven = Proven { message_id: &call.id, part: call.part, json, epoch: key.period };
        if !letter_proof_holds(&key.proof, &call.caller, &proven, mac) {
            return Err(LetterError::Proof);
        }
        if expires < with.today {
            return Err(LetterError::Expired);
        }
        if expires > with.today.plus(AHEAD_DAYS_MAX) {
            return Err(LetterError::TooFarAhead);
        }
        Ok(OpenedLetter { call: Box::new(call), doubted: key.exposed })
    }
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter")
    }
}

/// The first key that is kept until the letter expires: the sooner a key is destroyed, the sooner nobody can open it.
fn key_for(keys: &[LetterPublicKey], expires: Day) -> Option<&LetterPublicKey> {
    keys.iter().filter(|key| expires <= last_day(key.period)).min_by_key(|key| key.period)
}

/// The desk does not know when a letter was written, hence weeks on both sides of its expiry.
fn weeks_around(expires: Day) -> std::ops::RangeInclusive<Week> {
    let week = expires.week();
    Week(week.0.saturating_sub(DROP_SECRET_WEEKS_MAX))..=week.plus(DROP_SECRET_WEEKS_MAX)
}

/// No hash of a notice: the writer may have an old one.
fn info(fingerprint: &Fingerprint, period: Day) -> Vec<u8> {
    [b"callsign/v1 letter".as_slice(), &fingerprint.0, &period.0.to_be_bytes()].concat()
}
