//! The end of a simulation: all is made well, some quiet days go by, and then everything must be where it belongs.

use callsign_desk::{
    Desk,
    cases::{Case, FOLD_VERSION, Item},
};

use super::{Failure, Report, audit::LISTED_DAYS, device::Standing, op::Under, world::World};
use crate::shown;

/// Days in which clocks that were wrong may still be in the way.
const MENDING_DAYS: u32 = 4;
/// Slots that a write has when all is well.
const SLOTS: u8 = 9;

impl World {
    /// Makes all well and checks what must then hold.
    pub(super) fn end(mut self) -> Result<Report, Failure> {
        self.mend()?;
        for _ in 0..MENDING_DAYS {
            self.pass(24)?;
        }
        let Some(first) = self.members().first().copied() else { return Ok(self.report()) };
        let ends = self.places[first]
            .as_ref()
            .and_then(|device| Some(device.desk.as_ref()?.health().certificate_ends));
        if ends.is_none_or(|ends| ends < self.clock.now().day()) {
            // The custodian must come, and none does here.
            return Ok(self.report());
        }
        self.is_well = true;
        self.pass(24)?;
        self.all_flush()?;
        self.converse()?;
        self.all_flush()?;
        self.wake_all()?;
        self.check_certificate()?;
        self.check_desk()?;
        for caller in 0..self.callers.len() {
            self.check_caller(caller)?;
        }
        Ok(self.report())
    }

    fn mend(&mut self) -> Result<(), Failure> {
        self.hub.heal();
        self.hub_clock.set(0);
        self.hub.restart();
        // What a newer program has said may be in force any day.
        let programs = self.places.iter().flatten().map(|device| device.said);
        let newest = programs.max().unwrap_or(0).max(self.audit.fold());
        for device in self.places.iter_mut().flatten() {
            device.clock.set(0);
            device.is_at_work = true;
            device.leave_room(None);
            if device.program < newest {
                device.replace_program(newest - FOLD_VERSION);
            }
        }
        self.settle()
    }

    fn members(&self) -> Vec<usize> {
        let is_member =
            |at: &usize| self.places[*at].as_ref().is_some_and(|device| device.standing != Standing::Removed);
        (0..self.places.len()).filter(is_member).collect()
    }

    /// Whatever waits anywhere goes into the log, and to all devices.
    fn all_flush(&mut self) -> Result<(), Failure> {
        for _ in 0..2 {
            for at in self.members() {
                self.with(at, Desk::sync)?;
                self.with(at, Desk::flush)?;
            }
        }
        for at in self.members() {
            self.with(at, Desk::sync)?;
        }
        self.settle()
    }

    /// Everyone calls once more and is answered.
    fn converse(&mut self) -> Result<(), Failure> {
        let members = self.members();
        for caller in 0..self.callers.len() {
            if !self.write(caller, 1, Under::Current, SLOTS) {
                return Err(Failure::new("a call is not stored, and all is well", &caller));
            }
        }
        for at in &members {
            self.with(*at, Desk::sync)?;
        }
        for caller in 0..self.callers.len() {
            self.answer(members[caller % members.len()], caller, 2)?;
        }
        self.settle()
    }

    /// Programs that slept through it all do no harm and come into step.
    fn wake_all(&mut self) -> Result<(), Failure> {
        for at in self.members() {
            let Some(device) = &mut self.places[at] else { continue };
            let Some(asleep) = device.asleep.take() else { continue };
            device.desk = Some(asleep);
            self.with(at, Desk::sync)?;
            self.beats(at)?;
        }
        self.all_flush()
    }

    /// Each day is certified anew for few days where two devices can do that, and in time where one can.
    fn check_certificate(&mut self) -> Result<(), Failure> {
        let members = self.members();
        let devices = members.iter().filter_map(|at| self.places[*at].as_ref());
        let holders = devices.filter(|device| device.identity_seed().is_some()).count();
        let today = self.clock.now().day();
        for at in members {
            let Some(desk) = self.places[at].as_ref().and_then(|device| device.desk.as_ref()) else {
                continue;
            };
            let left = desk.health().certificate_ends.0.saturating_sub(today.0);
            let is_right = match holders {
                0 => true,
                1 => (7..=14).contains(&left),
                _ => left == 3,
            };
            if !is_right {
                return Err(Failure::new(
                    "the duty key is not certified as it should be",
                    &(at, holders, left),
                ));
            }
        }
        Ok(())
    }

    fn check_desk(&mut self) -> Result<(), Failure> {
        let mut first: Option<Vec<String>> = None;
        for at in self.members() {
            for (caller, keys) in
                self.callers.iter().map(|caller| caller.keys.id()).enumerate().collect::<Vec<_>>()
            {
                let case = self.places[at].as_ref().and_then(|device| device.case(&keys));
                self.books.check_known(caller, case.as_ref())?;
            }
            let Some(desk) = self.places[at].as_ref().and_then(|device| device.desk.as_ref()) else {
                continue;
            };
            if desk.health().dropped_cells > 0 && !self.books.has_expired() {
                return Err(Failure::new("a cell did not open", &at));
            }
            let here = shown(desk);
            if first.as_ref().is_some_and(|first| *first != here) {
                let found = (at, difference(&first.unwrap_or_default(), &here));
                return Err(Failure::new("two devices show different things", &found));
            }
            first = Some(here.clone());
            // The same from the disk, and from the hub alone.
            for cache_is_lost in [false, true] {
                let Some(device) = &mut self.places[at] else { continue };
                if cache_is_lost {
                    device.lose_cache();
                }
                device.desk = None;
                self.with(at, Desk::sync)?;
                let again = self.places[at].as_ref().and_then(|device| Some(shown(device.desk.as_ref()?)));
                let again = again.unwrap_or_default();
                if again != here {
                    let found = (at, cache_is_lost, difference(&here, &again));
                    return Err(Failure::new("a program shows other things when it starts again", &found));
                }
            }
        }
        Ok(())
    }

    fn check_caller(&mut self, caller: usize) -> Result<(), Failure> {
        let reading = self.callers[caller]
            .read()
            .ok_or_else(|| Failure::new("a caller cannot read, and all is well", &caller))?;
        self.books.check_reading(caller, &reading, self.latest)?;
        if !self.callers[caller].can_write_letters() {
            return Err(Failure::new("no letter can be written, and all is well", &caller));
        }
        // Yesterday's signature may still be on its way.
        if let Some(day) = reading.unconfirmed.iter().find(|day| day.plus(1) < self.clock.now().day()) {
            return Err(Failure::new("a finished list is not confirmed", day));
        }
        let first_listed = self.clock.now().day().minus(LISTED_DAYS - 1);
        let posted = self.audit.answers(caller);
        let listed: Vec<&str> = posted
            .iter()
            .filter(|answer| answer.first_day.is_some_and(|day| day >= first_listed))
            .map(|answer| answer.text.as_str())
            .collect();
        let read: Vec<&str> = reading.answers.iter().map(|answer| answer.text.as_str()).collect();
        if listed != read {
            return Err(Failure::new("what is read is not what was posted", &(listed, read)));
        }
        if let Some(unknown) = posted.iter().find(|answer| !self.books.wrote_answer(caller, &answer.text)) {
            return Err(Failure::new("an answer was posted that nobody wrote", unknown));
        }
        let texts: Vec<&str> = posted.iter().map(|answer| answer.text.as_str()).collect();
        self.books.check_posted(caller, &texts)?;
        // The log says which of them leave.
        let first = self.members().first().copied();
        let desk = first.and_then(|at| self.places[at].as_ref());
        let case = desk.and_then(|device| device.case(&self.keys[caller].id()));
        let kept_back: Vec<String> = case.iter().flat_map(kept_back).collect();
        if let Some(left) = texts.iter().find(|text| kept_back.iter().any(|kept| kept == *text)) {
            return Err(Failure::new("an answer was posted that the log keeps back", left));
        }
        let must = |answer: &&super::books::Answer| {
            let is_kept_back = kept_back.contains(&answer.text);
            answer.caller == caller && answer.is_sure && !answer.may_be_erased && !is_kept_back
        };
        let posted = |text: &str| posted.iter().any(|answer| answer.text == text);
        if let Some(missing) = self.books.answers.iter().filter(must).find(|answer| !posted(&answer.text)) {
            return Err(Failure::new("an answer was not posted", missing));
        }
        let told = self.audit.told_opened(caller);
        if let Some(id) = self.books.surely_opened(caller).find(|id| !told.contains(id)) {
            return Err(Failure::new("a caller was not told that a call was opened", id));
        }
        Ok(())
    }
}

/// Answers that are held or were taken back.
fn kept_back(case: &Case) -> impl Iterator<Item = String> {
    case.items.iter().filter_map(|item| match item {
        Item::Answer(answer) if !answer.leaves() => Some(answer.text()),
        _ => None,
    })
}

/// What one shows and the other does not, from where they part.
fn difference(one: &[String], other: &[String]) -> Vec<String> {
    let only = |these: &[String], those: &[String]| -> Option<String> {
        these.iter().find(|case| !those.contains(case)).cloned()
    };
    let (one, other) = (only(one, other).unwrap_or_default(), only(other, one).unwrap_or_default());
    let same = one.chars().zip(other.chars()).take_while(|(here, there)| here == there).count();
    let from_there = |case: &String| case.chars().skip(same.saturating_sub(40)).take(120).collect();
    [one, other].iter().map(from_there).collect()
}
