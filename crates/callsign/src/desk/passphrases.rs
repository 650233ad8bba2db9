//! Asking people at a terminal for passphrases and for a yes; programs give passphrases in the environment.

use std::io::{BufRead as _, IsTerminal as _};

use crate::failure::Failure;

const DESK: &str = "CALLSIGN_PASSPHRASE";
const IDENTITY: &str = "CALLSIGN_IDENTITY_PASSPHRASE";
const NEW_IDENTITY: &str = "CALLSIGN_NEW_IDENTITY_PASSPHRASE";

/// The passphrase of the desk's vault.
pub fn of_desk() -> Result<String, Failure> {
    known(DESK, "Passphrase: ")
}

/// A new one for the desk's vault.
pub fn new_for_desk() -> Result<String, Failure> {
    new(DESK, "New passphrase for this desk's keys: ")
}

/// The passphrase of the file with the identity.
pub fn of_identity() -> Result<String, Failure> {
    known(IDENTITY, "Passphrase of the identity's file: ")
}

/// A new one for the file that takes the identity away.
pub fn new_for_identity() -> Result<String, Failure> {
    new(IDENTITY, "New passphrase for the identity's file, another than the desk's: ")
}

/// A new one for the file of the identity to come.
pub fn new_for_successor() -> Result<String, Failure> {
    new(NEW_IDENTITY, "New passphrase for the file of the new identity: ")
}

/// Goes on after a typed yes only.
pub fn yes(question: &str, otherwise: &str) -> Result<(), Failure> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        eprint!("{question}");
    }
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(Failure::new("not-confirmed", otherwise))
    }
}

fn known(variable: &str, prompt: &str) -> Result<String, Failure> {
    match std::env::var(variable) {
        Ok(passphrase) => Ok(passphrase),
        Err(_) => Ok(rpassword::prompt_password(prompt)?),
    }
}

fn new(variable: &str, prompt: &str) -> Result<String, Failure> {
    if let Ok(passphrase) = std::env::var(variable) {
        return long_enough(passphrase);
    }
    let first = long_enough(rpassword::prompt_password(prompt)?)?;
    if first == rpassword::prompt_password("Once more: ")? {
        Ok(first)
    } else {
        Err(Failure::new("passphrase", "the two passphrases differ; nothing was done"))
    }
}

fn long_enough(passphrase: String) -> Result<String, Failure> {
    if passphrase.chars().count() >= 8 {
        Ok(passphrase)
    } else {
        Err(Failure::new(
            "passphrase",
            "a passphrase has eight characters at least; six random words are better",
        ))
    }
}
