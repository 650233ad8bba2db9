//! How a desk is: what people must know of hub, keys, clocks and this device's disk, beside what fails.

use callsign_protocol::{
    snapshot::CHUNKS_MAX,
    time::{Day, UnixSeconds},
};

use super::{Desk, HubClock, Unfinished, WithoutEffect};
use crate::{
    DeskError,
    files::LittleRoom,
    hub::{RefusedLetters, RefusedNotice},
    keys::WrongKeyring,
    log::Alarm,
};

/// How the desk is.
#[derive(Clone, Debug)]
pub struct Health {
    /// Set when the hub contradicted what this device has seen.
    pub alarm: Option<Alarm>,
    /// Cells that did not open since this process began.
    pub dropped_cells: u64,
    /// Parts of calls that were not kept since this process began: their callers had sent as much as is kept of one.
    pub crowded_out: u64,
    /// Devices of which the log says that they come or go, and no keyring has done so.
    pub unfinished: Vec<Unfinished>,
    /// Parts of calls that wait for the log since half the time for which the hub keeps their cells.
    pub late_calls: u64,
    /// Acts of the last days that had no effect.
    pub without_effect: Vec<WithoutEffect>,
    /// Devices whose clocks are ahead of this one's, by their ids in hexadecimal digits, and by how many seconds: their ticks
    /// are not followed.
    pub clocks_ahead: Vec<(String, u64)>,
    /// The hub's clock, where it is further from this device's than the hub takes entries of.
    pub hub_clock: Option<HubClock>,
    /// What the hub had in place of the desk's newest notice, where that was so when it was asked last.
    pub refused_notice: Option<RefusedNotice>,
    /// Why the desk's letter keys are not at the hub, where that was so when they were to be put last.
    pub refused_letters: Option<RefusedLetters>,
    /// The last keyring of a device of the desk that said of the keys what it may not.
    pub wrong_keyring: Option<WrongKeyring>,
    /// When the published notice ends; none before the first.
    pub notice_expires: Option<UnixSeconds>,
    /// The last day of the duty key's certificate.
    pub certificate_ends: Day,
    /// Whether that day is near and no device has renewed it by itself: a device with the identity must come, or the custodian.
    pub certificate_is_due: bool,
    /// The last day on which a device that was removed or left out can, with a hub that helps it, show callers a false notice.
    pub deceivable_until: Option<Day>,
    /// Whether the state fills more than half of the largest snapshot.
    pub state_is_large: bool,
    /// Whether the keyring fills more than half of what a hub takes.
    pub keyring_is_large: bool,
    /// What this device's disk has left, where that is less than the desk may need.
    pub little_room: Option<LittleRoom>,
}

impl Desk {
    /// How the desk is.
    pub fn health(&self) -> Health {
        let (now, dir) = (self.now(), self.state().cache.dir().to_owned());
        let little_room = LittleRoom::on(&dir);
        let state = self.state();
        Health {
            alarm: state.log.alarm,
            dropped_cells: state.inbox.dropped_cells,
            crowded_out: state.inbox.crowded_out,
            unfinished: state.unfinished(),
            late_calls: state.posting.late_calls,
            without_effect: state.without_effect(now.day()),
            clocks_ahead: state.log.clocks_ahead.iter().map(|(id, by_s)| (id.to_string(), *by_s)).collect(),
            hub_clock: self.hub_clock(),
            refused_notice: state.keys.refused,
            refused_letters: state.keys.refused_letters,
            wrong_keyring: state.wrong_keyring(),
            notice_expires: state.keys.notice.as_ref().map(|notice| notice.notice.expires),
            certificate_ends: state.certificate_ends(),
            certificate_is_due: state.certificate_is_due(now.day()),
            deceivable_until: state.deceivable_until(now.day()),
            state_is_large: state
                .log
                .fold
                .whole()
                .next()
                .is_some_and(|whole| whole.chunks.count > CHUNKS_MAX / 2),
            keyring_is_large: state.keyring_is_large(),
            little_room,
        }
    }

    /// Parts of calls that wait for the log since half the time for which the hub keeps their cells, as they lie on this disk.
    ///
    /// # Errors
    /// [`DeskError::Cache`]
    pub fn late_calls(&self) -> Result<u64, DeskError> {
        let (now, state) = (self.now(), self.state());
        Ok(state.late_calls(&state.cache.pending()?, now))
    }
}
