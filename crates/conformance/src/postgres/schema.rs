//! Empty places on the server: a schema for each database, which its connections find first.

use super::server;
use crate::runtime::{Threads, block_on};
use crate::world::Fresh;
use reprieve_core::driver::{Connection, Discard, Driver, Runtime};
use reprieve_core::error::Result;
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_postgres::{Environment, PostgresDriver, PostgresOptions};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// An empty database of a test's own. Its tables are dropped with it.
#[derive(Debug)]
pub struct Place {
    schema: String,
}

impl Place {
    /// A new one.
    ///
    /// # Panics
    /// When the server does not let us make one.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let schema = format!("reprieve_{}_{}", process::id(), NEXT.fetch_add(1, Relaxed));
        manage(&format!(r#"CREATE SCHEMA "{schema}""#)).unwrap();
        Self { schema }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let server = server();
        let and = if server.contains('?') { '&' } else { '?' };
        format!("{server}{and}options=-csearch_path%3D{}", self.schema)
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed may have left something behind that holds the tables: it is not the one to wait for.
        let _ = manage(&format!(r#"DROP SCHEMA "{}" CASCADE"#, self.schema));
    }
}

/// A driver on an empty database.
///
/// # Panics
/// When there is no server, or it does not let us in.
pub fn fresh(runtime: Arc<dyn Runtime>) -> Fresh {
    let place = Place::new();
    let driver = Arc::new(driver(&place.url(), runtime));
    Fresh { driver, keep: Box::new(place) }
}

fn driver(url: &str, runtime: Arc<dyn Runtime>) -> PostgresDriver {
    let options = PostgresOptions::parse(url, &Environment::of_process()).unwrap();
    PostgresDriver::new(options, runtime)
}

/// Runs a statement on a connection that all tests of the process share.
fn manage(sql: &str) -> Result<()> {
    static SHARED: LazyLock<Mutex<Box<dyn Connection>>> = LazyLock::new(|| {
        let mut connection = block_on(driver(server(), Arc::new(Threads)).connect()).unwrap();
        run(connection.as_mut(), "SET lock_timeout = '10s'").unwrap();
        Mutex::new(connection)
    });
    // A test that panicked while it held the connection was told so by the server.
    run(SHARED.lock().unwrap_or_else(PoisonError::into_inner).as_mut(), sql)
}

fn run(connection: &mut dyn Connection, sql: &str) -> Result<()> {
    let statement = Compiled::once(sql, Reach::Row);
    block_on(connection.run(&statement, &[], &mut Discard)).map(drop)
}
