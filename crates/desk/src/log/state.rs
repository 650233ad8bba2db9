//! The state on this disk: read when the desk is unlocked, written when the log has gone on by so much, and made anew from the
//! log, and from what the hub keeps, where it is damaged.

use std::sync::Arc;

use callsign_protocol::{commit::Head, entry::EntryError};
use serde::{Deserialize, Serialize};

use super::fold::Fold;
use crate::{
    DeskError,
    cases::{Case, Cases, EntryRead, Origin, Row, Unread},
    device::DeviceState,
    keys::Keys,
    store::{Cache, CacheError, CaseShelf, KeptEntry, Mark, SealedBody, StateRows, StorageKey, Writing},
};

/// The version of the rows; another one is made anew.
const VERSION: u32 = 3;
/// Entries with events behind which the state is written: so many are read at most when the desk is unlocked.
const ENTRIES_MAX: usize = 256;
/// Cases in memory behind which it is written, too: some thirty milliseconds, in which a page waits.
const IN_MEMORY_MAX: usize = 128;
/// Times that a state is read while other processes write it.
const TRIES: usize = 8;

/// The state on this disk, as this process knows it.
#[derive(Debug)]
pub(crate) struct KeptState {
    /// None where there is none.
    mark: Option<Mark>,
    shelf: Arc<CaseShelf>,
    /// Entries with events since it was written.
    entries: usize,
    /// Entries with events behind which it is written.
    every: usize,
    /// Whether it is of before a gap in the log, so that nothing goes on from it.
    is_of_before: bool,
}

/// What a log is read with.
pub(crate) struct Reader<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) keys: &'a Keys,
}

/// All of a state but cases and ids, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    log: &'a Fold,
}

/// The same as it is read.
#[derive(Deserialize)]
struct Rest {
    version: u32,
    log: Fold,
}

impl Reader<'_> {
    /// The log as this disk has it, with its head.
    pub(crate) fn read(&self) -> Result<(Fold, Head, KeptState), DeskError> {
        let shelf = self.cache.shelf()?;
        let mut tries = 0..TRIES;
        loop {
            let known = self.state(&shelf)?;
            let mark = known.as_ref().map(|(mark, _)| *mark);
            let read = self.go_on(known.map(|(_, log)| log));
            // Where nothing can be written, a damaged one stays, and nobody else writes another.
            let is_newest = self.cache.read_only().is_some() || self.cache.state_mark()? == mark;
            match read {
                // Nobody has destroyed entries meanwhile that this state goes on with.
                Ok((log, head, entries)) if is_newest => {
                    let is_of_before = !log.is_known();
                    let kept = KeptState { mark, shelf, entries, every: ENTRIES_MAX, is_of_before };
                    return Ok((log, head, kept));
                }
                Err(DeskError::Unread(Unread::Altered)) if is_newest => self.forget_damaged()?,
                Err(other) if is_newest => return Err(other),
                _ => {}
            }
            if tries.next().is_none() {
                return Err(DeskError::Busy);
            }
        }
    }

    /// The state in rows; none where there is none that this program can use.
    fn state(&self, shelf: &Arc<CaseShelf>) -> Result<Option<(Mark, Fold)>, DeskError> {
        let Some(mark) = self.cache.state_mark()? else { return Ok(None) };
        // Read behind the mark: another process may have gone on to the next generation, with a key that it has just made.
        let keys = self.keys.file.load()?.storage;
        let key = keys.into_iter().find(|(of, _)| *of == mark.generation);
        let read = key.map(|(generation, key)| self.cache.read_state(&StorageKey { generation, key }));
        let rows = match read.transpose() {
            Ok(rows) => rows.flatten(),
            Err(CacheError::Damaged { .. }) if self.cache.state_mark()? != Some(mark) => {
                return self.state(shelf);
            }
            Err(CacheError::Damaged { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        let known = rows.and_then(|(mark, rows)| Some((mark, log_of(rows, shelf)?)));
        if known.as_ref().is_some_and(|(_, log)| log.cases.fold() > self.keys.program) {
            // It stays for a program that knows what is in it: nobody else may have it.
            return Err(DeskError::Outdated);
        }
        if known.is_none() {
            self.forget_damaged()?;
        }
        Ok(known)
    }

    fn forget_damaged(&self) -> Result<(), DeskError> {
        tracing::warn!("the desk's state on this disk is damaged, or of another version; it is made anew");
        if self.cache.read_only().is_none() { Ok(self.cache.forget_state()?) } else { Ok(()) }
    }

    /// The log with the entries behind a state; how many of them hold events.
    fn go_on(&self, known: Option<Fold>) -> Result<(Fold, Head, usize), DeskError> {
        let newest = known.as_ref().map_or(0, Fold::newest);
        let (entries, head, is_gap) = self.cache.log_in_one_piece(newest)?;
        // What was known before a gap is no beginning of what came behind it.
        let known = known.filter(|_| !is_gap);
        // What was passed over for want of a key is not kept: the state is still to come.
        let generation = self.keys.keyring.generation;
        // Unless this device has restarted the desk, with what it knew: nobody else has more.
        let is_to_come = self.cache.restarted()? != Some(generation);
        let passed_over = entries.is_empty() && head != Head::EMPTY && generation > 1 && is_to_come;
        let is_known = known.is_some();
        let mut log = match known {
            Some(log) => log,
            None if passed_over || is_gap => Fold::from_the_middle(),
            None => Fold::default(),
        };
        if !is_to_come {
            log.cases.note_restart(generation);
        }
        for (at, (sequence, kept)) in entries.iter().enumerate() {
            let generation = match kept {
                KeptEntry::Whole(entry) => entry.header().generation,
                KeptEntry::Empty(origin) => origin.generation,
            };
            let log_key = self.keys.log_key(generation).ok_or(EntryError::Sealed)?;
            let Some(fold) = log.version_in(generation, self.keys, self.cache)? else {
                // Folded by another version it would not be what the others see: the generation's snapshot tells.
                log = Fold::from_the_middle();
                continue;
            };
            if fold > self.keys.program {
                if at == 0 && !is_known && (*sequence > 1 || generation > 1) {
                    // What came before is no longer here: an empty desk would be shown.
                    log = Fold::from_the_middle();
                }
                break;
            }
            let read = match kept {
                KeptEntry::Whole(entry) => {
                    let bundle = entry.open(&self.keys.fingerprint, log_key).ok();
                    EntryRead::new(*sequence, &entry.header(), fold, bundle.as_ref())
                }
                KeptEntry::Empty(origin) => EntryRead::empty(Origin { fold, ..*origin }),
            };
            if at == 0 && !is_known && is_to_come && Fold::begins_with(&read) {
                log = Fold::from_the_middle();
            }
            log.take(*sequence, &read)?;
        }
        Ok((log, head, entries.len()))
    }
}

/// None where it was written in another form. Which program wrote it is all one: none folds a version that it does not know.
fn log_of(rows: StateRows, shelf: &Arc<CaseShelf>) -> Option<Fold> {
    let StateRows { rest, applied, audit, heads } = rows;
    let Rest { version, mut log } = serde_json::from_slice(&rest).ok()?;
    if version != VERSION {
        return None;
    }
    log.cases.put_applied(applied);
    for (day, lines) in audit {
        log.cases.put_audit(day, lines);
    }
    log.cases.put_rows(heads);
    log.cases.use_shelf(Arc::clone(shelf) as _);
    Some(log)
}

impl DeviceState {
    /// Counts an entry with events, and writes the state where it is time. What cannot be written is written later: the entries
    /// are kept.
    pub(crate) fn count_entry(&mut self) -> Result<(), DeskError> {
        self.log.kept.entries += 1;
        self.keep_changes()
    }

    /// Goes on where what came before is not known: the state is still to come, and the one on this disk is none of this log.
    pub(crate) fn begin_in_the_middle(&mut self) {
        self.log.fold = Fold::from_the_middle();
        self.log.kept.is_of_before = true;
    }

    /// Writes what has changed of the state, where that is much.
    pub(crate) fn keep_changes(&mut self) -> Result<(), DeskError> {
        let is_time =
            self.log.kept.entries >= self.log.kept.every || self.log.fold.cases.in_memory() >= IN_MEMORY_MAX;
        if !is_time || !self.log.fold.is_known() || self.cache.read_only().is_some() {
            return Ok(());
        }
        match self.write_state(self.log.kept.mark.is_none()) {
            Err(error @ (DeskError::Cache(_) | DeskError::Vault(_))) => {
                tracing::warn!(%error, "the desk's state is not written to this disk");
                Ok(())
            }
            written => written,
        }
    }

    /// Writes the state behind so many entries from now on, instead of 256.
    pub(crate) fn keep_every(&mut self, entries: usize) {
        self.log.kept.every = entries.max(1);
    }

    /// Writes all of the state, under the key of the generation that the log is in.
    pub(crate) fn keep_whole(&mut self) -> Result<(), DeskError> {
        self.write_state(true)
    }

    /// The generation whose key the state on this disk is sealed under.
    pub(crate) fn kept_generation(&self) -> Option<u32> {
        self.log.kept.mark.map(|mark| mark.generation)
    }

    /// Whether the state on this disk is sealed under a generation's key, and no other process has done away with it.
    pub(crate) fn has_kept(&self, generation: u32) -> Result<bool, DeskError> {
        Ok(self.kept_generation() == Some(generation) && self.cache.state_mark()? == self.log.kept.mark)
    }

    fn write_state(&mut self, is_whole: bool) -> Result<(), DeskError> {
        // Rows of before a gap are replaced, never added to.
        let is_whole = is_whole || self.log.kept.is_of_before;
        let current = self.log.fold.generation().max(1);
        let generation = if is_whole { current } else { self.kept_generation().unwrap_or(current) };
        let key = self.keys.file.storage(generation, &mut self.rng)?;
        let key = StorageKey { generation, key };
        let mut next = self.cache.next_row()?;
        let (mut bodies, mut rows) = (Vec::new(), Vec::new());
        let changed: Vec<_> = self.log.fold.cases.changed().collect();
        for (caller, number, head, case) in &changed {
            let number = number.unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            let (body, row) = SealedBody::of(case, number, &mut self.rng)?;
            bodies.push(body);
            rows.push((*caller, *head, row));
        }
        let cases = &self.log.fold.cases;
        let applied: Box<dyn Iterator<Item = _>> =
            if is_whole { Box::new(cases.applied_ids()) } else { Box::new(cases.new_ids().into_iter()) };
        let audit: Vec<_> = if is_whole { cases.audit_all().collect() } else { cases.audit_new().collect() };
        let in_rows = cases.heads().filter_map(|(caller, head, row)| Some((*caller, head, row?)));
        let in_rows = is_whole.then_some(in_rows).into_iter().flatten();
        let heads = Box::new(rows.iter().map(|(caller, head, row)| (*caller, *head, row)).chain(in_rows));
        let written = Written { version: VERSION, log: &self.log.fold };
        let rest = zeroize::Zeroizing::new(serde_json::to_vec(&written).map_err(|_| CacheError::Unsealed)?);
        let freed: Vec<i64> = self.log.fold.cases.freed().collect();
        let writing = Writing {
            follows: self.log.kept.mark,
            rest: &rest,
            applied,
            applied_from: self.log.fold.cases.applied_from(),
            audit,
            audit_from: self.log.fold.cases.audit_first(),
            heads,
            freed: &freed,
            bodies,
            is_whole,
        };
        let Some(mark) = self.cache.write_state(writing, &key, &mut self.rng)? else {
            return self.mend();
        };
        let rows: Vec<_> = rows.into_iter().map(|(caller, _, row)| (caller, row)).collect();
        self.log.fold.cases.written(rows);
        self.log.fold.cases.use_shelf(Arc::clone(&self.log.kept.shelf) as _);
        self.log.kept.shelf.forget(&freed);
        (self.log.kept.mark, self.log.kept.entries, self.log.kept.is_of_before) = (Some(mark), 0, false);
        self.show_anew()
    }

    /// Reads the log anew from this disk: another process has written the state, or it is damaged.
    pub(crate) fn mend(&mut self) -> Result<(), DeskError> {
        for _ in 0..TRIES {
            if self.cache.state_mark()? == self.log.kept.mark {
                tracing::warn!("a case on this disk is damaged; the desk's state is made anew");
                self.cache.forget_state()?;
            }
            let reader = Reader { cache: &self.cache, keys: &self.keys };
            let every = self.log.kept.every;
            (self.log.fold, self.log.head, self.log.kept) = reader.read()?;
            self.log.kept.every = every;
            self.log.all_changed();
            let shown = self.keep_offered().map_err(DeskError::from).and_then(|()| self.show_anew());
            match shown {
                Err(DeskError::Unread(Unread::Altered)) => {}
                shown => return shown,
            }
        }
        Err(DeskError::Busy)
    }

    /// Does what reads cases, and does it once more where they lay elsewhere.
    pub(crate) fn reading<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        match work(self) {
            Err(DeskError::Unread(Unread::Altered)) => {
                self.mend()?;
                work(self)
            }
            done => done,
        }
    }

    /// Numbers of rows for a state that comes in whole: anywhere, for another process may be at it too.
    pub(crate) fn free_rows(&mut self) -> i64 {
        (rand_core::Rng::next_u64(&mut self.rng) >> 2).cast_signed()
    }

    /// Seals cases of a state that comes in, from a row on.
    pub(crate) fn shelve(&mut self, case: &Case, number: i64) -> Result<(SealedBody, Row), DeskError> {
        Ok(SealedBody::of(case, number, &mut self.rng)?)
    }

    /// A state as it is now, whatever is written to this disk later.
    pub(crate) fn still(&self, cases: &Cases) -> Result<Cases, DeskError> {
        let mut still = cases.clone();
        still.use_shelf(self.cache.still_shelf()?);
        Ok(still)
    }

    /// Where cases of a state that has come in lie.
    pub(crate) fn shelf(&self) -> Arc<CaseShelf> {
        Arc::clone(&self.log.kept.shelf)
    }
}

#[cfg(test)]
mod tests;
