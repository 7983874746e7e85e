//! Predicates: which rows a statement is about.

use super::{Expr, Select};
use crate::value::Value;

/// A condition on a row.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Predicate {
    /// Every row.
    True,
    /// All of them hold; none: every row.
    And(Vec<Predicate>),
    /// One of them holds; none: no row.
    Or(Vec<Predicate>),
    /// It does not hold. NULL counts as not holding, so that `Not` always selects the other rows.
    Not(Box<Predicate>),
    /// Two expressions compare so. `Equal` and `NotEqual` to a bound NULL are IS NULL and IS NOT NULL, and
    /// `NotEqual` to a value includes rows that hold NULL.
    Compare(Expr, Comparison, Expr),
    /// The expression is one of these values; none: no row.
    In(Expr, Vec<Value>),
    /// The expression is in the sub-query's only column.
    InSelect(Expr, Box<Select>),
    /// The expression is between the two values, both included.
    Between(Expr, Value, Value),
    /// The expression is NULL (`true`) or is not (`false`).
    IsNull(Expr, bool),
    /// The sub-query has a row.
    Exists(Box<Select>),
    /// The key, as its canonical text, is one of the elements of the JSON array.
    InJsonList(Expr, Expr),
    /// The text matches; the pattern is literal.
    Matches {
        /// The text.
        text: Expr,
        /// How.
        how: TextMatch,
        /// What it is matched against, literally: `%` and `_` mean themselves.
        pattern: String,
        /// Whether case is ignored; the same rule on every database.
        ignore_case: bool,
    },
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// How a text matches a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextMatch {
    /// It occurs anywhere.
    Contains,
    /// It is the beginning.
    StartsWith,
    /// It is the end.
    EndsWith,
    /// It is the whole text.
    Exactly,
}

impl Predicate {
    /// `expr = value`.
    pub fn equals(expr: Expr, value: impl Into<Value>) -> Self {
        Self::Compare(expr, Comparison::Equal, Expr::Bind(value.into()))
    }

    /// Both hold; flattens and drops `True`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, p) | (p, Self::True) => p,
            (Self::And(mut list), Self::And(more)) => {
                list.extend(more);
                Self::And(list)
            }
            (Self::And(mut list), p) => {
                list.push(p);
                Self::And(list)
            }
            (p, q) => Self::And(vec![p, q]),
        }
    }

    /// What is compared with such a value.
    pub(super) fn compared_with(&self, such: &dyn Fn(&Value) -> bool) -> Option<&Expr> {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().find_map(|one| one.compared_with(such)),
            Self::Not(one) => one.compared_with(such),
            Self::Compare(expr, _, Expr::Bind(value)) => such(value).then_some(expr),
            Self::In(expr, values) => values.iter().any(such).then_some(expr),
            Self::Between(expr, from, to) => (such(from) || such(to)).then_some(expr),
            Self::Matches { text, pattern, .. } => such(&Value::from(pattern.as_str())).then_some(text),
            _ => None,
        }
    }

    /// Whether it lets every row pass by its form.
    pub fn is_true(&self) -> bool {
        match self {
            Self::True => true,
            Self::And(list) => list.iter().all(Self::is_true),
            _ => false,
        }
    }
}
