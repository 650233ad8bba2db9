//! The identity away from the desk's machines: into a file of its own and back, a certificate from it, and its successor.

use std::path::Path;

use callsign_protocol::{
    identity::{Fingerprint, PrivateKey, PublicKey},
    successor::Successor,
    time::Day,
};
use rand_core::CryptoRng;

use crate::{
    Desk, DeskError,
    cases::{EventBody, SuccessorAnnounced},
    keys::{Cost, Kit, KitError, Vault, open_identity, passphrase::is_same, save_identity},
};

/// A desk's vault and the file of its identity, with what opens them.
#[derive(Clone, Copy)]
pub struct Custody<'a> {
    /// The desk's directory.
    pub dir: &'a Path,
    /// Of the desk's vault.
    pub passphrase: &'a str,
    /// The identity's own file.
    pub file: &'a Path,
    /// Of that file.
    pub file_passphrase: &'a str,
    /// What it costs to open what is written.
    pub cost: Cost,
}

impl std::fmt::Debug for Custody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custody").field("dir", &self.dir).field("file", &self.file).finish_non_exhaustive()
    }
}

impl Desk {
    /// Whether this device has the desk's identity.
    pub fn has_identity(&self) -> bool {
        self.state().keys.vault.identity_seed.is_some()
    }

    /// Moves the identity out of the vault into a file of its own, which is opened again before the vault loses it. The duty
    /// key is certified first, for as long as the desk has to do without this device; the certificate's last day.
    pub fn detach_identity(&self, custody: &Custody<'_>, rng: &mut impl CryptoRng) -> Result<Day, DeskError> {
        let identity = identity_of(custody)?;
        // From here on this device says that it has none.
        let seed = self.state().keys.vault.identity_seed.take();
        let moved = self.certify(&identity).and_then(|ends| {
            move_out(custody, &identity, rng)?;
            Ok(ends)
        });
        if moved.is_err() {
            self.state().keys.vault.identity_seed = seed;
        }
        moved
    }

    /// The same for a device that does not belong to the desk any more and does not open, as [`DeskError::LeftOut`] says: it certifies nothing.
    pub fn detach_left_out(custody: &Custody<'_>, rng: &mut impl CryptoRng) -> Result<(), DeskError> {
        let identity = identity_of(custody)?;
        move_out(custody, &identity, rng)
    }

    /// Puts the identity from its file back into the vault. The file stays.
    pub fn attach_identity(custody: &Custody<'_>, rng: &mut impl CryptoRng) -> Result<(), DeskError> {
        let identity = open_identity(custody.file, custody.file_passphrase)?;
        Self::keep_identity(custody.dir, (custody.passphrase, custody.cost), &identity, rng)
    }

    /// Puts an identity that is at hand into the vault of `dir`.
    pub fn keep_identity(
        dir: &Path,
        (passphrase, cost): (&str, Cost),
        identity: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<(), DeskError> {
        if identity.public() != Vault::open(dir, passphrase)?.identity {
            return Err(DeskError::OtherIdentity);
        }
        let keep = |vault: &mut Vault| vault.identity_seed = Some(identity.seed());
        Ok(Vault::change(dir, passphrase, cost, rng, keep)?)
    }

    /// A recovery kit of this desk, under a passphrase of its own.
    ///
    /// # Errors
    /// [`DeskError::NoIdentity`] where the vault does not have it, [`DeskError::SamePassphrase`].
    pub fn kit(
        &self,
        (passphrase, of_kit): (&str, &str),
        cost: Cost,
        rng: &mut impl CryptoRng,
    ) -> Result<Kit, DeskError> {
        if is_same(passphrase, of_kit) {
            return Err(DeskError::SamePassphrase);
        }
        let (name, state) = (self.name(), self.state());
        let vault = &state.keys.vault;
        let identity = vault.identity_key().ok_or(DeskError::NoIdentity)?;
        let kit = Kit::seal((&identity, vault.purpose), (&name, &vault.hub), of_kit, cost, rng);
        let kit = kit.ok_or(KitError::Sealed)?;
        // Nobody relies on one that does not open again.
        let text = kit.lines().join("\n");
        let opened = Kit::parse(&text)?.open(of_kit)?;
        if opened.public() == identity.public() { Ok(kit) } else { Err(KitError::Sealed.into()) }
    }

    /// Has the identity certify a fresh duty key, for as long as the desk's settings say where no device has the identity; what the
    /// one before signs is refused from now on. Nothing of the identity is kept. The certificate's last day.
    pub fn certify(&self, identity: &PrivateKey) -> Result<Day, DeskError> {
        if Fingerprint::of(&identity.public()) != self.fingerprint() {
            return Err(DeskError::OtherIdentity);
        }
        self.state().keys.is_custodian_here = true;
        // Not all of a sync: what that would publish nobody takes where the certificate has ended already.
        let certified = self.follow_all().and_then(|()| {
            self.replace_keyring(|desk| desk.state().certified(desk.now(), identity).map(Some))
        });
        self.state().keys.is_custodian_here = false;
        certified?;
        self.sync()?;
        Ok(self.health().certificate_ends)
    }

    /// Has the identity say which one comes after it, and from which day; every device's notices say so from now on.
    pub fn announce_successor(
        &self,
        identity: &PrivateKey,
        successor: PublicKey,
        from: Day,
    ) -> Result<(), DeskError> {
        if Fingerprint::of(&identity.public()) != self.fingerprint() {
            return Err(DeskError::OtherIdentity);
        }
        self.sync_first()?;
        let successor = Successor::announce(identity, successor, from);
        let event = self.state().event(EventBody::SuccessorAnnounced(SuccessorAnnounced { successor }));
        self.put_in_log(&event)?;
        self.rotate()
    }
}

/// The identity in the vault, which is to go into a file of another passphrase.
fn identity_of(custody: &Custody<'_>) -> Result<PrivateKey, DeskError> {
    if is_same(custody.passphrase, custody.file_passphrase) {
        return Err(DeskError::SamePassphrase);
    }
    Vault::open(custody.dir, custody.passphrase)?.identity_key().ok_or(DeskError::NoIdentity)
}

fn move_out(custody: &Custody<'_>, identity: &PrivateKey, rng: &mut impl CryptoRng) -> Result<(), DeskError> {
    save_identity(custody.file, identity, custody.file_passphrase, custody.cost, rng)?;
    let forget = |vault: &mut Vault| vault.identity_seed = None;
    Ok(Vault::change(custody.dir, custody.passphrase, custody.cost, rng, forget)?)
}
