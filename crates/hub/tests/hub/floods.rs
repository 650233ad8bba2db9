//! Strangers who hold connections, send too much, or ask for what they may not have; callers and desk get through.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    sync::mpsc::channel,
    thread,
};

use callsign_protocol::{
    commit::{Head, Rest},
    encoding::Bytes,
    exchange::Outcome,
    signed::ENVELOPE_MAX,
    stamp::Toll,
};

use crate::support::{PATIENCE, TestHub, request, test_desk::FIRST_DAY};

const PLACES: usize = 16;
/// Documents that are sent slowly, of which the hub has places for 32.
const HELD: usize = 80;

/// A connection that has sent this and sends nothing more.
fn hold(hub: &TestHub, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(hub.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(sent).unwrap();
    stream
}

/// Waits until the hub has closed the connection.
fn is_closed(mut stream: TcpStream) -> bool {
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
    }
}

fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    stream.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn slow_senders_on_all_places_keep_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let hub = TestHub::start_with_places(dir.path(), PLACES);
    let mut desk = hub.enrol_desk();
    let path = format!("/{}/v1/exchange", desk.id());
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4192\r\n\r\n");
    let half_a_body = [head.as_bytes(), &request(1).encode()[..2000]].concat();
    let mut head_of_the_log = Head::EMPTY.hash;
    for sent in [&b""[..], &head.as_bytes()[..50], head.as_bytes(), &half_a_body] {
        let mut held: Vec<_> = (0..3 * PLACES).map(|_| hold(&hub, sent)).collect();
        for _ in 0..4 {
            assert_eq!(hub.exchange(&desk, &request(2)).header.outcome, Outcome::Stored);
            held.extend((0..PLACES).map(|_| hold(&hub, sent)));
        }
        let rest =
            Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
        let commit = desk.commit(head_of_the_log, FIRST_DAY, rest);
        hub.in_session("POST", &desk, "commit", &commit.encode()).expect_status(200);
        head_of_the_log = commit.entry.hash();
        let left = held.split_off(held.len() - PLACES);
        assert!(held.into_iter().all(is_closed), "there are no more places than there are");
        let open = left.iter().filter(|stream| is_open(stream)).count();
        assert!(open >= PLACES - 3, "nobody but three for the commit is closed: {open}");
    }
    let news = hub.follow(&desk, 0, 0, 0);
    assert!(news.cells.iter().all(|(_, cell)| *cell == request(2).cell), "half a request stores nothing");
    assert_eq!(news.cells.len(), 16);
}

#[test]
fn headers_are_bounded_in_bytes_and_in_number() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let get = |headers: &str| format!("GET /{}/v1/notice HTTP/1.1\r\nHost: lo\r\n{headers}", desk.id());
    let status = |sent: &str| {
        let mut answer = String::new();
        hold(&hub, sent.as_bytes()).read_to_string(&mut answer).unwrap();
        answer.get(9..12).unwrap().to_owned()
    };
    let endless = get("X: ");
    let endless = format!("{endless}{}", "y".repeat(16 * 1024 - endless.len()));
    assert_eq!(status(&endless), "431");
    assert_eq!(status(&get(&"X: y\r\n".repeat(200))), "431");
    let query = format!("follow?cells_after={}&log_after=0&wait_s=0", "9".repeat(8000));
    assert_eq!(hub.in_session("GET", &desk, &query, &[]).expect_status(400).code(), "malformed");
}

#[test]
fn slow_documents_make_room_for_the_desks_own() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, mut desk) = TestHub::with_desk(dir.path());
    let put = |name: &str| {
        let length = ENVELOPE_MAX;
        let head =
            format!("PUT /{}/v1/{name} HTTP/1.1\r\nHost: lo\r\nContent-Length: {length}\r\n\r\n", desk.id());
        hold(&hub, &[head.as_bytes(), &[1; 5000]].concat())
    };
    let held: Vec<_> = (0..HELD).map(|_| put("keyring")).collect();
    let notice = desk.notice(2, hub.now());
    hub.put_notice(&desk, &notice).expect_status(204);
    let keyring = desk.keyring(2);
    hub.put(&desk, "keyring", &keyring).expect_status(204);
    // 32 places, of which the desk's own documents took two. All others are told, each at its time.
    let (tell, told) = channel();
    let readers: Vec<_> = held
        .iter()
        .map(|stream| {
            let (mut stream, tell) = (stream.try_clone().unwrap(), tell.clone());
            thread::spawn(move || {
                let mut answer = [0; 12];
                let is_told = stream.read_exact(&mut answer).is_ok() && answer == *b"HTTP/1.1 503";
                // Nobody listens any more to one of the few that were told later.
                let _ = tell.send(is_told);
            })
        })
        .collect();
    for _ in 0..HELD - 32 {
        assert!(told.recv().unwrap());
    }
    for stream in held {
        // Some are closed already.
        let _ = stream.shutdown(Shutdown::Both);
    }
    for reader in readers {
        reader.join().unwrap();
    }
    let told_later = told.try_iter().filter(|is_told| *is_told).count();
    assert!(told_later <= 2, "{told_later}");
}

#[test]
fn strangers_are_refused_and_callers_served() {
    let dir = tempfile::tempdir().unwrap();
    let (hub, desk) = TestHub::with_desk(dir.path());
    let id = desk.id();
    let challenge = hub.challenge(&desk);
    let bad_token = format!("Bearer {}", Bytes([7; 56]));
    let authorised = [("Authorization", bad_token.as_str())];
    let requests = [
        ("POST", format!("/{id}/v1/enrol"), desk.enrolment("AAAA"), 204),
        ("POST", format!("/{id}/v1/session"), [vec![9; 16], challenge.0.to_vec(), vec![0; 64]].concat(), 403),
        ("GET", format!("/{id}/v1/follow?cells_after=0&log_after=0&wait_s=30"), vec![], 401),
        ("POST", format!("/{id}/v1/commit"), vec![0; 9000], 401),
        ("PUT", format!("/{id}/v1/content/{}", "0".repeat(64)), vec![0; 9000], 401),
        ("PUT", format!("/{id}/v1/notice"), vec![1; 9000], 401),
        ("PUT", format!("/{id}/v1/letters"), vec![1; 8192], 401),
        ("PUT", format!("/{id}/v1/keyring"), vec![1; 9000], 400),
        ("GET", format!("/{id}/v1/content/{}", "0".repeat(64)), vec![], 404),
        ("POST", "/aaaaaaaaaaaaaaaa/v1/exchange".to_owned(), request(1).encode(), 404),
        ("GET", format!("/{id}/{}", "a/".repeat(2000)), vec![], 404),
    ];
    for _ in 0..10 {
        for (method, path, body, status) in &requests {
            assert_eq!(hub.send(method, path, &authorised, body).status, *status, "{method} {path}");
        }
        let header = hub.exchange(&desk, &request(1)).header;
        assert_eq!((header.outcome, header.toll), (Outcome::Stored, Toll::NONE));
    }
}
