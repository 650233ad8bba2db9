//! The notice: what everyone fetches before a visit, signed by the desk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    VERSION, WrappingKey,
    call::{LABEL_MAX, json_len},
    content::is_pack_name,
    derive::sha256,
    encoding::Bytes,
    identity::Fingerprint,
    invisible::is_invisible,
    json::{self, JsonError},
    plan::{Plan, PlanError},
    signed::{Envelope, Kind, SignedError, Signer},
    successor::Successor,
    time::{Day, UnixSeconds},
    visit::Cover,
};

/// Seconds between `issued` and `expires` at most.
pub const LIFETIME_MAX_S: u64 = 172_800;
/// Days ahead, today included, for which a notice carries inbox keys.
pub const INBOX_KEY_DAYS: u32 = 3;
/// Days that a desk may list at most.
pub const DAYS_MAX: u32 = 366;
/// Seconds between two drops of a cadence at most.
pub const DROP_PERIOD_MAX_S: u32 = 86_400;
/// Former answer keys in a notice at most: one for each listed day, and some for removals.
pub const FORMER_ANSWER_KEYS_MAX: usize = 24;
/// Bytes of a name that people read at most, as JSON without its quotes.
pub const NAME_MAX: usize = 120;
/// Other ways to reach the desk at most.
pub const CHANNELS_MAX: usize = 16;
/// Bytes of what is said of another way at most, as JSON without its quotes.
pub const CHANNEL_TEXT_MAX: usize = 200;
/// Bytes of its address at most, as JSON without its quotes.
pub const CHANNEL_ADDRESS_MAX: usize = 300;
/// Page files whose hashes a notice may name.
pub const PAGES_MAX: usize = 16;
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
    /// Keys under which answers that are still listed may be sealed, newest first.
    pub former_answer_keys: Vec<FormerAnswerKey>,
    /// Shards and cadence of each day that is listed, of today, and of the week ahead.
    pub plan: Plan,
    /// Days that answers stay listed.
    pub days: u32,
    /// How visits are paced.
    pub cover: Cover,
    /// Languages of the content, in the order in which packs are fetched.
    pub languages: Vec<String>,
    /// What a call may be about.
    pub tracks: Vec<Track>,
    /// SHA-256 of each language's content pack, hexadecimal.
    pub content: BTreeMap<String, String>,
    /// SHA-256 of the body of the letters document; nobody writes letters to the desk where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letters: Option<Bytes<32>>,
    /// Other ways to reach the desk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// The files of the caller's page as the desk vouches for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// Whether all callers are invented: people practise at this desk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub practice: bool,
    /// Which identity comes after this one, where the desk has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
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

/// An answer key of a generation that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAnswerKey {
    /// X25519.
    pub key: Bytes<32>,
    /// Drops listed under later days are not sealed with it.
    pub last_day: Day,
}

/// What a call may be about, with its name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Short and stable; travels inside sealed cells only.
    pub id: String,
    /// Language to name.
    pub names: BTreeMap<String, String>,
}

/// Another way to reach the desk, in words that people read; no program follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Short and stable, for programs that know this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is.
    pub text: String,
    /// Where it is: a number, a name, a link.
    pub address: String,
}

/// A file of the caller's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// A notice whose chain, days and version were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedNotice {
    /// Its content.
    pub notice: Notice,
    /// The desk that signed it.
    pub fingerprint: Fingerprint,
    /// The duty key that signed it; it signs the lists of finished days too.
    pub signer: Signer,
    /// SHA-256 of the body, part of every cell's HPKE info.
    pub hash: [u8; 32],
}

/// What is read before anything else of a body, so that an old program learns that it is old from a notice of any form.
#[derive(Deserialize)]
struct Preface {
    version: u8,
    oldest_client: u8,
}

/// Why a notice is not used.
#[derive(Debug, Error)]
pub enum NoticeError {
    /// This program is older than the oldest that the desk serves.
    #[error("this program is too old for the desk")]
    ClientTooOld,
    /// Past `expires`.
    #[error("it has expired")]
    Expired,
    /// Not the JSON of section 5.1.
    #[error("its JSON is not readable")]
    Json(#[from] JsonError),
    /// Its plan breaks a rule.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// A member is out of its range: it lives longer than 48 hours, has no inbox key, and so on.
    #[error("it breaks a rule of the protocol")]
    Rule,
    /// The envelope does not verify.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// The identity has not signed the successor that the notice names.
    #[error("it names a successor that the desk's identity has not signed")]
    Successor,
}

/// Whether a text can be the name of a desk or of a track: a line that people read, of [`NAME_MAX`] bytes at most.
pub fn is_name(text: &str) -> bool {
    is_line(text, NAME_MAX)
}

/// Whether a text is a language or the id of a track: no cell can name a longer one, and no two of them look the same for what nobody sees in one.
pub fn is_label(text: &str) -> bool {
    let is_seen = |c: char| !c.is_whitespace() && !c.is_control() && !is_invisible(c);
    (1..=LABEL_MAX).contains(&json_len(text)) && text.chars().all(is_seen)
}

/// Whether a text begins with something that can be seen, has so many bytes as JSON at most, and nothing in it ends its line,
/// drives a terminal or turns the text around it.
fn is_line(text: &str, max: usize) -> bool {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    json_len(text) <= max
        && text.chars().next().is_some_and(|c| !c.is_whitespace() && !is_invisible(c))
        && !text.contains(steers)
}

impl Track {
    /// Whether its members are in their ranges.
    pub fn keeps_rules(&self) -> bool {
        is_label(&self.id) && self.names.values().all(|name| is_name(name))
    }
}

impl Channel {
    /// Whether its members are in their ranges.
    pub fn keeps_rules(&self) -> bool {
        self.id.as_deref().is_none_or(is_label)
            && is_line(&self.text, CHANNEL_TEXT_MAX)
            && is_line(&self.address, CHANNEL_ADDRESS_MAX)
    }
}

impl Page {
    /// Whether its members are in their ranges.
    pub fn keeps_rules(&self) -> bool {
        is_name(&self.name) && is_pack_name(&self.sha256)
    }
}

impl Notice {
    /// Decodes and verifies an envelope, against a pinned fingerprint where there is one.
    pub fn verify(
        envelope: &[u8],
        pin: Option<&Fingerprint>,
        now: UnixSeconds,
    ) -> Result<VerifiedNotice, NoticeError> {
        let envelope = Envelope::decode(envelope)?;
        let identity = envelope.identity();
        let verified = envelope.verify(Kind::Notice, pin, now)?;
        let Preface { version, oldest_client } = json::read(&verified.body)?;
        if version != VERSION {
            return Err(SignedError::Version.into());
        }
        if oldest_client > VERSION {
            return Err(NoticeError::ClientTooOld);
        }
        let notice: Self = json::read(&verified.body)?;
        if !notice.keeps_rules() {
            return Err(NoticeError::Rule);
        }
        notice.plan.check(notice.first_planned())?;
        if notice.successor.is_some_and(|successor| successor.verify(&identity).is_err()) {
            return Err(NoticeError::Successor);
        }
        if now > notice.expires.plus(TOLERANCE_S) {
            return Err(NoticeError::Expired);
        }
        let hash = sha256(&[&verified.body]);
        let signer = verified.certificate.signer;
        Ok(VerifiedNotice { notice, fingerprint: verified.fingerprint, signer, hash })
    }

    /// The first day that the plan must cover: a hub whose clock is a day behind still lists it.
    pub fn first_planned(&self) -> Day {
        self.issued.day().minus(self.days)
    }

    /// Whether every member but the plan is in its range (section 5.1).
    fn keeps_rules(&self) -> bool {
        self.issued <= self.expires
            && self.expires.since(self.issued) <= LIFETIME_MAX_S
            && !self.inbox_keys.is_empty()
            && self.former_answer_keys.len() <= FORMER_ANSWER_KEYS_MAX
            && (1..=DAYS_MAX).contains(&self.days)
            && self.cover.keeps_limits()
            && self.languages.iter().all(|language| is_label(language))
            && is_name(&self.name)
            && self.tracks.iter().all(Track::keeps_rules)
            && self.content.values().all(|name| is_pack_name(name))
            && self.channels.len() <= CHANNELS_MAX
            && self.channels.iter().all(Channel::keeps_rules)
            && self.pages.len() <= PAGES_MAX
            && self.pages.iter().all(Page::keeps_rules)
    }
}

impl VerifiedNotice {
    /// The keys with which drops listed under `day` may be sealed, the current one first.
    pub fn answer_keys(&self, day: Day) -> impl Iterator<Item = &Bytes<32>> {
        let former = self.notice.former_answer_keys.iter().filter(move |former| day <= former.last_day);
        std::iter::once(&self.notice.answer_key).chain(former.map(|former| &former.key))
    }

    /// The key of `today`, or of the nearest day that has one; of two as near, the one that the notice names first.
    ///
    /// # Panics
    /// Never: a verified notice has an inbox key.
    pub fn inbox_key(&self, today: Day) -> &InboxKey {
        let distance = |key: &&InboxKey| key.epoch.0.abs_diff(today.0);
        self.notice.inbox_keys.iter().min_by_key(distance).expect("verified: at least one key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_read_and_does_nothing_else() {
        for name in [
            "Demo desk",
            "Гаряча лінія «Слухаємо»",
            "\u{645}\u{6cc}\u{200c}\u{634}",
            "\u{2764}\u{fe0f}",
            &"x".repeat(120),
        ] {
            assert!(is_name(name), "{name:?}");
        }
        let long = "x".repeat(121);
        let quotes = "\"".repeat(61);
        for name in ["", " ", " desk", "\u{a0}", "\u{200b}", "\u{feff}desk", &long, &quotes] {
            assert!(!is_name(name), "{name:?}");
        }
        for steering in
            ['\0', '\n', '\t', '\u{1b}', '\u{7f}', '\u{9b}', '\u{2028}', '\u{202e}', '\u{2066}', '\u{200f}']
        {
            assert!(!is_name(&format!("desk{steering}")), "{steering:?}");
        }
    }

    #[test]
    fn nothing_is_hidden_in_a_label() {
        for label in ["en", "uk-UA", "військо", "t\"", &"l".repeat(35)] {
            assert!(is_label(label), "{label:?}");
        }
        let long = "l".repeat(36);
        for label in ["", "e n", "en\u{200b}", "\u{ad}en", "en\u{a0}", "en\n", "en\u{fe0f}", &long] {
            assert!(!is_label(label), "{label:?}");
        }
    }
}
