//! The set of declared tables. The one state a process shares, because classes are declared when modules load.

use super::{Graph, Table};
use crate::error::{Error, Kind, Result};
use std::sync::{Arc, PoisonError, RwLock};

/// A set of tables that know each other by name.
#[derive(Debug, Default)]
pub struct Schema {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    tables: Vec<Arc<Table>>,
    graph: Option<Arc<Graph>>,
}

impl Schema {
    /// An empty schema.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table.
    ///
    /// # Errors
    /// [`Kind::Schema`] when a table of that name is declared already.
    pub fn declare(&self, table: Arc<Table>) -> Result<()> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = state.tables.iter().find(|t| t.name.eq_ignore_ascii_case(&table.name)) {
            return Err(Error::new(
                Kind::Schema,
                format!(
                    "Model {} declares the table '{}', which model {} declares already: give one of them another \
                     table name, or declare it once and import it",
                    table.model, table.name, first.model
                ),
            )
            .model(&table.model));
        }
        state.tables.push(table);
        state.graph = None;
        Ok(())
    }

    /// Takes a table out, for a class that is declared anew (a reloaded module, a notebook cell run again).
    pub fn forget(&self, name: &str) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.tables.retain(|t| !t.name.eq_ignore_ascii_case(name));
        state.graph = None;
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<Arc<Table>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.tables.iter().find(|t| t.name == name).cloned()
    }

    /// How the tables refer to each other; worked out once for each set of tables.
    ///
    /// # Errors
    /// [`Kind::Schema`] when a foreign key names a table that nobody declared.
    pub fn graph(&self) -> Result<Arc<Graph>> {
        if let Some(graph) = &self.state.read().unwrap_or_else(PoisonError::into_inner).graph {
            return Ok(graph.clone());
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let graph = Arc::new(Graph::link(&state.tables)?);
        state.graph = Some(graph.clone());
        Ok(graph)
    }
}
