//! Which list each exchange asks for: today's last block alone, or what visits ask for from beginning to end.

use std::sync::Arc;

use callsign_protocol::{
    cell::Cell,
    exchange::{AnswerHeader, Ask, LAST_BLOCK},
    notice::VerifiedNotice,
    plan::draw_bits,
    stamp::{Search, Toll},
    time::Day,
    walk::Walk,
};
use clap::ValueEnum;
use rand_core::CryptoRng;

/// What exchanges ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lists {
    /// Today's last block, as where a walk is whole
    Today,
    /// Visits from beginning to end (section 8.1)
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
    /// Milliseconds that a caller would have waited in the gaps so far.
    waited_ms: u64,
    /// The time of the first move, until that is made.
    move_after_ms: Option<u64>,
    walk: Walk,
    /// What the answer is awaited to.
    asked: Ask,
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
        if *lists == Lists::Today {
            return Ask { day: Day(0), shard: plan.shard(*today, draw_bits(rng)), from: LAST_BLOCK };
        }
        visit.waited_ms += notice.notice.cover.gap_ms(visit.slot, 0, rng);
        if visit.walk.is_whole() || visit.move_after_ms.is_some_and(|at| visit.waited_ms >= at) {
            visit.walk.move_to(draw_bits(rng));
            visit.move_after_ms = None;
        }
        visit.asked = visit.walk.ask(visit.slot, plan, *today);
        visit.asked
    }

    /// The search for the stamp of a cell.
    pub fn search(&mut self, cell: &Cell, toll: Toll) -> Search {
        Search::new(&self.notice.fingerprint, cell, toll, self.rng.next_u64())
    }

    /// Takes note of the answer to the block asked for; `true` where the visit ends with it.
    pub fn took(&mut self, answer: &AnswerHeader) -> bool {
        if self.lists == Lists::Today {
            return false;
        }
        let Visit { walk, asked, slot, .. } = &mut self.visit;
        walk.took(&self.notice.notice.plan, asked, &answer.into());
        *slot += 1;
        let ends = *slot >= self.notice.notice.cover.visit_exchanges;
        if ends {
            self.visit = Visit::begin(&self.notice, &mut self.rng);
        }
        ends
    }
}

impl Visit {
    fn begin(notice: &VerifiedNotice, rng: &mut impl CryptoRng) -> Self {
        let move_after_ms = Some(notice.notice.cover.move_after_ms(rng));
        let walk = Walk::new(notice.notice.days, draw_bits(rng));
        let asked = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
        Self { slot: 0, waited_ms: 0, move_after_ms, walk, asked }
    }
}
