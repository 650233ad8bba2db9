//! A device's requests to the hub.

use std::{net::IpAddr, sync::Mutex, time::Duration};

use callsign_protocol::{
    commit::{Commit, Head},
    content::PACK_MAX,
    encoding::Bytes,
    enrol::EnrolRequest,
    follow::{FOLLOW_MAX, Follow, WAIT_MAX_S},
    identity::{Fingerprint, PrivateKey},
    session::{SessionRequest, Token},
    signed::ENVELOPE_MAX,
};
use thiserror::Error;
use ureq::{
    Agent, Body, Proxy,
    http::{Response, Uri},
};

/// For each step of a request, and for any silence: a slow line is no absent hub.
const TIMEOUT: Duration = Duration::from_secs(20);
/// For all of a request.
const WHOLE_TIMEOUT: Duration = Duration::from_mins(10);

/// Speaks for one device to one hub; opens sessions by itself.
#[derive(Debug)]
pub struct HubClient {
    agent: Agent,
    base: String,
    fingerprint: Fingerprint,
    device_key: PrivateKey,
    token: Mutex<Option<Token>>,
}

/// Why the hub did not do what a device asked.
#[derive(Debug, Error)]
pub enum HubError {
    /// It cannot be reached, or answers in another language.
    #[error("the hub at {0} does not answer ({1}); check that it runs and that its address is right")]
    Away(String, String),
    /// The head of the log or the serial has moved on.
    #[error("another device was faster")]
    Conflict,
    /// It opens no session for this device.
    #[error(
        "the hub says that this device does not belong to the desk: it was removed, or is not admitted yet; \
         ask whoever keeps the desk's devices"
    )]
    NotADevice,
    /// The proxy of the environment would have this computer look up the hub's name, which others can see.
    #[error(
        "the proxy that is set would let this computer look up the hub's name, which others can see; set it as socks5h:// instead"
    )]
    ProxyLooksUp,
    /// It refuses, with its stable code.
    #[error("the hub refuses: {message} ({code})")]
    Refused {
        /// Stable.
        code: String,
        /// The hub's sentence.
        message: String,
    },
}

#[derive(serde::Deserialize)]
struct Refusal {
    code: String,
    message: String,
}

impl HubClient {
    /// A client of the desk with this fingerprint at the hub's address; through the proxy of the environment, unless
    /// the hub is on this computer.
    pub fn new(hub: &str, fingerprint: Fingerprint, device_key: PrivateKey) -> Result<Self, HubError> {
        let proxy = if is_loopback(hub) { None } else { Proxy::try_from_env() };
        if proxy.as_ref().is_some_and(Proxy::resolve_target) {
            return Err(HubError::ProxyLooksUp);
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .timeout_connect(Some(TIMEOUT))
            .timeout_per_read(Some(TIMEOUT))
            .timeout_per_write(Some(TIMEOUT))
            .timeout_global(Some(WHOLE_TIMEOUT))
            .user_agent("")
            .build()
            .into();
        let base = format!("{}/{}/v1", hub.trim_end_matches('/'), fingerprint.desk_id());
        Ok(Self { agent, base, fingerprint, device_key, token: Mutex::new(None) })
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
        self.expect_empty(self.send("PUT", "notice", None, envelope, TIMEOUT)?)
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

    /// Commits; the same commit may be sent again after a lost answer.
    pub fn commit(&self, commit: &Commit) -> Result<Head, HubError> {
        let mut response = self.in_session("POST", "commit", &commit.encode(), TIMEOUT)?;
        match response.status().as_u16() {
            200 => Head::decode(&self.read(&mut response, 40)?).map_err(|e| self.away(&e)),
            409 => Err(HubError::Conflict),
            _ => Err(self.refusal(&mut response)),
        }
    }

    /// What came after these positions; waits up to `wait_s` seconds for something.
    pub fn follow(&self, cells_after: u64, log_after: u64, wait_s: u64) -> Result<Follow, HubError> {
        let wait_s = wait_s.min(WAIT_MAX_S);
        let path = format!("follow?cells_after={cells_after}&log_after={log_after}&wait_s={wait_s}");
        let mut response = self.in_session("GET", &path, &[], TIMEOUT + Duration::from_secs(wait_s))?;
        if response.status().as_u16() != 200 {
            return Err(self.refusal(&mut response));
        }
        Follow::decode(&self.read(&mut response, FOLLOW_MAX)?).map_err(|e| self.away(&e))
    }

    /// Sends within a session; opens one where there is none or the hub has forgotten it.
    fn in_session(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response<Body>, HubError> {
        let known = self.token();
        let token = match known {
            Some(token) => token,
            None => self.open_session()?,
        };
        let response = self.send(method, path, Some(token), body, timeout)?;
        if response.status().as_u16() != 401 {
            return Ok(response);
        }
        let token = self.open_session()?;
        self.send(method, path, Some(token), body, timeout)
    }

    fn open_session(&self) -> Result<Token, HubError> {
        let mut response = self.send("POST", "session/challenge", None, &[], TIMEOUT)?;
        let challenge = Bytes(self.read_exact::<56>(&mut response)?);
        let request = SessionRequest::sign(challenge, &self.fingerprint, &self.device_key);
        let mut response = self.send("POST", "session", None, &request.encode(), TIMEOUT)?;
        let token = match self.read_exact::<56>(&mut response) {
            Err(HubError::Refused { code, .. }) if code == "forbidden" => return Err(HubError::NotADevice),
            read => Bytes(read?),
        };
        *self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(token);
        Ok(token)
    }

    fn token(&self) -> Option<Token> {
        *self.token.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<Token>,
        body: &[u8],
        timeout: Duration,
    ) -> Result<Response<Body>, HubError> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}/{path}", self.base));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body).map_err(|e| self.away(&e))?;
        let request = self.agent.configure_request(request).timeout_recv_response(Some(timeout)).build();
        self.agent.run(request).map_err(|e| self.away(&e))
    }

    fn expect_empty(&self, mut response: Response<Body>) -> Result<(), HubError> {
        match response.status().as_u16() {
            200..=299 => Ok(()),
            409 => Err(HubError::Conflict),
            _ => Err(self.refusal(&mut response)),
        }
    }

    fn expect_document(&self, mut response: Response<Body>, max: usize) -> Result<Option<Vec<u8>>, HubError> {
        match response.status().as_u16() {
            200 => self.read(&mut response, max).map(Some),
            404 => Ok(None),
            _ => Err(self.refusal(&mut response)),
        }
    }

    fn read_exact<const N: usize>(&self, response: &mut Response<Body>) -> Result<[u8; N], HubError> {
        if response.status().as_u16() != 200 {
            return Err(self.refusal(response));
        }
        self.read(response, N)?.try_into().map_err(|_| self.away(&"an answer of another size"))
    }

    fn read(&self, response: &mut Response<Body>, max: usize) -> Result<Vec<u8>, HubError> {
        response.body_mut().with_config().limit(max as u64 + 1).read_to_vec().map_err(|e| self.away(&e))
    }

    fn refusal(&self, response: &mut Response<Body>) -> HubError {
        let status = response.status().as_u16();
        let refusal = self.read(response, 4_096).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match refusal {
            Some(Refusal { code, message }) => HubError::Refused { code, message },
            None => self.away(&format!("status {status}")),
        }
    }

    fn away(&self, cause: &dyn std::fmt::Display) -> HubError {
        HubError::Away(self.base.clone(), cause.to_string())
    }
}

fn is_loopback(hub: &str) -> bool {
    let host = hub.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_is_loopback() {
        for here in ["http://127.0.0.1:8700", "http://localhost", "https://[::1]:1/"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in ["http://hub.example", "http://localhost.example", "http://abc.onion", "nonsense"] {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
