//! New rows, built field by field. The builder of a model is written by `#[derive(Model)]`; a required field that was not
//! given is a compile error, which names it.

use crate::query::sink::Last;
use crate::session::Session;
use crate::value::Bound;
use crate::{Model, Result, actor};
use reprieve_core::error::{Error, Kind};
use std::fmt;
use std::marker::PhantomData;

/// The state of a required field that was not given yet; `Field` names it.
pub struct Missing<Field>(PhantomData<Field>);

/// The state of a required field that was given.
pub struct Given(());

/// A required field that was given.
#[diagnostic::on_unimplemented(
    message = "a required field of the new row is missing: {Self}",
    label = "not every required field was given",
    note = "give it before `insert`, with the method of its name"
)]
pub trait IsGiven {}

impl IsGiven for Given {}

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

/// Inserts the row. For `#[derive(Model)]`.
///
/// # Errors
/// As the engine's insert: a value that does not fit, a taken key, a parent that is not there or is deleted.
pub async fn insert<M: Model>(values: Values, session: &mut Session) -> Result<M> {
    let mut row = Last::new(M::read);
    let engine = session.engine().await?;
    engine.insert(M::table()?, values.into_inner(), &actor::current(), &mut row).await?;
    row.take().ok_or_else(|| {
        let message = format!("{}: the database did not hand a new row back: please report this", M::NAME);
        Error::new(Kind::Internal, message)
    })
}
