//! `callsign desk reply`: what of an answer was left to be filled in stops it.

use crate::support::Hotline;

#[test]
fn an_answer_with_a_hole_is_not_sent_and_the_way_out_is_said() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    hotline.desk(&["sync"]).json();
    hotline.desk(&["show", "--call-sign", sign]).json();
    let reply = |text: &str| hotline.desk(&["reply", "--call-sign", sign, "-"]).input(text);
    for text in ["прийдіть […] о шостій", "come on [day ...]"] {
        let (code, sentence) = reply(text).failure();
        assert_eq!(code, "hole", "{text}");
        assert!(sentence.contains("still to be filled in: [") && sentence.contains("take the brackets out"));
    }
    let shown = hotline.desk(&["show", "--call-sign", sign]).json();
    assert_eq!(shown["messages"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(reply("прийдіть […] о шостій".replace("[…]", "[у п'ятницю]").as_str()).json()["stored"], true);
}
