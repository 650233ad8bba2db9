//! A call from notice to cell to desk, and each way in which it can be refused.

use callsign_protocol::{
    VERSION,
    call::{LABEL_MAX, Message, MessageError, PARTS_MAX, SAFE_TIMES_MAX},
    caller_keys::{CallerKeys, x25519_public},
    cell::{CELL_LEN, Cell, CellError, Opened, Opener},
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    keyring::{
        DeskKeys, Device, DeviceIdentity, EpochKey, FormerAnswerKey, FormerDevice, Keyring, KeyringError,
        VerifiedKeyring, device_id,
    },
    notice::{Notice, NoticeError, VerifiedNotice},
    phrase::Phrase,
    plan::{Plan, PlanEntry, PlanError},
    signed::{Envelope, Kind, Putter, SignedError, Signer},
    time::{Day, UnixSeconds},
    xwing_generate, xwing_public,
};
use callsign_testdesk::TestDesk;
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

const TODAY: Day = Day(20_000);

/// A desk that has published the keys of three days.
fn desk() -> TestDesk {
    TestDesk::new(1, TODAY)
}

fn epochs(desk: &TestDesk) -> Vec<EpochKey> {
    (0..3).map(|n| desk.epoch_key(TODAY.plus(n))).collect()
}

fn notice_of(desk: &TestDesk) -> Notice {
    Notice {
        inbox_keys: epochs(desk).iter().map(EpochKey::public).collect(),
        languages: vec!["en".into()],
        ..desk.notice(TODAY.start())
    }
}

fn verified(desk: &TestDesk) -> VerifiedNotice {
    desk.verified(&notice_of(desk)).unwrap()
}

fn caller(desk: &TestDesk) -> CallerKeys {
    Phrase::parse("abandon ability").unwrap().caller_keys(&desk.fingerprint())
}

fn message(text: &str) -> Message {
    Message {
        id: Bytes([7; 16]),
        track: "field".into(),
        language: "uk".into(),
        text: text.into(),
        safe_times: None,
    }
}

#[test]
fn a_call_of_eight_parts_arrives_byte_for_byte() {
    let desk = desk();
    let (notice, caller) = (verified(&desk), caller(&desk));
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let text = "Привіт \"світ\" 😀\n".repeat(480);
    let parts = message(&text).parts().unwrap();
    assert!(parts.len() > 4 && parts.len() <= usize::from(PARTS_MAX), "{}", parts.len());
    let mut arrived = String::new();
    for (n, part) in parts.iter().enumerate() {
        let cell = Cell::seal_part(part, &caller, &notice, TODAY.plus(1), &mut rng).unwrap();
        assert_eq!(cell.key().unwrap().0, TODAY.plus(1));
        let Opened::Call(call) = desk.open(&cell, &[[0; 32], notice.hash]).unwrap() else { panic!("cover") };
        assert_eq!((usize::from(call.part), usize::from(call.parts)), (n + 1, parts.len()));
        assert_eq!(call.caller_id(), caller.id());
        let week = TODAY.plus(1).week();
        assert_eq!(call.drop_secrets.last(), Some(&(week.plus(2), caller.drop_secret(week.plus(2)))));
        arrived.push_str(&call.text);
    }
    assert_eq!(arrived, text);
}

#[test]
fn a_message_that_cannot_be_sealed_is_refused_before_anything_is_sent() {
    let with = |change: &dyn Fn(&mut Message)| {
        let mut changed = message("text");
        change(&mut changed);
        changed.parts().map(|parts| parts.len())
    };
    assert_eq!(with(&|message| message.text.clear()), Err(MessageError::Empty));
    // Two bytes of an escaped quote count as they are sealed.
    let label = |len: usize| "t".repeat(len - 2) + "\"";
    assert_eq!(with(&|message| message.track = label(LABEL_MAX)), Ok(1));
    assert_eq!(with(&|message| message.track = label(LABEL_MAX + 1)), Err(MessageError::LabelTooLong));
    assert_eq!(with(&|message| message.language = label(LABEL_MAX + 1)), Err(MessageError::LabelTooLong));
    assert_eq!(with(&|message| message.safe_times = Some(label(SAFE_TIMES_MAX))), Ok(1));
    let too_long = with(&|message| message.safe_times = Some(label(SAFE_TIMES_MAX + 1)));
    assert_eq!(too_long, Err(MessageError::LabelTooLong));
}

#[test]
fn cover_opens_as_cover_and_looks_like_a_call() {
    let desk = desk();
    let notice = verified(&desk);
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let cover = Cell::seal_cover(&notice, TODAY, &mut rng).unwrap();
    assert_eq!(desk.open(&cover, &[notice.hash]), Ok(Opened::Cover));
    let part = &message("x").parts().unwrap()[0];
    let call = Cell::seal_part(part, &caller(&desk), &notice, TODAY, &mut rng).unwrap();
    assert_eq!(call.0[..7], cover.0[..7]);
    assert_eq!(call.0.len(), CELL_LEN);
    let again = Cell::seal_part(part, &caller(&desk), &notice, TODAY, &mut rng).unwrap();
    assert_ne!(call, again);
}

#[test]
fn a_cell_that_is_not_this_desks_is_refused() {
    let desk = desk();
    let notice = verified(&desk);
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let part = &message("x").parts().unwrap()[0];
    let cell = Cell::seal_part(part, &caller(&desk), &notice, TODAY, &mut rng).unwrap();
    assert_eq!(desk.open(&cell, &[]), Err(CellError::Sealed));
    assert_eq!(desk.open(&cell, &[[1; 32]]), Err(CellError::Sealed));
    for at in (0..CELL_LEN).step_by(61) {
        let mut tampered = cell.clone();
        tampered.0[at] ^= 1;
        assert!(desk.open(&tampered, &[notice.hash]).is_err(), "byte {at}");
    }
    let mut other = cell.clone();
    other.0[0] = 2;
    assert_eq!(desk.open(&other, &[notice.hash]), Err(CellError::Version));
    let mut impostor = desk.clone();
    impostor.answer_key = Secret([9; 32]);
    assert_eq!(impostor.open(&cell, &[notice.hash]), Err(CellError::Proof));
    let elsewhere = CallerKeys::clone(&caller(&desk));
    assert_ne!(
        Phrase::parse("abandon ability").unwrap().caller_keys(&Fingerprint([0; 32])).id(),
        elsewhere.id()
    );
}

#[test]
fn a_notice_is_refused_for_each_of_its_faults() {
    let desk = desk();
    let check = |notice: &Notice, now: UnixSeconds| {
        Notice::verify(&desk.sign_notice(notice), Some(&desk.fingerprint()), now).map(|_| ())
    };
    let good = notice_of(&desk);
    assert!(check(&good, TODAY.start()).is_ok());
    let expired = good.expires.plus(86_401);
    assert!(check(&good, good.expires.plus(86_400)).is_ok());
    assert!(matches!(check(&good, expired), Err(NoticeError::Expired)));
    let newer = Notice { oldest_client: 2, ..good.clone() };
    assert!(matches!(check(&newer, TODAY.start()), Err(NoticeError::ClientTooOld)));
    let version = Notice { version: 2, ..good.clone() };
    assert!(matches!(check(&version, TODAY.start()), Err(NoticeError::Signed(SignedError::Version))));
    for rule in [
        Notice { expires: good.expires.plus(1), ..good.clone() },
        Notice { inbox_keys: vec![], ..good.clone() },
    ] {
        assert!(matches!(check(&rule, TODAY.start()), Err(NoticeError::Rule)));
    }
    // Where a hub's clock is a day behind, it still lists one day more.
    for (from, expected) in [(TODAY.minus(14), Ok(())), (TODAY.minus(13), Err(PlanError::Uncovered))] {
        let plan = Plan(vec![PlanEntry { from, shards: 2, drop_period_s: 300 }]);
        let checked = check(&Notice { plan, ..good.clone() }, TODAY.start());
        assert!(
            matches!((&checked, expected), (Ok(()), Ok(())))
                || matches!((checked, expected), (Err(NoticeError::Plan(is)), Err(was)) if is == was)
        );
    }
    let envelope = desk.sign(Kind::Notice, b"{}".to_vec()).encode();
    let unreadable = Notice::verify(&envelope, None, TODAY.start());
    assert!(matches!(unreadable, Err(NoticeError::Json(_))));
}

#[test]
fn a_document_that_was_kept_is_checked_as_on_the_first_day_of_its_certificate() {
    let desk = desk();
    let kept = desk.sign_notice(&notice_of(&desk));
    let long_after = TODAY.plus(400).start();
    let expired = SignedError::CertificateDays;
    let verify = |now| Envelope::decode(&kept)?.verify(Kind::Notice, Some(&desk.fingerprint()), now);
    assert_eq!(verify(long_after), Err(expired));
    let then = Envelope::kept_since(&kept).unwrap();
    let certificate = *Envelope::decode(&kept).unwrap().certificate();
    assert_eq!(then, certificate.days.0.start());
    assert_eq!(verify(then).map(|verified| verified.certificate), Ok(certificate));
    assert!(Envelope::kept_since(&kept[..100]).is_err());
}

#[test]
fn a_caller_with_a_skewed_clock_takes_the_nearest_key() {
    let notice = verified(&desk());
    for (today, epoch) in [(19_990, 20_000), (20_000, 20_000), (20_002, 20_002), (20_400, 20_002)] {
        assert_eq!(notice.inbox_key(Day(today)).epoch, Day(epoch));
    }
}

#[test]
fn a_keyring_opens_for_its_device_alone() {
    let desk = desk();
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let fingerprint = desk.fingerprint();
    let certificate = desk.certificate();
    let keys = DeskKeys {
        duty_key: desk.duty.seed(),
        certificate: Bytes(certificate.encode()),
        duty_generation: 1,
        certified_until: certificate.days.1,
        exposed_until: Day(0),
        answer_key: desk.answer_key.clone(),
        former_answer_keys: vec![],
        log_key: Secret([5; 32]),
        epochs: epochs(&desk),
        letters: vec![],
    };
    let (secret, wrapping_key) = xwing_generate(&mut rng);
    let device_key = PrivateKey::generate(&mut rng);
    let device = DeviceIdentity { signing_key: device_key.public(), wrapping_key, posting_slot: 0 };
    let sign = |keyring: &Keyring| desk.sign_keyring(keyring, Putter::Device(&device_key));
    let keyring = Keyring {
        version: VERSION,
        serial: 1,
        generation: 1,
        fold: 1,
        begun: TODAY,
        keys: vec![],
        devices: vec![],
        former: vec![],
        by: Some(device_id(&device_key.public())),
    };
    let keyring = keyring.wrapped_to(&[device], &keys, &fingerprint, &mut rng).unwrap();
    let device = keyring.devices[0].clone();
    let unwrap = |keyring: &Keyring, secret| keyring.unwrap_keys(&device.id, secret, &fingerprint);
    assert_eq!(unwrap(&keyring, &secret).unwrap(), keys);
    let later = Keyring { generation: 2, ..keyring.clone() };
    assert!(matches!(unwrap(&later, &secret), Err(KeyringError::Wrapped)));
    assert!(matches!(unwrap(&keyring, &Secret([0; 32])), Err(KeyringError::Wrapped)));
    assert_eq!(Keyring::verify(&sign(&keyring), &fingerprint, TODAY.start()).unwrap().keyring, keyring);
    assert_eq!(keyring.device(&device.id), Some(&device));
    assert_eq!(keyring.device(&Bytes([0; 16])), None);
    let by_identity = |keyring: &Keyring| desk.sign_keyring(keyring, Putter::Identity(&desk.identity));
    let nobodys = Keyring { by: None, ..keyring.clone() };
    let verify = |envelope: &[u8]| Keyring::verify(envelope, &fingerprint, TODAY.start());
    assert!(verify(&by_identity(&nobodys)).is_ok());
    for mistaken in [by_identity(&keyring), sign(&nobodys)] {
        assert!(matches!(verify(&mistaken), Err(KeyringError::Put)));
    }
    let outside = Keyring { by: Some(Bytes([0; 16])), ..keyring.clone() };
    assert!(matches!(verify(&sign(&outside)), Err(KeyringError::Rule)));
    let renamed = Device { id: Bytes([0; 16]), ..device.clone() };
    for devices in [vec![renamed], vec![device.clone(); 2], vec![Device { posting_slot: 8, ..device }]] {
        let broken = Keyring { devices, ..keyring.clone() };
        let verified = Keyring::verify(&sign(&broken), &fingerprint, TODAY.start());
        assert!(matches!(verified, Err(KeyringError::Rule)));
    }
}

#[test]
fn a_proof_for_a_former_key_holds_until_it_is_destroyed_and_is_doubted_where_a_removed_device_knows_it() {
    let before = desk();
    let (notice, caller) = (verified(&before), caller(&before));
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let part = message("sealed under the notice before").parts().unwrap().remove(0);
    let cell = Cell::seal_part(&part, &caller, &notice, TODAY, &mut rng).unwrap();
    let open = |former: FormerAnswerKey| {
        let (epoch, answer_key) = (before.epoch_key(TODAY), Secret([77; 32]));
        cell.open(&Opener {
            fingerprint: &before.fingerprint(),
            seed: &epoch.seed,
            answer_key: &answer_key,
            former_answer_keys: &[former],
            notice_hashes: &[notice.hash],
        })
    };
    let former = FormerAnswerKey {
        public: x25519_public(&before.answer_key),
        last_day: TODAY,
        secret: Some(before.answer_key.clone()),
        exposed: false,
    };
    assert!(matches!(open(former.clone()), Ok(Opened::Call(_))));
    let exposed = FormerAnswerKey { exposed: true, ..former.clone() };
    assert!(matches!(open(exposed), Ok(Opened::Doubted(_))));
    assert_eq!(open(FormerAnswerKey { secret: None, ..former }), Err(CellError::Proof));
}

#[test]
fn a_keyring_is_replaced_by_one_that_follows_it_or_by_the_identity() {
    let device = |n| PrivateKey::from_seed(&Secret([n; 32])).public();
    let verified = |(serial, generation, fold): (u64, u32, u32), by: Option<u8>, number| {
        let devices = [device(1), device(2)].into_iter().enumerate().map(|(slot, signing_key)| Device {
            id: device_id(&signing_key),
            signing_key,
            wrapping_key: xwing_public(&Secret([1; 32])),
            posting_slot: u8::try_from(slot).unwrap(),
            wrapped: vec![],
        });
        let keyring = Keyring {
            version: VERSION,
            serial,
            generation,
            fold,
            begun: TODAY,
            keys: vec![],
            devices: devices.collect(),
            former: vec![],
            by: by.map(|n| device_id(&device(n))),
        };
        VerifiedKeyring { keyring, signer: Signer { number, duty_key: device(0) } }
    };
    let known = verified((5, 3, 2), Some(1), 7);
    let judge = |numbers, by, number| known.may_become(&verified(numbers, by, number), &(TODAY..=TODAY));
    for numbers in [(6, 3, 2), (6, 4, 3), (8, 6, 2)] {
        assert!(judge(numbers, Some(2), 7).is_ok(), "{numbers:?}");
    }
    for numbers in [(5, 3, 2), (4, 3, 2), (6, 2, 2), (6, 3, 1), (6, 5, 2), (8, 7, 2), (6, u32::MAX - 1, 2)] {
        assert!(matches!(judge(numbers, Some(2), 7), Err(KeyringError::Order)), "{numbers:?}");
    }
    assert!(matches!(judge((6, 3, 2), Some(2), 6), Err(KeyringError::Retired)));
    assert!(matches!(judge((6, 3, 2), Some(3), 8), Err(KeyringError::Outsider)));
    // The identity overrides all but the order of the serials.
    assert!(judge((9, 1, 1), None, 1).is_ok());
    assert!(matches!(judge((5, 3, 2), None, 8), Err(KeyringError::Order)));
}

#[test]
fn a_keyring_changes_nothing_that_stays() {
    let key = |n| PrivateKey::from_seed(&Secret([n; 32])).public();
    let device = |n: u8| Device {
        id: device_id(&key(n)),
        signing_key: key(n),
        wrapping_key: xwing_public(&Secret([n; 32])),
        posting_slot: n,
        wrapped: vec![],
    };
    let former = |n: u8| FormerDevice { id: device_id(&key(n)), signing_key: key(n) };
    let known = Keyring {
        version: VERSION,
        serial: 5,
        generation: 3,
        fold: 2,
        begun: TODAY.minus(3),
        keys: vec![],
        devices: vec![device(1), device(2)],
        former: vec![former(6)],
        by: Some(device_id(&key(1))),
    };
    let signer = Signer { number: 7, duty_key: key(0) };
    let judge_at = |known: &Keyring, today: Day, next: Keyring| {
        let verified = |keyring: Keyring| VerifiedKeyring { keyring, signer };
        verified(known.clone()).may_become(&verified(next), &(today.minus(1)..=today.plus(1)))
    };
    let judge = |change: &dyn Fn(&mut Keyring)| {
        let mut next = Keyring { serial: 6, ..known.clone() };
        change(&mut next);
        judge_at(&known, TODAY, next)
    };
    let allowed: [&dyn Fn(&mut Keyring); 6] = [
        &|_| {},
        &|next| next.devices.push(device(3)),
        &|next| (next.generation, next.begun, next.fold) = (4, TODAY, 3),
        &|next| (next.generation, next.devices[0].wrapping_key) = (4, xwing_public(&Secret([9; 32]))),
        &|next| {
            (next.generation, next.former) = (4, vec![former(6), former(2)]);
            next.devices.pop();
        },
        // Between them there were others.
        &|next| (next.serial, next.generation, next.devices) = (7, 4, vec![device(1), device(4)]),
    ];
    for (n, change) in allowed.into_iter().enumerate() {
        assert!(judge(change).is_ok(), "{n}");
    }
    let refused: [&dyn Fn(&mut Keyring); 13] = [
        &|next| next.begun = TODAY,
        &|next| next.fold = 3,
        &|next| next.former.clear(),
        &|next| next.former.push(former(5)),
        &|next| next.devices.truncate(1),
        &|next| (next.devices[0].posting_slot, next.devices[1].posting_slot) = (2, 1),
        &|next| next.devices[1].wrapping_key = xwing_public(&Secret([9; 32])),
        &|next| (next.generation, next.begun) = (4, TODAY.plus(2)),
        &|next| (next.generation, next.begun) = (4, TODAY.minus(4)),
        &|next| (next.generation, next.devices) = (4, vec![device(1), device(2), device(3)]),
        &|next| (next.generation, next.devices) = (4, vec![device(1)]),
        &|next| (next.generation, next.former) = (4, vec![former(5)]),
        &|next| {
            (next.generation, next.devices[0].posting_slot, next.devices[1].posting_slot) = (4, 2, 1);
        },
    ];
    for (n, change) in refused.into_iter().enumerate() {
        assert!(matches!(judge(change), Err(KeyringError::Changed)), "{n}");
    }
    // A clock that was a month ahead has begun it.
    let to_come = Keyring { begun: TODAY.plus(30), ..known.clone() };
    for (begun, is_taken) in [
        (TODAY.plus(30), true),
        (TODAY.minus(1), true),
        (TODAY.plus(1), true),
        (TODAY.minus(2), false),
        (TODAY.plus(2), false),
    ] {
        let next = Keyring { serial: 6, generation: 4, begun, ..known.clone() };
        assert_eq!(judge_at(&to_come, TODAY, next).is_ok(), is_taken, "{begun:?}");
    }
}
