//! What the serving commands share: threads to run on, and addresses to listen on.

use std::net::SocketAddr;

use callsign_protocol::os_error::cause;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::failure::Failure;

/// Threads for what goes on at the same time.
pub fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| {
        Failure::of_system(
            "the program's threads cannot be started",
            &error,
            "end other programs and try again",
        )
    })
}

/// Listens on an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let sentence =
            format!("cannot listen on {address}: {}; choose another address or port", cause(&error));
        Failure::new("listen", sentence)
    })
}

/// The address with the port that was free.
pub fn local_address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| {
        Failure::of_system("the address that was listened on is gone", &error, "start the command anew")
    })
}
