//! Escalation: a call that waits, and that nobody has, takes steps by the desk's own time. Each device finds the same ones.

use std::ops::RangeInclusive;

use callsign_protocol::{
    caller_keys::CallerId,
    derive::sha256_id,
    encoding::Bytes,
    keyring::DeviceId,
    time::{Day, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{
    Case, Cases, ClaimState, Event, EventBody, FLOOD_WAITING, Flag, Level, SafeWindow, Unread,
    act::{Act, EventKind, Origin, Refusal, ToldAgain, Writer},
};

/// Minutes of waiting behind which a call takes its first, second and third step, where the desk has set no others.
pub const LADDER_MINUTES: [u16; 3] = [60, 90, 120];
/// What a desk may set for each of them: less is no time to look, and more is no step.
pub const LADDER_RANGE: RangeInclusive<u16> = 5..=2_880;
/// The last step, at which a leader is told.
pub const STEPS: u8 = 3;
/// Seconds by which the clocks of two devices may differ.
const CLOCKS_DIFFER_S: u64 = 600;
/// Steps in one beat at most, so that calls have room; the next beat goes on.
const STEPS_AT_ONCE: usize = 8;

/// A call has waited for so long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    /// Whose.
    pub caller: CallerId,
    /// The message that has waited longest.
    pub message: Bytes<16>,
    /// Which step, from 1.
    pub step: u8,
}

/// The step that a case has taken last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Escalation {
    /// For which message: another one begins anew.
    message: Bytes<16>,
    step: u8,
    /// How urgent it is by that; none where a person has said so since, or it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raised: Option<Level>,
}

impl EventKind for Escalated {
    fn noun(&self) -> &'static str {
        "a step of waiting"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn caller(&self) -> Option<&CallerId> {
        Some(&self.caller)
    }

    /// It is made anew.
    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !(1..=STEPS).contains(&self.step) {
            return Err(Refusal::Numbers);
        }
        let case = state.loaded(&self.caller).ok_or(Refusal::Case)?;
        if state.next_step(case) != Some((self.message, self.step)) {
            return Err(Refusal::TooLate);
        }
        if state.has_waited(case, self.step, act.origin) { Ok(()) } else { Err(Refusal::Date) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        let (message, step) = (self.message, self.step);
        state.with(&self.caller, |case| {
            let raised = raised(step, case.level());
            case.escalation = Some(Escalation { message, step, raised });
        });
    }
}

/// How urgent a case is by a step: the first marks it, the second raises it by one level, the third to the first. What a person has said can
/// wait stays where it is.
fn raised(step: u8, level: Level) -> Option<Level> {
    match step {
        _ if level == Level::LAST => None,
        2 => Level::new(level.number().saturating_sub(1)),
        3 => Some(Level::FIRST),
        _ => None,
    }
}

impl Event {
    /// The event of a step: two devices make the same one.
    pub fn escalated(escalated: Escalated) -> Self {
        let Escalated { caller, message, step } = &escalated;
        let id = sha256_id(&[b"escalated", &caller.0, &message.0, &[*step]]);
        Self { id, body: EventBody::Escalated(escalated) }
    }
}

impl Case {
    /// How many steps the call that waits has taken; 0 where it has taken none, or nothing waits.
    pub fn escalated(&self) -> u8 {
        self.standing_step().map_or(0, |escalation| escalation.step)
    }

    /// The same, where nobody has the case: what people are to be told.
    pub fn left_waiting(&self) -> u8 {
        if self.claim.is_some() { 0 } else { self.escalated() }
    }

    /// How urgent it is by that.
    pub(super) fn raised_level(&self) -> Option<Level> {
        self.standing_step().and_then(|escalation| escalation.raised)
    }

    /// A person has said how urgent it is.
    pub(super) fn forget_raised(&mut self) {
        if let Some(escalation) = &mut self.escalation {
            escalation.raised = None;
        }
    }

    /// The step, where the call that took it waits still.
    fn standing_step(&self) -> Option<Escalation> {
        // As in the log, on a day on which no answer has lapsed: all devices agree.
        let escalation = self.escalation?;
        self.first_waiting(Day(0)).filter(|call| call.id == escalation.message).map(|_| escalation)
    }
}

/// That a call has waited for long, and nobody has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftWaiting {
    /// For so long, and longer.
    pub minutes: u16,
    /// Whether there is no further step.
    pub is_last: bool,
}

impl LeftWaiting {
    /// The step that a call has taken last, from 1, on a desk's ladder; none for 0.
    pub fn of(step: u8, ladder: [u16; 3]) -> Option<Self> {
        let minutes = *ladder.get(usize::from(step).checked_sub(1)?)?;
        Some(Self { minutes, is_last: step == STEPS })
    }
}

/// Whether minutes are those of a ladder: in the range, each step behind the one before.
pub fn is_ladder(minutes: &[u16; 3]) -> bool {
    minutes.iter().all(|step| LADDER_RANGE.contains(step)) && minutes.is_sorted_by(|one, next| one < next)
}

impl Cases {
    /// Minutes of waiting behind which a call takes its steps.
    pub fn ladder(&self) -> [u16; 3] {
        self.settings().waiting_minutes.unwrap_or(LADDER_MINUTES)
    }

    /// Steps that are due by a device's clock, behind the newest entry; of no caller who is in `but`.
    ///
    /// # Errors
    /// [`Unread`]
    pub(crate) fn steps_due(
        &self,
        author: &Origin,
        but: impl Fn(&CallerId) -> bool,
    ) -> Result<Vec<Event>, Unread> {
        let first_s = u64::from(self.ladder()[0]) * 60;
        let mut due = Vec::new();
        for waiting in self.waiting().take_while(|waiting| !waiting.is_set_aside) {
            let caller = waiting.caller;
            let is_over = self.head(&caller).is_none_or(|head| {
                head.escalated() >= STEPS || head.is_untouched() && self.is_flooded_with_untouched()
            });
            if author.at.since(waiting.since) < first_s || is_over || but(&caller) {
                continue;
            }
            let Some(case) = self.get_in_passing(&caller)? else { continue };
            if let Some((message, step)) = self.next_step(&case)
                && self.has_waited(&case, step, author)
            {
                due.push(Event::escalated(Escalated { caller, message, step }));
                if due.len() == STEPS_AT_ONCE {
                    break;
                }
            }
        }
        Ok(due)
    }

    /// How many cases have taken the last step, wait still, and are nobody's.
    pub fn last_step_count(&self) -> usize {
        self.queues.at_last_step.len()
    }

    /// The same, in no order that means anything.
    pub fn at_last_step(&self) -> impl Iterator<Item = CallerId> {
        self.queues.at_last_step.iter().copied()
    }

    /// The next step of a case that waits and that nobody has; none where it takes none. In a flood those to which nobody has turned take none:
    /// they would stand on level 1 all together, before whom people have called urgent.
    fn next_step(&self, case: &Case) -> Option<(Bytes<16>, u8)> {
        let message = case.first_waiting(Day(0))?.id;
        let is_somebodys = case.claim().is_some_and(|claim| self.claim_state(claim) == ClaimState::Live);
        let is_in_flood = case.is_untouched() && self.is_flooded_with_untouched();
        let next = case.escalated() + 1;
        (!case.has_flag(Flag::Junk) && !is_somebodys && !is_in_flood && next <= STEPS)
            .then_some((message, next))
    }

    /// Whether the call has waited for a step: by the clock of whoever says so, which no colleague at work contradicts, and by beats of the
    /// desk, of which one at least counts for each minute. Minutes outside of the caller's safe hours count for nothing.
    fn has_waited(&self, case: &Case, step: u8, author: &Origin) -> bool {
        let Some(call) = case.first_waiting(Day(0)) else { return false };
        let ladder = self.ladder();
        let Some(minutes) = ladder.get(usize::from(step).wrapping_sub(1)) else { return false };
        let until = match self.clock_beside(&author.author) {
            Some(other) => author.at.min(other.plus(CLOCKS_DIFFER_S)),
            None => author.at,
        };
        let waited = case
            .safe_window()
            .map_or(until.since(call.received) / 60, |hours| minutes_within(hours, call.received, until));
        let beats = self.beats.total().saturating_sub(call.beats);
        waited >= u64::from(*minutes) && beats >= u64::from(*minutes)
    }

    /// The latest time that another device at work has said; none where none is.
    fn clock_beside(&self, device: &DeviceId) -> Option<UnixSeconds> {
        self.beats.latest_beside(device)
    }

    fn is_flooded_with_untouched(&self) -> bool {
        self.queues.untouched > FLOOD_WAITING
    }
}

/// Whole minutes between two times that lie in the hours.
fn minutes_within(hours: SafeWindow, from: UnixSeconds, until: UnixSeconds) -> u64 {
    const DAY_MIN: u64 = 1_440;
    let all = until.since(from) / 60;
    let is_in = |minute: u64| hours.has(u16::try_from(minute % DAY_MIN).unwrap_or(0));
    let first = from.0 / 60;
    let within = |count: u64| (first..first + count).filter(|minute| is_in(*minute)).count() as u64;
    all / DAY_MIN * within(DAY_MIN) + within(all % DAY_MIN)
}

#[cfg(test)]
mod tests;
