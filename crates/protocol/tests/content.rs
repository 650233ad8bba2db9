//! Content packs: what is read, what is refused, and how a pack is named.

use callsign_protocol::content::{ContentError, ContentPack, PACK_MAX, pack_name};

fn pack(version: u8, about: &str) -> Vec<u8> {
    format!(
        r#"{{"version":{version},"language":"en","about":"{about}","procedures":[{{"id":"wounded","track":"field",
        "title":"If I am wounded?","text":"First.","owner":"Desk","reviewer":null,"promised_by":"Desk",
        "valid_until":"2027-01-31"}}]}}"#
    )
    .into_bytes()
}

#[test]
fn a_procedure_is_no_sample_unless_it_says_so() {
    let read = ContentPack::decode(&pack(1, "Who we are")).unwrap();
    let procedure = &read.procedures[0];
    assert_eq!((read.about.as_str(), procedure.sample), ("Who we are", false));
    assert_eq!((procedure.reviewer.as_deref(), procedure.valid_until.as_str()), (None, "2027-01-31"));
}

#[test]
fn each_fault_of_a_pack_has_its_error() {
    let room = PACK_MAX - pack(1, "").len();
    assert!(ContentPack::decode(&pack(1, &"a".repeat(room))).is_ok());
    let read = |bytes: &[u8]| ContentPack::decode(bytes).unwrap_err();
    assert!(matches!(read(&pack(1, &"a".repeat(room + 1))), ContentError::TooLarge));
    assert!(matches!(read(&pack(2, "")), ContentError::Version));
    assert!(matches!(read(b"{}"), ContentError::Json(_)));
}

#[test]
fn a_pack_is_named_by_its_bytes() {
    // SHA-256 of "abc": FIPS 180-4's own example.
    let name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(pack_name(b"abc"), name);
}
