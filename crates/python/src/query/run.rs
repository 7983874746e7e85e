//! Reading the rows of a query: as objects with their relations, or into any other sink.

use crate::errors::to_python;
use crate::model::ModelBase;
use crate::relation::{Includes, load_includes};
use crate::rows::Objects;
use crate::session::{Slot, Work, flush};
use pyo3::prelude::*;
use pyo3::types::PyList;
use reprieve_core::driver::RowSink;
use reprieve_core::query::Select;
use std::sync::Arc;

/// What can go wrong in [`fetch`].
pub enum Failure {
    Python(PyErr),
    Engine(reprieve_core::Error),
}

impl Failure {
    pub fn raise(self, operation: &str) -> PyErr {
        match self {
            Self::Python(error) => error,
            Self::Engine(error) => Python::attach(|py| to_python(py, operation, error)),
        }
    }
}

/// Runs a query for objects, and loads their relations: a list of objects, or one or None.
pub async fn objects_of(
    slot: Arc<Slot>,
    select: Select,
    mut objects: Objects,
    includes: Includes,
) -> PyResult<Py<PyAny>> {
    let table = select.from.table.clone();
    let mut work = slot.take().await?;
    flush(&slot, &mut work).await?;
    let read = work.select(select, &mut objects).await;
    read.map_err(|error| Failure::Engine(error).raise(&table.model))?;
    related(&mut work, &slot, objects, &includes).await
}

/// The objects that were read, with their relations.
pub async fn related(
    work: &mut Work,
    slot: &Arc<Slot>,
    objects: Objects,
    includes: &Includes,
) -> PyResult<Py<PyAny>> {
    let found = objects.take();
    if !includes.is_empty() {
        let owners = Python::attach(|py| owners(found.bind(py)))?;
        load_includes(work, slot, includes, owners).await?;
    }
    Ok(found)
}

/// The objects found, whether one, none or a list.
fn owners(found: &Bound<'_, PyAny>) -> PyResult<Vec<Py<ModelBase>>> {
    let one = |object: Bound<'_, PyAny>| Ok(object.cast_into::<ModelBase>()?.unbind());
    match found.cast::<PyList>() {
        Ok(list) => list.iter().map(one).collect(),
        Err(_) if found.is_none() => Ok(Vec::new()),
        Err(_) => Ok(vec![one(found.clone())?]),
    }
}

/// Writes pending changes, so that the query sees them, and runs it.
pub async fn fetch(slot: &Arc<Slot>, select: Select, sink: &mut dyn RowSink) -> Result<(), Failure> {
    let mut work = slot.take().await.map_err(Failure::Python)?;
    flush(slot, &mut work).await.map_err(Failure::Python)?;
    work.select(select, sink).await.map_err(Failure::Engine)
}

/// Whether there was any row.
#[derive(Default)]
pub struct Found(pub bool);

impl RowSink for Found {
    fn row(&mut self, _: &dyn reprieve_core::driver::Row) -> reprieve_core::Result<()> {
        self.0 = true;
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = false;
    }
}
