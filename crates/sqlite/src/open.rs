//! Opening the database's file, and saying what is wrong with it.

use crate::log_watch;
use crate::options::Synchronous;
use crate::raw::{Connection, Control, Failure};
use crate::shared::Shared;
use reprieve_core::error::{Error, Kind, Result};
use rusqlite::ffi;
use std::ffi::CString;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Opens a connection and makes it ready. Blocks.
pub(crate) fn connection(shared: &Shared) -> Result<Connection> {
    look(shared)?;
    let _alone = shared.opening.lock().unwrap_or_else(PoisonError::into_inner);
    let mut connection = plain(shared).map_err(|failure| refine(shared, failure))?;
    use_log(shared, &mut connection).map_err(|failure| refine(shared, failure))?;
    if log_watch::is_needed(shared) {
        // The change of mode makes no log. The next read does, and then it can be watched from the beginning. Where the
        // read fails, the first commit that finds the log remembers it.
        let _ = connection.execute(c"PRAGMA schema_version");
    }
    Ok(connection)
}

/// Opens a connection, without touching the file's contents.
pub(crate) fn plain(shared: &Shared) -> Result<Connection, Failure> {
    let path = CString::new(shared.file.as_os_str().as_encoded_bytes())
        .map_err(|_| Failure::refused(format!("the path '{}' has a NUL character", shared.place)))?;
    let mut connection = Connection::open(&path, Control::new(shared.options.budget))?;
    connection.register_functions()?;
    let synchronous = match (&shared.memory, shared.options.synchronous) {
        (Some(_), _) => c"PRAGMA synchronous=OFF",
        (None, Synchronous::Normal) => c"PRAGMA synchronous=NORMAL",
        (None, Synchronous::Full) => c"PRAGMA synchronous=FULL",
    };
    // Even these may read the file, while another process, the last to close it, has all of it for a moment.
    connection.control().wait_for_locks(shared.options.timeout);
    let result =
        connection.execute(synchronous).and_then(|()| connection.execute(c"PRAGMA temp_store=MEMORY"));
    connection.control().wait_for_locks(Duration::ZERO);
    result.map(|()| connection)
}

/// Turns the file into a WAL database, if it is not one yet; the first read of the file also proves that it is a
/// database. Where it cannot be written it is read as it is.
fn use_log(shared: &Shared, connection: &mut Connection) -> Result<(), Failure> {
    connection.control().wait_for_locks(shared.options.timeout);
    let start = Instant::now();
    let result = loop {
        match connection.execute(c"PRAGMA journal_mode=WAL") {
            // The change of mode does not wait for locks by itself.
            Err(failure) if failure.is_busy() && start.elapsed() < shared.options.timeout => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(failure) if matches!(failure.primary(), ffi::SQLITE_READONLY | ffi::SQLITE_CANTOPEN) => {
                break connection.execute(c"PRAGMA schema_version");
            }
            result => break result,
        }
    };
    connection.control().wait_for_locks(Duration::ZERO);
    result
}

/// What can be said before SQLite is asked.
fn look(shared: &Shared) -> Result<()> {
    let unavailable = |message: String| Err(Error::new(Kind::Unavailable, message));
    if shared.file.is_dir() {
        return unavailable(format!("{} is a folder: give the path of a file in it", shared.place));
    }
    match shared.file.parent() {
        Some(folder) if !folder.exists() => unavailable(format!(
            "{} cannot be made, for the folder {} does not exist: create it first",
            shared.place,
            folder.display()
        )),
        Some(folder) if !folder.is_dir() => {
            unavailable(format!("{} cannot be made: {} is not a folder", shared.place, folder.display()))
        }
        _ => Ok(()),
    }
}

/// Says why a file does not open. The file is not opened to find out: closing it again would drop the locks that another
/// SQLite library in the process has on it.
fn refine(shared: &Shared, failure: Failure) -> Error {
    if failure.primary() == ffi::SQLITE_CANTOPEN && failure.is_permission_denied() {
        let message =
            format!("{} cannot be opened: this process may not read it, check its permissions", shared.place);
        return shared.error(failure).message(message);
    }
    shared.error(failure)
}
