//! The threads of a desk at work: one follows the hub, one keeps the beat, one keeps the state, one makes the search's index.

use std::{
    fmt,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender, TryRecvError},
    },
    time::Duration,
};

use crate::{
    Desk, DeskError,
    desk::{
        following::{FollowTurn, RETRY},
        pacing::next_of,
        trouble::{Activity, Trouble, TroubleReport, Troubles},
    },
};

/// Seconds that one long poll waits; a desk that stops waits no longer than this for its follower.
const FOLLOW_WAIT_S: u64 = 5;

/// Before a beat leaves its commit is made, so that the hub does not see how long that takes.
const LEAD: Duration = Duration::from_secs(1);
/// Between two looks at whether cases wait for the index.
const INDEX_EVERY: Duration = Duration::from_secs(1);

/// A desk at work. Dropping it stops its threads.
pub struct Running {
    /// Never sent on: a thread stops when its sender is gone.
    stop: Vec<Sender<()>>,
    troubles: Arc<Troubles>,
}

impl Desk {
    /// Starts following, beating, keeping the state and indexing; `report` hears of each trouble that begins or ends.
    pub fn run(self: &Arc<Self>, report: &TroubleReport) -> Running {
        let mut running = Running { stop: Vec::new(), troubles: Arc::default() };
        for activity in [Activity::Follow, Activity::Beat, Activity::State] {
            let (stop, stopped) = mpsc::channel();
            let (desk, troubles, report) =
                (Arc::clone(self), Arc::clone(&running.troubles), Arc::clone(report));
            running.stop.push(stop);
            std::thread::spawn(move || {
                let mut turns = Turns::of(activity, &desk);
                while stopped.recv_timeout(turns.wait(&desk)) == Err(RecvTimeoutError::Timeout) {
                    let done = turns.take(&desk);
                    // Whoever stops a desk may stop its hub as well: what fails from then on is no trouble.
                    if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                        return;
                    }
                    if let Some(change) = troubles.note(activity, done) {
                        report(&change);
                    }
                }
            });
        }
        running.stop.push(self.keep_indexed());
        running
    }

    /// Puts cases into the search's index until the sender is gone. Where there is no memory for it, who searches hears of
    /// it; all else goes on.
    fn keep_indexed(self: &Arc<Self>) -> Sender<()> {
        let (stop, stopped) = mpsc::channel();
        let desk = Arc::clone(self);
        std::thread::spawn(move || {
            let mut wait = Duration::ZERO;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let is_done = match desk.index_some() {
                    Ok(0) => !desk.tidy_some() && !desk.image_some(),
                    Ok(_) => false,
                    Err(_) => true,
                };
                wait = if is_done { INDEX_EVERY } else { Duration::ZERO };
            }
        });
        stop
    }
}

/// When an activity has its turns: at times that do not depend on how long one takes.
struct Turns {
    activity: Activity,
    /// Between two turns.
    every: Duration,
    first: Duration,
    next: Duration,
    follow: FollowTurn,
}

impl Turns {
    fn of(activity: Activity, desk: &Desk) -> Self {
        let beat_every = Duration::from_secs(u64::from(desk.settings().beat_s.max(1)));
        let (now, every) = (desk.timer.elapsed(), beat_every);
        Self { activity, every, first: now, next: now + every, follow: FollowTurn::default() }
    }

    /// Until work for the next turn begins.
    fn wait(&self, desk: &Desk) -> Duration {
        let now = desk.timer.elapsed();
        match self.activity {
            Activity::Follow => self.follow.wait(&desk.timer),
            Activity::Beat => self.next.saturating_sub(self.lead()).saturating_sub(now),
            Activity::State => self.next.saturating_sub(now),
        }
    }

    /// What goes before a beat is done by then, as a rule.
    fn lead(&self) -> Duration {
        LEAD.min(self.every / 4)
    }

    fn take(&mut self, desk: &Desk) -> Result<(), DeskError> {
        match self.activity {
            Activity::Follow => desk.follow_on_time(&mut self.follow, FOLLOW_WAIT_S).map(drop),
            Activity::Beat => {
                let done = desk.beat_on_time(self.next);
                let now = desk.timer.elapsed() + if done.is_ok() { Duration::ZERO } else { RETRY };
                self.next = next_of(self.first, self.every, now + self.lead());
                done
            }
            Activity::State => {
                let done = desk.keep_state();
                let pause = if done.is_ok() { self.every } else { self.every.max(RETRY) };
                self.next = desk.timer.elapsed() + pause;
                done
            }
        }
    }
}

impl Running {
    /// What keeps the desk from working.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.all()
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("troubles", &self.troubles).finish_non_exhaustive()
    }
}
