//! Pages of a list: by number, and by cursor.

use super::rows::Query;
use super::sink::Collect;
use super::view::View;
use crate::relation::Includes;
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::error::{Error, Kind};

/// A page by number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// How many rows there are on all pages.
    pub total: u64,
    /// Its number, from 1.
    pub page: u64,
    /// Rows on a page.
    pub page_size: u64,
}

impl<T> Page<T> {
    /// How many pages there are.
    pub fn total_pages(&self) -> u64 {
        self.total.div_ceil(self.page_size)
    }

    /// Whether a page follows.
    pub fn has_next(&self) -> bool {
        self.page < self.total_pages()
    }

    /// Whether a page goes before.
    pub fn has_previous(&self) -> bool {
        self.page > 1
    }
}

/// A page by cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CursorPage<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Where the next page begins, for an address; `None` on the last one.
    pub next_cursor: Option<String>,
}

impl<M: Model, V: View<M>, I: Includes<M, V>> Query<M, V, I> {
    /// A page, counted from 1, by two statements: the number of all rows and the rows of the page, which are ordered by key
    /// where the query's order holds them equal. Limit and offset of the query are replaced.
    ///
    /// # Errors
    /// [`Kind::InvalidValue`] for a page or a page size of 0; else as [`Query::all`].
    pub async fn page(self, page: u64, page_size: u64, session: &mut Session) -> Result<Page<I::Row>> {
        counted::<M>("page", page)?;
        counted::<M>("page_size", page_size)?;
        let offset = (page - 1).saturating_mul(page_size);
        let all = Query::<M, V>::with(self.filter.clone(), Vec::new(), ());
        let total = all.count(session).await?;
        let items = match offset < total {
            true => self.limit(page_size).offset(offset).all(session).await?,
            false => Vec::new(),
        };
        Ok(Page { items, total, page, page_size })
    }

    /// The page behind a cursor, or the first one. It costs the same however far it lies in the list, and rows that come
    /// or go before it move nothing. A cursor is text that fits an address; it belongs to this query and order.
    ///
    /// # Errors
    /// [`Kind::InvalidValue`] for a cursor that was not given out for this list, and a page size of 0; else as
    /// [`Query::all`].
    pub async fn page_after(
        self,
        cursor: Option<&str>,
        page_size: u64,
        session: &mut Session,
    ) -> Result<CursorPage<I::Row>> {
        counted::<M>("page_size", page_size)?;
        let select = self.narrow(V::select(Query::<M, V>::source()?));
        let mut found = Collect::new(V::read);
        let next_cursor = session.engine().await?.read_page(select, cursor, page_size, &mut found).await?;
        let items = self.with_related(found.take(), session).await?;
        Ok(CursorPage { items, next_cursor })
    }
}

fn counted<M: Model>(what: &str, number: u64) -> Result<()> {
    if number > 0 {
        return Ok(());
    }
    let message = format!("{}: {what} is counted from 1, got 0", M::NAME);
    Err(Error::new(Kind::InvalidValue, message).model(M::NAME).field(what))
}
