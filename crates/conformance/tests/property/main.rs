//! Random lives of rows: whatever is deleted and restored in whatever order, the database holds what the rules say.
//!
//! [`model`] is the rules in memory, written from their description; [`step`] is what can be done. Each step is done to
//! both, and the whole content is compared.
#![allow(clippy::unwrap_used, reason = "tests")]

mod check;
mod model;
mod step;
#[path = "../support/mod.rs"]
mod support;

use reprieve_conformance::{Fresh, World, block_on, postgres};
use reprieve_core::driver::Runtime;
use std::sync::Arc;

const LIVES: u32 = 200;
const STEPS: usize = 40;

#[test]
fn rows_are_live_exactly_when_nothing_that_deleted_them_is_in_force() {
    run(support::memory, LIVES);
}

#[test]
fn rows_are_live_exactly_when_nothing_that_deleted_them_is_in_force_on_postgres() {
    run(postgres::fresh, LIVES / 8);
}

fn run(fresh: fn(Arc<dyn Runtime>) -> Fresh, lives: u32) {
    let world = block_on(World::new(fresh));
    let steps = proptest::collection::vec(step::any(), 1..STEPS);
    support::property(lives, &steps, |steps| {
        block_on(async {
            let mut work = world.work();
            let mut model = model::Model::default();
            for step in steps {
                step::run(&step, &mut work, &mut model).await;
                check::same(&mut work, &model).await;
            }
            work.rollback().await.unwrap();
        });
    });
}
