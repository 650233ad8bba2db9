//! A file that a command makes: nothing that was there is overwritten, and nobody else reads it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// An empty file with mode 0600. It goes again unless it is written whole.
#[derive(Debug)]
pub struct NewFile {
    path: PathBuf,
    file: File,
    is_whole: bool,
}

impl NewFile {
    /// Finds out before the work whether the file can be made, and leaves nothing behind: who is interrupted finds no empty
    /// file in the way of the next try.
    ///
    /// # Errors
    /// As [`NewFile::create`].
    pub fn try_place(path: &Path) -> io::Result<()> {
        Self::create(path).map(drop)
    }

    /// Makes the file.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where anything has this name, a symbolic link included.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { path: path.to_owned(), file, is_whole: false })
    }

    /// Writes all and has it on the disk.
    pub fn write(mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_whole {
            // Half of a file helps nobody.
            let _ = fs::remove_file(&self.path);
        }
    }
}
