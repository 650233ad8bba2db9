//! Sessions of devices.

use callsign_protocol::encoding::Bytes;

use crate::support::{TestHub, test_desk::TestDesk};

#[test]
fn a_device_of_the_keyring_gets_a_token_for_fifteen_minutes() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let token = hub.token(&desk);
    assert_eq!(show_keyring(&hub, &desk, &format!("Bearer {token}")), 200);
    assert_eq!(show_keyring(&hub, &desk, &format!("bearer {token}")), 200);
    hub.advance(900);
    assert_eq!(show_keyring(&hub, &desk, &format!("Bearer {token}")), 200);
    hub.advance(1);
    assert_eq!(show_keyring(&hub, &desk, &format!("Bearer {token}")), 401);
}

#[test]
fn what_is_not_our_token_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let token = Bytes::<56>::from_base64url(&hub.token(&desk)).unwrap();
    for at in [0, 8, 24, 55] {
        let mut forged = token;
        forged.0[at] ^= 1;
        assert_eq!(show_keyring(&hub, &desk, &format!("Bearer {forged}")), 401, "byte {at}");
    }
    let challenge = hub.challenge(&desk);
    let headers = [format!("Bearer {challenge}"), format!("Basic {token}"), token.to_string()];
    for header in headers.iter().map(String::as_str).chain(["Bearer", "Bearer ", ""]) {
        assert_eq!(show_keyring(&hub, &desk, header), 401, "{header}");
    }
}

#[test]
fn a_session_needs_our_challenge_in_time_and_the_devices_signature() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let challenge = hub.challenge(&desk);
    let good = desk.session(challenge);
    let answer = |request: &[u8]| hub.post(&desk, "session", request).code();
    for at in [0, 16, 24, 40, 72, 135] {
        let mut forged = good.clone();
        forged[at] ^= 1;
        assert_eq!(answer(&forged), "forbidden", "byte {at}");
    }
    assert_eq!(answer(&TestDesk::new(2).session(challenge)), "forbidden");
    assert_eq!(answer(&desk.session(Bytes([0; 56]))), "forbidden");
    assert_eq!(answer(&good[..135]), "malformed");
    assert_eq!(answer(&[good.as_slice(), &[0]].concat()), "too_large");
    hub.post(&desk, "session", &good).expect_status(200);
    hub.advance(121);
    assert_eq!(answer(&good), "forbidden");
}

#[test]
fn a_device_that_leaves_the_keyring_loses_its_session() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let bearer = format!("Bearer {}", hub.token(&desk));
    hub.put(&desk, "keyring", &desk.restart(2, 1, vec![])).expect_status(204);
    assert_eq!(show_keyring(&hub, &desk, &bearer), 401);
    let request = desk.session(hub.challenge(&desk));
    assert_eq!(hub.post(&desk, "session", &request).code(), "forbidden");
}

fn show_keyring(hub: &TestHub, desk: &TestDesk, authorization: &str) -> u16 {
    let path = format!("/{}/v1/keyring", desk.id());
    hub.send("GET", &path, &[("Authorization", authorization)], &[]).status
}
