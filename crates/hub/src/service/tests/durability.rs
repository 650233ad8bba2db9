//! "Stored" is said when the cell is durable, and never otherwise.

use std::sync::atomic::AtomicBool;

use tokio::sync::{Semaphore, mpsc};

use super::*;

#[tokio::test]
async fn an_answer_waits_until_the_cell_is_durable() {
    let (entered, mut appends) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let fixture = fixture_over(|store| {
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
    })
    .await;
    let (service, desk) = (Arc::clone(&fixture.service), Arc::clone(&fixture.desk));
    let exchange = tokio::spawn(async move { service.exchange(&desk, &request(Day(0), LAST_BLOCK)).await });
    appends.recv().await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!exchange.is_finished(), "answered before the store did");
    gate.add_permits(1);
    let answer = decode(exchange.await.unwrap());
    assert_eq!(answer.header.outcome, Outcome::Stored);
}

#[tokio::test]
async fn a_failing_store_is_unavailable_and_serves_again_when_it_works() {
    for failing_operation in ["append_cell", "drops"] {
        let failing = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&failing);
        let fixture = fixture_over(|store| {
            Intercepted::new(store, move |operation| {
                let fails = operation == failing_operation && fails.load(Ordering::Relaxed);
                async move { if fails { Err(disk_full(operation)) } else { Ok(()) } }
            })
        })
        .await;
        failing.store(true, Ordering::Relaxed);
        let answer = fixture.exchange(Day(0), LAST_BLOCK).await;
        assert_eq!(answer.header.outcome, Outcome::Unavailable, "{failing_operation}");
        assert_eq!(fixture.positions_after(0).await, [0; 0]);
        failing.store(false, Ordering::Relaxed);
        let answer = fixture.exchange(Day(0), LAST_BLOCK).await;
        assert_eq!(answer.header.outcome, Outcome::Stored, "{failing_operation}");
        assert_eq!(fixture.positions_after(0).await, [1]);
    }
}

#[tokio::test]
async fn a_commit_is_applied_even_if_what_memory_holds_cannot_be_renewed() {
    let failing = Arc::new(AtomicBool::new(false));
    let fails = Arc::clone(&failing);
    let mut fixture = fixture_over(|store| {
        Intercepted::new(store, move |operation| {
            let fails = operation == "drops" && fails.load(Ordering::Relaxed);
            async move { if fails { Err(disk_full(operation)) } else { Ok(()) } }
        })
    })
    .await;
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    failing.store(true, Ordering::Relaxed);
    fixture.post(head, FIRST_DAY, [2]).await;
    failing.store(false, Ordering::Relaxed);
    assert_eq!(fixture.exchange(Day(0), LAST_BLOCK).await.drops, [dropped(1), dropped(2)]);
}

#[tokio::test]
async fn commits_that_race_are_applied_one_after_the_other() {
    let mut fixture = fixture().await;
    let rest = |number| Rest {
        inbox_done: 0,
        log_done: 0,
        drops: vec![(0, dropped(number))],
        signed: vec![],
        heads: vec![],
        whole: None,
    };
    let commits: Vec<Commit> =
        (1..=8).map(|number| fixture.signer.commit(Head::EMPTY.hash, FIRST_DAY, rest(number))).collect();
    let tasks: Vec<_> = commits
        .iter()
        .map(|commit| {
            let (service, desk, bytes) =
                (Arc::clone(&fixture.service), Arc::clone(&fixture.desk), commit.encode());
            let by = commit.entry.header().device;
            tokio::spawn(async move { service.commit(&desk, &by, &bytes).await.unwrap() })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += usize::from(matches!(task.await.unwrap(), CommitAnswer::Applied(_)));
    }
    assert_eq!(applied, 1);
    assert_eq!(fixture.exchange(Day(0), 0).await.header.total, 1);
}
