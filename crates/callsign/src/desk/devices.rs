//! `callsign desk devices|join|admit|remove`: who may work at a desk.

use std::{io::IsTerminal as _, path::PathBuf};

use callsign_desk::{Desk, DeviceLine, JoinOptions, Joining, Outside, Settings, ShutOut};
use callsign_http::Link;
use callsign_protocol::{
    device_request::DeviceRequest, fold::fold, identity::Fingerprint, invitation::InviteCode,
    keyring::DeviceId, time::Day,
};
use clap::Args;
use serde_json::json;

use super::{
    Common, desk_ambient, inviting::join_with_code, memory, must_not_be_a_hubs, must_not_be_set_up, open,
    open_to_read, passphrases,
};
use crate::{
    calendar,
    failure::Failure,
    input,
    output::{self, Done, Lines, label},
};

/// Characters of a device's id that are shown, and enough to name it where no other begins alike.
const SHORT_ID_LEN: usize = 8;
/// Bytes of a request with what a mail puts around it, at most.
const REQUEST_MAX: u64 = 64 << 20;

/// Arguments of `desk devices`.
#[derive(Args)]
pub struct DevicesArguments {
    #[command(flatten)]
    pub(super) common: Common,
}

/// Arguments of `desk join`.
#[derive(Args)]
pub struct JoinArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Where the hub is, or the whole link from the leaflet (in quotes)
    #[arg(long = "hub", value_name = "URL", value_parser = Link::parse)]
    link: Link,
    /// The desk's fingerprint, where the link does not name it
    #[arg(long, value_name = "HEX", value_parser = Fingerprint::parse)]
    fingerprint: Option<Fingerprint>,
    /// The code that is read out by who invites, or - to be asked for it; without it the request is printed, to be carried by hand
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
}

/// Arguments of `desk admit`.
#[derive(Args)]
pub struct AdmitArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The check words that the person at the new device reads out; without them you are asked
    #[arg(long, value_name = "WORDS")]
    code: Option<String>,
    /// Whose device it is, by the pseudonym; one more of yours without it
    #[arg(long, value_name = "PSEUDONYM")]
    person: Option<String>,
    /// The device's request; - reads it from standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Arguments of `desk remove`.
#[derive(Args)]
pub struct RemoveArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// The device, as `callsign desk devices` names it: eight characters of its id at least
    #[arg(value_name = "DEVICE", allow_hyphen_values = true)]
    device: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Lists the devices that are known here.
pub fn devices(arguments: &DevicesArguments) -> Result<(), Failure> {
    let desk = open_to_read(&arguments.common.data)?;
    let (devices, health) = (desk.devices()?, desk.health());
    let ends = calendar::written(health.certificate_ends);
    let people = desk.people();
    let whose = |device: &DeviceLine| {
        people.iter().find(|person| person.devices.contains(&device.id)).map(|person| person.name.as_str())
    };
    let with_person = |device: &DeviceLine| {
        let mut line = as_json(device);
        line["person"] = json!(whose(device));
        line
    };
    let result = json!({
        "devices": devices.iter().map(with_person).collect::<Vec<_>>(),
        "generation": desk.generation(),
        "identity_here": desk.has_identity(),
        "certificate_ends": ends,
        "certificate_is_due": health.certificate_is_due,
        "outside": desk.outside().map(Outside::code),
        "deceivable_until": health.deceivable_until.map(calendar::written),
    });
    let mut lines = Lines::new();
    for device in &devices {
        let own = if device.is_own { "this device" } else { "" };
        let ready = if device.is_ready { "ready" } else { "not ready for the next generation" };
        let identity = if device.has_identity { "has the identity" } else { "" };
        let (id, slot) = (short(&device.id), device.posting_slot);
        let person = whose(device).map_or_else(|| "nobody's".to_owned(), label);
        lines.push(format!("{id}  slot {slot}  {person:<12}  {own:<11}  {identity:<16}  {ready}"));
    }
    lines.push(
        "A device that is not ready when the generation ends, as by a removal, is left out of the next. A running `callsign desk serve` makes it ready; without one, `callsign desk sync` here and then there does, after a removal twice.",
    );
    for one in health.unfinished.iter().filter(|one| !one.is_own) {
        lines.push(format!("{} {}", one.told(), one.way_out()));
    }
    if health.certificate_is_due && desk.outside().is_none() {
        lines.push(format!(
            "The duty key's certificate ends on {ends}: a device with the identity must be at work, or the custodian renew it, with `callsign desk identity certify`."
        ));
    }
    if let Some(until) = health.deceivable_until {
        lines.push(deceivable(until));
    }
    output::give(Done::Read, &lines, &result)
}

/// Makes the files of a new device, and prints what it asks with.
pub fn join(arguments: &JoinArguments) -> Result<(), Failure> {
    let JoinArguments { common, link, fingerprint, code } = arguments;
    must_not_be_a_hubs(&common.data)?;
    let fingerprint = match (*fingerprint, link.fingerprint) {
        (Some(given), Some(named)) if given != named => {
            return Err(Failure::usage(
                "the link names another fingerprint than the one given; find out which is right",
            ));
        }
        (given, named) => given.or(named).ok_or_else(|| {
            Failure::usage("nothing names the desk; give its whole link for --hub, or --fingerprint")
        })?,
    };
    let join = JoinOptions { hub: link.address.to_string(), fingerprint, settings: Settings::default() };
    must_not_be_set_up(&common.data)?;
    let code = code.as_deref().map(|given| standing_code(given, &join)).transpose()?;
    let passphrase = passphrases::for_files_of(&common.data, &[])?;
    if let Some(code) = code {
        return join_with_code(&common.data, &passphrase, &join, &code);
    }
    let request = Desk::ask_to_join(&common.data, &passphrase, memory::cost_of_new(), &join, desk_ambient())?;
    let words = request.check_words();
    let data = label(&common.data.to_string_lossy());
    let lines = Lines::new().paragraph(request.armour());
    let done = format!("the files of this device were made in {data}");
    let result = json!({ "request": request.armour(), "check_words": words });
    output::give(Done::Repeatable(&done), &lines, &result)?;
    output::note(
        "\nSend what was printed, from the line BEGIN to the line END, to somebody who works at a device of the desk; it is no secret.",
    );
    output::note(&format!("Then speak with them, by voice, and read out these check words: {words}"));
    output::note(&format!("Once they have admitted you: callsign desk sync --data {data}"));
    Ok(())
}

/// The code as it is given, or typed, of an invitation that stands: who is to choose a passphrase next learns of a slip before. At a terminal
/// it is asked for again.
fn standing_code(given: &str, join: &JoinOptions) -> Result<InviteCode, Failure> {
    let is_asked = given == "-";
    loop {
        let typed = if is_asked { input::line("Code that was read out to you: ")? } else { given.to_owned() };
        let code = InviteCode::parse(&typed).map_err(|error| Failure::new("invitation", error));
        let standing = code.and_then(|code| {
            let stands = Joining::stands(join, &code, &mut desk_ambient());
            stands.map(|()| code).map_err(Failure::from)
        });
        match standing {
            Err(failure) if is_asked && failure.is_of_invitation() && std::io::stdin().is_terminal() => {
                output::note(&format!("{}.", failure.message()));
            }
            other => return other,
        }
    }
}

/// Lets a device in whose check words a person has compared.
pub fn admit(arguments: &AdmitArguments) -> Result<(), Failure> {
    let AdmitArguments { common, code, person, file } = arguments;
    let carried = input::bytes(file, REQUEST_MAX)?;
    let request = DeviceRequest::from_armour(&carried).map_err(|error| {
        Failure::new("request", format!("{error}; have it sent again, from the line BEGIN to the line END"))
    })?;
    let desk = open(&common.data)?;
    if request.verify(&desk.fingerprint()).is_err() {
        return Err(callsign_desk::DeskError::NotADeviceRequest.into());
    }
    let person = person.as_deref().map(|name| desk.person_named(name)).transpose()?;
    confirm(&request.check_words(), code.as_deref())?;
    match &person {
        Some(person) => desk.admit_for(&request, person.id)?,
        None => desk.admit(&request)?,
    }
    let id = callsign_protocol::keyring::device_id(&request.signing_key);
    let done = format!("device {} was admitted", short(&id));
    let lines = Lines::new()
        .line(match &person {
            Some(person) => {
                format!("Device {} belongs to the desk now, as {}'s.", short(&id), label(&person.name))
            }
            None => format!("Device {} belongs to the desk now, as one more of yours.", short(&id)),
        })
        .line("It can read all that the desk has kept. `callsign desk remove` shuts it out again.");
    output::give(Done::Changed(&done), &lines, &json!({ "admitted": id }))
}

/// Shuts a device out.
pub fn remove(arguments: &RemoveArguments) -> Result<(), Failure> {
    let desk = open(&arguments.common.data)?;
    desk.sync_first()?;
    let id = find(&desk.devices()?, &arguments.device)?;
    let is_other = desk.devices()?.iter().any(|device| device.id == id && !device.is_own);
    let are_late = desk.left_out_with(&id)?;
    if is_other && !arguments.yes {
        output::note(&format!(
            "Device {} will read and sign nothing that comes later, for good: to come back it has to join anew. Calls \
             of the next three days that are proven for a key that it knows are marked as \"may be forged\", those of honest callers \
             too: their senders have to be made sure of. What it has read already it keeps.",
            short(&id)
        ));
        if !are_late.is_empty() {
            output::note(&format!(
                "A removal ends the generation, and these are not ready for the next: {}. They are left out with it, and have to \
                 join anew. To keep them, run `callsign desk sync` here and then there, until `callsign desk devices` calls them ready.",
                shorts(&are_late)
            ));
        }
        passphrases::yes("Type yes to remove it: ", "nothing was removed; --yes removes without asking")?;
    }
    let ShutOut { left_out, had_identity, .. } = desk.shut_out(&id)?;
    let health = desk.health();
    let ends = calendar::written(health.certificate_ends);
    let certify_now = desk.devices()?.iter().all(|device| !device.has_identity);
    let done = format!("device {} was shut out", short(&id));
    let mut lines = Lines::new().line(format!(
        "Device {} is shut out: what is sent from now on it neither reads nor signs into the log.",
        short(&id)
    ));
    if !left_out.is_empty() {
        lines.push(format!(
            "Left out with it, because they were not ready: {}. Where they are to work on, have them join anew, with `callsign desk join` in a new directory.",
            shorts(&left_out)
        ));
    }
    if let Some(until) = health.deceivable_until {
        lines.push(deceivable(until));
    }
    if certify_now {
        lines.push(
            "It still knows the duty key in use: hub and devices refuse what it signs once that is replaced.",
        );
        lines.push("The custodian should certify a new one at once: callsign desk identity certify");
    } else if !desk.has_identity() {
        lines.push("A device with the identity replaces the duty key with its next beat.");
    }
    if had_identity {
        lines.push("It had the desk's identity, and can be the desk for as long as callers know that one: make another with `callsign desk identity succeed`, and tell callers.");
    }
    let until = health.deceivable_until.map(calendar::written);
    let result = json!({
        "removed": id, "certify_now": certify_now, "certificate_ends": ends, "deceivable_until": until,
        "had_identity": had_identity, "left_out": left_out,
    });
    output::give(Done::Changed(&done), &lines, &result)
}

fn shorts(ids: &[DeviceId]) -> String {
    ids.iter().map(short).collect::<Vec<_>>().join(", ")
}

/// Until when a device that is the desk's no more can deceive callers, who see no keyring.
fn deceivable(until: Day) -> String {
    format!(
        "Until the end of {}, a device that was removed or left out can sign notices in the desk's name, and a hub that helps it can show them to callers.",
        calendar::written(until)
    )
}

/// The one device that is meant by the beginning of its id.
fn find(devices: &[DeviceLine], written: &str) -> Result<DeviceId, Failure> {
    let is_meant =
        |device: &&DeviceLine| written.len() >= SHORT_ID_LEN && device.id.to_string().starts_with(written);
    let meant: Vec<_> = devices.iter().filter(is_meant).collect();
    match meant[..] {
        [device] if device.is_own => Err(Failure::new(
            "own-device",
            "this is the device that you work at; remove it from another device of the desk",
        )),
        [device] => Ok(device.id),
        [] => Err(callsign_desk::DeskError::NoSuchDevice.into()),
        _ => Err(Failure::new("ambiguous-device", "several devices begin like this; give the whole id")),
    }
}

/// The same, this one too.
pub(super) fn named(devices: &[DeviceLine], written: &str) -> Result<DeviceId, Failure> {
    let others: Vec<_> =
        devices.iter().map(|device| DeviceLine { is_own: false, ..device.clone() }).collect();
    find(&others, written)
}

fn as_json(device: &DeviceLine) -> serde_json::Value {
    json!({
        "id": device.id,
        "posting_slot": device.posting_slot,
        "own": device.is_own,
        "has_identity": device.has_identity,
        "ready": device.is_ready,
    })
}

pub(super) fn short(id: &DeviceId) -> String {
    id.to_string().chars().take(SHORT_ID_LEN).collect()
}

/// Nobody is admitted whose words were not compared: by typing them, or at a terminal by saying so.
fn confirm(words: &str, code: Option<&str>) -> Result<(), Failure> {
    if let Some(code) = code {
        return if fold(code) == words {
            Ok(())
        } else {
            Err(Failure::new(
                "check-words",
                "the check words are not those of this request; nobody was admitted. \
                 If there is no slip of the tongue, somebody has replaced the request on its way",
            ))
        };
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "not-confirmed",
            "nobody was admitted: have the person at the new device read out its check words, and give them with --code",
        ));
    }
    output::note(&format!("Check words of this request: {words}"));
    output::note("Speak with the person at the new device. Do they read out the same words?");
    passphrases::yes("Type yes to admit the device: ", "nobody was admitted")
}
