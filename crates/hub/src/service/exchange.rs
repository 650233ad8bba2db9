//! The exchange: one cell up, one block of drops down, the same bytes in number whatever happens.

use std::sync::Arc;

use bytes::Bytes;
use callsign_protocol::{
    cell::Cell,
    digest::Chain,
    exchange::{ANSWER_HEADER_LEN, AnswerHeader, ExchangeError, Outcome, Request},
    stamp::Toll,
    time::{Day, Minute},
};

use super::{Desk, Service, ServiceError, admission::Inside, retention::DROP_DAYS};
use crate::store::{Store, StoreError};

/// What goes back: 32,896 bytes in two pieces, for the second is the same for all who ask for it.
#[derive(Debug)]
pub struct ExchangeAnswer {
    /// What became of the cell, and which block this is.
    pub header: [u8; ANSWER_HEADER_LEN],
    /// 32 drops.
    pub block: Bytes,
}

impl<S: Store> Service<S> {
    /// Stores the cell and answers a block. [`Outcome::Stored`] is said only when the cell is durable.
    pub async fn exchange(&self, desk: &Desk, bytes: &[u8]) -> Result<ExchangeAnswer, ServiceError> {
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
            minute: Minute::default(),
            signature: None,
            toll: Toll::NONE,
            chain: Chain::EMPTY.hash,
        };
        let request = match Request::decode(bytes) {
            Ok(request) => request,
            Err(ExchangeError::Version) => {
                return Ok(self.blank(AnswerHeader { outcome: Outcome::Version, ..header }));
            }
            Err(_) => return Err(ServiceError::Malformed),
        };
        header.day = if request.ask.day == Day(0) { today } else { request.ask.day };
        header.shard = request.ask.shard;
        let listed = today.minus(DROP_DAYS - 1)..=today;
        let plan = notice.as_ref().and_then(|notice| notice.body.notice.plan.on(header.day));
        if !listed.contains(&header.day) || plan.is_none_or(|plan| header.shard >= plan.shards) {
            return Ok(self.blank(AnswerHeader { outcome: Outcome::UnknownList, ..header }));
        }
        let inside = self.admission.enter(&desk.fingerprint, &request).await;
        // Today's blocks are those that stay in memory: who is turned out reads them all the same.
        if inside.is_none() && header.day != today {
            return Ok(self.blank(header));
        }
        // Read before the cell is stored: "unavailable" must mean that nothing was.
        let name = (desk.id.clone(), header.day, header.shard);
        let block = self.lists.block(&*self.store, &name, request.ask.from).await;
        let Ok(block) = self.noted(block) else {
            return Ok(self.blank(header));
        };
        (header.from, header.total, header.chain) = (block.from, block.total, block.chain);
        let duty_key = notice.as_ref().map(|notice| notice.body.signer.duty_key);
        if let Some(signed) = block.signed.filter(|signed| Some(signed.duty_key) == duty_key) {
            (header.minute, header.signature) = (signed.minute, Some(signed.signature));
        }
        // By a clock that was set back, retention would take it as soon as the clock is right again.
        let kept_from = notice.as_ref().map_or(today, |notice| notice.confirmed_day().max(today));
        if let Some(inside) = inside
            && self.room.is_there()
            && self.noted(self.append(inside, desk, kept_from, request.cell).await).is_ok()
        {
            header.outcome = Outcome::Stored;
        }
        Ok(self.answer(header, block.bytes))
    }

    /// Goes on where the sender hangs up: until the cell is durable its place is taken, or whoever hangs up would fill the
    /// store's queue, in which commits wait too.
    async fn append(
        &self,
        inside: Inside,
        desk: &Desk,
        kept_from: Day,
        cell: Cell,
    ) -> Result<u64, StoreError> {
        let (store, desk) = (Arc::clone(&self.store), desk.id.clone());
        let appended = tokio::spawn(async move {
            let _inside = inside;
            store.append_cell(&desk, kept_from, cell).await
        });
        appended.await.unwrap_or(Err(StoreError::GivenUp { operation: "append_cell" }))
    }

    fn blank(&self, header: AnswerHeader) -> ExchangeAnswer {
        self.answer(header, self.lists.blank())
    }

    /// With what is asked of the next exchange.
    fn answer(&self, header: AnswerHeader, block: Bytes) -> ExchangeAnswer {
        self.tally.count(header.outcome);
        ExchangeAnswer { header: AnswerHeader { toll: self.admission.toll(), ..header }.encode(), block }
    }
}
