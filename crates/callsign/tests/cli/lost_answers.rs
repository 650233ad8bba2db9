//! What a caller is told where the hub has the message and the way back loses its answer.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use crate::support::{BINARY, Hotline, callsign};

/// A way to the hub that brings everything there, and back all but the answers to exchanges behind the first, which carries no
/// part of a message; where it listens.
fn a_way_that_loses_answers(hub: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let exchanges = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // Who hangs up ends a thread with an error that nobody needs.
            let exchanges = Arc::clone(&exchanges);
            thread::spawn(move || pass_on(stream, hub, &exchanges).unwrap_or_default());
        }
    });
    address
}

fn pass_on(mut caller: TcpStream, hub: SocketAddr, exchanges: &AtomicUsize) -> io::Result<()> {
    let mut hub = TcpStream::connect(hub)?;
    let (mut from_hub, mut to_caller) = (hub.try_clone()?, caller.try_clone()?);
    let is_lost = Arc::new(AtomicBool::new(false));
    let loses = Arc::clone(&is_lost);
    thread::spawn(move || {
        let mut bytes = vec![0; 65_536];
        while let Ok(len @ 1..) = from_hub.read(&mut bytes) {
            if loses.load(Ordering::SeqCst) || to_caller.write_all(&bytes[..len]).is_err() {
                break;
            }
        }
        let _ = to_caller.shutdown(Shutdown::Both);
    });
    let mut bytes = vec![0; 65_536];
    while let Ok(len @ 1..) = caller.read(&mut bytes) {
        let is_exchange = bytes.starts_with(b"POST");
        let before = exchanges.fetch_add(usize::from(is_exchange), Ordering::SeqCst);
        is_lost.fetch_or(is_exchange && before > 0, Ordering::SeqCst);
        hub.write_all(&bytes[..len])?;
    }
    hub.shutdown(Shutdown::Both)
}

#[test]
fn a_lost_answer_is_called_unknown_and_never_not_stored() {
    let mut hotline = Hotline::start();
    let hub = hotline.hub_url.trim_start_matches("http://").parse().unwrap();
    hotline.hub_url = format!("http://{}", a_way_that_loses_answers(hub));
    let error = hotline.call(&["send", "--text", "the hub has this"]).error();
    let (code, sentence) = (&error["code"], error["message"].as_str().unwrap());
    assert_eq!(code, "unknown-whether-stored");
    assert!(sentence.contains("not known whether") && sentence.contains("--phrase-file"), "{sentence}");
    assert!(!sentence.contains("not stored"), "{sentence}");
    assert_eq!(hotline.desk(&["sync"]).json()["waiting"], 1);
    // What a program needs to read the answer is in the error itself.
    let sign = error["call_sign"].as_str().unwrap();
    hotline.desk(&["show", "--call-sign", sign]).json();
    hotline.desk(&["reply", "--call-sign", sign, "--text", "we have it"]).json();
    let phrase = hotline.path("phrase");
    fs::write(&phrase, error["phrase"].as_str().unwrap()).unwrap();
    hotline.hub_url = format!("http://{hub}");
    let read = hotline.call(&["read", "--phrase-file"]).arg(&phrase).json();
    assert_eq!(read["answers"][0]["text"], "we have it");
}

#[test]
fn a_hub_that_is_away_surely_stored_nothing() {
    let mut hotline = Hotline::start();
    hotline.hub = None;
    let error = hotline.call(&["send", "--text", "x"]).error();
    let sentence = error["message"].as_str().unwrap();
    assert_eq!(error["code"], "hub-away");
    assert!(sentence.contains("nothing answers at this address"), "{sentence}");
    // Nothing was shown yet, and nothing can be answered.
    assert_eq!(error.get("phrase"), None);
}

#[test]
fn a_letter_that_cannot_be_written_out_loses_no_phrase() {
    let hotline = Hotline::start();
    let link = format!("{}/#{}", hotline.hub_url, hotline.fingerprint);
    let arguments = ["letter", "--json", "--link", &link, "--text", "x", "--output"];
    let (code, sentence) = callsign(&arguments).arg(hotline.path("nowhere/letter.txt")).failure();
    assert!(code == "file" && sentence.contains("its directory does not exist"), "{sentence}");
    // A disk that is full once the file is there.
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "bash", BINARY]).args(arguments);
    let output = shell.arg(hotline.path("letter.txt")).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [note, error] = &lines[..] else { panic!("{stderr}") };
    assert_eq!(error["error"]["code"], "file");
    for member in ["phrase", "call_sign"] {
        let shown = &note["note"][member];
        assert!(shown.is_string() && error["error"][member] == *shown, "{stderr}");
    }
    assert!(!hotline.path("letter.txt").exists());
}
