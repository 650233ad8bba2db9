//! A desk's keys in a test: signs notices, opens cells, seals drops.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use callsign_protocol::{
    VERSION, XWingSecret,
    caller_keys::{CallerKeys, x25519_public},
    cell::{Cell, Opened, Opener},
    digest::{ListDigest, ListSignature},
    drop::{AnswerPart, Drop, DropPayload, Place, Sender},
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    notice::{InboxKey, Notice, Track, VerifiedNotice},
    phrase::Phrase,
    plan::{Plan, PlanEntry},
    signed::{Certificate, Envelope, Kind},
    time::{Clock, Day, UnixSeconds},
    visit::{Cover, Windows},
    xwing_generate,
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// The day on which all tests take place.
pub const TODAY: Day = Day(20_000);

/// A desk with one epoch's key.
pub struct TestDesk {
    identity: PrivateKey,
    duty: PrivateKey,
    answer_key: Secret<32>,
    inbox_seed: XWingSecret,
    template: Notice,
}

/// Noon of the day; it never moves.
pub fn clock() -> Clock {
    Arc::new(noon)
}

pub fn noon() -> UnixSeconds {
    TODAY.start().plus(43_200)
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The keys of one of two callers at the desk of [`TestDesk::new`]; made once, for a phrase is slow by intent.
pub fn caller(number: usize) -> CallerKeys {
    static CALLERS: LazyLock<[CallerKeys; 2]> = LazyLock::new(|| {
        let fingerprint = TestDesk::new().fingerprint();
        ["abandon ability", "able about"].map(|typed| Phrase::parse(typed).unwrap().caller_keys(&fingerprint))
    });
    CALLERS[number].clone()
}

impl TestDesk {
    pub fn new() -> Self {
        let (inbox_seed, public_key) = xwing_generate(&mut rng(1));
        let answer_key = Secret([3; 32]);
        let track = Track { id: "witness".to_owned(), names: BTreeMap::new() };
        let template = Notice {
            version: VERSION,
            oldest_client: 1,
            name: "Test".to_owned(),
            serial: 5,
            issued: noon(),
            expires: noon().plus(86_400),
            inbox_keys: vec![InboxKey { epoch: TODAY, key_id: 7, public_key }],
            letter_keys: vec![],
            answer_key: x25519_public(&answer_key),
            former_answer_keys: vec![],
            plan: Plan(vec![PlanEntry { from: Day(0), shards: 1, drop_period_s: 3600 }]),
            days: 14,
            windows: Windows { today: 1, week: 1, all: 1 },
            cover: Cover {
                gap_ms: 1_000,
                gap_max_ms: 8_000,
                gap_growth_percent: 10,
                visit_exchanges: 60,
                return_after_ms: 4_000,
            },
            languages: vec!["en".to_owned()],
            tracks: vec![track],
            content: BTreeMap::new(),
            successor: None,
        };
        let identity = PrivateKey::from_seed(&Secret([1; 32]));
        Self { identity, duty: PrivateKey::from_seed(&Secret([2; 32])), answer_key, inbox_seed, template }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.identity.public())
    }

    /// The signed envelope of the notice after `change`.
    pub fn envelope(&self, change: impl FnOnce(&mut Notice)) -> Vec<u8> {
        let mut notice = self.template.clone();
        change(&mut notice);
        let certificate = Certificate::issue(&self.identity, self.duty.public(), TODAY.minus(1));
        let body = serde_json::to_vec(&notice).unwrap();
        Envelope::sign(Kind::Notice, self.identity.public(), certificate, &self.duty, body).encode()
    }

    /// The notice of serial 5 as a caller holds it.
    pub fn notice(&self) -> VerifiedNotice {
        Notice::verify(&self.envelope(|_| {}), None, noon()).unwrap()
    }

    /// What a cell holds, sealed under the notice of this hash.
    pub fn open(&self, cell: &Cell, notice_hash: [u8; 32]) -> Option<Opened> {
        let with = Opener {
            fingerprint: &self.fingerprint(),
            seed: &self.inbox_seed,
            answer_key: &self.answer_key,
            former_answer_keys: &[],
            notice_hashes: &[notice_hash],
        };
        cell.open(&with).ok()
    }

    pub fn sign_list(&self, digest: &ListDigest) -> ListSignature {
        digest.sign(&self.fingerprint(), &self.duty)
    }

    pub fn seal(&self, to: &CallerKeys, place: Place, payload: &DropPayload) -> Drop {
        seal_with(&self.answer_key, &self.fingerprint(), to, place, payload)
    }

    /// A drop at the caller's address from somebody who knows the caller's secrets and not the answer key.
    pub fn forge(&self, to: &CallerKeys, place: Place, payload: &DropPayload) -> Drop {
        seal_with(&Secret([99; 32]), &self.fingerprint(), to, place, payload)
    }
}

/// The j-th drop of posting slot 0 on a day.
pub fn place(day: Day, index: u8) -> Place {
    Place { day, slot: 0, index }
}

/// A drop's payload with one part of answer `id`.
pub fn answer(number: u32, id: u8, part: u8, parts: u8, text: &str) -> DropPayload {
    let answer = AnswerPart { id: Bytes([id; 16]), part, parts, text: text.to_owned() };
    DropPayload { number, answer: Some(answer), opened: Vec::new() }
}

pub fn dummies(count: usize) -> Vec<Drop> {
    let mut rng = rng(77);
    (0..count).map(|_| Drop::dummy(&mut rng)).collect()
}

fn seal_with(
    answer_key: &Secret<32>,
    fingerprint: &Fingerprint,
    to: &CallerKeys,
    place: Place,
    payload: &DropPayload,
) -> Drop {
    let drop_secret = &to.drop_secret(place.day.week());
    let sender = Sender { fingerprint, answer_key, caller: to.public(), drop_secret };
    Drop::seal(payload, &place, &sender, &mut rng(u64::from(payload.number))).unwrap()
}
