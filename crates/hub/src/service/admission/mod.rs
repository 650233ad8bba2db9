//! Admission: so many exchanges are in the store at once; the others wait, the highest effort first, and not for long.

mod asked;
mod stamps;

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use callsign_protocol::{
    exchange::Request,
    identity::Fingerprint,
    stamp::{Effort, Toll},
};
use chacha20::ChaCha20Rng;
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval, timeout},
};

use self::{asked::AskedEffort, stamps::Stamps};

/// How long an exchange waits at most: a caller who hears "unavailable" can do more work meanwhile.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How often the effort that is asked is looked at.
const TICK: Duration = Duration::from_secs(1);

/// How many there may be of what strangers can have.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Exchanges in the store: as many as one group of writes takes.
    pub inside: usize,
    /// Exchanges that wait, of some 9 KB each.
    pub line: usize,
    /// Stamps for which a round is meant, of two bytes each.
    pub stamps: usize,
}

/// The gate before the store. Commits, documents and `follow` do not pass through it.
#[derive(Debug)]
pub struct Admission {
    bounds: Bounds,
    gate: Mutex<Gate>,
    stamps: Stamps,
}

/// An exchange that was let in; the next one comes when it is dropped.
#[derive(Debug)]
pub struct Inside(Arc<Admission>);

#[derive(Debug, Default)]
struct Gate {
    inside: usize,
    arrivals: u64,
    line: BTreeMap<Rank, Waiting>,
    asked: AskedEffort,
}

/// The first in this order is served first, the last is turned out first.
type Rank = (Reverse<Effort>, u64);

/// Who waits, until they are let in, are turned out, have waited long enough, or hang up.
#[derive(Debug)]
struct InLine<'a> {
    admission: &'a Admission,
    rank: Rank,
    turn: oneshot::Receiver<Inside>,
}

#[derive(Debug)]
struct Waiting {
    /// Ticks that it has seen.
    ticks: u32,
    /// Dropped where it is turned out.
    let_in: oneshot::Sender<Inside>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { inside: 256, line: 1024, stamps: 1 << 20 }
    }
}

impl Admission {
    /// An open gate: nothing is asked.
    pub fn new(bounds: Bounds, rng: ChaCha20Rng) -> Arc<Self> {
        Arc::new(Self { bounds, gate: Mutex::default(), stamps: Stamps::new(bounds.stamps, rng) })
    }

    /// Lets an exchange in, at once or when its turn comes; `None` turns it out.
    pub async fn enter(self: &Arc<Self>, desk: &Fingerprint, request: &Request) -> Option<Inside> {
        if let Some(inside) = self.enter_at_once() {
            return Some(inside);
        }
        // Who need not wait need not work: stamps are looked at here alone.
        let effort = self.stamps.effort(desk, &request.stamp, &request.cell);
        let mut line = self.get_in_line(effort);
        timeout(WAIT_MAX, &mut line.turn).await.ok()?.ok()
    }

    /// What is asked of the next exchange.
    pub fn toll(&self) -> Toll {
        let asked = self.lock().asked.effort();
        match asked {
            Effort(0) => Toll::NONE,
            effort => Toll { effort, round: self.stamps.round() },
        }
    }

    /// Ticks for ever.
    pub async fn keep_time(&self) {
        let mut ticks = interval(TICK);
        // After a standstill a second is a second.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.tick();
        }
    }

    /// A second has gone by.
    pub fn tick(&self) {
        let mut gate = self.lock();
        let Gate { line, asked, .. } = &mut *gate;
        for ((Reverse(effort), _), waiting) in line {
            if waiting.ticks > 0 {
                asked.was_not_enough(*effort);
            }
            waiting.ticks += 1;
        }
        asked.tick();
        drop(gate);
        self.stamps.tick();
    }

    fn enter_at_once(self: &Arc<Self>) -> Option<Inside> {
        let mut gate = self.lock();
        let has_room = gate.inside < self.bounds.inside;
        has_room.then(|| {
            gate.inside += 1;
            gate.asked.was_served();
            Inside(Arc::clone(self))
        })
    }

    /// Where the line is full, the last one leaves; within one effort that is who came last.
    fn get_in_line(self: &Arc<Self>, effort: Effort) -> InLine<'_> {
        let (let_in, turn) = oneshot::channel();
        let mut gate = self.lock();
        gate.arrivals += 1;
        let rank = (Reverse(effort), gate.arrivals);
        gate.line.insert(rank, Waiting { ticks: 0, let_in });
        if gate.line.len() > self.bounds.line
            && let Some(((Reverse(effort), _), _)) = gate.line.pop_last()
        {
            gate.asked.was_not_enough(effort);
        }
        // Room that came while the stamp was looked at belongs to the first in line, who may be another.
        let next = (gate.inside < self.bounds.inside).then(|| gate.line.pop_first()).flatten();
        if next.is_some() {
            gate.inside += 1;
            gate.asked.was_served();
        }
        drop(gate);
        if let Some((_, waiting)) = next {
            // Who has left meanwhile drops this, which lets the next one in.
            let _ = waiting.let_in.send(Inside(Arc::clone(self)));
        }
        InLine { admission: self, rank, turn }
    }

    fn lock(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.admission.lock().line.remove(&self.rank);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut gate = self.0.lock();
        match gate.line.pop_first() {
            None => gate.inside -= 1,
            Some((_, waiting)) => {
                gate.asked.was_served();
                drop(gate);
                let _ = waiting.let_in.send(Self(Arc::clone(&self.0)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
