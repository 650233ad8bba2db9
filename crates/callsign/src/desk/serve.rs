//! `callsign desk serve`: the operators' pages, with the desk's work behind them.

use std::{net::SocketAddr, path::Path, sync::Arc};

use callsign_desk::{
    Desk,
    ui::{Ui, UiConfig},
};
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Common, desk_ambient, must_exist};
use crate::{failure::Failure, signals::asked_to_stop};

/// Arguments of `desk serve`.
#[derive(Args)]
pub struct ServeArguments {
    #[command(flatten)]
    pub(super) common: Common,
    /// Loopback address of the pages; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8701")]
    listen: SocketAddr,
}

/// Serves until it is asked to stop.
pub fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        let sentence = "the desk's pages are served on loopback only; listen on 127.0.0.1 or [::1]";
        return Err(Failure::new("listen", sentence));
    }
    let data = &arguments.common.data;
    must_exist(data)?;
    // With the passphrase in the environment the desk works from the start; its pages still ask for it.
    let desk = match std::env::var("CALLSIGN_PASSPHRASE") {
        Ok(passphrase) => Some(Arc::new(Desk::open(data, &passphrase, desk_ambient())?)),
        Err(_) => None,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
            Failure::new("listen", format!("cannot listen on {}: {error}", arguments.listen))
        })?;
        let address = listener.local_addr()?;
        let stop = asked_to_stop();
        let ui = pages(data, address, desk);
        let link = format!("http://{address}{}", ui.one_time_path());
        if arguments.common.json {
            println!("{}", json!({ "listening": address.to_string(), "link": link }));
        } else {
            println!("Open this link once, in this machine's browser: {link}");
        }
        ui.serve(listener, stop).await?;
        Ok(())
    })
}

/// The desk's pages for a listener on loopback.
pub fn pages(data: &Path, address: SocketAddr, desk: Option<Arc<Desk>>) -> Arc<Ui> {
    Arc::new(Ui::new(UiConfig {
        data_dir: data.to_owned(),
        port: address.port(),
        ambient: Arc::new(desk_ambient),
        unlocked: desk,
    }))
}
