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
    // Brackets of one's own stop it, too, until they are said to be meant.
    let (code, sentence) = reply("прийдіть [день] о шостій").failure();
    assert!(code == "hole" && sentence.contains("[день]") && sentence.contains("--brackets"), "{sentence}");
    let meant = |text: &str| hotline.desk(&["reply", "--call-sign", sign, "--brackets", "-"]).input(text);
    assert_eq!(meant("прийдіть […] о шостій").failure().0, "hole");
    assert_eq!(meant("прийдіть [у п'ятницю] о шостій").json()["stored"], true);
}

const TEMPLATE: &str = "---\nkeyword: коли\ntitle: Коли повернутися\nlanguage: uk\nreviewer: Осика\n---\nПрийдіть [день], о […].\n";

#[test]
fn templates_are_imported_whole_listed_and_their_holes_stop_an_answer() {
    let hotline = Hotline::start();
    let sent = hotline.call(&["send", "-"]).input("question").json();
    let sign = sent["call_sign"].as_str().unwrap();
    let content = hotline.path("content");
    let write = |name: &str, text: &str| std::fs::write(content.join("templates").join(name), text).unwrap();
    let import = || hotline.desk(&["content", "import"]).arg(&content);
    let list = || hotline.desk(&["content", "list"]).json();
    let (code, sentence) = import().failure();
    assert!(code == "content" && sentence.contains("no template and no checklist"), "{sentence}");
    std::fs::create_dir_all(content.join("templates")).unwrap();
    assert!(import().failure().1.contains("no template and no checklist"), "none that ends in .md");
    write("when.md", TEMPLATE);
    write("over.md", &TEMPLATE.replace("коли\n", "before\nuntil: 2026-01-31\n"));
    let imported = import().json();
    assert_eq!((&imported["imported"], &imported["checklists"]), (&2.into(), &serde_json::Value::Null));
    let kept = list();
    let of = |keyword: &str| {
        kept.as_array().unwrap().iter().find(|one| one["keyword"] == keyword).unwrap().clone()
    };
    let when = of("коли");
    assert_eq!(
        (&when["text"], &when["until"]),
        (&"Прийдіть [день], о […].".into(), &serde_json::Value::Null)
    );
    assert_eq!((&when["reviewer"], &when["offered"]), (&"Осика".into(), &true.into()));
    assert_eq!(of("before")["until"], "2026-01-31");
    // One that is wrong changes nothing, and is named.
    write("again.md", TEMPLATE);
    let (code, sentence) = import().failure();
    assert!(code == "template" && sentence.contains("again.md and when.md"), "{sentence}");
    write("again.md", "no head");
    assert!(import().failure().1.contains("again.md: it does not begin with"));
    assert_eq!(list(), kept);

    hotline.desk(&["sync"]).json();
    hotline.desk(&["show", "--call-sign", sign]).json();
    let reply = |text: &str| hotline.desk(&["reply", "--call-sign", sign, "-"]).input(text);
    let (code, sentence) = reply("Прийдіть [день], о шостій.").failure();
    assert!(code == "hole" && sentence.contains("[день]"), "{sentence}");
    assert_eq!(reply("Прийдіть завтра, о шостій.").json()["stored"], true);
}
