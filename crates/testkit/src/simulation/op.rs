//! What can happen: everything that callers, desks, the hub and the network between them do in a simulation.

use rand_core::Rng;

/// Callers of a simulation.
pub const CALLERS: u8 = 3;
/// Places for devices; a removed one can be taken again by a new device.
pub const PLACES: u8 = 3;

/// One thing that happens. What makes no sense where it stands (a second join of one device) does nothing, so that any part of a list is
/// a list. `{:?}` is Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A device queues an answer of so many parts.
    Answer { device: u8, caller: u8, parts: u8 },
    /// The person of a device takes the next case, is ready or not any more, or sends on what is offered.
    Turn { device: u8, what: Turn },
    /// The person of a device ends their shift, or takes over what one has left.
    Handover { device: u8, takes: bool },
    /// The person of a device offers a case, takes or refuses what is offered, takes an offer back, or asks for a case.
    Transfer { device: u8, caller: u8, what: Transfer },
    /// The person of a device flags a case, lifts a flag, says when it is safe to look, or reads an answer that waits for that.
    Say { device: u8, caller: u8, what: Say },
    /// The person of a device says what they are doing.
    Presence { device: u8, caller: u8, does: Does },
    /// Two beats of a device.
    Beat { device: u8 },
    /// The person of a device takes a case; a leader with a reason, whoever has it.
    Claim { device: u8, caller: u8, why: Why },
    /// A device closes a case, or reopens it.
    Close { device: u8, caller: u8, reopens: bool },
    /// So many chunks are read that are not those which lie at the hub.
    Chunks { shown: Shown, times: u8 },
    /// A device's clock shows so much more than the true time, from now on.
    DeviceClock { device: u8, minutes: i32 },
    /// A device's disk has room again.
    DiskFree { device: u8 },
    /// A device's disk has room for so many pages more of its log and state.
    DiskFull { device: u8, pages: u8 },
    /// A device erases a case.
    Erase { device: u8, caller: u8 },
    /// The next requests of a kind go wrong.
    Fault { on: On, what: What, times: u8 },
    /// A device flushes.
    Flush { device: u8 },
    /// A device sets a follow-up, moves the first of a case, or marks it as done.
    FollowUp { device: u8, caller: u8, what: FollowUp },
    /// The hub's clock shows so much more than the true time, from now on.
    HubClock { minutes: i32 },
    /// The hub's disk takes nothing more.
    HubDiskFull,
    /// It takes again.
    HubDiskFree,
    /// The hub dies, and starts again with the files as they lie there.
    HubKill,
    /// The hub is stopped and started.
    HubRestart,
    /// A person puts the identity into a device's vault, or takes it out; the first device keeps it.
    Identity { device: u8, is_there: bool },
    /// A new device asks, and is let in by another.
    Join { device: u8, by: u8 },
    /// A device dies at so manieth request of what it does next, and starts again with its files as they lie there.
    Kill { device: u8, request: u8 },
    /// A device stays switched on, and nobody works with it.
    Leave { device: u8 },
    /// A caller's letter of one part, under the notice in hand, reaches a device so often.
    Letter { caller: u8, device: u8, times: u8 },
    /// A device's cache breaks; not while it may hold the only copy of the state.
    LoseCache { device: u8 },
    /// The hub's disk loses chunks of the newest snapshot, where a device has the state itself.
    LoseChunks { lost: Lost },
    /// A device keeps a note of so many parts, or strikes the first that it may.
    Note { device: u8, caller: u8, what: Note },
    /// A person opens a call.
    Open { device: u8, caller: u8 },
    /// Time goes by; devices at work follow and beat every six hours.
    Pass { hours: u32 },
    /// A caller reads all days.
    Read { caller: u8 },
    /// A device's program is replaced by one that knows so many versions of the fold more than the first, and starts anew.
    Program { device: u8, versions: u8 },
    /// A device is removed by another.
    Remove { device: u8, by: u8 },
    /// The person of a device lets a case go, or the oldest answer in it that is held.
    Release { device: u8, caller: u8, what: Release },
    /// A device gives the desk another name.
    Rename { device: u8, name: u8 },
    /// A device's program starts anew.
    Restart { device: u8 },
    /// A caller sends the newest message once more, each part sealed afresh, under the notice of then or of now.
    Retry { caller: u8, notice: Under },
    /// Somebody works with the device again.
    Return { device: u8 },
    /// A device's program is left asleep, and a second one works on in its place.
    Sleep { device: u8 },
    /// A device takes what is new.
    Sync { device: u8 },
    /// The person of a device takes the newest answer back that can be taken back.
    TakeBack { device: u8, caller: u8 },
    /// A caller visits and neither writes nor reads.
    Visit { caller: u8 },
    /// The program that was left asleep takes the place of the other.
    Wake { device: u8 },
    /// A caller writes a message of so many parts, and leaves after so many slots at the latest.
    Write { caller: u8, parts: u8, leave_after: u8, notice: Under },
}

/// Under which notice a caller seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// The one that the hub serves.
    Current,
    /// The one of the visit before, for a page that stayed open.
    Kept,
}

/// What kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Any.
    Any,
    /// A commit.
    Commit,
    /// An exchange.
    Exchange,
    /// What follows inbox and log.
    Follow,
    /// A keyring, either way.
    Keyring,
    /// A letters document, either way.
    Letters,
    /// A notice, either way.
    Notice,
    /// A chunk of a snapshot, either way.
    Snapshot,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is applied behind the operation in which it was sent; its sender waits in vain.
    Late,
    /// It is applied, its answer is lost.
    Lose,
    /// It never arrives.
    Refuse,
    /// It is applied twice; the second answer is the one that comes.
    Twice,
}

/// What a hub shows in place of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing, as if it were not there.
    Nothing,
    /// The one that was read before.
    Other,
}

/// Which chunks a disk loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// All of them.
    All,
    /// The first stays, and is spoilt.
    FirstSpoilt,
    /// The last.
    Last,
}

/// Whether a claim says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// With a reason, as a leader takes a case from a colleague.
    Said,
    /// Without one.
    Unsaid,
}

/// What somebody lets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The case.
    Case,
    /// An answer that is held.
    Answer,
}

/// What somebody does with their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// They ask for the next case.
    Next,
    /// They say that they are ready.
    Ready,
    /// They say that they are not.
    NotReady,
    /// They send the case on that is offered.
    Pass,
}

/// What is said of handing a case over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Whoever has it offers it to anyone.
    Offer,
    /// Somebody takes it.
    Take,
    /// Somebody refuses it.
    Refuse,
    /// Whoever has it offers it no more.
    Withdraw,
    /// Somebody asks for it.
    Ask,
}

/// What is said of a whole case, or of a colleague's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// Its caller may be under duress, for so many days.
    Coerced { days: u8 },
    /// It is junk, for so many days.
    Junk { days: u8 },
    /// It is neither.
    Neither,
    /// A step of a checklist is done, or not after all.
    Step { step: u8, done: bool },
    /// When it is safe to look: from so many minutes of the day on.
    SafeFrom { minutes: u16 },
    /// Those that came last and that nobody has opened are junk, for so many days.
    ManyJunk { days: u8 },
    /// They have the least urgent level.
    ManyCanWait,
    /// What was last said of many is taken back.
    NotMany,
    /// An answer that waits for a second reader may leave.
    Approve,
    /// It may not.
    Refuse,
}

/// What somebody says that they are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// They are away.
    Away,
    /// They read a case.
    Reads,
    /// They write to its caller.
    Writes,
}

/// What becomes of a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// A new one, in so many days.
    Set { days: u8 },
    /// The first of the case goes to another day.
    Move { days: u8 },
    /// The first of the case is done.
    Done,
}

/// What becomes of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A new one, of so many parts.
    Keep { parts: u8 },
    /// The first that was not struck is.
    Strike,
}

/// Draws a list of operations.
pub fn draw(rng: &mut impl Rng, count: usize) -> Vec<Op> {
    (0..count).map(|_| draw_one(rng)).collect()
}

fn draw_one(rng: &mut impl Rng) -> Op {
    let caller = below(rng, CALLERS);
    let device = below(rng, PLACES);
    let by = (device + 1 + below(rng, PLACES - 1)) % PLACES;
    match below(rng, 128) {
        0..=12 => Op::Write {
            caller,
            parts: one_of(rng, [1, 1, 1, 3]),
            leave_after: one_of(rng, [9, 9, 9, 1, 2]),
            notice: one_of(rng, [Under::Current, Under::Current, Under::Current, Under::Kept]),
        },
        13..=14 => {
            let parts = one_of(rng, [1, 1, 3]);
            let what = one_of(rng, [Note::Keep { parts }, Note::Keep { parts }, Note::Strike]);
            Op::Note { device, caller, what }
        }
        15 => Op::Close { device, caller, reopens: one_of(rng, [false, false, true]) },
        16..=17 => Op::Retry { caller, notice: one_of(rng, [Under::Current, Under::Kept]) },
        18..=22 => Op::Read { caller },
        23 => Op::Visit { caller },
        24..=25 => Op::Letter { caller, device, times: one_of(rng, [1, 2]) },
        26..=30 => Op::Sync { device },
        31..=37 => Op::Beat { device },
        38..=43 => Op::Answer { device, caller, parts: one_of(rng, [1, 1, 2, 4]) },
        44..=47 => Op::Open { device, caller },
        48..=49 => Op::Erase { device, caller },
        50..=53 => Op::Flush { device },
        54 if rng.next_u32().is_multiple_of(2) => {
            Op::DiskFull { device, pages: one_of(rng, [0, 1, 2, 5, 20]) }
        }
        56 if rng.next_u32().is_multiple_of(2) => Op::DiskFree { device },
        54..=55 => Op::Leave { device },
        56..=58 => Op::Return { device },
        59 if rng.next_u32().is_multiple_of(2) => Op::Program { device, versions: one_of(rng, [0, 1, 1, 1]) },
        59 => Op::Restart { device },
        60 => Op::Kill { device, request: one_of(rng, [1, 2, 3, 4, 6, 20, 60, 140]) },
        61 => Op::LoseCache { device },
        62 => Op::Sleep { device },
        63 => Op::Wake { device },
        64..=67 => Op::Join { device, by },
        68 => Op::Remove { device, by },
        69..=70 => Op::DeviceClock { device, minutes: one_of(rng, [0, 0, 3, -3, 90, -90, 1_500, -1_500]) },
        71..=72 => Op::HubClock { minutes: one_of(rng, [0, 0, 5, -5, 600, -600, 1_440, -1_440, 5_760]) },
        73 => Op::HubRestart,
        74..=75 => Op::HubKill,
        76 => Op::HubDiskFull,
        77..=78 => Op::HubDiskFree,
        79..=86 => Op::Fault {
            on: one_of(
                rng,
                [
                    On::Any,
                    On::Commit,
                    On::Exchange,
                    On::Follow,
                    On::Keyring,
                    On::Letters,
                    On::Notice,
                    On::Snapshot,
                ],
            ),
            what: one_of(rng, [What::Late, What::Lose, What::Refuse, What::Twice]),
            times: one_of(rng, [1, 1, 2, 5]),
        },
        87..=88 => {
            Op::Chunks { shown: one_of(rng, [Shown::Nothing, Shown::Other]), times: one_of(rng, [1, 2, 130]) }
        }
        89 => Op::LoseChunks { lost: one_of(rng, [Lost::All, Lost::FirstSpoilt, Lost::Last]) },
        90..=91 => {
            let days = one_of(rng, [0, 1, 7, 30]);
            let what = one_of(rng, [FollowUp::Set { days }, FollowUp::Move { days }, FollowUp::Done]);
            Op::FollowUp { device, caller, what }
        }
        92 => Op::Rename { device, name: below(rng, 3) },
        93 => Op::Identity { device, is_there: one_of(rng, [true, true, false]) },
        100..=102 => Op::Claim { device, caller, why: one_of(rng, [Why::Unsaid, Why::Unsaid, Why::Said]) },
        103..=105 => Op::Release {
            device,
            caller,
            what: one_of(rng, [Release::Case, Release::Answer, Release::Answer]),
        },
        94..=96 => Op::Presence { device, caller, does: draw_doing(rng) },
        106..=108 => Op::TakeBack { device, caller },
        109 => Op::Answer { device, caller, parts: 1 },
        114..=115 => Op::Handover { device, takes: one_of(rng, [true, false]) },
        110..=113 => Op::Turn {
            device,
            what: one_of(rng, [Turn::Next, Turn::Ready, Turn::Ready, Turn::NotReady, Turn::Pass]),
        },
        116..=120 => {
            use Transfer::{Ask, Offer, Refuse, Take, Withdraw};
            Op::Transfer {
                device,
                caller,
                what: one_of(rng, [Offer, Offer, Take, Take, Refuse, Withdraw, Ask]),
            }
        }
        121..=126 => Op::Say { device, caller, what: draw_said(rng) },
        _ => Op::Pass { hours: one_of(rng, [1, 6, 12, 15, 24, 24, 30, 80]) },
    }
}

fn draw_doing(rng: &mut impl Rng) -> Does {
    one_of(rng, [Does::Away, Does::Reads, Does::Writes])
}

fn draw_said(rng: &mut impl Rng) -> Say {
    use Say::{Approve, Coerced, Junk, ManyCanWait, ManyJunk, Neither, NotMany, Refuse, SafeFrom, Step};
    let days = one_of(rng, [1, 3, 30]);
    let minutes = one_of(rng, [0, 700, 1_439]);
    let step = Step { step: one_of(rng, [1, 2]), done: one_of(rng, [true, true, false]) };
    let of_many = one_of(rng, [ManyJunk { days }, ManyCanWait, NotMany]);
    let of_one =
        [step, Coerced { days }, Junk { days }, Neither, SafeFrom { minutes }, Approve, Approve, Refuse];
    if below(rng, 3) == 0 { of_many } else { one_of(rng, of_one) }
}

fn one_of<T: Copy, const N: usize>(rng: &mut impl Rng, choices: [T; N]) -> T {
    choices[usize::from(below(rng, u8::try_from(N).expect("a few choices")))]
}

/// Nearly uniform, which is all that weights need.
fn below(rng: &mut impl Rng, bound: u8) -> u8 {
    u8::try_from(rng.next_u32() % u32::from(bound)).expect("below a u8")
}
