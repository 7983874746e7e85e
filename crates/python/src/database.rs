//! Databases in Python.

use crate::awaitable::Coroutine;
use crate::errors::to_python;
use crate::runtime::LoopRuntime;
use crate::schema::Schema;
use crate::session::{Session, Slot};
use pyo3::prelude::*;
use reprieve_engine::{Database as Engine, Options, Trace};
use std::sync::Arc;
use std::time::Duration;

/// A database at an address.
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Database {
    engine: Engine,
}

#[pymethods]
impl Database {
    #[new]
    #[pyo3(signature = (url, schema, pool_size, max_overflow, pool_timeout, trace=None))]
    fn new(
        py: Python<'_>,
        url: &str,
        schema: &Schema,
        pool_size: usize,
        max_overflow: usize,
        pool_timeout: f64,
        trace: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let pool_timeout = Duration::try_from_secs_f64(pool_timeout).map_err(|_| {
            crate::errors::invalid(py, "pool_timeout", "expects a number of seconds, 0 or more")
        })?;
        let trace = trace.map(|trace| -> Trace {
            Arc::new(move |sql| {
                // A log that fails must not fail the statement.
                Python::attach(|py| {
                    trace.call1(py, (sql,)).map_or_else(|error| error.write_unraisable(py, None), drop);
                });
            })
        });
        let options = Options { pool_size, max_overflow, pool_timeout, trace, ..Options::default() };
        let engine = Engine::connect(url, schema.inner.clone(), Arc::new(LoopRuntime::default()), options)
            .map_err(|error| to_python(py, "connect", error))?;
        Ok(Self { engine })
    }

    /// A session on it.
    fn session(&self, py: Python<'_>) -> PyResult<Session> {
        let session = self.engine.session().map_err(|error| to_python(py, "session", error))?;
        Ok(Session { slot: Slot::new(session) })
    }

    /// Creates the tables that are not there yet.
    fn create_tables(&self, only: Option<Vec<String>>) -> Coroutine {
        let engine = self.engine.clone();
        Coroutine::new("Database.create_tables", async move {
            let result = engine.create_tables(only.as_deref()).await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "create_tables", e)))
        })
    }

    /// Drops tables with all their rows.
    fn drop_tables(&self, only: Option<Vec<String>>) -> Coroutine {
        let engine = self.engine.clone();
        Coroutine::new("Database.drop_tables", async move {
            let result = engine.drop_tables(only.as_deref()).await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "drop_tables", e)))
        })
    }

    /// Closes the connections.
    fn close(&self) -> Coroutine {
        let engine = self.engine.clone();
        Coroutine::new("Database.close", async move {
            let result = engine.close().await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "close", e)))
        })
    }

    /// Where it is; a password is masked.
    #[getter]
    fn address(&self) -> String {
        self.engine.address()
    }
}
