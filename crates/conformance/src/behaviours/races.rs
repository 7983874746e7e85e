//! What several sessions do at the same moment, round after round: whoever comes first, nothing is lost, left over or
//! there twice, and nobody is told to try again.

use crate::content::Content;
use crate::work::cascading;
use crate::{World, block_on, values};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::value::Value;
use std::sync::Barrier;
use std::thread;

const ROUNDS: i64 = 12;

/// Does two things at the same moment, each in a session of its own that commits.
fn at_once<A: Send, B: Send>(
    world: &World,
    one: impl AsyncFn(&mut crate::Work) -> Result<A> + Sync,
    other: impl AsyncFn(&mut crate::Work) -> Result<B> + Sync,
) -> (Result<A>, Result<B>) {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let one = scope.spawn(|| {
            start.wait();
            block_on(committed(world, &one))
        });
        start.wait();
        let other = block_on(committed(world, &other));
        (one.join().unwrap(), other)
    })
}

async fn committed<T>(
    world: &World,
    what: &(impl AsyncFn(&mut crate::Work) -> Result<T> + Sync),
) -> Result<T> {
    let mut work = world.work();
    let done = what(&mut work).await?;
    work.commit().await?;
    Ok(done)
}

fn kind<T>(result: &Result<T>) -> Option<Kind> {
    result.as_ref().err().map(Error::kind)
}

/// No live row refers to a row that a deletion which cascades holds.
fn assert_sound(world: &World, content: &Content) {
    let deletions = content.get("reprieve_deletions").map_or(&[][..], Vec::as_slice);
    let cascading: Vec<&Value> = Journal::cascading(deletions).collect();
    let graph = world.database.schema().graph().unwrap();
    for child in graph.tables() {
        let Some(marker) = child.marker else { continue };
        for edge in graph.parents(child) {
            let Some(parent) = edge.parent.marker else { continue };
            let held = |row: &&Vec<Value>| cascading.contains(&parent.held_by(row));
            let rows = |name: &str| content.get(name).map_or(&[][..], Vec::as_slice);
            let gone: Vec<&Value> = rows(&edge.parent.name)
                .iter()
                .filter(held)
                .map(|row| &row[edge.parent.primary_key])
                .collect();
            for row in rows(&child.name) {
                let live = marker.is_live(row);
                assert!(!(live && gone.contains(&&row[edge.column])), "{} {row:?} is an orphan", child.name);
            }
        }
    }
}

/// Either it is taken, or it is refused.
pub async fn a_child_is_added_while_its_parent_is_deleted(world: World) {
    for round in 1..=ROUNDS {
        world.work().committing(async |work| work.add("users", values![id: round, name: "u"]).await).await;
        let (added, deleted) = at_once(
            &world,
            async |work| work.try_add("posts", values![id: round, user_id: round]).await,
            async |work| work.try_delete("users", round, cascading()).await,
        );
        let taken = deleted.unwrap().rows_of("posts");
        match kind(&added) {
            None => assert_eq!(taken, 1, "round {round}"),
            Some(kind) => {
                assert_eq!((kind, taken), (Kind::ConstraintViolation, 0), "round {round}: {added:?}")
            }
        }
    }
    assert_sound(&world, &world.committed().await);
}

/// The parent is taken by the cascade, not named by its caller.
pub async fn a_child_is_added_while_its_grandparent_is_deleted(world: World) {
    for round in 1..=ROUNDS {
        let grow = async |work: &mut crate::Work| {
            work.add("users", values![id: round, name: "u"]).await;
            work.add("posts", values![id: round, user_id: round]).await;
        };
        world.work().committing(grow).await;
        let (added, deleted) = at_once(
            &world,
            async |work| work.try_add("comments", values![id: round, post_id: round]).await,
            async |work| work.try_delete("users", round, cascading()).await,
        );
        let taken = deleted.unwrap().rows_of("comments");
        match kind(&added) {
            None => assert_eq!(taken, 1, "round {round}"),
            Some(kind) => {
                assert_eq!((kind, taken), (Kind::ConstraintViolation, 0), "round {round}: {added:?}")
            }
        }
    }
    assert_sound(&world, &world.committed().await);
}

/// It goes with the old parent, or stays with the new one.
pub async fn a_row_is_moved_while_its_new_parent_is_deleted(world: World) {
    world.work().committing(async |work| work.add("users", values![id: 1000, name: "u"]).await).await;
    for round in 1..=ROUNDS {
        let grow = async |work: &mut crate::Work| {
            work.add("users", values![id: round, name: "u"]).await;
            work.add("posts", values![id: round, user_id: 1000]).await;
        };
        world.work().committing(grow).await;
        let (moved, deleted) = at_once(
            &world,
            async |work| work.change("posts", round, values![user_id: round]).await,
            async |work| work.try_delete("users", round, cascading()).await,
        );
        deleted.unwrap();
        assert!(matches!(kind(&moved), None | Some(Kind::ConstraintViolation)), "round {round}: {moved:?}");
    }
    assert_sound(&world, &world.committed().await);
}

/// Each row is taken once, and all of them are deleted.
pub async fn one_tree_is_deleted_from_its_root_and_from_a_branch(world: World) {
    for round in 1..=ROUNDS {
        let grow = async |work: &mut crate::Work| {
            work.add("users", values![id: round, name: "u"]).await;
            for post in [10 * round, 10 * round + 1] {
                work.add("posts", values![id: post, user_id: round]).await;
                work.add("comments", values![id: post, post_id: post]).await;
                work.add("reactions", values![id: post, post_id: post, comment_id: post]).await;
            }
        };
        world.work().committing(grow).await;
        let (whole, branch) = at_once(
            &world,
            async |work| work.try_delete("users", round, cascading()).await,
            async |work| work.try_delete("posts", 10 * round, cascading()).await,
        );
        let (whole, branch) = (whole.unwrap(), branch.unwrap());
        let rows = |table: &str| whole.rows_of(table) + branch.rows_of(table);
        // A post that both name was taken by the cascade and is the other's own now.
        assert!((2..=3).contains(&rows("posts")), "round {round}: {whole:?} {branch:?}");
        assert_eq!((rows("comments"), rows("reactions")), (2, 2), "round {round}: {whole:?} {branch:?}");
    }
    let mut work = world.work();
    for table in ["users", "posts", "comments", "reactions"] {
        assert_eq!(work.live(table).await, [0i64; 0], "{table}");
    }
    assert_sound(&world, &world.committed().await);
}

/// One of them has the key; the other is told so.
pub async fn a_row_is_restored_while_another_takes_its_key(world: World) {
    for round in 1..=ROUNDS {
        let email = format!("{round}@example.org");
        let old = email.as_str();
        let mut work = world.work();
        work.add("users", values![id: round, name: "u", email: old]).await;
        work.delete("users", round).await;
        work.save().await;
        let (restored, added) = at_once(
            &world,
            async |work| work.try_restore("users", round, Default::default()).await,
            async |work| work.try_add("users", values![id: 1000 + round, name: "u", email: old]).await,
        );
        match (kind(&restored), kind(&added)) {
            (None, Some(Kind::UniqueViolation)) | (Some(Kind::RestoreConflict), None) => {}
            _ => panic!("round {round}: {restored:?} {added:?}"),
        }
    }
    assert_eq!(world.work().live("users").await.len(), ROUNDS as usize);
}

/// It comes back, or is handed over.
pub async fn a_deletion_is_undone_while_the_parent_is_deleted(world: World) {
    for round in 1..=ROUNDS {
        let mut work = world.work();
        work.add("users", values![id: round, name: "u"]).await;
        work.add("posts", values![id: round, user_id: round]).await;
        work.add("comments", values![id: round, post_id: round]).await;
        let deletion = work.cascade("posts", round).await;
        work.save().await;
        let (undone, deleted) = at_once(
            &world,
            async |work| work.undo(deletion.id, &Default::default()).await,
            async |work| work.try_delete("users", round, cascading()).await,
        );
        undone.unwrap();
        deleted.unwrap();
    }
    assert_eq!(world.work().live("comments").await, [0i64; 0]);
    assert_sound(&world, &world.committed().await);
}

/// Each change of an audited row is in the log once.
pub async fn a_row_that_two_delete_is_in_the_log_once(world: World) {
    for round in 1..=ROUNDS {
        world
            .work()
            .committing(async |work| work.add("articles", values![id: round, title: "a"]).await)
            .await;
        let delete =
            async |work: &mut crate::Work| work.try_delete("articles", round, Default::default()).await;
        let (one, other) = at_once(&world, delete, delete);
        assert_eq!(one.unwrap().rows() + other.unwrap().rows(), 1, "round {round}");
    }
    let log = &world.committed().await["audit_logs"];
    assert_eq!(log.len(), 2 * ROUNDS as usize, "a creation and a deletion of each");
}

/// Either the change was there first and is deleted with the row, or it is refused and the row holds what it held.
pub async fn a_row_is_changed_while_it_is_deleted(world: World) {
    for table in ["posts", "articles"] {
        for round in 1..=ROUNDS {
            world.work().committing(async |work| work.add(table, values![id: round, title: "a"]).await).await;
            let (changed, deleted) = at_once(
                &world,
                async |work| work.change(table, round, values![title: "b"]).await,
                async |work| work.try_delete(table, round, cascading()).await,
            );
            assert!(deleted.unwrap().marked);
            let expected = match kind(&changed) {
                None => "b",
                Some(Kind::Deleted) => "a",
                Some(other) => panic!("{other:?}: {changed:?}"),
            };
            let mut work = world.work();
            let titles = work.column(table, "title").await;
            assert_eq!(titles.last(), Some(&expected.into()), "{table} {round}");
            assert!(work.live(table).await.is_empty());
        }
    }
}
