//! Creating or dropping a part of the tables, where the database does not let a table be without those that it refers to.

use reprieve_core::error::{Error, Kind};
use reprieve_core::schema::{Edge, Graph, Table};
use std::sync::Arc;

/// Says which table one of these refers to that is not there.
pub(super) fn creating(graph: &Graph, tables: &[Arc<Table>], error: Error) -> Error {
    let named = error.context().table.clone();
    let may_be = |table: &Table| named.as_ref().is_none_or(|name| *name == table.name);
    let is_missing = |edge: &&Edge| may_be(&edge.parent) && !edge.parent.is_among(tables);
    let edge = tables.iter().flat_map(|table| graph.parents(table)).find(is_missing);
    match edge.filter(|_| error.kind() == Kind::MissingTable) {
        None => error,
        Some(Edge { parent, child, column, .. }) => {
            let message = format!(
                "{} cannot be created without {}: its {} refers to the table '{}', which is not in the database. Create \
                 both, in one call of create_tables()",
                child.model, parent.model, child.columns[*column].name, parent.name
            );
            let (model, field) = (child.model.clone(), child.columns[*column].name.clone());
            error.message(message).model(&model).field(field)
        }
    }
}

/// Says which tables that stay refer to one of these.
pub(super) fn dropping(graph: &Graph, tables: &[Arc<Table>], error: Error) -> Error {
    let stays = |edge: &&Edge| !edge.child.is_among(tables);
    let mut edges = tables.iter().flat_map(|table| graph.children(table)).filter(stays);
    match edges.next().filter(|_| error.kind() == Kind::Database) {
        None => error,
        Some(Edge { parent, child, column, .. }) => {
            let message = format!(
                "{} cannot be dropped while {} stays, whose {} refers to it. Drop both, in one call of \
                 drop_tables()",
                parent.model, child.model, child.columns[*column].name
            );
            let model = parent.model.clone();
            error.message(message).model(&model)
        }
    }
}
