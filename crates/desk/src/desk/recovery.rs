//! A desk whose hub came back from a backup, and whose log is behind what the desk has seen.

use std::path::Path;

use crate::{
    Ambient, Desk, DeskError,
    files::refuse_link,
    hub::{Recovered, give_up, recovery_lock, take_over},
    keys::VaultError,
    store::CACHE_FILE,
};

impl Desk {
    /// Goes on from the hub's log as it is now, and has what the hub lost put into it again: calls, what operators did, and
    /// answers, which are posted once more. Only a person may want this, for it believes the hub. No other program may work
    /// on `dir` meanwhile. Until all of the hub's log was read nothing is changed.
    pub fn recover(dir: &Path, passphrase: &str, ambient: Ambient) -> Result<Recovered, DeskError> {
        refuse_link(&dir.join(CACHE_FILE)).map_err(VaultError::from)?;
        let desk = Self::open(dir, passphrase, ambient)?;
        let Some(_lock) = recovery_lock(dir).map_err(VaultError::from)? else { return Err(DeskError::Busy) };
        let recovered = desk.read_anew(dir);
        if recovered.is_err() {
            give_up(dir);
        }
        recovered
    }

    fn read_anew(self, dir: &Path) -> Result<Recovered, DeskError> {
        let (state, client, clock, timer) = self.into_parts();
        state.bring_documents(&client)?;
        let (drafts, templates) = (state.cache.sealed_drafts()?, state.cache.templates()?);
        let checklists = state.cache.checklists()?;
        let is_silent = state.cache.is_silent()?;
        let desk = Self::new(state.begin_again(dir)?, client, clock, timer);
        desk.follow_all()?;
        if desk.state().lacks_state() {
            desk.fetch_state()?;
        }
        let recovered = desk.state().finish_recovery()?;
        // Behind the whole log: before, their cases would not be there yet.
        desk.state().cache.take_sealed_drafts(&drafts)?;
        desk.keep_templates(&templates)?;
        desk.keep_checklists(&checklists)?;
        desk.state().cache.note_silent(is_silent)?;
        // Closes the new cache.
        drop(desk);
        take_over(dir)?;
        Ok(recovered)
    }
}
