//! Notices that the log was taken away, on systems whose locks do not prevent it.
//!
//! Where locks belong to the process (macOS, the BSDs), another SQLite library in it can take itself for the last user of
//! the file and remove the log under us: what is committed then goes into a file without a name. That cannot be kept from
//! happening there, so a commit looks whether the log is still the one that the connection opened.

use crate::raw;
use crate::shared::Shared;
use reprieve_core::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};

/// The log that a connection opened; `None` where nothing has to be watched.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogWatch(Option<Identity>);

/// The device and the number of a file.
type Identity = (u64, u64);

impl LogWatch {
    /// Remembers the log of a connection that has just read the file.
    pub(crate) fn of(shared: &Shared) -> Self {
        let watched = shared.memory.is_none() && !raw::locks_are_safe();
        Self(watched.then(|| identity(&log_of(&shared.file))).flatten())
    }

    /// Fails when what was just committed went into a log that is gone.
    pub(crate) fn check(&self, shared: &Shared) -> Result<()> {
        match self.0 {
            Some(opened) if identity(&log_of(&shared.file)) != Some(opened) => Err(removed(shared)),
            _ => Ok(()),
        }
    }
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

#[cold]
fn removed(shared: &Shared) -> Error {
    let message = format!(
        "another SQLite library in this process removed the log of {}, and the commit went with it: open the file with one library alone, restart, and check the file with PRAGMA integrity_check",
        shared.place
    );
    Error::new(Kind::Unavailable, message)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_removed_or_replaced_is_another_log() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.db");
        let log = log_of(&file);
        std::fs::write(&log, b"").unwrap();
        let opened = identity(&log);
        assert!(opened.is_some());
        std::fs::write(&log, b"frames").unwrap();
        assert_eq!(identity(&log), opened, "it grew");
        let kept = folder.path().join("kept");
        std::fs::rename(&log, &kept).unwrap();
        assert_eq!(identity(&log), None, "it was removed");
        std::fs::write(&log, b"").unwrap();
        assert_ne!(identity(&log), opened, "it was replaced");
    }
}
