//! Letters: taking in what came by another way than the hub.

use callsign_protocol::{
    armour::{self, ArmourError},
    letter::{Letter, LetterError, LetterOpener, OpenedLetter},
    time::UnixSeconds,
};

use crate::{DeskError, cases::Event, device::DeviceState, hub::follow::in_steps};

/// What became of the letters of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Letters that are new.
    pub taken: usize,
    /// Letters whose part of a call was here already, by whichever way.
    pub known: usize,
    /// Why each of the others is not taken, with its number in the text, from 1.
    pub refused: Vec<(usize, Refusal)>,
}

/// Why a block of a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not whole.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// It is whole, and not for this desk and this day.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// Its caller has sent as much as is kept of one to whom nobody has turned.
    #[error(
        "its caller has sent as much as the desk keeps before a person has opened any of it; open that call, then take the letter again"
    )]
    TooMuch,
}

impl DeviceState {
    /// Queues what is new among the letters of a text.
    pub(crate) fn take_letters(&mut self, carried: &[u8], now: UnixSeconds) -> Result<Receipt, DeskError> {
        let mut receipt = Receipt::default();
        for (block, number) in armour::read(carried).into_iter().zip(1..) {
            let opened = match block.map_err(Refusal::from).and_then(|letter| self.open_letter(&letter, now))
            {
                Ok(opened) => opened,
                Err(refusal) => {
                    receipt.refused.push((number, refusal));
                    continue;
                }
            };
            match self.unknown_event(opened, now)? {
                Some(event) if self.crowds_out(&event, &[])? => {
                    receipt.refused.push((number, Refusal::TooMuch));
                }
                Some(event) => {
                    self.queue(vec![event])?;
                    receipt.taken += 1;
                }
                None => receipt.known += 1,
            }
        }
        Ok(receipt)
    }

    fn open_letter(&self, letter: &Letter, now: UnixSeconds) -> Result<OpenedLetter, Refusal> {
        let with = LetterOpener {
            fingerprint: &self.keys.fingerprint,
            keys: &self.keys.desk.letters,
            today: now.day(),
        };
        Ok(letter.open(&with)?)
    }

    /// The event of a letter; none where the desk knows it.
    fn unknown_event(&mut self, opened: OpenedLetter, now: UnixSeconds) -> Result<Option<Event>, DeskError> {
        if self.reading(|state| Ok(state.log.view.has_part(&opened.call)?))? {
            return Ok(None);
        }
        let of = if opened.doubted { Event::doubted_message } else { Event::message_received };
        let event = self.tag_new_case(of(opened.call, in_steps(now)))?;
        // Of a case that was erased since: the same letter does not bring it back while the log remembers.
        Ok((!self.log.view.has_applied(&event.id)).then_some(event))
    }
}
