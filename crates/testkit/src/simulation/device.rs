//! A device of a simulation: its files, its programs, and what it shows.

use std::path::{Path, PathBuf};

use callsign_desk::{
    Ambient, Desk, DeskError,
    cases::{Case, EventBody, FOLD_VERSION, Item},
    keys::Vault,
    store::Cache,
};
use callsign_http::Proxies;
use callsign_protocol::{caller_keys::CallerId, encoding::Secret, keyring::DeviceId};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;

use super::skew::Skewed;
use crate::{CHEAP, PASSPHRASE};

pub(super) struct Device {
    /// No other device of the simulation has it.
    pub(super) number: usize,
    pub(super) id: DeviceId,
    pub(super) desk: Option<Desk>,
    /// A second program of the device that does nothing for now.
    pub(super) asleep: Option<Desk>,
    pub(super) is_at_work: bool,
    pub(super) standing: Standing,
    /// The generation for which it has said its wrapping key, as far as it knows itself.
    pub(super) ready_for: u32,
    pub(super) clock: Skewed,
    /// Pages that its disk has left, where they are counted.
    pub(super) room: Option<u32>,
    /// The newest version of the fold that its program knows.
    pub(super) program: u32,
    /// The newest of all programs that it had.
    pub(super) said: u32,
    dir: PathBuf,
    storage_key: Secret<32>,
}

/// Whether a device belongs to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Member,
    /// Somebody tried to remove it, and was not told whether that was done.
    MaybeRemoved,
    Removed,
}

/// How far what a device has queued has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Something that an operator did.
    Acts,
    /// Calls and keys alone.
    Others,
    Nothing,
}

impl Device {
    /// A device of this number whose files lie in `dir`.
    pub(super) fn new(number: usize, dir: &Path, clock: Skewed) -> Self {
        let vault = Vault::open(dir, PASSPHRASE).expect("a vault that was just made");
        Self {
            number,
            id: callsign_protocol::keyring::device_id(&vault.device_key().public()),
            desk: None,
            asleep: None,
            is_at_work: true,
            standing: Standing::Member,
            ready_for: 0,
            clock,
            room: None,
            program: FOLD_VERSION,
            said: FOLD_VERSION,
            dir: dir.to_owned(),
            storage_key: vault.storage_key.clone(),
        }
    }

    /// Starts a program of the device.
    pub(super) fn open(&self, seed: u64) -> Result<Desk, DeskError> {
        let desk = Desk::open_as(self.program, &self.dir, PASSPHRASE, ambient(&self.clock, seed))?;
        desk.keep_state_every(1 + usize::from(seed.to_be_bytes()[0] % 16));
        desk.keep_image_from(1);
        desk.leave_room(self.room)?;
        Ok(desk)
    }

    /// The identity in its vault, where it has that.
    pub(super) fn identity_seed(&self) -> Option<Secret<32>> {
        Vault::open(&self.dir, PASSPHRASE).expect("a vault").identity_seed
    }

    /// Puts the identity into its vault, or takes it out; its programs start anew.
    pub(super) fn keep_identity(&mut self, seed: Option<Secret<32>>, rng: &mut ChaCha20Rng) {
        (self.desk, self.asleep) = (None, None);
        let keep = |vault: &mut Vault| vault.identity_seed = seed;
        Vault::change(&self.dir, PASSPHRASE, CHEAP, rng, keep).expect("a vault");
    }

    /// Its files.
    pub(super) fn files(&self) -> &Path {
        &self.dir
    }

    /// Goes on from a copy of its files; all its programs have ended.
    pub(super) fn go_on_from(&mut self, copy: &Path) {
        (self.desk, self.asleep) = (None, None);
        std::fs::remove_dir_all(&self.dir).expect("the device's files");
        std::fs::rename(copy, &self.dir).expect("the copy");
    }

    /// Loses the cache, with all programs that used it.
    pub(super) fn lose_cache(&mut self) {
        (self.desk, self.asleep) = (None, None);
        for file in ["cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"] {
            // Those that are not there are lost already.
            let _ = std::fs::remove_file(self.dir.join(file));
        }
    }

    /// Lets its disk fill up, or makes room on it.
    pub(super) fn leave_room(&mut self, pages: Option<u32>) {
        self.room = pages;
        for desk in [&self.desk, &self.asleep].into_iter().flatten() {
            desk.leave_room(pages).expect("a cache");
        }
    }

    /// Replaces its program; those that run end.
    pub(super) fn replace_program(&mut self, versions: u32) {
        (self.desk, self.asleep) = (None, None);
        self.program = FOLD_VERSION + versions;
        self.said = self.said.max(self.program);
    }

    /// What of the device's own doing is not in the log yet.
    pub(super) fn waiting(&self) -> Waiting {
        let cache = Cache::open(&self.dir, self.storage_key.clone()).expect("a cache");
        let waiting = cache.pending().expect("a cache");
        let is_act = |body: &EventBody| {
            use EventBody::{
                AnswerQueued, AnswerReleased, AnswerWithdrawn, CaseClosed, CaseErased, CaseReopened,
                ClaimReleased, Claimed, FollowUpDone, FollowUpSet, HandoverTaken, NotReady, NoteStruck,
                NoteWritten, Opened, Passed, Ready, ShiftEnded, TransferAnswered, TransferAsked,
                TransferOffered, TransferWithdrawn,
            };
            matches!(
                body,
                AnswerQueued(_)
                    | AnswerReleased(_)
                    | AnswerWithdrawn(_)
                    | CaseClosed(_)
                    | CaseErased(_)
                    | CaseReopened(_)
                    | FollowUpDone(_)
                    | FollowUpSet(_)
                    | HandoverTaken(_)
                    | NotReady(_)
                    | NoteStruck(_)
                    | NoteWritten(_)
                    | ClaimReleased(_)
                    | Claimed(_)
                    | Opened(_)
                    | Passed(_)
                    | Ready(_)
                    | ShiftEnded(_)
                    | TransferAnswered(_)
                    | TransferAsked(_)
                    | TransferOffered(_)
                    | TransferWithdrawn(_)
            )
        };
        match &waiting[..] {
            [] => Waiting::Nothing,
            some if some.iter().any(|event| is_act(&event.body)) => Waiting::Acts,
            _ => Waiting::Others,
        }
    }

    /// Notes what the device itself says of its readiness for the next generation.
    pub(super) fn note_readiness(&mut self) {
        let Some(desk) = &self.desk else { return };
        if is_ready(desk) {
            self.ready_for = self.ready_for.max(desk.generation() + 1);
        }
    }

    /// Whether its disk has the state of the generation, and its program is at hand to save it anew.
    pub(super) fn has_state(&self, generation: u32) -> bool {
        let has_it = |desk: &Desk| desk.generation() == generation && desk.knows_state() && is_ready(desk);
        self.standing == Standing::Member && self.desk.as_ref().is_some_and(has_it)
    }

    /// Whether its search, of which an image lies on its disk, finds a case by what was said in it last.
    pub(super) fn finds(&self, caller: &CallerId, case: &Case) -> bool {
        let Some(desk) = &self.desk else { return true };
        let text = case.items.last().map(|item| match item {
            Item::Call(call) => call.text(),
            Item::Answer(answer) => answer.text(),
        });
        let words: Vec<_> = text.iter().flat_map(|text| text.split_whitespace()).take(2).collect();
        let found = desk.search(&format!("\"{}\"", words.join(" ")));
        let is_found = match found {
            Ok(found) => found.more || found.hits.iter().any(|hit| hit.caller == *caller),
            Err(_) => words.is_empty(),
        };
        is_found && desk.prepare_search().is_ok()
    }

    /// What the device shows of a caller.
    pub(super) fn case(&self, caller: &CallerId) -> Option<Case> {
        self.desk.as_ref()?.case(caller).ok().map(|case| Case::clone(&case))
    }
}

/// Whether the device has said its wrapping key for the next generation, and so has the state of this one on its disk.
fn is_ready(desk: &Desk) -> bool {
    desk.devices().is_ok_and(|all| all.iter().any(|device| device.is_own && device.is_ready))
}

/// Clock and randomness of a program.
pub(super) fn ambient(clock: &Skewed, seed: u64) -> Ambient {
    Ambient {
        clock: clock.clock(),
        timer: callsign_desk::Timer::standing(),
        rng: Box::new(ChaCha20Rng::seed_from_u64(seed)),
        proxies: Proxies::none(),
    }
}
