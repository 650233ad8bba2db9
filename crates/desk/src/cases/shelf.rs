//! Cases that do not lie in memory: each is read when somebody looks at it, and when the log goes on with it.

use std::{fmt, sync::Arc};

use callsign_protocol::{caller_keys::CallerId, encoding::Secret};
use thiserror::Error;

use super::{Case, Cases, EventId, Head, head::Labels, queues::Queues};
use crate::store::CacheError;

/// Ids in one row at most.
const IDS_IN_ROW: usize = 65_536;

/// Where cases lie that are not in memory.
pub(crate) trait Shelf: fmt::Debug + Send + Sync {
    /// Reads the case of a row.
    ///
    /// # Errors
    /// [`Unread`] where the row is not what its key sealed: another process has written since, or it is damaged.
    fn case(&self, row: &Row) -> Result<Arc<Case>, Unread>;

    /// The same for who goes through all of them: none stays in memory in the place of one that somebody looks at.
    ///
    /// # Errors
    /// As [`Shelf::case`].
    fn case_in_passing(&self, row: &Row) -> Result<Arc<Case>, Unread>;
}

/// A row that holds a case: its number, and the key under which the case is sealed in it, another one each time it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: i64,
    pub(crate) key: Secret<32>,
}

/// Why a case is not read.
#[derive(Debug, Error)]
pub enum Unread {
    /// Its row holds something else.
    #[error("a case in this desk's files was written anew while it was read; try again")]
    Altered,
    /// The file cannot be read.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// A caller's case: its head, and the case itself in memory, in a row, or both.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) head: Head,
    pub(super) lies: Lies,
}

/// Where a case lies.
#[derive(Clone, Debug)]
pub(super) enum Lies {
    /// In memory, and as it is in no row. The number is that of the row that it came from.
    Memory(Arc<Case>, Option<i64>),
    /// In both.
    Both(Arc<Case>, Row),
    /// In a row.
    Row(Row),
}

/// A case that is to be written, with the number of its row where it has one.
pub(crate) type Changed<'a> = (CallerId, Option<i64>, &'a Head, Arc<Case>);

impl Cases {
    /// The case of a caller.
    ///
    /// # Errors
    /// [`Unread`]
    pub fn get(&self, id: &CallerId) -> Result<Option<Arc<Case>>, Unread> {
        self.by_caller.get(id).map(|slot| self.read(id, slot)).transpose()
    }

    /// The same for who goes through many of them: none stays in memory in the place of one that somebody looks at.
    ///
    /// # Errors
    /// [`Unread`]
    pub(crate) fn get_in_passing(&self, id: &CallerId) -> Result<Option<Arc<Case>>, Unread> {
        self.by_caller.get(id).map(|slot| self.pass(id, slot)).transpose()
    }

    /// The case of a caller, where it is in memory.
    pub(super) fn loaded(&self, id: &CallerId) -> Option<&Arc<Case>> {
        match &self.by_caller.get(id)?.lies {
            Lies::Memory(case, _) | Lies::Both(case, _) => Some(case),
            Lies::Row(_) => None,
        }
    }

    /// All cases, in no order that means anything; each is read when its turn comes.
    pub fn all(&self) -> impl Iterator<Item = Result<Arc<Case>, Unread>> {
        self.by_caller.iter().map(|(caller, slot)| self.pass(caller, slot))
    }

    /// Brings the case of a caller into memory, where it can be changed.
    pub(super) fn load(&mut self, id: &CallerId) -> Result<(), Unread> {
        let Some(slot) = self.by_caller.get(id) else { return Ok(()) };
        if let Lies::Row(row) = &slot.lies {
            let lies = Lies::Both(self.read_row(id, row)?, row.clone());
            self.move_to(*id, lies);
            self.in_memory.insert(*id);
        }
        Ok(())
    }

    /// Puts in all cases, which lie in rows. Of two of one caller one is put in.
    pub(crate) fn put_rows(&mut self, heads: Vec<(CallerId, Head, Row)>) {
        let slot = |(caller, head, row)| (caller, Arc::new(Slot { head, lies: Lies::Row(row) }));
        self.put_slots(heads.into_iter().map(slot).collect());
    }

    /// Puts in all cases, in order, which costs a tree the least.
    pub(super) fn put_slots(&mut self, mut slots: Vec<(CallerId, Arc<Slot>)>) {
        slots.sort_unstable_by_key(|(caller, _)| *caller);
        let mut labels = Labels::default();
        slots
            .iter_mut()
            .filter_map(|(_, slot)| Arc::get_mut(slot))
            .for_each(|slot| labels.share(&mut slot.head));
        let in_memory = slots.iter().filter(|(_, slot)| !matches!(slot.lies, Lies::Row(_)));
        self.in_memory = in_memory.map(|(caller, _)| *caller).collect();
        self.by_caller = slots.into_iter().collect();
        *self.queues = Queues::of(self.by_caller.iter().map(|(caller, slot)| (*caller, &slot.head)));
    }

    /// Puts in ids of events that are part of the state.
    pub(crate) fn put_applied(&mut self, applied: Vec<(u32, Vec<EventId>)>) {
        for (generation, ids) in applied {
            self.applied.extend(generation, ids);
        }
    }

    /// Ids of all events that are part of the state.
    pub(crate) fn applied_ids(&self) -> impl Iterator<Item = (u32, Vec<EventId>)> {
        self.applied.pieces(IDS_IN_ROW)
    }

    /// Ids that are in no row yet.
    pub(crate) fn new_ids(&self) -> Vec<(u32, Vec<EventId>)> {
        let mut new: Vec<(u32, Vec<EventId>)> = Vec::new();
        for (generation, id) in self.applied.unwritten() {
            match new.last_mut() {
                Some((of, ids)) if of == generation => ids.push(*id),
                _ => new.push((*generation, vec![*id])),
            }
        }
        new
    }

    /// The first generation of which ids are remembered.
    pub(crate) fn applied_from(&self) -> u32 {
        self.applied.first_generation()
    }

    /// Has rows read from a shelf from now on.
    pub(crate) fn use_shelf(&mut self, shelf: Arc<dyn Shelf>) {
        self.shelf = Some(shelf);
    }

    /// Cases that are in memory as they are in no row.
    pub(crate) fn changed(&self) -> impl Iterator<Item = Changed<'_>> {
        self.in_memory.iter().filter_map(|caller| match &**self.by_caller.get(caller)? {
            Slot { head, lies: Lies::Memory(case, number) } => {
                Some((*caller, *number, head, Arc::clone(case)))
            }
            _ => None,
        })
    }

    /// How many cases are in memory, beside those that pages have looked at.
    pub(crate) fn in_memory(&self) -> usize {
        self.in_memory.len()
    }

    /// All cases with their heads, and the rows of those that lie in one.
    pub(crate) fn heads(&self) -> impl Iterator<Item = (&CallerId, &Head, Option<&Row>)> {
        self.by_caller.iter().map(|(caller, slot)| match &slot.lies {
            Lies::Memory(..) => (caller, &slot.head, None),
            Lies::Both(_, row) | Lies::Row(row) => (caller, &slot.head, Some(row)),
        })
    }

    /// Rows of cases that are no more.
    pub(crate) fn freed(&self) -> impl Iterator<Item = i64> {
        self.freed.iter().copied()
    }

    /// Takes note of the rows in which changed cases lie now: nothing of the log needs to stay in memory.
    pub(crate) fn written(&mut self, rows: impl IntoIterator<Item = (CallerId, Row)>) {
        for (caller, row) in rows {
            if matches!(self.lies(&caller), Some(Lies::Memory(..))) {
                self.move_to(caller, Lies::Row(row));
            }
        }
        for caller in std::mem::take(&mut self.in_memory) {
            if let Some(Lies::Both(_, row)) = self.lies(&caller) {
                let row = row.clone();
                self.move_to(caller, Lies::Row(row));
            }
        }
        self.freed.clear();
        self.applied.written();
        self.audit_written();
    }

    fn lies(&self, id: &CallerId) -> Option<&Lies> {
        self.by_caller.get(id).map(|slot| &slot.lies)
    }

    /// Takes note of where a case lies now.
    fn move_to(&mut self, id: CallerId, lies: Lies) {
        if let Some(slot) = self.by_caller.get_mut(&id) {
            Arc::make_mut(slot).lies = lies;
        }
    }

    fn read(&self, id: &CallerId, slot: &Slot) -> Result<Arc<Case>, Unread> {
        match &slot.lies {
            Lies::Memory(case, _) | Lies::Both(case, _) => Ok(Arc::clone(case)),
            Lies::Row(row) => self.read_row(id, row),
        }
    }

    fn pass(&self, id: &CallerId, slot: &Slot) -> Result<Arc<Case>, Unread> {
        match &slot.lies {
            Lies::Memory(case, _) | Lies::Both(case, _) => Ok(Arc::clone(case)),
            Lies::Row(row) => is_of(id, self.shelf()?.case_in_passing(row)?),
        }
    }

    fn read_row(&self, id: &CallerId, row: &Row) -> Result<Arc<Case>, Unread> {
        is_of(id, self.shelf()?.case(row)?)
    }

    fn shelf(&self) -> Result<&dyn Shelf, Unread> {
        self.shelf.as_deref().ok_or(Unread::Altered)
    }
}

/// Never another case in its place.
fn is_of(id: &CallerId, case: Arc<Case>) -> Result<Arc<Case>, Unread> {
    if case.id() == *id { Ok(case) } else { Err(Unread::Altered) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_lies_in_a_row_costs_152_bytes_in_memory() {
        // And the language, its place in the tree, and those in the ordered sets.
        assert_eq!((size_of::<Head>(), size_of::<Slot>()), (96, 152));
    }
}
