//! Devices join, answer and are removed; cases are erased; the identity is kept elsewhere and names a successor.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Hotline, Run, as_carried, callsign};

const FILE_PASSPHRASE: &str = "anchor velvet pepper orchard lantern mosaic";

fn at(data: &Path, command: &[&str]) -> Run {
    callsign(&["desk"]).args(command).arg("--json").arg("--data").arg(data)
}

fn custodian(hotline: &Hotline, command: &[&str]) -> Run {
    hotline
        .desk(&[&["identity"], command].concat())
        .env("CALLSIGN_IDENTITY_PASSPHRASE", FILE_PASSPHRASE)
        .env("CALLSIGN_NEW_IDENTITY_PASSPHRASE", "glacier button saddle whistle pigeon thimble")
}

fn read_answers(hotline: &Hotline, sent: &Value) -> Vec<Value> {
    let phrase = hotline.path("phrase");
    fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    read["answers"].as_array().unwrap().iter().map(|answer| answer["text"].clone()).collect()
}

#[test]
fn a_second_device_joins_answers_and_is_refused_once_it_is_removed() {
    let hotline = Hotline::start();
    let second = hotline.path("second");
    let sent = hotline.call(&["send", "--text", "is anyone there"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();

    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let asked = at(&second, &["join", "--hub", &link]).json();
    let (request, words) = (asked["request"].as_str().unwrap(), asked["check_words"].as_str().unwrap());
    assert_eq!(words.split(' ').count(), 6);
    let (code, sentence) = at(&second, &["sync"]).failure();
    assert_eq!(code, "not-a-device");
    assert!(sentence.contains("give its request to a device"), "{sentence}");

    // Nobody comes in unseen, or with the words of another request.
    let file = hotline.path("request.txt");
    fs::write(&file, format!("Here it is:\r\n{request}\r\nRegards")).unwrap();
    assert_eq!(hotline.desk(&["admit"]).arg(&file).failure().0, "not-confirmed");
    for carried in as_carried(request) {
        let (code, sentence) = hotline.desk(&["admit", "-"]).input(carried).failure();
        assert_eq!(code, "not-confirmed", "{sentence}");
    }
    let wrong = hotline.desk(&["admit", "--code", "abandon ability able about above absent"]);
    assert_eq!(wrong.arg(&file).failure().0, "check-words");
    assert_eq!(hotline.desk(&["admit", "-"]).input(&request[..500]).failure().0, "request");
    let devices = || hotline.desk(&["devices"]).json()["devices"].as_array().unwrap().clone();
    assert_eq!(devices().len(), 1);
    let said = words.to_uppercase().replace(' ', " - ");
    let admitted = hotline.desk(&["admit", "--code", &said, "-"]).input(request).json();
    let id = admitted["admitted"].as_str().unwrap().to_owned();

    // A generation that has begun before it came, it learns from the log's next snapshot or from the hub's entries.
    let reply = at(&second, &["reply", "--call-sign", sign, "--text", "from the second"]).json();
    assert_eq!(reply["stored"], true);
    assert_eq!(read_answers(&hotline, &sent), ["from the second"]);

    hotline.desk(&["sync"]).json();
    let listed = devices();
    let slots: Vec<_> = listed.iter().map(|device| device["posting_slot"].as_u64().unwrap()).collect();
    assert_eq!(slots, [0, 1]);
    let own = listed.iter().find(|device| device["own"] == true).unwrap()["id"].as_str().unwrap();
    assert_eq!(hotline.desk(&["remove", &own[..8]]).failure().0, "own-device");
    assert_eq!(hotline.desk(&["remove", &id[..3]]).failure().0, "no-such-device");
    let asked = hotline.desk(&["remove", &id[..8]]).input("no\n");
    assert_eq!(asked.failure().0, "not-confirmed");
    assert_eq!(devices().len(), 2);
    let removed = hotline.desk(&["remove", "--yes", &id[..8]]).json();
    assert_eq!((&removed["removed"], &removed["certify_now"]), (&json!(id), &json!(false)));
    assert_eq!(devices().len(), 1);
    let queued = ["reply", "--call-sign", sign, "--queued", "--text", "queued"];
    let level = ["level", "--call-sign", sign, "--queued", "1"];
    for command in [&["sync"][..], &["reply", "--call-sign", sign, "--text", "forged"], &queued, &level] {
        let (code, sentence) = at(&second, command).failure();
        assert_eq!(code, "not-a-device");
        assert!(sentence.contains("it was removed") && !sentence.contains("goes out"), "{sentence}");
        assert!(!sentence.contains("goes into the log"), "{sentence}");
    }
    hotline.desk(&["reply", "--call-sign", sign, "--text", "from the first"]).json();
    assert_eq!(read_answers(&hotline, &sent), ["from the second", "from the first"]);
}

#[test]
fn a_removal_names_the_devices_that_are_left_out_with_it() {
    let hotline = Hotline::start();
    let (_, first) = join(&hotline, &hotline.path("first"));
    let (_, second) = join(&hotline, &hotline.path("second"));
    let (_, third) = join(&hotline, &hotline.path("third"));
    hotline.desk(&["sync"]).json();
    let removed = hotline.desk(&["remove", "--yes", &first]).json();
    assert_eq!(removed["left_out"], json!([]));
    // The generation has just begun, so that none of the others has told the desk its next key yet.
    at(&hotline.path("third"), &["sync"]).json();
    let asked = callsign(&["desk", "remove", "--data"]);
    let asked = asked.arg(hotline.path("desk")).arg("--").arg(&third).input("no\n").said();
    assert!(asked.stderr().contains("not ready for the next"), "{asked:?}");
    assert!(asked.stderr().contains(&second[..8]), "{asked:?}");
    let removed = hotline.desk(&["remove", "--yes", &third]).json();
    assert_eq!(removed["left_out"], json!([second]));
    assert_eq!(at(&hotline.path("second"), &["sync"]).failure().0, "not-a-device");
}

/// The check of a name in what the doctor says.
fn doctors(data: &Path, what: &str) -> Value {
    let said = callsign(&["doctor", "--json", "--data"]).arg(data).said();
    assert_eq!(said.output.status.code(), Some(1), "{said:?}");
    let checks: Value = serde_json::from_slice(&said.output.stdout).unwrap();
    checks["checks"].as_array().unwrap().iter().find(|check| check["what"] == what).unwrap().clone()
}

/// A device of a hotline in a directory; the request that let it in, and its id.
fn join(hotline: &Hotline, data: &Path) -> (String, String) {
    let ask = ["join", "--hub", &hotline.hub_url, "--fingerprint", &hotline.fingerprint];
    let asked = at(data, &ask).json();
    let (request, words) = (asked["request"].as_str().unwrap(), asked["check_words"].as_str().unwrap());
    let admitted = hotline.desk(&["admit", "--code", words, "-"]).input(request).json();
    at(data, &["sync"]).json();
    (request.to_owned(), admitted["admitted"].as_str().unwrap().to_owned())
}

#[test]
fn a_removed_device_says_so_in_one_sentence_and_an_old_request_brings_it_back_nowhere() {
    let hotline = Hotline::start();
    let second = hotline.path("second");
    let (request, id) = join(&hotline, &second);
    let read = [&["inbox"][..], &["search", "waiting"], &["devices"], &["settings"], &["due"]];
    for command in read {
        let said = at(&second, command).said();
        assert!(said.output.status.success() && said.stderr().is_empty(), "{said:?}");
    }
    hotline.desk(&["remove", "--yes", &id]).json();
    let words = hotline.desk(&["admit", "-"]).input(&request).said();
    assert_eq!(words.output.status.code(), Some(1));
    let (code, sentence) = at(&second, &["sync"]).failure();
    assert_eq!(code, "not-a-device");
    assert!(sentence.contains("it was removed") && sentence.contains("callsign desk join"), "{sentence}");
    for command in read {
        let said = at(&second, command).said();
        assert!(said.output.status.success(), "{said:?}");
        let warning: Value = serde_json::from_str(said.stderr().trim()).unwrap();
        let warning = &warning["warning"];
        assert_eq!((&warning["code"], &warning["message"]), (&json!(code), &json!(sentence)), "{command:?}");
    }
    assert_eq!(at(&second, &["devices"]).json()["outside"], "cut-off");
    let changes = [
        &["settings", "--name", "Taken over"][..],
        &["reply", "--call-sign", "river-stone-42", "--text", "x"],
    ];
    for command in changes {
        assert_eq!(at(&second, command).failure(), (code.clone(), sentence.clone()), "{command:?}");
    }
    let check = doctors(&second, "device");
    assert_eq!((&check["ok"], &check["found"]), (&json!(false), &json!(sentence)));
    let mut served = at(&second, &["serve", "--listen", "127.0.0.1:0"]).serve();
    assert!(served.says("not-a-device").contains(&sentence));
    drop(served);

    // Where the desk knows the request it takes it a second time from nobody.
    let asked = callsign(&["desk", "admit", "--json", "--code"]);
    let words = callsign_protocol::device_request::DeviceRequest::from_armour(request.as_bytes())
        .unwrap()
        .check_words();
    let refused =
        asked.arg(&words).arg("--data").arg(hotline.path("desk")).arg("-").input(&request).failure();
    assert_eq!(refused.0, "request");
    assert!(
        refused.1.contains("lets a device in once") && refused.1.contains("in a new directory"),
        "{refused:?}"
    );
    join(&hotline, &hotline.path("anew"));
}

#[test]
fn a_desk_is_detached_and_attached_while_no_program_serves_it() {
    let hotline = Hotline::start();
    let file = hotline.path("identity");
    let served = hotline.desk(&["serve", "--listen", "127.0.0.1:0"]).serve();
    let (code, sentence) = custodian(&hotline, &["detach"]).arg(&file).failure();
    assert!(code == "served" && sentence.contains("stop it first") && !file.exists(), "{sentence}");
    drop(served);
    custodian(&hotline, &["detach"]).arg(&file).json();
    let served = hotline.desk(&["serve", "--listen", "127.0.0.1:0"]).serve();
    assert_eq!(custodian(&hotline, &["attach"]).arg(&file).failure().0, "served");
    custodian(&hotline, &["certify"]).arg(&file).json();
    drop(served);
    custodian(&hotline, &["attach"]).arg(&file).json();
}

#[test]
fn a_case_is_erased_after_a_yes_and_its_end_is_a_date() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "forget me"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    assert_eq!(hotline.desk(&["erase", "--call-sign", sign]).input("no\n").failure().0, "not-confirmed");
    assert_eq!(hotline.desk(&["inbox"]).json().as_array().unwrap().len(), 1);
    let erased = hotline.desk(&["erase", "--call-sign", sign]).input("yes\n").json();
    assert_eq!(erased["erased"], sign);
    assert_eq!(erased["final"].as_str().unwrap().len(), 10, "{erased}");
    assert_eq!(hotline.desk(&["inbox"]).json(), json!([]));
    assert_eq!(hotline.desk(&["erase", "--yes", "--call-sign", sign]).failure().0, "no-such-call");
}

#[test]
fn the_identity_is_kept_in_a_file_certifies_from_there_and_comes_back() {
    let hotline = Hotline::start();
    let file = hotline.path("identity");
    let here = || hotline.desk(&["devices"]).json()["identity_here"].clone();
    assert_eq!(custodian(&hotline, &["certify"]).arg(&file).failure().0, "disk");
    let detached = custodian(&hotline, &["detach"]).arg(&file).json();
    assert_eq!(
        (here(), hotline.desk(&["devices"]).json()["certificate_ends"].clone()),
        (json!(false), detached["certificate_ends"].clone(),)
    );
    assert_eq!(custodian(&hotline, &["detach"]).arg(&file).failure().0, "identity");
    let wrong = custodian(&hotline, &["certify"]).env("CALLSIGN_IDENTITY_PASSPHRASE", "not that one");
    let (code, sentence) = wrong.arg(&file).failure();
    assert_eq!(code, "vault");
    assert!(sentence.contains("does not open the identity"), "{sentence}");
    custodian(&hotline, &["certify"]).arg(&file).json();

    // Without the identity, a removal leaves something for the custodian to do.
    let second = hotline.path("second");
    let join = ["join", "--hub", &hotline.hub_url, "--fingerprint", &hotline.fingerprint];
    let asked = at(&second, &join).json();
    let words = asked["check_words"].as_str().unwrap();
    let admitted =
        hotline.desk(&["admit", "--code", words, "-"]).input(asked["request"].as_str().unwrap()).json();
    let removed = hotline.desk(&["remove", "--yes", admitted["admitted"].as_str().unwrap()]).json();
    assert_eq!(
        (&removed["certify_now"], &removed["certificate_ends"]),
        (&json!(true), &detached["certificate_ends"],)
    );
    // The day by which callers' clocks may be off comes to that.
    let until = removed["deceivable_until"].as_str().unwrap();
    assert!(until > detached["certificate_ends"].as_str().unwrap(), "{until}");
    assert_eq!(hotline.desk(&["devices"]).json()["deceivable_until"], until);
    assert_eq!(removed["had_identity"], false);
    custodian(&hotline, &["certify"]).arg(&file).json();

    custodian(&hotline, &["attach"]).arg(&file).json();
    assert_eq!(here(), true);
    let own = hotline.desk(&["devices"]).json()["devices"][0].clone();
    assert_eq!((&own["has_identity"], own["person"].as_str()), (&json!(true), Some("Custodian")), "{own}");
    hotline.call(&["send", "--text", "all is well"]).json();
    assert_eq!(hotline.desk(&["sync"]).json()["waiting"], 1);
}

#[test]
fn callers_are_told_of_the_successor_and_find_it_under_its_fingerprint() {
    let hotline = Hotline::start();
    let (file, next) = (hotline.path("identity"), hotline.path("next"));
    custodian(&hotline, &["detach"]).arg(&file).json();
    let succeed =
        |from: &str| custodian(&hotline, &["succeed", "--from", from]).arg("--new").arg(&next).arg(&file);
    assert_eq!(succeed("2001-01-01").failure().0, "date");
    let told = succeed("2999-12-31").json();
    let over = succeed("2999-12-31")
        .env("CALLSIGN_NEW_IDENTITY_PASSPHRASE", "trumpet fossil ribbon kettle walnut ferry");
    assert_eq!(over.failure().0, "vault", "a file that is there is never overwritten");
    assert_eq!(
        succeed("2999-12-31").json(),
        told,
        "an attempt that was cut off goes on with the same identity"
    );

    let said = hotline.call(&["send", "--text", "hello"]).said();
    let warning: Value = serde_json::from_str(said.stderr().lines().next().unwrap()).unwrap();
    assert_eq!(warning["warning"]["code"], "successor");
    let sentence = warning["warning"]["message"].as_str().unwrap();
    for part in ["2999-12-31", told["words"].as_str().unwrap(), told["fingerprint"].as_str().unwrap()] {
        assert!(sentence.contains(part), "{sentence}");
    }

    // The new desk, at a hub of its own.
    let hub = crate::support::hub(&hotline.path("next-hub"), "127.0.0.1:0");
    let url = format!("http://{}", hub.ready["listening"].as_str().unwrap());
    let new_desk = at(&hotline.path("next-desk"), &["init", "--name", "Next", "--code", "-", "--hub", &url])
        .arg("--identity")
        .arg(&next)
        .env("CALLSIGN_IDENTITY_PASSPHRASE", "glacier button saddle whistle pigeon thimble")
        .input(hub.ready["enrolment_code"].as_str().unwrap())
        .json();
    assert_eq!(new_desk["fingerprint"], told["fingerprint"]);
}
