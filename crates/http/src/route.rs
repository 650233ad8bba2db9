//! The rules of anonymity: by which way a hub is reached, or why it is not.

use thiserror::Error;

use crate::{
    address::{Address, Host},
    proxies::Proxies,
    proxy::{Proxy, ProxyFault},
};

/// By which way a hub is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// On this computer; nothing leaves it.
    Loopback,
    /// From here; where the hub has a name, this computer looks it up.
    Direct,
    /// By a proxy that is given the hub's name; this computer looks nothing up.
    Through(Proxy),
}

/// Why there is no way. Nothing has left this computer, not even a look-up.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RouteError {
    /// Two variables name different proxies.
    #[error(
        "{0} and {1} name different proxies, so it is not certain which is meant and nothing was sent; unset one of them"
    )]
    Conflict(String, String),
    /// A variable asks for the hub to be reached without the proxy that is set.
    #[error(
        "{0} asks that this hub be reached without the proxy that is set, which would show who calls, so nothing was sent; \
         take the hub out of {0}, or unset the proxy"
    )]
    Excepted(String),
    /// A variable whose name is nearly one that names a proxy.
    #[error(
        "{} is no variable that names a proxy, though it looks like one, so nothing was sent; write ALL_PROXY, or unset it",
        .0.escape_debug()
    )]
    Misspelt(String),
    /// A name that only the proxy of another network can find, and no proxy.
    #[error(
        "names that end like this one are known to the proxy of their network alone, so nothing was sent; \
         set ALL_PROXY to it"
    )]
    NameNeedsProxy,
    /// An onion address, and no proxy; or a variable takes onion addresses out of it.
    #[error(
        "an onion address needs Tor, so nothing was sent; start Tor and set ALL_PROXY=socks5h://127.0.0.1:9050{}",
        .0.as_ref().map(|name| format!(", and take the hub out of {name}")).unwrap_or_default()
    )]
    OnionNeedsProxy(Option<String>),
    /// A proxy that is not understood.
    #[error(
        "the proxy in {name} {fault}, so nothing was sent; write it as socks5h://127.0.0.1:9050, or do without {name}"
    )]
    Proxy {
        /// The variable, or `--proxy`.
        name: String,
        /// What is wrong with its value.
        fault: ProxyFault,
    },
}

impl Route {
    /// Decides. Loopback never goes through a proxy, an onion address never without one, and everything else goes through
    /// the proxy that is named, if one is. Whatever is not understood ends here.
    pub fn to(address: &Address, proxies: &Proxies) -> Result<Self, RouteError> {
        let host = address.host();
        if host.is_loopback() {
            // What was typed for this command is understood, or nothing is sent.
            proxies.judge_flag()?;
            return Ok(Self::Loopback);
        }
        let proxy = proxies.proxy()?;
        let exception = proxies.exception_for(host).map(str::to_owned);
        let is_onion = matches!(host, Host::Onion(_));
        match (proxy, exception) {
            (Some(proxy), None) => Ok(Self::Through(proxy)),
            (_, exception) if is_onion => Err(RouteError::OnionNeedsProxy(exception)),
            (Some(_), Some(exception)) => Err(RouteError::Excepted(exception)),
            (None, _) if host.is_of_another_network() => Err(RouteError::NameNeedsProxy),
            (None, _) => Ok(Self::Direct),
        }
    }
}

impl RouteError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OnionNeedsProxy(_) => "onion-needs-proxy",
            Self::Conflict(..)
            | Self::Excepted(_)
            | Self::Misspelt(_)
            | Self::NameNeedsProxy
            | Self::Proxy { .. } => "proxy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOR: (&str, &str) = ("ALL_PROXY", "socks5h://127.0.0.1:9050");
    const BAD: (&str, &str) = ("ALL_PROXY", "tor://127.0.0.1:9050");

    fn route(host: &str, variables: &[(&str, &str)]) -> Result<Route, &'static str> {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let address = Address::read("http", host).unwrap();
        Route::to(&address, &Proxies::from_variables(variables)).map_err(|error| error.code())
    }

    #[test]
    fn loopback_goes_through_no_proxy() {
        for host in ["127.0.0.1:8700", "127.9.9.9", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]"]
        {
            for variables in [&[][..], &[TOR], &[BAD], &[TOR, ("NO_PROXY", "*")]] {
                assert_eq!(route(host, variables), Ok(Route::Loopback), "{host} {variables:?}");
            }
        }
    }

    #[test]
    fn a_flag_that_is_not_understood_sends_nothing_to_loopback_either() {
        let address = Address::read("http", "127.0.0.1:8700").unwrap();
        let to = |flag: &str| Route::to(&address, &Proxies::none().or_flag(Some(flag.as_ref())));
        assert_eq!(to(TOR.1), Ok(Route::Loopback));
        for flag in ["socks5://127.0.0.1:9050", "tor://127.0.0.1:9050", ""] {
            assert!(matches!(to(flag), Err(RouteError::Proxy { .. })), "{flag}");
        }
    }

    #[test]
    fn an_onion_address_goes_through_a_proxy_or_nowhere() {
        let through = Ok(Route::Through(Proxy::parse(TOR.1).unwrap()));
        for host in ["abc.onion", "ABC.ONION.", "www.abc.onion:80", "onion"] {
            assert_eq!(route(host, &[TOR]), through, "{host}");
            assert_eq!(route(host, &[TOR, ("no_proxy", "localhost")]), through, "{host}");
            for variables in
                [&[][..], &[("ALL_PROXY", "")], &[TOR, ("NO_PROXY", "*")], &[TOR, ("no_proxy", "*.onion")]]
            {
                assert_eq!(route(host, variables), Err("onion-needs-proxy"), "{host} {variables:?}");
            }
            assert_eq!(route(host, &[BAD]), Err("proxy"), "{host}");
        }
    }

    #[test]
    fn a_name_of_another_network_goes_through_a_proxy_or_nowhere() {
        let slip = format!("{}.onlon", "a2".repeat(28));
        for host in ["abc.i2p", "ABC.b32.i2p.", "abc.loki:80", "abc.alt", "abc.exit", "abc.snode", &slip] {
            assert_eq!(route(host, &[]), Err("proxy"), "{host}");
            assert_eq!(route(host, &[TOR]), Ok(Route::Through(Proxy::parse(TOR.1).unwrap())), "{host}");
        }
    }

    #[test]
    fn everything_else_goes_through_the_proxy_that_is_named() {
        let through = Ok(Route::Through(Proxy::parse(TOR.1).unwrap()));
        for host in ["hub.example", "203.0.113.5", "[2001:db8::1]:80", "10.0.0.1"] {
            assert_eq!(route(host, &[]), Ok(Route::Direct), "{host}");
            assert_eq!(route(host, &[TOR]), through, "{host}");
            assert_eq!(route(host, &[BAD]), Err("proxy"), "{host}");
            assert_eq!(route(host, &[TOR, ("NO_PROXY", "*")]), Err("proxy"), "{host}");
        }
    }
}
