//! Reading a long list in parts: each part begins where the one before ended.
//!
//! No transaction and no connection is held between two parts. What others commit meanwhile is seen as far as it lies
//! ahead: a row is missed, or seen twice, only when its place in the order is changed.

use super::{Session, Verb};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::{self, Expr, Select};
use reprieve_core::schema::ColumnType;
use reprieve_core::value::Value;

/// The values of the terms of the order in the last row of a part.
pub type Place = Vec<Value>;

impl Session {
    /// Reads at most this many rows, from the first one behind `after` on. Returns the place of the last of them when
    /// more rows follow. Rows that the query's order holds equal follow by key; its limit is replaced.
    ///
    /// # Errors
    /// When the order is one of documents, the database refuses, or the sink does.
    pub async fn read_on(
        &mut self,
        select: Select,
        after: Option<&[Value]>,
        rows: u64,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Place>> {
        let mut verb = Verb::start(self)?;
        let result = verb.read_part(select, after, rows, sink).await;
        verb.finish(result)
    }

    /// The same from a cursor on, or from the first row; returns the cursor of the next page when there is one.
    ///
    /// # Errors
    /// As [`Session::read_on`]; and when the cursor was not given out for this list.
    pub async fn read_page(
        &mut self,
        mut select: Select,
        cursor: Option<&str>,
        rows: u64,
        sink: &mut dyn RowSink,
    ) -> Result<Option<String>> {
        // From here on types of foreign keys are known.
        let mut verb = Verb::start(self)?;
        select.order_all();
        let result = async {
            let after = cursor.map(|cursor| query::read_cursor(&select, cursor)).transpose()?;
            let place = verb.read_part(select.clone(), after.as_deref(), rows, sink).await?;
            Ok(place.map(|place| query::write_cursor(&select, &place)))
        }
        .await;
        verb.finish(result)
    }

    async fn read_part(
        &mut self,
        mut select: Select,
        after: Option<&[Value]>,
        rows: u64,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Place>> {
        select.order_all();
        let kinds: Vec<ColumnType> =
            query::order_columns(&select)?.into_iter().map(|column| column.kind().clone()).collect();
        let positions: Vec<usize> = (0..kinds.len()).map(|term| position_of(&mut select, term)).collect();
        // One more tells whether there is one.
        select.limit = Some(rows.saturating_add(1));
        if let Some(after) = after {
            select = select.after(after);
        }
        let terms = positions.into_iter().zip(kinds).collect();
        let mut part = Part { inner: sink, rows, left: rows, terms, last: Vec::new(), more: false };
        self.select(select, &mut part).await?;
        Ok(part.more.then_some(part.last))
    }
}

/// Where a term of the order is among the columns read; it is added when it is not there.
fn position_of(select: &mut Select, term: usize) -> usize {
    let place = |expr: &Expr| match expr {
        Expr::Column { source, position } => Some((*source, *position)),
        _ => None,
    };
    let by = &select.order[term].by;
    let found = select.columns.iter().position(|column| place(column) == place(by));
    found.unwrap_or_else(|| {
        select.columns.push(select.order[term].by.clone());
        select.columns.len() - 1
    })
}

/// Passes the rows of a part on, notes the place of the last of them, and whether there is one more.
struct Part<'a> {
    inner: &'a mut dyn RowSink,
    rows: u64,
    left: u64,
    terms: Vec<(usize, ColumnType)>,
    last: Place,
    more: bool,
}

impl RowSink for Part<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if self.left == 0 {
            self.more = true;
            return Ok(());
        }
        self.left -= 1;
        if self.left == 0 {
            let value = |(at, kind): &(usize, ColumnType)| Ok(query::place_value(kind, row.cell(*at)?));
            self.last = self.terms.iter().map(value).collect::<Result<_>>()?;
        }
        self.inner.row(row)
    }

    fn restart(&mut self) {
        self.inner.restart();
        (self.left, self.more) = (self.rows, false);
    }
}
