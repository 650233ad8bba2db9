//! A hub on a loopback port with its desk, and a client that speaks plain HTTP/1.1 over a socket.

pub mod audit;
pub mod child;
pub mod faulty;
pub mod ledger;
pub mod test_desk;

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use callsign_hub::{CallPolicy, Hub, HubConfig, Page, PageFile};
use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    encoding::Bytes,
    exchange::{Answer, Ask, LAST_BLOCK, Request},
    follow::Follow,
    stamp::Stamp,
    time::{Day, UnixSeconds},
};
use tokio::{net::TcpListener, sync::oneshot};

use self::test_desk::{FIRST_DAY, TestDesk};

/// A hub that takes longer for an answer hangs.
pub const PATIENCE: Duration = Duration::from_mins(30);

/// A running hub; it stops when dropped.
pub struct TestHub {
    pub address: SocketAddr,
    pub code: Option<String>,
    clock: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// A response as it came.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl TestHub {
    pub fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, CallPolicy::Onion)
    }

    pub fn start_with(data_dir: &Path, calls: CallPolicy) -> Self {
        Self::start_as(data_dir, calls, |hub| hub)
    }

    /// A hub that holds few connections.
    pub fn start_with_places(data_dir: &Path, connections_max: usize) -> Self {
        Self::start_as(data_dir, CallPolicy::Onion, move |hub| hub.with_connections_max(connections_max))
    }

    fn start_as(data_dir: &Path, calls: CallPolicy, limit: impl FnOnce(Hub) -> Hub + Send + 'static) -> Self {
        let clock = Arc::new(AtomicU64::new(FIRST_DAY.start().plus(1000).0));
        let config = config(data_dir, calls, &clock);
        let (stop, stopped) = oneshot::channel();
        let (started, start) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap()
                .block_on(async move {
                    let hub = limit(callsign_hub::open(config).await.unwrap());
                    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                    started.send((listener.local_addr().unwrap(), hub.enrolment_code().await)).unwrap();
                    hub.serve(listener, async { drop(stopped.await) }).await;
                });
        });
        let (address, code) = start.recv().unwrap();
        Self { address, code, clock, stop: Some(stop), thread: Some(thread) }
    }

    /// A hub in another process, and what its clock says.
    pub fn elsewhere(address: SocketAddr, code: String, now: UnixSeconds) -> Self {
        let clock = Arc::new(AtomicU64::new(now.0));
        Self { address, code: Some(code), clock, stop: None, thread: None }
    }

    /// A hub whose desk is enrolled and has published keyring, letters document and notice.
    pub fn with_desk(data_dir: &Path) -> (Self, TestDesk) {
        let hub = Self::start(data_dir);
        let desk = hub.enrol_desk();
        (hub, desk)
    }

    /// A desk that has enrolled and published keyring, letters document and notice.
    pub fn enrol_desk(&self) -> TestDesk {
        let mut desk = TestDesk::new(1);
        let code = self.code.as_ref().unwrap();
        self.post(&desk, "enrol", &desk.enrolment(code)).expect_status(204);
        let keyring = desk.keyring(1);
        self.put(&desk, "keyring", &keyring).expect_status(204);
        self.put_letters(&desk, &desk.letters(1)).expect_status(204);
        let notice = desk.notice(1, self.now());
        self.put_notice(&desk, &notice).expect_status(204);
        desk
    }

    /// A notice, in a session of the desk's device.
    pub fn put_notice(&self, desk: &TestDesk, notice: &[u8]) -> Response {
        self.in_session("PUT", desk, "notice", notice)
    }

    /// A letters document, likewise.
    pub fn put_letters(&self, desk: &TestDesk, letters: &[u8]) -> Response {
        self.in_session("PUT", desk, "letters", letters)
    }

    pub fn now(&self) -> UnixSeconds {
        UnixSeconds(self.clock.load(Ordering::Relaxed))
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], &[])
    }

    pub fn post(&self, desk: &TestDesk, name: &str, body: &[u8]) -> Response {
        self.send("POST", &format!("/{}/v1/{name}", desk.id()), &[], body)
    }

    pub fn put(&self, desk: &TestDesk, name: &str, body: &[u8]) -> Response {
        self.send("PUT", &format!("/{}/v1/{name}", desk.id()), &[], body)
    }

    /// A request with a session of the desk's device.
    pub fn in_session(&self, method: &str, desk: &TestDesk, name: &str, body: &[u8]) -> Response {
        let authorization = format!("Bearer {}", self.token(desk));
        self.send(method, &format!("/{}/v1/{name}", desk.id()), &[("Authorization", &authorization)], body)
    }

    pub fn token(&self, desk: &TestDesk) -> String {
        let request = desk.session(self.challenge(desk));
        let token = self.post(desk, "session", &request).expect_status(200).body;
        Bytes::<56>(token.try_into().unwrap()).to_string()
    }

    pub fn challenge(&self, desk: &TestDesk) -> Bytes<56> {
        let challenge = self.post(desk, "session/challenge", &[]).expect_status(200).body;
        Bytes(challenge.try_into().unwrap())
    }

    pub fn exchange(&self, desk: &TestDesk, request: &Request) -> Answer {
        Answer::decode(&self.post(desk, "exchange", &request.encode()).expect_status(200).body).unwrap()
    }

    /// What the desk is told of inbox and log after these positions.
    pub fn follow(&self, desk: &TestDesk, cells_after: u64, log_after: u64, wait_s: u64) -> Follow {
        let query = format!("follow?cells_after={cells_after}&log_after={log_after}&wait_s={wait_s}");
        Follow::decode(&self.in_session("GET", desk, &query, &[]).expect_status(200).body).unwrap()
    }

    /// The same as [`TestHub::send`] of a hub that may be gone.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Response> {
        try_send(self.address, method, path, headers, body)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        send(self.address, method, path, headers, body)
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the hub stops without a panic");
        }
    }
}

impl Response {
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The stable code of an error.
    #[track_caller]
    pub fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).expect("errors are JSON");
        assert!(json["message"].as_str().is_some_and(|message| message.ends_with('.')));
        json["code"].as_str().expect("errors have a code").to_owned()
    }
}

pub fn config(data_dir: &Path, calls: CallPolicy, clock: &Arc<AtomicU64>) -> HubConfig {
    let clock = Arc::clone(clock);
    let file =
        |path: &str, content_type: &str, bytes: &[u8], compressed: &[(&'static str, &[u8])]| PageFile {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            bytes: bytes.to_vec(),
            compressed: compressed.iter().map(|(coding, bytes)| (*coding, bytes.to_vec())).collect(),
        };
    HubConfig {
        data_dir: data_dir.to_owned(),
        calls,
        page: Page {
            files: vec![
                file("", "text/html; charset=utf-8", b"<!doctype html>", &[]),
                file(
                    "app.js",
                    "text/javascript; charset=utf-8",
                    b"script",
                    &[("br", b"brotli"), ("gzip", b"compressed")],
                ),
            ],
        },
        clock: Arc::new(move || UnixSeconds(clock.load(Ordering::Relaxed))),
        seed: [3; 32],
    }
}

pub fn request(cell: u8) -> Request {
    let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
    Request { ask, stamp: Stamp::NONE, cell: Cell(Box::new([cell; CELL_LEN])) }
}

/// One request on a connection of its own.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    try_send(address, method, path, headers, body).unwrap()
}

/// The same of a hub that may be killed meanwhile: half an answer is an error.
pub fn try_send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Response> {
    let length = body.len().to_string();
    let mut lines = vec![("Connection", "close"), ("Content-Length", &length)];
    if !headers.iter().any(|(name, _)| *name == "Host") {
        lines.push(("Host", "localhost"));
    }
    lines.extend(headers);
    let lines: String = lines.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
    let head = format!("{method} {path} HTTP/1.1\r\n{lines}\r\n");
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let response = parse(&bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
    let length = response.header("content-length").and_then(|length| length.parse().ok());
    if method != "HEAD" && length.is_some_and(|length: usize| length != response.body.len()) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(response)
}

fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let (status_line, lines) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Response { status, headers, body: bytes[end + 4..].to_vec() })
}
