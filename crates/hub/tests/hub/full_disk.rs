//! A real full disk: cells leave room to the desk, nothing is called stored that is not, and the hub works again when there is
//! space.

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::Write as _,
    path::Path,
    process::{Command, ExitStatus},
};

use callsign_protocol::{
    cell::Cell,
    commit::{Head, Rest},
    exchange::{Answer, Outcome, Request},
};

use crate::support::{
    TestHub, request,
    test_desk::{FIRST_DAY, TestDesk},
};

const DISK: &str = "CALLSIGN_TEST_DISK";
/// Mounts a small file system where only this process and its children see it, then goes on as this test.
const IN_A_NAMESPACE: &str =
    r#"mount -t tmpfs -o size=72m none "$1" && exec "$2" --exact full_disk::a_full_disk_never_says_stored"#;

#[test]
fn a_full_disk_never_says_stored() {
    if let Some(disk) = env::var_os(DISK) {
        return fill(Path::new(&disk));
    }
    let dir = tempfile::tempdir().unwrap();
    let allowed = |status: &ExitStatus| status.success();
    let namespaces = Command::new("unshare").args(["-Urm", "true"]).status();
    assert!(
        namespaces.as_ref().is_ok_and(allowed),
        "this test mounts a small file system and needs `unshare -Urm true` to work: install util-linux and \
         allow user namespaces with `sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000`"
    );
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", IN_A_NAMESPACE, "sh"])
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
    let mut stored = BTreeSet::new();
    let mut refused = 0;
    let mut headers = BTreeSet::new();
    for number in 0..20_000 {
        let response = hub.post(&desk, "exchange", &numbered(number).encode()).expect_status(200);
        headers.insert(response.headers);
        match Answer::decode(&response.body).unwrap().header.outcome {
            Outcome::Stored => assert!(stored.insert(number)),
            Outcome::Unavailable => refused += 1,
            other => panic!("{other:?} on a full disk"),
        }
        if refused == 20 {
            break;
        }
    }
    assert!(stored.len() > 20 && refused == 20, "{} stored, {refused} refused", stored.len());
    assert_eq!(headers.len(), 1, "the headers do not tell that the disk is full");
    assert_eq!(numbers_in_inbox(&hub, &desk), stored);

    // What cells have left is the desk's.
    let head = desk.commit(Head::EMPTY.hash, rest(0));
    hub.in_session("POST", &desk, "commit", &head.encode()).expect_status(200);
    let notice = desk.notice(2, hub.now());
    hub.put(&desk, "notice", &notice).expect_status(204);

    // Whoever else fills the disk takes that too. What a device and a desk write is refused too, and so is what would erase; a restart changes nothing of that.
    let mut other = File::create(disk.join("other")).unwrap();
    while other.write_all(&[0; 4_096]).is_ok() {}
    let commit = desk.commit(head.entry.hash(), rest(stored.len()));
    let notice = desk.notice(3, hub.now());
    let refused = |hub: &TestHub, desk: &TestDesk| {
        assert_eq!(hub.in_session("POST", desk, "commit", &commit.encode()).code(), "unavailable");
        assert_eq!(hub.put(desk, "notice", &notice).code(), "unavailable");
        assert_eq!(hub.exchange(desk, &numbered(3_000)).header.outcome, Outcome::Unavailable);
        assert_eq!(&numbers_in_inbox(hub, desk), &stored);
    };
    refused(&hub, &desk);
    drop(hub);
    let hub = TestHub::start(&data_dir);
    refused(&hub, &desk);

    let grown = Command::new("mount").args(["-o", "remount,size=160m"]).arg(disk).status().unwrap();
    assert!(grown.success());
    hub.put(&desk, "notice", &notice).expect_status(204);
    hub.in_session("POST", &desk, "commit", &commit.encode()).expect_status(200);
    stored.clear();
    let is_stored = |number| hub.exchange(&desk, &numbered(number)).header.outcome == Outcome::Stored;
    // Before its next look, within a second, the hub does not know of the room.
    stored.insert((10_000..200_000).find(|number| is_stored(*number)).unwrap());
    for number in 5_000..5_020 {
        assert_eq!(hub.exchange(&desk, &numbered(number)).header.outcome, Outcome::Stored);
        stored.insert(number);
    }
    drop(hub);

    // A disk on which too little is free, and a database with room inside: what the desk was done with.
    while free_bytes(disk) >= 64 << 20 {
        other.write_all(&[0; 4_096]).unwrap();
    }
    let hub = TestHub::start(&data_dir);
    assert_eq!(hub.exchange(&desk, &numbered(6_000)).header.outcome, Outcome::Stored);
    stored.insert(6_000);
    assert_eq!(numbers_in_inbox(&hub, &desk), stored);
}

fn free_bytes(disk: &Path) -> u64 {
    let status = rustix::fs::statvfs(disk).unwrap();
    status.f_bavail * status.f_frsize
}

/// Done with all cells.
fn rest(stored: usize) -> Rest {
    Rest { inbox_done: stored as u64, log_done: 0, day: FIRST_DAY, drops: vec![], signed: vec![] }
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
