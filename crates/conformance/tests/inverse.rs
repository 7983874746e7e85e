//! Undoing every deletion, in any order, leaves every row and every reference as if nothing had been deleted.
//!
//! All kinds of relations take part: cascade (also of a table to itself, in a cycle, in a diamond), SET NULL,
//! SET DEFAULT, RESTRICT, and rows without soft delete.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use proptest::prelude::*;
use proptest::sample::Index;
use reprieve_conformance::content::Content;
use reprieve_conformance::{Fresh, Work, World, block_on, postgres};
use reprieve_core::driver::Runtime;
use reprieve_core::error::Kind;
use reprieve_core::query::{Expr, Predicate, Select, Source, Visibility};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::Delete;
use std::sync::Arc;
use uuid::Uuid;

const LIVES: u32 = 150;
const ROWS: i64 = 3;

/// Each table and the columns that refer to another one.
const TABLES: &[(&str, &[(&str, &str)])] = &[
    ("users", &[]),
    ("posts", &[("user_id", "users")]),
    ("comments", &[("post_id", "posts"), ("parent_id", "comments")]),
    ("reactions", &[("post_id", "posts"), ("comment_id", "comments")]),
    ("pins", &[("post_id", "posts")]),
    ("memberships", &[("user_id", "users")]),
    ("tickets", &[("assignee_id", "users")]),
    ("invoices", &[("user_id", "users")]),
    ("logs", &[("user_id", "users")]),
    ("chickens", &[("egg_id", "eggs")]),
    ("eggs", &[("chicken_id", "chickens")]),
];

#[derive(Debug, Clone)]
enum Step {
    Delete { row: Index, cascade: bool },
    Undo { deletion: Index },
}

#[test]
fn undoing_every_deletion_in_any_order_brings_everything_back() {
    run(support::memory, LIVES, prop::bool::weighted(0.6).boxed(), false);
}

#[test]
fn undoing_every_deletion_in_any_order_brings_everything_back_on_postgres() {
    run(postgres::fresh, LIVES / 6, prop::bool::weighted(0.6).boxed(), false);
}

#[test]
fn no_live_row_is_ever_under_a_parent_that_a_cascade_holds() {
    run(support::memory, LIVES, Just(true).boxed(), true);
}

fn run(fresh: fn(Arc<dyn Runtime>) -> Fresh, lives: u32, cascade: BoxedStrategy<bool>, look: bool) {
    let world = block_on(World::new(fresh));
    let references = prop::collection::vec(prop::option::weighted(0.7, 1..=ROWS), 50);
    let delete = (any::<Index>(), cascade).prop_map(|(row, cascade)| Step::Delete { row, cascade });
    let undo = any::<Index>().prop_map(|deletion| Step::Undo { deletion });
    let steps = prop::collection::vec(prop_oneof![3 => delete, 1 => undo], 1..12);
    let order = any::<u64>();
    support::property(lives, &(references, steps, order), |(references, steps, order)| {
        block_on(one(&world, references, steps, order, look));
    });
}

async fn one(world: &World, references: Vec<Option<i64>>, steps: Vec<Step>, order: u64, look: bool) {
    let mut work = world.work();
    fill(&mut work, references).await;
    let before = rows(&mut work).await;
    let mut deletions: Vec<Uuid> = Vec::new();
    for step in steps {
        match step {
            Step::Delete { row, cascade } => {
                let row = row.index(TABLES.len() * ROWS as usize);
                let (table, key) = (TABLES[row / ROWS as usize].0, 1 + (row % ROWS as usize) as i64);
                let options = Delete { cascade, ..Delete::default() };
                match work.try_delete(table, key, options).await {
                    Ok(deletion) if deletion.rows() > 0 => deletions.push(deletion.id),
                    Ok(_) => {}
                    // Where a reference would become its default, and that names a row that a cascade holds.
                    Err(error) if error.kind() == Kind::ConstraintViolation => {
                        assert_eq!(error.context().model.as_deref(), Some("Ticket"), "{error:?}");
                    }
                    Err(error) => assert!(error.is_restricted() || table == "logs", "{error:?}"),
                }
            }
            Step::Undo { deletion } if !deletions.is_empty() => {
                let deletion = deletions.remove(deletion.index(deletions.len()));
                work.undo(deletion, &Actor::default()).await.unwrap();
            }
            Step::Undo { .. } => {}
        }
        if look {
            no_live_row_is_under_a_held_parent(&mut work).await;
        }
    }
    for round in 0.. {
        if deletions.is_empty() {
            break;
        }
        let next = (order.rotate_left(round * 7) % deletions.len() as u64) as usize;
        work.undo(deletions.remove(next), &Actor::default()).await.unwrap();
        if look {
            no_live_row_is_under_a_held_parent(&mut work).await;
        }
    }
    assert_eq!(rows(&mut work).await, before);
    assert!(work.column("reprieve_changes", "id").await.is_empty());
    assert!(work.column("reprieve_deletions", "restored_at").await.iter().all(|at| !at.is_null()));
    work.rollback().await.unwrap();
}

/// Rows first, references then: they may go in any direction.
async fn fill(work: &mut Work, references: Vec<Option<i64>>) {
    for (table, _) in TABLES {
        for key in 1..=ROWS {
            let mut row = vec![("id", Value::from(key))];
            row.extend((*table == "users").then(|| ("name", "ada".into())));
            row.extend((*table == "tickets").then_some(("assignee_id", Value::Null)));
            work.add(table, row).await;
        }
    }
    let mut references = references.into_iter().cycle();
    for (table, columns) in TABLES {
        for (key, (column, _)) in (1..=ROWS).flat_map(|key| columns.iter().map(move |column| (key, column))) {
            if let Some(parent) = references.next().flatten() {
                work.change(table, key, vec![(*column, parent.into())]).await.unwrap();
            }
        }
    }
}

async fn rows(work: &mut Work) -> Content {
    let mut content = work.content().await;
    content.retain(|table, _| !table.starts_with("reprieve_"));
    content
}

async fn no_live_row_is_under_a_held_parent(work: &mut Work) {
    for (table, columns) in TABLES.iter().filter(|(table, _)| *table != "logs") {
        for (column, parent) in *columns {
            let (table, parent) = (work.table(table), work.table(parent));
            let deleted = Source::new(1, &parent, Visibility::Deleted);
            let keys = Select::columns(deleted.clone(), vec![deleted.key()]);
            let live = Source::live(0, &table);
            let reference = live.column(table.position(column).unwrap());
            let select = Select::columns(live, vec![Expr::Count])
                .filter(Predicate::InSelect(reference, Box::new(keys)));
            let count = reprieve_conformance::content::rows(work, select).await.unwrap();
            assert_eq!(count, [[Value::Int(0)]], "{}.{column}", table.name);
        }
    }
}
