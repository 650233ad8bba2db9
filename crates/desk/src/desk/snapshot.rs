//! Saving the desk's state at the hub and on this disk, and reading it from the hub: beside beats and pages, which go on.

use std::convert::Infallible;

use callsign_protocol::{
    encoding::Bytes,
    error_code::ErrorCode,
    snapshot::{CHUNK_LEN, Chunk, ChunkSeal, Padding, SnapshotReader, SnapshotWriter, Whole, WriteError},
};
use rand_core::{Rng as _, TryCryptoRng, TryRng};

use crate::{
    Desk, DeskError,
    cases::{Case, Cases, Event, RecordReader, Row, SnapshotError, StateReader, Unread},
    hub::HubError,
    log::snapshot::Task,
    store::{Attempt, SealedBody},
};

/// Chunks that go to the disk at once: a megabyte, for which the desk's lock is held.
const BATCH: usize = 16;
/// Things done in one go at most; what is left is done the next time.
const TASKS_MAX: usize = 8;

impl Desk {
    /// Brings the desk's state to where it belongs: to the hub in a generation that has just begun, to this disk, and from the
    /// hub to a device that does not know it. Then destroys what the generation before needed. Takes as long as the line to the hub
    /// needs, and can be stopped at any time.
    pub fn keep_state(&self) -> Result<(), DeskError> {
        let Some(_lock) = self.state().cache.snapshot_lock()? else { return Ok(()) };
        let mut is_mended = false;
        for _ in 0..TASKS_MAX {
            let Some(task) = self.state().snapshot_task(self.now())? else { break };
            match self.work_on(task) {
                // These look at cases that nobody else may look at for weeks.
                Err(DeskError::Unread(Unread::Altered)) if !is_mended => {
                    is_mended = true;
                    self.state().mend()?;
                    self.tell_change();
                }
                done => done?,
            }
        }
        self.state().settle_generation()
    }

    fn work_on(&self, task: Task) -> Result<(), DeskError> {
        match task {
            Task::Begin => self.write_attempt(),
            Task::Check(whole) => self.check_state(&whole),
            Task::Fetch => self.fetch_state(),
            Task::Keep => self.state().keep_whole(),
            Task::Measure => self.measure_state(),
            Task::Send(attempt) => self.send_attempt(&attempt),
        }
    }

    /// Writes the state to this disk behind so many entries with events, instead of 256: the fewer, the less is read when the
    /// desk is unlocked, and the more is written.
    pub fn keep_state_every(&self, entries: usize) {
        self.state().keep_every(entries);
    }

    /// Lets the file of log and state grow by so many pages and no more, as on a disk that fills up, for tests; none lets it grow again.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn leave_room(&self, pages: Option<u32>) -> Result<(), DeskError> {
        Ok(self.state().cache.leave_room(pages)?)
    }

    /// Bytes of the generation's newest state at the hub, what fills it up included; 0 before there is one.
    pub fn saved_bytes(&self) -> u64 {
        self.state()
            .log
            .fold
            .whole()
            .next()
            .map_or(0, |whole| u64::from(whole.chunks.count) * CHUNK_LEN as u64)
    }

    /// Whether this device knows the desk's state, for tests: one whose cache was lost still has to read it from the hub.
    pub fn knows_state(&self) -> bool {
        self.state().log.fold.is_known()
    }

    /// Reads the state of the generation from the hub, or of the one before while this one has none there.
    pub(crate) fn fetch_state(&self) -> Result<(), DeskError> {
        let all: Vec<(u32, Whole)> =
            self.state().saved().map(|(generation, whole)| (generation, *whole)).collect();
        let mut last = SnapshotError::Missing.into();
        for (generation, whole) in all {
            match self.read_state(generation, &whole) {
                Ok((sequence, cases)) => {
                    self.state().restore(sequence, cases)?;
                    self.tell_change();
                    return Ok(());
                }
                // An older one does as well: the entries behind it are here.
                Err(DeskError::Snapshot(error)) => last = error.into(),
                Err(other) => return Err(other),
            }
        }
        Err(last)
    }

    /// Writes the state as it is now, chunk by chunk; the desk's lock is held for each alone.
    fn write_attempt(&self) -> Result<(), DeskError> {
        let (cases, sequence) = {
            let state = self.state();
            (state.still(&state.log.fold.cases)?, state.log.fold.newest())
        };
        let (seal, generation) = self.new_seal();
        let attempt = seal.attempt();
        let mut batch: Vec<(u32, Chunk)> = Vec::with_capacity(BATCH);
        let whole = self.write_records(&cases, sequence, &seal, Padding::Filler, |index, chunk| {
            batch.push((index, chunk));
            if batch.len() == BATCH {
                self.state().cache.put_chunks(&attempt, &batch)?;
                batch.clear();
            }
            Ok(())
        })?;
        // Who reads a state as it was keeps what was erased in the journal.
        drop(cases);
        let state = self.state();
        state.cache.put_chunks(&attempt, &batch)?;
        if state.keys.keyring.generation == generation {
            state.cache.put_attempt(&Attempt { generation, whole, sent: 0 })?;
        }
        Ok(())
    }

    /// Sees whether the state would fit, with what waits for the log: erasures above all.
    fn measure_state(&self) -> Result<(), DeskError> {
        let (cases, today) = {
            let state = self.state();
            (state.still(&state.log.view)?, self.now().day())
        };
        let (seal, _) = self.new_seal();
        self.write_records(&cases, 0, &seal, Padding::None, |_, _| Ok(()))?;
        self.state().note_measured(today);
        Ok(())
    }

    fn write_records(
        &self,
        cases: &Cases,
        sequence: u64,
        seal: &ChunkSeal,
        padding: Padding,
        sink: impl FnMut(u32, Chunk) -> Result<(), DeskError>,
    ) -> Result<Whole, DeskError> {
        let mut writer = SnapshotWriter::new(seal, padding, Drawn(self), sink);
        cases.write_records(sequence, |record| writer.record(record).map_err(not_written))?;
        writer.finish().map_err(not_written)
    }

    /// Puts what the hub lacks of an attempt, reads all of it back, and has the log say that it is whole.
    fn send_attempt(&self, attempt: &Attempt) -> Result<(), DeskError> {
        let Attempt { generation, whole, sent } = *attempt;
        let id = whole.chunks.attempt;
        for index in sent..whole.chunks.count {
            let chunk = self.state().cache.chunk(&id, index)?;
            match self.client.put_chunk(generation, &id, index, &chunk) {
                Ok(()) => {}
                // The hub is done with it; the next one is another.
                Err(HubError::Conflict) => return self.state().give_up_attempt(),
                Err(HubError::Refused { code: ErrorCode::Generation }) => {
                    self.fetch_keyring()?;
                    return self.state().give_up_attempt();
                }
                Err(other) => return Err(other.into()),
            }
            if (index + 1).is_multiple_of(u32::try_from(BATCH).unwrap_or(1)) {
                self.state().cache.note_sent(&id, index + 1)?;
            }
        }
        if let Err(error) = self.check_attempt(&whole) {
            if matches!(error, DeskError::Snapshot(_)) {
                self.state().give_up_attempt()?;
            }
            return Err(error);
        }
        self.state().queue(vec![Event::whole(&whole)])
    }

    /// Looks once a day whether the hub still has the state; where it does not, it is saved anew, once a day too: a hub that
    /// only says so costs no more than that.
    fn check_state(&self, whole: &Whole) -> Result<(), DeskError> {
        if !self.hub_has(whole)? {
            self.write_attempt()?;
        }
        let today = self.now().day();
        self.state().log.checked_on = Some(today);
        Ok(())
    }

    /// By the first chunk, the last and a random one.
    fn hub_has(&self, whole: &Whole) -> Result<bool, DeskError> {
        let (id, count) = (whole.chunks.attempt, whole.chunks.count);
        let generation = self.generation();
        let drawn = Drawn(self).next_u32() % count.max(1);
        for index in [0, drawn, count.saturating_sub(1)] {
            if self.client.chunk(generation, &id, index)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a state out of the hub's chunks as another device would; in memory and on this disk it is already.
    fn check_attempt(&self, whole: &Whole) -> Result<(), DeskError> {
        let mut records = RecordReader::default();
        self.read_records(self.generation(), whole, |record| Ok(records.check(record)?))?;
        Ok(records.finish()?)
    }

    /// The state out of the hub's chunks, as it was in a generation.
    fn read_state(&self, generation: u32, whole: &Whole) -> Result<(u64, Cases), DeskError> {
        let mut state = StateReader::default();
        let mut rows = Rows { desk: self, next: self.state().free_rows(), batch: Vec::new(), bytes: 0 };
        self.read_records(generation, whole, |record| state.record(record, |case| rows.put(case).map(Some)))?;
        rows.flush()?;
        let (sequence, mut cases) = state.finish()?;
        cases.use_shelf(self.state().shelf());
        Ok((sequence, cases))
    }

    /// Passes on the records of the hub's chunks, all of which are read: nobody sees where the filler begins.
    fn read_records(
        &self,
        generation: u32,
        whole: &Whole,
        mut take: impl FnMut(&[u8]) -> Result<(), DeskError>,
    ) -> Result<(), DeskError> {
        let id = whole.chunks.attempt;
        let seal = self.seal_of(generation, whole)?;
        let mut reader = SnapshotReader::new(&seal, Padding::Filler, *whole).map_err(SnapshotError::from)?;
        for index in 0..whole.chunks.count {
            let bytes = self.client.chunk(generation, &id, index)?.ok_or(SnapshotError::Missing)?;
            let altered = callsign_protocol::snapshot::SnapshotError::from;
            let chunk = Chunk::from_bytes(&bytes).map_err(altered).map_err(SnapshotError::from)?;
            for record in reader.chunk(&chunk).map_err(SnapshotError::from)? {
                take(&record)?;
            }
        }
        Ok(reader.finish().map_err(SnapshotError::from)?)
    }

    /// Of a new attempt, in the generation at hand.
    fn new_seal(&self) -> (ChunkSeal, u32) {
        let mut state = self.state();
        let attempt = Bytes::random(&mut state.rng);
        let generation = state.keys.keyring.generation;
        (ChunkSeal::new(&state.keys.fingerprint, &state.keys.desk.log_key, generation, attempt), generation)
    }

    /// Of a snapshot of a generation.
    fn seal_of(&self, generation: u32, whole: &Whole) -> Result<ChunkSeal, DeskError> {
        let state = self.state();
        let key = state.keys.log_key(generation).ok_or(SnapshotError::Missing)?;
        Ok(ChunkSeal::new(&state.keys.fingerprint, key, generation, whole.chunks.attempt))
    }
}

fn not_written(error: WriteError<DeskError>) -> DeskError {
    match error {
        WriteError::Sink(error) => error,
        WriteError::TooLarge => SnapshotError::TooLarge.into(),
        WriteError::Record | WriteError::Sealed => SnapshotError::Incomplete.into(),
    }
}

/// Rows in which the cases of a state that comes in lie; nothing leads to them before it is whole.
struct Rows<'a> {
    desk: &'a Desk,
    next: i64,
    batch: Vec<SealedBody>,
    bytes: usize,
}

impl Rows<'_> {
    fn put(&mut self, case: &Case) -> Result<Row, DeskError> {
        let (body, row) = self.desk.state().shelve(case, self.next)?;
        self.next = self.next.saturating_add(1);
        self.bytes += body.len();
        self.batch.push(body);
        if self.bytes >= BATCH * CHUNK_LEN {
            self.flush()?;
        }
        Ok(row)
    }

    fn flush(&mut self) -> Result<(), DeskError> {
        self.desk.state().cache.put_bodies(&std::mem::take(&mut self.batch))?;
        self.bytes = 0;
        Ok(())
    }
}

/// The desk's generator, for which the lock is taken each time alone.
struct Drawn<'a>(&'a Desk);

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.state().rng.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.state().rng.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.state().rng.fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}
