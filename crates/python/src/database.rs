//! Databases in Python.

use crate::arguments::Seconds;
use crate::awaitable::Coroutine;
use crate::errors::to_python;
use crate::runtime::LoopRuntime;
use crate::schema::Schema;
use crate::session::{Session, Settings, Slot};
use crate::values::Timezone;
use pyo3::prelude::*;
use pyo3::types::PyTzInfo;
use reprieve_core::driver::{AddressStyle, Isolation};
use reprieve_engine::{Database as Engine, Options, Trace};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[doc = text!("Database")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Database {
    engine: Mutex<Engine>,
    connect: Box<dyn Fn() -> reprieve_core::Result<Engine> + Send + Sync>,
    settings: Settings,
}

impl Database {
    /// The engine; in a forked child, where the parent made the database and never used it, one of its own. (Programs
    /// that are loaded before their workers are forked make it when their modules load.)
    fn engine(&self, py: Python<'_>) -> PyResult<Engine> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if engine.is_unused_copy() {
            *engine = (self.connect)().map_err(|error| to_python(py, "connect", error))?;
        }
        Ok(engine.clone())
    }
}

#[pymethods]
impl Database {
    #[new]
    #[pyo3(signature = (
        url, schema, pool_size, max_overflow, pool_timeout, pool_recycle, pool_pre_ping, busy_poll,
        prepared_statements=None, trace=None, timezone=None, operators=true, audit_keyword=true,
        command_timeout=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "called by the Python class only")]
    fn new(
        py: Python<'_>,
        url: &str,
        schema: &Schema,
        pool_size: usize,
        max_overflow: usize,
        pool_timeout: Seconds,
        pool_recycle: Option<Seconds>,
        pool_pre_ping: bool,
        busy_poll: bool,
        prepared_statements: Option<bool>,
        trace: Option<Py<PyAny>>,
        timezone: Option<Py<PyTzInfo>>,
        operators: bool,
        audit_keyword: bool,
        command_timeout: Option<Seconds>,
    ) -> PyResult<Self> {
        let pool_timeout = seconds(py, "pool_timeout", pool_timeout, "0 or more")?;
        let pool_recycle = pool_recycle
            .map(|age| seconds(py, "pool_recycle", age, "0 or more, or -1 or None for any age"))
            .transpose()?;
        let command_timeout = limit(py, command_timeout)?.flatten();
        let trace = trace.map(|trace| -> Trace {
            Arc::new(move |sql| {
                // A log that fails must not fail the statement.
                crate::awaitable::ending::unless_ending(|py| {
                    crate::errors::aside(py, || {
                        trace.call1(py, (sql,)).map_or_else(|error| error.write_unraisable(py, None), drop);
                    });
                });
            })
        });
        let options = Options {
            pool_size,
            max_overflow,
            pool_timeout,
            pool_recycle,
            pool_pre_ping,
            command_timeout,
            prepared_statements,
            address_style: AddressStyle::Sqlalchemy,
            trace,
            ..Options::default()
        };
        let (url, schema) = (url.to_owned(), schema.inner.clone());
        let connect = move || {
            Engine::connect(&url, schema.clone(), Arc::new(LoopRuntime::new(busy_poll)), options.clone())
        };
        let engine = Mutex::new(connect().map_err(|error| to_python(py, "connect", error))?);
        let settings = Settings { timezone: timezone.map(Timezone::new), operators, audit_keyword };
        Ok(Self { engine, connect: Box::new(connect), settings })
    }

    /// A session on it.
    #[pyo3(signature = (isolation=None, command_timeout=None))]
    fn session(
        &self,
        py: Python<'_>,
        isolation: Option<&str>,
        command_timeout: Option<Seconds>,
    ) -> PyResult<Session> {
        let engine = self.engine(py)?;
        let session = isolation
            .map_or_else(|| engine.session(), |level| Ok(engine.session()?.with_isolation(level.parse()?)));
        let mut session = session.map_err(|error| to_python(py, "session", error))?;
        if let Some(time) = limit(py, command_timeout)? {
            session = session.with_command_timeout(time);
        }
        Ok(Session { slot: Slot::new(py, session, self.settings.clone()), block: None })
    }

    /// Creates the tables that are not there yet.
    fn create_tables(&self, py: Python<'_>, only: Option<Vec<String>>) -> PyResult<Coroutine> {
        let engine = self.engine(py)?;
        Ok(Coroutine::new("Database.create_tables", async move {
            let result = engine.create_tables(only.as_deref()).await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "create_tables", e)))
        }))
    }

    /// Creates the indexes that are not there yet, beside writers where the database can do so.
    fn create_indexes(&self, py: Python<'_>, only: Option<Vec<String>>) -> PyResult<Coroutine> {
        let engine = self.engine(py)?;
        Ok(Coroutine::new("Database.create_indexes", async move {
            let result = engine.create_indexes(only.as_deref()).await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "create_indexes", e)))
        }))
    }

    /// Drops tables with all their rows.
    fn drop_tables(&self, py: Python<'_>, only: Option<Vec<String>>) -> PyResult<Coroutine> {
        let engine = self.engine(py)?;
        Ok(Coroutine::new("Database.drop_tables", async move {
            let result = engine.drop_tables(only.as_deref()).await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "drop_tables", e)))
        }))
    }

    /// Closes the connections.
    fn close(&self, py: Python<'_>) -> PyResult<Coroutine> {
        let engine = self.engine(py)?;
        Ok(Coroutine::new("Database.close", async move {
            let result = engine.close().await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "close", e)))
        }))
    }

    /// Where it is; a password is masked.
    #[getter]
    fn address(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.address())
    }
}

/// How long a command may take, if it was said: 0 is any time.
pub fn limit(py: Python<'_>, given: Option<Seconds>) -> PyResult<Option<Option<Duration>>> {
    let time = given.map(|time| seconds(py, "command_timeout", time, "or 0 for any time")).transpose()?;
    Ok(time.map(|time| (!time.is_zero()).then_some(time)))
}

fn seconds(py: Python<'_>, name: &str, given: Seconds, allowed: &str) -> PyResult<Duration> {
    Duration::try_from_secs_f64(given.0)
        .map_err(|_| crate::errors::invalid(py, name, format!("expects a number of seconds, {allowed}")))
}

/// The name of an isolation level, as SQL has it, of any spelling of it.
#[pyfunction]
pub fn isolation(name: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    let py = name.py();
    let given = name.extract::<String>().or_else(|_| name.repr().map(|name| name.to_string()))?;
    let level: Isolation = given.parse().map_err(|error| to_python(py, "session", error))?;
    Ok(level.name())
}

/// How long to wait before work is run again that failed so many times, in seconds.
#[pyfunction]
pub fn retry_pause(failures: u32) -> f64 {
    reprieve_engine::retry::pause(failures).as_secs_f64()
}
