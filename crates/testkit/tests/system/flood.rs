//! A flood of strangers' calls, for weeks, at a pace at which a hub asks nobody for work: the desk takes it, answers whom people
//! turn to before it, and its memory stays within a bound. The desk is a process of its own, so that its memory is its own.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use callsign_caller::hub_client::HubClient;
use callsign_desk::{Ambient, Desk, NewAnswer, cases::Case};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::Message,
    caller_keys::CallerKeys,
    cell::Cell,
    encoding::{Bytes, Secret},
    exchange::{Ask, LAST_BLOCK, Request},
    identity::Fingerprint,
    notice::VerifiedNotice,
    stamp::Stamp,
    time::{Day, UnixSeconds},
};
use callsign_testkit::{Caller, PASSPHRASE, System};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use crate::agent;

const DIR: &str = "CALLSIGN_TEST_FLOODED";
const SHORT: &str = "flood::a_flood_is_taken_and_no_answer_stands_behind_it";
/// Beats of a day at the default pace.
const BEAT_S: u64 = 30;
const BEATS_A_DAY: u64 = 86_400 / BEAT_S;
/// Bytes of the text of each call: as long as a part can be.
const TEXT_LEN: usize = 1_990;
/// Days of a flood that is measured.
const WEEKS_3: u64 = 21;
/// What it may cost, in KiB.
const ABOVE_REST_MAX: u64 = 64 << 10;

/// A desk in a process of its own, which works when it is told the time.
struct Flooded {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// How the desk is after its work.
#[derive(Debug)]
struct State {
    rss_kib: u64,
    cases: u64,
    answered: u64,
}

impl Flooded {
    fn start(dir: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", SHORT, "--nocapture"])
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { stdin: child.stdin.take(), child, stdout }
    }

    /// Has it follow, beat and keep its state at this time; with `answer`, a person first opens and answers whoever wrote "please".
    fn work(&mut self, now: UnixSeconds, answer: bool) -> State {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{} {}", now.0, u64::from(answer)).unwrap();
        stdin.flush().unwrap();
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "the desk's process ended");
            if let Some((_, said)) = line.split_once("desk: ") {
                let mut numbers = said.split_whitespace().map(|word| word.parse().unwrap());
                let mut next = || numbers.next().unwrap();
                return State { rss_kib: next(), cases: next(), answered: next() };
            }
        }
    }
}

impl Drop for Flooded {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// The desk's process: works until nobody tells it the time any more.
fn be_flooded(dir: &Path) {
    let time = Arc::new(AtomicU64::new(0));
    let mut desk: Option<Desk> = None;
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let (now, answer) = line.split_once(' ').unwrap();
        time.store(now.parse().unwrap(), Ordering::SeqCst);
        let desk = desk.get_or_insert_with(|| {
            let clock = Arc::clone(&time);
            let ambient = Ambient {
                clock: Arc::new(move || UnixSeconds(clock.load(Ordering::SeqCst))),
                timer: callsign_desk::Timer::standing(),
                rng: Box::new(ChaCha20Rng::seed_from_u64(1)),
                proxies: Proxies::none(),
            };
            let desk = Desk::open(dir, PASSPHRASE, ambient).unwrap();
            desk.sync().unwrap();
            desk
        });
        while desk.follow(0).unwrap().more {}
        let mut answered = 0;
        if answer == "1" {
            let pleads = |case: &Case| case.calls().any(|call| call.text() == "please");
            let found = desk.with_cases(|cases| {
                let mut all = cases.all();
                all.find_map(|case| case.map(|case| pleads(&case).then(|| case.id())).transpose()).transpose()
            });
            let found = found.unwrap();
            if let Some(caller) = found {
                desk.open_call(&caller).unwrap();
                desk.answer(&NewAnswer::new(&caller, "we are coming")).unwrap();
                answered = 1;
            }
        }
        desk.beat().unwrap();
        desk.keep_state().unwrap();
        let cases = desk.with_cases(|cases| Ok(cases.count())).unwrap();
        println!("desk: {} {cases} {answered}", rss_kib());
    }
}

fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse().unwrap()
}

/// Strangers: each call is of somebody else, but for one who never stops, and covers come between.
struct Flood {
    rng: ChaCha20Rng,
    url: String,
    agent: ureq::Agent,
    one: CallerKeys,
    notice: VerifiedNotice,
    client: HubClient,
}

impl Flood {
    fn new(system: &System, fingerprint: Fingerprint) -> Self {
        let mut rng = system.rng();
        let link = Link::parse(&system.hub_url()).unwrap();
        let client = HubClient::find(&link, Some(fingerprint), &Proxies::none()).unwrap();
        let notice = client.fetch_notice(client.pin(), system.clock.now()).unwrap();
        let url = format!("{}/{}/v1/exchange", system.hub_url(), fingerprint.desk_id());
        let one = CallerKeys::from_root(Secret::random(&mut rng));
        Self { rng, url, agent: agent(), one, notice, client }
    }

    /// Two calls and a cover; one call in ten is of the one who never stops.
    fn beat(&mut self, number: u64, now: UnixSeconds) {
        if self.notice.notice.issued.day() != now.day() {
            self.notice = self.client.fetch_notice(self.client.pin(), now).unwrap();
        }
        for call in 0..2 {
            let caller = match (number * 2 + call) % 10 {
                0 => self.one.clone(),
                _ => CallerKeys::from_root(Secret::random(&mut self.rng)),
            };
            let message = Message {
                id: Bytes::random(&mut self.rng),
                track: String::new(),
                language: "uk".to_owned(),
                text: "x".repeat(TEXT_LEN),
                safe_times: None,
            };
            let part = &message.parts().unwrap()[0];
            let cell = Cell::seal_part(part, &caller, &self.notice, now.day(), &mut self.rng).unwrap();
            self.send(cell);
        }
        let cover = Cell::seal_cover(&self.notice, now.day(), &mut self.rng).unwrap();
        self.send(cover);
    }

    fn send(&self, cell: Cell) {
        let ask = Ask { day: Day(0), shard: 0, from: LAST_BLOCK };
        let body = Request { ask, stamp: Stamp::NONE, cell }.encode();
        self.agent.post(&self.url).send(&body[..]).unwrap();
    }
}

#[test]
fn a_flood_is_taken_and_no_answer_stands_behind_it() {
    if let Some(dir) = env::var_os(DIR) {
        return be_flooded(Path::new(&dir));
    }
    let system = System::start();
    let desk = system.init_desk("desk");
    let (fingerprint, mut pleads) = (desk.fingerprint(), system.caller(&desk));
    drop(desk);
    let (rest, last) = flood(&system, fingerprint, 40, &mut pleads);
    assert!(last.cases >= 70, "{last:?}");
    assert!(last.rss_kib < rest.rss_kib + ABOVE_REST_MAX, "{rest:?} {last:?}");
}

#[test]
#[ignore = "takes half an hour: `cargo test --release -p callsign-testkit --test system -- --ignored --nocapture three_weeks`"]
fn three_weeks_of_flood_cost_at_most_64_mib() {
    let days = env::var("CALLSIGN_FLOOD_DAYS").map_or(WEEKS_3, |days| days.parse().unwrap());
    let system = System::start();
    let desk = system.init_desk("desk");
    let (fingerprint, mut pleads) = (desk.fingerprint(), system.caller(&desk));
    drop(desk);
    let (rest, last) = flood(&system, fingerprint, days * BEATS_A_DAY, &mut pleads);
    assert!(last.rss_kib < rest.rss_kib + ABOVE_REST_MAX, "{days} days: {rest:?} {last:?}");
}

/// So many beats of it; in the midst somebody calls whom a person answers, and whose answer is posted within minutes. How the desk was
/// before and after.
fn flood(system: &System, fingerprint: Fingerprint, beats: u64, pleads: &mut Caller) -> (State, State) {
    let mut desk = Flooded::start(&system.desk_dir("desk"));
    let mut flood = Flood::new(system, fingerprint);
    let rest = desk.work(system.clock.now(), false);
    let mut last = None;
    for beat in 0..beats {
        system.clock.advance(BEAT_S);
        flood.beat(beat, system.clock.now());
        if beat == beats / 2 {
            pleads.write("please").unwrap();
        }
        let state = desk.work(system.clock.now(), beat == beats / 2);
        assert_eq!(state.answered, u64::from(beat == beats / 2), "a person finds who pleads, and answers");
        if beat == beats / 2 + 8 {
            let answers = pleads.read().unwrap().answers;
            assert_eq!(answers.len(), 1, "within eight beats, whatever else waits");
        }
        if beat % BEATS_A_DAY == 0 {
            println!("day {}: {state:?}", beat / BEATS_A_DAY);
        }
        last = Some(state);
    }
    println!("at rest {rest:?}, then {last:?}");
    (rest, last.expect("some beats"))
}
