//! The devices of a desk: asking to join, admitting, removing, and ending a generation before its time.

use std::path::Path;

use callsign_protocol::{
    device_request::DeviceRequest,
    keyring::{DeviceId, KeyringError, device_id},
    signed::SignedError,
};

use crate::{
    Ambient, Desk, DeskError, JoinOptions, PeopleError,
    cases::{DeviceAdmitted, DeviceRemoved, EventBody, PersonId},
    desk::pacing::after_refusals,
    hub::{HubError, ask_to_join, has_begun, is_set_up},
    keys::Cost,
};

/// How often a device is let in where a generation begins meanwhile.
const ADMISSION_TRIES: u32 = 3;

/// Keyrings that are made before giving up where other devices keep putting theirs.
const KEYRING_TRIES: u32 = 4;

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
    /// Whether it has the desk's identity, as its newest entry says.
    pub has_identity: bool,
}

/// A device of which the log says that it comes or goes, while the keyring has not done so: whoever said it was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub device: DeviceId,
    /// Whether it goes.
    pub is_removal: bool,
    /// Whether it is this one.
    pub is_own: bool,
}

impl Unfinished {
    /// What was begun, a sentence.
    pub fn told(&self) -> String {
        match (self.is_removal, self.is_own) {
            (true, true) => "Another device of the desk has begun to shut this one out.".to_owned(),
            (true, false) => {
                format!("The removal of the device {} was begun, and is not carried out yet.", self.device)
            }
            (false, _) => format!("The admission of the device {} was begun and never ended.", self.device),
        }
    }

    /// What people can do about it, in sentences.
    pub fn way_out(&self) -> &'static str {
        match (self.is_removal, self.is_own) {
            (true, true) => {
                "It is told nothing more once any other device goes on. If nobody of yours did so, whoever keeps the identity brings the \
                 desk back with `callsign desk identity restart`."
            }
            (true, false) => {
                "It goes on by itself with this device's next beat. If this stays, look at what keeps the desk from the hub."
            }
            (false, _) => {
                "Give its request to `callsign desk admit` once more. If nobody of yours let it in, nothing is left to do: it knows nothing."
            }
        }
    }
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

    /// Whether files of a desk were begun in `dir`, or of a device that joins one.
    pub fn has_begun(dir: &Path) -> bool {
        has_begun(dir)
    }

    /// Whether a desk works in `dir`, or a device that was let in.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn is_set_up(dir: &Path) -> Result<bool, DeskError> {
        is_set_up(dir)
    }

    /// The generation of the desk's keys, from 1.
    pub fn generation(&self) -> u32 {
        self.state().keys.keyring.generation
    }

    /// Every device that may write.
    pub fn devices(&self) -> Result<Vec<DeviceLine>, DeskError> {
        self.state().device_lines()
    }

    /// Lets in one more device of the person who works at this one. They have checked that the request is that device's.
    pub fn admit(&self, request: &DeviceRequest) -> Result<(), DeskError> {
        self.sync_first()?;
        let person = self.me().ok_or(PeopleError::Nobody)?;
        self.admit_for(request, person)
    }

    /// Lets in a device of a person. Whoever does this has checked that the request comes from the person they know.
    pub fn admit_for(&self, request: &DeviceRequest, person: PersonId) -> Result<(), DeskError> {
        self.sync_first()?;
        // What would be refused must not stand in the log.
        self.state().admit(request)?;
        let device = device_id(&request.signing_key);
        for tried in 1..=ADMISSION_TRIES {
            if !self.state().lets_in(&device, &person)? {
                match self.say(EventBody::DeviceAdmitted(self.admission(device, person))) {
                    // A generation has begun before it came into the log, or somebody else has let it in.
                    Err(DeskError::WithoutEffect(_)) if tried < ADMISSION_TRIES => continue,
                    said => said?,
                }
            }
            let put = self.replace_keyring(|desk| {
                let mut state = desk.state();
                // The keyring may be of another generation by now, in which nothing was said.
                if state.lets_in(&device, &person)? { state.admit(request).map(Some) } else { Ok(None) }
            });
            match put {
                // By this device, whose answer was lost, or by another one.
                Err(DeskError::DeviceKnown) => return Ok(()),
                put => put?,
            }
            if self.state().keys.keyring.device(&device).is_some() {
                return Ok(());
            }
        }
        Err(DeskError::ShutOut)
    }

    /// What the log says of a device that comes, under the keys that it is about to be given.
    fn admission(&self, device: DeviceId, person: PersonId) -> DeviceAdmitted {
        let state = self.state();
        let generation = state.keys.keyring.generation;
        DeviceAdmitted { device, person, generation, answer_keys: state.keys.answer_keys() }
    }

    /// Shuts a device out: what is sent from now on it neither reads nor forges.
    pub fn remove_device(&self, id: &DeviceId) -> Result<(), DeskError> {
        self.sync_first()?;
        let is_other = self.devices()?.iter().any(|device| device.id == *id && !device.is_own);
        if !is_other {
            return Err(DeskError::NoSuchDevice);
        }
        self.shows_its_day()?;
        if !self.state().is_to_go(id) {
            self.say(EventBody::DeviceRemoved(DeviceRemoved { device: *id }))?;
        }
        self.replace_keyring(|desk| {
            let mut state = desk.state();
            if state.keys.keyring.device(id).is_none() {
                // Another device of the desk has carried it out.
                return Ok(None);
            }
            if !state.is_to_go(id) {
                return Err(DeskError::ShutOut);
            }
            state.next_generation(desk.now()).map(Some)
        })?;
        self.sync()
    }

    /// Has the log say what a keyring is about to do: all devices refuse one that does so unsaid.
    fn say(&self, body: EventBody) -> Result<(), DeskError> {
        let event = {
            let mut state = self.state();
            let event = state.event(body);
            state.would_count(&event)?;
            event
        };
        match self.put_in_log(&event) {
            Err(DeskError::Busy | DeskError::WithoutEffect(_))
                if self.state().unfinished().iter().any(|one| one.is_own) =>
            {
                Err(DeskError::ShutOut)
            }
            said => said,
        }
    }

    /// Puts a keyring that is made anew as often as another device was faster, for as long as one is needed.
    pub(crate) fn replace_keyring(
        &self,
        make: impl Fn(&Self) -> Result<Option<Vec<u8>>, DeskError>,
    ) -> Result<(), DeskError> {
        for refused in 1..=KEYRING_TRIES {
            let Some(next) = make(self)? else { return Ok(()) };
            match self.put_keyring(&next) {
                Err(DeskError::Hub(HubError::Conflict)) => {
                    let next = self.timer.elapsed() + after_refusals(refused);
                    self.fetch_keyring()?;
                    self.timer.wait_until(next);
                }
                // Nobody tells a device that its certificate was renewed while it could put nothing.
                Err(
                    DeskError::CertificateEnded(_)
                    | DeskError::Keyring(KeyringError::Signed(SignedError::CertificateDays)),
                ) if self.finds_renewal()? => {}
                put => return put,
            }
        }
        Err(DeskError::Busy)
    }
}
