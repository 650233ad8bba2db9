//! What is measured in a process of its own.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use callsign_desk::{Desk, DeskError, SearchError, keys::Vault};
use callsign_http::Link;
use callsign_protocol::{caller_keys::CallerId, words::Language};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    browser::{Browser, cases_on},
    draw::Draw,
    stand::{PASSPHRASE, argon2_dir, desk_dir, joining_dir},
    text::listed,
};
use crate::{
    ambient,
    bench::{
        load::open_loop,
        pool::Pool,
        sender::{Supply, Work},
        tally::Tally,
        target::Target,
    },
    desk::{LOCK_AFTER_MINUTES, desk_ambient, pages, report},
    failure::Failure,
    output::{self, Done, Lines},
    server::{bind, local_address, runtime},
};

/// Cases that are drawn to be opened, beside those that wait, and searches.
const OPENINGS: usize = 500;
const SEARCHES: u64 = 400;
/// Browsers, how long they go from page to page, and how long a person looks at each.
const BROWSERS: u64 = 4;
const PAGES: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(50);
/// Cells a second that come in meanwhile, over so many connections.
const CELLS_A_SECOND: f64 = 10.0;
const CONNECTIONS: u32 = 4;
/// Between two looks at a desk that takes cells.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// Cells that are sealed for that.
const POOL: usize = 256;

/// One process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    Fold,
    Index,
    Join,
    Take,
    Unlock,
}

/// A log without a snapshot was read, opened and folded.
#[derive(Debug, Deserialize, Serialize)]
pub struct Folded {
    pub seconds: f64,
}

/// The search's index was made and, of a large desk, its image written.
#[derive(Debug, Deserialize, Serialize)]
pub struct Indexed {
    pub seconds: f64,
}

/// A new device showed its board.
#[derive(Debug, Deserialize, Serialize)]
pub struct Joined {
    pub seconds: f64,
}

/// Cells were taken.
#[derive(Debug, Deserialize, Serialize)]
pub struct Taken {
    pub cells: u64,
    pub seconds: f64,
    /// For which somebody waits who looks at the desk meanwhile.
    pub wait_p99_ms: f64,
}

/// A desk was unlocked and looked at; milliseconds and MiB.
#[derive(Debug, Deserialize, Serialize)]
pub struct Unlocked {
    pub argon2_ms: f64,
    pub board_ms: f64,
    pub search_ready_ms: f64,
    pub rss_mb: f64,
    pub search_p50_ms: f64,
    pub search_p99_ms: f64,
    pub open_case_p99_ms: f64,
    pub page_p99_ms: f64,
}

/// A desk with its pages, and a browser that looks at them.
struct Shown {
    runtime: tokio::runtime::Runtime,
    desk: Arc<Desk>,
    browser: Browser,
}

impl Stage {
    /// Measures, and says it to the process that asked.
    pub fn run(self, at: &Path) -> Result<(), Failure> {
        let nobody = Lines::new();
        match self {
            Self::Fold => output::give(Done::Read, &nobody, &fold(at)?),
            Self::Index => output::give(Done::Read, &nobody, &index(at)?),
            Self::Join => output::give(Done::Read, &nobody, &join(at)?),
            Self::Take => output::give(Done::Read, &nobody, &take(at)?),
            Self::Unlock => output::give(Done::Read, &nobody, &unlock(at)?),
        }
    }
}

fn fold(at: &Path) -> Result<Folded, Failure> {
    open(&desk_dir(at))?.forget_state()?;
    let from = Instant::now();
    open(&desk_dir(at))?;
    Ok(Folded { seconds: from.elapsed().as_secs_f64() })
}

/// As the first program does that works with the desk; the next one finds an image.
fn index(at: &Path) -> Result<Indexed, Failure> {
    let desk = open(&desk_dir(at))?;
    let from = Instant::now();
    desk.prepare_search().map_err(no_search)?;
    Ok(Indexed { seconds: from.elapsed().as_secs_f64() })
}

fn join(at: &Path) -> Result<Joined, Failure> {
    let dir = joining_dir(at);
    let from = Instant::now();
    let desk = open(&dir)?;
    desk.sync()?;
    let shown = Shown::new(&dir, desk)?;
    cases_on(&shown.browser.visit("/")?)?;
    let seconds = from.elapsed().as_secs_f64();
    shown.runtime.shutdown_background();
    Ok(Joined { seconds })
}

fn take(at: &Path) -> Result<Taken, Failure> {
    let desk = open(&desk_dir(at))?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| waits(&desk, &is_over));
        let from = Instant::now();
        let cells = take_all(&desk);
        let seconds = from.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        let waited = looking.join().unwrap_or_else(|_| Err(broken_off()))?.quantiles();
        Ok(Taken { cells: cells?, seconds, wait_p99_ms: waited.p99_ms.unwrap_or_default() })
    })
}

fn take_all(desk: &Desk) -> Result<u64, Failure> {
    let mut cells = 0;
    loop {
        let followed = desk.follow(0)?;
        cells += followed.cells as u64;
        if !followed.more {
            return Ok(cells);
        }
    }
}

/// How long somebody waits who looks at the desk again and again, as its pages do.
fn waits(desk: &Desk, is_over: &AtomicBool) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    loop {
        let from = Instant::now();
        desk.with_cases(|cases| Ok(cases.waiting_count()))?;
        tally.took(from.elapsed());
        if is_over.load(Ordering::Relaxed) {
            return Ok(tally);
        }
        ambient::wait(BETWEEN_LOOKS);
    }
}

fn unlock(at: &Path) -> Result<Unlocked, Failure> {
    let from = Instant::now();
    drop(Vault::open(&argon2_dir(at), PASSPHRASE).map_err(DeskError::from)?);
    let argon2_ms = milliseconds(from.elapsed());
    let dir = desk_dir(at);
    let from = Instant::now();
    let shown = Shown::new(&dir, open(&dir)?)?;
    cases_on(&shown.browser.visit("/")?)?;
    let board_ms = milliseconds(from.elapsed());
    // Beside the thread that makes the index from the unlocking on.
    shown.desk.prepare_search().map_err(no_search)?;
    let search_ready_ms = milliseconds(from.elapsed());
    let rss_mb = resident_mib()?;
    let searched = shown.search()?.quantiles();
    let opened = shown.open_cases()?.quantiles();
    let looked = shown.look()?.quantiles();
    shown.runtime.shutdown_background();
    Ok(Unlocked {
        argon2_ms,
        board_ms,
        search_ready_ms,
        rss_mb,
        search_p50_ms: searched.p50_ms.unwrap_or_default(),
        search_p99_ms: searched.p99_ms.unwrap_or_default(),
        open_case_p99_ms: opened.p99_ms.unwrap_or_default(),
        page_p99_ms: looked.p99_ms.unwrap_or_default(),
    })
}

impl Shown {
    fn new(dir: &Path, desk: Desk) -> Result<Self, Failure> {
        let desk = Arc::new(desk);
        let runtime = runtime()?;
        let listener = runtime.block_on(bind(([127, 0, 0, 1], 0).into()))?;
        let address = local_address(&listener)?;
        let ui = pages(dir, address, Some(Arc::clone(&desk)), report(), LOCK_AFTER_MINUTES);
        let path = ui.one_time_path();
        // Until the process ends.
        runtime.spawn(ui.serve(listener, std::future::pending()));
        let browser = Browser::unlock(address, &path, PASSPHRASE)?;
        Ok(Self { runtime, desk, browser })
    }

    /// Words as operators look for them, some rare and some frequent.
    fn search(&self) -> Result<Tally, Failure> {
        let mut draw = Draw::new(2);
        let callers = self.callers()?;
        let mut tally = Tally::default();
        for number in 0..SEARCHES {
            let typed = query(number, &callers, &mut draw);
            let from = Instant::now();
            let found = self.desk.search(&typed);
            tally.took(from.elapsed());
            // A filter by what no case of a small desk has is an answer.
            if let Err(SearchError::Memory) = found {
                return Err(no_search(SearchError::Memory));
            }
        }
        Ok(tally)
    }

    /// Every second one waits, as long as there are some: what is unopened in them becomes opened, which is kept on the disk.
    fn open_cases(&self) -> Result<Tally, Failure> {
        let mut draw = Draw::new(3);
        let callers = self.callers()?;
        let mut waiting: Vec<CallerId> =
            self.desk.with_cases(|cases| Ok(cases.waiting().map(|waiting| waiting.caller).collect()))?;
        let mut tally = Tally::default();
        for _ in 0..OPENINGS {
            for caller in [Some(draw.one_of(&callers)), waiting.pop()].into_iter().flatten() {
                let from = Instant::now();
                self.desk.open_call(&caller)?;
                tally.took(from.elapsed());
            }
        }
        Ok(tally)
    }

    /// Browsers go from the board to cases on it, while the desk works and cells come in.
    fn look(&self) -> Result<Tally, Failure> {
        let link = Link::parse(&self.desk.hub()).map_err(|error| Failure::new("bench", error))?;
        let target = Target::find(&link)?;
        let today = self.desk.now().day();
        let pool = Pool::sealed(POOL, &target.notice, today, &mut ambient::rng())?;
        let supply = Arc::new(Supply::new(Arc::clone(&target.head), pool, Work::Done, u64::MAX));
        thread::scope(|scope| {
            let sending =
                scope.spawn(|| open_loop(target, &supply, CONNECTIONS, PAGES, CELLS_A_SECOND).map(|_| ()));
            let looking: Vec<_> = (0..BROWSERS)
                .map(|number| {
                    let browser = self.browser.clone();
                    scope.spawn(move || look_around(&browser, number))
                })
                .collect();
            let mut sum = Tally::default();
            for looked in looking {
                sum.add(&looked.join().unwrap_or_else(|_| Err(broken_off()))?);
            }
            sending.join().unwrap_or_else(|_| Err(broken_off()))?;
            Ok(sum)
        })
    }

    fn callers(&self) -> Result<Vec<CallerId>, Failure> {
        Ok(self.desk.with_cases(|cases| Ok(cases.callers().collect()))?)
    }
}

/// What an operator may type.
fn query(number: u64, callers: &[CallerId], draw: &mut Draw) -> String {
    let language = draw.one_of(&Language::ALL);
    let (rare, frequent) = (listed(language, 1_500 + draw.below(500)), listed(language, draw.below(20)));
    match number % 8 {
        0 | 1 => rare.to_owned(),
        2 => frequent.to_owned(),
        3 => format!("{frequent} {rare}"),
        4 => format!("\"{frequent} {}\"", listed(language, draw.below(20))),
        5 => rare.chars().take(4).collect(),
        6 => {
            let caller = draw.one_of(callers);
            let sign = |caller| callsign_protocol::call_sign::CallSign::of(caller).to_string();
            sign(&caller).chars().take(8).collect()
        }
        _ => format!("lang:{} waiting since:2w", language.tag()),
    }
}

fn look_around(browser: &Browser, number: u64) -> Result<Tally, Failure> {
    let mut draw = Draw::new(100 + number);
    let mut tally = Tally::default();
    let end = Instant::now() + PAGES;
    while Instant::now() < end {
        let from = Instant::now();
        let board = browser.visit("/")?;
        tally.took(from.elapsed());
        let paths = cases_on(&board)?;
        ambient::wait(LOOK);
        let at = usize::try_from(draw.below(paths.len() as u64)).unwrap_or(0);
        let Some(path) = paths.get(at) else { continue };
        let from = Instant::now();
        browser.visit(path)?;
        tally.took(from.elapsed());
        ambient::wait(LOOK);
    }
    Ok(tally)
}

fn open(dir: &Path) -> Result<Desk, Failure> {
    Ok(Desk::open(dir, PASSPHRASE, desk_ambient())?)
}

/// Memory of this process that is not on a disk, in MiB to a tenth.
fn resident_mib() -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u32>().ok());
    let kib = kib.ok_or_else(|| {
        Failure::new("bench", "/proc/self/status does not say how much memory there is; mount /proc")
    })?;
    Ok((f64::from(kib) / 102.4).round() / 10.0)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn no_search(error: SearchError) -> Failure {
    Failure::new(error.code(), error)
}

fn broken_off() -> Failure {
    Failure::new("bench", "a part of the measurement broke off; report it")
}
