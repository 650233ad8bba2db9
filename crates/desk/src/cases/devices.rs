//! Devices as the log tells them: whom somebody has let in or shut out, so that no keyring does so unsaid.

use callsign_protocol::{
    encoding::Bytes,
    keyring::{Device, DeviceId, Keyring},
    notice::FORMER_ANSWER_KEYS_MAX,
    time::Day,
};
use serde::{Deserialize, Serialize};

use super::{
    Cases, PersonId,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
    people::CUSTODIANS,
};

/// Devices of which one device may have spoken last, in the generations that are remembered. A desk has eight at a time.
const SPOKEN_OF_MAX: usize = 32;
/// Days by which a generation may say that it began before the log's time: that can be brought two days ahead of the hub's, and of two clocks one
/// may be a day behind it.
const BEGAN_DAYS_AGO_MAX: u32 = 3;

/// A device is to belong to the desk; the keyring that follows has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAdmitted {
    /// Which.
    pub device: DeviceId,
    /// Whose.
    pub person: PersonId,
    /// In which generation: it lets the device in in no other.
    pub generation: u32,
    /// The public answer keys of the desk, the one in use first: the keys that the device is given are seen to be the desk's by them. 1 to 25.
    pub answer_keys: Vec<Bytes<32>>,
}

/// A device is to belong to the desk no more; the generation that follows is without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRemoved {
    /// Which.
    pub device: DeviceId,
}

/// What was known when a keyring came: the one before, and the log.
#[derive(Clone, Copy, Debug)]
pub struct KeyringBefore<'a> {
    /// The generation of the one before.
    pub generation: u32,
    /// The version of the fold that it names.
    pub fold: u32,
    /// Its devices.
    pub devices: &'a [DeviceId],
    /// The day of the log when the keyring's generation began; none where that is not known.
    pub began: Option<Day>,
}

/// What was said of a device in this generation and the two before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SaidOfDevice {
    /// The generation in which it was let in last.
    admitted: Option<u32>,
    /// The generation in which it was shut out last.
    removed: Option<u32>,
    /// Who has spoken of it last.
    by: DeviceId,
    /// The desk's answer keys, as they were said to it when it was let in; none once that generation has ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answer_keys: Vec<Bytes<32>>,
}

impl EventKind for DeviceAdmitted {
    fn noun(&self) -> &'static str {
        "the admission of a device"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAuthor
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        state.may_speak_of(act, &self.device)?;
        if self.generation != act.origin.generation {
            return Err(Refusal::Generation);
        }
        // What was said to a newcomer nobody else says otherwise.
        if state.is_let_in(&self.device, self.generation) {
            return Err(Refusal::TooLate);
        }
        if !(1..=1 + FORMER_ANSWER_KEYS_MAX).contains(&self.answer_keys.len()) {
            return Err(Refusal::Numbers);
        }
        state.may_be_given(act, &self.device, &self.person)
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        let said = state.said_of(act, self.device);
        said.admitted = Some(act.origin.generation);
        said.answer_keys.clone_from(&self.answer_keys);
        state.give_device(self.device, self.person, act.origin.generation);
    }
}

impl EventKind for DeviceRemoved {
    fn noun(&self) -> &'static str {
        "the removal of a device"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Person(CUSTODIANS)
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::ByAuthor
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        state.may_speak_of(act, &self.device)?;
        state.keeps_custodian_without(act, &self.device)
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        // A second one that comes behind the keyring must not shut out a device that is let in anew there.
        if !state.is_shut_out(&self.device) {
            state.said_of(act, self.device).removed = Some(act.origin.generation);
            state.take_device(&self.device);
        }
    }
}

impl Cases {
    /// Whether the log says of a keyring what the keyring does: all devices that have come since the one `before` were let in, and all that have
    /// gone were shut out, or had not said their wrapping keys in time; it wraps to the keys that they have said; a generation began about when the
    /// log says so; and the programs of all its devices know the version of the fold to which it raises that.
    pub fn bears_out(&self, keyring: &Keyring, before: &KeyringBefore<'_>) -> bool {
        let is_let_in = |device: &DeviceId| {
            let said = self.said_of_devices.get(device);
            let (admitted, removed) = said.map_or((None, None), |said| (said.admitted, said.removed));
            // An admission counts in its generation alone, and one that was shut out is so from the next generation on.
            admitted.filter(|let_in| *let_in >= before.generation).is_some_and(|let_in| {
                removed.is_none_or(|shut_out| let_in > shut_out || keyring.generation == shut_out)
            })
        };
        let is_new = keyring.generation > before.generation;
        let began = before.began.filter(|_| is_new).unwrap_or(Day(0));
        if keyring.begun.plus(BEGAN_DAYS_AGO_MAX) < began || !self.bears_out_fold(keyring, before.fold) {
            return false;
        }
        // Whoever began the generation may not have seen what was said on the same day. That day is also the log's, a day of difference between two
        // clocks aside: the keyring could name one on which nobody had said anything.
        let day = keyring.begun.max(began.minus(1));
        let was_silent = |device: &DeviceId| {
            self.next_keys.get(device).is_none_or(|(of, _, said)| *of < keyring.generation || *said >= day)
        };
        let known = before.devices;
        let mut come = keyring.devices.iter().map(|device| &device.id).filter(|id| !known.contains(id));
        let mut gone = known.iter().filter(|id| keyring.device(id).is_none());
        come.all(is_let_in)
            && gone.all(|id| self.is_shut_out(id) || was_silent(id))
            && keyring.devices.iter().all(|device| self.bears_out_key(device, keyring.generation))
    }

    /// Whether a keyring wraps to the key that a device has said for its generation, where it was not let in in that with another one.
    fn bears_out_key(&self, device: &Device, generation: u32) -> bool {
        let said = self.wrapping_key(&device.id, generation);
        let came = self.said_of_devices.get(&device.id).is_some_and(|said| said.admitted == Some(generation));
        came || said.is_none_or(|said| *said == device.wrapping_key)
    }

    fn bears_out_fold(&self, keyring: &Keyring, fold: u32) -> bool {
        let knows = |device: &Device| self.program(&device.id).is_some_and(|known| known >= keyring.fold);
        keyring.fold <= fold || keyring.devices.iter().all(knows)
    }

    /// Whether a device was shut out, and not let in since.
    pub fn is_shut_out(&self, device: &DeviceId) -> bool {
        let said = self.said_of_devices.get(device);
        said.is_some_and(|said| {
            said.removed.is_some_and(|removed| removed >= self.restarted) && said.removed >= said.admitted
        })
    }

    /// Whether a device has said a wrapping key for this generation: without one it was left out of it.
    pub(super) fn is_taken_along(&self, device: &DeviceId) -> bool {
        self.next_keys.get(device).is_some_and(|(of, ..)| *of >= self.generation())
    }

    /// Takes note that the identity has begun a generation over all that went before.
    pub(crate) fn note_restart(&mut self, generation: u32) {
        self.restarted = self.restarted.max(generation);
    }

    /// Whether a device was let in in a generation, and not shut out since.
    pub fn is_let_in(&self, device: &DeviceId, generation: u32) -> bool {
        let said = self.said_of_devices.get(device);
        said.is_some_and(|said| said.admitted == Some(generation)) && !self.is_shut_out(device)
    }

    /// The devices of which that is so.
    pub fn let_in(&self, generation: u32) -> impl Iterator<Item = DeviceId> {
        self.said_of_devices.keys().copied().filter(move |device| self.is_let_in(device, generation))
    }

    /// Who has let a device in in a generation; none where nobody did.
    pub fn let_in_by(&self, device: &DeviceId, generation: u32) -> Option<DeviceId> {
        self.said_of_devices.get(device).filter(|_| self.is_let_in(device, generation)).map(|said| said.by)
    }

    /// The desk's answer keys as who let a device in in a generation has said them, the one in use first; none where nobody did.
    pub fn answer_keys_said(&self, device: &DeviceId, generation: u32) -> Option<&[Bytes<32>]> {
        let said = self.said_of_devices.get(device).filter(|_| self.is_let_in(device, generation))?;
        Some(&said.answer_keys)
    }

    /// Of two devices that shut each other out, the first in the log stays.
    fn may_speak_of(&self, act: &Act<'_>, device: &DeviceId) -> Result<(), Refusal> {
        if self.is_shut_out(&act.origin.author) {
            Err(Refusal::TooLate)
        } else {
            self.bounds_said(act, device)
        }
    }

    fn bounds_said(&self, act: &Act<'_>, device: &DeviceId) -> Result<(), Refusal> {
        let others =
            self.said_of_devices.iter().filter(|(of, said)| *of != device && said.by == act.origin.author);
        if others.count() < SPOKEN_OF_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn said_of(&mut self, act: &Act<'_>, device: DeviceId) -> &mut SaidOfDevice {
        let by = act.origin.author;
        let nothing = SaidOfDevice { admitted: None, removed: None, by, answer_keys: Vec::new() };
        let said = self.said_of_devices.entry(device).or_insert(nothing);
        said.by = by;
        said
    }

    /// Forgets what was said more than two generations ago: a device that has slept so long is left out.
    pub(super) fn forget_said(&mut self) {
        let begun = self.generation();
        let is_recent = |generation: &u32| generation.saturating_add(2) >= begun;
        self.said_of_devices.retain(|_, said| {
            said.admitted = said.admitted.filter(is_recent);
            said.removed = said.removed.filter(is_recent);
            if said.admitted != Some(begun) {
                said.answer_keys.clear();
            }
            said.admitted.is_some() || said.removed.is_some()
        });
    }
}

#[cfg(test)]
mod tests;
