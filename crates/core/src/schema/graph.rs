//! How tables refer to each other: who is whose child, and in which order they can be created.

use super::{OnDelete, Table};
use crate::error::{Error, Kind, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// The tables of a schema with their references resolved.
#[derive(Debug)]
pub struct Graph {
    tables: Vec<Arc<Table>>,
    children: HashMap<u32, Vec<Edge>>,
    parents: HashMap<u32, Vec<Edge>>,
}

/// A foreign key between two tables: `child.column` names the primary key of `parent`.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The table referred to.
    pub parent: Arc<Table>,
    /// The table that refers.
    pub child: Arc<Table>,
    /// The position of the foreign key in `child`.
    pub column: usize,
    /// What happens to the child when the parent is deleted.
    pub on_delete: OnDelete,
}

impl Graph {
    pub(super) fn link(tables: &[Arc<Table>]) -> Result<Self> {
        let by_name: HashMap<&str, &Arc<Table>> = tables.iter().map(|t| (t.name.as_str(), t)).collect();
        let mut edges = Vec::new();
        for child in tables {
            for (column, field) in child.columns.iter().enumerate() {
                let Some(key) = &field.references else { continue };
                let parent = *by_name
                    .get(key.table.as_str())
                    .ok_or_else(|| unknown_target(child, column, &key.table))?;
                field.resolve(parent.key().kind());
                edges.push(Edge {
                    parent: parent.clone(),
                    child: child.clone(),
                    column,
                    on_delete: key.on_delete,
                });
            }
        }
        let mut graph = Self { tables: Vec::new(), children: HashMap::new(), parents: HashMap::new() };
        for edge in edges {
            graph.parents.entry(edge.child.id).or_default().push(edge.clone());
            graph.children.entry(edge.parent.id).or_default().push(edge);
        }
        graph.tables = graph.parents_first(tables);
        Ok(graph)
    }

    /// Every table, parents before children as far as cycles allow.
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// The references to this table.
    pub fn children(&self, table: &Table) -> &[Edge] {
        self.children.get(&table.id).map_or(&[], Vec::as_slice)
    }

    /// The references from this table.
    pub fn parents(&self, table: &Table) -> &[Edge] {
        self.parents.get(&table.id).map_or(&[], Vec::as_slice)
    }

    fn parents_first(&self, tables: &[Arc<Table>]) -> Vec<Arc<Table>> {
        let mut order: Vec<Arc<Table>> = Vec::with_capacity(tables.len());
        let mut rest: Vec<&Arc<Table>> = tables.iter().collect();
        while !rest.is_empty() {
            let ready = |table: &Table, rest: &[&Arc<Table>]| {
                self.parents(table)
                    .iter()
                    .all(|e| e.parent.id == table.id || !rest.iter().any(|r| r.id == e.parent.id))
            };
            // In a cycle nobody is ready: the first declared goes first.
            let next = rest.iter().position(|t| ready(t, &rest)).unwrap_or(0);
            order.push(rest.remove(next).clone());
        }
        order
    }
}

fn unknown_target(child: &Table, column: usize, target: &str) -> Error {
    let field = &child.columns[column].name;
    Error::new(
        Kind::Schema,
        format!(
            "{}.{field} refers to the table '{target}', which no model declares: import the module that declares it \
             before create_tables(), or correct the name",
            child.model
        ),
    )
    .model(&child.model)
    .field(field)
}
