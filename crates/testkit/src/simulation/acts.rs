//! What callers and devices do in the world, and what the books are told of it.

use callsign_desk::{
    Answered, ContentFile, ContentFiles, Desk, DeskError, DiskError, DiskFault, FloodError, JoinOptions,
    NewAnswer, NewFollowUp, NewNote, OfferAnswer, Settings, SettingsChange, Shown, Sift, SiftAs,
    cases::{
        ClosedWhy, Doing, EventId, FOLLOW_UPS_MAX, Flag, Level, NOTE_PART_MAX, NOTES_MAX, PersonId, Role,
        SafeWindow, TransferTo,
    },
    store::CacheError,
};
use callsign_protocol::{
    call::{Message, PART_TEXT_MAX},
    caller_keys::CallerId,
    drop::ANSWER_TEXT_MAX,
};
use rand_core::Rng as _;

use super::{
    Failure,
    books::{Fate, Who, who},
    device::{Device, Standing, ambient},
    op::{Does, FollowUp, Note, Op, Release, Say, Transfer, Turn, Under, Why},
    skew::Skewed,
    world::World,
};
use crate::{CHEAP, PASSPHRASE};

/// Whoever works at the second place: an operator. All other devices are the first person's.
const SECOND_PERSON: &str = "Osyka";
/// Slots in which a message is sent again.
const RETRY_SLOTS: u8 = 9;

impl World {
    pub(super) fn act_of_caller(&mut self, op: Op) -> Result<(), Failure> {
        match op {
            Op::Letter { caller, device, times } => self.carry_letter(caller.into(), device.into(), times)?,
            Op::Read { caller } => {
                if let Some(reading) = self.callers[usize::from(caller)].read() {
                    self.books.check_reading(caller.into(), &reading, self.latest)?;
                }
            }
            Op::Retry { caller, notice } => {
                let newest = self.callers[usize::from(caller)].newest.clone();
                if let Some((number, message)) = newest {
                    self.send(caller.into(), (number, &message), notice, RETRY_SLOTS);
                }
            }
            Op::Visit { caller } => self.callers[usize::from(caller)].visit(),
            Op::Write { caller, parts, leave_after, notice } => {
                self.write(caller.into(), parts, notice, leave_after);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn act_of_device(&mut self, op: Op) -> Result<(), Failure> {
        match op {
            Op::Answer { device, caller, parts } => self.answer(device.into(), caller.into(), parts)?,
            Op::Beat { device } => drop(self.beats(device.into())?),
            Op::Close { device, caller, reopens } => self.close(device.into(), caller.into(), reopens)?,
            Op::Handover { device, takes } => self.hand_over(device.into(), takes)?,
            Op::Presence { device, caller, does } => self.presence(device.into(), caller.into(), does)?,
            Op::Turn { device, what } => self.turn(device.into(), what)?,
            Op::Transfer { device, caller, what } => self.transfer(device.into(), caller.into(), what)?,
            Op::Say { device, caller, what } => self.say(device.into(), caller.into(), what)?,
            Op::Claim { device, caller, why } => self.claim(device.into(), caller.into(), why)?,
            Op::DeviceClock { device, minutes } => {
                if let Some(device) = &self.places[usize::from(device)] {
                    device.clock.set(minutes);
                }
            }
            Op::DiskFree { device } | Op::DiskFull { device, .. } => {
                let pages = if let Op::DiskFull { pages, .. } = op { Some(pages.into()) } else { None };
                if let Some(device) = &mut self.places[usize::from(device)] {
                    device.leave_room(pages);
                }
            }
            Op::Erase { device, caller } => self.erase(device.into(), caller.into())?,
            Op::FollowUp { device, caller, what } => self.follow_up(device.into(), caller.into(), what)?,
            Op::Flush { device } => drop(self.with(device.into(), Desk::flush)?),
            Op::Identity { device, is_there } => self.carry_identity(device.into(), is_there),
            Op::Join { device, by } => self.join(device.into(), by.into())?,
            Op::Kill { device, request } => self.kill(device.into(), request)?,
            Op::Leave { device } | Op::Return { device } => {
                if let Some(device) = &mut self.places[usize::from(device)] {
                    device.is_at_work = matches!(op, Op::Return { .. });
                }
            }
            Op::LoseCache { device } => self.lose_cache(device.into()),
            Op::Note { device, caller, what } => self.note(device.into(), caller.into(), what)?,
            Op::Open { device, caller } => self.open_call(device.into(), caller.into())?,
            Op::Program { device, versions } => {
                if let Some(device) = &mut self.places[usize::from(device)] {
                    device.replace_program(versions.into());
                }
            }
            Op::Release { device, caller, what } => self.release(device.into(), caller.into(), what)?,
            Op::Remove { device, by } => self.remove(device.into(), by.into())?,
            Op::Rename { device, name } => {
                let name = Some(format!("Desk {name}"));
                let change = SettingsChange { name, ..SettingsChange::default() };
                self.with(device.into(), |desk| desk.change_settings(&change))?;
            }
            Op::Restart { device } => {
                if let Some(device) = &mut self.places[usize::from(device)] {
                    device.desk = None;
                }
            }
            Op::Sleep { device } => {
                if let Some(device) = &mut self.places[usize::from(device)] {
                    device.asleep = device.desk.take();
                }
            }
            Op::Sync { device } => drop(self.with(device.into(), Desk::sync)?),
            Op::TakeBack { device, caller } => {
                let id = self.keys[usize::from(caller)].id();
                self.books.somebody_tries(caller.into(), Fate::MayBeTakenBack);
                self.with(device.into(), |desk| desk.take_back(&id, None))?;
            }
            Op::Wake { device } => {
                if let Some(device) = &mut self.places[usize::from(device)]
                    && let Some(asleep) = device.asleep.take()
                {
                    device.asleep = device.desk.replace(asleep);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes a message; whether its caller was told that all of it is stored.
    pub(super) fn write(&mut self, caller: usize, parts: u8, under: Under, slots: u8) -> bool {
        let text = filled("call", self.books.calls.len(), usize::from(parts), PART_TEXT_MAX);
        let message = self.callers[caller].compose(text);
        let texts = message.part_texts().expect("a message within the limits");
        let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        let number = self.books.wrote(caller, message.id, texts, self.clock.now().day());
        self.callers[caller].newest = Some((number, message.clone()));
        self.send(caller, (number, &message), under, slots) == usize::from(parts)
    }

    fn send(
        &mut self,
        caller: usize,
        (number, message): (usize, &Message),
        under: Under,
        slots: u8,
    ) -> usize {
        let Some(sent) = self.callers[caller].send(message, under, slots) else { return 0 };
        self.books.told(number, sent.told, sent.of.min(self.hub_clock.today()));
        sent.told
    }

    fn carry_letter(&mut self, caller: usize, at: usize, times: u8) -> Result<(), Failure> {
        let text = filled("letter", self.books.calls.len(), 1, 0);
        let message = self.callers[caller].compose(text.clone());
        let Some(letter) = self.callers[caller].letter(&message) else { return Ok(()) };
        self.books.wrote(caller, message.id, vec![text], self.clock.now().day());
        for _ in 0..times {
            self.with(at, |desk| desk.receive(&letter))?;
        }
        Ok(())
    }

    pub(super) fn answer(&mut self, at: usize, caller: usize, parts: u8) -> Result<(), Failure> {
        let text = filled("answer", self.books.answers.len(), usize::from(parts), ANSWER_TEXT_MAX);
        let id = self.keys[caller].id();
        let Some(device) = &self.places[at] else { return Ok(()) };
        let (number, case) = (device.number, device.case(&id));
        // In the books first: an answer that is shown must be known to them.
        if let Some(case) = case.filter(|case| case.can_be_answered(device.clock.today())) {
            self.books.answered((number, who(at)), caller, text.clone(), &case);
            let answered = self.with(at, |desk| {
                // Nobody answers past what they have not read.
                open(desk, &id)?;
                desk.answer(&NewAnswer::new(&id, &text))
            })?;
            if answered == Some(Answered::Held) {
                self.books.was_held(&text);
            }
        }
        Ok(())
    }

    fn say(&mut self, at: usize, caller: usize, what: Say) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        if what == Say::Approve {
            self.books.somebody_tries(caller, Fate::MayLeave);
        }
        self.with(at, |desk| match what {
            Say::Coerced { days } => desk.flag(&id, Flag::Coerced, days.into()),
            Say::Junk { days } => desk.flag(&id, Flag::Junk, days.into()),
            Say::Neither => desk.lift_flag(&id, Flag::Junk).or_else(|_| desk.lift_flag(&id, Flag::Coerced)),
            Say::Step { step, done } => {
                desk.import_content(&checklist(), |_| None)?;
                desk.set_step(&id, (Some("first"), None), step, done)
            }
            Say::SafeFrom { minutes } => {
                desk.set_safe_window(&id, SafeWindow::new(minutes, (minutes + 90) % 1_440, 180))
            }
            Say::ManyJunk { days } => sift(desk, SiftAs::Junk { days: days.into() }),
            Say::ManyCanWait => sift(desk, SiftAs::Level(Level::ALL[3])),
            Say::NotMany => {
                let last = desk.siftings()?.first().map(|line| line.sifting.id);
                desk.unsift(&last.ok_or(FloodError::Undone)?)
            }
            Say::Approve => desk.approve(&id, &desk.to_read(&id)?.digest()),
            Say::Refuse => desk.refuse_answer(&id, &desk.to_read(&id)?.digest(), Some("not like this")),
        })
        .map(drop)
    }

    fn claim(&mut self, at: usize, caller: usize, why: Why) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let reason = (why == Why::Said).then_some("they are ill");
        self.with(at, |desk| desk.claim(&id, reason)).map(drop)
    }

    fn hand_over(&mut self, at: usize, takes: bool) -> Result<(), Failure> {
        self.with(at, |desk| {
            if takes { desk.take_over_shift(None) } else { desk.end_shift(Some("look at the first")) }
        })
        .map(drop)
    }

    fn presence(&mut self, at: usize, caller: usize, does: Does) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        self.with(at, |desk| match does {
            Does::Away => desk.say_presence(Doing::Away, None),
            Does::Reads => desk.say_presence(Doing::Reading, Some(&id)),
            Does::Writes => desk.say_presence(Doing::Writing, Some(&id)),
        })
        .map(drop)
    }

    fn turn(&mut self, at: usize, what: Turn) -> Result<(), Failure> {
        self.with(at, |desk| match what {
            Turn::Next => desk.next(None).map(drop),
            Turn::Ready => desk.ready_among_others(None),
            Turn::NotReady => desk.not_ready(),
            Turn::Pass => match desk.turn().offered {
                Some(caller) => desk.pass(&caller).map(drop),
                None => Ok(()),
            },
        })
        .map(drop)
    }

    fn transfer(&mut self, at: usize, caller: usize, what: Transfer) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        self.with(at, |desk| match what {
            Transfer::Offer => desk.offer_case(&id, TransferTo::Anyone, Some("I have to go")),
            Transfer::Take => desk.answer_transfer(&id, None, OfferAnswer::Taken, None),
            Transfer::Refuse => desk.answer_transfer(&id, None, OfferAnswer::Refused, Some("I am busy")),
            Transfer::Withdraw => desk.withdraw_transfer(&id),
            Transfer::Ask => desk.ask_for_case(&id, None),
        })
        .map(drop)
    }

    fn release(&mut self, at: usize, caller: usize, what: Release) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        match what {
            Release::Case => drop(self.with(at, |desk| desk.release(&id))?),
            Release::Answer => {
                self.books.somebody_tries(caller, Fate::MayLeave);
                self.with(at, |desk| match desk.release_answer(&id, None, Shown::WhatWasOpened) {
                    // A message stands beside it that nobody has opened.
                    Err(DeskError::NotShown) => Ok(()),
                    other => other.map(drop),
                })?;
            }
        }
        Ok(())
    }

    fn open_call(&mut self, at: usize, caller: usize) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let Some(device) = &self.places[at] else { return Ok(()) };
        if let Some(case) = device.case(&id) {
            self.books.opened_case(device.number, &case.unopened());
            self.with(at, |desk| open(desk, &id))?;
        }
        Ok(())
    }

    fn erase(&mut self, at: usize, caller: usize) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let Some(device) = &self.places[at] else { return Ok(()) };
        if let Some(case) = device.case(&id) {
            self.books.erased(device.number, caller, &case);
            self.with(at, |desk| desk.erase(&id))?;
        }
        Ok(())
    }

    fn follow_up(&mut self, at: usize, caller: usize, what: FollowUp) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let Some(device) = &self.places[at] else { return Ok(()) };
        let today = device.clock.today();
        let Some(case) = device.case(&id) else { return Ok(()) };
        let first = case.follow_ups().first().cloned();
        let set = |days: u8, moves| {
            let due = today.plus(days.into());
            move |desk: &Desk| {
                let new = NewFollowUp {
                    caller: &id,
                    due,
                    hour: None,
                    text: "call again",
                    outside_why: None,
                    moves,
                };
                desk.set_follow_up(&new).map(drop)
            }
        };
        match (what, first) {
            (FollowUp::Set { days }, _) if case.follow_ups().len() < FOLLOW_UPS_MAX => {
                self.with(at, set(days, None))?;
            }
            (FollowUp::Move { days }, Some(one)) => drop(self.with(at, set(days, Some(one.set_by)))?),
            (FollowUp::Done, Some(one)) => drop(self.with(at, |desk| desk.follow_up_done(&id, &one.id))?),
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, at: usize, caller: usize, what: Note) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let Some(case) = self.places[at].as_ref().and_then(|device| device.case(&id)) else { return Ok(()) };
        let first = case.notes().iter().find(|note| note.struck_by.is_none()).map(|note| note.id);
        match (what, first) {
            (Note::Keep { parts }, _) if case.notes().len() < NOTES_MAX => {
                self.notes += 1;
                let text = filled("note", self.notes, usize::from(parts), NOTE_PART_MAX);
                self.with(at, |desk| desk.keep_note(&NewNote::new(&id, &text)))?;
            }
            (Note::Strike, Some(note)) => drop(self.with(at, |desk| desk.strike_note(&id, &note))?),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, at: usize, caller: usize, reopens: bool) -> Result<(), Failure> {
        let id = self.keys[caller].id();
        let Some(device) = &self.places[at] else { return Ok(()) };
        let Some(case) = device.case(&id).filter(|case| case.closed().is_some() == reopens) else {
            return Ok(());
        };
        if reopens {
            self.with(at, |desk| desk.reopen(&id))?;
            return Ok(());
        }
        self.books.opened_case(device.number, &case.unopened());
        self.with(at, |desk| {
            // Nobody closes what they have not read.
            open(desk, &id)?;
            desk.close(&id, None, ClosedWhy::Answered)
        })?;
        Ok(())
    }

    /// What the program does once it is dead is done in files that are thrown away.
    fn kill(&mut self, at: usize, request: u8) -> Result<(), Failure> {
        self.with(at, |_| Ok(()))?;
        let copy = self.dir.path().join("killed");
        let Some(device) = &mut self.places[at] else { return Ok(()) };
        let Some(desk) = device.desk.take() else { return Ok(()) };
        self.clock.advance(1);
        self.hub.kill_at(request, device.files(), &copy);
        for act in [Desk::sync, Desk::beat, Desk::keep_state, Desk::beat, Desk::keep_state] {
            if let Err(DeskError::Alarm(alarm)) = act(&desk) {
                return Err(Failure::new("an alarm, and the hub is honest", &(at, alarm)));
            }
        }
        drop(desk);
        if self.hub.has_died() {
            device.go_on_from(&copy);
        }
        Ok(())
    }

    fn lose_cache(&mut self, at: usize) {
        if self.hub.has_lost_chunks() {
            return;
        }
        if let Some(device) = &mut self.places[at] {
            device.lose_cache();
            self.books.never_sure(device.number);
        }
    }

    fn join(&mut self, at: usize, by: usize) -> Result<(), Failure> {
        let is_free = self.places[at].as_ref().is_none_or(|device| device.standing == Standing::Removed);
        if at == 0 || !is_free || self.places[by].is_none() {
            return Ok(());
        }
        let (number, clock) = (self.devices, Skewed::right(&self.clock));
        self.devices += 1;
        let files = self.dir.path().join(format!("device-{number}"));
        let settings = Settings { generation_days: self.generation_days, ..Settings::short() };
        let join = JoinOptions { hub: self.hub.url(), fingerprint: self.fingerprint, settings };
        let ambient = ambient(&clock, self.rng.next_u64());
        // It asks the hub for the desk's notice, which may be out of reach.
        let Ok(request) = Desk::ask_to_join(&files, PASSPHRASE, CHEAP, &join, ambient) else { return Ok(()) };
        // Whoever works at this place is another person, who looks after no devices.
        self.with(by, |desk| match who(at) {
            Who::First => desk.admit(&request),
            Who::Second => desk.admit_for(&request, second_person(desk)?),
        })?;
        // Where the answer was lost it may be a member all the same.
        self.places[at] = Some(Device::new(number, &files, clock));
        self.with(at, Desk::sync)?;
        Ok(())
    }

    /// Copies the identity of the first device into another's vault, or takes it out there.
    fn carry_identity(&mut self, at: usize, is_there: bool) {
        let seed = self.places[0].as_ref().and_then(Device::identity_seed).filter(|_| is_there);
        if at > 0
            && let Some(device) = &mut self.places[at]
        {
            device.keep_identity(seed, &mut self.rng);
        }
    }

    fn remove(&mut self, at: usize, by: usize) -> Result<(), Failure> {
        let Some(device) = &mut self.places[at] else { return Ok(()) };
        if at == 0 || at == by || device.standing == Standing::Removed {
            return Ok(());
        }
        let (id, number) = (device.id, device.number);
        device.standing = Standing::MaybeRemoved;
        let removed = self.with(by, |desk| desk.remove_device(&id))?;
        self.books.never_sure(number);
        if removed.is_some()
            && let Some(device) = &mut self.places[at]
        {
            device.standing = Standing::Removed;
            if self.with(at, Desk::sync)?.is_some() || self.with(at, Desk::beat)?.is_some() {
                return Err(Failure::new("a removed device is served", &at));
            }
        }
        Ok(())
    }
}

/// The second person, who comes to the desk with their first device.
fn second_person(desk: &Desk) -> Result<PersonId, DeskError> {
    match desk.person_named(SECOND_PERSON) {
        Ok(there) => Ok(there.id),
        Err(_) => desk.add_person(SECOND_PERSON, [Role::Operator].into()),
    }
}

/// Says something of all that came in last and that nobody has opened.
fn sift(desk: &Desk, verdict: SiftAs) -> Result<EventId, DeskError> {
    let last = desk.unopened()?.steps.first().map(|step| (step.at, step.at)).ok_or(FloodError::Nothing)?;
    let callers = desk.arrived_within(last)?;
    desk.sift(&Sift { callers: &callers, window: last, verdict })
}

/// Opens a call, where that can be kept; a person sees it in any case.
fn open(desk: &Desk, caller: &CallerId) -> Result<(), DeskError> {
    let case = desk.open_call(caller)?;
    if desk.unkept(&case).is_some() {
        let full = DiskError { path: "what was shown".into(), fault: DiskFault::Full };
        return Err(CacheError::from(full).into());
    }
    Ok(())
}

/// A text that is cut into so many parts, and that no other is.
fn filled(kind: &str, number: usize, parts: usize, part_len: usize) -> String {
    format!("{kind} {number}, of {parts}: {}", "x".repeat((parts - 1) * part_len))
}

/// A list of two steps for all cases of a language; every device has it.
fn checklist() -> ContentFiles {
    let text = "---\nkeyword: first\ntitle: First\nlanguage: uk\n---\n- one\n- two\n".to_owned();
    let file = ContentFile { name: "first.md".to_owned(), text };
    ContentFiles { templates: None, checklists: Some(vec![file]) }
}
