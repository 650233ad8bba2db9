//! Invented callers at work: each writes, looks for answers and replies, as a person with the command line does.

use std::{
    cell::OnceCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use callsign_caller::{hub_client::HubClient, visit::Visit};
use callsign_http::{Link, Proxies};
use callsign_protocol::{caller_keys::CallerKeys, encoding::Bytes, phrase::Phrase, words::Language};
use serde::{Deserialize, Serialize};

use super::script::{Script, Text};
use crate::{
    ambient,
    failure::Failure,
    output::{label, warn},
};

/// Seconds between two looks for answers, and before a try anew.
const LOOK_S: u64 = 10;

/// All callers; they stop when this is dropped.
pub struct Callers {
    /// Dropped first: a thread that waits ends then.
    stops: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a caller knows between two runs.
#[derive(Serialize, Deserialize)]
struct Memory {
    phrase: String,
    /// The id of the message that is written next.
    next_id: Bytes<16>,
    /// Messages that are written.
    written: usize,
    /// Answers that were read.
    read: usize,
    /// Replies that are written or will be.
    replied: BTreeSet<usize>,
    /// Replies that are to be written, in their order.
    owed: Vec<usize>,
}

/// One caller.
struct Caller {
    script: Script,
    link: Link,
    file: PathBuf,
    memory: Memory,
    /// Made from the phrase once, which takes its time; none before the desk was met.
    keys: OnceCell<CallerKeys>,
    stop: Receiver<()>,
}

/// Why a caller does not go on.
enum Ends {
    /// All is said and replied to.
    Done,
    /// The demonstration stops.
    Stopped,
    /// The hub was not reached, or the files were not; another try may do better.
    Failed(Failure),
}

impl From<Failure> for Ends {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Callers {
    /// Lets each caller write in its own time; what they know is kept in `dir`, so that another run goes on.
    pub fn begin(scripts: Vec<Script>, link: &Link, dir: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(dir).map_err(|error| not_kept(dir, &error))?;
        let mut all = Self { stops: Vec::new(), threads: Vec::new() };
        for script in scripts {
            let file = dir.join(format!("{}.json", script.name));
            let memory = match fs::read(&file).ok().and_then(|known| serde_json::from_slice(&known).ok()) {
                Some(known) => known,
                None => Memory::new(&script),
            };
            let (sender, stop) = mpsc::channel();
            let caller = Caller { script, link: link.clone(), file, memory, keys: OnceCell::new(), stop };
            caller.keep()?;
            all.stops.push(sender);
            all.threads.push(thread::spawn(move || caller.live()));
        }
        Ok(all)
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.stops.clear();
        for thread in self.threads.drain(..) {
            // One that panicked has told so.
            let _ = thread.join();
        }
    }
}

impl Memory {
    fn new(script: &Script) -> Self {
        let words = Language::of_tag(&script.language);
        let phrase = Phrase::generate(&mut ambient::rng(), words).expose().to_owned();
        let next_id = Bytes::random(&mut ambient::rng());
        Self { phrase, next_id, written: 0, read: 0, replied: BTreeSet::new(), owed: Vec::new() }
    }
}

impl Caller {
    fn live(mut self) {
        loop {
            match self.step() {
                Ok(()) => {}
                Err(Ends::Done | Ends::Stopped) => return,
                Err(Ends::Failed(failure)) => {
                    let name = label(&self.script.name);
                    warn(
                        "invented-caller",
                        &format!("The invented caller {name} tries again: {}", failure.message()),
                    );
                    if self.wait(LOOK_S).is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Writes what is next, or looks for answers.
    fn step(&mut self) -> Result<(), Ends> {
        if let Some(&at) = self.memory.owed.first() {
            let reply = self.script.replies[at].clone();
            self.wait(reply.after_s.into())?;
            self.write(&reply.text)?;
            self.memory.owed.remove(0);
            return Ok(self.keep()?);
        }
        if let Some(message) = self.script.messages.get(self.memory.written).cloned() {
            return self.write_in_time(&message);
        }
        if self.memory.replied.len() == self.script.replies.len() {
            return Err(Ends::Done);
        }
        self.wait(LOOK_S)?;
        Ok(self.look()?)
    }

    /// Writes a message when its time has come; looks for answers until then, and lets a reply go first.
    fn write_in_time(&mut self, message: &Text) -> Result<(), Ends> {
        let mut left = u64::from(message.after_s);
        while self.memory.written > 0 && left > LOOK_S {
            self.wait(LOOK_S)?;
            left -= LOOK_S;
            self.look()?;
            if !self.memory.owed.is_empty() {
                return Ok(());
            }
        }
        self.wait(left)?;
        self.write(&message.text)?;
        self.memory.written += 1;
        Ok(self.keep()?)
    }

    /// Sends a text; tried again, it is the same message, and the desk shows it once.
    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let message = self.script.message(text, self.memory.next_id);
        self.visit(|visit| {
            visit.write(&message).map_err(|error| Failure::new("callers", error))?;
            Ok(visit.send_fast(&|pause| self.pause(pause))?)
        })?;
        self.memory.next_id = Bytes::random(&mut ambient::rng());
        Ok(())
    }

    /// Reads, and notes what replies are owed for answers that are new.
    fn look(&mut self) -> Result<(), Failure> {
        let answers = self.visit(|visit| {
            visit.read_fast(&|pause| self.pause(pause))?;
            Ok(visit.reading().answers)
        })?;
        for answer in answers.iter().skip(self.memory.read) {
            let replied = &self.memory.replied;
            if let Some(at) = self.script.reply_to(&answer.text, |at| !replied.contains(&at)) {
                self.memory.replied.insert(at);
                self.memory.owed.push(at);
            }
        }
        self.memory.read = self.memory.read.max(answers.len());
        self.keep()
    }

    /// One visit, as the command line makes it.
    fn visit<T>(
        &self,
        act: impl FnOnce(&mut Visit<'_, Box<dyn rand_core::CryptoRng>>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let hub = HubClient::find(&self.link, None, &Proxies::default())?;
        let notice = hub.arrive(ambient::clock()())?.notice;
        let phrase = Phrase::parse(&self.memory.phrase).map_err(|error| Failure::new("callers", error))?;
        let keys = self.keys.get_or_init(|| phrase.caller_keys(&notice.fingerprint)).clone();
        let rng: Box<dyn rand_core::CryptoRng> = Box::new(ambient::rng());
        act(&mut Visit::new(&hub, notice, keys, ambient::clock(), rng))
    }

    /// Waits, unless the demonstration stops meanwhile.
    fn wait(&self, seconds: u64) -> Result<(), Ends> {
        match self.stop.recv_timeout(Duration::from_secs(seconds)) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            _ => Err(Ends::Stopped),
        }
    }

    /// A pause of a visit; a shorter one where the demonstration stops.
    fn pause(&self, pause: Duration) {
        // Whether time passed or all stops, the visit finds out by itself.
        let _ = self.stop.recv_timeout(pause);
    }

    fn keep(&self) -> Result<(), Failure> {
        let known = serde_json::to_vec(&self.memory).map_err(|error| Failure::new("callers", error))?;
        fs::write(&self.file, known).map_err(|error| not_kept(&self.file, &error))
    }
}

fn not_kept(place: &Path, error: &std::io::Error) -> Failure {
    let refused = format!("{} cannot be written", label(&place.to_string_lossy()));
    Failure::of_system(refused, error, "name another directory with --data")
}
