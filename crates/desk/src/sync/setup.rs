//! Setting a desk up: its keys, its first keyring and notice, and its place at the hub.

use std::path::Path;

use callsign_protocol::{
    VERSION,
    content::ContentPack,
    encoding::{Bytes, Secret},
    enrol::EnrolRequest,
    identity::PrivateKey,
    keyring::{DeskKeys, Device, DeviceIdentity, EpochKey, Keyring, WrapContext},
    notice::INBOX_KEY_DAYS,
    signed::Certificate,
    time::UnixSeconds,
    xwing_generate,
};
use rand_core::CryptoRng;

use super::{HubClient, rotation::sign_keyring, state::State};
use crate::{
    DeskError, InitOptions,
    vault::{Cache, Cost, Vault},
};

/// Makes the vault and enrols it; the notice is left to the caller, for it needs the log.
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
    let (wrapping_key, wrapping_public) = xwing_generate(&mut rng);
    let vault = Vault {
        identity: Secret::random(&mut rng),
        signing_key: Secret::random(&mut rng),
        wrapping_key,
        cache_key: Secret::random(&mut rng),
        hub: options.hub.clone(),
        name: options.name.clone(),
        tracks: options.tracks.clone(),
        settings: options.settings,
    };
    let (identity, fingerprint) = (vault.identity_key(), vault.fingerprint());
    let keys = first_keys(&identity, now, &mut rng);
    let device = DeviceIdentity {
        signing_key: vault.device_key().public(),
        wrapping_key: wrapping_public,
        posting_slot: 0,
    };
    let context = WrapContext { fingerprint: &fingerprint, generation: 1 };
    let devices = vec![Device::wrap(&device, &keys, context, &mut rng)?];
    let keyring = Keyring { version: VERSION, serial: 1, generation: 1, devices };
    let envelope = sign_keyring(&keyring, &keys, &identity)?;

    let client = HubClient::new(&vault.hub, fingerprint, vault.device_key())?;
    // On disk first: a hub that is enrolled with a key that nobody has would be lost.
    vault.create(dir, passphrase, cost, &mut rng)?;
    let cache = Cache::open(dir, vault.cache_key.clone())?;
    cache.put_document("keyring", keyring.serial, &envelope)?;

    let enrolled = client
        .enrol(&EnrolRequest::new(identity.public(), &options.code))
        .and_then(|()| client.put_keyring(&envelope));
    if let Err(refused) = enrolled {
        // Nothing of this desk is anywhere yet, so that the same command may simply be given again.
        drop(cache);
        Vault::discard(dir)?;
        return Err(refused.into());
    }
    for (_, pack) in &options.content {
        client.put_content(&callsign_protocol::content::pack_name(pack), pack)?;
    }
    Ok((State::load(vault, cache, rng)?, client))
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
