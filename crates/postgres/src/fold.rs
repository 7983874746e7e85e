//! The collation by which this server ignores case as [`reprieve_core::sql::fold`] does.

use crate::shared::Shared;
use futures_util::StreamExt;
use reprieve_core::sql::{Compiled, FOLD_COLLATION};
use std::borrow::Cow;
use std::pin::pin;
use std::sync::Arc;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// Those that know the lower case of all Unicode, the best one first.
const KNOWN: [&str; 7] =
    ["pg_unicode_fast", "und-x-icu", "pg_c_utf8", "C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8"];

const AVAILABLE: &str = "\
SELECT collname FROM pg_catalog.pg_collation WHERE collnamespace = 'pg_catalog'::regnamespace \
AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))";

/// Its name, as it stands in a statement. The server is asked once.
pub(crate) async fn collation(shared: &Shared, client: &Client) -> Result<Arc<str>, tokio_postgres::Error> {
    if let Some(name) = shared.folding.get() {
        return Ok(name.clone());
    }
    let none: [(&str, Type); 0] = [];
    let mut rows = pin!(client.query_typed_raw(AVAILABLE, none).await?);
    let mut names: Vec<String> = Vec::new();
    while let Some(row) = rows.next().await {
        names.push(row?.try_get(0)?);
    }
    let best = KNOWN.iter().find(|known| names.iter().any(|name| name == *known)).unwrap_or(&"default");
    let name: Arc<str> = format!("pg_catalog.\"{best}\"").into();
    Ok(shared.folding.get_or_init(|| name).clone())
}

/// The text of a statement as this server wants it.
pub(crate) async fn text<'a>(
    shared: &Shared,
    client: &Client,
    statement: &'a Compiled,
) -> Result<Cow<'a, str>, tokio_postgres::Error> {
    if !statement.sql.contains(FOLD_COLLATION) {
        return Ok(Cow::Borrowed(&statement.sql));
    }
    let collation = collation(shared, client).await?;
    Ok(Cow::Owned(statement.sql.replace(&format!("\"{FOLD_COLLATION}\""), &collation)))
}
