//! What deletions and restores hand back.

use crate::awaitable::Coroutine;
use crate::errors::to_python;
use crate::session::{Session, Slot, flush};
use crate::values::{Timezone, Zone, uuid};
use crate::verbs::{actor, follow};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefReference};
use reprieve_engine::deletion as engine;
use std::sync::Arc;

#[doc = text!("Deletion")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Deletion {
    pub inner: engine::Deletion,
    pub timezone: Option<Timezone>,
    /// The object whose row was deleted, if it was one: an undo tells it what became of the row.
    pub root: Option<Py<PyWeakrefReference>>,
}

#[doc = text!("Restoration")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Restoration {
    pub inner: engine::Restoration,
}

fn rows<'py>(py: Python<'py>, tables: &[engine::TableRows]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for table in tables {
        dict.set_item(&table.table, table.rows)?;
    }
    Ok(dict)
}

#[pymethods]
impl Deletion {
    #[doc = text!("Deletion.id")]
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        uuid(py, self.inner.id.as_bytes())
    }

    #[doc = text!("Deletion.at")]
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Zone::new(self.timezone.as_ref()).datetime(py, self.inner.at)
    }

    #[doc = text!("Deletion.rows")]
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        rows(py, &self.inner.taken)
    }

    #[doc = text!("Deletion.total")]
    #[getter]
    fn total(&self) -> u64 {
        self.inner.rows()
    }

    #[doc = text!("Deletion.undo")]
    #[pyo3(signature = (session, *, _audit_user_id=None))]
    fn undo(&self, py: Python<'_>, session: &Session, _audit_user_id: Option<Py<PyAny>>) -> Coroutine {
        let (slot, id): (Arc<Slot>, _) = (session.slot.clone(), self.inner.id);
        let root = self.root.as_ref().map(|root| root.clone_ref(py));
        Coroutine::new("Deletion.undo", async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let actor = Python::attach(|py| {
                actor(py, true, _audit_user_id.as_ref().map(|user| user.bind(py)), &slot)
            })?;
            let result = work.undo(id, &actor).await;
            let inner = Python::attach(|py| result.map_err(|error| to_python(py, "Deletion.undo", error)))?;
            if let Some(root) = root {
                follow(&mut work, &root).await?;
            }
            Python::attach(|py| Ok(Py::new(py, Restoration { inner })?.into_any()))
        })
    }

    fn __repr__(&self) -> String {
        let taken: Vec<String> =
            self.inner.taken.iter().map(|t| format!("{}: {}", t.table, t.rows)).collect();
        format!("<Deletion {} {{{}}}>", self.inner.id, taken.join(", "))
    }
}

#[pymethods]
impl Restoration {
    #[doc = text!("Restoration.rows")]
    #[getter]
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        rows(py, &self.inner.restored)
    }

    #[doc = text!("Restoration.handed_over")]
    #[getter]
    fn handed_over<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        rows(py, &self.inner.handed_over)
    }

    #[doc = text!("Restoration.total")]
    #[getter]
    fn total(&self) -> u64 {
        self.inner.rows()
    }

    fn __repr__(&self) -> String {
        format!("<Restoration {} rows>", self.inner.rows())
    }
}
