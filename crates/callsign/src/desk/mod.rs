//! `callsign desk`: sets a desk up, serves its pages, and works at it from the command line.

mod acting;
mod audit;
mod board;
mod calls;
mod checklists;
mod claims;
mod closing;
mod content;
mod devices;
mod flags;
mod flood;
mod follow_ups;
mod handover;
mod identity;
mod init;
mod inviting;
mod kit;
mod lists;
mod memory;
mod notes;
mod opening;
mod passphrase;
mod passphrases;
mod people;
mod receive;
mod recover;
mod search;
mod second_reader;
mod serve;
mod settings;
mod show;
mod transfer;
mod unsent;
mod waiting;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::failure::{Failure, Voice};
use audit::AuditArguments;
use board::BoardArguments;
use calls::{EraseArguments, InboxArguments, ReplyArguments, SyncArguments};
use checklists::StepArguments;
use claims::{ClaimArguments, LevelArguments, ReleaseArguments, TakeBackArguments};
use closing::CloseArguments;
use content::ContentCommand;
use devices::{AdmitArguments, DevicesArguments, JoinArguments, RemoveArguments};
use flags::{FlagArguments, SafeHoursArguments};
use flood::FloodArguments;
use follow_ups::{DueArguments, FollowUpArguments};
use handover::HandoverArguments;
use identity::IdentityCommand;
use init::InitArguments;
use inviting::InviteArguments;
use kit::{KitArguments, RecoverKitArguments};
use notes::NoteArguments;
use opening::{
    must_exist, must_not_be_a_hubs, must_not_be_set_up, open, open_to_read, open_with, tell_outside,
};
use passphrase::PassphraseArguments;
use people::{PeopleArguments, PersonCommand};
use receive::ReceiveArguments;
use recover::RecoverArguments;
use search::SearchArguments;
use second_reader::ApproveArguments;
use serve::ServeArguments;
use settings::SettingsArguments;
use show::ShowArguments;
use transfer::TransferArguments;

pub use memory::cost as cost_of_passphrase;
pub use opening::desk_ambient;
pub use passphrases::of_desk_if_wanted;
pub use serve::{LOCK_AFTER_MINUTES, pages, report};

/// Set up a desk and work at it.
#[derive(Subcommand)]
pub enum DeskCommand {
    /// Let a device into the desk, once its check words were compared by voice
    #[command(after_help = "\
Examples:
  callsign desk admit --data ~/desk request.txt
      Shows the request's check words and asks whether they are the same.
  callsign desk admit --data ~/desk --person Osyka request.txt
      A device of somebody else, whom `callsign desk person add` has added.
  callsign desk admit --data ~/desk --code 'WORD WORD WORD WORD WORD WORD' - <request.txt
      With the words as the person at the new device reads them out.")]
    Admit(AdmitArguments),
    /// Read a colleague's answer that waits for a second reader, and let it leave or not
    #[command(after_help = "\
An answer waits for one where its author asked for it (`callsign desk reply --second-reader`), or the caller may be under duress. What you
say counts for the very text that you were shown. The exit status is 3 where somebody was faster, and 4 where it is kept here and not in the
log yet.

Examples:
  callsign desk approve --data ~/desk --call-sign river-stone-42
      Shows the answer, and asks.
  callsign desk approve --data ~/desk --call-sign river-stone-42 --refuse 'It promises what we cannot keep.'")]
    Approve(ApproveArguments),
    /// List who did what in a month: hour, person, kind of act, and the tag of the case
    #[command(after_help = "\
A tag names a case in the audit and nowhere else; it stays when the case is erased, and leads to nobody then. Leaders and custodians are told
of all, others of what they did themselves and of what was done in cases that they have. Lines are kept for 90 days where `callsign desk
settings --audit-days` says nothing else.

Examples:
  callsign desk audit --data ~/desk
  callsign desk audit --data ~/desk --month 2026-11 --json
  callsign desk audit --data ~/desk --person Osyka --kind case_erased,case_closed
  callsign desk audit --data ~/desk --call-sign river-stone-42")]
    Audit(AuditArguments),
    /// List all cases as the shift sees them: level, since when they wait, who has them
    #[command(after_help = "\
Opens nothing. `callsign desk inbox` says more of each case.

Examples:
  callsign desk board --data ~/desk
  callsign desk board --data ~/desk --mine --json")]
    Board(BoardArguments),
    /// Take a case, so that no colleague answers it beside you
    #[command(after_help = "\
A claim lapses when you do nothing in the case for twenty minutes of your colleagues' work, or when nothing comes from your device for five.
Exit status 3: somebody was faster, or has the case. Exit status 4: it is kept here and is not in the log yet.

Examples:
  callsign desk claim --data ~/desk --call-sign river-stone-42
  callsign desk claim --data ~/desk --call-sign river-stone-42 --reason 'Osyka went home'
      A leader takes it from a colleague who is at work on it.")]
    Claim(ClaimArguments),
    /// Close a case, so that it waits on no list, or reopen it
    #[command(after_help = "\
A message that nobody has opened is not closed over, and each new one reopens the case by itself. Closing lets the case go. The exit
status is 3 where somebody was faster, and 4 where it is kept here and not in the log yet.

Examples:
  callsign desk close --data ~/desk --call-sign river-stone-42
  callsign desk close --data ~/desk --call-sign river-stone-42 --why referred
      Why is one of answered, referred, no_more_needed and junk.
  callsign desk close --data ~/desk --call-sign river-stone-42 --reopen")]
    Close(CloseArguments),
    #[command(subcommand)]
    Content(ContentCommand),
    /// Show what shifts have left, end yours, or take one over
    #[command(after_help = "\
Ending a shift makes your cases free, and puts them on a sheet that all colleagues see for a week. Where a call of level 1 waits and nobody
else is at work, --note has to say what becomes of it. The exit status is 3 where somebody was faster, and 4 where it is kept here and not in
the log yet.

Examples:
  callsign desk handover --data ~/desk
  callsign desk handover --data ~/desk --end --note 'The one of level 1 writes after eight.'
  callsign desk handover --data ~/desk --take
      Says that you have taken over what the last shift left.")]
    Handover(HandoverArguments),
    /// List the devices of the desk, as they are known here
    #[command(after_help = "\
Example:
  callsign desk devices --data ~/desk")]
    Devices(DevicesArguments),
    /// List the follow-ups of all cases, the soonest first
    #[command(after_help = "\
Example:
  callsign desk due --data ~/desk")]
    Due(DueArguments),
    /// Erase a case: all that is known of a caller
    #[command(after_help = "\
Example:
  callsign desk erase --data ~/desk --call-sign river-stone-42
      Asks first; says from which day nothing of it can be opened any more.")]
    Erase(EraseArguments),
    /// Set a date on which somebody comes back to a case, move one, or mark it as done
    #[command(after_help = "\
Examples:
  callsign desk follow-up --data ~/desk --call-sign river-stone-42 --due YYYY-MM-DD --hour 16
      Asks what is to be done then. With --queued it goes into the log with the next beat of a serving desk, and the exit status is 4.
  callsign desk follow-up --data ~/desk --call-sign river-stone-42 --done FOLLOW-UP
      FOLLOW-UP is its id, as `callsign desk due` shows it, or how that begins.")]
    FollowUp(FollowUpArguments),
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Create a desk: its keys in DIR, its place at the hub
    #[command(after_help = "\
Examples:
  callsign desk init --data ~/desk --hub http://127.0.0.1:8700 --code - --name 'Line of the North'
      Asks for the enrolment code that the hub printed, then for a new passphrase.")]
    Init(InitArguments),
    /// List the cases that are known here; those that wait come first
    #[command(after_help = "\
Example:
  callsign desk inbox --data ~/desk")]
    Inbox(InboxArguments),
    /// Flag a case for some days as under duress (coerced), abusive or junk, or lift a flag
    #[command(after_help = "\
Examples:
  callsign desk flag --data ~/desk --call-sign river-stone-42 coerced
      Its caller may be watched or made to write: from now on each answer has a second reader.
  callsign desk flag --data ~/desk --call-sign river-stone-42 junk --days 7
      It comes behind all other cases that wait.
  callsign desk flag --data ~/desk --call-sign river-stone-42 coerced --lift")]
    Flag(FlagArguments),
    /// Say that a step of a checklist is done in a case, or not after all
    #[command(after_help = "\
Examples:
  callsign desk step --data ~/desk --call-sign river-stone-42 1
      Of the one list that stands beside the case; `callsign desk show` shows it.
  callsign desk step --data ~/desk --call-sign river-stone-42 --list first --undo 1")]
    Step(StepArguments),
    /// List calls that nobody has opened by when they came, and flag many of them as junk at once
    #[command(after_help = "\
Calls are chosen by when they came, in steps of ten minutes, and never by what they say: those that nobody has opened, answered, taken or
flagged, 100 in one act at most. It shows them and asks. For one to which a colleague turns first the act has no effect. Nothing is
erased, whoever writes again shows first among those that are set aside, and one command takes the act back. The exit status is 4
where it is kept here and not in the log yet.

Examples:
  callsign desk flood --data ~/desk
      When they came, how many are flagged as junk, and what was said of many.
  callsign desk flood --data ~/desk --from YYYY-MM-DDTHH:MM
      Their call signs.
  callsign desk flood --data ~/desk --from YYYY-MM-DDTHH:MM --junk --days 7
      Behind all other calls that wait.
  callsign desk flood --data ~/desk --from YYYY-MM-DDTHH:MM --level 4
  callsign desk flood --data ~/desk --undo ACT")]
    Flood(FloodArguments),
    /// Say when it is safe for a caller to look, as their words are to be understood
    #[command(after_help = "\
Examples:
  callsign desk safe-hours --data ~/desk --call-sign river-stone-42 20:00-22:30 --zone +03:00
  callsign desk safe-hours --data ~/desk --call-sign river-stone-42 --unknown")]
    SafeHours(SafeHoursArguments),
    /// Say how urgent a case is: 1, at once, to 4
    #[command(after_help = "\
Example:
  callsign desk level --data ~/desk --call-sign river-stone-42 1")]
    Level(LevelArguments),
    /// Let a case go, or an answer that is held because a colleague has the case
    #[command(after_help = "\
Examples:
  callsign desk release --data ~/desk --call-sign river-stone-42
  callsign desk release --data ~/desk --call-sign river-stone-42 --held
      The answer leaves with its turn.")]
    Release(ReleaseArguments),
    /// Take back an answer of which nothing was posted yet
    #[command(after_help = "\
Example:
  callsign desk take-back --data ~/desk --call-sign river-stone-42
      The newest answer that is yours, or in a case that you have.")]
    TakeBack(TakeBackArguments),
    /// Take letters that came by another way than the hub
    #[command(after_help = "\
Examples:
  callsign desk receive --data ~/desk letter.txt
  callsign desk receive --data ~/desk - <mail.txt
      Each letter in a text is taken by itself; what stands around them does not matter.")]
    Receive(ReceiveArguments),
    /// Keep a note on a case for colleagues, which its caller never sees, or strike one
    #[command(after_help = "\
Everybody at the desk reads it: no names, plates, places or units. What looks like one is not kept without --all-the-same. The exit status is 3 where somebody was faster, and 4 where it is kept
here and not in the log yet.

Examples:
  callsign desk note --data ~/desk --call-sign river-stone-42 -
      Takes the note from standard input, byte for byte.
  callsign desk note --data ~/desk --call-sign river-stone-42
      Asks for the note; Ctrl-D ends it.
  callsign desk note --data ~/desk --call-sign river-stone-42 --next -
      The sheet of your shift's end shows it beside the case.
  callsign desk note --data ~/desk --call-sign river-stone-42 --strike NOTE
      NOTE is its id, as `callsign desk show` says it, or how that begins. Its text goes, and who struck it stays.")]
    Note(NoteArguments),
    /// Change the passphrase of this device's keys
    #[command(after_help = "\
The old passphrase is taken from CALLSIGN_PASSPHRASE, the new one from CALLSIGN_NEW_PASSPHRASE, or both are asked for.
Each device has a passphrase of its own. A change that was cut off is given again as it was.

Example:
  callsign desk passphrase --data ~/desk
      Offers six random words; refuses what is easy to guess, and says why.")]
    Passphrase(PassphraseArguments),
    /// List the people of the desk, their roles and devices
    #[command(after_help = "\
Example:
  callsign desk people --data ~/desk")]
    People(PeopleArguments),
    #[command(subcommand)]
    Person(PersonCommand),
    /// Go on from a hub that came back from a backup
    #[command(after_help = "\
Stop `callsign desk serve` first, on every device, and do this on each of them.

Example:
  callsign desk recover --data ~/desk
      Reads the hub's log anew; what the hub lost and this device knows goes into it again.")]
    Recover(RecoverArguments),
    /// Bring a desk back of which all devices are lost, by its recovery kit
    #[command(
        name = "recover-kit",
        after_help = "\
The desk has its name and its fingerprint again, and answers what callers write from then on. No case comes back, and callers can read none of
the answers that they had. Where another device is left, `callsign desk invite` there is the better way: this shuts all others out.
It asks for the passphrase of the kit (CALLSIGN_IDENTITY_PASSPHRASE), and for a new one of this machine.

Examples:
  callsign desk recover-kit --data NEW /media/stick/kit.txt
  callsign desk recover-kit --data NEW /media/stick/kit.txt --hub http://ADDRESS --code -
      Where the hub is lost as well: a new one has printed a code."
    )]
    RecoverKit(RecoverKitArguments),
    /// Answer a call
    #[command(after_help = "\
Examples:
  callsign desk reply --data ~/desk --call-sign river-stone-42 -
      Takes the answer from standard input, byte for byte.
  callsign desk reply --data ~/desk --call-sign river-stone-42
      Asks for the answer; Ctrl-D ends it.
  callsign desk reply --data ~/desk --call-sign river-stone-42 --once ticket-17 - <answer.txt
      Can be repeated after any failure: the same answer under the same key is posted once.")]
    Reply(ReplyArguments),
    /// Invite a device: show a code to read out, and admit the device where both sides read the same words
    #[command(after_help = "\
For who is a custodian. The code leads the new device's request here by the hub, and protects nothing by itself; the six check words do. Nobody is
admitted without them: at a terminal a person says that they are the same, programs give those that the new device shows.
One invitation of a device holds at a time, for a quarter of an hour. Where there is no line to the hub, `callsign desk join` without a code
prints a request that is carried by hand.

Examples:
  callsign desk invite --data ~/desk
  callsign desk invite --data ~/desk --person Osyka")]
    Invite(InviteArguments),
    /// Make this machine ask to become a device of a desk
    #[command(after_help = "\
Examples:
  callsign desk join --data ~/desk --hub 'LINK FROM THE LEAFLET' >request.txt
      Send request.txt to somebody at the desk; read out the check words to them, by voice.
  callsign desk join --data ~/desk --hub 'LINK FROM THE LEAFLET' --code -
      Asks for the code that `callsign desk invite` shows there, and waits; read out the check words.
  callsign desk join --data ~/desk --hub http://127.0.0.1:8700 --fingerprint FINGERPRINT")]
    Join(JoinArguments),
    /// Write a recovery kit to be printed: it brings back the desk's name and fingerprint, never a case
    #[command(after_help = "\
The kit has the desk's identity under a passphrase of its own, as words that can be typed from paper, and the hub's address. Only a device that
has the identity makes one. Print it and destroy the file; `callsign desk recover-kit` takes it.

Example:
  callsign desk kit --data ~/desk /media/stick/kit.txt")]
    Kit(KitArguments),
    /// Shut a device out of the desk
    #[command(after_help = "\
Example:
  callsign desk remove --data ~/desk DEVICE
      DEVICE is the beginning of its id, as `callsign desk devices` shows it. Asks first; says what follows from it.")]
    Remove(RemoveArguments),
    /// Find cases by words, call sign, track, language and time
    #[command(after_help = "\
Words are found in their forms, in Ukrainian, Russian and English. \"Between quotation marks\" they are found exactly so.
The beginning of a call sign in any of its languages finds it. Filters stand among the words: track:witness (track:none),
lang:uk, since:7d (since:12h, since:2w), waiting, and due: a follow-up is due by today. All of it must meet. At most 50 cases,
those who wrote last first. Texts of follow-ups are not searched.
Works without the hub, tells nobody, and opens nothing; nothing of it is kept. Messages that nobody has opened are searched
and not quoted.

Examples:
  callsign desk search --data ~/desk
      Asks what to search for.
  callsign desk search --data ~/desk --json -
      Takes it from standard input.
  callsign desk search --data ~/desk 'waiting since:7d'
      Others on this computer can see arguments: give words of callers in one of the ways above.")]
    Search(SearchArguments),
    /// Serve the operators' pages, take calls and keep the beat
    #[command(after_help = "\
With CALLSIGN_PASSPHRASE set the desk works from the start; without it, from when somebody has given the passphrase on
its pages. The pages ask for it in either case.

Examples:
  callsign desk serve --data ~/desk
      Prints a link to the operators' pages, which works once.
  callsign desk serve --data ~/desk --listen 127.0.0.1:9001")]
    Serve(ServeArguments),
    /// Show what callers read of the desk, or change it: name, tracks, content, other ways to reach it
    #[command(after_help = "\
What is not given stays. It goes into the desk's log at once, and all devices say so to callers from then on; the plan of answers goes on by
itself.

Examples:
  callsign desk settings --data ~/desk
  callsign desk settings --data ~/desk --name 'Line of the North'
  callsign desk settings --data ~/desk --channels channels.json
  callsign desk settings --data ~/desk --usual-pace
      Where a device that means ill has had the desk say another pace.")]
    Settings(SettingsArguments),
    /// Open a call: print it, and let the caller know that a person has opened it
    #[command(after_help = "\
Examples:
  callsign desk show --data ~/desk --call-sign river-stone-42
  callsign desk show --data ~/desk --call-sign river-stone-42 --queued
      Tells the caller at the desk's next beat.")]
    Show(ShowArguments),
    /// Take what waits at the hub, once
    #[command(after_help = "\
Example:
  callsign desk sync --data ~/desk")]
    Sync(SyncArguments),
    /// Hand a case over to a colleague, take one that is offered to you, or ask for one
    #[command(after_help = "\
The case stays whose it is until it is taken. An offer ends when it lies for twenty minutes of your colleagues' work, and with the case.
The exit status is 3 where somebody was faster, and 4 where it is kept here and not in the log yet.

Examples:
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --to Osyka
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --to anyone
      Or to any operator, or to any leader.
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --accept
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --refuse
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --withdraw
  callsign desk transfer --data ~/desk --call-sign river-stone-42 --ask
      Asks whoever has it.")]
    Transfer(TransferArguments),
}

/// Where the desk is, and how to answer.
#[derive(Args)]
pub struct Common {
    /// Directory of the desk's files
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DeskCommand {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        let common = match self {
            Self::Content(command) => command.common(),
            Self::Identity(command) => command.common(),
            Self::Person(command) => command.common(),
            Self::Admit(AdmitArguments { common, .. })
            | Self::Audit(AuditArguments { common, .. })
            | Self::Board(BoardArguments { common, .. })
            | Self::Claim(ClaimArguments { case: claims::Case { common, .. }, .. })
            | Self::Level(LevelArguments { case: claims::Case { common, .. }, .. })
            | Self::Approve(ApproveArguments { case: claims::Case { common, .. }, .. })
            | Self::Flag(FlagArguments { case: claims::Case { common, .. }, .. })
            | Self::SafeHours(SafeHoursArguments { case: claims::Case { common, .. }, .. })
            | Self::Step(StepArguments { case: claims::Case { common, .. }, .. })
            | Self::Release(ReleaseArguments { case: claims::Case { common, .. }, .. })
            | Self::TakeBack(TakeBackArguments { case: claims::Case { common, .. } })
            | Self::Close(CloseArguments { common, .. })
            | Self::Devices(DevicesArguments { common })
            | Self::Due(DueArguments { common })
            | Self::Erase(EraseArguments { common, .. })
            | Self::Flood(FloodArguments { common, .. })
            | Self::FollowUp(FollowUpArguments { common, .. })
            | Self::Handover(HandoverArguments { common, .. })
            | Self::Init(InitArguments { common, .. })
            | Self::Inbox(InboxArguments { common })
            | Self::Invite(InviteArguments { common, .. })
            | Self::Join(JoinArguments { common, .. })
            | Self::Kit(KitArguments { common, .. })
            | Self::RecoverKit(RecoverKitArguments { common, .. })
            | Self::Note(NoteArguments { common, .. })
            | Self::Passphrase(PassphraseArguments { common })
            | Self::People(PeopleArguments { common })
            | Self::Remove(RemoveArguments { common, .. })
            | Self::Receive(ReceiveArguments { common, .. })
            | Self::Recover(RecoverArguments { common, .. })
            | Self::Reply(ReplyArguments { common, .. })
            | Self::Search(SearchArguments { common, .. })
            | Self::Serve(ServeArguments { common, .. })
            | Self::Settings(SettingsArguments { common, .. })
            | Self::Show(ShowArguments { common, .. })
            | Self::Sync(SyncArguments { common, .. })
            | Self::Transfer(TransferArguments { case: claims::Case { common, .. }, .. }) => common,
        };
        Voice::of(common.json)
    }
}

/// Runs one command.
pub fn run(command: DeskCommand) -> Result<(), Failure> {
    match command {
        DeskCommand::Admit(arguments) => devices::admit(&arguments),
        DeskCommand::Audit(arguments) => audit::audit(&arguments),
        DeskCommand::Board(arguments) => board::board(&arguments),
        DeskCommand::Claim(arguments) => claims::claim(&arguments),
        DeskCommand::Level(arguments) => claims::set_level(&arguments),
        DeskCommand::Approve(arguments) => second_reader::approve(&arguments),
        DeskCommand::Flag(arguments) => flags::flag_case(&arguments),
        DeskCommand::Step(arguments) => checklists::step(&arguments),
        DeskCommand::Flood(arguments) => flood::flood(&arguments),
        DeskCommand::SafeHours(arguments) => flags::set_safe_hours(&arguments),
        DeskCommand::Release(arguments) => claims::release(&arguments),
        DeskCommand::TakeBack(arguments) => claims::take_back(&arguments),
        DeskCommand::Close(arguments) => closing::close(&arguments),
        DeskCommand::Content(command) => content::content(&command),
        DeskCommand::Devices(arguments) => devices::devices(&arguments),
        DeskCommand::Due(arguments) => follow_ups::due(&arguments),
        DeskCommand::Erase(arguments) => calls::erase(&arguments),
        DeskCommand::FollowUp(arguments) => follow_ups::follow_up(&arguments),
        DeskCommand::Handover(arguments) => handover::handover(&arguments),
        DeskCommand::Identity(command) => identity::run(&command),
        DeskCommand::Invite(arguments) => inviting::invite(&arguments),
        DeskCommand::Join(arguments) => devices::join(&arguments),
        DeskCommand::Kit(arguments) => kit::kit(&arguments),
        DeskCommand::RecoverKit(arguments) => kit::recover(&arguments),
        DeskCommand::Remove(arguments) => devices::remove(&arguments),
        DeskCommand::Init(arguments) => init::run(arguments),
        DeskCommand::Inbox(arguments) => calls::inbox(&arguments),
        DeskCommand::Note(arguments) => notes::note(&arguments),
        DeskCommand::Passphrase(arguments) => passphrase::change(&arguments),
        DeskCommand::People(arguments) => people::people(&arguments),
        DeskCommand::Person(command) => people::person(&command),
        DeskCommand::Receive(arguments) => receive::receive(&arguments),
        DeskCommand::Recover(arguments) => recover::recover(&arguments),
        DeskCommand::Reply(arguments) => calls::reply(&arguments),
        DeskCommand::Search(arguments) => search::search(&arguments),
        DeskCommand::Serve(arguments) => serve::run(&arguments),
        DeskCommand::Settings(arguments) => settings::settings(&arguments),
        DeskCommand::Show(arguments) => show::show(&arguments),
        DeskCommand::Sync(arguments) => calls::sync(&arguments),
        DeskCommand::Transfer(arguments) => transfer::transfer(&arguments),
    }
}
