//! What a keyring may say of the desk's keys: compared with those of the one before, and put right where it says what it may not.
//!
//! The hub sees nothing of what is wrapped, and any device of the desk may put a keyring. To stop at a wrong one would let each of them stop
//! the desk: so what was known stands in its place, people are told whose it is, and the next keyring says what is right.

use std::collections::BTreeMap;

use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::Bytes,
    identity::{PrivateKey, PublicKey},
    keyring::{DeskKeys, DeviceId, FormerAnswerKey, Keyring},
    letter_key::published_periods,
    notice::{FORMER_ANSWER_KEYS_MAX, INBOX_KEY_DAYS},
    signed::{CERTIFICATE_DAYS, Certificate, TOLERANCE_DAYS},
    time::Day,
};

use crate::cases::LISTED_DAYS;

/// Keys of one epoch, at most: beyond them those go first that were superseded first. A generation that leaves a device out makes one.
pub(crate) const EPOCH_KEYS_MAX: usize = 64;
/// Letter keys of one period, at most, likewise.
pub(crate) const LETTER_KEYS_MAX: usize = 80;
/// Days by which the clocks of two devices may be apart.
pub(crate) const CLOCKS_DAYS: u32 = 2 * TOLERANCE_DAYS;

/// A keyring of a device of the desk that says of the keys what it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongKeyring {
    /// The device that has put it.
    pub by: DeviceId,
    /// What it says.
    pub fault: KeysFault,
}

/// What a keyring says of the desk's keys and may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysFault {
    /// Other answer keys than the desk's.
    AnswerKeys,
    /// Another certificate than the one that it is signed under, or days to which none reaches.
    Certificate,
    /// Another duty key than the one that has signed it, or another generation of that.
    DutyKey,
    /// Another key for the log.
    LogKey,
    /// More keys than a desk has, or keys of days that are far ahead.
    TooMany,
    /// Nothing that opens.
    Unreadable,
}

impl KeysFault {
    const ALL: [Self; 6] =
        [Self::AnswerKeys, Self::Certificate, Self::DutyKey, Self::LogKey, Self::TooMany, Self::Unreadable];

    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::AnswerKeys => "answer_keys",
            Self::Certificate => "certificate",
            Self::DutyKey => "duty_key",
            Self::LogKey => "log_key",
            Self::TooMany => "too_many",
            Self::Unreadable => "unreadable",
        }
    }

    fn wrong(self) -> &'static str {
        match self {
            Self::AnswerKeys => "other keys for answers than the desk's",
            Self::Certificate => "false days for the desk's certificates",
            Self::DutyKey => "a false duty key",
            Self::LogKey => "another key for the desk's log",
            Self::TooMany => "more keys than a desk has",
            Self::Unreadable => "keys that do not open",
        }
    }
}

impl WrongKeyring {
    /// What was done, and what came of it: a sentence each.
    pub fn told(&self) -> String {
        let Self { by, fault } = self;
        format!(
            "The device {by} has given the desk's devices {}. This device goes on with those that it knew.",
            fault.wrong()
        )
    }

    /// What people can do about it.
    pub fn way_out(&self) -> &'static str {
        "No honest program does that. Ask whose device it is, by another way than the desk, and remove it with `callsign desk remove`; where that \
         fails, whoever keeps the identity brings the desk back with `callsign desk identity restart`."
    }

    pub(crate) fn note(self) -> Vec<u8> {
        [&self.by.0, self.fault.code().as_bytes()].concat()
    }

    pub(crate) fn of_note(note: &[u8]) -> Option<Self> {
        let (by, code) = note.split_first_chunk::<16>()?;
        let fault = KeysFault::ALL.into_iter().find(|fault| fault.code().as_bytes() == code)?;
        Some(Self { by: Bytes(*by), fault })
    }
}

/// The keys of the keyring before.
pub(crate) struct Known<'a> {
    pub(crate) generation: u32,
    pub(crate) duty_key: PublicKey,
    pub(crate) keys: &'a DeskKeys,
}

/// How far ahead keys may be.
pub(crate) struct Horizon {
    /// None where only a keyring's certificate tells the time.
    today: Option<Day>,
    /// The last epoch.
    epoch: Day,
    /// The last period of letters.
    period: Day,
    /// What callers seal to is kept, whatever a clock says.
    published: Published,
}

/// Epochs of the notice in hand, and periods of the letters document in hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    pub(crate) epochs: Vec<Day>,
    pub(crate) periods: Vec<Day>,
}

impl Horizon {
    /// By a device's clock.
    pub(crate) fn of(today: Day, published: Published) -> Self {
        let latest = today.plus(CLOCKS_DAYS);
        let period = published_periods(latest).last().unwrap_or(latest);
        Self { today: Some(today), epoch: latest.plus(INBOX_KEY_DAYS - 1), period, published }
    }

    /// By a keyring's certificate: it was put while that was good.
    pub(crate) fn of_certificate(certificate: &Certificate) -> Self {
        Self { today: None, ..Self::of(certificate.days.1, Published::default()) }
    }
}

/// What a keyring wraps, with what may not be said put right, and what that was; judged by those of the one before where they are known.
pub(crate) fn put_right(
    keyring: &Keyring,
    certificate: &Certificate,
    mut keys: DeskKeys,
    known: Option<&Known<'_>>,
    horizon: &Horizon,
) -> (DeskKeys, Option<KeysFault>) {
    let mut fault = None;
    let mut found = |is_wrong: bool, what: KeysFault| fault = fault.or(is_wrong.then_some(what));
    if let Some(Known { keys: known, .. }) = known.filter(|known| known.generation == keyring.generation) {
        found(keys.log_key != known.log_key, KeysFault::LogKey);
        found(keys.answer_key != known.answer_key, KeysFault::AnswerKeys);
        (keys.log_key, keys.answer_key) = (known.log_key.clone(), known.answer_key.clone());
    }
    found(put_right_duty_key(keyring, certificate, &mut keys, known), KeysFault::DutyKey);
    found(put_right_days(certificate, &mut keys, known), KeysFault::Certificate);
    found(put_right_former(keyring, &mut keys, known, horizon.today), KeysFault::AnswerKeys);
    found(bound(&mut keys, horizon), KeysFault::TooMany);
    (keys, fault)
}

fn put_right_duty_key(
    keyring: &Keyring,
    certificate: &Certificate,
    keys: &mut DeskKeys,
    known: Option<&Known<'_>>,
) -> bool {
    let signer = certificate.signer.duty_key;
    let said = (keys.duty_key.clone(), keys.duty_generation);
    if let Some(known) = known.filter(|known| known.duty_key == signer) {
        (keys.duty_key, keys.duty_generation) = (known.keys.duty_key.clone(), known.keys.duty_generation);
    }
    keys.duty_generation = keys.duty_generation.min(keyring.generation);
    // Where it is another one that was not known, nothing can be signed before the identity has certified the next.
    let is_signer = PrivateKey::from_seed(&keys.duty_key).public() == signer;
    !is_signer || said != (keys.duty_key.clone(), keys.duty_generation)
}

/// The days of certificates never go back, and none is further than one that was made on this one's last day.
fn put_right_days(certificate: &Certificate, keys: &mut DeskKeys, known: Option<&Known<'_>>) -> bool {
    let certified = Bytes(certificate.encode());
    let said = (keys.certificate, keys.certified_until, keys.exposed_until);
    let (until, exposed) =
        known.map_or((Day(0), Day(0)), |known| (known.keys.certified_until, known.keys.exposed_until));
    let (last, latest) = (certificate.days.1, certificate.days.1.plus(CERTIFICATE_DAYS + TOLERANCE_DAYS));
    let within = |day: Day| if day > latest { Day(0) } else { day };
    keys.certificate = certified;
    keys.certified_until = within(keys.certified_until).max(until).max(last);
    keys.exposed_until = within(keys.exposed_until).max(exposed);
    said != (keys.certificate, keys.certified_until, keys.exposed_until)
}

/// Former answer keys are those that were known and, of a generation that has just begun, the answer key before; none is good for longer than the
/// day behind that on which the generation began.
fn put_right_former(
    keyring: &Keyring,
    keys: &mut DeskKeys,
    known: Option<&Known<'_>>,
    today: Option<Day>,
) -> bool {
    let said = keys.former_answer_keys.clone();
    let latest = keyring.begun.plus(TOLERANCE_DAYS);
    let former = &mut keys.former_answer_keys;
    for key in &mut *former {
        key.last_day = key.last_day.min(latest);
    }
    former.truncate(FORMER_ANSWER_KEYS_MAX);
    let of_before = known.filter(|known| known.generation.saturating_add(1) >= keyring.generation);
    if let Some(known) = of_before {
        let mut before = known.keys.former_answer_keys.clone();
        if known.generation < keyring.generation {
            before.insert(0, ended(known.keys, latest));
        }
        former.retain(|key| before.iter().any(|known| known.public == key.public));
        *former = before.into_iter().filter_map(|known| kept(known, former, today)).collect();
        former.truncate(FORMER_ANSWER_KEYS_MAX);
    }
    *former != said
}

/// The answer key of a generation that has ended; its last day is said by the keyring which ended it.
fn ended(keys: &DeskKeys, last_day: Day) -> FormerAnswerKey {
    FormerAnswerKey {
        public: x25519_public(&keys.answer_key),
        last_day,
        secret: Some(keys.answer_key.clone()),
        exposed: false,
    }
}

/// A key that was known, as the keyring has it: its secret goes before itself, and either in its time.
fn kept(known: FormerAnswerKey, said: &[FormerAnswerKey], today: Option<Day>) -> Option<FormerAnswerKey> {
    let Some(said) = said.iter().find(|key| key.public == known.public) else {
        let is_wanted =
            today.is_some_and(|today| known.last_day.plus(LISTED_DAYS) >= today.plus(CLOCKS_DAYS));
        return is_wanted.then_some(known);
    };
    Some(FormerAnswerKey {
        last_day: said.last_day.min(known.last_day),
        secret: known.secret.filter(|_| said.secret.is_some()),
        exposed: known.exposed || said.exposed,
        ..known
    })
}

/// Takes keys away that are further ahead than any that are published, and those that are too many; whether there were such.
pub(crate) fn bound(keys: &mut DeskKeys, horizon: &Horizon) -> bool {
    let Horizon { epoch, period, published, .. } = horizon;
    let before = (keys.epochs.len(), keys.letters.len());
    keys.epochs.retain(|key| key.epoch <= *epoch || published.epochs.contains(&key.epoch));
    keys.letters.retain(|key| key.period <= *period || published.periods.contains(&key.period));
    leave_newest(&mut keys.epochs, |key| key.epoch, EPOCH_KEYS_MAX);
    leave_newest(&mut keys.letters, |key| key.period, LETTER_KEYS_MAX);
    before != (keys.epochs.len(), keys.letters.len())
}

/// Of keys that are good at one time the last ones, so many.
fn leave_newest<T>(keys: &mut Vec<T>, of: impl Fn(&T) -> Day, most: usize) {
    let mut left = BTreeMap::<Day, usize>::new();
    for key in &*keys {
        *left.entry(of(key)).or_default() += 1;
    }
    keys.retain(|key| {
        let left = left.entry(of(key)).or_default();
        let is_kept = *left <= most;
        *left -= usize::from(!is_kept);
        is_kept
    });
}

#[cfg(test)]
mod tests;
