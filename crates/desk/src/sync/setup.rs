//! Setting a desk up: its keys, its first keyring and notice, and its place at the hub.

use std::path::Path;

use callsign_protocol::{
    VERSION,
    content::{ContentPack, pack_name},
    encoding::{Bytes, Secret},
    enrol::EnrolRequest,
    identity::{Fingerprint, PrivateKey},
    keyring::{DeskKeys, Device, DeviceIdentity, EpochKey, Keyring, KeyringError, WrapContext},
    notice::INBOX_KEY_DAYS,
    signed::{Certificate, Envelope},
    time::UnixSeconds,
    xwing_public,
};
use rand_core::CryptoRng;

use super::{HubClient, HubError, rotation::sign_keyring, state::State};
use crate::{
    DeskError, InitOptions,
    vault::{Cache, Cost, VAULT_FILE, Vault, VaultError},
};

/// Makes the vault and enrols it, or goes on where an earlier attempt was cut off; the notice is left to the caller, for it
/// needs the log.
pub(crate) fn set_up(
    dir: &Path,
    passphrase: &str,
    cost: Cost,
    options: &InitOptions,
    now: UnixSeconds,
    mut rng: Box<dyn CryptoRng + Send>,
) -> Result<(State, HubClient), DeskError> {
    for (_, pack) in &options.content {
        ContentPack::decode(pack)?;
    }
    let is_new = !dir.join(VAULT_FILE).exists();
    let vault = if is_new { new_vault(options, &mut rng) } else { unfinished(dir, passphrase, options)? };
    let (identity, fingerprint) = (vault.identity_key(), vault.fingerprint());
    let client = HubClient::new(&vault.hub, fingerprint, vault.device_key())?;

    // On disk first: a hub that is enrolled with a key that nobody has would be lost.
    vault.save(dir, passphrase, cost, &mut rng)?;
    let cache = Cache::open(dir, vault.cache_key.clone())?;
    match client.enrol(&EnrolRequest::new(identity.public(), &options.code)) {
        Err(refused @ HubError::Refused { .. }) if is_new => {
            // Nothing of this desk is anywhere, so that the same command may simply be given again.
            drop(cache);
            Vault::discard(dir)?;
            return Err(refused.into());
        }
        enrolled => enrolled?,
    }
    let keyring = match cache.document("keyring")? {
        Some((_, envelope)) => envelope,
        None => first_keyring(&vault, now, &mut rng)?,
    };
    match client.put_keyring(&keyring) {
        Ok(()) => cache.put_document("keyring", 1, &keyring)?,
        // An earlier attempt got that far.
        Err(HubError::Conflict) => keep_hubs_keyring(&cache, &client, &fingerprint)?,
        Err(other) => return Err(other.into()),
    }
    for (_, pack) in &options.content {
        client.put_content(&pack_name(pack), pack)?;
    }
    Ok((State::load(vault, cache, rng)?, client))
}

/// Keeps the keyring that the hub has, for a device whose cache has none. The hub's word is all there is for its being the newest.
pub(crate) fn keep_hubs_keyring(
    cache: &Cache,
    client: &HubClient,
    fingerprint: &Fingerprint,
) -> Result<(), DeskError> {
    let envelope = client.keyring()?.ok_or(KeyringError::Absent)?;
    let then = Envelope::kept_since(&envelope).map_err(KeyringError::from)?;
    let keyring = Keyring::verify(&envelope, fingerprint, then)?;
    Ok(cache.put_document("keyring", keyring.serial, &envelope)?)
}

fn new_vault(options: &InitOptions, rng: &mut impl CryptoRng) -> Vault {
    Vault {
        identity: Secret::random(rng),
        signing_key: Secret::random(rng),
        wrapping_key: Secret::random(rng),
        cache_key: Secret::random(rng),
        hub: options.hub.clone(),
        name: options.name.clone(),
        tracks: options.tracks.clone(),
        settings: options.settings,
    }
}

/// The vault of an attempt that never came to a notice, with what is asked for now.
fn unfinished(dir: &Path, passphrase: &str, options: &InitOptions) -> Result<Vault, DeskError> {
    let vault = Vault::open(dir, passphrase)?;
    if Cache::open(dir, vault.cache_key.clone())?.document("notice")?.is_some() {
        return Err(VaultError::Exists(dir.to_owned()).into());
    }
    Ok(Vault {
        hub: options.hub.clone(),
        name: options.name.clone(),
        tracks: options.tracks.clone(),
        settings: options.settings,
        ..vault
    })
}

fn first_keyring(vault: &Vault, now: UnixSeconds, rng: &mut impl CryptoRng) -> Result<Vec<u8>, DeskError> {
    let (identity, fingerprint) = (vault.identity_key(), vault.fingerprint());
    let keys = first_keys(&identity, now, rng);
    let device = DeviceIdentity {
        signing_key: vault.device_key().public(),
        wrapping_key: xwing_public(&vault.wrapping_key),
        posting_slot: 0,
    };
    let context = WrapContext { fingerprint: &fingerprint, generation: 1 };
    let devices = vec![Device::wrap(&device, &keys, context, rng)?];
    let keyring = Keyring { version: VERSION, serial: 1, generation: 1, devices };
    sign_keyring(&keyring, &keys, &identity)
}

fn first_keys(identity: &PrivateKey, now: UnixSeconds, rng: &mut impl CryptoRng) -> DeskKeys {
    let duty_key = PrivateKey::generate(rng);
    let certificate = Certificate::issue(identity, duty_key.public(), now.day());
    DeskKeys {
        duty_key: duty_key.seed(),
        certificate: Bytes(certificate.encode()),
        answer_key: Secret::random(rng),
        log_key: Secret::random(rng),
        epochs: (0..INBOX_KEY_DAYS).map(|n| EpochKey::generate(now.day().plus(n), rng)).collect(),
    }
}
