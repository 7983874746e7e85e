//! `async for post in Post.filter(...)`: rows in batches, each read when the loop arrives at it.
//!
//! Between two batches nothing is held but the place in the order: no connection, no transaction, no cursor of the
//! database. So the body of the loop may use the session, and a loop that is left early leaves nothing behind.

use super::Query;
use super::page::{Given, positive};
use super::run::related;
use crate::awaitable::{Coroutine, turn};
use crate::errors::{invalid, raise, to_python};
use crate::model::Shape;
use crate::relation::{Include, Includes};
use crate::rows::Objects;
use crate::session::{Slot, flush};
use pyo3::exceptions::{PyStopAsyncIteration, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::Select;
use reprieve_engine::Place;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[doc = text!("Stream")]
#[pyclass(frozen, weakref, module = "fastapi_orm._engine")]
pub struct Stream {
    source: Arc<Rows>,
    in_lists: bool,
}

/// Where the rows come from, and how far they were read.
struct Rows {
    class: Py<PyType>,
    shape: Arc<Shape>,
    session: Arc<Slot>,
    includes: Includes,
    select: Select,
    batch: u64,
    state: Mutex<State>,
}

struct State {
    next: Next,
    /// Rows that may still be read.
    left: Option<u64>,
    /// The batch that was read, and how many of its rows were taken.
    rows: Option<(Py<PyList>, usize)>,
}

enum Next {
    First,
    After(Place),
    End,
    /// A batch is being read.
    UnderWay,
}

/// Puts the place back when the read of a batch is given up, so that the batch can be read again.
struct Reading {
    source: Arc<Rows>,
    from: Option<Next>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(next) = self.from.take() {
            self.source.state().next = next;
        }
    }
}

impl Rows {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next row of the batch at hand.
    fn pop(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let mut state = self.state();
        let (rows, taken) = state.rows.as_mut()?;
        let row = rows.bind(py).get_item(*taken).ok()?;
        *taken += 1;
        Some(row.unbind())
    }

    /// Reads the next batch. `None` at the end.
    async fn read(self: Arc<Self>) -> PyResult<Option<Py<PyList>>> {
        let Some((mut reading, left)) = self.begin()? else { return Ok(None) };
        let rows = left.map_or(self.batch, |left| left.min(self.batch));
        let mut objects = Python::attach(|py| {
            Objects::many(py, self.class.clone_ref(py), self.shape.clone(), self.session.clone())
        });
        let mut select = self.select.clone();
        let after = match &reading.from {
            Some(Next::After(place)) => {
                select.offset = 0;
                Some(place.clone())
            }
            _ => None,
        };
        let mut work = self.session.take().await?;
        flush(&self.session, &mut work).await?;
        let read = work.read_on(select, after.as_deref(), rows, &mut objects).await;
        let place =
            read.map_err(|error| Python::attach(|py| to_python(py, &self.shape.table.model, error)))?;
        let found = related(&mut work, &self.session, objects, &self.includes).await?;
        reading.from = None;
        let mut state = self.state();
        state.left = left.map(|left| left - rows);
        state.next = match place {
            Some(place) if state.left != Some(0) => Next::After(place),
            _ => Next::End,
        };
        drop(state);
        Python::attach(|py| {
            let found = found.into_bound(py).cast_into::<PyList>()?;
            Ok((!found.is_empty()).then(|| found.unbind()))
        })
    }

    /// Takes the place that is read from next, and how many rows may still be read.
    fn begin(self: &Arc<Self>) -> PyResult<Option<(Reading, Option<u64>)>> {
        let mut state = self.state();
        // What was read before goes before more is read.
        let gone = state.rows.take();
        let left = state.left;
        let from = match std::mem::replace(&mut state.next, Next::UnderWay) {
            Next::UnderWay => {
                let message = "The rows are being read by another task: give each task a query of its own";
                return Err(Python::attach(|py| raise(py, "SessionError", (message,))));
            }
            Next::End => {
                state.next = Next::End;
                return Ok(None);
            }
            _ if left == Some(0) => {
                state.next = Next::End;
                return Ok(None);
            }
            from => from,
        };
        drop(state);
        drop(gone);
        Ok(Some((Reading { source: self.clone(), from: Some(from) }, left)))
    }
}

#[pymethods]
impl Stream {
    /// `Stream[Post]`, for annotations.
    #[classmethod]
    fn __class_getitem__(cls: &Bound<'_, PyType>, item: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let alias = cls.py().import("types")?.getattr("GenericAlias")?;
        Ok(alias.call1((cls, item))?.unbind())
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    // A read that is under way has a part in the rows and does not show them: they are in use then.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if Arc::strong_count(&self.source) > 1 {
            return Ok(());
        }
        visit.call(&self.source.class)?;
        Include::visit(&self.source.includes, &visit)?;
        match self.source.state.try_lock().as_deref() {
            Ok(State { rows: Some((rows, _)), .. }) => visit.call(rows),
            _ => Ok(()),
        }
    }

    fn __clear__(&self) {
        let rows = self.source.state().rows.take();
        drop(rows);
    }

    fn __anext__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let (source, in_lists) = (slf.get().source.clone(), slf.get().in_lists);
        if !in_lists && let Some(row) = source.pop(py) {
            let waits = turn::is_over(py);
            return Ok(Bound::new(py, Ready { row: Some(row), waits })?.into_any());
        }
        let read = Coroutine::new("Stream", async move {
            let rows = source.clone().read().await?;
            let Some(rows) = rows else { return Err(PyStopAsyncIteration::new_err(())) };
            if in_lists {
                return Ok(rows.into_any());
            }
            Python::attach(|py| {
                let first = rows.bind(py).get_item(0)?.unbind();
                source.state().rows = Some((rows, 1));
                Ok(first)
            })
        });
        Ok(Bound::new(py, read)?.into_any())
    }
}

/// A row that is there already. It lets the loop run first when the loop has not run for a while.
#[pyclass(module = "fastapi_orm._engine")]
struct Ready {
    row: Option<Py<PyAny>>,
    waits: bool,
}

#[pymethods]
impl Ready {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.row)
    }

    fn __clear__(&mut self) {
        self.row = None;
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if std::mem::take(&mut self.waits) {
            return Ok(py.None());
        }
        Err(PyStopIteration::new_err((self.row.take(),)))
    }
}

impl Query {
    /// Its rows in batches of so many.
    pub fn in_batches(&self, py: Python<'_>, name: &str, size: &Given, in_lists: bool) -> PyResult<Stream> {
        let batch = positive(py, name, size, BATCH)?;
        if batch > LARGEST_BATCH {
            let message =
                format!("{name} is at most {LARGEST_BATCH} rows, got {batch}: a batch is held in memory");
            return Err(invalid(py, name, message));
        }
        let mut select = self.select();
        select.limit = None;
        let state = Mutex::new(State { next: Next::First, left: self.limit, rows: None });
        let source = Rows {
            class: self.class.clone_ref(py),
            shape: self.shape.clone(),
            session: self.session.clone(),
            includes: self.includes.clone(),
            select,
            batch,
            state,
        };
        Ok(Stream { source: Arc::new(source), in_lists })
    }
}

const BATCH: u64 = 1000;
const LARGEST_BATCH: u64 = 1_000_000;
