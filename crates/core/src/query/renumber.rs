//! Gives the table references of a query other numbers, so that it can stand inside a statement that has its own.

use super::{Expr, Predicate, Select, Source};

impl Select {
    /// The keys of the rows it finds, as a condition on the table reference 0 of another statement about the same
    /// table. Its own references are numbered from `from`.
    pub fn as_condition(mut self, from: u8) -> Predicate {
        let key = self.from.table.primary_key;
        self.columns = vec![self.from.key()];
        shift_select(&mut self, from);
        Predicate::InSelect(Expr::Column { source: 0, position: key }, Box::new(self))
    }
}

/// A rotation: numbers that differ still differ, the highest too, which a table of links has.
fn shift(number: &mut u8, by: u8) {
    *number = number.wrapping_add(by);
}

fn shift_source(source: &mut Source, by: u8) {
    shift(&mut source.id, by);
}

fn shift_select(select: &mut Select, by: u8) {
    shift_source(&mut select.from, by);
    select.columns.iter_mut().for_each(|column| shift_expr(column, by));
    for join in &mut select.joins {
        shift_source(&mut join.source, by);
        shift_predicate(&mut join.on, by);
    }
    if let Some(given) = &mut select.given {
        shift(&mut given.id, by);
    }
    shift_predicate(&mut select.filter, by);
    select.order.iter_mut().for_each(|term| shift_expr(&mut term.by, by));
}

fn shift_expr(expr: &mut Expr, by: u8) {
    match expr {
        Expr::Column { source, .. } | Expr::Given { source, .. } => shift(source, by),
        Expr::Bind(_) | Expr::Count => {}
        Expr::Scalar(select) => shift_select(select, by),
        Expr::KeyText(inner) | Expr::JsonList(inner) => shift_expr(inner, by),
        Expr::JsonObject(members) => members.iter_mut().for_each(|(_, value)| shift_expr(value, by)),
        Expr::JsonChanges { source, changes } => {
            shift(source, by);
            changes.iter_mut().for_each(|(_, value)| shift_expr(value, by));
        }
        Expr::If(condition, then, otherwise) => {
            shift_predicate(condition, by);
            shift_expr(then, by);
            shift_expr(otherwise, by);
        }
    }
}

fn shift_predicate(predicate: &mut Predicate, by: u8) {
    match predicate {
        Predicate::True => {}
        Predicate::And(list) | Predicate::Or(list) => list.iter_mut().for_each(|p| shift_predicate(p, by)),
        Predicate::Not(inner) => shift_predicate(inner, by),
        Predicate::Compare(left, _, right) => {
            shift_expr(left, by);
            shift_expr(right, by);
        }
        Predicate::In(expr, _) | Predicate::Between(expr, ..) | Predicate::IsNull(expr, _) => {
            shift_expr(expr, by)
        }
        Predicate::InSelect(expr, select) => {
            shift_expr(expr, by);
            shift_select(select, by);
        }
        Predicate::Exists(select) => shift_select(select, by),
        Predicate::InJsonList(key, list) => {
            shift_expr(key, by);
            shift_expr(list, by);
        }
        Predicate::Matches { text, .. } => shift_expr(text, by),
    }
}
