//! Invitations: where a device that joins meets one of the desk, for a quarter of an hour.

use callsign_protocol::{
    device_request::{DeviceRequest, Purpose},
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    invitation::{INVITATION_S, Invitation, InviteCode, OPENING_LEN, Opening, commitment},
    keyring::Device,
};

use crate::support::{Response, TestHub, test_desk::TestDesk};

/// Where an invitation of a desk is, and what the device that joins will show.
struct Meeting {
    path: String,
    opening: [u8; OPENING_LEN],
    committed: Bytes<32>,
}

impl Meeting {
    fn new(desk: &TestDesk, code: &str) -> Self {
        let slot = InviteCode::parse(code).unwrap().slot(&desk.fingerprint);
        let key = PrivateKey::from_seed(&Secret([9; 32]));
        let request = DeviceRequest::sign(&desk.fingerprint, &key, Bytes([2; 1_216]), Purpose::Earnest);
        let opening = Opening { request, nonce: Bytes([4; 32]) }.encode();
        let path = format!("join/{}", data_encoding::HEXLOWER.encode(&slot.0));
        Self { path, committed: commitment(&desk.fingerprint, &slot, &opening), opening }
    }

    fn at(&self, part: &str) -> String {
        format!("{}/{part}", self.path)
    }

    fn shown(&self, hub: &TestHub, desk: &TestDesk) -> Invitation {
        let path = format!("/{}/v1/{}", desk.id(), self.path);
        Invitation::decode(&hub.get(&path).expect_status(200).body).unwrap()
    }

    fn is_gone(&self, hub: &TestHub, desk: &TestDesk) -> bool {
        hub.get(&format!("/{}/v1/{}", desk.id(), self.path)).status == 404
    }
}

#[track_caller]
fn refused(response: &Response, status: u16, code: &str) {
    assert_eq!((response.status, response.code().as_str()), (status, code));
}

#[test]
fn both_sides_meet_step_by_step() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let meeting = Meeting::new(&desk, "7K4M-WXYZ");
    let (commitment, nonce) = (meeting.committed, Bytes([8; 32]));
    assert!(meeting.is_gone(&hub, &desk));
    // Lost answers: each step once more.
    for _ in 0..2 {
        hub.in_session("PUT", &desk, &meeting.path, &[]).expect_status(204);
    }
    assert_eq!(meeting.shown(&hub, &desk), Invitation::Open);
    for _ in 0..2 {
        hub.put(&desk, &meeting.at("commitment"), &commitment.0).expect_status(204);
    }
    assert_eq!(meeting.shown(&hub, &desk), Invitation::Committed(commitment));
    for _ in 0..2 {
        hub.in_session("PUT", &desk, &meeting.at("nonce"), &nonce.0).expect_status(204);
    }
    assert_eq!(meeting.shown(&hub, &desk), Invitation::Answered { commitment, nonce });
    for _ in 0..2 {
        hub.put(&desk, &meeting.at("opening"), &meeting.opening).expect_status(204);
    }
    let opening = Box::new(meeting.opening);
    assert_eq!(meeting.shown(&hub, &desk), Invitation::Shown { commitment, nonce, opening });
    // What was given stays given, by whoever it was.
    refused(&hub.put(&desk, &meeting.at("commitment"), &[1; 32]), 409, "invitation_conflict");
    refused(&hub.in_session("PUT", &desk, &meeting.at("nonce"), &[1; 32]), 409, "invitation_conflict");
    refused(&hub.put(&desk, &meeting.at("opening"), &[1; OPENING_LEN]), 403, "forbidden");
    refused(&hub.in_session("PUT", &desk, &meeting.path, &[]), 409, "invitation_conflict");
    for _ in 0..2 {
        hub.in_session("DELETE", &desk, &meeting.path, &[]).expect_status(204);
    }
    assert!(meeting.is_gone(&hub, &desk));
}

#[test]
fn no_step_comes_before_its_turn_or_in_another_size() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let meeting = Meeting::new(&desk, "7K4M-WXYZ");
    for part in ["commitment", "opening"] {
        let body = if part == "opening" { &meeting.opening[..] } else { &[1; 32] };
        refused(&hub.put(&desk, &meeting.at(part), body), 404, "not_found");
    }
    hub.in_session("PUT", &desk, &meeting.path, &[]).expect_status(204);
    refused(&hub.in_session("PUT", &desk, &meeting.at("nonce"), &[1; 32]), 409, "invitation_conflict");
    refused(&hub.put(&desk, &meeting.at("opening"), &meeting.opening), 409, "invitation_conflict");
    for len in [0, 31] {
        refused(&hub.put(&desk, &meeting.at("commitment"), &vec![0; len]), 400, "malformed");
    }
    refused(&hub.put(&desk, &meeting.at("commitment"), &[0; 33]), 413, "too_large");
    hub.put(&desk, &meeting.at("commitment"), &meeting.committed.0).expect_status(204);
    refused(&hub.put(&desk, &meeting.at("opening"), &meeting.opening), 409, "invitation_conflict");
    refused(&hub.in_session("PUT", &desk, &meeting.at("nonce"), &[1; 31]), 400, "malformed");
    hub.in_session("PUT", &desk, &meeting.at("nonce"), &[1; 32]).expect_status(204);
    refused(&hub.put(&desk, &meeting.at("opening"), &meeting.opening[1..]), 400, "malformed");
    refused(&hub.put(&desk, &meeting.at("opening"), &[0; OPENING_LEN + 1]), 413, "too_large");
    refused(&hub.in_session("PUT", &desk, &meeting.path, &[0]), 413, "too_large");
    for wrong in ["join/7K4MWXYZ", &meeting.path.to_uppercase().replace("JOIN", "join"), "join/aa"] {
        refused(&hub.in_session("PUT", &desk, wrong, &[]), 404, "not_found");
    }
}

#[test]
fn strangers_open_end_and_answer_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let meeting = Meeting::new(&desk, "7K4M-WXYZ");
    refused(&hub.put(&desk, &meeting.path, &[]), 401, "session_needed");
    hub.in_session("PUT", &desk, &meeting.path, &[]).expect_status(204);
    hub.put(&desk, &meeting.at("commitment"), &meeting.committed.0).expect_status(204);
    refused(&hub.put(&desk, &meeting.at("nonce"), &[1; 32]), 401, "session_needed");
    let path = format!("/{}/v1/{}", desk.id(), meeting.path);
    refused(&hub.send("DELETE", &path, &[], &[]), 401, "session_needed");
    assert_eq!(meeting.shown(&hub, &desk), Invitation::Committed(meeting.committed));
    // The identity's session is of no device.
    let other = Meeting::new(&desk, "2222-2222");
    refused(&hub.in_session("PUT", &desk.as_identity(), &other.path, &[]), 401, "session_needed");
}

#[test]
fn an_invitation_ends_with_its_time_with_the_next_one_and_with_its_device() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let (first, second) = (Meeting::new(&desk, "7K4M-WXYZ"), Meeting::new(&desk, "2222-2222"));
    hub.in_session("PUT", &desk, &first.path, &[]).expect_status(204);
    hub.advance(INVITATION_S);
    assert_eq!(first.shown(&hub, &desk), Invitation::Open);
    hub.advance(1);
    assert!(first.is_gone(&hub, &desk));
    refused(&hub.put(&desk, &first.at("commitment"), &first.committed.0), 404, "not_found");
    hub.in_session("PUT", &desk, &first.path, &[]).expect_status(204);
    hub.in_session("PUT", &desk, &second.path, &[]).expect_status(204);
    assert!(first.is_gone(&hub, &desk) && !second.is_gone(&hub, &desk));
    let own = desk.device();
    let mut other = desk.another_device();
    let added = vec![own, Device { posting_slot: 1, ..other.device() }];
    hub.put(&desk, "keyring", &desk.keyring_of(2, added)).expect_status(204);
    // Another device of the desk neither answers nor ends it, and has its own.
    hub.put(&desk, &second.at("commitment"), &second.committed.0).expect_status(204);
    refused(&hub.in_session("PUT", &other, &second.at("nonce"), &[1; 32]), 404, "not_found");
    hub.in_session("DELETE", &other, &second.path, &[]).expect_status(204);
    assert!(!second.is_gone(&hub, &desk));
    refused(&hub.in_session("PUT", &other, &second.path, &[]), 409, "invitation_conflict");
    hub.in_session("PUT", &other, &first.path, &[]).expect_status(204);
    assert!(!second.is_gone(&hub, &desk) && !first.is_gone(&hub, &desk));
    // A device that was shut out invites nobody any more.
    let remaining = vec![desk.device()];
    hub.put(&desk, "keyring", &desk.restart(3, 1, remaining)).expect_status(204);
    assert!(first.is_gone(&hub, &desk) && !second.is_gone(&hub, &desk));
}

#[test]
fn all_devices_of_a_desk_invite_at_once_and_a_hub_that_starts_again_has_no_invitation() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let mut others: Vec<TestDesk> = (1..8).map(|_| desk.another_device()).collect();
    let own = desk.device();
    let joined = (1..).zip(&mut others).map(|(slot, one)| Device { posting_slot: slot, ..one.device() });
    let devices = [own].into_iter().chain(joined).collect();
    hub.put(&desk, "keyring", &desk.keyring_of(2, devices)).expect_status(204);
    let meetings: Vec<Meeting> = ('2'..='4')
        .chain('6'..='9')
        .chain(['A'])
        .map(|last| Meeting::new(&desk, &format!("222-2222{last}")))
        .collect();
    for (one, meeting) in [&desk].into_iter().chain(&others).zip(&meetings) {
        hub.in_session("PUT", one, &meeting.path, &[]).expect_status(204);
    }
    assert!(meetings.iter().all(|meeting| meeting.shown(&hub, &desk) == Invitation::Open));
    drop(hub);
    let hub = TestHub::start(dir.path());
    assert!(meetings.iter().all(|meeting| meeting.is_gone(&hub, &desk)));
}
