//! Whether the database holds what the model says, and what always holds.

use crate::model::{Model, Row, RowId, TABLES};
use reprieve_conformance::Work;
use reprieve_conformance::content::{all, rows};
use reprieve_core::value::Value;
use std::collections::BTreeMap;

/// When it was deleted, by which deletion, under which parents.
type Found = (Value, Value, Vec<Value>);

pub(crate) async fn same(work: &mut Work, model: &Model) {
    assert_eq!(found(work).await, expected(model), "{model}");
    journal(work, model).await;
    for id in model.rows.keys().filter(|id| model.rows[id].deleted.is_none()) {
        for parent in model.parents(*id) {
            assert!(model.cascade_over(parent).is_none(), "{model}: {id:?} is live under {parent:?}");
        }
    }
}

async fn found(work: &mut Work) -> BTreeMap<RowId, Found> {
    let mut found = BTreeMap::new();
    for (number, (name, columns)) in TABLES.iter().enumerate() {
        let table = work.table(name);
        let marker = table.marker.unwrap();
        for row in rows(work, all(&table)).await.unwrap() {
            let Value::Int(key) = row[table.primary_key] else { panic!("{row:?}") };
            let parents = columns.iter().map(|(column, _)| row[table.position(column).unwrap()].clone());
            let found_row = (row[marker.column()].clone(), marker.held_by(&row).clone(), parents.collect());
            found.insert((number, key), found_row);
        }
    }
    found
}

fn expected(model: &Model) -> BTreeMap<RowId, Found> {
    let row = |row: &Row| {
        let at = row.deleted.map(|deleted| model.instants[deleted.since]);
        let by = row.deleted.map_or(Value::Null, |deleted| Value::Uuid(model.ids[deleted.by].into_bytes()));
        (Value::from(at), by, row.parents.iter().map(|key| Value::from(*key)).collect())
    };
    model.rows.iter().map(|(id, r)| (*id, row(r))).collect()
}

/// In force or not, and nobody is held by a deletion that is not.
async fn journal(work: &mut Work, model: &Model) {
    let table = work.table("reprieve_deletions");
    let restored = table.position("restored_at").unwrap();
    let found: BTreeMap<String, bool> = rows(work, all(&table))
        .await
        .unwrap()
        .iter()
        .map(|row| (format!("{:?}", row[table.primary_key]), row[restored].is_null()))
        .collect();
    let named = model.ids.iter().map(|id| format!("{:?}", Value::Uuid(id.into_bytes())));
    let expected: BTreeMap<String, bool> = named.zip(model.deletions.iter().map(|d| d.in_force)).collect();
    assert_eq!(found, expected, "{model}");
    for row in model.rows.values() {
        assert!(row.deleted.is_none_or(|deleted| model.deletions[deleted.by].in_force), "{model}");
    }
}
