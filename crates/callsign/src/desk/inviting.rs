//! `callsign desk invite` and `callsign desk join --code`: a device comes to a desk by a code that is said, and words that are said.

use std::{io::IsTerminal as _, path::Path, time::Duration};

use callsign_desk::{Desk, DeskError, HubError, InviteError, Invited, JoinOptions, Joined, Joining};
use callsign_protocol::{invitation::InviteCode, keyring::DeviceId};
use clap::Args;
use serde_json::json;

use super::{Common, desk_ambient, devices::short, memory, open};
use crate::{
    ambient,
    failure::Failure,
    input,
    output::{self, Done, Lines, label},
};

/// How often the hub is asked.
const ASKED_EVERY: Duration = Duration::from_secs(1);
const NOBODY: &str = "nobody was admitted";

/// Arguments of `desk invite`.
#[derive(Args)]
pub struct InviteArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Whose device it is, by the pseudonym; one more of yours without it
    #[arg(long, value_name = "PSEUDONYM")]
    person: Option<String>,
}

/// Invites one device, and admits it where both sides read the same words.
pub fn invite(arguments: &InviteArguments) -> Result<(), Failure> {
    let InviteArguments { common, person } = arguments;
    let desk = open(&common.data)?;
    desk.sync()?;
    let person = match person {
        Some(name) => desk.person_named(name)?.id,
        None => desk.me().ok_or(DeskError::from(callsign_desk::PeopleError::Nobody))?,
    };
    let invited = desk.invite(person)?;
    let admitted = admit(&desk, &invited);
    if admitted.is_err() {
        desk.end_invitation();
    }
    let id = admitted?;
    let name = desk.people().into_iter().find(|line| line.id == person).map(|line| line.name);
    let done = format!("device {} was admitted", short(&id));
    let lines = Lines::new()
        .line(format!(
            "Device {} belongs to the desk now, as {}'s.",
            short(&id),
            name.as_deref().map_or_else(|| "nobody".to_owned(), label)
        ))
        .line("It can read all that the desk has kept. `callsign desk remove` shuts it out again.");
    output::give(Done::Changed(&done), &lines, &json!({ "admitted": id, "person": name }))
}

fn admit(desk: &Desk, invited: &Invited) -> Result<DeviceId, Failure> {
    let link = format!("{}/{}/#{}", desk.hub(), desk.fingerprint().desk_id(), desk.fingerprint());
    let lines = Lines::new()
        .line(format!("Code: {}", invited.code))
        .line("Read it out to whoever sits at the new device. They run there, with a directory that is not there yet:")
        .line(format!("callsign desk join --data NEW --hub '{link}' --code -"))
        .line("The code holds for a quarter of an hour, and for one device.");
    output::show_first(&lines, &json!({ "code": invited.code.to_string(), "link": link }), NOBODY)?;
    let words = wait_for_words(desk, invited)?;
    let lines = Lines::new()
        .line(format!("Check words: {words}"))
        .line("Speak with the person at the new device, by voice. Do they read out the same six words?");
    output::show_first(&lines, &json!({ "check_words": words }), NOBODY)?;
    let typed = input::answer("Type yes to admit the device, or the words that they read out: ")?;
    // Only a person has compared words by saying yes: programs give those of the other side.
    let is_yes = typed.eq_ignore_ascii_case("yes") && std::io::stdin().is_terminal();
    if typed.eq_ignore_ascii_case("no") || (!is_yes && !typed.contains(' ')) {
        return Err(Failure::new(
            "not-confirmed",
            "nobody was admitted, and the invitation is ended; where the words differ, somebody stands between you and the new device. Programs \
             give the words that the new device shows",
        ));
    }
    Ok(desk.admit_invited(if is_yes { &words } else { &typed })?)
}

fn wait_for_words(desk: &Desk, invited: &Invited) -> Result<String, Failure> {
    loop {
        ambient::wait(ASKED_EVERY);
        let is_over = ambient::clock()() > invited.ends;
        match desk.follow_invitation() {
            Ok(Some(Invited { failed: Some(failed), .. })) => return Err(DeskError::from(failed).into()),
            Ok(Some(Invited { check_words: Some(words), .. })) => return Ok(words),
            Ok(_) if is_over => return Err(DeskError::from(InviteError::Ended).into()),
            Err(error) if is_over || !may_pass(&error) => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Makes a new device and lets it ask with a code; ends when it belongs to the desk.
pub fn join_with_code(
    data: &Path,
    passphrase: &str,
    join: &JoinOptions,
    code: &InviteCode,
) -> Result<(), Failure> {
    let keys = (passphrase, memory::cost_of_new());
    let mut joining = Joining::begin(data, keys, join, code, desk_ambient())?;
    let place = label(&data.to_string_lossy());
    output::note(&format!(
        "The files of this device were made in {place}. Waiting for the other side; Ctrl-C ends it, and the same command with another code goes on."
    ));
    let mut shown = None;
    loop {
        match joining.follow() {
            Ok(Joined::Admitted) => break,
            Ok(Joined::CheckWords(words)) => {
                if shown.is_none() {
                    let lines = Lines::new()
                        .line(format!("Check words: {words}"))
                        .line("Read them out to the person who invited you, by voice. They admit this device where theirs are the same.");
                    output::show_first(
                        &lines,
                        &json!({ "check_words": words }),
                        "this device was not admitted",
                    )?;
                    shown = Some(words);
                }
            }
            Ok(Joined::Waits) => {}
            Err(error) if may_pass(&error) => {}
            Err(error) => return Err(error.into()),
        }
        ambient::wait(ASKED_EVERY);
    }
    let desk = Desk::open(data, passphrase, desk_ambient())?;
    desk.sync()?;
    let id = desk.devices()?.into_iter().find(|device| device.is_own).map(|device| device.id);
    let lines = Lines::new()
        .line(format!(
            "This device, in {place}, belongs to the desk now, and has read what the desk has kept."
        ))
        .line(format!("Next: callsign desk serve --data {place}"));
    let done = format!("the device in {place} was admitted");
    output::give(Done::Changed(&done), &lines, &json!({ "device": id, "check_words": shown }))
}

/// Whether asking once more can help: the hub is away, or has something else to do.
fn may_pass(error: &DeskError) -> bool {
    match error {
        DeskError::Hub(HubError::Away(..) | HubError::Lost(..)) => true,
        DeskError::Hub(HubError::Refused { code }) => code.status().is_some_and(|status| status >= 500),
        _ => false,
    }
}
