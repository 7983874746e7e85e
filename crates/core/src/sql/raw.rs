//! A user's own SQL: which values it takes, and what it does, as far as its text tells.
//!
//! Values are named `:name`, whatever the database. What looks like a name inside a literal, a quoted identifier, a
//! comment or after another colon (`::int`) is none.

use super::Compiled;
use crate::query::Reach;

/// What a statement does with the transaction that it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawKind {
    /// It reads, or cannot run in a transaction: it opens none.
    Read,
    /// It may write.
    Write,
    /// It begins or ends transactions, which is the session's to do.
    Control,
}

/// A user's statement.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The statement, ready to be run with a value for each of `names`, in that order.
    pub statement: Compiled,
    /// The names of its values, each once, in the order in which they first appear.
    pub names: Vec<String>,
    /// What it does.
    pub kind: RawKind,
}

impl Raw {
    /// Reads the text of a statement.
    pub fn parse(sql: &str) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut rest = sql;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\'' | '"' | '`' => quoted(rest, first),
                '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                ':' if rest.starts_with("::") => 2,
                ':' => {
                    let name = word(&rest[1..]);
                    if !name.is_empty() && !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                    1 + name.len()
                }
                first if is_part(first) => {
                    let word = word(rest);
                    words.push(word.to_ascii_uppercase());
                    word.len()
                }
                first => first.len_utf8(),
            };
            rest = &rest[length..];
        }
        Self { statement: Compiled::once(sql, Reach::Set), names, kind: kind(&words) }
    }
}

/// How long a quoted part is; a quote in it is written twice.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find(quote) {
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]
}

fn kind(words: &[String]) -> RawKind {
    let writes =
        |word: &String| matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "MERGE");
    match words.first().map_or("", String::as_str) {
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => RawKind::Control,
        "SELECT" | "VALUES" | "EXPLAIN" | "PRAGMA" | "SHOW" | "VACUUM" | "ATTACH" | "DETACH" => RawKind::Read,
        // A word in a column's name makes it a write too many, which costs a transaction and nothing else.
        "WITH" if !words.iter().any(writes) => RawKind::Read,
        _ => RawKind::Write,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        Raw::parse(sql).names
    }

    #[test]
    fn each_name_counts_once_where_it_first_appears() {
        assert_eq!(names("SELECT :b, :a, :b, :größe_1"), ["b", "a", "größe_1"]);
    }

    #[test]
    fn what_is_quoted_or_commented_is_no_name() {
        assert_eq!(
            names("SELECT ':a', 'it''s :b', \":c\", `:d`, [:e] -- :f\n, :g /* :h */, x::int, '"),
            ["g"]
        );
    }

    #[test]
    fn a_colon_without_a_name_is_none() {
        assert_eq!(names("SELECT : , 'é' || :é :"), ["é"]);
    }

    #[test]
    fn the_first_word_tells_what_it_does() {
        let kind = |sql| Raw::parse(sql).kind;
        assert_eq!(kind(" -- update\n select 1"), RawKind::Read);
        assert_eq!(kind("WITH a AS (SELECT 1) SELECT * FROM a"), RawKind::Read);
        assert_eq!(kind("WITH a AS (SELECT 1) DELETE FROM t"), RawKind::Write);
        assert_eq!(kind("INSERT INTO t VALUES (1)"), RawKind::Write);
        assert_eq!(kind("begin"), RawKind::Control);
        assert_eq!(kind(""), RawKind::Write);
    }
}
