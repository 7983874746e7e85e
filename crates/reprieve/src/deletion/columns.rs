//! What a query reads beside a row to tell which deletion holds it.

use super::{Deleted, Deletion, SoftDelete};
use crate::query::sink::Collect;
use crate::query::{OnlyDeleted, View};
use crate::session::Session;
use crate::value::{Bound, Timestamp, Value};
use crate::{Model, Result};
use reprieve_core::driver::Row;
use reprieve_core::error::{Error, Kind};
use reprieve_core::query::{Comparison, Expr, Predicate, Select, Source, Visibility};
use reprieve_core::schema::Journal;
use uuid::Uuid;

/// The row's own columns, its markers, and what the journal says of its deletion.
pub(crate) fn select<M: SoftDelete>(source: Source) -> Select {
    let mut columns: Vec<Expr> = (0..M::FIELDS).map(|position| source.column(position)).collect();
    if let Some(soft) = source.table.soft_delete {
        let id = source.column(soft.deletion_id);
        columns.extend([source.column(soft.deleted_at), id.clone()]);
        let journal = [Journal::ACTOR, Journal::REASON, Journal::CASCADE];
        columns.extend(journal.into_iter().zip(1..).map(|(column, number)| {
            let entry = Source::any(number, &Journal::get().deletions);
            let this = Predicate::Compare(entry.key(), Comparison::Equal, id.clone());
            Expr::Scalar(Box::new(Select::columns(entry.clone(), vec![entry.column(column)]).filter(this)))
        }));
    }
    Select::columns(source, columns)
}

/// The deletion that holds the row, or `None` when it is live.
pub(crate) fn read<M: SoftDelete>(row: &dyn Row) -> Result<Option<Deletion>> {
    fn column<T: Value>(row: &dyn Row, position: usize, model: &str) -> Result<T> {
        T::from_cell(row.cell(position)?).ok_or_else(|| {
            let message = format!("{model}: the markers of a row hold what Reprieve never writes there");
            Error::new(Kind::Database, message).model(model)
        })
    }
    let first = M::FIELDS;
    let Some(at) = column::<Option<Timestamp>>(row, first, M::NAME)? else { return Ok(None) };
    let id: Option<[u8; 16]> = match row.cell(first + 1)? {
        reprieve_core::value::Cell::Bytes(bytes) => bytes.try_into().ok(),
        reprieve_core::value::Cell::Uuid(bytes) => Some(bytes),
        _ => None,
    };
    Ok(Some(Deletion {
        id: id.map_or(Uuid::nil(), Uuid::from_bytes),
        at,
        actor: column(row, first + 2, M::NAME)?,
        reason: column(row, first + 3, M::NAME)?,
        cascade: column::<Option<bool>>(row, first + 4, M::NAME)?.unwrap_or(false),
    }))
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
