//! Enrolment: the code that the hub prints serves one identity, and is kept in a file until then.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::{Arc, PoisonError},
};

use callsign_protocol::{
    enrol::EnrolRequest,
    identity::{DeskId, Fingerprint},
};
use chacha20::{ChaCha20Rng, rand_core::Rng as _};
use data_encoding::BASE32_NOPAD;

use super::{Desk, Service, ServiceError};
use crate::store::Store;

/// 140 bits in seven groups of four letters and digits.
const GROUPS: usize = 7;
const GROUP_LEN: usize = 4;

/// The code, while no desk has used it.
#[derive(Debug)]
pub struct EnrolmentCode {
    file: PathBuf,
    code: Option<String>,
}

impl EnrolmentCode {
    /// Reads the code that is waiting, makes one where none is, and removes what is left of a used one.
    pub fn open(file: PathBuf, wanted: bool, rng: &mut ChaCha20Rng) -> io::Result<Self> {
        let mut opened = Self { file, code: None };
        if !wanted {
            opened.remove()?;
            return Ok(opened);
        }
        let kept = match fs::read(&opened.file) {
            Ok(bytes) => String::from_utf8(bytes).ok().map(|text| text.trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // A loss of power while it was written may have left half a code, or bytes that are none: without letters and
        // digits it would be a key that anybody knows.
        let whole = kept.filter(|code| is_code(code));
        opened.code = Some(match whole {
            Some(code) => code,
            None => opened.draw(rng)?,
        });
        Ok(opened)
    }

    /// The code, for whoever runs the hub.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    fn draw(&self, rng: &mut ChaCha20Rng) -> io::Result<String> {
        let mut bytes = [0; 20];
        rng.fill_bytes(&mut bytes);
        let symbols = BASE32_NOPAD.encode(&bytes);
        let (symbols, _) = symbols.split_at(GROUPS * GROUP_LEN);
        let groups: Vec<&str> = (0..GROUPS).map(|n| &symbols[n * GROUP_LEN..(n + 1) * GROUP_LEN]).collect();
        let code = groups.join("-");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.file)?;
        writeln!(file, "{code}")?;
        file.sync_all()?;
        Ok(code)
    }

    fn remove(&mut self) -> io::Result<()> {
        self.code = None;
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn is_code(text: &str) -> bool {
    let is_group =
        |group: &str| group.len() == GROUP_LEN && group.chars().all(|symbol| symbol.is_ascii_alphanumeric());
    text.split('-').count() == GROUPS && text.split('-').all(is_group)
}

impl<S: Store> Service<S> {
    /// The code that a desk needs, while none has used it.
    pub async fn enrolment_code(&self) -> Option<String> {
        self.enrolment.lock().await.code().map(str::to_owned)
    }

    /// Enrols the desk that proves the code. For the identity that is enrolled already nothing changes.
    pub async fn enrol(&self, desk: &DeskId, request: &[u8]) -> Result<(), ServiceError> {
        let request = EnrolRequest::decode(request).map_err(|_| ServiceError::Malformed)?;
        if Fingerprint::of(&request.identity).desk_id() != *desk {
            return Err(ServiceError::Malformed);
        }
        // Held to the end, so that two requests cannot both use the code.
        let mut enrolment = self.enrolment.lock().await;
        if self.desk(desk).is_ok() {
            return Ok(());
        }
        if !enrolment.code().is_some_and(|code| request.proves(code)) {
            return Err(ServiceError::Forbidden);
        }
        self.noted(self.store.add_desk(request.identity).await)?;
        let mut desks = self.desks.write().unwrap_or_else(PoisonError::into_inner);
        desks.insert(desk.clone(), Arc::new(Desk::new(&request.identity)));
        drop(desks);
        if let Err(error) = enrolment.remove() {
            tracing::warn!(%error, "the used enrolment code could not be removed; the next start tries again");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chacha20::rand_core::SeedableRng as _;

    use super::*;

    #[test]
    fn a_code_is_kept_whole_or_drawn_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("code");
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut open =
            || EnrolmentCode::open(file.clone(), true, &mut rng).unwrap().code().unwrap().to_owned();
        let drawn = open();
        assert!(is_code(&drawn), "{drawn}");
        assert_eq!(open(), drawn);
        let dashes = [&[b'-'; 34][..], b"\n"].concat();
        let zeros = [&[0; 34][..], b"\n"].concat();
        for damaged in [&drawn.as_bytes()[..20], &dashes, &zeros, &[0xff; 35], b""] {
            fs::write(&file, damaged).unwrap();
            let another = open();
            assert!(is_code(&another) && another != drawn, "{another}");
        }
    }
}
