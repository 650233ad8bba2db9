//! The exchange: one cell up, 32 drops down, always the same bytes in number.

use thiserror::Error;

use crate::{
    VERSION,
    cell::{CELL_LEN, Cell},
    digest::ListSignature,
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
    layout::{LayoutError, Reader},
    stamp::{Effort, Round, Stamp, Toll},
    time::{Day, Minute},
};

/// Bytes of the header of a request.
pub const REQUEST_HEADER_LEN: usize = 96;
/// Bytes of a request.
pub const REQUEST_LEN: usize = REQUEST_HEADER_LEN + CELL_LEN;
/// Bytes of the header of an answer.
pub const ANSWER_HEADER_LEN: usize = 128;
/// Drops in an answer.
pub const BLOCK: u32 = 32;
/// Bytes of the drops of an answer.
pub const BLOCK_LEN: usize = BLOCK as usize * DROP_LEN;
/// Bytes of an answer.
pub const ANSWER_LEN: usize = ANSWER_HEADER_LEN + BLOCK_LEN;
/// The position that asks for the last block.
pub const LAST_BLOCK: u32 = u32::MAX;

/// Which block of which list a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The day; 0 is today by the hub's clock.
    pub day: Day,
    /// The shard.
    pub shard: u32,
    /// Position of the first drop wanted, or [`LAST_BLOCK`].
    pub from: u32,
}

/// What a caller sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The block wanted.
    pub ask: Ask,
    /// The work done for this exchange; [`Stamp::NONE`] in quiet times.
    pub stamp: Stamp,
    /// A part of a call, or cover.
    pub cell: Cell,
}

/// What became of the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable.
    Stored,
    /// It was not stored; try again with a fresh one.
    Unavailable,
    /// The hub does not serve the request's version.
    Version,
    /// No such day or shard.
    UnknownList,
}

/// The header of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerHeader {
    /// What became of the cell.
    pub outcome: Outcome,
    /// The day of the list, never 0 where the outcome is [`Outcome::Stored`].
    pub day: Day,
    /// The shard of the list.
    pub shard: u32,
    /// Position of the first drop that follows.
    pub from: u32,
    /// Drops in the list.
    pub total: u32,
    /// Serial of the notice that the hub serves.
    pub notice_serial: u64,
    /// The minute in the list's signature; 0 without one.
    pub minute: Minute,
    /// The desk's signature over the list: its head, or once its day is finished and signed, the day's.
    pub signature: Option<ListSignature>,
    /// What the hub asks of the next exchange.
    pub toll: Toll,
    /// The list's chain up to `from`; up to `total` where `from` is beyond it.
    pub chain: Bytes<32>,
}

/// A decoded answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its header.
    pub header: AnswerHeader,
    /// The drops from `from` up to `total`, 32 at most; the random filling is left out.
    pub drops: Vec<Drop>,
}

/// Why an exchange is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExchangeError {
    /// Not the size of a request or an answer, or a reserved byte is not zero.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// An outcome number that this program does not know.
    #[error("unknown outcome")]
    Outcome,
    /// A version that this program does not know.
    #[error("unknown version")]
    Version,
}

impl Request {
    /// 4,192 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; REQUEST_LEN];
        bytes[0] = VERSION;
        bytes[4..8].copy_from_slice(&self.ask.day.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ask.shard.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.ask.from.to_be_bytes());
        bytes[16] = self.stamp.effort.0;
        bytes[18..20].copy_from_slice(&self.stamp.round.0.to_be_bytes());
        bytes[20..28].copy_from_slice(&self.stamp.nonce.to_be_bytes());
        bytes[REQUEST_HEADER_LEN..].copy_from_slice(&*self.cell.0);
        bytes
    }

    /// Reads a request: its length, then its version, so that an older hub can say that it is older, then the rest.
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let mut reader = Reader::exactly(bytes, REQUEST_LEN)?;
        if reader.u8()? != VERSION {
            return Err(ExchangeError::Version);
        }
        reader.zeros(3)?;
        let ask = Ask { day: Day(reader.u32()?), shard: reader.u32()?, from: reader.u32()? };
        let Toll { effort, round } = read_toll(&mut reader)?;
        let stamp = Stamp { effort, round, nonce: reader.u64()? };
        if effort == Effort(0) && stamp != Stamp::NONE {
            return Err(LayoutError::NotZero.into());
        }
        reader.zeros(REQUEST_HEADER_LEN - 28)?;
        Ok(Self { ask, stamp, cell: Cell::from_bytes(reader.slice(CELL_LEN)?)? })
    }
}

impl Outcome {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Self::Stored => 0,
            Self::Unavailable => 1,
            Self::Version => 2,
            Self::UnknownList => 3,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Stored, Self::Unavailable, Self::Version, Self::UnknownList].get(usize::from(number)).copied()
    }
}

impl AnswerHeader {
    /// 128 bytes; the hub puts the drops and the filling behind them.
    pub fn encode(&self) -> [u8; ANSWER_HEADER_LEN] {
        let mut bytes = [0; ANSWER_HEADER_LEN];
        bytes[0] = VERSION;
        bytes[1] = self.outcome.number();
        bytes[2..4].copy_from_slice(&u16::from(self.minute).to_be_bytes());
        bytes[4..8].copy_from_slice(&self.day.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.shard.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.from.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.total.to_be_bytes());
        bytes[20..28].copy_from_slice(&self.notice_serial.to_be_bytes());
        if let Some(signature) = &self.signature {
            bytes[28..92].copy_from_slice(&signature.0);
        }
        bytes[92] = self.toll.effort.0;
        bytes[94..96].copy_from_slice(&self.toll.round.0.to_be_bytes());
        bytes[96..].copy_from_slice(&self.chain.0);
        bytes
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, ExchangeError> {
        if reader.u8()? != VERSION {
            return Err(ExchangeError::Version);
        }
        let outcome = Outcome::from_number(reader.u8()?).ok_or(ExchangeError::Outcome)?;
        let minute = Minute::try_from(reader.u16()?)?;
        let (day, shard) = (Day(reader.u32()?), reader.u32()?);
        let (from, total, notice_serial) = (reader.u32()?, reader.u32()?, reader.u64()?);
        let signature = Some(Bytes(reader.array()?)).filter(|bytes| bytes.0 != [0; 64]);
        if signature.is_none() && minute != Minute::default() {
            return Err(LayoutError::NotZero.into());
        }
        let (toll, chain) = (read_toll(reader)?, Bytes(reader.array()?));
        Ok(Self { outcome, day, shard, from, total, notice_serial, minute, signature, toll, chain })
    }
}

impl Answer {
    /// Reads an answer of 32,896 bytes. Of one in another version nothing but that is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let mut reader = Reader::exactly(bytes, ANSWER_LEN)?;
        let header = AnswerHeader::read(&mut reader)?;
        let block = reader.slice(BLOCK_LEN)?;
        let count = header.total.saturating_sub(header.from).min(BLOCK) as usize;
        let drops = block.chunks(DROP_LEN).take(count).map(Drop::from_bytes).collect::<Result<_, _>>()?;
        Ok(Self { header, drops })
    }
}

/// `u8 effort || 0x00 || u16 round`; without effort there is no round.
fn read_toll(reader: &mut Reader<'_>) -> Result<Toll, LayoutError> {
    let effort = Effort(reader.u8()?);
    reader.zeros(1)?;
    let toll = Toll { effort, round: Round(reader.u16()?) };
    if effort == Effort(0) && toll != Toll::NONE { Err(LayoutError::NotZero) } else { Ok(toll) }
}

/// The position of the last block of a list of `total` drops.
pub fn last_block(total: u32) -> u32 {
    total.saturating_sub(1) / BLOCK * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let ask = Ask { day: Day(7), shard: 0, from: LAST_BLOCK };
        let stamp = Stamp { effort: Effort(3), round: Round(0x0102), nonce: 0x0304_0506_0708_090a };
        Request { ask, stamp, cell: Cell(Box::new([9; CELL_LEN])) }
    }

    #[test]
    fn a_request_encodes_back() {
        let bytes = request().encode();
        assert_eq!(bytes.len(), 4_192);
        assert_eq!(Request::decode(&bytes), Ok(request()));
    }

    #[test]
    fn each_fault_of_a_request_has_its_error() {
        let bytes = request().encode();
        let with = |at: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            Request::decode(&bytes).unwrap_err()
        };
        assert_eq!(with(0, 2), ExchangeError::Version);
        assert_eq!(with(1, 1), ExchangeError::Layout(LayoutError::NotZero));
        for reserved in [1, 17, 28, 95] {
            assert_eq!(with(reserved, 1), ExchangeError::Layout(LayoutError::NotZero));
        }
        assert_eq!(with(16, 0), ExchangeError::Layout(LayoutError::NotZero), "a stamp without effort");
        let short = Request::decode(&bytes[..4_191]);
        assert_eq!(short, Err(ExchangeError::Layout(LayoutError::Truncated)));
        let long = Request::decode(&[bytes.as_slice(), &[0]].concat());
        assert_eq!(long, Err(ExchangeError::Layout(LayoutError::TrailingBytes)));
        assert_eq!(Request::decode(&[]), Err(ExchangeError::Layout(LayoutError::Truncated)));
    }

    #[test]
    fn without_effort_there_is_neither_round_nor_nonce() {
        let quiet = Request { stamp: Stamp::NONE, ..request() };
        let bytes = quiet.encode();
        assert_eq!(bytes[16..REQUEST_HEADER_LEN], [0; 80]);
        assert_eq!(Request::decode(&bytes), Ok(quiet));
        for at in 18..28 {
            let mut bytes = bytes.clone();
            bytes[at] = 1;
            assert_eq!(Request::decode(&bytes), Err(ExchangeError::Layout(LayoutError::NotZero)));
        }
    }

    #[test]
    fn an_answer_has_as_many_drops_as_the_list() {
        let header = AnswerHeader {
            outcome: Outcome::Stored,
            day: Day(7),
            shard: 0,
            from: 32,
            total: 35,
            notice_serial: 4,
            minute: Minute::try_from(0x0103).unwrap(),
            signature: Some(Bytes([6; 64])),
            toll: Toll { effort: Effort(17), round: Round(0x0102) },
            chain: Bytes([7; 32]),
        };
        let bytes = [header.encode().as_slice(), &vec![1; 32 * DROP_LEN]].concat();
        assert_eq!(bytes.len(), 32_896);
        let answer = Answer::decode(&bytes).unwrap();
        assert_eq!((answer.header, answer.drops.len()), (header, 3));
        let lying = AnswerHeader { from: 5, total: 1, ..header };
        let bytes = [lying.encode().as_slice(), &vec![1; 32 * DROP_LEN]].concat();
        assert_eq!(Answer::decode(&bytes).unwrap().drops.len(), 0);
        for (at, value) in [(92, 0), (93, 1)] {
            let mut reserved = bytes.clone();
            reserved[at] = value;
            assert_eq!(Answer::decode(&reserved), Err(ExchangeError::Layout(LayoutError::NotZero)));
        }
        let mut later = bytes.clone();
        later[2] = 0x10;
        assert_eq!(Answer::decode(&later), Err(ExchangeError::Layout(LayoutError::OutOfRange)));
        let mut unsigned = bytes.clone();
        unsigned[28..92].fill(0);
        assert_eq!(Answer::decode(&unsigned), Err(ExchangeError::Layout(LayoutError::NotZero)));
        let mut unknown = bytes;
        unknown[1] = 9;
        assert_eq!(Answer::decode(&unknown), Err(ExchangeError::Outcome));
    }

    #[test]
    fn the_last_block_is_never_empty_unless_the_list_is() {
        assert_eq!([0, 1, 32, 33, 64, 65].map(last_block), [0, 0, 0, 32, 32, 64]);
    }
}
