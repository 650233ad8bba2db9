//! Setting a desk up: its keys, its first keyring and notice, and its place at the hub.

use std::path::Path;

use callsign_http::Proxies;
use callsign_protocol::{
    content::pack_name,
    device_request::DeviceRequest,
    encoding::Secret,
    enrol::EnrolRequest,
    identity::{Fingerprint, PrivateKey},
    keyring::{Keyring, KeyringError},
    notice::{Notice, NoticeError},
    signed::Envelope,
    time::UnixSeconds,
    xwing_public,
};
use rand_core::CryptoRng;

use crate::{
    Ambient, DeskError, InitOptions, JoinOptions, Purpose, Settings, SettingsChange,
    desk::checked_pseudonym,
    device::DeviceState,
    hub::{HubClient, HubError},
    keys::{
        Cost, DeviceKeyFile, VAULT_FILE, Vault, VaultError, open_wrapped,
        restart::{Numbers, begun_keyring},
    },
    store::{CACHE_FILE, Cache},
};

/// Makes the vault and enrols it, or goes on where an earlier attempt was cut off; the notice is left to the caller, for it
/// needs the log.
pub(crate) fn set_up(
    dir: &Path,
    passphrase: &str,
    cost: Cost,
    options: &InitOptions,
    ambient: Ambient,
) -> Result<(DeviceState, HubClient), DeskError> {
    let Ambient { clock, mut rng, proxies, .. } = ambient;
    let now = clock();
    SettingsChange::first(options).checked()?;
    checked_pseudonym(&options.person)?;
    let (is_new, had_dir) = (!dir.join(VAULT_FILE).exists(), dir.exists());
    let vault = if is_new { new_vault(options, &mut rng) } else { unfinished(dir, passphrase, options)? };
    let client = HubClient::new(&vault.hub, vault.fingerprint(), vault.device_key(), &proxies)?;
    // On disk first: a hub that is enrolled with a key that nobody has would be lost.
    vault.save(dir, passphrase, cost, &mut rng)?;
    let enrolment = EnrolRequest::new(vault.identity, &options.code);
    match client.enrol(&enrolment) {
        Err(refused @ HubError::Refused { .. }) if is_new => {
            // Nothing of this desk is anywhere, so that the same command may simply be given again.
            Vault::discard(dir)?;
            if !had_dir {
                // With nothing in it; where something is, it stays.
                let _ = std::fs::remove_dir(dir);
            }
            Err(refused.into())
        }
        Err(other) => Err(DeskError::from(other).while_setting_up(dir)),
        Ok(()) => {
            let state = publish_keys(dir, vault, &client, &options.content, (now, rng))
                .map_err(|error| error.while_setting_up(dir))?;
            Ok((state, client))
        }
    }
}

/// Whether files of a desk were begun in `dir`, or of a device that joins one.
pub(crate) fn has_begun(dir: &Path) -> bool {
    dir.join(VAULT_FILE).exists()
}

/// Whether a desk works in `dir`, or a device that was let in: it has kept a keyring.
pub(crate) fn is_set_up(dir: &Path) -> Result<bool, DeskError> {
    Ok(has_begun(dir) && has_document(dir, "keyring")?)
}

/// Whether the cache in `dir` has a document; no key is needed to see that.
fn has_document(dir: &Path, name: &str) -> Result<bool, DeskError> {
    let cache = dir.join(CACHE_FILE).exists().then(|| Cache::open(dir, Secret([0; 32]))).transpose()?;
    Ok(cache.map(|cache| cache.document(name)).transpose()?.flatten().is_some())
}

/// Gives the hub what the desk is known by: its first keyring and its content.
fn publish_keys(
    dir: &Path,
    vault: Vault,
    client: &HubClient,
    content: &[(String, Vec<u8>)],
    (now, mut rng): (UnixSeconds, Box<dyn CryptoRng + Send>),
) -> Result<DeviceState, DeskError> {
    let key_file = DeviceKeyFile::new(dir, vault.storage_key.clone());
    let cache = Cache::open(dir, vault.storage_key.clone())?;
    let keyring = match cache.document("keyring")? {
        Some((_, envelope)) => envelope,
        None => first_keyring(&vault, &key_file, now, &mut rng)?,
    };
    match client.put_keyring(&keyring) {
        Ok(()) => keep_keyring(&cache, &keyring, &vault.fingerprint())?,
        // An earlier attempt got that far.
        Err(HubError::Conflict) => {
            let envelope = hubs_keyring(client, &vault, &key_file)?;
            keep_keyring(&cache, &envelope, &vault.fingerprint())?;
        }
        Err(other) => return Err(other.into()),
    }
    for (_, pack) in content {
        client.put_content(&pack_name(pack), pack)?;
    }
    DeviceState::load(vault, key_file, cache, rng)
}

/// Keeps the keyring that the hub has, for a device whose cache has none. The hub's word is all there is for its being the newest; whether it wraps
/// the desk's keys the log has yet to show. One that does not open is not kept: the device may ask to join anew.
pub(crate) fn keep_hubs_keyring(
    cache: &Cache,
    client: &HubClient,
    vault: &Vault,
    key_file: &DeviceKeyFile,
) -> Result<(), DeskError> {
    let envelope = hubs_keyring(client, vault, key_file)?;
    let then = Envelope::kept_since(&envelope).map_err(KeyringError::from)?;
    let serial = Keyring::verify(&envelope, &vault.fingerprint(), then)?.keyring.serial;
    Ok(cache.put_keyring(serial, &envelope)?)
}

/// The keyring that the hub has, where it verifies and opens.
fn hubs_keyring(client: &HubClient, vault: &Vault, key_file: &DeviceKeyFile) -> Result<Vec<u8>, DeskError> {
    let envelope = client.keyring()?.ok_or(KeyringError::Absent)?;
    let then = Envelope::kept_since(&envelope).map_err(KeyringError::from)?;
    let keyring = Keyring::verify(&envelope, &vault.fingerprint(), then)?.keyring;
    open_wrapped(vault, &key_file.load()?, &keyring)?;
    Ok(envelope)
}

/// Whether the hub has a keyring of the desk, as it shows it to the identity: then the desk is set up, whoever works at it.
///
/// # Errors
/// The hub's; none where it opens the identity no session, for it knows no such desk.
pub(crate) fn knows_desk(vault: &Vault, proxies: &Proxies) -> Result<bool, DeskError> {
    let Some(identity) = vault.identity_key() else { return Ok(false) };
    match HubClient::new(&vault.hub, vault.fingerprint(), identity, proxies)?.keyring() {
        Ok(keyring) => Ok(keyring.is_some()),
        Err(HubError::NotADevice | HubError::Refused { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Keeps the first keyring of a desk or a restart, which this device has made.
pub(crate) fn keep_keyring(
    cache: &Cache,
    envelope: &[u8],
    fingerprint: &Fingerprint,
) -> Result<(), DeskError> {
    let then = Envelope::kept_since(envelope).map_err(KeyringError::from)?;
    let keyring = Keyring::verify(envelope, fingerprint, then)?.keyring;
    cache.note_borne_out(&keyring)?;
    Ok(cache.put_keyring(keyring.serial, envelope)?)
}

/// Makes the vault of one more device of a desk; what it asks the desk's other devices with. Name and tracks are those of the
/// notice that the hub shows, until the log says them.
pub(crate) fn ask_to_join(
    dir: &Path,
    passphrase: &str,
    cost: Cost,
    join: &JoinOptions,
    mut ambient: Ambient,
) -> Result<DeviceRequest, DeskError> {
    asking_device(dir, (passphrase, cost), join, &mut ambient).map(|(_, request)| request)
}

/// The same, with the vault.
pub(crate) fn asking_device(
    dir: &Path,
    (passphrase, cost): (&str, Cost),
    join: &JoinOptions,
    ambient: &mut Ambient,
) -> Result<(Vault, DeviceRequest), DeskError> {
    let Ambient { clock, rng, proxies, .. } = ambient;
    let vault = if dir.join(VAULT_FILE).exists() {
        asking(dir, passphrase, join)?
    } else {
        let vault = joining_vault(join, clock(), proxies, rng)?;
        vault.save(dir, passphrase, cost, rng)?;
        vault
    };
    // The same each time: what was printed and lost may be asked for again, and its check words stay.
    let key_file = DeviceKeyFile::new(dir, vault.storage_key.clone());
    key_file.change(rng, |keys| keys.is_newcomer = true)?;
    let wrapping_key = xwing_public(&key_file.wrapping(0, rng)?);
    let request = DeviceRequest::sign(&join.fingerprint, &vault.device_key(), wrapping_key, vault.purpose);
    Ok((vault, request))
}

fn joining_vault(
    join: &JoinOptions,
    now: UnixSeconds,
    proxies: &Proxies,
    rng: &mut impl CryptoRng,
) -> Result<Vault, DeskError> {
    let device_key = PrivateKey::generate(rng);
    let client = HubClient::new(&join.hub, join.fingerprint, device_key.clone(), proxies)?;
    let shown = client.notice().map_err(|error| DeskError::from(error).before_anything())?;
    let envelope = shown.ok_or(DeskError::NoNotice)?;
    // Where all devices were lost nobody has renewed it; what it says here the log says anew.
    let then = Envelope::kept_since(&envelope).map_err(NoticeError::from)?;
    let notice = Notice::verify(&envelope, Some(&join.fingerprint), then)?.notice;
    let planned = notice.plan.on(now.day()).filter(|planned| planned.shards == 1);
    let single_period_s = planned.map(|planned| planned.drop_period_s);
    Ok(Vault {
        identity: Envelope::decode(&envelope).map_err(NoticeError::from)?.identity(),
        identity_seed: None,
        signing_key: device_key.seed(),
        storage_key: Secret::random(rng),
        hub: join.hub.clone(),
        name: notice.name,
        tracks: notice.tracks,
        settings: Settings {
            drop_period_s: single_period_s.unwrap_or(join.settings.drop_period_s),
            ..join.settings
        },
        purpose: if notice.practice { Purpose::Practice } else { Purpose::Earnest },
    })
}

fn new_vault(options: &InitOptions, rng: &mut impl CryptoRng) -> Vault {
    let identity = options.identity.clone().unwrap_or_else(|| PrivateKey::generate(rng));
    Vault {
        identity: identity.public(),
        identity_seed: Some(identity.seed()),
        signing_key: Secret::random(rng),
        storage_key: Secret::random(rng),
        hub: options.hub.clone(),
        name: options.name.clone(),
        tracks: options.tracks.clone(),
        settings: options.settings,
        purpose: options.purpose,
    }
}

/// The vault of an attempt that never came to a notice, with what is asked for now.
fn unfinished(dir: &Path, passphrase: &str, options: &InitOptions) -> Result<Vault, DeskError> {
    let vault = begun(dir, passphrase, "notice")?;
    if vault.identity_seed.is_none() {
        return Err(VaultError::Exists(dir.to_owned()).into());
    }
    let other = |what: String| Err(VaultError::UnfinishedOther { dir: dir.to_owned(), what }.into());
    if vault.name != options.name {
        return other(format!("the name {:?}", vault.name));
    }
    if vault.hub.trim_end_matches('/') != options.hub.trim_end_matches('/') {
        return other(format!("the hub {}", vault.hub));
    }
    if options.identity.as_ref().is_some_and(|identity| identity.public() != vault.identity) {
        return other(format!("the fingerprint {}", vault.fingerprint()));
    }
    Ok(Vault { tracks: options.tracks.clone(), settings: options.settings, ..vault })
}

/// The vault of a device that nobody has let in yet.
fn asking(dir: &Path, passphrase: &str, join: &JoinOptions) -> Result<Vault, DeskError> {
    let vault = begun(dir, passphrase, "keyring")?;
    if vault.identity_seed.is_some() || vault.fingerprint() != join.fingerprint {
        return Err(VaultError::Exists(dir.to_owned()).into());
    }
    if vault.hub.trim_end_matches('/') != join.hub.trim_end_matches('/') {
        let what = format!("the hub {}", vault.hub);
        return Err(VaultError::UnfinishedOther { dir: dir.to_owned(), what }.into());
    }
    Ok(vault)
}

/// The vault in `dir`, whose cache has no such document yet.
fn begun(dir: &Path, passphrase: &str, last_document: &str) -> Result<Vault, DeskError> {
    if has_document(dir, last_document)? {
        return Err(VaultError::Exists(dir.to_owned()).into());
    }
    Vault::open(dir, passphrase).map_err(|error| match error {
        VaultError::Passphrase(dir) => VaultError::UnfinishedPassphrase(dir).into(),
        other => other.into(),
    })
}

pub(crate) fn first_keyring(
    vault: &Vault,
    key_file: &DeviceKeyFile,
    now: UnixSeconds,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, DeskError> {
    let identity = vault.identity_key().ok_or(KeyringError::Absent)?;
    begun_keyring(vault, key_file, &identity, Numbers::default(), (now, rng))
}
