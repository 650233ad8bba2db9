//! One program at a time serves a desk's directory: of two, each would lock its own pages alone, and both would keep the beat.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{
    PrivateError,
    private::{disk, refuse_link},
};
use crate::{DeskError, keys::VaultError};

/// Locked while a program serves the desk; what stands in it is of the newest one, and worth nothing unlocked.
pub(crate) const SERVING_FILE: &str = "serving";
/// Bytes of it that are read, at most.
const TOLD_MAX: u64 = 100;

/// The right to serve a desk's directory, held until it is dropped or its program ends, however it ends.
#[derive(Debug)]
pub struct Serving(Option<File>);

impl Serving {
    /// Takes it. On a disk that cannot be written, where no program has served before, there is nothing to hold: the desk
    /// can be read there all the same.
    ///
    /// # Errors
    /// [`DeskError::Served`] where another program holds it; [`DeskError::Vault`] where nobody can know, as behind a symbolic link.
    pub fn begin(dir: &Path) -> Result<Self, DeskError> {
        let path = dir.join(SERVING_FILE);
        let mut open = OpenOptions::new();
        if !dir.is_dir() {
            // Opening the desk says so in better words.
            return Ok(Self(None));
        }
        refuse_link(&path).map_err(VaultError::from)?;
        let opened = open.read(true).append(true).create(true).mode(0o600).open(&path);
        let mut file = match opened.or_else(|error| File::open(&path).map_err(|_| error)) {
            Ok(file) => file,
            Err(error) => {
                return match disk(&path)(error) {
                    PrivateError::Disk(error) if error.keeps_from_writing() => Ok(Self(None)),
                    error => Err(VaultError::from(error).into()),
                };
            }
        };
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::Error(error)) => Err(VaultError::from(disk(&path)(error)).into()),
            Err(TryLockError::WouldBlock) => {
                let mut told = String::new();
                // One that has only just begun has not told yet.
                let _ = (&mut file).take(TOLD_MAX).read_to_string(&mut told);
                let plain = |c: &char| c.is_ascii_graphic() || *c == ' ';
                Err(DeskError::Served { dir: dir.to_owned(), by: told.chars().filter(plain).collect() })
            }
        }
    }

    /// Tells others where the pages are: `address` of this process.
    pub fn tell(&mut self, address: &str) {
        let Some(file) = &mut self.0 else { return };
        let told = format!(" (process {}, pages at http://{address}/)", std::process::id());
        // Who is refused reads it; without room on the disk they read less.
        let _ = file.set_len(0).and_then(|()| file.write_all(told.as_bytes()));
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.set_len(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_serves_a_directory_and_the_next_one_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Serving::begin(dir.path()).unwrap();
        first.tell("127.0.0.1:8701");
        let refused = Serving::begin(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains("http://127.0.0.1:8701/"), "{refused}");
        drop(first);
        Serving::begin(dir.path()).unwrap();
        assert_eq!(std::fs::read(dir.path().join(SERVING_FILE)).unwrap(), b"");
    }

    #[test]
    fn what_is_behind_a_link_is_not_emptied_and_a_directory_serves_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join(SERVING_FILE), dir.path().join("other"));
        std::fs::write(&other, "of somebody else").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        Serving::begin(dir.path()).unwrap_err();
        assert_eq!(std::fs::read(&other).unwrap(), b"of somebody else");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let _first = Serving::begin(dir.path()).unwrap();
        Serving::begin(dir.path()).unwrap_err();
    }
}
