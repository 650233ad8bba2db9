//! Entries taken in: one that contradicts what was seen, or that nobody may have written, raises the alarm.

use callsign_protocol::{commit::Head, entry::Entry, time::UnixSeconds};

use super::{Alarm, CLOCKS_DIFFER_S, fold::Fold};
use crate::{
    DeskError,
    cases::{EntryRead, Event, EventBody, Origin},
    device::DeviceState,
    posting::cadence::AHEAD_S,
    store::{Before, CacheError, Keep},
};

impl DeviceState {
    /// Takes in the next entry of the log; one that contradicts what was seen raises the alarm.
    pub(crate) fn take_entry(
        &mut self,
        sequence: u64,
        entry: &Entry,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let hash = entry.hash();
        if sequence <= self.log.head.sequence {
            let same = sequence < self.log.head.sequence || hash == self.log.head.hash;
            return if same { Ok(()) } else { self.raise(Alarm::Fork) };
        }
        let header = entry.header();
        let follows = sequence == self.log.head.sequence + 1 && header.prev == self.log.head.hash;
        let (is_gap, is_first) = (sequence > self.log.head.sequence + 1, self.log.head == Head::EMPTY);
        if !follows && !is_gap {
            return self.raise(Alarm::Fork);
        }
        let head = Head { sequence, hash };
        let Some(log_key) = self.keys.log_key(header.generation).cloned() else {
            // Of before this device was admitted, or of a generation through which this process slept while another one of
            // the device worked: it has no key for them, and needs none, for a later snapshot holds what they said.
            let is_later = header.generation > self.log.fold.generation();
            let may_be_next = follows || is_first || self.log.fold.generation() != 0;
            if header.generation >= self.keys.keyring.generation || !is_later || !may_be_next {
                return self.raise(Alarm::Forged);
            }
            // This device's own restart begins with the state that it knows: what was written since by whoever had the desk
            // counts as empty.
            let goes_on = self.cache.restarted()? == Some(self.keys.keyring.generation);
            let before = if goes_on { Before::Whole } else { Before::Missing };
            self.keep_entry(&head, entry, Keep::Nothing, before)?;
            self.log.head = head;
            if !goes_on {
                self.begin_in_the_middle();
            }
            return Ok(());
        };
        let Some(signing_key) = self.keys.keyring.signing_key(&header.device, header.generation) else {
            return self.raise(Alarm::Forged);
        };
        if entry.verify(&self.keys.fingerprint, signing_key).is_err() {
            return self.raise(Alarm::Forged);
        }
        let Some(fold) = self.log.fold.version_in(header.generation, &self.keys, &self.cache)? else {
            // Folded by another version it would not be what the others see: the snapshot of a later generation tells what it said.
            self.keep_entry(&head, entry, Keep::Nothing, Before::Missing)?;
            self.log.head = head;
            self.begin_in_the_middle();
            return Ok(());
        };
        if fold > self.keys.program {
            // Kept as it came, for a program that knows this version: what this one made of it would not be what the others see.
            let before = if follows || is_first { Before::Whole } else { Before::Missing };
            self.keep_entry(&head, entry, Keep::Whole(&[]), before)?;
            self.log.head = head;
            if before == Before::Missing {
                self.begin_in_the_middle();
            }
            return Ok(());
        }
        let bundle = entry.open(&self.keys.fingerprint, &log_key).ok();
        let holds_something = bundle.as_ref().is_none_or(|bundle| !bundle.events.is_empty());
        let read = EntryRead::new(sequence, &header, fold, bundle.as_ref());
        if !follows {
            // What went before was pruned: only the beginning of a later generation may follow a gap.
            if header.generation <= self.log.fold.generation() || !Fold::begins_with(&read) {
                return self.raise(Alarm::Fork);
            }
            self.begin_in_the_middle();
        }
        if self.log.head_confirmed && header.device != self.keys.author {
            self.compare_clocks(&read.origin, now);
        }
        self.log.came_on.insert(header.device, now.day());
        self.keep_from_erasures(&read.events)?;
        // Before what waited is forgotten: another process of this device asks for it once, too.
        let waited =
            if header.device == self.keys.author { self.waiting_answers(&read)? } else { Vec::new() };
        let ids: Vec<_> = read.events.iter().map(|event| event.id).collect();
        // On disk first: what memory has passed over is never asked for again.
        let before = if follows { Before::Whole } else { Before::Missing };
        // An empty one tells by itself that its author is at work, by which claims lapse.
        let empty = (!holds_something)
            .then(|| self.cache.seal_empty(sequence, &read.origin, &mut self.rng))
            .transpose()?;
        let keep = empty.as_deref().map_or(Keep::Whole(&ids), Keep::Empty);
        self.keep_entry(&head, entry, keep, before)?;
        self.log.head = head;
        let composed = self.posting.composed.take_if(|composed| *composed == hash);
        let was_known = self.log.fold.is_known();
        self.changed(&read.events);
        if let Err(unread) = self.log.fold.take(sequence, &read) {
            return self.read_anew(unread);
        }
        if read.events.iter().any(|event| event.body.whole_snapshot().is_some()) {
            // This device's own, or another's that makes it needless.
            self.give_up_attempt()?;
        }
        // What waits comes behind what others have written, as it will in the log: all devices show one order.
        let comes_between = composed.is_none() && self.log.view_is_ahead;
        // With nothing left to wait, both are one again, and no case is in memory twice.
        let is_all = composed.is_some() && self.nothing_else_waits()?;
        if was_known && !comes_between && !is_all {
            if let Err(unread) = self.log.view.take(&read) {
                return self.read_anew(unread);
            }
            // Here an answer that can be posted no more leaves its caller waiting; turns are given as the log gives them.
            self.log.view.turn_as(&self.log.fold.cases);
        } else {
            if !was_known {
                self.log.all_changed();
            }
            self.show_anew()?;
        }
        self.bring_back_void(waited, now);
        self.count_entry()
    }

    /// Parts of answers that wait here, and came to stand in an entry.
    fn waiting_answers(&self, read: &EntryRead) -> Result<Vec<Event>, DeskError> {
        let is_answer = |event: &&Event| matches!(event.body, EventBody::AnswerQueued(_));
        let came: Vec<_> = read.events.iter().filter(is_answer).map(|event| event.id).collect();
        if came.is_empty() {
            return Ok(Vec::new());
        }
        let mut waiting = self.cache.pending()?;
        waiting.retain(|event| came.contains(&event.id));
        Ok(waiting)
    }

    /// What of them counts for nothing is given back to who wrote it: its draft went as it was taken.
    fn bring_back_void(&mut self, mut waited: Vec<Event>, now: UnixSeconds) {
        waited.retain(|event| !self.log.fold.cases.has_applied(&event.id));
        let part = |event: Event| match event.body {
            EventBody::AnswerQueued(part) => Some(part),
            _ => None,
        };
        let unsent: Vec<_> = waited.into_iter().filter_map(part).collect();
        if let Err(error) = self.keep_unsent(&unsent, now) {
            tracing::warn!(%error, "an answer without effect is not given back as a draft");
        }
    }

    /// Whether nothing waits but what somebody is doing, which says nothing of any case and waits for a beat where all else has left.
    fn nothing_else_waits(&self) -> Result<bool, DeskError> {
        Ok(match &self.cache.first_pending(2)?[..] {
            [] => true,
            [one] => matches!(one.body, EventBody::Presence(_)),
            _ => false,
        })
    }

    /// Keeps an entry on this disk. Where another process has emptied that, nothing of memory goes on from it.
    fn keep_entry(
        &mut self,
        head: &Head,
        entry: &Entry,
        keep: Keep<'_>,
        before: Before,
    ) -> Result<(), DeskError> {
        match self.cache.put_entry(head, entry, keep, before) {
            Err(error @ CacheError::Emptied) => {
                self.load_anew()?;
                Err(error.into())
            }
            kept => Ok(kept?),
        }
    }

    /// Takes note of how far another device's clock is ahead. What stood in the log when this process began is history: a device
    /// that was wrong once stops nobody for good.
    fn compare_clocks(&mut self, of: &Origin, now: UnixSeconds) {
        let is_far = of.at > now.plus(CLOCKS_DIFFER_S);
        self.log.ahead_of = is_far.then_some((of.author, of.at)).or(self.log.ahead_of);
        match of.at.since(now) {
            ahead if ahead > AHEAD_S => self.log.clocks_ahead.insert(of.author, ahead),
            _ => self.log.clocks_ahead.remove(&of.author),
        };
    }
}
