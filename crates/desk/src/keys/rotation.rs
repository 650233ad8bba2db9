//! Turning keys over: a new epoch key each day, old ones destroyed after the grace, a duty key each month, a notice each day.

use callsign_protocol::{
    VERSION,
    caller_keys::x25519_public,
    derive::sha256,
    identity::{PrivateKey, PublicKey},
    keyring::{DeskKeys, Device, DeviceIdentity, EpochKey, FormerAnswerKey, Keyring, WrapContext},
    notice::{self, FORMER_ANSWER_KEYS_MAX, INBOX_KEY_DAYS, LIFETIME_MAX_S, Notice},
    plan::{Plan, PlanEntry},
    signed::{Envelope, Kind, Putter},
    successor::Successor,
    time::{Day, UnixSeconds},
};

use crate::{
    DeskError,
    cases::Event,
    device::{DeviceState, GRACE_DAYS},
    hub::letters::letter_keys,
    keys::certificate::{CERTIFIED_DAYS, read_certificate},
    posting::plan::next_plan,
};

/// Days before its certificate's end at which the duty key is replaced.
pub(crate) const RENEW_DAYS: u32 = 7;
/// Whole days over which callers are counted: most answers are read within them.
const SPOKEN_DAYS: u32 = 2;
/// Days that answers stay listed.
const LISTED_DAYS: u32 = 14;

/// A notice that is signed but must not be published before its hash is in the log.
#[derive(Debug)]
pub(crate) struct PreparedNotice {
    pub(crate) envelope: Vec<u8>,
    pub(crate) event: Event,
}

impl DeviceState {
    /// The next keyring, where today needs one: a new generation, missing epochs, keys past their time, an ageing certificate.
    pub(crate) fn next_keyring(&mut self, now: UnixSeconds) -> Result<Option<Vec<u8>>, DeskError> {
        let today = now.day();
        if self.generation_is_over(today) {
            return self.next_generation(now, None).map(Some);
        }
        let mut keys = self.keys.desk.clone();
        self.renew_epochs(&mut keys, today);
        self.renew_letters(&mut keys, today);
        let certificate = read_certificate(&keys)?;
        let ageing = certificate.days.1 < today.plus(RENEW_DAYS) || certificate.days.0 > today.plus(1);
        if ageing && let Some(identity) = self.keys.vault.identity_key() {
            self.replace_duty_key(&mut keys, &identity, (today, CERTIFIED_DAYS));
        }
        if keys == self.keys.desk {
            return Ok(None);
        }
        let devices = self.identities();
        self.wrap_and_sign(self.keys.keyring.clone(), &devices, &keys).map(Some)
    }

    /// Makes the epochs that are missing from today on, and destroys keys that are past their time.
    pub(crate) fn renew_epochs(&mut self, keys: &mut DeskKeys, today: Day) {
        // A key that callers still seal to is kept whatever this machine's clock says.
        let published: Vec<Day> = self.published_epochs();
        keys.epochs.retain(|key| key.epoch.plus(GRACE_DAYS) >= today || published.contains(&key.epoch));
        for day in (0..INBOX_KEY_DAYS).map(|n| today.plus(n)) {
            if !keys.epochs.iter().any(|key| key.epoch == day && !key.superseded) {
                keys.epochs.push(EpochKey::generate(day, &mut self.rng));
            }
        }
        keys.former_answer_keys.retain(|key| key.last_day.plus(LISTED_DAYS) >= today);
        keys.former_answer_keys.truncate(FORMER_ANSWER_KEYS_MAX);
        for key in &mut keys.former_answer_keys {
            if key.last_day.plus(GRACE_DAYS) < today {
                key.secret = None;
            }
        }
    }

    /// Wraps the keys to every device and signs the keyring, with the serial that is next.
    pub(crate) fn wrap_and_sign(
        &mut self,
        keyring: Keyring,
        devices: &[DeviceIdentity],
        keys: &DeskKeys,
    ) -> Result<Vec<u8>, DeskError> {
        let context = WrapContext { fingerprint: &self.keys.fingerprint, generation: keyring.generation };
        let devices: Result<_, _> =
            devices.iter().map(|device| Device::wrap(device, keys, context, &mut self.rng)).collect();
        let (serial, by) = (self.keys.keyring.serial + 1, Some(self.keys.author));
        let next = Keyring { serial, devices: devices?, by, ..keyring };
        sign_keyring(&next, keys, Putter::Device(&self.keys.vault.device_key()), self.keys.vault.identity)
    }

    /// The next notice, where today needs one.
    pub(crate) fn next_notice(&mut self, now: UnixSeconds) -> Result<Option<PreparedNotice>, DeskError> {
        let Some(current) = &self.keys.notice else { return Ok(None) };
        let notice = &current.notice;
        let keys = inbox_keys(&self.keys.desk, now.day());
        let fresh = notice.issued.day() == now.day() && notice.issued <= now.plus(3_600);
        let same_keys = notice.answer_key == x25519_public(&self.keys.desk.answer_key)
            && notice.inbox_keys.iter().map(|key| key.key_id).eq(keys.iter().map(|key| key.key_id));
        let successor = self.successor();
        let same_signer = current.signer.duty_key == PrivateKey::from_seed(&self.keys.desk.duty_key).public();
        if fresh && same_keys && same_signer && notice.successor == successor {
            return Ok(None);
        }
        let today = now.day();
        let spoken = self.log.fold.cases.spoken_with_since(today.minus(SPOKEN_DAYS).start());
        let first_planned = today.minus(notice.days);
        let single_period_s = self.keys.vault.settings.drop_period_s;
        let next = Notice {
            serial: notice.serial + 1,
            issued: now,
            plan: next_plan(&notice.plan, first_planned, today, &spoken, single_period_s),
            expires: now.plus(LIFETIME_MAX_S),
            inbox_keys: keys.iter().map(|key| key.public()).collect(),
            letter_keys: letter_keys(&self.keys.desk, today),
            answer_key: x25519_public(&self.keys.desk.answer_key),
            former_answer_keys: former_answer_keys(&self.keys.desk),
            successor,
            ..notice.clone()
        };
        self.prepare_notice(&next).map(Some)
    }

    /// The first notice of a desk.
    pub(crate) fn first_notice(
        &mut self,
        now: UnixSeconds,
        content: &[(String, Vec<u8>)],
    ) -> Result<PreparedNotice, DeskError> {
        let settings = &self.keys.vault.settings;
        let names = content
            .iter()
            .map(|(language, pack)| (language.clone(), callsign_protocol::content::pack_name(pack)));
        let notice = Notice {
            version: VERSION,
            oldest_client: VERSION,
            name: self.keys.vault.name.clone(),
            serial: 1,
            issued: now,
            expires: now.plus(LIFETIME_MAX_S),
            inbox_keys: inbox_keys(&self.keys.desk, now.day()).iter().map(|key| key.public()).collect(),
            letter_keys: letter_keys(&self.keys.desk, now.day()),
            answer_key: x25519_public(&self.keys.desk.answer_key),
            former_answer_keys: former_answer_keys(&self.keys.desk),
            plan: Plan(vec![PlanEntry {
                from: now.day().minus(LISTED_DAYS),
                shards: 1,
                drop_period_s: settings.drop_period_s,
            }]),
            days: LISTED_DAYS,
            cover: settings.cover,
            languages: content.iter().map(|(language, _)| language.clone()).collect(),
            tracks: self.keys.vault.tracks.clone(),
            content: names.collect(),
            successor: None,
        };
        self.prepare_notice(&notice)
    }

    fn prepare_notice(&self, notice: &Notice) -> Result<PreparedNotice, DeskError> {
        let body = serde_json::to_vec(notice).map_err(callsign_protocol::notice::NoticeError::from)?;
        let epochs = notice.inbox_keys.iter().map(|key| key.epoch).collect();
        let event = Event::notice_published(sha256(&[&body]), notice.serial, epochs);
        let certificate = read_certificate(&self.keys.desk)?;
        let duty_key = PrivateKey::from_seed(&self.keys.desk.duty_key);
        let envelope =
            Envelope::sign(Kind::Notice, self.keys.vault.identity, certificate, &duty_key, body).encode();
        Ok(PreparedNotice { envelope, event })
    }

    /// What the log says of the identity to come, where this desk's identity has signed it: a notice with another statement
    /// would be refused by every reader.
    fn successor(&self) -> Option<Successor> {
        let announced = self.log.fold.cases.successor().copied();
        announced.filter(|successor| successor.verify(&self.keys.vault.identity).is_ok())
    }

    fn published_epochs(&self) -> Vec<Day> {
        let notice = self.keys.notice.as_ref().map(|current| &current.notice.inbox_keys);
        notice.into_iter().flatten().map(|key| key.epoch).collect()
    }
}

/// Signs a keyring with the duty key that is in it, and as who puts it.
pub(crate) fn sign_keyring(
    keyring: &Keyring,
    keys: &DeskKeys,
    putter: Putter<'_>,
    identity: PublicKey,
) -> Result<Vec<u8>, DeskError> {
    let body = serde_json::to_vec(keyring).map_err(callsign_protocol::keyring::KeyringError::from)?;
    let duty_key = PrivateKey::from_seed(&keys.duty_key);
    let certificate = read_certificate(keys)?;
    let envelope = Envelope::sign(Kind::Keyring, identity, certificate, &duty_key, body);
    Ok(envelope.put_by(putter, keyring.serial).encode())
}

fn inbox_keys(keys: &DeskKeys, today: Day) -> Vec<&EpochKey> {
    let published = today..today.plus(INBOX_KEY_DAYS);
    keys.epochs.iter().filter(|key| !key.superseded && published.contains(&key.epoch)).collect()
}

fn former_answer_keys(keys: &DeskKeys) -> Vec<notice::FormerAnswerKey> {
    let public = |key: &FormerAnswerKey| notice::FormerAnswerKey { key: key.public, last_day: key.last_day };
    keys.former_answer_keys.iter().map(public).collect()
}
