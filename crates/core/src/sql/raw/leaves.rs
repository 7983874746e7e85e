//! What a user's statement may leave on its connection beyond its transaction, as far as its words tell.

use super::Dialect;

/// What a statement may leave on its connection beyond its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// Nothing.
    Nothing,
    /// What the driver takes back: settings, a role, temporary tables, locks of the session.
    Session,
    /// What ends with the connection only.
    Connection,
}

/// What a statement of these words, in upper case, may leave.
pub(super) fn of(words: &[String], dialect: Dialect) -> Leaves {
    let words = match dialect {
        Dialect::Sqlite => explained(words),
        Dialect::Postgres => words,
    };
    let first = words.first().map_or("", String::as_str);
    match (dialect, first) {
        (Dialect::Postgres, "PREPARE" | "LOAD") => Leaves::Connection,
        // A function may do anything, and any statement may call one.
        (Dialect::Postgres, _) => Leaves::Session,
        (Dialect::Sqlite, "SELECT" | "VALUES" | "WITH" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE") => {
            Leaves::Nothing
        }
        (Dialect::Sqlite, _) => Leaves::Connection,
    }
}

/// The words of what an EXPLAIN of SQLite's explains: a PRAGMA is carried out while it is prepared.
fn explained(words: &[String]) -> &[String] {
    let is = |at: usize, wanted: &str| words.get(at).is_some_and(|word| word == wanted);
    match (is(0, "EXPLAIN"), is(1, "QUERY") && is(2, "PLAN")) {
        (false, _) => words,
        (true, false) => &words[1..],
        (true, true) => &words[3..],
    }
}

#[cfg(test)]
mod tests {
    use super::super::Raw;
    use super::*;

    #[test]
    fn what_a_statement_leaves_differs_between_databases() {
        let leaves = |sql, dialect| Raw::parse(sql, dialect).leaves;
        for (sql, sqlite, postgres) in [
            ("SELECT f()", Leaves::Nothing, Leaves::Session),
            ("-- a\nupdate t SET a = 1", Leaves::Nothing, Leaves::Session),
            ("PRAGMA foreign_keys = OFF", Leaves::Connection, Leaves::Session),
            ("CREATE TEMP TABLE t (a)", Leaves::Connection, Leaves::Session),
            ("EXPLAIN PRAGMA foreign_keys = OFF", Leaves::Connection, Leaves::Session),
            ("explain query /* */ plan pragma foreign_keys(0)", Leaves::Connection, Leaves::Session),
            ("EXPLAIN ATTACH ':memory:' AS a", Leaves::Connection, Leaves::Session),
            ("EXPLAIN QUERY PLAN SELECT 1", Leaves::Nothing, Leaves::Session),
            ("EXPLAIN DELETE FROM t", Leaves::Nothing, Leaves::Session),
            ("PREPARE p AS SELECT 1", Leaves::Connection, Leaves::Connection),
        ] {
            assert_eq!(
                (leaves(sql, Dialect::Sqlite), leaves(sql, Dialect::Postgres)),
                (sqlite, postgres),
                "{sql}"
            );
        }
    }
}
