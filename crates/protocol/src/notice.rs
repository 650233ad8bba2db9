//! The notice: what everyone fetches before a visit, signed by the desk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION, WrappingKey,
    derive::sha256,
    encoding::Bytes,
    identity::{Fingerprint, PublicKey},
    plan::{Plan, PlanError},
    signed::{Envelope, Kind, SignedError},
    time::{Day, UnixSeconds},
    visit::{Cover, Windows},
};

/// Seconds between `issued` and `expires` at most.
pub const LIFETIME_MAX_S: u64 = 172_800;
/// Days ahead, today included, for which a notice carries inbox keys.
pub const INBOX_KEY_DAYS: u32 = 3;
/// Seconds by which a reader's clock may be off.
const TOLERANCE_S: u64 = 86_400;

/// The body of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Version of the protocol.
    pub version: u8,
    /// The oldest version of a client that is served.
    pub oldest_client: u8,
    /// The desk's name as people know it.
    pub name: String,
    /// Only grows.
    pub serial: u64,
    /// When it was made.
    pub issued: UnixSeconds,
    /// When it ends, 48 hours after `issued` at most.
    pub expires: UnixSeconds,
    /// The keys to seal calls to: today's and the next two days'.
    pub inbox_keys: Vec<InboxKey>,
    /// The X25519 key that authenticates answers.
    pub answer_key: Bytes<32>,
    /// Shards and cadence of each day that is listed, of today, and of the week ahead.
    pub plan: Plan,
    /// Days that answers stay listed.
    pub days: u32,
    /// Weights of the windows that cover visits draw.
    pub windows: Windows,
    /// How visits are paced.
    pub cover: Cover,
    /// Languages of the content, in the order in which packs are fetched.
    pub languages: Vec<String>,
    /// What a call may be about.
    pub tracks: Vec<Track>,
    /// SHA-256 of each language's content pack, hexadecimal.
    pub content: BTreeMap<String, String>,
}

/// The public key of one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxKey {
    /// The day it is for.
    pub epoch: Day,
    /// Names the key among those of its day.
    pub key_id: u16,
    /// X-Wing, 1,216 bytes.
    pub public_key: WrappingKey,
}

/// What a call may be about, with its name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Short and stable; travels inside sealed cells only.
    pub id: String,
    /// Language to name.
    pub names: BTreeMap<String, String>,
}

/// A notice whose chain, days and version were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedNotice {
    /// Its content.
    pub notice: Notice,
    /// The desk that signed it.
    pub fingerprint: Fingerprint,
    /// The duty key that signed it; it signs the lists of finished days too.
    pub duty_key: PublicKey,
    /// SHA-256 of the body, part of every cell's HPKE info.
    pub hash: [u8; 32],
}

/// Why a notice is not used.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// This program is older than the oldest that the desk serves.
    #[error("this program is too old for the desk")]
    ClientTooOld,
    /// Past `expires`.
    #[error("the notice has expired")]
    Expired,
    /// Not the JSON of section 5.1.
    #[error("the notice is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// Its plan breaks a rule.
    #[error("the notice is not usable: {0}")]
    Plan(#[from] PlanError),
    /// It lives longer than 48 hours, or has no inbox key.
    #[error("the notice breaks a rule of the protocol")]
    Rule,
    /// The envelope does not verify.
    #[error(transparent)]
    Signed(#[from] SignedError),
}

impl Notice {
    /// Decodes and verifies an envelope, against a pinned fingerprint where there is one.
    pub fn verify(
        envelope: &[u8],
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<VerifiedNotice, NoticeError> {
        let verified = Envelope::decode(envelope)?.verify(Kind::Notice, pin, now)?;
        let notice: Self = serde_json::from_slice(&verified.body)?;
        if notice.version != VERSION {
            return Err(SignedError::Version.into());
        }
        if notice.oldest_client > VERSION {
            return Err(NoticeError::ClientTooOld);
        }
        if notice.expires.since(notice.issued) > LIFETIME_MAX_S || notice.inbox_keys.is_empty() {
            return Err(NoticeError::Rule);
        }
        notice.plan.check(notice.first_planned())?;
        if now > notice.expires.plus(TOLERANCE_S) {
            return Err(NoticeError::Expired);
        }
        let hash = sha256(&[&verified.body]);
        let duty_key = verified.certificate.duty_key;
        Ok(VerifiedNotice { notice, fingerprint: verified.fingerprint, duty_key, hash })
    }

    /// The first day that the plan must cover: a hub whose clock is a day behind still lists it.
    pub fn first_planned(&self) -> Day {
        self.issued.day().minus(self.days)
    }
}

impl VerifiedNotice {
    /// The key of `today`, or of the nearest day that has one.
    ///
    /// # Panics
    /// Never: a verified notice has an inbox key.
    pub fn inbox_key(&self, today: Day) -> &InboxKey {
        let distance = |key: &&InboxKey| key.epoch.0.abs_diff(today.0);
        self.notice.inbox_keys.iter().min_by_key(distance).expect("verified: at least one key")
    }
}
