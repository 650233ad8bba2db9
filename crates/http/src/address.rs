//! Where a hub is: scheme, host and port, in the one form in which they are compared, shown and used.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use thiserror::Error;

/// Bytes of a name at most, and of one of its labels (RFC 1035).
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Ends of names that no resolver knows: of I2P, Lokinet and exits of Tor, and what RFC 9476 sets apart.
const OTHER_NETWORKS: [&str; 5] = [".alt", ".exit", ".i2p", ".loki", ".snode"];
/// Characters of an onion service's name, without its ending (Tor's rend-spec-v3).
const ONION_LEN: usize = 56;

/// A hub's address: `http(s)://host[:port]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
}

/// How a hub is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

/// A host, as the rules of [`Route`](crate::Route) tell hosts apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// An address in numbers; one of IPv4 that is written as IPv6 is the former.
    Ip(IpAddr),
    /// `localhost`, which no resolver is asked for.
    Localhost,
    /// A name that ends in `.onion`, in lower case, without a dot behind. No resolver must ever see it (RFC 7686).
    Onion(String),
    /// Any other name, in lower case, without a dot behind.
    Name(String),
}

/// Why a text is no address of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// A name and a password before the host.
    #[error("the address must not have a name or @ before the host; it looks like http://host:port")]
    Credentials,
    /// No host, or characters that no host has.
    #[error("the address has no usable host; it looks like http://host:port")]
    Host,
    /// Letters beyond ASCII, which look like others.
    #[error(
        "the host has letters outside a to z, which may look like others; write it in its form that begins with xn--"
    )]
    Letters,
    /// `127.1`, `0x7f.1` and the like.
    #[error("the host is an unusual form of a number; write all four parts of it, as in 127.0.0.1")]
    Number,
    /// Not 1 to 65535.
    #[error("the port behind the host must be a number from 1 to 65535; it looks like http://host:port")]
    Port,
    /// Neither `http://` nor `https://`.
    #[error("the address must begin with http:// or https://; it looks like http://host:port")]
    Scheme,
    /// `0.0.0.0` and `[::]`.
    #[error("this is an address to listen at, not one to call; for a hub on this machine write 127.0.0.1")]
    Unspecified,
}

impl Address {
    /// Reads `scheme` and what stands between `://` and the path.
    pub fn read(scheme: &str, authority: &str) -> Result<Self, AddressError> {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(AddressError::Scheme),
        };
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        let (host, port) = split_port(authority);
        Ok(Self { scheme, host: Host::read(host)?, port: port.map(read_port).transpose()? })
    }

    /// How the hub is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, that of the scheme where none is written.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    /// `host[:port]`, as a Host header has it.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }
}

/// `http(s)://host[:port]`, without a slash behind.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority())
    }
}

impl Host {
    /// Reads a host without its port. What could be taken for another host by another program is refused.
    pub fn read(text: &str) -> Result<Self, AddressError> {
        if text.contains('@') {
            return Err(AddressError::Credentials);
        }
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(AddressError::Host)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| AddressError::Host)?;
            return Self::specified(address.to_canonical());
        }
        if !text.is_ascii() {
            return Err(AddressError::Letters);
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let last = name.rsplit('.').next().unwrap_or_default();
        // As browsers do: a name whose last label is a number is an address in numbers, or nothing.
        if last.starts_with("0x") || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())) {
            let address: Ipv4Addr = name.parse().map_err(|_| AddressError::Number)?;
            return Self::specified(address.into());
        }
        if name.len() > NAME_MAX || !name.split('.').all(is_label) {
            return Err(AddressError::Host);
        }
        match last {
            "onion" => Ok(Self::Onion(name)),
            "localhost" if name == "localhost" => Ok(Self::Localhost),
            // Some resolvers send such names out, others do not: what is meant can be written without doubt.
            "localhost" => Err(AddressError::Host),
            _ => Ok(Self::Name(name)),
        }
    }

    /// Whether the host is this computer.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(address) => address.is_loopback(),
            Self::Localhost => true,
            Self::Onion(_) | Self::Name(_) => false,
        }
    }

    /// Whether only the proxy of another network finds this name, so that no resolver may be asked for it.
    pub fn is_of_another_network(&self) -> bool {
        let Self::Name(name) = self else { return false };
        // A slip in its ending does not make a name of Tor one that may be asked for.
        let is_onion_label = |label: &str| {
            label.len() == ONION_LEN && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
        };
        OTHER_NETWORKS.iter().any(|end| name.ends_with(end)) || name.split('.').any(is_onion_label)
    }

    /// The addresses with this port that are known without asking anybody; none for names.
    pub fn known_addresses(&self, port: u16) -> Vec<SocketAddr> {
        match self {
            Self::Ip(address) => vec![SocketAddr::new(*address, port)],
            Self::Localhost => vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()],
            Self::Onion(_) | Self::Name(_) => Vec::new(),
        }
    }

    fn specified(address: IpAddr) -> Result<Self, AddressError> {
        if address.is_unspecified() { Err(AddressError::Unspecified) } else { Ok(Self::Ip(address)) }
    }
}

/// As it stands in an address: IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Localhost => f.write_str("localhost"),
            Self::Onion(name) | Self::Name(name) => f.write_str(name),
        }
    }
}

/// Reads a port: digits alone, from 1 to 65535.
pub(crate) fn read_port(text: &str) -> Result<u16, AddressError> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).filter(|port| *port > 0).ok_or(AddressError::Port)
}

/// Host and port; the colons of a bracketed IPv6 address are the host's.
pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    let host_end = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[host_end..].find(':') {
        Some(at) => (&authority[..host_end + at], Some(&authority[host_end + at + 1..])),
        None => (authority, None),
    }
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LABEL_MAX).contains(&label.len()) && !label.starts_with('-') && label.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<Host, AddressError> {
        Host::read(text)
    }

    #[test]
    fn a_host_is_known_in_every_form_that_names_it() {
        let ip = |text: &str| Ok(Host::Ip(text.parse().unwrap()));
        for (text, is) in [
            ("127.0.0.1", ip("127.0.0.1")),
            ("127.0.0.1.", ip("127.0.0.1")),
            ("[::1]", ip("::1")),
            ("[::ffff:127.0.0.1]", ip("127.0.0.1")),
            ("LocalHost", Ok(Host::Localhost)),
            ("localhost.", Ok(Host::Localhost)),
            ("AbC.ONION", Ok(Host::Onion("abc.onion".to_owned()))),
            ("abc.onion.", Ok(Host::Onion("abc.onion".to_owned()))),
            ("www.abc.Onion", Ok(Host::Onion("www.abc.onion".to_owned()))),
            ("onion", Ok(Host::Onion("onion".to_owned()))),
            ("abc.onion.example", Ok(Host::Name("abc.onion.example".to_owned()))),
            ("127.0.0.1.example", Ok(Host::Name("127.0.0.1.example".to_owned()))),
            ("Hub.Example.", Ok(Host::Name("hub.example".to_owned()))),
        ] {
            assert_eq!(host(text), is, "{text}");
        }
    }

    #[test]
    fn a_host_that_programs_read_differently_is_refused() {
        for (text, error) in [
            ("", AddressError::Host),
            (".", AddressError::Host),
            (".onion", AddressError::Host),
            ("abc..onion", AddressError::Host),
            ("abc.onion..", AddressError::Host),
            ("abc%2eonion", AddressError::Host),
            ("hub.localhost", AddressError::Host),
            ("ho st", AddressError::Host),
            ("host?x", AddressError::Host),
            ("host\\x", AddressError::Host),
            ("-host", AddressError::Host),
            ("[::g]", AddressError::Host),
            ("[fe80::1%eth0]", AddressError::Host),
            ("[::1", AddressError::Host),
            ("abc\u{3002}onion", AddressError::Letters),
            ("abc.on\u{ff49}on", AddressError::Letters),
            ("user@host", AddressError::Credentials),
            ("abc.onion@evil.example", AddressError::Credentials),
            ("127.1", AddressError::Number),
            ("0x7f.1", AddressError::Number),
            ("0x7f000001", AddressError::Number),
            ("127.0.0.0x1", AddressError::Number),
            ("2130706433", AddressError::Number),
            ("0177.0.0.1", AddressError::Number),
            ("127.0.0.01", AddressError::Number),
            ("1.2.3.4.5", AddressError::Number),
            ("0.0.0.0", AddressError::Unspecified),
            ("[::]", AddressError::Unspecified),
            ("[::ffff:0.0.0.0]", AddressError::Unspecified),
        ] {
            assert_eq!(host(text), Err(error), "{text}");
        }
        assert_eq!(host(&"a".repeat(64)), Err(AddressError::Host));
        assert_eq!(host(&"a.".repeat(130)), Err(AddressError::Host));
    }

    #[test]
    fn a_port_is_a_number_and_nothing_else() {
        let address = |authority: &str| Address::read("http", authority).map(|address| address.to_string());
        assert_eq!(address("host:080").unwrap(), "http://host:80");
        assert_eq!(address("[::1]:8700").unwrap(), "http://[::1]:8700");
        for authority in ["host:", "host:+80", "host:0", "host:65536", "host: 80", "host:80:80", "[::1]:x"] {
            assert_eq!(address(authority), Err(AddressError::Port), "{authority}");
        }
        assert_eq!(Address::read("https", "host").unwrap().port(), 443);
    }
}
