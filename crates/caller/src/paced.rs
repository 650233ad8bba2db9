//! The paced visit of section 8.1: one process for all who write, read, or merely visit.

use std::time::Duration;

use callsign_protocol::plan::draw_bits;
use rand_core::CryptoRng;

use crate::visit::{SlotError, Visit, VisitError};

/// What a visit is for. It never changes what the first slots look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// All that is listed for the caller has been read.
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
    /// Slots that it has whatever happens, the notice's `visit_exchanges` at most; so many where absent.
    pub slots: Option<u32>,
}

/// Makes the visit.
///
/// `pacing` draws gaps, shards and the time of the first move, and nothing else. Where the goal is not reached after the
/// planned slots, `on_longer` is called once and the visit goes on, at most to the notice's end of visits: this visit then
/// shows that it is longer than others.
pub fn run<S: CryptoRng>(
    visit: &mut Visit<'_, S>,
    plan: &Plan,
    pacing: &mut impl CryptoRng,
    wait: &dyn Fn(Duration),
    on_longer: &mut dyn FnMut(),
) -> Result<(), VisitError> {
    // The pace of a visit stays what it was, also where a later notice has another.
    let cover = visit.notice().notice.cover;
    let move_after_ms = cover.move_after_ms(pacing);
    visit.walk_over(draw_bits(pacing));
    if plan.goal == Goal::Read {
        visit.look_for_answers();
    }
    let slots_max = cover.visit_exchanges;
    let slots = plan.slots.unwrap_or(slots_max).clamp(1, slots_max);

    let (mut elapsed_ms, mut has_moved): (u64, bool) = (0, false);
    let mut trouble = SlotError::NoSlotLeft;
    for slot in 0..slots_max {
        if slot >= slots && is_reached(visit, plan.goal) {
            break;
        }
        if slot == slots {
            on_longer();
        }
        let gap_ms = cover.gap_ms(slot, visit.failures(), pacing);
        wait(Duration::from_millis(gap_ms));
        elapsed_ms = elapsed_ms.saturating_add(gap_ms);
        if visit.has_walked() || (!has_moved && elapsed_ms >= move_after_ms) {
            visit.move_on(draw_bits(pacing));
            has_moved = true;
        }
        match visit.slot() {
            Ok(()) => trouble = SlotError::NoSlotLeft,
            Err(error) if error.may_pass() => trouble = error,
            Err(error) => return Err(missed(visit, plan.goal, error)),
        }
    }
    if is_reached(visit, plan.goal) { Ok(()) } else { Err(missed(visit, plan.goal, trouble)) }
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
