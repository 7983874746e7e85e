//! What can happen to rows, done to the database and to the model.

use crate::model::{Model, RowId, TABLES};
use proptest::prelude::*;
use proptest::sample::Index;
use reprieve_conformance::Work;
use reprieve_core::error::Kind;
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Restore, Roots};

/// One step; indexes choose among the rows and deletions that there are.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Create { table: usize, parents: Vec<Option<Index>> },
    Move { row: Index, column: Index, to: Option<Index>, stale: bool },
    Delete { rows: Vec<Index>, cascade: bool },
    RestoreAlone { rows: Vec<Index>, ancestors: bool },
    RestoreDeletion { rows: Vec<Index> },
    Undo { deletion: Index },
    Remove { row: Index },
}

pub(crate) fn any() -> impl Strategy<Value = Step> {
    let index = || proptest::arbitrary::any::<Index>();
    let parents = prop::collection::vec(prop::option::weighted(0.8, index()), 2);
    let rows = || prop::collection::vec(index(), 1..4);
    prop_oneof![
        9 => (0..3usize, parents).prop_map(|(table, parents)| Step::Create { table, parents }),
        3 => (index(), index(), prop::option::weighted(0.8, index()), proptest::bool::weighted(0.3))
            .prop_map(|(row, column, to, stale)| Step::Move { row, column, to, stale }),
        8 => (rows(), proptest::bool::weighted(0.7)).prop_map(|(rows, cascade)| Step::Delete { rows, cascade }),
        4 => (rows(), proptest::bool::ANY).prop_map(|(rows, ancestors)| Step::RestoreAlone { rows, ancestors }),
        2 => rows().prop_map(|rows| Step::RestoreDeletion { rows }),
        4 => index().prop_map(|deletion| Step::Undo { deletion }),
        1 => index().prop_map(|row| Step::Remove { row }),
    ]
}

/// Does it to both. Panics when they disagree about what it did; the model remembers the steps, for the message.
pub(crate) async fn run(step: &Step, work: &mut Work, model: &mut Model) {
    let all: Vec<RowId> = model.rows.keys().copied().collect();
    match step {
        Step::Create { table, parents } => create(work, model, *table, parents).await,
        Step::Undo { deletion } if !model.deletions.is_empty() => {
            let deletion = deletion.index(model.deletions.len());
            model.told.push(format!("undo deletion {deletion}"));
            let id = model.ids[deletion];
            let done = work.undo(id, &Actor::default()).await.unwrap();
            let handed: u64 = done.handed_over.iter().map(|t| t.rows).sum();
            let expected = model.undo(deletion);
            assert_eq!((done.rows() as usize, handed as usize), expected, "{model}");
        }
        _ if all.is_empty() => {}
        Step::Move { row, column, to, stale } => {
            let id = all[row.index(all.len())];
            match stale {
                true => reparent_stale(work, model, id, column, *to).await,
                false => reparent(work, model, id, column, *to).await,
            }
        }
        Step::Delete { rows, cascade } => {
            let (table, roots, keys) = named(&all, rows);
            model.told.push(format!("delete {roots:?}, cascade: {cascade}"));
            let options = Delete { cascade: *cascade, ..Delete::default() };
            let table = work.table(TABLES[table].0);
            let deletion = work.soft_delete(&table, keys, options, &Actor::default()).await.unwrap();
            let (new, taken) = model.delete(&roots, *cascade);
            assert_eq!(deletion.rows() as usize, taken, "{model}");
            if new.is_some() {
                model.ids.push(deletion.id);
                model.instants.push(deletion.at);
            }
        }
        Step::RestoreAlone { rows, ancestors } => {
            let (table, roots, keys) = named(&all, rows);
            model.told.push(format!("restore {roots:?} alone, ancestors: {ancestors}"));
            let options = Restore { cascade: false, ancestors: *ancestors };
            let table = work.table(TABLES[table].0);
            let done = work.restore(&table, keys, options, &Actor::default()).await;
            match (done, model.restore_alone(&roots, *ancestors)) {
                (Ok(done), Ok(back)) => assert_eq!(done.rows() as usize, back, "{model}"),
                (Err(error), Err(_)) => assert!(error.is_restore_conflict(), "{model}: {error:?}"),
                other => panic!("{model}: {other:?}"),
            }
        }
        Step::RestoreDeletion { rows } => {
            let (table, roots, keys) = named(&all, rows);
            model.told.push(format!("restore the deletions of {roots:?}"));
            let options = Restore { cascade: true, ancestors: false };
            let table = work.table(TABLES[table].0);
            let done = work.restore(&table, keys, options, &Actor::default()).await.unwrap();
            let back: usize = model.holders(&roots).into_iter().map(|deletion| model.undo(deletion).0).sum();
            assert_eq!(done.rows() as usize, back, "{model}");
        }
        Step::Remove { row } => {
            let (table, key) = all[row.index(all.len())];
            model.told.push(format!("remove {:?}", (table, key)));
            assert!(work.gone(TABLES[table].0, key).await.unwrap(), "{model}");
            model.remove((table, key));
        }
        Step::Undo { .. } => {}
    }
}

/// The rows chosen that are in the table of the first.
fn named(all: &[RowId], rows: &[Index]) -> (usize, Vec<RowId>, Roots) {
    let first = all[rows[0].index(all.len())];
    let same: Vec<RowId> = all.iter().copied().filter(|id| id.0 == first.0).collect();
    let mut roots = vec![first];
    roots.extend(rows[1..].iter().map(|index| same[index.index(same.len())]));
    roots.sort_unstable();
    roots.dedup();
    let keys = match roots[..] {
        [(_, key)] => Roots::Key(key.into()),
        _ => Roots::Keys(roots.iter().map(|(_, key)| (*key).into()).collect()),
    };
    (first.0, roots, keys)
}

async fn create(work: &mut Work, model: &mut Model, table: usize, parents: &[Option<Index>]) {
    let key = model.next_key;
    model.next_key += 1;
    let columns = TABLES[table].1;
    let chosen: Vec<Option<i64>> =
        columns.iter().zip(parents).map(|(column, index)| choose(model, column.1, *index)).collect();
    let mut values: Vec<(&str, Value)> = vec![("id", key.into())];
    if table == 0 {
        values.push(("name", "ada".into()));
    }
    values.extend(columns.iter().zip(&chosen).map(|(column, key)| (column.0, Value::from(*key))));
    let done = work.try_add(TABLES[table].0, values).await;
    let all: Vec<usize> = (0..columns.len()).collect();
    model.told.push(format!("create {:?} under {chosen:?}", (table, key)));
    let expected = model.write((table, key), chosen, &all);
    same(done, expected, model);
}

async fn reparent(work: &mut Work, model: &mut Model, id: RowId, column: &Index, to: Option<Index>) {
    let columns = TABLES[id.0].1;
    if columns.is_empty() {
        return;
    }
    let column = column.index(columns.len());
    let key = choose(model, columns[column].1, to);
    let seen = if model.rows[&id].deleted.is_some() { Visibility::Deleted } else { Visibility::Live };
    let done = work.change_seen(TABLES[id.0].0, id.1, seen, vec![(columns[column].0, key.into())]).await;
    let mut parents = model.rows[&id].parents.clone();
    parents[column] = key;
    model.told.push(format!("move {id:?} under {parents:?}"));
    let expected = model.write(id, parents, &[column]);
    same(done, expected, model);
}

/// By a caller that saw the row in the other state: nothing is written.
async fn reparent_stale(work: &mut Work, model: &mut Model, id: RowId, column: &Index, to: Option<Index>) {
    let columns = TABLES[id.0].1;
    if columns.is_empty() {
        return;
    }
    let column = columns[column.index(columns.len())];
    let key = choose(model, column.1, to);
    let seen = if model.rows[&id].deleted.is_some() { Visibility::Live } else { Visibility::Deleted };
    let done = work.change_seen(TABLES[id.0].0, id.1, seen, vec![(column.0, key.into())]).await;
    model.told.push(format!("move {id:?} as if it were {seen:?}"));
    // What it would refer to may be what is refused first.
    let kind = done.unwrap_err().kind();
    assert!(matches!(kind, Kind::Deleted | Kind::ConstraintViolation), "{model}: {kind:?}");
}

fn choose(model: &Model, table: usize, index: Option<Index>) -> Option<i64> {
    let keys: Vec<i64> = model.rows.keys().filter(|id| id.0 == table).map(|id| id.1).collect();
    index.filter(|_| !keys.is_empty()).map(|index| keys[index.index(keys.len())])
}

fn same(done: reprieve_core::Result<()>, expected: Result<(), crate::model::Refused>, model: &Model) {
    match (done, expected) {
        (Ok(()), Ok(())) => {}
        (Err(error), Err(_)) => assert_eq!(error.kind(), Kind::ConstraintViolation, "{model}: {error:?}"),
        other => panic!("{model}: {other:?}"),
    }
}
