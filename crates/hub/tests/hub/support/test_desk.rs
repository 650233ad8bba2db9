//! A desk for tests: it signs what the hub checks, with seeded keys.

use std::collections::BTreeMap;

use callsign_protocol::{
    commit::{Commit, Rest},
    encoding::Secret,
    enrol::EnrolRequest,
    entry::{Bundle, Entry, EntryHash, EntryHeader, Writer},
    identity::{DeskId, Fingerprint, PrivateKey},
    keyring::{Device, FormerDevice, Keyring, device_id},
    notice::Notice,
    plan::{Plan, PlanEntry},
    session::{Challenge, SessionRequest},
    signed::Putter,
    time::{Day, UnixSeconds},
    xwing_public,
};
use callsign_testdesk::TestDesk as SigningDesk;
use chacha20::{ChaCha20Rng, rand_core::SeedableRng as _};

/// The day on which tests begin.
pub const FIRST_DAY: Day = Day(20_000);

pub struct TestDesk {
    pub fingerprint: Fingerprint,
    pub rng: ChaCha20Rng,
    /// Of its notices: one shard, and two from the fourth day on.
    pub plan: Plan,
    /// Names of its packs, by language.
    pub content: BTreeMap<String, String>,
    pub keys: SigningDesk,
    former_duty_key: Option<PrivateKey>,
    device_key: PrivateKey,
}

impl TestDesk {
    /// Desks of different numbers share no key.
    pub fn new(number: u64) -> Self {
        let keys = SigningDesk::new(number, FIRST_DAY);
        let mut rng = ChaCha20Rng::seed_from_u64(number + 1_000);
        Self {
            fingerprint: keys.fingerprint(),
            keys,
            device_key: PrivateKey::generate(&mut rng),
            former_duty_key: None,
            rng,
            content: BTreeMap::new(),
            plan: Plan(vec![
                PlanEntry { from: Day(0), shards: 1, drop_period_s: 30 },
                PlanEntry { from: FIRST_DAY.plus(3), shards: 2, drop_period_s: 15 },
            ]),
        }
    }

    pub fn id(&self) -> DeskId {
        self.fingerprint.desk_id()
    }

    pub fn enrolment(&self, code: &str) -> Vec<u8> {
        EnrolRequest::new(self.keys.identity.public(), code).encode().to_vec()
    }

    pub fn notice(&self, serial: u64, issued: UnixSeconds) -> Vec<u8> {
        self.keys.sign_notice(&Notice {
            serial,
            plan: self.plan.clone(),
            languages: self.content.keys().cloned().collect(),
            content: self.content.clone(),
            ..self.keys.notice(issued)
        })
    }

    pub fn letters(&self, serial: u64) -> Vec<u8> {
        self.keys.sign_letters(&self.keys.letters(serial, FIRST_DAY))
    }

    /// A keyring with this desk's device in it, which puts it; the identity puts the first.
    pub fn keyring(&mut self, serial: u64) -> Vec<u8> {
        let device = self.device();
        self.keyring_of(serial, vec![device])
    }

    /// A keyring of the next generation, signed with a new duty key; the one before signs nothing from then on.
    pub fn next_generation(&mut self, serial: u64) -> Vec<u8> {
        self.former_duty_key =
            Some(std::mem::replace(&mut self.keys.duty, PrivateKey::generate(&mut self.rng)));
        self.keys.certificate_number += 1;
        let device = self.device();
        self.keyring_with(serial, 2, vec![device])
    }

    /// As a device that was removed would: with the duty key that it still knows.
    pub fn as_before(&self) -> Self {
        let mut before = self.clone();
        before.keys.duty = before.former_duty_key.take().expect("a generation has ended");
        before.keys.certificate_number -= 1;
        before
    }

    /// One more device of the same desk, with keys of its own.
    pub fn another_device(&mut self) -> Self {
        Self { device_key: PrivateKey::generate(&mut self.rng), ..self.clone() }
    }

    pub fn device(&mut self) -> Device {
        let signing_key = self.device_key.public();
        Device {
            id: device_id(&signing_key),
            signing_key,
            // The same each time: within a generation no keyring changes it.
            wrapping_key: xwing_public(&Secret(signing_key.0)),
            posting_slot: 0,
            wrapped: vec![],
        }
    }

    pub fn keyring_of(&self, serial: u64, devices: Vec<Device>) -> Vec<u8> {
        self.keyring_with(serial, 1, devices)
    }

    /// A keyring that this desk's device puts where it is in it, and the identity the first.
    pub fn keyring_with(&self, serial: u64, generation: u32, devices: Vec<Device>) -> Vec<u8> {
        let keyring = Self::unsigned(serial, generation, devices);
        if serial == 1 {
            return self.keys.sign_keyring(&keyring, Putter::Identity(&self.keys.identity));
        }
        let by = Some(device_id(&self.device_key.public()));
        self.keys.sign_keyring(&Keyring { by, ..keyring }, Putter::Device(&self.device_key))
    }

    /// A keyring of the next generation, from which a device is left out.
    pub fn keyring_without(
        &self,
        gone: &Device,
        serial: u64,
        generation: u32,
        devices: Vec<Device>,
    ) -> Vec<u8> {
        let former = vec![FormerDevice { id: gone.id, signing_key: gone.signing_key }];
        let by = Some(device_id(&self.device_key.public()));
        let keyring = Keyring { by, former, ..Self::unsigned(serial, generation, devices) };
        self.keys.sign_keyring(&keyring, Putter::Device(&self.device_key))
    }

    /// A keyring that the identity puts over all that went before.
    pub fn restart(&self, serial: u64, generation: u32, devices: Vec<Device>) -> Vec<u8> {
        let keyring = Self::unsigned(serial, generation, devices);
        self.keys.sign_keyring(&keyring, Putter::Identity(&self.keys.identity))
    }

    /// The same by a device, which passes its own key for the identity's.
    pub fn sign_restart(&self, serial: u64, generation: u32, devices: Vec<Device>) -> Vec<u8> {
        let keyring = Self::unsigned(serial, generation, devices);
        self.keys.sign_keyring(&keyring, Putter::Identity(&self.device_key))
    }

    /// The same desk, whose identity opens sessions in the place of its device.
    pub fn as_identity(&self) -> Self {
        Self { device_key: self.keys.identity.clone(), ..self.clone() }
    }

    fn unsigned(serial: u64, generation: u32, devices: Vec<Device>) -> Keyring {
        Keyring {
            version: 1,
            serial,
            generation,
            begun: FIRST_DAY,
            fold: 1,
            keys: vec![],
            devices,
            former: vec![],
            by: None,
        }
    }

    pub fn session(&self, challenge: Challenge) -> Vec<u8> {
        SessionRequest::sign(challenge, &self.fingerprint, &self.device_key).encode().to_vec()
    }

    pub fn commit(&mut self, prev: EntryHash, day: Day, rest: Rest) -> Commit {
        self.commit_of(1, prev, day, rest)
    }

    pub fn commit_of(&mut self, generation: u32, prev: EntryHash, day: Day, rest: Rest) -> Commit {
        let header = EntryHeader { generation, device: device_id(&self.device_key.public()), prev, day };
        let writer = Writer {
            fingerprint: &self.fingerprint,
            log_key: &Secret([0; 32]),
            signing_key: &self.device_key,
        };
        let bundle = Bundle { at: day.start(), fold: 1, identity: false, events: vec![] };
        let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut self.rng).unwrap();
        Commit { entry, rest }
    }
}

/// A copy draws other randomness from then on.
impl Clone for TestDesk {
    fn clone(&self) -> Self {
        Self {
            fingerprint: self.fingerprint,
            rng: ChaCha20Rng::seed_from_u64(99),
            content: self.content.clone(),
            plan: self.plan.clone(),
            keys: self.keys.clone(),
            former_duty_key: self.former_duty_key.clone(),
            device_key: self.device_key.clone(),
        }
    }
}
