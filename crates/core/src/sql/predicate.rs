//! Predicates: what follows WHERE.
//!
//! SQL has three truth values, a [`Predicate`] two: NULL counts as false. At the top of a WHERE that is the same;
//! inside NOT it is not, so that NOT is written in a form that NULL cannot pass through.

use super::writer::Writer;
use super::{Dialect, json_text};
use crate::error::Result;
use crate::query::{Comparison, Expr, Predicate};
use crate::schema::ColumnType;
use crate::value::Value;

impl<'a> Writer<'a> {
    /// A predicate, without parentheses around it.
    pub(super) fn predicate(&mut self, predicate: &'a Predicate) -> Result<()> {
        match predicate {
            Predicate::True => self.push(ALWAYS),
            Predicate::And(list) => return self.junction(list, " AND ", ALWAYS),
            Predicate::Or(list) => return self.junction(list, " OR ", NEVER),
            Predicate::Not(inner) => return self.not(inner),
            Predicate::Compare(left, how, right) => return self.compare(left, *how, right),
            Predicate::In(expr, values) => return self.is_in(expr, values),
            Predicate::InSelect(expr, select) => {
                return self.in_select(expr, select);
            }
            Predicate::Between(expr, low, high) => {
                self.ordered(expr)?;
                self.push(" BETWEEN ");
                self.bind(low.clone());
                self.push(" AND ");
                self.bind(high.clone());
            }
            Predicate::IsNull(expr, null) => return self.is_null(expr, *null),
            Predicate::Exists(select) => {
                self.push("EXISTS ");
                return self.subselect(select);
            }
            Predicate::InJsonList(key, list) => return self.in_json_list(key, list),
            Predicate::Matches { text, how, pattern, ignore_case } => {
                return self.matches(text, *how, pattern, *ignore_case);
            }
        }
        Ok(())
    }

    /// A predicate as part of another: in parentheses where it would mean something else without.
    pub(super) fn operand(&mut self, predicate: &'a Predicate) -> Result<()> {
        match predicate {
            Predicate::And(list) | Predicate::Or(list) if list.len() > 1 => {
                self.push("(");
                self.predicate(predicate)?;
                self.push(")");
                Ok(())
            }
            Predicate::And(list) | Predicate::Or(list) if list.len() == 1 => self.operand(&list[0]),
            _ => self.predicate(predicate),
        }
    }

    fn junction(&mut self, list: &'a [Predicate], word: &str, empty: &str) -> Result<()> {
        match list {
            [] => self.push(empty),
            [one] => return self.predicate(one),
            many => return self.list(word, many, Self::operand),
        }
        Ok(())
    }

    fn not(&mut self, inner: &'a Predicate) -> Result<()> {
        // A plain NOT where it is right: planners know NOT EXISTS.
        let known = never_null(inner);
        self.push(if known { "NOT (" } else { "(" });
        self.predicate(inner)?;
        self.push(match (known, self.dialect) {
            (true, _) => ")",
            // Not `IS NOT TRUE`: a column may be called so.
            (false, Dialect::Sqlite) => ") IS NOT 1",
            (false, Dialect::Postgres) => ") IS NOT TRUE",
        });
        Ok(())
    }

    fn compare(&mut self, left: &'a Expr, how: Comparison, right: &'a Expr) -> Result<()> {
        if let Some((expr, null)) = null_test(left, how, right) {
            return self.is_null(expr, null);
        }
        let sign = match (how, self.dialect) {
            // Finds its rows by an index; the row that IS DISTINCT has no use for one.
            (Comparison::Equal, _) => " = ",
            (Comparison::NotEqual, Dialect::Sqlite) => " IS NOT ",
            (Comparison::NotEqual, Dialect::Postgres) => " IS DISTINCT FROM ",
            (Comparison::Less, _) => " < ",
            (Comparison::LessOrEqual, _) => " <= ",
            (Comparison::Greater, _) => " > ",
            (Comparison::GreaterOrEqual, _) => " >= ",
        };
        if self.is_typed() {
            return match how {
                Comparison::Equal | Comparison::NotEqual => self.sides(left, sign, right),
                _ => self.ordered_sides(left, sign, right),
            };
        }
        self.beside(left, right)?;
        self.push(sign);
        self.beside(right, left)
    }

    /// A side of a comparison on SQLite. What is compared with a column of any type, whose rows are looked through, is given
    /// no affinity: it would be the column's too, and an index of the column could not serve.
    ///
    /// Source: <https://www.sqlite.org/datatype3.html>, section 4.2.
    fn beside(&mut self, expr: &'a Expr, other: &'a Expr) -> Result<()> {
        if let (Expr::Column { source: outer, .. }, Expr::Column { source: inner, .. }) = (expr, other)
            && self.depth(*inner) > self.depth(*outer)
            && self.kind(other)? == ColumnType::Any
        {
            self.push("+");
        }
        self.expr(expr)
    }

    pub(super) fn is_null(&mut self, expr: &'a Expr, null: bool) -> Result<()> {
        self.alone(expr)?;
        self.push(if null { " IS NULL" } else { " IS NOT NULL" });
        Ok(())
    }

    fn in_json_list(&mut self, key: &'a Expr, list: &'a Expr) -> Result<()> {
        self.push(match self.dialect {
            Dialect::Sqlite => "EXISTS (SELECT 1 FROM json_each(",
            Dialect::Postgres => "EXISTS (SELECT 1 FROM jsonb_array_elements_text(",
        });
        self.expr(list)?;
        self.push(match self.dialect {
            Dialect::Sqlite => ") AS reprieve_each WHERE CAST(reprieve_each.value AS TEXT) = ",
            Dialect::Postgres => ") AS reprieve_each(value) WHERE reprieve_each.value = ",
        });
        self.key_text(key)?;
        self.push(")");
        Ok(())
    }

    /// NULL in the list stands for the rows that hold NULL, as it does in `Equal`.
    fn is_in(&mut self, expr: &'a Expr, values: &[Value]) -> Result<()> {
        if let Some(list) = long_list(values, self.dialect) {
            self.expr(expr)?;
            self.push(" IN (SELECT value FROM json_each(");
            self.bind(list);
            self.push("))");
            return Ok(());
        }
        let nulls = values.iter().any(Value::is_null);
        let mut known = values.iter().filter(|v| !v.is_null()).peekable();
        match (known.peek().is_some(), nulls) {
            (false, false) => self.push(NEVER),
            (false, true) => return self.is_null(expr, true),
            (true, _) => {
                self.push(if nulls { "(" } else { "" });
                self.alone(expr)?;
                match self.dialect {
                    Dialect::Sqlite => {
                        self.push(" IN (");
                        self.list(", ", known, |w, value| {
                            w.bind(value.clone());
                            Ok(())
                        })?;
                    }
                    // One value, however long the list: one text, which is prepared once.
                    Dialect::Postgres => {
                        self.push(" = ANY(");
                        self.bind(Value::List(known.cloned().collect()));
                    }
                }
                self.push(")");
                if nulls {
                    self.push(" OR ");
                    self.is_null(expr, true)?;
                    self.push(")");
                }
            }
        }
        Ok(())
    }
}

/// A list that is too long for a bind per value, as one JSON array. It is slower than a short list of binds, and has no
/// limit. Values that JSON cannot tell apart from others stay binds.
pub(crate) fn long_list(values: &[Value], dialect: Dialect) -> Option<Value> {
    const LONG: usize = 10_000;
    match dialect {
        Dialect::Sqlite => {}
        // A list is one value there.
        Dialect::Postgres => return None,
    }
    let plain = |value: &Value| matches!(value, Value::Int(_) | Value::Text(_));
    if values.len() < LONG || !values.iter().all(plain) {
        return None;
    }
    let items: Vec<String> = values.iter().map(json_text).collect();
    Some(Value::Json(format!("[{}]", items.join(","))))
}

/// Constants that no column can be called.
const ALWAYS: &str = "1 = 1";
const NEVER: &str = "1 = 0";

/// Whether the comparison asks for NULL: the expression asked about, and whether it is to be NULL or not.
pub(crate) fn null_test<'a>(left: &'a Expr, how: Comparison, right: &'a Expr) -> Option<(&'a Expr, bool)> {
    let null = match how {
        Comparison::Equal => true,
        Comparison::NotEqual => false,
        _ => return None,
    };
    match (left, right) {
        (expr, Expr::Bind(Value::Null)) | (Expr::Bind(Value::Null), expr) => Some((expr, null)),
        _ => None,
    }
}

/// Whether the text of the predicate is true or false for every row, never NULL.
fn never_null(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::True
        | Predicate::Not(_)
        | Predicate::IsNull(..)
        | Predicate::Exists(_)
        | Predicate::InJsonList(..) => true,
        Predicate::And(list) | Predicate::Or(list) => list.iter().all(never_null),
        Predicate::Compare(left, how, right) => {
            *how == Comparison::NotEqual || null_test(left, *how, right).is_some()
        }
        _ => false,
    }
}
