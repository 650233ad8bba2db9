//! The index of a desk at work: begun from its image on the disk or anew, kept up with the cases, and written to the disk where it is
//! large.

use std::sync::{MutexGuard, PoisonError};

use callsign_protocol::{caller_keys::CallerId, encoding::Bytes, time::UnixSeconds};

use super::{SearchError, hit};
use crate::{
    Desk, DeskError,
    cases::{Case, EntryRead},
    device::DeviceState,
    keys::VaultError,
    store::{CacheError, Image, ImageFile, ImagePlace, Indexed, SearchIndex, StorageKey},
};

/// Bytes of text that one step puts into the index, about: some ten milliseconds, in which a search waits.
const STEP_BYTES: usize = 512 << 10;
/// Cases of one step, at most.
const STEP_CASES: usize = 512;
/// Cases from which on an image of the index is kept: fewer are put in anew within a second.
const IMAGE_FROM: usize = 5_000;
/// Cases that were put in since the image was written, behind which it is written again: so many are put in anew at most when the
/// desk is unlocked, which takes half a second.
const CHANGES_MAX: usize = 2_048;
/// Entries that are read behind an image under one lock.
const ENTRIES_AT_ONCE: usize = 64;

/// The index in memory, and how far it is from its image on the disk.
#[derive(Debug)]
pub(crate) struct Searching {
    /// Made when it is first needed.
    index: Option<SearchIndex>,
    /// The generation for which an image was written, or could not be.
    written_in: Option<u32>,
    /// Cases that were put in since then.
    changes: usize,
    /// Whether all of it was to be rewritten for an image: words of before a change are in none.
    is_prepared: bool,
    /// Cases from which on an image is kept.
    from: usize,
}

/// How far entries behind an image were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    UpTo(u64),
    All,
    /// Some of them are not here, or the image is none of this state's any more.
    InVain,
}

/// An image that is to be written.
struct Due {
    file: ImageFile,
    id: Bytes<16>,
    image: Image,
}

impl Default for Searching {
    fn default() -> Self {
        Self { index: None, written_in: None, changes: 0, is_prepared: false, from: IMAGE_FROM }
    }
}

impl Searching {
    /// The index, once there is one.
    pub(super) fn get(&self) -> Option<&SearchIndex> {
        self.index.as_ref()
    }

    /// Takes note that an image of a generation is written, or tried: what failed is not tried again each second.
    fn note_image(&mut self, generation: Option<u32>) {
        (self.written_in, self.changes, self.is_prepared) = (generation, 0, false);
    }
}

impl Desk {
    /// Puts all cases into the index; returns once it knows them, and once an image of it is on the disk where it is a large one.
    /// Takes seconds for some ten thousand cases where there is no image, and holds up neither pages nor beats meanwhile.
    pub fn prepare_search(&self) -> Result<(), SearchError> {
        while self.index_some()? > 0 {}
        while self.tidy_some() || self.image_some() {}
        Ok(())
    }

    /// Keeps an image of the index from so many cases on, instead of 5,000.
    pub fn keep_image_from(&self, cases: usize) {
        self.index().from = cases;
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Searching> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts some of the cases that changed into the index; their number.
    pub(in crate::desk) fn index_some(&self) -> Result<usize, SearchError> {
        // Taken first, so that what another thread took before this one is in the index before it.
        let mut searching = self.index();
        if searching.index.is_none() {
            self.begin_index(&mut searching)?;
        }
        let cases = self.state().take_unindexed()?;
        let Some(index) = searching.index.as_mut().filter(|_| !cases.is_empty()) else { return Ok(0) };
        if index.put(&cases).is_err() {
            self.state().log.unindexed.extend(cases.iter().map(|case| case.caller));
            return Err(SearchError::Memory);
        }
        searching.changes += cases.len();
        Ok(cases.len())
    }

    /// Rewrites some of the index, where words of erased cases may be in it; whether there was something to do.
    pub(in crate::desk) fn tidy_some(&self) -> bool {
        let mut searching = self.index();
        let Some(index) = searching.index.as_mut().filter(|index| index.is_untidy()) else { return false };
        // Without memory to do it, it is done when there is some.
        index.tidy().is_ok()
    }

    /// Writes an image of the index where it is time, in steps; whether there was something to do. What keeps it from being written
    /// keeps nothing else: without one the index is made anew when the desk is unlocked.
    pub(in crate::desk) fn image_some(&self) -> bool {
        let step = || {
            if !self.image_is_due() {
                return Ok(false);
            }
            {
                let mut searching = self.index();
                if !searching.is_prepared {
                    searching.is_prepared = true;
                    searching.index.iter_mut().for_each(SearchIndex::untidy);
                    return Ok(true);
                }
            }
            self.write_image().map(|()| true)
        };
        step().unwrap_or_else(|error: DeskError| {
            self.index().note_image(self.state().kept_generation());
            tracing::warn!(%error, "the search's index is not written to this disk; it is made anew when the desk is unlocked");
            false
        })
    }

    /// From its image where there is one that can be used, else with all cases still to be put in.
    fn begin_index(&self, searching: &mut Searching) -> Result<(), SearchError> {
        let generation = self.state().kept_generation();
        // Whatever is wrong with an image or its place, there is a way without it.
        if let Ok(Some(index)) = self.kept_index() {
            (searching.index, searching.written_in) = (Some(index), generation);
            return Ok(());
        }
        searching.index = Some(SearchIndex::new().map_err(|_| SearchError::Memory)?);
        self.state().log.all_changed();
        Ok(())
    }

    fn kept_index(&self) -> Result<Option<SearchIndex>, DeskError> {
        let (file, id, from) = {
            let state = self.state();
            let Some(file) = state.image_file()? else { return Ok(None) };
            let Some(id) = state.cache.image_id(file.generation())? else { return Ok(None) };
            (file, id, state.log.fold.newest())
        };
        let Some((index, place)) = file.read(&id).filter(|(_, place)| place.sequence <= from) else {
            return Ok(None);
        };
        self.state().log.unindexed.extend(place.doubtful);
        let mut after = place.sequence;
        loop {
            match self.state().changed_behind(after, file.generation())? {
                Read::UpTo(last) => after = last,
                Read::All => break,
                Read::InVain => return Ok(None),
            }
        }
        let cases = self.state().log.view.clone();
        // None unless a state came from elsewhere, which asks nobody for its entries.
        let unknown: Vec<CallerId> = cases.callers().filter(|caller| !index.knows(caller)).collect();
        let gone: Vec<CallerId> = index.known().filter(|caller| !cases.has(caller)).collect();
        self.state().log.unindexed.extend(unknown.into_iter().chain(gone));
        Ok(Some(index))
    }

    fn image_is_due(&self) -> bool {
        let searching = self.index();
        let Some(index) = searching.index.as_ref().filter(|index| index.len() >= searching.from.max(1))
        else {
            return false;
        };
        let state = self.state();
        // Behind what is to be put in first, so that little of it is doubtful.
        let is_at_rest = state.log.unindexed.is_empty() && state.log.fold.is_known() && !index.is_untidy();
        let can_be_written = state.cache.read_only().is_none();
        let generation = state.kept_generation().filter(|_| is_at_rest && can_be_written);
        let is_other = searching.written_in != generation || searching.changes >= CHANGES_MAX;
        generation.is_some() && is_other
    }

    fn write_image(&self) -> Result<(), DeskError> {
        let Some(_lock) = self.state().cache.image_lock()? else {
            // Another process writes one, which does as well.
            self.index().note_image(self.state().kept_generation());
            return Ok(());
        };
        let Some(Due { file, id, image }) = self.due_image()? else { return Ok(()) };
        file.write(&id, &image).map_err(CacheError::from)?;
        drop(image);
        Ok(self.state().cache.put_image_id(file.generation(), &id)?)
    }

    /// A copy of the index, with what is to be known of it; none where a case was erased since it was rewritten.
    fn due_image(&self) -> Result<Option<Due>, DeskError> {
        let mut searching = self.index();
        if searching.index.as_ref().is_none_or(SearchIndex::is_untidy) {
            return Ok(None);
        }
        let mut state = self.state();
        searching.note_image(state.kept_generation());
        let Some(file) = state.image_file()? else { return Ok(None) };
        let (id, place) = (state.random_id(), state.image_place()?);
        // Pages need not wait for the copy.
        drop(state);
        let image = searching.index.as_ref().and_then(|index| index.image(&place).ok());
        Ok(image.map(|image| Due { file, id, image }))
    }
}

impl DeviceState {
    /// Some of the cases that changed since the index was made, as they are now.
    fn take_unindexed(&mut self) -> Result<Vec<Indexed>, DeskError> {
        let mut taken: Vec<Indexed> = Vec::new();
        let mut bytes = 0;
        while bytes < STEP_BYTES && taken.len() < STEP_CASES {
            let Some(caller) = self.log.unindexed.first().copied() else { break };
            let case = match self.reading(|state| Ok(state.log.view.get_in_passing(&caller)?)) {
                Ok(case) => case,
                Err(error) => {
                    self.log.unindexed.extend(taken.iter().map(|taken| taken.caller));
                    return Err(error);
                }
            };
            let text = case.as_deref().map(hit::searched);
            bytes += text.as_ref().map_or(0, String::len);
            let heard = case.as_deref().and_then(Case::last_heard).unwrap_or(UnixSeconds(0));
            taken.push(Indexed { caller, heard, text });
            self.log.unindexed.remove(&caller);
        }
        Ok(taken)
    }

    /// Where an image of the index lies that goes with the state on this disk; none where that is none, or its key is destroyed.
    fn image_file(&self) -> Result<Option<ImageFile>, VaultError> {
        let Some(generation) = self.kept_generation().filter(|_| self.log.fold.is_known()) else {
            return Ok(None);
        };
        let keys = self.keys.file.load()?.storage;
        let key = keys.into_iter().find(|(of, _)| *of == generation);
        Ok(key.map(|(_, key)| self.cache.image_file(StorageKey { generation, key })))
    }

    /// What an index stands for that knows all cases but those that changed: what waits for the log may never come into it.
    fn image_place(&self) -> Result<ImagePlace, CacheError> {
        let pending = self.cache.pending()?;
        let waiting = pending.iter().filter_map(|event| event.body.about());
        let doubtful = self.log.unindexed.iter().copied().chain(waiting).collect();
        Ok(ImagePlace { sequence: self.log.fold.newest(), doubtful })
    }

    /// Notes which cases are touched by the first entries behind a place, up to which an image of a generation stands.
    fn changed_behind(&mut self, after: u64, generation: u32) -> Result<Read, DeskError> {
        if self.kept_generation() != Some(generation) || !self.log.fold.is_known() {
            return Ok(Read::InVain);
        }
        let Some(entries) = self.cache.some_of_log(after, ENTRIES_AT_ONCE)? else {
            return Ok(Read::InVain);
        };
        for (sequence, entry) in &entries {
            let header = entry.header();
            let key = self.keys.log_key(header.generation);
            let Some(key) = key else { return Ok(Read::InVain) };
            let fold = self.log.fold.version_in(header.generation, &self.keys, &self.cache)?;
            let Some(fold) = fold else { return Ok(Read::InVain) };
            let bundle = entry.open(&self.keys.fingerprint, key).ok();
            let read = EntryRead::new(*sequence, &header, fold, bundle.as_ref());
            self.log.unindexed.extend(read.events.iter().filter_map(|event| event.body.about()));
        }
        Ok(entries.last().map_or(Read::All, |(sequence, _)| Read::UpTo(*sequence)))
    }
}

#[cfg(test)]
mod tests;
