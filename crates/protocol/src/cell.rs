//! Cells: 4,096 bytes from a caller to the desk, a part of a call or cover.

use std::ops::RangeInclusive;

use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    VERSION, WrappingKey, XWingSecret,
    call::{CallPart, Message, PARTS_MAX, PAYLOAD_MAX, PROOF_LEN, weeks_of_cell, weeks_taken},
    caller_keys::{CallerKeys, Proven, proof_holds},
    encoding::Secret,
    hpke_suite::{HpkeFailed, TAG_LEN, XWING_ENC_LEN, xwing_open, xwing_seal},
    identity::Fingerprint,
    keyring::FormerAnswerKey,
    layout::{LayoutError, Reader, pad, unpad},
    notice::{InboxKey, VerifiedNotice},
    time::{Day, Week},
};

/// Bytes of a cell.
pub const CELL_LEN: usize = 4_096;
pub(crate) const AAD_LEN: usize = 7;
const PLAINTEXT_LEN: usize = CELL_LEN - AAD_LEN - XWING_ENC_LEN - TAG_LEN;
const _: () = assert!(PAYLOAD_MAX == PLAINTEXT_LEN - 2, "a payload and its length fill a cell");

/// A cell as it travels.
#[derive(Clone, PartialEq, Eq)]
pub struct Cell(pub Box<[u8; CELL_LEN]>);

/// One part of a message, ready to be sealed as often as it takes.
#[derive(Clone, Debug)]
pub struct Part {
    of: Message,
    text: String,
    number: u8,
    count: u8,
}

/// What a cell turned out to hold.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// A part of a call, its proof checked.
    Call(Box<CallPart>),
    /// The same, proven for a key that a removed device knows: whoever had that device may have written it.
    Doubted(Box<CallPart>),
    /// Cover.
    Cover,
}

/// Why a cell is dropped. It is counted, and nothing waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CellError {
    /// Its epoch's key is gone, or never was.
    #[error("no key for this epoch")]
    Epoch,
    /// Not the JSON of section 6, or a member out of its range.
    #[error("the payload is not readable")]
    Json,
    /// The payload says that it is of another kind than a text.
    #[error("the payload is of a kind that is not known")]
    Kind,
    /// A length that leaves no room, or bytes after the payload.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// HPKE refuses it.
    #[error("the cell does not open")]
    Sealed,
    /// Not this caller's, or not for this desk.
    #[error("the proof fails")]
    Proof,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

/// The keys and notices with which a desk opens the cells of one epoch.
#[derive(Clone, Copy, Debug)]
pub struct Opener<'a> {
    /// The desk.
    pub fingerprint: &'a Fingerprint,
    /// The epoch's X-Wing seed.
    pub seed: &'a XWingSecret,
    /// The answer key, which checks proofs.
    pub answer_key: &'a Secret<32>,
    /// Answer keys of generations before, for cells sealed under an older notice.
    pub former_answer_keys: &'a [FormerAnswerKey],
    /// Hashes of all notices that carried this epoch's key.
    pub notice_hashes: &'a [[u8; 32]],
}

impl Message {
    /// The parts of the message, at most [`PARTS_MAX`].
    pub fn parts(&self) -> Result<Vec<Part>, crate::call::MessageError> {
        Ok(self.parts_of(&self.part_texts()?))
    }

    /// The parts of the message as a letter, likewise: more and shorter ones.
    pub fn letter_parts(&self) -> Result<Vec<Part>, crate::call::MessageError> {
        Ok(self.parts_of(&self.letter_texts()?))
    }

    fn parts_of(&self, texts: &[&str]) -> Vec<Part> {
        let count = u8::try_from(texts.len()).unwrap_or(PARTS_MAX);
        let message = Message { text: String::new(), ..self.clone() };
        let part = |(number, text): (u8, &&str)| Part {
            of: message.clone(),
            text: (*text).to_owned(),
            number,
            count,
        };
        (1..=count).zip(texts).map(part).collect()
    }
}

impl Part {
    /// What is sealed of it, with the secrets of these weeks.
    pub(crate) fn call(&self, caller: &CallerKeys, weeks: RangeInclusive<Week>) -> CallPart {
        CallPart {
            caller: *caller.public(),
            shard_bits: caller.shard_bits(),
            drop_secrets: (weeks.start().0..=weeks.end().0)
                .map(Week)
                .map(|week| (week, caller.drop_secret(week)))
                .collect(),
            id: self.of.id,
            part: self.number,
            parts: self.count,
            track: self.of.track.clone(),
            language: self.of.language.clone(),
            text: self.text.clone(),
            safe_times: self.of.safe_times.clone(),
        }
    }
}

impl Cell {
    /// Reads a cell's bytes; whether they mean anything only the desk can tell.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LayoutError> {
        let mut reader = Reader::new(bytes);
        let array = reader.array()?;
        reader.finish()?;
        Ok(Self(Box::new(array)))
    }

    /// Seals one part of a call under the key of the day that the hub calls today; [`CellError::Sealed`] where that is no X-Wing key.
    /// Each retry is sealed afresh.
    pub fn seal_part(
        part: &Part,
        caller: &CallerKeys,
        notice: &VerifiedNotice,
        today: Day,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CellError> {
        let key = notice.inbox_key(today);
        let payload = part.call(caller, weeks_of_cell(key.epoch));
        let json = Zeroizing::new(serde_json::to_vec(&payload).map_err(|_| CellError::Json)?);
        let proven = Proven { message_id: &payload.id, part: payload.part, json: &json, epoch: key.epoch };
        let mac = caller.prove(&notice.notice.answer_key, &proven).ok_or(CellError::Proof)?;
        let plaintext = Zeroizing::new([mac.as_slice(), &json].concat());
        if plaintext.len() > PAYLOAD_MAX {
            return Err(CellError::Layout(LayoutError::TrailingBytes));
        }
        seal(&plaintext, key, notice, rng)
    }

    /// Seals cover: the same bytes on the wire, nothing inside.
    pub fn seal_cover(
        notice: &VerifiedNotice,
        today: Day,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CellError> {
        seal(&[], notice.inbox_key(today), notice, rng)
    }

    /// The epoch and key id that the cell names, for finding its key.
    pub fn key(&self) -> Result<(Day, u16), CellError> {
        named_key(&self.0)?.ok_or(CellError::Version)
    }

    /// Opens the cell and checks all that section 12 asks of a desk.
    pub fn open(&self, with: &Opener<'_>) -> Result<Opened, CellError> {
        let (epoch, _) = self.key()?;
        let (aad, sealed) = self.0.split_at(AAD_LEN);
        let open = |hash| xwing_open(with.seed, &info(with.fingerprint, epoch, hash), aad, sealed).ok();
        let plaintext = with.notice_hashes.iter().find_map(open).ok_or(CellError::Sealed)?;
        let payload = unpad(&plaintext)?;
        if payload.is_empty() {
            return Ok(Opened::Cover);
        }
        let (mac, json) = payload.split_first_chunk::<PROOF_LEN>().ok_or(LayoutError::Truncated)?;
        let call = CallPart::read(json).map_err(|_| CellError::Json)?.ok_or(CellError::Kind)?;
        if !call.keeps_limits(&weeks_taken(epoch)) {
            return Err(CellError::Json);
        }
        let proven = Proven { message_id: &call.id, part: call.part, json, epoch };
        let holds = |key: &Secret<32>| proof_holds(key, &call.caller, &proven, mac);
        let former = || with.former_answer_keys.iter().find(|key| key.secret.as_ref().is_some_and(holds));
        let exposed = if holds(with.answer_key) { false } else { former().ok_or(CellError::Proof)?.exposed };
        let call = Box::new(call);
        Ok(if exposed { Opened::Doubted(call) } else { Opened::Call(call) })
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cell")
    }
}

fn seal(
    payload: &[u8],
    key: &InboxKey,
    notice: &VerifiedNotice,
    rng: &mut impl CryptoRng,
) -> Result<Cell, CellError> {
    let to = Recipient { day: key.epoch, key_id: key.key_id, public_key: &key.public_key };
    let info = info(&notice.fingerprint, key.epoch, &notice.hash);
    to.seal(&info, payload, rng).map(Cell).map_err(|_| CellError::Sealed)
}

fn info(fingerprint: &Fingerprint, epoch: Day, notice_hash: &[u8; 32]) -> Vec<u8> {
    [b"callsign/v1 cell".as_slice(), &fingerprint.0, &epoch.0.to_be_bytes(), notice_hash].concat()
}

/// The key that a cell or a letter is sealed to, as its first bytes name it.
pub(crate) struct Recipient<'a> {
    pub(crate) day: Day,
    pub(crate) key_id: u16,
    pub(crate) public_key: &'a WrappingKey,
}

impl Recipient<'_> {
    /// `version || day || key id || enc || ct` around a payload of [`PAYLOAD_MAX`] bytes at most.
    pub(crate) fn seal(
        &self,
        info: &[u8],
        payload: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Box<[u8; CELL_LEN]>, HpkeFailed> {
        let mut bytes = Box::new([0; CELL_LEN]);
        bytes[0] = VERSION;
        bytes[1..5].copy_from_slice(&self.day.0.to_be_bytes());
        bytes[5..AAD_LEN].copy_from_slice(&self.key_id.to_be_bytes());
        let plaintext = pad::<PLAINTEXT_LEN>(payload);
        let sealed = xwing_seal(self.public_key, info, &bytes[..AAD_LEN], &*plaintext, rng)?;
        bytes[AAD_LEN..].copy_from_slice(&sealed);
        Ok(bytes)
    }
}

/// Day and key id of what [`Recipient::seal`] made; none where it is of another version.
pub(crate) fn named_key(bytes: &[u8; CELL_LEN]) -> Result<Option<(Day, u16)>, LayoutError> {
    let mut reader = Reader::new(&bytes[..AAD_LEN]);
    if reader.u8()? != VERSION {
        return Ok(None);
    }
    Ok(Some((Day(reader.u32()?), reader.u16()?)))
}
