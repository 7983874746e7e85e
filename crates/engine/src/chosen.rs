//! The rows that a query finds, for a verb on all of them.

use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Predicate, Select, Source, Visibility};
use reprieve_core::schema::Table;
use std::sync::Arc;

/// The rows that a query about one table finds: those it sees and that fulfil its filter, of these the page that its
/// order, limit and offset leave.
#[derive(Debug, Clone)]
pub struct Chosen {
    query: Select,
}

/// Where the numbers of a query's references begin when it stands inside another statement: statements of the engine
/// have lower ones.
const INNER: u8 = 100;

impl Chosen {
    /// The rows of a query about the table reference 0.
    ///
    /// # Errors
    /// When it has no condition and `all` is false: whoever forgot it would write to every row. A page is no condition:
    /// it says how many rows, and not which.
    pub fn rows(mut query: Select, all: bool) -> Result<Self> {
        if query.filter.is_true() && !all {
            let model = &query.from.table.model;
            let message = format!(
                "a query of {model} without any condition would write to every row it finds: give it one, such as \
                 filter(field=value), or say that all rows are meant with all=True"
            );
            return Err(Error::new(Kind::InvalidValue, message).model(model).field("all"));
        }
        if query.limit.is_some() || query.offset > 0 {
            // Each statement of a verb has to find the same page.
            query.order_all();
        } else {
            query.order.clear();
        }
        Ok(Self { query })
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.query.from.table
    }

    /// The table as reference 0, with the visibility of the query.
    pub(crate) fn source(&self) -> Source {
        self.query.from.clone()
    }

    /// What makes a row of [`Chosen::source`] one of them.
    pub(crate) fn condition(&self) -> Predicate {
        if self.query.limit.is_some() || self.query.offset > 0 {
            return self.query.clone().as_condition(INNER);
        }
        self.query.filter.clone()
    }

    /// What makes a row one of them, whatever the statement sees of the table.
    pub(crate) fn condition_for(&self, visibility: Visibility) -> Predicate {
        match self.query.from.visibility {
            Visibility::Any => self.condition(),
            own if own == visibility => self.condition(),
            _ => self.query.clone().as_condition(INNER),
        }
    }

    /// The query of the keys of those that are deleted.
    pub(crate) fn deleted_keys(&self) -> Select {
        let mut query = self.query.clone();
        query.from.visibility = Visibility::Deleted;
        query.columns = vec![query.from.key()];
        query
    }
}
