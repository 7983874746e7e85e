//! The database of one behaviour: empty tables behind an instrumented driver, and an observer beside it.

use crate::clock::Ticking;
use crate::content::{Content, content};
use crate::instrumented::{Instrumented, Log};
use crate::runtime::Threads;
use crate::schema::schema;
use crate::work::Work;
use reprieve_core::driver::{Driver, Runtime};
use reprieve_core::journal::Journal;
use reprieve_core::schema::{AuditLog, Schema, Table};
use reprieve_engine::{Database, Options};
use std::any::Any;
use std::sync::Arc;

/// An empty database: the driver, and what has to live as long as it (a folder, a container).
pub struct Fresh {
    /// The driver.
    pub driver: Arc<dyn Driver>,
    /// Dropped after the driver.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// The database of one behaviour.
pub struct World {
    /// Behind the instrumented driver.
    pub database: Database,
    /// Its clock.
    pub clock: Arc<Ticking>,
    log: Arc<Log>,
    most_binds: usize,
    observer: Database,
    _keep: Box<dyn Any + Send + Sync>,
}

impl World {
    /// Creates the tables of the suite.
    pub async fn new(fresh: fn(Arc<dyn Runtime>) -> Fresh) -> Self {
        let world = Self::without_tables(fresh);
        world.observer.create_tables(None).await.unwrap();
        world
    }

    /// Without any table.
    pub fn without_tables(fresh: fn(Arc<dyn Runtime>) -> Fresh) -> Self {
        Self::with_schema(fresh, schema().unwrap())
    }

    fn with_schema(fresh: fn(Arc<dyn Runtime>) -> Fresh, schema: Arc<Schema>) -> Self {
        let runtime: Arc<dyn Runtime> = Arc::new(Threads);
        let Fresh { driver, keep } = fresh(runtime.clone());
        let clock = Arc::new(Ticking::default());
        let options = Options { clock: clock.clone(), ..Options::default() };
        let observer =
            Database::with_driver(driver.clone(), schema.clone(), runtime.clone(), Options::default());
        let most_binds = driver.capability().max_binds;
        let instrumented = Arc::new(Instrumented::new(driver));
        let log = instrumented.log().clone();
        let database = Database::with_driver(instrumented, schema, runtime, options);
        Self { database, clock, log, most_binds, observer, _keep: keep }
    }

    /// What ran on the database, and what will fail there.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How many values the database takes in a statement.
    pub fn most_binds(&self) -> usize {
        self.most_binds
    }

    /// A session.
    pub fn work(&self) -> Work {
        Work::new(self.database.session().unwrap())
    }

    /// What is committed, read on a connection of its own that is neither recorded nor disturbed.
    pub async fn committed(&self) -> Content {
        content(&mut self.observer.session().unwrap()).await.unwrap()
    }

    /// A table of the suite, the journal or the audit log.
    pub fn table(&self, name: &str) -> Arc<Table> {
        table(&self.database, name)
    }
}

pub(crate) fn table(database: &Database, name: &str) -> Arc<Table> {
    let mut keeping = Journal::get().tables().into_iter().chain([AuditLog::table()]);
    let kept = keeping.find(|table| table.name == name).cloned();
    database.schema().table(name).or(kept).unwrap_or_else(|| panic!("no table '{name}'"))
}
