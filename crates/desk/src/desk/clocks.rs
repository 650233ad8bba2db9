//! The hub's clock and this device's: where they are days apart, the hub takes nothing that this device writes.

use std::sync::PoisonError;

use callsign_protocol::time::{Day, UnixSeconds};

use crate::Desk;

/// A hub's clock that is days from this device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubClock {
    /// The hub's date.
    pub hub: Day,
    /// This device's date at that time.
    pub own: Day,
}

/// Three clocks at one moment, for who looks which of them is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// The hub's.
    pub hub: UnixSeconds,
    /// This device's.
    pub own: UnixSeconds,
    /// The newest entry of the desk's log: no right clock is behind it.
    pub log: UnixSeconds,
}

impl HubClock {
    /// None where the hub takes entries of this device's date: of its own day, of the one before and of the one after.
    fn compare(hub: UnixSeconds, own: UnixSeconds) -> Option<Self> {
        let (hub, own) = (hub.day(), own.day());
        (hub.0.abs_diff(own.0) > 1).then_some(Self { hub, own })
    }
}

impl Desk {
    /// Takes note of the hub's time, where it has told it since. While the clocks differ it is asked again and again: whoever
    /// sets one right must not go on reading that it is wrong.
    pub(crate) fn compare_with_hub(&self) {
        let Some(hub) = self.client.take_hub_time() else { return };
        let own = self.now();
        let (before, now) = (self.hub_clock(), HubClock::compare(hub, own));
        *self.hub_told.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new((hub, own)));
        if now.is_some() {
            self.client.end_session();
        }
        if now != before {
            self.tell_change();
        }
    }

    /// The hub's clock beside this device's, as the hub has told it last; none where it was not asked.
    pub fn clocks(&self) -> Option<Clocks> {
        let (hub, own) = self.told()?;
        Some(Clocks { hub, own, log: self.state().log.fold.cases.time() })
    }

    /// The hub's time and this device's, when the hub told its time last.
    fn told(&self) -> Option<(UnixSeconds, UnixSeconds)> {
        self.hub_told.lock().unwrap_or_else(PoisonError::into_inner).as_deref().copied()
    }

    pub(crate) fn hub_clock(&self) -> Option<HubClock> {
        let (hub, own) = self.told()?;
        HubClock::compare(hub, own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_to_either_side_is_no_difference() {
        let at = |day: u32, second: u64| UnixSeconds(u64::from(day) * 86_400 + second);
        let differ = |own| HubClock::compare(at(100, 86_399), own).is_some();
        assert!(!differ(at(99, 0)) && !differ(at(101, 86_399)));
        assert!(differ(at(98, 86_399)) && differ(at(102, 0)));
    }
}
