//! Places of which there are only so many: when all are taken, whoever the hub has waited for longest makes room.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{BoxError, body::Bytes};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// A bounded number of places.
#[derive(Debug)]
pub struct Places {
    max: usize,
    state: Mutex<State>,
    /// Somebody left, or can be asked to leave.
    changed: Notify,
}

/// One of the places, until it is dropped or lost to a newcomer.
///
/// Turns alternate: while the peer has to send or to read something, the place can be lost; while the hub works, it
/// cannot. The first turn is the peer's.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    /// The number of the peer's turn, or [`WORKING`]. Changed under the lock of [`Places`] alone.
    turn: AtomicU64,
    lost: Arc<Notify>,
}

/// A request's body, with which the peer's turn ends.
#[derive(Debug)]
pub struct PeersBody<B> {
    body: B,
    place: Arc<Place>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    /// Turns that peers have had. Their order is all that matters, so no clock is needed.
    turns: u64,
    /// Whose turn is the peer's, the longest first.
    waited_for: BTreeMap<u64, Arc<Notify>>,
}

const WORKING: u64 = 0;

impl Places {
    /// `max` places, all free.
    pub fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, state: Mutex::default(), changed: Notify::new() })
    }

    /// A place: a free one, or that of the peer whose turn has lasted longest. `None` while the hub works for all.
    pub fn take(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.lock();
        if state.taken < self.max {
            state.taken += 1;
        } else {
            state.waited_for.pop_first()?.1.notify_one();
        }
        let lost = Arc::new(Notify::new());
        let turn = state.begin_turn(&lost);
        drop(state);
        Some(Place { places: Arc::clone(self), turn: AtomicU64::new(turn), lost })
    }

    /// Waits for a place. For one task only.
    pub async fn wait(self: &Arc<Self>) -> Place {
        loop {
            if let Some(place) = self.take() {
                return place;
            }
            self.changed.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The peer's request is whole. False where the place was lost before that.
    pub fn begin_work(&self) -> bool {
        let mut state = self.places.lock();
        let turn = self.turn.load(Ordering::Relaxed);
        let is_ours = turn == WORKING || state.waited_for.remove(&turn).is_some();
        if is_ours {
            self.turn.store(WORKING, Ordering::Relaxed);
        }
        is_ours
    }

    /// The hub has answered: a new turn of the peer begins.
    pub fn end_work(&self) {
        let mut state = self.places.lock();
        let turn = self.turn.load(Ordering::Relaxed);
        if turn == WORKING || state.waited_for.remove(&turn).is_some() {
            self.turn.store(state.begin_turn(&self.lost), Ordering::Relaxed);
            drop(state);
            self.places.changed.notify_one();
        }
    }

    /// Ends when the place was given to a newcomer.
    pub async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.lock();
        let turn = self.turn.load(Ordering::Relaxed);
        // A lost place is the newcomer's, and still taken.
        if turn == WORKING || state.waited_for.remove(&turn).is_some() {
            state.taken -= 1;
            drop(state);
            self.places.changed.notify_one();
        }
    }
}

impl State {
    fn begin_turn(&mut self, lost: &Arc<Notify>) -> u64 {
        self.turns += 1;
        self.waited_for.insert(self.turns, Arc::clone(lost));
        self.turns
    }
}

impl<B> PeersBody<B> {
    /// The body of a request that came with its header whole.
    pub fn new(body: B, place: Arc<Place>) -> Self
    where
        B: Body,
    {
        if body.is_end_stream() {
            place.begin_work();
        }
        Self { body, place }
    }
}

impl<B> Body for PeersBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        // Nothing is done for a peer who could not be told of it.
        if frame.is_none() && !self.place.begin_work() {
            return Poll::Ready(Some(Err("the place was lost".into())));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, Full};

    use super::*;

    fn is_lost(place: &Place) -> bool {
        let mut lost = std::pin::pin!(place.lost());
        let is_lost = lost.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_ready();
        if is_lost {
            place.lost.notify_one();
        }
        is_lost
    }

    #[test]
    fn the_peer_whose_turn_has_lasted_longest_makes_room() {
        let places = Places::new(3);
        let [first, second, third] = [(); 3].map(|()| places.take().unwrap());
        // The first has sent a request and was answered: its turn is the newest now.
        assert!(first.begin_work());
        first.end_work();
        let newcomers = [(); 3].map(|()| places.take().unwrap());
        assert!(is_lost(&second) && is_lost(&third) && is_lost(&first));
        assert!(newcomers.iter().all(|newcomer| !is_lost(newcomer)));
        assert!(!second.begin_work(), "too late");
        second.end_work();
        assert_eq!(places.lock().waited_for.len(), 3);
    }

    #[test]
    fn nobody_for_whom_the_hub_works_is_sent_away() {
        let places = Places::new(2);
        let [worked_for, idle] = [(); 2].map(|()| places.take().unwrap());
        assert!(worked_for.begin_work());
        let newcomer = places.take().unwrap();
        assert!(is_lost(&idle) && newcomer.begin_work());
        assert!(places.take().is_none());
        worked_for.end_work();
        places.take().unwrap();
        assert!(is_lost(&worked_for));
    }

    #[test]
    fn places_are_never_more_nor_fewer_than_there_are() {
        let places = Places::new(2);
        let kept = [(); 5].map(|()| places.take().unwrap());
        assert_eq!(places.lock().taken, 2);
        drop(kept);
        assert_eq!(places.lock().taken, 0);
        assert_eq!(places.lock().waited_for.len(), 0);
        let working = places.take().unwrap();
        working.begin_work();
        drop(working);
        assert_eq!(places.lock().taken, 0);
    }

    #[tokio::test]
    async fn who_waits_for_a_place_gets_the_first_that_can_be_had() {
        for leaves in [drop as fn(Place), |place| place.end_work()] {
            let places = Places::new(1);
            let only = places.take().unwrap();
            only.begin_work();
            let waiting = tokio::spawn({
                let places = Arc::clone(&places);
                async move { places.wait().await }
            });
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished());
            leaves(only);
            waiting.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_body_is_whole_only_where_its_place_was_kept() {
        let places = Places::new(1);
        let place = Arc::new(places.take().unwrap());
        let body = || PeersBody::new(Full::new(Bytes::from_static(b"ab")), Arc::clone(&place));
        assert_eq!(body().collect().await.unwrap().to_bytes(), "ab");
        assert!(places.take().is_none(), "the turn is the hub's");
        place.end_work();
        let late = body();
        places.take().unwrap();
        late.collect().await.unwrap_err();
        let empty = PeersBody::new(Full::new(Bytes::new()), Arc::new(places.take().unwrap()));
        assert!(places.take().is_none(), "there is no body to wait for");
        drop(empty);
    }
}
