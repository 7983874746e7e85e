//! What a query reads beside a row to tell which deletion holds it.

use super::{Deleted, Deletion, SoftDelete};
use crate::query::sink::Collect;
use crate::query::{OnlyDeleted, View};
use crate::session::Session;
use crate::value::{Bound, Timestamp, Value};
use crate::{Model, Result};
use reprieve_core::driver::Row;
use reprieve_core::error::{Error, Kind};
use reprieve_core::journal::{Journal, Shown};
use reprieve_core::query::{Expr, Predicate, Select, Source, Visibility};
use uuid::Uuid;

/// The row's own columns, its markers, and what the journal says of its deletion.
pub(crate) fn select<M: SoftDelete>(source: Source) -> Select {
    let mut columns: Vec<Expr> = (0..M::FIELDS).map(|position| source.column(position)).collect();
    if let Some(marker) = source.table.marker {
        let holder = marker.holder(&source);
        columns.extend([marker.instant(&source), holder.clone()]);
        columns.extend(Journal::get().shown(&holder, 1));
    }
    Select::columns(source, columns)
}

/// The deletion that holds the row, or `None` when it is live.
pub(crate) fn read<M: SoftDelete>(row: &dyn Row) -> Result<Option<Deletion>> {
    let wrong = || {
        let message = format!("{}: the markers of a row hold what Reprieve never writes there", M::NAME);
        Error::new(Kind::Database, message).model(M::NAME)
    };
    let first = M::FIELDS;
    let at = <Option<Timestamp>>::from_cell(row.cell(first)?).ok_or_else(wrong)?;
    let Some(at) = at else { return Ok(None) };
    let id: Option<[u8; 16]> = match row.cell(first + 1)? {
        reprieve_core::value::Cell::Bytes(bytes) => bytes.try_into().ok(),
        reprieve_core::value::Cell::Uuid(bytes) => Some(bytes),
        _ => None,
    };
    let Shown { actor, reason, cascade } = Shown::read(row, first + 2)?.ok_or_else(wrong)?;
    Ok(Some(Deletion { id: id.map_or(Uuid::nil(), Uuid::from_bytes), at, actor, reason, cascade }))
}

pub(crate) fn live_among_deleted<M: Model>() -> Error {
    Error::new(
        Kind::Internal,
        format!("{}: a live row was read as a deleted one: please report this", M::NAME),
    )
}

/// The deleted row with this key.
pub(crate) async fn find<M: SoftDelete>(session: &mut Session, key: Bound) -> Result<Deleted<M>> {
    let source = Source::new(0, M::table()?, Visibility::Deleted);
    let this = Predicate::equals(source.key(), key.clone());
    let mut rows = Collect::new(<OnlyDeleted as View<M>>::read);
    session.engine().await?.select(select::<M>(source).filter(this), &mut rows).await?;
    rows.take().pop().ok_or_else(|| crate::model::not_found::<M>(&crate::value::shown(&key)))
}
