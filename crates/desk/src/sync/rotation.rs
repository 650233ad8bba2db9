//! Turning keys over: a new epoch key each day, old ones destroyed after the grace, a duty key each month, a notice each day.

use callsign_protocol::{
    VERSION,
    caller_keys::x25519_public,
    derive::sha256,
    encoding::Bytes,
    event::Event,
    identity::PrivateKey,
    keyring::{DeskKeys, Device, DeviceIdentity, EpochKey, Keyring, WrapContext},
    notice::{INBOX_KEY_DAYS, LIFETIME_MAX_S, Notice},
    plan::{Plan, PlanEntry},
    signed::{Certificate, Envelope, Kind},
    time::{Day, UnixSeconds},
};

use super::{
    plan::next_plan,
    state::{GRACE_DAYS, State},
};
use crate::DeskError;

/// Days before its certificate's end at which the duty key is replaced.
const RENEW_DAYS: u32 = 7;
/// Whole days over which callers are counted: the shortest look back, for who makes it hides among those of these days.
const SHORTEST_WINDOW_DAYS: u32 = 2;
/// Days that answers stay listed.
const LISTED_DAYS: u32 = 14;

/// A notice that is signed but must not be published before its hash is in the log.
#[derive(Debug)]
pub(crate) struct PreparedNotice {
    pub(crate) envelope: Vec<u8>,
    pub(crate) event: Event,
}

impl State {
    /// The next keyring, where today needs one: missing epochs, epochs past their grace, an ageing certificate.
    pub(crate) fn next_keyring(&mut self, now: UnixSeconds) -> Result<Option<Vec<u8>>, DeskError> {
        let today = now.day();
        let mut keys = self.keys.clone();
        // A key that callers still seal to is kept whatever this machine's clock says.
        let published: Vec<Day> = self.published_epochs();
        keys.epochs.retain(|key| key.epoch.plus(GRACE_DAYS) >= today || published.contains(&key.epoch));
        for day in (0..INBOX_KEY_DAYS).map(|n| today.plus(n)) {
            if !keys.epochs.iter().any(|key| key.epoch == day) {
                keys.epochs.push(EpochKey::generate(day, &mut self.rng));
            }
        }
        let certificate = self.certificate()?;
        let ageing = certificate.days.1 < today.plus(RENEW_DAYS) || certificate.days.0 > today.plus(1);
        if ageing {
            let duty_key = PrivateKey::generate(&mut self.rng);
            let renewed = Certificate::issue(&self.vault.identity_key(), duty_key.public(), today);
            keys.certificate = Bytes(renewed.encode());
            keys.duty_key = duty_key.seed();
        }
        if keys == self.keys {
            return Ok(None);
        }
        let own = self.device()?;
        let identity = DeviceIdentity {
            signing_key: own.signing_key,
            wrapping_key: own.wrapping_key,
            posting_slot: own.posting_slot,
        };
        let context = WrapContext { fingerprint: &self.fingerprint, generation: self.keyring.generation };
        let device = Device::wrap(&identity, &keys, context, &mut self.rng)?;
        let keyring =
            Keyring { serial: self.keyring.serial + 1, devices: vec![device], ..self.keyring.clone() };
        Ok(Some(sign_keyring(&keyring, &keys, &self.vault.identity_key())?))
    }

    /// The next notice, where today needs one.
    pub(crate) fn next_notice(&mut self, now: UnixSeconds) -> Result<Option<PreparedNotice>, DeskError> {
        let Some(current) = &self.notice else { return Ok(None) };
        let notice = &current.notice;
        let keys = inbox_keys(&self.keys, now.day());
        let fresh = notice.issued.day() == now.day() && notice.issued <= now.plus(3_600);
        if fresh && notice.inbox_keys.iter().map(|key| key.key_id).eq(keys.iter().map(|key| key.key_id)) {
            return Ok(None);
        }
        let today = now.day();
        let spoken = self.log.spoken_with_since(today.minus(SHORTEST_WINDOW_DAYS).start());
        let first_planned = today.minus(notice.days);
        let single_period_s = self.vault.settings.drop_period_s;
        let next = Notice {
            serial: notice.serial + 1,
            issued: now,
            plan: next_plan(&notice.plan, first_planned, today, &spoken, single_period_s),
            expires: now.plus(LIFETIME_MAX_S),
            inbox_keys: keys.iter().map(|key| key.public()).collect(),
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
        let settings = &self.vault.settings;
        let names = content
            .iter()
            .map(|(language, pack)| (language.clone(), callsign_protocol::content::pack_name(pack)));
        let notice = Notice {
            version: VERSION,
            oldest_client: VERSION,
            name: self.vault.name.clone(),
            serial: 1,
            issued: now,
            expires: now.plus(LIFETIME_MAX_S),
            inbox_keys: inbox_keys(&self.keys, now.day()).iter().map(|key| key.public()).collect(),
            answer_key: x25519_public(&self.keys.answer_key),
            plan: Plan(vec![PlanEntry {
                from: now.day().minus(LISTED_DAYS),
                shards: 1,
                drop_period_s: settings.drop_period_s,
            }]),
            days: LISTED_DAYS,
            windows: settings.windows,
            cover: settings.cover,
            languages: content.iter().map(|(language, _)| language.clone()).collect(),
            tracks: self.vault.tracks.clone(),
            content: names.collect(),
        };
        self.prepare_notice(&notice)
    }

    fn prepare_notice(&self, notice: &Notice) -> Result<PreparedNotice, DeskError> {
        let body = serde_json::to_vec(notice).map_err(callsign_protocol::notice::NoticeError::from)?;
        let epochs = notice.inbox_keys.iter().map(|key| key.epoch).collect();
        let event = Event::notice_published(sha256(&[&body]), notice.serial, epochs);
        let identity = self.vault.identity_key().public();
        let duty_key = PrivateKey::from_seed(&self.keys.duty_key);
        let envelope = Envelope::sign(Kind::Notice, identity, self.certificate()?, &duty_key, body).encode();
        Ok(PreparedNotice { envelope, event })
    }

    fn published_epochs(&self) -> Vec<Day> {
        let notice = self.notice.as_ref().map(|current| &current.notice.inbox_keys);
        notice.into_iter().flatten().map(|key| key.epoch).collect()
    }

    fn certificate(&self) -> Result<Certificate, DeskError> {
        Ok(read_certificate(&self.keys)?)
    }
}

/// Signs a keyring with the duty key that is in it.
pub(super) fn sign_keyring(
    keyring: &Keyring,
    keys: &DeskKeys,
    identity: &PrivateKey,
) -> Result<Vec<u8>, DeskError> {
    let body = serde_json::to_vec(keyring).map_err(callsign_protocol::keyring::KeyringError::from)?;
    let duty_key = PrivateKey::from_seed(&keys.duty_key);
    let certificate = read_certificate(keys)?;
    Ok(Envelope::sign(Kind::Keyring, identity.public(), certificate, &duty_key, body).encode())
}

fn read_certificate(keys: &DeskKeys) -> Result<Certificate, callsign_protocol::keyring::KeyringError> {
    Certificate::decode(&keys.certificate.0)
        .map_err(|e| callsign_protocol::signed::SignedError::from(e).into())
}

fn inbox_keys(keys: &DeskKeys, today: Day) -> Vec<&EpochKey> {
    let published = today..today.plus(INBOX_KEY_DAYS);
    keys.epochs.iter().filter(|key| published.contains(&key.epoch)).collect()
}
