//! Whether a request has begun to leave, which alone tells "not stored" from "not known whether it was stored".

use std::cell::Cell;

use ureq::{
    Error,
    unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport},
};

/// What is known of a request that brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Not one byte of it went to the hub.
    NothingLeft,
    /// Some or all of it went out, so that the hub may have done what it asks.
    Unknown,
}

thread_local! {
    /// The library sends on the thread that asks it to, one request at a time.
    static HAS_LEFT: Cell<bool> = const { Cell::new(false) };
}

/// Forgets what was sent on this thread.
pub(crate) fn begin() {
    HAS_LEFT.set(false);
}

/// What has left this thread since [`begin`].
pub(crate) fn delivery() -> Delivery {
    if HAS_LEFT.get() { Delivery::Unknown } else { Delivery::NothingLeft }
}

/// Watches every connection to a hub; what is said to a proxy on the way there is no part of a request.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Whether hubs are reached by CONNECT, for which the library opens the connection to the proxy alone first.
    pub(crate) connects_first: bool,
}

/// A connection whose first bytes are noticed.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    inner: T,
    counts: bool,
}

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Watched<In>>, Error> {
        let counts = !self.connects_first || details.config.proxy().is_some();
        Ok(chained.map(|inner| Watched { inner, counts }))
    }
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.counts && amount > 0 {
            HAS_LEFT.set(true);
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
