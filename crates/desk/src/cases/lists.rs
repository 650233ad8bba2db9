//! What the log says of each day's lists: their chains, and which of them are signed.

use std::collections::BTreeMap;

use callsign_protocol::{
    commit::{DROPS_MAX, SIGNATURES_MAX},
    digest::{Chain, DropHash, ListDigest},
    encoding::Bytes,
    identity::PublicKey,
    keyring::DeviceId,
    plan::{Plan, SHARDS_MAX},
    time::{Day, Minute, UnixSeconds},
};
use serde::{Deserialize, Serialize};

use super::{
    Cases,
    act::{Act, EventKind, Refusal, ToldAgain, Writer},
};

/// The lists of listed days, as this desk has posted to them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lists {
    #[serde(with = "super::snapshot::pairs")]
    posted: BTreeMap<(Day, u32), Posted>,
    /// The duty key that has signed a list last.
    #[serde(with = "super::snapshot::pairs")]
    signed: BTreeMap<(Day, u32), PublicKey>,
    /// The last day that drops were posted to: the hub takes none for an earlier one any more.
    posted_day: Option<Day>,
    /// The device that has restarted the desk, while nothing was posted since: it may say what the hub's lists hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    may_take: Option<Box<DeviceId>>,
}

/// Lists that one event takes from a hub, at most.
pub const TAKEN_MAX: usize = 64;

/// Minutes by which the clocks of a desk's devices may be apart: as much as a hub lets one of them be ahead.
const MINUTES_APART_MAX: u16 = 15;

/// A list as the log has filled it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Posted {
    chain: Chain,
    /// The minute of its day in which drops were posted to it last, by the clock that was farthest ahead.
    minute: Minute,
}

/// Drops were posted, dummies among them, in the same commit as this event: so each device knows every list from the log, and
/// not from the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The day they are listed under.
    pub day: Day,
    /// Shard and SHA-256 of each drop, in order.
    pub posted: Vec<(u32, DropHash)>,
}

/// Signatures of finished days' lists were sent, in the same commit as this event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaysSigned {
    /// The key that signed; another one signs all listed days anew.
    pub duty_key: Bytes<32>,
    /// Day and shard of each.
    pub lists: Vec<(Day, u32)>,
}

/// A restarted desk goes on with lists as the hub has them: what was posted by devices that are lost, or that it has shut out,
/// its log does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListsTaken {
    /// Day, shard, number of drops and `h_total` of each.
    pub lists: Vec<(Day, u32, u32, Bytes<32>)>,
}

impl EventKind for ListsTaken {
    fn noun(&self) -> &'static str {
        "lists of drops of before a restart"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// A list that this desk has posted to only becomes longer: none of its own drops is given up.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        match state.lists.may_take.as_deref() {
            None => return Err(Refusal::TooLate),
            Some(restarter) if *restarter != act.origin.author => return Err(Refusal::Author),
            Some(_) => {}
        }
        for (day, ..) in &self.lists {
            act.origin.bounds_day(*day, state)?;
            if *day > act.origin.day {
                return Err(Refusal::Date);
            }
        }
        let is_longer = |(day, shard, total, _): &(Day, u32, u32, Bytes<32>)| {
            *shard < SHARDS_MAX && *total > state.lists.list(*day, *shard).chain.total
        };
        let are_longer = self.lists.len() <= TAKEN_MAX && self.lists.iter().all(is_longer);
        if are_longer { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        for (day, shard, total, hash) in &self.lists {
            // Of today's the desk says how they are now; when others posted to earlier ones, it does not know.
            let is_todays = *day == act.origin.day;
            let minute = if is_todays { act.origin.at.minute_of(*day) } else { Minute::default() };
            let chain = Chain { total: *total, hash: *hash };
            state.lists.posted.insert((*day, *shard), Posted { chain, minute });
            state.lists.posted_day = state.lists.posted_day.max(Some(*day));
        }
    }
}

impl EventKind for Listed {
    fn noun(&self) -> &'static str {
        "a list of drops"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// The day is that of the commit, which the hub has listed the drops under.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        act.origin.bounds_day(self.day, state)?;
        if self.day != act.origin.day {
            return Err(Refusal::Date);
        }
        let are_shards = self.posted.iter().all(|(shard, _)| *shard < SHARDS_MAX);
        if are_shards && self.posted.len() <= DROPS_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, act: &Act<'_>, state: &mut Cases) {
        state.lists.listed(self.day, &self.posted, act.origin.at);
    }
}

impl EventKind for DaysSigned {
    fn noun(&self) -> &'static str {
        "a signature of lists"
    }

    fn writer(&self, _: &Cases) -> Writer {
        Writer::Device
    }

    fn told_again(&self) -> ToldAgain {
        ToldAgain::Never
    }

    /// No list of the commit's day or later is finished.
    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        for (day, _) in &self.lists {
            act.origin.bounds_day(*day, state)?;
            if *day >= act.origin.day {
                return Err(Refusal::Date);
            }
        }
        let are_shards = self.lists.iter().all(|(_, shard)| *shard < SHARDS_MAX);
        if are_shards && self.lists.len() <= SIGNATURES_MAX { Ok(()) } else { Err(Refusal::Numbers) }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.lists.signed(self.duty_key, &self.lists);
    }
}

impl Lists {
    pub(super) fn listed(&mut self, day: Day, posted: &[(u32, DropHash)], at: UnixSeconds) {
        for ListDigest { day, shard, chain, minute } in self.heads(day, posted, at) {
            self.posted.insert((day, shard), Posted { chain, minute });
        }
        self.posted_day = self.posted_day.max(Some(day));
        self.may_take = None;
    }

    /// A restart has begun: its device may say what the hub's lists hold.
    pub(super) fn restarted_by(&mut self, device: DeviceId) {
        self.may_take = Some(Box::new(device));
    }

    /// A list as the log knows it.
    pub fn chain(&self, day: Day, shard: u32) -> Chain {
        self.list(day, shard).chain
    }

    /// The lists of `day` that these drops go to, as they are once the drops are posted `at` that time. Of two devices one may
    /// have a clock that is behind, so no minute goes back; but for one that is farther ahead than clocks are apart, or a device
    /// that said the day's last minute at noon would have the desk say it until midnight.
    pub fn heads(&self, day: Day, posted: &[(u32, DropHash)], at: UnixSeconds) -> Vec<ListDigest> {
        let mut touched: BTreeMap<u32, Posted> = BTreeMap::new();
        for (shard, drop) in posted {
            let list = touched.entry(*shard).or_insert_with(|| self.list(day, *shard));
            let own = at.minute_of(day);
            let is_far = u16::from(list.minute) > u16::from(own) + MINUTES_APART_MAX;
            let minute = if is_far { own } else { list.minute.max(own) };
            *list = Posted { chain: list.chain.with(drop), minute };
        }
        let digest = |(shard, Posted { chain, minute })| ListDigest { day, shard, chain, minute };
        touched.into_iter().map(digest).collect()
    }

    /// The lists of `day` that have drops and are not among these, as they are.
    pub fn heads_beside(&self, day: Day, posted: &[(u32, DropHash)]) -> Vec<ListDigest> {
        let lists = self.posted.range((day, 0)..=(day, u32::MAX));
        let is_beside = |shard: u32| posted.iter().all(|(to, _)| *to != shard);
        let digest = |(&(day, shard), &Posted { chain, minute })| ListDigest { day, shard, chain, minute };
        lists.filter(|((_, shard), _)| is_beside(*shard)).map(digest).collect()
    }

    fn list(&self, day: Day, shard: u32) -> Posted {
        let empty = Posted { chain: Chain::EMPTY, minute: Minute::default() };
        self.posted.get(&(day, shard)).copied().unwrap_or(empty)
    }

    pub(super) fn signed(&mut self, duty_key: PublicKey, lists: &[(Day, u32)]) {
        self.signed.extend(lists.iter().map(|list| (*list, duty_key)));
    }

    /// The last day that drops were posted to, `latest` at most: what an event names is only as good as the device that
    /// wrote it.
    pub fn posted_day(&self, latest: Day) -> Option<Day> {
        self.posted_day.map(|day| day.min(latest))
    }

    pub(super) fn forget_before(&mut self, first_listed: Day) {
        self.posted.retain(|(day, _), _| *day >= first_listed);
        self.signed.retain(|(day, _), _| *day >= first_listed);
    }

    /// Lists from `first_listed` on that can grow no more and that this key has not signed, in order; empty ones too, or
    /// nobody could tell them from lists of which all was taken away. None of `today` or later, whatever the log says was
    /// posted: a hub could show an empty list of a day to come as the whole of it.
    pub fn to_sign(
        &self,
        first_listed: Day,
        plan: &Plan,
        duty_key: &PublicKey,
        today: Day,
    ) -> impl Iterator<Item = ListDigest> {
        let end = self.posted_day(today).unwrap_or(first_listed);
        let days = (first_listed.0..end.0).map(Day);
        let shards = |day| plan.on(day).map_or(0, |entry| entry.shards);
        let lists = days.flat_map(move |day| (0..shards(day)).map(move |shard| (day, shard)));
        lists.filter(|list| self.signed.get(list) != Some(duty_key)).map(|(day, shard)| {
            let Posted { chain, minute } = self.list(day, shard);
            ListDigest { day, shard, chain, minute }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::EventBody;
    use callsign_protocol::{encoding::Bytes, plan::PlanEntry};

    const FIRST: Day = Day(100);

    fn plan() -> Plan {
        let entry = |from, shards| PlanEntry { from: Day(from), shards, drop_period_s: 60 };
        Plan(vec![entry(90, 1), entry(102, 2)])
    }

    fn to_sign(lists: &Lists, key: u8) -> Vec<(u32, u32, u32)> {
        let digests = lists.to_sign(FIRST, &plan(), &Bytes([key; 32]), Day(110)).collect::<Vec<_>>();
        digests.iter().map(|list| (list.day.0, list.shard, list.chain.total)).collect()
    }

    #[test]
    fn each_finished_list_is_signed_once_and_again_with_a_new_key() {
        let mut lists = Lists::default();
        assert_eq!(to_sign(&lists, 1), []);
        let drops = [1, 2, 3].map(|n| Bytes([n; 32]));
        lists.listed(Day(102), &[(1, drops[0]), (0, drops[1]), (1, drops[2])], UnixSeconds(0));
        assert_eq!(
            to_sign(&lists, 1),
            [(100, 0, 0), (101, 0, 0)],
            "the day that is posted to is not finished"
        );
        lists.listed(Day(103), &[(0, drops[0])], UnixSeconds(0));
        let all = [(100, 0, 0), (101, 0, 0), (102, 0, 1), (102, 1, 2)];
        assert_eq!(to_sign(&lists, 1), all);
        let digest = lists.to_sign(FIRST, &plan(), &Bytes([1; 32]), Day(110)).last().unwrap();
        assert_eq!(digest.chain, Chain::of([&drops[0], &drops[2]]));
        lists.signed(Bytes([1; 32]), &[(Day(100), 0), (Day(102), 1)]);
        assert_eq!(to_sign(&lists, 1), [(101, 0, 0), (102, 0, 1)]);
        assert_eq!(to_sign(&lists, 2), all);
    }

    #[test]
    fn a_day_to_come_is_not_finished_whatever_was_posted_behind_it() {
        let mut lists = Lists::default();
        lists.listed(Day(u32::MAX), &[(0, Bytes([1; 32]))], UnixSeconds(0));
        let days = |today| lists.to_sign(FIRST, &plan(), &Bytes([1; 32]), today).map(|list| list.day.0).max();
        assert_eq!((days(Day(100)), days(Day(101))), (None, Some(100)));
        assert_eq!(lists.posted_day(Day(101)), Some(Day(101)));
    }

    #[test]
    fn a_head_is_the_list_with_what_is_posted_now_and_its_minute_goes_back_from_far_ahead_alone() {
        let mut lists = Lists::default();
        let drops = [1, 2, 3].map(|n| Bytes([n; 32]));
        let at = |minute: u64| FIRST.start().plus(minute * 60);
        let all = [(1, drops[0]), (0, drops[1]), (1, drops[2])];
        let heads = lists.heads(FIRST, &all, at(600));
        let shown = |heads: &[ListDigest]| {
            let of = |head: &ListDigest| (head.shard, head.chain.total, u16::from(head.minute));
            heads.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(shown(&heads), [(0, 1, 600), (1, 2, 600)]);
        assert_eq!(heads[1].chain, Chain::of([&drops[0], &drops[2]]));
        lists.listed(FIRST, &all, at(600));
        // Clocks that are behind, one that is at the day after, and those beside which the one before was far ahead.
        for (minute, found) in [(599, 600), (585, 600), (2_000, 1_439), (584, 584), (0, 0)] {
            assert_eq!(shown(&lists.heads(FIRST, &[(0, drops[0])], at(minute))), [(0, 2, found)]);
        }
        assert_eq!(shown(&lists.heads(FIRST, &[(0, drops[0])], UnixSeconds(0))), [(0, 2, 0)]);
        lists.listed(FIRST.plus(1), &[(0, drops[0])], at(1_440));
        let signed = lists.to_sign(FIRST, &plan(), &Bytes([1; 32]), FIRST.plus(1)).next().unwrap();
        assert_eq!(
            (signed.chain.total, u16::from(signed.minute)),
            (1, 600),
            "a finished day has its last minute"
        );
    }

    #[test]
    fn lists_are_taken_by_who_restarts_before_anything_is_posted_and_become_longer_alone() {
        use crate::cases::{Cases, Event, Outcome};
        let [restarter, other] = [1, 2].map(|n| Bytes([n; 16]));
        let origin = |author| crate::cases::Origin {
            author,
            at: FIRST.start().plus(600 * 60),
            day: FIRST,
            sequence: Some(1),
            generation: 2,
            fold: 1,
            program: 1,
            has_identity: false,
        };
        let mut next = 0;
        let mut act = |cases: &mut Cases, author, body| {
            next += 1;
            cases
                .apply(&Act { origin: &origin(author), event: &Event { id: Bytes([next; 16]), body } })
                .unwrap()
        };
        let take = |day: Day, total| {
            EventBody::ListsTaken(ListsTaken { lists: vec![(day, 0, total, Bytes([9; 32]))] })
        };
        let mut cases = Cases::default();
        cases.take(&crate::cases::EntryRead::empty(origin(restarter))).unwrap();
        let drop = Bytes([7; 32]);
        cases.lists.listed(FIRST, &[(0, drop)], UnixSeconds(0));
        assert_eq!(act(&mut cases, restarter, take(FIRST, 2)), Outcome::Void(Refusal::TooLate), "no restart");
        cases.lists.restarted_by(restarter);
        assert_eq!(act(&mut cases, other, take(FIRST, 2)), Outcome::Void(Refusal::Author));
        assert_eq!(act(&mut cases, restarter, take(FIRST, 1)), Outcome::Void(Refusal::Numbers));
        assert_eq!(act(&mut cases, restarter, take(FIRST.plus(1), 1)), Outcome::Void(Refusal::Date));
        assert_eq!(act(&mut cases, restarter, take(FIRST, 2)), Outcome::Applied);
        assert_eq!(act(&mut cases, restarter, take(FIRST.minus(1), 3)), Outcome::Applied);
        let beside = cases.lists.heads_beside(FIRST, &[]);
        assert_eq!((beside[0].chain.total, u16::from(beside[0].minute)), (2, 600));
        let posted = Listed { day: FIRST, posted: vec![(0, drop)] };
        assert_eq!(act(&mut cases, other, EventBody::Listed(posted)), Outcome::Applied);
        let head = Chain { total: 2, hash: Bytes([9; 32]) }.with(&drop);
        assert_eq!(cases.lists.chain(FIRST, 0), head);
        assert_eq!(act(&mut cases, restarter, take(FIRST, 9)), Outcome::Void(Refusal::TooLate));
        let signed = to_sign(&cases.lists, 1);
        assert_eq!(signed, [], "nothing is finished before {FIRST:?}");
    }

    #[test]
    fn what_is_no_longer_listed_is_forgotten() {
        let mut lists = Lists::default();
        lists.listed(Day(99), &[(0, Bytes([1; 32]))], UnixSeconds(0));
        lists.listed(Day(100), &[(0, Bytes([1; 32]))], UnixSeconds(0));
        lists.signed(Bytes([1; 32]), &[(Day(99), 0)]);
        lists.forget_before(FIRST);
        assert_eq!((lists.posted.len(), lists.signed.len()), (1, 0));
    }
}
