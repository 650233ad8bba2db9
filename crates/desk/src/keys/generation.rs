//! Generations: new answer, log and wrapping keys, a snapshot of the state, and the end of all that went before.

use callsign_protocol::{
    caller_keys::x25519_public,
    device_request::DeviceRequest,
    encoding::Secret,
    keyring::{
        DeskKeys, Device, DeviceId, DeviceIdentity, FormerAnswerKey, FormerDevice, Keyring, device_id,
    },
    time::{Day, UnixSeconds},
    xwing_public,
};

use crate::{
    DeskError, DeviceLine, Unfinished,
    cases::{Event, EventBody, PersonId},
    device::DeviceState,
    keys::{following::CLOCKS_DAYS, numbers::next_generation},
};

/// Days that a generation lasts at most.
pub(crate) const GENERATION_DAYS_MAX: u32 = 7;

impl DeviceState {
    /// Whether the generation has lasted as long as it may, and the one before is done with since yesterday at the latest:
    /// before its snapshot was whole no device could say its wrapping key, and who does not is left out of the next.
    pub(crate) fn generation_is_due(&self, today: Day) -> bool {
        let is_settled =
            self.log.fold.generation() == self.keys.keyring.generation && self.log.fold.snapshot_is_whole();
        // A day to come is that of a clock that was wrong, or of a device that means ill.
        let had_time = self.log.fold.whole_on().is_none_or(|day| {
            if day > today.plus(1) { self.keys.keyring.begun < today } else { day < today }
        });
        let is_over = (self.next_generation_begins(today) <= today && had_time)
            || (self.begins_to_come(today) && self.are_others_ready(today));
        is_over && is_settled && self.log.fold.is_known()
    }

    /// Whether the generation says that it begins on a day that is to come by any clock that is right: one that was wrong has begun it. It would last
    /// until a week behind that.
    fn begins_to_come(&self, today: Day) -> bool {
        self.keys.keyring.begun > today.plus(2 * CLOCKS_DAYS)
    }

    /// Whether the others that have been at work since yesterday have said their keys for the next generation, or nobody has time to.
    fn are_others_ready(&self, today: Day) -> bool {
        let next = self.keys.keyring.generation + 1;
        let is_at_work = |id: &DeviceId| self.log.came_on.get(id).is_some_and(|day| day.plus(1) >= today);
        let mut others = self.keys.keyring.devices.iter().filter(|device| device.id != self.keys.author);
        others.all(|other| {
            !is_at_work(&other.id) || self.log.fold.cases.wrapping_key(&other.id, next).is_some()
        })
    }

    /// Whether the generation is to end now: it is due, and the state was seen to fit a snapshot. Otherwise the keyring would be
    /// put, and nothing of before could be destroyed. A removal does not wait for that.
    pub(crate) fn generation_is_over(&self, today: Day) -> bool {
        self.generation_is_due(today) && self.log.measured_on == Some(today)
    }

    /// Devices of the keyring that the log has shut out, but for this one: a device that does not belong to the desk puts nothing.
    pub(crate) fn are_to_go(&self) -> Vec<DeviceId> {
        let ids = self.keys.keyring.devices.iter().map(|device| device.id);
        ids.filter(|id| *id != self.keys.author && self.is_to_go(id)).collect()
    }

    /// Whether the log has shut a device of the keyring out.
    pub(crate) fn is_to_go(&self, device: &DeviceId) -> bool {
        self.log.fold.cases.is_shut_out(device) && self.keys.keyring.device(device).is_some()
    }

    /// Whether the log has let a device in, in this generation, as a person's and under the keys that this device would give it.
    ///
    /// # Errors
    /// [`DeskError::AdmittedOtherwise`]: somebody has said something else of it, and who keeps to that would be given other keys than it expects.
    pub(crate) fn lets_in(&self, device: &DeviceId, person: &PersonId) -> Result<bool, DeskError> {
        let (cases, generation) = (&self.log.fold.cases, self.keys.keyring.generation);
        let Some(by) = cases.let_in_by(device, generation) else { return Ok(false) };
        let said = cases.answer_keys_said(device, generation);
        let is_meant =
            said.is_some_and(|said| self.keys.are_said(said)) && cases.person_of(device) == Some(*person);
        if is_meant { Ok(true) } else { Err(DeskError::AdmittedOtherwise(by)) }
    }

    /// What of the devices' coming and going was begun alone.
    pub(crate) fn unfinished(&self) -> Vec<Unfinished> {
        let own = self.keys.author;
        let go = self.keys.keyring.devices.iter().map(|device| device.id).filter(|id| self.is_to_go(id));
        let go = go.map(|device| Unfinished { device, is_removal: true, is_own: device == own });
        let come = self.log.fold.cases.let_in(self.keys.keyring.generation);
        let come = come.filter(|device| self.keys.keyring.device(device).is_none());
        go.chain(come.map(|device| Unfinished { device, is_removal: false, is_own: false })).collect()
    }

    /// The keyring of the next generation. Left out of it are devices that the log has shut out, and every device that has not said
    /// that the keys of the generation before are destroyed.
    pub(crate) fn next_generation(&mut self, now: UnixSeconds) -> Result<Vec<u8>, DeskError> {
        self.may_write()?;
        let (today, generation) = (now.day(), next_generation(self.keys.keyring.generation)?);
        let own = self.keys.device()?.id;
        let removed = self.are_to_go();
        let mut devices = Vec::new();
        // Entries of two generations are still to be read where the snapshot between them is not whole.
        let mut former =
            if self.log.fold.snapshot_is_whole() { Vec::new() } else { self.keys.keyring.former.clone() };
        let mut goes = false;
        for device in self.keys.keyring.devices.clone() {
            let Device { id, signing_key, posting_slot, .. } = device;
            let announced = if id == own {
                Some(xwing_public(&self.keys.file.wrapping(generation, &mut self.rng)?))
            } else {
                self.log.fold.cases.wrapping_key(&id, generation).copied()
            };
            if let Some(wrapping_key) = announced.filter(|_| !removed.contains(&id)) {
                devices.push(DeviceIdentity { signing_key, wrapping_key, posting_slot });
                continue;
            }
            goes = true;
            // One that went and came again is named once.
            if former.iter().all(|before| before.id != id) {
                former.push(FormerDevice { id, signing_key });
            }
        }
        let mut keys = self.turned_over(today, (generation, &former), goes)?;
        if let Some(identity) = self.keys.vault.identity_key() {
            self.replace_duty_key(&mut keys, &identity, today, generation)?;
        }
        self.renew_epochs(&mut keys, today);
        self.renew_letters(&mut keys, today);
        let members: Vec<DeviceId> = devices.iter().map(|device| device_id(&device.signing_key)).collect();
        let fold = self.next_fold(&members);
        // No generation begins before the one that it follows, but behind a clock that was wrong.
        let begun = if self.begins_to_come(today) { today } else { today.max(self.keys.keyring.begun) };
        let next = Keyring { generation, begun, fold, former, ..self.keys.keyring.clone() };
        self.wrap_and_sign(next, &devices, &keys)
    }

    /// The desk's keys with new answer and log keys, and without those of today and later days; whether a device that goes
    /// knows those of before.
    pub(super) fn turned_over(
        &mut self,
        today: Day,
        (generation, former): (u32, &[FormerDevice]),
        is_known_outside: bool,
    ) -> Result<DeskKeys, DeskError> {
        let mut keys = self.keys_to_go_on_with()?;
        let ended = FormerAnswerKey {
            public: x25519_public(&keys.answer_key),
            // Another device's clock may be ahead of this one's: what it posted must be found.
            last_day: today.max(self.log.fold.cases.lists().posted_day(today.plus(1)).unwrap_or(today)),
            secret: Some(keys.answer_key.clone()),
            exposed: false,
        };
        keys.former_answer_keys.insert(0, ended);
        if is_known_outside {
            // They know the keys that check proofs, those that open letters and the calls of the next days, and those that sign notices.
            let offered_until = self.offered_until(generation, former)?;
            keys.exposed_until = keys.exposed_until.max(keys.certified_until).max(offered_until);
            keys.former_answer_keys.iter_mut().for_each(|key| key.exposed = true);
            keys.letters.iter_mut().for_each(|key| (key.superseded, key.exposed) = (true, true));
        }
        keys.answer_key = Secret::random(&mut self.rng);
        keys.log_key = Secret::random(&mut self.rng);
        keys.epochs.iter_mut().filter(|key| key.epoch >= today).for_each(|key| key.superseded = true);
        Ok(keys)
    }

    /// The version of the fold for the next generation: the custodian raises it to what the programs of all its devices know,
    /// by their newest entries. A device that has not said it holds it where it is.
    pub(crate) fn next_fold(&self, members: &[DeviceId]) -> u32 {
        let now = self.keys.keyring.fold;
        if self.keys.vault.identity_key().is_none() {
            return now;
        }
        let known = |device: &DeviceId| self.log.fold.cases.program(device).unwrap_or(now);
        let common = members.iter().map(known).min().unwrap_or(now);
        common.min(self.keys.program).max(now)
    }

    /// The keyring with one more device, in the lowest posting slot that is free.
    pub(crate) fn admit(&mut self, request: &DeviceRequest) -> Result<Vec<u8>, DeskError> {
        request.verify(&self.keys.fingerprint).map_err(|_| DeskError::NotADeviceRequest)?;
        if request.purpose != self.keys.vault.purpose {
            return Err(DeskError::OtherPurpose(request.purpose));
        }
        let id = device_id(&request.signing_key);
        if self.keys.keyring.device(&id).is_some() {
            return Err(DeskError::DeviceKnown);
        }
        if self.has_let_in(&id, &request.wrapping_key)? {
            return Err(DeskError::UsedRequest);
        }
        let posting_slot = self.free_slot()?;
        let mut devices = self.identities();
        devices.push(DeviceIdentity {
            signing_key: request.signing_key,
            wrapping_key: request.wrapping_key,
            posting_slot,
        });
        let keys = self.keys.desk.clone();
        self.wrap_and_sign(self.keys.keyring.clone(), &devices, &keys)
    }

    /// A posting slot for one more device.
    pub(crate) fn free_slot(&self) -> Result<u8, DeskError> {
        let taken: Vec<u8> = self.keys.keyring.devices.iter().map(|device| device.posting_slot).collect();
        let mut free = (0..callsign_protocol::drop::POSTING_SLOTS).filter(|slot| !taken.contains(slot));
        free.next().ok_or(DeskError::NoPostingSlot)
    }

    /// The day on which the next generation begins at the latest, where a device is at work then.
    pub(crate) fn next_generation_begins(&self, today: Day) -> Day {
        let days = self.keys.vault.settings.generation_days.clamp(1, GENERATION_DAYS_MAX);
        self.keys.keyring.begun.plus(days).max(today)
    }

    /// Every device that may write.
    pub(crate) fn device_lines(&self) -> Result<Vec<DeviceLine>, DeskError> {
        let own = self.keys.device()?.id;
        let next = self.keys.keyring.generation + 1;
        let line = |device: &Device| DeviceLine {
            id: device.id,
            posting_slot: device.posting_slot,
            is_own: device.id == own,
            is_ready: self.log.fold.cases.wrapping_key(&device.id, next).is_some(),
            has_identity: if device.id == own {
                self.keys.vault.identity_seed.is_some()
            } else {
                self.log.fold.cases.identity_at(&device.id).is_some()
            },
        };
        Ok(self.keys.keyring.devices.iter().map(line).collect())
    }

    /// The devices of the keyring with the keys that it wraps to.
    pub(crate) fn identities(&self) -> Vec<DeviceIdentity> {
        let of = |device: &Device| DeviceIdentity {
            signing_key: device.signing_key,
            wrapping_key: device.wrapping_key,
            posting_slot: device.posting_slot,
        };
        self.keys.keyring.devices.iter().map(of).collect()
    }

    /// Puts the first event of the keyring's generation before all that waits.
    pub(crate) fn begin_generation(&mut self) -> Result<(), DeskError> {
        let begun = Event::generation_begun(self.keys.keyring.generation, self.keys.keyring.begun);
        let is_stale =
            |event: &Event| matches!(event.body, EventBody::GenerationBegun { .. }) && event.id != begun.id;
        let stale: Vec<_> = self.cache.pending()?.iter().filter(|e| is_stale(e)).map(|e| e.id).collect();
        self.cache.remove_pending(&stale)?;
        self.cache.put_pending(&[begun], &mut self.rng)?;
        Ok(())
    }

    /// The sequence up to which the hub need keep no entries. It moves on the day after a generation began, so that its
    /// time does not tell how large the state is.
    pub(crate) fn log_done(&self, today: Day) -> u64 {
        let settled =
            self.log.fold.generation() == self.keys.keyring.generation && self.log.fold.snapshot_is_whole();
        if settled && today > self.keys.keyring.begun {
            self.log.fold.begun_at().saturating_sub(1)
        } else {
            0
        }
    }

    /// Destroys what only the generations before needed, once the state is at the hub again and kept here; then announces this device's
    /// wrapping key for the next one, which tells the other devices so.
    pub(crate) fn settle_generation(&mut self) -> Result<(), DeskError> {
        let generation = self.keys.keyring.generation;
        if self.log.fold.generation() != generation || !self.log.fold.is_known() {
            return Ok(());
        }
        // The entries before are forgotten only once the state that they made is on this disk.
        let is_kept = generation == 1 || self.has_kept(generation)?;
        if !self.log.fold.snapshot_is_whole() || !is_kept {
            return Ok(());
        }
        // One that was interrupted before its first notice counts on from the one that the hub has.
        if self.has_published() && self.cache.restarted()?.is_some() {
            self.cache.forget_restarted()?;
        }
        if !self.keys.former_log.is_empty() {
            self.cache.forget_entries_before(self.log.fold.begun_at())?;
            self.hand_drafts_on()?;
            let kept = self.keys.file.change(&mut self.rng, |keys| {
                // Another process of this device may be a generation ahead, and need the key of this one.
                keys.former_log.retain(|(of, _)| *of >= generation);
                keys.storage.retain(|(of, _)| *of >= generation);
            })?;
            self.keys.former_log = kept.former_log;
            if let Err(error) = self.cache.forget_image_before(generation) {
                // Nothing opens it any more; the next one takes its place.
                tracing::warn!(%error, "the image of the search's index is not removed");
            }
        }
        let own = self.keys.device()?.id;
        if self.log.view.wrapping_key(&own, generation + 1).is_none() {
            let key = xwing_public(&self.keys.file.wrapping(generation + 1, &mut self.rng)?);
            self.queue(vec![Event::wrapping_key(own, generation + 1, key)])?;
        }
        Ok(())
    }
}
