//! `callsign desk invite` and `callsign desk join --code`: a device comes to a desk by a code that is said, and words that are said.

use std::{io::IsTerminal as _, path::Path, time::Duration};

use callsign_desk::{Desk, DeskError, InviteError, Invited, JoinOptions, Joined, Joining};
use callsign_protocol::{
    invitation::{INVITATION_S, InviteCode},
    keyring::DeviceId,
};
use clap::Args;
use serde_json::json;

use super::{
    Common, desk_ambient,
    devices::short,
    memory, open,
    waiting::{Told, Waiting},
};
use crate::{
    ambient,
    failure::Failure,
    input::{self, InputError},
    output::{self, Done, Lines, label},
};

/// How often the hub is asked.
const ASKED_EVERY: Duration = Duration::from_secs(1);
const NOBODY: &str = "nobody was admitted";
/// How often check words are typed until the invitation is ended.
const TRIES: usize = 3;

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
    desk.sync_first()?;
    let person = match person {
        Some(name) => invited_person(&desk, name)?,
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
    let mut refused = None;
    for _ in 0..TRIES {
        let typed = match input::answer("Type yes to admit the device, or the words that they read out: ") {
            // Who has no other words to type has heard why already.
            Err(InputError::Ended { .. }) if refused.is_some() => break,
            typed => typed?,
        };
        // Only a person has compared words by saying yes: programs give those of the other side.
        let is_yes = typed.eq_ignore_ascii_case("yes") && std::io::stdin().is_terminal();
        if typed.eq_ignore_ascii_case("no") || (!is_yes && !typed.contains(' ')) {
            return Err(Failure::new(
                "not-confirmed",
                "nobody was admitted, and the invitation is ended; where the words differ, somebody stands between you and the new device. Programs \
                 give the words that the new device shows. `callsign desk invite` begins anew, with another code",
            ));
        }
        match desk.admit_invited(if is_yes { &words } else { &typed }) {
            // The words of an invitation stay as they are, whoever types what: another look gives nobody another guess.
            Err(error @ DeskError::Invite(InviteError::OtherWords)) => {
                let failure = Failure::from(error);
                output::note(&format!(
                    "These are not the words: {words}. Have them read out once more, or type no."
                ));
                refused = Some(failure);
            }
            other => return Ok(other?),
        }
    }
    let ended = "the invitation is ended; `callsign desk invite` begins anew, with another code";
    Err(refused.map_or_else(|| Failure::new("check-words", ended), |failure| failure.because(ended)))
}

/// Whose device is invited, by a name that the desk has.
fn invited_person(desk: &Desk, name: &str) -> Result<callsign_desk::cases::PersonId, Failure> {
    desk.person_named(name).map(|person| person.id).map_err(|error| match error {
        DeskError::People(callsign_desk::PeopleError::NoSuchPerson) => Failure::new(
            "people",
            format!(
                "nobody at the desk has the pseudonym {name}, so nobody was invited; add them first with `callsign desk person add --data DIR {name}`, or see who is there with `callsign desk people`",
                name = label(name)
            ),
        ),
        other => other.into(),
    })
}

fn wait_for_words(desk: &Desk, invited: &Invited) -> Result<String, Failure> {
    let mut waiting = Waiting::until(invited.ends);
    loop {
        ambient::wait(ASKED_EVERY);
        let (shown, told) = waiting.met(desk.follow_invitation(), ambient::clock()())?;
        say(told);
        match shown.flatten() {
            Some(Invited { failed: Some(failed), .. }) => return Err(DeskError::from(failed).into()),
            Some(Invited { check_words: Some(words), .. }) => return Ok(words),
            _ => {}
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
    // The hub forgets an invitation by then, whenever it was made.
    let mut waiting = Waiting::until(ambient::clock()().plus(INVITATION_S));
    output::note(&format!(
        "The files of this device are in {place}. Waiting for whoever read the code out, until {} at most; Ctrl-C ends it, and the same command with another code and the same passphrase goes on.",
        waiting.told_end()
    ));
    let mut shown = None;
    loop {
        let (came, told) = waiting.met(joining.follow(), ambient::clock()())?;
        say(told);
        match came {
            Some(Joined::Admitted) => break,
            Some(Joined::CheckWords(words)) => {
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
            Some(Joined::Waits) | None => {}
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

/// What the wait has to say, to programs as well.
fn say(told: Option<Told>) {
    match told {
        Some(Told::Away(sentence)) => output::warn("waits", &sentence),
        Some(Told::Back) => output::tell("goes-on", "The hub answers again."),
        None => {}
    }
}
