//! A conversation with nothing but commands.

use serde_json::json;

use crate::support::{Hotline, callsign};

const CALL: &str = " Перший рядок\n\"другий\" \\ 😀\n\n";
const ANSWER: &str = "Відповідь 🕊️\nз двох рядків\n";

#[test]
fn a_call_and_its_answer_go_through_byte_for_byte() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--track", "field", "--lang", "uk", "-"]).input(CALL).json();
    assert_eq!(sent["stored"], true);
    let sign = sent["call_sign"].as_str().unwrap();
    assert_eq!(sent["phrase"].as_str().unwrap().split(' ').count(), 10);

    assert_eq!(hotline.desk(&["inbox"]).json(), json!([]));
    hotline.desk(&["sync"]).json();
    let inbox = hotline.desk(&["inbox"]).json();
    assert_eq!(inbox[0]["call_sign_of_caller"], sign);
    assert!(inbox[0]["call_sign"].as_str().unwrap().is_ascii());
    assert!(!sign.is_ascii(), "the caller writes in Ukrainian");
    assert_eq!(inbox[0]["track"], "field");
    assert_eq!(inbox[0]["language"], "uk");
    assert_eq!(inbox[0]["messages"], 1);
    assert!(inbox[0]["waiting_since"].is_u64());

    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["call_sign_of_caller"], sign);
    assert_eq!(shown["call_sign"], inbox[0]["call_sign"]);
    assert_eq!(shown["messages"][0]["direction"], "call");
    assert_eq!(shown["messages"][0]["text"], CALL);

    let phrase = hotline.path("phrase");
    std::fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    let read = || hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    let before = read();
    assert_eq!(before["answers"], json!([]));
    assert_eq!(before["opened"], json!([sent["message_id"]]));

    let said = hotline
        .desk(&["reply", "--call-sign", &sign.to_uppercase().replace('-', " "), "-"])
        .input(ANSWER)
        .said();
    assert!(said.stderr().contains(r#""code":"price""#), "{said:?}");
    let replied: serde_json::Value = serde_json::from_str(&said.stdout()).unwrap();
    assert_eq!((&replied["stored"], &replied["drops"]), (&json!(true), &json!(1)));

    let after = read();
    assert_eq!(after["call_sign"], sign);
    assert_eq!(after["answers"][0]["text"], ANSWER);
    assert!(after["answers"][0]["day"].is_u64());

    let more = hotline.call(&["send", "--text", "ще одне", "--phrase-file"]).arg(&phrase).json();
    assert_eq!(more["call_sign"], sign);
    hotline.desk(&["sync"]).json();
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    let directions: Vec<_> = shown["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["direction"].as_str().unwrap())
        .collect();
    assert_eq!(directions, ["call", "answer", "call"]);
    // The phrase says in which language they write, where they do not.
    assert_eq!(shown["language"], "uk");
}

#[test]
fn an_answer_of_many_parts_arrives_whole() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "x"]).json();
    let long = "слово 😀 ".repeat(400);
    let replied =
        hotline.desk(&["reply", "--call-sign", sent["call_sign"].as_str().unwrap(), "-"]).input(&long).json();
    assert!(replied["drops"].as_u64().unwrap() > 5, "{replied}");
    let phrase = hotline.path("phrase");
    std::fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    assert_eq!(read["answers"][0]["text"], long);
}

#[test]
fn a_callers_text_cannot_drive_the_operators_terminal() {
    let hotline = Hotline::start();
    let text = "before\u{1b}]52;c;AAAA\u{7}\u{1b}[2Jafter";
    let sent = hotline.call(&["send", "-"]).input(text).json();
    hotline.desk(&["sync"]).json();
    let data = hotline.path("desk");
    let shown = callsign(&["desk", "show", "--call-sign", sent["call_sign"].as_str().unwrap(), "--data"])
        .arg(data)
        .said();
    assert!(shown.stdout().contains("before\\u{1b}]52"), "{shown:?}");
    assert!(!shown.stdout().contains('\u{1b}'));
}

#[test]
fn a_reply_past_a_message_that_was_not_shown_is_refused_and_the_case_waits() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "--text", "first"]).json();
    let sign = sent["call_sign"].as_str().unwrap();
    let synced = hotline.desk(&["sync"]).json();
    assert!(synced["beats"].as_u64().unwrap() >= 1, "{synced}");
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["messages"][0]["possibly_forged"], false);
    assert_eq!(hotline.desk(&["inbox"]).json()[0]["possibly_forged"], false);
    let phrase = hotline.path("phrase");
    std::fs::write(&phrase, sent["phrase"].as_str().unwrap()).unwrap();
    hotline.call(&["send", "--text", "second", "--phrase-file"]).arg(&phrase).json();
    hotline.desk(&["sync"]).json();
    let reply = || hotline.desk(&["reply", "--call-sign", sign, "--text", "to the first"]);
    let (code, sentence) = reply().failure();
    assert_eq!(code, "new-message");
    assert!(sentence.contains("not shown"), "{sentence}");
    let inbox = hotline.desk(&["inbox"]).json();
    assert_eq!(inbox[0]["unopened"], 1);
    assert!(inbox[0]["waiting_since"].is_u64(), "{inbox}");
    hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(reply().json()["stored"], true);
    assert!(hotline.desk(&["inbox"]).json()[0]["waiting_since"].is_null());
}
