//! A visit: exchanges in slots, each with the next waiting part or cover, and what comes of the answers.

use std::{collections::VecDeque, time::Duration};

use callsign_protocol::{
    call::{Message, MessageError},
    caller_keys::CallerKeys,
    cell::{Cell, CellError, Part},
    exchange::{Answer, AnswerHeader, Ask, BLOCK, LAST_BLOCK, Outcome, Request, last_block},
    notice::VerifiedNotice,
    plan::draw_bits,
    stamp::{Search, Stamp, Toll},
    time::{Clock, Day, UnixSeconds},
    walk::Walk,
};
use rand_core::CryptoRng;
use thiserror::Error;

use crate::{
    hub_client::{FetchError, HubClient, HubError},
    lists::{Confirmation, Lists},
    mailbox::{Mailbox, Openings, Reading},
};

/// Seconds before the second and the third try of a fast exchange.
const RETRY_WAITS_S: [u64; 2] = [1, 2];
/// Seconds before further tries where the hub asks for stamps: the first answer tells for which, and who makes them gets
/// through in the end.
const BUSY_WAITS_S: [u64; 7] = [1, 2, 4, 8, 15, 30, 60];
/// Seconds by which a notice's end and the clock may differ (section 5.1).
const EXPIRY_TOLERANCE_S: u64 = 86_400;
/// Days by which the hub's clock and the caller's may differ.
const CLOCK_TOLERANCE_DAYS: u32 = 2;

/// One visit of one phrase. Whoever has none visits with one that was drawn for it: on the wire they are alike.
pub struct Visit<'a, S> {
    hub: &'a HubClient,
    notice: VerifiedNotice,
    caller: CallerKeys,
    clock: Clock,
    /// Randomness of cells and their stamps alone, so that what is inside a cell never moves the pace or the walk.
    sealing: S,
    outbox: VecDeque<Part>,
    stored: usize,
    /// Whether the hub may have stored the first part of the outbox, for an answer to it was lost or not to be believed.
    is_doubtful: bool,
    mailbox: Mailbox,
    lists: Lists,
    walk: Walk,
    /// The shard that the next move goes to; a drawn one where absent.
    next_bits: Option<u16>,
    /// Slots that have begun.
    slots: u32,
    /// All that was listed for the caller has been read once.
    is_all_read: bool,
    /// The hub's day, as the newest answer said that was believed.
    hubs_day: Option<Day>,
    renewal: Renewal,
    /// What the hub asks of the next exchange.
    toll: Toll,
    /// Slots in a row whose exchange was not answered as it should be, whatever was in the cell.
    failures: u32,
}

/// Why a slot did not do what it was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SlotError {
    /// The hub's day and the caller's are too far apart.
    #[error(
        "the hub's date and this computer's are {days} days apart; check this computer's date and time, and where they are \
         right, the hub's clock is wrong: try another address of the desk"
    )]
    Clocks {
        /// Between the two.
        days: u32,
    },
    /// The exchange brought nothing.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The notice in hand has ended, and the hub shows no newer one.
    #[error("the desk's notice has expired and the hub shows no newer one; try again later")]
    NoticeExpired,
    /// The visit's last slot has passed.
    #[error("the visit ended before everything was done; try again later, or without --cover")]
    NoSlotLeft,
    /// The hub could not store the cell.
    #[error("the hub cannot store messages at the moment; try again in a few minutes")]
    Unavailable,
    /// The hub does not know today's list.
    #[error("the hub and the desk do not agree on what is listed; try again in a few minutes")]
    UnknownList,
    /// The notice's key is none.
    #[error("the desk's notice has no usable key; try again later")]
    UnusableKey,
}

/// Why a visit did not reach its goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VisitError {
    /// The hub announces more than the desk can have posted.
    #[error(
        "the hub announces more than the desk can have posted, so reading was ended; what was found is shown, and another address may do better"
    )]
    EndlessLists,
    /// Not all parts of the message are stored.
    #[error(
        "the message was not stored ({stored} of {parts} parts arrived), nothing more was sent, and the text is still with you: {cause}"
    )]
    NotStored {
        /// What happened last.
        cause: SlotError,
        /// Parts of the message.
        parts: usize,
        /// Parts that the hub says it stored.
        stored: usize,
    },
    /// All parts but the last are stored, and the answer about the last was lost.
    #[error(
        "it is not known whether the message was stored ({stored} of {parts} parts surely are): {cause}. Keep the phrase: look \
         with `callsign call read` whether an answer comes, or send the same text again with --phrase-file; the desk then \
         may see it twice, from one caller"
    )]
    NotKnown {
        /// What happened last.
        cause: SlotError,
        /// Parts of the message.
        parts: usize,
        /// Parts that the hub says it stored.
        stored: usize,
    },
    /// The walk ended early.
    #[error("not everything could be read: {0}")]
    NotRead(SlotError),
    /// A visit for nothing in particular ended early.
    #[error("the visit ended early: {0}")]
    Ended(SlotError),
}

/// Whether the notice is to be fetched again before the next slot.
#[derive(Clone, Copy, Debug, Default)]
struct Renewal {
    /// The highest serial that an answer has named.
    announced: u64,
    /// The highest one for which the hub has already shown what it has.
    answered: u64,
    /// The hub did not know a list.
    asked_for: bool,
}

impl<'a, S: CryptoRng> Visit<'a, S> {
    /// A visit that has not begun. `sealing` must not be the stream that paces it.
    pub fn new(
        hub: &'a HubClient,
        notice: VerifiedNotice,
        caller: CallerKeys,
        clock: Clock,
        mut sealing: S,
    ) -> Self {
        let mailbox = Mailbox::new(caller.clone());
        let (outbox, renewal) = (VecDeque::new(), Renewal::default());
        let walk = Walk::new(notice.notice.days, draw_bits(&mut sealing));
        let lists = Lists::default();
        Self {
            hub,
            notice,
            caller,
            clock,
            sealing,
            outbox,
            stored: 0,
            is_doubtful: false,
            mailbox,
            lists,
            walk,
            next_bits: None,
            slots: 0,
            is_all_read: false,
            hubs_day: None,
            renewal,
            toll: Toll::NONE,
            failures: 0,
        }
    }

    /// Slots in a row that failed: the gaps of a paced visit grow with them.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Puts a message's parts into the outbox; nothing is sent yet.
    pub fn write(&mut self, message: &Message) -> Result<(), MessageError> {
        self.outbox.extend(message.parts()?);
        Ok(())
    }

    /// The notice in use.
    pub fn notice(&self) -> &VerifiedNotice {
        &self.notice
    }

    /// What opening drops has cost so far: nothing while requests go out.
    pub fn openings(&self) -> Openings {
        self.mailbox.openings()
    }

    /// Parts that the hub says it stored.
    pub fn stored(&self) -> usize {
        self.stored
    }

    /// The day whose key the next cell is sealed to: the notice's nearest to the hub's today, or its first where the hub
    /// has not said yet which that is. Never by the device's clock, by which its cells could be known.
    pub fn epoch(&self) -> Day {
        let keys = &self.notice.notice.inbox_keys;
        let today = self.hubs_day.or_else(|| keys.first().map(|key| key.epoch));
        self.notice.inbox_key(today.unwrap_or(Day(0))).epoch
    }

    /// Whether nothing waits in the outbox.
    pub fn is_all_stored(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Whether all that was listed for this caller has been read.
    pub fn is_all_read(&self) -> bool {
        self.is_all_read
    }

    /// Days of the caller's lists that have been read.
    pub fn days_read(&self) -> u32 {
        self.walk.days_read(&self.notice.notice.plan, self.caller.shard_bits())
    }

    /// Opens what came for the caller, and says what was found so far.
    ///
    /// That takes the longer the more there is. So it is called when no request follows: a hub would measure it.
    pub fn reading(&mut self) -> Reading {
        self.mailbox.open(&self.notice);
        let mut reading = self.mailbox.reading(self.is_all_read);
        let judgement = self.lists.judge(&self.notice);
        (reading.desk_seen, reading.lists_current) = (judgement.desk_seen, judgement.is_current);
        reading.lists_in_doubt = judgement.is_in_doubt;
        for (day, confirmation) in judgement.days {
            match confirmation {
                Confirmation::Confirmed => reading.confirmed.push(day),
                Confirmation::NotYet => reading.unconfirmed.push(day),
                Confirmation::Contradicted => reading.contradicted.push(day),
            }
        }
        reading
    }

    /// The walk goes over the shard of these bits from now on.
    pub fn walk_over(&mut self, shard_bits: u16) {
        self.walk.move_to(shard_bits);
    }

    /// Whether the walk has come to its end, and is to move.
    pub fn has_walked(&self) -> bool {
        self.walk.is_whole()
    }

    /// Moves the walk: to the caller's shard where that is wanted, otherwise to that of `drawn_bits`.
    pub fn move_on(&mut self, drawn_bits: u16) {
        self.walk.move_to(self.next_bits.take().unwrap_or(drawn_bits));
    }

    /// The next move goes to the caller's shard; when it comes stays as it is.
    pub fn look_for_answers(&mut self) {
        self.next_bits = Some(self.caller.shard_bits());
    }

    /// Sends what waits, at once. The price: the moment of writing shows.
    pub fn send_fast(&mut self, wait: &dyn Fn(Duration)) -> Result<(), VisitError> {
        self.hurry(Self::is_all_stored, u64::MAX, wait).map_err(|cause| self.not_stored(cause))
    }

    /// Walks over all that is listed at once, with cover in each cell. The price: that somebody reads shows.
    pub fn read_fast(&mut self, wait: &dyn Fn(Duration)) -> Result<(), VisitError> {
        self.walk_over(self.caller.shard_bits());
        let exchanges_max = exchanges_max(&self.notice, (self.clock)().day());
        self.hurry(Self::is_all_read, exchanges_max, wait).map_err(|cause| match cause {
            SlotError::NoSlotLeft => VisitError::EndlessLists,
            cause => VisitError::NotRead(cause),
        })
    }

    /// One slot: the notice again where it is due, then one exchange with the next waiting part or cover.
    pub fn slot(&mut self) -> Result<(), SlotError> {
        let slot = self.slots;
        self.slots += 1;
        self.failures = self.failures.saturating_add(1);
        self.renew_where_due();
        let now = (self.clock)();
        if now > self.notice.notice.expires.plus(EXPIRY_TOLERANCE_S) {
            return Err(SlotError::NoticeExpired);
        }
        let today = self.hubs_day.unwrap_or(self.epoch());
        let ask = self.walk.ask(slot, &self.notice.notice.plan, today);
        let is_real = self.carries_part();
        let cell = self.seal().map_err(|_| SlotError::UnusableKey)?;
        let answer =
            self.exchange(ask, cell).inspect_err(|error| self.doubt(is_real && error.leaves_doubt()))?;
        self.renewal.announced = self.renewal.announced.max(answer.header.notice_serial);
        if answer.header.outcome != Outcome::Stored || fits(&ask, &answer.header, now.day()) {
            self.toll = answer.header.toll;
        }
        match answer.header.outcome {
            Outcome::Stored => {
                // Of an answer that does not fit nothing is believed; the desk drops the part that comes twice.
                self.listen(&ask, &answer, now).inspect_err(|_| self.doubt(is_real))?;
                self.failures = 0;
                if is_real {
                    self.stored += usize::from(self.outbox.pop_front().is_some());
                    self.is_doubtful = false;
                }
                Ok(())
            }
            Outcome::Unavailable => {
                // A hub that cannot write may still read, and says so with drops; an empty list may just as well be
                // none. The walk goes on alike for real cells and cover, or the next ask would tell them apart.
                let is_read = answer.header.total > 0 && self.listen(&ask, &answer, now).is_ok();
                if is_read && self.outbox.is_empty() { Ok(()) } else { Err(SlotError::Unavailable) }
            }
            Outcome::UnknownList => self.pass_over(&ask, answer.header.day, now.day()),
            Outcome::Version => Err(HubError::Outdated.into()),
        }
    }

    pub(crate) fn not_stored(&self, cause: SlotError) -> VisitError {
        let (parts, stored) = (self.stored + self.outbox.len(), self.stored);
        // Where more than one part is left, the message is not whole at the hub, whatever became of the first.
        if self.is_doubtful && self.outbox.len() == 1 {
            VisitError::NotKnown { cause, parts, stored }
        } else {
            VisitError::NotStored { cause, parts, stored }
        }
    }

    fn doubt(&mut self, is_doubtful: bool) {
        self.is_doubtful |= is_doubtful;
    }

    /// Whether the next cell carries a part: not before the hub's day is known, or it could be sealed to a key that is gone.
    fn carries_part(&self) -> bool {
        self.hubs_day.is_some() && !self.outbox.is_empty()
    }

    /// Slots in immediate succession, each tried again twice, or for some minutes where the hub is busy.
    fn hurry(
        &mut self,
        is_done: impl Fn(&Self) -> bool,
        exchanges_max: u64,
        wait: &dyn Fn(Duration),
    ) -> Result<(), SlotError> {
        let mut failures = 0;
        for _ in 0..exchanges_max {
            if is_done(self) {
                return Ok(());
            }
            match self.slot() {
                Ok(()) => failures = 0,
                Err(_) if is_done(self) => return Ok(()),
                Err(error) => {
                    let waits = if self.toll == Toll::NONE { &RETRY_WAITS_S[..] } else { &BUSY_WAITS_S };
                    let pause = waits.get(failures).filter(|_| error.may_pass()).ok_or(error)?;
                    wait(Duration::from_secs(*pause));
                    failures += 1;
                }
            }
        }
        if is_done(self) { Ok(()) } else { Err(SlotError::NoSlotLeft) }
    }

    /// Every try is sealed afresh, real or not.
    fn seal(&mut self) -> Result<Cell, CellError> {
        let epoch = self.epoch();
        match self.outbox.front().filter(|_| self.hubs_day.is_some()) {
            Some(part) => Cell::seal_part(part, &self.caller, &self.notice, epoch, &mut self.sealing),
            None => Cell::seal_cover(&self.notice, epoch, &mut self.sealing),
        }
    }

    /// Does the work that the hub asks for, which is the same for a real cell and for cover, and sends.
    fn exchange(&mut self, ask: Ask, cell: Cell) -> Result<Answer, HubError> {
        let first = self.sealing.next_u64();
        let mut search = Search::new(&self.notice.fingerprint, &cell, self.toll, first);
        // So many tries are some thousand times what the greatest effort takes.
        let stamp = search.advance(u32::MAX).unwrap_or(Stamp::NONE);
        self.hub.exchange(&Request { ask, stamp, cell })
    }

    fn listen(&mut self, ask: &Ask, answer: &Answer, now: UnixSeconds) -> Result<(), SlotError> {
        if !fits(ask, &answer.header, now.day()) {
            return Err(misfit(ask, answer.header.day, now.day()));
        }
        let header = &answer.header;
        self.learn_day(ask, header.day, now.day());
        self.mailbox.take(header.day, &answer.drops);
        self.lists.take(header, &answer.drops);
        let plan = &self.notice.notice.plan;
        self.walk.took(plan, ask, &header.into());
        self.is_all_read |= self.walk.has_read(plan, self.caller.shard_bits());
        Ok(())
    }

    fn learn_day(&mut self, ask: &Ask, hubs: Day, own: Day) {
        if ask.day == Day(0) && is_near(hubs, own) {
            self.hubs_day = Some(hubs);
        }
    }

    /// A list that is no longer there has nothing to read; without today's list nothing goes on.
    fn pass_over(&mut self, ask: &Ask, hubs_day: Day, own_day: Day) -> Result<(), SlotError> {
        self.renewal.asked_for = true;
        self.learn_day(ask, hubs_day, own_day);
        if ask.day == Day(0) {
            let clocks = Some(misfit(ask, hubs_day, own_day));
            return Err(clocks
                .filter(|error| matches!(error, SlotError::Clocks { .. }))
                .unwrap_or(SlotError::UnknownList));
        }
        let plan = &self.notice.notice.plan;
        self.walk.pass_over(plan, ask);
        self.is_all_read |= self.walk.has_read(plan, self.caller.shard_bits());
        self.failures = 0;
        if self.outbox.is_empty() { Ok(()) } else { Err(SlotError::UnknownList) }
    }

    /// Where the hub has no better notice to show, the one in hand stays in use until it ends.
    fn renew_where_due(&mut self) {
        let announced = self.renewal.announced;
        let is_newer = announced > self.notice.notice.serial && announced > self.renewal.answered;
        let now = (self.clock)();
        if !is_newer && !self.renewal.asked_for && now <= self.notice.notice.expires {
            return;
        }
        let fetched = self.hub.fetch_notice(Some(&self.notice.fingerprint), now);
        // An absent hub is asked again before the next slot; one that shows a bad notice is not believed more by asking.
        if matches!(fetched, Err(FetchError::Hub(_))) {
            return;
        }
        self.renewal = Renewal { announced, answered: announced, asked_for: false };
        if let Ok(newer) = fetched
            && newer.notice.serial > self.notice.notice.serial
            // A device that was removed knows a duty key that was replaced.
            && newer.signer.may_follow(&self.notice.signer)
        {
            self.notice = newer;
        }
    }
}

impl<S> std::fmt::Debug for Visit<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visit([redacted])")
    }
}

impl SlotError {
    /// Whether the next slot may do better.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Clocks { .. }
            | Self::Hub(HubError::Away(_) | HubError::Garbled | HubError::Lost(_))
            | Self::Unavailable
            | Self::UnknownList => true,
            Self::Hub(HubError::CallsNotTaken | HubError::NoDesk | HubError::Outdated)
            | Self::NoticeExpired
            | Self::NoSlotLeft
            | Self::UnusableKey => false,
        }
    }
}

impl VisitError {
    /// Stable text for programs: what happened last, or that it is not known what became of a message.
    pub fn code(self) -> &'static str {
        let cause = match self {
            Self::EndlessLists => return "endless-lists",
            Self::NotKnown { .. } => return "unknown-whether-stored",
            Self::Ended(cause) | Self::NotRead(cause) | Self::NotStored { cause, .. } => cause,
        };
        match cause {
            SlotError::Clocks { .. } => "clocks",
            SlotError::Hub(error) => error.code(),
            SlotError::NoSlotLeft => "no-slot-left",
            SlotError::NoticeExpired => "notice-expired",
            SlotError::Unavailable => "unavailable",
            SlotError::UnknownList => "unknown-list",
            SlotError::UnusableKey => "unusable-key",
        }
    }
}

/// Whether an answer is the list that was asked for, and its last block really the last.
fn fits(ask: &Ask, answer: &AnswerHeader, today: Day) -> bool {
    let day_fits = match ask.day {
        Day(0) => answer.day != Day(0) && is_near(answer.day, today),
        day => answer.day == day,
    };
    let from = if ask.from == LAST_BLOCK { last_block(answer.total) } else { ask.from };
    day_fits && answer.shard == ask.shard && answer.from == from
}

/// What is wrong with an answer that does not fit: a list of "today" on a day that is far away is a matter of clocks.
fn misfit(ask: &Ask, hubs: Day, own: Day) -> SlotError {
    if ask.day == Day(0) && hubs != Day(0) && !is_near(hubs, own) {
        SlotError::Clocks { days: hubs.0.abs_diff(own.0) }
    } else {
        HubError::Garbled.into()
    }
}

/// Whether a day can be the hub's, where `own` is the caller's.
fn is_near(hubs: Day, own: Day) -> bool {
    hubs.0.abs_diff(own.0) <= CLOCK_TOLERANCE_DAYS
}

/// Exchanges after which a hub is not believed any more: twice what the desk's cadence fills, and room for flushes.
fn exchanges_max(notice: &VerifiedNotice, today: Day) -> u64 {
    let notice = &notice.notice;
    let blocks = |day| notice.plan.on(day).map_or(0, |entry| u64::from(entry.drops_a_day().div_ceil(BLOCK)));
    (0..notice.days.max(1)).map(|ago| 2 * blocks(today.minus(ago)) + 64).sum()
}
