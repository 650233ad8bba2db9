//! Log lines and panics, printed as everything else is.

use std::{
    env,
    fmt::{self, Write as _},
    io, panic,
};

use callsign_desk::escape::escape;
use tracing::{
    Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    filter::LevelFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, format::Writer},
    registry::LookupSpan,
};

use super::{Gravity, Voice, json, to_stderr, warn};

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
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(Log).with_env_filter(filter);
    // Who asks for more wants to know when and where; all others read sentences.
    if asked.is_empty() { log.event_format(Sentence).init() } else { log.init() }
}

/// Makes a panic one line that says where it was. What went wrong there may have text from outside in it.
pub fn tell_of_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let message = format!(
            "a fault of this program, at {place}; what was finished before it stays. Report it with this line"
        );
        to_stderr(&match Voice::current() {
            Voice::Human => format!("{}{message}\n", Gravity::Error.prefix()),
            Voice::Json => {
                json::line(&serde_json::json!({ "error": { "code": "fault", "message": message } }))
            }
        });
    }));
}

/// An event as everything else is said: its words, and behind them the cause.
struct Sentence;

impl<S, N> FormatEvent<S, N> for Sentence
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> fmt::Result {
        let mut said = Said::default();
        event.record(&mut said);
        let gravity = match *event.metadata().level() {
            Level::ERROR => Gravity::Error,
            Level::WARN => Gravity::Warning,
            _ => Gravity::Note,
        };
        let prefix = if Voice::current() == Voice::Human { gravity.prefix() } else { "" };
        write!(writer, "{prefix}{}{}", said.words, said.causes)
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    words: String,
    causes: String,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.words, "{value:?}"),
            "error" => write!(self.causes, ": {value:?}"),
            name => write!(self.causes, ", {name}: {value:?}"),
        };
    }
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
