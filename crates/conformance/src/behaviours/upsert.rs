//! Upserts: one row by its values, found, made or brought back, whoever else asks for it.

use crate::content::Rows;
use crate::faults::sweep;
use crate::{Work, World, block_on, values};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::{Change, Outcome, Writing};
use std::sync::Arc;
use std::thread;

type Named<'a> = Vec<(&'a str, Value)>;

fn at(table: &Table, values: Named<'_>) -> Vec<Change> {
    values.into_iter().map(|(name, value)| (table.position(name).unwrap(), value)).collect()
}

/// The outcome, and the key of the row.
async fn upsert(
    work: &mut Work,
    table: &str,
    wanted: Named<'_>,
    defaults: Named<'_>,
    update: bool,
) -> Result<(Outcome, i64)> {
    let table: Arc<Table> = work.table(table);
    let (wanted, defaults) = (at(&table, wanted), at(&table, defaults));
    let mut make = |writing| {
        Ok(match writing {
            Writing::Create => wanted.iter().chain(&defaults).cloned().collect(),
            Writing::Update => defaults.clone(),
        })
    };
    let mut rows = Rows { kinds: vec![table.key().kind().clone()], rows: Vec::new() };
    let actor = Actor::default();
    let outcome = if update {
        work.update_or_create(&table, &wanted, &mut make, &actor, &mut rows).await?
    } else {
        work.get_or_create(&table, &wanted, &mut make, &actor, &mut rows).await?
    };
    match rows.rows.last().map(Vec::as_slice) {
        Some([Value::Int(key)]) => Ok((outcome, *key)),
        other => panic!("no row came: {other:?}"),
    }
}

async fn get_or_create(work: &mut Work, table: &str, wanted: Named<'_>) -> Result<(Outcome, i64)> {
    upsert(work, table, wanted, Vec::new(), false).await
}

/// Nor is a transaction left open, or a function of the caller asked for values.
pub async fn a_row_that_is_there_is_found_and_nothing_is_written(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a"]).await;
    work.save().await;
    let before = world.committed().await;
    let found = upsert(&mut work, "users", values![email: "a"], values![name: "bob"], false).await.unwrap();
    assert_eq!(found, (Outcome::Found, 1));
    assert!(!work.in_transaction());
    assert_eq!(world.committed().await, before);
}

/// With its defaults, and found from then on.
pub async fn a_row_that_is_not_there_is_created_once(world: World) {
    let mut work = world.work();
    for (update, outcome) in [(false, Outcome::Created), (false, Outcome::Found), (true, Outcome::Updated)] {
        let wanted = values![email: "a"];
        let made = upsert(&mut work, "users", wanted, values![name: "ada"], update).await.unwrap();
        assert_eq!(made, (outcome, 1));
    }
    let made = upsert(&mut work, "users", values![email: "b"], values![name: "bob"], true).await.unwrap();
    assert_eq!(made, (Outcome::Created, 2));
    work.save().await;
    assert_eq!(work.column("users", "name").await, [Value::from("ada"), "bob".into()]);
}

/// And no other.
pub async fn a_row_that_is_there_is_changed(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a"]).await;
    work.add("users", values![id: 2, name: "bob", email: "b"]).await;
    let changed = upsert(&mut work, "users", values![email: "a"], values![name: "eve"], true).await.unwrap();
    assert_eq!(changed, (Outcome::Updated, 1));
    assert_eq!(work.column("users", "name").await, [Value::from("eve"), "bob".into()]);
}

/// As by the plain verbs.
pub async fn a_row_created_or_changed_is_in_the_log(world: World) {
    let mut work = world.work();
    for _ in 0..2 {
        upsert(&mut work, "articles", values![title: "a"], values![hits: 1], true).await.unwrap();
        upsert(&mut work, "articles", values![title: "a"], values![hits: 2], true).await.unwrap();
    }
    let operations = work.column("audit_logs", "operation").await;
    assert_eq!(operations, ["CREATE", "UPDATE", "UPDATE", "UPDATE"].map(Value::from));
}

/// It means IS NULL, and nothing else.
pub async fn null_is_a_value_to_look_for(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1, title: "a"]).await;
    let wanted = || vec![("title", Value::Null)];
    let (outcome, key) = get_or_create(&mut work, "posts", wanted()).await.unwrap();
    assert_eq!((outcome, work.live("posts").await), (Outcome::Created, vec![1, key]));
    assert_eq!(get_or_create(&mut work, "posts", wanted()).await.unwrap(), (Outcome::Found, key));
}

/// Of several that are found, the first by key is given.
pub async fn several_rows_are_not_changed_for_one(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("posts", values![id: key, title: "a"]).await;
    }
    assert_eq!(get_or_create(&mut work, "posts", values![title: "a"]).await.unwrap(), (Outcome::Found, 1));
    let error = upsert(&mut work, "posts", values![title: "a"], values![slug: "s"], true).await.unwrap_err();
    assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::InvalidValue, Some("title")));
}

/// That row is not the one that was looked for.
pub async fn a_key_that_another_row_holds_is_a_unique_violation(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a"]).await;
    work.add("users", values![id: 2, name: "bob", email: "b"]).await;
    work.save().await;
    for (name, update) in [("eve", false), ("eve", true), ("ada", true)] {
        let defaults = values![email: "b"];
        let error = upsert(&mut work, "users", values![name: name], defaults, update).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        assert!(!work.in_transaction());
    }
}

/// Not even the transaction; what was written in it before stays.
pub async fn a_failed_upsert_leaves_nothing(world: World) {
    let mut work = world.work();
    let table = work.table("users");
    let wanted = at(&table, values![email: "a"]);
    let mut failing = |_| Err(Error::new(Kind::Sink, "no values"));
    let mut rows = Rows::default();
    for begun in [false, true] {
        if begun {
            work.add("users", values![id: 1, name: "ada"]).await;
        }
        let actor = Actor::default();
        let error = work.get_or_create(&table, &wanted, &mut failing, &actor, &mut rows).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Sink);
        assert_eq!(work.in_transaction(), begun);
    }
    work.save().await;
    assert_eq!(work.live("users").await, [1]);
}

/// At any statement of it.
pub async fn a_fault_in_an_upsert_leaves_nothing(world: World) {
    let mut work = world.work();
    work.add("contacts", values![id: 1, phone: "1"]).await;
    work.add("contacts", values![id: 2, phone: "2"]).await;
    work.delete("contacts", 2).await;
    work.save().await;
    for (phone, update) in [("1", true), ("2", false), ("2", true), ("3", false), ("3", true)] {
        let once = async |work: &mut Work| {
            upsert(work, "contacts", values![phone: phone], values![mail: "m"], update).await.map(drop)
        };
        sweep(&world, once).await;
    }
}

/// A transaction that was opened to look again is closed.
pub async fn a_found_row_keeps_nobody_waiting(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a"]).await;
    let found = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            block_on(async {
                let mut other = world.work();
                let found = get_or_create(&mut other, "users", values![name: "ada"]).await;
                (found.map_err(|error| error.kind()), other.in_transaction())
            })
        });
        block_on(work.save());
        looking.join().unwrap()
    });
    assert_eq!(found, (Ok((Outcome::Found, 1)), false));
}

/// The policy when nothing is declared.
pub async fn a_new_row_is_made_beside_a_deleted_one(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a"]).await;
    work.delete("users", 1).await;
    let (outcome, key) =
        upsert(&mut work, "users", values![email: "a"], values![name: "ada"], false).await.unwrap();
    assert_eq!(outcome, Outcome::Created);
    assert_eq!((work.live("users").await, work.deleted("users").await), (vec![key], vec![1]));
}

/// Not even under that policy.
pub async fn a_key_is_not_given_away_twice(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1, title: "a"]).await;
    work.delete("posts", 1).await;
    let error = get_or_create(&mut work, "posts", values![id: 1]).await.unwrap_err();
    assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::Deleted, Some("id")));
}

/// By the restore of the row alone, in the log too; and changed, when that was asked for.
pub async fn a_deleted_row_is_revived(world: World) {
    let mut work = world.work();
    for update in [false, true] {
        work.add("contacts", values![id: i64::from(update), phone: i64::from(update).to_string()]).await;
        work.delete("contacts", update.into()).await;
        let wanted = values![phone: i64::from(update).to_string()];
        let made = upsert(&mut work, "contacts", wanted, values![mail: "m"], update).await.unwrap();
        assert_eq!(made, (Outcome::Revived, update.into()));
    }
    assert_eq!(work.live("contacts").await, [0, 1]);
    assert_eq!(work.column("contacts", "mail").await, [Value::Null, "m".into()]);
    let operations = work.column("audit_logs", "operation").await;
    let once = ["CREATE", "SOFT_DELETE", "RESTORE"];
    let all: Vec<Value> = once.into_iter().chain(once).chain(["UPDATE"]).map(Value::from).collect();
    assert_eq!(operations, all);
}

/// When there are several.
pub async fn the_row_deleted_last_is_revived(world: World) {
    let mut work = world.work();
    for key in [3, 1, 2] {
        work.add("contacts", values![id: key, phone: "1"]).await;
        work.delete("contacts", key).await;
    }
    let revived = get_or_create(&mut work, "contacts", values![phone: "1"]).await.unwrap();
    assert_eq!(revived, (Outcome::Revived, 2));
    assert_eq!((work.live("contacts").await, work.deleted("contacts").await), (vec![2], vec![1, 3]));
}

/// Another live row took a key, or a cascade holds the parent.
pub async fn a_revival_that_cannot_be_is_refused(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("contacts", values![id: 1, phone: "1", user_id: 1]).await;
    work.cascade("users", 1).await;
    work.add("contacts", values![id: 2, phone: "2", mail: "m"]).await;
    work.delete("contacts", 2).await;
    work.add("contacts", values![id: 3, phone: "3", mail: "m"]).await;
    work.save().await;
    let before = world.committed().await;
    for phone in ["1", "2"] {
        let error = get_or_create(&mut work, "contacts", values![phone: phone]).await.unwrap_err();
        assert!(error.is_restore_conflict(), "{error:?}");
    }
    assert_eq!(world.committed().await, before);
}

/// Until somebody has decided what becomes of it.
pub async fn a_deleted_row_is_rejected(world: World) {
    let mut work = world.work();
    work.add("badges", values![id: 1, code: "x"]).await;
    work.delete("badges", 1).await;
    work.save().await;
    for update in [false, true] {
        let error = upsert(&mut work, "badges", values![code: "x"], Vec::new(), update).await.unwrap_err();
        assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::Deleted, Some("code")));
        assert!(!work.in_transaction());
    }
    work.gone("badges", 1).await.unwrap();
    let made = get_or_create(&mut work, "badges", values![code: "x"]).await.unwrap();
    assert_eq!(made.0, Outcome::Created);
}

/// What each of several threads is told, sorted; each commits.
fn from_several_threads(world: &World, once: impl AsyncFn(&mut Work) -> Outcome + Sync) -> Vec<String> {
    let run = || {
        block_on(async {
            let mut work = world.work();
            let outcome = once(&mut work).await;
            work.save().await;
            format!("{outcome:?}")
        })
    };
    let mut outcomes: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    outcomes.sort_unstable();
    outcomes
}

/// And the others find it.
pub async fn several_threads_create_one_row(world: World) {
    let outcomes = from_several_threads(&world, async |work| {
        upsert(work, "users", values![email: "a"], values![name: "ada"], false).await.unwrap().0
    });
    assert_eq!(outcomes, ["Created", "Found", "Found", "Found"]);
    assert_eq!(world.work().live("users").await.len(), 1);
}

/// The turn to write is what keeps them apart.
pub async fn several_threads_create_one_row_without_a_unique_key(world: World) {
    let outcomes = from_several_threads(&world, async |work| {
        upsert(work, "posts", values![title: "a"], values![slug: "s"], true).await.unwrap().0
    });
    assert_eq!(outcomes, ["Created", "Updated", "Updated", "Updated"]);
    assert_eq!(world.work().live("posts").await.len(), 1);
}

/// And the others find it.
pub async fn several_threads_revive_one_row(world: World) {
    let mut work = world.work();
    work.add("contacts", values![id: 1, phone: "1"]).await;
    work.delete("contacts", 1).await;
    work.save().await;
    let outcomes = from_several_threads(&world, async |work| {
        get_or_create(work, "contacts", values![phone: "1"]).await.unwrap().0
    });
    assert_eq!(outcomes, ["Found", "Found", "Found", "Revived"]);
    assert_eq!(world.work().live("contacts").await, [1]);
}
