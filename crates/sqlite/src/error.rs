//! SQLite's codes become kinds. Only the code decides; the text adds names, and tells a missing table, for which
//! SQLite has no code of its own.

use crate::raw::Failure;
use reprieve_core::error::{Error, Kind};
use rusqlite::ffi;

/// What happened, to which file, and what to do.
#[cold]
pub(crate) fn translate(failure: Failure, place: &str) -> Error {
    let (kind, message) = describe(&failure, place);
    let error = Error::new(kind, message);
    let error = match kind {
        Kind::UniqueViolation | Kind::InvalidValue => at_column(error, &failure.message),
        Kind::MissingTable => match missing_table(&failure.message) {
            Some(table) => error.table(table),
            None => error,
        },
        _ => error,
    };
    match kind {
        // The name of a constraint, or what a trigger says.
        Kind::ConstraintViolation => error.because_unsaid(failure),
        _ => error.because(failure),
    }
}

fn describe(failure: &Failure, place: &str) -> (Kind, String) {
    let said = &failure.message;
    match failure.code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => (
            Kind::UniqueViolation,
            "another row has the same key already: change the value, or update that row".to_owned(),
        ),
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            (Kind::InvalidValue, format!("a value is missing where NULL is not allowed{}", named(said)))
        }
        ffi::SQLITE_CONSTRAINT_DATATYPE => {
            (Kind::InvalidValue, format!("a value is of another type than its column ({said})"))
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => (
            Kind::ConstraintViolation,
            "a foreign key names a row that does not exist, or the row it names would go: write the row it names first, or delete the row that names it first".to_owned(),
        ),
        _ => describe_primary(failure, place),
    }
}

fn describe_primary(failure: &Failure, place: &str) -> (Kind, String) {
    let said = &failure.message;
    match failure.primary() {
        ffi::SQLITE_CONSTRAINT => {
            (Kind::ConstraintViolation, "the database refused the row: check its values".to_owned())
        }
        ffi::SQLITE_MISMATCH | ffi::SQLITE_TOOBIG => {
            (Kind::InvalidValue, format!("a value does not fit its column ({said})"))
        }
        ffi::SQLITE_MISUSE => (Kind::InvalidValue, said.clone()),
        ffi::SQLITE_NOTADB => (
            Kind::Unavailable,
            format!(
                "{place} is not a SQLite database, or it is encrypted: give the address of a database, or of a file that does not exist yet"
            ),
        ),
        ffi::SQLITE_READONLY => (
            Kind::Unavailable,
            format!(
                "{place} cannot be written: the file or its folder is read-only for this process; allow writing to both"
            ),
        ),
        ffi::SQLITE_FULL => (
            Kind::Unavailable,
            format!(
                "there is no space left for {place}: nothing of the statement was kept; free space on its disk and try again"
            ),
        ),
        ffi::SQLITE_CANTOPEN => (
            Kind::Unavailable,
            format!(
                "{place} cannot be opened ({said}): check that its folder exists and that this process may read and write there"
            ),
        ),
        ffi::SQLITE_IOERR => {
            (Kind::Unavailable, format!("reading or writing {place} failed ({said}): check its disk"))
        }
        ffi::SQLITE_PERM | ffi::SQLITE_AUTH => (
            Kind::Unavailable,
            format!("access to {place} was denied ({said}): check the file's permissions"),
        ),
        ffi::SQLITE_CORRUPT => (
            Kind::Unavailable,
            format!("{place} is damaged ({said}): run PRAGMA integrity_check, and restore a backup"),
        ),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
            (Kind::Timeout, format!("{place} is locked by another process"))
        }
        ffi::SQLITE_INTERRUPT => (
            Kind::Interrupted,
            "the statement was interrupted because nobody waited for it any more".to_owned(),
        ),
        ffi::SQLITE_ERROR if missing_table(said).is_some() => (
            Kind::MissingTable,
            format!(
                "the table \"{}\" is not in {place}: create the tables first, with create_tables()",
                missing_table(said).unwrap_or_default()
            ),
        ),
        _ => (Kind::Database, format!("SQLite refused the statement: {said}")),
    }
}

/// ` (users.email)`, of `NOT NULL constraint failed: users.email`.
fn named(said: &str) -> String {
    said.split_once(" constraint failed: ").map_or_else(String::new, |(_, names)| format!(" ({names})"))
}

/// `no such table: main.posts` names `posts`.
fn missing_table(said: &str) -> Option<&str> {
    let name = said.strip_prefix("no such table: ")?;
    Some(name.strip_prefix("main.").unwrap_or(name))
}

/// `UNIQUE constraint failed: users.email, users.tenant` names the table and its columns. An index over an
/// expression is named instead; then the text stays in the message alone.
fn at_column(error: Error, said: &str) -> Error {
    let Some((_, names)) = said.split_once(" constraint failed: ") else {
        return error;
    };
    let pairs: Option<Vec<(&str, &str)>> = names.split(", ").map(|name| name.split_once('.')).collect();
    match pairs.as_deref() {
        Some(pairs @ [(table, _), ..]) => error.table(*table).fields(pairs.iter().map(|(_, column)| *column)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: i32, message: &str) -> Error {
        translate(Failure { code, message: message.to_owned(), errno: 0 }, "/srv/blog.db")
    }

    #[test]
    fn a_violation_names_table_and_columns() {
        let error =
            failed(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: users.tenant, users.email");
        assert_eq!(error.kind(), Kind::UniqueViolation);
        assert_eq!(error.context().fields, ["tenant", "email"]);
        assert_eq!(error.context().table.as_deref(), Some("users"));
        let error = failed(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: index 'uq_users'");
        assert_eq!(error.context().fields.len(), 0);
    }

    #[test]
    fn the_kind_follows_the_code_not_the_text() {
        assert_eq!(failed(ffi::SQLITE_ERROR, "UNIQUE constraint failed: a.b").kind(), Kind::Database);
        assert_eq!(
            failed(ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: x").kind(),
            Kind::ConstraintViolation
        );
        assert_eq!(failed(ffi::SQLITE_IOERR_WRITE, "disk I/O error").kind(), Kind::Unavailable);
        assert_eq!(failed(ffi::SQLITE_BUSY_SNAPSHOT, "database is locked").kind(), Kind::Timeout);
    }

    #[test]
    fn a_missing_table_is_named_without_its_database() {
        let error = failed(ffi::SQLITE_ERROR, "no such table: main.posts");
        assert_eq!(error.kind(), Kind::MissingTable);
        assert_eq!(error.context().table.as_deref(), Some("posts"));
        assert!(error.to_string().contains("create_tables()"), "{error}");
    }
}
