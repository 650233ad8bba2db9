//! The world of a simulation: who is there, what each operation does, and what must hold behind it.

use callsign_desk::{
    ClaimError, ClosingError, Desk, DeskError, DiskFault, FIRST_PERSON, FlagError, FloodError, FollowUpError,
    HandoverError, HubError, InitOptions, NoteError, PeopleError, Purpose, ReaderError, Settings,
    TransferError, TurnError, cases::SnapshotError, model_tracks, store::CacheError,
};
use callsign_protocol::{
    caller_keys::CallerKeys, identity::Fingerprint, keyring::KeyringError, signed::SignedError,
    time::UnixSeconds,
};
use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};
use tempfile::TempDir;

use super::{
    Failure, Plant, Report,
    audit::Audit,
    books::{Books, Who, who},
    caller::Caller,
    device::{Device, Standing, Waiting, ambient},
    hub::SimulatedHub,
    op::{CALLERS, Op, PLACES, Shown},
    skew::Skewed,
};
use crate::{CHEAP, FIRST_DAY, PASSPHRASE, SAMPLE_PACK, TestClock};

const HOUR_S: u64 = 3_600;
/// Between two rounds of the devices at work.
const ROUND_H: u32 = 6;
/// Seconds between two beats.
const BEAT_S: u64 = 3;
/// Beats in a row.
const BEATS: u32 = 2;
/// Rounds after which whoever has the identity comes to work again: the desk's name needs it every fortnight.
const IDENTITY_AWAY_ROUNDS: u32 = 16;

pub(super) struct World {
    pub(super) clock: TestClock,
    pub(super) hub: SimulatedHub,
    pub(super) hub_clock: Skewed,
    /// The device of the first place has the identity.
    pub(super) places: Vec<Option<Device>>,
    pub(super) callers: Vec<Caller>,
    pub(super) books: Books,
    pub(super) audit: Audit,
    pub(super) fingerprint: Fingerprint,
    /// Whether all is well, so that no error is to be expected.
    pub(super) is_well: bool,
    /// Whether chunks that are read may be others than were written.
    pub(super) chunks_may_be_others: bool,
    pub(super) keys: Vec<CallerKeys>,
    pub(super) generation_days: u32,
    /// The latest time that any device's clock has shown.
    pub(super) latest: UnixSeconds,
    identity_away: u32,
    outdated: usize,
    full: usize,
    refused: usize,
    pub(super) devices: usize,
    /// How many notes were written, kept or not.
    pub(super) notes: usize,
    pub(super) rng: ChaCha20Rng,
    pub(super) dir: TempDir,
}

impl World {
    pub(super) fn begin(seed: u64, generation_days: u32, plant: Option<Plant>) -> Self {
        let dir = in_memory();
        let clock = TestClock::new(FIRST_DAY.start().plus(9 * HOUR_S));
        let hub_clock = Skewed::right(&clock);
        let hub = SimulatedHub::start(dir.path(), hub_clock.clock(), plant);
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let own = Skewed::right(&clock);
        let options = InitOptions {
            hub: hub.url(),
            code: std::fs::read_to_string(hub.files().join("enrolment-code")).expect("a code"),
            identity: None,
            name: "Test desk".to_owned(),
            person: FIRST_PERSON.to_owned(),
            tracks: model_tracks(),
            content: vec![("en".to_owned(), SAMPLE_PACK.to_vec())],
            settings: Settings { generation_days, ..Settings::short() },
            purpose: Purpose::Earnest,
        };
        let files = dir.path().join("device-0");
        let desk = Desk::init(&files, PASSPHRASE, CHEAP, &options, ambient(&own, rng.next_u64()));
        let desk = desk.expect("a desk");
        let fingerprint = desk.fingerprint();
        let mut first = Device::new(0, &files, own);
        first.desk = Some(desk);
        let caller = |_| {
            let rng = ChaCha20Rng::seed_from_u64(rng.next_u64());
            Caller::new(&hub.url(), fingerprint, Skewed::right(&clock).clock(), rng)
        };
        let callers: Vec<Caller> = (0..CALLERS).map(caller).collect();
        let mut places: Vec<Option<Device>> = (0..PLACES).map(|_| None).collect();
        places[0] = Some(first);
        Self {
            keys: callers.iter().map(|caller| caller.keys.clone()).collect(),
            hub,
            hub_clock,
            places,
            callers,
            books: Books::default(),
            audit: Audit::default(),
            fingerprint,
            is_well: false,
            chunks_may_be_others: false,
            generation_days,
            latest: clock.now(),
            identity_away: 0,
            outdated: 0,
            full: 0,
            refused: 0,
            devices: 1,
            notes: 0,
            rng,
            dir,
            clock,
        }
    }

    pub(super) fn step(&mut self, op: Op) -> Result<(), Failure> {
        self.books.begin();
        self.act(op)?;
        self.settle()
    }

    pub(super) fn report(&self) -> Report {
        Report {
            trace: self.hub.trace(),
            days: u64::from(self.clock.now().day().0 - FIRST_DAY.0),
            calls: self.books.calls.len(),
            answers: self.books.answers.len(),
            outdated: self.outdated,
            full: self.full,
            refused: self.refused,
        }
    }

    fn act(&mut self, op: Op) -> Result<(), Failure> {
        match op {
            Op::Chunks { shown, times } => {
                self.hub.show(shown, times);
                self.chunks_may_be_others |= shown == Shown::Other;
            }
            Op::Fault { on, what, times } => self.hub.spoil(on, what, times),
            Op::HubClock { minutes } => self.hub_clock.set(minutes),
            Op::HubDiskFree => self.hub.free_disk(),
            Op::HubDiskFull => self.hub.fill_disk(),
            Op::HubKill => self.hub.kill(),
            Op::HubRestart => self.hub.restart(),
            Op::LoseChunks { lost } => {
                if self.places.iter().flatten().any(|device| device.has_state(self.audit.generation())) {
                    self.hub.lose_chunks(lost);
                }
            }
            Op::Pass { hours } => return self.pass(hours),
            Op::Letter { .. } | Op::Read { .. } | Op::Retry { .. } | Op::Visit { .. } | Op::Write { .. } => {
                return self.act_of_caller(op);
            }
            _ => return self.act_of_device(op),
        }
        Ok(())
    }

    /// What follows from every operation: late requests come, the books are brought up to date.
    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        let passed = self.hub.settle();
        self.audit.take(&passed, &self.fingerprint, &self.keys)?;
        let latest = self.places.iter().flatten().map(|device| device.clock.now()).max();
        self.latest = self.latest.max(self.clock.now()).max(latest.unwrap_or(self.latest));
        let latest = latest.map(UnixSeconds::day);
        let days = [Some(self.clock.now().day()), Some(self.hub_clock.today()), latest];
        days.into_iter().flatten().for_each(|day| self.books.day_has_come(day));
        Ok(())
    }

    /// Lets time go by, with the devices at work at their work.
    pub(super) fn pass(&mut self, hours: u32) -> Result<(), Failure> {
        let mut left = hours;
        while left > 0 {
            let step = left.min(ROUND_H);
            left -= step;
            self.clock.advance(u64::from(step) * HOUR_S);
            self.hub.forget_expired();
            self.identity_away += 1;
            for at in 0..self.places.len() {
                let Some(device) = &mut self.places[at] else { continue };
                device.is_at_work |= at == 0 && self.identity_away > IDENTITY_AWAY_ROUNDS;
                if device.is_at_work && device.standing != Standing::Removed {
                    let has_taken = self.with(at, Desk::sync)?.is_some();
                    if self.beats(at)? && has_taken {
                        self.books.all_had_a_chance();
                    }
                    self.identity_away = if at == 0 { 0 } else { self.identity_away };
                }
            }
            self.settle()?;
        }
        Ok(())
    }

    /// Something that a device does; nothing where it is not there or could not. What it shows then goes into the books.
    pub(super) fn with<T>(
        &mut self,
        at: usize,
        act: impl FnOnce(&Desk) -> Result<T, DeskError>,
    ) -> Result<Option<T>, Failure> {
        let Some(device) = &mut self.places[at] else { return Ok(None) };
        if device.desk.is_none() {
            match device.open(self.rng.next_u64()) {
                Ok(desk) => device.desk = Some(desk),
                Err(error) => return self.judge(at, &error).map(|()| None),
            }
        }
        let desk = device.desk.as_ref().expect("it is open");
        let done = act(desk);
        device.note_readiness();
        match done {
            Ok(done) => self.look(at).map(|()| Some(done)),
            Err(error) => self.judge(at, &error).and_then(|()| self.look(at)).map(|()| None),
        }
    }

    /// A few beats; whether all of them went well.
    pub(super) fn beats(&mut self, at: usize) -> Result<bool, Failure> {
        let mut are_well = true;
        for _ in 0..BEATS {
            self.clock.advance(BEAT_S);
            let has_written = self.with(at, Desk::beat)?.is_some();
            if has_written && self.places[at].as_ref().is_some_and(|device| self.is_outdated(device)) {
                return Err(Failure::new("a program writes that does not know the fold in force", &at));
            }
            are_well &= has_written;
            are_well &= self.with(at, Desk::keep_state)?.is_some();
        }
        Ok(are_well)
    }

    /// Whether a device knows of a version of the fold that its program does not know.
    fn is_outdated(&self, device: &Device) -> bool {
        let has_heard = device.desk.as_ref().is_some_and(|desk| desk.generation() == self.audit.generation());
        has_heard && device.program < self.audit.fold()
    }

    /// Notes what a device shows.
    fn look(&mut self, at: usize) -> Result<(), Failure> {
        let Some(device) = &self.places[at] else { return Ok(()) };
        let waiting = device.waiting();
        if waiting != Waiting::Acts {
            self.books.all_sure(device.number);
        }
        for (caller, keys) in self.keys.iter().enumerate() {
            if let Some(case) = device.case(&keys.id()) {
                self.books.saw(caller, &case, waiting == Waiting::Nothing)?;
                if !device.finds(&keys.id(), &case) {
                    return Err(Failure::new("a case is not found by its words", &(at, caller)));
                }
            }
        }
        Ok(())
    }

    /// Whether an error is one that may be.
    fn judge(&mut self, at: usize, error: &DeskError) -> Result<(), Failure> {
        self.settle()?;
        let Some(device) = &mut self.places[at] else { return Ok(()) };
        let fails = |rule| Err(Failure::new(rule, &(at, error.to_string())));
        match error {
            DeskError::Alarm(_) => fails("an alarm, and the hub is honest"),
            // The second is what a device with the identity says that has lost its cache too.
            DeskError::Hub(HubError::NotADevice) | DeskError::LeftOut(_) | DeskError::NotAdmitted => {
                if device.standing == Standing::Member && device.ready_for == self.audit.generation() {
                    return fails("a device that was ready is left out");
                }
                device.standing = Standing::Removed;
                self.books.never_sure(device.number);
                Ok(())
            }
            // It may not look after devices or the desk's name, wherever else things stand.
            DeskError::People(PeopleError::Role) if who(at) == Who::Second => {
                self.refused += 1;
                Ok(())
            }
            // One that has read the log anew only in part does not know yet whose it is.
            DeskError::People(PeopleError::Nobody)
                if device.desk.as_ref().is_some_and(|desk| {
                    !desk.knows_state() || (!self.is_well && desk.me().is_none())
                }) =>
            {
                self.refused += 1;
                Ok(())
            }
            _ if self.is_well => fails("an error, and all is well"),
            DeskError::Claim(ClaimError::Reason) => fails("an error that nothing explains"),
            DeskError::Claim(_) => {
                self.refused += 1;
                Ok(())
            }
            DeskError::Cache(CacheError::Disk(disk))
                if device.room.is_some() && disk.fault == DiskFault::Full =>
            {
                self.full += 1;
                self.books.not_kept(device.number);
                Ok(())
            }
            DeskError::Outdated if device.program < self.audit.fold() => {
                self.outdated += 1;
                Ok(())
            }
            DeskError::Snapshot(SnapshotError::Altered(_)) if self.chunks_may_be_others => Ok(()),
            DeskError::Busy
            | DeskError::CatchingUp
            | DeskError::CertificateEnded(_)
            // It was let in by a request of which the answer was lost.
            | DeskError::DeviceKnown
            // Clocks stand apart, or stood apart when another device posted.
            | DeskError::DropsWait
            // Another program of the device has moved or ended it.
            | DeskError::FollowUp(FollowUpError::Gone)
            | DeskError::Note(NoteError::Gone)
            | DeskError::Flag(FlagError::None | FlagError::Stands)
            | DeskError::Flood(FloodError::Nothing | FloodError::Undone)
            | DeskError::Reader(ReaderError::Nothing | ReaderError::Own)
            | DeskError::Handover(HandoverError::Nothing)
            | DeskError::Transfer(
                TransferError::Free
                | TransferError::NotOffered
                | TransferError::NothingOffered
                | TransferError::Own,
            )
            | DeskError::Turn(TurnError::NotOffered | TurnError::Passes)
            | DeskError::Closing(ClosingError::Closed | ClosingError::News | ClosingError::Open)
            | DeskError::Hub(_)
            | DeskError::Keyring(KeyringError::Signed(SignedError::CertificateDays))
            | DeskError::Lapsed
            | DeskError::NoPostingSlot
            | DeskError::NoSuchCall
            | DeskError::NoSuchDevice
            // Another device's was frozen meanwhile, or the hub died.
            | DeskError::Snapshot(SnapshotError::Missing) => Ok(()),
            _ => fails("an error that nothing explains"),
        }
    }
}

/// A directory in memory, where the machine has a place for that: what waits for a disk all the time is slow.
fn in_memory() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a temporary directory")
}
