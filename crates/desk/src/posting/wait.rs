//! How long what is written now waits for its turn, as far as that can be known.

use callsign_protocol::{
    plan::shard_of,
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::{Answer, Case, Item},
    device::DeviceState,
};

/// What an answer's parts wait for in their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Parts of answers that wait in the same list, and leave before.
    pub ahead: u64,
    /// Seconds between two parts of the list.
    pub every_s: u32,
}

impl Wait {
    /// Seconds after which so many parts have left, at the latest.
    pub fn seconds(self, parts: u64) -> u64 {
        self.ahead.saturating_add(parts).saturating_mul(u64::from(self.every_s))
    }

    /// The same, where the plan still holds by then.
    fn within(self, parts: u64, now: UnixSeconds, holds_on: impl Fn(Day) -> bool) -> Option<Self> {
        let last = now.plus(self.seconds(parts)).day();
        holds_on(last).then_some(self)
    }
}

impl DeviceState {
    /// What so many parts to this caller would wait for; none where nobody can know it.
    pub(crate) fn wait_for(
        &mut self,
        case: &Case,
        parts: u64,
        now: UnixSeconds,
    ) -> Result<Option<Wait>, DeskError> {
        let Some(plan) = self.plan_on(now.day()) else { return Ok(None) };
        let list = shard_of(case.shard_bits, plan.shards);
        let ahead = self.reading(|state| {
            let cases = &state.log.view;
            let mut ahead = 0;
            for (caller, _) in cases.to_answer().filter(|(_, bits)| shard_of(*bits, plan.shards) == list) {
                let waiting = cases.get(&caller)?.filter(|case| case.can_be_answered(now.day()));
                ahead += waiting.map_or(0, |case| parts_that_wait(&case));
            }
            Ok(ahead)
        })?;
        let holds_on = |day: Day| {
            self.plan_on(day)
                .is_some_and(|then| (then.shards, then.drop_period_s) == (plan.shards, plan.drop_period_s))
        };
        Ok(Wait { ahead, every_s: plan.shard_period_s() }.within(parts, now, holds_on))
    }
}

/// Parts of answers that leave and are not posted.
fn parts_that_wait(case: &Case) -> u64 {
    let waits = |item: &Item| match item {
        Item::Answer(answer) if Answer::leaves(answer) => answer.parts_waiting() as u64,
        _ => 0,
    };
    case.items.iter().map(waits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_waits_in_the_list_leaves_before_and_nothing_is_said_of_a_plan_to_come() {
        let wait = Wait { ahead: 2, every_s: 240 };
        assert_eq!(wait.seconds(1), 720);
        assert_eq!(Wait { ahead: u64::MAX, every_s: 240 }.seconds(16), u64::MAX);
        let today = |day: Day| day == Day(100);
        let noon = Day(100).start().plus(43_200);
        assert_eq!(wait.within(1, noon, today), Some(wait));
        assert_eq!(wait.within(1, Day(101).start().plus(43_200), today), None);
        assert_eq!(wait.within(1, Day(101).start().plus(0), |_| true), Some(wait));
        assert_eq!(wait.within(200, noon, today), None);
    }
}
