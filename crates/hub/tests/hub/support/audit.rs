//! Compares what a hub holds with what it has acknowledged: all of it, once, in order; of what it did not acknowledge,
//! the whole or nothing, at most once.

use std::collections::BTreeMap;

use callsign_protocol::{
    commit::Commit,
    digest::ListSignature,
    exchange::{Answer, BLOCK, Request},
    follow::Follow,
    time::Day,
};

use super::{
    TestHub,
    ledger::{Kind, Ledger, Told, chunk, chunk_name, numbered, send_cell, snapshot},
};

/// Who sends the cells of exchanges that only read lists.
const AUDITOR: u32 = u32::MAX;
/// Days that a hub keeps a pack that no notice names.
const PACK_DAYS: u32 = 5;

impl Ledger {
    /// Panics at what is lost, doubled, out of order or half done; then a device's work goes on.
    ///
    /// `days` are those that drops were posted to. The hub works without faults here.
    pub fn audit(&mut self, hub: &TestHub, days: &[Day]) {
        self.restarted(hub);
        let news = self.everything(hub);
        self.audit_log(hub, &news);
        self.audit_inbox(&news);
        for day in days {
            self.audit_list(hub, *day);
        }
        self.audit_documents(hub);
        self.audit_snapshots(hub);
    }

    /// All cells and entries that the hub still has.
    fn everything(&mut self, hub: &TestHub) -> Follow {
        let mut all = Follow {
            inbox_done: 0,
            inbox_last: 0,
            head: 0,
            keyring: 0,
            cells: Vec::new(),
            entries: Vec::new(),
        };
        loop {
            let cells_after = all.cells.last().map_or(0, |(position, _)| *position);
            let log_after = all.entries.last().map_or(0, |(sequence, _)| *sequence);
            let query = format!("follow?cells_after={cells_after}&log_after={log_after}&wait_s=0");
            let response = self.in_session(hub, "GET", &query, &[]).unwrap().expect_status(200);
            let news = Follow::decode(&response.body).unwrap();
            (all.inbox_done, all.inbox_last, all.head) = (news.inbox_done, news.inbox_last, news.head);
            if news.cells.is_empty() && news.entries.is_empty() {
                return all;
            }
            all.cells.extend(news.cells);
            all.entries.extend(news.entries);
        }
    }

    fn audit_log(&mut self, hub: &TestHub, news: &Follow) {
        let newest = news.entries.last().map(|(_, entry)| entry.hash());
        if let Some(pending) = self.pending.take_if(|pending| newest == Some(pending.entry.hash())) {
            self.applied(pending);
        }
        assert_eq!(news.head, self.head().sequence, "the log ends where it was acknowledged");
        let done = self.log.iter().map(|commit| commit.rest.log_done).max().unwrap_or(0);
        let kept: Vec<_> = (1..).zip(&self.log).skip(usize::try_from(done).unwrap()).collect();
        assert_eq!(news.entries.len(), kept.len(), "entries after {done}");
        for ((sequence, entry), (expected, commit)) in news.entries.iter().zip(kept) {
            assert_eq!((*sequence, entry), (expected, &commit.entry));
        }
        let inbox_done = self.log.iter().map(|commit| commit.rest.inbox_done).max().unwrap_or(0);
        assert_eq!(news.inbox_done, inbox_done, "the position of the inbox is that of the newest commits");
        // The newest once more is answered as it was, and one that is not there is applied now.
        if let Some(newest) = self.log.pop() {
            let (again, attempt) = (self.pending.replace(newest), self.attempt);
            assert_eq!(self.commit(hub, Day(0), 0), Told::Done, "a repeated commit");
            self.pending = again;
            assert_eq!(self.attempt, attempt, "a repeated commit freezes nothing more");
        }
        if self.pending.is_some() {
            assert_eq!(self.commit(hub, Day(0), 0), Told::Done, "a commit that was not applied");
        }
    }

    fn audit_inbox(&mut self, news: &Follow) {
        let last_seen = self.seen.last_key_value().map_or(0, |(position, _)| *position);
        let kept = self.seen.range(news.inbox_done + 1..).map(|(position, _)| *position);
        let found = news.cells.iter().map(|(position, _)| *position).take_while(|found| *found <= last_seen);
        assert!(
            kept.eq(found),
            "what was in the inbox after {} is there, and nothing between",
            news.inbox_done
        );
        for (position, cell) in &news.cells {
            self.see(*position, cell);
        }
        let mut found = BTreeMap::new();
        let mut newest = BTreeMap::new();
        for (position, name) in &self.seen {
            assert!(self.cells.contains_key(name), "nobody sent {name:?}");
            let before = found.insert(*name, *position);
            assert!(before.is_none(), "{name:?} is at {before:?} and at {position}");
            let before = newest.insert(name.0, name.1);
            assert!(before.is_none_or(|before| before < name.1), "{name:?} comes after a later one");
        }
        for (name, told) in &self.cells {
            assert!(*told != Told::Done || found.contains_key(name), "{name:?} was stored and is lost");
        }
    }

    fn audit_list(&mut self, hub: &TestHub, day: Day) {
        let expected = self.list(day);
        let mut drops = Vec::new();
        loop {
            let from = u32::try_from(drops.len()).unwrap();
            let answer = self.read_block(hub, day, from);
            assert_eq!(answer.header.total as usize, expected.len(), "drops of {day:?}");
            drops.extend(answer.drops);
            if drops.len() >= expected.len() {
                assert_eq!(drops, expected, "drops of {day:?} in the order of their commits");
                assert_eq!(answer.header.signature, self.signature(day), "the signature of {day:?}");
                return;
            }
        }
    }

    /// The newest that came when drops had been posted to a later day; before there is one, the head of the newest drops.
    fn signature(&self, day: Day) -> Option<ListSignature> {
        let posted = self.log.iter().filter(|commit| commit.day() == day);
        let head = posted.rev().find_map(|commit| commit.rest.heads.first());
        let mut commits = self.log.iter();
        let is_later = |commit: &&Commit| commit.day() > day && !commit.rest.drops.is_empty();
        let first = commits.by_ref().find(is_later);
        let mut signed = first.into_iter().chain(commits).flat_map(|commit| &commit.rest.signed);
        let finished = signed.rfind(|list| list.day == day).map(|list| list.signature);
        finished.or(head.map(|head| head.signature))
    }

    fn read_block(&mut self, hub: &TestHub, day: Day, from: u32) -> Answer {
        assert!(from.is_multiple_of(BLOCK));
        let last = self.cells.range((AUDITOR, 0)..).last();
        let name = (AUDITOR, last.map_or(0, |(name, _)| name.1 + 1));
        let mut request: Request = numbered(name);
        (request.ask.day, request.ask.from) = (day, from);
        let (told, answer) = send_cell(hub, &self.id(), &request);
        assert_eq!(told, Told::Done, "an exchange without faults");
        self.cells.insert(name, told);
        answer.unwrap()
    }

    /// The two newest that commits say are whole, and what was acknowledged of one that is being written.
    fn audit_snapshots(&mut self, hub: &TestHub) {
        let frozen: Vec<_> = self.log.iter().filter_map(|commit| commit.rest.whole).collect();
        let (attempt, acknowledged) = self.attempt;
        for (age, list) in frozen.iter().rev().enumerate().take(4) {
            let number = list.attempt.0[0];
            assert_eq!(*list, snapshot(number));
            for index in 0..list.count {
                self.audit_chunk(hub, number, index, age < 2);
            }
        }
        for index in 0..acknowledged {
            self.audit_chunk(hub, attempt, index, true);
        }
    }

    fn audit_chunk(&mut self, hub: &TestHub, attempt: u8, index: u32, is_kept: bool) {
        let found = self.in_session(hub, "GET", &chunk_name(attempt, index), &[]).unwrap();
        let expected = if is_kept { 200 } else { 404 };
        assert_eq!(found.status, expected, "chunk {index} of attempt {attempt}");
        assert!(!is_kept || found.body == chunk(attempt, index).as_bytes());
    }

    fn audit_documents(&mut self, hub: &TestHub) {
        for kind in [Kind::Notice, Kind::Letters, Kind::Keyring] {
            let stored = self.document(hub, kind).expect("a document that was acknowledged");
            let sent = match kind {
                Kind::Keyring => &mut self.keyring,
                Kind::Letters => &mut self.letters,
                Kind::Notice => &mut self.notice,
            };
            if sent.tried.as_ref() == Some(&stored) {
                *sent = super::ledger::Sent { serial: sent.serial + 1, acknowledged: stored, tried: None };
            } else {
                assert!(sent.acknowledged == stored, "the {kind:?} is the newest that was acknowledged");
            }
        }
        let id = self.id();
        for (name, (pack, put_on, told)) in &self.packs {
            let may_be_gone = *told != Told::Done || *put_on < hub.now().day().minus(PACK_DAYS - 1);
            let found = hub.get(&format!("/{id}/v1/content/{name}"));
            match found.status {
                200 => assert_eq!(&found.body, pack),
                other => assert!(other == 404 && may_be_gone, "pack {name}: {other}"),
            }
        }
    }
}
