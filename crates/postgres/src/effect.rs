//! What a statement leaves behind, as far as its text tells.

use reprieve_core::sql::Compiled;

/// What a statement leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it can be taken back by starting its transaction again.
    Nothing,
    /// It changes no row, and yet must not be undone unnoticed: it locks rows, or calls what its author wrote.
    Unknown,
    /// It changes rows.
    Writes,
}

impl Effect {
    /// What this statement leaves behind. Statements of the engine say what they do; those of a user may call functions.
    pub(crate) fn of(statement: &Compiled) -> Self {
        let sql = statement.sql.trim_start();
        if !reads(sql) {
            Self::Writes
        } else if statement.cached && sql.starts_with("SELECT ") && !locks(sql) {
            Self::Nothing
        } else {
            Self::Unknown
        }
    }
}

fn reads(sql: &str) -> bool {
    let end = sql.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(sql.len());
    match sql[..end].to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" | "SHOW" => true,
        "WITH" | "EXPLAIN" => {
            let upper = sql.to_ascii_uppercase();
            !["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|word| upper.contains(word))
        }
        _ => false,
    }
}

fn locks(sql: &str) -> bool {
    [" FOR UPDATE", " FOR NO KEY", " FOR SHARE", " FOR KEY SHARE", "advisory"].iter().any(|s| sql.contains(s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::query::Reach;

    #[test]
    fn a_lock_and_a_function_are_kept() {
        let of = |sql: &str| Effect::of(&Compiled::new(sql, Reach::Row));
        assert_eq!(of("SELECT \"id\" FROM \"posts\""), Effect::Nothing);
        assert_eq!(of("SELECT count(*) FROM (SELECT 1 FROM a FOR KEY SHARE OF t0) AS l"), Effect::Unknown);
        assert_eq!(of("SELECT pg_advisory_xact_lock($1)"), Effect::Unknown);
        assert_eq!(of("INSERT INTO a VALUES (1) RETURNING 1"), Effect::Writes);
        assert_eq!(of(" with a as (delete from b returning 1) select 1"), Effect::Writes);
        assert_eq!(Effect::of(&Compiled::once("SELECT f()", Reach::Row)), Effect::Unknown);
    }
}
