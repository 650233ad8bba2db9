//! Notice, letters document, keyring and content packs.

use std::io::Read as _;

use callsign_protocol::{content::pack_name, keyring::Device, letters::LETTERS_LEN};
use flate2::read::GzDecoder;

use crate::support::{TestHub, test_desk::TestDesk};

const PACK: &[u8] = br#"{"version":1,"language":"en","about":"","procedures":[]}"#;

#[test]
fn a_notice_replaces_the_one_before_it_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let path = format!("/{}/v1/notice", desk.id());
    for (serial, status) in [(1, 409), (3, 409), (0, 409), ((1 << 53) - 1, 409), (2, 204), (2, 409)] {
        let notice = desk.notice(serial, hub.now());
        let response = hub.put_notice(&desk, &notice);
        assert_eq!(response.status, status, "serial {serial}");
        if status == 204 {
            assert_eq!(hub.get(&path).expect_status(200).body, notice);
        } else {
            assert_eq!(response.code(), "serial_conflict");
        }
    }
}

#[test]
fn a_letters_document_is_put_as_a_notice_is_and_shown_to_anybody_in_one_size() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let path = format!("/{}/v1/letters", desk.id());
    for (serial, status) in [(1, 409), (3, 409), (0, 409), ((1 << 53) - 1, 409), (2, 204), (2, 409)] {
        let letters = desk.letters(serial);
        let response = hub.put_letters(&desk, &letters);
        assert_eq!(response.status, status, "serial {serial}");
        if status == 409 {
            assert_eq!(response.code(), "serial_conflict");
            continue;
        }
        for wanted in [&[][..], &[("Accept-Encoding", "gzip, br")]] {
            let shown = hub.send("GET", &path, wanted, &[]).expect_status(200);
            assert_eq!((shown.header("content-encoding"), shown.body.len()), (None, LETTERS_LEN));
            assert_eq!(shown.body, letters);
        }
    }
    let mut tampered = desk.letters(3);
    tampered[200] ^= 1;
    let foreign = TestDesk::new(2).letters(3);
    let (notice, cut) = (desk.notice(2, hub.now()), desk.letters(3)[..LETTERS_LEN - 1].to_vec());
    for bytes in [tampered, foreign, notice, cut, vec![]] {
        let response = hub.put_letters(&desk, &bytes);
        assert_eq!((response.status, response.code().as_str()), (400, "document_refused"));
    }
    let longer = [desk.letters(3), vec![b' ']].concat();
    assert_eq!(hub.put_letters(&desk, &longer).expect_status(413).code(), "too_large");
    // By a device that was removed with the duty key in use, by the identity, by nobody.
    let mut second = desk.another_device();
    let (own, other) = (desk.device(), Device { posting_slot: 1, ..second.device() });
    hub.put(&desk, "keyring", &desk.keyring_of(2, vec![own.clone(), other.clone()])).expect_status(204);
    let authorization = format!("Bearer {}", hub.token(&second));
    hub.put(&desk, "keyring", &desk.keyring_without(&other, 3, 2, vec![own])).expect_status(204);
    let letters = desk.letters(3);
    let removed = hub.send("PUT", &path, &[("Authorization", &authorization)], &letters);
    assert_eq!((removed.status, removed.code().as_str()), (401, "session_needed"));
    assert_eq!(hub.put_letters(&desk.as_identity(), &letters).code(), "session_needed");
    assert_eq!(hub.put(&desk, "letters", &letters).code(), "session_needed");
    hub.put_letters(&desk, &letters).expect_status(204);
}

#[test]
fn documents_are_refused_unless_the_enrolled_desk_signed_them() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let (notice, keyring) = (desk.notice(2, hub.now()), desk.keyring(2));
    let mut tampered = notice.clone();
    tampered[200] ^= 1;
    let foreign = TestDesk::new(2).notice(2, hub.now());
    for bytes in [tampered, foreign, keyring.clone(), notice[..notice.len() - 1].to_vec(), vec![]] {
        let response = hub.put_notice(&desk, &bytes);
        assert_eq!((response.status, response.code().as_str()), (400, "document_refused"));
    }
    let response = hub.put(&desk, "keyring", &notice);
    assert_eq!((response.status, response.code().as_str()), (400, "document_refused"));
    hub.put(&desk, "keyring", &keyring).expect_status(204);
}

#[test]
fn an_expired_notice_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let notice = desk.notice(2, hub.now());
    hub.advance(5 * 86_400);
    assert_eq!(hub.put_notice(&desk, &notice).code(), "document_refused");
}

#[test]
fn a_duty_key_that_was_replaced_signs_nothing_more_and_no_generation_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let keyring = desk.next_generation(2);
    hub.put(&desk, "keyring", &keyring).expect_status(204);
    let mut removed = desk.as_before();
    let refused = |document: &[u8]| hub.put(&desk, "keyring", document).code();
    assert_eq!(hub.put_notice(&desk, &removed.notice(2, hub.now())).code(), "document_refused");
    assert_eq!(hub.put_letters(&desk, &removed.letters(2)).code(), "document_refused");
    assert_eq!(refused(&removed.keyring(3)), "document_refused");
    // Late, but in good faith: told to look again.
    assert_eq!(refused(&removed.keyring(2)), "serial_conflict");
    let older = desk.keyring(3);
    assert_eq!(hub.put(&desk, "keyring", &older).code(), "document_refused");
    hub.put_letters(&desk, &desk.letters(2)).expect_status(204);
    let notice = desk.notice(2, hub.now());
    hub.put_notice(&desk, &notice).expect_status(204);
}

#[test]
fn a_keyring_is_put_by_a_device_of_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut second = desk.another_device();
    let (own, other) = (desk.device(), Device { posting_slot: 1, ..second.device() });
    let put = |keyring: &[u8]| hub.put(&desk, "keyring", keyring);
    // All that a removed device has: a duty key that is in use.
    let by_stranger = second.keyring_of(2, vec![own.clone(), other.clone()]);
    assert_eq!(put(&by_stranger).code(), "document_refused");
    put(&desk.keyring_of(2, vec![own.clone(), other.clone()])).expect_status(204);
    put(&second.keyring_of(3, vec![own.clone(), other.clone()])).expect_status(204);
    // Within a generation nobody goes, and who goes with the next is named.
    assert_eq!(put(&desk.keyring_of(4, vec![own.clone()])).code(), "document_refused");
    assert_eq!(put(&desk.keyring_with(4, 2, vec![own.clone()])).code(), "document_refused");
    put(&desk.keyring_without(&other, 4, 2, vec![own])).expect_status(204);
    assert_eq!(put(&second.keyring_with(5, 2, vec![other])).code(), "document_refused");
    // No device leaves a number out: there would be none left for the next.
    assert_eq!(put(&desk.keyring_with(5, 4, vec![desk.clone().device()])).code(), "document_refused");
}

#[test]
fn the_identity_restarts_a_desk_over_all_that_went_before_and_learns_where_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut intruder = desk.another_device();
    let (own, theirs) = (desk.device(), Device { posting_slot: 1, ..intruder.device() });
    hub.put(&desk, "keyring", &desk.keyring_of(2, vec![own.clone(), theirs.clone()])).expect_status(204);
    let alone = intruder.keyring_without(&own, 3, 2, vec![theirs.clone()]);
    hub.put(&desk, "keyring", &alone).expect_status(204);
    // The desk's own device is shut out, its identity is not.
    let refused = hub.put(&desk, "keyring", &desk.keyring_with(4, 2, vec![own.clone()]));
    assert_eq!(refused.code(), "document_refused");
    assert_eq!(hub.in_session("GET", &desk.as_identity(), "keyring", &[]).expect_status(200).body, alone);
    for serial in [1, 3] {
        let late = hub.put(&desk, "keyring", &desk.restart(serial, 3, vec![own.clone()]));
        assert_eq!(late.code(), "serial_conflict", "{serial}");
    }
    let forged = intruder.sign_restart(9, 3, vec![theirs.clone()]);
    assert_eq!(hub.put(&desk, "keyring", &forged).code(), "document_refused");
    let restarted = desk.restart(9, 3, vec![own]);
    hub.put(&desk, "keyring", &restarted).expect_status(204);
    assert_eq!(hub.in_session("GET", &desk, "keyring", &[]).expect_status(200).body, restarted);
    let late = hub.put(&desk, "keyring", &intruder.keyring_with(10, 3, vec![theirs]));
    assert_eq!(late.code(), "document_refused");
    let next = desk.keyring_with(10, 3, vec![desk.clone().device()]);
    hub.put(&desk, "keyring", &next).expect_status(204);
}

#[test]
fn a_notice_is_put_by_a_device_of_the_keyring_in_a_session() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut second = desk.another_device();
    let (own, other) = (desk.device(), Device { posting_slot: 1, ..second.device() });
    hub.put(&desk, "keyring", &desk.keyring_of(2, vec![own.clone(), other.clone()])).expect_status(204);
    let notice = desk.notice(2, hub.now());
    let path = format!("/{}/v1/notice", desk.id());
    let before = hub.get(&path).expect_status(200).body;
    let needs = |response: crate::support::Response| {
        assert_eq!((response.status, response.code().as_str()), (401, "session_needed"));
        assert_eq!(hub.get(&path).expect_status(200).body, before);
    };
    needs(hub.put(&desk, "notice", &notice));
    // The identity learns where the desk stands, and speaks by its keyring alone.
    needs(hub.put_notice(&desk.as_identity(), &notice));
    // With the duty key in use, as where the custodian was away when it was removed, and with a session of before.
    let authorization = format!("Bearer {}", hub.token(&second));
    hub.put(&desk, "keyring", &desk.keyring_without(&other, 3, 2, vec![own])).expect_status(204);
    needs(hub.send("PUT", &path, &[("Authorization", &authorization)], &second.notice(2, hub.now())));
    hub.put_notice(&desk, &notice).expect_status(204);
}

#[test]
fn a_keyring_is_shown_to_devices_only() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let keyring = desk.keyring(2);
    hub.put(&desk, "keyring", &keyring).expect_status(204);
    assert_eq!(hub.in_session("GET", &desk, "keyring", &[]).expect_status(200).body, keyring);
    let response = hub.get(&format!("/{}/v1/keyring", desk.id()));
    assert_eq!((response.status, response.code().as_str()), (401, "session_needed"));
}

#[test]
fn a_desk_without_a_notice_has_none_to_show() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start(dir.path());
    let desk = TestDesk::new(1);
    hub.post(&desk, "enrol", &desk.enrolment(hub.code.as_ref().unwrap())).expect_status(204);
    for name in ["notice", "letters"] {
        assert_eq!(hub.get(&format!("/{}/v1/{name}", desk.id())).code(), "not_found");
    }
}

#[test]
fn content_is_kept_under_its_hash() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let address = format!("content/{}", pack_name(PACK));
    let path = format!("/{}/v1/{address}", desk.id());
    assert_eq!(hub.get(&path).code(), "not_found");
    assert_eq!(hub.put(&desk, &address, PACK).code(), "session_needed");
    for _ in 0..2 {
        hub.in_session("PUT", &desk, &address, PACK).expect_status(204);
    }
    let response = hub.get(&path).expect_status(200);
    assert_eq!(response.body, PACK);
    assert_eq!(response.header("content-type"), Some("application/json"));
}

#[test]
fn notice_and_content_are_the_same_compressed_and_the_notice_of_today_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let pack =
        format!(r#"{{"version":1,"language":"en","about":"{}","procedures":[]}}"#, "words ".repeat(90));
    let address = format!("content/{}", pack_name(pack.as_bytes()));
    hub.in_session("PUT", &desk, &address, pack.as_bytes()).expect_status(204);
    let notice = desk.notice(2, hub.now());
    hub.put_notice(&desk, &notice).expect_status(204);
    for (name, bytes) in [("notice", notice.as_slice()), (address.as_str(), pack.as_bytes())] {
        let path = format!("/{}/v1/{name}", desk.id());
        let plain = hub.get(&path).expect_status(200);
        assert_eq!((plain.header("content-encoding"), plain.body.as_slice()), (None, bytes));
        let zipped = hub.send("GET", &path, &[("Accept-Encoding", "gzip, br")], &[]).expect_status(200);
        assert_eq!(zipped.header("content-encoding"), Some("gzip"));
        assert!(zipped.body.len() < bytes.len());
        let mut unzipped = Vec::new();
        GzDecoder::new(zipped.body.as_slice()).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, bytes);
        for name in ["content-type", "cache-control", "vary"] {
            assert_eq!(zipped.header(name), plain.header(name), "{name}");
        }
        assert_eq!(plain.header("vary"), Some("accept-encoding"));
    }
}

#[test]
fn a_desk_keeps_sixty_four_packs_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let put = |number: usize| {
        let pack = format!(r#"{{"version":1,"language":"en","about":"{number}","procedures":[]}}"#);
        hub.in_session("PUT", &desk, &format!("content/{}", pack_name(pack.as_bytes())), pack.as_bytes())
    };
    for number in 0..64 {
        put(number).expect_status(204);
    }
    put(0).expect_status(204);
    assert_eq!(put(64).expect_status(507).code(), "content_full");
}

#[test]
fn content_that_is_not_what_its_address_says_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let put = |name: &str, body: &[u8]| {
        let response = hub.in_session("PUT", &desk, &format!("content/{name}"), body);
        (response.status, response.code())
    };
    let refused = |status, code: &str| (status, code.to_owned());
    assert_eq!(put(&pack_name(b"other"), PACK), refused(400, "content_hash"));
    assert_eq!(put("nonsense", PACK), refused(400, "content_hash"));
    assert_eq!(put(&pack_name(b"{}"), b"{}"), refused(400, "malformed"));
    let long = vec![b' '; 131_073];
    assert_eq!(put(&pack_name(&long), &long), refused(413, "too_large"));
    assert_eq!(hub.get(&format!("/{}/v1/content/nonsense", desk.id())).code(), "not_found");
}
