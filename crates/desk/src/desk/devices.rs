//! The devices of a desk: asking to join, admitting, removing, and ending a generation before its time.

use std::path::Path;

use callsign_protocol::{
    device_request::DeviceRequest,
    keyring::{DeviceId, device_id},
};

use crate::{
    Ambient, Desk, DeskError, JoinOptions,
    cases::{DeviceAdmitted, DeviceRemoved, EventBody},
    hub::{HubError, ask_to_join},
    keys::Cost,
};

/// One device of the desk, as the keyring has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLine {
    /// Its name.
    pub id: DeviceId,
    /// 0 to 7.
    pub posting_slot: u8,
    /// Whether it is this one.
    pub is_own: bool,
    /// Whether it has destroyed the keys of the generation before and is ready for the next one. A device that is not
    /// when a generation ends is left out of the next.
    pub is_ready: bool,
}

impl Desk {
    /// Makes the files of one more device of a desk in `dir`; what it asks the desk's other devices with.
    pub fn ask_to_join(
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        join: &JoinOptions,
        ambient: Ambient,
    ) -> Result<DeviceRequest, DeskError> {
        ask_to_join(dir, passphrase, cost, join, ambient)
    }

    /// The generation of the desk's keys, from 1.
    pub fn generation(&self) -> u32 {
        self.state().keys.keyring.generation
    }

    /// Every device that may write.
    pub fn devices(&self) -> Result<Vec<DeviceLine>, DeskError> {
        self.state().device_lines()
    }

    /// Lets a device in. Whoever does this has checked that the request comes from the person they know.
    pub fn admit(&self, request: &DeviceRequest) -> Result<(), DeskError> {
        self.sync()?;
        // What would be refused must not stand in the log.
        self.state().admit(request)?;
        let device = device_id(&request.signing_key);
        self.say(EventBody::DeviceAdmitted(DeviceAdmitted { device }))?;
        self.replace_keyring(|desk| desk.state().admit(request))
    }

    /// Shuts a device out: what is sent from now on it neither reads nor forges.
    pub fn remove_device(&self, id: &DeviceId) -> Result<(), DeskError> {
        self.sync()?;
        let is_other = self.devices()?.iter().any(|device| device.id == *id && !device.is_own);
        if !is_other {
            return Err(DeskError::NoSuchDevice);
        }
        self.shows_its_day()?;
        self.say(EventBody::DeviceRemoved(DeviceRemoved { device: *id }))?;
        self.replace_keyring(|desk| desk.state().next_generation(desk.now(), Some(id)))?;
        self.sync()
    }

    /// Has the log say what a keyring is about to do: all devices refuse one that does so unsaid.
    fn say(&self, body: EventBody) -> Result<(), DeskError> {
        let event = self.state().event(body);
        self.put_in_log(&event)
    }

    /// Puts a keyring that is made anew as often as another device was faster.
    pub(crate) fn replace_keyring(
        &self,
        make: impl Fn(&Self) -> Result<Vec<u8>, DeskError>,
    ) -> Result<(), DeskError> {
        for _ in 0..3 {
            match self.put_keyring(&make(self)?) {
                Err(DeskError::Hub(HubError::Conflict)) => self.fetch_keyring()?,
                put => return put,
            }
        }
        Err(DeskError::Busy)
    }
}
