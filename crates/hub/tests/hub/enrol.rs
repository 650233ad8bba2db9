//! Enrolment: one code, one identity.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{TestHub, test_desk::TestDesk};

#[test]
fn the_code_waits_in_a_private_file_until_a_desk_has_used_it() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("hub");
    let file = dir.join("enrolment-code");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let hub = TestHub::start(&dir);
    let code = hub.code.clone().unwrap();
    assert_eq!((mode(&dir), mode(&file)), (0o700, 0o600));
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), code);
    drop(hub);
    let hub = TestHub::start(&dir);
    assert_eq!(hub.code.as_ref(), Some(&code), "a restart keeps the code");
    let desk = TestDesk::new(1);
    let spoken = code.to_lowercase().replace('-', " ");
    hub.post(&desk, "enrol", &desk.enrolment(&spoken)).expect_status(204);
    assert!(!file.exists());
    drop(hub);
    let hub = TestHub::start(&dir);
    assert_eq!(hub.code, None);
    assert!(!file.exists());
}

#[test]
fn a_code_serves_one_identity_and_repeating_is_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start(dir.path());
    let code = hub.code.clone().unwrap();
    let (desk, other) = (TestDesk::new(1), TestDesk::new(2));
    for _ in 0..2 {
        hub.post(&desk, "enrol", &desk.enrolment(&code)).expect_status(204);
    }
    let response = hub.post(&other, "enrol", &other.enrolment(&code));
    assert_eq!((response.status, response.code().as_str()), (403, "forbidden"));
    assert_eq!(hub.get(&format!("/{}/", other.id())).status, 404);
}

#[test]
fn a_wrong_code_or_address_enrols_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start(dir.path());
    let code = hub.code.clone().unwrap();
    let (desk, other) = (TestDesk::new(1), TestDesk::new(2));
    assert_eq!(hub.post(&desk, "enrol", &desk.enrolment("ABCD")).code(), "forbidden");
    assert_eq!(hub.post(&desk, "enrol", &desk.enrolment("")).code(), "forbidden");
    assert_eq!(hub.post(&other, "enrol", &desk.enrolment(&code)).code(), "malformed");
    let request = desk.enrolment(&code);
    assert_eq!(hub.post(&desk, "enrol", &request[1..]).code(), "malformed");
    assert_eq!(hub.post(&desk, "enrol", &[&request[..], &[0]].concat()).code(), "too_large");
    assert_eq!(hub.post(&desk, "enrol", &[&[2], &request[1..]].concat()).code(), "malformed");
    hub.post(&desk, "enrol", &request).expect_status(204);
}
