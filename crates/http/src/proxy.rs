//! A proxy as it is written in a variable or behind `--proxy`, read strictly: what is not understood is refused.

use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use crate::address::{Host, read_port, split_port};

/// Bytes of a proxy's user name or password at most (RFC 1929).
const CREDENTIAL_MAX: usize = 255;

/// A proxy that is given the hub's name, so that this computer never looks it up.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(crate) scheme: ProxyScheme,
    pub(crate) address: SocketAddr,
    /// User name and password; what Tor keeps streams apart by.
    pub(crate) credentials: Option<(String, String)>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyScheme {
    /// SOCKS5, names unresolved.
    Socks5h,
    /// HTTP's CONNECT.
    Http,
}

/// What is wrong with the text of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProxyFault {
    /// Blanks, ends of lines, controls.
    #[error("has a blank or another character that does not belong there")]
    Blank,
    /// Before `@`.
    #[error(
        "has a user name or password that is not understood (both are needed, of a to z, digits and . _ ~ -)"
    )]
    Credentials,
    /// No number.
    #[error(
        "names its proxy by a name that would have to be looked up, and not by an address in numbers or localhost"
    )]
    Host,
    /// Not UTF-8.
    #[error("is not text")]
    NotText,
    /// Behind the port.
    #[error("has something behind its port")]
    Path,
    /// None, or none from 1 to 65535.
    #[error("has no usable port")]
    Port,
    /// Quotes that a shell did not take away.
    #[error("has quotes in it")]
    Quotes,
    /// Nothing before `://`, or no `://`.
    #[error("does not begin with socks5h:// or http://")]
    Scheme,
    /// `socks5://`, `socks4://`.
    #[error("would have this computer look up the hub's name, which others can see")]
    LooksUp,
}

impl Proxy {
    /// Reads `socks5h://[user:password@]address:port` or the same with `http://`.
    pub fn parse(text: &str) -> Result<Self, ProxyFault> {
        if text.contains(['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']) {
            return Err(ProxyFault::Quotes);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) || !text.is_ascii() {
            return Err(ProxyFault::Blank);
        }
        let (scheme, rest) = text.split_once("://").ok_or(ProxyFault::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "socks5h" => ProxyScheme::Socks5h,
            "http" => ProxyScheme::Http,
            "socks" | "socks4" | "socks5" => return Err(ProxyFault::LooksUp),
            _ => return Err(ProxyFault::Scheme),
        };
        // Desktops write a slash behind.
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '\\']) {
            return Err(ProxyFault::Path);
        }
        let (credentials, authority) = match rest.rsplit_once('@') {
            Some((credentials, authority)) => (Some(read_credentials(credentials)?), authority),
            None => (None, rest),
        };
        let (host, port) = split_port(authority);
        let port = port.and_then(|port| read_port(port).ok()).ok_or(ProxyFault::Port)?;
        let address = match Host::read(host) {
            Ok(Host::Ip(address)) => address,
            Ok(Host::Localhost) => IpAddr::from([127, 0, 0, 1]),
            _ => return Err(ProxyFault::Host),
        };
        Ok(Self { scheme, address: SocketAddr::new(address, port), credentials })
    }

    /// Where the proxy is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Without its password.
impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("scheme", &self.scheme)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn read_credentials(text: &str) -> Result<(String, String), ProxyFault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let is_usable = |text: &str| (1..=CREDENTIAL_MAX).contains(&text.len()) && text.bytes().all(plain);
    let (user, password) = text.split_once(':').ok_or(ProxyFault::Credentials)?;
    let usable = is_usable(user) && is_usable(password);
    if usable { Ok((user.to_owned(), password.to_owned())) } else { Err(ProxyFault::Credentials) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_takes_names_is_read() {
        for (text, address) in [
            ("socks5h://127.0.0.1:9050", "127.0.0.1:9050"),
            ("SOCKS5H://127.0.0.1:9050/", "127.0.0.1:9050"),
            ("socks5h://localhost:9050", "127.0.0.1:9050"),
            ("socks5h://[::1]:9050", "[::1]:9050"),
            ("http://10.0.0.1:3128", "10.0.0.1:3128"),
        ] {
            assert_eq!(Proxy::parse(text).unwrap().address().to_string(), address, "{text}");
        }
        let proxy = Proxy::parse("socks5h://user-1:pass.word@127.0.0.1:9050").unwrap();
        assert_eq!(proxy.credentials, Some(("user-1".to_owned(), "pass.word".to_owned())));
        assert!(!format!("{proxy:?}").contains("pass"));
    }

    #[test]
    fn a_proxy_that_is_not_understood_is_refused() {
        for (text, fault) in [
            ("socks5h://127.0.0.1:9050 ", ProxyFault::Blank),
            (" socks5h://127.0.0.1:9050", ProxyFault::Blank),
            ("socks5h://127.0.0.1:9050\n", ProxyFault::Blank),
            ("socks5h://127.0.0.1\t:9050", ProxyFault::Blank),
            ("\u{feff}socks5h://127.0.0.1:9050", ProxyFault::Blank),
            ("   ", ProxyFault::Blank),
            ("\"socks5h://127.0.0.1:9050\"", ProxyFault::Quotes),
            ("'socks5h://127.0.0.1:9050'", ProxyFault::Quotes),
            ("", ProxyFault::Scheme),
            ("127.0.0.1:9050", ProxyFault::Scheme),
            ("socks5h:127.0.0.1:9050", ProxyFault::Scheme),
            ("socks5h:/127.0.0.1:9050", ProxyFault::Scheme),
            ("//127.0.0.1:9050", ProxyFault::Scheme),
            ("://127.0.0.1:9050", ProxyFault::Scheme),
            ("tor://127.0.0.1:9050", ProxyFault::Scheme),
            ("https://127.0.0.1:9050", ProxyFault::Scheme),
            ("socks4a://127.0.0.1:9050", ProxyFault::Scheme),
            ("socks5h\\://127.0.0.1:9050", ProxyFault::Scheme),
            ("socks://127.0.0.1:9050", ProxyFault::LooksUp),
            ("socks4://127.0.0.1:9050", ProxyFault::LooksUp),
            ("socks5://127.0.0.1:9050", ProxyFault::LooksUp),
            ("socks5h://127.0.0.1", ProxyFault::Port),
            ("socks5h://127.0.0.1:", ProxyFault::Port),
            ("socks5h://127.0.0.1:0", ProxyFault::Port),
            ("socks5h://127.0.0.1:99999", ProxyFault::Port),
            ("socks5h://127.0.0.1:9050x", ProxyFault::Port),
            ("socks5h://127.0.0.1:9050:1", ProxyFault::Port),
            ("socks5h://:9050", ProxyFault::Host),
            ("socks5h://tor:9050", ProxyFault::Host),
            ("socks5h://127.1:9050", ProxyFault::Host),
            ("socks5h://0.0.0.0:9050", ProxyFault::Host),
            ("socks5h://abc.onion:9050", ProxyFault::Host),
            ("socks5h://::1:9050", ProxyFault::Port),
            ("socks5h://127.0.0.1:9050//", ProxyFault::Path),
            ("socks5h://127.0.0.1:9050/x", ProxyFault::Path),
            ("socks5h:///127.0.0.1:9050", ProxyFault::Path),
            ("socks5h://127.0.0.1:9050?x", ProxyFault::Path),
            ("socks5h://127.0.0.1:9050#x", ProxyFault::Path),
            ("socks5h://user@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://user:@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://:pass@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://us%40er:pass@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://user:p@ss@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://user:p:ss@127.0.0.1:9050", ProxyFault::Credentials),
            ("socks5h://@127.0.0.1:9050", ProxyFault::Credentials),
        ] {
            assert_eq!(Proxy::parse(text), Err(fault), "{text:?}");
        }
    }
}
