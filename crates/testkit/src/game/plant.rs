//! Leaks that are planted into a view, to show that the distinguishers see them. No product code knows of them.

use callsign_protocol::{drop::DROP_LEN, entry::ENTRY_LEN, exchange::REQUEST_HEADER_LEN};

use crate::Seen;

/// A leak on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// What a call costs the desk comes before its next request.
    CellWork,
    /// A cell names its day by the clock of the visitor's device.
    ClockEpoch,
    /// What does not open is tried again behind each later answer.
    DropRetry,
    /// The desk's next beat comes 2 s sooner when a call came.
    EarlyCommit,
    /// A real cell comes 5% sooner.
    EagerSlot,
    /// A reserved bit of the header is set with real cells.
    FlagLeftOn,
    /// Where a stamp is asked for, a real cell's is of one effort more.
    HarderStamp,
    /// The inbox position waits for a call's event to be in the log: it moves a commit later.
    InboxOrder,
    /// The inbox position waits at a call.
    HeldPosition,
    /// The letters document is fetched when a letter is written, and only then.
    LettersOnDemand,
    /// The lowest bit of a real cell's encapsulation is set.
    MarkedEnc,
    /// With several shards the walk moves when the phrase is typed.
    MoveOnTyping,
    /// The desk posts a round's drops in the order of their addresses when one of them is an answer.
    OrderedDrops,
    /// A drop that was refused is posted again under its address when it is an answer.
    SameAddress,
    /// A reader asks again for a block in which something was theirs.
    SecondLook,
    /// A real cell is a byte shorter.
    ShortCell,
    /// A caller's first walk is over a shard of their own too.
    StickyShard,
    /// An answer is not padded.
    UnpaddedAnswer,
}

impl Plant {
    /// All of them, with their names on the command line.
    pub const ALL: [(&'static str, Self); 18] = [
        ("cell-work", Self::CellWork),
        ("clock-epoch", Self::ClockEpoch),
        ("drop-retry", Self::DropRetry),
        ("eager-slot", Self::EagerSlot),
        ("early-commit", Self::EarlyCommit),
        ("flag-left-on", Self::FlagLeftOn),
        ("harder-stamp", Self::HarderStamp),
        ("held-position", Self::HeldPosition),
        ("inbox-order", Self::InboxOrder),
        ("letters-on-demand", Self::LettersOnDemand),
        ("marked-enc", Self::MarkedEnc),
        ("move-on-typing", Self::MoveOnTyping),
        ("ordered-drops", Self::OrderedDrops),
        ("same-address", Self::SameAddress),
        ("second-look", Self::SecondLook),
        ("short-cell", Self::ShortCell),
        ("sticky-shard", Self::StickyShard),
        ("unpadded-answer", Self::UnpaddedAnswer),
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, plant)| *plant)
    }

    /// On the command line.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| *name)
    }

    /// The game that is to see it, and what it does, a sentence.
    pub fn seen_in(self) -> (&'static str, &'static str) {
        match self {
            Self::CellWork => ("desk-took", "What a call costs the desk comes before its next request."),
            Self::ClockEpoch => ("clock", "A cell names its day by the clock of the visitor's device."),
            Self::DropRetry => ("addressee", "What does not open is tried again behind each later answer."),
            Self::EarlyCommit => ("desk-took", "The desk's next beat comes 2 s sooner when a call came."),
            Self::EagerSlot => ("writer", "A real cell comes 5% sooner."),
            Self::FlagLeftOn => ("slot", "A reserved bit of the header is set with real cells."),
            Self::HarderStamp => {
                ("hostile-writer", "Where a stamp is asked for, a real cell's is of one effort more.")
            }
            Self::InboxOrder => (
                "desk-took",
                "The inbox position waits for a call's event to be in the log: it moves a commit later.",
            ),
            Self::HeldPosition => ("desk-took", "The inbox position waits at a call."),
            Self::LettersOnDemand => {
                ("letter-writer", "The letters document is fetched when a letter is written, and only then.")
            }
            Self::MarkedEnc => ("slot", "The lowest bit of a real cell's encapsulation is set."),
            Self::MoveOnTyping => ("move", "With several shards the walk moves when the phrase is typed."),
            Self::OrderedDrops => (
                "desk-answered",
                "The desk posts a round's drops in the order of their addresses when one of them is an answer.",
            ),
            Self::SameAddress => (
                "desk-answered",
                "A drop that was refused is posted again under its address when it is an answer.",
            ),
            Self::SecondLook => {
                ("which-answer", "A reader asks again for a block in which something was theirs.")
            }
            Self::ShortCell => ("slot", "A real cell is a byte shorter."),
            Self::StickyShard => ("same-caller", "A caller's first walk is over a shard of their own too."),
            Self::UnpaddedAnswer => ("drop", "An answer is not padded."),
        }
    }

    /// In a visit of which `parts` exchanges carry real cells, those behind the first.
    pub fn in_cells(self, seen: &mut [Seen], parts: u32) {
        let mut before = exchanges(seen).next().map_or(0, |seen| seen.at_ms);
        for seen in exchanges(seen).skip(1).take(parts as usize) {
            match self {
                Self::EagerSlot => {
                    let gap = seen.at_ms - before;
                    before = seen.at_ms;
                    seen.at_ms -= gap / 20;
                }
                Self::FlagLeftOn => seen.body[17] |= 1,
                Self::HarderStamp => seen.body[16] += u8::from(seen.body[16] > 0),
                Self::MarkedEnc => seen.body[REQUEST_HEADER_LEN + 7 + 1_088] |= 1,
                Self::ShortCell => seen.body.truncate(seen.body.len() - 1),
                _ => {}
            }
        }
    }

    /// In the visit of somebody who writes a letter before slot `written_before`, or none.
    pub fn in_letters(self, seen: &mut Vec<Seen>, written_before: Option<usize>) {
        if self != Self::LettersOnDemand {
            return;
        }
        let Some(fetched) = seen.iter().position(|seen| seen.path == LETTERS) else { return };
        let mut fetched = seen.remove(fetched);
        let slots = seen.iter().enumerate().filter(|(_, seen)| seen.path == "v1/exchange");
        if let Some(at) = written_before.and_then(|slot| slots.map(|(at, _)| at).nth(slot)) {
            fetched.at_ms = seen[at].at_ms;
            seen.insert(at, fetched);
        }
    }

    /// In the visit of a reader who found something on the list of `day`.
    pub fn in_reading(self, seen: &mut Vec<Seen>, day: u32) {
        if self != Self::SecondLook {
            return;
        }
        let asked = |seen: &Seen| seen.path == "v1/exchange" && seen.body[4..8] == day.to_be_bytes();
        if let Some(at) = seen.iter().position(asked) {
            seen.insert(at + 1, seen[at].clone());
        }
    }

    /// In the visit of a reader who has typed the phrase before slot `typed_before`: what comes from the move on, comes then.
    pub fn in_moving(self, seen: &mut [Seen], typed_before: usize) {
        if self != Self::MoveOnTyping {
            return;
        }
        let mut slots: Vec<&mut Seen> = exchanges(seen).collect();
        let asks: Vec<Vec<u8>> = slots.iter().map(|seen| seen.body[ASK].to_vec()).collect();
        let moves = |ask: &Vec<u8>| ask[..4] == [0; 4] && ask[4..8] != asks[0][4..8];
        let moves_at = asks.iter().position(moves).filter(|at| typed_before < *at);
        let later = moves_at.map_or(&[][..], |at| &asks[at..]);
        slots.iter_mut().skip(typed_before).zip(later).for_each(|(seen, ask)| {
            seen.body[ASK].copy_from_slice(ask);
        });
    }

    /// In the visit of somebody under whose addresses so many drops that do not open lie on the list of `day`.
    pub fn in_opening(self, seen: &mut [Seen], day: u32, drops: u64) {
        if self != Self::DropRetry {
            return;
        }
        let (mut is_listed, mut late) = (false, 0);
        for seen in exchanges(seen) {
            seen.at_ms += late;
            is_listed |= seen.body[ASK][..4] == day.to_be_bytes();
            late += if is_listed { drops } else { 0 };
        }
    }

    /// In the visit of somebody on whose device it is day `own`.
    pub fn in_epochs(self, seen: &mut [Seen], own: u32) {
        if self == Self::ClockEpoch {
            exchanges(seen).for_each(|seen| seen.body[EPOCH].copy_from_slice(&own.to_be_bytes()));
        }
    }

    /// In the visit of a caller of that number.
    pub fn in_shard(self, seen: &mut [Seen], caller: usize) {
        if self == Self::StickyShard {
            exchanges(seen).for_each(|seen| seen.body[11] = u8::try_from(caller).unwrap_or(0));
        }
    }

    /// In the same: the first question behind the one that brought the call.
    pub fn in_follows(self, seen: &mut [Seen], call_at_ms: u64) {
        let is_behind =
            |(_, seen): &(usize, &Seen)| seen.path.starts_with("v1/follow") && seen.at_ms > call_at_ms;
        let asked = seen.iter().enumerate().filter(is_behind).nth(1).map(|(at, _)| at);
        if let Some(at) = asked.filter(|_| self == Self::CellWork) {
            let latest = seen.get(at + 1).map_or(u64::MAX, |next| next.at_ms);
            seen[at].at_ms = latest.min(seen[at].at_ms + 70);
        }
    }

    /// In the requests of a desk that has taken a call, from the first commit after that on.
    pub fn in_commits(self, seen: &mut [Seen], call_at_ms: u64) {
        let commits = || seen.iter().enumerate().filter(|(_, seen)| seen.path == "v1/commit");
        let after: Vec<usize> =
            commits().filter(|(_, seen)| seen.at_ms > call_at_ms).map(|(at, _)| at).collect();
        let position = |seen: &Seen| seen.body[ENTRY_LEN..ENTRY_LEN + 8].to_vec();
        let first_position = commits().next().map(|(_, seen)| position(seen)).unwrap_or_default();
        let posting: Vec<usize> =
            after.iter().copied().filter(|at| seen[*at].body.len() >= ADDRESS.end).collect();
        match self {
            Self::EarlyCommit => after.iter().take(1).for_each(|at| seen[*at].at_ms -= 2_000),
            Self::InboxOrder => {
                let positions: Vec<_> = after.iter().map(|at| position(&seen[*at])).collect();
                let before = std::iter::once(&first_position).chain(&positions);
                for (at, before) in after.iter().zip(before) {
                    seen[*at].body[ENTRY_LEN..ENTRY_LEN + 8].copy_from_slice(before);
                }
            }
            Self::HeldPosition => {
                for at in &after {
                    seen[*at].body[ENTRY_LEN..ENTRY_LEN + 8].copy_from_slice(&first_position);
                }
            }
            Self::OrderedDrops => {
                let mut addresses: Vec<_> =
                    posting.iter().map(|at| seen[*at].body[ADDRESS].to_vec()).collect();
                addresses.sort_unstable();
                posting
                    .iter()
                    .zip(addresses)
                    .for_each(|(at, address)| seen[*at].body[ADDRESS].copy_from_slice(&address));
            }
            Self::SameAddress => {
                if let [.., one, other] = posting[..] {
                    let address = seen[one].body[ADDRESS].to_vec();
                    seen[other].body[ADDRESS].copy_from_slice(&address);
                }
            }
            _ => {}
        }
        // As it would have come.
        seen.sort_by_key(|seen| seen.at_ms);
    }

    /// In a drop whose payload takes `len` bytes.
    pub fn in_drop(self, drop: &mut Vec<u8>, len: usize) {
        if self == Self::UnpaddedAnswer {
            drop.truncate((48 + len + 18).min(DROP_LEN));
        }
    }
}

/// Where the letters document is.
pub const LETTERS: &str = "v1/letters";
/// Where an exchange says what it asks for: day, shard and position.
const ASK: std::ops::Range<usize> = 4..16;
/// Where an exchange's cell names its day.
pub const EPOCH: std::ops::Range<usize> = REQUEST_HEADER_LEN + 1..REQUEST_HEADER_LEN + 5;
/// Where a commit's first drop has its address: behind the entry, both positions, day, count and shard.
const ADDRESS: std::ops::Range<usize> = ENTRY_LEN + 22..ENTRY_LEN + 38;

fn exchanges(seen: &mut [Seen]) -> impl Iterator<Item = &mut Seen> {
    seen.iter_mut().filter(|seen| seen.path == "v1/exchange")
}
