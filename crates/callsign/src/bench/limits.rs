//! `callsign bench limits`: what this machine would bear without a hub, so that a hub's figures can be judged.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc, thread, time::Duration};

use callsign_protocol::os_error::cause;
use clap::Args;
use serde::Serialize;
use tokio::sync::oneshot;

use super::{
    load::closed_loop,
    pool::Pool,
    raw_append,
    sender::{Supply, Work},
    store::notice_of_a_new_desk,
    tally::per_second,
    target::{Target, request_head},
};
use crate::{
    ambient,
    failure::{Failure, Voice},
    numbers,
    output::{self, Done, Lines, label, note},
    server::{bind, local_address, runtime},
};

/// Cells that are sent to the bare server.
const CELLS: usize = 1_024;

/// Measure what disk and HTTP bear without a hub
///
/// `append_per_s`: records of 4,192 bytes appended to one file in --data, as many at a time as there are connections,
/// gathered as the hub gathers, one fdatasync a group. `http_per_s`: exchanges with a server of the hub's own stack that
/// reads each request and answers the same 32,896 bytes from memory. No hub is faster than the lower of the two.
#[derive(Args)]
#[command(after_help = "\
Example:
  callsign bench limits --data /var/lib/callsign --json")]
pub struct LimitsArguments {
    /// Directory on the disk to be measured; made where it is missing. Nothing is left behind
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Appends, and connections, at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = numbers::within(1..=10_000_u32, "connections"))]
    connections: u32,
    /// Seconds for each of the two
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = numbers::within(1..=3_600_u32, "seconds"))]
    seconds: u32,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// What is printed. The first two are stable; more may follow.
#[derive(Debug, Serialize)]
struct Report {
    append_per_s: f64,
    http_per_s: f64,
    http_p50_ms: Option<f64>,
    http_p99_ms: Option<f64>,
    http_errors: u64,
    connections: u32,
    seconds: u32,
}

impl LimitsArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Measures the one, then the other.
pub fn run(arguments: &LimitsArguments) -> Result<(), Failure> {
    let LimitsArguments { data, connections, seconds, .. } = arguments;
    let length = Duration::from_secs((*seconds).into());
    note("Appending …");
    let unwritable = |error| {
        let place = label(&data.to_string_lossy());
        Failure::new(
            "data",
            format!("{place} cannot be written to: {}; name another directory", cause(&error)),
        )
    };
    // As many threads as the hub has.
    let runtime = runtime()?;
    let is_new = !data.try_exists().map_err(unwritable)?;
    fs::create_dir_all(data).map_err(unwritable)?;
    let (records, time) =
        runtime.block_on(raw_append::run(data, *connections, length)).map_err(unwritable)?;
    if is_new {
        fs::remove_dir(data).map_err(unwritable)?;
    }
    let append_per_s = per_second(records, time);
    note("Exchanging with a bare server …");
    let done = with_bare_server(runtime, |target, supply| closed_loop(target, supply, *connections, length))?;
    let quantiles = done.tally.quantiles();
    let report = Report {
        append_per_s,
        http_per_s: per_second(done.tally.stored, done.time),
        http_p50_ms: quantiles.p50_ms,
        http_p99_ms: quantiles.p99_ms,
        http_errors: done.tally.errors(),
        connections: *connections,
        seconds: *seconds,
    };
    let sentences = format!(
        "{} durable appends/s\n{} exchanges/s with a bare server",
        report.append_per_s, report.http_per_s
    );
    output::give(Done::Read, &Lines::new().paragraph(sentences), &report)
}

/// Runs a server that stores nothing on threads of its own while `measure` talks to it.
fn with_bare_server<T>(
    runtime: tokio::runtime::Runtime,
    measure: impl FnOnce(Target, &Arc<Supply>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let desk = notice_of_a_new_desk()?;
    let listener = runtime.block_on(bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let address = local_address(&listener)?;
    let head = request_head(&desk.fingerprint.desk_id(), &address.to_string());
    let target = Target { address, head: Arc::clone(&head), notice: Arc::new(desk) };
    let supply =
        Arc::new(Supply::new(head, Pool::junk(CELLS, &mut ambient::rng()), Work::LeftUndone, u64::MAX));
    let (stop, stopped) = oneshot::channel::<()>();
    let today = ambient::clock()().day();
    let serving = thread::spawn(move || {
        runtime.block_on(callsign_hub::bare::serve(listener, today, async { drop(stopped.await) }));
    });
    let measured = measure(target, &supply);
    drop(stop);
    // Its connections are closed on our side, so it ends at once.
    let _ = serving.join();
    measured
}
