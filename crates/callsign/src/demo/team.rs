//! The demonstration's team: a desk for each person, set up the first time and found again afterwards.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use callsign_desk::{
    Desk, DeskError, InitOptions, JoinOptions, Purpose, Settings,
    cases::Role,
    keys::{Cost, VAULT_FILE, Vault},
    model_tracks,
};
use callsign_protocol::{identity::Fingerprint, phrase::Phrase, words::Language};

use crate::{ambient, desk::desk_ambient, failure::Failure, output::label};

/// Pseudonyms of those who sit at the desks; the first has every role.
pub const PEOPLE: [&str; 4] = ["Kalyna", "Osyka", "Verba", "Yavir"];

/// Seconds between two beats where several people work: a claim that nobody moves lapses after four minutes, and not while its text is
/// read.
const BEAT_OF_TEAM_S: u32 = 6;

/// Who works where, and what opens it.
pub struct Team {
    /// Of all desks.
    pub passphrase: String,
    /// Where that is written.
    pub passphrase_file: PathBuf,
    /// Of the desk.
    pub fingerprint: Fingerprint,
    /// In the order of [`PEOPLE`].
    pub seats: Vec<Seat>,
}

/// A person's desk.
pub struct Seat {
    /// Their pseudonym.
    pub person: &'static str,
    /// The desk's directory.
    pub dir: PathBuf,
}

impl Team {
    /// The team of an earlier run in this directory, or a new one with a generated passphrase; those who are missing join.
    pub fn set_up(data: &Path, hub: &str, code: Option<String>, desks: usize) -> Result<Self, Failure> {
        let seats: Vec<Seat> = PEOPLE
            .into_iter()
            .take(desks)
            .map(|person| Seat { person, dir: data.join(format!("desk-{}", person.to_lowercase())) })
            .collect();
        let passphrase_file = data.join("passphrase");
        let first_dir = data.join(format!("desk-{}", PEOPLE[0].to_lowercase()));
        let settings = settings(desks);
        let (desk, passphrase) = open_or_init(&first_dir, &passphrase_file, hub, code, settings)?;
        for seat in seats.iter().skip(1) {
            join(&desk, seat, &passphrase, hub, settings)?;
        }
        let fingerprint = desk.fingerprint();
        Ok(Self { passphrase, passphrase_file, fingerprint, seats })
    }
}

fn settings(desks: usize) -> Settings {
    let short = Settings::short();
    if desks == 1 { short } else { Settings { beat_s: BEAT_OF_TEAM_S, ..short } }
}

fn open_or_init(
    dir: &Path,
    passphrase_file: &Path,
    hub: &str,
    code: Option<String>,
    settings: Settings,
) -> Result<(Desk, String), Failure> {
    if let Ok(passphrase) = fs::read_to_string(passphrase_file) {
        let passphrase = passphrase.trim_end().to_owned();
        move_to(hub, dir, &passphrase)?;
        return Ok((Desk::open(dir, &passphrase, desk_ambient())?, passphrase));
    }
    let Some(code) = code else {
        let sentence =
            "the hub in this directory has a desk, but its passphrase file is gone; name another directory";
        return Err(Failure::new("demo", sentence));
    };
    let passphrase = Phrase::generate(&mut ambient::rng(), Language::English).expose().to_owned();
    let new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(passphrase_file);
    new.and_then(|mut file| writeln!(file, "{passphrase}")).map_err(|error| {
        let file = label(&passphrase_file.to_string_lossy());
        let refused = format!("the passphrase cannot be written to {file}");
        Failure::of_system(refused, &error, "name another directory with --data")
    })?;
    let options = InitOptions {
        hub: hub.to_owned(),
        code,
        identity: None,
        name: "Callsign demonstration".to_owned(),
        person: PEOPLE[0].to_owned(),
        tracks: model_tracks(),
        content: [
            ("en", include_bytes!("../../demo/content/en.json").as_slice()),
            ("uk", include_bytes!("../../demo/content/uk.json")),
            ("ru", include_bytes!("../../demo/content/ru.json")),
        ]
        .map(|(language, pack)| (language.to_owned(), pack.to_vec()))
        .into(),
        settings,
        purpose: Purpose::Practice,
    };
    let initialised = Desk::init(dir, &passphrase, Cost::FULL, &options, desk_ambient());
    if initialised.is_err() {
        // So that the next run starts anew.
        let _ = fs::remove_file(passphrase_file);
    }
    Ok((initialised?, passphrase))
}

/// Lets a person's device in, or goes on where an earlier run was cut off.
fn join(desk: &Desk, seat: &Seat, passphrase: &str, hub: &str, settings: Settings) -> Result<(), Failure> {
    if seat.dir.join(VAULT_FILE).exists() {
        move_to(hub, &seat.dir, passphrase)?;
        match Desk::open(&seat.dir, passphrase, desk_ambient()) {
            Ok(_) => return Ok(()),
            Err(DeskError::NotAdmitted) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let join = JoinOptions { hub: hub.to_owned(), fingerprint: desk.fingerprint(), settings };
    let request = Desk::ask_to_join(&seat.dir, passphrase, Cost::FULL, &join, desk_ambient())?;
    let person = match desk.person_named(seat.person) {
        Ok(known) => known.id,
        Err(_) => desk.add_person(seat.person, [Role::Operator].into())?,
    };
    desk.admit_for(&request, person)?;
    let joined = Desk::open(&seat.dir, passphrase, desk_ambient())?;
    Ok(joined.sync()?)
}

/// Notes where the hub is now: its port may be another one than in the run before.
fn move_to(hub: &str, dir: &Path, passphrase: &str) -> Result<(), Failure> {
    let moved = |vault: &mut Vault| hub.clone_into(&mut vault.hub);
    Ok(Vault::change(dir, passphrase, Cost::FULL, &mut ambient::rng(), moved).map_err(DeskError::from)?)
}
