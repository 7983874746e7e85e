//! A user's own SQL as the database gets it: its values numbered, its lists written out.

use super::{Part, Raw};
use crate::error::{Error, Kind, Result};
use crate::query::Reach;
use crate::sql::{Compiled, Dialect, long_list};
use crate::value::Value;
use std::borrow::Cow;

impl Raw {
    /// The statement, with a value for each of the names, in their order; and what it binds.
    ///
    /// Behind an IN a [`Value::List`] stands for its items, however many. An empty one is no item: `IN` finds no row, and
    /// `NOT IN` every row.
    ///
    /// # Errors
    /// When a list is given where there is no place for one.
    pub fn statement<'a>(&self, binds: &'a [Value]) -> Result<(Compiled, Cow<'a, [Value]>)> {
        if self.names.is_empty() {
            if self.single.iter().any(|value| binds.get(*value).is_some_and(is_list)) {
                return Err(Error::new(
                    Kind::InvalidValue,
                    "A ? there takes a single value: name the list, as in IN (:ids), and give it as {\"ids\": [...]}",
                ));
            }
            return Ok((self.compiled(String::new()), Cow::Borrowed(binds)));
        }
        let mut written = Written {
            dialect: self.dialect,
            text: String::new(),
            binds: Vec::with_capacity(binds.len()),
            numbers: vec![None; self.names.len()],
        };
        for part in &self.parts {
            match part {
                Part::Text(text) => written.text.push_str(text),
                Part::Name { name, single } => {
                    match binds.get(*name) {
                        Some(Value::List(_)) => return Err(self.misplaced(*name)),
                        Some(value) if *single && is_list(value) => return Err(self.misplaced(*name)),
                        _ => {}
                    }
                    written.value(*name, binds);
                }
                Part::List { name, negated, before, after } => match binds.get(*name) {
                    Some(list @ Value::List(items)) => {
                        if items.iter().any(|item| matches!(item, Value::List(_) | Value::Json(_))) {
                            return Err(self.misplaced(*name));
                        }
                        written.list(*name, *negated, list, items);
                    }
                    _ => {
                        written.text.push_str(before);
                        written.value(*name, binds);
                        written.text.push_str(after);
                    }
                },
            }
        }
        Ok((Compiled::once(written.text, Reach::Set), Cow::Owned(written.binds)))
    }

    fn compiled(&self, mut text: String) -> Compiled {
        for part in &self.parts {
            if let Part::Text(more) = part {
                text.push_str(more);
            }
        }
        Compiled::once(text, Reach::Set)
    }

    fn misplaced(&self, name: usize) -> Error {
        let name = &self.names[name];
        let document = match self.dialect {
            Dialect::Sqlite => format!("= CAST(:{name} AS text)"),
            Dialect::Postgres => format!("= CAST(:{name} AS jsonb)"),
        };
        let message = format!(
            "The list :{name} stands where a single value is expected: a list of single values is all there is behind an \
             IN, as in `id IN (:{name})`, and a JSON document to compare with is `{document}`"
        );
        Error::new(Kind::InvalidValue, message).field(name)
    }
}

/// Whether a value is a list that is stored as a JSON document.
fn is_list(value: &Value) -> bool {
    matches!(value, Value::Json(text) if text.starts_with('['))
}

struct Written {
    dialect: Dialect,
    text: String,
    binds: Vec<Value>,
    /// The number under which a name's value is bound, once it is.
    numbers: Vec<Option<usize>>,
}

impl Written {
    /// A name with its value. SQLite looks for a number through all that were written out before, and so is told only
    /// those that come again: text of 30,000 names would take it seconds.
    fn value(&mut self, name: usize, binds: &[Value]) {
        if let Some(number) = self.numbers[name] {
            let sign = if self.dialect == Dialect::Sqlite { '?' } else { '$' };
            self.text.push(sign);
            self.text.push_str(&number.to_string());
            return;
        }
        self.bind(binds.get(name).cloned().unwrap_or(Value::Null));
        self.numbers[name] = Some(self.binds.len());
    }

    fn bind(&mut self, value: Value) {
        self.binds.push(value);
        match self.dialect {
            Dialect::Sqlite => self.text.push('?'),
            Dialect::Postgres => {
                self.text.push('$');
                self.text.push_str(&self.binds.len().to_string());
            }
        }
    }

    fn list(&mut self, name: usize, negated: bool, list: &Value, items: &[Value]) {
        match self.dialect {
            // One value, whose type the server finds in what stands before it.
            Dialect::Postgres => {
                self.text.push_str(if negated { "<> ALL (" } else { "= ANY (" });
                match self.numbers[name] {
                    Some(number) => self.text.push_str(&format!("${number}")),
                    None => {
                        self.bind(list.clone());
                        self.numbers[name] = Some(self.binds.len());
                    }
                }
            }
            Dialect::Sqlite => {
                self.text.push_str(if negated { "NOT IN (" } else { "IN (" });
                if let Some(document) = long_list(items, self.dialect) {
                    self.text.push_str("SELECT value FROM json_each(");
                    self.bind(document);
                    self.text.push(')');
                } else {
                    for (i, item) in items.iter().enumerate() {
                        self.text.push_str(if i > 0 { ", " } else { "" });
                        self.bind(item.clone());
                    }
                }
            }
        }
        self.text.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(items: &[i64]) -> Vec<Value> {
        vec![Value::List(items.iter().copied().map(Value::Int).collect())]
    }

    fn written(sql: &str, dialect: Dialect, binds: &[Value]) -> (String, Vec<Value>) {
        let (statement, binds) = Raw::parse(sql, dialect).statement(binds).unwrap();
        (statement.sql.to_string(), binds.into_owned())
    }

    #[test]
    fn a_list_stands_for_its_items() {
        let two = [Value::Int(1), Value::Int(2)];
        for sql in ["id IN (:ids)", "id in :ids", "id IN /* all */ ( :ids )"] {
            let (text, binds) = written(sql, Dialect::Sqlite, &ids(&[1, 2]));
            assert_eq!((text.as_str(), &binds[..]), ("id IN (?, ?)", &two[..]));
            let (text, binds) = written(sql, Dialect::Postgres, &ids(&[1, 2]));
            assert_eq!((text.as_str(), binds), ("id = ANY ($1)", ids(&[1, 2])));
        }
        let (text, _) = written("id NOT IN (:ids) AND id IN (:ids)", Dialect::Postgres, &ids(&[1]));
        assert_eq!(text, "id <> ALL ($1) AND id = ANY ($1)");
        let (text, binds) = written("id NOT  IN (:ids) AND id IN (:ids)", Dialect::Sqlite, &ids(&[1]));
        assert_eq!((text.as_str(), binds.len()), ("id NOT IN (?) AND id IN (?)", 2));
        assert_eq!(written("id IN (:ids)", Dialect::Sqlite, &ids(&[])).0, "id IN ()");
    }

    #[test]
    fn a_single_value_keeps_the_text_as_it_is() {
        let one = [Value::Int(1)];
        assert_eq!(written("id not IN ( :id )", Dialect::Sqlite, &one).0, "id not IN ( ?)");
        assert_eq!(written("id IN (:id, :id)", Dialect::Postgres, &one).0, "id IN ($1, $1)");
    }

    #[test]
    fn a_list_elsewhere_is_refused() {
        for sql in ["id = :ids", "id IN (:ids, 7)", "id IN (SELECT :ids)", "id IN (:ids) OR id = :ids"] {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                let error = Raw::parse(sql, dialect).statement(&ids(&[1])).unwrap_err();
                assert_eq!(error.context().field().as_deref(), Some("ids"), "{sql}");
            }
        }
        let document = [Value::Json("[1]".into()), Value::Int(3)];
        for sql in
            ["id IN (:ids, :x)", "id = :ids OR :x", "id NOT IN ((:ids), :x)", "id IN (SELECT :ids) OR :x"]
        {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                let error = Raw::parse(sql, dialect).statement(&document).unwrap_err();
                assert!(error.to_string().contains("`id IN (:ids)`"), "{sql}: {error}");
            }
        }
        for sql in ["id = ? OR ?", "id IN (?, ?)", "f(?) OR ?1 = 2"] {
            assert!(Raw::parse(sql, Dialect::Sqlite).statement(&document).is_err(), "{sql}");
        }
        assert!(Raw::parse("f(?) OR id = ?", Dialect::Sqlite).statement(&document).is_ok());
        let unnamed = Raw::parse("id IN (?)", Dialect::Sqlite);
        assert!(unnamed.statement(&[Value::Json("[1]".into())]).is_err());
    }

    #[test]
    fn a_number_that_comes_again_is_that_of_its_value() {
        let binds = [Value::Int(1), ids(&[7, 8]).remove(0), Value::Int(2)];
        let sql = ":a, x IN (:ids), :b, :a, :b";
        let (text, bound) = written(sql, Dialect::Sqlite, &binds);
        assert_eq!(text, "?, x IN (?, ?), ?, ?1, ?4");
        assert_eq!(bound, [1, 7, 8, 2].map(Value::Int));
        assert_eq!(written(sql, Dialect::Postgres, &binds).0, "$1, x = ANY ($2), $3, $1, $3");
    }
}
