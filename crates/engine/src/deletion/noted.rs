//! References that a deletion cleared (SET NULL, SET DEFAULT), as the journal notes them.

use super::journal;
use crate::session::Session;
use reprieve_core::error::Result;
use reprieve_core::query::{Expr, Insert, Predicate, Rows, Select, Source, Statement};
use reprieve_core::schema::{Edge, Journal, OnDelete};
use reprieve_core::value::Value;
use uuid::Uuid;

/// What a cleared reference holds.
pub(super) fn cleared(edge: &Edge) -> Value {
    match edge.on_delete {
        OnDelete::SetDefault => edge.child.columns[edge.column].default.clone().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// The statement that notes the references of these children (source 0) that are going to be cleared.
pub(super) fn note(edge: &Edge, child: &Source, rows: Predicate, id: Uuid) -> Statement {
    let note = vec![
        Expr::Bind(journal::bind(id)),
        Expr::Bind(Value::from(edge.child.name.as_str())),
        child.key(),
        Expr::Bind(Value::from(edge.child.columns[edge.column].name.as_str())),
        child.column(edge.column),
    ];
    Statement::Insert(Insert {
        table: Journal::get().changes.clone(),
        columns: (Journal::CHANGE_DELETION_ID..=Journal::CHANGE_OLD).collect(),
        rows: Rows::Select(Box::new(Select::columns(child.clone(), note).filter(rows))),
        returning: Vec::new(),
    })
}

/// The notes of a deletion about one relation: this column of each.
pub(super) fn references(source: u8, edge: &Edge, id: &Value, column: usize) -> Select {
    let noted = Source::any(source, &Journal::get().changes);
    let about = about(&noted, edge, id);
    Select::columns(noted.clone(), vec![noted.column(column)]).filter(about)
}

/// The note is of this deletion, about this relation.
pub(super) fn about(noted: &Source, edge: &Edge, id: &Value) -> Predicate {
    let field = edge.child.columns[edge.column].name.as_str();
    Predicate::equals(noted.column(Journal::CHANGE_DELETION_ID), id.clone())
        .and(Predicate::equals(noted.column(Journal::CHANGE_TABLE), edge.child.name.as_str()))
        .and(Predicate::equals(noted.column(Journal::CHANGE_COLUMN), field))
}

/// The relations that the deletion has notes about.
pub(super) async fn edges(session: &mut Session, id: &Value) -> Result<Vec<Edge>> {
    let any = Source::any(0, &Journal::get().changes);
    let of = Predicate::equals(any.column(Journal::CHANGE_DELETION_ID), id.clone());
    let select = Select::columns(any.clone(), vec![any.key()]).filter(of).limit(1);
    let mut found = Vec::new();
    if session.rows(select).await?.is_empty() {
        return Ok(found);
    }
    let graph = session.graph.clone();
    for edge in graph.tables().iter().flat_map(|table| graph.parents(table)) {
        if !matches!(edge.on_delete, OnDelete::SetNull | OnDelete::SetDefault) {
            continue;
        }
        let noted = references(0, edge, id, Journal::CHANGE_KEY).limit(1);
        if !session.rows(noted).await?.is_empty() {
            found.push(edge.clone());
        }
    }
    Ok(found)
}
