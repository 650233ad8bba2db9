//! What a hub tells of itself tells nothing of its callers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use callsign_protocol::{encoding::Bytes, snapshot::CHUNK_LEN};

use super::*;
use crate::{
    files::back_up,
    service::{
        monitor::{Condition, LastLook, Machine},
        room::{ROOM_LEFT, ROOM_LEFT_BY_CHUNKS},
    },
    store::{ChunkAddress, StoreError, intercepted::Intercepted},
};

const HOUR_S: u64 = 3_600;

const MACHINE: Machine = Machine { tls: None };

/// The figures without what this machine's disk has free, which other programs change.
fn figures<S: Store>(fixture: &Fixture<S>) -> String {
    let text = fixture.service.figures();
    text.split_inclusive('\n').filter(|line| !line.contains("disk_free_bytes")).collect()
}

/// What callers do in an hour: visits of both kinds, one to a list that is none, one by an old page.
async fn visits<S: Store>(fixture: &Fixture<S>) {
    for from in [LAST_BLOCK, 0, 7] {
        assert_eq!(fixture.exchange(Day(0), from).await.header.outcome, Outcome::Stored);
    }
    assert_eq!(fixture.exchange(Day(1), 0).await.header.outcome, Outcome::UnknownList);
    let mut other_version = request(Day(0), 0);
    other_version[0] = 9;
    fixture.service.exchange(&fixture.desk, &other_version).await.unwrap();
}

#[tokio::test]
async fn a_day_with_calls_looks_like_one_without_until_it_is_over() {
    let (called, quiet) = (fixture().await, fixture().await);
    for fixture in [&called, &quiet] {
        fixture.service.make_figures(&MACHINE).await;
    }
    let before = figures(&called);
    assert_eq!(before, figures(&quiet));
    visits(&called).await;
    // The text is the same bytes until the hour ends, and without a word of callers until the day does.
    assert_eq!(figures(&called), before);
    for hours in 1..=2 {
        for fixture in [&called, &quiet] {
            fixture.clock.store(FIRST_DAY.start().0 + hours * HOUR_S, Ordering::Relaxed);
            fixture.service.make_figures(&MACHINE).await;
        }
        assert_eq!(figures(&called), figures(&quiet), "hour {hours}");
        assert_eq!(called.service.health(&MACHINE), quiet.service.health(&MACHINE));
        visits(&called).await;
    }
    called.set_day(FIRST_DAY.plus(1));
    called.service.make_figures(&MACHINE).await;
    let over = figures(&called);
    for line in [
        "callsign_hub_exchanges_total{outcome=\"stored\"} 9",
        "callsign_hub_exchanges_total{outcome=\"unavailable\"} 0",
        "callsign_hub_exchanges_total{outcome=\"unknown_list\"} 3",
        "callsign_hub_exchanges_total{outcome=\"version\"} 3",
        "callsign_hub_cells_waiting{days_ago=\"1\"} 9",
    ] {
        assert!(over.lines().any(|found| found == line), "{line} is not in\n{over}");
    }
}

#[tokio::test]
async fn figures_are_made_when_an_hour_ends_and_not_before() {
    let mut fixture = fixture().await;
    let mut last = LastLook::default();
    let mut texts = Vec::new();
    let mut head = Head::EMPTY.hash;
    for minute in 0..130 {
        fixture.clock.store(FIRST_DAY.start().0 + minute * 60, Ordering::Relaxed);
        fixture.service.look(&MACHINE, &mut last).await;
        texts.push(figures(&fixture));
        head = fixture.post(head, FIRST_DAY, [1]).await;
    }
    texts.dedup();
    assert_eq!(texts.len(), 3, "{texts:#?}");
    for (hour, text) in (0..).zip(&texts[1..]) {
        let commit = FIRST_DAY.start().0 + hour * HOUR_S;
        assert!(text.contains(&format!("desk_commit_timestamp_seconds {commit}\n")), "{text}");
    }
}

#[tokio::test]
async fn the_day_of_the_last_backup_is_told() {
    let fixture = fixture().await;
    let told = async || {
        fixture.service.make_figures(&MACHINE).await;
        let text = fixture.service.figures();
        let days =
            text.lines().filter_map(|line| line.strip_prefix("callsign_hub_backup_timestamp_seconds "));
        days.map(|day| day.parse().unwrap()).collect::<Vec<u64>>()
    };
    assert_eq!(told().await, [0; 0]);
    back_up(fixture.dir.path(), &fixture.dir.path().join("backup"), FIRST_DAY).unwrap();
    assert_eq!(told().await, [FIRST_DAY.start().0]);
}

#[tokio::test]
async fn every_figure_is_explained_to_whoever_runs_the_hub() {
    const EXPLAINED: &str = include_str!("../../../../../docs/operations.md");
    let mut fixture = fixture().await;
    fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    visits(&fixture).await;
    fixture.set_day(FIRST_DAY.plus(1));
    back_up(fixture.dir.path(), &fixture.dir.path().join("backup"), FIRST_DAY).unwrap();
    fixture.service.make_figures(&MACHINE).await;
    let text = fixture.service.figures();
    let names: Vec<_> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    for name in &names {
        assert!(EXPLAINED.contains(&format!("| `{name}` |")), "{name} is not in docs/operations.md");
    }
    let explained =
        EXPLAINED.lines().filter_map(|line| line.strip_prefix("| `callsign_hub_")?.split('`').next());
    // The certificate's figure comes with TLS alone.
    for name in explained.filter(|name| !name.starts_with("certificate")) {
        assert!(names.contains(&&*format!("callsign_hub_{name}")), "{name} is no figure");
    }
}

#[tokio::test]
async fn a_store_that_fails_shows_in_health_without_a_caller() {
    let fails = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicU64::new(0));
    let (failing, counted) = (Arc::clone(&fails), Arc::clone(&asked));
    let fixture = fixture_over(|store| {
        Intercepted::new(store, move |operation| {
            let fails = failing.load(Ordering::Relaxed) && operation != "holdings";
            counted.fetch_add(u64::from(operation == "append_cell"), Ordering::Relaxed);
            async move { if fails { Err(disk_full(operation)) } else { Ok(()) } }
        })
    })
    .await;
    let look = async || {
        fixture.service.try_store().await;
        fixture.service.health(&MACHINE)
    };
    assert_eq!(look().await.status, Condition::Ok);
    fails.store(true, Ordering::Relaxed);
    let health = look().await;
    assert_eq!((health.status, health.store), (Condition::Failing, Condition::Failing));
    fails.store(false, Ordering::Relaxed);
    assert_eq!(look().await.status, Condition::Ok);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "no cell was written for it");
}

#[tokio::test]
async fn a_caller_who_meets_a_failing_store_does_not_show_in_health() {
    let fixture = fixture_over(|store| {
        Intercepted::new(store, |operation| async move {
            if operation == "append_cell" { Err(disk_full(operation)) } else { Ok(()) }
        })
    })
    .await;
    fixture.service.try_store().await;
    assert_eq!(fixture.exchange(Day(0), 0).await.header.outcome, Outcome::Unavailable);
    assert_eq!(fixture.service.health(&MACHINE).status, Condition::Ok);
}

#[tokio::test]
async fn a_notice_that_ends_is_a_warning() {
    let fixture = fixture().await;
    let health = fixture.service.health(&MACHINE);
    assert_eq!(health.status, Condition::Ok);
    fixture.set_day(FIRST_DAY.plus(2));
    let health = fixture.service.health(&MACHINE);
    assert_eq!((health.status, health.store), (Condition::Warning, Condition::Ok));
    assert_eq!(health.notice_hours_left, Some(0));
}

#[tokio::test]
async fn damage_shows_in_health_as_the_hour_ends_until_a_check_finds_none() {
    let damaged = Arc::new(AtomicBool::new(true));
    let finding = Arc::clone(&damaged);
    let fixture = fixture_over(|store| {
        Intercepted::new(store, move |operation| {
            let is_found = operation == "check" && finding.load(Ordering::Relaxed);
            async move { if is_found { Err(StoreError::damaged(operation, "a page")) } else { Ok(()) } }
        })
    })
    .await;
    // A caller may be who comes upon it.
    fixture.service.noted_damage("content", "a pack");
    assert_eq!(fixture.service.health(&MACHINE).status, Condition::Ok, "until the hour ends");
    let look = async || {
        fixture.service.check_files().await;
        fixture.service.make_figures(&MACHINE).await;
        let health = fixture.service.health(&MACHINE);
        (health.status, health.database, health.store)
    };
    assert_eq!(look().await, (Condition::Failing, Condition::Failing, Condition::Ok));
    damaged.store(false, Ordering::Relaxed);
    assert_eq!(look().await, (Condition::Ok, Condition::Ok, Condition::Ok));
}

#[tokio::test]
async fn where_the_disk_is_short_cells_are_refused_and_desks_go_on() {
    let mut fixture = fixture().await;
    fixture.service.room.note(Some(ROOM_LEFT - 1));
    assert_eq!(fixture.service.health(&MACHINE).disk, Condition::Failing);
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    let answer = fixture.exchange(Day(0), 0).await;
    assert_eq!(answer.header.outcome, Outcome::Unavailable);
    assert_eq!(answer.drops, [dropped(1)], "what is answered is read all the same");
    assert_eq!(fixture.positions_after(0).await, [0; 0]);
    let notice = fixture.signer.notice(2, fixture.service.now());
    fixture.service.put_notice(&fixture.desk, &fixture.device(), notice).await.unwrap();
    let address = ChunkAddress { generation: 1, attempt: Bytes([1; 16]), index: 0 };
    fixture.service.put_chunk(&fixture.desk, address, &vec![1; CHUNK_LEN]).await.unwrap();
    fixture.service.room.note(Some(ROOM_LEFT_BY_CHUNKS - 1));
    let refused = fixture.service.put_chunk(&fixture.desk, address, &vec![1; CHUNK_LEN]).await;
    assert!(matches!(refused, Err(ServiceError::NoRoom)), "a snapshot waits, commits do not");
    fixture.post(head, FIRST_DAY, [2]).await;
    fixture.service.forget_now().await.unwrap();
    fixture.service.room.note(Some(ROOM_LEFT));
    assert_eq!(fixture.exchange(Day(0), 0).await.header.outcome, Outcome::Stored);
    assert_eq!(fixture.service.health(&MACHINE).status, Condition::Ok);
}
