//! Sessions in Python: the engine's session, the objects whose changes it will write, and the guard against use from
//! two tasks at once.

mod execute;
mod flush;
mod slot;

pub use flush::{flush, shown, write_changes};
pub use slot::{Slot, Work};

use crate::awaitable::Coroutine;
use crate::errors::to_python;
use crate::model::ModelBase;
use pyo3::prelude::*;
use std::sync::Arc;

/// One caller's work on a database, in one transaction at a time.
#[pyclass(frozen, weakref, module = "fastapi_orm._engine")]
pub struct Session {
    pub slot: Arc<Slot>,
}

#[pymethods]
impl Session {
    /// Writes changed attributes, and commits.
    fn commit(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.commit", async move {
            let mut work = slot.take()?;
            flush(&slot, &mut work).await?;
            let result = work.commit().await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "commit", e)))
        })
    }

    /// Undoes what was written since the last commit, and forgets changed attributes.
    fn rollback(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.rollback", async move {
            slot.forget();
            let mut work = slot.take()?;
            let result = work.rollback().await;
            Python::attach(|py| result.map(|()| py.None()).map_err(|e| to_python(py, "rollback", e)))
        })
    }

    /// Writes changed attributes of the objects that the session knows.
    fn flush(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.flush", async move {
            let mut work = slot.take()?;
            flush(&slot, &mut work).await?;
            Ok(Python::attach(|py| py.None()))
        })
    }

    /// Runs a statement with named values.
    #[pyo3(signature = (sql, params=None))]
    fn execute(&self, sql: &Bound<'_, PyAny>, params: Option<&Bound<'_, PyAny>>) -> Coroutine {
        execute::execute(self, sql, params)
    }

    /// Reads the row of an object again.
    fn refresh(&self, object: Bound<'_, ModelBase>) -> Coroutine {
        crate::verbs::refresh(object, self)
    }

    /// Ends the session; what is not committed is rolled back. Idempotent.
    fn close(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.close", async move {
            slot.close();
            Ok(Python::attach(|py| py.None()))
        })
    }

    /// The same at once, without awaiting.
    fn close_now(&self) {
        self.slot.close();
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.slot.is_closed()
    }

    /// Whether a transaction is open.
    #[getter]
    fn in_transaction(&self) -> PyResult<bool> {
        Ok(self.slot.take()?.in_transaction())
    }

    fn __repr__(&self) -> String {
        format!("<Session {}>", if self.slot.is_closed() { "closed" } else { "open" })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Objects hold the slot; an object that waits to be written is held by it.
        self.slot.close();
    }
}
