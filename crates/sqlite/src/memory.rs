//! A database in memory: a file in a private directory of a file system in memory.
//!
//! SQLite's own `:memory:` belongs to one connection, and its shared cache locks tables between readers and the
//! writer. A file in `/dev/shm` gives all sessions one database with all of WAL's behaviour.
//!
//! A directory's `lock` file is locked while its owner lives. What a killed process left behind is found by its free
//! lock and removed when the next database in memory is made.

use reprieve_core::error::{Error, Kind, Result};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

const PREFIX: &str = "reprieve-memory-";
const LOCK: &str = "lock";

/// The directory of one database in memory.
#[derive(Debug)]
pub(crate) struct MemoryDirectory {
    path: PathBuf,
    _lock: File,
}

impl MemoryDirectory {
    /// Makes a directory, in memory where there is a file system in memory, and removes abandoned ones.
    pub(crate) fn create() -> Result<Self> {
        let shared_memory = Path::new("/dev/shm");
        if let Ok(directory) = Self::create_in(shared_memory) {
            return Ok(directory);
        }
        let temporary = std::env::temp_dir();
        Self::create_in(&temporary).map_err(|error| {
            let message = format!(
                "no folder for a database in memory can be made, neither in /dev/shm nor in {}",
                temporary.display()
            );
            Error::new(Kind::Unavailable, message).because(error)
        })
    }

    fn create_in(base: &Path) -> io::Result<Self> {
        sweep(base);
        // Others remove a directory of the final name when its lock is free: it gets that name locked.
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let new = builder.prefix(".reprieve-new-").tempdir_in(base)?;
        let lock = OpenOptions::new().write(true).create_new(true).open(new.path().join(LOCK))?;
        lock.lock()?;
        let name = new.path().file_name().unwrap_or_default().to_string_lossy();
        let path = base.join(name.replace(".reprieve-new-", PREFIX));
        std::fs::rename(new.path(), &path)?;
        // It has another name now, and this value removes it.
        let _ = new.keep();
        Ok(Self { path, _lock: lock })
    }

    /// The database's file.
    pub(crate) fn file(&self) -> PathBuf {
        self.path.join("database")
    }

    /// Removes the directory with everything in it. Not done on drop: a forked child drops it too.
    pub(crate) fn remove(&self) {
        // What cannot be removed now is removed by the next sweep.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Removes the directories whose owner is gone. Those of other users stay: it is their sweep that removes them.
///
/// The folder is open to every local user, who may put anything there under a name like ours: only a directory of this
/// user is entered, and what is opened neither waits (a FIFO) nor leads elsewhere (a link).
fn sweep(base: &Path) {
    let Ok(entries) = std::fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        if !entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata)) {
            continue;
        }
        let Ok(lock) = open_lock(&path.join(LOCK)) else {
            continue;
        };
        if lock.try_lock().is_ok() {
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

#[cfg(unix)]
fn is_own(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &std::fs::Metadata) -> bool {
    true
}

/// Opens a lock file that is a file.
fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags as i32);
    }
    let lock = options.open(path)?;
    let metadata = lock.metadata()?;
    if metadata.is_file() && is_own(&metadata) { Ok(lock) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_directory_is_swept_and_an_owned_one_is_not() {
        let base = tempfile::tempdir().unwrap();
        let owned = MemoryDirectory::create_in(base.path()).unwrap();
        let abandoned = MemoryDirectory::create_in(base.path()).unwrap();
        let left = abandoned.path.clone();
        std::fs::write(abandoned.file(), b"rows").unwrap();
        drop(abandoned);
        assert!(left.exists(), "dropping does not remove");
        let other = base.path().join("reprieve-memory-without-lock");
        std::fs::create_dir(&other).unwrap();

        let next = MemoryDirectory::create_in(base.path()).unwrap();
        assert!(!left.exists());
        assert!(owned.path.exists() && next.path.exists() && other.exists());
        owned.remove();
        assert!(!owned.path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_others_put_beside_it_neither_blocks_nor_is_touched() {
        use rustix::fs::{CWD, FileType, Mode};
        let base = tempfile::tempdir().unwrap();
        let fifo = |path: &Path| rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0);
        let with_fifo = base.path().join("reprieve-memory-fifo");
        std::fs::create_dir(&with_fifo).unwrap();
        fifo(&with_fifo.join(LOCK)).unwrap();
        fifo(&base.path().join("reprieve-memory-is-a-fifo")).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join(LOCK), b"").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), base.path().join("reprieve-memory-link")).unwrap();
        let with_link = base.path().join("reprieve-memory-with-link");
        std::fs::create_dir(&with_link).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join(LOCK), with_link.join(LOCK)).unwrap();

        let made = MemoryDirectory::create_in(base.path()).unwrap();
        assert!(made.path.exists());
        assert!(with_fifo.join(LOCK).symlink_metadata().is_ok());
        assert!(with_link.exists());
        assert!(elsewhere.path().join(LOCK).exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_look_into_it() {
        use std::os::unix::fs::PermissionsExt;
        let base = tempfile::tempdir().unwrap();
        let directory = MemoryDirectory::create_in(base.path()).unwrap();
        assert_eq!(directory.path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
