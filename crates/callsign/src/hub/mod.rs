//! `callsign hub`: serves the untrusted server.

mod options;
mod serve;

pub use serve::{HubArguments, run};

/// An error with its causes, for the person who runs the hub.
pub fn describe(error: &dyn std::error::Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        sentence = format!("{sentence}: {inner}");
        cause = inner.source();
    }
    sentence
}
