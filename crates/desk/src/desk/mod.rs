//! A desk at work: what operators' programs call. Every method takes the lock for moments only, never across a request to the hub.

mod acts;
mod answers;
mod audit;
mod belonging;
mod cautions;
mod checklists;
mod claims;
mod clocks;
mod closing;
mod committing;
mod content;
mod custody;
mod devices;
mod drafts;
mod filling;
mod flags;
mod flood;
mod follow_ups;
mod following;
mod giving_back;
mod handover;
mod health;
mod inviting;
mod joining;
mod notes;
mod opening;
mod pacing;
mod people;
mod presence;
mod previews;
mod recovery;
mod restart;
mod search;
mod second_reader;
mod serve;
mod settings;
mod shut_out;
mod snapshot;
mod templates;
mod transfer;
mod trouble;
mod turning_over;
mod turns;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use callsign_http::Proxies;
use callsign_protocol::{
    caller_keys::CallerId,
    identity::Fingerprint,
    notice::Track,
    time::{Clock, Day, UnixSeconds},
    words::Language,
};
use rand_core::CryptoRng;
use tokio::sync::watch;

use crate::{
    DeskError, InitOptions, Settings,
    cases::{Case, CaseErased, Cases, EventBody, FOLD_VERSION, Unread},
    device::DeviceState,
    files::private::forget_halves,
    hub::{HubClient, HubError, Receipt, forget_killed, keep_hubs_keyring, knows_desk, set_up},
    keys::{Cost, DeviceKeyFile, Vault},
    store::Cache,
};

pub use acts::WithoutEffect;
pub use answers::{AnswerKey, Answered, NewAnswer, SameWords, Shown};
pub use audit::{AuditError, AuditQuery, Audited, AuditedCase, AuditedLine};
pub use belonging::Outside;
pub use cautions::{Caution, Script, Telling, meant_brackets, telling};
pub use checklists::{CHECKLISTS_MAX, CaseList, CaseLists, ChecklistError, ElsewhereDone, Step};
pub use claims::{ClaimError, Holder};
pub use clocks::{Clocks, HubClock};
pub use closing::ClosingError;
pub use committing::FlushReport;
pub use content::{ContentFile, ContentFiles, Imported};
pub use custody::Custody;
pub use devices::{DeviceLine, Unfinished};
pub use drafts::{DRAFT_TEXT_MAX, DraftError, DraftSaved, NewDraft};
pub use flags::FlagError;
pub use flood::{Arrivals, FloodError, Sift, SiftAs, SiftingLine, Unopened};
pub use follow_ups::{DueIn, FollowUpError, NewFollowUp};
pub use following::FollowTurn;
pub use handover::HandoverError;
pub use health::Health;
use inviting::Inviting;
pub use inviting::{InviteError, Invited};
pub use joining::{Joined, Joining};
pub use notes::{KeptNote, NewNote, NoteError, Telltale, seen_as};
pub(crate) use opening::ShownUnkept;
pub use opening::Unkept;
pub use pacing::Timer;
pub(crate) use people::checked_pseudonym;
pub use people::{FIRST_PERSON, PeopleError, PersonLine, Who};
pub use presence::{AtCase, Presence};
pub use previews::{Leaves, LookedOver, Preview};
use search::Searching;
pub use search::{Found, HITS_MAX, Hit, Line, QUERY_MAX, SearchError, SearchQuery, Speaker, TERMS_MAX};
pub use second_reader::ReaderError;
pub use serve::Running;
#[cfg(test)]
pub(crate) use settings::of_vault;
pub use settings::{SettingsChange, SettingsError};
pub use shut_out::{DutyKey, Removal, ShutOut};
pub use templates::{TEMPLATES_MAX, TemplateError};
pub use transfer::{Handover, OfferAnswer, OfferLine, OfferState, TransferError};
pub use trouble::{Activity, Trouble, TroubleChange, TroubleKind, TroubleReport, as_sentence};
pub use turns::{Next, Turn, TurnError};

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
    /// The hub's time and this device's, when the hub told its time last.
    hub_told: Mutex<Option<Box<(UnixSeconds, UnixSeconds)>>>,
    /// Nothing of it is kept: a program that starts again makes another.
    invitation: Mutex<Option<Box<Inviting>>>,
    /// Held while the hub is asked about it: several pages ask, and one answer is enough.
    asking: Mutex<()>,
    changed: watch::Sender<u64>,
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
            desk.found(&options.person)?;
            desk.set_first(options, now)?;
            desk.publish_letters()?;
            let first = desk.state().next_notice(now)?;
            first.map_or(Ok(()), |first| desk.publish(&first))
        };
        publish().map_err(|error: DeskError| error.while_setting_up(dir))?;
        Ok(desk)
    }

    /// Unlocks the desk in `dir`. Works without the hub; [`Desk::sync`] reaches out.
    pub fn open(dir: &Path, passphrase: &str, ambient: Ambient) -> Result<Self, DeskError> {
        Self::unlock(dir, Vault::open(dir, passphrase)?, FOLD_VERSION, ambient)
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
        let key_file = DeviceKeyFile::new(dir, vault.storage_key.clone());
        if cache.document("keyring")?.is_none() {
            // A new device, or one whose cache was lost: all but unsent answers comes again from the hub.
            match keep_hubs_keyring(&cache, &client, &vault, &key_file) {
                Err(DeskError::Hub(HubError::NotADevice | HubError::Refused { .. }))
                    if vault.identity_seed.is_some() =>
                {
                    let is_set_up = knows_desk(&vault, &ambient.proxies)?;
                    let of = if is_set_up { DeskError::LeftOut } else { DeskError::Unfinished };
                    return Err(of(dir.to_owned()));
                }
                Err(DeskError::Hub(HubError::NotADevice)) => return Err(DeskError::NotAdmitted),
                kept => kept?,
            }
        }
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
            hub_told: Mutex::default(),
            invitation: Mutex::default(),
            asking: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Takes all that waits at the hub, then turns over what is due. Calls are taken before any key is destroyed. Where that has
    /// published another duty key, it signs what the one before had signed: no beat may follow for hours.
    pub fn sync(&self) -> Result<(), DeskError> {
        self.take_all()?;
        // Before the rotation, which needs to know whether the state fits.
        let _ = self.keep_state();
        let signer = self.state().published_key();
        self.rotate()?;
        if self.state().published_key() != signer {
            self.sign_anew()?;
        }
        if let Err(error) = self.keep_state() {
            // Nothing else waits for it, erasing least of all, which may be the way out.
            tracing::warn!(%error, "the desk's state is not saved");
        }
        Ok(())
    }

    /// The same before something is done that needs to know what is so.
    ///
    /// # Errors
    /// Those of [`Desk::sync`]; [`DeskError::NothingDone`] where the hub does not answer.
    pub fn sync_first(&self) -> Result<(), DeskError> {
        self.sync().map_err(DeskError::before_anything)
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
        let drafts = state.drafts_to(caller)?;
        state.queue_for(vec![erased], &drafts)?;
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
