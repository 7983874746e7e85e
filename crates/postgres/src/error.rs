//! The server's codes become kinds. Only the SQLSTATE decides: messages are in the language of the server, and those about
//! values repeat the values, which belong in no message and no log.

use crate::auth::Refused;
use crate::bind::Unfit;
use crate::link::Ending;
use crate::options::{Host, PostgresOptions};
use reprieve_core::error::{Error, Kind};
use std::fmt;
use tokio_postgres::error::{DbError, ErrorPosition, Severity};

/// What the server said, without values. What the system said has no code.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    code: String,
    message: String,
}

impl Said {
    /// Why a connection ended.
    pub(crate) fn of(error: &tokio_postgres::Error) -> Self {
        Self {
            code: error.code().map_or_else(String::new, |code| code.code().to_owned()),
            message: words(error),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code.as_str() {
            "" => f.write_str(&self.message),
            code => write!(f, "SQLSTATE {code}: {}", self.message),
        }
    }
}

impl std::error::Error for Said {}

/// The words of an error, for a person: the server's, or the system's.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => error.message().to_owned(),
        None => match std::error::Error::source(error) {
            Some(source) => source.to_string(),
            None => error.to_string(),
        },
    }
}

/// Whether the connection is of no use after this error.
pub(crate) fn is_fatal(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        Some(error) => {
            matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
                || lost(error.code().code())
        }
        None => !is_unfit(error),
    }
}

/// Whether the other side is known to have gone.
pub(crate) fn is_final(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.as_db_error().is_some() && is_fatal(error)
}

/// Whether the value did not fit, and nothing was sent.
fn is_unfit(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<Unfit>())
}

/// Whether the statement was prepared for tables, types or a connection that are not there any more: prepared anew, it may
/// well run.
pub(crate) fn is_stale(error: &tokio_postgres::Error) -> bool {
    let code = error.code().map_or("", |code| code.code());
    // A result of another type; no such prepared statement, or another one of its name; a type that is gone.
    matches!(code, "0A000" | "26000" | "42P05" | "42704" | "XX000")
}

/// What happened to a statement, and what to do.
#[cold]
pub(crate) fn translate(error: tokio_postgres::Error, sql: &str, ending: &Ending) -> Error {
    if is_fatal(&error) {
        return disconnected(&error, ending);
    }
    match error.as_db_error() {
        Some(error) => of_server(error, sql),
        None => Error::new(Kind::InvalidValue, words(&error)),
    }
}

/// What happened to a statement that may have been done although nobody was told.
#[cold]
pub(crate) fn in_doubt(error: tokio_postgres::Error, sql: &str, ending: &Ending) -> Error {
    if is_fatal(&error) {
        // The end of a connection, whatever its reason, says nothing of a commit that the server may have made before.
        let why = error.as_db_error().map(said).or_else(|| ending.why()).unwrap_or_else(|| Said::of(&error));
        let message = format!(
            "the connection to the database was lost ({}). Whether it was done is not known: look before you run it again",
            why.message
        );
        return Error::new(Kind::Disconnected, message).because(why).in_doubt();
    }
    let error = translate(error, sql, ending);
    if error.is_retryable() {
        // The server has rolled it back.
        return error;
    }
    let message = format!("{error}. Whether it was done is not known: look before you run it again");
    error.message(message).in_doubt()
}

/// The connection is gone, and said why.
fn disconnected(error: &tokio_postgres::Error, ending: &Ending) -> Error {
    match error.as_db_error() {
        Some(db) => gone(Some(said(db))),
        None => gone(Some(ending.why().unwrap_or_else(|| Said::of(error)))),
    }
}

/// The connection is gone. What was open on it is rolled back by the server.
#[cold]
pub(crate) fn gone(why: Option<Said>) -> Error {
    let Some(why) = why else {
        return Error::new(Kind::Disconnected, "the connection to the database was lost");
    };
    let message = &why.message;
    let error = match in_the_way(&why.code) {
        // A standby ends connections that keep it from applying what its primary did.
        true => Error::new(
            Kind::Serialization,
            format!(
                "the server ended the connection because its transaction was in the way ({message}): nothing of it is \
                 left, run it again from its beginning"
            ),
        ),
        false => {
            Error::new(Kind::Disconnected, format!("the connection to the database was lost ({message})"))
        }
    };
    if why.code.is_empty() { error } else { error.because(why) }
}

/// Whether the server rolled a transaction back for the sake of others: it can be run again.
///
/// Source: PostgreSQL's manual, "Serialization Failure Handling" and "Handling Query Conflicts".
fn in_the_way(code: &str) -> bool {
    matches!(code, "40001" | "40P01" | "40000")
}

fn said(error: &DbError) -> Said {
    Said { code: error.code().code().to_owned(), message: error.message().to_owned() }
}

fn lost(code: &str) -> bool {
    // The protocol is also said to be violated by a wrong number of values.
    code.starts_with("08") && code != "08P01"
        || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04")
}

fn of_server(error: &DbError, sql: &str) -> Error {
    let code = error.code().code();
    let (kind, message) = describe(error);
    let result = Error::new(kind, message);
    // What is said of values stays with the server.
    let result = match &code[..2] {
        "22" => result.because(Said { code: code.to_owned(), message: condition(code).to_owned() }),
        "23" | "P0" => result.because_unsaid(said(error)),
        _ => result.because(said(error)),
    };
    match code {
        "42P01" => match missing_table(error, sql) {
            Some(table) => result.message(no_table(&table)).table(table),
            None => result,
        },
        "23502" => match (error.table(), error.column()) {
            (Some(table), Some(column)) => result.table(table).field(column),
            _ => result,
        },
        "23505" | "23514" | "23503" | "23P01" => match error.table() {
            Some(table) => result.table(table),
            None => result,
        },
        _ => result,
    }
}

fn describe(error: &DbError) -> (Kind, String) {
    let said = error.message();
    let code = error.code().code();
    match code {
        _ if in_the_way(code) => (
            Kind::Serialization,
            format!("another transaction was in the way ({said}): nothing of this one is left, run it again from its beginning"),
        ),
        "23505" => (
            Kind::UniqueViolation,
            "another row has the same key already: change the value, or update that row".to_owned(),
        ),
        "23502" => (
            Kind::InvalidValue,
            format!(
                "a value is missing where NULL is not allowed ({}.{})",
                error.table().unwrap_or("?"),
                error.column().unwrap_or("?")
            ),
        ),
        "23503" => (
            Kind::ConstraintViolation,
            "a foreign key names a row that does not exist, or the row it names would go: write the row it names first, or delete the row that names it first".to_owned(),
        ),
        "23001" | "23514" | "23P01" | "23000" => {
            (Kind::ConstraintViolation, "the database refused the row: check its values".to_owned())
        }
        "42P01" => (Kind::MissingTable, format!("{said}: create the tables first, with create_tables()")),
        "55P03" => (Kind::Timeout, "another transaction holds a lock that the statement needs: try again, or raise lock_timeout".to_owned()),
        "57014" => (
            Kind::Timeout,
            "the statement was stopped: it ran longer than statement_timeout allows, or an administrator cancelled it".to_owned(),
        ),
        "53300" => (Kind::Unavailable, format!("the server takes no more connections ({said}): make pools smaller, or raise max_connections")),
        "53100" => (Kind::Unavailable, format!("the server's disk is full ({said}): free space there and try again")),
        "25006" => (
            Kind::Unavailable,
            "the server only reads (a standby, or default_transaction_read_only): connect to the primary, for instance with target_session_attrs=read-write".to_owned(),
        ),
        "42501" => (Kind::Unavailable, format!("the user may not do this ({said}): grant it, or connect as another user")),
        _ => match &code[..2] {
            "22" => (Kind::InvalidValue, format!("a value does not fit ({}, SQLSTATE {code}): check the values of the statement", condition(code))),
            "23" => (Kind::ConstraintViolation, "the database refused the row: check its values".to_owned()),
            // Its author's words may repeat what rows hold.
            "P0" => (Kind::Database, format!("a function or trigger of the database refused the statement (SQLSTATE {code})")),
            "53" | "58" => (Kind::Unavailable, format!("the server lacks what it needs ({said}, SQLSTATE {code})")),
            _ => (Kind::Database, format!("PostgreSQL refused the statement (SQLSTATE {code}): {said}")),
        },
    }
}

/// What the code of an invalid value means.
fn condition(code: &str) -> &'static str {
    match code {
        "22001" => "a text is too long for its column",
        "22003" => "a number is out of range",
        "22004" => "NULL is not allowed",
        "22007" | "22008" => "a date or time is none, or out of range",
        "22012" => "division by zero",
        "22021" => "a character does not exist in the encoding of the database",
        "22P02" | "22P03" => "a value is none of the expected type",
        "22P05" => "a character cannot be stored, such as \\u0000 in JSON",
        "22026" => "bits of the wrong length",
        "22030" | "22032" => "invalid JSON",
        _ => "invalid value",
    }
}

fn no_table(table: &str) -> String {
    format!("the table \"{table}\" is not in the database: create the tables first, with create_tables()")
}

/// The name at the place in the statement that the server points to. Its message would tell too, in the server's language.
fn missing_table(error: &DbError, sql: &str) -> Option<String> {
    let Some(ErrorPosition::Original(position)) = error.position() else { return None };
    let at = sql.char_indices().nth((*position as usize).checked_sub(1)?)?.0;
    let mut rest = &sql[at..];
    loop {
        let (name, after) = identifier(rest)?;
        match after.strip_prefix('.') {
            // A schema stands before the name.
            Some(more) => rest = more,
            None => return Some(name),
        }
    }
}

fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_lowercase(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

/// Why a connection was not opened.
#[cold]
pub(crate) fn refused(error: tokio_postgres::Error, options: &PostgresOptions, host: &Host) -> Error {
    let (user, database) = (&options.user, &options.database);
    let said = words(&error);
    let code = error.code().map_or("", |code| code.code());
    let advice = match code {
        "28P01" => format!(
            "the password of user \"{user}\" is wrong: check it in the address, PGPASSWORD or ~/.pgpass"
        ),
        _ if code.starts_with("28") => {
            format!("user \"{user}\" may not connect ({said}): check the user and the server's pg_hba.conf")
        }
        "3D000" => {
            format!("there is no database \"{database}\": create it with createdb, or correct the address")
        }
        "53300" => {
            format!("it takes no more connections ({said}): make pools smaller, or raise max_connections")
        }
        "57P03" => format!("it is starting up or shutting down ({said}): try again in a moment"),
        "" if source_of::<Refused>(&error).is_some() => said.clone(),
        "" if said == "password missing" => {
            format!(
                "it asks for a password of user \"{user}\": give it in the address, PGPASSWORD or ~/.pgpass"
            )
        }
        "" if said == "server does not support TLS" => {
            "it does not encrypt: switch ssl on there, or ask for less with sslmode=prefer".to_owned()
        }
        "" if source_of::<tokio_rustls::rustls::Error>(&error).is_some() => {
            format!(
                "its certificate does not convince ({said}): check sslrootcert, the host's name and sslmode"
            )
        }
        _ => format!("{said}: check the address and the server"),
    };
    let ignored = match (&options.passfile, code) {
        (Some(why), "" | "28P01") => format!(". {why}"),
        _ => String::new(),
    };
    let message = format!("the server at {host} did not let the connection in: {advice}{ignored}");
    Error::new(Kind::Unavailable, message).because(Said { code: code.to_owned(), message: said })
}

/// The error of this type that a stream failed with.
fn source_of<E: std::error::Error + 'static>(error: &tokio_postgres::Error) -> Option<&E> {
    use std::error::Error as _;
    let mut source = error.source();
    while let Some(error) = source {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref::<E>()) {
            return Some(found);
        }
        source = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_the_server_reads_them() {
        assert_eq!(identifier("\"a\"\"b\" x").unwrap(), ("a\"b".to_owned(), " x"));
        assert_eq!(identifier("Posts)").unwrap().0, "posts");
        assert_eq!(identifier(" a"), None);
    }
}
