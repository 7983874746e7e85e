//! What a deletion or a restore does to an object: its marker, and the changes that it keeps to be written.

use crate::errors::{gone, is_absent, to_python};
use crate::model::{Fields, ModelBase, Shape, state_of};
use crate::session::{Slot, Work};
use crate::values::{Timezone, Zone};
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::{Predicate, Select, Source};
use reprieve_core::schema::{ColumnType, Marker};
use reprieve_core::value::{Timestamp, Value};
use smallbitvec::SmallBitVec;
use std::sync::Arc;

/// Puts back what the object has to be written.
pub fn restore_changes(slot: &Arc<Slot>, object: &Py<ModelBase>, changed: SmallBitVec) {
    if changed.all_false() {
        return;
    }
    Python::attach(|py| {
        object.bind(py).borrow_mut().changed = changed;
        slot.remember(object.clone_ref(py));
    });
}

pub fn set_deleted_at(
    py: Python<'_>,
    object: &Py<ModelBase>,
    shape: &Shape,
    at: Option<Timestamp>,
    timezone: Option<&Timezone>,
) -> PyResult<()> {
    let Some(marker) = shape.table.marker else { return Ok(()) };
    let value = match at {
        Some(at) => Zone::new(timezone).datetime(py, at)?,
        None => py.None().into_bound(py),
    };
    shape.slots(object.bind(py).as_any())?.set(marker.column(), value);
    Ok(())
}

pub async fn reread_deleted_at(
    work: &mut Work,
    object: &Py<ModelBase>,
    shape: &Arc<Shape>,
    key: &Value,
) -> PyResult<()> {
    let row = Source::any(0, &shape.table);
    let select = Select::rows(row.clone()).filter(Predicate::equals(row.key(), key.clone()));
    // Without a marker, the question is only whether the row is there.
    let position = shape.table.marker.map_or(shape.table.primary_key, Marker::column);
    let mut instant = Instant { position, found: None };
    let result = work.select(select, &mut instant).await;
    Python::attach(|py| {
        result.map_err(|error| to_python(py, &shape.table.model, error))?;
        match instant.found {
            None => Err(gone(py, &Fields::new(shape, work.slot()), key)),
            Some(at) => set_deleted_at(py, object, shape, at, work.slot().timezone()),
        }
    })
}

/// Reads the marker of an object's row again, if the object is still there, and stands for a row.
pub async fn follow(work: &mut Work, object: &Py<PyWeakrefReference>) -> PyResult<()> {
    let known = Python::attach(|py| {
        let Some(object) = object.bind(py).upgrade() else { return Ok(None) };
        let object = object.cast_into::<ModelBase>()?;
        if !object.borrow().stored || object.borrow().undone {
            return Ok(None);
        }
        let (shape, key) = state_of(&object)?;
        work.slot().note(&object, &shape)?;
        Ok::<_, PyErr>(Some((object.unbind(), shape, key)))
    })?;
    let Some((object, shape, key)) = known else { return Ok(()) };
    match reread_deleted_at(work, &object, &shape, &key).await {
        // Its row was removed meanwhile.
        Err(error) if Python::attach(|py| is_absent(py, &error)) => Ok(()),
        result => result,
    }
}

/// Takes the marker of one row.
struct Instant {
    position: usize,
    found: Option<Option<Timestamp>>,
}

impl RowSink for Instant {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let cell = row.cell(self.position)?;
        self.found = Some(match ColumnType::Timestamp.decode(cell) {
            Some(Value::Timestamp(at)) => Some(at),
            _ => None,
        });
        Ok(())
    }

    fn restart(&mut self) {
        self.found = None;
    }
}
