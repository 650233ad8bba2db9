//! Shutting a device out as people follow it: what follows from it, how far it has come, and how long it took.

use std::time::Duration;

use callsign_protocol::{caller_keys::x25519_public, keyring::DeviceId};

use super::{Desk, DeviceLine};
use crate::{DeskError, cases::EventBody};

/// What became of a device that was shut out, and of others with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutOut {
    /// The generation that began with it.
    pub generation: u32,
    /// The devices that went with it, for they were not ready for that generation.
    pub left_out: Vec<DeviceId>,
    /// Whether it had the desk's identity.
    pub had_identity: bool,
    /// How long it took until the hub refused the device.
    pub took: Duration,
}

/// How far the shutting out of a device has come, as this device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The log does not say so.
    Unsaid,
    /// The log says so, and the keyring still has the device.
    Said,
    /// The keyring has it no more: the hub refuses it.
    Done,
}

/// Who replaces the duty key that a device knows which is shut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyKey {
    /// It has been replaced.
    Replaced,
    /// This device or another one with the identity, with its next beat.
    ByDevice,
    /// No device of the desk has the identity: whoever keeps it.
    ByKeeper,
}

impl Desk {
    /// The devices that would be left out if one were shut out now, beside that one: they are not ready for the next generation.
    pub fn left_out_with(&self, going: &DeviceId) -> Result<Vec<DeviceId>, DeskError> {
        let is_late = |device: &DeviceLine| !device.is_own && !device.is_ready && device.id != *going;
        Ok(self.devices()?.iter().filter(|device| is_late(device)).map(|device| device.id).collect())
    }

    /// As [`Desk::remove_device`]; what became of it and of others.
    pub fn shut_out(&self, id: &DeviceId) -> Result<ShutOut, DeskError> {
        let began = self.timer.elapsed();
        self.sync_first()?;
        let before = self.devices()?;
        self.remove_device(id)?;
        let took = self.timer.elapsed().saturating_sub(began);
        let after = self.devices()?;
        let is_gone = |of: &DeviceLine| of.id != *id && after.iter().all(|device| device.id != of.id);
        Ok(ShutOut {
            generation: self.generation(),
            left_out: before.iter().filter(|of| is_gone(of)).map(|of| of.id).collect(),
            had_identity: before.iter().any(|of| of.id == *id && of.has_identity),
            took,
        })
    }

    /// How far the shutting out of a device has come.
    pub fn removal(&self, id: &DeviceId) -> Removal {
        let state = self.state();
        match (state.log.fold.cases.is_shut_out(id), state.keys.keyring.device(id).is_some()) {
            (false, _) => Removal::Unsaid,
            (true, true) => Removal::Said,
            (true, false) => Removal::Done,
        }
    }

    /// Whether the duty key is of a generation or a later one, and otherwise who replaces it when `going` is no device of the desk.
    pub fn duty_key(&self, generation: u32, going: &DeviceId) -> Result<DutyKey, DeskError> {
        if self.state().keys.desk.duty_generation >= generation {
            return Ok(DutyKey::Replaced);
        }
        let can = |device: &DeviceLine| device.has_identity && device.id != *going;
        Ok(if self.devices()?.iter().any(can) { DutyKey::ByDevice } else { DutyKey::ByKeeper })
    }

    /// Whether the notice that callers get names the answer key in use, and no key that a device of before knows alone.
    pub fn tells_callers(&self) -> bool {
        let state = self.state();
        let in_use = x25519_public(&state.keys.desk.answer_key);
        state.keys.notice.as_ref().is_some_and(|held| held.notice.answer_key == in_use)
    }

    /// Acts on people and devices that are kept here and not in the log yet.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn people_acts_waiting(&self) -> Result<usize, DeskError> {
        let is_of_people = |body: &EventBody| {
            use EventBody::{DeviceAdmitted, DeviceGiven, DeviceRemoved, PersonAdded, PersonLeft, RoleSet};
            matches!(
                body,
                PersonAdded(_)
                    | PersonLeft(_)
                    | RoleSet(_)
                    | DeviceGiven(_)
                    | DeviceAdmitted(_)
                    | DeviceRemoved(_)
            )
        };
        let pending = self.state().cache.pending()?;
        Ok(pending.iter().filter(|event| is_of_people(&event.body)).count())
    }
}
