//! All that passes between a hub and others, as the hub sees it, and what a hostile hub makes of it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode},
    middleware::{Next, from_fn_with_state},
};
use tokio::net::TcpListener;

use crate::TestClock;

/// More than any request or answer of the protocol.
const BODY_MAX: usize = 4 << 20;

/// Stands in front of a hub. All clones are one tap.
#[derive(Clone)]
pub struct Tap {
    clock: TestClock,
    inner: Arc<Mutex<Inner>>,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it came, in milliseconds by the hub's clock.
    pub at_ms: u64,
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// Below the desk's address, with its query.
    pub path: String,
    /// In the order in which they came, without `host`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// What was sent.
    pub body: Vec<u8>,
    /// The status that was answered.
    pub status: u16,
    /// What was answered.
    pub answer: Vec<u8>,
}

/// What a hub makes of a request.
pub enum Move {
    /// The honest thing.
    Pass,
    /// This status and nothing else; the request is not applied.
    Refuse(u16),
    /// The same with a code, as an honest hub says why.
    RefuseFor(u16, &'static str),
    /// The request is applied, its answer is lost.
    Lose,
    /// The honest answer, changed.
    Change(Change),
}

/// What becomes of an answer's bytes.
pub type Change = Box<dyn FnOnce(&mut Vec<u8>) + Send>;

type Script = Box<dyn FnMut(&Seen) -> Move + Send>;

struct Inner {
    seen: Vec<Seen>,
    script: Script,
    work: Box<dyn Fn() -> u64 + Send>,
}

impl Tap {
    pub(crate) fn new(clock: TestClock) -> Self {
        let inner = Inner { seen: Vec::new(), script: Box::new(|_| Move::Pass), work: Box::new(|| 0) };
        Self { clock, inner: Arc::new(Mutex::new(inner)) }
    }

    /// From now on the hub does this; the request that it is asked about has no answer yet.
    pub fn script(&self, script: impl FnMut(&Seen) -> Move + Send + 'static) {
        self.lock().script = Box::new(script);
    }

    /// From now on the hub is honest.
    pub fn honest(&self) {
        self.script(|_| Move::Pass);
    }

    /// From now on requests come later by a millisecond for each unit of work that was done before them.
    pub fn count_work(&self, work: impl Fn() -> u64 + Send + 'static) {
        self.lock().work = Box::new(work);
    }

    /// All that was seen since this was last asked.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.lock().seen)
    }

    pub(crate) async fn serve(self, hub: Router, listener: TcpListener, stop: impl Future<Output = ()>) {
        let router = hub.layer(from_fn_with_state(self, pass));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::select! {
            served = std::future::IntoFuture::into_future(axum::serve(listener, service)) => served.expect("a listener"),
            () = stop => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass(State(tap): State<Tap>, request: Request, next: Next) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.expect("a request of the protocol");
    let mut seen = Seen {
        at_ms: tap.clock.now_ms() + (tap.lock().work)(),
        method: parts.method.to_string(),
        path: below_desk(&parts.uri.to_string()),
        headers: headers(&parts.headers),
        body: body.to_vec(),
        status: 0,
        answer: Vec::new(),
    };
    let what = (tap.lock().script)(&seen);
    let mut answer = match what {
        Move::Refuse(status) => empty(status),
        Move::RefuseFor(status, code) => {
            empty(status).map(|_| format!(r#"{{"code":"{code}","message":""}}"#).into())
        }
        Move::Lose => {
            let _ = next.run(Request::from_parts(parts, body.into())).await;
            empty(502)
        }
        Move::Pass => next.run(Request::from_parts(parts, body.into())).await,
        Move::Change(change) => {
            let (mut head, body) = next.run(Request::from_parts(parts, body.into())).await.into_parts();
            let mut bytes = to_bytes(body, BODY_MAX).await.expect("an answer of the protocol").to_vec();
            change(&mut bytes);
            head.headers.remove("content-length");
            Response::from_parts(head, bytes.into())
        }
    };
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, BODY_MAX).await.expect("an answer of the protocol");
    (seen.status, seen.answer) = (head.status.as_u16(), bytes.to_vec());
    answer = Response::from_parts(head, bytes.into());
    tap.lock().seen.push(seen);
    answer
}

fn below_desk(uri: &str) -> String {
    uri.trim_start_matches('/').split_once('/').map_or_else(String::new, |(_, path)| path.to_owned())
}

fn headers(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let kept = headers.iter().filter(|(name, _)| name.as_str() != "host");
    kept.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

fn empty(status: u16) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
    answer
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tap")
    }
}

impl std::fmt::Debug for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pass => "Pass",
            Self::Refuse(_) => "Refuse",
            Self::RefuseFor(..) => "RefuseFor",
            Self::Lose => "Lose",
            Self::Change(_) => "Change",
        })
    }
}
