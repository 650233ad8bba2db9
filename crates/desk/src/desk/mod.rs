//! A desk at work: what operators' programs call. Every method takes the lock for moments only, never across a request to the hub.

mod acts;
mod answers;
mod clocks;
mod custody;
mod devices;
mod filling;
mod follow_ups;
mod following;
mod health;
mod opening;
mod pacing;
mod recovery;
mod restart;
mod search;
mod serve;
mod settings;
mod snapshot;
mod trouble;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use callsign_http::Proxies;
use callsign_protocol::{
    caller_keys::CallerId,
    error_code::ErrorCode,
    identity::Fingerprint,
    notice::Track,
    time::{Clock, Day, UnixSeconds},
    words::Language,
};
use rand_core::CryptoRng;
use tokio::sync::watch;

use crate::{
    DeskError, InitOptions, Settings,
    cases::{Case, CaseErased, Cases, Event, EventBody, FOLD_VERSION, Unread},
    device::DeviceState,
    files::private::forget_halves,
    hub::{HubClient, HubError, Receipt, forget_killed, keep_hubs_keyring, set_up},
    keys::{Cost, DeviceKeyFile, Vault, notice::PreparedNotice},
    posting::Pace,
    store::Cache,
};

pub use acts::WithoutEffect;
pub use answers::{AnswerKey, Answered, NewAnswer, SameWords, Shown};
pub use clocks::HubClock;
pub use custody::Custody;
pub use devices::{DeviceLine, Unfinished};
pub use follow_ups::{DueIn, FollowUpError, NewFollowUp};
pub use following::FollowTurn;
pub use health::Health;
pub(crate) use opening::ShownUnkept;
pub use opening::Unkept;
pub use pacing::Timer;
use pacing::after_refusals;
use search::Searching;
pub use search::{Found, HITS_MAX, Hit, Line, QUERY_MAX, SearchError, SearchQuery, Speaker, TERMS_MAX};
pub use serve::Running;
#[cfg(test)]
pub(crate) use settings::of_vault;
pub use settings::{SettingsChange, SettingsError};
pub use trouble::{Activity, Trouble, TroubleChange, TroubleKind, TroubleReport, as_sentence};

/// Commits tried before giving up where other devices keep writing.
const TRIES: u32 = 16;
/// Notices made at most where another device was faster: what that one says may be of keys that are gone, so the next follows at once.
const NOTICE_TRIES: usize = 2;
/// Commits of one flush at most: 256 bundles are 2 MiB of events.
const FLUSH_MAX: usize = 256;

/// Clock, randomness and what is said about proxies, which the binary alone may draw from the machine.
pub struct Ambient {
    /// The machine's clock.
    pub clock: Clock,
    /// What requests are paced by.
    pub timer: Timer,
    /// A cryptographic generator.
    pub rng: Box<dyn CryptoRng + Send>,
    /// By which ways a hub may be reached.
    pub proxies: Proxies,
}

impl std::fmt::Debug for Ambient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ambient")
    }
}

/// An unlocked desk. Several threads, and several processes with one vault, may work with one desk.
pub struct Desk {
    state: Mutex<DeviceState>,
    client: HubClient,
    clock: Clock,
    timer: Timer,
    search: Mutex<Searching>,
    /// The hub's clock, where it is days from this device's.
    hub_clock: Mutex<Option<HubClock>>,
    changed: watch::Sender<u64>,
}

/// What a flush cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlushReport {
    /// Commits sent outside the beat.
    pub commits: usize,
    /// Drops posted outside the cadence.
    pub drops: usize,
}

/// What was kept up for a desk that no program serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptUp {
    /// Beats that were made.
    pub beats: u64,
    /// Whether the hub took no drops for this computer's date, as [`DeskError::DropsWait`] says.
    pub drops_wait: bool,
}

/// What one request to follow brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Cells that came, cover among them.
    pub cells: usize,
    /// Whether more may wait at the hub.
    pub more: bool,
}

impl Desk {
    /// Sets a desk up in `dir` and at the hub, and publishes its first notice.
    pub fn init(
        dir: &Path,
        passphrase: &str,
        cost: Cost,
        options: &InitOptions,
        ambient: Ambient,
    ) -> Result<Self, DeskError> {
        let now = (ambient.clock)();
        let (clock, timer) = (Arc::clone(&ambient.clock), ambient.timer.clone());
        let (state, client) = set_up(dir, passphrase, cost, options, ambient)?;
        let desk = Self::new(state, client, clock, timer);
        let publish = || {
            desk.set_first(options, now)?;
            let first = desk.state().next_notice(now)?;
            first.map_or(Ok(()), |first| desk.publish(&first))
        };
        publish().map_err(|error: DeskError| error.while_setting_up(dir))?;
        Ok(desk)
    }

    /// Unlocks the desk in `dir`. Works without the hub; [`Desk::sync`] reaches out.
    pub fn open(dir: &Path, passphrase: &str, ambient: Ambient) -> Result<Self, DeskError> {
        Self::open_at(dir, passphrase, None, ambient)
    }

    /// As [`Desk::open`], with the hub at another address than when the desk was set up.
    pub fn open_at(
        dir: &Path,
        passphrase: &str,
        hub: Option<&str>,
        ambient: Ambient,
    ) -> Result<Self, DeskError> {
        let mut vault = Vault::open(dir, passphrase)?;
        if let Some(hub) = hub {
            hub.clone_into(&mut vault.hub);
        }
        Self::unlock(dir, vault, FOLD_VERSION, ambient)
    }

    /// As [`Desk::open`], by a program that knows another version of the fold, for tests of old programs beside new ones.
    pub fn open_as(program: u32, dir: &Path, passphrase: &str, ambient: Ambient) -> Result<Self, DeskError> {
        Self::unlock(dir, Vault::open(dir, passphrase)?, program, ambient)
    }

    fn unlock(dir: &Path, vault: Vault, program: u32, ambient: Ambient) -> Result<Self, DeskError> {
        let client = HubClient::new(&vault.hub, vault.fingerprint(), vault.device_key(), &ambient.proxies)?;
        let cache = Cache::open(dir, vault.storage_key.clone())?;
        forget_killed(dir);
        forget_halves(dir);
        if cache.document("keyring")?.is_none() {
            // A new device, or one whose cache was lost: all but unsent answers comes again from the hub.
            match keep_hubs_keyring(&cache, &client, &vault.fingerprint()) {
                Err(DeskError::Hub(HubError::NotADevice | HubError::Refused { .. }))
                    if vault.identity_seed.is_some() =>
                {
                    return Err(DeskError::Unfinished(dir.to_owned()));
                }
                Err(DeskError::Hub(HubError::NotADevice)) => return Err(DeskError::NotAdmitted),
                kept => kept?,
            }
        }
        let key_file = DeviceKeyFile::new(dir, vault.storage_key.clone());
        let state = DeviceState::load_as(program, vault, key_file, cache, ambient.rng)?;
        Ok(Self::new(state, client, ambient.clock, ambient.timer))
    }

    pub(crate) fn new(state: DeviceState, client: HubClient, clock: Clock, timer: Timer) -> Self {
        Self {
            state: Mutex::new(state),
            client,
            clock,
            timer,
            search: Mutex::default(),
            hub_clock: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Takes all that waits at the hub, then turns over what is due. Calls are taken before any key is destroyed.
    pub fn sync(&self) -> Result<(), DeskError> {
        self.take_all()?;
        // Before the rotation, which needs to know whether the state fits.
        let _ = self.keep_state();
        self.rotate()?;
        if let Err(error) = self.keep_state() {
            // Nothing else waits for it, erasing least of all, which may be the way out.
            tracing::warn!(%error, "the desk's state is not saved");
        }
        Ok(())
    }

    /// The state too, where this device does not know it.
    fn take_all(&self) -> Result<(), DeskError> {
        self.follow_all()?;
        if self.state().lacks_state() {
            self.fetch_state()?;
            self.follow_all()?;
        }
        let asks = {
            let state = self.state();
            state.keys.notice.is_none() && state.log.fold.is_known()
        };
        // All of the log was read before, so that it names what another device has published.
        if asks && let Some(envelope) = self.client.notice()? {
            self.state().judge_notice(&envelope, self.now())?;
        }
        Ok(())
    }

    /// Takes in the letters that a text holds, each block by itself. What is new waits for a commit.
    pub fn receive(&self, carried: impl AsRef<[u8]>) -> Result<Receipt, DeskError> {
        let receipt = self.state().take_letters(carried.as_ref(), self.now())?;
        self.tell_change();
        Ok(receipt)
    }

    /// The regular commit of a device; also turns over what is due.
    pub fn beat(&self) -> Result<(), DeskError> {
        self.rotate()?;
        self.commit(Pace::Beat).map(|_| ())
    }

    /// The same at a time that was fixed before: what goes before it is done by then, or the beat leaves whole steps later.
    pub(crate) fn beat_at(&self, fixed: Duration) -> Result<(), DeskError> {
        self.rotate()?;
        self.commit_at(Pace::Beat, Some(fixed)).map(|_| ())
    }

    /// As [`Desk::sync`], and keeps up, without a program that serves the desk, what its beats would have: signatures of
    /// finished days, notices, keys and snapshots. Beats of the usual size, as many as the time since the last one says.
    pub fn keep_up(&self) -> Result<KeptUp, DeskError> {
        self.take_all()?;
        // Before anything is turned over, which takes beats too.
        let mut kept = KeptUp { beats: self.state().beats_missed(self.now()), drops_wait: false };
        // What stops a snapshot stops no beat; it is said at the end.
        let mut state_kept = self.keep_state();
        self.rotate()?;
        for _ in 0..kept.beats {
            match self.beat() {
                Ok(()) => kept.drops_wait = false,
                Err(DeskError::DropsWait) => kept.drops_wait = true,
                Err(other) => return Err(other),
            }
            state_kept = self.keep_state();
        }
        state_kept.map(|()| kept)
    }

    /// Commits all that waits, at once. The hub sees when that happens.
    pub fn flush(&self) -> Result<FlushReport, DeskError> {
        let mut report = FlushReport::default();
        while report.commits < FLUSH_MAX && self.state().has_something_to_flush(self.now())? {
            report.drops += self.commit(Pace::Flush)?;
            report.commits += 1;
        }
        Ok(report)
    }

    /// Looks at the cases, on the day that it is; twice where some of them lay elsewhere at first.
    ///
    /// # Errors
    /// [`DeskError::Unread`], [`DeskError::Cache`]: the device's files cannot be read.
    pub fn with_cases<R>(&self, look: impl Fn(&Cases) -> Result<R, Unread>) -> Result<R, DeskError> {
        let today = self.now().day();
        self.state().reading(|state| {
            state.log.view.turn_to(today)?;
            Ok(look(&state.log.view)?)
        })
    }

    /// The case of a caller.
    ///
    /// # Errors
    /// [`DeskError::NoSuchCall`]; those of [`Desk::with_cases`].
    pub fn case(&self, caller: &CallerId) -> Result<Arc<Case>, DeskError> {
        self.state().case(caller)
    }

    /// How a caller is named in English: the call sign, with a mark where another caller shares it.
    pub fn call_sign(&self, caller: &CallerId) -> String {
        self.state().log.view.name(caller, Language::English)
    }

    /// The one caller that an operator means.
    pub fn find(&self, call_sign: &str) -> Result<CallerId, DeskError> {
        self.state().log.view.find(call_sign)
    }

    /// Erases a case: nothing of it is kept once the generation that follows has its snapshot, seven days from now at most.
    pub fn erase(&self, caller: &CallerId) -> Result<(), DeskError> {
        let mut state = self.state();
        if !state.log.view.has(caller) {
            return Err(DeskError::NoSuchCall);
        }
        let erased = state.event(EventBody::CaseErased(CaseErased { caller: *caller }));
        state.queue(vec![erased])?;
        self.tell_change();
        Ok(())
    }

    /// The day from which neither desk nor hub can open what is erased now, where the desk's devices are at work on it: the next
    /// generation's snapshot leaves it out, and the key of the entries before that is destroyed minutes later.
    pub fn erased_for_good(&self) -> Day {
        self.state().next_generation_begins(self.now().day())
    }

    /// Why the desk's files can only be read, where that is so, in a sentence.
    pub fn read_only(&self) -> Option<String> {
        self.state().cache.read_only().map(ToString::to_string)
    }

    /// The desk's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.state().keys.vault.fingerprint()
    }

    /// The desk's name as callers see it.
    pub fn name(&self) -> String {
        self.state().name()
    }

    /// What calls may be about.
    pub fn tracks(&self) -> Vec<Track> {
        self.state().tracks()
    }

    /// The desk's pace.
    pub fn settings(&self) -> Settings {
        self.state().keys.vault.settings
    }

    /// Seconds between two drops of one shard today: how often an answer that waits has its turn.
    pub fn shard_period_s(&self) -> u32 {
        let state = self.state();
        let planned = state.plan_on(self.now().day()).map(|entry| entry.shard_period_s());
        planned.unwrap_or(state.keys.vault.settings.drop_period_s)
    }

    /// The hub's address.
    pub fn hub(&self) -> String {
        self.state().keys.vault.hub.clone()
    }

    /// The time by the desk's clock.
    pub fn now(&self) -> UnixSeconds {
        (self.clock)()
    }

    /// Counts changes of what people see.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Turns keys and notice over where today needs it, and forgets what no period keeps.
    pub(crate) fn rotate(&self) -> Result<(), DeskError> {
        self.state().knows_fold()?;
        if !self.state().is_borne_out() {
            // The log is still to come.
            return Ok(());
        }
        let mut next = self.state().next_keyring(self.now())?;
        if next.is_some() && self.shows_its_day()? {
            next = self.state().next_keyring(self.now())?;
        }
        if let Some(envelope) = next {
            match self.put_keyring(&envelope) {
                Err(DeskError::Hub(HubError::Conflict)) => self.fetch_keyring()?,
                put => put?,
            }
        }
        self.state().settle_generation()?;
        self.plan_on_from_here()?;
        for _ in 0..NOTICE_TRIES {
            if self.state().notice_was_refused(self.now()) {
                break;
            }
            let Some(next) = self.state().next_notice(self.now())? else { break };
            self.publish(&next)?;
        }
        self.state().forget(self.now().day())
    }

    /// Puts a beat of today into the log where that has none yet, before keys are turned over for today: the hub refuses one of a
    /// day that has not come, and a clock that is wrong would destroy keys that are needed. It carries no drops, for the key that
    /// they are sealed under may be about to change. Whether it did.
    pub(crate) fn shows_its_day(&self) -> Result<bool, DeskError> {
        let is_shown = {
            let state = self.state();
            state.log.fold.cases.time().day() >= self.now().day() || state.may_write().is_err()
        };
        if !is_shown {
            self.commit(Pace::BeatWithoutDrops)?;
        }
        Ok(!is_shown)
    }

    /// Publishes a notice once its hash is in the log: a call sealed under it can then be opened by every device.
    fn publish(&self, prepared: &PreparedNotice) -> Result<(), DeskError> {
        self.put_in_log(&prepared.event)?;
        match self.client.put_notice(&prepared.envelope) {
            Ok(()) => self.state().keep_notice(&prepared.envelope),
            Err(HubError::Conflict) => {
                let theirs = self.client.notice()?;
                // What another device has published was in its log before.
                self.follow_all()?;
                self.state().judge_later_notice(theirs.as_deref(), self.now())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Returns once an event is in the log.
    ///
    /// # Errors
    /// [`DeskError::WithoutEffect`] where it stands there and counts for nothing.
    pub(crate) fn put_in_log(&self, event: &Event) -> Result<(), DeskError> {
        self.state().queue(vec![event.clone()])?;
        for _ in 0..TRIES {
            if self.state().is_in_log(&event.id)? {
                return Ok(());
            }
            match self.commit(Pace::Beat) {
                Ok(_) | Err(DeskError::DropsWait) => {}
                Err(other) => return Err(other),
            }
            let state = self.state();
            if !state.is_in_log(&event.id) && !state.cache.pending()?.iter().any(|one| one.id == event.id) {
                // It stands there without effect.
                return Err(DeskError::Busy);
            }
        }
        if self.state().is_in_log(&event.id)? { Ok(()) } else { Err(DeskError::Busy) }
    }

    /// Publishes a keyring and works under it.
    pub(crate) fn put_keyring(&self, envelope: &[u8]) -> Result<(), DeskError> {
        let asked = self.state().standing()?;
        if !self.state().is_borne_out() {
            return Err(DeskError::CatchingUp);
        }
        self.client.put_keyring(envelope)?;
        let mut state = self.state();
        state.take_keyring(envelope, &asked, self.now())?;
        state.bear_out_own(envelope)
    }

    pub(crate) fn fetch_keyring(&self) -> Result<(), DeskError> {
        let asked = self.state().standing()?;
        match self.client.keyring()? {
            Some(envelope) => self.state().take_keyring(&envelope, &asked, self.now())?,
            None => return Err(DeskError::Busy),
        }
        // What bears it out.
        self.follow_all()
    }

    /// One commit on top of the log, made anew as often as another device was faster; the number of its drops. Where the hub
    /// has another date and takes no drops for this one, what waits for the log goes without them: no call may wait for a
    /// clock.
    fn commit(&self, pace: Pace) -> Result<usize, DeskError> {
        self.commit_at(pace, None)
    }

    /// The same, where the first attempt does not leave before a time.
    fn commit_at(&self, pace: Pace, mut fixed: Option<Duration>) -> Result<usize, DeskError> {
        let mut taken = pace;
        for refused in 1..=TRIES {
            let commit = self.state().reading(|state| state.compose(self.now(), taken))?;
            if let Some(fixed) = fixed.take() {
                self.timer.wait_until(fixed);
            }
            let drops = commit.rest.drops.len();
            let answer = match self.client.commit(&commit) {
                // The answer may have been lost: the same bytes again do no harm.
                Err(HubError::Away(..) | HubError::Lost(..)) => self.client.commit(&commit),
                other => other,
            };
            let next = self.timer.elapsed() + after_refusals(refused);
            match answer {
                Ok(head) => {
                    if head.hash == commit.entry.hash() {
                        self.state().take_entry(head.sequence, &commit.entry, self.now())?;
                        self.tell_change();
                    } else {
                        // Applied, and others have written since.
                        self.follow_all()?;
                    }
                    if drops > 0 {
                        self.state().posting.refused_day = None;
                    }
                    return if taken == pace { Ok(drops) } else { Err(DeskError::DropsWait) };
                }
                Err(HubError::Conflict) => self.follow_all()?,
                // Another device has begun a generation.
                Err(HubError::Refused { code: ErrorCode::Generation }) => self.fetch_keyring()?,
                Err(HubError::Refused { code: ErrorCode::DayRefused }) if drops > 0 => {
                    self.state().posting.refused_day = Some(commit.entry.header().day);
                    taken = Pace::BeatWithoutDrops;
                }
                // What was put has gone since; the next attempt is another.
                Err(HubError::Refused { code: ErrorCode::SnapshotRefused }) => {
                    self.state().give_up_attempt()?;
                }
                Err(other) => return Err(other.into()),
            }
            // What was done about it meanwhile shows no more than a beat's own work does.
            fixed = Some(next);
        }
        Err(DeskError::Busy)
    }

    /// Its parts, where nobody else works with it any more.
    pub(crate) fn into_parts(self) -> (DeviceState, HubClient, Clock, Timer) {
        (self.state.into_inner().unwrap_or_else(PoisonError::into_inner), self.client, self.clock, self.timer)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, DeviceState> {
        // A panic elsewhere must not lock operators out; every change of the state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell_change(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}
