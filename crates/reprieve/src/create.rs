//! New rows, built field by field. The builder of a model is written by `#[derive(Model)]`; a required field that was not
//! given is a compile error, which names it.

use crate::query::sink::Last;
use crate::session::Session;
use crate::value::Bound;
use crate::{Model, Result, actor};
use reprieve_core::driver::BoxFuture;
use reprieve_core::error::{Error, Kind};
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

/// The state of a required field that was not given yet; `Field` names it.
pub struct Missing<Field>(PhantomData<Field>);

/// The state of a required field that was given.
pub struct Given(());

/// A field that was given, or that need not be.
pub trait IsGiven {}

impl IsGiven for Given {}
impl<Field: Dispensable> IsGiven for Missing<Field> {}

/// A field that is looked after when it is not given: the key, when the database makes it.
#[diagnostic::on_unimplemented(
    message = "a required field of the new row is missing: `{Self}`",
    label = "this field was not given",
    note = "give it before `insert`, with the method of its name"
)]
pub trait Dispensable {}

impl<Field> fmt::Debug for Missing<Field> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("missing")
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("given")
    }
}

/// The values of a new row, by position.
#[derive(Debug, Clone, Default)]
pub struct Values(Vec<(usize, Bound)>);

impl Values {
    /// Sets a value; the last one counts.
    pub fn set(&mut self, position: usize, value: Bound) {
        self.0.retain(|(taken, _)| *taken != position);
        self.0.push((position, value));
    }

    /// Whether the value was given.
    pub fn has(&self, position: usize) -> bool {
        self.0.iter().any(|(taken, _)| *taken == position)
    }

    pub(crate) fn into_inner(self) -> Vec<(usize, Bound)> {
        self.0
    }
}

/// A new row of which everything required was given: the builder that `create()` of a model gives.
pub trait NewRow {
    /// The model.
    type Model: Model;

    /// Its values.
    #[doc(hidden)]
    fn into_values(self) -> Values;
}

/// A new row that is inserted when this is awaited.
///
/// A type with a name, so that a field that is missing is an error in one place: the future of an `async fn` would repeat it
/// wherever it is used.
#[derive(Debug)]
#[must_use = "the row is inserted when this is awaited"]
pub struct Inserting<'s, M> {
    values: Values,
    session: &'s mut Session,
    of: PhantomData<fn() -> M>,
}

impl<'s, M> Inserting<'s, M> {
    /// For `#[derive(Model)]`.
    #[doc(hidden)]
    pub fn new(values: Values, session: &'s mut Session) -> Self {
        Self { values, session, of: PhantomData }
    }
}

impl<'s, M: Model> IntoFuture for Inserting<'s, M> {
    type Output = Result<M>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    /// # Errors
    /// As the engine's insert: a value that does not fit, a taken key, a parent that is not there or is deleted.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(insert(self.values, self.session))
    }
}

async fn insert<M: Model>(values: Values, session: &mut Session) -> Result<M> {
    let mut row = Last::new(M::read);
    let engine = session.engine().await?;
    engine.insert(M::table()?, values.into_inner(), &actor::current(), &mut row).await?;
    row.take().ok_or_else(|| {
        let message = format!("{}: the database did not hand a new row back: please report this", M::NAME);
        Error::new(Kind::Internal, message)
    })
}
