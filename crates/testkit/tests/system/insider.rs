//! A device of the desk that means ill: what it writes with its own keys, past its own program.

use callsign_desk::{
    Desk, NewAnswer,
    cases::{AnswerQueued, EventBody, FOLD_VERSION, FollowUpSet, Listed, Ticked},
    keys::{DeviceKeyFile, Vault},
};
use callsign_protocol::{
    caller_keys::CallerId,
    commit::{Commit, Head, Rest},
    encoding::Bytes,
    entry::{Bundle, Entry, EntryHeader, Writer},
    follow::Follow,
    keyring::{Keyring, device_id},
    session::SessionRequest,
    signed::Envelope,
    time::{Day, UnixSeconds},
};
use callsign_testkit::{PASSPHRASE, System, shown};
use serde_json::{Value, json};

use crate::agent;

/// 1 January 2100.
const IN_2100: Day = Day(47_482);

/// Somebody with the files of a device and its passphrase.
pub struct Insider<'a> {
    system: &'a System,
    name: String,
    vault: Vault,
    token: Bytes<56>,
}

impl<'a> Insider<'a> {
    pub fn new(system: &'a System, name: &str) -> Self {
        let vault = Vault::open(&system.desk_dir(name), PASSPHRASE).unwrap();
        let mut insider = Self { system, name: name.to_owned(), vault, token: Bytes([0; 56]) };
        let challenge = Bytes(insider.request("POST", "session/challenge", &[]).try_into().unwrap());
        let signed =
            SessionRequest::sign(challenge, &insider.vault.fingerprint(), &insider.vault.device_key());
        insider.token = Bytes(insider.request("POST", "session", &signed.encode()).try_into().unwrap());
        insider
    }

    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let desk = self.vault.fingerprint().desk_id();
        let url = format!("{}/{desk}/v1/{path}", self.system.hub_url());
        let bearer = format!("Bearer {}", self.token);
        let answer = match method {
            "GET" => agent().get(url).header("authorization", bearer).call(),
            _ => agent().post(url).header("authorization", bearer).send(body),
        };
        answer.unwrap().body_mut().read_to_vec().unwrap()
    }

    /// Posts in a session of the device; the status of the answer.
    pub fn post(&self, path: &str, body: &[u8]) -> u16 {
        let desk = self.vault.fingerprint().desk_id();
        let url = format!("{}/{desk}/v1/{path}", self.system.hub_url());
        let bearer = format!("Bearer {}", self.token);
        match agent().post(url).header("authorization", bearer).send(body) {
            Ok(answer) => answer.status().as_u16(),
            Err(ureq::Error::StatusCode(status)) => status,
            Err(error) => panic!("{error}"),
        }
    }

    /// Puts a notice in a session of the device; the status of the answer.
    pub fn put_notice(&self, envelope: &[u8]) -> u16 {
        self.put("notice", envelope)
    }

    /// The same with a letters document.
    pub fn put_letters(&self, envelope: &[u8]) -> u16 {
        self.put("letters", envelope)
    }

    fn put(&self, name: &str, envelope: &[u8]) -> u16 {
        let desk = self.vault.fingerprint().desk_id();
        let url = format!("{}/{desk}/v1/{name}", self.system.hub_url());
        let bearer = format!("Bearer {}", self.token);
        match agent().put(url).header("authorization", bearer).send(envelope) {
            Ok(answer) => answer.status().as_u16(),
            Err(ureq::Error::StatusCode(status)) => status,
            Err(error) => panic!("{error}"),
        }
    }

    /// Commits events under a date of its own choice within the seal, and today's outside of it.
    pub fn commit(&self, at: UnixSeconds, events: &[Value]) {
        self.commit_on(self.system.clock.now().day(), at, events);
    }

    /// The same, under this date outside of the seal.
    pub fn commit_on(&self, day: Day, at: UnixSeconds, events: &[Value]) {
        self.write(day, &Bundle::of(at, FOLD_VERSION, events).unwrap());
    }

    /// Says that this device has the identity, which it has not.
    pub fn claim_identity(&self) {
        let now = self.system.clock.now();
        let bundle = Bundle::of::<Value>(now, FOLD_VERSION, &[]).unwrap().with_identity(true);
        self.write(now.day(), &bundle);
    }

    pub fn write(&self, day: Day, bundle: &Bundle) {
        let (mut rng, fingerprint) = (self.system.rng(), self.vault.fingerprint());
        let envelope = self.request("GET", "keyring", &[]);
        let then = Envelope::kept_since(&envelope).unwrap();
        let keyring = Keyring::verify(&envelope, &fingerprint, then).unwrap().keyring;
        let device = device_id(&self.vault.device_key().public());
        let dir = self.system.desk_dir(&self.name);
        let own = DeviceKeyFile::new(&dir, self.vault.storage_key.clone()).load().unwrap();
        let open = |(_, seed): &(_, _)| keyring.unwrap_keys(&device, seed, &fingerprint).ok();
        let keys = own.wrapping.iter().find_map(open).unwrap();
        let rest =
            Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
        let header = EntryHeader { generation: keyring.generation, device, prev: self.head().hash, day };
        let signing_key = self.vault.device_key();
        let writer = Writer { fingerprint: &fingerprint, log_key: &keys.log_key, signing_key: &signing_key };
        let entry = Entry::write(&header, &rest.hash(), bundle, &writer, &mut rng).unwrap();
        let head =
            Head::decode(&self.request("POST", "commit", &Commit { entry: entry.clone(), rest }.encode()));
        assert_eq!(head.unwrap().hash, entry.hash(), "the hub takes it: it sees today's date");
    }

    pub fn head(&self) -> Head {
        let path = format!("follow?cells_after={}&log_after=0&wait_s=0", i64::MAX);
        let follow = Follow::decode(&self.request("GET", &path, &[])).unwrap();
        let (sequence, entry) = follow.entries.last().expect("a log");
        Head { sequence: *sequence, hash: entry.hash() }
    }
}

/// Every kind of event that names a day, a time or a tick.
fn of_2100(caller: CallerId) -> Vec<Value> {
    let at = IN_2100.start();
    let bodies = [
        EventBody::Ticked(Ticked { tick: at.0 }),
        EventBody::Listed(Listed { day: IN_2100, posted: vec![(0, Bytes([7; 32]))] }),
        EventBody::FollowUpSet(FollowUpSet {
            caller,
            due: IN_2100,
            hour: None,
            text: "2100".to_owned(),
            why: None,
            was: None,
        }),
        EventBody::AnswerQueued(AnswerQueued {
            caller,
            answer: Bytes([7; 16]),
            part: 1,
            parts: 1,
            text: "dated 2100".to_owned(),
            queued: at,
            second_reader: false,
            seen: None,
        }),
    ];
    let event = |(n, body): (u8, EventBody)| {
        let event = callsign_desk::cases::Event { id: Bytes([0xe0 + n; 16]), body };
        serde_json::to_value(&event).unwrap()
    };
    let mut events: Vec<Value> = (0..).zip(bodies).map(event).collect();
    // One of a kind that no program knows yet, and one that is none.
    events.push(json!({"id": Bytes([0xf0; 16]), "type": "dated_2100", "day": IN_2100.0}));
    events.push(json!({"id": Bytes([0xf1; 16]), "type": "ticked", "tick": -1}));
    events
}

#[test]
fn entries_of_the_year_2100_stop_nobody_and_move_no_time() {
    let system = System::start();
    let desk = system.init_desk("desk");
    drop(system.add_device("insider", &desk));
    let mut caller = system.caller(&desk);
    caller.write("before").unwrap();
    desk.sync().unwrap();
    system.beats(&desk, 2);
    let insider = Insider::new(&system, "insider");
    for at in [IN_2100.start(), UnixSeconds(0), UnixSeconds((1 << 53) - 1)] {
        insider.commit(at, &of_2100(caller.id()));
        desk.sync().unwrap();
        system.beats(&desk, 2);
    }
    let works = |desk: &Desk, caller: &mut callsign_testkit::Caller, text: &str| {
        caller.write(text).unwrap();
        desk.sync().unwrap();
        let case = desk.open_call(&caller.id()).unwrap();
        assert!(case.calls().any(|call| call.text() == text));
        desk.answer(&NewAnswer::new(&caller.id(), text)).unwrap();
        system.beats(desk, 6);
        let reading = caller.read().unwrap();
        assert!(reading.answers.iter().any(|answer| answer.text == text), "{reading:?}");
    };
    works(&desk, &mut caller, "behind it");
    assert_eq!(desk.health().alarm, None);
    let told = |desk: &Desk| desk.health().without_effect.len();
    assert!(told(&desk) > 0, "people hear of it");
    drop(desk);
    let desk = system.open_desk("desk");
    works(&desk, &mut caller, "after a start");
    // Keys and lists turn over as ever, and whoever comes next reads the same log.
    for day in 0..9 {
        system.clock.advance_days(1);
        desk.sync().unwrap();
        system.beats(&desk, 4);
        let reading = caller.read().unwrap();
        assert_eq!(reading.contradicted.len(), 0, "day {day}");
    }
    assert!(
        desk.generation() > 1
            && desk.devices().unwrap().iter().any(|device| device.is_own && device.is_ready)
    );
    works(&desk, &mut caller, "in the next generation");
    let joined = system.add_device("joined", &desk);
    assert_eq!(shown(&joined), shown(&desk));
    let case = desk.open_call(&caller.id()).unwrap();
    assert!(case.follow_ups().iter().all(|one| one.due < IN_2100), "{:?}", case.follow_ups());
    let confirmed = caller.read().unwrap().confirmed;
    assert!(
        confirmed.contains(&system.clock.now().day().minus(1)),
        "yesterday's list is signed: {confirmed:?}"
    );
}

#[test]
fn an_entry_whose_day_a_lying_hub_let_pass_moves_the_time_of_the_log_for_no_good() {
    const AHEAD_DAYS: u64 = 7_300;
    let system = System::start();
    let desk = system.init_desk("desk");
    drop(system.add_device("insider", &desk));
    desk.sync().unwrap();
    drop(desk);
    // A hub that says yes to any day, as one with its clock years ahead does.
    system.clock.advance_days(AHEAD_DAYS);
    let insider = Insider::new(&system, "insider");
    insider.commit(system.clock.now(), &[]);
    system.clock.advance_ms(0_u64.wrapping_sub(AHEAD_DAYS * 86_400_000));
    // It is honest from here on, and the insider is shut out.
    let desk = system.open_desk("desk");
    desk.sync().unwrap();
    desk.remove_device(&device_id(&insider.vault.device_key().public())).unwrap();
    system.beats(&desk, 3);
    desk.end_shift(Some("look after the caller of this morning")).unwrap();
    system.beats(&desk, 3);
    let (time, sheets) = desk.with_cases(|cases| Ok((cases.time().day(), cases.sheets().count()))).unwrap();
    assert_eq!(sheets, 1, "what is handed over is kept for 7 days by the time of the log");
    let today = system.clock.now().day();
    assert!(time <= today.plus(1), "{} days ahead: events of any day to come count", time.0 - today.0);
}
