//! Log lines and panics, printed as everything else is.

use std::{env, io, panic};

use callsign_desk::escape::escape;
use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt::MakeWriter};

use super::{Voice, json, to_stderr, warn};

/// Starts the log on standard error; `CALLSIGN_LOG` says how much of it there is.
pub fn start_log() {
    let builder = || EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let asked = env::var_os("CALLSIGN_LOG").unwrap_or_default();
    let filter = asked.to_str().and_then(|asked| builder().parse(asked).ok());
    if filter.is_none() {
        warn(
            "log",
            "CALLSIGN_LOG is not understood, so warnings alone are logged; give it a level such as info",
        );
    }
    let filter = filter.unwrap_or_else(|| builder().parse_lossy(""));
    tracing_subscriber::fmt().with_ansi(false).with_writer(Log).with_env_filter(filter).init();
}

/// Makes a panic one line that says where it was. What went wrong there may have text from outside in it.
pub fn tell_of_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let message = format!(
            "a fault of this program, at {place}; what was finished before it stays. Report it with this line"
        );
        to_stderr(&match Voice::current() {
            Voice::Human => format!("callsign: {message}\n"),
            Voice::Json => {
                json::line(&serde_json::json!({ "error": { "code": "fault", "message": message } }))
            }
        });
    }));
}

/// Makes a writer for each event.
struct Log;

/// Takes one event, which comes in one piece.
struct Event(&'static str);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Event;

    fn make_writer(&'a self) -> Event {
        Event(name(Level::INFO))
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Event {
        Event(name(*event.level()))
    }
}

impl io::Write for Event {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = text.trim_end();
        to_stderr(&match Voice::current() {
            Voice::Human => format!("{}\n", escape(text)),
            Voice::Json => json::line(&serde_json::json!({ "log": { "level": self.0, "message": text } })),
        });
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}
