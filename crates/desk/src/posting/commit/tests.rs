//! What a tick's drop is when its commit is refused, taken, or overtaken by another device's.

use callsign_protocol::{
    call::CallPart,
    caller_keys::{caller_id, x25519_public},
    drop::Drop,
    encoding::{Bytes, Secret},
    identity::PrivateKey,
    keyring::{Device, device_id},
    time::UnixSeconds,
};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng as _;
use tempfile::TempDir;

use super::*;
use crate::{
    Purpose, Settings,
    cases::{AnswerQueued, Doing, Event, FOLD_VERSION, Flushed, PresenceSaid, Refusal, Ticked},
    desk::of_vault,
    hub::{cells::UNHEARD_PARTS_MAX, keep_keyring, setup::first_keyring},
    keys::{DeviceKeyFile, Keys, Vault},
    model_tracks,
    store::Cache,
};

pub(crate) const NOW: UnixSeconds = UnixSeconds(20_000 * 86_400 + 600);

/// A desk with a notice, that has never met a hub.
pub(crate) fn desk(dir: &TempDir) -> DeviceState {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let identity = PrivateKey::generate(&mut rng);
    let vault = Vault {
        identity: identity.public(),
        identity_seed: Some(identity.seed()),
        signing_key: Secret::random(&mut rng),
        storage_key: Secret::random(&mut rng),
        hub: "http://127.0.0.1".to_owned(),
        name: "Desk".to_owned(),
        tracks: model_tracks(),
        settings: Settings::default(),
        purpose: Purpose::Earnest,
    };
    let key_file = DeviceKeyFile::new(dir.path(), vault.storage_key.clone());
    let cache = Cache::open(dir.path(), vault.storage_key.clone()).unwrap();
    let keyring = first_keyring(&vault, &key_file, NOW, &mut rng).unwrap();
    keep_keyring(&cache, &keyring, &vault.fingerprint()).unwrap();
    let mut state = DeviceState::load(vault, key_file, cache, Box::new(rng)).unwrap();
    state.begin_with(NOW);
    state
}

impl DeviceState {
    /// Sees what the desk was made with as if the log had begun with it.
    pub(crate) fn see_settings(&mut self, now: UnixSeconds) {
        let body = EventBody::SettingsSet(Box::new(of_vault(&self.keys.vault, now.day())));
        let event = Event { id: Bytes([0xff; 16]), body };
        for cases in [&mut self.log.fold.cases, &mut self.log.view] {
            cases.staff(&[self.keys.author]);
            cases.see(&event);
        }
    }

    fn begin_with(&mut self, now: UnixSeconds) {
        self.see_settings(now);
        let notice = self.next_notice(now).unwrap().expect("none was published");
        self.keep_notice(&notice.envelope).unwrap();
    }
}

/// A part of a call by a caller of its own.
pub(crate) fn call_of(n: u8, at: UnixSeconds, id: u8, part: u8, parts: u8) -> CallPart {
    CallPart {
        caller: x25519_public(&Secret([n; 32])),
        shard_bits: 0,
        drop_secrets: vec![(at.day().week(), Secret([8; 32]))],
        id: Bytes([id; 16]),
        part,
        parts,
        track: String::new(),
        language: "en".to_owned(),
        text: "x".repeat(2_000),
        safe_times: None,
    }
}

/// Puts a call and an answer to it into the log.
fn answer(state: &mut DeviceState, at: UnixSeconds) {
    let call = CallPart { text: "call".to_owned(), ..call_of(7, at, 9, 1, 1) };
    let caller = call.caller_id();
    let text = "answer".to_owned();
    let queued = EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer: Bytes([1; 16]),
        part: 1,
        parts: 1,
        text,
        queued: at,
        second_reader: false,
        seen: None,
    });
    let queued = state.event(queued);
    state.queue(vec![Event::message_received(Box::new(call), at), queued]).unwrap();
    let commit = state.compose(at, Pace::Beat).unwrap();
    take(state, &commit);
}

/// The hub has applied the commit.
pub(crate) fn take(state: &mut DeviceState, commit: &Commit) {
    let sequence = state.log.head.sequence + 1;
    state.take_entry(sequence, &commit.entry, NOW).unwrap();
}

#[test]
fn what_somebody_is_doing_goes_last_in_a_beat_of_the_usual_size_and_never_in_a_flush() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let call = call_of(7, NOW, 9, 1, 1);
    let caller = call.caller_id();
    state.queue(vec![Event::message_received(Box::new(call), NOW)]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    take(&mut state, &commit);
    let silent = state.compose(NOW, Pace::Beat).unwrap();
    for (doing, at) in [(Doing::Here, None), (Doing::Reading, Some(caller)), (Doing::Writing, Some(caller))] {
        state.say_presence(PresenceSaid { caller: at, doing }).unwrap();
    }
    let said = |state: &DeviceState| {
        let pending = state.cache.pending().unwrap();
        let of = |event: &Event| match event.body {
            EventBody::Presence(said) => Some(said.doing),
            _ => None,
        };
        pending.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(said(&state), [Doing::Writing], "the newest alone waits");
    assert!(!state.has_something_to_flush(NOW).unwrap(), "it causes no flush");
    state.queue(Event::opened(caller, &[Bytes([9; 16])])).unwrap();
    assert!(state.has_something_to_flush(NOW).unwrap());
    // A flush of something else leaves it behind.
    let kept = said(&state);
    let flush = state.compose(NOW, Pace::Flush).unwrap();
    let flushed = events_of(&state, &flush);
    assert!(flushed.iter().all(|body| !matches!(body, EventBody::Presence(_))));
    assert!(flushed.iter().any(|body| matches!(body, EventBody::Opened(_))));
    let beat = state.compose(NOW, Pace::Beat).unwrap();
    assert_eq!(beat.encode().len(), silent.encode().len());
    assert_eq!(said(&state), kept);
    let said_last = events_of(&state, &beat);
    assert!(matches!(said_last.last(), Some(EventBody::Presence(_))), "{said_last:?}");
    take(&mut state, &beat);
    assert_eq!(said(&state), []);
    // What was said already is not said again before it is old.
    state.say_presence(PresenceSaid { caller: Some(caller), doing: Doing::Writing }).unwrap();
    assert_eq!(said(&state), []);
    // Who wants to be seen by beats alone says nothing, also in another program of this device.
    state.cache.note_silent(true).unwrap();
    state.say_presence(PresenceSaid { caller: None, doing: Doing::Here }).unwrap();
    assert_eq!(said(&state), []);
}

/// The events of a commit.
fn events_of(state: &DeviceState, commit: &Commit) -> Vec<EventBody> {
    let read = commit.entry.open(&state.keys.fingerprint, &state.keys.desk.log_key).unwrap();
    let read = EntryRead::new(1, &commit.entry.header(), state.keys.keyring.fold, Some(&read));
    read.events.into_iter().map(|event| event.body).collect()
}

#[test]
fn a_device_that_is_nobodys_keeps_back_what_its_person_did_and_flushes_nothing_in_vain() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let call = call_of(7, NOW, 9, 1, 1);
    let caller = call.caller_id();
    state.queue(vec![Event::message_received(Box::new(call), NOW)]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    take(&mut state, &commit);
    let opened = Event::opened(caller, &[Bytes([9; 16])]);
    state.queue(opened).unwrap();
    // As if a hub had lost who was let in.
    let own = state.keys.author;
    state.log.fold.cases.unstaff(&own);
    assert!(!state.has_something_to_flush(NOW).unwrap());
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    take(&mut state, &commit);
    assert_eq!(state.cache.pending().unwrap().len(), 1, "it is kept");
    state.log.fold.cases.staff(&[own]);
    assert!(state.has_something_to_flush(NOW).unwrap());
    let commit = state.compose(NOW, Pace::Flush).unwrap();
    take(&mut state, &commit);
    assert!(state.cache.pending().unwrap().is_empty());
}

/// The drops of the next commit, which is then refused.
fn refused(state: &mut DeviceState, at: UnixSeconds) -> Vec<Drop> {
    let commit = state.compose(at, Pace::Beat).unwrap();
    commit.rest.drops.into_iter().map(|(_, drop)| drop).collect()
}

/// The event of an answer's drop in a commit.
fn posted(state: &DeviceState, commit: &Commit) -> Option<Event> {
    let bundle = commit.entry.open(&state.keys.fingerprint, &state.keys.desk.log_key).unwrap();
    let read = EntryRead::new(1, &commit.entry.header(), FOLD_VERSION, Some(&bundle));
    read.events.into_iter().find(|event| matches!(event.body, EventBody::DropPosted { .. }))
}

fn next_tick(at: UnixSeconds) -> UnixSeconds {
    at.plus(u64::from(Settings::default().drop_period_s))
}

#[test]
fn a_dummy_is_offered_again_for_its_tick_alone() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let first = refused(&mut state, NOW);
    assert_eq!(first.len(), 1);
    assert_eq!(refused(&mut state, NOW.plus(1)), first);
    assert_ne!(refused(&mut state, next_tick(NOW)), first);
}

#[test]
fn an_answer_is_offered_again_for_its_tick_and_then_at_another_place() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    answer(&mut state, NOW);
    let (tick, later) = (next_tick(NOW), next_tick(next_tick(NOW)));
    let first = refused(&mut state, tick);
    assert_eq!(first.len(), 1);
    assert_eq!(refused(&mut state, tick.plus(1)), first);
    let second = refused(&mut state, later);
    assert_ne!(second[0].address(), first[0].address());
    let commit = state.compose(later.plus(1), Pace::Beat).unwrap();
    assert_eq!(commit.rest.drops, [(0, second[0])]);
    take(&mut state, &commit);
    assert_eq!(refused(&mut state, later.plus(2)), [], "the tick has its drop");
}

#[test]
fn what_another_device_has_posted_meanwhile_is_not_offered_again() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    answer(&mut state, NOW);
    let tick = next_tick(NOW);
    let commit = state.compose(tick, Pace::Beat).unwrap();
    let by_another = posted(&state, &commit).expect("the answer is what was offered");
    state.log.fold.cases.see(&Event { id: Bytes([0xaa; 16]), body: by_another.body });
    let next = state.compose(tick, Pace::Beat).unwrap();
    assert_eq!(next.rest.drops.len(), 1);
    assert_ne!(next.rest.drops, commit.rest.drops);
    assert_eq!(posted(&state, &next), None, "a dummy");
}

pub(crate) fn received(call: CallPart, at: UnixSeconds) -> Event {
    Event::message_received(Box::new(call), at)
}

#[test]
fn an_answer_and_its_call_stand_before_a_flood() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let flood = (100..180).map(|n| received(call_of(n, NOW, n, 1, 1), NOW)).collect();
    state.queue(flood).unwrap();
    let call = call_of(7, NOW, 9, 1, 1);
    let caller = call.caller_id();
    let opened = Event::opened(caller, &[call.id]);
    let text = "answer".to_owned();
    let queued = EventBody::AnswerQueued(AnswerQueued {
        caller,
        answer: Bytes([1; 16]),
        part: 1,
        parts: 1,
        text,
        queued: NOW,
        second_reader: false,
        seen: None,
    });
    let queued = state.event(queued);
    state.queue(vec![received(call, NOW)]).unwrap();
    state.queue(opened).unwrap();
    state.queue(vec![queued]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    take(&mut state, &commit);
    let answers = state.log.fold.cases.case(&caller).items.len();
    assert_eq!(answers, 2, "the call and its answer, in the first beat");
}

#[test]
fn who_sends_much_stands_behind_those_who_send_little() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let much = (1..=8).flat_map(|id| (1..=8).map(move |part| received(call_of(50, NOW, id, part, 8), NOW)));
    state.queue(much.collect()).unwrap();
    let little = call_of(7, NOW, 9, 1, 1);
    let caller = little.caller_id();
    state.queue(vec![received(little, NOW)]).unwrap();
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    take(&mut state, &commit);
    assert!(state.log.fold.cases.has(&caller));
}

#[test]
fn who_waits_longest_has_a_turn_however_many_send_less() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let parts = (1..=3).map(|part| received(call_of(50, NOW, 1, part, 3), NOW)).collect::<Vec<_>>();
    let caller = caller_id(&x25519_public(&Secret([50; 32])));
    state.queue(parts).unwrap();
    // Three new callers a beat, of one part each.
    for beat in 0..3 {
        let flood = (0..3).map(|n| received(call_of(100 + beat * 3 + n, NOW, n, 1, 1), NOW)).collect();
        state.queue(flood).unwrap();
        let commit = state.compose(NOW.plus(u64::from(beat)), Pace::Beat).unwrap();
        take(&mut state, &commit);
    }
    let case = state.log.fold.cases.case(&caller);
    assert!(case.calls().all(crate::cases::Call::is_complete), "a part in each beat");
}

#[test]
fn of_one_stranger_so_much_is_kept_and_no_more() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let part = |n: usize| {
        let mut call = call_of(50, NOW, 0, 1, 1);
        call.id.0[..8].copy_from_slice(&n.to_be_bytes());
        received(call, NOW)
    };
    let caller = caller_id(&x25519_public(&Secret([50; 32])));
    assert!(!state.crowds_out(&part(0), &[]).unwrap());
    state.queue((0..UNHEARD_PARTS_MAX).map(part).collect()).unwrap();
    assert!(state.crowds_out(&part(UNHEARD_PARTS_MAX), &[]).unwrap() && state.inbox.crowded_out == 1);
    assert!(!state.crowds_out(&part(0), &[]).unwrap(), "a repetition is known, and no more than it was");
    // A person has turned to this caller: there is room again.
    let EventBody::MessageReceived(last) = part(UNHEARD_PARTS_MAX - 1).body else { panic!("a call") };
    state.queue(Event::opened(caller, &[last.call.id])).unwrap();
    assert!(!state.crowds_out(&part(UNHEARD_PARTS_MAX), &[]).unwrap());
}

#[test]
fn an_entry_that_nobody_can_read_stops_nobody() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let device = state.keys.device().unwrap().id;
    let header = EntryHeader { generation: 1, device, prev: state.log.head.hash, day: NOW.day() };
    // A writer's number that is no reader's.
    let events = [Event { id: Bytes([3; 16]), body: EventBody::Ticked(Ticked { tick: 1 << 53 }) }];
    assert!(!events[0].is_readable());
    let events = entry::Bundle::of(NOW, 1, &events).unwrap();
    let signing_key = state.keys.vault.device_key();
    let writer = Writer {
        fingerprint: &state.keys.fingerprint,
        log_key: &state.keys.desk.log_key,
        signing_key: &signing_key,
    };
    let entry = Entry::write(&header, &[0; 32], &events, &writer, &mut state.rng).unwrap();
    state.take_entry(1, &entry, NOW).unwrap();
    let told = |state: &DeviceState| {
        let lines = state.without_effect(NOW.day());
        lines.iter().any(|line| line.author == device && line.refusal == Refusal::Unreadable)
    };
    assert!(told(&state) && state.log.fold.cases.last_tick(UnixSeconds(u64::MAX)).is_none());
    answer(&mut state, NOW);
    assert_eq!(state.log.fold.cases.by_waiting(NOW.day()).unwrap().len(), 1, "what comes behind it is read");
    // It is still known, and still in nobody's way, when the program starts again.
    let DeviceState { keys: Keys { vault, file, .. }, cache, rng, .. } = state;
    let again = DeviceState::load(vault, file, cache, rng).unwrap();
    assert!(told(&again) && again.log.head.sequence == 2);
    assert_eq!(again.log.fold.cases.by_waiting(NOW.day()).unwrap().len(), 1);
}

#[test]
fn one_clock_that_is_hours_ahead_stops_nobodys_cadence() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let tick = NOW.plus(3 * 3_600).0;
    state.log.fold.cases.see(&Event { id: Bytes([5; 16]), body: EventBody::Ticked(Ticked { tick }) });
    let commit = state.compose(NOW, Pace::Beat).unwrap();
    assert_eq!(commit.rest.drops.len(), 1);
    take(&mut state, &commit);
    assert_eq!(refused(&mut state, NOW.plus(1)), [], "the tick has its drop");
    assert_eq!(refused(&mut state, next_tick(NOW)).len(), 1);
}

#[test]
fn what_no_reader_could_read_is_not_queued() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let event = state.event(EventBody::Ticked(Ticked { tick: u64::MAX }));
    assert!(state.queue(vec![event]).is_err());
    assert!(state.refresh_pending().unwrap().is_empty());
}

/// An empty entry of another device, on top of what is there.
fn others(state: &mut DeviceState, generation: u32, at: UnixSeconds) -> Entry {
    let signing_key = PrivateKey::from_seed(&Secret([9; 32]));
    let device = device_id(&signing_key.public());
    if state.keys.keyring.device(&device).is_none() {
        let own = state.keys.device().unwrap().clone();
        state.keys.keyring.devices.push(Device {
            id: device,
            signing_key: signing_key.public(),
            posting_slot: 1,
            ..own
        });
    }
    let header = EntryHeader { generation, device, prev: state.log.head.hash, day: at.day() };
    let writer = Writer {
        fingerprint: &state.keys.fingerprint,
        log_key: &state.keys.desk.log_key,
        signing_key: &signing_key,
    };
    let flushed = Event { id: Bytes::random(&mut state.rng), body: EventBody::Flushed(Flushed {}) };
    let bundle = entry::Bundle::of(at, FOLD_VERSION, &[flushed]).unwrap();
    Entry::write(&header, &[0; 32], &bundle, &writer, &mut state.rng).unwrap()
}

#[test]
fn a_clock_that_differs_by_days_stops_this_device_alone_and_only_for_what_comes_fresh() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    let in_a_week = NOW.plus(7 * 86_400);
    state.log.head_confirmed = false;
    let history = others(&mut state, 1, in_a_week);
    state.take_entry(1, &history, NOW).unwrap();
    assert!(state.may_write().is_ok(), "what was there when the program began stops nobody");
    state.log.head_confirmed = true;
    let tomorrow = others(&mut state, 1, NOW.plus(2 * 86_400));
    state.take_entry(2, &tomorrow, NOW).unwrap();
    assert!(state.may_write().is_ok(), "as far as a device that means ill can bring it at an honest hub");
    let fresh = others(&mut state, 1, in_a_week);
    state.take_entry(3, &fresh, NOW).unwrap();
    assert!(matches!(state.compose(NOW, Pace::Beat), Err(DeskError::ClockDiffers(_))));
    assert_eq!(state.log.head.sequence, 3, "and it is taken all the same");
    state.log.compare_clocks(in_a_week);
    assert!(state.compose(in_a_week, Pace::Beat).is_ok(), "this device's clock was set right");
}

#[test]
fn a_program_that_is_a_version_behind_keeps_what_comes_and_writes_nothing_until_it_is_updated() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    answer(&mut state, NOW);
    let (sequence, shown) = (state.log.head.sequence, format!("{:?}", state.log.view));
    state.keys.keyring.fold = FOLD_VERSION + 1;
    let later = others(&mut state, 1, NOW);
    state.take_entry(sequence + 1, &later, NOW).unwrap();
    assert_eq!((state.log.head.sequence, format!("{:?}", state.log.view)), (sequence + 1, shown));
    assert!(matches!(state.compose(NOW, Pace::Beat), Err(DeskError::Outdated)));
    assert!(matches!(state.next_generation(NOW), Err(DeskError::Outdated)));
    assert_eq!(state.cache.log(0).unwrap().0.len(), 2, "as it came");
    // The update knows the version: it folds what was kept.
    let DeviceState { keys: Keys { vault, file, .. }, cache, rng, .. } = state;
    let again = DeviceState::load(vault, file, cache, rng);
    assert_eq!(again.unwrap().log.fold.newest(), sequence + 1);
}

#[test]
fn the_version_of_a_generation_is_known_by_its_keyring_and_never_guessed() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    answer(&mut state, NOW);
    let keyring = state.keys.keyring.clone();
    let second = state.next_generation(NOW).unwrap();
    state.keys.keyring.generation = keyring.generation + 2;
    let version = |state: &DeviceState, more: u32| {
        let of = keyring.generation + more;
        state.log.fold.version_in(of, &state.keys, &state.cache).unwrap()
    };
    assert_eq!([0, 1, 2].map(|more| version(&state, more)), [Some(FOLD_VERSION); 3], "it was never raised");
    state.keys.keyring.fold = FOLD_VERSION + 1;
    let known = [0, 1, 2].map(|more| version(&state, more));
    assert_eq!(known, [Some(FOLD_VERSION), None, Some(FOLD_VERSION + 1)]);
    state.cache.put_keyring(keyring.serial + 1, &second).unwrap();
    assert_eq!(version(&state, 1), Some(FOLD_VERSION));
}

#[test]
fn an_entry_of_a_version_that_is_not_known_is_never_folded_by_another() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    answer(&mut state, NOW);
    let sequence = state.log.head.sequence;
    let (own, log_key) = (state.keys.keyring.generation, state.keys.desk.log_key.clone());
    // The keyring is two generations on, and the one between was never seen.
    state.keys.former_log = vec![(own + 1, log_key)];
    let between = others(&mut state, own + 1, NOW);
    (state.keys.keyring.generation, state.keys.keyring.fold) = (own + 2, FOLD_VERSION + 1);
    state.keys.program = FOLD_VERSION + 1;
    state.take_entry(sequence + 1, &between, NOW).unwrap();
    assert_eq!(state.log.head.sequence, sequence + 1);
    assert!(!state.log.fold.is_known() && state.log.fold.newest() == 0);
}

#[test]
fn the_custodian_raises_the_version_of_the_fold_once_every_device_knows_it() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    // As if this program were the first of a later version.
    state.keys.keyring.fold = FOLD_VERSION - 1;
    let own = state.keys.device().unwrap().id;
    assert_eq!(state.next_fold(&[own]), FOLD_VERSION - 1, "nobody has said it yet");
    answer(&mut state, NOW);
    assert_eq!(state.next_fold(&[own]), FOLD_VERSION);
    assert_eq!(state.next_fold(&[own, Bytes([7; 16])]), FOLD_VERSION - 1, "one has not");
    state.keys.vault.identity_seed = None;
    assert_eq!(state.next_fold(&[own]), FOLD_VERSION - 1, "a device without the identity raises nothing");
}

#[test]
fn a_clock_that_is_hours_ahead_is_named_until_it_is_set_right() {
    let dir = TempDir::new().unwrap();
    let mut state = desk(&dir);
    state.log.head_confirmed = true;
    let ahead = |state: &mut DeviceState, sequence, at| {
        let entry = others(state, 1, at);
        state.take_entry(sequence, &entry, NOW).unwrap();
        state.log.clocks_ahead.values().copied().collect::<Vec<_>>()
    };
    assert!(ahead(&mut state, 1, NOW.plus(60)).is_empty());
    let in_hours = NOW.plus(3 * 3_600);
    assert_eq!(ahead(&mut state, 2, in_hours), [UnixSeconds(in_hours.0 / 60 * 60).since(NOW)]);
    assert!(state.compose(NOW, Pace::Beat).is_ok(), "it stops nobody");
    assert!(ahead(&mut state, 3, NOW.plus(60)).is_empty());
}
