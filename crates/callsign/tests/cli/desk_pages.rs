//! The desk's pages where the binary serves them: at every address that this computer's browsers reach.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::support::{Hotline, Server, callsign};

/// What a browser gets that opens the link which the desk printed.
fn open_link(desk: &Server) -> String {
    let link = desk.ready["link"].as_str().unwrap().strip_prefix("http://").unwrap();
    let (host, path) = link.split_once('/').unwrap();
    let mut stream = TcpStream::connect(desk.ready["listening"].as_str().unwrap()).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_link_that_is_printed_opens_wherever_the_desk_listens() {
    let hotline = Hotline::start();
    for listen in
        ["127.0.0.1:0", "127.0.0.2:0", "127.200.3.4:0", "[::1]:0", "localhost:0", "[::ffff:127.0.0.1]:0"]
    {
        let desk = hotline.desk(&["serve", "--listen", listen]).serve();
        let answer = open_link(&desk);
        assert!(
            answer.starts_with("HTTP/1.1 303 ") && answer.contains("location: /unlock"),
            "{listen}: {answer}"
        );
    }
}

#[test]
fn an_address_that_no_browser_of_this_computer_opens_is_refused_with_a_sentence() {
    let hotline = Hotline::start();
    for (listen, why) in [
        ("0.0.0.0:0", "loopback only"),
        ("[::]:0", "loopback only"),
        ("192.0.2.1:0", "loopback only"),
        ("127.0.0.1:6000", "browsers open no page"),
        ("127.0.0.1", "with its port"),
        ("desk.example:80", "with its port"),
        ("", "with its port"),
    ] {
        let said = hotline.desk(&["serve", "--listen", listen]).said();
        assert_eq!(said.output.status.code(), Some(2), "{listen}");
        let sentence = said.stderr();
        assert!(sentence.contains(why), "{listen}: {sentence}");
    }
}

#[test]
fn pages_lock_themselves_behind_one_to_a_hundred_and_twenty_minutes_and_no_other() {
    let hotline = Hotline::start();
    for minutes in ["0", "121", "ten", ""] {
        let said = hotline.desk(&["serve", "--lock-after", minutes, "--listen", "127.0.0.1:0"]).said();
        assert_eq!(said.output.status.code(), Some(2), "{minutes}");
        assert!(said.stderr().contains("--lock-after"), "{minutes}: {}", said.stderr());
    }
    for minutes in ["1", "120"] {
        hotline.desk(&["serve", "--lock-after", minutes, "--listen", "127.0.0.1:0"]).serve();
    }
}

#[test]
fn one_program_serves_a_desk_and_the_other_commands_work_beside_it() {
    let hotline = Hotline::start();
    let serve = || hotline.desk(&["serve", "--listen", "127.0.0.1:0"]);
    let first = serve().serve();
    let (code, sentence) = serve().failure();
    let address = first.ready["listening"].as_str().unwrap();
    assert_eq!(code, "served");
    assert!(
        sentence.contains(address) && sentence.contains("process ") && sentence.contains("stop it"),
        "{sentence}"
    );
    assert_eq!(hotline.desk(&["recover", "--yes"]).failure().0, "served");
    hotline.desk(&["inbox"]).json();
    hotline.desk(&["sync"]).json();
    // However it ended, nothing of it is in the way.
    first.kill();
    drop(serve().serve());
}

#[test]
fn a_hub_and_a_desk_are_never_put_into_one_directory() {
    let hotline = Hotline::start();
    let desk = hotline.path("desk").display().to_string();
    let (code, sentence) = callsign(&["hub", "--json", "--listen", "127.0.0.1:0", "--data", &desk]).failure();
    assert!(code == "data" && sentence.contains("directory of a desk"), "{code}: {sentence}");
    assert!(!hotline.path("desk/hub.sqlite").exists());
    let hub = hotline.path("hub").display().to_string();
    let init = [
        "desk",
        "init",
        "--json",
        "--hub",
        &hotline.hub_url,
        "--name",
        "x",
        "--code",
        "ABCD",
        "--data",
        &hub,
    ];
    let (code, sentence) = callsign(&init).failure();
    assert!(code == "data" && sentence.contains("directory of a hub"), "{code}: {sentence}");
}
