//! Use cases over a real store, with a clock that tests move and a store that they can make fail.

mod clocks;
mod documents;
mod durability;
mod floods;
mod in_memory;
mod kept;
mod monitor;
mod retention;
mod signatures;

#[path = "../../../tests/hub/support/test_desk.rs"]
#[expect(dead_code, reason = "the tests over HTTP use more of it")]
mod test_desk;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc,
};

use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    commit::{Commit, Head, Rest},
    drop::{DROP_LEN, Drop},
    entry::EntryHash,
    exchange::{Answer, Ask, LAST_BLOCK, Outcome, Request},
    keyring::DeviceId,
    stamp::Stamp,
    time::{Day, UnixSeconds},
};

use self::test_desk::{FIRST_DAY, TestDesk};
use super::{
    Bounds, CommitAnswer, Desk, ExchangeAnswer, FollowRequest, Service, ServiceError, Surroundings, lists,
};
use crate::store::{
    Store,
    intercepted::{Intercepted, disk_full},
    sqlite::SqliteStore,
};

/// A service with one desk that has a notice and a keyring.
struct Fixture<S> {
    service: Arc<Service<S>>,
    desk: Arc<Desk>,
    signer: TestDesk,
    clock: Arc<AtomicU64>,
    dir: tempfile::TempDir,
}

/// While it is there no timer of this test's runtime ends, however long the machine takes for anything.
struct HeldTimers {
    _release: mpsc::Sender<()>,
}

impl HeldTimers {
    /// A paused clock moves on when nothing runs, and here something runs until the end.
    fn hold() -> Self {
        tokio::time::pause();
        let (release, released) = mpsc::channel();
        tokio::task::spawn_blocking(move || released.recv());
        Self { _release: release }
    }
}

async fn fixture() -> Fixture<SqliteStore> {
    fixture_over(|store| store).await
}

async fn fixture_over<S: Store>(wrap: impl FnOnce(SqliteStore) -> S) -> Fixture<S> {
    fixture_within(Bounds::default(), wrap).await
}

async fn fixture_within<S: Store>(bounds: Bounds, wrap: impl FnOnce(SqliteStore) -> S) -> Fixture<S> {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(FIRST_DAY.start().plus(1000).0));
    let store = wrap(SqliteStore::open(dir.path()).unwrap());
    let service = Service::start(store, Surroundings { bounds, ..surroundings(&dir, &clock) }).await.unwrap();
    let mut signer = TestDesk::new(1);
    let code = service.enrolment_code().await.unwrap();
    service.enrol(&signer.id(), &signer.enrolment(&code)).await.unwrap();
    let desk = service.desk(&signer.id()).unwrap();
    service.put_keyring(&desk, signer.keyring(1)).await.unwrap();
    let device = signer.device().id;
    service.put_notice(&desk, &device, signer.notice(1, service.now())).await.unwrap();
    Fixture { service: Arc::new(service), desk, signer, clock, dir }
}

fn surroundings(dir: &tempfile::TempDir, clock: &Arc<AtomicU64>) -> Surroundings {
    let clock = Arc::clone(clock);
    Surroundings {
        clock: Arc::new(move || UnixSeconds(clock.load(Ordering::Relaxed))),
        seed: [7; 32],
        data_dir: dir.path().to_owned(),
        bounds: Bounds::default(),
    }
}

impl<S: Store> Fixture<S> {
    async fn exchange(&self, day: Day, from: u32) -> Answer {
        decode(self.service.exchange(&self.desk, &request(day, from)).await)
    }

    /// Posts drops and answers the new head.
    async fn post(&mut self, prev: EntryHash, day: Day, numbers: impl IntoIterator<Item = u8>) -> EntryHash {
        match self.try_post(prev, day, numbers).await.unwrap() {
            CommitAnswer::Applied(head) => head.hash,
            CommitAnswer::Conflict(_) => panic!("the head is another one"),
        }
    }

    async fn try_post(
        &mut self,
        prev: EntryHash,
        day: Day,
        numbers: impl IntoIterator<Item = u8>,
    ) -> Result<CommitAnswer, ServiceError> {
        let drops = numbers.into_iter().map(|number| (0, dropped(number))).collect();
        let commit = self.signer.commit(
            prev,
            day,
            Rest { inbox_done: 0, log_done: 0, drops, signed: vec![], heads: vec![], whole: None },
        );
        self.service.commit(&self.desk, &commit.entry.header().device, &commit.encode()).await
    }

    /// The desk's only device.
    fn device(&self) -> DeviceId {
        self.desk.keyring.read().unwrap().body.keyring.devices[0].id
    }

    async fn positions_after(&self, cells_after: u64) -> Vec<u64> {
        let device = self.device();
        let request = FollowRequest { device, cells_after, log_after: u64::MAX, wait_s: 0 };
        let news = self.service.follow(&self.desk, request).await.unwrap();
        news.cells.iter().map(|(position, _)| *position).collect()
    }

    fn set_day(&self, day: Day) {
        self.clock.store(day.start().0, Ordering::Relaxed);
    }

    /// Ten minutes before the day's end.
    fn set_evening(&self, day: Day) {
        self.clock.store(day.plus(1).start().0 - 600, Ordering::Relaxed);
    }
}

fn request(day: Day, from: u32) -> Vec<u8> {
    Request { ask: Ask { day, shard: 0, from }, stamp: Stamp::NONE, cell: Cell(Box::new([5; CELL_LEN])) }
        .encode()
}

fn decode(answer: Result<ExchangeAnswer, ServiceError>) -> Answer {
    let ExchangeAnswer { header, block } = answer.unwrap();
    Answer::decode(&[&header[..], &block[..]].concat()).unwrap()
}

fn dropped(number: u8) -> Drop {
    Drop([number; DROP_LEN])
}
