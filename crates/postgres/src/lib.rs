//! The PostgreSQL driver of Reprieve.
//!
//! It runs **where the caller runs**: the streams, the timers and the task that keeps a connection going come from the
//! [`Runtime`](reprieve_core::driver::Runtime) that was given, so that on an event loop no thread and no second reactor is
//! involved. Statements that belong together go out together: `BEGIN` travels with the first statement, a savepoint with
//! the statement that follows it, the steps of a verb as one group.
//!
//! The crate's parts: [`PostgresOptions`] is where the server is and how it is spoken to, [`PostgresDriver`] hands out
//! connections. The protocol is tokio-postgres'.
#![forbid(unsafe_code)]

mod auth;
mod bind;
mod cancel;
mod cell;
mod cleanse;
mod connect;
mod connection;
mod crowd;
mod driver;
mod effect;
mod error;
mod fold;
#[cfg(fuzzing)]
pub mod fuzzing;
mod keys;
mod link;
mod list;
mod numeric;
mod options;
mod pipeline;
mod row;
mod run;
mod shared;
mod statements;
mod tls;
mod transaction;
mod warm;
mod wire;

pub use driver::PostgresDriver;
pub use options::{Environment, PostgresOptions};
