//! A caller's mailbox: recognises the caller's drops among all others, opens them, and puts answers together.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use callsign_protocol::{
    caller_keys::CallerKeys,
    drop::{Address, Drop, DropPayload, PER_DAY, POSTING_SLOTS, Place},
    encoding::Bytes,
    notice::VerifiedNotice,
    time::{Day, Minute},
};
use serde::Serialize;

/// Drops under one address that are tried at most. The desk posts one; whoever knows the address can list others.
const CANDIDATES_MAX: usize = 4;

/// What was found so far for one phrase. Only looking things up on this device tells it from anybody else's.
///
/// To recognise an address takes no time; to open a drop takes some, which nobody else spends. So the two are apart, and
/// nothing is to be opened between two requests.
#[derive(Clone, Debug)]
pub struct Mailbox {
    caller: CallerKeys,
    /// The addresses of the day that was looked at last; a walk goes day by day.
    addresses: Option<(Day, HashMap<Address, Place>)>,
    /// By running number; the first that came with a number counts.
    found: BTreeMap<u32, (Day, DropPayload)>,
    /// What came under each of the caller's addresses.
    places: BTreeMap<(Day, u8, u8), Candidates>,
    openings: Openings,
}

/// How many drops were tried so far: work that nobody has but their addressee. All clones are one count, so that it can be
/// looked at while a visit runs.
#[derive(Clone, Debug, Default)]
pub struct Openings(Arc<AtomicU64>);

/// What came under one address: in the end the desk's drop, or what is not to be opened yet, or forged.
#[derive(Clone, Debug, Default)]
struct Candidates {
    is_opened: bool,
    /// Each with the hash of the notice under which it was tried last, and in vain.
    drops: Vec<(Drop, Option<[u8; 32]>)>,
}

/// An answer, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedAnswer {
    /// The text, byte for byte as the desk wrote it.
    pub text: String,
    /// The day of its last part.
    pub day: Day,
}

/// All that a mailbox has to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Whole answers, in the desk's order.
    pub answers: Vec<ReceivedAnswer>,
    /// Messages that a person has opened, in that order.
    pub opened: Vec<Bytes<16>>,
    /// Drops that must exist and did not come: gaps in the running numbers. 0 while not everything has been read.
    pub withheld: u32,
    /// Answers of which parts are missing: not posted yet, no longer listed, or withheld.
    pub incomplete: u32,
    /// Whether all that was listed has been read.
    pub complete: bool,
    /// Finished days whose list is the one that the desk signed.
    pub confirmed: Vec<Day>,
    /// Finished days whose list the hub shows without the desk's signature.
    pub unconfirmed: Vec<Day>,
    /// Days of which the hub shows another list than the desk signed.
    pub contradicted: Vec<Day>,
    /// Day and minute in which the desk was last at work, as it has signed.
    #[serde(skip)]
    pub desk_seen: Option<(Day, Minute)>,
    /// Whether the newest of what the desk has posted is here, as far as its signatures tell.
    pub lists_current: bool,
    /// Whether there are lists of which the hub does not show that they are current.
    #[serde(skip)]
    pub lists_in_doubt: bool,
}

/// The parts of one answer that are here.
struct Assembly<'a> {
    parts: u8,
    texts: BTreeMap<u8, &'a str>,
    day: Day,
}

impl Mailbox {
    /// The empty mailbox of a phrase.
    pub fn new(caller: CallerKeys) -> Self {
        let (found, places) = (BTreeMap::new(), BTreeMap::new());
        Self { caller, addresses: None, found, places, openings: Openings::default() }
    }

    /// Keeps those drops of a day that lie under the caller's addresses, four at most for each; opens none.
    pub fn take(&mut self, day: Day, drops: &[Drop]) {
        for drop in drops {
            let Some(place) = self.place(day, &drop.address()) else { continue };
            let Candidates { is_opened, drops } =
                self.places.entry((day, place.slot, place.index)).or_default();
            let is_new = !*is_opened && drops.iter().all(|(known, _)| known != drop);
            if is_new && drops.len() < CANDIDATES_MAX {
                drops.push((*drop, None));
            }
        }
    }

    /// Tries what was not tried yet under this notice. Forged drops and repeated numbers are skipped.
    pub fn open(&mut self, desk: &VerifiedNotice) {
        for ((day, slot, index), at) in &mut self.places {
            let place = Place { day: *day, slot: *slot, index: *index };
            for (drop, tried) in &mut at.drops {
                if at.is_opened || tried.replace(desk.hash) == Some(desk.hash) {
                    continue;
                }
                self.openings.0.fetch_add(1, Ordering::SeqCst);
                let mut keys = desk.answer_keys(*day);
                let opened =
                    keys.find_map(|key| drop.open(&place, &self.caller, &desk.fingerprint, key).ok());
                // Anybody can list bytes under this address; what does not open is nobody's word.
                let Some(payload) = opened else { continue };
                at.is_opened = true;
                self.found.entry(payload.number).or_insert((*day, payload));
            }
            if at.is_opened {
                at.drops.clear();
            }
        }
    }

    /// What opening has cost.
    pub fn openings(&self) -> Openings {
        self.openings.clone()
    }

    /// What is here so far; `complete` says whether all that was listed has been read.
    pub fn reading(&self, complete: bool) -> Reading {
        let (answers, incomplete) = self.answers();
        let mut opened = Vec::new();
        for id in self.found.values().flat_map(|(_, payload)| &payload.opened) {
            if !opened.contains(id) {
                opened.push(*id);
            }
        }
        let withheld = if complete { self.gaps() } else { 0 };
        Reading { answers, opened, withheld, incomplete, complete, ..Reading::default() }
    }

    fn place(&mut self, day: Day, address: &Address) -> Option<Place> {
        if self.addresses.as_ref().is_none_or(|(known, _)| *known != day) {
            self.addresses = Some((day, addresses(&self.caller, day)));
        }
        self.addresses.as_ref().and_then(|(_, table)| table.get(address)).copied()
    }

    /// Whole answers in the order of their first numbers, and how many are not whole.
    fn answers(&self) -> (Vec<ReceivedAnswer>, u32) {
        let mut order = Vec::new();
        let mut assemblies: HashMap<Bytes<16>, Assembly<'_>> = HashMap::new();
        for (day, payload) in self.found.values() {
            let Some(part) = &payload.answer else { continue };
            let assembly = assemblies.entry(part.id).or_insert_with(|| {
                order.push(part.id);
                Assembly { parts: part.parts, texts: BTreeMap::new(), day: *day }
            });
            if part.parts == assembly.parts {
                assembly.texts.entry(part.part).or_insert(&part.text);
                assembly.day = assembly.day.max(*day);
            }
        }
        let mut incomplete = 0;
        let mut answers = Vec::new();
        for assembly in order.iter().filter_map(|id| assemblies.get(id)) {
            if assembly.texts.len() == usize::from(assembly.parts) {
                let text = assembly.texts.values().copied().collect();
                answers.push(ReceivedAnswer { text, day: assembly.day });
            } else {
                incomplete += 1;
            }
        }
        (answers, incomplete)
    }

    /// Numbers left out between the lowest and the highest that came. Lower ones may have left the lists by age.
    fn gaps(&self) -> u32 {
        let (Some((first, _)), Some((last, _))) = (self.found.first_key_value(), self.found.last_key_value())
        else {
            return 0;
        };
        let between = u32::try_from(self.found.len() - 1).unwrap_or(u32::MAX);
        (last - first).saturating_sub(between)
    }
}

impl Openings {
    /// Drops that were tried.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// All places at which the desk may have put a drop for this caller on `day`.
fn addresses(caller: &CallerKeys, day: Day) -> HashMap<Address, Place> {
    let secret = caller.drop_secret(day.week());
    let slots = (0..POSTING_SLOTS).flat_map(|slot| (0..PER_DAY).map(move |index| (slot, index)));
    let places = slots.map(|(slot, index)| Place { day, slot, index });
    places.map(|place| (place.address(&secret), place)).collect()
}
