//! Where the pages are: the loopback address of the listener, and the names by which browsers ask for it.

use std::net::{IpAddr, SocketAddr};

/// The port that browsers leave out of an `http` address.
const DEFAULT_PORT: u16 = 80;

/// The one site that the pages answer for.
#[derive(Clone, Debug)]
pub(in crate::ui) struct Site {
    address: SocketAddr,
    /// As browsers write them in `Host`, in lower case.
    hosts: Vec<String>,
}

impl Site {
    /// The site of a listener on loopback.
    pub(in crate::ui) fn new(address: SocketAddr) -> Self {
        let port = address.port();
        let own = match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let names = [own.as_str(), "127.0.0.1", "localhost", "[::1]"];
        let with_port = names.iter().map(|name| format!("{name}:{port}"));
        let without = names.iter().filter(|_| port == DEFAULT_PORT).map(|name| (*name).to_owned());
        let hosts = with_port.chain(without).collect();
        Self { address, hosts }
    }

    /// The listener's port.
    pub(in crate::ui) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address of the board.
    pub(in crate::ui) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Whether a `Host` header names this site; names of hosts know no case.
    pub(in crate::ui) fn is_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.contains(&host)
    }

    /// Path and query of a page of this site, out of its address.
    pub(in crate::ui) fn path<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (host, _) = address.strip_prefix("http://")?.split_once('/')?;
        self.is_host(host).then(|| &address["http://".len() + host.len()..])
    }

    /// Whether an `Origin` header names this site.
    pub(in crate::ui) fn is_origin(&self, origin: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|host| self.is_host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(address: &str) -> Site {
        Site::new(address.parse().unwrap())
    }

    #[test]
    fn a_listener_is_asked_for_by_its_own_address_whatever_it_is() {
        for address in ["127.0.0.1:8701", "127.0.0.2:40000", "127.255.0.9:443", "[::1]:8701"] {
            let site = site(address);
            assert!(site.is_host(address) && site.is_origin(&format!("http://{address}")), "{address}");
            assert!(!site.is_host(address.rsplit_once(':').unwrap().0), "{address} without its port");
            assert!(!site.is_origin(&format!("https://{address}")), "{address}");
        }
        assert!(!site("127.0.0.1:8701").is_host("127.0.0.2:8701"));
        assert!(site("127.0.0.1:8701").is_host("LocalHost:8701"));
    }

    #[test]
    fn browsers_leave_the_default_port_out() {
        for (address, host) in
            [("127.0.0.1:80", "127.0.0.1"), ("127.0.0.3:80", "127.0.0.3"), ("[::1]:80", "[::1]")]
        {
            let site = site(address);
            assert!(site.is_host(host) && site.is_host("localhost"), "{address}");
            assert!(site.is_host(address) && site.is_origin(&format!("http://{host}")), "{address}");
        }
        assert!(!site("127.0.0.1:8701").is_host("localhost"));
    }
}
