//! When a serving command is asked to stop: Ctrl-C or the service manager's SIGTERM.

use tokio::signal::unix::{SignalKind, signal};

/// Ends at the first of the two signals.
pub async fn asked_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without a handler the default action of SIGTERM still stops the process.
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
