//! Long lists in parts, and as a stream.

use super::rows::Query;
use super::sink::Collect;
use super::view::View;
use crate::relation::Includes;
use crate::session::Session;
use crate::{Model, Result};
use futures_util::stream::{self, Stream};
use reprieve_engine::Place;
use std::fmt;

/// The rows of a query, so many at a time: see [`Query::batches`].
#[must_use = "no row is read until next()"]
pub struct Batches<M, V, I> {
    query: Query<M, V, I>,
    rows: u64,
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    After(Place),
    End,
}

/// Rows that a stream reads at once.
const BATCH: u64 = 1000;

impl<M: Model, V: View<M>, I: Includes<M, V>> Query<M, V, I> {
    /// The rows, at most this many at a time. Between two batches nothing is held but the place in the order, no connection
    /// and no transaction: what is done with a batch may use the session.
    ///
    /// A row that others change meanwhile is missed, or comes twice, only when its place in the order changes.
    ///
    /// ```
    /// # use reprieve::{Database, Model};
    /// # #[derive(Debug, Clone, Model)]
    /// # #[model(table = "notes")]
    /// # struct Note { #[model(primary_key)] id: i64, text: String }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = Database::builder("sqlite::memory:").model::<Note>().connect()?;
    /// # database.create_tables().await?;
    /// # let mut session = database.session()?;
    /// session.insert_all((0..5).map(|n| Note::create().text(n.to_string()))).await?;
    /// let mut batches = Note::all().batches(2);
    /// while let Some(notes) = batches.next(&mut session).await? {
    ///     for mut note in notes {
    ///         note.update().text("seen").save(&mut session).await?;
    ///     }
    /// }
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn batches(self, rows: u64) -> Batches<M, V, I> {
        Batches { query: self, rows: rows.max(1), next: Next::First }
    }

    /// The rows one by one, with the memory of one batch. Use [`Query::batches`] where the session is needed meanwhile.
    ///
    /// ```
    /// # use reprieve::{Database, Model};
    /// # #[derive(Debug, Clone, Model)]
    /// # #[model(table = "notes")]
    /// # struct Note { #[model(primary_key)] id: i64, text: String }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use futures_util::TryStreamExt;
    /// # let database = Database::builder("sqlite::memory:").model::<Note>().connect()?;
    /// # database.create_tables().await?;
    /// # let mut session = database.session()?;
    ///
    /// session.insert_all(["milk", "bread"].map(|text| Note::create().text(text))).await?;
    /// let mut notes = std::pin::pin!(Note::all().stream(&mut session));
    /// let mut letters = 0;
    /// while let Some(note) = notes.try_next().await? {
    ///     letters += note.text.len();
    /// }
    /// assert_eq!(letters, 9);
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn stream<'s>(self, session: &'s mut Session) -> impl Stream<Item = Result<I::Row>> + Send + 's
    where
        M: 's,
        V: 's,
    {
        let state = (self.batches(BATCH), session, Vec::new().into_iter());
        stream::try_unfold(state, |(mut batches, session, mut rows)| async move {
            loop {
                if let Some(row) = rows.next() {
                    return Ok(Some((row, (batches, session, rows))));
                }
                match batches.next(session).await? {
                    Some(batch) => rows = batch.into_iter(),
                    None => return Ok(None),
                }
            }
        })
    }
}

impl<M: Model, V: View<M>, I: Includes<M, V>> Batches<M, V, I> {
    /// The next batch, or `None` when there are no more rows. After an error the same batch is read again.
    ///
    /// # Errors
    /// As [`Query::all`]; also when the order is one of documents.
    pub async fn next(&mut self, session: &mut Session) -> Result<Option<Vec<I::Row>>> {
        let rows = self.query.limit.map_or(self.rows, |left| left.min(self.rows));
        let after = match &self.next {
            _ if rows == 0 => return Ok(None),
            Next::End => return Ok(None),
            Next::First => None,
            Next::After(place) => Some(&place[..]),
        };
        let mut select = self.query.narrow(V::select(Query::<M, V>::source()?));
        if after.is_some() {
            select.offset = 0;
        }
        let mut found = Collect::new(V::read);
        let place = session.engine().await?.read_on(select, after, rows, &mut found).await?;
        let found = self.query.with_related(found.take(), session).await?;
        self.next = place.map_or(Next::End, Next::After);
        if let Some(left) = &mut self.query.limit {
            *left -= rows;
        }
        Ok((!found.is_empty()).then_some(found))
    }
}

impl<M: Model, V, I> fmt::Debug for Batches<M, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("query", &self.query)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}
