//! The order of a measurement: a desk is built, a generation of its keys begins, and each part is measured on what is there.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use callsign_desk::{Desk, DeskError, keys::Vault};
use callsign_http::Link;
use tokio::{runtime::Handle, time::Instant};

use super::{
    child::Child,
    conversation::{Conversations, LATEST_DAYS, Size},
    inbox,
    report::{Once, Report},
    stages::{Folded, Indexed, Joined, Stage, Taken, Unlocked},
    stand::{CHEAP, PASSPHRASE, Stand, argon2_dir, desk_dir},
    stopped,
};
use crate::{
    ambient,
    desk::cost_of_passphrase,
    failure::Failure,
    output::{count, note},
};

/// Cells that wait for the desk, where it is not a very small one: then ten a case.
const CELLS: u64 = 10_000;
const CELLS_A_CASE: u64 = 10;
/// The generation that is measured is a day old: by then the hub needs nothing of the one before.
const GENERATION_DAYS: u64 = 1;
/// Beats until a state is saved and what went before destroyed, at most; two are needed.
const BEATS_MAX: u32 = 20;

/// A measurement on its way.
pub struct Measuring {
    /// Of the desk.
    pub size: Size,
    /// For all files.
    pub dir: PathBuf,
    /// Serves the hub.
    pub runtime: Handle,
    /// Measures what is a process of its own.
    pub child: Arc<Child>,
    /// Set where nobody wants to know any more.
    pub is_stopped: Arc<AtomicBool>,
}

/// What saving the state cost.
struct Saved {
    seconds: f64,
    bytes: u64,
}

impl Measuring {
    /// All of it.
    pub fn run(&self) -> Result<Report, Failure> {
        let Size { cases, events } = self.size;
        let days = u64::from(LATEST_DAYS);
        let end = ambient::clock()();
        let (stand, desk) = Stand::begin(&self.dir, days, &self.runtime)?;
        let mut conversations = Conversations::new(self.size, end, stand.clock());
        self.note(&format!("Building a desk of {} and {} …", count(cases, "case"), count(events, "event")))?;
        let before = events - events / 10;
        self.fill(&desk, conversations.by_ref().take(before as usize))?;
        self.note("Folding its log …")?;
        let Folded { seconds } = self.child.measure(Stage::Fold, &self.dir)?;
        let fold_events_per_s = f64::from(before) / seconds;
        self.note("Saving its state …")?;
        stand.go_on_to(GENERATION_DAYS);
        let saved = Self::begin_generation(&desk)?;
        self.note("Building the rest …")?;
        self.fill(&desk, conversations)?;
        stand.go_on_to(0);
        // The hub forgets what the generation before needed, and callers get a notice of today.
        desk.sync()?;
        desk.beat()?;
        self.note("Having a device join …")?;
        stand.admit_another(&desk)?;
        // Its memory is needed for what is measured.
        drop(desk);
        let Joined { seconds: join_s } = self.child.measure(Stage::Join, &self.dir)?;
        self.note("Making the search's index …")?;
        let Indexed { seconds: search_built_s } = self.child.measure(Stage::Index, &self.dir)?;
        self.note("Unlocking, searching, looking at pages …")?;
        self.make_argon2_vault()?;
        let unlocked: Unlocked = self.child.measure(Stage::Unlock, &self.dir)?;
        self.note("Sending cells …")?;
        let link = Link::parse(&stand.url).map_err(|error| Failure::new("bench", error))?;
        inbox::fill(&link, CELLS.min(CELLS_A_CASE * u64::from(cases)))?;
        self.note("Taking them …")?;
        let taken: Taken = self.child.measure(Stage::Take, &self.dir)?;
        let once = Once { fold_events_per_s, saved: (saved.seconds, saved.bytes), join_s, search_built_s };
        Ok(Report::new(self.size, &once, &unlocked, &taken))
    }

    /// Puts events into the log until there is no more, or nobody wants to know.
    fn fill(
        &self,
        desk: &Desk,
        events: impl Iterator<Item = callsign_desk::cases::Event>,
    ) -> Result<(), Failure> {
        desk.fill(events.take_while(|_| !self.is_stopped.load(Ordering::Relaxed)))?;
        Ok(())
    }

    /// Begins one, and returns once its state is saved and what went before destroyed.
    fn begin_generation(desk: &Desk) -> Result<Saved, Failure> {
        // Sees that the state fits, without which none begins.
        desk.keep_state()?;
        let generation = desk.generation();
        desk.beat()?;
        if desk.generation() == generation {
            return Err(Failure::new("bench", "no new generation of keys began; report it"));
        }
        let began = Instant::now();
        for _ in 0..BEATS_MAX {
            desk.keep_state()?;
            if is_settled(desk)? {
                return Ok(Saved { seconds: began.elapsed().as_secs_f64(), bytes: desk.saved_bytes() });
            }
            desk.beat()?;
        }
        Err(Failure::new("bench", "the desk's state was not saved; report it"))
    }

    /// The desk's own vault again, behind as much of Argon2 as this machine bears.
    fn make_argon2_vault(&self) -> Result<(), Failure> {
        let (from, to) = (desk_dir(&self.dir), argon2_dir(&self.dir));
        let name = callsign_desk::keys::VAULT_FILE;
        let copied = fs::create_dir(&to).and_then(|()| fs::copy(from.join(name), to.join(name)));
        copied.map_err(|error| {
            Failure::of_system("a vault cannot be copied", &error, "make room where TMPDIR is, and try again")
        })?;
        let cost = cost_of_passphrase().max(CHEAP);
        Vault::raise_cost(&to, PASSPHRASE, cost, &mut ambient::rng()).map_err(DeskError::from)?;
        Ok(())
    }

    fn note(&self, text: &str) -> Result<(), Failure> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(stopped());
        }
        note(text);
        Ok(())
    }
}

/// Whether the device has destroyed the keys of the generation before.
fn is_settled(desk: &Desk) -> Result<bool, DeskError> {
    Ok(desk.devices()?.iter().any(|device| device.is_own && device.is_ready))
}
