//! Each member of what a keyring wraps, changed as no honest device does, and what becomes of it.

use callsign_protocol::{
    encoding::Secret,
    keyring::{Device, EpochKey},
    letter_key::LetterKey,
    signed::Signer,
    time::UnixSeconds,
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::*;

const TODAY: Day = Day(20_000);
const BEGUN: Day = Day(19_997);

struct Fixture {
    certificate: Certificate,
    keys: DeskKeys,
}

fn secret(n: u8) -> Secret<32> {
    Secret([n; 32])
}

fn former(n: u8, last_day: Day) -> FormerAnswerKey {
    FormerAnswerKey { public: x25519_public(&secret(n)), last_day, secret: Some(secret(n)), exposed: false }
}

impl Fixture {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (identity, duty_key) = (PrivateKey::from_seed(&secret(1)), PrivateKey::from_seed(&secret(2)));
        let signer = Signer { number: 4, duty_key: duty_key.public() };
        let certificate = Certificate::issue_for(14, &identity, signer, TODAY.minus(2));
        let keys = DeskKeys {
            duty_key: secret(2),
            certificate: Bytes(certificate.encode()),
            duty_generation: 2,
            certified_until: certificate.days.1,
            exposed_until: TODAY,
            answer_key: secret(3),
            former_answer_keys: vec![former(4, BEGUN), former(5, BEGUN.minus(7))],
            log_key: secret(6),
            epochs: (0..3).map(|n| EpochKey::generate(TODAY.plus(n), &mut rng)).collect(),
            letters: published_periods(TODAY).map(|period| LetterKey::generate(period, &mut rng)).collect(),
        };
        Self { certificate, keys }
    }

    /// What becomes of these keys in a keyring of a generation, where those of the third were known.
    fn put_right(
        &self,
        generation: u32,
        change: impl FnOnce(&mut DeskKeys),
    ) -> (DeskKeys, Option<KeysFault>) {
        let mut keys = self.keys.clone();
        change(&mut keys);
        let duty_key = self.certificate.signer.duty_key;
        let known = Known { generation: 3, duty_key, keys: &self.keys };
        let horizon = Horizon::of(TODAY, Published::default());
        put_right(&keyring(generation), &self.certificate, keys, Some(&known), &horizon)
    }
}

/// What somebody makes of the keys.
type Change<'a> = &'a dyn Fn(&mut DeskKeys);

fn keyring(generation: u32) -> Keyring {
    let begun = if generation == 3 { BEGUN } else { TODAY };
    let (version, serial, fold) = (1, 9, 1);
    let (keys, devices, former) = (vec![], Vec::<Device>::new(), vec![]);
    Keyring { version, serial, generation, begun, fold, keys, devices, former, by: None }
}

#[test]
fn within_a_generation_what_stays_is_put_right_and_what_goes_with_its_time_goes() {
    let fixture = Fixture::new();
    assert_eq!(fixture.put_right(3, |_| {}), (fixture.keys.clone(), None));
    let changes: [(Change<'_>, KeysFault); 13] = [
        (&|keys| keys.log_key = secret(9), KeysFault::LogKey),
        (&|keys| keys.answer_key = secret(9), KeysFault::AnswerKeys),
        (&|keys| keys.former_answer_keys.push(former(9, BEGUN)), KeysFault::AnswerKeys),
        (&|keys| keys.former_answer_keys[0].last_day = Day(u32::MAX), KeysFault::AnswerKeys),
        (&|keys| drop(keys.former_answer_keys.remove(0)), KeysFault::AnswerKeys),
        (&|keys| keys.duty_key = secret(9), KeysFault::DutyKey),
        (&|keys| keys.duty_generation = 3, KeysFault::DutyKey),
        (&|keys| keys.duty_generation = u32::MAX, KeysFault::DutyKey),
        (&|keys| keys.certificate = Bytes([0; Certificate::LEN]), KeysFault::Certificate),
        (&|keys| keys.certified_until = Day(0), KeysFault::Certificate),
        (&|keys| keys.certified_until = Day(u32::MAX), KeysFault::Certificate),
        (&|keys| keys.exposed_until = Day(0), KeysFault::Certificate),
        (&|keys| keys.exposed_until = Day(u32::MAX), KeysFault::Certificate),
    ];
    for (n, (change, fault)) in changes.into_iter().enumerate() {
        assert_eq!(fixture.put_right(3, change), (fixture.keys.clone(), Some(fault)), "{n}");
    }
    let aged = |keys: &mut DeskKeys| keys.former_answer_keys[1].secret = None;
    let (keys, fault) = fixture.put_right(3, aged);
    assert_eq!((keys.former_answer_keys[1].secret.as_ref(), fault), (None, None));
    let mut late = Fixture::new();
    late.keys.former_answer_keys[1].last_day = TODAY.minus(LISTED_DAYS);
    let (keys, fault) = late.put_right(3, |keys| drop(keys.former_answer_keys.pop()));
    assert_eq!((keys.former_answer_keys.len(), fault), (1, None), "another clock was a day ahead");
    let later = |keys: &mut DeskKeys| keys.certified_until = TODAY.plus(30);
    assert_eq!(fixture.put_right(3, later).1, None, "another device has certified for longer");
}

#[test]
fn a_new_generation_adds_the_answer_key_before_and_no_other() {
    let fixture = Fixture::new();
    let turned_over = |keys: &mut DeskKeys| {
        keys.former_answer_keys.insert(0, former(3, TODAY.plus(1)));
        keys.former_answer_keys.iter_mut().for_each(|key| key.exposed = true);
        (keys.answer_key, keys.log_key, keys.duty_generation) = (secret(7), secret(8), 2);
    };
    let (right, fault) = fixture.put_right(4, turned_over);
    assert_eq!((right.former_answer_keys.len(), fault), (3, None));
    assert_eq!((&right.answer_key, &right.log_key), (&secret(7), &secret(8)));
    for change in [
        (&|keys: &mut DeskKeys| keys.former_answer_keys.push(former(9, TODAY))) as &dyn Fn(&mut DeskKeys),
        &|keys| keys.former_answer_keys.insert(0, former(9, Day(u32::MAX))),
        &|keys| keys.former_answer_keys[0].last_day = TODAY.plus(2),
        &|keys| drop(keys.former_answer_keys.remove(0)),
    ] {
        let (keys, fault) = fixture.put_right(4, |keys| {
            turned_over(keys);
            change(keys);
        });
        assert_eq!(fault, Some(KeysFault::AnswerKeys));
        let of = |keys: &DeskKeys| keys.former_answer_keys.iter().map(|key| key.public).collect::<Vec<_>>();
        assert_eq!(of(&keys), of(&right));
        assert_eq!(keys.former_answer_keys[0].last_day, TODAY.plus(1));
    }
}

#[test]
fn keys_that_are_too_many_or_far_ahead_go_and_those_that_are_published_stay() {
    let (fixture, mut rng) = (Fixture::new(), ChaCha20Rng::seed_from_u64(2));
    let mut many = |day: Day, count: usize| -> Vec<_> {
        (0..count).map(|_| EpochKey::generate(day, &mut rng)).collect()
    };
    let (far, crowd) = (many(TODAY.plus(5), 3), many(TODAY, EPOCH_KEYS_MAX));
    let (keys, fault) = fixture.put_right(3, |keys| keys.epochs.extend(far.clone()));
    assert_eq!((keys, fault), (fixture.keys.clone(), Some(KeysFault::TooMany)));
    let (keys, fault) = fixture.put_right(3, |keys| keys.epochs.extend(crowd.clone()));
    assert_eq!(fault, Some(KeysFault::TooMany));
    let left: Vec<_> = fixture.keys.epochs[1..].iter().chain(&crowd).cloned().collect();
    assert_eq!(keys.epochs, left, "the first is that which was there first");
    let letters = vec![fixture.keys.letters[0].clone(); LETTER_KEYS_MAX];
    let (keys, fault) = fixture.put_right(3, |keys| keys.letters.extend(letters));
    assert_eq!((keys.letters.len(), fault), (LETTER_KEYS_MAX + 3, Some(KeysFault::TooMany)));
    let mut keys = fixture.keys.clone();
    keys.epochs.extend(far);
    let published = Published { epochs: vec![TODAY.plus(5)], periods: vec![] };
    assert!(!bound(&mut keys, &Horizon::of(TODAY, published)));
}

#[test]
fn who_knows_nothing_of_before_bounds_what_it_can() {
    let fixture = Fixture::new();
    let mut keys = fixture.keys.clone();
    keys.former_answer_keys[0].last_day = Day(u32::MAX);
    (keys.duty_generation, keys.certified_until) = (u32::MAX, Day(u32::MAX));
    let horizon = Horizon::of(UnixSeconds(TODAY.start().0).day(), Published::default());
    let (keys, fault) = put_right(&keyring(3), &fixture.certificate, keys, None, &horizon);
    assert_eq!(fault, Some(KeysFault::DutyKey));
    assert_eq!(keys.former_answer_keys[0].last_day, BEGUN.plus(1));
    assert_eq!((keys.duty_generation, keys.certified_until), (3, fixture.certificate.days.1));
}

#[test]
fn what_was_wrong_is_noted_and_read_again() {
    for fault in KeysFault::ALL {
        let wrong = WrongKeyring { by: Bytes([7; 16]), fault };
        assert_eq!(WrongKeyring::of_note(&wrong.note()), Some(wrong));
    }
    assert_eq!(WrongKeyring::of_note(b"nothing"), None);
}
