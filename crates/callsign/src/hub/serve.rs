//! `callsign hub`: serves the untrusted server.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use callsign_desk::keys::VAULT_FILE;
use callsign_hub::{Doors, Hub, HubConfig, Tls};
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    not_started,
    options::{HubOptions, HubSettings, TlsSettings},
};
use crate::{
    ambient,
    failure::{Failure, Voice},
    output::{self, Done, Lines, label, warn},
    page::page,
    server::{bind, local_address, runtime},
    signals::StopArguments,
};

/// Arguments of serving.
#[derive(Args)]
pub struct ServeArguments {
    /// File with any of the options below, in TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: HubOptions,
    #[command(flatten)]
    stop: StopArguments,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

impl ServeArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Serves until it is asked to stop.
pub fn run(arguments: ServeArguments) -> Result<(), Failure> {
    let file = arguments.config.as_deref().map(HubOptions::read).transpose()?;
    let settings = arguments.options.or(file.unwrap_or_default()).settle()?;
    runtime()?.block_on(serve(settings, arguments.stop))
}

async fn serve(settings: HubSettings, stop: StopArguments) -> Result<(), Failure> {
    // First, so that a mistake in the files of TLS is told before anything is made.
    let tls = settings.tls.as_ref().map(load).transpose()?;
    if settings.is_plain_door_open() {
        let sentence = format!(
            "{} is open to the network without TLS: listen on 127.0.0.1, unless tor runs on another machine",
            settings.listen
        );
        warn("listen", &sentence);
    }
    let data_dir = settings.data;
    if data_dir.join(VAULT_FILE).exists() {
        let sentence = format!(
            "{} is the directory of a desk, so no hub was started in it; name another one for the hub, best on another machine",
            label(&data_dir.to_string_lossy())
        );
        return Err(Failure::new("data", sentence));
    }
    let config = HubConfig {
        data_dir: data_dir.clone(),
        calls: settings.calls,
        page: page(),
        clock: ambient::clock(),
        seed: ambient::seed(),
    };
    let hub = callsign_hub::open(config).await.map_err(|error| not_started(&error, &data_dir))?;
    let plain = bind(settings.listen).await?;
    let mut ready = vec![("listening", local_address(&plain)?)];
    let mut doors = Doors::from(plain);
    if let (Some(tls), Some(TlsSettings { listen, .. })) = (&tls, settings.tls) {
        let listener = bind(listen).await?;
        ready.push(("tls_listening", local_address(&listener)?));
        doors = doors.with_tls(listener, Arc::clone(tls));
    }
    let monitor = match settings.metrics {
        None => None,
        Some(address) => Some(bind(address).await?),
    };
    if let Some(monitor) = &monitor {
        ready.push(("metrics", local_address(monitor)?));
    }
    // Before anyone is told that the hub is ready, for until then any of the signals kills it.
    let hangups = signal(SignalKind::hangup()).map_err(|error| {
        Failure::of_system("the signal SIGHUP cannot be waited for", &error, "start the hub anew")
    })?;
    let stop = stop.asked();
    tell(&hub, &ready).await;
    let monitoring = async {
        match monitor {
            Some(listener) => hub.serve_monitor(listener, tls.clone()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = hub.serve(doors, stop) => {}
        () = monitoring => {}
        () = reload_at(hangups, tls.as_deref()) => {}
    }
    Ok(())
}

fn load(settings: &TlsSettings) -> Result<Arc<Tls>, Failure> {
    let tls = Tls::load(settings.files.clone()).map_err(|error| Failure::new("tls", error))?;
    if tls.is_key_open() {
        let key = label(&settings.files.key.to_string_lossy());
        warn("tls-key", &format!("every user of this machine may use {key}: chmod o= {key}"));
    }
    Ok(Arc::new(tls))
}

/// Says that the hub is ready, to whoever started it and to the service manager.
///
/// A hub goes on where its standard output cannot be written: callers need it more than its first lines are needed.
async fn tell(hub: &Hub, ready: &[(&'static str, SocketAddr)]) {
    let code = hub.enrolment_code().await;
    let mut result = serde_json::json!({ "enrolment_code": code });
    let mut lines = Lines::new();
    for (name, address) in ready {
        result[*name] = address.to_string().into();
        lines.push(match *name {
            "metrics" => format!("Health and metrics: http://{address}/health and /metrics"),
            "tls_listening" => format!("The hub listens on https://{address}"),
            _ => format!("The hub listens on http://{address}"),
        });
    }
    if let Some(code) = code {
        lines.push(format!("No desk has enrolled yet. Enrolment code: {code}"));
        lines.push("On the desk's machine: callsign desk init --data DIR --hub URL --code - --name NAME");
    }
    if let Err(failure) = output::give(Done::Changed("the hub serves"), &lines, &result) {
        warn("output", failure.message());
    }
    // Without a service manager nobody listens, and nothing is lost.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}

/// Reads the certificate again at each SIGHUP; without TLS the signal changes nothing. Never ends.
async fn reload_at(mut hangups: Signal, tls: Option<&Tls>) {
    while hangups.recv().await.is_some() {
        if let Some(tls) = tls {
            tls.reload_and_tell();
        }
    }
    std::future::pending::<()>().await;
}
