//! A hub in a test: serves a notice and lists, answers by a script, and keeps every request as it came.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use callsign_caller::hub_client::HubClient;
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    cell::Cell,
    digest::{Chain, ListSignature, drop_hash},
    drop::{DROP_LEN, Drop},
    exchange::{ANSWER_HEADER_LEN, ANSWER_LEN, AnswerHeader, LAST_BLOCK, Outcome, Request, last_block},
    stamp::Toll,
    time::{Day, Minute},
};

use crate::desk::{TODAY, TestDesk};

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// In the order in which they came, `Host` without its port.
    pub headers: Vec<String>,
    pub body: Vec<u8>,
}

/// What becomes of one exchange.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An honest answer.
    Honest,
    /// An honest answer with this outcome instead; lists are as they are.
    Outcome(Outcome),
    /// An honest answer with this outcome, which asks for this of the next exchange.
    Asking(Outcome, Toll),
    /// The honest header, changed.
    Lie(fn(&mut AnswerHeader)),
    /// A status with an empty body.
    Status(u16),
    /// So many bytes of an honest answer, under a length that fits them.
    Cut(usize),
    /// The connection is closed.
    Silence,
}

type Script = Box<dyn FnMut(usize, &Request) -> Reply + Send>;

/// What the hub has, and what it has seen.
struct State {
    envelope: Vec<u8>,
    letters: Option<Vec<u8>>,
    location: Option<String>,
    /// By day and shard.
    lists: BTreeMap<(Day, u32), Vec<Drop>>,
    signatures: BTreeMap<(Day, u32), (Minute, ListSignature)>,
    packs: BTreeMap<String, Vec<u8>>,
    notice_serial: u64,
    script: Script,
    exchanges: usize,
    seen: Vec<Seen>,
}

/// Runs until the test's process ends.
#[derive(Clone)]
pub struct ScriptedHub {
    pub origin: String,
    desk: String,
    state: Arc<Mutex<State>>,
}

impl ScriptedHub {
    /// An honest hub with empty lists and the desk's notice of serial 5.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let test_desk = TestDesk::new();
        let desk = test_desk.fingerprint().desk_id().to_string();
        let state = Arc::new(Mutex::new(State {
            envelope: test_desk.envelope(|_| {}),
            letters: None,
            location: Some(format!("{desk}/")),
            lists: BTreeMap::new(),
            signatures: BTreeMap::new(),
            packs: BTreeMap::new(),
            notice_serial: 5,
            script: Box::new(|_, _| Reply::Honest),
            exchanges: 0,
            seen: Vec::new(),
        }));
        let hub = Self { origin, desk, state };
        let served = hub.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let hub = served.clone();
                // A client that hangs up ends its thread with an error that nobody needs.
                thread::spawn(move || hub.serve(stream).unwrap_or_default());
            }
        });
        hub
    }

    /// What becomes of the n-th exchange, from 0.
    pub fn script(self, script: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> Self {
        self.lock().script = Box::new(script);
        self
    }

    pub fn list(self, day: Day, drops: Vec<Drop>) -> Self {
        self.list_of(day, 0, drops)
    }

    pub fn list_of(self, day: Day, shard: u32, drops: Vec<Drop>) -> Self {
        self.lock().lists.insert((day, shard), drops);
        self
    }

    pub fn signature(self, day: Day, signature: ListSignature) -> Self {
        self.signature_of(day, Minute::default(), signature)
    }

    pub fn signature_of(self, day: Day, minute: Minute, signature: ListSignature) -> Self {
        self.lock().signatures.insert((day, 0), (minute, signature));
        self
    }

    pub fn pack(self, name: String, bytes: Vec<u8>) -> Self {
        self.lock().packs.insert(name, bytes);
        self
    }

    /// The notice that is served from now on, and the serial that answers name.
    pub fn publish(&self, envelope: Vec<u8>, serial: u64) {
        let mut state = self.lock();
        (state.envelope, state.notice_serial) = (envelope, serial);
    }

    pub fn leads_to(&self, location: Option<&str>) {
        self.lock().location = location.map(str::to_owned);
    }

    /// A client that has found the desk by the hub's bare address.
    pub fn client(&self) -> HubClient {
        HubClient::find(&Link::parse(&self.origin).unwrap(), None, &Proxies::none()).unwrap()
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// All exchanges so far.
    pub fn exchanges(&self) -> Vec<Request> {
        let seen = self.seen();
        let posts = seen.iter().filter(|seen| seen.method == "POST");
        posts.map(|seen| Request::decode(&seen.body).unwrap()).collect()
    }

    /// The cells of all exchanges so far.
    pub fn cells(&self) -> Vec<Cell> {
        self.exchanges().into_iter().map(|request| request.cell).collect()
    }

    /// The hub shows this letters document, or none.
    pub fn shows_letters(&self, letters: Option<Vec<u8>>) {
        self.lock().letters = letters;
    }

    /// How often the notice was fetched.
    pub fn notice_fetches(&self) -> usize {
        self.seen().iter().filter(|seen| seen.path.ends_with("/v1/notice")).count()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        while let Some(seen) = read_request(&mut reader)? {
            let Some((status, headers, body)) = self.lock().answer(&self.desk, seen) else { return Ok(()) };
            let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
            writer.write_all(&[head.as_bytes(), &body].concat())?;
        }
        Ok(())
    }
}

impl State {
    fn answer(&mut self, desk: &str, seen: Seen) -> Option<(u16, String, Vec<u8>)> {
        let path = seen.path.clone();
        self.seen.push(seen);
        let Some(path) = path.strip_prefix(&format!("/{desk}/v1/")) else {
            return Some(match (path.as_str(), &self.location) {
                ("/", Some(location)) => (307, format!("location: {location}\r\n"), Vec::new()),
                ("/", None) => (200, String::new(), b"This hub has no desk yet.\n".to_vec()),
                _ => (404, String::new(), Vec::new()),
            });
        };
        let found = match path {
            "exchange" => return self.exchange(),
            "notice" => Some(self.envelope.clone()),
            "letters" => self.letters.clone(),
            _ => path.strip_prefix("content/").and_then(|name| self.packs.get(name)).cloned(),
        };
        Some(found.map_or((404, String::new(), Vec::new()), |body| (200, String::new(), body)))
    }

    fn exchange(&mut self) -> Option<(u16, String, Vec<u8>)> {
        let request = Request::decode(&self.seen.last()?.body).expect("the caller's request has the layout");
        let reply = (self.script)(self.exchanges, &request);
        self.exchanges += 1;
        let day = if request.ask.day == Day(0) { TODAY } else { request.ask.day };
        let drops = self.lists.get(&(day, request.ask.shard)).cloned().unwrap_or_default();
        let total = u32::try_from(drops.len()).unwrap();
        let from = if request.ask.from == LAST_BLOCK { last_block(total) } else { request.ask.from };
        let signed = self.signatures.get(&(day, request.ask.shard)).copied();
        let before: Vec<_> = drops.iter().take(from as usize).map(drop_hash).collect();
        let mut header = AnswerHeader {
            outcome: Outcome::Stored,
            day,
            shard: request.ask.shard,
            from,
            total,
            notice_serial: self.notice_serial,
            minute: signed.map_or(Minute::default(), |(minute, _)| minute),
            signature: signed.map(|(_, signature)| signature),
            toll: Toll::NONE,
            chain: Chain::of(&before).hash,
        };
        match reply {
            Reply::Honest | Reply::Cut(_) => {}
            Reply::Outcome(outcome) => header.outcome = outcome,
            Reply::Asking(outcome, toll) => (header.outcome, header.toll) = (outcome, toll),
            Reply::Lie(change) => change(&mut header),
            Reply::Status(status) => return Some((status, String::new(), Vec::new())),
            Reply::Silence => return None,
        }
        let mut body = header.encode().to_vec();
        for drop in drops.iter().skip(from as usize).take(32) {
            body.extend_from_slice(&drop.0);
        }
        assert!((body.len() - ANSWER_HEADER_LEN).is_multiple_of(DROP_LEN));
        body.resize(ANSWER_LEN, 0xa5);
        if let Reply::Cut(len) = reply {
            body.resize(len, 0);
        }
        Some((200, String::new(), body))
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Seen>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let mut headers = Vec::new();
    let mut len = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(": ").expect("a header has a name");
        if name.eq_ignore_ascii_case("content-length") {
            len = value.parse().unwrap();
        }
        let is_host = name.eq_ignore_ascii_case("host");
        headers.push(if is_host { format!("{name}: -") } else { header.to_owned() });
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(Some(Seen { method, path, headers, body }))
}
