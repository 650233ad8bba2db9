//! Keyrings and notices taken from the hub, judged by what this device knew when it asked.

use callsign_protocol::{
    keyring::{Keyring, KeyringError, VerifiedKeyring},
    notice::{Notice, NoticeError},
    signed::Envelope,
    time::UnixSeconds,
};

use crate::{DeskError, device::DeviceState, log::Alarm};

/// Where a device stood when it asked the hub: what the answer is compared with, for other threads go on meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) cells_after: u64,
    pub(crate) log_after: u64,
    /// Whether it knew the desk's state.
    pub(crate) is_known: bool,
    pub(crate) head: u64,
    keyring: u64,
}

impl DeviceState {
    /// Where this device stands, before it asks the hub.
    pub(crate) fn standing(&self) -> Result<Standing, DeskError> {
        let kept = self.cache.document("keyring")?.map_or(0, |(serial, _)| serial);
        let is_known = self.log.fold.is_known();
        Ok(Standing {
            is_known,
            // Cells wait at the hub until the state is known with which they are opened.
            cells_after: if is_known { self.inbox.seen_to() } else { i64::MAX.cast_unsigned() },
            // The entry seen last is asked for again until the hub has shown in this process that it still has it.
            log_after: self.log.head.sequence.saturating_sub(u64::from(!self.log.head_confirmed)),
            head: self.log.head.sequence,
            keyring: kept.max(self.keys.keyring.serial),
        })
    }

    /// Takes in the hub's keyring; one that is older than what was known when it was asked for raises the alarm.
    pub(crate) fn take_keyring(
        &mut self,
        envelope: &[u8],
        asked: &Standing,
        now: UnixSeconds,
    ) -> Result<(), DeskError> {
        let VerifiedKeyring { keyring, signer } = Keyring::verify(envelope, &self.keys.fingerprint, now)?;
        if keyring.serial < asked.keyring {
            return self.raise(Alarm::KeyringWentBack);
        }
        if keyring.serial <= self.keys.keyring.serial {
            // Another thread was faster.
            return Ok(());
        }
        match self.keys.keyring.may_become(&keyring, &signer) {
            Ok(()) => {}
            Err(KeyringError::Older) => return self.raise(Alarm::KeyringWentBack),
            Err(_) => return self.raise(Alarm::KeyringForged),
        }
        let keys = self.keys.of_keyring(&keyring)?;
        let (ended, ended_key) = (self.keys.keyring.generation, self.keys.desk.log_key.clone());
        let is_new_generation = keyring.generation > ended;
        let is_first = self.cache.document("keyring")?.is_none_or(|(kept, _)| kept < keyring.serial);
        if is_new_generation && is_first {
            // The entries that its snapshot is made of are still to be read.
            self.keys.file.change(&mut self.rng, |own| own.former_log.push((ended, ended_key.clone())))?;
        }
        self.cache.put_document("keyring", keyring.serial, envelope)?;
        let own =
            self.keys.file.change(&mut self.rng, |own| own.forget_wrapping_before(keyring.generation))?;
        self.keys.former_log = own.former_log;
        if is_new_generation && !self.keys.former_log.iter().any(|(of, _)| *of == ended) {
            // Another process has destroyed it: it stays in memory until this one is in step, and on no disk.
            self.keys.former_log.push((ended, ended_key));
        }
        (self.keys.keyring, self.keys.desk) = (keyring, keys);
        self.cache.empty_journal()?;
        Ok(())
    }

    /// Whether these are the bytes of the newest keyring that this device has seen.
    pub(crate) fn is_kept_keyring(&self, envelope: &[u8]) -> Result<bool, DeskError> {
        Ok(self.cache.document("keyring")?.is_some_and(|(_, kept)| kept == envelope))
    }

    /// Takes in the hub's notice. It may have expired while no desk was at work: the next one builds on it.
    pub(crate) fn take_notice(&mut self, envelope: &[u8]) -> Result<(), DeskError> {
        let then = Envelope::kept_since(envelope).map_err(NoticeError::from)?;
        let verified = Notice::verify(envelope, Some(&self.keys.fingerprint), then)?;
        self.cache.put_document("notice", verified.notice.serial, envelope)?;
        self.keys.notice = Some(verified);
        Ok(())
    }
}
