//! Programs that are killed at one of their requests: what lies on the disk then is what the next start has.

use std::{fs, path::Path};

use callsign_testkit::{Move, Seen, System, Tap};

/// Where a program is killed: at so manieth of its requests that are no session and no chunk of a snapshot, from 0; or, once the hub has applied it, of those
/// that change something there.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    pub at: usize,
    pub is_applied: bool,
}

/// More requests than anything makes that is killed here.
const REQUESTS_MAX: usize = 100;

/// Every place at which `act` can be killed; `act` is given each and says whether it was reached.
pub fn at_every_request(mut act: impl FnMut(Death) -> bool) {
    for is_applied in [false, true] {
        let reached = (0..REQUESTS_MAX).take_while(|at| act(Death { at: *at, is_applied })).count();
        assert!((1..REQUESTS_MAX).contains(&reached), "{reached}");
    }
}

impl Death {
    fn counts(self, seen: &Seen) -> bool {
        if ["v1/session", "v1/snapshot"].iter().any(|beside| seen.path.starts_with(beside)) {
            return false;
        }
        let is_write = seen.method == "PUT" || seen.path == "v1/commit";
        is_write || !self.is_applied
    }
}

/// Does something as the program whose files are in `name`, which is killed there: all that it does later is in files that are
/// thrown away. Whether it came so far.
pub fn die(system: &System, tap: &Tap, name: &str, death: Death, act: impl FnOnce()) -> bool {
    let (dir, killed) = (system.desk_dir(name), system.desk_dir("killed"));
    let (from, to, mut before) = (dir.clone(), killed.clone(), death.at);
    tap.script(move |seen| {
        if to.exists() {
            return Move::Refuse(503);
        }
        if !death.counts(seen) {
            return Move::Pass;
        }
        if before > 0 {
            before -= 1;
            return Move::Pass;
        }
        copy(&from, &to);
        if death.is_applied { Move::Lose } else { Move::Refuse(503) }
    });
    act();
    tap.honest();
    let is_dead = killed.exists();
    if is_dead {
        fs::remove_dir_all(&dir).unwrap();
        fs::rename(&killed, &dir).unwrap();
    }
    is_dead
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    let files = fs::read_dir(from).unwrap().map(Result::unwrap);
    for file in files.filter(|file| file.file_type().unwrap().is_file()) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
