//! What was called stored is there after `kill -9`. That syncs come before answers is proved in the hub's own tests.

use std::thread;

use serde_json::Value;

use crate::support::Hotline;

/// Calls that one sender makes while the hub is killed under it.
const CALLS: usize = 4;

#[test]
fn calls_that_were_called_stored_survive_kill_9() {
    let mut hotline = Hotline::start();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let hub = hotline.hub.take().unwrap();
        let (first_stored, wait_for_first) = std::sync::mpsc::channel();
        let stored = thread::scope(|scope| {
            let sender = scope.spawn(|| {
                let send = |n| send(&hotline, &format!("round {round} call {n}"));
                (0..CALLS).map_while(send).inspect(|_| first_stored.send(()).unwrap()).collect::<Vec<_>>()
            });
            // Killed right after the first answer, while the next call is on its way.
            wait_for_first.recv().unwrap();
            hub.kill();
            sender.join().unwrap()
        });
        acknowledged.extend(stored);
        hotline.restart_hub();
    }
    assert!(acknowledged.len() >= 3);
    hotline.desk(&["sync"]).json();
    for (sign, text) in acknowledged {
        let shown = hotline.desk(&["show", "--queued", "--call-sign", &sign]).json();
        assert_eq!(shown["messages"][0]["text"], text);
    }
}

/// The call sign and text of a call that was stored; none where the hub is gone.
fn send(hotline: &Hotline, text: &str) -> Option<(String, String)> {
    let said = hotline.call(&["send", "--text", text]).said();
    if !said.output.status.success() {
        assert!(!said.stdout().contains("stored"), "{said:?}");
        return None;
    }
    let sent: Value = serde_json::from_str(&said.stdout()).unwrap();
    assert_eq!(sent["stored"], true);
    Some((sent["call_sign"].as_str()?.to_owned(), text.to_owned()))
}
