//! What the disk bears: records gathered as the hub gathers its writes, one write and one sync a group, and no database.

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    iter,
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

/// Bytes of a record: as many as an exchange brings.
pub const RECORD_LEN: usize = callsign_protocol::exchange::REQUEST_LEN;
/// Records in a group at most, as in the hub.
const GROUP_MAX: usize = 256;
/// Bytes after which the file is written from its beginning again, so that a long run does not fill the disk.
const FILE_MAX: usize = 1 << 30;

/// One record, and who waits until it is durable.
type Waiting = oneshot::Sender<()>;

/// Appends for a time, `waiters` records at once, to a file in `dir` that is removed at the end; records and time.
pub async fn run(dir: &Path, waiters: u32, length: Duration) -> io::Result<(u64, Duration)> {
    let file = tempfile::tempfile_in(dir)?;
    let (sender, receiver) = mpsc::channel(1_024);
    let writing = thread::spawn(move || write_groups(file, receiver));
    let start = Instant::now();
    let mut waiting = JoinSet::new();
    for _ in 0..waiters {
        waiting.spawn(append(sender.clone(), start + length));
    }
    drop(sender);
    let mut records = 0;
    while let Some(count) = waiting.join_next().await {
        records += count.unwrap_or(0);
    }
    let time = start.elapsed();
    // The writer has seen the last waiter go.
    let written = writing.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked")));
    written.map(|()| (records, time))
}

/// One record after the other, one at least; how many were durable. Ends early where the writer has failed.
async fn append(records: mpsc::Sender<Waiting>, until: Instant) -> u64 {
    let mut count = 0;
    loop {
        let (durable, waited) = oneshot::channel();
        if records.send(durable).await.is_err() || waited.await.is_err() {
            return count;
        }
        count += 1;
        if Instant::now() >= until {
            return count;
        }
    }
}

fn write_groups(mut file: File, mut records: mpsc::Receiver<Waiting>) -> io::Result<()> {
    let group_bytes: Arc<[u8]> = vec![0x5a; GROUP_MAX * RECORD_LEN].into();
    let mut len = 0;
    while let Some(first) = records.blocking_recv() {
        let more = iter::from_fn(|| records.try_recv().ok());
        let group: Vec<Waiting> = iter::once(first).chain(more).take(GROUP_MAX).collect();
        let bytes = &group_bytes[..group.len() * RECORD_LEN];
        if len + bytes.len() > FILE_MAX {
            file.rewind()?;
            len = 0;
        }
        file.write_all(bytes)?;
        file.sync_data()?;
        len += bytes.len();
        for waiting in group {
            // Who waited may be gone at the end of the run.
            let _ = waiting.send(());
        }
    }
    Ok(())
}
