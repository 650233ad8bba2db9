//! Heads: what of a case is looked at beside all others, and stays in memory when the case does not.

use std::{collections::BTreeSet, num::NonZeroU64, sync::Arc};

use callsign_protocol::time::{Day, UnixSeconds};
use serde::{Deserialize, Serialize};

use super::{Answer, Case, EventId, Flag, Keeps, Level, PersonId, TransferTo};

/// A time or a turn, or none, in eight bytes: a flood's heads are what a desk's memory is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Maybe(Option<NonZeroU64>);

impl Maybe {
    pub(super) fn of(number: Option<u64>) -> Self {
        Self(number.and_then(|number| NonZeroU64::new(number.saturating_add(1))))
    }

    pub(super) fn number(self) -> Option<u64> {
        self.0.map(|number| number.get() - 1)
    }

    pub(super) fn time(self) -> Option<UnixSeconds> {
        self.number().map(UnixSeconds)
    }
}

impl From<Option<UnixSeconds>> for Maybe {
    fn from(time: Option<UnixSeconds>) -> Self {
        Self::of(time.map(|time| time.0))
    }
}

/// A case at a glance, of some 100 bytes; all of it is made from the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Since when somebody waits for an answer, on the day of the queues.
    pub(super) waiting: Maybe,
    /// When the caller last wrote.
    pub(super) heard: Maybe,
    /// The newest message that a person has opened, or the newest answer.
    pub(super) spoken: Maybe,
    /// The turn of the first part of an answer that is not posted.
    pub(super) to_answer: Maybe,
    /// The turn of the first message of whose opening the caller has not been told.
    pub(super) to_tell: Maybe,
    /// The first day of the lists on which something of it is to be destroyed.
    pub(super) forgets: Option<Day>,
    /// What a flood's cases have not.
    rare: Option<Box<Rare>>,
    /// This and the language are one allocation for all cases that have it.
    pub(super) track: Arc<str>,
    pub(super) language: Arc<str>,
    pub(super) messages: u32,
    pub(super) shard_bits: u16,
    pub(super) level: Level,
    stage: Stage,
}

/// What people have made of a case, in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// No person has done anything with it.
    Untouched,
    /// Somebody has.
    Open,
    /// Somebody has closed it.
    Closed,
}

/// What few cases have: those that somebody works on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Rare {
    /// Its follow-ups.
    due: Vec<((Day, u8), EventId)>,
    /// Who has it.
    claimed_by: Option<PersonId>,
    /// To whom that person offers it.
    offered_to: Option<TransferTo>,
    /// What is said of the whole case.
    flags: Vec<Flag>,
    /// The last day of the first flag that ends.
    flag_ends: Option<Day>,
    /// Acts on many cases that stand for it.
    sifted_by: Vec<EventId>,
    /// Whether its caller wrote since it was set aside as junk.
    has_news: bool,
    /// How many steps the call that waits has taken.
    escalated: u8,
    /// Whether an answer waits for a second reader.
    is_to_read: bool,
    /// Whether an answer is there that does not leave, and was not taken back.
    is_kept_back: bool,
}

impl Head {
    pub(super) fn of(case: &Case, today: Day) -> Self {
        let rare = Rare {
            due: case.follow_ups().iter().map(|one| (one.at(), one.id)).collect(),
            claimed_by: case.claim().map(|claim| claim.person),
            offered_to: case.offered_to(),
            flags: case.flags().map(|(flag, _)| flag).collect(),
            flag_ends: case.flag_ends(),
            sifted_by: case.sifted_by(),
            has_news: case.wrote_since_set_aside(),
            escalated: case.escalated(),
            is_to_read: case.answers().any(Answer::waits_for_a_reader),
            is_kept_back: case.answers().any(|one| !one.leaves() && one.kept_back != Keeps::TakenBack),
        };
        Self {
            waiting: case.waiting_since(today).into(),
            heard: case.last_heard().into(),
            spoken: case.last_spoken_with().into(),
            to_answer: Maybe::of(case.first_unposted()),
            to_tell: Maybe::of(case.untold.first().map(|(order, _)| *order)),
            forgets: case.forgets_on(),
            rare: (rare != Rare::default()).then(|| Box::new(rare)),
            track: case.track.as_str().into(),
            language: case.language.as_str().into(),
            messages: u32::try_from(case.calls().count()).unwrap_or(u32::MAX),
            shard_bits: case.shard_bits,
            level: case.level(),
            stage: match case.closed() {
                Some(_) => Stage::Closed,
                None if case.is_untouched() => Stage::Untouched,
                None => Stage::Open,
            },
        }
    }

    /// Its follow-ups, the soonest first.
    pub(super) fn due(&self) -> &[((Day, u8), EventId)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.due)
    }

    /// Who has it.
    pub(super) fn claimed_by(&self) -> Option<PersonId> {
        self.rare.as_ref().and_then(|rare| rare.claimed_by)
    }

    /// What is said of the whole case.
    pub(super) fn flags(&self) -> &[Flag] {
        self.rare.as_ref().map_or(&[], |rare| &rare.flags)
    }

    /// Whether somebody has closed it, and nothing came in since.
    pub(super) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Whether no person has done anything with it.
    pub(super) fn is_untouched(&self) -> bool {
        self.stage == Stage::Untouched
    }

    /// Acts on many cases that stand for it.
    pub(super) fn sifted_by(&self) -> &[EventId] {
        self.rare.as_ref().map_or(&[], |rare| &rare.sifted_by)
    }

    /// How many steps the call that waits has taken.
    pub(super) fn escalated(&self) -> u8 {
        self.rare.as_ref().map_or(0, |rare| rare.escalated)
    }

    /// The same, where nobody has it.
    pub(super) fn left_waiting(&self) -> u8 {
        if self.claimed_by().is_some() { 0 } else { self.escalated() }
    }

    /// Whether its caller wrote since it was set aside as junk.
    pub(super) fn has_news(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.has_news)
    }

    /// Whether an answer waits for a second reader.
    pub(super) fn is_to_read(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.is_to_read)
    }

    /// Whether an answer has not left: it waits for its turn, or something keeps it back.
    pub(super) fn has_unsent(&self) -> bool {
        self.to_answer.number().is_some() || self.rare.as_ref().is_some_and(|rare| rare.is_kept_back)
    }

    /// The last day of the first flag that ends.
    pub(super) fn flag_ends(&self) -> Option<Day> {
        self.rare.as_ref().and_then(|rare| rare.flag_ends)
    }

    /// To whom that person offers it, whether or not the offer's time is over.
    pub(super) fn offered_to(&self) -> Option<TransferTo> {
        self.rare.as_ref().and_then(|rare| rare.offered_to)
    }
}

/// Tracks and languages that heads share.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeSet<Arc<str>>);

impl Labels {
    /// Has a head take what others have already.
    pub(super) fn share(&mut self, head: &mut Head) {
        for label in [&mut head.track, &mut head.language] {
            match self.0.get(&**label) {
                Some(known) => *label = Arc::clone(known),
                None => _ = self.0.insert(Arc::clone(label)),
            }
        }
    }
}
