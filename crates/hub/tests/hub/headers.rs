//! What every address answers beside its body: exactly these headers, in this order, whatever the outcome.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
};

use callsign_protocol::{
    content::pack_name,
    exchange::{ANSWER_LEN, Ask, LAST_BLOCK, Outcome, Request},
    time::Day,
};

use crate::support::{Response, TestHub, request, test_desk::TestDesk};

const PACK: &[u8] = br#"{"version":1,"language":"en","about":"","procedures":[]}"#;

const PAGE: [&str; 3] = ["content-security-policy", "cross-origin-opener-policy", "permissions-policy"];

const EVERYWHERE: [(&str, &str); 4] = [
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// Checks names, order and values: first a response's own, then the page's, then everyone's, then what the server adds.
#[track_caller]
fn expect(response: &Response, own: &[(&str, &str)], of_page: &[&str], what: &str) {
    let (last, own): (Vec<_>, Vec<_>) = own.iter().copied().partition(|(name, _)| *name == "allow");
    let length = response.header("content-length").unwrap_or_default();
    // What the page's say is proved with the page.
    let of_page = of_page.iter().map(|name| (*name, response.header(name).unwrap_or_default()));
    let mut expected: Vec<_> = own.into_iter().chain(of_page).chain(EVERYWHERE).chain(last).collect();
    let (length, end) = (("content-length", length), ("connection", "close"));
    match length.1 {
        "" => expected.push(end),
        "0" => expected.extend([end, length]),
        _ => expected.extend([length, end]),
    }
    let found: Vec<_> =
        response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, expected, "{what}");
}

const OCTETS: [(&str, &str); 1] = [("content-type", "application/octet-stream")];
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A request for each outcome but "unavailable".
fn of_each_outcome() -> [(Vec<u8>, Outcome); 4] {
    let mut other_version = request(1).encode();
    other_version[0] = 2;
    let asking = |day, shard, from| Request { ask: Ask { day, shard, from }, ..request(1) }.encode();
    [
        (request(1).encode(), Outcome::Stored),
        (asking(Day(0), 0, 5_000), Outcome::Stored),
        (asking(Day(0), 7, LAST_BLOCK), Outcome::UnknownList),
        (other_version, Outcome::Version),
    ]
}

/// Makes each further cell fail, as a damaged file would.
fn lose_cells(data_dir: &Path) {
    let database = rusqlite::Connection::open(data_dir.join("hub.sqlite")).unwrap();
    database.execute_batch("ALTER TABLE cells RENAME TO lost").unwrap();
}

#[test]
fn an_exchange_has_the_same_headers_whatever_its_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let exchange = |body: &[u8], outcome: Outcome| {
        let response = hub.post(&desk, "exchange", body).expect_status(200);
        assert_eq!((response.body.len(), response.body[1]), (ANSWER_LEN, outcome.number()));
        expect(&response, &OCTETS, &[], &format!("{outcome:?}"));
        assert_eq!(response.header("content-length"), Some("32896"));
    };
    for (body, outcome) in of_each_outcome() {
        exchange(&body, outcome);
    }
    lose_cells(dir.path());
    exchange(&request(1).encode(), Outcome::Unavailable);
}

#[test]
fn errors_have_the_same_headers_wherever_they_come_from() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    let exchange = format!("/{id}/v1/exchange");
    let cell = request(1).encode();
    let elsewhere = hub.send("POST", &exchange, &[("Host", "example.org")], &cell).expect_status(404);
    let database = rusqlite::Connection::open(dir.path().join("hub.sqlite")).unwrap();
    database.execute_batch("ALTER TABLE contents RENAME TO lost").unwrap();
    let content = format!("/{id}/v1/content/{}", pack_name(PACK));
    for (what, response) in [
        ("where no calls are taken", elsewhere),
        ("short", hub.post(&desk, "exchange", &cell[1..]).expect_status(400)),
        ("long", hub.post(&desk, "exchange", &[&cell[..], &[0]].concat()).expect_status(413)),
        ("no such desk", hub.send("POST", "/aaaaaaaaaaaaaaaa/v1/exchange", &[], &cell).expect_status(404)),
        ("no such address", hub.get("/nowhere").expect_status(404)),
        ("no session", hub.get(&format!("/{id}/v1/keyring")).expect_status(401)),
        (
            "no code",
            hub.post(&TestDesk::new(2), "enrol", &TestDesk::new(2).enrolment("A")).expect_status(403),
        ),
        ("no document", hub.put_notice(&desk, b"x").expect_status(400)),
        ("store fails", hub.get(&content).expect_status(503)),
    ] {
        expect(&response, &JSON, &[], what);
    }
    let own = [JSON[0], ("allow", "POST")];
    for (method, path) in [("GET", &exchange), ("DELETE", &format!("/{id}/v1/session"))] {
        expect(&hub.send(method, path, &[], &[]).expect_status(405), &own, &[], "another method");
    }
    let missing = hub.get(&format!("/{id}/missing.js")).expect_status(404);
    expect(&missing, &JSON, &PAGE, "no such file of the page");
}

#[test]
fn what_everyone_loads_has_no_other_headers() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    let target = format!("{id}/");
    for path in ["/".to_owned(), format!("/{id}")] {
        expect(&hub.get(&path).expect_status(307), &[("location", &target)], &[], &path);
    }
    let html = [("content-type", "text/html; charset=utf-8")];
    expect(&hub.get(&format!("/{id}/")).expect_status(200), &html, &PAGE, "page");
    let navigation = [("Accept", "text/html")];
    let astray = hub.send("GET", "/nowhere", &navigation, &[]).expect_status(404);
    expect(&astray, &html, &PAGE, "a browser led astray");
    let led = hub.send("GET", &format!("/{id}/index.html"), &navigation, &[]).expect_status(307);
    expect(&led, &[("location", &format!("../{id}/"))], &[], "a browser led back");
    let script = ("content-type", "text/javascript; charset=utf-8");
    expect(&hub.get("/astray.js").expect_status(200), &[script], &PAGE, "script of the way out");
    let style = [("content-type", "text/css; charset=utf-8")];
    expect(&hub.get("/astray.css").expect_status(200), &style, &PAGE, "style of the way out");
    let vary = ("vary", "accept-encoding");
    let file = format!("/{id}/app.js");
    for method in ["GET", "HEAD"] {
        expect(&hub.send(method, &file, &[], &[]).expect_status(200), &[script, vary], &PAGE, method);
        let coded = hub.send(method, &file, &[("Accept-Encoding", "gzip")], &[]).expect_status(200);
        let own = [script, ("content-encoding", "gzip"), vary];
        expect(&coded, &own, &PAGE, method);
    }
    expect(&hub.get(&format!("/{id}/v1/notice")).expect_status(200), &[OCTETS[0], vary], &[], "notice");
    // Compressed, its length would tell how many keys there are.
    for wanted in [&[][..], &[("Accept-Encoding", "gzip")]] {
        let letters = hub.send("GET", &format!("/{id}/v1/letters"), wanted, &[]).expect_status(200);
        expect(&letters, &OCTETS, &[], "letters");
    }
    let name = format!("content/{}", pack_name(PACK));
    let put = hub.in_session("PUT", &desk, &name, PACK).expect_status(204);
    expect(&put, &[], &[], "put");
    // Too short to be shorter compressed.
    expect(&hub.get(&format!("/{id}/v1/{name}")).expect_status(200), &JSON, &[], "content");
    drop(hub);
    let empty = tempfile::tempdir().unwrap();
    let text = [("content-type", "text/plain; charset=utf-8")];
    expect(&TestHub::start(empty.path()).get("/").expect_status(200), &text, &[], "no desk");
}

#[test]
fn a_connection_goes_on_after_every_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let path = format!("/{}/v1/exchange", desk.id());
    let mut stream = BufReader::new(TcpStream::connect(hub.address).unwrap());
    let mut exchange = |body: &[u8]| {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.get_mut().write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "the hub closed: {head}");
        }
        let mut answer = vec![0; ANSWER_LEN];
        stream.read_exact(&mut answer).unwrap();
        (head, answer[1])
    };
    let mut heads = Vec::new();
    let outcomes = of_each_outcome();
    for (body, outcome) in outcomes.iter().chain(&outcomes) {
        let (head, found) = exchange(body);
        assert_eq!(found, outcome.number());
        heads.push(head);
    }
    lose_cells(dir.path());
    for _ in 0..2 {
        let (head, found) = exchange(&request(1).encode());
        assert_eq!(found, Outcome::Unavailable.number());
        heads.push(head);
    }
    heads.dedup();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(!heads[0].to_ascii_lowercase().contains("connection:"), "{}", heads[0]);
}

#[test]
fn bytes_that_are_no_http_are_answered_with_nothing_but_their_end() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, _) = TestHub::with_desk(dir.path());
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    for (sent, status) in
        [("nonsense\r\n\r\n", "400 Bad Request"), (&*long, "431 Request Header Fields Too Large")]
    {
        let mut stream = TcpStream::connect(hub.address).unwrap();
        // The hub may close before it has read all.
        let _ = stream.write_all(sent.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let expected = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(String::from_utf8_lossy(&answer), expected);
    }
}
