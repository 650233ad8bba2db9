//! Sessions of devices without any state: challenge and token are authenticated under a key drawn at the start.

use callsign_protocol::{
    encoding::{Bytes, Secret},
    identity::DeskId,
    keyring::DeviceId,
    session::{CHALLENGE_S, Challenge, SESSION_S, SessionRequest, Token},
    time::UnixSeconds,
};
use chacha20::ChaCha20Rng;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Desk, Service, ServiceError};
use crate::store::Store;

/// Makes and recognises the hub's own challenges and tokens.
#[derive(Debug)]
pub struct Tickets(Secret<32>);

/// What a ticket is for; part of what is authenticated.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Challenge,
    Token,
}

impl Purpose {
    fn lifetime_s(self) -> u64 {
        match self {
            Self::Challenge => CHALLENGE_S,
            Self::Token => SESSION_S,
        }
    }
}

impl Tickets {
    /// Tickets under a new key; those of an earlier start are void.
    pub fn new(rng: &mut ChaCha20Rng) -> Self {
        Self(Secret::random(rng))
    }

    /// `u64 expiry || subject 16 || mac 32`.
    fn issue(&self, purpose: Purpose, desk: &DeskId, now: UnixSeconds, subject: Bytes<16>) -> Bytes<56> {
        let mut ticket = [0; 56];
        ticket[..8].copy_from_slice(&now.plus(purpose.lifetime_s()).0.to_be_bytes());
        ticket[8..24].copy_from_slice(&subject.0);
        let mac = self.mac(purpose, desk, &ticket[..24]).finalize().into_bytes();
        ticket[24..].copy_from_slice(&mac);
        Bytes(ticket)
    }

    /// The subject of a ticket of ours that has not expired, and was not made by a clock that was ahead.
    fn check(
        &self,
        purpose: Purpose,
        desk: &DeskId,
        now: UnixSeconds,
        ticket: &Bytes<56>,
    ) -> Option<Bytes<16>> {
        let (fields, mac) = ticket.0.split_at(24);
        self.mac(purpose, desk, fields).verify_slice(mac).ok()?;
        let (expiry, subject) = fields.split_first_chunk()?;
        let valid = now.0..=now.plus(purpose.lifetime_s()).0;
        valid.contains(&u64::from_be_bytes(*expiry)).then_some(Bytes(*subject.first_chunk()?))
    }

    fn mac(&self, purpose: Purpose, desk: &DeskId, fields: &[u8]) -> Hmac<Sha256> {
        let label: &[u8] = match purpose {
            Purpose::Challenge => b"callsign hub challenge\0",
            Purpose::Token => b"callsign hub token\0",
        };
        // Unwrap safety: HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0.0).expect("HMAC takes any key");
        mac.update(label);
        mac.update(desk.as_str().as_bytes());
        mac.update(fields);
        mac
    }
}

impl<S: Store> Service<S> {
    /// A challenge for a device to sign.
    pub fn challenge(&self, desk: &Desk) -> Challenge {
        let nonce = Bytes::random(&mut self.rng());
        self.tickets.issue(Purpose::Challenge, &desk.id, self.now(), nonce)
    }

    /// A token for a device of the keyring, or for the identity, that has signed our challenge.
    pub fn open_session(&self, desk: &Desk, request: &[u8]) -> Result<Token, ServiceError> {
        let request = SessionRequest::decode(request).map_err(|_| ServiceError::Malformed)?;
        let now = self.now();
        self.tickets
            .check(Purpose::Challenge, &desk.id, now, &request.challenge)
            .ok_or(ServiceError::Forbidden)?;
        let signing_key = desk.signing_key(&request.device).ok_or(ServiceError::Forbidden)?;
        request.verify(&desk.fingerprint, &signing_key).map_err(|_| ServiceError::Forbidden)?;
        Ok(self.tickets.issue(Purpose::Token, &desk.id, now, request.device))
    }

    /// The device whose token this is, as long as it is in the keyring.
    pub fn authorise(&self, desk: &Desk, token: &Token) -> Result<DeviceId, ServiceError> {
        let device = self
            .tickets
            .check(Purpose::Token, &desk.id, self.now(), token)
            .ok_or(ServiceError::SessionNeeded)?;
        desk.signing_key(&device).map(|_| device).ok_or(ServiceError::SessionNeeded)
    }
}
