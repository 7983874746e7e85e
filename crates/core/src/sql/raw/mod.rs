//! A user's own SQL: which values it takes, and what it does, as far as its text tells.
//!
//! Values are named `:name`, whatever the database. What looks like a name inside a literal, a quoted identifier, a
//! comment or after another colon (`::int`) is none.

mod kind;
mod leaves;
mod pieces;

use super::{Compiled, Dialect};
use crate::query::Reach;
use pieces::{Piece, Pieces};
use std::time::Duration;

pub use kind::RawKind;
pub use leaves::Leaves;

/// A user's statement.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The statement, ready to be run with a value for each of `names`, in that order.
    pub statement: Compiled,
    /// The names of its values, each once, in the order in which they first appear.
    pub names: Vec<String>,
    /// What it does.
    pub kind: RawKind,
    /// What it may leave on its connection.
    pub leaves: Leaves,
    /// Its author says that it only reads, functions that it calls included.
    pub read_only: bool,
    /// How long it may take (`Some(None)`: any time), when that is not what its session says.
    pub command_timeout: Option<Option<Duration>>,
}

impl Raw {
    /// Reads the text of a statement, as this database would.
    pub fn parse(sql: &str, dialect: Dialect) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut text = String::with_capacity(sql.len());
        for piece in Pieces::of(sql, dialect) {
            match piece {
                Piece::Word(word) => {
                    words.push(word.to_ascii_uppercase());
                    text.push_str(word);
                }
                Piece::Other(other) => text.push_str(other),
                Piece::Name(name) => {
                    let number = names.iter().position(|known| known == name).unwrap_or(names.len());
                    if number == names.len() {
                        names.push(name.to_owned());
                    }
                    match dialect {
                        // It numbers names itself, in the same way.
                        Dialect::Sqlite => text.extend([":", name]),
                        Dialect::Postgres => text.push_str(&format!("${}", number + 1)),
                    }
                }
            }
        }
        Self {
            statement: Compiled::once(text, Reach::Set),
            names,
            kind: kind::of(&words, dialect),
            leaves: leaves::of(&words, dialect),
            read_only: false,
            command_timeout: None,
        }
    }

    /// Notes whether its author says that it only reads. Such a statement opens no transaction, and nothing of it is
    /// looked for on its connection.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Gives it a time of its own.
    #[must_use]
    pub fn command_timeout(self, time: Option<Option<Duration>>) -> Self {
        Self { command_timeout: time, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        let raw = Raw::parse(sql, Dialect::Sqlite);
        assert_eq!(&*raw.statement.sql, sql, "SQLite reads names itself");
        raw.names
    }

    /// The text for PostgreSQL, and the names.
    fn numbered(sql: &str) -> (String, Vec<String>) {
        let raw = Raw::parse(sql, Dialect::Postgres);
        (raw.statement.sql.to_string(), raw.names)
    }

    #[test]
    fn each_name_counts_once_where_it_first_appears() {
        assert_eq!(names("SELECT :b, :a, :b, :größe_1"), ["b", "a", "größe_1"]);
        let (sql, names) = numbered("SELECT :b, :a, :b, :größe_1");
        assert_eq!(sql, "SELECT $1, $2, $1, $3");
        assert_eq!(names, ["b", "a", "größe_1"]);
    }

    #[test]
    fn what_is_quoted_or_commented_is_no_name() {
        assert_eq!(
            names("SELECT ':a', 'it''s :b', \":c\", `:d`, [:e] -- :f\n, :g /* :h */, x::int, '"),
            ["g"]
        );
        let sql = "SELECT ':a', 'it''s :b', \":c\" -- :f\n, :g /* :h */, x::int, '";
        assert_eq!(numbered(sql), (sql.replace(":g", "$1"), vec!["g".to_owned()]));
    }

    #[test]
    fn a_colon_without_a_name_is_none() {
        assert_eq!(names("SELECT : , 'é' || :é :"), ["é"]);
        assert_eq!(
            numbered("SELECT list[1:2], f(a := :x) : 'é' :"),
            ("SELECT list[1:2], f(a := $1) : 'é' :".to_owned(), vec!["x".to_owned()])
        );
    }

    #[test]
    fn texts_of_postgres_are_read_as_it_does() {
        for (sql, text, names) in [
            // A backslash means something after an E only.
            (r"E'it\'s :a' || :b", r"E'it\'s :a' || $1", vec!["b"]),
            (r"'\' || :b || '\'", r"'\' || $1 || '\'", vec!["b"]),
            (r"e'\\' || :b", r"e'\\' || $1", vec!["b"]),
            (r"name'\' || :b", r"name'\' || $1", vec!["b"]),
            // Dollars quote, unless they number a value or belong to a word.
            ("$$ :a ' $$ || :b", "$$ :a ' $$ || $1", vec!["b"]),
            ("$é_1$ :a $$ $é_2$ :b $é_1$ || :c", "$é_1$ :a $$ $é_2$ :b $é_1$ || $1", vec!["c"]),
            ("$1 || :a || '$'", "$1 || $1 || '$'", vec!["a"]),
            ("a$b$ || :c || d$b$", "a$b$ || $1 || d$b$", vec!["c"]),
            ("$$ :a", "$$ :a", vec![]),
            // Comments nest.
            ("/* /* :a */ :b */ :c", "/* /* :a */ :b */ $1", vec!["c"]),
            ("/* /* :a */", "/* /* :a */", vec![]),
            // Square brackets and backticks quote nothing.
            ("list[:a] ` :b", "list[$1] ` $2", vec!["a", "b"]),
            ("data ? 'a' AND data @> :b::jsonb", "data ? 'a' AND data @> $1::jsonb", vec!["b"]),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(numbered(sql), (text.to_owned(), names));
        }
        assert_eq!(names("/* /* :a */ :b"), ["b"]);
    }
}
