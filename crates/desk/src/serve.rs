//! The two threads of a desk at work: one follows the hub, one keeps the beat.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender, TryRecvError},
    },
    time::Duration,
};

use crate::{Desk, DeskError};

/// Seconds that one long poll waits; a desk that stops waits no longer than this for its follower.
const FOLLOW_WAIT_S: u64 = 5;
/// Seconds before the hub is asked again after it did not answer.
const RETRY: Duration = Duration::from_secs(2);

/// What a thread does over and over.
type Step = fn(&Desk) -> Result<(), DeskError>;

/// A desk at work. Dropping it stops both threads.
#[derive(Debug)]
pub struct Running {
    /// Never sent on: a thread stops when its sender is gone.
    stop: Vec<Sender<()>>,
    trouble: Arc<Mutex<Option<String>>>,
}

impl Desk {
    /// Starts following and beating.
    pub fn run(self: &Arc<Self>) -> Running {
        let trouble = Arc::new(Mutex::new(None));
        let beat_every = Duration::from_secs(u64::from(self.settings().beat_s.max(1)));
        let follow: Step = |desk| desk.follow(FOLLOW_WAIT_S).map(|_| ());
        let loops = [(Duration::ZERO, follow), (beat_every, Desk::beat)];
        let mut running = Running { stop: Vec::new(), trouble };
        for (every, step) in loops {
            let (stop, stopped) = mpsc::channel();
            let (desk, trouble) = (Arc::clone(self), Arc::clone(&running.trouble));
            running.stop.push(stop);
            std::thread::spawn(move || {
                let mut wait = every;
                while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    let result = step(&desk);
                    // Whoever stops a desk may stop its hub as well: what fails from then on is no trouble.
                    if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                        return;
                    }
                    wait = if result.is_ok() { every } else { every.max(RETRY) };
                    note(&trouble, result.err());
                }
            });
        }
        running
    }
}

impl Running {
    /// What keeps the desk from working, in a sentence.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(trouble: &Mutex<Option<String>>, error: Option<DeskError>) {
    let sentence = error.map(|error| error.to_string());
    let mut known = trouble.lock().unwrap_or_else(PoisonError::into_inner);
    if sentence.is_some() && *known != sentence {
        tracing::warn!(error = sentence.as_deref(), "the desk cannot work");
    }
    *known = sentence;
}
