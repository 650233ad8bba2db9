//! Composing the notice: of what the log says of the desk, and of the keys in use.

use callsign_protocol::{
    VERSION,
    caller_keys::x25519_public,
    derive::sha256,
    encoding::Bytes,
    identity::{PrivateKey, PublicKey},
    keyring::{DeskKeys, EpochKey, FormerAnswerKey},
    notice::{self, INBOX_KEY_DAYS, LIFETIME_MAX_S, Notice, NoticeError},
    plan::Plan,
    signed::{Envelope, Kind},
    successor::Successor,
    time::{Day, UnixSeconds},
};

use super::{Vault, certificate::read_certificate, numbers::next_serial};
use crate::{
    DeskError, Purpose,
    cases::{Event, LISTED_DAYS, SettingsSet},
    device::DeviceState,
};

/// A notice that is signed but must not be published before its hash is in the log.
#[derive(Clone, Debug)]
pub(crate) struct PreparedNotice {
    pub(crate) envelope: Vec<u8>,
    pub(crate) event: Event,
    notice: Notice,
}

/// Which notice of a desk it is.
struct Edition {
    serial: u64,
    now: UnixSeconds,
    plan: Plan,
    letters: Option<Bytes<32>>,
    successor: Option<Successor>,
}

impl DeviceState {
    /// The next notice, where the one in hand says something else than today's would, or the hub has a later one.
    pub(crate) fn next_notice(&mut self, now: UnixSeconds) -> Result<Option<PreparedNotice>, DeskError> {
        let settings = self.log.fold.cases.settings();
        // A desk whose set-up was cut off says nothing before it is gone on with.
        let Some(plan) = settings.plan.clone() else { return Ok(None) };
        let serial = next_serial(self.keys.notice_serial(), "notices")?;
        let (letters, successor) = (self.letters_hash(now.day()), self.successor());
        let edition = Edition { serial, now, plan, letters, successor };
        let next = compose(settings, &self.keys.vault, &self.keys.desk, edition);
        let duty_key = PrivateKey::from_seed(&self.keys.desk.duty_key).public();
        let is_in_use = self.keys.notice.as_ref().is_some_and(|current| {
            let is_newest = current.notice.serial == self.keys.notice_serial();
            is_newest && current.signer.duty_key == duty_key && is_same(&current.notice, &next, now)
        });
        if is_in_use {
            return Ok(None);
        }
        // What the log names already is tried again as it was, and not told to it anew.
        let again = self.keys.prepared.as_ref().filter(|prepared| {
            let signer = Envelope::decode(&prepared.envelope).map(|one| one.certificate().signer.duty_key);
            let is_next = prepared.notice.serial == serial && signer.is_ok_and(|signer| signer == duty_key);
            is_next && is_same(&prepared.notice, &next, now)
        });
        // Under the newest certificate: that of the first attempt may have ended.
        let next = again.map_or(next, |prepared| prepared.notice.clone());
        let prepared = prepare(next, &self.keys.desk, self.keys.vault.identity)?;
        self.keys.prepared = Some(prepared.clone());
        Ok(Some(prepared))
    }

    /// What the log says of the identity to come, where this desk's identity has signed it: a notice with another statement
    /// would be refused by every reader.
    fn successor(&self) -> Option<Successor> {
        let announced = self.log.fold.cases.successor().copied();
        announced.filter(|successor| successor.verify(&self.keys.vault.identity).is_ok())
    }
}

/// A notice of what the log says; what the log does not say is as the desk was set up.
fn compose(settings: &SettingsSet, first: &Vault, keys: &DeskKeys, edition: Edition) -> Notice {
    let Edition { serial, now, plan, letters, successor } = edition;
    let said = settings.clone();
    Notice {
        version: VERSION,
        oldest_client: VERSION,
        name: said.name.unwrap_or_else(|| first.name.clone()),
        serial,
        issued: now,
        expires: now.plus(LIFETIME_MAX_S),
        inbox_keys: inbox_keys(keys, now.day()).into_iter().map(EpochKey::public).collect(),
        answer_key: x25519_public(&keys.answer_key),
        former_answer_keys: former_answer_keys(keys),
        plan,
        days: LISTED_DAYS,
        cover: said.cover.unwrap_or(first.settings.cover),
        languages: said.languages.unwrap_or_default(),
        tracks: said.tracks.unwrap_or_else(|| first.tracks.clone()),
        content: said.content.unwrap_or_default(),
        letters,
        channels: said.channels.unwrap_or_default(),
        pages: said.pages.unwrap_or_default(),
        practice: first.purpose == Purpose::Practice,
        successor,
    }
}

/// Whether a notice of today says what the next one would.
fn is_same(current: &Notice, next: &Notice, now: UnixSeconds) -> bool {
    let is_of_today = current.issued.day() == now.day() && current.issued <= now.plus(3_600);
    let Notice { serial, issued, expires, .. } = *current;
    is_of_today && *current == Notice { serial, issued, expires, ..next.clone() }
}

fn prepare(notice: Notice, keys: &DeskKeys, identity: PublicKey) -> Result<PreparedNotice, DeskError> {
    let body = serde_json::to_vec(&notice).map_err(NoticeError::from)?;
    let epochs = notice.inbox_keys.iter().map(|key| key.epoch).collect();
    let event = Event::notice_published(sha256(&[&body]), notice.serial, epochs);
    let (certificate, duty_key) = (read_certificate(keys)?, PrivateKey::from_seed(&keys.duty_key));
    let envelope = Envelope::sign(Kind::Notice, identity, certificate, &duty_key, body).encode();
    Ok(PreparedNotice { envelope, event, notice })
}

fn inbox_keys(keys: &DeskKeys, today: Day) -> Vec<&EpochKey> {
    let published = today..today.plus(INBOX_KEY_DAYS);
    keys.epochs.iter().filter(|key| !key.superseded && published.contains(&key.epoch)).collect()
}

fn former_answer_keys(keys: &DeskKeys) -> Vec<notice::FormerAnswerKey> {
    let public = |key: &FormerAnswerKey| notice::FormerAnswerKey { key: key.public, last_day: key.last_day };
    keys.former_answer_keys.iter().map(public).collect()
}
