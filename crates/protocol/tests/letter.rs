//! Letters from a message to the desk: parts, keys that live long enough, and limits.

use callsign_protocol::{
    call::{LABEL_MAX, LETTER_TEXT_MAX, Message, MessageError, PARTS_MAX, SAFE_TIMES_MAX},
    caller_keys::{CallerKeys, x25519_public},
    encoding::{Bytes, Secret},
    identity::Fingerprint,
    letter::{Letter, LetterError, LetterOpener, Validity},
    letter_key::{
        LETTER_KEYS_MAX, LetterKey, LetterPublicKey, PERIOD_DAYS, PUBLISHED_DAYS, last_day, published_periods,
    },
    notice::{Notice, NoticeError, VerifiedNotice},
    phrase::Phrase,
    time::Day,
};
use callsign_testdesk::TestDesk;
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

const TODAY: Day = Day(20_780);

/// Reads a notice with these letter keys.
fn notice(today: Day, keys: &[LetterKey]) -> Result<VerifiedNotice, NoticeError> {
    let desk = TestDesk::new(1, today);
    let letter_keys = keys.iter().map(LetterKey::public).collect();
    let notice =
        Notice { letter_keys, answer_key: x25519_public(&Secret([3; 32])), ..desk.notice(today.start()) };
    desk.verified(&notice)
}

fn keys(periods: impl IntoIterator<Item = Day>) -> Vec<LetterKey> {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    periods.into_iter().map(|period| LetterKey::generate(period, &mut rng)).collect()
}

fn caller(desk: &Fingerprint) -> CallerKeys {
    Phrase::parse("some words").unwrap().caller_keys(desk)
}

fn message(text: String) -> Message {
    Message {
        id: Bytes([255; 16]),
        track: "t".repeat(LABEL_MAX),
        language: "l".repeat(LABEL_MAX),
        text,
        safe_times: Some("s".repeat(SAFE_TIMES_MAX)),
    }
}

#[test]
fn a_letter_of_eight_parts_arrives_byte_for_byte_on_any_day_there_is() {
    // The last days have the longest numbers.
    for today in [TODAY, Day(u32::MAX - 400)] {
        let keys = keys(published_periods(today));
        let notice = notice(today, &keys).unwrap();
        let caller = caller(&notice.fingerprint);
        let text = "x".repeat(LETTER_TEXT_MAX * usize::from(PARTS_MAX));
        let parts = message(text.clone()).letter_parts().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let validity = Validity { written: today, expires: today.plus(90) };
        let with = LetterOpener { fingerprint: &notice.fingerprint, keys: &keys, today: today.plus(90) };
        let mut arrived = String::new();
        for part in &parts {
            let letter = Letter::seal_part(part, &caller, &notice, validity, &mut rng).unwrap();
            let opened = letter.open(&with).unwrap();
            assert!(!opened.doubted);
            assert_eq!(opened.call.drop_secrets.len(), 26);
            assert_eq!(opened.call.drop_secrets[0].0, today.minus(2).week());
            arrived += &opened.call.text;
        }
        assert_eq!(arrived, text);
        assert_eq!(message(text + "x").letter_parts().err(), Some(MessageError::TooLong { parts: 9 }));
    }
}

#[test]
fn a_letter_is_sealed_to_the_first_key_that_lives_as_long() {
    let keys = keys(published_periods(TODAY));
    let notice = notice(TODAY, &keys).unwrap();
    let caller = caller(&notice.fingerprint);
    let part = &message("text".into()).letter_parts().unwrap()[0];
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut seal = |written, expires| {
        Letter::seal_part(part, &caller, &notice, Validity { written, expires }, &mut rng)
            .and_then(|letter| letter.key())
    };
    for (at, key) in keys.iter().enumerate() {
        let named = (key.period, key.key_id);
        assert_eq!(seal(TODAY, last_day(key.period)), Ok(named));
        let next = keys.get(at + 1).map(|key| (key.period, key.key_id)).ok_or(LetterError::Key);
        assert_eq!(seal(TODAY, last_day(key.period).plus(1)), next);
    }
    // A notice that was saved three months ago still serves.
    assert!(seal(TODAY.plus(90), TODAY.plus(120)).is_ok());
}

#[test]
fn a_kept_notice_names_no_period_that_none_can_name_under_its_certificate() {
    let public = keys([TODAY])[0].public();
    let kept = |certified: Day, today: Day| {
        let desk = TestDesk::new(1, certified);
        let named = |period| LetterPublicKey { period, ..public.clone() };
        let letter_keys = published_periods(today).map(named).collect();
        let envelope = desk.sign_notice(&Notice { letter_keys, ..desk.notice(today.start()) });
        Notice::verify_kept(&envelope, Some(&desk.fingerprint())).unwrap()
    };
    let ends = |certified: Day| TestDesk::new(1, certified).certificate().days.1;
    // All that a desk can have signed while its certificate was valid, by a clock a day behind too, serves as it is.
    for certified in (0..PERIOD_DAYS).map(|n| TODAY.plus(n)) {
        for today in [certified, ends(certified), ends(certified).plus(1)] {
            let notice = kept(certified, today).notice;
            let periods: Vec<Day> = notice.letter_keys.iter().map(|key| key.period).collect();
            assert_eq!(periods, published_periods(today).collect::<Vec<_>>(), "{certified:?} {today:?}");
        }
    }
    // Whoever has the duty key after that, as a removed device has, is written to for some months and no longer.
    let long_after = ends(TODAY).plus(2 + PUBLISHED_DAYS + PERIOD_DAYS);
    let forged = kept(TODAY, long_after);
    assert!(forged.notice.letter_keys.is_empty());
    let part = &message("text".into()).letter_parts().unwrap()[0];
    let validity = Validity { written: long_after, expires: long_after.plus(1) };
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let sealed = Letter::seal_part(part, &caller(&forged.fingerprint), &forged, validity, &mut rng);
    assert_eq!(sealed.err(), Some(LetterError::Key));
}

#[test]
fn seven_letter_keys_are_too_many() {
    let periods = (0..=6).map(|n| TODAY.plus(30 * n));
    let all = keys(periods);
    assert!(notice(TODAY, &all[..LETTER_KEYS_MAX]).is_ok());
    assert!(matches!(notice(TODAY, &all), Err(NoticeError::Rule)));
}
