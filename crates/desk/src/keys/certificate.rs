//! The duty key's certificate: how long it lasts, whose turn it is to renew it, and a fresh one from the identity.

use callsign_protocol::{
    encoding::Bytes,
    identity::PrivateKey,
    keyring::{DeskKeys, DeviceId, FormerDevice, Keyring, KeyringError},
    signed::{CERTIFICATE_DAYS, Certificate, SignedError, Signer, TOLERANCE_DAYS},
    time::{Day, UnixSeconds},
};

use crate::{DeskError, device::DeviceState, keys::numbers::next_certificate, store::Offered};

/// Days for which one device with the identity certifies a duty key: a week of illness must not stop the desk.
pub(crate) const ALONE_DAYS: u32 = 14;
/// Days for which it certifies where another one renews as well. Where both stop on one day, so many are left, and a day of
/// tolerance: longer than any notice is good that was made before.
const TOGETHER_DAYS: u32 = 3;
/// Days before its end from which a certificate of [`ALONE_DAYS`] is renewed.
const RENEW_DAYS: u32 = 7;
/// Days before the end of a custodian's certificate from which the desk asks for the next, at most.
const ASK_DAYS: u32 = 10;

impl DeviceState {
    /// The last day of the duty key's certificate; one that is not readable has ended.
    pub(crate) fn certificate_ends(&self) -> Day {
        read_certificate(&self.keys.desk).map_or(Day(0), |certificate| certificate.days.1)
    }

    /// The last day on which a device that is the desk's no more can show callers a false notice, with a hub that helps it: that of
    /// all certificates which it knows a key of, by a clock that is a day behind. None where there is no such day to come.
    pub(crate) fn deceivable_until(&self, today: Day) -> Option<Day> {
        let until = self.keys.desk.exposed_until.plus(TOLERANCE_DAYS);
        (self.keys.desk.exposed_until > Day(0) && until >= today).then_some(until)
    }

    /// Whether a person must see to it that the duty key is certified again: its certificate ends soon, and no device has
    /// done it.
    pub(crate) fn certificate_is_due(&self, today: Day) -> bool {
        if self.keys.vault.identity_seed.is_some() {
            return false;
        }
        let Ok(certificate) = read_certificate(&self.keys.desk) else { return true };
        let last = certificate.days.1;
        let days = last.0.saturating_sub(certificate.made().0);
        let left = if self.others_with_identity().next().is_none() {
            (days * 2 / 7).min(ASK_DAYS)
        } else if days <= TOGETHER_DAYS {
            // It is renewed each day, and two have gone by.
            1
        } else {
            // It is renewed by itself, and a day has gone by in which it should have been.
            RENEW_DAYS - 2
        };
        last <= today.plus(left)
    }

    /// Devices of the desk but for this one that have the identity, by their newest entries, with the days of these.
    fn others_with_identity(&self) -> impl Iterator<Item = (DeviceId, Day)> {
        let ids = self.keys.keyring.devices.iter().map(|device| device.id);
        let others = ids.filter(|id| *id != self.keys.author && !self.is_to_go(id));
        others.filter_map(|id| Some((id, self.log.fold.cases.identity_at(&id)?)))
    }

    /// How many of these are at work: their newest entry is of today or yesterday, or came in so, by this device's clock, and is of the day before
    /// by another clock that is as far behind as it may be.
    fn others_at_work(&self, today: Day) -> usize {
        let is_of = |day: Day, ago: u32| day.plus(ago) >= today;
        let came = |id: &DeviceId| self.log.came_on.get(id).is_some_and(|day| is_of(*day, 1));
        let is_at_work =
            |(id, day): &(DeviceId, Day)| is_of(*day, 1) || (is_of(*day, 1 + TOLERANCE_DAYS) && came(id));
        self.others_with_identity().filter(is_at_work).count()
    }

    /// Days for which the duty key is certified today, by how many devices renew that: this one where it has the identity, and
    /// those that are at work. Of two that are at work each sees within a day that it is alone, and
    /// certifies for longer, while the certificate lasts for two days more.
    fn certified_days(&self, today: Day) -> u32 {
        match (self.keys.vault.identity_seed.is_some(), self.others_at_work(today)) {
            (false, 0) => self.custodians_days(),
            // What they say of themselves is not proven: it neither lengthens what the desk has chosen, nor ends in three days
            // what only the custodian renews.
            (false, _) => self.custodians_days().min(ALONE_DAYS),
            (true, 0) => ALONE_DAYS,
            (true, _) => TOGETHER_DAYS,
        }
    }

    /// Days for which a custodian certifies the duty key.
    pub(crate) fn custodians_days(&self) -> u32 {
        self.log.fold.cases.settings().certificate_days.unwrap_or(CERTIFICATE_DAYS)
    }

    /// The keyring with a fresh duty key, certified for as long as may be by an identity that is at hand for this alone.
    pub(crate) fn certified(
        &mut self,
        now: UnixSeconds,
        identity: &PrivateKey,
    ) -> Result<Vec<u8>, DeskError> {
        let mut keys = self.keys_to_go_on_with()?;
        self.replace_duty_key(&mut keys, identity, now.day(), self.keys.keyring.generation)?;
        let devices = self.identities();
        self.wrap_and_sign(self.keys.keyring.clone(), &devices, &keys)
    }

    /// Puts a fresh duty key of a generation, certified today, into `keys`. With the keyring that is signed with it, the
    /// one that was there signs nothing any more.
    pub(crate) fn replace_duty_key(
        &mut self,
        keys: &mut DeskKeys,
        identity: &PrivateKey,
        today: Day,
        generation: u32,
    ) -> Result<(), DeskError> {
        let duty_key = PrivateKey::generate(&mut self.rng);
        (keys.duty_key, keys.duty_generation) = (duty_key.seed(), generation);
        self.certify_again(keys, identity, today)
    }

    /// Renews the certificate in `keys` where it is time, by the identity of this device. The key stays the same within its
    /// generation, or all lists would be signed anew each day; in a later one, which another device has begun, it is replaced:
    /// who was left out of that knows it.
    pub(super) fn renew_certificate(&mut self, keys: &mut DeskKeys, today: Day) -> Result<(), DeskError> {
        let Some(identity) = self.keys.vault.identity_key() else { return Ok(()) };
        let generation = self.keys.keyring.generation;
        if keys.duty_generation < generation {
            return self.replace_duty_key(keys, &identity, today, generation);
        }
        let certificate = read_certificate(keys)?;
        let is_due = if self.certified_days(today) == TOGETHER_DAYS {
            certificate.made() < today
        } else {
            certificate.days.1 < today.plus(RENEW_DAYS)
        };
        // A clock that was ahead has certified from a day to come.
        if is_due || certificate.days.0 > today.plus(TOLERANCE_DAYS) {
            self.certify_again(keys, &identity, today)
        } else {
            Ok(())
        }
    }

    fn certify_again(&self, keys: &mut DeskKeys, identity: &PrivateKey, today: Day) -> Result<(), DeskError> {
        let number = next_certificate(self.keys.signer.number)?;
        certify(keys, identity, number, (today, self.certified_days(today)));
        Ok(())
    }

    /// The last day of all certificates that this device has put into keyrings which those knew who were left out of one of this generation.
    /// What the hub did not store counts too, for it may have it all the same.
    pub(super) fn offered_until(&self, generation: u32, former: &[FormerDevice]) -> Result<Day, DeskError> {
        let knew = |offered: &Offered| {
            let left_out = |device: &FormerDevice| offered.former.contains(&device.id);
            offered.generation < generation
                || (offered.generation == generation && !former.iter().all(left_out))
        };
        let offered = self.cache.offered()?;
        Ok(offered.iter().filter(|offered| knew(offered)).map(|one| one.until).max().unwrap_or(Day(0)))
    }

    /// The desk's keys, which say by when those can deceive callers who were left out of this generation, also by what the device which left
    /// them out did not know of.
    pub(super) fn keys_to_go_on_with(&self) -> Result<DeskKeys, DeskError> {
        let mut keys = self.keys.desk.clone();
        let Keyring { generation, former, .. } = &self.keys.keyring;
        let offered = self.cache.offered()?.into_iter().filter(|one| one.generation <= *generation);
        keys.certified_until = keys.certified_until.max(offered.map(|one| one.until).max().unwrap_or(Day(0)));
        if !former.is_empty() {
            keys.exposed_until = keys.exposed_until.max(self.offered_until(*generation, former)?);
        }
        Ok(keys)
    }
}

/// Certifies the duty key among `keys`, on a day for some days.
pub(super) fn certify(keys: &mut DeskKeys, identity: &PrivateKey, number: u32, (today, days): (Day, u32)) {
    let duty_key = PrivateKey::from_seed(&keys.duty_key).public();
    let certificate = Certificate::issue_for(days, identity, Signer { number, duty_key }, today);
    keys.certificate = Bytes(certificate.encode());
    keys.certified_until = keys.certified_until.max(certificate.days.1);
}

/// The certificate of the duty key among the desk's keys.
pub(crate) fn read_certificate(keys: &DeskKeys) -> Result<Certificate, KeyringError> {
    Certificate::decode(&keys.certificate.0).map_err(|error| SignedError::from(error).into())
}
