//! Columns by name, with the type of what they hold: `Post::TITLE`.

use crate::Model;
use crate::filter::Filter;
use crate::order::Order;
use crate::value::{ComparesTo, Text, Value};
use reprieve_core::query::{Comparison, Expr, Predicate, TextMatch};
use reprieve_core::value::Value as Bound;
use std::fmt;
use std::marker::PhantomData;

/// A column of the model `M` that holds values of type `T`. `#[derive(Model)]` makes a constant of each field.
///
/// A comparison is a [`Filter`]. One that compares with NULL (`None`) asks for NULL, and [`Column::ne`] includes the
/// rows that hold NULL: `ne` selects exactly the rows that `eq` does not.
pub struct Column<M, T> {
    position: usize,
    of: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Column<M, T> {
    /// The column at this position of the model's struct. For `#[derive(Model)]`.
    #[doc(hidden)]
    pub const fn at(position: usize) -> Self {
        Self { position, of: PhantomData }
    }

    /// Its position in the struct and in the table.
    pub const fn position(self) -> usize {
        self.position
    }

    pub(crate) fn expr(self) -> Expr {
        Expr::Column { source: 0, position: self.position }
    }
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M: Model, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", M::NAME, self.position)
    }
}

impl<M: Model, T: Value> Column<M, T> {
    fn compare(self, how: Comparison, value: Bound) -> Filter<M> {
        Filter::new(Predicate::Compare(self.expr(), how, Expr::Bind(value)))
    }

    /// It equals the value; `None`: it is NULL.
    pub fn eq<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::Equal, value.operand())
    }

    /// It does not equal the value; rows with NULL are among them, unless the value is `None`.
    pub fn ne<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::NotEqual, value.operand())
    }

    /// It is greater.
    pub fn gt<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::Greater, value.operand())
    }

    /// It is greater or equal.
    pub fn gte<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::GreaterOrEqual, value.operand())
    }

    /// It is less.
    pub fn lt<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::Less, value.operand())
    }

    /// It is less or equal.
    pub fn lte<V: ComparesTo<T>>(self, value: V) -> Filter<M> {
        self.compare(Comparison::LessOrEqual, value.operand())
    }

    /// It is one of these; none: no row.
    pub fn is_in<V: ComparesTo<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        let values = values.into_iter().map(V::operand).collect();
        Filter::new(Predicate::In(self.expr(), values))
    }

    /// It is none of these; rows with NULL are among them.
    pub fn not_in<V: ComparesTo<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<M> {
        self.is_in(values).not()
    }

    /// It lies between the two, both included.
    pub fn between<V: ComparesTo<T>, W: ComparesTo<T>>(self, least: V, most: W) -> Filter<M> {
        Filter::new(Predicate::Between(self.expr(), least.operand(), most.operand()))
    }

    /// Smallest first; NULL is smaller than every value.
    pub fn asc(self) -> Order<M> {
        Order::new(reprieve_core::query::Order::ascending(self.expr()))
    }

    /// Largest first.
    pub fn desc(self) -> Order<M> {
        Order::new(reprieve_core::query::Order::descending(self.expr()))
    }
}

impl<M: Model, T: Value> Column<M, Option<T>> {
    /// It is NULL.
    pub fn is_null(self) -> Filter<M> {
        Filter::new(Predicate::IsNull(self.expr(), true))
    }

    /// It is not NULL.
    pub fn is_not_null(self) -> Filter<M> {
        Filter::new(Predicate::IsNull(self.expr(), false))
    }
}

/// Texts are taken literally: `%` and `_` mean themselves. The case rules are the same on every database.
impl<M: Model, T: Value> Column<M, T> {
    fn matches(self, how: TextMatch, pattern: &str, ignore_case: bool) -> Filter<M> {
        Filter::new(Predicate::Matches { text: self.expr(), how, pattern: pattern.to_owned(), ignore_case })
    }

    /// The text occurs in it.
    pub fn contains(self, text: &str) -> Filter<M>
    where
        T: Text,
    {
        self.matches(TextMatch::Contains, text, false)
    }

    /// The text occurs in it, in any case.
    pub fn icontains(self, text: &str) -> Filter<M>
    where
        T: Text,
    {
        self.matches(TextMatch::Contains, text, true)
    }

    /// It begins with the text.
    pub fn starts_with(self, text: &str) -> Filter<M>
    where
        T: Text,
    {
        self.matches(TextMatch::StartsWith, text, false)
    }

    /// It ends with the text.
    pub fn ends_with(self, text: &str) -> Filter<M>
    where
        T: Text,
    {
        self.matches(TextMatch::EndsWith, text, false)
    }

    /// It is the text, in any case.
    pub fn iexact(self, text: &str) -> Filter<M>
    where
        T: Text,
    {
        self.matches(TextMatch::Exactly, text, true)
    }
}
