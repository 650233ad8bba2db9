//! A desk that remembers all that a hub has told it and its callers; [`super::audit`] looks for what is lost.
//!
//! It does what devices do: it follows, commits, and repeats what was not answered until it is.

use std::collections::BTreeMap;

use callsign_protocol::{
    cell::Cell,
    commit::{Commit, Head, Rest},
    content::pack_name,
    digest::{Chain, ListDigest, SignedHead, SignedList, Stage, drop_hash},
    drop::{DROP_LEN, Drop},
    encoding::Bytes,
    exchange::{Answer, Outcome, Request},
    follow::Follow,
    identity::DeskId,
    snapshot::{CHUNK_LEN, Chunk, ChunkList},
    time::{Day, Minute},
};

use super::{Response, TestHub, child::start_of, request, test_desk::TestDesk};

/// Who sent a cell, and which of theirs it is: its first eight bytes.
pub type CellName = (u32, u32);

/// Chunks of each snapshot.
const CHUNKS: u32 = 2;

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The hub said that it is done.
    Done,
    /// The hub said that it is not.
    Refused,
    /// No answer came: it may be done or not.
    Nothing,
}

/// A document as the hub acknowledged it last, and one that it did not answer.
#[derive(Clone)]
pub struct Sent {
    pub serial: u64,
    pub acknowledged: Vec<u8>,
    pub tried: Option<Vec<u8>>,
}

/// All that a hub may not lose, and what it may have.
#[derive(Clone)]
pub struct Ledger {
    pub desk: TestDesk,
    /// What callers were told, in the order in which each sent.
    pub cells: BTreeMap<CellName, Told>,
    /// What lay at each position whenever the desk looked.
    pub seen: BTreeMap<u64, CellName>,
    /// Commits that were acknowledged; the first has sequence 1.
    pub log: Vec<Commit>,
    /// The commit that was sent and not acknowledged.
    pub pending: Option<Commit>,
    pub notice: Sent,
    pub letters: Sent,
    pub keyring: Sent,
    /// Content packs by name, with the day on which they were put. No notice names them.
    pub packs: BTreeMap<String, (Vec<u8>, Day, Told)>,
    /// The attempt that is being written, and how many of its chunks were acknowledged.
    pub attempt: (u8, u32),
    today: Day,
    token: Option<String>,
    drops: u64,
}

/// The desk's documents.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Keyring,
    Letters,
    Notice,
}

impl Ledger {
    /// Enrols a desk and publishes its first documents.
    pub fn open(hub: &TestHub) -> Self {
        let desk = hub.enrol_desk();
        let read = |name: &str, response: Response| (name.to_owned(), response.expect_status(200).body);
        let (_, notice) = read("notice", hub.get(&format!("/{}/v1/notice", desk.id())));
        let (_, letters) = read("letters", hub.get(&format!("/{}/v1/letters", desk.id())));
        let (_, keyring) = read("keyring", hub.in_session("GET", &desk, "keyring", &[]));
        let sent = |acknowledged| Sent { serial: 1, acknowledged, tried: None };
        Self {
            notice: sent(notice),
            letters: sent(letters),
            keyring: sent(keyring),
            desk,
            cells: BTreeMap::new(),
            seen: BTreeMap::new(),
            log: Vec::new(),
            pending: None,
            packs: BTreeMap::new(),
            attempt: (0, 0),
            today: hub.now().day(),
            token: None,
            drops: 0,
        }
    }

    /// The hub was started again: sessions have ended, and its clock may be another.
    pub fn restarted(&mut self, hub: &TestHub) {
        self.token = None;
        self.today = hub.now().day();
    }

    /// Asks what is new after what was seen.
    pub fn follow(&mut self, hub: &TestHub) -> Told {
        let after = self.seen.last_key_value().map_or(0, |(position, _)| *position);
        let query = format!("follow?cells_after={after}&log_after={}&wait_s=0", u64::MAX);
        let Some(response) = self.in_session(hub, "GET", &query, &[]) else { return Told::Nothing };
        if response.status != 200 {
            return told(&response);
        }
        for (position, cell) in Follow::decode(&response.body).unwrap().cells {
            self.see(position, &cell);
        }
        Told::Done
    }

    /// Notes what lies at a position, which is for ever.
    pub fn see(&mut self, position: u64, cell: &Cell) {
        let name = name_of(cell);
        let before = self.seen.insert(position, name);
        assert!(
            before.is_none_or(|before| before == name),
            "position {position} was {before:?}, is {name:?}"
        );
    }

    /// Commits so many drops of a day, or what was not acknowledged before.
    pub fn commit(&mut self, hub: &TestHub, day: Day, drops: usize) -> Told {
        if self.pending.is_none() {
            let rest = self.rest(day, drops);
            let prev = self.head().hash;
            self.pending = Some(self.desk.commit(prev, day, rest));
        }
        let commit = self.pending.clone().expect("it was made above");
        let Some(response) = self.in_session(hub, "POST", "commit", &commit.encode()) else {
            return Told::Nothing;
        };
        if response.status != 200 {
            return told(&response);
        }
        self.pending = None;
        self.applied(commit);
        assert_eq!(Head::decode(&response.body).unwrap(), self.head());
        Told::Done
    }

    /// Publishes the next document of a kind, or the one that was not acknowledged before.
    pub fn put_document(&mut self, hub: &TestHub, kind: Kind) -> Told {
        let serial = self.sent(kind).serial + 1;
        let envelope = match (self.sent(kind).tried.clone(), kind) {
            (Some(tried), _) => tried,
            (None, Kind::Notice) => self.desk.notice(serial, start_of(self.today)),
            (None, Kind::Letters) => self.desk.letters(serial),
            (None, Kind::Keyring) => self.desk.keyring(serial),
        };
        self.sent(kind).tried = Some(envelope.clone());
        let path = format!("/{}/v1/{}", self.id(), kind.name());
        let response = match kind {
            Kind::Notice | Kind::Letters => self.in_session(hub, "PUT", kind.name(), &envelope),
            Kind::Keyring => hub.try_send("PUT", &path, &[], &envelope).ok(),
        };
        let Some(response) = response else { return Told::Nothing };
        let is_there = match response.status {
            204 => true,
            // It may be ours, of an earlier time that was not answered.
            409 => self.document(hub, kind).is_some_and(|stored| stored == envelope),
            _ => return told(&response),
        };
        if is_there {
            *self.sent(kind) = Sent { serial, acknowledged: envelope, tried: None };
        }
        if is_there { Told::Done } else { Told::Nothing }
    }

    /// Publishes a content pack that says a number.
    pub fn put_content(&mut self, hub: &TestHub, number: usize) -> Told {
        let pack =
            format!(r#"{{"version":1,"language":"en","about":"{number}","procedures":[]}}"#).into_bytes();
        let name = pack_name(&pack);
        let response = self.in_session(hub, "PUT", &format!("content/{name}"), &pack);
        let told = response.map_or(Told::Nothing, |response| told(&response));
        self.packs.insert(name, (pack, self.today, told));
        told
    }

    /// Notes a commit that the hub has. Where it has frozen a snapshot, the next one begins.
    pub fn applied(&mut self, commit: Commit) {
        if commit.rest.whole.is_some_and(|whole| whole == snapshot(self.attempt.0)) {
            // Names are used again when those of before are long gone.
            self.attempt = (self.attempt.0.wrapping_add(1), 0);
        }
        self.log.push(commit);
    }

    /// Puts the next chunk of a snapshot; of one that waits for its commit the last one again.
    pub fn put_chunk(&mut self, hub: &TestHub) -> Told {
        let (attempt, acknowledged) = self.attempt;
        let index = acknowledged.min(CHUNKS - 1);
        let chunk = chunk(attempt, index);
        let Some(response) = self.in_session(hub, "PUT", &chunk_name(attempt, index), chunk.as_bytes())
        else {
            return Told::Nothing;
        };
        if response.status == 204 {
            self.attempt.1 = index + 1;
        }
        told(&response)
    }

    /// The hub's document of a kind.
    pub fn document(&mut self, hub: &TestHub, kind: Kind) -> Option<Vec<u8>> {
        let response = match kind {
            Kind::Keyring => self.in_session(hub, "GET", "keyring", &[])?,
            Kind::Notice | Kind::Letters => {
                hub.try_send("GET", &format!("/{}/v1/{}", self.id(), kind.name()), &[], &[]).ok()?
            }
        };
        (response.status == 200).then_some(response.body)
    }

    /// A request in a session, which is opened where there is none.
    pub fn in_session(&mut self, hub: &TestHub, method: &str, name: &str, body: &[u8]) -> Option<Response> {
        if self.token.is_none() {
            let session = |name: &str, body: &[u8]| {
                let path = format!("/{}/v1/{name}", self.id());
                hub.try_send("POST", &path, &[], body).ok().map(|response| response.expect_status(200).body)
            };
            let challenge = session("session/challenge", &[])?;
            let request = self.desk.session(Bytes(challenge.try_into().unwrap()));
            let token = session("session", &request)?;
            self.token = Some(Bytes::<56>(token.try_into().unwrap()).to_string());
        }
        let authorization = format!("Bearer {}", self.token.as_ref()?);
        let headers = [("Authorization", &authorization[..])];
        hub.try_send(method, &format!("/{}/v1/{name}", self.id()), &headers, body).ok()
    }

    /// What a caller is told of a cell: a plain exchange.
    pub fn exchange(&mut self, hub: &TestHub, name: CellName) -> Told {
        let told = send_cell(hub, &self.id(), &numbered(name)).0;
        self.cells.insert(name, told);
        told
    }

    pub fn id(&self) -> DeskId {
        self.desk.id()
    }

    pub fn head(&self) -> Head {
        self.log
            .last()
            .map_or(Head::EMPTY, |newest| Head { sequence: self.log.len() as u64, hash: newest.entry.hash() })
    }

    /// What acknowledged commits have posted to a day.
    pub fn list(&self, day: Day) -> Vec<Drop> {
        let posted = self.log.iter().filter(|commit| commit.day() == day);
        posted.flat_map(|commit| commit.rest.drops.iter().map(|(_, drop)| *drop)).collect()
    }

    /// Drops that nobody else posts; positions that leave some; and where another day's list is finished, its signature;
    /// of the list that they go to, the head.
    fn rest(&mut self, day: Day, drops: usize) -> Rest {
        let drops = (0..drops).map(|_| {
            self.drops += 1;
            let mut bytes = [0; DROP_LEN];
            bytes[..8].copy_from_slice(&self.drops.to_be_bytes());
            (0, Drop(bytes))
        });
        let drops: Vec<(u32, Drop)> = drops.collect();
        let last_seen = self.seen.last_key_value().map_or(0, |(position, _)| *position);
        let finished = self.log.iter().rev().map(Commit::day).find(|posted| *posted < day);
        let minute = Minute::default();
        let sign = |stage, day, drops: Vec<Drop>| {
            let hashes: Vec<_> = drops.iter().map(drop_hash).collect();
            let digest = ListDigest { day, shard: 0, chain: Chain::of(&hashes), minute };
            digest.sign(stage, &self.desk.fingerprint, &self.desk.keys.duty)
        };
        let signed = finished.map(|day| {
            let signature = sign(Stage::Day, day, self.list(day));
            SignedList { day, shard: 0, minute, signature }
        });
        let head = (!drops.is_empty()).then(|| {
            let all = self.list(day).into_iter().chain(drops.iter().map(|(_, drop)| *drop));
            SignedHead { shard: 0, minute, signature: sign(Stage::Head, day, all.collect()) }
        });
        Rest {
            inbox_done: last_seen.saturating_sub(20),
            log_done: self.head().sequence.saturating_sub(8),
            drops,
            signed: signed.into_iter().collect(),
            heads: head.into_iter().collect(),
            whole: (self.attempt.1 == CHUNKS).then(|| snapshot(self.attempt.0)),
        }
    }

    fn sent(&mut self, kind: Kind) -> &mut Sent {
        match kind {
            Kind::Keyring => &mut self.keyring,
            Kind::Letters => &mut self.letters,
            Kind::Notice => &mut self.notice,
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Letters => "letters",
            Self::Notice => "notice",
        }
    }
}

/// What each chunk of each attempt holds.
pub fn chunk(attempt: u8, index: u32) -> Chunk {
    let mut bytes = vec![attempt; CHUNK_LEN];
    bytes[..4].copy_from_slice(&index.to_be_bytes());
    Chunk::from_bytes(&bytes).unwrap()
}

/// The name of a chunk behind the address of the protocol's version.
pub fn chunk_name(attempt: u8, index: u32) -> String {
    format!("snapshot/1/{}/{index}", format!("{attempt:02x}").repeat(16))
}

/// A whole attempt.
pub fn snapshot(attempt: u8) -> ChunkList {
    let hashes: Vec<_> = (0..CHUNKS).map(|index| chunk(attempt, index).hash()).collect();
    ChunkList::of(Bytes([attempt; 16]), &hashes)
}

/// Sends a request and reads what it was told.
pub fn send_cell(hub: &TestHub, desk: &DeskId, request: &Request) -> (Told, Option<Answer>) {
    let sent = hub.try_send("POST", &format!("/{desk}/v1/exchange"), &[], &request.encode());
    let Ok(response) = sent else { return (Told::Nothing, None) };
    let answer = Answer::decode(&response.expect_status(200).body).unwrap();
    let told = match answer.header.outcome {
        Outcome::Stored => Told::Done,
        Outcome::Unavailable => Told::Refused,
        other => panic!("{other:?}"),
    };
    (told, Some(answer))
}

/// A request whose cell has a name.
pub fn numbered((sender, number): CellName) -> Request {
    let mut cell = request(0).cell.0;
    cell[..4].copy_from_slice(&sender.to_be_bytes());
    cell[4..8].copy_from_slice(&number.to_be_bytes());
    Request { cell: Cell(cell), ..request(0) }
}

fn name_of(cell: &Cell) -> CellName {
    let number = |at: usize| u32::from_be_bytes(cell.0[at..at + 4].try_into().unwrap());
    assert!(cell.0[8..] == numbered((0, 0)).cell.0[8..], "the rest of a cell is another one");
    (number(0), number(4))
}

/// Done, or refused for a time: any other answer is a mistake of the hub's, or of this test's.
fn told(response: &Response) -> Told {
    match response.status {
        200 | 204 => Told::Done,
        503 => Told::Refused,
        other => panic!("{other}: {}", String::from_utf8_lossy(&response.body)),
    }
}
