//! Reading one row by its key.

use crate::query::sink::Last;
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::query::Visibility;
use reprieve_core::value::Value as Bound;

pub(crate) async fn one<M: Model>(session: &mut Session, key: Bound) -> Result<Option<M>> {
    let table = M::table()?;
    let mut row = Last::new(M::read);
    session.engine().await?.get(table, key, Visibility::Live, &mut row).await?;
    Ok(row.take())
}
