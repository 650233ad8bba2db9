//! `callsign desk passphrase`: seals this device's keys under another passphrase.

use callsign_desk::{
    DeskError,
    keys::{Vault, passphrase::is_same},
};
use clap::Args;
use serde_json::json;

use super::{Common, memory, must_exist, passphrases};
use crate::{
    ambient,
    failure::Failure,
    output::{self, Done, Lines, label},
};

/// Arguments of `desk passphrase`.
#[derive(Args)]
pub struct PassphraseArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

/// Changes the passphrase.
pub fn change(arguments: &PassphraseArguments) -> Result<(), Failure> {
    let data = &arguments.common.data;
    must_exist(data)?;
    let old = passphrases::of_desk()?;
    let place = data.to_string_lossy();
    let new = passphrases::instead_for_desk(&[&place])?;
    if is_same(&old, &new) {
        let sentence = "the new passphrase is the one that was given as the old one; nothing was changed";
        return Err(Failure::new("passphrase", sentence));
    }
    Vault::change_passphrase(data, (&old, &new), memory::cost_of_new(), &mut ambient::rng())
        .map_err(DeskError::from)?;
    let done = format!("the passphrase of the desk in {} is changed", label(&place));
    let lines = Lines::new()
        .line(format!("The passphrase of the desk in {} is changed.", label(&place)))
        .line("Programs that have the desk open go on working; their pages ask for the new one from now on.")
        .line("Copies of the vault that were made before open with the old one: destroy them, and make new ones.");
    output::give(Done::Changed(&done), &lines, &json!({ "changed": true }))
}
