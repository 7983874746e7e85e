//! A runtime of plain threads, a sink that keeps rows, and a database in a temporary folder.

use reprieve_core::driver::{
    BoxFuture, Connection, Discard, Driver, Endpoint, Opened, Row, RowSink, Runtime,
};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use tempfile::TempDir;

type Job = Box<dyn FnOnce() + Send>;

/// Threads. Its clock does not run: a sleep is over at once, or never.
#[derive(Default)]
pub(crate) struct Threads {
    pub(crate) epoch: AtomicU64,
    pub(crate) sleeps_are_over: AtomicBool,
    pub(crate) nobody_waits: AtomicBool,
    pub(crate) started: AtomicUsize,
    pub(crate) yields: AtomicUsize,
    held: Mutex<Option<Vec<Job>>>,
    running: Arc<(Mutex<usize>, Condvar)>,
}

impl Threads {
    /// Keeps jobs until [`Self::release`].
    pub(crate) fn hold(&self) {
        *self.held.lock().unwrap() = Some(Vec::new());
    }

    /// Runs the jobs that were held.
    pub(crate) fn release(&self) {
        let jobs = self.held.lock().unwrap().take();
        jobs.into_iter().flatten().for_each(|job| self.start(job));
    }

    /// Drops the jobs that were held, as a pool does whose threads died.
    pub(crate) fn lose(&self) {
        drop(self.held.lock().unwrap().take());
    }

    /// Waits until no job runs.
    pub(crate) fn join(&self) {
        let (count, changed) = &*self.running;
        drop(changed.wait_while(count.lock().unwrap(), |count| *count > 0).unwrap());
    }

    /// Jobs since the last call.
    pub(crate) fn jobs(&self) -> usize {
        self.started.swap(0, SeqCst)
    }

    fn start(&self, job: Job) {
        *self.running.0.lock().unwrap() += 1;
        let running = self.running.clone();
        thread::spawn(move || {
            job();
            *running.0.lock().unwrap() -= 1;
            running.1.notify_all();
        });
    }
}

impl Runtime for Threads {
    fn spawn_blocking(&self, job: Job) {
        self.started.fetch_add(1, SeqCst);
        match &mut *self.held.lock().unwrap() {
            Some(held) => held.push(job),
            None => self.start(job),
        }
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        if self.sleeps_are_over.load(SeqCst) {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }

    fn spawn(&self, _: BoxFuture<'static, ()>) {
        unreachable!("nothing runs by itself");
    }

    fn open(&self, _: Endpoint) -> BoxFuture<'static, io::Result<Opened>> {
        unreachable!("a file is no server");
    }

    fn yield_now(&self) -> BoxFuture<'static, ()> {
        self.yields.fetch_add(1, SeqCst);
        let mut yielded = false;
        Box::pin(std::future::poll_fn(move |cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    fn process_epoch(&self) -> u64 {
        self.epoch.load(SeqCst)
    }

    fn may_wait(&self) -> bool {
        !self.nobody_waits.load(SeqCst)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Polls a future once.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Keeps rows. Fails at one of them if told to.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) columns: usize,
    pub(crate) rows: Vec<Vec<Value>>,
    pub(crate) restarts: usize,
    pub(crate) fail_at: Option<usize>,
}

impl Rows {
    pub(crate) fn of(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    pub(crate) fn ints(&self) -> Vec<i64> {
        let int = |row: &Vec<Value>| match row[0] {
            Value::Int(v) => v,
            ref other => panic!("not an integer: {other:?}"),
        };
        self.rows.iter().map(int).collect()
    }
}

impl RowSink for Rows {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if self.fail_at == Some(self.rows.len()) {
            return Err(Error::new(Kind::Sink, "the sink failed"));
        }
        let cells = (0..self.columns).map(|i| row.cell(i).map(|cell| cell.to_value()));
        self.rows.push(cells.collect::<Result<_>>()?);
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.clear();
        self.restarts += 1;
    }
}

pub(crate) fn once(sql: impl AsRef<str>, reach: Reach) -> Compiled {
    Compiled::once(sql.as_ref(), reach)
}

pub(crate) fn kept(sql: impl AsRef<str>, reach: Reach) -> Compiled {
    Compiled::new(sql.as_ref(), reach)
}

/// A connection with short verbs.
pub(crate) trait Verbs {
    fn exec(&mut self, sql: &str) -> Result<u64>;
    fn exec_set(&mut self, sql: &str) -> Result<u64>;
    fn ints(&mut self, sql: &str) -> Vec<i64>;
    fn int(&mut self, sql: &str) -> i64 {
        self.ints(sql)[0]
    }
}

impl Verbs for Box<dyn Connection> {
    fn exec(&mut self, sql: &str) -> Result<u64> {
        wait(self.run(&once(sql, Reach::Row), &[], &mut Discard))
    }

    fn exec_set(&mut self, sql: &str) -> Result<u64> {
        wait(self.run(&once(sql, Reach::Set), &[], &mut Discard))
    }

    fn ints(&mut self, sql: &str) -> Vec<i64> {
        let mut rows = Rows::of(1);
        wait(self.run(&once(sql, Reach::Set), &[], &mut rows)).unwrap();
        rows.ints()
    }
}

/// A database in a folder of its own.
pub(crate) struct Database {
    pub(crate) runtime: Arc<Threads>,
    pub(crate) driver: SqliteDriver,
    pub(crate) folder: TempDir,
}

impl Database {
    pub(crate) fn new() -> Self {
        Self::with(|options| options)
    }

    pub(crate) fn with(change: impl FnOnce(SqliteOptions) -> SqliteOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Arc::new(Threads::default());
        let options = change(SqliteOptions::file(folder.path().join("test.db")));
        let driver = SqliteDriver::new(options, runtime.clone()).unwrap();
        Self { runtime, driver, folder }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub(crate) fn wal_length(&self) -> u64 {
        self.folder.path().join("test.db-wal").metadata().map_or(0, |wal| wal.len())
    }

    pub(crate) fn connect(&self) -> Box<dyn Connection> {
        wait(self.driver.connect()).unwrap()
    }

    /// A connection, and a table `t (id, name)` with this many rows. The first commit is behind, and no job is
    /// counted.
    pub(crate) fn with_rows(&self, rows: usize) -> Box<dyn Connection> {
        let mut connection = self.connect();
        connection.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
        connection
            .exec_set(&format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
                 INSERT INTO t SELECT i, 'name ' || i FROM n WHERE i <= {rows}"
            ))
            .unwrap();
        self.runtime.join();
        self.runtime.jobs();
        connection
    }

    /// A connection that the driver does not know of, as another process has one.
    pub(crate) fn stranger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}
