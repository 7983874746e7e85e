//! The contract a database driver fulfils. The engine knows drivers by these traits only.

mod address;
mod capability;
mod connection;
mod pipeline;
mod reply;
mod row;
mod runtime;
mod step;
mod stream;
mod transaction;

pub use address::AddressStyle;
pub use capability::Capability;
pub use connection::{Connection, ConnectionState, Driver};
pub use pipeline::Pipeline;
pub use reply::Reply;
pub use row::{Discard, Row, RowSink};
pub use runtime::{BoxFuture, Endpoint, Runtime, wait_for};
pub use step::Step;
pub use stream::{Opened, Probe, Stream};
pub use transaction::{Isolation, Savepoint};
