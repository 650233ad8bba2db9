//! The paced visit of section 8.1: one process for all who write, read, or merely visit.

use std::time::Duration;

use callsign_protocol::plan::draw_bits;
use rand_core::CryptoRng;

use crate::visit::{SlotError, Visit, VisitError};

/// Slots of a paced visit where nothing else is said.
pub const SLOTS: u32 = 40;

/// What a visit is for. It never changes what the first slots look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Everything in the window has been read.
    Read,
    /// Everything written is stored.
    Stored,
    /// Being there.
    Visited,
}

/// How a paced visit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is for.
    pub goal: Goal,
    /// Slots that it has whatever happens; never more than the notice's `visit_exchanges`.
    pub slots: u32,
    /// Days to look back; drawn as for cover where absent.
    pub window_days: Option<u32>,
}

/// Makes the visit and tells over how many days it looked back.
///
/// `pacing` draws gaps, the beginning of phase B, the window and the shards of phase A, and nothing else. Where the goal is not reached
/// after the planned slots, `on_longer` is called once and the visit goes on, at most to the notice's end of visits:
/// this visit then shows that it is longer than others.
pub fn run<S: CryptoRng>(
    visit: &mut Visit<'_, S>,
    plan: &Plan,
    pacing: &mut impl CryptoRng,
    wait: &dyn Fn(Duration),
    on_longer: &mut dyn FnMut(),
) -> Result<u32, VisitError> {
    // The pace of a visit stays what it was, also where a later notice has another.
    let notice = &visit.notice().notice;
    let (cover, days) = (notice.cover, notice.days);
    let return_after_ms = cover.return_after_ms(pacing);
    // Drawn also where it is not used, so that the pace after it is the same for all.
    let drawn_days = notice.windows.draw(days, pacing);
    let window_days = plan.window_days.unwrap_or(drawn_days).clamp(1, days.max(1));
    let slots_max = cover.visit_exchanges;
    let slots = plan.slots.clamp(1, slots_max);

    let mut elapsed_ms: u64 = 0;
    let mut trouble = SlotError::NoSlotLeft;
    for slot in 0..slots_max {
        if slot >= slots && is_reached(visit, plan.goal) {
            break;
        }
        if slot == slots {
            on_longer();
        }
        let gap_ms = cover.gap_ms(slot, visit.failures(), pacing);
        // Drawn also where phase B has begun, so that the pace after it is the same for all.
        let drawn_bits = draw_bits(pacing);
        wait(Duration::from_millis(gap_ms));
        elapsed_ms = elapsed_ms.saturating_add(gap_ms);
        if !visit.is_walking() && elapsed_ms >= return_after_ms {
            visit.begin_walk(window_days);
        }
        match visit.slot(drawn_bits) {
            Ok(()) => trouble = SlotError::NoSlotLeft,
            Err(error) if error.may_pass() => trouble = error,
            Err(error) => return Err(missed(visit, plan.goal, error)),
        }
    }
    if is_reached(visit, plan.goal) { Ok(window_days) } else { Err(missed(visit, plan.goal, trouble)) }
}

fn is_reached<S: CryptoRng>(visit: &Visit<'_, S>, goal: Goal) -> bool {
    match goal {
        Goal::Read => visit.is_all_read(),
        Goal::Stored => visit.is_all_stored(),
        Goal::Visited => true,
    }
}

fn missed<S: CryptoRng>(visit: &Visit<'_, S>, goal: Goal, cause: SlotError) -> VisitError {
    match goal {
        Goal::Read => VisitError::NotRead(cause),
        Goal::Stored => visit.not_stored(cause),
        Goal::Visited => VisitError::Ended(cause),
    }
}
