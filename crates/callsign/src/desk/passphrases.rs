//! Asking people at a terminal for passphrases and for a yes; programs give passphrases in the environment.

use std::{io, path::Path};

use callsign_desk::{
    Desk,
    keys::passphrase::{is_same, judge, offer},
};
use callsign_protocol::{os_error::cause, typed_secret::typed_secret, words::Language};
use zeroize::Zeroizing;

use crate::{
    ambient,
    failure::{Failure, Voice},
    input,
    terminal::Terminal,
};

/// One passphrase that commands need.
struct Asked {
    variable: &'static str,
    /// As part of a sentence.
    what: &'static str,
}

const DESK: Asked = Asked { variable: "CALLSIGN_PASSPHRASE", what: "the desk's passphrase" };
const NEW_DESK: Asked = Asked { variable: "CALLSIGN_NEW_PASSPHRASE", what: "the desk's new passphrase" };
const IDENTITY: Asked =
    Asked { variable: "CALLSIGN_IDENTITY_PASSPHRASE", what: "the passphrase of the identity's file" };
const NEW_IDENTITY: Asked =
    Asked { variable: "CALLSIGN_NEW_IDENTITY_PASSPHRASE", what: "the passphrase of the new identity's file" };

const KIT: Asked =
    Asked { variable: "CALLSIGN_IDENTITY_PASSPHRASE", what: "the passphrase of the recovery kit" };

/// The passphrase of the desk's vault.
pub fn of_desk() -> Result<Zeroizing<String>, Failure> {
    known(&DESK)
}

/// The passphrase of the desk's vault where the environment has it.
pub fn of_desk_for_programs() -> Result<Option<Zeroizing<String>>, Failure> {
    given(&DESK)
}

/// The same where a person can do without: at a terminal they are asked, and may leave it out.
pub fn of_desk_if_wanted() -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(given) = given(&DESK)? {
        return Ok(Some(given));
    }
    if Voice::current() == Voice::Json {
        return Ok(None);
    }
    let Ok(mut terminal) = Terminal::open() else { return Ok(None) };
    let typed = ask(&mut terminal, &DESK, "The desk's passphrase, or Enter to look at what needs none")?;
    Ok(Some(typed).filter(|typed| !is_empty(typed)))
}

/// A new one for the vault of a desk that is made; `names` are what those who guess know of it.
pub fn new_for_desk(names: &[&str]) -> Result<Zeroizing<String>, Failure> {
    new(&DESK, names)
}

/// The one of files that an attempt before has begun; a new one where none are there.
pub fn for_files_of(data: &Path, names: &[&str]) -> Result<Zeroizing<String>, Failure> {
    let place = data.to_string_lossy();
    if !Desk::has_begun(data) {
        return new_for_desk(&[names, &[&*place]].concat());
    }
    crate::output::note(&format!(
        "Files were begun in {} before, and go on: the passphrase is the one that they were begun with.",
        crate::output::label(&place)
    ));
    of_desk()
}

/// A new one in the place of the vault's.
pub fn instead_for_desk(names: &[&str]) -> Result<Zeroizing<String>, Failure> {
    new(&NEW_DESK, names)
}

/// The passphrase of the file with the identity.
pub fn of_identity() -> Result<Zeroizing<String>, Failure> {
    known(&IDENTITY)
}

/// A new one for the file that takes the identity away.
pub fn new_for_identity() -> Result<Zeroizing<String>, Failure> {
    new(&IDENTITY, &[])
}

/// The passphrase of a recovery kit, which is the identity on paper.
pub fn of_kit() -> Result<Zeroizing<String>, Failure> {
    known(&KIT)
}

/// A new one for a recovery kit.
pub fn new_for_kit() -> Result<Zeroizing<String>, Failure> {
    new(&KIT, &[])
}

/// A new one for the file of the identity to come.
pub fn new_for_successor() -> Result<Zeroizing<String>, Failure> {
    new(&NEW_IDENTITY, &[])
}

/// Goes on after a typed yes only.
pub fn yes(question: &str, otherwise: &str) -> Result<(), Failure> {
    if input::answer(question)?.eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(Failure::new("not-confirmed", otherwise))
    }
}

fn known(asked: &Asked) -> Result<Zeroizing<String>, Failure> {
    if let Some(given) = given(asked)? {
        return Ok(given);
    }
    let typed = ask(&mut terminal(asked)?, asked, &first_letter_up(asked.what))?;
    if is_empty(&typed) {
        Err(refuse(format!("nothing was typed for {}; nothing was done", asked.what)))
    } else {
        Ok(typed)
    }
}

fn new(asked: &Asked, names: &[&str]) -> Result<Zeroizing<String>, Failure> {
    if let Some(given) = given(asked)? {
        judge(&given, names)
            .map_err(|weak| refuse(format!("{}: {weak}; nothing was done", asked.variable)))?;
        return Ok(given);
    }
    let mut terminal = terminal(asked)?;
    let unwritable = |error: io::Error| unusable(asked, &error);
    let offered = offer(language(), &mut ambient::rng());
    terminal
        .show(&[
            &format!("Six random words, for {}:", asked.what),
            "",
            &format!("    {}", offered.as_str()),
            "",
            "Keep them where only you find them, and press Enter to take them; or type a passphrase of your own.",
        ])
        .map_err(unwritable)?;
    let chosen = loop {
        let typed = ask(&mut terminal, asked, &first_letter_up(asked.what))?;
        if is_empty(&typed) || is_same(&typed, &offered) {
            break offered;
        }
        match judge(&typed, names) {
            Ok(()) => break typed,
            Err(weak) => terminal.show(&[&format!("{weak}.")]).map_err(|error| unusable(asked, &error))?,
        }
    };
    if is_same(&chosen, &ask(&mut terminal, asked, "Once more, so that no slip locks you out")?) {
        Ok(chosen)
    } else {
        Err(refuse(format!("{} was not typed the same twice; nothing was done, try again", asked.what)))
    }
}

/// What the environment has, as it is.
fn given(asked: &Asked) -> Result<Option<Zeroizing<String>>, Failure> {
    let variable = asked.variable;
    let Some(value) = std::env::var_os(variable) else { return Ok(None) };
    let value = value.into_string().map(Zeroizing::new).map_err(|_| {
        refuse(format!("the value of {variable} is not UTF-8 text; set it to text, or unset it to be asked"))
    })?;
    if is_empty(&value) {
        return Err(refuse(format!(
            "{variable} is set, but there is nothing in it; set it to {}, or unset it to be asked",
            asked.what
        )));
    }
    Ok(Some(value))
}

fn terminal(asked: &Asked) -> Result<Terminal, Failure> {
    Terminal::open().map_err(|_| {
        refuse(format!("there is no terminal to ask for {} at; give it in {}", asked.what, asked.variable))
    })
}

fn ask(terminal: &mut Terminal, asked: &Asked, question: &str) -> Result<Zeroizing<String>, Failure> {
    match terminal.ask_hidden(&format!("{question}: ")) {
        Ok(Some(typed)) => Ok(typed),
        Ok(None) => Err(refuse(format!("{} was not typed; nothing was done", asked.what))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(refuse("what was typed is not UTF-8 text; set the terminal to UTF-8 and try again"))
        }
        Err(error) => Err(unusable(asked, &error)),
    }
}

fn unusable(asked: &Asked, error: &io::Error) -> Failure {
    let (what, cause) = (asked.what, cause(error));
    refuse(format!("the terminal cannot be asked for {what}: {cause}; give it in {}", asked.variable))
}

fn refuse(sentence: impl std::fmt::Display) -> Failure {
    Failure::new("passphrase", sentence)
}

fn is_empty(typed: &str) -> bool {
    typed_secret(typed).is_empty()
}

fn first_letter_up(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The operator's language; English where the terminal may not show others.
fn language() -> Language {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    language_of(&named.unwrap_or_default())
}

fn language_of(locale: &str) -> Language {
    let encoding = locale.to_ascii_lowercase().replace('-', "");
    if encoding.contains(".utf8") {
        Language::of_tag(locale.split(['_', '.', '@']).next().unwrap_or_default())
    } else {
        Language::English
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_offered_in_the_language_of_the_terminal() {
        for (locale, language) in [
            ("uk_UA.UTF-8", Language::Ukrainian),
            ("ru_RU.utf8", Language::Russian),
            ("ru_RU.KOI8-R", Language::English),
            ("C", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(language_of(locale), language, "{locale}");
        }
    }
}
