//! A desk's disk that is full at each write in turn, for a moment or until somebody makes room: nothing that was shown as kept
//! is lost, and with room the desk goes on.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use callsign_desk::{Desk, DeskError, NewAnswer, NewFollowUp};
use callsign_testkit::{Caller, System, shown, shown_parts};

const DIR: &str = "CALLSIGN_TEST_DIR";
const EVERY: &str = "CALLSIGN_EVERY_FAULT";
const TEST: &str = "full_disk::a_disk_that_is_full_at_any_write_loses_nothing_that_was_shown_as_kept";
/// Writes of each step that are tried whatever comes; of the later ones, which may be thousands that are alike, fewer and fewer are,
/// where not every one is asked for.
const FIRST: u64 = 4;

/// How the text of a follow-up begins.
const FOLLOW_UP: &str = "follow-up number";

/// How long the disk is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    /// At one write.
    Once,
    /// From that write on.
    Lasting,
}

/// What the library does that stands between this process and its disk; see `faults.c`.
struct Disk(fs::File);

impl Disk {
    /// From now on the n-th write that needs room finds none.
    fn fill_at(&self, write: u64, full: Full) {
        let lasting = u64::from(full == Full::Lasting);
        let plan: Vec<u8> = [write, lasting, 0].into_iter().flat_map(u64::to_ne_bytes).collect();
        self.0.write_all_at(&plan, 0).unwrap();
    }

    /// There is room again; how many writes found none.
    fn make_room(&self) -> u64 {
        let mut failed = [0; 8];
        self.0.read_exact_at(&mut failed, 16).unwrap();
        self.0.write_all_at(&[0; 24], 0).unwrap();
        u64::from_ne_bytes(failed)
    }
}

struct World {
    system: System,
    dir: PathBuf,
    disk: Disk,
    /// None where its program has ended.
    desk: Option<Desk>,
    caller: Caller,
    /// Counts what is written, so that no two texts are alike.
    number: u32,
    /// Calls of which the caller was told that they are stored.
    called: Vec<String>,
    /// Answers that the desk took.
    answered: Vec<String>,
    /// The follow-up that it took last, where there is one, and those that it may have taken since.
    follow_ups: Vec<String>,
    has_follow_up: bool,
}

/// One thing that a person or a program does.
type Step = fn(&mut World) -> Result<(), DeskError>;

#[test]
fn a_disk_that_is_full_at_any_write_loses_nothing_that_was_shown_as_kept() {
    if let Some(dir) = env::var_os(DIR) {
        return World::begin(Path::new(&dir)).work();
    }
    let dir = tempfile::tempdir().unwrap();
    let (library, plan) = (dir.path().join("faults.so"), dir.path().join("plan"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hub/tests/hub/faults.c");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "a C compiler is needed: `apt-get install gcc`");
    fs::write(&plan, [0; 24]).unwrap();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env("LD_PRELOAD", library)
        .env("CALLSIGN_FAULT", "enospc-when 0 0")
        .env("CALLSIGN_FAULT_DIR", dir.path().join("desk"))
        .env("CALLSIGN_FAULT_PLAN", plan)
        .env(DIR, dir.path())
        .status();
    assert!(status.unwrap().success(), "what went wrong stands above");
}

impl World {
    fn begin(dir: &Path) -> Self {
        let system = System::start();
        let plan = fs::File::options().read(true).write(true).open(dir.join("plan")).unwrap();
        let dir = dir.join("desk");
        let desk = system.init_desk(&dir.display().to_string());
        let caller = system.caller(&desk);
        let mut world = Self {
            system,
            dir,
            disk: Disk(plan),
            desk: Some(desk),
            caller,
            number: 0,
            called: Vec::new(),
            answered: Vec::new(),
            follow_ups: Vec::new(),
            has_follow_up: false,
        };
        world.take_calls().unwrap();
        world
    }

    /// Each step, at each write.
    fn work(mut self) {
        let small: [(&str, Step); 7] = [
            ("unlock", Self::unlock),
            ("take calls", Self::take_calls),
            ("open and answer", Self::answer),
            ("set a follow-up", Self::follow_up),
            ("beat", Self::beat),
            ("answer at once", Self::flush),
            ("write the search's index", Self::search),
        ];
        for (name, step) in small {
            for full in [Full::Once, Full::Lasting] {
                assert!(self.at_each_write(name, step, full) > 0, "{name} writes nothing");
            }
        }
        for full in [Full::Once, Full::Lasting] {
            self.at_each_write("end a generation", Self::end_generation, full);
        }
    }

    /// Lets the disk be full at one write after the other, until the step is done before; how many were tried.
    fn at_each_write(&mut self, name: &str, step: Step, full: Full) -> u64 {
        self.begin_case();
        let (mut write, mut tried) = (1, 0);
        loop {
            let at = format!("{name}, write {write}, {full:?}");
            let kept = self.desk.as_ref().map(shown_parts).unwrap_or_default();
            self.disk.fill_at(write, full);
            let done = step(self);
            let shown = self.desk.as_ref().map(shown_parts).unwrap_or_default();
            let failed = self.disk.make_room();
            if let Err(error) = &done {
                let said = error.to_string();
                assert!(failed > 0, "{at}: there was room: {said}");
                assert!(!said.contains("damaged") && said.contains(';'), "{at}: {said}");
            }
            self.recover(&at);
            let after = shown_parts(self.desk.as_ref().expect("it is open"));
            // A follow-up that is moved takes the place of the one before.
            let is_moved = |part: &str| part.contains(FOLLOW_UP);
            let is_lost = |part: &&String| !after.contains(*part) && !is_moved(part);
            let lost: BTreeSet<_> = kept.union(&shown).filter(is_lost).collect();
            assert!(lost.is_empty(), "{at}: {lost:?} was shown as kept");
            if failed == 0 {
                done.unwrap();
                println!("{name}: {tried} of {} writes, {full:?}", write - 1);
                self.all_is_read(&at);
                return tried;
            }
            tried += 1;
            write += if env::var_os(EVERY).is_some() || write < FIRST { 1 } else { write * 2 };
        }
    }

    /// A case of a new caller, so that each step has something to go on.
    fn begin_case(&mut self) {
        self.caller = self.system.caller(self.desk());
        (self.called, self.answered) = (Vec::new(), Vec::new());
        (self.follow_ups, self.has_follow_up) = (Vec::new(), false);
        self.take_calls().unwrap();
    }

    /// The caller reads every answer that was taken, once.
    fn all_is_read(&mut self, at: &str) {
        self.desk().flush().unwrap();
        let read: Vec<_> =
            self.caller.read().unwrap().answers.into_iter().map(|answer| answer.text).collect();
        for text in &self.answered {
            assert_eq!(read.iter().filter(|read| *read == text).count(), 1, "{at}: {text} in {read:?}");
        }
    }

    /// With room, in the same program and in one that starts anew, everything is there and goes on.
    fn recover(&mut self, at: &str) {
        let well = |done: Result<(), DeskError>| done.unwrap_or_else(|error| panic!("{at}: {error}"));
        if let Some(desk) = self.desk.take().filter(|desk| desk.read_only().is_none()) {
            well(desk.sync());
            well(desk.beat());
        }
        let again = self.system.open_desk(&self.dir.display().to_string());
        assert_eq!(again.read_only(), None, "{at}");
        well(again.sync());
        well(self.follows_promises(&again, at));
        let other = self.system.open_desk(&self.dir.display().to_string());
        assert_eq!(shown(&other), shown(&again), "{at}: what is on the disk");
        assert_eq!(again.health().alarm, None, "{at}");
        self.desk = Some(again);
    }

    /// Calls that are stored are shown, answers that were taken leave, and each once.
    fn follows_promises(&mut self, desk: &Desk, at: &str) -> Result<(), DeskError> {
        let parts = shown_parts(desk);
        for text in self.called.iter().chain(&self.answered) {
            let copies = parts.iter().filter(|part| part.ends_with(&format!(": {text}"))).count();
            assert_eq!(copies, 1, "{at}: {text}");
        }
        self.finds_calls(desk, at);
        let is_set = |text: &String| parts.iter().any(|part| part.ends_with(text));
        assert!(!self.has_follow_up || self.follow_ups.iter().any(is_set), "{at}: {parts:?}");
        desk.flush()?;
        self.system.beats(desk, 1);
        assert!(desk.devices()?[0].is_ready || desk.generation() == 1, "{at}: the state is saved");
        Ok(())
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().expect("it is open")
    }

    fn text(&mut self, kind: &str) -> String {
        self.number += 1;
        format!("{kind} number {}.", self.number)
    }

    fn unlock(&mut self) -> Result<(), DeskError> {
        self.desk = None;
        self.desk = Some(self.system.try_open_desk(&self.dir.display().to_string())?);
        Ok(())
    }

    fn take_calls(&mut self) -> Result<(), DeskError> {
        let text = self.text("call");
        self.caller.write(&text).unwrap();
        self.called.push(text);
        self.desk().sync()
    }

    fn answer(&mut self) -> Result<(), DeskError> {
        let (id, text) = (self.caller.id(), self.text("answer"));
        self.desk().open_call(&id)?;
        self.desk().answer(&NewAnswer::new(&id, &text))?;
        self.answered.push(text);
        Ok(())
    }

    /// Whether there is room or not, nobody hears of it, and all is found.
    fn search(&mut self) -> Result<(), DeskError> {
        // A program that finds no image makes the index anew, and writes one.
        let _ = fs::remove_file(self.dir.join("search"));
        self.unlock()?;
        self.desk().prepare_search().unwrap();
        self.finds_calls(self.desk(), "while the disk is full");
        Ok(())
    }

    fn finds_calls(&self, desk: &Desk, at: &str) {
        for text in &self.called {
            assert_eq!(desk.search(&format!("\"{text}\"")).unwrap().hits.len(), 1, "{at}: {text}");
        }
    }

    /// Sets one; what was set before is done, for a case has so many at most.
    fn follow_up(&mut self) -> Result<(), DeskError> {
        let (id, text) = (self.caller.id(), self.text("follow-up"));
        let due = self.system.clock.now().day().plus(30);
        let case = self.desk().open_call(&id)?;
        let moves = case.follow_ups().first().map(|one| one.set_by);
        self.follow_ups.push(text.clone());
        self.desk().set_follow_up(&NewFollowUp {
            caller: &id,
            due,
            hour: None,
            text: &text,
            outside_why: None,
            moves,
        })?;
        (self.follow_ups, self.has_follow_up) = (vec![text], true);
        Ok(())
    }

    fn beat(&mut self) -> Result<(), DeskError> {
        self.system.clock.advance(2);
        self.desk().beat()?;
        self.desk().keep_state()
    }

    /// What was just written leaves at once.
    fn flush(&mut self) -> Result<(), DeskError> {
        self.answer()?;
        self.desk().flush().map(drop)
    }

    fn end_generation(&mut self) -> Result<(), DeskError> {
        self.system.clock.advance_days(8);
        self.desk().sync()?;
        for _ in 0..4 {
            self.beat()?;
        }
        Ok(())
    }
}
