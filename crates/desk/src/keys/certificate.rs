//! The duty key's certificate: how long it lasts, whose turn it is to renew it, and a fresh one from the identity.

use callsign_protocol::{
    encoding::Bytes,
    identity::{Fingerprint, PrivateKey},
    keyring::{DeskKeys, KeyringError},
    signed::{CERTIFICATE_DAYS, Certificate, SignedError, Signer},
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    device::DeviceState,
    keys::{numbers::next_certificate, rotation::RENEW_DAYS},
};

/// Days for which a device that has the identity key certifies a duty key: a generation, and as long again.
pub(crate) const CERTIFIED_DAYS: u32 = 14;
/// Days before the end of a custodian's certificate from which the desk asks for the next.
const ASK_DAYS: u32 = 10;

impl DeviceState {
    /// The last day of the duty key's certificate; one that is not readable has ended.
    pub(crate) fn certificate_ends(&self) -> Day {
        read_certificate(&self.keys.desk).map_or(Day(0), |certificate| certificate.days.1)
    }

    /// Whether a person must see to it that the duty key is certified again: its certificate ends soon, and no device has
    /// done it.
    pub(crate) fn certificate_is_due(&self, today: Day) -> bool {
        if self.keys.vault.identity_seed.is_some() {
            return false;
        }
        let Ok(Certificate { days: (first, last), .. }) = read_certificate(&self.keys.desk) else {
            return true;
        };
        // A short one is of a device that renews it by itself, and had a day for it.
        let is_custodians = first.plus(CERTIFIED_DAYS) < last;
        let left = if is_custodians { ASK_DAYS } else { RENEW_DAYS - 2 };
        last <= today.plus(left)
    }

    /// The keyring with a fresh duty key, certified for as long as may be by an identity that is at hand for this alone.
    pub(crate) fn certified(
        &mut self,
        now: UnixSeconds,
        identity: &PrivateKey,
    ) -> Result<Vec<u8>, DeskError> {
        if Fingerprint::of(&identity.public()) != self.keys.fingerprint {
            return Err(DeskError::OtherIdentity);
        }
        let mut keys = self.keys.desk.clone();
        self.replace_duty_key(&mut keys, identity, (now.day(), CERTIFICATE_DAYS))?;
        let devices = self.identities();
        self.wrap_and_sign(self.keys.keyring.clone(), &devices, &keys)
    }

    /// Puts a fresh duty key, certified from a day on for some days, into `keys`. With the keyring that is signed with it, the
    /// one that was there signs nothing any more.
    pub(crate) fn replace_duty_key(
        &mut self,
        keys: &mut DeskKeys,
        identity: &PrivateKey,
        days: (Day, u32),
    ) -> Result<(), DeskError> {
        let duty_key = PrivateKey::generate(&mut self.rng);
        let number = next_certificate(self.keys.signer.number)?;
        (keys.certificate, keys.duty_key) = (certify(identity, number, &duty_key, days), duty_key.seed());
        Ok(())
    }
}

/// A certificate of this number for a duty key, from a day on for some days.
pub(crate) fn certify(
    identity: &PrivateKey,
    number: u32,
    duty_key: &PrivateKey,
    (first, days): (Day, u32),
) -> Bytes<{ Certificate::LEN }> {
    let signer = Signer { number, duty_key: duty_key.public() };
    Bytes(Certificate::issue_for(days, identity, signer, first).encode())
}

/// The certificate of the duty key among the desk's keys.
pub(crate) fn read_certificate(keys: &DeskKeys) -> Result<Certificate, KeyringError> {
    Certificate::decode(&keys.certificate.0).map_err(|error| SignedError::from(error).into())
}
