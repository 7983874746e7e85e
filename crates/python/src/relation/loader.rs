//! One relation of one row: what is needed to read it, and to link rows to it.

use super::key::{Key, value_at};
use super::path::Path;
use super::rows::Related;
use crate::awaitable::Coroutine;
use crate::awaitable::in_place::{self, Refused};
use crate::errors::{invalid, raise, to_python};
use crate::model::{ModelBase, state_of};
use crate::query::Query;
use crate::session::{Slot, flush};
use crate::values::uuid;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::{Source, Via, Visibility};
use reprieve_core::value::Value;
use reprieve_engine::Link;
use std::collections::HashMap;
use std::sync::Arc;

// It knows the row whose relation it reads by its key, and keeps no object alive.
#[doc = text!("RelationLoader")]
#[pyclass(frozen, name = "RelationLoader", module = "fastapi_orm._engine")]
pub struct Loader {
    pub slot: Arc<Slot>,
    pub relation: Py<PyAny>,
    pub path: Py<Path>,
    pub class: Py<PyType>,
    pub key: Value,
}

/// The loader of an object's relation.
#[pyfunction]
pub fn relation_loader(
    object: &Bound<'_, ModelBase>,
    relation: &Bound<'_, PyAny>,
    path: &Bound<'_, Path>,
    class_: &Bound<'_, PyType>,
) -> PyResult<Loader> {
    let py = object.py();
    let to = path.get();
    let slot = object.borrow().session.clone();
    let Some(slot) = slot.filter(|_| object.borrow().stored) else {
        let message = format!(
            "{} cannot be read or changed: the row is not in the database. Create it first",
            to.place
        );
        return Err(raise(py, "SessionError", (message,)));
    };
    let key = if to.many { state_of(object)?.1 } else { value_at(object, &to.owner, to.own)? };
    let (relation, path, class) = (relation.clone().unbind(), path.clone().unbind(), class_.clone().unbind());
    Ok(Loader { slot, relation, path, class, key })
}

/// A loaded collection of an owner, which follows what the session does.
pub fn present<'py>(
    owner: &Bound<'py, ModelBase>,
    loader: Loader,
    rows: &Bound<'py, PyList>,
    lives: u64,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = owner.py();
    let class = CLASS.import(py, "fastapi_orm.collection", "Collection")?;
    let of = Key::of_value(&loader.key).map(|key| (loader.path.get().membership(), key));
    let slot = loader.slot.clone();
    let collection = class.call1((rows, loader, owner, lives))?;
    if let Some(of) = of {
        slot.watch(of, &collection)?;
    }
    Ok(collection)
}

/// Whether an object was read or made by itself: its relations are loaded when they are read.
#[pyfunction]
pub fn is_alone(object: &Bound<'_, ModelBase>) -> bool {
    object.borrow().alone
}

impl Loader {
    /// Writes what was changed, and reads the rows.
    fn rows(&self, py: Python<'_>) -> impl Future<Output = PyResult<Py<PyAny>>> + Send + use<> {
        let (slot, path, class) = (self.slot.clone(), self.path.clone_ref(py), self.class.clone_ref(py));
        let key = self.key.clone();
        async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let to = path.get();
            let numbers: HashMap<Key, usize> = Key::of_value(&key).map(|key| (key, 0)).into_iter().collect();
            let mut rows = Related::new(class, &to.target, &slot, numbers, false);
            if !to.many {
                rows = rows.alone();
            }
            let read = work.related(&to.path, vec![key], Visibility::Live, &mut rows).await;
            Python::attach(|py| {
                read.map_err(|error| to_python(py, &to.place, error))?;
                Ok(PyList::new(py, rows.found.iter().map(|(_, object)| object))?.into_any().unbind())
            })
        }
    }
}

#[pymethods]
impl Loader {
    /// The rows, as a list: none or one for a reference.
    fn load(&self, py: Python<'_>) -> Coroutine {
        Coroutine::new("relation", self.rows(py))
    }

    /// The same at once, on this thread; an error when others would have to be waited for.
    fn load_now(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let end = in_place::drive(py, self.rows(py));
        let Some(refused) = end.refused else { return end.result };
        end.result.map_err(|cause| {
            let to = self.path.get();
            let cannot = match refused {
                Refused::Wait => "to read it here would mean to wait",
                Refused::Elsewhere => "it cannot be read in this thread",
            };
            let why = format!("{cannot} ({}): await it, or include() it", cause.value(py));
            let error =
                raise(py, "RelationNotLoadedError", (&to.owner.table.model, to.name.clone_ref(py), why));
            error.set_cause(py, Some(cause));
            error
        })
    }

    /// Whether its session is closed.
    #[getter]
    fn closed(&self) -> bool {
        self.slot.is_closed()
    }

    /// A collection of these rows, as they are now.
    fn collect<'py>(
        &self,
        py: Python<'py>,
        owner: &Bound<'py, ModelBase>,
        rows: &Bound<'py, PyList>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let lives = self.slot.lives();
        let loader = Self {
            slot: self.slot.clone(),
            relation: self.relation.clone_ref(py),
            path: self.path.clone_ref(py),
            class: self.class.clone_ref(py),
            key: self.key.clone(),
        };
        present(owner, loader, rows, lives)
    }

    /// A number that changes when rows were deleted, restored or rolled back in the session.
    #[getter]
    fn lives(&self) -> u64 {
        self.slot.lives()
    }

    /// The scope of the session that collections are noted in.
    #[getter]
    fn scope(&self) -> u32 {
        self.slot.scope()
    }

    /// Notes the rows of a collection before they are changed; returns the scope that knows of them.
    fn note(&self, collection: &Bound<'_, PyAny>, rows: Py<PyList>, noted: u32) -> PyResult<u32> {
        self.slot.note_rows(collection, rows, noted)
    }

    /// The live rows as a query, to be narrowed and ordered.
    fn query(&self, py: Python<'_>) -> Query {
        let to = self.path.get();
        let row = Source::live(0, &to.target.table);
        let filter = to.path.belongs(&row, self.key.clone());
        Query::new(self.class.clone_ref(py), to.target.clone(), self.slot.clone(), Visibility::Live, filter)
    }

    /// Links a row to this one at the next flush, or takes the link away.
    fn link(&self, object: &Bound<'_, ModelBase>, linked: bool) -> PyResult<()> {
        let py = object.py();
        let to = self.path.get();
        let Via::Links { table, near, far } = &to.path.via else { return Ok(()) };
        if !object.borrow().stored {
            let message = format!(
                "{} is given a {} whose row is not in the database: create it first",
                to.place, to.target.table.model
            );
            return Err(invalid(py, to.name.to_str(py)?, message));
        }
        let key = state_of(object)?.1;
        self.slot
            .link(Link { table: table.clone(), near: (*near, self.key.clone()), far: (*far, key) }, linked);
        Ok(())
    }

    /// The loaded collections of the other side that this row is, or is no longer, in.
    fn opposite<'py>(&self, object: &Bound<'py, ModelBase>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let Via::Links { table, far, .. } = &self.path.get().path.via else { return Ok(Vec::new()) };
        let Some(key) = Key::of_value(&state_of(object)?.1) else { return Ok(Vec::new()) };
        Ok(self.slot.watchers_of(object.py(), &((table.id, *far), key)))
    }

    /// `User.posts`, for messages.
    #[getter]
    fn place(&self) -> &str {
        &self.path.get().place
    }

    /// The relation's descriptor.
    #[getter]
    fn relation(&self, py: Python<'_>) -> Py<PyAny> {
        self.relation.clone_ref(py)
    }

    /// The key that the rows belong to.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match &self.key {
            Value::Int(v) => v.into_pyobject(py)?.into_any(),
            Value::Text(v) => v.into_pyobject(py)?.into_any(),
            Value::Uuid(v) => uuid(py, v)?,
            _ => py.None().into_bound(py),
        })
    }

    /// Whether it is the key of nothing.
    #[getter]
    fn is_null(&self) -> bool {
        self.key.is_null()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.relation)?;
        visit.call(&self.path)?;
        visit.call(&self.class)
    }

    fn __repr__(&self) -> String {
        format!("<RelationLoader {}>", self.path.get().place)
    }
}
