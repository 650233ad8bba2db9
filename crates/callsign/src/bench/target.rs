//! The hub and the desk that exchanges are made with: found as a caller finds them, notice checked.

use std::{net::SocketAddr, sync::Arc};

use callsign_caller::hub_client::{FetchError, HubClient, HubError};
use callsign_http::{Link, Route, Scheme};
use callsign_protocol::{exchange::REQUEST_LEN, identity::DeskId, notice::VerifiedNotice};

use crate::{ambient, failure::Failure};

/// Where requests go, and what they are made for.
#[derive(Clone, Debug)]
pub struct Target {
    /// The hub.
    pub address: SocketAddr,
    /// The head of each request.
    pub head: Arc<[u8]>,
    /// What cells are sealed for.
    pub notice: Arc<VerifiedNotice>,
}

impl Target {
    /// Asks the hub for its desk, and for the desk's notice.
    pub fn find(link: &Link) -> Result<Self, Failure> {
        let hub = &link.address;
        if hub.scheme() == Scheme::Https {
            return Err(Failure::usage("load is made over plain http:// only; give such an address"));
        }
        let proxies = ambient::proxies();
        // Its connections are its own: where a caller would go through a proxy, it must not go at all.
        match Route::to(hub, &proxies) {
            Ok(Route::Loopback | Route::Direct) => {}
            Ok(Route::Through(_)) => {
                let sentence =
                    "load is made without a proxy only, and one is set; unset it, or measure on loopback";
                return Err(Failure::new("proxy", sentence));
            }
            Err(error) => return Err(Failure::new(error.code(), error)),
        }
        let client =
            HubClient::find(link, None, &proxies).map_err(|error| Failure::new(error.code(), error))?;
        let now = ambient::clock()();
        let notice = client.fetch_notice(client.pin(), now).map_err(|error| match error {
            FetchError::Hub(HubError::NoDesk) => Failure::new(
                "no-notice",
                "there is no notice of this desk, so nothing can be sealed for it; check the address, or have the desk publish one",
            ),
            error => Failure::new(error.code(), error),
        })?;
        let addresses = client.http().addresses().map_err(|error| Failure::new("hub-away", error))?;
        let address = addresses.first().copied();
        let address =
            address.ok_or_else(|| Failure::new("hub-away", "the hub's name leads to no address"))?;
        let head = request_head(client.desk_id(), &hub.authority());
        Ok(Self { address, head, notice: Arc::new(notice) })
    }
}

/// The head of an exchange, up to and including the empty line.
pub fn request_head(desk: &DeskId, authority: &str) -> Arc<[u8]> {
    let head = format!(
        "POST /{desk}/v1/exchange HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/octet-stream\r\n\
         Content-Length: {REQUEST_LEN}\r\n\r\n"
    );
    head.into_bytes().into()
}
