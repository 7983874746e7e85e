//! The number of statements of a cascade depends on the number of relations, not of rows.

use crate::{World, values};

const MANY: i64 = 1000;

/// One row or a thousand in each table: the same texts in the same order, for the deletion and for its undo.
pub async fn a_cascade_and_its_undo_take_the_same_statements_for_any_number_of_rows(world: World) {
    let mut texts = Vec::new();
    for (user, rows) in [(1, 1), (2, MANY)] {
        let mut work = world.work();
        work.add("users", values![id: user, name: "ada"]).await;
        for key in (0..rows).map(|i| user * 10_000 + i) {
            work.add("posts", values![id: key, user_id: user]).await;
            work.add("memberships", values![id: key, user_id: user]).await;
            work.add("comments", values![id: key, post_id: key]).await;
        }
        work.save().await;
        world.log().take();
        let deletion = work.cascade("users", user).await;
        assert_eq!(deletion.rows(), 2 * rows as u64 + 1);
        let deleted = world.log().texts();
        work.back(&deletion).await;
        texts.push((deleted, world.log().texts()));
    }
    assert_eq!(texts[0], texts[1]);
}
