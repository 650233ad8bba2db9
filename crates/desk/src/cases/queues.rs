//! What of all cases is looked at together, kept in order with each change: who waits, who was answered, what is due, what is
//! to be posted. A page of it costs as much at a hundred thousand cases as at ten.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use callsign_protocol::{
    caller_keys::CallerId,
    time::{Day, UnixSeconds},
};
use imbl::{OrdMap, OrdSet};

use super::{
    Case, Cases, EventId, Flag, FollowUp, Head, Level, PersonId, STEPS, Unread,
    head::Maybe,
    shelf::{Lies, Slot},
};

/// A case's place among those that wait: how urgent it is and since when, when it was last heard, and its caller.
type Waits = (Rank, Maybe, CallerId);
/// A place in the order in which acts came, and a caller.
type Turn = (u64, CallerId);
/// A place among those that were answered: the last to write first.
type Answered = (Reverse<Maybe>, CallerId);

/// Whether a case is set aside, whether nothing came in since, its level, and since when it waits, in eight bytes: all but the last stand in
/// the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u64);

/// A case that waits, at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// How urgent it is.
    pub level: Level,
    /// Since when.
    pub since: UnixSeconds,
    /// When its caller last wrote.
    pub heard: Option<UnixSeconds>,
    /// Whether it comes behind all others, as junk.
    pub is_set_aside: bool,
    /// Whether its caller wrote since it was set aside.
    pub has_news: bool,
    /// Whose it is.
    pub caller: CallerId,
}

/// What of a case is known without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance<'a> {
    /// How urgent it is.
    pub level: Level,
    /// Since when it waits; none where it does not.
    pub waiting_since: Option<UnixSeconds>,
    /// Whether somebody has closed it, and nothing came in since.
    pub is_closed: bool,
    /// Who has it.
    pub claimed_by: Option<PersonId>,
    /// What is said of the whole case.
    pub flags: &'a [Flag],
    /// Whether its caller wrote since it was set aside as junk.
    pub has_news: bool,
    /// How many steps of waiting it has taken, where nobody has it.
    pub left_waiting: u8,
    /// As its caller named it; empty where they named none.
    pub track: &'a str,
    /// Its caller's language (BCP 47).
    pub language: &'a str,
    /// How many messages its caller has written.
    pub messages: u32,
    /// The day and hour of its first follow-up.
    pub due: Option<(Day, u8)>,
    /// Whether an answer has not left: it waits for its turn, or something keeps it back.
    pub has_unsent: bool,
}

impl Rank {
    /// The bits of a level.
    const LEVEL: u32 = 56;
    /// Set where the case is set aside.
    const ASIDE: u64 = 1 << 63;
    /// Set where nothing came in since.
    const SILENT: u64 = 1 << 62;

    /// The place of a case that waits since then.
    fn of(head: &Head, since: UnixSeconds) -> Self {
        let latest = (1 << Self::LEVEL) - 1;
        let aside = match head.flags().contains(&Flag::Junk) {
            true if head.has_news() => Self::ASIDE,
            true => Self::ASIDE | Self::SILENT,
            false => 0,
        };
        Self(aside | u64::from(head.level.number()) << Self::LEVEL | since.0.min(latest))
    }

    fn level(self) -> Level {
        let number = u8::try_from((self.0 & !(Self::ASIDE | Self::SILENT)) >> Self::LEVEL).ok();
        number.and_then(Level::new).unwrap_or(Level::USUAL)
    }

    fn is_set_aside(self) -> bool {
        self.0 & Self::ASIDE != 0
    }

    fn has_news(self) -> bool {
        self.0 & (Self::ASIDE | Self::SILENT) == Self::ASIDE
    }

    fn since(self) -> UnixSeconds {
        UnixSeconds(self.0 & ((1 << Self::LEVEL) - 1))
    }
}

/// The sets. All of it is made from the heads of cases, so no snapshot has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    /// The day for which it is so: an answer that can be posted no more leaves its caller waiting. Those of the log stay on day
    /// 0, on which nothing has lapsed.
    today: Day,
    waiting: OrdSet<Waits>,
    /// How many of them are set aside.
    waiting_aside: usize,
    /// Cases that are set aside as junk, whether or not they wait.
    aside: OrdSet<CallerId>,
    /// Those of them whose caller wrote since.
    with_news: OrdSet<CallerId>,
    /// How many cases no person has done anything with.
    pub(super) untouched: usize,
    /// Cases that have taken the last step of waiting, wait still, and are nobody's.
    pub(super) at_last_step: OrdSet<CallerId>,
    /// Cases that somebody has.
    pub(super) claimed: OrdSet<(PersonId, CallerId)>,
    /// Cases that whoever has them offers to somebody.
    pub(super) offered: OrdSet<CallerId>,
    answered: OrdSet<Answered>,
    due: OrdSet<((Day, u8), CallerId, EventId)>,
    /// Cases with an answer that waits for a second reader.
    to_read: OrdSet<CallerId>,
    /// Cases with a flag, by the last day of the first that ends.
    pub(super) flagged: OrdSet<(Day, CallerId)>,
    /// Callers with a part of an answer that is not posted, by the turn of the first.
    pub(super) to_answer: OrdSet<Turn>,
    /// Callers who are to be told that something was opened, by the turn of the first.
    pub(super) to_tell: OrdSet<Turn>,
    /// Cases of which something is to be destroyed, by the day of the lists that begins then.
    pub(super) forgets: OrdSet<(Day, CallerId)>,
    tracks: OrdMap<Arc<str>, Track>,
    /// How many cases are in each language.
    languages: OrdMap<Arc<str>, usize>,
    messages: u64,
}

/// The cases of one track.
#[derive(Clone, Debug, Default)]
struct Track {
    cases: usize,
    waiting: usize,
    /// How many wait since when: times are in steps of ten minutes, so these are far fewer than the cases of a flood.
    since: OrdMap<UnixSeconds, usize>,
}

impl Track {
    fn put_in(&mut self, since: Option<UnixSeconds>) {
        self.cases += 1;
        if let Some(since) = since {
            self.waiting += 1;
            *self.since.entry(since).or_default() += 1;
        }
    }

    fn take_out(&mut self, since: Option<UnixSeconds>) {
        self.cases = self.cases.saturating_sub(1);
        let Some(since) = since else { return };
        self.waiting = self.waiting.saturating_sub(1);
        if let Some(cases) = self.since.get_mut(&since) {
            *cases = cases.saturating_sub(1);
            if *cases == 0 {
                self.since.remove(&since);
            }
        }
    }
}

/// One track at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackCount<'a> {
    /// As callers named it; empty where they named none.
    pub track: &'a str,
    /// Its cases.
    pub cases: usize,
    /// Those of them that wait.
    pub waiting: usize,
    /// Since when the first of them waits.
    pub since: Option<UnixSeconds>,
}

impl Queues {
    /// The queues of cases with these heads, on no day yet.
    pub(super) fn of<'a>(heads: impl Iterator<Item = (CallerId, &'a Head)>) -> Self {
        let mut queues = Self::default();
        let (mut waiting, mut answered, mut forgets) = (Vec::new(), Vec::new(), Vec::new());
        let mut tracks: BTreeMap<&Arc<str>, Track> = BTreeMap::new();
        let mut languages: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        for (caller, head) in heads {
            *languages.entry(&head.language).or_default() += 1;
            tracks.entry(&head.track).or_default().put_in(head.waiting.time());
            match head.waiting.time() {
                Some(since) => {
                    let rank = Rank::of(head, since);
                    queues.waiting_aside += usize::from(rank.is_set_aside());
                    waiting.push((rank, head.heard, caller));
                }
                None => answered.push((Reverse(head.heard), caller)),
            }
            forgets.extend(head.forgets.map(|day| (day, caller)));
            queues.put_turns(caller, head);
            queues.messages += u64::from(head.messages);
        }
        let tracks = tracks.into_iter().map(|(name, track)| (Arc::clone(name), track)).collect();
        let languages = languages.into_iter().map(|(name, cases)| (Arc::clone(name), cases)).collect();
        let (waiting, answered, forgets) = (in_order(waiting), in_order(answered), in_order(forgets));
        Self { waiting, answered, forgets, tracks, languages, ..queues }
    }

    /// Has a head take the names that other heads have.
    fn share_labels(&self, head: &mut Head) {
        if let Some((known, _)) = self.tracks.get_key_value(&head.track) {
            head.track = Arc::clone(known);
        }
        if let Some((known, _)) = self.languages.get_key_value(&head.language) {
            head.language = Arc::clone(known);
        }
    }

    /// Takes in how a case is now, in the place of how it was.
    fn change(&mut self, caller: CallerId, before: Option<&Head>, now: Option<&Head>) {
        if before == now {
            return;
        }
        if let Some(before) = before {
            self.take_out(caller, before);
        }
        if let Some(now) = now {
            self.put_in(caller, now);
        }
    }

    fn put_in(&mut self, caller: CallerId, head: &Head) {
        *self.languages.entry(Arc::clone(&head.language)).or_default() += 1;
        self.tracks.entry(Arc::clone(&head.track)).or_default().put_in(head.waiting.time());
        match head.waiting.time() {
            Some(since) => {
                let rank = Rank::of(head, since);
                self.waiting_aside += usize::from(rank.is_set_aside());
                self.waiting.insert((rank, head.heard, caller));
            }
            None => {
                self.answered.insert((Reverse(head.heard), caller));
            }
        }
        self.forgets.extend(head.forgets.map(|day| (day, caller)));
        self.put_turns(caller, head);
        self.messages += u64::from(head.messages);
    }

    fn put_turns(&mut self, caller: CallerId, head: &Head) {
        self.due.extend(head.due().iter().map(|(at, id)| (*at, caller, *id)));
        self.claimed.extend(head.claimed_by().map(|person| (person, caller)));
        self.offered.extend(head.offered_to().map(|_| caller));
        self.to_read.extend(head.is_to_read().then_some(caller));
        self.flagged.extend(head.flag_ends().map(|day| (day, caller)));
        self.aside.extend(head.flags().contains(&Flag::Junk).then_some(caller));
        self.with_news.extend(head.has_news().then_some(caller));
        self.untouched += usize::from(head.is_untouched());
        self.at_last_step.extend((head.left_waiting() == STEPS).then_some(caller));
        self.to_answer.extend(head.to_answer.number().map(|order| (order, caller)));
        self.to_tell.extend(head.to_tell.number().map(|order| (order, caller)));
    }

    fn take_out(&mut self, caller: CallerId, head: &Head) {
        if let Some(cases) = self.languages.get_mut(&head.language) {
            *cases = cases.saturating_sub(1);
            if *cases == 0 {
                self.languages.remove(&head.language);
            }
        }
        let waits = head.waiting.time().map(|since| (Rank::of(head, since), head.heard, caller));
        if let Some(track) = self.tracks.get_mut(&head.track) {
            track.take_out(head.waiting.time());
            if track.cases == 0 {
                self.tracks.remove(&head.track);
            }
        }
        match &waits {
            Some(waits) => {
                self.waiting_aside -= usize::from(waits.0.is_set_aside()).min(self.waiting_aside);
                self.waiting.remove(waits).is_some()
            }
            None => self.answered.remove(&(Reverse(head.heard), caller)).is_some(),
        };
        for (at, id) in head.due() {
            self.due.remove(&(*at, caller, *id));
        }
        if let Some(person) = head.claimed_by() {
            self.claimed.remove(&(person, caller));
        }
        self.offered.remove(&caller);
        self.to_read.remove(&caller);
        self.aside.remove(&caller);
        self.with_news.remove(&caller);
        self.untouched -= usize::from(head.is_untouched()).min(self.untouched);
        self.at_last_step.remove(&caller);
        if let Some(day) = head.flag_ends() {
            self.flagged.remove(&(day, caller));
        }
        if let Some(order) = head.to_answer.number() {
            self.to_answer.remove(&(order, caller));
        }
        if let Some(order) = head.to_tell.number() {
            self.to_tell.remove(&(order, caller));
        }
        if let Some(day) = head.forgets {
            self.forgets.remove(&(day, caller));
        }
        self.messages = self.messages.saturating_sub(u64::from(head.messages));
    }
}

fn as_waiting((rank, heard, caller): &Waits) -> Waiting {
    let (level, since, is_set_aside, has_news) =
        (rank.level(), rank.since(), rank.is_set_aside(), rank.has_news());
    Waiting { level, since, heard: heard.time(), is_set_aside, has_news, caller: *caller }
}

/// A set of what is in no order: one that is built in order costs the least.
fn in_order<T: Ord + Clone>(mut all: Vec<T>) -> OrdSet<T> {
    all.sort_unstable();
    all.into_iter().collect()
}

impl Cases {
    /// Brings the queues to a day: whom the desk can answer changes with it, and so who waits.
    ///
    /// # Errors
    /// [`Unread`]; the queues stay on the day on which they were.
    pub fn turn_to(&mut self, today: Day) -> Result<(), Unread> {
        let before = std::mem::replace(&mut self.queues.today, today);
        if before == today {
            return Ok(());
        }
        // Only an answer that is not posted can be lost.
        let unposted: Vec<CallerId> = self.queues.to_answer.iter().map(|(_, caller)| *caller).collect();
        unposted
            .iter()
            .try_for_each(|caller| self.requeue(caller))
            .inspect_err(|_| self.queues.today = before)
    }

    /// How many cases there are.
    pub fn count(&self) -> usize {
        self.by_caller.len()
    }

    /// How many cases wait.
    pub fn waiting_count(&self) -> usize {
        self.queues.waiting.len()
    }

    /// How many of them are set aside as junk.
    pub fn waiting_aside_count(&self) -> usize {
        self.queues.waiting_aside
    }

    /// How many cases are set aside as junk, and of how many of them the caller wrote since.
    pub fn aside_counts(&self) -> (usize, usize) {
        (self.queues.aside.len(), self.queues.with_news.len())
    }

    /// Whether a case is set aside as junk, without reading it.
    pub fn is_aside(&self, caller: &CallerId) -> bool {
        self.queues.aside.contains(caller)
    }

    /// The head of a caller's case; none where there is no such case.
    pub(super) fn head(&self, caller: &CallerId) -> Option<&Head> {
        self.by_caller.get(caller).map(|slot| &slot.head)
    }

    /// The heads of all cases.
    pub(super) fn all_heads(&self) -> impl Iterator<Item = (&CallerId, &Head)> {
        self.by_caller.iter().map(|(caller, slot)| (caller, &slot.head))
    }

    /// Cases that wait: the most urgent first, of one level the longest-waiting; behind them those that are set aside, likewise.
    pub fn waiting(&self) -> impl Iterator<Item = Waiting> {
        self.queues.waiting.iter().map(as_waiting)
    }

    /// How many cases were answered.
    pub fn answered_count(&self) -> usize {
        self.queues.answered.len()
    }

    /// Cases that do not wait, the last to write first.
    pub fn answered(&self) -> impl Iterator<Item = (Option<UnixSeconds>, CallerId)> {
        self.queues.answered.iter().map(|(heard, caller)| (heard.0.time(), *caller))
    }

    /// Cases with an answer that waits for a second reader.
    pub fn to_read(&self) -> impl Iterator<Item = CallerId> {
        self.queues.to_read.iter().copied()
    }

    /// Whether an answer to a caller waits for a second reader, without reading the case.
    pub fn is_to_read(&self, caller: &CallerId) -> bool {
        self.queues.to_read.contains(caller)
    }

    /// The tracks that callers named, and how many wait on each.
    pub fn tracks(&self) -> impl Iterator<Item = TrackCount<'_>> {
        self.queues.tracks.iter().map(|(name, track)| TrackCount {
            track: name,
            cases: track.cases,
            waiting: track.waiting,
            since: track.since.get_min().map(|(since, _)| *since),
        })
    }

    /// Messages of all callers.
    pub fn message_count(&self) -> u64 {
        self.queues.messages
    }

    /// What a caller said the call is about, without reading the case; none where there is no such case.
    pub fn track_of(&self, caller: &CallerId) -> Option<&str> {
        self.by_caller.get(caller).map(|slot| &*slot.head.track)
    }

    /// A case at a glance, without reading it; none where there is no such case.
    pub fn glance(&self, caller: &CallerId) -> Option<Glance<'_>> {
        self.by_caller.get(caller).map(|slot| Glance {
            level: slot.head.level,
            waiting_since: slot.head.waiting.time(),
            is_closed: slot.head.is_closed(),
            claimed_by: slot.head.claimed_by(),
            flags: slot.head.flags(),
            has_news: slot.head.has_news(),
            left_waiting: slot.head.left_waiting(),
            track: &slot.head.track,
            language: &slot.head.language,
            messages: slot.head.messages,
            due: slot.head.due().first().map(|(at, _)| *at),
            has_unsent: slot.head.has_unsent(),
        })
    }

    /// The languages of all callers (BCP 47).
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.queues.languages.keys().map(|tag| &**tag)
    }

    /// A caller's language (BCP 47), without reading the case; none where there is no such case.
    pub fn language_of(&self, caller: &CallerId) -> Option<&str> {
        self.by_caller.get(caller).map(|slot| &*slot.head.language)
    }

    /// When a caller last wrote, without reading the case.
    pub fn heard_of(&self, caller: &CallerId) -> Option<UnixSeconds> {
        self.by_caller.get(caller).and_then(|slot| slot.head.heard.time())
    }

    /// Whether somebody waits for an answer, without reading the case.
    pub fn waits(&self, caller: &CallerId) -> bool {
        self.by_caller.get(caller).is_some_and(|slot| slot.head.waiting.time().is_some())
    }

    /// When the follow-ups are due, the soonest first, without reading the cases.
    pub fn due_at(&self) -> impl Iterator<Item = ((Day, u8), CallerId)> {
        self.queues.due.iter().map(|(at, caller, _)| (*at, *caller))
    }

    /// All follow-ups with their cases, the soonest first; each case is read when its turn comes.
    pub fn due(&self) -> impl Iterator<Item = Result<(Arc<Case>, FollowUp), Unread>> {
        self.queues.due.iter().filter_map(|(_, caller, id)| {
            let case = match self.get(caller) {
                Ok(case) => case?,
                Err(unread) => return Some(Err(unread)),
            };
            let one = case.follow_ups().iter().find(|one| one.id == *id)?.clone();
            Some(Ok((case, one)))
        })
    }

    /// How many follow-ups there are.
    pub fn due_count(&self) -> usize {
        self.queues.due.len()
    }

    /// Puts a case that is in memory in the place of how it was.
    pub(super) fn put_case(&mut self, caller: CallerId, case: Arc<Case>, number: Option<i64>) {
        let mut head = Head::of(&case, self.queues.today);
        self.queues.share_labels(&mut head);
        let before = self.by_caller.get(&caller).map(|slot| &slot.head);
        self.queues.change(caller, before, Some(&head));
        self.by_caller.insert(caller, Arc::new(Slot { head, lies: Lies::Memory(case, number) }));
        self.in_memory.insert(caller);
    }

    /// Takes a case out of everything that leads to it.
    pub(super) fn take_case_out(&mut self, caller: &CallerId) {
        let Some(slot) = self.by_caller.remove(caller) else { return };
        self.queues.change(*caller, Some(&slot.head), None);
        self.in_memory.remove(caller);
        self.freed.extend(match &slot.lies {
            Lies::Memory(_, number) => *number,
            Lies::Both(_, row) | Lies::Row(row) => Some(row.number),
        });
    }

    /// Puts a case where it belongs today.
    fn requeue(&mut self, caller: &CallerId) -> Result<(), Unread> {
        let Some(case) = self.get(caller)? else { return Ok(()) };
        let mut head = Head::of(&case, self.queues.today);
        self.queues.share_labels(&mut head);
        if let Some(slot) = self.by_caller.get_mut(caller) {
            self.queues.change(*caller, Some(&slot.head), Some(&head));
            Arc::make_mut(slot).head = head;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
