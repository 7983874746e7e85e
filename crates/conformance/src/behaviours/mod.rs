//! The behaviours, one file for each part of the rules. Each is an `async fn` named as a sentence; the list that makes
//! tests of them is [`conformance!`](crate::conformance).

pub mod ancestors;
pub mod audit;
pub mod bulk;
pub mod cancel;
pub mod cascade;
pub mod chosen;
pub mod claim;
pub mod concurrency;
pub mod deletion;
pub mod errors;
pub mod faults;
pub mod guard;
pub mod hand_over;
pub mod insert_many;
pub mod on_delete;
pub mod races;
pub mod read_on;
pub mod reads;
pub mod relation;
pub mod remove;
pub mod restore;
pub mod seen;
pub mod session;
pub mod tables;
pub mod undo;
pub mod unique;
pub mod update_many;
pub mod upsert;
pub mod volume;
