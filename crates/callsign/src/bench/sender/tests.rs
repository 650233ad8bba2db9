//! Senders and a hub in this process.
//!
//! Time stands still in these tests and jumps to the next timer whenever everything waits.

use std::sync::atomic::AtomicUsize;

use callsign_protocol::{
    digest::Chain,
    exchange::{ANSWER_LEN, AnswerHeader, REQUEST_LEN},
    stamp::{Effort, Round},
    time::{Day, Minute},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::{
    ambient,
    bench::{store::notice_of_a_new_desk, visitor::Lists},
};

const HEAD: &[u8] = b"POST /desk/v1/exchange HTTP/1.1\r\n\r\n";

/// A hub in this process: takes as long for each answer as it is told, and hangs up when there is nothing to tell.
#[derive(Clone)]
struct ScriptedHub {
    delays: Arc<[Duration]>,
    answered: Arc<AtomicUsize>,
    outcome: Outcome,
    toll: Toll,
    /// Stamps that came, in order.
    stamps: Arc<std::sync::Mutex<Vec<Stamp>>>,
}

impl ScriptedHub {
    fn new(outcome: Outcome, delays: Vec<Duration>) -> Self {
        Self {
            delays: delays.into(),
            answered: Arc::default(),
            outcome,
            toll: Toll::NONE,
            stamps: Arc::default(),
        }
    }

    async fn answer(self, mut stream: DuplexStream) {
        let mut request = vec![0; HEAD.len() + REQUEST_LEN];
        while stream.read_exact(&mut request).await.is_ok() {
            let came = Request::decode(request.strip_prefix(HEAD).unwrap()).unwrap();
            self.stamps.lock().unwrap().push(came.stamp);
            let Some(delay) = self.delays.get(self.answered.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            sleep(*delay).await;
            let header = AnswerHeader {
                outcome: self.outcome,
                day: Day(1),
                shard: 0,
                from: 0,
                total: 3,
                notice_serial: 1,
                minute: Minute::default(),
                signature: None,
                toll: self.toll,
                chain: Chain::EMPTY.hash,
            };
            let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {ANSWER_LEN}\r\n\r\n").into_bytes();
            answer.extend_from_slice(&header.encode());
            answer.resize(answer.len() + ANSWER_LEN - header.encode().len(), 7);
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
    }
}

impl Dial for ScriptedHub {
    type Stream = DuplexStream;

    async fn dial(&self) -> io::Result<DuplexStream> {
        let (near, far) = duplex(1 << 16);
        tokio::spawn(self.clone().answer(far));
        Ok(near)
    }
}

fn sender(hub: &ScriptedHub, exchanges: u64) -> Sender<ScriptedHub, impl CryptoRng + use<>> {
    working(hub, Work::Done, exchanges)
}

fn working(hub: &ScriptedHub, work: Work, exchanges: u64) -> Sender<ScriptedHub, impl CryptoRng + use<>> {
    let pool = Pool::junk(2, &mut ambient::rng());
    let notice = Arc::new(notice_of_a_new_desk().unwrap());
    let visitor = Visitor::new(notice, Day(1), Lists::Today, ambient::rng());
    Sender::new(hub.clone(), Arc::new(Supply::new(HEAD.into(), pool, work, exchanges)), visitor)
}

fn near(time: Option<f64>, wanted: f64) -> bool {
    (time.unwrap() / wanted - 1.0).abs() < 0.002
}

const MS: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn a_stall_is_charged_to_all_that_were_due_in_it() {
    // Ten exchanges, one every 100 ms; the first answer takes a second, the others 1 ms.
    let hub = ScriptedHub::new(Outcome::Stored, [vec![1_000 * MS], vec![MS; 9]].concat());
    let start = Instant::now();
    let (due, queue) = mpsc::unbounded_channel();
    (0..10).for_each(|n| due.send(start + n * 100 * MS).unwrap());
    drop(due);
    let tally = sender(&hub, u64::MAX).take_due(Arc::new(Mutex::new(queue)), start + MINUTE).await;
    assert_eq!((tally.stored, tally.errors()), (10, 0));
    let times = tally.quantiles();
    // The sixth was due after 500 ms and answered after 1,005.
    assert!(near(times.max_ms, 1_000.0) && near(times.p50_ms, 505.0), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_sent_in_time_counts_as_waiting() {
    let hub = ScriptedHub::new(Outcome::Stored, vec![5_000 * MS; 2]);
    let start = Instant::now();
    let (due, queue) = mpsc::unbounded_channel();
    (0..4).for_each(|_| due.send(start).unwrap());
    drop(due);
    let tally = sender(&hub, u64::MAX).take_due(Arc::new(Mutex::new(queue)), start + 9_000 * MS).await;
    assert_eq!((tally.requests, tally.stored, tally.unsent), (2, 2, 2));
    assert!(near(tally.quantiles().p99_ms, 10_000.0));
}

#[tokio::test(start_paused = true)]
async fn a_closed_loop_ends_with_its_supply_and_counts_bytes() {
    let hub = ScriptedHub::new(Outcome::Stored, vec![MS; 9]);
    let tally = sender(&hub, 3).one_after_another(Instant::now() + MINUTE).await;
    assert_eq!((tally.requests, tally.stored, tally.refused, tally.listed), (3, 3, 0, 3));
    assert_eq!(tally.bytes_out, 3 * (HEAD.len() + REQUEST_LEN) as u64);
    assert_eq!(
        tally.bytes_in,
        3 * (ANSWER_LEN + "HTTP/1.1 200 OK\r\ncontent-length: 32896\r\n\r\n".len()) as u64
    );
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_goes_away_costs_errors_and_no_more() {
    let hub = ScriptedHub::new(Outcome::Stored, vec![MS; 5]);
    let tally = sender(&hub, u64::MAX).one_after_another(Instant::now() + MINUTE).await;
    assert_eq!(tally.stored, 5);
    // One for each pause in what is left of the minute.
    assert!((550..=600).contains(&tally.errors()), "{}", tally.errors());
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_never_answers_is_given_up() {
    let hub = ScriptedHub::new(Outcome::Stored, vec![60 * MINUTE; 99]);
    let began = Instant::now();
    let tally = sender(&hub, u64::MAX).one_after_another(began + MINUTE).await;
    assert_eq!((tally.stored, tally.errors()), (0, 6));
    assert!(began.elapsed() < MINUTE + PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn what_the_hub_refuses_is_an_error_of_its_own_kind() {
    let hub = ScriptedHub::new(Outcome::Unavailable, vec![MS; 4]);
    let tally = sender(&hub, 4).one_after_another(Instant::now() + MINUTE).await;
    assert_eq!((tally.requests, tally.stored, tally.refused, tally.errors()), (4, 0, 4, 4));
}

#[tokio::test(start_paused = true)]
async fn an_honest_caller_tries_until_stored_and_then_gives_up() {
    // Connections that bring nothing cost the waits of a caller's program: 1, 2 and 4 seconds, then 8 are too many.
    let gone = ScriptedHub::new(Outcome::Stored, vec![]);
    let tally = sender(&gone, u64::MAX).until_stored(Instant::now() + MS).await;
    assert_eq!((tally.requests, tally.stored, tally.unsent), (4, 0, 1));
    assert!(near(tally.quantiles().max_ms, 7_000.0));
    let slow = ScriptedHub::new(Outcome::Stored, vec![20 * MS; 9]);
    let tally = sender(&slow, u64::MAX).until_stored(Instant::now() + 130 * MS).await;
    assert_eq!((tally.requests, tally.stored, tally.unsent), (2, 2, 0));
    assert!(near(tally.quantiles().max_ms, 20.0));
}

#[tokio::test]
async fn work_is_done_where_the_hub_asks_for_it_and_left_where_the_load_is_junk() {
    let toll = Toll { effort: Effort(6), round: Round(9) };
    for (work, stamped) in [(Work::Done, 2), (Work::LeftUndone, 0)] {
        let hub = ScriptedHub { toll, ..ScriptedHub::new(Outcome::Stored, vec![Duration::ZERO; 9]) };
        let tally = working(&hub, work, 3).one_after_another(Instant::now() + MINUTE).await;
        assert_eq!((tally.stored, tally.stamped), (3, stamped));
        let stamps = hub.stamps.lock().unwrap();
        // The first comes before anything was asked for.
        assert_eq!(stamps[0], Stamp::NONE);
        assert_eq!(stamps.iter().filter(|stamp| stamp.round == toll.round).count() as u64, stamped);
    }
}
