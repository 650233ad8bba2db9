//! What the hub was given, opened with the keys of all callers: no place twice, no number twice, no part twice.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{
    caller_keys::CallerKeys,
    commit::Commit,
    drop::{Address, Drop, DropPayload, PER_DAY, POSTING_SLOTS, Place},
    encoding::Bytes,
    entry::EntryHash,
    identity::Fingerprint,
    keyring::Keyring,
    notice::{Notice, VerifiedNotice},
    signed::Envelope,
    time::Day,
};

use super::{Failure, hub::Passed};

/// Days, today included, for which drops are listed.
pub(super) const LISTED_DAYS: u32 = 14;

#[derive(Default)]
pub(super) struct Audit {
    entries: BTreeSet<EntryHash>,
    addresses: BTreeSet<Address>,
    notice: Option<VerifiedNotice>,
    generation: u32,
    fold: u32,
    /// Where the drops of each caller may be, by day.
    places: BTreeMap<Day, BTreeMap<Address, (usize, Place)>>,
    /// What each caller was sent, in that order.
    sent: BTreeMap<usize, Vec<(Day, DropPayload)>>,
}

/// An answer as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Posted {
    pub(super) text: String,
    parts: usize,
    of: usize,
    pub(super) first_day: Option<Day>,
}

impl Audit {
    /// Takes in what has passed; `callers` are all there are.
    pub(super) fn take(
        &mut self,
        passed: &[Passed],
        desk: &Fingerprint,
        callers: &[CallerKeys],
    ) -> Result<(), Failure> {
        for Passed { method, path, body, .. } in passed.iter().filter(|passed| passed.status < 300) {
            match (method.as_str(), path.as_str()) {
                ("PUT", "v1/notice") => {
                    let then = Envelope::kept_since(body).expect("the hub has checked it");
                    self.notice =
                        Some(Notice::verify(body, Some(desk), then).expect("the hub has checked it"));
                }
                ("PUT", "v1/keyring") => {
                    let then = Envelope::kept_since(body).expect("the hub has checked it");
                    let keyring = Keyring::verify(body, desk, then).expect("the hub has checked it").keyring;
                    (self.generation, self.fold) = (keyring.generation, keyring.fold);
                }
                ("POST", "v1/commit") => {
                    let commit = Commit::decode(body).expect("the hub has read it");
                    if self.entries.insert(commit.entry.hash()) {
                        for (_, drop) in &commit.rest.drops {
                            self.take_drop(commit.day(), drop, desk, callers)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The generation of the hub's keyring.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// The version of the fold that it names.
    pub(super) fn fold(&self) -> u32 {
        self.fold
    }

    /// What a caller was sent, answer by answer, in the order of their first parts.
    pub(super) fn answers(&self, caller: usize) -> Vec<Posted> {
        let mut order: Vec<(Bytes<16>, Posted)> = Vec::new();
        for (day, payload) in self.sent.get(&caller).into_iter().flatten() {
            let Some(part) = &payload.answer else { continue };
            let at = order.iter().position(|(id, _)| *id == part.id).unwrap_or_else(|| {
                order.push((part.id, Posted::default()));
                order.len() - 1
            });
            let posted = &mut order[at].1;
            posted.text.push_str(&part.text);
            posted.parts += 1;
            posted.of = usize::from(part.parts);
            posted.first_day.get_or_insert(*day);
        }
        order.into_iter().map(|(_, posted)| posted).filter(|posted| posted.parts == posted.of).collect()
    }

    /// Messages of which a caller was told that they were opened.
    pub(super) fn told_opened(&self, caller: usize) -> BTreeSet<Bytes<16>> {
        let sent = self.sent.get(&caller).into_iter().flatten();
        sent.flat_map(|(_, payload)| payload.opened.iter().copied()).collect()
    }

    fn take_drop(
        &mut self,
        day: Day,
        drop: &Drop,
        desk: &Fingerprint,
        callers: &[CallerKeys],
    ) -> Result<(), Failure> {
        if !self.addresses.insert(drop.address()) {
            return Err(Failure::new("two drops have one address", &day));
        }
        let places = self.places.entry(day).or_insert_with(|| places(day, callers));
        let Some((caller, place)) = places.get(&drop.address()).copied() else { return Ok(()) };
        let keys = self.notice.iter().flat_map(|notice| notice.answer_keys(day));
        let opened = keys.into_iter().find_map(|key| drop.open(&place, &callers[caller], desk, key).ok());
        let Some(payload) = opened else {
            return Err(Failure::new("a caller cannot open a drop", &(caller, place)));
        };
        let sent = self.sent.entry(caller).or_default();
        if let Some((last_day, last)) = sent.last() {
            // Behind an erasure they begin anew where nothing that was sent before is listed.
            let is_forgotten = payload.number == 1 && last_day.plus(LISTED_DAYS) <= day;
            if payload.number != last.number + 1 && !is_forgotten {
                let numbers = (caller, (last_day, last.number), (day, payload.number));
                return Err(Failure::new("the numbers of drops do not run", &numbers));
            }
        }
        let part = |payload: &DropPayload| payload.answer.as_ref().map(|answer| (answer.id, answer.part));
        if part(&payload).is_some() && sent.iter().any(|(_, before)| part(before) == part(&payload)) {
            return Err(Failure::new("a part of an answer was posted twice", &(caller, part(&payload))));
        }
        sent.push((day, payload));
        Ok(())
    }
}

fn places(day: Day, callers: &[CallerKeys]) -> BTreeMap<Address, (usize, Place)> {
    let mut all = BTreeMap::new();
    for (caller, keys) in callers.iter().enumerate() {
        let secret = keys.drop_secret(day.week());
        for slot in 0..POSTING_SLOTS {
            for index in 0..PER_DAY {
                let place = Place { day, slot, index };
                all.insert(place.address(&secret), (caller, place));
            }
        }
    }
    all
}
