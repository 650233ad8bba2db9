//! Room on the disk that cells leave to desks: below it nothing of callers is stored, while commits, documents and erasing go
//! on, so that a flood of cells cannot keep a desk from clearing it away.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::Service;
use crate::store::{Store, StoreError};

/// What is left to desks, in bytes, on the disk and in the database: more than cells take in the second between two looks.
pub const ROOM_LEFT: u64 = 64 << 20;
/// What chunks of snapshots leave of it to commits, documents and erasing: more than a device sends between two looks.
pub const ROOM_LEFT_BY_CHUNKS: u64 = 32 << 20;

/// How much room there is, by the last look.
#[derive(Debug)]
pub struct Room {
    dir: PathBuf,
    free_bytes: AtomicU64,
}

impl Room {
    /// On the disk of that directory; there is some until a look finds none.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, free_bytes: AtomicU64::new(u64::MAX) }
    }

    /// Whether cells may be stored.
    pub fn is_there(&self) -> bool {
        self.free_bytes.load(Ordering::Relaxed) >= ROOM_LEFT
    }

    /// Whether chunks of snapshots may be stored.
    pub fn is_there_for_chunks(&self) -> bool {
        self.free_bytes.load(Ordering::Relaxed) >= ROOM_LEFT_BY_CHUNKS
    }

    /// Takes note of what is free; a disk that does not say so counts as free, for a write then says more.
    pub fn note(&self, free_bytes: Option<u64>) {
        self.free_bytes.store(free_bytes.unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Bytes that are free on the disk.
    pub fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&self.dir).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

impl<S: Store> Service<S> {
    /// Looks each second; never ends.
    pub async fn keep_room(&self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        loop {
            ticks.tick().await;
            self.look_for_room().await;
        }
    }

    /// Looks how much room there is. Where it is short, that is logged once a day.
    pub async fn look_for_room(&self) {
        let mut free = self.room.free_bytes();
        if free.is_some_and(|free| free < ROOM_LEFT) {
            // The database does not shrink: what desks are done with is room in it, and none on the disk.
            let reusable = self.noted(self.store.free_bytes().await).unwrap_or(0);
            free = free.map(|free| free.saturating_add(reusable));
        }
        self.room.note(free);
        if !self.room.is_there() {
            let cause = "less than 64 MiB are free on the disk and in the database, and callers are told that nothing was \
                         stored; make room on the disk";
            let error = StoreError::Backend { operation: "look_for_room", cause: cause.to_owned() };
            self.trouble.note(&error, self.today());
        }
    }
}
