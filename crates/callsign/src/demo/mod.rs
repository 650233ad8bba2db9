//! `callsign demo`: a hub, the desks of a team and callers who write by themselves, on this machine, so that a shift can be tried.

mod callers;
mod processes;
mod script;
mod team;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    pin::pin,
};

use callsign_http::Link;
use clap::Args;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    failure::{Failure, Voice},
    numbers,
    output::{self, Done, Lines, label, note},
    server::{self, local_address, runtime},
    signals::asked_to_stop,
};
use callers::Callers;
use processes::Part;
use script::Script;
use team::{PEOPLE, Seat, Team};

/// Arguments of `callsign demo`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign demo
  callsign demo --data ~/callsign-demo --hub-port 9000 --desk-port 9001
  callsign demo --desks 1 --no-callers
      One desk that nobody calls but yourself.
  callsign demo --callers ~/our-callers
      With callers of your own: a file in TOML for each, as docs/desk.md shows it.")]
pub struct DemoArguments {
    /// Directory to keep the demonstration in; a temporary one, removed at the end, otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the hub; a free one where it is taken
    #[arg(long, value_name = "PORT", default_value_t = 8700)]
    hub_port: u16,
    /// Port of the first desk's pages, those of the others follow; a free one where it is taken
    #[arg(long, value_name = "PORT", default_value_t = 8701)]
    desk_port: u16,
    /// Desks, each of a person of its own, 1 to 4
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = numbers::within(1_usize..=PEOPLE.len(), "desks"))]
    desks: usize,
    /// Directory with the files of invented callers; those that come with the program otherwise
    #[arg(long, value_name = "DIR", conflicts_with = "no_callers")]
    callers: Option<PathBuf>,
    /// Let no invented caller write
    #[arg(long)]
    no_callers: bool,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

impl DemoArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }

    /// Who writes by themselves.
    fn scripts(&self) -> Result<Vec<Script>, Failure> {
        match &self.callers {
            _ if self.no_callers => Ok(Vec::new()),
            Some(dir) => script::of_directory(dir),
            None => script::own(),
        }
    }
}

/// Runs until it is asked to stop.
pub fn run(arguments: &DemoArguments) -> Result<(), Failure> {
    let scripts = arguments.scripts()?;
    let temporary = match &arguments.data {
        Some(_) => None,
        None => Some(temporary()?),
    };
    let data = match (&arguments.data, &temporary) {
        (Some(named), _) => named.clone(),
        (None, Some(dir)) => dir.path().to_owned(),
        (None, None) => return Err(Failure::new("demo", "no directory for the demonstration")),
    };
    runtime()?.block_on(demonstrate(arguments, scripts, &data))
}

fn temporary() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("callsign-demo-").tempdir().map_err(|error| {
        Failure::of_system("no temporary directory can be made", &error, "name another directory with --data")
    })
}

async fn demonstrate(arguments: &DemoArguments, scripts: Vec<Script>, data: &Path) -> Result<(), Failure> {
    let mut asked = pin!(asked_to_stop());
    let mut parts = Vec::new();
    let ended = tokio::select! {
        () = &mut asked => Ok(()),
        served = serve(arguments, scripts, data, &mut parts) => served,
    };
    note("\nStopping …");
    // The desks first: what they are about to say still finds the hub.
    for part in parts.into_iter().rev() {
        part.stop().await;
    }
    ended
}

/// Starts everything and goes on until one part ends by itself.
async fn serve(
    arguments: &DemoArguments,
    scripts: Vec<Script>,
    data: &Path,
    parts: &mut Vec<Part>,
) -> Result<(), Failure> {
    note("Starting the hub …");
    let hub_dir = data.join("hub");
    let listen = free(arguments.hub_port).await?.to_string();
    let hub = [
        "hub".as_ref(),
        "--json".as_ref(),
        "--calls".as_ref(),
        "onion".as_ref(),
        "--listen".as_ref(),
        listen.as_ref(),
        "--data".as_ref(),
        hub_dir.as_os_str(),
    ];
    let hub = Part::start("the hub", &hub, None).await?;
    let hub_url = format!("http://{}", hub.said("listening")?);
    let code = hub.ready["enrolment_code"].as_str().map(str::to_owned);
    parts.push(hub);

    note("Setting the desks up …");
    let (dir, url, desks) = (data.to_owned(), hub_url.clone(), arguments.desks);
    let team = tokio::task::spawn_blocking(move || Team::set_up(&dir, &url, code, desks)).await.map_err(
        |_| Failure::new("demo", "the desks could not be set up by a fault of this program; report it"),
    )??;
    let mut desks = Vec::new();
    for (at, seat) in team.seats.iter().enumerate() {
        let desk = desk(seat, arguments.desk_port, at, &team.passphrase).await?;
        desks.push((seat, desk.said("link")?.to_owned()));
        parts.push(desk);
    }

    let caller = format!("{hub_url}/{}/#{}", team.fingerprint.desk_id(), team.fingerprint);
    tell(&team, &desks, &caller, &hub_url, !scripts.is_empty())?;
    let link = Link::parse(&caller).map_err(|error| Failure::new("demo", error))?;
    // Dropped with this function's future: then they stop.
    let _callers = Callers::begin(scripts, &link, &data.join("callers"))?;
    Err(processes::first_to_end(parts).await)
}

async fn desk(seat: &Seat, first_port: u16, at: usize, passphrase: &str) -> Result<Part, Failure> {
    let port =
        u16::try_from(at).ok().filter(|_| first_port != 0).map_or(0, |at| first_port.saturating_add(at));
    let listen = free(port).await?.to_string();
    let arguments = [
        "desk".as_ref(),
        "serve".as_ref(),
        "--json".as_ref(),
        "--listen".as_ref(),
        listen.as_ref(),
        "--data".as_ref(),
        seat.dir.as_os_str(),
    ];
    Part::start(&format!("{}'s desk", seat.person), &arguments, Some(passphrase)).await
}

/// The wanted port on loopback, or 0 where it is taken, for the process that will listen there.
async fn free(port: u16) -> Result<SocketAddr, Failure> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(wanted).await {
        Ok(listener) if port != 0 => local_address(&listener),
        Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
            server::bind(wanted).await.and_then(|listener| local_address(&listener))
        }
        _ => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
    }
}

/// Says where everything is, and what there is to try.
fn tell(
    team: &Team,
    desks: &[(&Seat, String)],
    caller: &str,
    hub: &str,
    are_callers_invented: bool,
) -> Result<(), Failure> {
    let passphrase_file = team.passphrase_file.to_string_lossy();
    let listed = desks.iter().map(
        |(seat, link)| json!({ "person": seat.person, "link": link, "data": seat.dir.to_string_lossy() }),
    );
    let ready = json!({
        "caller": caller,
        "desks": listed.collect::<Vec<Value>>(),
        "passphrase_file": passphrase_file,
        "hub": hub,
        "fingerprint": team.fingerprint.to_string(),
    });
    let mut lines = Lines::new().line(format!("The caller's page:     {caller}"));
    for (seat, link) in desks {
        lines.push(format!("{:<22} {link}", format!("{}'s desk (once):", seat.person)));
    }
    lines.push(format!("The desk's passphrase is in {}", label(&passphrase_file)));
    lines.push("");
    if are_callers_invented {
        lines.push("Invented callers write within seconds, and more for ten minutes; they write again once they are answered. To try:");
        lines.push("  N      at a desk: the most urgent call comes, and is yours. Answer it, look the answer over, send it.");
        if desks.len() > 1 {
            lines.push("  T      offers a case to the other desk.");
            lines.push("  H      ends the shift; the other desk takes it over from the sheet.");
        }
        lines.push("  ?      shows all keys.");
    } else {
        lines.push("Write on the caller's page, answer at a desk.");
    }
    lines.push("Ctrl-C stops everything.");
    // Without the links there is nothing to watch.
    output::give(Done::Read, &lines, &ready)
}
