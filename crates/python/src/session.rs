//! Sessions in Python: the engine's session, the objects whose changes it will write, and the guard against use from
//! two tasks at once.

mod block;
mod execute;
mod flush;
mod last_task;
mod past;
mod settings;
mod slot;
mod undo;

pub use flush::{flush, shown, write_changes};
pub use settings::Settings;
pub use slot::{Slot, Work};

use crate::arguments::Seconds;
use crate::awaitable::Coroutine;
use crate::model::ModelBase;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};
use std::sync::Arc;

#[doc = text!("Session")]
#[pyclass(frozen, weakref, module = "fastapi_orm._engine")]
pub struct Session {
    pub slot: Arc<Slot>,
    /// The block whose session it is, of a session that is another one's.
    pub block: Option<u32>,
}

fn transaction(session: &Bound<'_, Session>, nested: bool) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(session.py(), "fastapi_orm.transactions", "Transaction")?;
    Ok(class.call1((session, nested))?.unbind())
}

#[pymethods]
impl Session {
    #[doc = text!("Session.commit")]
    fn commit(&self) -> Coroutine {
        let (slot, block) = (self.slot.clone(), self.block);
        Coroutine::new("Session.commit", async move {
            match block {
                Some(id) => block::leave(&slot, id, true, true).await?,
                None => block::commit(&slot).await?,
            }
            Ok(Python::attach(|py| py.None()))
        })
    }

    #[doc = text!("Session.rollback")]
    fn rollback(&self) -> Coroutine {
        let (slot, block) = (self.slot.clone(), self.block);
        Coroutine::new("Session.rollback", async move {
            match block {
                Some(id) => block::leave(&slot, id, false, true).await?,
                None => block::rollback(&slot).await?,
            }
            Ok(Python::attach(|py| py.None()))
        })
    }

    #[doc = text!("Session.begin")]
    fn begin(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        transaction(slf, false)
    }

    #[doc = text!("Session.begin_nested")]
    fn begin_nested(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        transaction(slf, true)
    }

    /// Begins a block, and returns its id.
    fn _enter(&self, nested: bool, guarded: bool) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.begin", async move {
            let id = block::enter(&slot, nested, guarded).await?;
            Python::attach(|py| Ok(id.into_pyobject(py)?.into_any().unbind()))
        })
    }

    /// Ends a block; `inside`: by a call in it.
    fn _leave(&self, id: u32, keep: bool, inside: bool) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.begin", async move {
            block::leave(&slot, id, keep, inside).await?;
            Ok(Python::attach(|py| py.None()))
        })
    }

    /// Whether a block is open: neither ended nor left.
    fn _is_open(&self, id: u32) -> bool {
        self.slot.block(id).is_some()
    }

    /// This session as that of a block: its `commit()` and `rollback()` end the block alone.
    fn _within(&self, id: u32) -> Self {
        Self { slot: self.slot.clone(), block: Some(id) }
    }

    #[doc = text!("Session.flush")]
    fn flush(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.flush", async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            Ok(Python::attach(|py| py.None()))
        })
    }

    #[doc = text!("Session.add")]
    fn add(&self, object: &Bound<'_, ModelBase>) -> PyResult<()> {
        crate::verbs::add(object, self)
    }

    #[doc = text!("Session.add_all")]
    fn add_all(&self, objects: &Bound<'_, PyAny>) -> PyResult<()> {
        let objects: Vec<Bound<'_, ModelBase>> =
            objects.try_iter()?.map(|object| Ok(object?.cast_into()?)).collect::<PyResult<_>>()?;
        objects.iter().try_for_each(|object| crate::verbs::add(object, self))
    }

    #[doc = text!("Session.delete")]
    #[pyo3(signature = (object, *, force=false))]
    fn delete(slf: &Bound<'_, Self>, object: &Bound<'_, ModelBase>, force: bool) -> PyResult<Py<PyAny>> {
        let named = if force { Some([("force", true)].into_py_dict(slf.py())?) } else { None };
        Ok(object.call_method("delete", (slf,), named.as_ref())?.unbind())
    }

    /// The session, which is closed at the block's end.
    fn __aenter__(slf: Py<Self>) -> Coroutine {
        Coroutine::new("Session.__aenter__", std::future::ready(Ok(slf.into_any())))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__(&self, _exception: &Bound<'_, PyTuple>) -> Coroutine {
        self.close()
    }

    #[doc = text!("Session.execute")]
    #[pyo3(signature = (sql, params=None, *, read_only=false, command_timeout=None))]
    fn execute(
        &self,
        sql: &Bound<'_, PyAny>,
        params: Option<&Bound<'_, PyAny>>,
        read_only: bool,
        command_timeout: Option<Seconds>,
    ) -> Coroutine {
        execute::execute(self, sql, params, read_only, command_timeout)
    }

    #[doc = text!("Session.refresh")]
    fn refresh(&self, object: Bound<'_, ModelBase>) -> Coroutine {
        crate::verbs::refresh(object, self)
    }

    #[doc = text!("Session.close")]
    fn close(&self) -> Coroutine {
        let slot = self.slot.clone();
        Coroutine::new("Session.close", async move {
            slot.close();
            Ok(Python::attach(|py| py.None()))
        })
    }

    #[doc = text!("Session.close_now")]
    fn close_now(&self) {
        self.slot.close();
    }

    #[doc = text!("Session.closed")]
    #[getter]
    fn closed(&self) -> bool {
        self.slot.is_closed()
    }

    #[doc = text!("Session.in_transaction")]
    #[getter]
    fn in_transaction(&self) -> PyResult<bool> {
        Ok(self.slot.take_to_end()?.in_transaction())
    }

    // Objects hold the slot too, but the session is its owner: it alone shows the collector what is in it.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if self.block.is_none() { self.slot.visit(&visit) } else { Ok(()) }
    }

    fn __clear__(&self) {
        if self.block.is_none() {
            drop((self.slot.take_added(), self.slot.take_changed()));
        }
    }

    fn __repr__(&self) -> String {
        format!("<Session {}>", if self.slot.is_closed() { "closed" } else { "open" })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Objects hold the slot; an object that waits to be written is held by it.
        if self.block.is_none() {
            // Without an interpreter there are no objects to be put back.
            if Python::try_attach(|py| crate::errors::aside(py, || self.slot.close())).is_none() {
                self.slot.close();
            }
        }
    }
}
