//! Letters from a message to the desk: parts, keys that live long enough, and limits.

use callsign_protocol::{
    call::{LABEL_MAX, LETTER_TEXT_MAX, Message, MessageError, PARTS_MAX, SAFE_TIMES_MAX},
    caller_keys::CallerKeys,
    encoding::Bytes,
    identity::Fingerprint,
    letter::{Letter, LetterError, LetterOpener, Validity},
    letter_key::{
        LETTER_KEYS_MAX, LetterKey, LetterPublicKey, PERIOD_DAYS, PUBLISHED_DAYS, last_day, published_periods,
    },
    letters::{LETTERS_LEN, Letters, LettersError, NamedLetters},
    notice::{Notice, VerifiedNotice},
    phrase::Phrase,
    time::Day,
};
use callsign_testdesk::TestDesk;
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

const TODAY: Day = Day(20_780);

fn document(keys: &[LetterKey]) -> Letters {
    Letters { version: 1, serial: 1, keys: keys.iter().map(LetterKey::public).collect() }
}

/// A notice of this desk that names a letters document, or none.
fn naming(desk: &TestDesk, letters: Option<[u8; 32]>) -> VerifiedNotice {
    let notice = Notice { letters: letters.map(Bytes), ..desk.notice(desk.certified.start()) };
    desk.verified(&notice).unwrap()
}

/// The letters document with these keys, as a notice names it.
fn named(today: Day, keys: &[LetterKey]) -> (NamedLetters, Fingerprint) {
    let desk = TestDesk::new(1, today);
    let verified = desk.verified_letters(&document(keys)).unwrap();
    let notice = naming(&desk, Some(verified.hash));
    (verified.named_by(&notice).unwrap(), desk.fingerprint())
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
        let (letters, desk) = named(today, &keys);
        let caller = caller(&desk);
        let text = "x".repeat(LETTER_TEXT_MAX * usize::from(PARTS_MAX));
        let parts = message(text.clone()).letter_parts().unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let validity = Validity { written: today, expires: today.plus(90) };
        let with = LetterOpener { fingerprint: &desk, keys: &keys, today: today.plus(90) };
        let mut arrived = String::new();
        for part in &parts {
            let letter = Letter::seal_part(part, &caller, &letters, validity, &mut rng).unwrap();
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
    let (letters, desk) = named(TODAY, &keys);
    let caller = caller(&desk);
    let part = &message("text".into()).letter_parts().unwrap()[0];
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut seal = |written, expires| {
        Letter::seal_part(part, &caller, &letters, Validity { written, expires }, &mut rng)
            .and_then(|letter| letter.key())
    };
    for (at, key) in keys.iter().enumerate() {
        let named = (key.period, key.key_id);
        assert_eq!(seal(TODAY, last_day(key.period)), Ok(named));
        let next = keys.get(at + 1).map(|key| (key.period, key.key_id)).ok_or(LetterError::Key);
        assert_eq!(seal(TODAY, last_day(key.period).plus(1)), next);
    }
    // Keys that were saved three months ago still serve.
    assert!(seal(TODAY.plus(90), TODAY.plus(120)).is_ok());
}

#[test]
fn kept_letters_name_no_period_that_none_can_name_under_their_certificate() {
    let public = keys([TODAY])[0].public();
    let kept = |certified: Day, today: Day| {
        let desk = TestDesk::new(1, certified);
        let named = |period| LetterPublicKey { period, ..public.clone() };
        let letters = Letters { version: 1, serial: 1, keys: published_periods(today).map(named).collect() };
        let verified = desk.verified_letters(&letters).unwrap();
        let notice = naming(&desk, Some(verified.hash));
        verified.named_by(&notice).unwrap().kept_under(desk.certificate().days.1)
    };
    let ends = |certified: Day| TestDesk::new(1, certified).certificate().days.1;
    // All that a desk can have signed while its certificate was valid, by a clock a day behind too, serves as it is.
    for certified in (0..PERIOD_DAYS).map(|n| TODAY.plus(n)) {
        for today in [certified, ends(certified), ends(certified).plus(1)] {
            let periods: Vec<Day> = kept(certified, today).keys().iter().map(|key| key.period).collect();
            assert_eq!(periods, published_periods(today).collect::<Vec<_>>(), "{certified:?} {today:?}");
        }
    }
    // Whoever has the duty key after that, as a removed device has, is written to for some months and no longer.
    let long_after = ends(TODAY).plus(2 + PUBLISHED_DAYS + PERIOD_DAYS);
    let forged = kept(TODAY, long_after);
    assert!(forged.keys().is_empty());
    let part = &message("text".into()).letter_parts().unwrap()[0];
    let validity = Validity { written: long_after, expires: long_after.plus(1) };
    let fingerprint = TestDesk::new(1, TODAY).fingerprint();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let sealed = Letter::seal_part(part, &caller(&fingerprint), &forged, validity, &mut rng);
    assert_eq!(sealed.err(), Some(LetterError::Key));
}

#[test]
fn a_letters_document_has_one_size_whatever_its_keys_and_no_room_for_five() {
    let desk = TestDesk::new(1, TODAY);
    let all = keys((0..=4).map(|n| Day(u32::MAX - 29 * n)));
    for count in 0..=LETTER_KEYS_MAX {
        let longest = Letters { serial: (1 << 53) - 1, ..document(&all[..count]) };
        let envelope = desk.sign_letters(&longest);
        assert_eq!(envelope.len(), LETTERS_LEN, "{count} keys");
        let read = Letters::verify(&envelope, Some(&desk.fingerprint()), TODAY.start()).unwrap();
        assert_eq!(read.letters, longest);
    }
    assert!(matches!(document(&all).body(), Err(LettersError::Size)));
}

#[test]
fn letters_are_sealed_to_what_the_notice_in_hand_names_and_nothing_else() {
    let desk = TestDesk::new(1, TODAY);
    let keys = keys(published_periods(TODAY));
    let read = |desk: &TestDesk, letters: &Letters| desk.verified_letters(letters).unwrap();
    let document = document(&keys);
    let verified = read(&desk, &document);
    let notice = naming(&desk, Some(verified.hash));
    assert!(verified.clone().named_by(&notice).is_ok());
    // One of before or after, with the same keys or others.
    for other in [Letters { serial: 2, ..document.clone() }, Letters { keys: vec![], ..document.clone() }] {
        let refused = read(&desk, &other).named_by(&notice);
        assert!(matches!(refused, Err(LettersError::Unnamed)), "{refused:?}");
    }
    let silent = naming(&desk, None);
    assert!(matches!(verified.clone().named_by(&silent), Err(LettersError::Unnamed)));
    // Certified again, before the notice or behind it.
    let mut renewed = desk.clone();
    renewed.certificate_number = 2;
    for (signer, named) in [(&renewed, &notice), (&desk, &naming(&renewed, Some(verified.hash)))] {
        assert!(read(signer, &document).named_by(named).is_ok());
    }
    // The same bytes under another duty key, or of another desk.
    let mut other = desk.clone();
    other.duty = TestDesk::new(3, TODAY).duty;
    let refused = read(&other, &document).named_by(&notice);
    assert!(matches!(refused, Err(LettersError::Signer)), "{refused:?}");
    let stranger = read(&TestDesk::new(2, TODAY), &document).named_by(&notice);
    assert!(matches!(stranger, Err(LettersError::Signer)), "{stranger:?}");
}
