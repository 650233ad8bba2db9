//! A real full disk: cells leave room to the desk, nothing is called stored that is not, and the hub works again when there is
//! space.

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use callsign_protocol::{
    cell::Cell,
    commit::{Commit, Head, Rest},
    drop::{DROP_LEN, Drop},
    entry::EntryHash,
    exchange::{Answer, Outcome, Request},
};

use crate::support::{
    Response, TestHub, request,
    test_desk::{FIRST_DAY, TestDesk},
};

const DISK: &str = "CALLSIGN_TEST_DISK";
/// Mounts a small file system where only this process and its children see it, then goes on as this test.
const IN_A_NAMESPACE: &str =
    r#"mount -t tmpfs -o size=72m none "$1" && exec "$2" --exact full_disk::a_full_disk_never_says_stored"#;
/// Namespaces for that, for everybody and for root.
const NAMESPACES: [&str; 2] = ["-Urm", "-m"];
/// Drops in each commit that is to fill what the hub's files have room for.
const DROPS: u64 = 40;

/// What the hub has said that it has, and nothing else.
struct Known {
    cells: BTreeSet<u32>,
    log: Vec<Commit>,
    notice: Vec<u8>,
    drops: u64,
}

#[test]
fn a_full_disk_never_says_stored() {
    if let Some(disk) = env::var_os(DISK) {
        return fill(Path::new(&disk));
    }
    let dir = tempfile::tempdir().unwrap();
    let works = |flags: &&str| {
        let tried = Command::new("unshare").args([flags, "true"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let namespaces = NAMESPACES.into_iter().find(works).expect(
        "this test mounts a small file system and needs `unshare -Urm true` to work: install util-linux and \
         allow user namespaces with `sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`",
    );
    let output = Command::new("unshare")
        .args([namespaces, "sh", "-c", IN_A_NAMESPACE, "sh"])
        .args([dir.path(), &env::current_exe().unwrap()])
        .env(DISK, dir.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn fill(disk: &Path) {
    let data_dir = disk.join("hub");
    let (hub, mut desk) = TestHub::with_desk(&data_dir);
    let mut known =
        Known { cells: BTreeSet::new(), log: vec![], notice: desk.notice(2, hub.now()), drops: 0 };
    let mut headers = BTreeSet::new();
    let mut refused = 0;
    for number in 0.. {
        let response = hub.post(&desk, "exchange", &numbered(number).encode()).expect_status(200);
        headers.insert(response.headers);
        match Answer::decode(&response.body).unwrap().header.outcome {
            Outcome::Stored => assert!(known.cells.insert(number)),
            Outcome::Unavailable => refused += 1,
            other => panic!("{other:?} on a full disk"),
        }
        if refused == 20 {
            break;
        }
    }
    assert!(known.cells.len() > 20, "{} stored", known.cells.len());
    assert_eq!(headers.len(), 1, "the headers do not tell that the disk is full");

    // What cells have left is the desk's.
    assert!(is_accepted(&hub.put_notice(&desk, &known.notice)));
    let small = desk.commit(Head::EMPTY.hash, FIRST_DAY, rest(0, vec![]));
    assert!(known.commit(&hub, &desk, small));
    known.compare(&hub, &desk);

    // Others fill the disk. What the hub accepts then goes into room that its own files have; at last it refuses.
    let mut other = File::create(disk.join("other")).unwrap();
    let commit = known.commit_until_refused(&hub, &mut desk, &mut other);
    assert!(!known.store(&hub, &desk, 300_000), "cells leave to the desk what room there is");
    known.compare(&hub, &desk);
    drop(hub);
    // A restart changes nothing of that, except that before its first look a hub takes cells where it can.
    let hub = TestHub::start(&data_dir);
    known.compare(&hub, &desk);
    let commit = if known.commit(&hub, &desk, commit.clone()) {
        known.commit_until_refused(&hub, &mut desk, &mut other)
    } else {
        commit
    };
    known.store(&hub, &desk, 300_001);
    known.compare(&hub, &desk);

    let grown = Command::new("mount").args(["-o", "remount,size=240m"]).arg(disk).status().unwrap();
    assert!(grown.success());
    known.notice = desk.notice(3, hub.now());
    assert!(is_accepted(&hub.put_notice(&desk, &known.notice)));
    assert!(known.commit(&hub, &desk, commit), "what was refused is taken when there is room");
    // Until its next look the hub does not know of the room.
    known.store_at_last(&hub, &desk, 400_000);
    for number in 300_010..300_030 {
        assert!(known.store(&hub, &desk, number));
    }
    known.compare(&hub, &desk);
    let everything = rest(known.cells.len(), vec![]);
    let everything = desk.commit(known.head(), FIRST_DAY, everything);
    assert!(known.commit(&hub, &desk, everything));
    known.cells.clear();
    known.compare(&hub, &desk);
    drop(hub);

    // A disk on which too little is free, and a database with room inside: what the desk was done with.
    while free_bytes(disk) >= 64 << 20 {
        other.write_all(&[0; 4_096]).unwrap();
    }
    let hub = TestHub::start(&data_dir);
    known.store_at_last(&hub, &desk, 500_000);
    known.compare(&hub, &desk);
}

impl Known {
    /// Fills the disk, and then whatever room the hub's files have; the commit that found none.
    fn commit_until_refused(&mut self, hub: &TestHub, desk: &mut TestDesk, other: &mut File) -> Commit {
        loop {
            // Whenever the hub empties its journal there is room on the disk again.
            while other.write_all(&[0; 4_096]).is_ok() {}
            let drops = (0..DROPS).map(|_| (0, self.next_drop())).collect();
            let commit = desk.commit(self.head(), FIRST_DAY, rest(0, drops));
            if !self.commit(hub, desk, commit.clone()) {
                return commit;
            }
        }
    }

    /// Sends a commit; whether it was accepted.
    fn commit(&mut self, hub: &TestHub, desk: &TestDesk, commit: Commit) -> bool {
        let is_accepted = is_accepted(&hub.in_session("POST", desk, "commit", &commit.encode()));
        if is_accepted {
            self.log.push(commit);
        }
        is_accepted
    }

    /// Sends a cell; whether it was stored.
    fn store(&mut self, hub: &TestHub, desk: &TestDesk, number: u32) -> bool {
        match hub.exchange(desk, &numbered(number)).header.outcome {
            Outcome::Stored => assert!(self.cells.insert(number)),
            Outcome::Unavailable => return false,
            other => panic!("{other:?} on a full disk"),
        }
        true
    }

    /// Sends cells from this number on until one is stored: the hub looks for room each second.
    fn store_at_last(&mut self, hub: &TestHub, desk: &TestDesk, mut number: u32) {
        while !self.store(hub, desk, number) {
            number += 1;
        }
    }

    /// Fails where the hub has more or less than it has said.
    fn compare(&self, hub: &TestHub, desk: &TestDesk) {
        assert_eq!(numbers_in_inbox(hub, desk), self.cells);
        let mut entries = Vec::new();
        loop {
            let news = hub.follow(desk, u64::MAX, entries.len() as u64, 0);
            if news.entries.is_empty() {
                break;
            }
            entries.extend(news.entries.into_iter().map(|(_, entry)| entry));
        }
        assert!(entries.iter().eq(self.log.iter().map(|commit| &commit.entry)), "another log");
        let notice = hub.get(&format!("/{}/v1/notice", desk.id())).expect_status(200).body;
        assert!(notice == self.notice, "another notice");
    }

    fn head(&self) -> EntryHash {
        self.log.last().map_or(Head::EMPTY.hash, |commit| commit.entry.hash())
    }

    fn next_drop(&mut self) -> Drop {
        self.drops += 1;
        let mut bytes = [0; DROP_LEN];
        bytes[..8].copy_from_slice(&self.drops.to_be_bytes());
        Drop(bytes)
    }
}

/// Whether something was accepted; the only other answer is that there is no room.
#[track_caller]
fn is_accepted(response: &Response) -> bool {
    let is_accepted = matches!(response.status, 200 | 204);
    if !is_accepted {
        assert_eq!(response.code(), "unavailable");
    }
    is_accepted
}

fn free_bytes(disk: &Path) -> u64 {
    let status = rustix::fs::statvfs(disk).unwrap();
    status.f_bavail * status.f_frsize
}

/// Done with so many cells.
fn rest(inbox_done: usize, drops: Vec<(u32, Drop)>) -> Rest {
    Rest { inbox_done: inbox_done as u64, log_done: 0, drops, signed: vec![], heads: vec![], whole: None }
}

/// A request whose cell begins with a number.
fn numbered(number: u32) -> Request {
    let mut cell = request(0).cell.0;
    cell[..4].copy_from_slice(&number.to_be_bytes());
    Request { cell: Cell(cell), ..request(0) }
}

fn numbers_in_inbox(hub: &TestHub, desk: &TestDesk) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    let mut after = 0;
    loop {
        let news = hub.follow(desk, after, 0, 0);
        let Some((last, _)) = news.cells.last() else {
            return numbers;
        };
        after = *last;
        for (_, cell) in &news.cells {
            let number = u32::from_be_bytes(*cell.0.first_chunk().unwrap());
            assert!(numbers.insert(number), "cell {number} is there twice");
        }
    }
}
