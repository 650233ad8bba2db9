//! `callsign doctor`: looks at what is set up here and says what to do about what is wrong.

mod clocks;
mod notice;

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use callsign_caller::hub_client::{FindError, HubClient, HubError};
use callsign_desk::{
    Ambient, Desk, DeskError, DiskError, HubError as DeskHubError,
    keys::{VAULT_FILE, VaultError},
};
use callsign_http::{Link, Proxies};
use callsign_protocol::{VERSION, identity::Fingerprint};
use clap::Args;
use serde::Serialize;

use crate::{
    ambient, calendar,
    desk::{desk_ambient, of_desk_if_wanted},
    failure::{Failure, Voice},
    hub::HUB_FILE,
    output::{self, Done, Lines},
};

/// Arguments of `callsign doctor`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign doctor --hub http://127.0.0.1:8700
  callsign doctor --data ~/desk
      Checks the desk's files, its keys and its hub. Asks for the passphrase where CALLSIGN_PASSPHRASE has none; with Enter alone
      it says what it did not look at.")]
pub struct DoctorArguments {
    /// A desk's or a hub's directory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A hub's address, or a caller's link
    #[arg(long, value_name = "URL", value_parser = Link::parse)]
    hub: Option<Link>,
    /// The desk's fingerprint, to check the notice against
    #[arg(long, value_name = "F", value_parser = Fingerprint::parse)]
    fingerprint: Option<Fingerprint>,
    /// The proxy to go through: `socks5h://127.0.0.1:9050` is that of Tor. That of the environment if not given
    #[arg(long, value_name = "URL")]
    proxy: Option<OsString>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DoctorArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// One thing looked at.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    /// Whether it was looked at at all.
    looked: bool,
    found: String,
    /// What to do; empty where nothing is.
    remedy: &'static str,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn good(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Check { what, ok: true, looked: true, found: found.into(), remedy: "" });
    }

    fn bad(&mut self, what: &'static str, found: impl Into<String>, remedy: &'static str) {
        self.0.push(Check { what, ok: false, looked: true, found: found.into(), remedy });
    }

    /// What was not looked at, and how to have it looked at: that is neither good nor bad.
    fn left_out(&mut self, what: &'static str, found: impl Into<String>, remedy: &'static str) {
        self.0.push(Check { what, ok: true, looked: false, found: found.into(), remedy });
    }

    fn judge(&mut self, ok: bool, what: &'static str, found: impl Into<String>, remedy: &'static str) {
        if ok { self.good(what, found) } else { self.bad(what, found, remedy) }
    }
}

/// Looks, prints, and fails where something is wrong.
pub fn run(arguments: &DoctorArguments) -> Result<(), Failure> {
    let mut checks = Checks::default();
    checks.good("version", format!("callsign {}, protocol {VERSION}", env!("CARGO_PKG_VERSION")));
    let proxies = ambient::proxies().or_flag(arguments.proxy.as_deref());
    let (mut link, mut pin) = (arguments.hub.clone(), arguments.fingerprint);
    if let Some(data) = &arguments.data {
        check_files(data, &mut checks);
        if let Some(desk) = check_keys(data, &proxies, &mut checks)? {
            pin.get_or_insert(desk.fingerprint());
            if link.is_none() {
                link = Link::parse(&desk.hub()).ok();
            }
        }
    } else {
        checks.left_out(
            "directory",
            "no desk's or hub's files were looked at",
            "name their directory with --data",
        );
    }
    match &link {
        Some(link) => check_hub(link, pin, &proxies, &mut checks),
        None if arguments.data.is_some() => checks.left_out(
            "hub",
            "no hub was looked at, for no desk in that directory was opened",
            "see what is said of it above, or name a hub with --hub",
        ),
        None => checks.left_out(
            "hub",
            "no hub was looked at",
            "name one with --hub, or a desk with --data and its passphrase",
        ),
    }
    let healthy = checks.0.iter().all(|check| check.ok);
    print(&checks)?;
    if healthy { Ok(()) } else { Err(Failure::new("doctor", "something needs attention; see above")) }
}

fn check_files(data: &Path, checks: &mut Checks) {
    let mode = |path: &Path| fs::metadata(path).map(|meta| meta.permissions().mode() & 0o777);
    let Ok(mode_of_dir) = mode(data) else {
        let remedy = "name the directory that `desk init` or `hub` was given";
        return checks.bad(
            "directory",
            format!("{} is not there, or nobody may look into it", data.display()),
            remedy,
        );
    };
    let found = format!("{} has mode {mode_of_dir:o}", data.display());
    checks.judge(is_private(mode_of_dir), "directory", found, "let nobody else in: chmod 700 DIR");
    if let Some(error) = DiskError::of_reading_alone(data) {
        let remedy = "until then this desk or hub can be read at most: it takes, answers and erases nothing";
        checks.bad("disk", error.to_string(), remedy);
    }
    if !data.join(VAULT_FILE).exists() && !data.join(HUB_FILE).exists() {
        let remedy =
            "name the directory that `desk init` or `hub` was given; if a set-up failed here, give it again";
        let found = format!("{} holds neither a desk nor a hub", data.display());
        checks.bad("directory", found, remedy);
    }
    for name in [VAULT_FILE, "enrolment-code"] {
        if let Ok(mode) = mode(&data.join(name)) {
            let found = format!("{name} has mode {mode:o}");
            checks.judge(is_private(mode), "secret file", found, "let nobody else read it: chmod 600 FILE");
        }
    }
}

/// Whether neither group nor others have any right.
fn is_private(mode: u32) -> bool {
    mode.trailing_zeros() >= 6
}

/// Opens the desk where the passphrase is at hand, or a person gives it.
fn check_keys(data: &Path, proxies: &Proxies, checks: &mut Checks) -> Result<Option<Desk>, Failure> {
    if !data.join(VAULT_FILE).exists() {
        return Ok(None);
    }
    let Some(passphrase) = of_desk_if_wanted()? else {
        checks.left_out(
            "keys",
            "without the desk's passphrase its keys, log, devices, calls and link were not looked at",
            "give the passphrase when it is asked for at a terminal, or in CALLSIGN_PASSPHRASE",
        );
        return Ok(None);
    };
    let ambient = Ambient { proxies: proxies.clone(), ..desk_ambient() };
    let desk = match Desk::open(data, &passphrase, ambient) {
        Ok(desk) => desk,
        Err(error) => {
            let (what, remedy) = remedy_for_desk(&error);
            checks.bad(what, error.to_string(), remedy);
            return Ok(None);
        }
    };
    checks.good("keys", "the vault, the keyring and the log open");
    let link = format!("{}/{}/#{}", desk.hub(), desk.fingerprint().desk_id(), desk.fingerprint());
    checks.good("link", format!("{link} is what callers are given"));
    check_log(&desk, checks);
    if let Some(clocks) = desk.clocks() {
        clocks::check(clocks, checks);
    }
    check_device(&desk, checks);
    for line in desk.health().without_effect {
        if line.is_collision() {
            // Two people did their work at once, which is no fault.
            checks.good("acts", format!("{} {}", line.told(), line.way_out()));
        } else {
            checks.bad("acts", line.told(), line.way_out());
        }
    }
    for line in desk.health().unfinished.into_iter().filter(|line| !line.is_own) {
        checks.bad("devices", line.told(), line.way_out());
    }
    check_calls(&desk, checks);
    check_certificate(&desk, checks);
    if desk.health().state_is_large {
        let remedy = "erase cases that are closed with `callsign desk erase`: where the state does not fit any more, old keys are kept, \
                      and what is erased stays readable";
        checks.bad("size", "the desk's state fills more than half of what can be saved", remedy);
    }
    if desk.health().keyring_is_large {
        let remedy =
            "remove no device that need not go: each removal adds keys, which go within three months at most";
        checks.bad("size", "the desk's keys fill more than half of what the hub takes", remedy);
    }
    if let Some(wrong) = desk.health().wrong_keyring {
        checks.bad("devices", wrong.told(), wrong.way_out());
    }
    if let Some(little) = desk.health().little_room {
        checks.bad("disk", little.told(), little.way_out());
    }
    if desk.health().notice_expires.is_none() && desk.has_identity() {
        let remedy = "give the same `callsign desk init` again, with the same passphrase; it goes on where it stopped. A desk \
                      that has worked before and lost its cache only needs `callsign desk sync`";
        checks.bad("set-up", "this desk has not published a notice yet, so that nobody can call it", remedy);
    }
    Ok(Some(desk))
}

/// Whether this device works for the desk; what the hub has just said of that is told by the check of the log.
fn check_device(desk: &Desk, checks: &mut Checks) {
    let is_told = checks.0.iter().any(|check| check.what == "device");
    if let Some(outside) = desk.outside().filter(|_| !is_told) {
        checks.bad("device", outside.error().to_string(), "");
    }
}

/// Whether the duty key is certified anew in time, and until when a device that is the desk's no more can deceive callers.
fn check_certificate(desk: &Desk, checks: &mut Checks) {
    let health = desk.health();
    if health.certificate_is_due {
        checks.bad(
            "certificate",
            format!("the duty key is certified until {} and no longer", calendar::written(health.certificate_ends)),
            "let a device with the identity work, or have the custodian certify: `callsign desk identity certify`",
        );
    }
    if let Some(until) = health.deceivable_until {
        let until = calendar::written(until);
        checks.good(
            "removal",
            format!("until the end of {until} a device that was removed or left out can, with a hub that helps it, show callers false notices"),
        );
    }
}

/// Whether calls wait on this device alone for long: the hub forgets the cells that they came in.
fn check_calls(desk: &Desk, checks: &mut Checks) {
    match desk.late_calls() {
        Ok(0) => {}
        Ok(late) => checks.bad(
            "calls",
            format!("{late} parts of calls wait on this device alone for half the time that the hub keeps them"),
            "let `callsign desk serve` run, whose beats take them to the other devices; `callsign desk sync` sends them at once, and the hub sees that",
        ),
        Err(error) => checks.bad("calls", error.to_string(), ""),
    }
}

/// Asks the hub for what this device has not seen; a hub that is away is told by the check of the hub.
fn check_log(desk: &Desk, checks: &mut Checks) {
    match desk.follow(0) {
        Ok(_) => checks.good("log", "goes on from what this device has seen"),
        Err(error @ DeskError::Alarm(_)) => checks.bad(
            "log",
            error.to_string(),
            "ask whoever keeps the hub, by another way than the hub, whether it came back from a backup; if so: \
             `callsign desk recover`",
        ),
        // Their sentences name the way out, and another one here would contradict it.
        Err(error @ (DeskError::Hub(DeskHubError::NotADevice) | DeskError::OldRequest)) => {
            checks.bad("device", error.to_string(), "");
        }
        Err(error @ DeskError::Hub(DeskHubError::Refused { .. })) => {
            checks.bad("log", error.to_string(), "ask whoever keeps the hub, and whoever keeps the desk's devices");
        }
        Err(DeskError::Hub(_)) => {}
        Err(error @ (DeskError::Cache(_) | DeskError::Unread(_) | DeskError::Vault(_))) => {
            checks.bad("log", error.to_string(), "");
        }
        Err(error) => checks.bad("log", error.to_string(), "see that the directory can be read and written"),
    }
}

/// What is wrong, and what to do, where a desk does not open.
fn remedy_for_desk(error: &DeskError) -> (&'static str, &'static str) {
    match error {
        DeskError::Vault(VaultError::Passphrase(_)) => (
            "keys",
            "type the passphrase that opens this desk: the newest, where it was changed; nobody can replace it",
        ),
        // A desk opens without its hub, unless it has never had anything from it.
        DeskError::Hub(_) | DeskError::Keyring(_) | DeskError::Unfinished(_) => (
            "set-up",
            "the set-up was not finished here: once the hub answers, give the same `callsign desk init` again, with the same \
             passphrase, and it goes on; where its address was wrong, remove the directory and begin anew; a device that joins, or whose cache was lost, needs `callsign desk sync`",
        ),
        DeskError::NotAdmitted => {
            ("device", "have this device's request admitted at the desk: `callsign desk admit` there")
        }
        // Their sentences name the way out, and another one here would contradict it.
        DeskError::LeftOut(_) | DeskError::OldRequest => ("device", ""),
        DeskError::Cache(_) | DeskError::Unread(_) | DeskError::Vault(_) => ("files", ""),
        _ => ("keys", "see that the directory can be read and written; else restore it from a copy"),
    }
}

fn check_hub(link: &Link, pin: Option<Fingerprint>, proxies: &Proxies, checks: &mut Checks) {
    let client = match HubClient::find(link, pin, proxies) {
        Ok(client) => client,
        Err(error) => return checks.bad("hub", error.to_string(), remedy_for_hub(&error)),
    };
    match client.fetch_envelope() {
        Ok(envelope) => {
            checks.good("hub", format!("{} answers", link.address));
            notice::check(&envelope, client.pin(), ambient::clock()(), checks);
        }
        Err(error) => checks.bad("hub", error.to_string(), remedy_for_hub(&error.into())),
    }
}

fn remedy_for_hub(error: &FindError) -> &'static str {
    match error {
        FindError::Route(_) => "set the proxy as the sentence above says",
        FindError::Conflict | FindError::WrongDesk => {
            "compare address and fingerprint with the leaflet, or ask the desk by another way"
        }
        FindError::NoDesk | FindError::Hub(HubError::NoDesk) => {
            "check the address, and that a desk has enrolled there and published its notice"
        }
        FindError::Hub(HubError::Outdated) => "get a newer program",
        FindError::Hub(_) => {
            "check that the hub runs, that its address is right, and that this machine has a connection"
        }
    }
}

fn print(checks: &Checks) -> Result<(), Failure> {
    let mut lines = Lines::new();
    for check in &checks.0 {
        let mark = match (check.looked, check.ok) {
            (false, _) => "-- ",
            (true, true) => "ok ",
            (true, false) => "BAD",
        };
        lines.push(format!("{mark} {:<12} {}", check.what, check.found));
        if !check.remedy.is_empty() {
            lines.push(format!("    -> {}", check.remedy));
        }
    }
    output::give(Done::Read, &lines, &serde_json::json!({ "checks": checks.0 }))
}
