//! Tells open pages that something has changed, and nothing of what: they fetch themselves again.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::{Stream, unfold};
use tokio::{sync::watch, time::Interval};

use super::{Ui, operator::Operator};
use crate::Desk;

/// How often the desk's health and the waiting times are looked at; nothing else tells when they change.
const PULSE: Duration = Duration::from_secs(2);
/// Waiting times are told in steps of ten minutes.
const STEP_S: u64 = 600;

/// What a page watches.
struct Watch {
    ui: Arc<Ui>,
    desk: Arc<Desk>,
    changes: watch::Receiver<u64>,
    locks: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    pulse: Interval,
    seen: String,
}

/// The events of one page. The first comes at once: whoever connects anew may have missed some.
pub(in crate::ui) async fn stream_events(
    State(ui): State<Arc<Ui>>,
    operator: Operator,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watch = Watch {
        changes: operator.desk.changes(),
        locks: ui.locks.subscribe(),
        closing: ui.closing.subscribe(),
        pulse: tokio::time::interval(PULSE),
        seen: String::new(),
        desk: operator.desk,
        ui,
    };
    let events = unfold(Some(watch), |watch| async {
        let mut watch = watch?;
        let name = watch.next().await?;
        let rest = (name == "changed").then_some(watch);
        Some((Ok(Event::default().event(name).data("-")), rest))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

impl Watch {
    async fn next(&mut self) -> Option<&'static str> {
        loop {
            if *self.closing.borrow() {
                return None;
            }
            tokio::select! {
                biased;
                _ = self.closing.changed() => return None,
                _ = self.locks.changed() => return Some("locked"),
                changed = self.changes.changed() => return changed.ok().map(|()| "changed"),
                _ = self.pulse.tick() => {
                    self.ui.lock_if_idle();
                    if self.desk.invited().is_some() {
                        let desk = Arc::clone(&self.desk);
                        // Not waited for: a hub that is slow keeps no page from hearing that it is locked.
                        drop(tokio::task::spawn_blocking(move || drop(desk.follow_invitation())));
                    }
                    let (ui, desk) = (Arc::clone(&self.ui), Arc::clone(&self.desk));
                    let now = super::aside(move || condition(&ui, &desk)).await.ok()?;
                    if now != self.seen {
                        self.seen = now;
                        return Some("changed");
                    }
                }
            }
        }
    }
}

fn condition(ui: &Ui, desk: &Desk) -> String {
    let health = desk.health();
    let notice = health.notice_expires.map(|expires| expires.since(desk.now()) / STEP_S);
    format!(
        "{:?} {:?} {:?} {:?} {notice:?}",
        health.alarm,
        health.hub_clock,
        ui.troubles(),
        desk.now().0 / STEP_S
    )
}
