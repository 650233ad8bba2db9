//! Drafts: what is being written to a caller, kept on this device until it is sent, discarded, or nobody has gone on with it.
//!
//! A draft belongs to one case. Nothing that the caller or another device does touches it, but the erasure of its case.

use callsign_protocol::{caller_keys::CallerId, time::UnixSeconds};
use thiserror::Error;

use crate::{
    Desk, DeskError,
    cases::Case,
    device::DeviceState,
    store::{DraftVersion, KeptDraft, OlderDraft, PutAside, StorageKey},
};

/// Bytes of a draft at most: several times what an answer can have.
pub const DRAFT_TEXT_MAX: usize = 256 << 10;
/// Seconds for which what stood in a draft before is kept.
const OLDER_S: u64 = 3_600;
/// Seconds in which a draft that was discarded can be taken back.
const DISCARDED_S: u64 = 600;
/// Seconds after its last change in which a draft is kept.
const KEPT_S: u64 = 7 * 86_400;
/// Bytes that are taken out of a text at once before what stood there is put aside: less is a word that was mistyped.
const TAKEN_OUT_MIN: usize = 20;

/// A draft as a page has it.
#[derive(Clone, Copy, Debug)]
pub struct NewDraft<'a> {
    /// To whom.
    pub caller: &'a CallerId,
    /// Its text.
    pub text: &'a str,
    /// Where in the text the writer is, in UTF-16 units.
    pub place: u32,
    /// Whether another person is to read it before it leaves.
    pub second_reader: bool,
    /// The version that the page goes on from; none where it began with an empty box.
    pub base: Option<DraftVersion>,
}

/// What became of a draft that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftSaved {
    /// It is kept.
    Kept,
    /// It is kept, and another page had written something else meanwhile: that is its older version now.
    BesideAnother,
    /// It was sent by another page already, so nothing is kept.
    Sent,
}

/// Why a draft is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// Its time is over, or it was sent meanwhile.
    #[error("nothing is left of it: it was sent, or its time is over; write it anew")]
    Gone,
    /// It is longer than anything that could be sent.
    #[error(
        "this text is far longer than an answer can be and is not kept as a draft; send it as several answers, or copy it to where it is safe"
    )]
    TooLong,
}

impl Desk {
    /// What is being written to a caller; none where nothing is.
    ///
    /// # Errors
    /// Those of [`Desk::case`].
    pub fn draft(&self, caller: &CallerId) -> Result<Option<KeptDraft>, DeskError> {
        let now = self.now();
        let mut state = self.state();
        let case = state.case(caller)?;
        Ok(state.draft_of(&case, now)?.map(|(_, draft)| draft))
    }

    /// Keeps what is being written.
    ///
    /// # Errors
    /// [`DraftError::TooLong`]; [`DeskError::Cache`]: the disk is full, or can only be read; those of [`Desk::case`].
    pub fn save_draft(&self, new: &NewDraft<'_>) -> Result<DraftSaved, DeskError> {
        if new.text.len() > DRAFT_TEXT_MAX {
            return Err(DraftError::TooLong.into());
        }
        let now = self.now();
        let mut state = self.state();
        state.refresh_pending()?;
        let case = state.case(new.caller)?;
        let kept = state.draft_of(&case, now)?;
        let Some((number, kept)) = kept else {
            if new.text.is_empty() {
                return Ok(DraftSaved::Kept);
            }
            // A page that has not heard yet that another one sent it.
            if new.base.is_some() && case.was_answered_with(new.text, now) {
                return Ok(DraftSaved::Sent);
            }
            state.begin_draft(&case, new, now)?;
            drop(state);
            self.tell_change();
            return Ok(DraftSaved::Kept);
        };
        let is_same = kept.text == new.text && kept.second_reader == new.second_reader;
        if is_same && kept.place == new.place {
            return Ok(DraftSaved::Kept);
        }
        let version = if is_same { kept.version } else { state.random_id() };
        let (saved, next) = kept.gone_on(new, version, now);
        state.keep_draft(number, &next)?;
        drop(state);
        self.tell_change();
        Ok(saved)
    }

    /// Discards what is being written; for ten minutes it can be taken back.
    ///
    /// # Errors
    /// Those of [`Desk::save_draft`].
    pub fn discard_draft(&self, caller: &CallerId) -> Result<(), DeskError> {
        self.change_draft(caller, |draft, now| {
            let text = std::mem::take(&mut draft.text);
            (draft.place, draft.second_reader) = (0, false);
            if !text.is_empty() {
                draft.older = Some(OlderDraft { text, since: now, why: PutAside::Discarded });
            }
        })
    }

    /// Puts the older version of a draft back; what stood there is the older one then.
    ///
    /// # Errors
    /// [`DraftError::Gone`] where there is none any more; those of [`Desk::save_draft`].
    pub fn put_back_draft(&self, caller: &CallerId) -> Result<(), DeskError> {
        if self.draft(caller)?.is_none_or(|draft| draft.older.is_none()) {
            return Err(DraftError::Gone.into());
        }
        self.change_draft(caller, |draft, now| {
            let Some(older) = draft.older.take() else { return };
            let text = std::mem::replace(&mut draft.text, older.text);
            draft.place = u32::try_from(draft.text.encode_utf16().count()).unwrap_or(u32::MAX);
            if !text.is_empty() {
                draft.older = Some(OlderDraft { text, since: now, why: PutAside::Changed });
            }
        })
    }

    /// Callers to whom something is being written.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn drafted(&self) -> Result<Vec<CallerId>, DeskError> {
        let now = self.now();
        let drafts = self.state().drafts(now)?;
        Ok(drafts.into_iter().filter(|(_, it)| !it.text.is_empty()).map(|(_, it)| it.caller).collect())
    }

    /// Forgets drafts whose time is over or whose case was erased. What cannot be forgotten now is forgotten later.
    pub(super) fn forget_drafts(&self) {
        let forgot = self.state().forget_drafts(self.now());
        match forgot {
            Ok(true) => self.tell_change(),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "drafts are not forgotten"),
        }
    }

    fn change_draft(
        &self,
        caller: &CallerId,
        change: impl FnOnce(&mut KeptDraft, UnixSeconds),
    ) -> Result<(), DeskError> {
        let now = self.now();
        let mut state = self.state();
        let case = state.case(caller)?;
        if let Some((number, mut draft)) = state.draft_of(&case, now)? {
            change(&mut draft, now);
            (draft.saved, draft.version) = (now, state.random_id());
            state.keep_draft(number, &draft)?;
            drop(state);
            self.tell_change();
        }
        Ok(())
    }
}

impl DeviceState {
    /// The rows of a case's draft that an answer takes the place of: the version that it was written as, or its very words.
    pub(crate) fn drafts_sent(
        &self,
        case: &Case,
        version: Option<DraftVersion>,
        text: &str,
        now: UnixSeconds,
    ) -> Result<Vec<i64>, DeskError> {
        let kept = self.draft_of(case, now)?;
        let sent = kept.filter(|(_, draft)| version == Some(draft.version) || draft.text == text);
        Ok(sent.map(|(number, _)| number).into_iter().collect())
    }

    /// The rows of all drafts to a caller, whatever case they are of.
    pub(crate) fn drafts_to(&self, caller: &CallerId) -> Result<Vec<i64>, DeskError> {
        let drafts = self.cache.drafts(&self.draft_keys()?)?;
        Ok(drafts
            .into_iter()
            .filter(|(_, draft)| draft.caller == *caller)
            .map(|(number, _)| number)
            .collect())
    }

    /// Seals drafts anew under the key of the generation that has begun; those of the ones before are destroyed then.
    pub(crate) fn hand_drafts_on(&mut self) -> Result<(), DeskError> {
        if !self.cache.has_drafts()? {
            return Ok(());
        }
        let key = self.draft_key()?;
        Ok(self.cache.reseal_drafts(&self.draft_keys()?, &key, &mut self.rng)?)
    }

    /// Drops drafts that are over; whether any was.
    fn forget_drafts(&mut self, now: UnixSeconds) -> Result<bool, DeskError> {
        if !self.cache.has_drafts()? {
            return Ok(false);
        }
        let is_known = self.log.fold.is_known();
        let (mut over, mut shorter) = (Vec::new(), Vec::new());
        for (number, draft) in self.cache.drafts(&self.draft_keys()?)? {
            // Of a case that is not known yet nobody can say that it was erased.
            let case = self.reading(|state| Ok(state.log.view.get(&draft.caller)?))?;
            let is_erased = is_known && !case.is_some_and(|case| draft.is_of(&case));
            match draft.clone().at(now).filter(|_| !is_erased) {
                None => over.push(number),
                Some(left) if left != draft => shorter.push((number, left)),
                Some(_) => {}
            }
        }
        for (number, draft) in shorter {
            self.keep_draft(number, &draft)?;
            self.cache.empty_journal()?;
        }
        if over.is_empty() {
            return Ok(false);
        }
        self.cache.remove_drafts(&over)?;
        Ok(true)
    }

    pub(super) fn draft_of(
        &self,
        case: &Case,
        now: UnixSeconds,
    ) -> Result<Option<(i64, KeptDraft)>, DeskError> {
        Ok(self.drafts(now)?.into_iter().find(|(_, draft)| draft.is_of(case)))
    }

    fn drafts(&self, now: UnixSeconds) -> Result<Vec<(i64, KeptDraft)>, DeskError> {
        if !self.cache.has_drafts()? {
            return Ok(Vec::new());
        }
        let drafts = self.cache.drafts(&self.draft_keys()?)?;
        Ok(drafts.into_iter().filter_map(|(number, draft)| Some((number, draft.at(now)?))).collect())
    }

    pub(super) fn begin_draft(
        &mut self,
        case: &Case,
        new: &NewDraft<'_>,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let message = case.calls().next().map(|call| call.id).ok_or(DeskError::NoSuchCall)?;
        let draft = KeptDraft {
            caller: case.id(),
            message,
            version: self.random_id(),
            text: new.text.to_owned(),
            place: new.place,
            second_reader: new.second_reader,
            saved: now,
            older: None,
        };
        self.put_draft(None, &draft)
    }

    /// Keeps a draft in its row; nothing where nothing is left of it.
    pub(super) fn keep_draft(&mut self, number: i64, draft: &KeptDraft) -> Result<(), DeskError> {
        if draft.text.is_empty() && draft.older.is_none() {
            return Ok(self.cache.remove_drafts(&[number])?);
        }
        self.put_draft(Some(number), draft)
    }

    fn put_draft(&mut self, number: Option<i64>, draft: &KeptDraft) -> Result<(), DeskError> {
        // A disk that takes nothing is told of before a key is made for it.
        if let Some(error) = self.cache.read_only() {
            return Err(DeskError::Cache(error.clone().into()));
        }
        let key = self.draft_key()?;
        Ok(self.cache.put_draft(number, draft, &key, &mut self.rng)?)
    }

    fn draft_key(&mut self) -> Result<StorageKey, DeskError> {
        let generation = self.keys.keyring.generation.max(1);
        Ok(StorageKey { generation, key: self.keys.file.storage(generation, &mut self.rng)? })
    }

    fn draft_keys(&self) -> Result<Vec<StorageKey>, DeskError> {
        let keys = self.keys.file.load()?.storage;
        Ok(keys.into_iter().map(|(generation, key)| StorageKey { generation, key }).collect())
    }
}

impl KeptDraft {
    /// Whether it was written in this case: a later one of the same caller is another.
    fn is_of(&self, case: &Case) -> bool {
        self.caller == case.id() && case.calls().any(|call| call.id == self.message)
    }

    /// What is left of it at a time.
    fn at(self, now: UnixSeconds) -> Option<Self> {
        let older = self.older.filter(|older| !older.is_over(now));
        let is_over = now.since(self.saved) > KEPT_S || (self.text.is_empty() && older.is_none());
        (!is_over).then_some(Self { older, ..self })
    }

    /// What it becomes where a page has this text.
    fn gone_on(self, new: &NewDraft<'_>, version: DraftVersion, now: UnixSeconds) -> (DraftSaved, Self) {
        let is_beside = new.base != Some(self.version) && !self.text.is_empty() && self.text != new.text;
        let saved = if is_beside { DraftSaved::BesideAnother } else { DraftSaved::Kept };
        let older = if is_beside {
            Some(OlderDraft { text: self.text, since: now, why: PutAside::OtherPage })
        } else {
            put_aside(self.older, &self.text, new.text, now)
        };
        let (text, place, second_reader) = (new.text.to_owned(), new.place, new.second_reader);
        (saved, Self { version, text, place, second_reader, saved: now, older, ..self })
    }
}

impl OlderDraft {
    /// Until when it is kept.
    pub fn until(&self) -> UnixSeconds {
        self.since.plus(if self.why == PutAside::Discarded { DISCARDED_S } else { OLDER_S })
    }

    fn is_over(&self, now: UnixSeconds) -> bool {
        now > self.until()
    }
}

/// The older version behind a change: the longest text of which something was taken out within the hour. One that a person
/// discarded, or that another page had written, stays for its time.
fn put_aside(older: Option<OlderDraft>, before: &str, text: &str, now: UnixSeconds) -> Option<OlderDraft> {
    let stays = older
        .as_ref()
        .is_some_and(|older| older.why != PutAside::Changed || older.text.len() >= before.len());
    let changed = || OlderDraft { text: before.to_owned(), since: now, why: PutAside::Changed };
    if stays || !takes_out(before, text) { older } else { Some(changed()) }
}

/// Whether much of a text, or all of it, is not in the one that follows it.
fn takes_out(before: &str, text: &str) -> bool {
    let same =
        |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(one, other)| one == other).count();
    let start = same(&mut before.bytes().zip(text.bytes()));
    let (left, right) = (&before.as_bytes()[start..], &text.as_bytes()[start..]);
    let end = same(&mut left.iter().rev().copied().zip(right.iter().rev().copied()));
    let taken = left.len() - end;
    taken >= TAKEN_OUT_MIN || (taken > 0 && text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use callsign_protocol::encoding::Bytes;

    use super::*;

    const T: UnixSeconds = UnixSeconds(1_800_000_000);
    const CALLER: CallerId = Bytes([1; 16]);

    fn kept(text: &str) -> KeptDraft {
        KeptDraft {
            caller: CALLER,
            message: Bytes([2; 16]),
            version: Bytes([3; 16]),
            text: text.to_owned(),
            place: 0,
            second_reader: false,
            saved: T,
            older: None,
        }
    }

    fn older_of(draft: &KeptDraft) -> Option<(&str, PutAside)> {
        draft.older.as_ref().map(|older| (older.text.as_str(), older.why))
    }

    fn go_on(draft: KeptDraft, text: &str, base: u8, now: UnixSeconds) -> (DraftSaved, KeptDraft) {
        let new =
            NewDraft { caller: &CALLER, text, place: 0, second_reader: false, base: Some(Bytes([base; 16])) };
        draft.gone_on(&new, Bytes([3; 16]), now)
    }

    #[test]
    fn what_is_written_on_puts_nothing_aside_and_what_takes_much_out_does() {
        let long = "a sentence that took a while to write, and another one";
        let (_, on) = go_on(kept("a sentence"), long, 3, T);
        assert_eq!((on.text.as_str(), older_of(&on)), (long, None));
        let (_, typo) = go_on(on.clone(), &long[..long.len() - 3], 3, T);
        assert_eq!(older_of(&typo), None, "a word that is mistyped is no older version");
        let (_, cut) = go_on(on.clone(), "a sentence", 3, T);
        assert_eq!(older_of(&cut), Some((long, PutAside::Changed)));
        // Of what is taken out bit by bit the whole is kept, and replaced text is taken out too.
        let (_, all) = go_on(cut, "", 3, T.plus(2));
        assert_eq!(older_of(&all), Some((long, PutAside::Changed)));
        let (_, replaced) =
            go_on(on, "something quite different, which is even longer than what stood there", 3, T);
        assert_eq!(older_of(&replaced), Some((long, PutAside::Changed)));
    }

    #[test]
    fn of_two_pages_both_texts_are_kept_and_the_later_one_is_the_draft() {
        let (saved, both) = go_on(kept("one page"), "the other page", 9, T);
        assert_eq!(saved, DraftSaved::BesideAnother);
        assert_eq!(
            (both.text.as_str(), older_of(&both)),
            ("the other page", Some(("one page", PutAside::OtherPage)))
        );
        // What is taken out later does not push it aside.
        let (_, cut) = go_on(both, "", 3, T.plus(5));
        assert_eq!(older_of(&cut), Some(("one page", PutAside::OtherPage)));
        let (saved, _) = go_on(kept("the same"), "the same", 9, T);
        assert_eq!(saved, DraftSaved::Kept, "the same text is no conflict");
        let (saved, _) = go_on(kept(""), "anew", 9, T);
        assert_eq!(saved, DraftSaved::Kept, "and neither is one that was discarded");
    }

    #[test]
    fn each_part_of_a_draft_has_its_time() {
        let older = |why| Some(OlderDraft { text: "before".to_owned(), since: T, why });
        let left = |older: Option<OlderDraft>, text: &str, after: u64| {
            KeptDraft { older, ..kept(text) }.at(T.plus(after))
        };
        assert!(left(older(PutAside::Changed), "text", OLDER_S).unwrap().older.is_some());
        assert_eq!(left(older(PutAside::Changed), "text", OLDER_S + 1), Some(kept("text")));
        assert!(left(older(PutAside::Discarded), "", DISCARDED_S).is_some());
        assert_eq!(left(older(PutAside::Discarded), "", DISCARDED_S + 1), None);
        assert!(left(None, "text", KEPT_S).is_some());
        assert_eq!(left(None, "text", KEPT_S + 1), None);
        // A clock that was set back ends nothing.
        assert!(kept("text").at(UnixSeconds(0)).is_some());
    }
}
