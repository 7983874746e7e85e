//! Reading on: the rows that follow a given one in the order of a SELECT.
//!
//! Pages and batches begin where the one before ended, not after so many rows: the place costs nothing to find with an
//! index on the order, and rows that come or go before it move nothing.

use super::{Comparison, Expr, Order, Predicate, Select, Source};
use crate::value::Value;

impl Select {
    /// Narrows it to the rows that follow the one with these values of the terms of the order. NULL is smaller than
    /// every value, as in the order itself.
    ///
    /// The order MUST be one of all rows, see [`Select::order_all`]: rows that it holds equal to that one would be
    /// left out. There MUST be a value for each term.
    #[must_use]
    pub fn after(self, place: &[Value]) -> Self {
        let follows = follows(&self.from, &self.order, place);
        self.filter(follows)
    }
}

/// A row that is larger by the first term; or equal by it, and follows by the others.
fn follows(from: &Source, order: &[Order], place: &[Value]) -> Predicate {
    let (Some((term, order)), Some((value, place))) = (order.split_first(), place.split_first()) else {
        // What is equal by every term is the row itself.
        return Predicate::Or(Vec::new());
    };
    let by = || term.by.clone();
    let compare = |how| Predicate::Compare(by(), how, Expr::Bind(value.clone()));
    let rest = (!order.is_empty()).then(|| follows(from, order, place));
    match (value.is_null(), term.descending) {
        (true, false) => either(Predicate::IsNull(by(), false), rest),
        (true, true) => Predicate::IsNull(by(), true).and(rest.unwrap_or(Predicate::Or(Vec::new()))),
        (false, true) if can_be_null(from, &term.by) => {
            let smaller = vec![compare(Comparison::Less), Predicate::IsNull(by(), true)];
            let equal = rest.map(|rest| compare(Comparison::Equal).and(rest));
            Predicate::Or(smaller.into_iter().chain(equal).collect())
        }
        (false, descending) => {
            let (beyond, from_there) = match descending {
                false => (Comparison::Greater, Comparison::GreaterOrEqual),
                true => (Comparison::Less, Comparison::LessOrEqual),
            };
            match rest {
                // The first comparison says nothing new to people: it is the range that an index can seek to.
                Some(rest) => compare(from_there).and(either(compare(beyond), Some(rest))),
                None => compare(beyond),
            }
        }
    }
}

fn either(first: Predicate, second: Option<Predicate>) -> Predicate {
    match second {
        Some(second) => Predicate::Or(vec![first, second]),
        None => first,
    }
}

fn can_be_null(from: &Source, by: &Expr) -> bool {
    match by {
        Expr::Column { source, position } if *source == from.id => from.table.columns[*position].nullable,
        _ => true,
    }
}
