//! The desk, the callers and the clock that all vectors share.

use std::{collections::BTreeMap, convert::Infallible, sync::LazyLock};

use callsign_protocol::{
    VERSION,
    caller_keys::{CallerKeys, x25519_public},
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    keyring::EpochKey,
    letter_key::{LetterKey, published_periods},
    letters::{Letters, NamedLetters},
    notice::{LIFETIME_MAX_S, Notice, Track, VerifiedNotice},
    phrase::Phrase,
    plan::{Plan, PlanEntry},
    signed::{Certificate, Envelope, Kind, Putter, Signer},
    time::{Day, UnixSeconds},
    visit::Cover,
    words::Language,
};
use chacha20::ChaCha20Rng;
use rand_core::{SeedableRng as _, TryCryptoRng, TryRng};
use serde_json::{Value, json};

use super::{
    case::{b64, hex},
    seal,
};

/// 2026-11-23, a Monday.
pub const TODAY: Day = Day(20_780);

/// Noon of [`TODAY`].
pub fn now() -> UnixSeconds {
    TODAY.start().plus(43_200)
}

/// A generator for one purpose.
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// All keys of a desk.
pub struct Desk {
    pub identity: PrivateKey,
    pub duty: PrivateKey,
    pub answer_key: Secret<32>,
    pub log_key: Secret<32>,
    pub epochs: Vec<EpochKey>,
    /// One that a removed device knows, the one that took its place, and the next period's.
    pub letters: Vec<LetterKey>,
}

/// Somebody with a phrase.
pub struct Person {
    pub phrase: Phrase,
    pub keys: CallerKeys,
}

static PEOPLE: LazyLock<[Person; 2]> = LazyLock::new(|| [11, 12].map(Person::new));

/// The caller of most vectors.
pub fn caller() -> &'static Person {
    &PEOPLE[0]
}

/// Another caller of the same desk.
pub fn other_caller() -> &'static Person {
    &PEOPLE[1]
}

impl Person {
    fn new(seed: u64) -> Self {
        let phrase = Phrase::generate(&mut rng(seed), Language::English);
        let keys = phrase.caller_keys(&Desk::new().fingerprint());
        Self { phrase, keys }
    }

    /// What readers need to become this caller.
    pub fn describe(&self) -> Value {
        json!({
            "phrase": self.phrase.expose(),
            "root": hex(&seal::root(self.phrase.expose(), &Desk::new().fingerprint())),
            "caller_sk": hex(&self.keys.secret().0),
            "caller_pk": hex(&self.keys.public().0),
        })
    }
}

impl Desk {
    /// The desk of all vectors.
    pub fn new() -> Self {
        let mut rng = rng(1);
        Self {
            identity: PrivateKey::generate(&mut rng),
            duty: PrivateKey::generate(&mut rng),
            answer_key: Secret::random(&mut rng),
            log_key: Secret::random(&mut rng),
            epochs: (0..3).map(|n| EpochKey::generate(TODAY.plus(n), &mut rng)).collect(),
            letters: letters(),
        }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity.public())
    }

    /// The body of its notice.
    pub fn notice(&self) -> Notice {
        let issued = TODAY.start();
        let names = [("en", "At the front"), ("uk", "На фронті")];
        let names = names.map(|(language, name)| (language.to_owned(), name.to_owned()));
        Notice {
            version: VERSION,
            oldest_client: VERSION,
            name: "Harbour — «Пристань»".into(),
            serial: 7,
            issued,
            expires: issued.plus(LIFETIME_MAX_S),
            inbox_keys: self.epochs.iter().map(EpochKey::public).collect(),
            answer_key: x25519_public(&self.answer_key),
            former_answer_keys: vec![],
            plan: Plan(vec![
                PlanEntry { from: TODAY.minus(20), shards: 1, drop_period_s: 300 },
                PlanEntry { from: TODAY.minus(6), shards: 4, drop_period_s: 128 },
                PlanEntry { from: TODAY.plus(7), shards: 2, drop_period_s: 270 },
            ]),
            days: 14,
            cover: Cover {
                gap_ms: 4_000,
                gap_max_ms: 60_000,
                gap_growth_percent: 10,
                visit_exchanges: 60,
                move_after_ms: 20_000,
            },
            languages: vec!["en".into(), "uk".into()],
            tracks: vec![Track { id: "field".into(), names: BTreeMap::from(names) }],
            content: BTreeMap::from([("en".into(), "ab".repeat(32)), ("uk".into(), "cd".repeat(32))]),
            letters: Some(Bytes([0xef; 32])),
            channels: vec![],
            pages: vec![],
            practice: false,
            successor: None,
        }
    }

    /// The certificate of its duty key, made yesterday.
    pub fn certificate(&self) -> Certificate {
        Certificate::issue(&self.identity, Signer { number: 5, duty_key: self.duty.public() }, TODAY.minus(1))
    }

    /// Signs any body.
    pub fn envelope(&self, kind: Kind, body: Vec<u8>) -> Vec<u8> {
        Envelope::sign(kind, self.identity.public(), self.certificate(), &self.duty, body).encode()
    }

    /// Signs any body as a keyring's.
    pub fn keyring(&self, body: Vec<u8>, putter: Putter<'_>, serial: u64) -> Vec<u8> {
        let certificate = self.certificate();
        let envelope = Envelope::sign(Kind::Keyring, self.identity.public(), certificate, &self.duty, body);
        envelope.put_by(putter, serial).encode()
    }

    /// Its notice as a caller holds it.
    pub fn verified(&self) -> VerifiedNotice {
        let body = serde_json::to_vec(&self.notice()).expect("a notice is JSON");
        let envelope = self.envelope(Kind::Notice, body);
        Notice::verify(&envelope, Some(&self.fingerprint()), now()).expect("its own notice")
    }

    /// Two letter keys as a writer holds them.
    pub fn named_letters(&self) -> NamedLetters {
        let keys = self.letters[1..].iter().map(LetterKey::public).collect();
        let body = Letters { version: VERSION, serial: 1, keys }.body().expect("two keys have room");
        let envelope = self.envelope(Kind::Letters, body);
        let read = Letters::verify(&envelope, Some(&self.fingerprint()), now()).expect("its own document");
        let notice = VerifiedNotice {
            notice: Notice { letters: Some(Bytes(read.hash)), ..self.notice() },
            ..self.verified()
        };
        read.named_by(&notice).expect("the notice names it")
    }

    /// The private keys of its epochs.
    pub fn describe_epochs(&self) -> Value {
        let describe = |key: &EpochKey| {
            json!({
                "epoch": key.epoch,
                "key_id": key.key_id,
                "seed": hex(&key.seed.0),
                "public_key_b64": b64(&key.public().public_key.0),
            })
        };
        self.epochs.iter().map(describe).collect()
    }
}

fn letters() -> Vec<LetterKey> {
    let mut rng = rng(2);
    let periods: Vec<Day> = published_periods(TODAY).collect();
    let key = |(period, exposed): (Day, bool)| LetterKey {
        superseded: exposed,
        exposed,
        ..LetterKey::generate(period, &mut rng)
    };
    [(periods[0], true), (periods[0], false), (periods[1], false)].map(key).to_vec()
}

/// A generator that draws these numbers, over and over.
pub struct Draws(pub Vec<u64>);

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|drawn| u32::try_from(drawn >> 32).unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let drawn = self.0[0];
        self.0.rotate_left(1);
        Ok(drawn)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

impl TryCryptoRng for Draws {}
