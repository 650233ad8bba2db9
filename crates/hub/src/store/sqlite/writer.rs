//! Group commit: one thread takes all waiting writes into one durable transaction, and only then answers them.

use std::{io, iter, sync::Arc, thread};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::{cause::failed, place::Place};
use crate::store::StoreError;

/// Writes in one transaction at most; a few megabytes, so that one group stays well below a second.
const GROUP_MAX: usize = 256;
/// Writes that may wait; more of them wait for a place, which holds back their senders.
const QUEUE_MAX: usize = 1024;

/// Runs one write and keeps what it returned until its transaction is durable.
type Job = Box<dyn FnOnce(&mut Transaction<'_>) -> Answer + Send>;
/// Tells the waiting task how its transaction ended.
type Answer = Box<dyn FnOnce(&Result<(), Arc<rusqlite::Error>>)>;

/// The handle to the writing thread, which ends when this is dropped.
#[derive(Debug)]
pub struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
    changes: watch::Receiver<u64>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(mut connection: Connection, place: Place) -> io::Result<Self> {
        let (sender, mut jobs) = mpsc::channel(QUEUE_MAX);
        let (changed, changes) = watch::channel(0);
        let thread = thread::Builder::new().name("hub-writer".to_owned()).spawn(move || {
            while let Some(first) = jobs.blocking_recv() {
                let waiting = iter::from_fn(|| jobs.try_recv().ok());
                let group = iter::once(first).chain(waiting).take(GROUP_MAX);
                write_group(&mut connection, &place, group, &changed);
            }
        })?;
        Ok(Self { jobs: Some(sender), thread: Some(thread), changes })
    }

    /// Makes one write, all of it or nothing; when this returns `Ok`, it is durable.
    ///
    /// The closure may see the writes of others that are not durable yet, so it decides nothing that leaves the
    /// database before this returns.
    pub async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let in_savepoint = move |transaction: &mut Transaction<'_>| {
            let savepoint = transaction.savepoint()?;
            let value = write(&savepoint)?;
            savepoint.commit()?;
            Ok(value)
        };
        self.queue(operation, in_savepoint).await
    }

    /// As [`Writer::write`], without the cost of a savepoint: for a write that does no harm when its beginning alone
    /// becomes durable.
    pub async fn write_simple<T: Send + 'static>(
        &self,
        operation: &'static str,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.queue(operation, move |transaction: &mut Transaction<'_>| write(transaction)).await
    }

    async fn queue<T: Send + 'static>(
        &self,
        operation: &'static str,
        write: impl FnOnce(&mut Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let written = write(transaction);
            Box::new(move |durable| {
                let result = match (written, durable) {
                    (Err(error), _) => Err(failed(operation)(error)),
                    (Ok(_), Err(error)) => Err(failed(operation)(Arc::clone(error))),
                    (Ok(value), Ok(())) => Ok(value),
                };
                // Who waited for the answer may be gone; the write stands.
                let _ = reply.send(result);
            })
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::GivenUp { operation })?;
        jobs.send(job).await.map_err(|_| StoreError::GivenUp { operation })?;
        answer.await.unwrap_or(Err(StoreError::GivenUp { operation }))
    }

    /// Sees a new value after each durable transaction.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // The database is closed when this returns, so that it can be opened again at once.
            let _ = thread.join();
        }
    }
}

fn write_group(
    connection: &mut Connection,
    place: &Place,
    jobs: impl Iterator<Item = Job>,
    changed: &watch::Sender<u64>,
) {
    let mut answers = Vec::new();
    let written = run_group(connection, jobs, &mut answers);
    let durable = written.and_then(|()| place.check()).map_err(Arc::new);
    if durable.is_ok() {
        changed.send_modify(|count| *count += 1);
    }
    for answer in answers {
        answer(&durable);
    }
}

fn run_group(
    connection: &mut Connection,
    jobs: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in jobs {
        answers.push(job(&mut transaction));
        // A full disk can end the whole transaction, and later writes would then commit one by one.
        if transaction.is_autocommit() {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
                Some("the transaction was rolled back".to_owned()),
            ));
        }
    }
    transaction.commit()
}
