//! A caller's way to a hub: finds the desk there, fetches what everyone fetches, and exchanges.

use std::time::Duration;

use callsign_protocol::{
    content::{ContentPack, PACK_MAX, pack_name},
    exchange::{ANSWER_LEN, Answer, ExchangeError, Request},
    identity::{DeskId, Fingerprint},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{ENVELOPE_MAX, SignedError},
    time::UnixSeconds,
};
use thiserror::Error;
use ureq::{Agent, Body, Proxy, config::AutoHeaderValue, http::Response};

use crate::link::{Link, desk_in_location};

/// No single step of a request, and no silence, may last longer.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// An answer may come slowly on a bad line, yet not for ever.
const WHOLE_TIMEOUT: Duration = Duration::from_mins(2);
/// Languages whose packs are fetched at most.
const LANGUAGES_MAX: usize = 64;

/// One desk at one hub, over connections that are kept open between requests.
#[derive(Clone, Debug)]
pub struct HubClient {
    agent: Agent,
    /// `{origin}/{desk id}/`.
    base: String,
    desk: DeskId,
    pin: Option<Fingerprint>,
}

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HubError {
    /// No connection, a broken one, no answer in time, or the hub is in trouble.
    #[error("the hub does not answer; check the connection and try again in a few minutes")]
    Away,
    /// The hub takes no calls at this address.
    #[error("calls are not taken at this address; use the address that your desk has published for calls")]
    CallsNotTaken,
    /// Not what a hub answers.
    #[error("what came back is not a hub's answer; check the address and try again")]
    Garbled,
    /// No such desk there.
    #[error("there is no such desk at this address; check the address")]
    NoDesk,
    /// The hub serves other versions of the protocol.
    #[error("the hub does not serve this version; get a newer program")]
    Outdated,
}

/// Why no desk was found. No exchange was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FindError {
    /// The link names one fingerprint, the command another.
    #[error(
        "the link carries another fingerprint than the one given; find out which is right before you write"
    )]
    Conflict,
    /// The hub could not be asked.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// `/` leads to no desk.
    #[error("no desk was found at this address; use the whole link that your desk has published")]
    NoDesk,
    /// The proxy of the environment would have this computer look up the hub's name.
    #[error(
        "the proxy that is set would let this computer look up the hub's name, which others can see; set it as socks5h:// instead"
    )]
    ProxyLooksUp,
    /// The desk there has another fingerprint.
    #[error("the desk at this address is not the one with this fingerprint, so nothing was sent; check both")]
    WrongDesk,
}

/// Why there is no notice. No exchange was made.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Past its days, or the clock is wrong.
    #[error(
        "the desk's notice is not valid today, so nothing was sent; check this computer's date and time, or try again later"
    )]
    Expired,
    /// The hub could not be asked.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The signatures or the form are wrong.
    #[error(
        "what the hub shows is not the desk's signed notice, so nothing was sent; try again later or by another address"
    )]
    NotGenuine(#[source] NoticeError),
    /// This program is too old.
    #[error("this program is too old for the desk, so nothing was sent; get a newer one")]
    Outdated,
    /// Another desk's notice.
    #[error(
        "the desk at this address has another fingerprint, so nothing was sent; check address and fingerprint"
    )]
    WrongFingerprint,
}

impl HubClient {
    /// Finds the desk that a link names, or the only desk of a hub. A fingerprint known beforehand, here or in the
    /// link, must fit the desk's address.
    pub fn find(link: &Link, fingerprint: Option<Fingerprint>) -> Result<Self, FindError> {
        if let (Some(given), Some(linked)) = (fingerprint, link.fingerprint)
            && given != linked
        {
            return Err(FindError::Conflict);
        }
        let pin = fingerprint.or(link.fingerprint);
        let fits = |desk: &DeskId| pin.is_none_or(|pin| pin.desk_id() == *desk);
        // Before the first packet: an address that names another desk is not even asked.
        if !link.desk.as_ref().is_none_or(fits) {
            return Err(FindError::WrongDesk);
        }
        let agent = agent(proxy_for(link)?);
        let desk = match &link.desk {
            Some(desk) => desk.clone(),
            None => only_desk(&agent, &link.origin)?,
        };
        if !fits(&desk) {
            return Err(FindError::WrongDesk);
        }
        Ok(Self { agent, base: format!("{}/{desk}/", link.origin), desk, pin })
    }

    /// The desk's address at the hub.
    pub fn desk_id(&self) -> &DeskId {
        &self.desk
    }

    /// The fingerprint that was known beforehand.
    pub fn pin(&self) -> Option<&Fingerprint> {
        self.pin.as_ref()
    }

    /// Fetches the notice and checks its whole chain, against `pin` where there is one, and that it is this desk's.
    pub fn fetch_notice(
        &self,
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<VerifiedNotice, FetchError> {
        self.fetch_notice_envelope(pin, now).map(|(notice, _)| notice)
    }

    /// The same with the bytes as they were signed, for who keeps them.
    pub fn fetch_notice_envelope(
        &self,
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<(VerifiedNotice, Vec<u8>), FetchError> {
        let envelope = self.fetch("v1/notice", ENVELOPE_MAX)?;
        let notice = Notice::verify(&envelope, pin, now)?;
        let is_this_desks = notice.fingerprint.desk_id() == self.desk;
        if is_this_desks { Ok((notice, envelope)) } else { Err(FetchError::WrongFingerprint) }
    }

    /// Fetches every content pack that the notice names, in the order of its languages, as everyone does.
    ///
    /// Packs that do not come, or are not those that the notice names, are left out: no call waits for a text.
    pub fn fetch_content(&self, notice: &VerifiedNotice) -> Vec<ContentPack> {
        let names = notice.notice.languages.iter().filter_map(|language| notice.notice.content.get(language));
        names.take(LANGUAGES_MAX).filter_map(|name| self.fetch_pack(name)).collect()
    }

    /// One exchange. The answer's outcome and list are not judged here.
    pub fn exchange(&self, request: &Request) -> Result<Answer, HubError> {
        let post = self.agent.post(format!("{}v1/exchange", self.base));
        let sent = post.header("content-type", "application/octet-stream").send(request.encode().as_slice());
        let mut response = sent.map_err(|_| HubError::Away)?;
        match response.status().as_u16() {
            200 => {}
            404 => return Err(HubError::CallsNotTaken),
            _ => return Err(HubError::Away),
        }
        Answer::decode(&read(&mut response, ANSWER_LEN)?).map_err(|error| match error {
            ExchangeError::Version => HubError::Outdated,
            ExchangeError::Layout(_) | ExchangeError::Outcome => HubError::Garbled,
        })
    }

    fn fetch_pack(&self, name: &str) -> Option<ContentPack> {
        // The name becomes a part of an address; that it is a hash, the verified notice has been checked for.
        let bytes = self.fetch(&format!("v1/content/{name}"), PACK_MAX).ok()?;
        (pack_name(&bytes) == name).then(|| ContentPack::decode(&bytes).ok())?
    }

    fn fetch(&self, path: &str, len_max: usize) -> Result<Vec<u8>, HubError> {
        let got = self.agent.get(format!("{}{path}", self.base)).call();
        let mut response = got.map_err(|_| HubError::Away)?;
        match response.status().as_u16() {
            200 => read(&mut response, len_max),
            404 => Err(HubError::NoDesk),
            500.. => Err(HubError::Away),
            _ => Err(HubError::Garbled),
        }
    }
}

impl HubError {
    /// Stable text for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Away => "hub-away",
            Self::CallsNotTaken => "calls-not-taken",
            Self::Garbled => "not-a-hub",
            Self::NoDesk => "no-desk",
            Self::Outdated => "outdated",
        }
    }
}

impl FindError {
    /// Stable text for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Conflict | Self::WrongDesk => "wrong-fingerprint",
            Self::Hub(error) => error.code(),
            Self::NoDesk => "no-desk",
            Self::ProxyLooksUp => "proxy",
        }
    }
}

impl FetchError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired => "notice-expired",
            Self::Hub(error) => error.code(),
            Self::NotGenuine(_) => "notice-not-genuine",
            Self::Outdated => "outdated",
            Self::WrongFingerprint => "wrong-fingerprint",
        }
    }
}

impl From<NoticeError> for FetchError {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::ClientTooOld | NoticeError::Signed(SignedError::Version) => Self::Outdated,
            NoticeError::Expired | NoticeError::Signed(SignedError::CertificateDays) => Self::Expired,
            NoticeError::Signed(SignedError::Fingerprint) => Self::WrongFingerprint,
            NoticeError::Json(_)
            | NoticeError::Plan(_)
            | NoticeError::Rule
            | NoticeError::Signed(_)
            | NoticeError::Successor => Self::NotGenuine(error),
        }
    }
}

/// The same headers for everyone, nothing followed, nothing kept but the connection.
fn agent(proxy: Option<Proxy>) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .user_agent(AutoHeaderValue::None)
        .accept("*/*")
        .accept_encoding(AutoHeaderValue::None)
        .timeout_resolve(Some(STEP_TIMEOUT))
        .timeout_connect(Some(STEP_TIMEOUT))
        .timeout_per_read(Some(STEP_TIMEOUT))
        .timeout_per_write(Some(STEP_TIMEOUT))
        .timeout_recv_response(Some(STEP_TIMEOUT))
        .timeout_global(Some(WHOLE_TIMEOUT))
        .max_idle_connections_per_host(1)
        .build()
        .into()
}

/// The proxy of the environment, unless the hub is on this computer.
fn proxy_for(link: &Link) -> Result<Option<Proxy>, FindError> {
    let proxy = if link.is_loopback() { None } else { Proxy::try_from_env() };
    if proxy.as_ref().is_some_and(Proxy::resolve_target) {
        return Err(FindError::ProxyLooksUp);
    }
    Ok(proxy)
}

/// Where `/` leads. Of the address there only the desk is taken, never another host.
fn only_desk(agent: &Agent, origin: &str) -> Result<DeskId, FindError> {
    let response = agent.get(format!("{origin}/")).call().map_err(|_| HubError::Away)?;
    if !response.status().is_redirection() {
        return Err(FindError::NoDesk);
    }
    let location = response.headers().get("location").and_then(|location| location.to_str().ok());
    location.and_then(desk_in_location).ok_or(FindError::NoDesk)
}

/// A whole body of `len_max` bytes at most, to its end, so that the connection can be used again.
fn read(response: &mut Response<Body>, len_max: usize) -> Result<Vec<u8>, HubError> {
    // One byte more tells "too long" from "just fits".
    let limit = u64::try_from(len_max).unwrap_or(u64::MAX).saturating_add(1);
    match response.body_mut().with_config().limit(limit).read_to_vec() {
        Ok(bytes) if bytes.len() <= len_max => Ok(bytes),
        Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => Err(HubError::Garbled),
        Err(_) => Err(HubError::Away),
    }
}
