//! What a user's statement does with the transaction that it finds, as far as its words tell.

use super::Dialect;

/// What a statement does with the transaction that it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawKind {
    /// It reads, as far as its own words go: a function that it calls may write, where the database has such functions.
    Read,
    /// It cannot run in a transaction, or would mean nothing there: it opens none.
    Alone,
    /// It may write.
    Write,
    /// It begins or ends transactions, which is the session's to do.
    Control,
}

/// What a statement of these words, in upper case, does. A word in a column's name makes it a write too many, which costs
/// a transaction and nothing else.
pub(super) fn of(words: &[String], dialect: Dialect) -> RawKind {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let own = match dialect {
        Dialect::Sqlite => sqlite(&words),
        Dialect::Postgres => postgres(&words),
    };
    own.unwrap_or(match words.first().copied().unwrap_or_default() {
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => RawKind::Control,
        "SELECT" | "VALUES" | "EXPLAIN" | "SHOW" => RawKind::Read,
        "PRAGMA" | "VACUUM" | "ATTACH" | "DETACH" => RawKind::Alone,
        "WITH" if !writes(&words) => RawKind::Read,
        _ => RawKind::Write,
    })
}

fn writes(words: &[&str]) -> bool {
    words.iter().any(|word| matches!(*word, "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "MERGE"))
}

/// What is SQLite's own. A PRAGMA is carried out while its EXPLAIN is prepared.
fn sqlite(words: &[&str]) -> Option<RawKind> {
    matches!(*words, ["EXPLAIN", "PRAGMA", ..] | ["EXPLAIN", "QUERY", "PLAN", "PRAGMA", ..])
        .then_some(RawKind::Write)
}

/// What is PostgreSQL's own.
fn postgres(words: &[&str]) -> Option<RawKind> {
    let has = |wanted: &str| words.contains(&wanted);
    Some(match *words {
        ["ABORT", ..] | ["PREPARE", "TRANSACTION", ..] => RawKind::Control,
        // A lock is gone at once without a transaction; SELECT INTO makes a table.
        ["SELECT" | "VALUES" | "WITH" | "TABLE", ..] if locks(words) || has("INTO") => RawKind::Write,
        ["TABLE", ..] => RawKind::Read,
        // It runs what it explains.
        ["EXPLAIN", ..] if has("ANALYZE") && writes(words) => RawKind::Write,
        // What cannot run in a transaction.
        ["CREATE" | "DROP" | "REINDEX" | "ALTER", ..] if has("CONCURRENTLY") => RawKind::Alone,
        ["CREATE" | "DROP", "DATABASE" | "TABLESPACE", ..] | ["ALTER", "SYSTEM", ..] => RawKind::Alone,
        _ => return None,
    })
}

/// Whether it says `FOR UPDATE`, `FOR NO KEY UPDATE`, `FOR SHARE` or `FOR KEY SHARE`.
fn locks(words: &[&str]) -> bool {
    words.windows(2).any(|two| matches!(two, ["FOR", "UPDATE" | "NO" | "SHARE" | "KEY"]))
}

#[cfg(test)]
mod tests {
    use super::super::Raw;
    use super::*;

    #[test]
    fn the_first_word_tells_what_it_does() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let kind = |sql| Raw::parse(sql, dialect).kind;
            assert_eq!(kind(" -- update\n select 1"), RawKind::Read);
            assert_eq!(kind("WITH a AS (SELECT 1) SELECT * FROM a"), RawKind::Read);
            assert_eq!(kind("WITH a AS (SELECT 1) DELETE FROM t"), RawKind::Write);
            assert_eq!(kind("INSERT INTO t VALUES (1)"), RawKind::Write);
            assert_eq!(kind("begin"), RawKind::Control);
            assert_eq!(kind(""), RawKind::Write);
        }
    }

    #[test]
    fn to_explain_a_pragma_of_sqlite_is_to_run_it() {
        let kind = |sql| Raw::parse(sql, Dialect::Sqlite).kind;
        assert_eq!(kind("EXPLAIN PRAGMA foreign_keys = OFF"), RawKind::Write);
        assert_eq!(kind("explain query plan -- it\n pragma foreign_keys(0)"), RawKind::Write);
        assert_eq!(kind("EXPLAIN QUERY PLAN DELETE FROM t"), RawKind::Read);
    }

    #[test]
    fn postgres_can_lock_explain_and_build_beside_transactions() {
        let kind = |sql| Raw::parse(sql, Dialect::Postgres).kind;
        assert_eq!(kind("SELECT * FROM t FOR UPDATE SKIP LOCKED"), RawKind::Write);
        assert_eq!(kind("SELECT * FROM t FOR NO KEY UPDATE"), RawKind::Write);
        assert_eq!(kind("SELECT substring(a FOR 3), 'for update' FROM t"), RawKind::Read);
        assert_eq!(kind("SELECT * INTO copy FROM t"), RawKind::Write);
        assert_eq!(kind("EXPLAIN DELETE FROM t"), RawKind::Read);
        assert_eq!(kind("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t"), RawKind::Write);
        assert_eq!(kind("CREATE INDEX CONCURRENTLY i ON t (a)"), RawKind::Alone);
        assert_eq!(kind("CREATE INDEX i ON t (a)"), RawKind::Write);
        assert_eq!(kind("drop database d"), RawKind::Alone);
        assert_eq!(kind("ABORT"), RawKind::Control);
        assert_eq!(kind("PREPARE TRANSACTION 'a'"), RawKind::Control);
    }
}
