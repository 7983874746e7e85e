//! A schema of its own for each test, and the shortest way to run a statement.

use reprieve::runtime::Tokio;
use reprieve_core::driver::{Connection, ConnectionState, Driver, Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_core::value::{Cell, Value};
use reprieve_postgres::{Environment, PostgresDriver, PostgresOptions};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the tests' server is.
#[allow(clippy::disallowed_methods, reason = "tests read the environment")]
pub(crate) fn server() -> String {
    std::env::var("REPRIEVE_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgresql://root@127.0.0.1:5432/test".to_owned())
}

/// Adds a parameter to an address.
pub(crate) fn with(url: &str, parameter: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{parameter}")
}

pub(crate) fn driver_at(url: &str) -> PostgresDriver {
    let options = PostgresOptions::parse(url, &Environment::of_process()).unwrap();
    PostgresDriver::new(options, Arc::new(Tokio))
}

pub(crate) fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Runs a test on a driver whose tables go into a schema of the test's own.
pub(crate) fn test<F: Future<Output = ()>>(work: impl FnOnce(Arc<PostgresDriver>) -> F) {
    test_at(|url| work(Arc::new(driver_at(&url))));
}

/// Runs a test on the address of a schema of the test's own.
pub(crate) fn test_at<F: Future<Output = ()>>(work: impl FnOnce(String) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("driver_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    in_runtime(async {
        let mut admin = driver_at(&server()).connect().await.unwrap();
        exec(&mut *admin, &format!("CREATE SCHEMA {schema}")).await.unwrap();
        work(with(&server(), &format!("options=-csearch_path%3D{schema}"))).await;
        exec(&mut *admin, "SET client_min_messages = warning").await.unwrap();
        exec(&mut *admin, &format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
    });
}

/// Takes rows as values, and the names of their columns.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Vec<Value>>,
    pub(crate) names: Vec<String>,
    width: usize,
}

impl Rows {
    pub(crate) fn of(width: usize) -> Self {
        Self { width, ..Self::default() }
    }
}

impl RowSink for Rows {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let width = if self.width == 0 { self.names.len() } else { self.width };
        let row: Result<Vec<Value>> = (0..width).map(|i| row.cell(i).map(Cell::to_value)).collect();
        self.rows.push(row?);
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.clear();
    }

    fn columns(&mut self) -> Option<&mut Vec<String>> {
        (self.width == 0).then_some(&mut self.names)
    }
}

/// A statement of the engine's kind: it comes again.
pub(crate) fn kept(sql: &str) -> Compiled {
    Compiled::new(sql, Reach::Set)
}

/// Runs a statement that comes once.
pub(crate) async fn exec(connection: &mut dyn Connection, sql: &str) -> Result<u64> {
    connection.run(&Compiled::once(sql, Reach::Set), &[], &mut Rows::of(1)).await
}

/// Runs a prepared statement and returns its rows.
pub(crate) async fn ask(
    connection: &mut dyn Connection,
    sql: &str,
    binds: &[Value],
) -> Result<Vec<Vec<Value>>> {
    let mut rows = Rows::default();
    connection.run(&kept(sql), binds, &mut rows).await?;
    Ok(rows.rows)
}

/// The only value of a statement.
pub(crate) async fn scalar(connection: &mut dyn Connection, sql: &str) -> Value {
    ask(connection, sql, &[]).await.unwrap().remove(0).remove(0)
}

/// Asks until the answer is yes.
pub(crate) async fn until(connection: &mut dyn Connection, sql: &str) {
    while ask(connection, sql, &[]).await.unwrap() != [[Value::from(true)]] {
        tokio::task::yield_now().await;
    }
}

/// Gives up a statement in its sleep, which breaks its connection; asks whether the server has ended it.
pub(crate) async fn give_up_asleep(c: &mut dyn Connection, other: &mut dyn Connection) -> String {
    let Value::Int(pid) = scalar(c, "SELECT pg_backend_pid()").await else { panic!() };
    let (sleep, mut rows) = (kept("SELECT pg_sleep(600)"), Rows::of(1));
    {
        let mut sleeping = std::pin::pin!(c.run(&sleep, &[], &mut rows));
        let active = format!(
            "SELECT query LIKE '%sleep%' AND state = 'active' FROM pg_stat_activity WHERE pid = {pid}"
        );
        tokio::select! {
            _ = &mut sleeping => panic!("it sleeps for ten minutes"),
            () = until(other, &active) => {}
        }
    }
    assert_eq!(c.state(), ConnectionState::Broken);
    format!("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {pid}")
}
