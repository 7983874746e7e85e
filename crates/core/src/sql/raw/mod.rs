//! A user's own SQL: which values it takes, and what it does, as far as its text tells.
//!
//! Values are named `:name`, whatever the database. What looks like a name inside a literal, a quoted identifier, a
//! comment or after another colon (`::int`) is none.

mod kind;
mod leaves;
mod lists;
mod operands;
mod pieces;
mod tokens;
mod written;

use super::Dialect;
use lists::list_place;
use pieces::{Piece, Pieces};
use std::collections::HashMap;
use std::time::Duration;

pub use kind::RawKind;
pub use leaves::Leaves;

/// A user's statement.
#[derive(Debug, Clone)]
pub struct Raw {
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
    dialect: Dialect,
    parts: Vec<Part>,
    numbers: HashMap<String, usize>,
    /// Of each name, whether it stands where a list can.
    listed: Vec<bool>,
    /// Of the question marks, which take a single value only.
    single: Vec<usize>,
}

/// A part of a statement. Names are numbered as in [`Raw::names`].
#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Name {
        name: usize,
        /// It takes a single value only: a list is no document there.
        single: bool,
    },
    /// A name that is all there is behind an IN, and the text around it.
    List {
        name: usize,
        negated: bool,
        before: String,
        after: &'static str,
    },
}

impl Raw {
    /// Reads the text of a statement, as this database would.
    pub fn parse(sql: &str, dialect: Dialect) -> Self {
        let pieces: Vec<Piece<'_>> = Pieces::of(sql, dialect).collect();
        let singles = operands::operands(&pieces, dialect);
        let mut raw = Self {
            names: Vec::new(),
            kind: RawKind::Read,
            leaves: Leaves::Nothing,
            read_only: false,
            command_timeout: None,
            dialect,
            parts: Vec::new(),
            numbers: HashMap::new(),
            listed: Vec::new(),
            single: match dialect {
                Dialect::Sqlite => operands::unnamed(&pieces, &singles),
                Dialect::Postgres => Vec::new(),
            },
        };
        let mut words: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            if let Some(list) = list_place(&pieces[at..]) {
                let name = raw.number(list.name);
                raw.listed[name] = true;
                raw.parts.push(Part::List {
                    name,
                    negated: list.negated,
                    before: list.before,
                    after: list.after,
                });
                at += list.pieces;
                continue;
            }
            match piece {
                Piece::Name(name) => {
                    let name = raw.number(name);
                    raw.parts.push(Part::Name { name, single: singles[at] });
                }
                Piece::Word(word) => {
                    words.push(word.to_ascii_uppercase());
                    raw.text(word);
                }
                Piece::Other(other) => raw.text(other),
            }
            at += 1;
        }
        raw.kind = kind::of(&words, dialect);
        raw.leaves = leaves::of(&words, dialect);
        raw
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

    /// Which of the names this is.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// Whether a name stands where a list can: `IN (:ids)`.
    pub fn takes_list(&self, name: usize) -> bool {
        self.listed.get(name).copied().unwrap_or(false)
    }

    fn text(&mut self, more: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(more),
            _ => self.parts.push(Part::Text(more.to_owned())),
        }
    }

    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(name.to_owned());
        self.listed.push(false);
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    /// The text for a database with a value for each name.
    fn text(raw: &Raw) -> String {
        let binds = vec![Value::Int(1); raw.names.len()];
        raw.statement(&binds).unwrap().0.sql.to_string()
    }

    fn names(sql: &str) -> Vec<String> {
        Raw::parse(sql, Dialect::Sqlite).names
    }

    /// The text for PostgreSQL, and the names.
    fn numbered(sql: &str) -> (String, Vec<String>) {
        let raw = Raw::parse(sql, Dialect::Postgres);
        (text(&raw), raw.names)
    }

    #[test]
    fn each_name_counts_once_where_it_first_appears() {
        assert_eq!(names("SELECT :b, :a, :b, :größe_1"), ["b", "a", "größe_1"]);
        let (sql, names) = numbered("SELECT :b, :a, :b, :größe_1");
        assert_eq!(sql, "SELECT $1, $2, $1, $3");
        assert_eq!(names, ["b", "a", "größe_1"]);
    }

    #[test]
    fn sqlite_numbers_values_itself_and_is_told_which_come_again() {
        let raw = Raw::parse("SELECT :b, :a, :b, :größe_1, :a", Dialect::Sqlite);
        assert_eq!(text(&raw), "SELECT ?, ?, ?1, ?, ?2");
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
