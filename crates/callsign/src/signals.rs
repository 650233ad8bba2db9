//! When a serving command is asked to stop: Ctrl-C or the service manager's SIGTERM.

use std::future::{Future, pending};

use tokio::signal::unix::{SignalKind, signal};

/// Ends at the first of the two signals that comes after this call, whether it is waited for by then or not. To be called
/// before anyone is told that the command serves.
pub fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [interrupt, terminate] = signals.map(|signal| async {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            // Without a handler the signal's own action still stops the process.
            Err(_) => pending().await,
        }
    });
    async {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}
