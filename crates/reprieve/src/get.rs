//! Reading one row by its key.

use crate::query::sink::Collect;
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::query::Visibility;
use reprieve_core::value::Value as Bound;

pub(crate) async fn one<M: Model>(session: &mut Session, key: Bound) -> Result<Option<M>> {
    let table = M::table()?;
    let mut rows = Collect::new(M::read);
    session.engine().await?.get(table, key, Visibility::Live, &mut rows).await?;
    Ok(rows.take().pop())
}
