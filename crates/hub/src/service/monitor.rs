//! What a hub tells of itself to whoever runs it: how it is now, and figures that are made when an hour ends.
//!
//! Neither tells what a caller did when. How the store is follows from a write that the hub makes by itself each minute,
//! not from the writes of callers. Figures are one text for a whole hour, and what follows from callers is in it for
//! whole days alone, as in the hub's files.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use callsign_protocol::time::UnixSeconds;
use serde::Serialize;

use super::{Desk, Service, figures::Figures, tally::OUTCOMES};
use crate::{
    store::{Holdings, Store, StoreError},
    tls::Tls,
};

/// A write that takes longer counts as one that failed.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);
/// Below this a notice is about to end: a desk renews it each day.
const NOTICE_LATE_S: u64 = 12 * 3_600;
/// Below this a certificate is about to end: renewal is due 30 days before.
const CERTIFICATE_LATE_S: u64 = 14 * 86_400;
/// Sizes are told in steps that hold 16,384 cells, so that they do not count those of an hour.
const SIZE_STEP_BYTES: u64 = 64 << 20;

/// What a monitor needs to know beside what the service knows.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The certificate, where the hub has one.
    pub tls: Option<Arc<Tls>>,
}

/// What was found by the last look.
#[derive(Debug, Default)]
pub struct Monitor {
    store_fails: AtomicBool,
    is_damaged: AtomicBool,
    figures: RwLock<Arc<str>>,
    /// When a desk last committed, in seconds; 0 before the first commit of this run.
    last_commit: AtomicU64,
}

/// In which minute and hour the hub looked last.
#[derive(Debug, Default)]
pub struct LastLook {
    minute: Option<u64>,
    hour: Option<u64>,
}

/// How the hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It does what it is for.
    Ok,
    /// It will not for much longer.
    Warning,
    /// It does not.
    Failing,
}

/// How the hub is, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The worst of the others; a notice that has ended is the desk's to mend, and a warning here.
    pub status: Condition,
    /// Whether a write can be made.
    pub store: Condition,
    /// Whether there is room for cells.
    pub disk: Condition,
    /// Whether what is stored was known to be damaged when the last hour ended: a caller may be the one who came upon it.
    pub database: Condition,
    /// Until the first desk's notice ends; nothing where no desk has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_hours_left: Option<u64>,
    /// Until the TLS certificate ends; nothing without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_days_left: Option<u64>,
}

impl Condition {
    fn failing_if(fails: bool) -> Self {
        if fails { Self::Failing } else { Self::Ok }
    }
}

impl Monitor {
    /// Takes note of a commit.
    pub fn note_commit(&self, now: UnixSeconds) {
        self.last_commit.store(now.0, Ordering::Relaxed);
    }
}

impl<S: Store> Service<S> {
    /// How the hub is, by its last look.
    pub fn health(&self, machine: &Machine) -> Health {
        let now = self.now();
        let fails = self.monitor.store_fails.load(Ordering::Relaxed);
        let store = Condition::failing_if(fails);
        let disk = Condition::failing_if(!self.room.is_there());
        let database = Condition::failing_if(self.monitor.is_damaged.load(Ordering::Relaxed));
        let notice_left = self.notices_expire().map(|expires| expires.since(now));
        let certificate_left = machine.tls.as_ref().map(|tls| tls.expires().since(now));
        let notice = match notice_left {
            Some(left) if left < NOTICE_LATE_S => Condition::Warning,
            _ => Condition::Ok,
        };
        let certificate = match certificate_left {
            Some(0) => Condition::Failing,
            Some(left) if left < CERTIFICATE_LATE_S => Condition::Warning,
            _ => Condition::Ok,
        };
        let conditions = [store, disk, database, notice, certificate];
        let is_any = |condition| conditions.contains(&condition);
        let status = [Condition::Failing, Condition::Warning].into_iter().find(|worst| is_any(*worst));
        Health {
            status: status.unwrap_or(Condition::Ok),
            store,
            disk,
            database,
            notice_hours_left: notice_left.map(|left| left / 3_600),
            certificate_days_left: certificate_left.map(|left| left / 86_400),
        }
    }

    /// The figures as of the end of the last hour, in Prometheus' text format.
    pub fn figures(&self) -> Arc<str> {
        self.monitor.figures.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks each minute whether the store works, and makes the figures whenever an hour has ended; never ends.
    pub async fn keep_monitor(&self, machine: &Machine) {
        let mut look = tokio::time::interval(Duration::from_secs(1));
        let mut last = LastLook::default();
        loop {
            look.tick().await;
            self.look(machine, &mut last).await;
        }
    }

    /// Does what has become due since the last look.
    pub async fn look(&self, machine: &Machine, last: &mut LastLook) {
        let (minute, hour) = (self.now().0 / 60, self.now().0 / 3_600);
        if last.minute.replace(minute) != Some(minute) {
            self.try_store().await;
        }
        if last.hour.replace(hour) != Some(hour) {
            self.make_figures(machine).await;
        }
    }

    /// Finds out whether the store can write.
    pub async fn try_store(&self) {
        let probe = tokio::time::timeout(PROBE_TIMEOUT, self.store.probe()).await;
        let probe = self.noted(probe.unwrap_or(Err(StoreError::GivenUp { operation: "probe" })));
        self.monitor.store_fails.store(probe.is_err(), Ordering::Relaxed);
    }

    /// Makes the figures anew, and takes over what else is told when an hour ends.
    pub async fn make_figures(&self, machine: &Machine) {
        self.monitor.is_damaged.store(self.damage().is_some(), Ordering::Relaxed);
        let holdings = self.noted(self.store.holdings().await).ok();
        let text = self.describe(machine, holdings.as_ref());
        *self.monitor.figures.write().unwrap_or_else(PoisonError::into_inner) = text.into();
    }

    fn describe(&self, machine: &Machine, holdings: Option<&Holdings>) -> String {
        let mut figures = Figures::default();
        figures.gauge("info", "The program that runs.", [(&[("version", env!("CARGO_PKG_VERSION"))][..], 1)]);
        let works = u64::from(!self.monitor.store_fails.load(Ordering::Relaxed));
        figures.plain("store_works", "1 where a write can be made.", Some(works));
        let free = self.room.free_bytes().map(in_steps);
        figures.plain("disk_free_bytes", "Free on the hub's disk, in steps of 64 MiB.", free);
        let database = holdings.map(|held| in_steps(held.size_bytes));
        figures.plain("database_bytes", "Size of the database, in steps of 64 MiB.", database);
        let certificate = machine.tls.as_ref().map(|tls| tls.expires().0);
        figures.plain("certificate_expires_timestamp_seconds", "When the TLS certificate ends.", certificate);
        let effort = u64::from(self.admission.toll().effort.0);
        figures.plain("asked_effort_bits", "Work that is asked of callers, as the hour ended.", Some(effort));
        let backup = holdings.and_then(|held| held.backup).map(|day| day.start().0);
        let name = "backup_timestamp_seconds";
        figures.plain(name, "Beginning of the day of the last backup.", backup);
        self.describe_desks(&mut figures);
        self.describe_whole_days(&mut figures, holdings);
        figures.into_text()
    }

    fn describe_desks(&self, figures: &mut Figures) {
        let desks = self.all_desks();
        figures.plain("desks", "Desks that have enrolled.", Some(desks.len() as u64));
        let expires = self.notices_expire().map(|expires| expires.0);
        figures.plain("notice_expires_timestamp_seconds", "When the first desk's notice ends.", expires);
        let keyrings = desks.iter().filter_map(|desk| Some(desk.keyring.read()?.checked.start().0));
        let name = "keyring_put_timestamp_seconds";
        figures.plain(name, "Beginning of the day of the oldest keyring in use.", keyrings.min());
        let commit = self.monitor.last_commit.load(Ordering::Relaxed);
        let hour = (commit > 0).then_some(commit / 3_600 * 3_600);
        let name = "desk_commit_timestamp_seconds";
        figures.plain(name, "Beginning of the hour in which a desk last committed.", hour);
    }

    /// What follows from callers, or could: of days that are over.
    fn describe_whole_days(&self, figures: &mut Figures, holdings: Option<&Holdings>) {
        let today = self.today();
        let counts = self.tally.of_whole_days(today);
        let outcomes: Vec<_> = OUTCOMES.map(|name| [("outcome", name)]).into();
        let counted = outcomes.iter().map(|labels| &labels[..]).zip(counts);
        figures.counter("exchanges_total", "Exchanges of days that are over, since the start.", counted);
        let Some(Holdings { cells, drops, .. }) = holdings else { return };
        for (name, help, by_day) in [
            ("cells_waiting", "Cells of days that are over and that no desk is done with.", cells),
            ("drops_listed", "Drops listed under days that are over.", drops),
        ] {
            let past = by_day.iter().filter(|(day, _)| *day < today);
            let past: Vec<_> = past.map(|(day, count)| ((today.0 - day.0).to_string(), *count)).collect();
            let labels: Vec<_> = past.iter().map(|(ago, _)| [("days_ago", ago.as_str())]).collect();
            let counts = past.iter().map(|(_, count)| *count);
            figures.gauge(name, help, labels.iter().map(|labels| &labels[..]).zip(counts));
        }
    }

    fn notices_expire(&self) -> Option<UnixSeconds> {
        let expires = |desk: &Arc<Desk>| Some(desk.notice.read()?.body.notice.expires);
        self.all_desks().iter().filter_map(expires).min()
    }
}

fn in_steps(bytes: u64) -> u64 {
    bytes / SIZE_STEP_BYTES * SIZE_STEP_BYTES
}
