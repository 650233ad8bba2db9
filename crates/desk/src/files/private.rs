//! Files and directories that this user alone reads: made, tightened, locked, and replaced whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::{
    files::{DiskError, DiskFault, SERVING_FILE},
    keys::{DEVICE_KEYS_FILE, VAULT_FILE},
    store::{CACHE_FILE, SEARCH_FILE},
};

/// All that anybody but the owner may do.
const OF_OTHERS: u32 = 0o077;
/// Anybody may make files here.
const WRITTEN_BY_ALL: u32 = 0o002;
/// Nobody may remove or rename the files of others.
const STICKY: u32 = 0o1000;
/// How a desk's own files begin.
const OWN_FILES: [&str; 6] =
    [VAULT_FILE, DEVICE_KEYS_FILE, CACHE_FILE, SEARCH_FILE, SERVING_FILE, "recovering"];
/// Those that are replaced whole; the lock of each has its name and `.lock`.
const REPLACED: [&str; 3] = [VAULT_FILE, DEVICE_KEYS_FILE, SEARCH_FILE];

/// Why a file or directory does not keep secrets.
#[derive(Debug, Error)]
pub enum PrivateError {
    /// The disk or the path.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A directory that others use as well.
    #[error("{} is used for other things too, and others can look into it; name a directory for this desk alone", .0.display())]
    Shared(PathBuf),
    /// A directory of somebody else.
    #[error("{} belongs to another user (number {owner}); run this as that user, or give it to this one with `chown -R`", path.display())]
    NotOwn {
        /// The directory.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
    },
    /// Anybody could put another directory in this one's place.
    #[error("everybody may rename what is in {}; take that right away with `chmod o-w`, or name a directory elsewhere", .0.display())]
    ParentOpen(PathBuf),
    /// A second name of a file, under which what is replaced would stay.
    #[error(
        "{} has a second name somewhere (a hard link), under which what it holds now would stay; remove that name, or \
         copy the file over itself, and try again. Nothing was changed", .0.display()
    )]
    HardLink(PathBuf),
    /// A symbolic link where a file changes its place.
    #[error("{} is a symbolic link; put the file itself in its place and try again. Nothing was changed", .0.display())]
    Link(PathBuf),
    /// A symbolic link to nothing.
    #[error("{} is a symbolic link to a file that is not there; remove the link, or put the file back", .0.display())]
    DanglingLink(PathBuf),
}

/// Makes a directory for a new desk, or takes one that is empty or private already.
pub(crate) fn make_dir(dir: &Path) -> Result<(), PrivateError> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(disk(dir))?;
    let names = fs::read_dir(dir).map_err(disk(dir))?.filter_map(Result::ok).map(|entry| entry.file_name());
    let is_shared = names.into_iter().any(|name| !is_own(&name.to_string_lossy()));
    if is_shared && mode(dir)? & OF_OTHERS != 0 {
        return Err(PrivateError::Shared(dir.to_owned()));
    }
    tighten(dir)
}

/// Takes a desk's directory and its files away from everybody else; refuses one that is not this user's to tighten.
pub(crate) fn tighten(dir: &Path) -> Result<(), PrivateError> {
    let about = fs::metadata(dir).map_err(disk(dir))?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(PrivateError::NotOwn { path: dir.to_owned(), owner: about.uid() });
    }
    if about.mode() & STICKY != 0 && about.mode() & OF_OTHERS != 0 {
        return Err(PrivateError::Shared(dir.to_owned()));
    }
    let place = dir.canonicalize().map_err(disk(dir))?;
    if let Some(parent) = place.parent()
        && mode(parent)? & (WRITTEN_BY_ALL | STICKY) == WRITTEN_BY_ALL
    {
        return Err(PrivateError::ParentOpen(parent.to_owned()));
    }
    restrict(dir, 0o700)?;
    for entry in fs::read_dir(dir).map_err(disk(dir))?.filter_map(Result::ok) {
        if is_own(&entry.file_name().to_string_lossy()) {
            let is_dir = entry.path().is_dir();
            restrict(&entry.path(), if is_dir { 0o700 } else { 0o600 })?;
        }
    }
    Ok(())
}

/// Makes an empty file, where there is none, before another program makes it with wider permissions.
pub(crate) fn make_file(path: &Path) -> Result<File, PrivateError> {
    // Append: what is there stays.
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(disk(path))
}

/// Waits until no other process changes what the lock stands for; dropping it lets the next one in.
pub(crate) fn lock(dir: &Path, name: &str) -> Result<File, PrivateError> {
    let path = dir.join(name);
    let file = make_file(&path)?;
    file.lock().map_err(disk(&path))?;
    Ok(file)
}

/// As [`lock`], without waiting; none where another process holds it.
pub(crate) fn try_lock(dir: &Path, name: &str) -> Result<Option<File>, PrivateError> {
    let path = dir.join(name);
    let file = make_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(disk(&path)(error)),
    }
}

/// Replaces a file, or makes one that nobody else reads. A crash leaves the old one or the new one, never half of one. A
/// symbolic link stays and its target is replaced.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), PrivateError> {
    replace_with(path, |file| file.write_all(bytes))
}

/// As [`replace`], with what is written piece by piece.
pub(crate) fn replace_with(
    path: &Path,
    write_into: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), PrivateError> {
    let target = behind_links(path)?;
    let dir = dir_of(&target);
    let half = half_of(&target);
    let write = move |half: &Path, target: &Path| {
        // What an earlier attempt left; made anew, so that no link is followed.
        match fs::remove_file(half) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(half)?;
        write_into(&mut file)?;
        file.sync_all()?;
        fs::rename(half, target)?;
        File::open(dir)?.sync_all()
    };
    write(&half, &target).map_err(|error| {
        // Half of a file helps nobody, and its room is needed where the disk is full.
        let _ = fs::remove_file(&half);
        disk(&target)(error)
    })
}

/// Takes away what programs that were killed have left beside files that they were to replace: its room is needed, and what it holds may be
/// erased from the file by now. Who is at work on a file holds its lock.
pub(crate) fn forget_halves(dir: &Path) {
    for name in REPLACED {
        forget_half(dir, name);
    }
}

/// The same for one of the files.
pub(crate) fn forget_half(dir: &Path, name: &str) {
    let Ok(target) = behind_links(&dir.join(name)) else { return };
    let half = half_of(&target);
    if fs::symlink_metadata(&half).is_ok()
        && let Ok(Some(_lock)) = try_lock(dir, &format!("{name}.lock"))
    {
        // Where that fails, the next one who replaces the file begins with it.
        let _ = fs::remove_file(half);
    }
}

fn dir_of(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a file is written before it takes the place of the one that is there.
fn half_of(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".half");
    dir_of(target).join(name)
}

/// The file itself, behind all symbolic links; refused where what it holds has a second name.
pub(crate) fn behind_links(path: &Path) -> Result<PathBuf, PrivateError> {
    let target = match path.canonicalize() {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_link = fs::symlink_metadata(path).is_ok();
            return if is_link {
                Err(PrivateError::DanglingLink(path.to_owned()))
            } else {
                Ok(path.to_owned())
            };
        }
        Err(error) => return Err(disk(path)(error)),
    };
    let about = fs::metadata(&target).map_err(disk(&target))?;
    if about.is_dir() {
        return Err(DiskError { path: target, fault: DiskFault::IsDirectory }.into());
    }
    if about.nlink() > 1 {
        return Err(PrivateError::HardLink(path.to_owned()));
    }
    Ok(target)
}

/// Refuses a file that has to move: the link would be replaced, and the file behind it stay.
pub(crate) fn refuse_link(path: &Path) -> Result<(), PrivateError> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => Err(PrivateError::Link(path.to_owned())),
        _ => Ok(()),
    }
}

fn restrict(path: &Path, allowed: u32) -> Result<(), PrivateError> {
    let Ok(about) = fs::metadata(path) else {
        // Another process has just removed it, or it is a link to nothing.
        return Ok(());
    };
    if about.mode() & OF_OTHERS == 0 {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(allowed)) {
        // What can only be read cannot be tightened, but must be readable.
        Err(error) if !matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::NotFound) => {
            Err(disk(path)(error))
        }
        _ => Ok(()),
    }
}

fn mode(path: &Path) -> Result<u32, PrivateError> {
    Ok(fs::metadata(path).map_err(disk(path))?.mode())
}

fn is_own(name: &str) -> bool {
    OWN_FILES.iter().any(|own| name.trim_start_matches('.').starts_with(own))
}

pub(crate) fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> PrivateError + '_ {
    move |error| DiskError::of_io(path, &error).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn bits(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn what_a_killed_writer_left_goes_unless_another_is_at_work() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(elsewhere.path().join("kept"), b"vault").unwrap();
        symlink(elsewhere.path().join("kept"), dir.path().join(VAULT_FILE)).unwrap();
        let halves = [
            elsewhere.path().join(".kept.half"),
            dir.path().join(".device-keys.half"),
            dir.path().join(".search.half"),
        ];
        for half in &halves {
            fs::write(half, b"half").unwrap();
        }
        let at_work = lock(dir.path(), "search.lock").unwrap();
        forget_halves(dir.path());
        assert_eq!(halves.each_ref().map(|half| half.exists()), [false, false, true]);
        drop(at_work);
        forget_halves(dir.path());
        assert!(!halves[2].exists());
        assert_eq!(fs::read(dir.path().join(VAULT_FILE)).unwrap(), b"vault");
    }

    #[test]
    fn a_link_stays_and_its_target_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("target"), dir.path().join("link"));
        fs::write(&target, "old").unwrap();
        symlink("target", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_file(&target).unwrap();
        assert!(matches!(replace(&link, b"newer"), Err(PrivateError::DanglingLink(_))));
    }

    #[test]
    fn a_second_name_is_refused_and_nothing_changes() {
        let dir = tempfile::tempdir().unwrap();
        let (file, name) = (dir.path().join("file"), dir.path().join("name"));
        fs::write(&file, "old").unwrap();
        fs::hard_link(&file, name).unwrap();
        assert!(matches!(replace(&file, b"new"), Err(PrivateError::HardLink(_))));
        assert_eq!(fs::read(&file).unwrap(), b"old");
    }

    #[test]
    fn what_a_crash_left_is_replaced_and_never_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (file, other) = (dir.path().join("vault"), dir.path().join("other"));
        fs::write(&other, "somebody's").unwrap();
        symlink("other", dir.path().join(".vault.half")).unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!((fs::read(&file).unwrap(), bits(&file)), (b"new".to_vec(), 0o600));
        assert_eq!(fs::read(&other).unwrap(), b"somebody's");
        assert!(!dir.path().join(".vault.half").exists());
    }

    #[test]
    fn a_desks_directory_is_tightened_and_a_shared_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let desk = dir.path().join("desk");
        fs::create_dir(&desk).unwrap();
        chmod(&desk, 0o755);
        for name in [VAULT_FILE, CACHE_FILE, "cache.sqlite-wal"] {
            fs::write(desk.join(name), "").unwrap();
            chmod(&desk.join(name), 0o644);
        }
        make_dir(&desk).unwrap();
        assert_eq!((bits(&desk), bits(&desk.join("cache.sqlite-wal"))), (0o700, 0o600));

        fs::write(desk.join("notes"), "").unwrap();
        make_dir(&desk).unwrap();
        chmod(&desk, 0o755);
        assert!(matches!(make_dir(&desk), Err(PrivateError::Shared(_))));
        chmod(&desk, 0o1777);
        assert!(matches!(tighten(&desk), Err(PrivateError::Shared(_))));
        assert_eq!(bits(&desk), 0o1777);
        chmod(&desk, 0o700);
        chmod(dir.path(), 0o777);
        assert!(matches!(tighten(&desk), Err(PrivateError::ParentOpen(_))));
    }
}
