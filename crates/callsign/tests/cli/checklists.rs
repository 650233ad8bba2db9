//! `callsign desk step`: what of a checklist is done, seen by both desks, and never mixed with another version of it.

use serde_json::{Value, json};

use crate::team::{Team, ends_with};

const FIRST: &str = "---\nkeyword: first\ntitle: The first call\nlanguage: en\n---\n- Ask whether they are alone.\n- Say when you answer.\n";

fn import(team: &Team, text: &str, who: &str) {
    let lists = team.hotline.path(who).join("checklists");
    std::fs::create_dir_all(&lists).unwrap();
    // A directory with nothing in it refuses no list beside it.
    std::fs::create_dir_all(team.hotline.path(who).join("templates")).unwrap();
    std::fs::write(lists.join("first.md"), text).unwrap();
    let dir = team.hotline.path(who);
    let import = ["content", "import", dir.to_str().unwrap()];
    let run = if who == "first" { team.first(&import) } else { team.second(&import) };
    assert_eq!(run.json(), json!({ "imported": null, "checklists": 1 }));
}

fn steps(shown: &Value) -> Vec<Value> {
    let steps = shown["checklists"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["done_by"].clone()).collect()
}

#[test]
fn a_step_is_done_and_undone_and_both_desks_have_it() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    let (code, sentence) = team.first(&["step", "--call-sign", sign, "1"]).failure();
    assert!(code == "checklist" && sentence.contains("no checklist of that keyword"), "{sentence}");
    import(&team, FIRST, "first");
    import(&team, FIRST, "second");
    let shown = team.first(&["step", "--call-sign", sign]).json();
    assert_eq!(shown["checklists"][0]["steps"][1]["text"], "Say when you answer.", "{shown}");
    assert_eq!(steps(&shown), [Value::Null, Value::Null]);
    let said = team.second(&["step", "--call-sign", sign, "2"]).json();
    assert_eq!(said, json!({ "call_sign": sign, "list": "first", "step": 2, "done": true }));
    team.first(&["sync"]).json();
    let shown = team.first(&["show", "--call-sign", sign]).json();
    assert_eq!(steps(&shown), [Value::Null, json!("Osyka")], "{shown}");
    assert_eq!(shown["other_checklists"], json!([]));
    let undone = team.first(&["step", "--call-sign", sign, "--list", "first", "--undo", "2"]).json();
    assert_eq!(undone["done"], false);
    assert_eq!(steps(&team.first(&["show", "--call-sign", sign]).json()), [Value::Null, Value::Null]);
    let (code, sentence) = team.first(&["step", "--call-sign", sign, "3"]).failure();
    assert!(code == "checklist" && sentence.contains("has 2 steps"), "{sentence}");
    assert_eq!(team.first(&["step", "--call-sign", sign, "--list", "other", "1"]).failure().0, "checklist");
    team.first(&["step", "--call-sign", sign, "33"]).misuse();
    let list = team.first(&["content", "list", "--checklists"]).json();
    assert_eq!(
        (&list[0]["keyword"], &list[0]["track"], &list[0]["offered"]),
        (&json!("first"), &Value::Null, &json!(true))
    );
    // Its case is gone, as the second has not heard yet.
    team.first(&["erase", "--call-sign", sign, "--yes"]).json();
    let late = ends_with(team.second(&["step", "--call-sign", sign, "1"]), 3);
    assert_eq!(late["void"], "case");
}

#[test]
fn two_versions_of_a_list_are_said_and_not_mixed() {
    let team = Team::start();
    let sign = team.call("question");
    let sign = sign.as_str();
    import(&team, FIRST, "first");
    import(&team, &FIRST.replace("- Say when", "- Never say when"), "second");
    team.second(&["step", "--call-sign", sign, "2"]).json();
    team.first(&["sync"]).json();
    let shown = team.first(&["show", "--call-sign", sign]).json();
    assert_eq!(steps(&shown), [Value::Null, Value::Null]);
    assert_eq!(shown["other_checklists"], json!([{ "list": "first", "steps": 1, "by": ["Osyka"] }]));
    team.first(&["step", "--call-sign", sign, "1"]).json();
    team.second(&["sync"]).json();
    let shown = team.second(&["show", "--call-sign", sign]).json();
    assert_eq!(steps(&shown), [Value::Null, json!("Osyka")]);
    // The same files again, and both are one.
    import(&team, FIRST, "second");
    let shown = team.second(&["show", "--call-sign", sign]).json();
    assert_eq!(steps(&shown)[1], Value::Null);
    assert_ne!(steps(&shown)[0], Value::Null);
}

/// docs/desk.md: "3: it has no effect, and `{"void":"reason"}` says why … what would have none already is not written into the log."
#[test]
fn a_step_that_would_count_for_nothing_says_so_to_programs() {
    let team = Team::start();
    let sign = team.call("question");
    let lists = team.hotline.path("content").join("checklists");
    std::fs::create_dir_all(&lists).unwrap();
    for n in 1..=17 {
        let text = format!("---\nkeyword: list-{n}\ntitle: A list\nlanguage: en\n---\n- Ask {n}.\n");
        std::fs::write(lists.join(format!("{n}.md")), text).unwrap();
    }
    let dir = team.hotline.path("content");
    team.first(&["content", "import", dir.to_str().unwrap()]).json();
    let step = |n: u8| {
        let list = format!("list-{n}");
        team.first(&["step", "--call-sign", &sign, "--list", &list, "1", "--queued"])
    };
    for n in 1..=16 {
        ends_with(step(n), 4);
    }
    assert_eq!(ends_with(step(17), 3)["void"], "too_late");
}
