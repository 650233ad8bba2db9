//! `callsign doctor`: looks at what is set up here and says what to do about what is wrong.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use callsign_caller::{hub_client::HubClient, link::Link};
use callsign_desk::{Desk, vault::VAULT_FILE};
use callsign_protocol::{
    VERSION,
    identity::Fingerprint,
    notice::Notice,
    signed::{ENVELOPE_MAX, Envelope},
    time::UnixSeconds,
};
use clap::Args;
use serde::Serialize;

use crate::{
    ambient,
    desk::desk_ambient,
    failure::{Failure, Voice},
};

/// Seconds by which two clocks may differ before it is said.
const SKEW_MAX_S: u64 = 300;
/// Hours of a notice's life below which the desk is late with the next one.
const NOTICE_LATE_S: u64 = 86_400;

/// Arguments of `callsign doctor`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign doctor --hub http://127.0.0.1:8700
  callsign doctor --data ~/desk
      Checks the desk's files and its hub; with CALLSIGN_PASSPHRASE set its keys as well.")]
pub struct DoctorArguments {
    /// A desk's or a hub's directory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A hub's address, or a caller's link
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
    /// The desk's fingerprint, to check the notice against
    #[arg(long, value_name = "F")]
    fingerprint: Option<String>,
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

/// Seconds for the hub's answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One thing looked at.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    found: String,
    /// What to do; empty where nothing is.
    remedy: &'static str,
}

#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn good(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Check { what, ok: true, found: found.into(), remedy: "" });
    }

    fn bad(&mut self, what: &'static str, found: impl Into<String>, remedy: &'static str) {
        self.0.push(Check { what, ok: false, found: found.into(), remedy });
    }

    fn judge(&mut self, ok: bool, what: &'static str, found: impl Into<String>, remedy: &'static str) {
        if ok { self.good(what, found) } else { self.bad(what, found, remedy) }
    }
}

/// Looks, prints, and fails where something is wrong.
pub fn run(arguments: &DoctorArguments) -> Result<(), Failure> {
    let mut checks = Checks::default();
    checks.good("version", format!("callsign {}, protocol {VERSION}", env!("CARGO_PKG_VERSION")));
    let mut hub = arguments.hub.clone();
    let mut pin = arguments
        .fingerprint
        .as_deref()
        .map(Fingerprint::parse)
        .transpose()
        .map_err(|error| Failure::new("fingerprint", error))?;
    if let Some(data) = &arguments.data {
        check_files(data, &mut checks);
        if let Some(desk) = check_keys(data, &mut checks) {
            pin.get_or_insert(desk.fingerprint());
            hub.get_or_insert(desk.hub());
        }
    }
    if let Some(hub) = &hub {
        check_hub(hub, pin, &mut checks);
    }
    let healthy = checks.0.iter().all(|check| check.ok);
    print(&checks, arguments.json);
    if healthy { Ok(()) } else { Err(Failure::new("doctor", "something needs attention; see above")) }
}

fn check_files(data: &Path, checks: &mut Checks) {
    let mode = |path: &Path| fs::metadata(path).map(|meta| meta.permissions().mode() & 0o777);
    match mode(data) {
        Ok(mode) => checks.judge(
            is_private(mode),
            "directory",
            format!("{} has mode {mode:o}", data.display()),
            "let nobody else in: chmod 700 DIR",
        ),
        Err(error) => {
            let remedy = "name the directory that `desk init` or `hub` was given";
            checks.bad("directory", format!("{}: {error}", data.display()), remedy);
        }
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

/// Opens the desk where the passphrase is at hand.
fn check_keys(data: &Path, checks: &mut Checks) -> Option<Desk> {
    if !data.join(VAULT_FILE).exists() {
        return None;
    }
    let Ok(passphrase) = std::env::var("CALLSIGN_PASSPHRASE") else {
        checks.good("keys", "not opened: CALLSIGN_PASSPHRASE is not set");
        return None;
    };
    match Desk::open(data, &passphrase, desk_ambient()) {
        Ok(desk) => {
            checks.good("keys", "the vault, the keyring and the log open");
            Some(desk)
        }
        Err(error) => {
            checks.bad("keys", error.to_string(), "check the passphrase; restore the directory from a copy");
            None
        }
    }
}

fn check_hub(hub: &str, pin: Option<Fingerprint>, checks: &mut Checks) {
    let remedy = "check that the hub runs, that its address is right, and that a desk has enrolled";
    let found = Link::parse(hub)
        .map_err(|error| error.to_string())
        .and_then(|link| HubClient::find(&link, pin).map(|client| (link, client)).map_err(|e| e.to_string()));
    let (link, client) = match found {
        Ok(found) => found,
        Err(error) => return checks.bad("hub", error, remedy),
    };
    let now = (ambient::clock())();
    match fetch(&format!("{}/{}/v1/notice", link.origin, client.desk_id())) {
        Ok(envelope) => {
            checks.good("hub", format!("{} answers", link.origin));
            check_notice(&envelope, client.pin(), now, checks);
        }
        Err(error) => checks.bad("hub", error, remedy),
    }
}

fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    let body = response.body_mut().with_config().limit(ENVELOPE_MAX as u64).read_to_vec();
    body.map_err(|error| error.to_string())
}

fn check_notice(envelope: &[u8], pin: Option<&Fingerprint>, now: UnixSeconds, checks: &mut Checks) {
    let verified = match Notice::verify(envelope, pin, now) {
        Ok(verified) => verified,
        Err(error) => {
            let remedy = "start the desk: it renews its notice by itself while it runs";
            return checks.bad("notice", error.to_string(), remedy);
        }
    };
    // The hub tells no time; the desk's signed one is better anyway.
    let behind = verified.notice.issued.since(now);
    let found = format!("{behind} seconds behind the desk's last notice");
    checks.judge(behind <= SKEW_MAX_S, "clock", found, "set this machine's clock, or the desk's");
    let left = verified.notice.expires.since(now);
    let found = format!("serial {}, valid for {} more hours", verified.notice.serial, left / 3_600);
    checks.judge(left >= NOTICE_LATE_S, "notice", found, "start the desk: it renews its notice every day");
    let last_key = verified.notice.inbox_keys.iter().map(|key| key.epoch).max();
    let days = last_key.map_or(0, |last| last.0.saturating_sub(now.day().0));
    let found = format!("calls can be sealed for {days} more days");
    checks.judge(days >= 1, "inbox keys", found, "start the desk: it makes a key for each coming day");
    if let Ok(envelope) = Envelope::decode(envelope) {
        let days = envelope.certificate().days.1.0.saturating_sub(now.day().0);
        let found = format!("the duty key is certified for {days} more days");
        checks.judge(days >= 2, "duty key", found, "start the desk where its identity key is");
    }
    match pin {
        Some(_) => checks.good("fingerprint", "the notice is the desk's"),
        None => checks.good("fingerprint", format!("not checked: {}", verified.fingerprint.words())),
    }
}

fn print(checks: &Checks, json: bool) {
    if json {
        println!("{}", serde_json::json!({ "checks": checks.0 }));
        return;
    }
    for check in &checks.0 {
        println!("{} {:<12} {}", if check.ok { "ok " } else { "BAD" }, check.what, check.found);
        if !check.remedy.is_empty() {
            println!("    -> {}", check.remedy);
        }
    }
}
