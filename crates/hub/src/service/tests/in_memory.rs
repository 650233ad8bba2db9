//! What is served from memory is what the store holds.

use callsign_protocol::signed::Kind;

use super::*;
use crate::store::{Order, Put, StoredDocument};

#[tokio::test]
async fn from_names_a_position_and_the_largest_number_the_last_block() {
    let mut fixture = fixture().await;
    let empty = fixture.exchange(Day(0), LAST_BLOCK).await;
    assert_eq!((empty.header.from, empty.header.total, empty.drops.len()), (0, 0, 0));
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, 0..32).await;
    for (asked, from, drops) in [(LAST_BLOCK, 0, 32), (0, 0, 32), (31, 31, 1), (32, 32, 0), (1000, 1000, 0)] {
        let answer = fixture.exchange(Day(0), asked).await;
        assert_eq!((answer.header.from, answer.header.total), (from, 32), "asked for {asked}");
        assert_eq!(answer.drops.len(), drops, "asked for {asked}");
    }
    fixture.post(head, FIRST_DAY, [32]).await;
    let last = fixture.exchange(Day(0), LAST_BLOCK).await;
    assert_eq!((last.header.from, last.header.total, last.drops), (32, 33, vec![dropped(32)]));
    // The same from the store, when the day is over.
    fixture.set_day(FIRST_DAY.plus(1));
    for (asked, from, drops) in [(LAST_BLOCK, 32, 1), (0, 0, 32), (31, 31, 2), (33, 33, 0)] {
        let answer = fixture.exchange(FIRST_DAY, asked).await;
        assert_eq!((answer.header.from, answer.drops.len()), (from, drops), "asked for {asked}");
    }
}

#[tokio::test]
async fn drops_posted_for_tomorrow_appear_tomorrow() {
    let mut fixture = fixture().await;
    let tomorrow = FIRST_DAY.plus(1);
    // A desk whose clock is hours ahead would shut out all whose clocks are right.
    let early = fixture.try_post(Head::EMPTY.hash, tomorrow, [1]).await;
    assert!(matches!(early, Err(ServiceError::DayRefused)), "{early:?}");
    fixture.set_evening(FIRST_DAY);
    fixture.post(Head::EMPTY.hash, tomorrow, [1]).await;
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.total, 0);
    assert_eq!(fixture.exchange(tomorrow, 0).await.header.outcome, Outcome::UnknownList);
    fixture.set_day(tomorrow);
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(1)]);
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let mut fixture = fixture().await;
    fixture.exchange(Day(0), LAST_BLOCK).await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1, 2]).await;
    let Fixture { service, desk, signer, clock, dir } = fixture;
    drop(service);
    drop(desk);
    let store = SqliteStore::open(dir.path()).unwrap();
    let service = Arc::new(Service::start(store, surroundings(&dir, &clock)).await.unwrap());
    let desk = service.desk(&signer.id()).unwrap();
    let fixture = Fixture { service, desk, signer, clock, dir };
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(1), dropped(2)]);
    assert_eq!(fixture.positions_after(0).await, [1, 2]);
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.header.notice_serial, 1);
}

impl Fixture<SqliteStore> {
    /// A document whose request was given up: stored, and not in memory.
    async fn store_unseen(&self, kind: Kind, serial: u64, envelope: Vec<u8>, generation: Option<u32>) {
        let stored = StoredDocument { envelope, day: FIRST_DAY, generation };
        let put = self.service.store.put_document(&self.desk.id, kind, Order::Next, serial, stored).await;
        assert_eq!(put.unwrap(), Put::Stored);
    }
}

#[tokio::test]
async fn documents_are_judged_by_those_that_the_store_has_whatever_is_in_memory() {
    let kept = fixture().await;
    // A removal with a new duty key, which memory does not know yet.
    let mut now = kept.signer.clone();
    kept.store_unseen(Kind::Keyring, 2, now.next_generation(2), Some(2)).await;
    assert_eq!(kept.desk.keyring.read().unwrap().serial, 1);
    let put = kept.service.put_keyring(&kept.desk, kept.signer.clone().keyring(3)).await;
    assert!(matches!(put, Err(ServiceError::DocumentRefused)), "{put:?}");
    assert_eq!(kept.desk.keyring.read().unwrap().serial, 2, "loaded first");

    // A notice by that keyring, and one more that memory does not know.
    let kept = fixture().await;
    let (mut now, device) = (kept.signer.clone(), kept.device());
    kept.store_unseen(Kind::Keyring, 2, now.next_generation(2), Some(2)).await;
    kept.store_unseen(Kind::Notice, 2, now.notice(2, kept.service.now()), None).await;
    let by_replaced = kept.signer.notice(3, kept.service.now());
    let put = kept.service.put_notice(&kept.desk, &device, by_replaced).await;
    assert!(matches!(put, Err(ServiceError::DocumentRefused)), "{put:?}");
    assert_eq!(kept.desk.notice.read().unwrap().serial, 2, "loaded first");
    kept.service.put_notice(&kept.desk, &device, now.notice(3, kept.service.now())).await.unwrap();

    // A letters document likewise.
    kept.store_unseen(Kind::Letters, 1, now.letters(1), None).await;
    let put = kept.service.put_letters(&kept.desk, &device, kept.signer.letters(2)).await;
    assert!(matches!(put, Err(ServiceError::DocumentRefused)), "{put:?}");
    assert_eq!(kept.desk.letters.read().unwrap().serial, 1, "loaded first");
    kept.service.put_letters(&kept.desk, &device, now.letters(2)).await.unwrap();
}

#[tokio::test]
async fn a_wait_ends_when_something_comes_or_the_hub_closes() {
    let _no_wait_ends_by_itself = HeldTimers::hold();
    let fixture = fixture().await;
    let device = fixture.device();
    let nothing_yet = FollowRequest { device, cells_after: 0, log_after: 0, wait_s: 30 };
    let wait = fixture.service.follow(&fixture.desk, nothing_yet);
    let (news, _) = tokio::join!(wait, fixture.exchange(Day(0), LAST_BLOCK));
    assert_eq!(news.unwrap().cells.len(), 1);
    let all_seen = FollowRequest { device, cells_after: 1, log_after: 0, wait_s: 30 };
    let wait = fixture.service.follow(&fixture.desk, all_seen);
    let (news, ()) = tokio::join!(wait, async { fixture.service.close() });
    assert_eq!(news.unwrap().cells, []);
    assert_eq!(fixture.service.follow(&fixture.desk, all_seen).await.unwrap().cells, []);
}

#[tokio::test]
async fn a_device_that_is_removed_while_it_waits_is_told_nothing() {
    let _no_wait_ends_by_itself = HeldTimers::hold();
    let fixture = fixture().await;
    let device = fixture.device();
    let waiting = FollowRequest { device, cells_after: 0, log_after: 0, wait_s: 30 };
    let removed = async {
        let envelope = fixture.signer.restart(2, 1, vec![]);
        fixture.service.put_keyring(&fixture.desk, envelope).await.unwrap();
        fixture.exchange(Day(0), LAST_BLOCK).await
    };
    let (news, _) = tokio::join!(fixture.service.follow(&fixture.desk, waiting), removed);
    assert!(matches!(news, Err(ServiceError::SessionNeeded)), "{news:?}");
}

#[tokio::test]
async fn what_many_ask_for_is_read_once() {
    let reads = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&reads);
    let mut fixture = fixture_over(|store| {
        Intercepted::new(store, move |operation| {
            counted.fetch_add(u64::from(operation == "drops"), Ordering::Relaxed);
            async { Ok(()) }
        })
    })
    .await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, 0..40).await;
    for asked in [LAST_BLOCK, 0, 32, 31, 40, 64, 5_000] {
        fixture.exchange(Day(0), asked).await;
    }
    let after_each_once = reads.load(Ordering::Relaxed);
    for asked in [LAST_BLOCK, 0, 32, 31, 40, 64, 5_000] {
        fixture.exchange(Day(0), asked).await;
    }
    assert_eq!(reads.load(Ordering::Relaxed), after_each_once);
}

#[tokio::test]
async fn memory_holds_a_bounded_number_of_blocks() {
    let mut fixture = fixture().await;
    let blocks = u32::try_from(lists::BLOCKS_MAX.get()).unwrap() + 8;
    let mut prev = Head::EMPTY.hash;
    for _ in 0..blocks / 2 {
        prev = fixture.post(prev, FIRST_DAY, [7; 64]).await;
    }
    for first in (0..blocks).map(|block| block * 32) {
        assert_eq!(fixture.exchange(Day(0), first).await.drops, vec![dropped(7); 32]);
    }
    assert_eq!(fixture.service.lists.blocks_held(), lists::BLOCKS_MAX.get());
    // What was put out of memory is read again.
    assert_eq!(fixture.exchange(Day(0), 0).await.drops, vec![dropped(7); 32]);
}
