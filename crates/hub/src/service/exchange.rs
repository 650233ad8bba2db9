//! The exchange: one cell up, one block of drops down, the same bytes in number whatever happens.

use callsign_protocol::{
    drop::{DROP_LEN, Drop},
    exchange::{ANSWER_LEN, AnswerHeader, ExchangeError, HEADER_LEN, Outcome, Request},
    time::Day,
};
use chacha20::rand_core::Rng as _;

use super::{Desk, Service, ServiceError, retention::DROP_DAYS};
use crate::store::Store;

impl<S: Store> Service<S> {
    /// Stores the cell and answers a block. [`Outcome::Stored`] is said only when the cell is durable.
    pub async fn exchange(&self, desk: &Desk, bytes: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let today = self.today();
        // One notice for all of the answer, so that its serial names the key that its signature was made with.
        let notice = desk.notice.read();
        let mut header = AnswerHeader {
            outcome: Outcome::Unavailable,
            day: today,
            shard: 0,
            from: 0,
            total: 0,
            notice_serial: notice.as_ref().map_or(0, |notice| notice.serial),
            signature: None,
        };
        let request = match Request::decode(bytes) {
            Ok(request) => request,
            Err(ExchangeError::Version) => {
                return Ok(self.answer(AnswerHeader { outcome: Outcome::Version, ..header }, &[]));
            }
            Err(_) => return Err(ServiceError::Malformed),
        };
        header.day = if request.ask.day == Day(0) { today } else { request.ask.day };
        header.shard = request.ask.shard;
        let listed = today.minus(DROP_DAYS - 1)..=today;
        let plan = notice.as_ref().and_then(|notice| notice.body.notice.plan.on(header.day));
        if !listed.contains(&header.day) || plan.is_none_or(|plan| header.shard >= plan.shards) {
            return Ok(self.answer(AnswerHeader { outcome: Outcome::UnknownList, ..header }, &[]));
        }
        // Read before the cell is stored: "unavailable" must mean that nothing was.
        let name = (&desk.id, header.day, header.shard);
        let block = self.todays_drops.block(&self.store, name, request.ask.from, today).await;
        let Ok(block) = self.noted(block) else {
            return Ok(self.answer(header, &[]));
        };
        (header.from, header.total) = (block.from, block.total);
        let duty_key = notice.as_ref().map(|notice| notice.body.duty_key);
        let signed = block.signed.filter(|signed| Some(signed.duty_key) == duty_key);
        header.signature = signed.map(|signed| signed.signature);
        if self.noted(self.store.append_cell(&desk.id, today, request.cell).await).is_ok() {
            header.outcome = Outcome::Stored;
        }
        Ok(self.answer(header, &block.drops))
    }

    /// Header and drops, filled up with random bytes.
    fn answer(&self, header: AnswerHeader, drops: &[Drop]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ANSWER_LEN);
        bytes.extend_from_slice(&header.encode());
        for drop in drops {
            bytes.extend_from_slice(&drop.0);
        }
        debug_assert_eq!(bytes.len(), HEADER_LEN + drops.len() * DROP_LEN);
        let listed = bytes.len();
        bytes.resize(ANSWER_LEN, 0);
        self.rng().fill_bytes(&mut bytes[listed..]);
        bytes
    }
}
