//! What a device holds in memory: keys, both folds of the log, and what waits to be committed.

use std::{collections::BTreeSet, sync::Arc};

use callsign_protocol::{
    caller_keys::CallerId,
    commit::Head,
    encoding::{Bytes, Secret},
    entry::{Entry, EntryError, EntryHash},
    identity::Fingerprint,
    keyring::{DeskKeys, Device, DeviceId, Keyring, KeyringError, VerifiedKeyring, WrapContext, device_id},
    notice::{Notice, NoticeError, VerifiedNotice},
    signed::Envelope,
    time::{Day, UnixSeconds},
};
use rand_core::CryptoRng;

use crate::{
    DeskError,
    cases::{Act, Case, Cases, EntryRead, Event, EventBody, EventId, FOLD_VERSION, Origin, Unread},
    desk::ShownUnkept,
    hub::inbox::Inbox,
    keys::{DeviceKeyFile, DeviceKeys, Vault},
    log::{
        Alarm, Log,
        bundle::Bundle,
        state::{KeptState, Reader},
    },
    posting::cadence::Offered,
    store::{Before, Cache},
};

/// Days after its own for which an epoch's key is kept.
pub(crate) const GRACE_DAYS: u32 = 3;

/// Seconds by which the time of a fresh entry may pass this device's clock before it stops writing. A hub that keeps its own
/// date, and a device that means ill, can bring the time of the log two days ahead, and that must stop nobody.
const CLOCKS_DIFFER_S: u64 = 3 * 86_400;

/// Where a device stood when it asked the hub: what the answer is compared with, for other threads go on meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) cells_after: u64,
    pub(crate) log_after: u64,
    /// Whether it knew the desk's state.
    pub(crate) is_known: bool,
    pub(crate) head: u64,
    keyring: u64,
}

/// A device's memory. All methods are quick or touch the local cache only; none waits for the hub.
pub(crate) struct DeviceState {
    pub(crate) vault: Vault,
    /// This device, as the author of its acts.
    author: DeviceId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) cache: Cache,
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    pub(crate) keyring: Keyring,
    pub(crate) keys: DeskKeys,
    pub(crate) key_file: DeviceKeyFile,
    /// Log keys of generations that are not yet done with.
    pub(crate) former_log_keys: Vec<(u32, Secret<32>)>,
    pub(crate) notice: Option<VerifiedNotice>,
    pub(crate) head: Head,
    /// Whether the hub has shown the head in this process.
    pub(crate) head_confirmed: bool,
    /// The log alone: what may be posted is decided by it.
    pub(crate) log: Log,
    /// The state of the log on this disk.
    pub(crate) kept: KeptState,
    /// The log and what waits for a commit: what people see.
    pub(crate) view: Cases,
    /// Whether the view shows what came into it before the log said so.
    view_is_ahead: bool,
    /// Cases that changed since they were put into the search's index. Whoever makes one adds what it does not know.
    pub(crate) unindexed: BTreeSet<CallerId>,
    pub(crate) inbox: Inbox,
    /// The entry composed last, and the inbox position seen by then.
    pub(crate) composed: Option<(EntryHash, u64)>,
    /// The drop of the tick that was tried last.
    pub(crate) offered: Vec<Offered>,
    /// The day for which the hub took no drops: dummies alone try it again, for what was offered in vain has used up a place.
    pub(crate) refused_day: Option<Day>,
    /// Callers of whose drops a recovery has yet to tell the log: until then a second drop could go to an address.
    pub(crate) unsettled: BTreeSet<CallerId>,
    pub(crate) alarm: Option<Alarm>,
    /// Cells that did not open since this process began.
    pub(crate) dropped_cells: u64,
    /// Parts of calls that were not kept since this process began, because their callers had sent as much as is kept of one.
    pub(crate) crowded_out: u64,
    /// A device whose entry came fresh with a time that lies days past this device's clock: one of both clocks is wrong.
    ahead_of: Option<(DeviceId, UnixSeconds)>,
    /// Messages that were shown to a person while nothing could be kept of that.
    pub(crate) shown_unkept: ShownUnkept,
    /// The day on which the hub was last seen to have the state.
    pub(crate) checked_on: Option<Day>,
    /// The day on which the state was last seen to fit a snapshot.
    pub(crate) measured_on: Option<Day>,
}

impl DeviceState {
    /// Reads the cache of a desk that has been set up.
    pub(crate) fn load(
        vault: Vault,
        key_file: DeviceKeyFile,
        cache: Cache,
        rng: Box<dyn CryptoRng + Send>,
    ) -> Result<Self, DeskError> {
        let fingerprint = vault.fingerprint();
        let (_, envelope) = cache.document("keyring")?.ok_or(KeyringError::Absent)?;
        // Both may have run out while this device was away; they were in order when they were kept.
        let then = |envelope: &[u8]| Envelope::kept_since(envelope);
        let then_in_order = then(&envelope).map_err(KeyringError::from)?;
        let keyring = Keyring::verify(&envelope, &fingerprint, then_in_order)?.keyring;
        let own_keys = key_file.load()?;
        let keys = unwrap_keys(&vault, &own_keys, &fingerprint, &keyring)?;
        let notice = match cache.document("notice")? {
            Some((_, envelope)) => {
                let then = then(&envelope).map_err(NoticeError::from)?;
                Some(Notice::verify(&envelope, Some(&fingerprint), then)?)
            }
            None => None,
        };
        let reader = Reader {
            cache: &cache,
            fingerprint: &fingerprint,
            keyring: &keyring,
            keys: &keys,
            own: &own_keys,
            key_file: &key_file,
        };
        let (log, head, kept) = reader.read()?;
        let author = device_id(&vault.device_key().public());
        let mut state = Self {
            author,
            ahead_of: None,
            vault,
            fingerprint,
            cache,
            rng,
            keyring,
            keys,
            key_file,
            former_log_keys: own_keys.former_log,
            notice,
            head_confirmed: head == Head::EMPTY,
            head,
            view: log.cases.clone(),
            log,
            kept,
            view_is_ahead: false,
            unindexed: BTreeSet::new(),
            inbox: Inbox::default(),
            composed: None,
            offered: Vec::new(),
            refused_day: None,
            unsettled: BTreeSet::new(),
            alarm: None,
            dropped_cells: 0,
            crowded_out: 0,
            shown_unkept: ShownUnkept::new(),
            checked_on: None,
            measured_on: None,
        };
        state.keep_changes()?;
        state.reading(Self::show_anew)?;
        Ok(state)
    }

    /// Keeps events until they are in the log, all or none, and shows them at once.
    pub(crate) fn queue(&mut self, mut events: Vec<Event>) -> Result<(), DeskError> {
        events.retain(|event| !self.log.cases.has_applied(&event.id));
        if events.iter().any(|event| !Bundle::new().offer(event.clone())) {
            // One that fits no bundle would hold back all behind it for ever.
            return Err(EntryError::TooLarge.into());
        }
        if events.iter().any(|event| !event.is_readable()) {
            return Err(EntryError::Json.into());
        }
        self.cache.put_pending(&events, &mut self.rng)?;
        self.show(&events).or_else(|unread| self.read_anew(unread))
    }

    /// Reads the log from this disk, where all of it is kept, for a case lay elsewhere while it was taken in.
    fn read_anew(&mut self, unread: Unread) -> Result<(), DeskError> {
        if matches!(unread, Unread::Altered) { self.mend() } else { Err(unread.into()) }
    }

    /// Whether an event of this id is in the log.
    pub(crate) fn is_in_log(&self, id: &EventId) -> bool {
        self.log.cases.has_applied(id)
    }

    /// An event with a random id.
    pub(crate) fn event(&mut self, body: EventBody) -> Event {
        Event { id: Bytes::random(&mut self.rng), body }
    }

    /// Sixteen random bytes.
    pub(crate) fn random_id(&mut self) -> Bytes<16> {
        Bytes::random(&mut self.rng)
    }

    /// Shows what another process has put into the shared cache.
    pub(crate) fn refresh_pending(&mut self) -> Result<Vec<Event>, DeskError> {
        let pending = self.cache.pending()?;
        self.show(&pending)?;
        let posted = pending.iter().filter(|event| matches!(event.body, EventBody::DropPosted { .. }));
        self.unsettled = posted.filter_map(|event| event.body.caller().copied()).collect();
        Ok(pending)
    }

    /// Shows events before the log says so.
    fn show(&mut self, events: &[Event]) -> Result<(), Unread> {
        self.changed(events);
        let origin = self.waiting();
        for event in events {
            self.view_is_ahead |= !self.log.cases.has_applied(&event.id);
            self.view.apply(&Act { origin: &origin, event })?;
        }
        Ok(())
    }

    /// The case of a caller, as people see it.
    ///
    /// # Errors
    /// [`DeskError::NoSuchCall`]
    pub(crate) fn case(&mut self, caller: &CallerId) -> Result<Arc<Case>, DeskError> {
        self.reading(|state| Ok(state.view.get(caller)?))?.ok_or(DeskError::NoSuchCall)
    }

    /// Notes which cases must be put into the search's index anew.
    fn changed(&mut self, events: &[Event]) {
        self.unindexed.extend(events.iter().filter_map(|event| event.body.about()));
    }

    /// Notes all cases, before the view is taken from a log that was not known: those that are shown may be gone, and others
    /// may have come of which no event has told.
    pub(crate) fn all_changed(&mut self) {
        self.unindexed.extend(self.view.callers().chain(self.log.cases.callers()));
    }

    /// The origin of acts of this device that wait for the log.
    pub(crate) fn waiting(&self) -> Origin {
        waiting(self.author, &self.keyring)
    }

    /// Forgets that clocks differ, where this device's was set right or has caught up.
    pub(crate) fn compare_clocks(&mut self, now: UnixSeconds) {
        self.ahead_of = self.ahead_of.filter(|(_, at)| *at > now.plus(CLOCKS_DIFFER_S));
    }

    /// Whether this program knows the version of the fold in force.
    pub(crate) fn knows_fold(&self) -> Result<(), DeskError> {
        if self.keyring.fold > FOLD_VERSION { Err(DeskError::Outdated) } else { Ok(()) }
    }

    /// Whether this device may write into the log.
    ///
    /// # Errors
    /// An alarm; [`DeskError::Outdated`], [`DeskError::ClockDiffers`]; [`DeskError::CatchingUp`] before the state is known.
    pub(crate) fn may_write(&self) -> Result<(), DeskError> {
        if let Some(alarm) = self.alarm {
            return Err(DeskError::Alarm(alarm));
        }
        self.knows_fold()?;
        if let Some((device, _)) = self.ahead_of {
            return Err(DeskError::ClockDiffers(device));
        }
        if self.log.is_known() { Ok(()) } else { Err(DeskError::CatchingUp) }
    }

    /// Takes in the next entry of the log; one that contradicts what was seen raises the alarm.
    pub(crate) fn take_entry(
        &mut self,
        sequence: u64,
        entry: &Entry,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let hash = entry.hash();
        if sequence <= self.head.sequence {
            let same = sequence < self.head.sequence || hash == self.head.hash;
            return if same { Ok(()) } else { self.raise(Alarm::Fork) };
        }
        let header = entry.header();
        let follows = sequence == self.head.sequence + 1 && header.prev == self.head.hash;
        let (is_gap, is_first) = (sequence > self.head.sequence + 1, self.head == Head::EMPTY);
        if !follows && !is_gap {
            return self.raise(Alarm::Fork);
        }
        let head = Head { sequence, hash };
        let Some(log_key) =
            log_key(&self.keyring, &self.keys, &self.former_log_keys, header.generation).cloned()
        else {
            // Of before this device was admitted, or of a generation through which this process slept while another one of
            // the device worked: it has no key for them, and needs none, for a later snapshot holds what they said.
            let is_later = header.generation > self.log.generation();
            let may_be_next = follows || is_first || self.log.generation() != 0;
            if header.generation >= self.keyring.generation || !is_later || !may_be_next {
                return self.raise(Alarm::Forged);
            }
            self.cache.put_entry(&head, entry, None, Before::Missing)?;
            self.head = head;
            self.begin_in_the_middle();
            return Ok(());
        };
        let Some(signing_key) = self.keyring.signing_key(&header.device, header.generation) else {
            return self.raise(Alarm::Forged);
        };
        if entry.verify(&self.fingerprint, signing_key).is_err() {
            return self.raise(Alarm::Forged);
        }
        let fold = fold_of(&self.keyring, &self.log, header.generation);
        if fold > FOLD_VERSION {
            // Kept as it came, for a program that knows this version: what this one made of it would not be what the others see.
            let before = if follows || is_first { Before::Whole } else { Before::Missing };
            self.cache.put_entry(&head, entry, Some(&[]), before)?;
            self.head = head;
            return Ok(());
        }
        let bundle = entry.open(&self.fingerprint, &log_key).ok();
        let is_kept = bundle.as_ref().is_none_or(|bundle| !bundle.events.is_empty());
        let read = EntryRead::new(sequence, &header, fold, bundle.as_ref());
        if !follows {
            // What went before was pruned: only the beginning of a later generation may follow a gap.
            if header.generation <= self.log.generation() || !Log::begins_with(&read) {
                return self.raise(Alarm::Fork);
            }
            self.begin_in_the_middle();
        }
        if self.head_confirmed && header.device != self.author {
            // What stood in the log when this process began is history: a device that was wrong once stops nobody for good.
            self.ahead_of = Some((header.device, read.origin.at))
                .filter(|(_, at)| *at > now.plus(CLOCKS_DIFFER_S))
                .or(self.ahead_of);
        }
        self.keep_from_erasures(&read.events)?;
        let ids: Vec<_> = read.events.iter().map(|event| event.id).collect();
        // On disk first: what memory has passed over is never asked for again.
        let before = if follows { Before::Whole } else { Before::Missing };
        self.cache.put_entry(&head, entry, is_kept.then_some(&ids), before)?;
        self.head = head;
        let composed = self.composed.take_if(|(composed, _)| *composed == hash);
        if let Some((_, seen_to)) = composed {
            self.inbox.committed(seen_to);
        }
        let was_known = self.log.is_known();
        self.changed(&read.events);
        if let Err(unread) = self.log.take(sequence, &read) {
            return self.read_anew(unread);
        }
        if read.events.iter().any(|event| event.body.whole_snapshot().is_some()) {
            // This device's own, or another's that makes it needless.
            self.give_up_attempt()?;
        }
        // What waits comes behind what others have written, as it will in the log: all devices show one order.
        let comes_between = composed.is_none() && self.view_is_ahead;
        // With nothing left to wait, both are one again, and no case is in memory twice.
        let is_all = composed.is_some() && !self.cache.has_pending()?;
        if was_known && !comes_between && !is_all {
            if let Err(unread) = self.view.take(&read) {
                return self.read_anew(unread);
            }
        } else {
            if !was_known {
                self.all_changed();
            }
            self.show_anew()?;
        }
        if is_kept { self.count_entry() } else { Ok(()) }
    }

    /// Shows the log and what waits behind it.
    pub(crate) fn show_anew(&mut self) -> Result<(), DeskError> {
        (self.view, self.view_is_ahead) = (self.log.cases.clone(), false);
        self.refresh_pending().map(drop)
    }

    /// Where this device stands, before it asks the hub.
    pub(crate) fn standing(&self) -> Result<Standing, DeskError> {
        let kept = self.cache.document("keyring")?.map_or(0, |(serial, _)| serial);
        let is_known = self.log.is_known();
        Ok(Standing {
            is_known,
            // Cells wait at the hub until the state is known with which they are opened.
            cells_after: if is_known { self.inbox.seen_to() } else { i64::MAX.cast_unsigned() },
            // The entry seen last is asked for again until the hub has shown in this process that it still has it.
            log_after: self.head.sequence.saturating_sub(u64::from(!self.head_confirmed)),
            head: self.head.sequence,
            keyring: kept.max(self.keyring.serial),
        })
    }

    /// Takes in the hub's keyring; one that is older than what was known when it was asked for raises the alarm.
    pub(crate) fn take_keyring(
        &mut self,
        envelope: &[u8],
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let VerifiedKeyring { keyring, signer } = Keyring::verify(envelope, &self.fingerprint, now)?;
        if keyring.serial < asked.keyring {
            return self.raise(Alarm::KeyringWentBack);
        }
        if keyring.serial <= self.keyring.serial {
            // Another thread was faster.
            return Ok(());
        }
        match self.keyring.may_become(&keyring, &signer) {
            Ok(()) => {}
            Err(KeyringError::Older) => return self.raise(Alarm::KeyringWentBack),
            Err(_) => return self.raise(Alarm::KeyringForged),
        }
        let keys = unwrap_keys(&self.vault, &self.key_file.load()?, &self.fingerprint, &keyring)?;
        let (ended, ended_key) = (self.keyring.generation, self.keys.log_key.clone());
        let is_new_generation = keyring.generation > ended;
        let is_first = self.cache.document("keyring")?.is_none_or(|(kept, _)| kept < keyring.serial);
        if is_new_generation && is_first {
            // The entries that its snapshot is made of are still to be read.
            self.key_file.change(&mut self.rng, |own| own.former_log.push((ended, ended_key.clone())))?;
        }
        self.cache.put_document("keyring", keyring.serial, envelope)?;
        let own =
            self.key_file.change(&mut self.rng, |own| own.forget_wrapping_before(keyring.generation))?;
        self.former_log_keys = own.former_log;
        if is_new_generation && !self.former_log_keys.iter().any(|(of, _)| *of == ended) {
            // Another process has destroyed it: it stays in memory until this one is in step, and on no disk.
            self.former_log_keys.push((ended, ended_key));
        }
        (self.keyring, self.keys) = (keyring, keys);
        self.cache.empty_journal()?;
        Ok(())
    }

    /// Whether these are the bytes of the newest keyring that this device has seen.
    pub(crate) fn is_kept_keyring(&self, envelope: &[u8]) -> Result<bool, DeskError> {
        Ok(self.cache.document("keyring")?.is_some_and(|(_, kept)| kept == envelope))
    }

    /// Takes in the hub's notice. It may have expired while no desk was at work: the next one builds on it.
    pub(crate) fn take_notice(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        let then = Envelope::kept_since(envelope).map_err(NoticeError::from)?;
        let verified = Notice::verify(envelope, Some(&self.fingerprint), then)?;
        self.cache.put_document("notice", verified.notice.serial, envelope)?;
        self.notice = Some(verified);
        Ok(())
    }

    /// This device in the keyring.
    pub(crate) fn device(&self) -> Result<&Device, DeskError> {
        own_device(&self.vault, &self.keyring).map_err(DeskError::from)
    }

    /// Destroys what no period keeps any longer.
    pub(crate) fn forget(&mut self, today: Day) -> Result<(), DeskError> {
        let days = self.notice.as_ref().map_or(14, |notice| notice.notice.days);
        self.reading(|state| {
            for cases in [&mut state.log.cases, &mut state.view] {
                cases.forget_before(today.minus(days), today.minus(GRACE_DAYS))?;
            }
            Ok(())
        })?;
        self.keep_changes()
    }

    /// Stops all writing until a person has looked.
    pub(crate) fn raise<T>(&mut self, alarm: Alarm) -> Result<T, DeskError> {
        self.alarm = Some(alarm);
        Err(DeskError::Alarm(alarm))
    }
}

/// The origin of acts that wait for the log.
fn waiting(author: DeviceId, keyring: &Keyring) -> Origin {
    let (generation, fold) = (keyring.generation, keyring.fold);
    let (at, day) = (UnixSeconds(0), Day(0));
    Origin { author, at, day, sequence: None, generation, fold, program: FOLD_VERSION }
}

/// The version of the fold in force in a generation of the log.
pub(crate) fn fold_of(keyring: &Keyring, log: &Log, generation: u32) -> u32 {
    if generation == keyring.generation { keyring.fold } else { log.cases.fold() }
}

fn own_device<'a>(vault: &Vault, keyring: &'a Keyring) -> Result<&'a Device, KeyringError> {
    keyring.device(&device_id(&vault.device_key().public())).ok_or(KeyringError::Absent)
}

fn unwrap_keys(
    vault: &Vault,
    own: &DeviceKeys,
    fingerprint: &Fingerprint,
    keyring: &Keyring,
) -> Result<DeskKeys, KeyringError> {
    let context = WrapContext { fingerprint, generation: keyring.generation };
    let device = own_device(vault, keyring)?;
    let mut seeds = own.wrapping.iter().filter(|(of, _)| *of == keyring.generation || *of == 0);
    seeds.find_map(|(_, seed)| device.unwrap_keys(seed, context).ok()).ok_or(KeyringError::Wrapped)
}

/// The key of the entries of a generation, where this device has it.
pub(crate) fn log_key<'a>(
    keyring: &Keyring,
    keys: &'a DeskKeys,
    former: &'a [(u32, Secret<32>)],
    generation: u32,
) -> Option<&'a Secret<32>> {
    if generation == keyring.generation {
        return Some(&keys.log_key);
    }
    former.iter().find(|(of, _)| *of == generation).map(|(_, key)| key)
}
