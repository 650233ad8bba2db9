//! Where a game is played: the real hub behind a tap, the real desk, callers, and one seed for all that is drawn.

use std::{sync::OnceLock, time::Duration};

use callsign_caller::{
    arrival::Arrival,
    hub_client::HubClient,
    paced::{self, Goal, Plan},
    visit::Visit,
};
use callsign_desk::{Desk, Settings, Timer};
use callsign_http::{Link, Proxies};
use callsign_protocol::{
    call::{LETTER_TEXT_MAX, Message, PART_TEXT_MAX},
    caller_keys::CallerKeys,
    encoding::{Bytes, Secret},
    identity::Fingerprint,
    letter::{Letter, Validity},
    phrase::Phrase,
    time::Clock,
    visit::Cover,
    words::Language,
};
use chacha20::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::processes::Processes;
use crate::{Seen, System, Tap, TestClock};

/// Callers of a game; a phrase is slow by intent, so they play all rounds.
pub const CALLERS: usize = 6;
/// Slots of a visit at most, and of nearly every visit here: how long one lasts is no part of the games.
pub const SLOTS: u32 = 12;
/// Slots of a visit of which somebody leaves before its end, some three minutes of them.
pub const LONG_SLOTS: u32 = 30;
/// Callers with whom a person speaks so that there are two shards, with room for chance.
const STRANGERS: usize = 160;
/// Days until they are in force, and some more.
const SHARDED_DAYS: u64 = 11;

/// A system with a tap, and what is drawn for it.
#[derive(Debug)]
pub struct Stage {
    /// Programs of their own, where a game is against such; they end before the hub does.
    pub(super) processes: Option<Processes>,
    /// Hub, clock and files.
    pub system: System,
    /// In front of the hub.
    pub tap: Tap,
    /// The desk.
    pub desk: Desk,
    timer: Timer,
    /// All that a round draws, but for pace and sealing.
    pub rng: ChaCha20Rng,
    callers: &'static [CallerKeys],
    link: Link,
}

/// Who visits, and what for.
#[derive(Debug)]
pub struct Guest {
    /// Which of the callers.
    pub caller: usize,
    /// What the visit is for.
    pub goal: Goal,
    /// Parts of the message that is written before the first slot; 0 for none.
    pub parts: u32,
    /// Slots that the visit has whatever happens.
    pub slots: u32,
}

impl Stage {
    /// A desk of this pace with empty lists; the same desk for every seed, so that callers keep their keys.
    pub fn set(seed: u64, settings: Settings) -> Self {
        Self::set_on(System::start_tapped(), seed, settings, |system| system.open_desk_that_works("desk"))
    }

    /// The same in real time, for real processes. The desk here does nothing of itself.
    pub fn set_in_real_time(seed: u64, settings: Settings) -> Self {
        let tapped = System::start_tapped_by(TestClock::of_the_machine());
        Self::set_on(tapped, seed, settings, |system| (system.open_desk("desk"), Timer::standing()))
    }

    fn set_on(
        (system, tap): (System, Tap),
        seed: u64,
        settings: Settings,
        open: impl FnOnce(&System) -> (Desk, Timer),
    ) -> Self {
        let fingerprint = system.try_init_desk("desk", settings).expect("a desk").fingerprint();
        system.reseed(seed);
        let (desk, timer) = open(&system);
        // As a desk's program does: rounds are many.
        desk.keep_state_every(256);
        desk.sync().expect("a hub");
        let link = Link::parse(&format!("{}/{}/", system.hub_url(), fingerprint.desk_id())).expect("a link");
        let rng = ChaCha20Rng::seed_from_u64(seed);
        tap.take();
        Self { processes: None, system, tap, desk, timer, rng, callers: callers(&fingerprint), link }
    }

    /// Lets the time go by that the desk's work has taken, where no request follows at once.
    pub fn spend_work(&self) {
        (self.timer.elapsed)();
    }

    /// A pace with which a visit of so many slots moves somewhere in the middle of [`SLOTS`].
    pub fn settings(visit_exchanges: u32) -> Settings {
        let cover = Cover { visit_exchanges, move_after_ms: 15_000, ..Settings::default().cover };
        Settings { drop_period_s: 1_800, cover, ..Settings::default() }
    }

    /// So many callers call and are listened to that the desk cuts its lists in two, and some days go by.
    pub fn cut_lists(&mut self) {
        let strangers: Vec<CallerKeys> = (0..STRANGERS).map(|_| self.stranger()).collect();
        for keys in &strangers {
            self.bring_cell_of(keys.clone(), true);
        }
        self.desk.sync().expect("a hub");
        for keys in &strangers {
            self.desk.open_call(&keys.id()).expect("a caller who wrote");
        }
        self.desk.flush().expect("a hub");
        for _ in 0..SHARDED_DAYS {
            self.system.clock.advance_days(1);
            self.desk.beat().expect("an honest hub");
        }
        self.tap.take();
    }

    /// The keys of somebody who was never here.
    pub fn stranger(&mut self) -> CallerKeys {
        CallerKeys::from_root(Secret::random(&mut self.rng))
    }

    /// A paced visit of one of the callers.
    pub fn visit(&mut self, guest: &Guest) -> Vec<Seen> {
        self.visit_of(self.callers[guest.caller].clone(), guest)
    }

    /// A paced visit as the command line makes it; all requests of it, and the work before each counts as time.
    pub fn visit_of(&mut self, keys: CallerKeys, guest: &Guest) -> Vec<Seen> {
        let clock = self.system.clock.clock();
        self.visit_by(keys, guest, clock)
    }

    /// A letter's text; what it takes is drawn apart from the visit's pace.
    pub fn letter(&mut self) -> Message {
        let text = "l".repeat(LETTER_TEXT_MAX);
        Message { text, ..self.message(1) }
    }

    /// A paced visit of one of the callers, who may write a letter with the keys that came.
    pub fn visit_with_letter(&mut self, guest: &Guest, letter: Option<Message>) -> Vec<Seen> {
        let (clock, keys) = (self.system.clock.clock(), self.callers[guest.caller].clone());
        self.visit_writing(keys, guest, clock, letter)
    }

    /// The same on a device with a clock of its own.
    pub fn visit_by(&mut self, keys: CallerKeys, guest: &Guest, own: Clock) -> Vec<Seen> {
        self.visit_writing(keys, guest, own, None)
    }

    fn visit_writing(
        &mut self,
        keys: CallerKeys,
        guest: &Guest,
        own: Clock,
        letter: Option<Message>,
    ) -> Vec<Seen> {
        let hub = self.client();
        let clock = self.system.clock.clone();
        let Arrival { notice, letters, .. } = hub.arrive(own()).expect("a notice");
        let mut of_letter = self.fork();
        if let Some(letter) = letter {
            let letters = letters.expect("letter keys").letters;
            let written = own().day();
            let validity = Validity { written, expires: written.plus(30) };
            let part = &letter.letter_parts().expect("a part")[0];
            Letter::seal_part(part, &keys, &letters, validity, &mut of_letter).expect("a letter");
        }
        let (mut pacing, sealing) = (self.fork(), self.fork());
        let message = (guest.parts > 0).then(|| self.message(guest.parts));
        let mut visit = Visit::new(&hub, notice, keys, own, sealing);
        self.count_openings(&visit);
        if let Some(message) = message {
            assert_eq!(message.parts().map(|parts| parts.len()), Ok(guest.parts as usize));
            visit.write(&message).expect("a message within the limits");
        }
        let plan = Plan { goal: guest.goal, slots: Some(guest.slots) };
        let wait = |gap: Duration| clock.advance_ms(u64::try_from(gap.as_millis()).unwrap_or(u64::MAX));
        // Whether a goal is reached is the visitor's business; the hub sees the requests alone.
        let _ = paced::run(&mut visit, &plan, &mut pacing, &wait, &mut || {});
        self.seen_of_visit()
    }

    /// All days read at once, as the command line does; likewise.
    pub fn read_at_once(&mut self, caller: usize) -> Vec<Seen> {
        let hub = self.client();
        let clock = self.system.clock.clone();
        let notice = hub.arrive(clock.now()).expect("a notice").notice;
        let mut visit = Visit::new(&hub, notice, self.callers[caller].clone(), clock.clock(), self.fork());
        self.count_openings(&visit);
        let wait = |gap: Duration| clock.advance_ms(u64::try_from(gap.as_millis()).unwrap_or(u64::MAX));
        let _ = visit.read_fast(&wait);
        self.seen_of_visit()
    }

    fn count_openings(&self, visit: &Visit<'_, ChaCha20Rng>) {
        let openings = visit.openings();
        self.tap.count_work(move || openings.count());
    }

    fn seen_of_visit(&self) -> Vec<Seen> {
        self.tap.count_work(|| 0);
        self.tap.take()
    }

    /// Two exchanges at once, the first with cover and the second with a call of one part or with cover.
    pub fn bring_cell(&mut self, caller: usize, is_call: bool) {
        self.bring_cell_of(self.callers[caller].clone(), is_call);
    }

    /// The same of anybody.
    pub fn bring_cell_of(&mut self, keys: CallerKeys, is_call: bool) {
        let hub = self.client();
        let notice = hub.fetch_notice(hub.pin(), self.system.clock.now()).expect("a notice");
        let sealing = self.fork();
        let message = self.message(1);
        let mut visit = Visit::new(&hub, notice, keys, self.system.clock.clock(), sealing);
        if is_call {
            visit.write(&message).expect("a message within the limits");
        }
        for _ in 0..2 {
            visit.slot().expect("an honest exchange");
        }
    }

    /// The notice that the hub shows now, for a hub that shows it later.
    pub fn notice(&self) -> Option<Vec<u8>> {
        let hub = self.client();
        hub.fetch_notice(hub.pin(), self.system.clock.now()).expect("a notice");
        self.tap.take().pop().map(|seen| seen.answer)
    }

    /// A caller's keys.
    pub fn caller(&self, caller: usize) -> &CallerKeys {
        &self.callers[caller]
    }

    /// Below `bound`; its bias is below 2⁻³².
    pub fn draw(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    /// A seed of its own for what must not move anything else.
    pub fn fork(&mut self) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(self.rng.next_u64())
    }

    /// The desk beats once in each period until `hours` have passed.
    pub fn beat_for(&self, hours: u64) {
        let period = u64::from(self.desk.settings().drop_period_s);
        for _ in 0..hours * 3_600 / period {
            self.system.clock.advance(period);
            self.desk.beat().expect("an honest hub");
            self.desk.keep_state().expect("an honest hub");
        }
    }

    fn client(&self) -> HubClient {
        HubClient::find(&self.link, Some(self.desk.fingerprint()), &Proxies::none())
            .expect("a link that names the desk")
    }

    fn message(&mut self, parts: u32) -> Message {
        let text = text_of(parts);
        let id = Bytes::random(&mut self.rng);
        Message { id, track: "field".to_owned(), language: "uk".to_owned(), text, safe_times: None }
    }
}

/// A text of so many parts.
pub fn text_of(parts: u32) -> String {
    "m".repeat(PART_TEXT_MAX * parts as usize - PART_TEXT_MAX / 2)
}

fn callers(fingerprint: &Fingerprint) -> &'static [CallerKeys] {
    static KEPT: OnceLock<(Fingerprint, Vec<CallerKeys>)> = OnceLock::new();
    let (of, callers) = KEPT.get_or_init(|| {
        let keys = |seed| {
            Phrase::generate(&mut ChaCha20Rng::seed_from_u64(seed), Language::English)
                .caller_keys(fingerprint)
        };
        (*fingerprint, (0..CALLERS as u64).map(keys).collect())
    });
    assert_eq!(of, fingerprint, "every stage has the same desk");
    callers
}
