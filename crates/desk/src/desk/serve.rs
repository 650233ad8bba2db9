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
    desk::trouble::{Activity, Trouble, TroubleReport, Troubles},
};

/// Seconds that one long poll waits; a desk that stops waits no longer than this for its follower.
const FOLLOW_WAIT_S: u64 = 5;
/// Seconds before the hub is asked again after it did not answer.
const RETRY: Duration = Duration::from_secs(2);

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
        let beat_every = Duration::from_secs(u64::from(self.settings().beat_s.max(1)));
        let mut running = Running { stop: Vec::new(), troubles: Arc::default() };
        for (activity, every) in
            [(Activity::Follow, Duration::ZERO), (Activity::Beat, beat_every), (Activity::State, beat_every)]
        {
            let (stop, stopped) = mpsc::channel();
            let (desk, troubles, report) =
                (Arc::clone(self), Arc::clone(&running.troubles), Arc::clone(report));
            running.stop.push(stop);
            std::thread::spawn(move || {
                let mut wait = every;
                while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    let done = activity.step(&desk);
                    // Whoever stops a desk may stop its hub as well: what fails from then on is no trouble.
                    if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                        return;
                    }
                    wait = if done.is_ok() { every } else { every.max(RETRY) };
                    if let Some(change) = troubles.note(activity, &done) {
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

impl Activity {
    fn step(self, desk: &Desk) -> Result<(), DeskError> {
        match self {
            Self::Follow => desk.follow(FOLLOW_WAIT_S).map(|_| ()),
            Self::Beat => desk.beat(),
            Self::State => desk.keep_state(),
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
