//! Behind a pooler that hands out another server connection for each transaction, a name given to a statement in one is
//! unknown in the next. tokio-postgres asks for types that it does not know by such names. So they are asked for once, when
//! a connection is opened, in one transaction, and the names are taken back with its end.

use crate::connect;
use crate::error;
use crate::link::{Ending, Link};
use crate::shared::Shared;
use futures_util::StreamExt;
use reprieve_core::error::Result;
use std::pin::pin;
use std::sync::Arc;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// Opens a connection, and learns what it cannot learn later.
pub(crate) async fn open(shared: &Arc<Shared>) -> Result<Link> {
    let link = connect::open(shared).await?;
    if !shared.options.prepares() {
        learn(&link.client).await.map_err(|error| error::translate(error, TYPES, &Ending::default()))?;
    }
    Ok(link)
}

/// The types that are not the server's own, but for those of rows.
const TYPES: &str = "\
SELECT format_type(t.oid, NULL) FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem \
WHERE t.typnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace) \
AND (t.typtype IN ('e', 'd') OR t.typtype = 'b' AND coalesce(e.typtype, 'b') IN ('b', 'e', 'd'))";

async fn learn(client: &Client) -> Result<(), tokio_postgres::Error> {
    let none: [(&str, Type); 0] = [];
    let mut types: Vec<String> = Vec::new();
    {
        let mut rows = pin!(client.query_typed_raw(TYPES, none.clone()).await?);
        while let Some(row) = rows.next().await {
            types.push(row?.try_get(0)?);
        }
    }
    if types.is_empty() {
        return Ok(());
    }
    // Names of others may lie around there.
    client.batch_execute("BEGIN;DEALLOCATE ALL").await?;
    for types in types.chunks(500) {
        let columns: Vec<String> = types.iter().map(|name| format!("NULL::{name}")).collect();
        let sql = format!("SELECT {} WHERE false", columns.join(", "));
        let mut rows = pin!(client.query_typed_raw(&sql, none.clone()).await?);
        while let Some(row) = rows.next().await {
            row?;
        }
    }
    client.batch_execute("DEALLOCATE ALL;COMMIT").await
}
