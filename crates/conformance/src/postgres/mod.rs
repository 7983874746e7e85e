//! PostgreSQL for tests: a server, and in it an empty place for each database that a test asks for.
//!
//! The server is the one that `REPRIEVE_TEST_POSTGRES_URL` names, else one of the test process's own, which ends with
//! it; `REPRIEVE_TEST_POSTGRES_BIN` may name the folder of its programs (`tests/postgres.sh`). A test that finds no
//! PostgreSQL fails and says what to install; it is never passed over.

mod schema;
mod server;

pub use schema::{Place, fresh};
pub use server::server;
