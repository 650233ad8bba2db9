//! A device's requests to the hub.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use callsign_http::{
    Cause, Client, Delivery, Habits, Link, LinkError, Proxies, Request, Response, RouteError,
};
use callsign_protocol::{
    commit::{Commit, Head},
    content::PACK_MAX,
    digest::{DayChains, DropHashes},
    encoding::Bytes,
    enrol::EnrolRequest,
    error_code::ErrorCode,
    follow::{FOLLOW_MAX, Follow, WAIT_MAX_S},
    identity::{Fingerprint, PrivateKey},
    letters::LETTERS_LEN,
    session::{CHALLENGE_S, Challenge, SessionRequest, Token},
    signed::ENVELOPE_MAX,
    snapshot::{AttemptId, CHUNK_LEN, Chunk},
    time::{Day, UnixSeconds},
};
use thiserror::Error;

/// For each step of a request, and for any silence: a slow line is no absent hub.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);
/// A device follows and beats at the same time.
const HABITS: Habits = Habits { step: TIMEOUT, whole: Duration::from_mins(10), idle_connections: 3 };

/// Speaks for one device to one hub; opens sessions by itself.
#[derive(Debug)]
pub struct HubClient {
    client: Client,
    fingerprint: Fingerprint,
    device_key: PrivateKey,
    token: Mutex<Option<Token>>,
    /// The hub's time, as the last challenge tells it; none where it was asked for already.
    hub_time: Mutex<Option<UnixSeconds>>,
}

/// Why the hub did not do what a device asked.
#[derive(Debug, Error)]
pub enum HubError {
    /// The address that the desk has for it is none.
    #[error("the desk's address of its hub is of no use: {0}")]
    Address(#[from] LinkError),
    /// It cannot be reached, or answers in another language. Nothing was changed at the hub.
    #[error("the hub at {0} does not answer: {1}; check that it runs and that its address is right")]
    Away(String, Cause),
    /// The head of the log or the serial has moved on.
    #[error("another device was faster; nothing was lost, so try again")]
    Conflict,
    /// What changes something at the hub went out, and no answer came: it may have been done.
    #[error(
        "the hub at {0} was asked, but its answer did not come: {1}. It is not known whether it did what was asked; \
         `callsign desk sync` brings what it has, so look before you do the same again"
    )]
    Lost(String, Cause),
    /// It opens no session for this device.
    #[error(
        "the hub says that this device, which was admitted once, does not belong to the desk any more: it was removed, it was left out because it \
         had not been at work when the desk's keys were made anew, or the desk was restarted with its identity; ask whoever keeps the desk's devices. To come back, ask to join anew with `callsign desk join` \
         in a new directory"
    )]
    NotADevice,
    /// There is no way to the hub that hides the desk as it should.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// It refuses, with its stable code.
    #[error("the hub refuses: {} ({code})", explanation(code))]
    Refused {
        /// Why.
        code: ErrorCode,
    },
}

/// What matters of a request that is refused; the hub's own sentence is another's text.
#[derive(serde::Deserialize)]
struct Refusal {
    code: ErrorCode,
}

impl HubClient {
    /// A client of the desk with this fingerprint at the hub's address, by the route that `proxies` leave.
    pub fn new(
        hub: &str,
        fingerprint: Fingerprint,
        device_key: PrivateKey,
        proxies: &Proxies,
    ) -> Result<Self, HubError> {
        let client = Client::new(&Link::parse(hub)?.address, proxies, HABITS)?;
        Ok(Self { client, fingerprint, device_key, token: Mutex::new(None), hub_time: Mutex::new(None) })
    }

    /// Brings the identity, with the code that the hub printed.
    pub fn enrol(&self, request: &EnrolRequest) -> Result<(), HubError> {
        self.expect_empty(self.send("POST", "enrol", None, &request.encode(), TIMEOUT)?)
    }

    /// The desk's notice, as the hub has it; none before the first.
    pub fn notice(&self) -> Result<Option<Vec<u8>>, HubError> {
        self.expect_document(self.send("GET", "notice", None, &[], TIMEOUT)?, ENVELOPE_MAX)
    }

    /// Publishes a notice.
    pub fn put_notice(&self, envelope: &[u8]) -> Result<(), HubError> {
        self.expect_empty(self.in_session("PUT", "notice", envelope, TIMEOUT)?)
    }

    /// The desk's letters document, as the hub has it; none before the first.
    pub fn letters(&self) -> Result<Option<Vec<u8>>, HubError> {
        self.expect_document(self.send("GET", "letters", None, &[], TIMEOUT)?, LETTERS_LEN)
    }

    /// Publishes a letters document.
    pub fn put_letters(&self, envelope: &[u8]) -> Result<(), HubError> {
        self.expect_empty(self.in_session("PUT", "letters", envelope, TIMEOUT)?)
    }

    /// Publishes a keyring.
    pub fn put_keyring(&self, envelope: &[u8]) -> Result<(), HubError> {
        self.expect_empty(self.send("PUT", "keyring", None, envelope, TIMEOUT)?)
    }

    /// The desk's keyring, as the hub has it.
    pub fn keyring(&self) -> Result<Option<Vec<u8>>, HubError> {
        self.expect_document(self.in_session("GET", "keyring", &[], TIMEOUT)?, ENVELOPE_MAX)
    }

    /// Publishes a content pack under its name.
    pub fn put_content(&self, name: &str, pack: &[u8]) -> Result<(), HubError> {
        debug_assert!(pack.len() <= PACK_MAX, "checked when the pack was read");
        self.expect_empty(self.in_session("PUT", &format!("content/{name}"), pack, TIMEOUT)?)
    }

    /// Puts a chunk of a snapshot; the same one may be put again.
    pub fn put_chunk(
        &self,
        generation: u32,
        attempt: &AttemptId,
        index: u32,
        chunk: &Chunk,
    ) -> Result<(), HubError> {
        let path = chunk_path(generation, attempt, index);
        self.expect_empty(self.in_session("PUT", &path, chunk.as_bytes(), TIMEOUT)?)
    }

    /// A chunk of a snapshot as the hub has it.
    pub fn chunk(
        &self,
        generation: u32,
        attempt: &AttemptId,
        index: u32,
    ) -> Result<Option<Vec<u8>>, HubError> {
        let path = chunk_path(generation, attempt, index);
        self.expect_document(self.in_session("GET", &path, &[], TIMEOUT)?, CHUNK_LEN)
    }

    /// The chains of a day's lists, as the hub has them.
    pub fn day_chains(&self, day: Day) -> Result<DayChains, HubError> {
        let chains = self.row(&format!("lists/{day}", day = day.0), DayChains::LEN_MAX)?;
        DayChains::decode(&chains).map_err(|_| self.away(Cause::Garbled))
    }

    /// Hashes of a list's drops from a position on, as many as the hub shows at once; none where there are no more.
    pub fn drop_hashes(&self, day: Day, shard: u32, from: u32) -> Result<DropHashes, HubError> {
        let path = format!("lists/{day}/{shard}/{from}", day = day.0);
        DropHashes::decode(&self.row(&path, DropHashes::LEN_MAX)?).map_err(|_| self.away(Cause::Garbled))
    }

    fn row(&self, path: &str, max: usize) -> Result<Vec<u8>, HubError> {
        let mut response = self.in_session("GET", path, &[], TIMEOUT)?;
        if response.status() == 200 {
            self.read(&mut response, max)
        } else {
            Err(self.refusal(&mut response))
        }
    }

    /// Commits; the same commit may be sent again after a lost answer.
    pub fn commit(&self, commit: &Commit) -> Result<Head, HubError> {
        let mut response = self.in_session("POST", "commit", &commit.encode(), TIMEOUT)?;
        match response.status() {
            200 => {
                let head = self.read(&mut response, 40).map_err(lost)?;
                Head::decode(&head).map_err(|_| lost(self.away(Cause::Garbled)))
            }
            409 => Err(HubError::Conflict),
            _ => Err(self.refusal(&mut response)),
        }
    }

    /// What came after these positions; waits up to `wait_s` seconds for something.
    pub fn follow(&self, cells_after: u64, log_after: u64, wait_s: u64) -> Result<Follow, HubError> {
        let wait_s = wait_s.min(WAIT_MAX_S);
        let path = format!("follow?cells_after={cells_after}&log_after={log_after}&wait_s={wait_s}");
        let mut response = self.in_session("GET", &path, &[], TIMEOUT + Duration::from_secs(wait_s))?;
        if response.status() != 200 {
            return Err(self.refusal(&mut response));
        }
        Follow::decode(&self.read(&mut response, FOLLOW_MAX)?).map_err(|_| self.away(Cause::Garbled))
    }

    /// Sends within a session; opens one where there is none or the hub has forgotten it.
    pub(super) fn in_session(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response, HubError> {
        let known = self.token();
        let token = match known {
            Some(token) => token,
            None => self.open_session()?,
        };
        let response = self.send(method, path, Some(token), body, timeout)?;
        if response.status() != 401 {
            return Ok(response);
        }
        let token = self.open_session()?;
        self.send(method, path, Some(token), body, timeout)
    }

    fn open_session(&self) -> Result<Token, HubError> {
        let mut response = self.send("POST", "session/challenge", None, &[], TIMEOUT)?;
        let challenge = Bytes(self.read_exact::<56>(&mut response)?);
        *lock(&self.hub_time) = challenge_made(&challenge);
        let request = SessionRequest::sign(challenge, &self.fingerprint, &self.device_key);
        let mut response = self.send("POST", "session", None, &request.encode(), TIMEOUT)?;
        let token = match self.read_exact::<56>(&mut response) {
            Err(HubError::Refused { code: ErrorCode::Forbidden }) => return Err(HubError::NotADevice),
            read => Bytes(read?),
        };
        *lock(&self.token) = Some(token);
        Ok(token)
    }

    /// The time by the hub's clock, where it has told one since this was last asked.
    pub fn take_hub_time(&self) -> Option<UnixSeconds> {
        lock(&self.hub_time).take()
    }

    /// Opens a new session with the next request, by which the hub tells its time again.
    pub fn end_session(&self) {
        *lock(&self.token) = None;
    }

    fn token(&self) -> Option<Token> {
        *lock(&self.token)
    }

    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<Token>,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response, HubError> {
        let path = format!("/{}/v1/{path}", self.fingerprint.desk_id());
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let request = Request {
            method,
            path: &path,
            headers: &headers,
            body: Some(body),
            answer_within: Some(timeout),
        };
        self.client.send(request).map_err(|error| match (error.delivery, method) {
            (Delivery::NothingLeft, _) | (Delivery::Unknown, "GET") => self.away(error.cause),
            (Delivery::Unknown, _) => lost(self.away(error.cause)),
        })
    }

    pub(super) fn expect_empty(&self, mut response: Response) -> Result<(), HubError> {
        match response.status() {
            200..=299 => Ok(()),
            409 => Err(HubError::Conflict),
            _ => Err(self.refusal(&mut response)),
        }
    }

    pub(super) fn expect_document(
        &self,
        mut response: Response,
        max: usize,
    ) -> Result<Option<Vec<u8>>, HubError> {
        match response.status() {
            200 => self.read(&mut response, max).map(Some),
            404 => Ok(None),
            _ => Err(self.refusal(&mut response)),
        }
    }

    fn read_exact<const N: usize>(&self, response: &mut Response) -> Result<[u8; N], HubError> {
        if response.status() != 200 {
            return Err(self.refusal(response));
        }
        self.read(response, N)?.try_into().map_err(|_| self.away(Cause::Garbled))
    }

    fn read(&self, response: &mut Response, max: usize) -> Result<Vec<u8>, HubError> {
        response.read(max).map_err(|error| self.away(error.cause))
    }

    pub(super) fn refusal(&self, response: &mut Response) -> HubError {
        let status = response.status();
        let refusal = self.read(response, 4_096).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match refusal.map(|Refusal { code }| code) {
            // What has no code of ours is treated as its status: it may be a server between here and the hub, which may have done it.
            None | Some(ErrorCode::Unknown(_)) if status >= 500 => lost(self.away(Cause::Status(status))),
            Some(ErrorCode::Unknown(code)) if code.is_none() => self.away(Cause::Status(status)),
            Some(code) => HubError::Refused { code },
            None => self.away(Cause::Status(status)),
        }
    }

    pub(super) fn away(&self, cause: Cause) -> HubError {
        HubError::Away(self.client.address().to_string(), cause)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When the hub made a challenge, which begins with the time of its end.
fn challenge_made(challenge: &Challenge) -> Option<UnixSeconds> {
    let (ends, _) = challenge.0.split_first_chunk()?;
    u64::from_be_bytes(*ends).checked_sub(CHALLENGE_S).map(UnixSeconds)
}

fn chunk_path(generation: u32, attempt: &AttemptId, index: u32) -> String {
    format!("snapshot/{generation}/{}/{index}", data_encoding::HEXLOWER.encode(&attempt.0))
}

/// The same trouble where what was asked may have been done.
fn lost(error: HubError) -> HubError {
    match error {
        HubError::Away(hub, cause) => HubError::Lost(hub, cause),
        other => other,
    }
}

/// What a code of the protocol means for people, and what they can do.
fn explanation(code: &ErrorCode) -> &'static str {
    match code {
        ErrorCode::ChunkConflict | ErrorCode::SnapshotRefused => {
            "what it has of the desk's saved state is another one than this device wrote; try again"
        }
        ErrorCode::ContentFull => {
            "it keeps no more content packs of this desk; those that no notice names go after some days"
        }
        ErrorCode::ContentHash => "the content pack is not the one that its name says; try again",
        ErrorCode::DayRefused => {
            "its date and this computer's are too far apart; check this computer's date and time, and where they are right, \
             have the hub's clock set"
        }
        ErrorCode::DocumentRefused => {
            "it takes this desk's notice, letter keys or keyring for invalid today; check the dates of this computer and of the hub, and \
             whether the certificate of the duty key has ended"
        }
        ErrorCode::Forbidden => {
            "the enrolment code or the signature is not the right one; copy the code again"
        }
        ErrorCode::Generation => "another device has begun new keys; try again",
        ErrorCode::InvitationConflict => "the invitation was used already; have another one made",
        ErrorCode::Malformed | ErrorCode::Method => {
            "it does not understand this program; see that both are of the same version"
        }
        ErrorCode::NotFound => "it has no desk of this fingerprint; check its address",
        ErrorCode::SerialConflict => "another device was faster; try again",
        ErrorCode::SessionNeeded => "it has ended this device's session; try again",
        ErrorCode::Timeout | ErrorCode::Unavailable => {
            "it cannot do this at the moment; try again in a few minutes"
        }
        ErrorCode::TooLarge => "the request is longer than it takes; shorten what you send",
        ErrorCode::UnknownShard => "it does not know the desk's newest notice; try again",
        ErrorCode::Unknown(_) => {
            "for a reason that this program does not know; see that hub and desk are of the same version"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let told = |code: ErrorCode| HubError::Refused { code }.to_string();
        assert!(told(ErrorCode::DayRefused).contains("date"));
        for code in ErrorCode::ALL {
            assert!(told(code.clone()).ends_with(&format!(" ({code})")));
        }
    }
}
