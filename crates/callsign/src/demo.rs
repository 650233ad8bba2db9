//! `callsign demo`: a hub and a desk on this machine, and the links to both, so that a conversation can be watched.

use std::{
    fs,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use callsign_desk::{Desk, InitOptions, Serving, Settings, keys::Cost, model_tracks};
use callsign_hub::{CallPolicy, Hub, HubConfig};
use callsign_protocol::{phrase::Phrase, words::Language};
use clap::Args;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    ambient,
    desk::{LOCK_AFTER_MINUTES, desk_ambient, pages, report},
    failure::{Failure, Voice},
    hub::not_started,
    output::{self, Done, Lines, label, note},
    page::page,
    server::{self, local_address, runtime},
    signals::asked_to_stop,
};

/// Arguments of `callsign demo`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign demo
  callsign demo --data ~/callsign-demo --hub-port 9000 --desk-port 9001")]
pub struct DemoArguments {
    /// Directory to keep the demonstration in; a temporary one, removed at the end, otherwise
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the hub; a free one where it is taken
    #[arg(long, value_name = "PORT", default_value_t = 8700)]
    hub_port: u16,
    /// Port of the desk's pages; a free one where it is taken
    #[arg(long, value_name = "PORT", default_value_t = 8701)]
    desk_port: u16,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

impl DemoArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Runs until it is asked to stop.
pub fn run(arguments: &DemoArguments) -> Result<(), Failure> {
    let temporary = match &arguments.data {
        Some(_) => None,
        None => Some(temporary()?),
    };
    let data = match (&arguments.data, &temporary) {
        (Some(named), _) => named.clone(),
        (None, Some(dir)) => dir.path().to_owned(),
        (None, None) => return Err(Failure::new("demo", "no directory for the demonstration")),
    };
    runtime()?.block_on(demonstrate(arguments, &data))
}

fn temporary() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("callsign-demo-").tempdir().map_err(|error| {
        Failure::of_system("no temporary directory can be made", &error, "name another directory with --data")
    })
}

async fn demonstrate(arguments: &DemoArguments, data: &Path) -> Result<(), Failure> {
    note("Starting the hub …");
    let hub_dir = data.join("hub");
    let config = HubConfig {
        data_dir: hub_dir.clone(),
        calls: CallPolicy::Onion,
        page: page(),
        clock: ambient::clock(),
        seed: ambient::seed(),
    };
    let hub = callsign_hub::open(config).await.map_err(|error| not_started(&error, &hub_dir))?;
    let code = hub.enrolment_code().await;
    let hub_listener = bind(arguments.hub_port).await?;
    let desk_listener = bind(arguments.desk_port).await?;
    let (hub_address, desk_address) = (local_address(&hub_listener)?, local_address(&desk_listener)?);

    let asked = asked_to_stop();
    let (stop, stopped) = watch::channel(());
    let serving = tokio::spawn(serve_hub(hub, hub_listener, stopped.clone()));

    note("Setting the desk up …");
    let hub_url = format!("http://{hub_address}");
    let desk_dir = data.join("desk");
    let passphrase_file = data.join("passphrase");
    let (dir, file) = (desk_dir.clone(), passphrase_file.clone());
    let desk = tokio::task::spawn_blocking(move || open_or_init(&dir, &file, hub_url, code)).await.map_err(
        |_| Failure::new("demo", "the desk could not be set up by a fault of this program; report it"),
    )??;
    let desk = Arc::new(desk);

    let mut serving_desk = Serving::begin(&desk_dir)?;
    serving_desk.tell(&desk_address.to_string());
    let ui = pages(&desk_dir, desk_address, Some(Arc::clone(&desk)), report(), LOCK_AFTER_MINUTES);
    let fingerprint = desk.fingerprint();
    let caller = format!("http://{hub_address}/{}/#{fingerprint}", fingerprint.desk_id());
    let operator = format!("http://{desk_address}{}", ui.one_time_path());
    let passphrase_file = passphrase_file.to_string_lossy();
    let ready = json!({
        "caller": caller,
        "desk": operator,
        "passphrase_file": passphrase_file,
        "hub": format!("http://{hub_address}"),
        "fingerprint": fingerprint.to_string(),
    });
    let lines = Lines::new()
        .line(format!("The caller's page:  {caller}"))
        .line(format!("The desk (once):    {operator}"))
        .line(format!("Its passphrase is in {}", label(&passphrase_file)))
        .line("")
        .line("Write on the page, answer at the desk. Ctrl-C stops both.");
    // Without the links there is nothing to watch.
    output::give(Done::Read, &lines, &ready)?;

    ui.serve(desk_listener, asked).await.map_err(|error| {
        Failure::of_system("the desk's pages are served no longer", &error, "start the demonstration anew")
    })?;
    note("\nStopping …");
    drop(stop);
    serving.await.map_err(|_| Failure::new("demo", "the hub stopped by a fault of this program; report it"))
}

async fn serve_hub(hub: Hub, listener: TcpListener, mut stopped: watch::Receiver<()>) {
    let stop = async move {
        // Ends when the sender is dropped.
        while stopped.changed().await.is_ok() {}
    };
    hub.serve(listener, stop).await;
}

/// The wanted port on loopback, or a free one.
async fn bind(port: u16) -> Result<TcpListener, Failure> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(wanted).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
        }
        Err(_) => server::bind(wanted).await,
    }
}

/// The desk of an earlier run in this directory, or a new one with a generated passphrase.
fn open_or_init(
    dir: &Path,
    passphrase_file: &Path,
    hub: String,
    code: Option<String>,
) -> Result<Desk, Failure> {
    if let Ok(passphrase) = fs::read_to_string(passphrase_file) {
        return Ok(Desk::open_at(dir, passphrase.trim_end(), Some(&hub), desk_ambient())?);
    }
    let Some(code) = code else {
        let sentence =
            "the hub in this directory has a desk, but its passphrase file is gone; name another directory";
        return Err(Failure::new("demo", sentence));
    };
    let passphrase = Phrase::generate(&mut ambient::rng(), Language::English);
    let new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(passphrase_file);
    new.and_then(|mut file| writeln!(file, "{}", passphrase.expose())).map_err(|error| {
        let file = label(&passphrase_file.to_string_lossy());
        let refused = format!("the passphrase cannot be written to {file}");
        Failure::of_system(refused, &error, "name another directory with --data")
    })?;
    let options = InitOptions {
        hub,
        code,
        identity: None,
        name: "Callsign demonstration".to_owned(),
        person: "Kalyna".to_owned(),
        tracks: model_tracks(),
        content: [
            ("en", include_bytes!("../demo/content/en.json").as_slice()),
            ("uk", include_bytes!("../demo/content/uk.json")),
            ("ru", include_bytes!("../demo/content/ru.json")),
        ]
        .map(|(language, pack)| (language.to_owned(), pack.to_vec()))
        .into(),
        settings: Settings::short(),
    };
    let initialised = Desk::init(dir, passphrase.expose(), Cost::FULL, &options, desk_ambient());
    if initialised.is_err() {
        // So that the next run starts anew.
        let _ = fs::remove_file(passphrase_file);
    }
    Ok(initialised?)
}
