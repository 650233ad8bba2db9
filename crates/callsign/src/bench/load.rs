//! `callsign bench load`: real exchanges with a hub, over many connections, counted and timed.

use std::{sync::Arc, thread, time::Duration};

use callsign_http::Link;
use clap::Args;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::Instant,
};

use super::{
    arrivals::{self, Arrivals},
    pool::Pool,
    profile::Profile,
    report::{AskedFor, Report},
    sender::{Dial, PATIENCE, Sender, Supply, Work},
    tally::Tally,
    target::Target,
    visitor::{Lists, Visitor},
};
use crate::{
    ambient,
    failure::{Failure, Voice},
    numbers,
    output::{self, Lines, note},
};

/// Honest callers beside a flood.
const HONEST_CALLERS: u32 = 4;

/// Make real exchanges with a hub and say how many it bears and how long they take
///
/// Cells are sealed before the run, one call in eight, and sent in turn; each answer is checked. By default each connection
/// sends when its answer is there (closed loop). With --rate exchanges are due at times of their own, whatever the hub does
/// (open loop), and the time of each is that from when it was due.
#[derive(Args)]
#[command(after_help = "\
Examples:
  callsign bench load --hub http://127.0.0.1:8700 --connections 64 --seconds 10 --json
  callsign bench load --hub http://127.0.0.1:8700 --rate 5000 --lists visits
  callsign bench load --hub http://127.0.0.1:8700 --profile flood

Profiles, from the cadence in the desk's notice; with the default one a visit has 150 exchanges:
  steady        293 visits a day (docs/planning.md: 100 calls a day) / 24 h x 2.4 in the busiest hour
                = 29 visits x 150 = 4,395 exchanges, all of them within --seconds
  mobilisation  100,000 visits a day / 24 h x 2.4 = 10,000 visits x 150 an hour
                = 417 exchanges a second, for --seconds, as in life
  flood         --connections full of random cells without work stamps, as fast as the hub answers,
                and four honest callers, each until the hub has stored its cell")]
pub struct LoadArguments {
    /// The hub's address, or the link of a desk there; plain http://
    #[arg(long = "hub", value_name = "URL", value_parser = Link::parse)]
    link: Link,
    /// Connections at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = numbers::within(1..=10_000_u32, "connections"))]
    connections: u32,
    /// Seconds in which exchanges begin
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = numbers::within(1..=86_400_u32, "seconds"))]
    seconds: u32,
    /// Exchanges at most
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    exchanges: u64,
    /// Cells to seal beforehand
    #[arg(long, value_name = "N", default_value_t = 1_024, value_parser = numbers::within(1..=100_000_u32, "cells"))]
    pool: u32,
    /// What exchanges ask for
    #[arg(long, value_enum, default_value_t = Lists::Today)]
    lists: Lists,
    /// Open loop: exchanges that are due each second
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// How they are spread
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson)]
    arrivals: Arrivals,
    /// Random bytes for cells, and no work stamps
    #[arg(long)]
    junk: bool,
    /// The load of a desk's busiest hour, or of an attack; takes the place of --rate, --lists and --junk
    #[arg(long, value_enum, conflicts_with_all = ["rate", "lists", "junk"])]
    profile: Option<Profile>,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// A run: what is sent, by how many, and when.
struct Run {
    target: Target,
    connections: u32,
    seconds: Duration,
    lists: Lists,
    rate: Option<f64>,
    arrivals: Arrivals,
}

/// What came of a run.
pub struct Done {
    /// Of all connections.
    pub tally: Tally,
    /// From the first exchange to the last answer.
    pub time: Duration,
}

impl LoadArguments {
    /// The voice that was asked for.
    pub fn voice(&self) -> Voice {
        Voice::of(self.json)
    }
}

/// Seals, runs, reports.
pub fn run(arguments: &LoadArguments) -> Result<(), Failure> {
    let target = Target::find(&arguments.link)?;
    note("Sealing cells …");
    let is_flood = arguments.profile == Some(Profile::Flood);
    let today = ambient::clock()().day();
    let cells = arguments.pool as usize;
    let seal = || Pool::sealed(cells, &target.notice, today, &mut ambient::rng());
    let (pool, work) = if arguments.junk || is_flood {
        (Pool::junk(cells, &mut ambient::rng()), Work::LeftUndone)
    } else {
        (seal()?, Work::Done)
    };
    let supply = Arc::new(Supply::new(Arc::clone(&target.head), pool, work, arguments.exchanges));
    let honest = if is_flood {
        Some(Arc::new(Supply::new(Arc::clone(&target.head), seal()?, Work::Done, u64::MAX)))
    } else {
        None
    };
    let busy_hour = arguments
        .profile
        .and_then(|profile| profile.busy_hour(&target.notice.notice.cover, arguments.seconds));
    let run = Run {
        target,
        connections: arguments.connections,
        seconds: Duration::from_secs(arguments.seconds.into()),
        lists: if busy_hour.is_some() { Lists::Visits } else { arguments.lists },
        rate: busy_hour.map(|hour| hour.rate).or(arguments.rate),
        arrivals: arguments.arrivals,
    };
    note("Exchanging …");
    let (done, beside) = run.exchange(&supply, honest.as_ref())?;
    let report = Report::new(&done.tally, run.connections, done.time, AskedFor { rate: run.rate, busy_hour });
    let report = match beside {
        Some(beside) => report.beside(&beside),
        None => report,
    };
    output::give(output::Done::Read, &Lines::new().paragraph(report.describe()), &report)
}

/// What a closed loop of so many connections does with what answers at `target`, for comparisons.
pub fn closed_loop(
    target: Target,
    supply: &Arc<Supply>,
    connections: u32,
    seconds: Duration,
) -> Result<Done, Failure> {
    let run = Run { target, connections, seconds, lists: Lists::Today, rate: None, arrivals: Arrivals::Even };
    run.exchange(supply, None).map(|(done, _)| done)
}

/// What an open loop of so many exchanges a second does with what answers at `target`, beside something that is measured.
pub fn open_loop(
    target: Target,
    supply: &Arc<Supply>,
    connections: u32,
    seconds: Duration,
    rate: f64,
) -> Result<Done, Failure> {
    let (lists, arrivals) = (Lists::Today, Arrivals::Poisson);
    let run = Run { target, connections, seconds, lists, rate: Some(rate), arrivals };
    run.exchange(supply, None).map(|(done, _)| done)
}

impl Run {
    /// What came of it, and of the honest callers beside it.
    fn exchange(
        &self,
        supply: &Arc<Supply>,
        honest: Option<&Arc<Supply>>,
    ) -> Result<(Done, Option<Tally>), Failure> {
        // One thread: the hub, which is to be measured, may lie on the same machine.
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
                Failure::of_system(
                    "the program's timers cannot be started",
                    &error,
                    "end other programs and try again",
                )
            })?;
        runtime.block_on(async {
            let start = Instant::now();
            let end = start + self.seconds;
            let callers = honest.map(|honest| {
                (0..HONEST_CALLERS).map(|_| self.sender(honest).until_stored(end)).collect::<JoinSet<_>>()
            });
            let tally = sum(self.senders(supply, start)).await;
            let time = start.elapsed();
            let beside = match callers {
                Some(callers) => Some(sum(callers).await),
                None => None,
            };
            Ok((Done { tally, time }, beside))
        })
    }

    fn senders(&self, supply: &Arc<Supply>, start: Instant) -> JoinSet<Tally> {
        let end = start + self.seconds;
        let senders = (0..self.connections).map(|_| self.sender(supply));
        let Some(rate) = self.rate else {
            return senders.map(|sender| sender.one_after_another(end)).collect();
        };
        let (due, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        let times = self.arrivals.times(rate, self.seconds, ambient::rng());
        // Ends by itself when the last time has come, or when nobody listens.
        thread::spawn(move || arrivals::tell(start, times, &due));
        senders.map(|sender| sender.take_due(Arc::clone(&queue), end + PATIENCE)).collect()
    }

    fn sender(&self, supply: &Arc<Supply>) -> Sender<impl Dial, impl rand_core::CryptoRng + Send + 'static> {
        let notice = Arc::clone(&self.target.notice);
        let visitor = Visitor::new(notice, ambient::clock()().day(), self.lists, ambient::rng());
        Sender::new(self.target.address, Arc::clone(supply), visitor)
    }
}

async fn sum(mut senders: JoinSet<Tally>) -> Tally {
    let mut sum = Tally::default();
    while let Some(done) = senders.join_next().await {
        if let Ok(tally) = done {
            sum.add(&tally);
        }
    }
    sum
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate <= 1e6);
    rate.ok_or("a rate is above 0 and at most 1,000,000 exchanges a second")
}
