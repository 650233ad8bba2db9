//! A server of the hub's stack that stores nothing: what an exchange costs in HTTP alone, for measurements.

use axum::{Router, body::Bytes, routing::post};
use callsign_protocol::{
    digest::Chain,
    exchange::{ANSWER_LEN, AnswerHeader, Outcome, REQUEST_LEN},
    stamp::Toll,
    time::{Day, Minute},
};
use tokio::net::TcpListener;

use crate::{
    capacity,
    places::Places,
    routes::{BoundedBody, octets},
    server,
};

/// Reads each exchange and answers it with the same bytes from memory, until `shutdown` ends.
pub async fn serve(listener: TcpListener, today: Day, shutdown: impl Future<Output = ()>) {
    let header = AnswerHeader {
        outcome: Outcome::Stored,
        day: today,
        shard: 0,
        from: 0,
        total: 0,
        notice_serial: 1,
        minute: Minute::default(),
        signature: None,
        toll: Toll::NONE,
        chain: Chain::EMPTY.hash,
    };
    let mut answer = header.encode().to_vec();
    answer.resize(ANSWER_LEN, 0x5a);
    let answer = Bytes::from(answer);
    let exchange = async move |BoundedBody(_): BoundedBody<REQUEST_LEN>| octets(answer.clone());
    let router = Router::new().route("/{desk}/v1/exchange", post(exchange));
    let places = Places::new(capacity::connections(None));
    server::serve(router, listener.into(), places, shutdown).await;
}
