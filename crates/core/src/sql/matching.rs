//! Matching of text: literal, and with the same rule for case on every database.
//!
//! LIKE is not used: its pattern would need escapes, and whether it looks at case differs by database and setting.

use super::writer::Writer;
use super::{CONTAINS_FUNCTION, Dialect, FOLD_COLLATION, FOLD_FUNCTION, STARTS_FUNCTION, fold};
use crate::error::Result;
use crate::query::{Expr, TextMatch};
use crate::value::Value;

/// A way to write a match. Each has one text; which one is taken depends on more than the kind of match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// Every text contains, starts and ends with the empty one: `x IS NOT NULL`.
    NotNull,
    /// `x = ?`.
    Equal,
    /// `reprieve_contains(x, ?)`, `strpos(x, ?) > 0`.
    Contains,
    /// `reprieve_starts(x, ?)`, `starts_with(x, ?)`.
    Prefix,
    /// `(x >= ? AND x < ?)`: all texts with a prefix lie in one range, which an index finds.
    Range,
    /// The last bytes are those of the pattern. Bytes, because SQLite's `length` and `substr` end at a NUL.
    Suffix,
    /// `right(x, ?) = ?`: the last characters are those of the pattern.
    Right,
}

impl Matching {
    /// How to write a match, and what it binds.
    pub(crate) fn of(
        text: &Expr,
        how: TextMatch,
        pattern: &str,
        ignore_case: bool,
        dialect: Dialect,
        binds: &mut Vec<Value>,
    ) -> Self {
        let folded =
            |pattern: &str| Value::from(if ignore_case { fold(pattern) } else { pattern.into() }.as_ref());
        match how {
            TextMatch::Exactly => {
                binds.push(folded(pattern));
                Self::Equal
            }
            _ if pattern.is_empty() => Self::NotNull,
            TextMatch::Contains => {
                binds.push(folded(pattern));
                Self::Contains
            }
            TextMatch::StartsWith => {
                if let (Expr::Column { .. }, false, Some(end)) = (text, ignore_case, after(pattern)) {
                    binds.extend([pattern.into(), end.into()]);
                    return Self::Range;
                }
                binds.push(folded(pattern));
                Self::Prefix
            }
            TextMatch::EndsWith => {
                let Value::Text(pattern) = folded(pattern) else { return Self::NotNull };
                if dialect == Dialect::Postgres {
                    // A text in memory has fewer characters than i64::MAX.
                    binds.extend([Value::Int(pattern.chars().count() as i64), Value::Text(pattern)]);
                    return Self::Right;
                }
                let bytes = pattern.into_bytes();
                // A text in memory is shorter than i64::MAX bytes.
                binds.extend([Value::Int(-(bytes.len() as i64)), Value::Bytes(bytes)]);
                Self::Suffix
            }
        }
    }
}

/// The first text after all that start with this one, in the order of code points, which is the order of bytes.
fn after(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

impl<'a> Writer<'a> {
    pub(super) fn matches(
        &mut self,
        text: &'a Expr,
        how: TextMatch,
        pattern: &str,
        ignore_case: bool,
    ) -> Result<()> {
        let mut values = Vec::with_capacity(2);
        let form = Matching::of(text, how, pattern, ignore_case, self.dialect, &mut values);
        let mut values = values.into_iter();
        let mut bind = |w: &mut Self| w.bind(values.next().unwrap_or(Value::Null));
        match (form, self.dialect) {
            (Matching::NotNull, _) => return self.is_null(text, false),
            (Matching::Equal, _) => {
                self.folded(text, ignore_case)?;
                self.push(" = ");
                bind(self);
            }
            (Matching::Contains | Matching::Prefix, dialect) => {
                self.push(match (dialect, form) {
                    (Dialect::Sqlite, Matching::Prefix) => STARTS_FUNCTION,
                    (Dialect::Sqlite, _) => CONTAINS_FUNCTION,
                    (Dialect::Postgres, Matching::Prefix) => "starts_with",
                    (Dialect::Postgres, _) => "strpos",
                });
                self.push("(");
                self.folded(text, ignore_case)?;
                self.push(", ");
                bind(self);
                self.push(match (dialect, form) {
                    (Dialect::Postgres, Matching::Contains) => ") > 0",
                    _ => ")",
                });
            }
            (Matching::Range, _) => {
                self.push("(");
                self.by_code_points(text)?;
                self.push(" >= ");
                bind(self);
                self.push(" AND ");
                self.by_code_points(text)?;
                self.push(" < ");
                bind(self);
                self.push(")");
            }
            (Matching::Right, _) => {
                self.push("right(");
                self.folded(text, ignore_case)?;
                self.push(", ");
                bind(self);
                self.push(") = ");
                bind(self);
            }
            (Matching::Suffix, _) => {
                self.push("substr(CAST(");
                self.folded(text, ignore_case)?;
                self.push(" AS BLOB), ");
                bind(self);
                self.push(") = ");
                bind(self);
            }
        }
        Ok(())
    }

    fn folded(&mut self, text: &'a Expr, ignore_case: bool) -> Result<()> {
        if !ignore_case {
            return self.text(text);
        }
        match self.dialect {
            Dialect::Sqlite => {
                self.push(FOLD_FUNCTION);
                self.push("(");
                self.expr(text)?;
                self.push(")");
            }
            // `lower` of a collation looks at the neighbours of a sigma.
            Dialect::Postgres => {
                self.push("translate(lower(");
                self.text(text)?;
                self.push(" COLLATE ");
                self.name(FOLD_COLLATION);
                self.push("), 'ς', 'σ')");
            }
        }
        Ok(())
    }

    /// In the order of code points, whatever that of the column is: a table may have been made by somebody else. An
    /// index of a column that has this order serves all the same.
    fn by_code_points(&mut self, text: &'a Expr) -> Result<()> {
        self.text(text)?;
        self.push(match self.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => " COLLATE \"C\"",
        });
        Ok(())
    }

    /// An expression as text, which an enum is not by itself on PostgreSQL.
    fn text(&mut self, expr: &'a Expr) -> Result<()> {
        self.expr(expr)?;
        if self.is_typed() && self.type_of(expr)?.is_none_or(|known| !known.is_text()) {
            self.push("::text");
        }
        Ok(())
    }
}
