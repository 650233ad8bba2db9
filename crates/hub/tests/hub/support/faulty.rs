//! A hub whose files fail at a chosen call, over copies of one data directory.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use callsign_protocol::time::Day;

use super::{
    TestHub,
    child::{ChildHub, Process, compile},
    ledger::{Kind, Ledger, Told},
    test_desk::FIRST_DAY,
};

/// Lists of the first day are past their days.
pub const TODAY: Day = Day(FIRST_DAY.0 + 14);

/// The library that makes calls fail, and where runs lie.
pub struct Faults<'a> {
    test: &'a str,
    dir: tempfile::TempDir,
    library: PathBuf,
    prepared: Option<Ledger>,
}

/// What happens at which call, in the words of `faults.c`.
#[derive(Clone, Debug)]
pub struct Fault {
    pub kind: &'static str,
    pub call: usize,
    pub seed: usize,
}

impl Fault {
    /// Nothing happens; calls are counted that a kind of fault can happen to.
    pub fn never(kind: &'static str) -> Self {
        Self { kind, call: 0, seed: 0 }
    }
}

impl<'a> Faults<'a> {
    /// For a test that calls [`super::child::serve_if_asked`] first.
    pub fn new(test: &'a str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let library = compile("faults.c", dir.path());
        fs::create_dir(dir.path().join("run")).unwrap();
        let mut faults = Self { test, dir, library, prepared: None };
        faults.prepared = Some(faults.prepare());
        fs::rename(faults.data_dir(), faults.dir.path().join("prepared")).unwrap();
        faults
    }

    /// Where a run's hub keeps its files.
    pub fn data_dir(&self) -> PathBuf {
        self.run_dir().join("hub")
    }

    fn run_dir(&self) -> PathBuf {
        self.dir.path().join("run")
    }

    /// A hub of that day in the data directory that meets a fault.
    pub fn spawn(&self, fault: &Fault, today: Day) -> Process {
        let data_dir = self.data_dir();
        let path = |path: &Path| path.display().to_string();
        let environment = vec![
            ("LD_PRELOAD", path(&self.library)),
            ("CALLSIGN_FAULT", format!("{} {} {}", fault.kind, fault.call, fault.seed)),
            ("CALLSIGN_FAULT_DIR", path(&data_dir)),
            ("CALLSIGN_FAULT_LOG", path(&self.run_dir().join("calls"))),
        ];
        ChildHub { test: self.test, data_dir: &data_dir, today, environment }.spawn()
    }

    /// A desk, its lists, cells and a journal, as a kill leaves them.
    fn prepare(&self) -> Ledger {
        let never = Fault::never("none");
        let process = self.spawn(&never, FIRST_DAY);
        let hub = process.serving(FIRST_DAY).unwrap();
        let mut ledger = Ledger::open(&hub);
        assert_eq!(ledger.commit(&hub, FIRST_DAY, 40), Told::Done);
        process.kill();
        let process = self.spawn(&never, TODAY);
        let hub = process.serving(TODAY).unwrap();
        ledger.restarted(&hub);
        for number in 0..24 {
            assert_eq!(ledger.exchange(&hub, (0, number)), Told::Done);
        }
        assert_eq!(ledger.follow(&hub), Told::Done);
        assert_eq!(ledger.put_document(&hub, Kind::Notice), Told::Done);
        process.kill();
        ledger
    }

    /// Puts that into the data directory, and nothing else beside it.
    pub fn begin(&self) -> Ledger {
        let _ = fs::remove_dir_all(self.run_dir());
        fs::create_dir_all(self.data_dir()).unwrap();
        for file in fs::read_dir(self.dir.path().join("prepared")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), self.data_dir().join(file.file_name())).unwrap();
        }
        self.prepared.clone().expect("made when this was")
    }

    /// Names of the calls that were counted since the directory was emptied.
    pub fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.run_dir().join("calls")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Starts a hub that meets no fault, and has the ledger compare.
    pub fn audit(&self, ledger: &mut Ledger) {
        let hub = TestHub::start(&self.data_dir());
        hub.advance(u64::from(TODAY.0 - FIRST_DAY.0) * 86_400);
        ledger.audit(&hub, &[TODAY.minus(1), TODAY]);
    }

    /// Lets the power go at the next call, where the fault is `gate`.
    pub fn cut_now(&self) {
        fs::write(self.data_dir().with_extension("cut"), []).unwrap();
    }
}

/// One thing, at one attempt of several.
type Step<'a> = dyn Fn(&mut Ledger, u32) -> Told + 'a;

/// What a hub does in a day, in few calls; each thing is tried until it is done, `tries` times at most.
///
/// Ends with what the last thing was told that was not done.
pub fn work(ledger: &mut Ledger, hub: &TestHub, tries: u32) -> Result<(), Told> {
    ledger.restarted(hub);
    let yesterday = TODAY.minus(1);
    let steps: [&Step<'_>; 13] = [
        &|ledger, attempt| ledger.exchange(hub, (1, attempt)),
        &|ledger, _| ledger.commit(hub, yesterday, 2),
        &|ledger, _| ledger.commit(hub, TODAY, 40),
        &|ledger, _| ledger.follow(hub),
        &|ledger, attempt| ledger.exchange(hub, (2, attempt)),
        &|ledger, _| ledger.put_document(hub, Kind::Notice),
        &|ledger, _| ledger.put_document(hub, Kind::Letters),
        &|ledger, _| ledger.put_document(hub, Kind::Keyring),
        &|ledger, _| ledger.put_content(hub, 0),
        &|ledger, _| ledger.put_chunk(hub),
        &|ledger, _| ledger.put_chunk(hub),
        &|ledger, _| ledger.commit(hub, TODAY, 1),
        &|ledger, attempt| ledger.exchange(hub, (3, attempt)),
    ];
    let mut result = Ok(());
    for step in steps {
        let mut told = Told::Nothing;
        for attempt in 0..tries {
            if told != Told::Done {
                told = step(ledger, attempt);
            }
        }
        if told != Told::Done {
            result = Err(told);
        }
    }
    result
}

/// Whether every call is to be tried, which takes minutes; otherwise a sample of them is.
pub fn step_of(total: usize, sample: usize) -> usize {
    if env::var_os("CALLSIGN_EVERY_FAULT").is_some() { 1 } else { total.div_ceil(sample).max(1) }
}
