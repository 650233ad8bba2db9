//! What a device holds of a desk's keys, with the signed documents that name them.

use std::iter;

use callsign_protocol::{
    caller_keys::x25519_public,
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PublicKey},
    keyring::{DeskKeys, Device, DeviceId, Keyring, KeyringError, VerifiedKeyring, device_id},
    letters::{Letters, VerifiedLetters},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{Certificate, Envelope, Signer},
    time::{Day, UnixSeconds},
};

use super::{
    DeviceKeyFile, DeviceKeys, Vault,
    following::{Horizon, KeysFault, Known, Published, put_right},
    notice::PreparedNotice,
};
use crate::{
    DeskError,
    hub::{RefusedLetters, RefusedNotice},
    store::Cache,
};

/// The keys of a device and of its desk, as of one keyring.
pub(crate) struct Keys {
    pub(crate) vault: Vault,
    /// This device, as the author of its acts.
    pub(crate) author: DeviceId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) keyring: Keyring,
    /// Who signed it.
    pub(crate) signer: Signer,
    /// The serial of the newest keyring whose devices the log has borne out; 0 before the first.
    pub(crate) borne_out: u64,
    /// What the keyring wraps to this device, with what it may not say put right.
    pub(crate) desk: DeskKeys,
    /// Whether it wraps something else, so that the next one is due.
    pub(crate) is_wrong: bool,
    pub(crate) file: DeviceKeyFile,
    /// Log keys of generations that are not yet done with.
    pub(crate) former_log: Vec<(u32, Secret<32>)>,
    /// The newest notice that this device has published, or has taken from the hub as the desk's.
    pub(crate) notice: Option<VerifiedNotice>,
    /// The highest serial of a notice that the hub has shown, as far as that counts.
    pub(crate) serial_seen: u64,
    /// The notice that is to be published next, once it was made.
    pub(crate) prepared: Option<PreparedNotice>,
    /// What the hub had in place of a notice of the desk.
    pub(crate) refused: Option<RefusedNotice>,
    /// When the hub refused the next notice for that.
    pub(crate) refused_at: Option<UnixSeconds>,
    /// The newest letters document that this device has put, or has taken from the hub as what it would have put.
    pub(crate) letters: Option<Box<VerifiedLetters>>,
    /// The serial of the one that the hub had when it was asked last.
    pub(crate) letters_serial: u64,
    /// What the hub had in place of one of the desk.
    pub(crate) refused_letters: Option<RefusedLetters>,
    /// Whether a custodian is here with the identity, for as long as it certifies.
    pub(crate) is_custodian_here: bool,
    /// The newest version of the fold that this program knows.
    pub(crate) program: u32,
}

impl Keys {
    /// Reads the documents that a device has kept, and unwraps its keys.
    pub(crate) fn load(
        vault: Vault,
        file: DeviceKeyFile,
        cache: &Cache,
        program: u32,
    ) -> Result<Self, DeskError> {
        let fingerprint = vault.fingerprint();
        let (_, envelope) = cache.document("keyring")?.ok_or(KeyringError::Absent)?;
        // Both may have run out while this device was away; they were in order when they were kept.
        let then = |envelope: &[u8]| Envelope::kept_since(envelope);
        let then_in_order = then(&envelope).map_err(KeyringError::from)?;
        let VerifiedKeyring { keyring, signer } = Keyring::verify(&envelope, &fingerprint, then_in_order)?;
        let own = file.load()?;
        let (desk, is_wrong) = kept_keys(&vault, &own, cache, (&keyring, &envelope))?;
        let notice = match cache.document("notice")? {
            Some((_, envelope)) => {
                let then = then(&envelope).map_err(NoticeError::from)?;
                Some(Notice::verify(&envelope, Some(&fingerprint), then)?)
            }
            None => None,
        };
        // One that does not read is made anew, or comes again from the hub.
        let letters = cache.document("letters")?.and_then(|(_, envelope)| {
            Letters::verify(&envelope, Some(&fingerprint), then(&envelope).ok()?).ok().map(Box::new)
        });
        let author = device_id(&vault.device_key().public());
        let former_log = own.former_log;
        let borne_out = cache.borne_out()?.map_or(0, |borne_out| borne_out.serial);
        Ok(Self {
            vault,
            author,
            fingerprint,
            keyring,
            signer,
            borne_out,
            desk,
            is_wrong,
            file,
            former_log,
            notice,
            program,
            is_custodian_here: false,
            serial_seen: 0,
            prepared: None,
            refused: None,
            refused_at: None,
            letters_serial: letters.as_ref().map_or(0, |held| held.letters.serial),
            letters,
            refused_letters: None,
        })
    }

    /// Whether the duty key can be certified here and now.
    pub(crate) fn can_certify(&self) -> bool {
        self.is_custodian_here || self.vault.identity_seed.is_some()
    }

    /// The highest serial of the desk's notices that is known here.
    pub(crate) fn notice_serial(&self) -> u64 {
        self.notice.as_ref().map_or(0, |notice| notice.notice.serial).max(self.serial_seen)
    }

    /// The keyring with its signer, as the next one is judged by it.
    pub(crate) fn verified(&self) -> VerifiedKeyring {
        VerifiedKeyring { keyring: self.keyring.clone(), signer: self.signer }
    }

    /// The desk's keys of another keyring, with what that may not say put right, and what that was.
    pub(crate) fn of_keyring(
        &self,
        keyring: &Keyring,
        envelope: &[u8],
        today: Day,
    ) -> Result<(DeskKeys, Option<KeysFault>), DeskError> {
        let keys = match open_wrapped(&self.vault, &self.file.load()?, keyring) {
            // What it wrapped to this device before in this generation opened.
            Err(DeskError::OldRequest) if keyring.generation == self.keyring.generation => {
                return Ok((self.desk.clone(), Some(KeysFault::Unreadable)));
            }
            opened => opened?,
        };
        if keyring.is_restart() || keyring.by == Some(self.author) {
            // This device has made it.
            return Ok((keys, None));
        }
        let certificate = certificate_of(envelope)?;
        let known =
            Known { generation: self.keyring.generation, duty_key: self.signer.duty_key, keys: &self.desk };
        let horizon = Horizon::of(today, self.published());
        Ok(put_right(keyring, &certificate, keys, Some(&known), &horizon))
    }

    /// The public answer keys, the one in use first.
    pub(crate) fn answer_keys(&self) -> Vec<Bytes<32>> {
        let former = self.desk.former_answer_keys.iter().map(|former| former.public);
        iter::once(x25519_public(&self.desk.answer_key)).chain(former).collect()
    }

    /// Whether somebody has said these keys, the one in use first; former ones may have ended since.
    pub(crate) fn are_said(&self, said: &[Bytes<32>]) -> bool {
        let own = self.answer_keys();
        said.first() == own.first() && own.iter().all(|key| said.contains(key))
    }

    /// What callers seal to.
    pub(crate) fn published(&self) -> Published {
        let epochs = self.notice.iter().flat_map(|held| &held.notice.inbox_keys).map(|key| key.epoch);
        let periods = self.letters.iter().flat_map(|held| &held.letters.keys).map(|key| key.period);
        Published { epochs: epochs.collect(), periods: periods.collect() }
    }

    /// A keyring that was kept.
    pub(crate) fn opened(&self, envelope: &[u8]) -> Option<Keyring> {
        let then = Envelope::kept_since(envelope).ok()?;
        Some(Keyring::verify(envelope, &self.fingerprint, then).ok()?.keyring)
    }

    /// This device in the keyring.
    pub(crate) fn device(&self) -> Result<&Device, DeskError> {
        own_device(&self.vault, &self.keyring).map_err(DeskError::from)
    }

    /// The key of the entries of a generation, where this device has it.
    pub(crate) fn log_key(&self, generation: u32) -> Option<&Secret<32>> {
        if generation == self.keyring.generation {
            return Some(&self.desk.log_key);
        }
        self.former_log.iter().find(|(of, _)| *of == generation).map(|(_, key)| key)
    }
}

/// What the newest keyring wraps, judged by those of its generation that were taken before it; whether that is something else.
fn kept_keys(
    vault: &Vault,
    own: &DeviceKeys,
    cache: &Cache,
    (newest, envelope): (&Keyring, &[u8]),
) -> Result<(DeskKeys, bool), DeskError> {
    let fingerprint = vault.fingerprint();
    let kept = |envelope: &[u8]| {
        let then = Envelope::kept_since(envelope).ok()?;
        let keyring = Keyring::verify(envelope, &fingerprint, then).ok()?.keyring;
        let is_before = keyring.generation == newest.generation && keyring.serial < newest.serial;
        let keys = is_before.then(|| open_wrapped(vault, own, &keyring).ok()).flatten()?;
        Some((keyring, certificate_of(envelope).ok()?, keys))
    };
    let certificate = certificate_of(envelope)?;
    let opened = open_wrapped(vault, own, newest);
    let last = opened.as_ref().ok().map(|keys| (newest.clone(), certificate, keys.clone()));
    let before = cache.keyrings()?;
    let before = before.iter().filter_map(|(_, envelope)| kept(envelope));
    let mut known = None::<(PublicKey, DeskKeys, bool)>;
    for (keyring, certificate, keys) in before.chain(last) {
        let generation = keyring.generation;
        let of_before =
            known.as_ref().map(|(duty_key, keys, _)| Known { generation, duty_key: *duty_key, keys });
        let horizon = Horizon::of_certificate(&certificate);
        let (mut keys, fault) = put_right(&keyring, &certificate, keys, of_before.as_ref(), &horizon);
        let corrected = own.put_right.as_ref().filter(|(of, _)| known.is_none() && *of == generation);
        if let Some((_, former)) = corrected {
            keys.former_answer_keys.clone_from(former);
        }
        known = Some((certificate.signer.duty_key, keys, fault.is_some() || corrected.is_some()));
    }
    // Where the newest one does not open, those of its generation that did are the desk's: whoever put it would stop this device otherwise.
    match (known, opened) {
        (Some((_, keys, is_wrong)), opened) => Ok((keys, is_wrong || opened.is_err())),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Err(KeyringError::Absent.into()),
    }
}

fn certificate_of(envelope: &[u8]) -> Result<Certificate, KeyringError> {
    Ok(*Envelope::decode(envelope)?.certificate())
}

fn own_device<'a>(vault: &Vault, keyring: &'a Keyring) -> Result<&'a Device, KeyringError> {
    keyring.device(&device_id(&vault.device_key().public())).ok_or(KeyringError::Absent)
}

/// What a keyring wraps to the device of a vault.
///
/// # Errors
/// [`DeskError::OldRequest`] where no key opens it that this device has for this generation or asks to be let in with.
pub(crate) fn open_wrapped(
    vault: &Vault,
    own: &DeviceKeys,
    keyring: &Keyring,
) -> Result<DeskKeys, DeskError> {
    let (fingerprint, device) = (vault.fingerprint(), own_device(vault, keyring)?.id);
    let mut seeds = own.wrapping.iter().filter(|(of, _)| *of == keyring.generation || *of == 0);
    seeds
        .find_map(|(_, seed)| keyring.unwrap_keys(&device, seed, &fingerprint).ok())
        .ok_or(DeskError::OldRequest)
}
