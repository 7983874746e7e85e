//! Notices that the log was taken away, on systems whose locks do not prevent it.
//!
//! Where locks belong to the process (macOS, the BSDs), another SQLite library in it can take itself for the last user of
//! the file and remove the log under us: what is committed then goes into a file without a name. That cannot be kept from
//! happening there, so a commit looks whether the log is still the one that the connection opened.

use crate::raw;
use crate::shared::Shared;
use reprieve_core::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};

/// The log that a connection opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LogWatch {
    /// Nothing has to be watched.
    Safe,
    /// There was no log yet.
    Unknown,
    Opened(Identity),
}

/// The device and the number of a file.
type Identity = (u64, u64);

impl LogWatch {
    /// Remembers the log of a connection that has just read the file.
    pub(crate) fn of(shared: &Shared) -> Self {
        if !is_needed(shared) {
            return Self::Safe;
        }
        Self::found(identity(&log_of(&shared.file)))
    }

    fn found(log: Option<Identity>) -> Self {
        log.map_or(Self::Unknown, Self::Opened)
    }

    /// Fails when what was just committed went into a log that is gone.
    pub(crate) fn check(&mut self, shared: &Shared) -> Result<()> {
        if *self == Self::Safe || self.is_kept(identity(&log_of(&shared.file))) {
            return Ok(());
        }
        Err(removed(shared))
    }

    /// Whether this is the log that the connection opened. The first that is found is, when there was none before.
    fn is_kept(&mut self, now: Option<Identity>) -> bool {
        match self {
            Self::Safe => true,
            Self::Unknown => {
                *self = Self::found(now);
                true
            }
            Self::Opened(opened) => now == Some(*opened),
        }
    }
}

/// Whether the log of this database can be removed under us.
pub(crate) fn is_needed(shared: &Shared) -> bool {
    shared.memory.is_none() && !raw::locks_are_safe()
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
        "another SQLite library in this process removed the log of {}, and the commit is lost with it, unless it was written back just before: open the file with one library alone, restart, check the file with PRAGMA integrity_check, and look which rows are there before any work is repeated",
        shared.place
    );
    // Not of a kind that clients are told to try again.
    Error::new(Kind::Database, message)
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

    #[test]
    fn a_log_that_appears_later_is_watched_from_then_on() {
        let mut watch = LogWatch::found(None);
        assert!(watch.is_kept(None), "still none");
        assert!(watch.is_kept(Some((1, 2))));
        assert_eq!(watch, LogWatch::Opened((1, 2)));
        assert!(watch.is_kept(Some((1, 2))));
        assert!(!watch.is_kept(Some((1, 3))) && !watch.is_kept(None));
    }
}
