//! Opening the desk of a directory, and what is looked at before: whether one is there, and whether it may be.

use std::path::Path;

use callsign_desk::{
    Ambient, Desk, DeskError,
    keys::{VAULT_FILE, Vault, VaultError},
};

use super::{memory, passphrases};
use crate::{
    ambient,
    failure::Failure,
    hub::HUB_FILE,
    output::{self, label},
};

/// The machine's clock and randomness for a desk.
pub fn desk_ambient() -> Ambient {
    Ambient {
        clock: ambient::clock(),
        timer: ambient::timer(),
        rng: Box::new(ambient::rng()),
        proxies: ambient::proxies(),
    }
}

pub(super) fn open(data: &Path) -> Result<Desk, Failure> {
    must_exist(data)?;
    open_with(data, &passphrases::of_desk()?)
}

/// Opens the desk to read what is here, which asks nobody; where this device does nothing for the desk any more, that is said.
pub(super) fn open_to_read(data: &Path) -> Result<Desk, Failure> {
    let desk = open(data)?;
    tell_outside(&desk);
    Ok(desk)
}

/// Says why this device does nothing for the desk, with the code and the sentence with which whatever is done there fails.
pub(super) fn tell_outside(desk: &Desk) {
    if let Some(outside) = desk.outside() {
        Failure::from(outside.error()).warn();
    }
}

/// Opens the desk; where its files can only be read, that is said.
pub(super) fn open_with(data: &Path, passphrase: &str) -> Result<Desk, Failure> {
    let desk = Desk::open(data, passphrase, desk_ambient())?;
    match desk.read_only() {
        Some(why) => output::warn_of_cause(
            "read-only",
            &why,
            "Until then cases can be read here, but nothing is kept, sent or taken",
        ),
        // Where it fails, the next opening tries it again.
        None => drop(Vault::raise_cost(data, passphrase, memory::cost(), &mut ambient::rng())),
    }
    Ok(desk)
}

/// A hub's files and a desk's in one directory would be copied, backed up and seized together.
pub(super) fn must_not_be_a_hubs(data: &Path) -> Result<(), Failure> {
    if data.join(HUB_FILE).exists() {
        let dir = label(&data.to_string_lossy());
        let sentence = format!(
            "{dir} is the directory of a hub, so nothing was made there; name another one for the desk, best on another machine"
        );
        return Err(Failure::new("data", sentence));
    }
    Ok(())
}

/// A directory with a desk takes no other one: said before anything is asked.
pub(super) fn must_not_be_set_up(data: &Path) -> Result<(), Failure> {
    if Desk::is_set_up(data)? {
        return Err(DeskError::from(VaultError::Exists(data.to_owned())).into());
    }
    Ok(())
}

/// A missing desk is said before anything is asked.
pub(super) fn must_exist(data: &Path) -> Result<(), Failure> {
    match std::fs::symlink_metadata(data.join(VAULT_FILE)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(DeskError::from(VaultError::Missing(data.to_owned())).into())
        }
        // All else is said when the vault is read.
        _ => Ok(()),
    }
}
