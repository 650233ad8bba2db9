//! A caller's way to a hub: finds the desk there, fetches what everyone fetches, and exchanges.

use std::time::Duration;

use callsign_http::{
    Cause, Client, Delivery, Habits, Link, Proxies, Request as Sent, RequestError, RouteError,
    desk_in_location,
};
use callsign_protocol::{
    content::{ContentPack, PACK_MAX, pack_name},
    exchange::{ANSWER_LEN, Answer, ExchangeError, Request},
    identity::{DeskId, Fingerprint},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::{ENVELOPE_MAX, SignedError},
    time::UnixSeconds,
};
use thiserror::Error;

/// No single step of a request, and no silence, may last longer than half a minute; an answer may come slowly on a bad line,
/// yet not for ever.
const HABITS: Habits =
    Habits { step: Duration::from_secs(30), whole: Duration::from_mins(2), idle_connections: 1 };
/// Languages whose packs are fetched at most.
const LANGUAGES_MAX: usize = 64;

/// One desk at one hub, over connections that are kept open between requests.
#[derive(Clone, Debug)]
pub struct HubClient {
    client: Client,
    desk: DeskId,
    pin: Option<Fingerprint>,
}

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HubError {
    /// No connection, no answer in time, or the hub is in trouble; it did nothing that a caller asked.
    #[error("the hub does not answer: {0}; check the connection and try again in a few minutes")]
    Away(Cause),
    /// The hub takes no calls at this address.
    #[error("calls are not taken at this address; use the address that your desk has published for calls")]
    CallsNotTaken,
    /// Not what a hub answers.
    #[error("what came back is not a hub's answer; check the address and try again")]
    Garbled,
    /// An exchange went out, and no answer came back: the hub may have done it.
    #[error("the hub's answer did not come: {0}; check the connection")]
    Lost(Cause),
    /// No such desk there.
    #[error("there is no such desk at this address; check the address")]
    NoDesk,
    /// The hub serves other versions of the protocol.
    #[error("the hub does not serve this version; get a newer program")]
    Outdated,
}

/// Why no desk was found. No exchange was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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
    /// There is no way to the hub that hides the caller as it should.
    #[error(transparent)]
    Route(#[from] RouteError),
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
    pub fn find(link: &Link, fingerprint: Option<Fingerprint>, proxies: &Proxies) -> Result<Self, FindError> {
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
        let client = Client::new(&link.address, proxies, HABITS)?;
        let desk = match &link.desk {
            Some(desk) => desk.clone(),
            None => only_desk(&client)?,
        };
        if !fits(&desk) {
            return Err(FindError::WrongDesk);
        }
        Ok(Self { client, desk, pin })
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
        let envelope = self.fetch_envelope()?;
        let notice = Notice::verify(&envelope, pin, now)?;
        let is_this_desks = notice.fingerprint.desk_id() == self.desk;
        if is_this_desks { Ok((notice, envelope)) } else { Err(FetchError::WrongFingerprint) }
    }

    /// The notice's bytes, of which nothing has been checked.
    pub fn fetch_envelope(&self) -> Result<Vec<u8>, HubError> {
        self.fetch("v1/notice", ENVELOPE_MAX)
    }

    /// Fetches every content pack that the notice names, in the order of its languages, as everyone does.
    ///
    /// Packs that do not come, or are not those that the notice names, are left out: no call waits for a text.
    pub fn fetch_content(&self, notice: &VerifiedNotice) -> Vec<ContentPack> {
        let names = notice.notice.languages.iter().filter_map(|language| notice.notice.content.get(language));
        names.take(LANGUAGES_MAX).filter_map(|name| self.fetch_pack(name)).collect()
    }

    /// The client whose route was decided, for measurements.
    pub fn http(&self) -> &Client {
        &self.client
    }

    /// One exchange. The answer's outcome and list are not judged here.
    pub fn exchange(&self, request: &Request) -> Result<Answer, HubError> {
        let path = format!("/{}/v1/exchange", self.desk);
        let body = request.encode();
        let mut response = self
            .client
            .send(Sent {
                method: "POST",
                path: &path,
                headers: &[("content-type", "application/octet-stream")],
                body: Some(body.as_slice()),
                answer_within: None,
            })
            .map_err(HubError::of_exchange)?;
        match response.status() {
            200 => {}
            404 => return Err(HubError::CallsNotTaken),
            // Refused as it stands; what is no refusal may have come from a server between here and the hub.
            status @ 400..=499 => return Err(HubError::Away(Cause::Status(status))),
            status => return Err(HubError::Lost(Cause::Status(status))),
        }
        let answer = response.read(ANSWER_LEN).map_err(HubError::of_exchange)?;
        Answer::decode(&answer).map_err(|error| match error {
            ExchangeError::Version => HubError::Outdated,
            ExchangeError::Layout(_) | ExchangeError::Outcome => HubError::Garbled,
        })
    }

    fn fetch_pack(&self, name: &str) -> Option<ContentPack> {
        // The name becomes a part of an address; that it is a hash, the verified notice has been checked for.
        let bytes = self.fetch(&format!("v1/content/{name}"), PACK_MAX).ok()?;
        (pack_name(&bytes) == name).then(|| ContentPack::decode(&bytes).ok())?
    }

    pub(crate) fn fetch(&self, path: &str, len_max: usize) -> Result<Vec<u8>, HubError> {
        let path = format!("/{}/{path}", self.desk);
        let mut response = self.client.send(get(&path)).map_err(HubError::of_fetch)?;
        match response.status() {
            200 => response.read(len_max).map_err(HubError::of_fetch),
            404 => Err(HubError::NoDesk),
            status @ 500.. => Err(HubError::Away(Cause::Status(status))),
            _ => Err(HubError::Garbled),
        }
    }
}

impl HubError {
    /// Stable text for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Away(_) => "hub-away",
            Self::CallsNotTaken => "calls-not-taken",
            Self::Garbled => "not-a-hub",
            Self::Lost(_) => "answer-lost",
            Self::NoDesk => "no-desk",
            Self::Outdated => "outdated",
        }
    }

    /// Whether the hub may have done what the exchange asked although this came of it.
    pub(crate) fn leaves_doubt(self) -> bool {
        matches!(self, Self::Lost(_) | Self::Garbled)
    }

    /// Nothing is changed by fetching, so that it does not matter what has left.
    fn of_fetch(error: RequestError) -> Self {
        match error.cause {
            Cause::Garbled => Self::Garbled,
            cause => Self::Away(cause),
        }
    }

    fn of_exchange(error: RequestError) -> Self {
        match (error.delivery, error.cause) {
            (Delivery::NothingLeft, cause) => Self::Away(cause),
            (Delivery::Unknown, Cause::Garbled) => Self::Garbled,
            (Delivery::Unknown, cause) => Self::Lost(cause),
        }
    }
}

impl FindError {
    /// Stable text for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict | Self::WrongDesk => "wrong-fingerprint",
            Self::Hub(error) => error.code(),
            Self::NoDesk => "no-desk",
            Self::Route(error) => error.code(),
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

/// Where `/` leads. Of the address there only the desk is taken, never another host.
fn only_desk(client: &Client) -> Result<DeskId, FindError> {
    let response = client.send(get("/")).map_err(HubError::of_fetch)?;
    let location = Some(&response).filter(|response| (300..400).contains(&response.status()));
    let location = location.and_then(|response| response.header("location"));
    location.and_then(desk_in_location).ok_or(FindError::NoDesk)
}

fn get(path: &str) -> Sent<'_> {
    Sent { method: "GET", path, headers: &[], body: None, answer_within: None }
}
