//! Addresses as people get them: a hub's, or the caller's link that also names the desk and its fingerprint.

use std::net::Ipv4Addr;

use callsign_protocol::identity::{DeskId, Fingerprint};
use thiserror::Error;

/// A hub's address, perhaps with a desk and its fingerprint: `http(s)://host[:port][/{desk id}/][#fingerprint]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `http(s)://host[:port]`, without a slash at the end.
    pub origin: String,
    /// The desk that the path names.
    pub desk: Option<DeskId>,
    /// The fingerprint behind `#`; it never travels.
    pub fingerprint: Option<Fingerprint>,
}

/// Not an address of a hub or of a desk there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// What stands behind `#` is no fingerprint.
    #[error("what stands behind # is not a fingerprint of 64 hexadecimal digits; copy the whole link again")]
    Fingerprint,
    /// No host, or characters that no host has.
    #[error("the address has no usable host; it looks like http://host:port")]
    Host,
    /// Something else than a desk's identifier behind the host.
    #[error(
        "behind the host only a desk's identifier of 16 characters may follow; copy the whole link again"
    )]
    Path,
    /// Neither `http://` nor `https://`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
}

impl Link {
    /// Reads an address as people copy it; spaces around it do not matter.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let (address, fragment) = match text.trim().split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (text.trim(), None),
        };
        let (scheme, rest) = address.split_once("://").ok_or(LinkError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(LinkError::Scheme);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_authority(authority) {
            return Err(LinkError::Host);
        }
        let fingerprint = fragment
            .filter(|fragment| !fragment.is_empty())
            .map(|fragment| Fingerprint::parse(fragment).map_err(|_| LinkError::Fingerprint))
            .transpose()?;
        let origin = format!("{scheme}://{}", authority.to_ascii_lowercase());
        Ok(Self { origin, desk: desk_in_path(path)?, fingerprint })
    }

    /// Whether the host is this computer, where no proxy has a place.
    pub fn is_loopback(&self) -> bool {
        let authority = self.origin.split_once("://").map_or("", |(_, authority)| authority);
        let host = split_port(authority).map_or("", |(host, _)| host);
        let is_v4_loopback = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
        host == "localhost" || host == "[::1]" || is_v4_loopback
    }
}

/// The desk that a redirect of `/` names: its last part, whatever stands before.
pub(crate) fn desk_in_location(location: &str) -> Option<DeskId> {
    let path = location.split(['?', '#']).next()?;
    path.split('/').rfind(|piece| !piece.is_empty()).and_then(DeskId::parse)
}

fn desk_in_path(path: &str) -> Result<Option<DeskId>, LinkError> {
    let name = path.strip_suffix('/').unwrap_or(path);
    if name.is_empty() {
        return if path.is_empty() { Ok(None) } else { Err(LinkError::Path) };
    }
    DeskId::parse(name).map(Some).ok_or(LinkError::Path)
}

fn is_authority(authority: &str) -> bool {
    let Some((host, port)) = split_port(authority) else { return false };
    let host_valid = match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(is_host_char),
    };
    host_valid && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// Host and port; the colons of a bracketed IPv6 address are the host's.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let host_end = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, rest) = authority.split_at_checked(host_end)?;
    match rest.split_once(':') {
        Some((name, port)) => Some((&authority[..host.len() + name.len()], Some(port))),
        None => Some((authority, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "abababababababababababababababababababababababababababababababab";

    #[test]
    fn addresses_are_read_as_people_copy_them() {
        let fingerprint = Fingerprint::parse(HEX).unwrap();
        let desk = fingerprint.desk_id();
        let bare = Link { origin: "http://127.0.0.1:8700".to_owned(), desk: None, fingerprint: None };
        let named = Link { desk: Some(desk.clone()), ..bare.clone() };
        let whole = Link { fingerprint: Some(fingerprint), ..named.clone() };
        for (text, link) in [
            ("http://127.0.0.1:8700".to_owned(), &bare),
            (" HTTP://127.0.0.1:8700/\n".to_owned(), &bare),
            ("http://127.0.0.1:8700/#".to_owned(), &bare),
            (format!("http://127.0.0.1:8700/{desk}"), &named),
            (format!("http://127.0.0.1:8700/{desk}/"), &named),
            (format!("http://127.0.0.1:8700/{desk}/#{HEX}"), &whole),
            (format!("http://127.0.0.1:8700/{desk}#{}", HEX.to_uppercase()), &whole),
        ] {
            assert_eq!(Link::parse(&text).as_ref(), Ok(link), "{text}");
        }
        assert_eq!(Link::parse("https://[::1]:443").unwrap().origin, "https://[::1]:443");
        assert_eq!(Link::parse("https://Desk.Example").unwrap().origin, "https://desk.example");
    }

    #[test]
    fn what_is_no_address_has_its_own_error() {
        for (text, error) in [
            ("", LinkError::Scheme),
            ("127.0.0.1:8700", LinkError::Scheme),
            ("ftp://host", LinkError::Scheme),
            ("file:///etc/passwd", LinkError::Scheme),
            ("http://", LinkError::Host),
            ("http://:8700", LinkError::Host),
            ("http://host:", LinkError::Host),
            ("http://host:99999", LinkError::Host),
            ("http://user:secret@host", LinkError::Host),
            ("http://ho st", LinkError::Host),
            ("http://[::g]", LinkError::Host),
            ("http://host?x", LinkError::Host),
            ("http://host/desk", LinkError::Path),
            ("http://host//", LinkError::Path),
            ("http://host/aaaaaaaaaaaaaaaa/v1", LinkError::Path),
            ("http://host/#abc", LinkError::Fingerprint),
        ] {
            assert_eq!(Link::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn only_this_computer_is_loopback() {
        for (text, loopback) in [
            ("http://127.0.0.1:1", true),
            ("http://localhost", true),
            ("http://[::1]:8700", true),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://127.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(Link::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn a_redirect_names_a_desk_or_nothing() {
        let desk = DeskId::parse("abcdefghijklmnop").unwrap();
        for location in ["abcdefghijklmnop/", "/abcdefghijklmnop", "http://other/abcdefghijklmnop/?a#b"] {
            assert_eq!(desk_in_location(location).as_ref(), Some(&desk), "{location}");
        }
        for location in ["", "/", "login/", "../../x"] {
            assert_eq!(desk_in_location(location), None, "{location}");
        }
    }
}
