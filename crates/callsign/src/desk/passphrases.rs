//! Asking people at a terminal for passphrases and for a yes; programs give passphrases in the environment.

use std::env;

use crate::{failure::Failure, input};

const DESK: &str = "CALLSIGN_PASSPHRASE";
const IDENTITY: &str = "CALLSIGN_IDENTITY_PASSPHRASE";
const NEW_IDENTITY: &str = "CALLSIGN_NEW_IDENTITY_PASSPHRASE";

/// The passphrase of the desk's vault.
pub fn of_desk() -> Result<String, Failure> {
    known(DESK, "Passphrase: ")
}

/// The passphrase of the desk's vault, where a program gives it.
pub fn of_desk_for_programs() -> Result<Option<String>, Failure> {
    of_environment(DESK)
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
    if input::line(question)?.eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(Failure::new("not-confirmed", otherwise))
    }
}

fn known(variable: &str, prompt: &str) -> Result<String, Failure> {
    match of_environment(variable)? {
        Some(passphrase) => Ok(passphrase),
        None => Ok(input::secret(prompt, variable)?),
    }
}

fn new(variable: &str, prompt: &str) -> Result<String, Failure> {
    if let Some(passphrase) = of_environment(variable)? {
        return long_enough(passphrase);
    }
    let first = long_enough(input::secret(prompt, variable)?)?;
    if first == input::secret("Once more: ", variable)? {
        Ok(first)
    } else {
        Err(Failure::new("passphrase", "the two passphrases differ; nothing was done"))
    }
}

/// What a program gives, if it gives something.
fn of_environment(variable: &str) -> Result<Option<String>, Failure> {
    match env::var(variable) {
        Ok(passphrase) => Ok(Some(passphrase)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let sentence = format!("the value of {variable} is not UTF-8 text; set it again, in UTF-8");
            Err(Failure::new("passphrase", sentence))
        }
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
