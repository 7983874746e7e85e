//! What every database has to do alike: one suite of behaviours, written once, run against each driver.
//!
//! A driver's tests are one call: [`conformance!`] with a function that makes a [`Fresh`] empty database. Each
//! behaviour is a test of its own, named as a sentence. The driver is wrapped ([`instrumented`]), so that a behaviour
//! can look at the statements that ran and let one of them fail.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "the crate is test code: a panic is how it reports")]

pub mod behaviours;
pub mod clock;
pub mod content;
pub mod faults;
pub mod instrumented;
pub mod postgres;
pub mod runtime;
pub mod schema;
mod suite;
mod work;
mod world;

pub use runtime::block_on;
pub use suite::run;
pub use work::{Work, cascading};
pub use world::{Fresh, World};

/// Column names and values: `values![id: 1, name: "ada"]`.
#[macro_export]
macro_rules! values {
    ($($column:ident: $value:expr),* $(,)?) => {
        vec![$((stringify!($column), reprieve_core::value::Value::from($value))),*]
    };
}
