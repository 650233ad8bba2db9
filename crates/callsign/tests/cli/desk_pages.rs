//! The desk's pages where the binary serves them: at every address that this computer's browsers reach.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::support::{Hotline, Server};

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
        let (code, sentence) = hotline.desk(&["serve", "--listen", listen]).failure();
        assert_eq!(code, "listen", "{listen}");
        assert!(sentence.contains(why), "{listen}: {sentence}");
    }
}
