//! Conditions on the rows of a model, combined with `and`, `or`, `not`.

use reprieve_core::query::Predicate;
use std::fmt;
use std::marker::PhantomData;
use std::ops;

/// A condition on rows of `M`.
///
/// ```
/// use reprieve::{Filter, Model};
///
/// #[derive(Debug, Clone, Model)]
/// #[model(table = "songs")]
/// struct Song {
///     #[model(primary_key)]
///     id: i64,
///     title: String,
///     artist: Option<String>,
///     plays: i64,
/// }
///
/// let known: Filter<Song> = Song::PLAYS.gte(10).and(Song::ARTIST.ne(None)).or(Song::TITLE.starts_with("100% "));
/// let others = !known;
/// ```
#[must_use = "a filter does nothing until a query has it"]
pub struct Filter<M> {
    predicate: Predicate,
    of: PhantomData<fn() -> M>,
}

impl<M> Filter<M> {
    pub(crate) fn new(predicate: Predicate) -> Self {
        Self { predicate, of: PhantomData }
    }

    pub(crate) fn into_predicate(self) -> Predicate {
        self.predicate
    }

    /// Both hold.
    pub fn and(self, other: Self) -> Self {
        Self::new(self.predicate.and(other.predicate))
    }

    /// One of them holds, or both.
    pub fn or(self, other: Self) -> Self {
        Self::new(match (self.predicate, other.predicate) {
            (Predicate::Or(mut list), other) => {
                list.push(other);
                Predicate::Or(list)
            }
            (one, other) => Predicate::Or(vec![one, other]),
        })
    }

    /// It does not hold: exactly the other rows, those with NULL included.
    #[allow(
        clippy::should_implement_trait,
        reason = "it is implemented too; a chain reads better with a method"
    )]
    pub fn not(self) -> Self {
        Self::new(Predicate::Not(Box::new(self.predicate)))
    }
}

impl<M> ops::BitAnd for Filter<M> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl<M> ops::BitOr for Filter<M> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl<M> ops::Not for Filter<M> {
    type Output = Self;

    fn not(self) -> Self {
        Filter::not(self)
    }
}

impl<M> Clone for Filter<M> {
    fn clone(&self) -> Self {
        Self::new(self.predicate.clone())
    }
}

impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.predicate.fmt(f)
    }
}
