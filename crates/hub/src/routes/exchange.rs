//! `POST /{desk}/v1/exchange`: the one thing that callers do.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use callsign_protocol::exchange::{ANSWER_LEN, REQUEST_LEN};
use http_body::{Frame, SizeHint};

use super::{
    Shared,
    extract::{BoundedBody, EnrolledDesk},
    octets,
};
use crate::{error::HttpError, service::ExchangeAnswer, store::Store};

pub async fn post_exchange<S: Store>(
    State(service): State<Shared<S>>,
    EnrolledDesk(desk): EnrolledDesk,
    BoundedBody(body): BoundedBody<REQUEST_LEN>,
) -> Result<Response, HttpError> {
    let ExchangeAnswer { header, block } = service.exchange(&desk, &body).await?;
    Ok(octets(Body::new(TwoPieces([Some(Bytes::copy_from_slice(&header)), Some(block)]))))
}

/// An answer whose length is known and whose block is shared, not copied.
struct TwoPieces([Option<Bytes>; 2]);

impl http_body::Body for TwoPieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.iter_mut().find_map(Option::take);
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn size_hint(&self) -> SizeHint {
        let left: usize = self.0.iter().flatten().map(Bytes::len).sum();
        debug_assert!(left <= ANSWER_LEN);
        SizeHint::with_exact(left as u64)
    }
}
