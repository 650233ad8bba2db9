//! Which list each exchange asks for: today's last block alone, or what visits ask for from beginning to end.

use std::sync::Arc;

use callsign_protocol::{
    cell::Cell,
    exchange::{AnswerHeader, Ask, LAST_BLOCK},
    notice::VerifiedNotice,
    plan::draw_bits,
    stamp::{Search, Toll},
    time::Day,
    visit::Walk,
};
use clap::ValueEnum;
use rand_core::CryptoRng;

/// What exchanges ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lists {
    /// Today's last block, as in the first minute of a visit and in all of its end
    Today,
    /// Visits from beginning to end (section 8.1), walks over the days before included
    Visits,
}

/// One visitor after the other, without the gaps between their slots.
pub struct Visitor<R> {
    notice: Arc<VerifiedNotice>,
    today: Day,
    lists: Lists,
    rng: R,
    visit: Visit,
}

/// One visit so far.
struct Visit {
    slot: u32,
    shard_bits: u16,
    /// Milliseconds that a caller would have waited in the gaps so far.
    waited_ms: u64,
    walk_after_ms: u64,
    walk: Option<Walk>,
}

impl<R: CryptoRng> Visitor<R> {
    /// The first visitor of a day.
    pub fn new(notice: Arc<VerifiedNotice>, today: Day, lists: Lists, mut rng: R) -> Self {
        let visit = Visit::begin(&notice, &mut rng);
        Self { notice, today, lists, rng, visit }
    }

    /// The block to ask for next.
    pub fn ask(&mut self) -> Ask {
        let Self { notice, today, rng, visit, lists } = self;
        let plan = &notice.notice.plan;
        let shard = |day, bits| plan.shard(if day == Day(0) { *today } else { day }, bits);
        if *lists == Lists::Visits {
            visit.waited_ms += notice.notice.cover.gap_ms(visit.slot, 0, rng);
            if visit.walk.is_none() && visit.waited_ms >= visit.walk_after_ms {
                visit.walk = Some(Walk::new(notice.notice.windows.draw(notice.notice.days, rng)));
            }
        }
        match &visit.walk {
            Some(walk) => walk.ask(|day| shard(day, visit.shard_bits)),
            None => Ask { day: Day(0), shard: shard(Day(0), draw_bits(rng)), from: LAST_BLOCK },
        }
    }

    /// The search for the stamp of a cell.
    pub fn search(&mut self, cell: &Cell, toll: Toll) -> Search {
        Search::new(&self.notice.fingerprint, cell, toll, self.rng.next_u64())
    }

    /// Takes note of the answer to the block asked for; `true` where the visit ends with it.
    pub fn took(&mut self, answer: &AnswerHeader) -> bool {
        if let Some(walk) = &mut self.visit.walk {
            walk.took(answer);
        }
        self.visit.slot += 1;
        let ends = self.lists == Lists::Visits && self.visit.slot >= self.notice.notice.cover.visit_exchanges;
        if ends {
            self.visit = Visit::begin(&self.notice, &mut self.rng);
        }
        ends
    }
}

impl Visit {
    fn begin(notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Self {
        let walk_after_ms = notice.notice.cover.return_after_ms(rng);
        Self { slot: 0, shard_bits: draw_bits(rng), waited_ms: 0, walk_after_ms, walk: None }
    }
}
