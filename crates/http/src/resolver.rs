//! Names to addresses: only for a hub that is reached directly, and never for what is known without asking.

use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

use crate::{address::Host, route::Route};

/// Resolves by the rules of a route.
#[derive(Debug)]
pub(crate) struct RouteResolver {
    asks_system: bool,
    system: DefaultResolver,
}

impl RouteResolver {
    /// For one route.
    pub(crate) fn new(route: &Route) -> Self {
        Self { asks_system: *route == Route::Direct, system: DefaultResolver::default() }
    }
}

impl Resolver for RouteResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().and_then(|host| Host::read(host).ok()).ok_or(Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let mut known = self.empty();
        host.known_addresses(port).into_iter().for_each(|address| known.push(address));
        match host {
            Host::Ip(_) | Host::Localhost => Ok(known),
            Host::Name(_) if self.asks_system => self.system.resolve(uri, config, timeout),
            Host::Name(_) | Host::Onion(_) => Err(Error::HostNotFound),
        }
    }
}
