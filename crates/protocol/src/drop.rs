//! Drops: 1,024 bytes from the desk to a caller, an answer's part, "opened" ticks, or a dummy.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    call::split_json,
    caller_keys::{CallerKeys, CallerPublicKey, DropSecret, x25519_public},
    derive::derive,
    encoding::{Bytes, Secret},
    hpke_suite::{AuthPsk, TAG_LEN, auth_psk_open, auth_psk_seal},
    identity::Fingerprint,
    invisible::is_blank,
    json,
    layout::{LayoutError, Reader, pad, unpad},
    time::Day,
};

/// Bytes of a drop.
pub const DROP_LEN: usize = 1_024;
/// Drops to one caller by one posting slot on one day at most.
pub const PER_DAY: u8 = 32;
/// Posting slots of a desk.
pub const POSTING_SLOTS: u8 = 8;
/// Parts of an answer at most.
pub const ANSWER_PARTS_MAX: u8 = 16;
/// "Opened" ids in one drop at most.
pub const OPENED_MAX: usize = 8;
const CT_LEN: usize = DROP_LEN - 48;
const PLAINTEXT_LEN: usize = CT_LEN - TAG_LEN;
/// Bytes of a part's text, escaped as JSON: what is left beside the other members at their longest, eight "opened" ids included.
pub const ANSWER_TEXT_MAX: usize = PLAINTEXT_LEN - 2 - 328;

/// Where a drop is found in the lists.
pub type Address = Bytes<16>;

/// A drop as it travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Drop(pub [u8; DROP_LEN]);

/// The JSON of section 7.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropPayload {
    /// Counts the drops to one caller from 1; a gap shows a withheld one.
    pub number: u32,
    /// A part of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerPart>,
    /// Messages that a person has opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<Bytes<16>>,
}

/// One part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPart {
    /// The answer that this is a part of.
    pub id: Bytes<16>,
    /// From 1.
    pub part: u8,
    /// 1 to 16.
    pub parts: u8,
    /// This part of the text.
    pub text: String,
}

/// Where a drop stands: the j-th to one caller, of one posting slot, on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The day that it is listed under.
    pub day: Day,
    /// The posting slot of the device, below 8.
    pub slot: u8,
    /// Below 32.
    pub index: u8,
}

/// Why an answer is not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnswerError {
    /// No text.
    #[error("the answer is empty; write something that can be seen")]
    Empty,
    /// More than sixteen parts.
    #[error(
        "the answer is too long: it would take {parts} parts of about {ANSWER_TEXT_MAX} bytes, and {ANSWER_PARTS_MAX} is the limit; send it as several answers"
    )]
    TooLong {
        /// Parts that it would take.
        parts: usize,
    },
}

/// Why a drop at one of the caller's addresses is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DropError {
    /// Not the JSON of section 7, or a member out of its range.
    #[error("the payload is not readable")]
    Json,
    /// A length that leaves no room, or bytes after the payload.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Not from this desk, or not to this caller.
    #[error("the drop does not open")]
    Sealed,
}

/// The two ends of a drop as the desk sees them.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The desk.
    pub fingerprint: &'a Fingerprint,
    /// The answer key.
    pub answer_key: &'a Secret<32>,
    /// The caller.
    pub caller: &'a CallerPublicKey,
    /// The secret of the week that the day lies in.
    pub drop_secret: &'a DropSecret,
}

impl Place {
    /// The address of the drop at this place.
    pub fn address(self, secret: &DropSecret) -> Address {
        Bytes(derive(&secret.0, "addr", &self.context()))
    }

    fn psk(self, secret: &DropSecret) -> Secret<32> {
        Secret(derive(&secret.0, "psk", &self.context()))
    }

    fn context(self) -> [u8; 6] {
        let [a, b, c, d] = self.day.0.to_be_bytes();
        [a, b, c, d, self.slot, self.index]
    }
}

impl Drop {
    /// Reads a drop's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let array = reader.array()?;
        reader.finish()?;
        Ok(Self(array))
    }

    /// Seals a payload to a caller.
    pub fn seal(
        payload: &DropPayload,
        place: &Place,
        sender: &Sender<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, DropError> {
        let json = zeroize::Zeroizing::new(serde_json::to_vec(payload).map_err(|_| DropError::Json)?);
        if json.len() > PLAINTEXT_LEN - 2 {
            return Err(DropError::Layout(LayoutError::TrailingBytes));
        }
        let address = place.address(sender.drop_secret);
        let psk = place.psk(sender.drop_secret);
        let info = info(sender.fingerprint, place.day, &address);
        let bind = AuthPsk { psk: &psk, psk_id: &address.0, info: &info };
        let plaintext = pad::<PLAINTEXT_LEN>(&json);
        let (enc, ct) = auth_psk_seal(sender.answer_key, sender.caller, &bind, &*plaintext, rng)
            .map_err(|_| DropError::Sealed)?;
        let mut bytes = [0; DROP_LEN];
        bytes[..16].copy_from_slice(&address.0);
        bytes[16..48].copy_from_slice(&enc);
        bytes[48..].copy_from_slice(&ct);
        Ok(Self(bytes))
    }

    /// A drop for nobody: a random address, a fresh X25519 key, random bytes.
    pub fn dummy(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; DROP_LEN];
        rng.fill_bytes(&mut bytes);
        let enc = x25519_public(&Secret::random(rng));
        bytes[16..48].copy_from_slice(&enc.0);
        Self(bytes)
    }

    /// The address that the drop carries.
    ///
    /// # Panics
    /// Never: a drop is longer than an address.
    pub fn address(&self) -> Address {
        Bytes(*self.0.first_chunk().expect("1,024 bytes have a first 16"))
    }

    /// Opens a drop found at `place`'s address; fails unless it came from the desk.
    pub fn open(
        &self,
        place: &Place,
        caller: &CallerKeys,
        fingerprint: &Fingerprint,
        answer_key: &Bytes<32>,
    ) -> Result<DropPayload, DropError> {
        let secret = caller.drop_secret(place.day.week());
        let address = place.address(&secret);
        let psk = place.psk(&secret);
        let info = info(fingerprint, place.day, &address);
        let bind = AuthPsk { psk: &psk, psk_id: &address.0, info: &info };
        let (enc, ct) = self.0[16..].split_first_chunk::<32>().ok_or(LayoutError::Truncated)?;
        let plaintext =
            auth_psk_open(caller.secret(), answer_key, &bind, enc, ct).map_err(|_| DropError::Sealed)?;
        let payload: DropPayload = json::read(unpad(&plaintext)?).map_err(|_| DropError::Json)?;
        let answer_valid = |answer: &AnswerPart| {
            answer.part > 0
                && answer.part <= answer.parts
                && answer.parts <= ANSWER_PARTS_MAX
                && !answer.text.is_empty()
        };
        if payload.number == 0
            || payload.opened.len() > OPENED_MAX
            || !payload.answer.as_ref().is_none_or(answer_valid)
        {
            return Err(DropError::Json);
        }
        Ok(payload)
    }
}

impl std::fmt::Debug for Drop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drop")
    }
}

/// Cuts an answer into the texts of its parts; their concatenation is the answer.
pub fn answer_parts(text: &str) -> Result<Vec<&str>, AnswerError> {
    if is_blank(text) {
        return Err(AnswerError::Empty);
    }
    let parts = split_json(text, ANSWER_TEXT_MAX);
    if parts.len() > usize::from(ANSWER_PARTS_MAX) {
        return Err(AnswerError::TooLong { parts: parts.len() });
    }
    Ok(parts)
}

/// Whether one drop can carry a text as a part of an answer.
pub fn is_answer_part(text: &str) -> bool {
    split_json(text, ANSWER_TEXT_MAX).len() <= 1
}

fn info(fingerprint: &Fingerprint, day: Day, address: &Address) -> Vec<u8> {
    [b"callsign/v1 drop".as_slice(), &fingerprint.0, &day.0.to_be_bytes(), &address.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    const PLACE: Place = Place { day: Day(20_000), slot: 3, index: 31 };

    fn longest(text: &str) -> DropPayload {
        let answer = AnswerPart { id: Bytes([255; 16]), part: 16, parts: 16, text: text.to_owned() };
        DropPayload { number: u32::MAX, answer: Some(answer), opened: vec![Bytes([255; 16]); OPENED_MAX] }
    }

    fn caller(n: u8) -> CallerKeys {
        CallerKeys::from_root(Secret([n; 32]))
    }

    fn seal(payload: &DropPayload) -> (Drop, Bytes<32>) {
        let answer_key = Secret([9; 32]);
        let to = caller(1);
        let secret = to.drop_secret(PLACE.day.week());
        let sender = Sender {
            fingerprint: &Fingerprint([5; 32]),
            answer_key: &answer_key,
            caller: to.public(),
            drop_secret: &secret,
        };
        let drop = Drop::seal(payload, &PLACE, &sender, &mut ChaCha20Rng::seed_from_u64(7)).unwrap();
        (drop, x25519_public(&answer_key))
    }

    #[test]
    fn the_longest_payload_opens_for_its_caller_alone() {
        let payload = longest(&"я".repeat(ANSWER_TEXT_MAX / 2));
        let (drop, answer_key) = seal(&payload);
        let desk = Fingerprint([5; 32]);
        assert_eq!(drop.address(), PLACE.address(&caller(1).drop_secret(PLACE.day.week())));
        assert_eq!(drop.open(&PLACE, &caller(1), &desk, &answer_key), Ok(payload));
        assert_eq!(drop.open(&PLACE, &caller(2), &desk, &answer_key), Err(DropError::Sealed));
        assert_eq!(drop.open(&PLACE, &caller(1), &Fingerprint([6; 32]), &answer_key), Err(DropError::Sealed));
        let impostor = x25519_public(&Secret([8; 32]));
        assert_eq!(drop.open(&PLACE, &caller(1), &desk, &impostor), Err(DropError::Sealed));
        let elsewhere = Place { index: 30, ..PLACE };
        assert_eq!(drop.open(&elsewhere, &caller(1), &desk, &answer_key), Err(DropError::Sealed));
    }

    #[test]
    fn a_flipped_byte_never_opens() {
        let (drop, answer_key) = seal(&longest("text"));
        for at in 16..DROP_LEN {
            let mut bytes = drop.0;
            bytes[at] ^= 0x80;
            // The top bit of an X25519 key is ignored (RFC 7748), yet HPKE binds enc as it was sent.
            let opened = Drop(bytes).open(&PLACE, &caller(1), &Fingerprint([5; 32]), &answer_key);
            assert_eq!(opened, Err(DropError::Sealed), "byte {at}");
        }
    }

    #[test]
    fn no_two_places_share_an_address() {
        let secret = caller(1).drop_secret(PLACE.day.week());
        let mut seen = std::collections::HashSet::new();
        for slot in 0..POSTING_SLOTS {
            for index in 0..PER_DAY {
                assert!(seen.insert(Place { slot, index, ..PLACE }.address(&secret)));
            }
        }
    }

    #[test]
    fn too_long_an_answer_is_refused_with_the_limit() {
        let text = "x".repeat(ANSWER_TEXT_MAX * usize::from(ANSWER_PARTS_MAX));
        assert_eq!(answer_parts(&text).map(|parts| parts.len()), Ok(16));
        assert_eq!(answer_parts(&(text + "x")), Err(AnswerError::TooLong { parts: 17 }));
        assert_eq!(answer_parts(""), Err(AnswerError::Empty));
    }

    proptest! {
        #[test]
        fn answers_join_and_fit(text in "(\\PC|[\\x00-\\x1f\"\\\\]|[а-яёїієґ]|😀){1,1200}") {
            // A text that shows nothing is refused.
            prop_assume!(answer_parts(&text) != Err(AnswerError::Empty));
            let parts = answer_parts(&text).unwrap();
            prop_assert_eq!(parts.concat(), text.clone());
            for part in parts {
                prop_assert!(serde_json::to_vec(&longest(part)).unwrap().len() <= PLAINTEXT_LEN - 2);
            }
        }
    }
}
