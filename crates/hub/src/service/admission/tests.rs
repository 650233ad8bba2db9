//! Who is let in, who waits and who is turned out. Time stands still, and jumps to the next timer when all wait.

use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    exchange::{Ask, LAST_BLOCK},
    stamp::{Round, Search, Stamp},
    time::Day,
};
use chacha20::rand_core::SeedableRng as _;
use tokio::{
    task::{JoinHandle, yield_now},
    time::sleep,
};

use super::*;

const DESK: Fingerprint = Fingerprint([7; 32]);
const BOUNDS: Bounds = Bounds { inside: 2, line: 3, stamps: 1024 };

type Arrived = JoinHandle<Option<Inside>>;

/// A gate behind which there is no room.
fn full_gate() -> (Arc<Admission>, Vec<Inside>) {
    let gate = Admission::new(BOUNDS, ChaCha20Rng::from_seed([1; 32]));
    let inside = (0..BOUNDS.inside).map(|_| gate.enter_at_once().unwrap()).collect();
    (gate, inside)
}

/// An exchange with that effort; each number is another cell.
fn request(gate: &Admission, number: u8, effort: u8) -> Request {
    let cell = Cell(Box::new([number; CELL_LEN]));
    let toll = Toll { effort: Effort(effort), round: gate.stamps.round() };
    let stamp = Search::new(&DESK, &cell, toll, 0).advance(u32::MAX).unwrap();
    Request { ask: Ask { day: Day(0), shard: 0, from: LAST_BLOCK }, stamp, cell }
}

/// Takes an exchange as far as it comes now.
async fn arrive(gate: &Arc<Admission>, request: Request) -> Arrived {
    let gate = Arc::clone(gate);
    let arrived = tokio::spawn(async move { gate.enter(&DESK, &request).await });
    yield_now().await;
    arrived
}

/// Which of them have been let in or turned out by now.
async fn answered<const N: usize>(arrived: &[Arrived; N]) -> [bool; N] {
    for _ in 0..10 {
        yield_now().await;
    }
    std::array::from_fn(|at| arrived[at].is_finished())
}

async fn is_let_in(arrived: Arrived) -> bool {
    arrived.await.unwrap().is_some()
}

#[tokio::test(start_paused = true)]
async fn the_highest_effort_goes_first_and_within_one_the_first_that_came() {
    let (gate, mut inside) = full_gate();
    let arrived = [
        arrive(&gate, request(&gate, 1, 0)).await,
        arrive(&gate, request(&gate, 2, 9)).await,
        arrive(&gate, request(&gate, 3, 9)).await,
    ];
    assert_eq!(answered(&arrived).await, [false, false, false]);
    inside.pop();
    assert_eq!(answered(&arrived).await, [false, true, false]);
    let [last, first, second] = arrived;
    let first = first.await.unwrap().unwrap();
    assert!(!second.is_finished());
    drop(first);
    drop(second.await.unwrap().unwrap());
    assert!(is_let_in(last).await);
    drop(inside);
    assert_eq!(gate.lock().inside, 0);
}

#[tokio::test(start_paused = true)]
async fn where_the_line_is_full_the_lowest_effort_that_came_last_is_turned_out() {
    let (gate, inside) = full_gate();
    let zeros = [
        arrive(&gate, request(&gate, 1, 0)).await,
        arrive(&gate, request(&gate, 2, 0)).await,
        arrive(&gate, request(&gate, 3, 0)).await,
    ];
    assert!(!is_let_in(arrive(&gate, request(&gate, 4, 0)).await).await, "it came last");
    let worked = arrive(&gate, request(&gate, 5, 8)).await;
    assert_eq!(answered(&zeros).await, [false, false, true]);
    assert_eq!(gate.lock().line.len(), BOUNDS.line);
    drop(inside);
    let [first, second, third] = zeros;
    assert!(is_let_in(worked).await && is_let_in(first).await && is_let_in(second).await);
    assert!(!is_let_in(third).await);
}

#[tokio::test(start_paused = true)]
async fn a_wait_has_an_end() {
    let (gate, inside) = full_gate();
    let waiting = arrive(&gate, request(&gate, 1, 8)).await;
    sleep(WAIT_MAX.checked_sub(Duration::from_millis(1)).unwrap()).await;
    assert!(!waiting.is_finished());
    assert!(!is_let_in(waiting).await);
    assert!(gate.lock().line.is_empty());
    drop(inside);
    assert_eq!(gate.lock().inside, 0);
}

#[tokio::test(start_paused = true)]
async fn who_left_the_line_keeps_nobody_out() {
    let (gate, mut inside) = full_gate();
    let gone = arrive(&gate, request(&gate, 1, 9)).await;
    let waiting = arrive(&gate, request(&gate, 2, 8)).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(gate.lock().line.len(), 1);
    inside.pop();
    assert!(is_let_in(waiting).await);
}

#[tokio::test(start_paused = true)]
async fn stamps_are_looked_at_by_a_full_gate_alone() {
    let (gate, inside) = full_gate();
    drop(inside);
    let stamped = request(&gate, 1, 8);
    // Let in at once, it has not used its stamp up.
    let entered: Vec<_> = [gate.enter(&DESK, &stamped).await, gate.enter(&DESK, &stamped).await].into();
    let first = arrive(&gate, stamped.clone()).await;
    assert_eq!(gate.lock().line.keys().next().unwrap().0, Reverse(Effort(8)));
    let again = arrive(&gate, stamped.clone()).await;
    let foreign = Stamp { round: Round(stamped.stamp.round.0 ^ 1), ..stamped.stamp };
    let of_no_round = arrive(&gate, Request { stamp: foreign, ..stamped }).await;
    let efforts: Vec<u8> = gate.lock().line.keys().map(|(Reverse(effort), _)| effort.0).collect();
    assert_eq!(efforts, [8, 0, 0]);
    drop(entered);
    assert!(is_let_in(first).await && is_let_in(again).await && is_let_in(of_no_round).await, "no error");
}

#[tokio::test(start_paused = true)]
async fn effort_is_asked_while_some_are_turned_out_and_no_longer() {
    let (gate, mut inside) = full_gate();
    assert_eq!(gate.toll(), Toll::NONE);
    let mut highest = 0;
    for number in 0..60 {
        // A second in which one is served, three wait and one finds the line full, all without a stamp.
        inside.pop();
        inside.push(gate.enter_at_once().unwrap());
        let waiting = [(); 4].map(|()| {
            tokio::spawn({
                let (gate, request) = (Arc::clone(&gate), request(&gate, number, 0));
                async move { gate.enter(&DESK, &request).await }
            })
        });
        assert_eq!(answered(&waiting).await.map(u8::from).iter().sum::<u8>(), 1);
        assert!(gate.lock().line.len() <= BOUNDS.line);
        gate.tick();
        highest = highest.max(gate.toll().effort.0);
        drop(inside);
        for waiting in waiting {
            drop(waiting.await.unwrap());
        }
        inside = (0..BOUNDS.inside).map(|_| gate.enter_at_once().unwrap()).collect();
    }
    assert_eq!((highest, gate.toll().effort), (8, Effort(8)), "who does what is asked is served");
    assert_eq!(gate.toll().round, gate.stamps.round());
    drop(inside);
    (0..10).for_each(|_| gate.tick());
    assert_eq!(gate.toll(), Toll::NONE);
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_a_second_is_too_long() {
    let (gate, mut inside) = full_gate();
    let waiting = arrive(&gate, request(&gate, 1, 10)).await;
    gate.tick();
    assert_eq!(gate.toll(), Toll::NONE, "it may have come a moment ago");
    inside.pop();
    inside.push(waiting.await.unwrap().unwrap());
    let _long = arrive(&gate, request(&gate, 2, 10)).await;
    gate.tick();
    gate.lock().asked.was_served();
    gate.tick();
    assert_eq!(gate.toll().effort, Effort(8));
}

#[tokio::test(start_paused = true)]
async fn the_gate_ticks_by_itself() {
    let (gate, inside) = full_gate();
    let round = gate.stamps.round();
    let ticking = tokio::spawn({
        let gate = Arc::clone(&gate);
        async move { gate.keep_time().await }
    });
    sleep(Duration::from_mins(10)).await;
    assert_ne!(gate.stamps.round(), round);
    ticking.abort();
    drop(inside);
}
