//! The shape of a statement: everything but its bound values, as bytes.
//!
//! Two statements of one shape have the same text. [`walk`] writes the shape and pushes the values in the order in
//! which [`crate::sql`] writes their placeholders, so that a statement seen before costs this one walk.
//!
//! The bytes are a prefix code: each node begins with a byte that says what it is, each list with its length, each
//! name with its length. Two different statements therefore cannot have the same bytes, unless they differ in what
//! is bound only. What of a value does show in the text is written too: whether it is NULL where that is compared,
//! how a pattern is matched.

use super::{
    Comparison, Delete, Expr, Given, Insert, Lock, Predicate, Rows, Select, Source, Statement, TextMatch,
    Update, Visibility,
};
use crate::sql::{Dialect, Matching, key_text, long_list, made_key, null_test};
use crate::types::values;
use crate::value::Value;

/// Adds the shape of a statement to `bytes` and its values to `binds`.
pub(crate) fn walk(statement: &Statement, dialect: Dialect, bytes: &mut Vec<u8>, binds: &mut Vec<Value>) {
    let mut shape = Shape { dialect, bytes, binds };
    match statement {
        Statement::Select(select) => shape.tag(0).select(select),
        Statement::Insert(insert) => shape.tag(1).insert(insert),
        Statement::Update(update) => shape.tag(2).update(update, None),
        Statement::Delete(delete) => shape.tag(3).delete(delete),
        Statement::Lock(select) => shape.tag(5).select(select),
        Statement::UpdateEach(each) => shape.tag(4).update(&each.update, Some(&each.given)),
    }
}

struct Shape<'a> {
    dialect: Dialect,
    bytes: &'a mut Vec<u8>,
    binds: &'a mut Vec<Value>,
}

impl Shape<'_> {
    fn tag(&mut self, tag: u8) -> &mut Self {
        self.bytes.push(tag);
        self
    }

    /// Seven bits a byte, the lowest first; the last byte has its high bit clear.
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    fn length(&mut self, n: usize) {
        self.number(n as u64);
    }

    fn name(&mut self, name: &str) {
        self.length(name.len());
        self.bytes.extend_from_slice(name.as_bytes());
    }

    fn bind(&mut self, value: &Value) {
        self.binds.push(value.clone());
    }

    fn source(&mut self, source: &Source) {
        let visibility = match source.visibility {
            Visibility::Live => 0,
            Visibility::Deleted => 1,
            Visibility::Any => 2,
        };
        self.tag(source.id).tag(visibility).number(source.table.id.into());
    }

    fn positions(&mut self, positions: &[usize]) {
        self.length(positions.len());
        for &position in positions {
            self.length(position);
        }
    }

    fn select(&mut self, select: &Select) {
        self.source(&select.from);
        self.length(select.joins.len());
        self.length(select.columns.len());
        for column in &select.columns {
            self.expr(column);
        }
        for join in &select.joins {
            self.source(&join.source);
            self.predicate(&join.on);
        }
        self.optional_given(select.given.as_ref());
        self.predicate(&select.filter);
        self.length(select.order.len());
        for term in &select.order {
            self.tag(term.descending.into()).expr(&term.by);
        }
        match select.limit {
            None => self.number(0),
            Some(limit) => self.tag(1).number(limit),
        }
        self.number(select.offset);
        self.bytes.push(match select.lock {
            None => 0,
            Some(Lock::Keep) => 1,
            Some(Lock::Change) => 2,
        });
    }

    fn insert(&mut self, insert: &Insert) {
        self.number(insert.table.id.into());
        self.positions(&insert.columns);
        match &insert.rows {
            Rows::Select(select) => self.tag(0).select(select),
            Rows::Values(rows) => match made_key(insert, self.dialect) {
                None => self.tag(1).values(rows),
                Some(key) => self.tag(2).rows_with_key(key, rows),
            },
        }
        self.positions(&insert.returning);
    }

    fn values(&mut self, rows: &[Vec<Value>]) {
        self.length(rows.len());
        for row in rows {
            // The same for all, or the compiler refuses the statement.
            self.length(row.len());
            self.binds.extend_from_slice(row);
        }
    }

    /// The same, where a row without a key has a word in its place and no value.
    fn rows_with_key(&mut self, key: usize, rows: &[Vec<Value>]) {
        self.length(rows.len());
        for row in rows {
            self.length(row.len());
            let made = row.get(key).is_some_and(Value::is_null);
            self.tag(made.into());
            let given = row.iter().enumerate().filter(|(i, _)| !made || *i != key);
            self.binds.extend(given.map(|(_, value)| value.clone()));
        }
    }

    fn optional_given(&mut self, given: Option<&Given>) {
        match given {
            None => self.bytes.push(0),
            Some(given) => {
                self.tag(1).tag(given.id).length(given.kinds.len());
                for kind in &given.kinds {
                    kind.shape(self.bytes);
                }
                self.values(&given.rows);
            }
        }
    }

    fn update(&mut self, update: &Update, given: Option<&Given>) {
        self.source(&update.target);
        self.length(update.set.len());
        for (position, value) in &update.set {
            self.length(*position);
            self.expr(value);
        }
        self.optional_given(given);
        self.predicate(&update.filter);
        self.positions(&update.returning);
    }

    fn delete(&mut self, delete: &Delete) {
        self.source(&delete.target);
        self.predicate(&delete.filter);
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column { source, position } => self.tag(0).tag(*source).length(*position),
            Expr::Bind(value) => self.tag(1).bind(value),
            Expr::Scalar(select) => self.tag(2).select(select),
            Expr::Count => self.bytes.push(3),
            Expr::KeyText(key) => self.tag(4).key_text(key),
            Expr::JsonList(item) => self.tag(5).json_value(item),
            Expr::JsonObject(members) => {
                self.tag(6).length(members.len());
                for (name, value) in members {
                    self.name(name);
                    self.json_value(value);
                }
            }
            Expr::JsonChanges { source, changes } => {
                self.tag(7).tag(*source).length(changes.len());
                for (position, new) in changes {
                    self.length(*position);
                    self.expr(new);
                    self.json_value(new);
                }
            }
            Expr::Given { source, position } => self.tag(8).tag(*source).length(*position),
            Expr::If(condition, then, otherwise) => {
                self.tag(9).predicate(condition);
                self.expr(then);
                self.expr(otherwise);
            }
        }
    }

    /// A key as text: what is bound is its text.
    fn key_text(&mut self, key: &Expr) {
        match key {
            Expr::Bind(value) => self.tag(1).bind(&key_text(value).into()),
            key => self.expr(key),
        }
    }

    /// A value inside a document: what is bound is its JSON text.
    fn json_value(&mut self, expr: &Expr) {
        match expr {
            Expr::Bind(value) => {
                let text = values::json_text(value, self.dialect);
                self.tag(1).bind(&Value::Text(text));
            }
            expr => self.expr(expr),
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::True => self.bytes.push(0),
            Predicate::And(list) => self.tag(1).predicates(list),
            Predicate::Or(list) => self.tag(2).predicates(list),
            Predicate::Not(inner) => self.tag(3).predicate(inner),
            Predicate::Compare(left, how, right) => self.compare(left, *how, right),
            Predicate::In(expr, values) => self.is_in(expr, values),
            Predicate::InSelect(expr, select) => {
                self.tag(6).expr(expr);
                self.select(select);
            }
            Predicate::Between(expr, low, high) => {
                self.tag(7).expr(expr);
                self.bind(low);
                self.bind(high);
            }
            Predicate::IsNull(expr, null) => self.is_null(expr, *null),
            Predicate::Exists(select) => self.tag(9).select(select),
            Predicate::InJsonList(key, list) => {
                self.tag(11).key_text(key);
                self.expr(list);
            }
            Predicate::Matches { text, how, pattern, ignore_case } => {
                self.matches(text, *how, pattern, *ignore_case);
            }
        }
    }

    fn predicates(&mut self, list: &[Predicate]) {
        self.length(list.len());
        for predicate in list {
            self.predicate(predicate);
        }
    }

    fn compare(&mut self, left: &Expr, how: Comparison, right: &Expr) {
        if let Some((expr, null)) = null_test(left, how, right) {
            return self.is_null(expr, null);
        }
        let how = match how {
            Comparison::Equal => 0,
            Comparison::NotEqual => 1,
            Comparison::Less => 2,
            Comparison::LessOrEqual => 3,
            Comparison::Greater => 4,
            Comparison::GreaterOrEqual => 5,
        };
        self.tag(4).tag(how).expr(left);
        self.expr(right);
    }

    fn is_in(&mut self, expr: &Expr, values: &[Value]) {
        if let Some(list) = long_list(values, self.dialect) {
            self.tag(12).expr(expr);
            self.binds.push(list);
            return;
        }
        let known = values.iter().filter(|v| !v.is_null());
        let count = known.clone().count();
        let nulls = count < values.len();
        match self.dialect {
            Dialect::Sqlite => self.tag(5).tag(nulls.into()).length(count),
            Dialect::Postgres => self.tag(5).tag(nulls.into()).length(count.min(1)),
        }
        if count > 0 {
            self.expr(expr);
            match self.dialect {
                Dialect::Sqlite => self.binds.extend(known.cloned()),
                Dialect::Postgres => self.binds.push(Value::List(known.cloned().collect())),
            }
        }
        if nulls {
            self.expr(expr);
        }
    }

    fn is_null(&mut self, expr: &Expr, null: bool) {
        self.tag(8).tag(null.into()).expr(expr);
    }

    fn matches(&mut self, text: &Expr, how: TextMatch, pattern: &str, ignore_case: bool) {
        let mut values = Vec::with_capacity(2);
        let form = Matching::of(text, how, pattern, ignore_case, self.dialect, &mut values);
        self.tag(10).tag(form as u8).tag(ignore_case.into()).expr(text);
        self.binds.append(&mut values);
    }
}
