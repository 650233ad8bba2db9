//! What pages of two people are tested with.

use std::sync::Arc;

use axum::http::StatusCode;
use callsign_desk::Desk;

use crate::support::{Answer, Browser, World, aside};

/// Sends a form that is taken, and follows where it leads.
pub async fn act(world: &World, operator: &Browser, path: &str, form: &[(&str, &str)]) -> Answer {
    let done = operator.post(&world.ui, path, form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{path}: {}", done.body);
    operator.visit(&world.ui, done.location()).await
}

/// Presses **Let it leave** on a page, and follows where it leads.
pub async fn let_go(world: &World, operator: &Browser, path: &str, page: &Answer) -> Answer {
    let [answer, shown] =
        ["answer", "shown"].map(|name| page.attribute(&format!("name=\"{name}\" value=\"")));
    act(world, operator, &format!("{path}/let-go"), &[("answer", &answer), ("shown", &shown)]).await
}

/// A device takes what is new.
pub async fn sync(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    aside(move || desk.sync().unwrap()).await;
}

/// What a colleague does, which the hub has at once.
pub async fn colleague(desk: &Arc<Desk>, what: impl FnOnce(&Desk) + Send + 'static) {
    let desk = Arc::clone(desk);
    aside(move || {
        desk.sync().unwrap();
        what(&desk);
        desk.flush().unwrap();
    })
    .await;
}

/// Both devices have heard of each other, and of what the pages did.
pub async fn in_step(world: &World, other: &Arc<Desk>) {
    let (own, other) = (Arc::clone(&world.desk), Arc::clone(other));
    aside(move || {
        for desk in [&own, &other, &own, &other] {
            desk.sync().unwrap();
            desk.beat().unwrap();
        }
        own.sync().unwrap();
    })
    .await;
}
