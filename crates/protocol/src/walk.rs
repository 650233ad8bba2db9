//! The walk over the lists (section 8.1): which block a slot asks for. The same for all who visit.

use std::collections::BTreeMap;

use crate::{
    exchange::{AnswerHeader, Ask, BLOCK, LAST_BLOCK, last_block},
    plan::Plan,
    time::Day,
};

/// One slot in so many asks for today's last block, wherever the walk is.
const LATEST_EVERY: u32 = 8;

/// The lists of one shard of each day, read newest first and then watched; and those of shards that the visit was at before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    days: u32,
    shard_bits: u16,
    /// The first day that an answer called today: the walk goes back from there.
    first: Option<Day>,
    /// The day that an answer called today last.
    today: Day,
    /// By day and shard.
    lists: BTreeMap<(Day, u32), List>,
    is_whole: bool,
}

/// Which block an answer holds, and how long the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The list's day.
    pub day: Day,
    /// Position of the block's first drop.
    pub from: u32,
    /// Drops in the list.
    pub total: u32,
}

/// What was read of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    /// The most drops that an answer has named.
    total: u32,
    /// Whether `total` is to be believed: of a day that has ended since, it is not.
    is_told: bool,
    /// Of each block, by its position, how many drops were read.
    read: BTreeMap<u32, u32>,
}

impl Walk {
    /// A walk over the last `days` days, today included, in the shard of these bits.
    pub fn new(days: u32, shard_bits: u16) -> Self {
        let lists = BTreeMap::new();
        Self { days: days.max(1), shard_bits, first: None, today: Day(0), lists, is_whole: false }
    }

    /// The block that slot `slot`, from 0, asks for; `today` is the day of whose plan today's shard is.
    pub fn ask(&self, slot: u32, plan: &Plan, today: Day) -> Ask {
        let missing = self.missing(plan, self.shard_bits).filter(|_| !slot.is_multiple_of(LATEST_EVERY));
        let latest = (self.today, LAST_BLOCK);
        match missing.filter(|missing| *missing != latest) {
            Some((day, from)) => Ask { day, shard: plan.shard(day, self.shard_bits), from },
            None => Ask { day: Day(0), shard: plan.shard(today, self.shard_bits), from: LAST_BLOCK },
        }
    }

    /// Takes note of the answer to [`Walk::ask`].
    pub fn took(&mut self, plan: &Plan, ask: &Ask, answer: &Told) {
        if ask.day == Day(0) {
            self.first.get_or_insert(answer.day);
            // The end of a day that is over may hold drops that nobody has read.
            if self.today < answer.day {
                let ended = self.lists.range_mut((self.today, 0)..(answer.day, 0));
                ended.for_each(|(_, list)| list.is_told = false);
            }
            self.today = answer.day;
        }
        let list = self.lists.entry((answer.day, ask.shard)).or_default();
        (list.total, list.is_told) = (list.total.max(answer.total), true);
        // Read up to the total, whatever the answer holds: so a hub that lies lets no block be asked for again and again.
        list.read.insert(answer.from, BLOCK.min(list.total.saturating_sub(answer.from)));
        self.is_whole |= self.has_read(plan, self.shard_bits);
    }

    /// Takes note that the hub has no such list: there is nothing to read.
    pub fn pass_over(&mut self, plan: &Plan, ask: &Ask) {
        let list = self.lists.entry((ask.day, ask.shard)).or_default();
        (list.total, list.is_told) = (0, true);
        self.is_whole |= self.has_read(plan, self.shard_bits);
    }

    /// Goes on over the lists of another shard. What was read of them before is not read again.
    pub fn move_to(&mut self, shard_bits: u16) {
        (self.shard_bits, self.is_whole) = (shard_bits, false);
    }

    /// Whether, since the walk has moved last, all was read that was listed.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether all is read that is listed in the shard of these bits.
    pub fn has_read(&self, plan: &Plan, shard_bits: u16) -> bool {
        self.first.is_some() && self.missing(plan, shard_bits).is_none()
    }

    /// How many days are read in the shard of these bits.
    pub fn days_read(&self, plan: &Plan, shard_bits: u16) -> u32 {
        let read = self.days(self.first.unwrap_or(Day(0)));
        let read = read.filter(|day| self.missing_on(*day, plan, shard_bits).is_none());
        u32::try_from(read.count()).unwrap_or(u32::MAX)
    }

    /// The newest block that is not read.
    fn missing(&self, plan: &Plan, shard_bits: u16) -> Option<(Day, u32)> {
        self.days(self.today)
            .rev()
            .find_map(|day| self.missing_on(day, plan, shard_bits).map(|from| (day, from)))
    }

    /// From the first day of the walk to `last`.
    fn days(&self, last: Day) -> impl DoubleEndedIterator<Item = Day> {
        let oldest = self.first.map_or(u32::MAX, |first| first.minus(self.days - 1).0.max(1));
        (oldest..=last.0).map(Day)
    }

    fn missing_on(&self, day: Day, plan: &Plan, shard_bits: u16) -> Option<u32> {
        match self.lists.get(&(day, plan.shard(day, shard_bits))) {
            Some(list) if list.is_told => list.missing(),
            _ => Some(LAST_BLOCK),
        }
    }
}

impl From<&AnswerHeader> for Told {
    fn from(header: &AnswerHeader) -> Self {
        Self { day: header.day, from: header.from, total: header.total }
    }
}

impl List {
    /// The last block of which more is listed than was read.
    fn missing(&self) -> Option<u32> {
        let blocks = (0..=last_block(self.total) / BLOCK).rev().map(|block| block * BLOCK);
        blocks
            .into_iter()
            .find(|from| self.read.get(from).copied().unwrap_or(0) < BLOCK.min(self.total - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PlanEntry;

    /// One shard up to day 98, two from day 99 on.
    fn plan() -> Plan {
        let entry = |from, shards| PlanEntry { from: Day(from), shards, drop_period_s: 60 };
        Plan(vec![entry(0, 1), entry(99, 2)])
    }

    /// A hub with lists of these lengths, by day and shard.
    struct Hub {
        today: u32,
        lists: BTreeMap<(u32, u32), u32>,
        slot: u32,
    }

    impl Hub {
        fn new(today: u32, lists: &[(u32, u32, u32)]) -> Self {
            let lists = lists.iter().map(|(day, shard, total)| ((*day, *shard), *total)).collect();
            Self { today, lists, slot: 0 }
        }

        /// So many slots of a walk; day, shard and position of each answer.
        fn slots(&mut self, walk: &mut Walk, count: usize) -> Vec<(u32, u32, u32)> {
            (0..count).map(|_| self.slot(walk)).collect()
        }

        fn slot(&mut self, walk: &mut Walk) -> (u32, u32, u32) {
            let ask = walk.ask(self.slot, &plan(), Day(self.today));
            self.slot += 1;
            let day = if ask.day == Day(0) { self.today } else { ask.day.0 };
            let total = self.lists.get(&(day, ask.shard)).copied().unwrap_or(0);
            let from = if ask.from == LAST_BLOCK { last_block(total) } else { ask.from };
            walk.took(&plan(), &ask, &told(day, from, total));
            (day, ask.shard, from)
        }
    }

    fn told(day: u32, from: u32, total: u32) -> Told {
        Told { day: Day(day), from, total }
    }

    #[test]
    fn a_walk_reads_every_block_newest_first_and_then_watches() {
        let mut hub = Hub::new(98, &[(98, 0, 70), (96, 0, 33)]);
        let mut walk = Walk::new(3, 0);
        assert_eq!(hub.slots(&mut walk, 5), [(98, 0, 64), (98, 0, 32), (98, 0, 0), (97, 0, 0), (96, 0, 32)]);
        assert!(!walk.is_whole());
        assert_eq!(walk.days_read(&plan(), 0), 2);
        assert_eq!(hub.slot(&mut walk), (96, 0, 0));
        assert!(walk.is_whole() && walk.has_read(&plan(), u16::MAX));
        assert_eq!(walk.days_read(&plan(), 0), 3);
        assert_eq!(hub.slot(&mut walk), (98, 0, 64));
        // Sixty more drops: the blocks that were missed come too, and no others.
        hub.lists.insert((98, 0), 130);
        assert_eq!(hub.slots(&mut walk, 5)[1..], [(98, 0, 128), (98, 0, 96), (98, 0, 64), (98, 0, 128)]);
    }

    #[test]
    fn when_the_day_turns_the_end_of_the_one_before_is_read() {
        let mut hub = Hub::new(97, &[(97, 0, 50)]);
        let mut walk = Walk::new(1, 0);
        assert_eq!(hub.slots(&mut walk, 3), [(97, 0, 32), (97, 0, 0), (97, 0, 32)]);
        hub.lists.extend([((97, 0), 161), ((98, 0), 1)]);
        hub.today = 98;
        let read = hub.slots(&mut walk, 6);
        let missed = [(97, 0, 160), (97, 0, 128), (97, 0, 96), (97, 0, 64)];
        assert_eq!((read[0], &read[1..5], read[5]), ((98, 0, 0), &missed[..], (98, 0, 0)));
        assert_eq!(hub.slots(&mut walk, 2), [(97, 0, 32), (98, 0, 0)]);
    }

    #[test]
    fn every_eighth_slot_asks_for_todays_last_block() {
        let mut hub = Hub::new(98, &[(98, 0, 10)]);
        let mut walk = Walk::new(14, 0);
        let days: Vec<u32> = hub.slots(&mut walk, 18).iter().map(|(day, _, _)| *day).collect();
        assert_eq!(days, [98, 97, 96, 95, 94, 93, 92, 91, 98, 90, 89, 88, 87, 86, 85, 98, 98, 98]);
        assert!(walk.is_whole());
    }

    #[test]
    fn a_move_reads_what_was_not_read_before() {
        let mut hub = Hub::new(100, &[(100, 0, 40), (100, 1, 5), (98, 0, 20)]);
        let mut walk = Walk::new(3, 0);
        assert_eq!(hub.slots(&mut walk, 4), [(100, 0, 32), (100, 0, 0), (99, 0, 0), (98, 0, 0)]);
        assert!(walk.is_whole() && !walk.has_read(&plan(), u16::MAX));
        walk.move_to(u16::MAX);
        assert!(!walk.is_whole());
        assert_eq!(hub.slots(&mut walk, 2), [(100, 1, 0), (99, 1, 0)]);
        assert!(walk.is_whole(), "day 98 has one shard for all");
        walk.move_to(0);
        assert_eq!(hub.slot(&mut walk), (100, 0, 32));
        assert!(walk.is_whole());
    }

    #[test]
    fn a_list_that_is_not_there_is_passed_over() {
        let mut hub = Hub::new(98, &[(98, 0, 3)]);
        let mut walk = Walk::new(3, 0);
        hub.slot(&mut walk);
        let ask = walk.ask(1, &plan(), Day(98));
        assert_eq!(ask.day, Day(97));
        walk.pass_over(&plan(), &ask);
        assert_eq!(walk.ask(2, &plan(), Day(98)).day, Day(96));
    }

    #[test]
    fn today_in_another_shard_than_was_asked_is_asked_for_again() {
        let mut walk = Walk::new(2, u16::MAX);
        let ask = walk.ask(0, &plan(), Day(98));
        assert_eq!(ask.shard, 0);
        walk.took(&plan(), &ask, &told(99, 0, 7));
        let again = walk.ask(1, &plan(), Day(99));
        assert_eq!(again, Ask { day: Day(0), shard: 1, from: LAST_BLOCK });
    }
}
