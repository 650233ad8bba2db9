//! Where calls are taken: by default only where the way of the request hides the caller.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{error::HttpError, service::ServiceError};

/// At which addresses the exchange answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallPolicy {
    /// At every address.
    Anywhere,
    /// At onion addresses, and at loopback names on loopback connections.
    Onion,
}

/// Lets a request pass where calls are taken; elsewhere there is nothing at this address.
pub async fn take_calls(State(policy): State<CallPolicy>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    if policy.takes(host(request.headers()), peer) {
        return next.run(request).await;
    }
    HttpError::from(ServiceError::NotFound).into_response()
}

impl CallPolicy {
    fn takes(self, host: Option<&str>, peer: Option<IpAddr>) -> bool {
        if self == Self::Anywhere {
            return true;
        }
        let Some(name) = host.and_then(name_of) else {
            return false;
        };
        is_onion(&name) || (is_loopback(&name) && peer.is_some_and(|peer| peer.to_canonical().is_loopback()))
    }
}

/// The one Host header there may be.
fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?;
    hosts.next().is_none().then(|| host.to_str().ok()).flatten()
}

/// The host without its port, in lower case.
fn name_of(host: &str) -> Option<String> {
    let name = match host.strip_prefix('[') {
        Some(address) => address.split_once(']')?.0,
        None => host.split(':').next()?,
    };
    Some(name.to_ascii_lowercase())
}

fn is_onion(name: &str) -> bool {
    name.strip_suffix(".onion").is_some_and(|label| !label.is_empty())
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || name.parse::<Ipv6Addr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEAR: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    const FAR: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));

    #[test]
    fn onion_names_are_served_on_any_connection() {
        for host in ["abcd.onion", "abcd.onion:80", "ABCD.Onion", "sub.abcd.onion"] {
            assert!(CallPolicy::Onion.takes(Some(host), NEAR), "{host}");
            assert!(CallPolicy::Onion.takes(Some(host), FAR), "{host}");
        }
    }

    #[test]
    fn loopback_names_are_served_on_loopback_connections_only() {
        for host in [
            "localhost",
            "LOCALHOST:8700",
            "127.0.0.1:8700",
            "127.1.2.3",
            "[::1]",
            "[::1]:8700",
            "[::ffff:7f00:1]:8700",
        ] {
            assert!(CallPolicy::Onion.takes(Some(host), NEAR), "{host}");
            assert!(CallPolicy::Onion.takes(Some(host), Some("::ffff:127.0.0.1".parse().unwrap())), "{host}");
            assert!(!CallPolicy::Onion.takes(Some(host), FAR), "{host}");
            assert!(!CallPolicy::Onion.takes(Some(host), None), "{host}");
        }
    }

    #[test]
    fn other_names_are_served_only_where_calls_are_taken_anywhere() {
        let others = [
            "example.org",
            "onion",
            ".onion",
            "abcd.onion.example.org",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "192.0.2.1",
            "[::1",
            "::1",
            "",
            "128.0.0.1",
        ];
        for host in others.map(Some).into_iter().chain([None]) {
            assert!(!CallPolicy::Onion.takes(host, NEAR), "{host:?}");
            assert!(CallPolicy::Anywhere.takes(host, FAR), "{host:?}");
        }
    }
}
