//! What is measured: a hub in this process, and a desk of its own, under a clock that can be set back.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use callsign_desk::{
    Ambient, Desk, FIRST_PERSON, InitOptions, JoinOptions, Purpose, Settings, keys::Cost, model_tracks,
};
use callsign_hub::{CallPolicy, HubConfig};
use callsign_protocol::time::{Clock, UnixSeconds};
use tokio::runtime::Handle;

use crate::{
    ambient,
    failure::Failure,
    hub::not_started,
    page::page,
    server::{bind, local_address},
};

/// Of vaults that hold nothing: Argon2 is measured by itself.
pub const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
/// Of all of them, which are removed with what they open.
pub const PASSPHRASE: &str = "measured";
const DAY_S: u64 = 86_400;

/// A hub that is served, and where its desk is.
pub struct Stand {
    dir: PathBuf,
    /// The hub's address.
    pub url: String,
    /// Days by which the clock is behind the machine's.
    days_behind: Arc<AtomicU64>,
}

/// The desk's files.
pub fn desk_dir(dir: &Path) -> PathBuf {
    dir.join("desk")
}

/// Those of a device that joins it.
pub fn joining_dir(dir: &Path) -> PathBuf {
    dir.join("joining")
}

/// A vault for which Argon2 costs what this machine bears.
pub fn argon2_dir(dir: &Path) -> PathBuf {
    dir.join("argon2")
}

impl Stand {
    /// Serves a hub, and sets its desk up, some days ago.
    pub fn begin(dir: &Path, days_behind: u64, runtime: &Handle) -> Result<(Self, Desk), Failure> {
        let days_behind = Arc::new(AtomicU64::new(days_behind));
        let hub_dir = dir.join("hub");
        let config = HubConfig {
            data_dir: hub_dir.clone(),
            calls: CallPolicy::Onion,
            page: page(),
            clock: clock(&days_behind),
            seed: ambient::seed(),
        };
        let (url, code) = runtime.block_on(async {
            let hub = callsign_hub::open(config).await.map_err(|error| not_started(&error, &hub_dir))?;
            let code = hub.enrolment_code().await.unwrap_or_default();
            let listener = bind(([127, 0, 0, 1], 0).into()).await?;
            let url = format!("http://{}", local_address(&listener)?);
            // Until the process ends, or its runtime does.
            tokio::spawn(async move { hub.serve(listener, std::future::pending()).await });
            Ok::<_, Failure>((url, code))
        })?;
        let stand = Self { dir: dir.to_owned(), url: url.clone(), days_behind };
        let options = InitOptions {
            hub: url,
            code,
            identity: None,
            name: "A desk that is measured".to_owned(),
            person: FIRST_PERSON.to_owned(),
            tracks: model_tracks(),
            content: vec![],
            settings: settings(),
            purpose: Purpose::Earnest,
        };
        let desk = Desk::init(&desk_dir(dir), PASSPHRASE, CHEAP, &options, stand.ambient())?;
        Ok((stand, desk))
    }

    /// The time of hub and desk.
    pub fn clock(&self) -> Clock {
        clock(&self.days_behind)
    }

    /// Lets the days go by until the clock is so many behind.
    pub fn go_on_to(&self, days_behind: u64) {
        self.days_behind.store(days_behind, Ordering::Relaxed);
    }

    /// Lets a new device in, which has not met the hub.
    pub fn admit_another(&self, desk: &Desk) -> Result<(), Failure> {
        let (hub, fingerprint) = (self.url.clone(), desk.fingerprint());
        let join = JoinOptions { hub, fingerprint, settings: settings() };
        let request = Desk::ask_to_join(&joining_dir(&self.dir), PASSPHRASE, CHEAP, &join, self.ambient())?;
        Ok(desk.admit(&request)?)
    }

    fn ambient(&self) -> Ambient {
        Ambient {
            clock: self.clock(),
            timer: ambient::timer(),
            rng: Box::new(ambient::rng()),
            proxies: ambient::proxies(),
        }
    }
}

/// A beat each second, thirty times as often as by default, so that some fall into a run.
fn settings() -> Settings {
    Settings { beat_s: 1, ..Settings::default() }
}

fn clock(days_behind: &Arc<AtomicU64>) -> Clock {
    let (days_behind, machine) = (Arc::clone(days_behind), ambient::clock());
    Arc::new(move || UnixSeconds(machine().0.saturating_sub(days_behind.load(Ordering::Relaxed) * DAY_S)))
}
