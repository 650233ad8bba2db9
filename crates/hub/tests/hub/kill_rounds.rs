//! `kill -9` at random moments under load: whatever was acknowledged is there after the restart, once and in order.

use std::{
    env,
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

use callsign_protocol::{identity::DeskId, time::Day};
use chacha20::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::support::{
    PATIENCE, TestHub,
    child::{ChildHub, compile, serve_if_asked},
    ledger::{CellName, Kind, Ledger, Told, numbered, send_cell},
    test_desk::FIRST_DAY,
};

const TEST: &str = "kill_rounds::a_kill_loses_nothing_that_was_acknowledged";
/// Rounds where `CALLSIGN_KILL_ROUNDS` names no other number.
const ROUNDS: u32 = 500;
/// A day begins after so many rounds.
const ROUNDS_A_DAY: u32 = 25;
/// Callers that send at the same time.
const SENDERS: u32 = 3;

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    if serve_if_asked() {
        return;
    }
    let number_in = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let rounds = number_in("CALLSIGN_KILL_ROUNDS").unwrap_or(ROUNDS);
    let seed = number_in("CALLSIGN_KILL_SEED").unwrap_or(1);
    println!("{rounds} rounds of CALLSIGN_KILL_SEED={seed}");
    let dir = tempfile::tempdir().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(seed.into());
    let library = compile("faults.c", dir.path()).display().to_string();
    let data_dir = dir.path().join("hub");
    let mut ledger = None;
    for round in 0..rounds {
        // A kill takes nothing from the kernel's memory, so syncs, which are most of the time, are left out.
        let environment = vec![
            ("LD_PRELOAD", library.clone()),
            ("CALLSIGN_FAULT", "none 0 0".to_owned()),
            ("CALLSIGN_FAULT_DIR", data_dir.display().to_string()),
        ];
        let today = FIRST_DAY.plus(round / ROUNDS_A_DAY);
        let child = ChildHub { test: TEST, data_dir: &data_dir, today, environment };
        run(&child, round, &mut rng, &mut ledger);
    }
    let ledger = ledger.unwrap();
    println!("{} cells, {} commits, notice {}", ledger.cells.len(), ledger.log.len(), ledger.notice.serial);
    let acknowledged = ledger.cells.values().filter(|told| **told == Told::Done).count();
    // Each round waits for what it draws, so these follow from the seed and not from the machine.
    assert!(
        acknowledged > rounds as usize && ledger.log.len() > rounds as usize / 4,
        "the hub was under load"
    );
}

/// Starts the hub on what the kill before has left, compares, works, and kills it.
fn run(child: &ChildHub<'_>, round: u32, rng: &mut ChaCha20Rng, ledger: &mut Option<Ledger>) {
    let today = child.today;
    let process = child.spawn();
    if rng.next_u32().is_multiple_of(8) {
        // While it starts.
        process.leave(Duration::from_micros(u64::from(rng.next_u32() % 30_000)));
        return process.kill();
    }
    let hub = process.serving(today).unwrap();
    let ledger = match ledger {
        Some(ledger) => {
            ledger.audit(&hub, &[today, today.minus(1)]);
            ledger
        }
        None => ledger.insert(Ledger::open(&hub)),
    };
    let (cells_stored, desk_answers) = (rng.next_u32() % 30, rng.next_u32() % 10);
    let moment = Duration::from_micros(u64::from(rng.next_u32() % 3_000));
    let (stored, cell_stored) = channel();
    let (answered, desk_answered) = channel();
    let next = AtomicU32::new(round * 1_000);
    thread::scope(|scope| {
        let id = ledger.id();
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (hub, next, stored, id) = (&hub, &next, stored.clone(), id.clone());
                scope.spawn(move || send_cells(hub, &id, sender, next, &stored))
            })
            .collect();
        let desk = scope.spawn(|| {
            work(ledger, &hub, today, &answered);
            ledger
        });
        for (answers, answer) in [(cells_stored, cell_stored), (desk_answers, desk_answered)] {
            for _ in 0..answers {
                answer.recv_timeout(PATIENCE).expect("the hub answers");
            }
        }
        process.leave(moment);
        process.kill();
        let ledger = desk.join().unwrap();
        for sender in senders {
            ledger.cells.extend(sender.join().unwrap());
        }
    });
}

/// Sends until no answer comes; each cell is another one.
fn send_cells(
    hub: &TestHub,
    desk: &DeskId,
    sender: u32,
    next: &AtomicU32,
    stored: &Sender<()>,
) -> Vec<(CellName, Told)> {
    let mut sent = Vec::new();
    loop {
        let name = (sender, next.fetch_add(1, Ordering::Relaxed));
        let (told, _) = send_cell(hub, desk, &numbered(name));
        sent.push((name, told));
        if told == Told::Nothing {
            return sent;
        }
        assert_eq!(told, Told::Done);
        let _ = stored.send(());
    }
}

/// What a device does, over and over until no answer comes.
fn work(ledger: &mut Ledger, hub: &TestHub, today: Day, answered: &Sender<()>) {
    for number in 0.. {
        let told = match number % 9 {
            1 => ledger.follow(hub),
            2 | 6 => ledger.put_chunk(hub),
            3 => ledger.put_document(hub, Kind::Notice),
            5 => ledger.put_document(hub, Kind::Keyring),
            8 => ledger.put_document(hub, Kind::Letters),
            7 => ledger.put_content(hub, ledger.packs.len()),
            _ => ledger.commit(hub, today, number % 3),
        };
        if told == Told::Nothing {
            return;
        }
        assert_eq!(told, Told::Done);
        let _ = answered.send(());
    }
}
