//! `callsign call`: writes to a desk, reads its answers, or merely visits, as the caller's page does.

use std::{ffi::OsString, path::PathBuf};

use callsign_caller::{
    hub_client::HubClient,
    mailbox::Reading,
    paced::{self, Goal, Plan},
    visit::{Visit, VisitError},
};
use callsign_http::Link;
use callsign_protocol::{
    caller_keys::CallerKeys,
    encoding::Bytes,
    identity::Fingerprint,
    notice::VerifiedNotice,
    phrase::Phrase,
    time::{Day, UnixSeconds},
    words::Language,
};
use clap::{Args, Subcommand};
use rand_core::CryptoRng;
use serde::Serialize;

use crate::{
    ambient, calendar,
    failure::{Failure, Voice},
    numbers,
    output::{self, Done, Lines, count, note, warn},
    writing::{Writing, WritingArgs, WritingError, read_phrase},
};

/// Seconds by which clocks of callers and desks may be apart before a caller is told: as much as a hub lets a device be ahead.
const CLOCKS_APART_S: u64 = 900;

/// What a caller does.
#[derive(Subcommand)]
pub enum CallCommand {
    Send(SendArgs),
    Read(ReadArgs),
    Visit(VisitArgs),
}

/// Write to the desk
///
/// Without --phrase-file this is a new call: it gets a phrase, which opens the answers and is shown once. The text is
/// sent byte for byte, a line feed at its end too. By default it is sent at once, so who watches the network sees when something was written;
/// --cover hides that in a visit like all others, which takes up to half an hour.
#[derive(Args)]
#[command(after_help = "Examples:
  callsign call send --hub 'LINK FROM THE LEAFLET'
      Type the text; Ctrl-D on a line of its own ends it.
  callsign call send --hub http://127.0.0.1:8700 --track witness - <letter.txt
  callsign call send --hub http://127.0.0.1:8700 --phrase-file phrase.txt --cover -")]
pub struct SendArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    writing: WritingArgs,
    /// Take the pace of a visit, so that the moment of writing does not show
    #[arg(long)]
    cover: bool,
    /// Exchanges of a paced visit; as many as the desk gives visits if not given
    #[arg(long, value_name = "N", value_parser = numbers::at_least(1_u32, "exchanges"), requires = "cover")]
    slots: Option<u32>,
    /// One JSON object on standard output; warnings and the error, which has phrase and call sign once they are shown, as
    /// JSON lines on standard error
    #[arg(long)]
    json: bool,
}

/// Read the desk's answers
///
/// By default everything is read at once, so who watches the network sees that somebody looks for answers; --cover hides
/// that in a visit like all others, which takes up to half an hour.
#[derive(Args)]
#[command(after_help = "Examples:
  callsign call read --hub 'LINK FROM THE LEAFLET' --phrase-file phrase.txt
  callsign call read --hub http://127.0.0.1:8700 --phrase-file phrase.txt --cover")]
pub struct ReadArgs {
    #[command(flatten)]
    place: Place,
    /// The file with the phrase; - reads it from standard input
    #[arg(long, value_name = "F")]
    phrase_file: PathBuf,
    /// Take the pace of a visit, so that reading does not show
    #[arg(long)]
    cover: bool,
    /// Exchanges of a paced visit; as many as the desk gives visits if not given
    #[arg(long, value_name = "N", value_parser = numbers::at_least(1_u32, "exchanges"), requires = "cover")]
    slots: Option<u32>,
    /// One JSON object on standard output; warnings and the error as JSON lines on standard error
    #[arg(long)]
    json: bool,
}

/// Visit without writing or reading, so that those who do are some among many
///
/// Always paced; it looks like every paced call and every paced reading.
#[derive(Args)]
#[command(after_help = "Example:
  callsign call visit --hub 'LINK FROM THE LEAFLET'")]
pub struct VisitArgs {
    #[command(flatten)]
    place: Place,
    /// Exchanges of the visit; as many as the desk gives visits if not given
    #[arg(long, value_name = "N", value_parser = numbers::at_least(1_u32, "exchanges"))]
    slots: Option<u32>,
    /// One JSON object on standard output; warnings and the error as JSON lines on standard error
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Place {
    /// The hub's address, or the whole link of the caller's page (in quotes)
    #[arg(long = "hub", value_name = "URL", value_parser = Link::parse)]
    link: Link,
    /// The desk's fingerprint as it was printed or told; a desk with another one is refused
    #[arg(long, value_name = "F", value_parser = Fingerprint::parse)]
    fingerprint: Option<Fingerprint>,
    /// The proxy to go through: `socks5h://127.0.0.1:9050` is that of Tor. That of the environment if not given
    #[arg(long, value_name = "URL")]
    proxy: Option<OsString>,
}

#[derive(Serialize)]
struct Sent<'a> {
    call_sign: &'a str,
    phrase: &'a str,
    stored: bool,
    message_id: Bytes<16>,
}

#[derive(Serialize)]
struct Found<'a> {
    call_sign: String,
    days: u32,
    #[serde(flatten)]
    reading: &'a Reading,
    /// As `YYYY-MM-DDTHH:MMZ`.
    desk_seen: Option<String>,
}

#[derive(Serialize)]
struct Visited {
    visited: bool,
}

/// What every visit needs, made in the same way and the same time for all of them.
struct Arrival {
    hub: HubClient,
    notice: VerifiedNotice,
    keys: CallerKeys,
}

/// Does what the command line asks.
pub fn run(command: &CallCommand) -> Result<(), Failure> {
    let (done, place) = match command {
        CallCommand::Send(args) => (send(args), &args.place),
        CallCommand::Read(args) => (read(args), &args.place),
        CallCommand::Visit(args) => (visit(args), &args.place),
    };
    done.map_err(|failure| failure.at_hub(&place.link.address))
}

impl CallCommand {
    /// Whom the command talks to.
    pub fn voice(&self) -> Voice {
        let (Self::Send(SendArgs { json, .. })
        | Self::Read(ReadArgs { json, .. })
        | Self::Visit(VisitArgs { json, .. })) = self;
        Voice::of(*json)
    }
}

fn send(args: &SendArgs) -> Result<(), Failure> {
    let mut rng = ambient::rng();
    // All that can be wrong on this side is found before the network hears of anything.
    args.place.warn_of_unknown_desk();
    let writing = args.writing.read(&mut rng)?;
    writing.message.parts().map_err(WritingError::from)?;
    if writing.is_new {
        output::refuse_unseen(output::Place::Output, "nothing was sent")?;
    }
    let phrase = &writing.phrase;
    let arrival = arrive(&args.place, phrase)?;
    writing.check_track(&arrival.notice.notice)?;
    let call_sign = arrival.keys.call_sign().spoken(phrase.language());
    // Shown before anything is sent: a call that is cut off after it was stored must not lose its answers.
    let (lines, seen) = writing.shown_first(&call_sign);
    output::show_first(&lines, &seen, "nothing was sent")?;
    deliver(args, &writing, arrival)
        .and_then(|()| tell_sent(&writing, &call_sign))
        .map_err(|failure| failure.of_writer(&call_sign, phrase))
}

/// Brings the message to the hub.
fn deliver(args: &SendArgs, writing: &Writing, arrival: Arrival) -> Result<(), Failure> {
    let Arrival { hub, notice, keys } = arrival;
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    visit.write(&writing.message).map_err(WritingError::from)?;
    if args.cover {
        pace(&mut visit, &Plan { goal: Goal::Stored, slots: args.slots })?;
    } else {
        note("Sending at once. Who watches the network can see when; --cover hides it.");
        visit.send_fast(&ambient::wait)?;
    }
    Ok(())
}

fn tell_sent(writing: &Writing, call_sign: &str) -> Result<(), Failure> {
    let lines = Lines::new()
        .line("The hub says that your message is stored. Look for an answer with `callsign call read`.");
    let sent =
        Sent { call_sign, phrase: writing.phrase.expose(), stored: true, message_id: writing.message.id };
    output::give(Done::Changed("the hub says that your message is stored"), &lines, &sent)
}

fn read(args: &ReadArgs) -> Result<(), Failure> {
    let phrase = read_phrase(&args.phrase_file)?;
    let Arrival { hub, notice, keys } = arrive(&args.place, &phrase)?;
    let call_sign = keys.call_sign().spoken(phrase.language());
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    let result = if args.cover {
        pace(&mut visit, &Plan { goal: Goal::Read, slots: args.slots })
    } else {
        note("Reading at once. Who watches the network can see that; --cover hides it.");
        visit.read_fast(&ambient::wait)
    };
    // What was found is shown also where the rest could not be read.
    let (reading, now) = (visit.reading(), ambient::clock()());
    let days = visit.days_read();
    let lines = describe(&call_sign, &reading, days, now);
    let desk_seen = reading.desk_seen.map(|(day, minute)| calendar::written_with_time(day, minute));
    output::give(Done::Read, &lines, &Found { call_sign, days, reading: &reading, desk_seen })?;
    result.map_err(Failure::from)
}

fn visit(args: &VisitArgs) -> Result<(), Failure> {
    // A phrase of nobody's: whoever has a call spends the same half second on theirs.
    let phrase = Phrase::generate(&mut ambient::rng(), Language::English);
    let Arrival { hub, notice, keys } = arrive(&args.place, &phrase)?;
    let mut visit = Visit::new(&hub, notice, keys, ambient::clock(), ambient::rng());
    pace(&mut visit, &Plan { goal: Goal::Visited, slots: args.slots })?;
    let lines = Lines::new().line("The visit is over. Thank you for being one among many.");
    output::give(Done::Changed("the visit is over"), &lines, &Visited { visited: true })
}

impl Place {
    /// Says that nobody can tell the desk from another one, before anything is asked or typed. The hub is asked for the same
    /// either way.
    fn warn_of_unknown_desk(&self) {
        if self.fingerprint.is_none() && self.link.fingerprint.is_none() {
            warn(
                "no-fingerprint",
                "No fingerprint is given, so nobody can tell whether the desk at this address is the one that you mean, and not \
                 somebody else's who reads what you write. To have it checked before anything is sent, give the whole link from the leaflet \
                 for --hub, or --fingerprint with what was printed or told to you",
            );
        }
    }
}

/// Finds the desk, fetches what everyone fetches, and makes the phrase's keys.
fn arrive(place: &Place, phrase: &Phrase) -> Result<Arrival, Failure> {
    let proxies = ambient::proxies().or_flag(place.proxy.as_deref());
    let hub = HubClient::find(&place.link, place.fingerprint, &proxies)?;
    let notice = hub.arrive(ambient::clock()())?.notice;
    if hub.pin().is_none() {
        let words = notice.fingerprint.words();
        let warning = format!(
            "The desk's fingerprint was not checked. Compare it with a printed one: {words} ({})",
            notice.fingerprint
        );
        warn("not-checked", &warning);
    }
    if let Some(successor) = &notice.notice.successor {
        let (day, fingerprint) = (calendar::written(successor.from), successor.fingerprint());
        let warning = format!(
            "This desk will have a new fingerprint from {day}: {} ({fingerprint}); write it down",
            fingerprint.words()
        );
        warn("successor", &warning);
    }
    let keys = phrase.caller_keys(&notice.fingerprint);
    Ok(Arrival { hub, notice, keys })
}

fn pace<S: CryptoRng>(visit: &mut Visit<'_, S>, plan: &Plan) -> Result<(), VisitError> {
    note("Visiting at the pace of every visit; this takes up to half an hour. Leave it running.");
    let mut on_longer = || {
        let warning = "Not done after the planned visit, so it goes on: this visit is longer than others, and that shows.";
        warn("longer", warning);
    };
    paced::run(visit, plan, &mut ambient::rng(), &ambient::wait, &mut on_longer)
}

/// A reading for the eye.
fn describe(call_sign: &str, reading: &Reading, days: u32, now: UnixSeconds) -> Lines {
    let today = now.day();
    let mut lines = Lines::new()
        .line(format!("Call sign: {call_sign}"))
        .line(format!("Looked back {}.", count(days, "day")));
    if !reading.contradicted.is_empty() {
        let when: Vec<_> = reading.contradicted.iter().map(|day| ago(*day, today)).collect();
        lines.push(format!(
            "WARNING: The server shows another list of answers than the desk signed ({}). Answers may have been taken out \
             or held back. Try another connection, or another address of the desk from the leaflet.",
            when.join(", ")
        ));
    }
    if let Some((day, minute)) = reading.desk_seen {
        let time = calendar::time(minute);
        lines.push(format!("The desk was last at work {}, at {time} UTC.", ago(day, today)));
        if day.at(minute).since(now) > CLOCKS_APART_S {
            lines.push(
                "By this computer's clock that is still to come: its clock or the desk's is wrong. While the desk's is ahead, a server can \
                 hold back newer answers without a warning here.",
            );
        }
    } else if reading.complete && !reading.lists_in_doubt && reading.contradicted.is_empty() {
        lines.push(
            "The server shows nothing that this desk has posted in these days, so it is not known when the desk was last at work. \
             A new desk looks like that. If you have read answers of it before, or know that it works, the server may be holding them back, or its \
             clock be wrong: try another connection, or another address of the desk from the leaflet.",
        );
    }
    if reading.lists_in_doubt && reading.contradicted.is_empty() {
        lines.push(
            "WARNING: The server does not show that these are the newest answers, so it may be holding some back. Look again \
             in an hour; if this stays, try another connection, or another address of the desk from the leaflet.",
        );
    }
    for answer in &reading.answers {
        lines.push("");
        lines.push(format!("Answer, {}:", ago(answer.day, today)));
        lines.push_quote(&answer.text);
    }
    if !reading.answers.is_empty() {
        lines.push("");
    }
    if !reading.opened.is_empty() {
        let opened = count(u32::try_from(reading.opened.len()).unwrap_or(u32::MAX), "message");
        lines.push(format!("A person at the desk has opened {opened} of yours."));
    }
    if reading.answers.is_empty() {
        // Who was opened has the right phrase.
        let hint = if reading.opened.is_empty() {
            " Where the call sign is not yours, look for a typing mistake in the phrase."
        } else {
            ""
        };
        lines.push(format!("No answer was found.{hint}"));
    }
    if reading.incomplete > 0 {
        let incomplete = count(reading.incomplete, "answer");
        lines.push(format!("Parts of {incomplete} are still missing; look again later."));
    }
    if reading.withheld > 0 {
        let missing = count(reading.withheld, "piece");
        lines.push(format!("The desk has posted {missing} that the hub does not show; try another address."));
    }
    let unconfirmed = reading.unconfirmed.iter().filter(|day| **day < today.minus(1)).count();
    if unconfirmed > 0 {
        let days = count(u32::try_from(unconfirmed).unwrap_or(u32::MAX), "day");
        lines.push(format!("The desk's signature under the lists of {days} is missing; look again later."));
    }
    lines
}

fn ago(day: Day, today: Day) -> String {
    if day == today.plus(1) {
        return "tomorrow".to_owned();
    }
    match today.0.saturating_sub(day.0) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        ago => format!("{ago} days ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(20_000 * 86_400 + 50_000);

    fn described(change: impl FnOnce(&mut Reading)) -> String {
        let mut reading = Reading { complete: true, ..Reading::default() };
        change(&mut reading);
        describe("river-stone-42", &reading, 14, NOW).text(None)
    }

    #[test]
    fn what_is_not_known_of_the_desk_is_said() {
        let unseen = described(|_| {});
        assert!(unseen.contains("not known when the desk was last at work"), "{unseen}");
        let partly = described(|reading| reading.complete = false);
        assert!(!partly.contains("last at work"), "{partly}");
        let doubted = described(|reading| reading.lists_in_doubt = true);
        assert!(doubted.contains("WARNING") && !doubted.contains("last at work"), "{doubted}");
    }

    #[test]
    fn a_time_to_come_is_said_to_be_one() {
        let seen = |at: UnixSeconds| {
            let seen = (at.day(), at.minute_of(at.day()));
            described(|reading| (reading.desk_seen, reading.lists_current) = (Some(seen), true))
        };
        assert!(seen(NOW.plus(3 * 3_600)).contains("still to come"));
        assert!(seen(NOW.plus(12 * 3_600)).contains("tomorrow"), "not today");
        for at in [NOW, NOW.plus(600)] {
            assert!(!seen(at).contains("still to come"));
        }
    }

    #[test]
    fn who_was_opened_is_told_so_first_and_has_made_no_typing_mistake() {
        let opened = described(|reading| reading.opened.push(Bytes([1; 16])));
        let [person, none] = ["has opened 1 message", "No answer was found."].map(|part| opened.find(part));
        assert!(person.is_some() && person < none && !opened.contains("typing mistake"), "{opened}");
        assert!(described(|_| {}).contains("typing mistake"));
    }
}
