//! Two real desk processes with one vault's keys, and commands beside a serving desk.

use std::{fs, path::Path, thread};

use serde_json::Value;

use crate::support::{Hotline, callsign};

#[test]
fn two_desk_processes_that_answer_at_once_post_every_answer_once() {
    let hotline = Hotline::start();
    let calls: Vec<Value> =
        (0..3).map(|n| hotline.call(&["send", "--text", &format!("call {n}")]).json()).collect();
    hotline.desk(&["sync"]).json();
    copy(&hotline.path("desk"), &hotline.path("other"));
    // A serving desk beside both, so that beats mix with flushes.
    let _serving = hotline.desk(&["serve", "--listen", "127.0.0.1:0"]).serve();
    thread::scope(|scope| {
        for desk in ["desk", "other"] {
            let (calls, hotline) = (&calls, &hotline);
            scope.spawn(move || {
                for call in calls {
                    let sign = call["call_sign"].as_str().unwrap();
                    let text = format!("from {desk}");
                    let reply = callsign(&[
                        "desk",
                        "reply",
                        "--json",
                        "--call-sign",
                        sign,
                        "--text",
                        &text,
                        "--data",
                    ]);
                    assert_eq!(reply.arg(hotline.path(desk)).json()["stored"], true);
                }
            });
        }
    });
    for call in &calls {
        let phrase = hotline.path("phrase");
        fs::write(&phrase, call["phrase"].as_str().unwrap()).unwrap();
        let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
        let mut texts: Vec<_> = read["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|answer| answer["text"].as_str().unwrap())
            .collect();
        texts.sort_unstable();
        assert_eq!(texts, ["from desk", "from other"]);
        assert_eq!(read["withheld"], 0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
