//! Turns at the hub: what one device takes of another's, and how many it has by way of devices that it lets in itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use callsign_protocol::{
    commit::{Commit, Rest},
    entry::{Bundle, Entry, EntryHeader, Writer},
    follow::Follow,
    keyring::{Device, DeviceId, device_id},
};
use callsign_testkit::{Move, PASSPHRASE, System};

use crate::{
    agent,
    insider::Insider,
    removed::{Known, seen, works},
};
use callsign_desk::{cases::FOLD_VERSION, keys::Vault};

/// Commits of one device in one go.
const COMMITS_IN_ONE_GO: usize = 4_096;
/// Keyrings of one device in one go.
const KEYRINGS_IN_ONE_GO: usize = 16;

/// A commit of a device once more, made from what every colleague reads: the entry, and what went with it.
fn told_again(insider: &Insider<'_>, of: &DeviceId) -> Commit {
    let path = format!("follow?cells_after={}&log_after=0&wait_s=0", i64::MAX);
    let follow = Follow::decode(&insider.request("GET", &path, &[])).unwrap();
    let theirs = follow.entries.into_iter().filter(|(_, entry)| entry.header().device == *of);
    for (_, entry) in theirs {
        for inbox_done in 0..300 {
            let rest =
                Rest { inbox_done, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
            if rest.hash() == entry.rest_hash() {
                return Commit { entry, rest };
            }
        }
    }
    panic!("no commit without drops");
}

#[test]
fn a_device_that_sends_a_colleagues_commit_again_takes_no_turn_of_theirs() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let mut caller = system.caller(&first);
    works(&system, &first, &mut caller, "before");
    // The first thing of a new day carries no drops.
    system.clock.advance_days(1);
    first.sync().unwrap();
    first.beat().unwrap();
    let insider = Insider::new(&system, "insider");
    let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
    let commit = told_again(&insider, &own).encode();
    for _ in 0..COMMITS_IN_ONE_GO {
        if insider.post("commit", &commit) != 200 {
            break;
        }
    }
    let known = Known::to(&system, "insider");
    let removed: Vec<_> = (0..5)
        .map(|_| {
            // One more turn comes with each second, and is taken with one more request.
            system.clock.advance(1);
            insider.post("commit", &commit);
            first.remove_device(&known.device())
        })
        .collect();
    assert!(removed.iter().any(Result::is_ok), "the insider is not removed: {removed:?}");
}

#[test]
fn a_device_has_no_more_keyrings_in_one_go_by_letting_in_devices_of_its_own() {
    let system = System::start();
    let first = system.init_desk("first");
    drop(system.add_device("insider", &first));
    let known = Known::to(&system, "insider");
    let address = format!("{}/{}/v1/keyring", system.hub_url(), first.fingerprint().desk_id());
    let puts = |known: &Known, now: &callsign_protocol::keyring::Keyring| {
        agent().put(&address).send(&known.keyring_after(now, &system)).is_ok()
    };
    let (mut now, mut by, mut count) = (seen(&system, "insider"), known, 0);
    for n in 0..6 {
        for _ in 0..KEYRINGS_IN_ONE_GO - 1 {
            if !puts(&by, &now) {
                break;
            }
            (now.serial, count) = (now.serial + 1, count + 1);
        }
        // The last turn lets a device of its own in, of which the log says nothing.
        let name = format!("puppet-{n}");
        let request = system.ask_to_join(&name, &first);
        let Some(posting_slot) = (0..8).find(|slot| now.devices.iter().all(|one| one.posting_slot != *slot))
        else {
            break;
        };
        let puppet = Device {
            id: device_id(&request.signing_key),
            signing_key: request.signing_key,
            wrapping_key: request.wrapping_key,
            posting_slot,
            wrapped: vec![],
        };
        let mut with = now.clone();
        with.devices.push(puppet);
        if !puts(&by, &with) {
            break;
        }
        (now, count) = (with, count + 1);
        now.serial += 1;
        let vault = Vault::open(&system.desk_dir(&name), PASSPHRASE).unwrap();
        by = Known { vault, keyring: now.clone(), keys: by.keys };
    }
    // Those that it lets in have theirs out of its own.
    assert!(count <= KEYRINGS_IN_ONE_GO, "{count} keyrings in one go, before anybody else had a turn");
}

/// Somebody with the files of a device, who writes an empty entry on top of the log where the hub gives that device a turn.
struct Writes<'a> {
    session: Insider<'a>,
    known: Known,
}

impl Writes<'_> {
    fn write(&self, system: &System) -> bool {
        let follow = |after: u64| {
            let path = format!("follow?cells_after={}&log_after={after}&wait_s=0", i64::MAX);
            Follow::decode(&self.session.request("GET", &path, &[])).unwrap()
        };
        let head = follow(u64::from(u32::MAX)).head;
        let (_, newest) = follow(head - 1).entries.pop().unwrap();
        let (fingerprint, now) = (self.known.vault.fingerprint(), system.clock.now());
        let rest =
            Rest { inbox_done: 0, log_done: 0, drops: vec![], signed: vec![], heads: vec![], whole: None };
        let (generation, device) = (self.known.keyring.generation, self.known.device());
        let header = EntryHeader { generation, device, prev: newest.hash(), day: now.day() };
        let signing_key = self.known.vault.device_key();
        let writer = Writer {
            fingerprint: &fingerprint,
            log_key: &self.known.keys.log_key,
            signing_key: &signing_key,
        };
        let bundle = Bundle::of::<serde_json::Value>(now, FOLD_VERSION, &[]).unwrap();
        let entry = Entry::write(&header, &rest.hash(), &bundle, &writer, &mut system.rng()).unwrap();
        self.session.post("commit", &Commit { entry, rest }.encode()) == 200
    }
}

/// Each device has one commit in each second, however many a desk has: of an insider's seven, two come between whatever another device reads and what
/// it writes on top of that, where that takes 300 ms as by Tor.
#[test]
fn an_insider_with_devices_of_its_own_does_not_write_between_all_that_others_read_and_write() {
    const BETWEEN_MS: u64 = 300;
    const PUPPETS: usize = 6;
    let (system, tap) = System::start_tapped();
    let first = system.init_desk("first");
    let insider = system.add_device("insider", &first);
    let names: Vec<String> =
        (0..PUPPETS).map(|n| format!("puppet{n}")).chain(["insider".to_owned()]).collect();
    for name in &names[..PUPPETS] {
        drop(system.add_device(name, &insider));
        // As slowly as people let devices in.
        system.clock.advance(60);
    }
    insider.sync().unwrap();
    drop(insider);
    // The first thing of a new day carries no drops.
    system.clock.advance_days(1);
    first.sync().unwrap();
    first.beat().unwrap();
    std::thread::scope(|scope| {
        let devices: Vec<_> = names
            .iter()
            .map(|name| {
                system.open_desk(name).sync().unwrap();
                Writes { session: Insider::new(&system, name), known: Known::to(&system, name) }
            })
            .collect();
        let own = first.devices().unwrap().iter().find(|device| device.is_own).unwrap().id;
        // All turns that devices have in one go are used up: what is left is one in each second.
        let commit = told_again(&devices[PUPPETS].session, &own).encode();
        for device in &devices {
            for _ in 0..COMMITS_IN_ONE_GO {
                if device.session.post("commit", &commit) != 200 {
                    break;
                }
            }
        }
        system.clock.advance(1);
        let id = devices[PUPPETS].known.device();
        let (asked, asks) = std::sync::mpsc::channel::<std::sync::mpsc::Sender<()>>();
        let is_insiders = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let at_work = std::sync::Arc::clone(&is_insiders);
        let system = &system;
        scope.spawn(move || {
            let mut next = 0;
            while let Ok(done) = asks.recv() {
                system.clock.advance_ms(BETWEEN_MS);
                at_work.store(true, std::sync::atomic::Ordering::SeqCst);
                let mut wrote = 0;
                for _ in 0..devices.len() {
                    next = (next + 1) % devices.len();
                    // One that was removed has no session.
                    let writes = || wrote < 2 && devices[next].write(system);
                    wrote += usize::from(catch_unwind(AssertUnwindSafe(writes)).unwrap_or(false));
                }
                at_work.store(false, std::sync::atomic::Ordering::SeqCst);
                done.send(()).unwrap();
            }
        });
        tap.script(move |seen| {
            if !seen.path.starts_with("v1/follow") || is_insiders.load(std::sync::atomic::Ordering::SeqCst) {
                return Move::Pass;
            }
            let asked = asked.clone();
            Move::Change(Box::new(move |_| {
                let (done, is_done) = std::sync::mpsc::channel();
                if asked.send(done).is_ok() {
                    let _ = tokio::task::block_in_place(|| is_done.recv());
                }
            }))
        });
        let began = system.clock.now_ms();
        let removed: Vec<_> = (0..4).map(|_| first.remove_device(&id)).take_while(Result::is_err).collect();
        let is_removed = removed.len() < 4;
        let took = system.clock.now_ms() - began;
        tap.honest();
        assert!(is_removed, "the insider is not removed in {took} ms: {removed:?}");
    });
}
