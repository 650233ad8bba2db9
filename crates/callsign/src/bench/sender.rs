//! Makes exchanges over one connection, one after the other, and judges what comes back.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use callsign_protocol::{
    cell::Cell,
    exchange::{Answer, Outcome, Request},
    stamp::{Stamp, Toll},
};
use rand_core::CryptoRng;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{Mutex, mpsc},
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use super::{
    connection::Connection,
    pool::{Inside, Pool},
    tally::Tally,
    visitor::Visitor,
};

/// Nobody waits longer for an answer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds before a caller's program tries again what a busy hub has not stored.
const BUSY_WAITS_S: [u64; 7] = [1, 2, 4, 8, 15, 30, 60];
/// After an exchange that brought no answer, so that a hub that is gone costs no whole processor.
const PAUSE: Duration = Duration::from_millis(100);
/// A connection that was idle for longer is made anew: the hub may be about to close it.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Opens streams to a hub.
pub trait Dial: Clone + Send + Sync + 'static {
    /// What bytes go through.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    /// A new one.
    fn dial(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Dial for SocketAddr {
    type Stream = TcpStream;

    async fn dial(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(*self).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// What all connections of a run send, and how many of them at most.
pub struct Supply {
    head: Arc<[u8]>,
    pool: Pool,
    work: Work,
    left: AtomicU64,
}

/// Whether the work that a hub asks for is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// As a caller does it.
    Done,
    /// Cells come without stamps.
    LeftUndone,
}

/// One connection's sender.
pub struct Sender<D: Dial, R> {
    dial: D,
    supply: Arc<Supply>,
    visitor: Visitor<R>,
    connection: Option<(Connection<D::Stream>, Instant)>,
    request: Vec<u8>,
    /// What the hub asked for last.
    toll: Toll,
    tally: Tally,
}

/// What became of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    Stored,
    Refused,
    Failed,
}

impl Supply {
    /// Cells for `exchanges` exchanges at most.
    pub fn new(head: Arc<[u8]>, pool: Pool, work: Work, exchanges: u64) -> Self {
        Self { head, pool, work, left: AtomicU64::new(exchanges) }
    }

    /// Whether there is one more to be made, which is thereby taken.
    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl<D: Dial, R: CryptoRng> Sender<D, R> {
    /// Without a connection yet.
    pub fn new(dial: D, supply: Arc<Supply>, visitor: Visitor<R>) -> Self {
        Self {
            dial,
            supply,
            visitor,
            connection: None,
            request: Vec::new(),
            toll: Toll::NONE,
            tally: Tally::default(),
        }
    }

    /// Closed loop: each exchange begins when the one before is answered, one at least, until then or until the supply ends.
    pub async fn one_after_another(mut self, until: Instant) -> Tally {
        while self.supply.take() {
            let began = Instant::now();
            self.exchange_due(began).await;
            if Instant::now() >= until {
                break;
            }
        }
        self.tally
    }

    /// Open loop: takes the exchanges that are due from a queue that all senders share. A time is that from when the exchange
    /// was due, so a hub that stalls is charged for all that waited behind. What is not sent by `until` is counted as waiting.
    pub async fn take_due(
        mut self,
        due: Arc<Mutex<mpsc::UnboundedReceiver<Instant>>>,
        until: Instant,
    ) -> Tally {
        loop {
            let next = due.lock().await.recv().await;
            let Some(due) = next else { return self.tally };
            let now = Instant::now();
            if now >= until {
                self.tally.unsent += 1;
                self.tally.took(now - due);
            } else if self.supply.take() {
                self.exchange_due(due).await;
            }
        }
    }

    /// One caller after the other, each over a connection of its own and trying again as a caller's program does until the
    /// hub has stored the cell, once at least: a time is that from the first try until then, pauses included.
    pub async fn until_stored(mut self, until: Instant) -> Tally {
        loop {
            let began = Instant::now();
            self.connection = None;
            let mut waits = BUSY_WAITS_S.into_iter();
            while self.exchange().await != Judged::Stored {
                let wait = waits.next().map(Duration::from_secs);
                let Some(wait) = wait.filter(|wait| Instant::now() + *wait < until + PATIENCE) else {
                    self.tally.unsent += 1;
                    break;
                };
                sleep(wait).await;
            }
            self.tally.took(began.elapsed());
            sleep(PAUSE).await;
            if Instant::now() >= until {
                return self.tally;
            }
        }
    }

    async fn exchange_due(&mut self, due: Instant) {
        let judged = self.exchange().await;
        self.tally.took(due.elapsed());
        if judged == Judged::Failed {
            sleep(PAUSE).await;
        }
    }

    async fn exchange(&mut self) -> Judged {
        self.tally.requests += 1;
        match timeout(PATIENCE, self.attempt()).await {
            Ok(Some(judged)) => judged,
            Ok(None) | Err(_) => Judged::Failed,
        }
    }

    /// Nothing where no answer came. The connection is put back only where it can be used again.
    async fn attempt(&mut self) -> Option<Judged> {
        let open = self.connection.take().filter(|(_, used)| used.elapsed() < IDLE_MAX);
        let mut connection = match open {
            Some((connection, _)) => connection,
            None => Connection::new(self.dial.dial().await.ok()?),
        };
        let (cell, inside) = self.supply.pool.next();
        let stamp = self.stamp(&cell).await;
        let request = Request { ask: self.visitor.ask(), stamp, cell };
        self.tally.stamped += u64::from(stamp != Stamp::NONE);
        self.request.clear();
        self.request.extend_from_slice(&self.supply.head);
        self.request.extend_from_slice(&request.encode());
        self.tally.bytes_out += self.request.len() as u64;
        let reply = connection.ask(&self.request).await.ok()?;
        self.tally.bytes_in += reply.bytes as u64;
        let closes = reply.closes;
        if reply.status != 200 {
            // Too many at once, or in trouble: a hub's answer, though not to the exchange.
            let judged = if matches!(reply.status, 429 | 503) { Judged::Refused } else { Judged::Failed };
            self.tally.refused += u64::from(judged == Judged::Refused);
            return Some(judged);
        }
        let answer = Answer::decode(reply.body).ok()?.header;
        self.toll = answer.toll;
        let visit_ends = self.visitor.took(&answer);
        if !closes && !visit_ends {
            self.connection = Some((connection, Instant::now()));
        }
        self.tally.listed = self.tally.listed.max(answer.total);
        if answer.outcome != Outcome::Stored {
            self.tally.refused += 1;
            return Some(Judged::Refused);
        }
        self.tally.stored += 1;
        self.tally.calls += u64::from(inside == Inside::Call);
        Some(Judged::Stored)
    }

    /// The work that the hub asked for last, done for this cell on a thread beside, so that other connections go on.
    async fn stamp(&mut self, cell: &Cell) -> Stamp {
        if self.toll == Toll::NONE || self.supply.work == Work::LeftUndone {
            return Stamp::NONE;
        }
        let mut search = self.visitor.search(cell, self.toll);
        let found = spawn_blocking(move || search.advance(u32::MAX)).await;
        found.ok().flatten().unwrap_or(Stamp::NONE)
    }
}

#[cfg(test)]
mod tests;
