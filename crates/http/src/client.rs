//! A client of one hub: requests by the route that was decided, answers within bounds, failures as sentences.

use std::{
    io::ErrorKind,
    net::{SocketAddr, ToSocketAddrs as _},
    time::Duration,
};

use thiserror::Error;
use ureq::{
    Agent, Body, Error as Trouble, Timeout,
    config::{AutoHeaderValue, Config},
    http,
    unversioned::transport::{Connector as _, DefaultConnector},
};

use crate::{
    address::{Address, Host},
    proxies::Proxies,
    proxy::{Proxy, ProxyScheme},
    resolver::RouteResolver,
    route::{Route, RouteError},
    watch::{self, Delivery, Watch},
};

/// A client of one hub, over connections that are kept open between requests.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    address: Address,
    route: Route,
}

/// How a client waits. What it sends is the same for all.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// For each step of a request, and for any silence.
    pub step: Duration,
    /// For all of a request.
    pub whole: Duration,
    /// Connections that are kept open between requests.
    pub idle_connections: usize,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST` or `PUT`.
    pub method: &'a str,
    /// Begins with a slash.
    pub path: &'a str,
    /// Names and values beside those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
    /// None sends no length; an empty one sends the length 0.
    pub body: Option<&'a [u8]>,
    /// For the beginning of the answer, where it is not the client's step.
    pub answer_within: Option<Duration>,
}

/// An answer whose body has not been read.
#[derive(Debug)]
pub struct Response(http::Response<Body>);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{cause}")]
pub struct RequestError {
    /// What may have reached the hub.
    pub delivery: Delivery,
    /// What went wrong.
    pub cause: Cause,
}

/// What went wrong on the way, in words that fit behind a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// The connection ended.
    #[error("the connection broke")]
    Broken,
    /// What came back is not HTTP, or longer than any answer.
    #[error("what came back is not a hub's answer")]
    Garbled,
    /// The system knows no address for the name.
    #[error("nobody knows an address for this name")]
    NoName,
    /// Nothing listens at the proxy's address.
    #[error("the proxy that is set, at {0}, does not answer")]
    ProxyAway(SocketAddr),
    /// The proxy brings no connection.
    #[error("the proxy that is set, at {0}, could not connect to it")]
    ProxyRefuses(SocketAddr),
    /// Nothing listens there.
    #[error("nothing answers at this address")]
    Refused,
    /// Too long.
    #[error("no answer came in time")]
    Silent,
    /// The answer's status is one of trouble.
    #[error("it is in trouble and says {0}")]
    Status(u16),
    /// No TLS, or a certificate that is not trusted.
    #[error("it has no certificate that can be trusted, or this machine's date is wrong")]
    Tls,
    /// No way from this machine.
    #[error("this machine has no connection to the network")]
    Unreachable,
}

impl Client {
    /// Decides the route to a hub; nothing is sent yet.
    pub fn new(address: &Address, proxies: &Proxies, habits: Habits) -> Result<Self, RouteError> {
        let route = Route::to(address, proxies)?;
        let connects_first = matches!(&route, Route::Through(proxy) if proxy.scheme == ProxyScheme::Http);
        let connector = DefaultConnector::default().chain(Watch { connects_first });
        let agent = Agent::with_parts(config(&route, habits), connector, RouteResolver::new(&route));
        Ok(Self { agent, address: address.clone(), route })
    }

    /// Where the hub is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// By which way it is reached.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Sends, and waits for the head of the answer. Redirects are not followed.
    pub fn send(&self, request: Request<'_>) -> Result<Response, RequestError> {
        watch::begin();
        let uri = format!("{}{}", self.address, request.path);
        let headers = request.headers.iter();
        let builder = headers
            .fold(http::Request::builder().method(request.method).uri(uri), |builder, (name, value)| {
                builder.header(*name, *value)
            });
        let answered = match request.body {
            Some(body) => builder.body(body).map_err(Trouble::from).and_then(|sent| self.run(sent, &request)),
            None => builder.body(()).map_err(Trouble::from).and_then(|sent| self.run(sent, &request)),
        };
        answered.map(Response).map_err(|trouble| self.error(&trouble))
    }

    /// The hub's addresses as a connection of one's own needs them, for measurements. None by a proxy.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, RequestError> {
        let port = self.address.port();
        let known = self.address.host().known_addresses(port);
        match (&self.route, self.address.host()) {
            (Route::Direct, Host::Name(name)) => {
                let found = (name.as_str(), port).to_socket_addrs();
                let missing = RequestError { delivery: Delivery::NothingLeft, cause: Cause::NoName };
                found.map(Iterator::collect).map_err(|_| missing)
            }
            (Route::Direct | Route::Loopback, _) => Ok(known),
            (Route::Through(_), _) => Ok(Vec::new()),
        }
    }

    fn run(
        &self,
        sent: http::Request<impl ureq::AsSendBody>,
        request: &Request<'_>,
    ) -> Result<http::Response<Body>, Trouble> {
        match request.answer_within {
            Some(within) => {
                let sent = self.agent.configure_request(sent).timeout_recv_response(Some(within)).build();
                self.agent.run(sent)
            }
            None => self.agent.run(sent),
        }
    }

    fn error(&self, trouble: &Trouble) -> RequestError {
        let delivery = watch::delivery();
        let cause = match (&self.route, delivery) {
            (Route::Through(proxy), Delivery::NothingLeft) => cause_at_proxy(trouble, proxy.address),
            _ => cause(trouble),
        };
        RequestError { delivery, cause }
    }
}

impl Response {
    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// A whole body of `len_max` bytes at most, to its end, so that the connection can be used again.
    pub fn read(&mut self, len_max: usize) -> Result<Vec<u8>, RequestError> {
        // One byte more tells "too long" from "just fits".
        let limit = u64::try_from(len_max).unwrap_or(u64::MAX).saturating_add(1);
        let failed = |cause| RequestError { delivery: Delivery::Unknown, cause };
        match self.0.body_mut().with_config().limit(limit).read_to_vec() {
            Ok(bytes) if bytes.len() <= len_max => Ok(bytes),
            Ok(_) | Err(Trouble::BodyExceedsLimit(_)) => Err(failed(Cause::Garbled)),
            Err(trouble) => Err(failed(cause(&trouble))),
        }
    }
}

/// The same headers for everyone, nothing followed, nothing kept but connections, nothing taken from the environment.
fn config(route: &Route, habits: Habits) -> Config {
    let proxy = match route {
        Route::Loopback | Route::Direct => None,
        Route::Through(proxy) => Some(for_library(proxy)),
    };
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .user_agent(AutoHeaderValue::None)
        .accept("*/*")
        .accept_encoding(AutoHeaderValue::None)
        .timeout_resolve(Some(habits.step))
        .timeout_connect(Some(habits.step))
        .timeout_per_read(Some(habits.step))
        .timeout_per_write(Some(habits.step))
        .timeout_recv_response(Some(habits.step))
        .timeout_global(Some(habits.whole))
        .max_idle_connections_per_host(habits.idle_connections)
        .build()
}

/// # Panics
/// Never: a proxy has a numeric address and plain credentials.
fn for_library(proxy: &Proxy) -> ureq::Proxy {
    let protocol = match proxy.scheme {
        ProxyScheme::Socks5h => ureq::ProxyProtocol::Socks5h,
        ProxyScheme::Http => ureq::ProxyProtocol::Http,
    };
    let host = Host::Ip(proxy.address.ip()).to_string();
    let builder = ureq::Proxy::builder(protocol).host(&host).port(proxy.address.port()).resolve_target(false);
    let builder = match &proxy.credentials {
        Some((user, password)) => builder.username(user).password(password),
        None => builder,
    };
    builder.build().expect("a numeric address and plain credentials are a proxy")
}

fn cause(trouble: &Trouble) -> Cause {
    match trouble {
        Trouble::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Cause::Refused,
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
                Cause::Unreachable
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Cause::Silent,
            // The resolver of the system has no kind of its own.
            _ if watch::delivery() == Delivery::NothingLeft && error.raw_os_error().is_none() => {
                cause_of_text(error)
            }
            _ => Cause::Broken,
        },
        Trouble::Timeout(_) => Cause::Silent,
        Trouble::HostNotFound => Cause::NoName,
        Trouble::Tls(_) | Trouble::Rustls(_) | Trouble::TlsRequired => Cause::Tls,
        Trouble::ConnectionFailed => Cause::Refused,
        _ => Cause::Garbled,
    }
}

/// TLS hands its own errors through as those of a stream.
fn cause_of_text(error: &std::io::Error) -> Cause {
    match error.kind() {
        ErrorKind::InvalidData => Cause::Tls,
        ErrorKind::UnexpectedEof => Cause::Broken,
        _ => Cause::NoName,
    }
}

/// Before anything was sent, all trouble is between here and the proxy, or the proxy's with the hub.
fn cause_at_proxy(trouble: &Trouble, proxy: SocketAddr) -> Cause {
    match trouble {
        Trouble::Io(error)
            if error.kind() == ErrorKind::ConnectionRefused && error.raw_os_error().is_some() =>
        {
            Cause::ProxyAway(proxy)
        }
        Trouble::Tls(_) | Trouble::Rustls(_) => Cause::Tls,
        Trouble::Timeout(Timeout::Connect) | Trouble::ConnectionFailed => Cause::ProxyAway(proxy),
        _ => Cause::ProxyRefuses(proxy),
    }
}
