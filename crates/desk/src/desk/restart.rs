//! A desk that goes on by its identity alone: its devices are lost, or somebody among them has shut the others out.

use std::path::Path;

use callsign_http::Cause;
use callsign_protocol::{
    digest::Chain,
    identity::{Fingerprint, PrivateKey},
    keyring::{Keyring, KeyringError},
    notice::{Notice, NoticeError},
    signed::Envelope,
    time::Day,
};

use crate::{
    Ambient, Desk, DeskError,
    cases::{EventBody, LISTED_DAYS, ListsTaken, TAKEN_MAX},
    device::DeviceState,
    hub::{HubClient, HubError, keep_keyring},
    keys::{
        DeviceKeyFile, Vault,
        restart::{Numbers, begun_keyring},
    },
    posting::Pace,
    store::Cache,
};

impl Desk {
    /// Has the identity put a keyring over all that went before, whoever put that, with the device in `dir` alone. A device that
    /// knows the desk's state goes on from it; one that was only about to join begins with an empty one. All other devices
    /// have to join anew. No other program may work on `dir` meanwhile.
    ///
    /// # Errors
    /// [`DeskError::OtherIdentity`]; [`DeskError::CatchingUp`] for a device whose state is still to come from the hub;
    /// [`DeskError::NumbersEnd`] where no number is left. One that was interrupted at any place is done by another.
    pub fn restart(
        dir: &Path,
        passphrase: &str,
        identity: &PrivateKey,
        ambient: Ambient,
    ) -> Result<Self, DeskError> {
        let Ambient { clock, timer, mut rng, proxies } = ambient;
        let now = clock();
        let vault = Vault::open(dir, passphrase)?;
        if identity.public() != vault.identity {
            return Err(DeskError::OtherIdentity);
        }
        let fingerprint = vault.fingerprint();
        let as_identity = HubClient::new(&vault.hub, fingerprint, identity.clone(), &proxies)?;
        let client = HubClient::new(&vault.hub, fingerprint, vault.device_key(), &proxies)?;
        let hubs = shown(&as_identity, &fingerprint)?;
        let cache = Cache::open(dir, vault.storage_key.clone())?;
        let key_file = DeviceKeyFile::new(dir, vault.storage_key.clone());
        let mut state = if cache.document("keyring")?.is_some() {
            let mut state = DeviceState::load(vault, key_file, cache, rng)?;
            let envelope = state.restarted(now, identity, hubs)?;
            let verified = Keyring::verify(&envelope, &fingerprint, now)?;
            // Before the hub has it: where the answer is lost, a start knows it as this device's own.
            state.cache.note_restarting(verified.keyring.generation, &envelope)?;
            as_identity.put_keyring(&envelope)?;
            state.adopt((verified.keyring, verified.signer), &envelope, now.day())?;
            state
        } else {
            let envelope = begun_keyring(&vault, &key_file, identity, hubs, (now, &mut rng))?;
            let generation = Keyring::verify(&envelope, &fingerprint, now)?.keyring.generation;
            cache.note_restarting(generation, &envelope)?;
            as_identity.put_keyring(&envelope)?;
            keep_keyring(&cache, &envelope, &fingerprint)?;
            DeviceState::load(vault, key_file, cache, rng)?
        };
        // It goes by its own keyring from now on, and by nobody's admission.
        state.keys.file.change(&mut state.rng, |own| own.is_newcomer = false)?;
        // Before anything is followed, which cannot be taken back: nobody else has it, and a start must not look for it at the hub.
        state.keep_whole()?;
        let desk = Self::new(state, client, clock, timer);
        desk.follow_all()?;
        desk.go_on_from_restart()?;
        desk.sync()?;
        Ok(desk)
    }

    /// Does what comes behind the keyring of a restart, where this device has made one and published nothing since: it may have
    /// been interrupted there.
    pub(crate) fn go_on_from_restart(&self) -> Result<(), DeskError> {
        if self.state().cache.restarted()?.is_none() || self.state().has_published() {
            return Ok(());
        }
        self.take_lists()?;
        // The next notice comes behind the hub's, whoever has published that.
        if let Some(envelope) = self.client.notice()? {
            self.state().count_from(&envelope, self.now());
        }
        self.set_from_vault()
    }
}

impl Desk {
    /// Has the log say what the hub's lists hold beyond what this device knows, before it posts to any of them: callers could not
    /// tell otherwise, until midnight and of each listed day, whether the hub withholds something. A hub that does not show it stops
    /// no restart: callers are in doubt then, as they should be.
    fn take_lists(&self) -> Result<(), DeskError> {
        let today = self.now().day();
        let mut taken = Vec::new();
        for day in (0..LISTED_DAYS).map(|ago| today.minus(ago)) {
            let chains = match self.client.day_chains(day) {
                Err(HubError::Refused { .. } | HubError::Away(_, Cause::Garbled)) => continue,
                shown => shown?.0,
            };
            for (shard, shown) in (0..).zip(chains) {
                let known = self.state().log.fold.cases.lists().chain(day, shard);
                if shown.total > known.total && self.goes_on_to(shown, known, (day, shard))? {
                    taken.push((day, shard, shown.total, shown.hash));
                }
            }
        }
        for lists in taken.chunks(TAKEN_MAX) {
            let event = self.state().event(EventBody::ListsTaken(ListsTaken { lists: lists.to_vec() }));
            match self.put_in_log_at(Pace::BeatWithoutDrops, &event) {
                // Something was posted before: this device was interrupted behind its first beat.
                Err(DeskError::WithoutEffect(_)) => {}
                put => put?,
            }
        }
        Ok(())
    }

    /// Whether the list that the hub shows is the one that is known with more behind it: a hub must not take drops out of it.
    fn goes_on_to(&self, shown: Chain, known: Chain, (day, shard): (Day, u32)) -> Result<bool, DeskError> {
        if known == Chain::EMPTY {
            return Ok(true);
        }
        let mut chain = known;
        while chain.total < shown.total {
            let hashes = match self.client.drop_hashes(day, shard, chain.total) {
                Err(HubError::Refused { .. } | HubError::Away(_, Cause::Garbled)) => return Ok(false),
                shown => shown?.0,
            };
            if hashes.is_empty() {
                break;
            }
            chain = hashes.iter().fold(chain, Chain::with);
        }
        Ok(chain == shown)
    }
}

/// The numbers of the documents that the hub has, as it shows them to the identity.
fn shown(client: &HubClient, fingerprint: &Fingerprint) -> Result<Numbers, DeskError> {
    let then = |envelope: &[u8]| Envelope::kept_since(envelope);
    let keyring = client.keyring()?.map(|envelope| {
        let then = then(&envelope).map_err(KeyringError::from)?;
        Keyring::verify(&envelope, fingerprint, then)
    });
    let notice = client.notice()?.map(|envelope| {
        let then = then(&envelope).map_err(NoticeError::from)?;
        Notice::verify(&envelope, Some(fingerprint), then)
    });
    Ok(Numbers::of(keyring.transpose()?.as_ref(), notice.transpose()?.as_ref()))
}
