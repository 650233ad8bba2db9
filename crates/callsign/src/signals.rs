//! When a serving command is asked to stop: Ctrl-C, the service manager's SIGTERM, or the end of standard input where that was asked for.

use std::{
    future::{Future, pending},
    io, thread,
};

use clap::Args;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// What else ends a command that serves.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct StopArguments {
    /// Stop when standard input ends: for a program that starts this one, and takes it along however it ends
    #[arg(long)]
    stop_with_input: bool,
}

impl StopArguments {
    /// As [`asked_to_stop`], and where it was asked for at the end of standard input.
    pub fn asked(self) -> impl Future<Output = ()> + Send + 'static {
        let signals = asked_to_stop();
        let (ended, end) = oneshot::channel();
        if self.stop_with_input {
            // A thread of its own: nothing can end a read of standard input, and no runtime waits for this one.
            thread::spawn(move || {
                // An input that cannot be read has ended.
                let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
                let _ = ended.send(());
            });
        } else {
            drop(ended);
        }
        async {
            tokio::select! {
                () = signals => {}
                Ok(()) = end => {}
            }
        }
    }
}

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
