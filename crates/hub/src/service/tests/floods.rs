//! A store that takes two cells a second, and twenty strangers a second who send it cells without any work.

use callsign_protocol::stamp::{Effort, Search, Toll};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinHandle, JoinSet},
};
use tracing::{Event, Metadata, Subscriber, span, subscriber};

use super::*;
use crate::service::Machine;

const CAPACITY: usize = 2;
const BOUNDS: Bounds = Bounds { inside: CAPACITY, line: 8, stamps: 1024 };

struct Flood {
    fixture: Fixture<Intercepted<SqliteStore>>,
    /// One for each cell that the store may take.
    permits: Arc<Semaphore>,
    /// One message for each cell that has come to the store.
    at_the_store: mpsc::UnboundedReceiver<()>,
    junk: JoinSet<Answer>,
    cells: u32,
    _nobody_waits_too_long: HeldTimers,
}

impl Flood {
    /// The store is full, and so is the line before it.
    async fn begin() -> Self {
        let timers = HeldTimers::hold();
        let (entered, at_the_store) = mpsc::unbounded_channel();
        let permits = Arc::new(Semaphore::new(0));
        let held = Arc::clone(&permits);
        let wrap = |store| {
            Intercepted::new(store, move |operation| {
                let (entered, held) = (entered.clone(), Arc::clone(&held));
                async move {
                    if operation == "append_cell" {
                        entered.send(()).unwrap();
                        held.acquire().await.unwrap().forget();
                    }
                    Ok(())
                }
            })
        };
        let fixture = fixture_within(BOUNDS, wrap).await;
        let mut flood = Self {
            fixture,
            permits,
            at_the_store,
            junk: JoinSet::new(),
            cells: 0,
            _nobody_waits_too_long: timers,
        };
        flood.send_junk();
        flood.come_to_the_store().await;
        flood
    }

    /// A second: the store takes what it can, more junk comes, and the hub looks at what it asks.
    async fn second(&mut self) {
        self.permits.add_permits(CAPACITY);
        self.come_to_the_store().await;
        self.send_junk();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.fixture.service.admission.tick();
    }

    fn send_junk(&mut self) {
        for _ in 0..10 * CAPACITY {
            let (service, desk, request) =
                (Arc::clone(&self.fixture.service), Arc::clone(&self.fixture.desk), self.request(Toll::NONE));
            self.junk.spawn(async move { decode(service.exchange(&desk, &request).await) });
        }
    }

    async fn come_to_the_store(&mut self) {
        for _ in 0..CAPACITY {
            self.at_the_store.recv().await.unwrap();
        }
    }

    /// A cell of its own, with the work that is asked.
    fn request(&mut self, toll: Toll) -> Vec<u8> {
        self.cells += 1;
        let mut cell = Cell(Box::new([0; CELL_LEN]));
        cell.0[..4].copy_from_slice(&self.cells.to_be_bytes());
        let stamp = Search::new(&self.fixture.desk.fingerprint, &cell, toll, 0).advance(u32::MAX).unwrap();
        Request { ask: Ask { day: Day(0), shard: 0, from: LAST_BLOCK }, stamp, cell }.encode()
    }

    fn exchange(&mut self, toll: Toll) -> JoinHandle<Answer> {
        let (service, desk, request) =
            (Arc::clone(&self.fixture.service), Arc::clone(&self.fixture.desk), self.request(toll));
        tokio::spawn(async move { decode(service.exchange(&desk, &request).await) })
    }

    /// How often a caller has to try who knows nothing yet.
    async fn tries_until_stored(&mut self) -> u32 {
        let mut toll = Toll::NONE;
        for tries in 1.. {
            let exchange = self.exchange(toll);
            while !exchange.is_finished() {
                self.second().await;
            }
            let header = exchange.await.unwrap().header;
            if header.outcome == Outcome::Stored {
                return tries;
            }
            assert_eq!(header.outcome, Outcome::Unavailable);
            toll = header.toll;
        }
        unreachable!("the tries have no end")
    }

    async fn end(mut self) -> Fixture<Intercepted<SqliteStore>> {
        self.junk.shutdown().await;
        self.fixture
    }
}

#[tokio::test]
async fn callers_who_do_the_work_are_stored_at_their_second_try() {
    let mut flood = Flood::begin().await;
    flood.second().await;
    flood.second().await;
    for caller in 0..5 {
        assert!(flood.tries_until_stored().await <= 2, "caller {caller}");
    }
    assert_eq!(
        flood.fixture.service.admission.toll().effort,
        Effort(8),
        "the flood does not raise the price"
    );
    let machine = Machine { tls: None };
    flood.fixture.service.make_figures(&machine).await;
    assert!(flood.fixture.service.figures().contains("\ncallsign_hub_asked_effort_bits 8\n"));
}

#[tokio::test]
async fn commit_and_follow_do_not_stand_behind_exchanges() {
    let mut flood = Flood::begin().await;
    let head = flood.fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    flood.fixture.post(head, FIRST_DAY, [2]).await;
    assert_eq!(flood.fixture.positions_after(0).await, [0; 0], "no cell was stored, and the desk is told so");
    let notice = flood.fixture.signer.notice(2, flood.fixture.service.now());
    flood.fixture.service.put_notice(&flood.fixture.desk, &flood.fixture.device(), notice).await.unwrap();
}

#[tokio::test]
async fn who_is_turned_out_reads_todays_drops_all_the_same() {
    let mut flood = Flood::begin().await;
    flood.fixture.post(Head::EMPTY.hash, FIRST_DAY, [1, 2]).await;
    let turned_out = flood.exchange(Toll::NONE).await.unwrap();
    assert_eq!(turned_out.header.outcome, Outcome::Unavailable);
    assert_eq!(turned_out.drops, [dropped(1), dropped(2)]);
    // Lists of other days are in the store.
    flood.fixture.set_day(FIRST_DAY.plus(1));
    let ask = request(FIRST_DAY, LAST_BLOCK);
    let header = decode(flood.fixture.service.exchange(&flood.fixture.desk, &ask).await).header;
    assert_eq!((header.outcome, header.day, header.total), (Outcome::Unavailable, FIRST_DAY, 0));
}

#[tokio::test]
async fn when_the_flood_is_over_nothing_is_asked() {
    let mut flood = Flood::begin().await;
    for _ in 0..5 {
        flood.second().await;
    }
    assert_eq!(flood.exchange(Toll::NONE).await.unwrap().header.toll.effort, Effort(8));
    let fixture = flood.end().await;
    // The first tick looks back at the flood's last second.
    (0..=10).for_each(|_| fixture.service.admission.tick());
    assert_eq!(fixture.service.admission.toll(), Toll::NONE);
}

#[tokio::test]
async fn who_hangs_up_leaves_the_line_at_once_and_the_store_when_it_is_done() {
    let mut flood = Flood::begin().await;
    flood.junk.shutdown().await;
    let exchange = flood.exchange(Toll::NONE);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(flood.at_the_store.try_recv().is_err(), "the store still works for those who hung up");
    flood.permits.add_permits(CAPACITY + 1);
    flood.at_the_store.recv().await.unwrap();
    assert_eq!(exchange.await.unwrap().header.outcome, Outcome::Stored);
    assert_eq!(flood.fixture.positions_after(0).await, [1, 2, 3], "nobody was left in the line");
}

/// Counts what is logged, whatever its level.
#[derive(Clone, Default)]
struct Lines(Arc<AtomicU64>);

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_flood_leaves_no_line_in_the_log() {
    let lines = Lines::default();
    // This runtime has one thread.
    let _capture = subscriber::set_default(lines.clone());
    let mut flood = Flood::begin().await;
    for _ in 0..10 {
        flood.second().await;
    }
    flood.exchange(Toll::NONE).await.unwrap();
    assert_eq!(flood.fixture.service.admission.toll().effort, Effort(8), "it is a flood");
    assert_eq!(lines.0.load(Ordering::Relaxed), 0);
    flood.fixture.service.noted_damage("cells", "a page");
    assert_eq!(lines.0.load(Ordering::Relaxed), 1, "a line is seen");
}
