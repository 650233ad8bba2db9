//! A desk's keys in a test: signs notices, opens cells, seals drops.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use callsign_protocol::{
    caller_keys::CallerKeys,
    cell::{Cell, Opened},
    derive::sha256,
    digest::{ListDigest, ListSignature, Stage},
    drop::{AnswerPart, Drop, DropPayload, Place, Sender},
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    notice::{Notice, Track, VerifiedNotice},
    phrase::Phrase,
    plan::{Plan, PlanEntry},
    time::{Clock, Day, UnixSeconds},
    visit::Cover,
};
use callsign_testdesk::TestDesk as SigningDesk;
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

/// The day on which all tests take place.
pub const TODAY: Day = Day(20_000);

/// A desk with one epoch's key.
pub struct TestDesk(SigningDesk);

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
        Self(SigningDesk::new(1, TODAY))
    }

    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint()
    }

    /// The signed envelope of the notice after `change`.
    pub fn envelope(&self, change: impl FnOnce(&mut Notice)) -> Vec<u8> {
        let mut notice = self.template();
        change(&mut notice);
        self.0.sign_notice(&notice)
    }

    /// The same desk with another duty key, whose certificate has this number.
    pub fn certified_anew(&self, certificate_number: u32) -> Self {
        let mut anew = self.0.clone();
        anew.duty = PrivateKey::generate(&mut rng(u64::from(certificate_number)));
        anew.certificate_number = certificate_number;
        Self(anew)
    }

    /// The envelope of a notice with the keys of these days.
    pub fn envelope_of(&self, days: &[Day]) -> Vec<u8> {
        let keys = days.iter().map(|day| self.0.epoch_key(*day).public()).collect();
        self.envelope(|notice| notice.inbox_keys = keys)
    }

    /// The envelope of a letters document of this serial, and by what a notice names it.
    pub fn letters(&self, serial: u64) -> (Vec<u8>, Bytes<32>) {
        let letters = self.0.letters(serial, noon().day());
        let named = sha256(&[&letters.body().unwrap()]);
        (self.0.sign_letters(&letters), Bytes(named))
    }

    /// The notice of serial 5 as a caller holds it.
    pub fn notice(&self) -> VerifiedNotice {
        self.0.verified(&self.template()).unwrap()
    }

    fn template(&self) -> Notice {
        Notice {
            name: "Test".to_owned(),
            serial: 5,
            expires: noon().plus(86_400),
            plan: Plan(vec![PlanEntry { from: Day(0), shards: 1, drop_period_s: 3600 }]),
            days: 4,
            cover: Cover {
                gap_ms: 1_000,
                gap_max_ms: 8_000,
                gap_growth_percent: 10,
                visit_exchanges: 60,
                move_after_ms: 4_000,
            },
            languages: vec!["en".to_owned()],
            tracks: vec![Track { id: "witness".to_owned(), names: BTreeMap::new() }],
            ..self.0.notice(noon())
        }
    }

    /// What a cell holds, sealed under the notice of this hash.
    pub fn open(&self, cell: &Cell, notice_hash: [u8; 32]) -> Option<Opened> {
        self.0.open(cell, &[notice_hash]).ok()
    }

    pub fn sign_list(&self, stage: Stage, digest: &ListDigest) -> ListSignature {
        digest.sign(stage, &self.fingerprint(), &self.0.duty)
    }

    pub fn seal(&self, to: &CallerKeys, place: Place, payload: &DropPayload) -> Drop {
        seal_with(&self.0.answer_key, &self.fingerprint(), to, place, payload)
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
