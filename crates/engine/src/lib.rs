//! What happens to rows: databases, sessions, deletion, restore, audit.
//!
//! Everything here is a plain future: it spawns nothing, sleeps nowhere and assumes no reactor. What needs one is
//! asked of the [`Runtime`](reprieve_core::driver::Runtime) given at [`Database::connect`]. A verb of a
//! [`Session`] either happens whole, together with its journal and audit rows, or not at all.
#![forbid(unsafe_code)]

pub mod audit;
mod chosen;
mod clock;
mod database;
mod ddl;
pub mod deletion;
mod limit;
mod pool;
pub mod retry;
mod session;

pub use chosen::Chosen;
pub use clock::{Clock, SystemClock};
pub use database::{Database, Options, Trace};
pub use session::{Change, Link, Outcome, Place, PlanSink, Session, Values, Writing, Written};
