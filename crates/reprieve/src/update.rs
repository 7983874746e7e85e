//! Changing a row: only the columns that are set.

use crate::create::Values;
use crate::session::Session;
use crate::value::Value;
use crate::{Model, Result, actor};
use reprieve_core::query::Visibility;

/// Writes these columns of the row, and then puts them into the struct. For `#[derive(Model)]`.
///
/// # Errors
/// As the engine's update: a value that does not fit, a taken key, a row that was deleted since it was read, or is gone.
pub async fn update<M: Model>(row: &mut M, values: Values, session: &mut Session) -> Result<()> {
    let changes = values.into_inner();
    let key = row.key().to_value();
    let engine = session.engine().await?;
    let filled =
        engine.update(M::table()?, &key, Visibility::Live, changes.clone(), &actor::current()).await?;
    changes.iter().chain(&filled).try_for_each(|(position, value)| match *position < M::FIELDS {
        true => row.set(*position, value),
        // `deleted_at` of a struct that does not declare it.
        false => Ok(()),
    })
}
