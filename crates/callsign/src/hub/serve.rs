//! `callsign hub`: serves the untrusted server.

use std::{net::SocketAddr, path::PathBuf};

use callsign_hub::{CallPolicy, HubConfig};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use super::describe;
use crate::{
    ambient,
    failure::{Failure, Voice},
    page::page,
    signals::asked_to_stop,
};

/// Arguments of serving.
#[derive(Args)]
pub struct ServeArguments {
    /// Directory of the hub's files; created where it is missing
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// Where calls are taken: only at an onion address, or anywhere. Loopback is always served
    #[arg(long, value_enum, default_value_t = Calls::Onion)]
    calls: Calls,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

/// Where calls are taken.
#[derive(Clone, Copy, ValueEnum)]
pub enum Calls {
    /// Only where the Host is an .onion name
    Onion,
    /// Everywhere
    Anywhere,
}

impl ServeArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Serves until it is asked to stop.
pub fn run(arguments: ServeArguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: ServeArguments) -> Result<(), Failure> {
    let calls = match arguments.calls {
        Calls::Onion => CallPolicy::Onion,
        Calls::Anywhere => CallPolicy::Anywhere,
    };
    let config = HubConfig {
        data_dir: arguments.data,
        calls,
        page: page(),
        clock: ambient::clock(),
        seed: ambient::seed(),
    };
    let hub = callsign_hub::open(config).await.map_err(|error| Failure::new("hub", describe(&error)))?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| Failure::new("listen", format!("cannot listen on {}: {error}", arguments.listen)))?;
    let address = listener.local_addr()?;
    let code = hub.enrolment_code().await;
    if arguments.json {
        println!("{}", serde_json::json!({ "listening": address.to_string(), "enrolment_code": code }));
    } else {
        println!("The hub listens on http://{address}");
        if let Some(code) = code {
            println!("No desk has enrolled yet. Enrolment code: {code}");
            println!("On the desk's machine: callsign desk init --data DIR --hub URL --code - --name NAME");
        }
    }
    hub.serve(listener, asked_to_stop()).await;
    Ok(())
}
