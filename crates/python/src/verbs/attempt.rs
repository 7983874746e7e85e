//! Attributes that a verb sets and writes: when they cannot be written, the object holds again what it held before, so
//! that the session does not try once more to write them.

use crate::model::{ModelBase, Shape, clear_slot, get_slot};
use crate::session::Slot;
use pyo3::prelude::*;
use pyo3::types::PyString;
use smallbitvec::SmallBitVec;
use std::sync::Arc;

/// What an object held before.
pub struct Attempt {
    slot: Arc<Slot>,
    shape: Arc<Shape>,
    scope: u32,
    fields: Box<[Option<Py<PyAny>>]>,
    changed: SmallBitVec,
}

impl Attempt {
    /// Sets these attributes: all, or none.
    pub fn set(
        object: &Bound<'_, ModelBase>,
        slot: &Arc<Slot>,
        shape: &Arc<Shape>,
        values: &[(Bound<'_, PyString>, Bound<'_, PyAny>)],
    ) -> PyResult<Self> {
        let value = |offset| get_slot(object.as_any(), offset).map(Bound::unbind);
        let attempt = Self {
            slot: slot.clone(),
            shape: shape.clone(),
            scope: slot.scope(),
            fields: shape.columns.iter().map(|column| value(column.offset)).collect(),
            changed: object.borrow().changed.clone(),
        };
        match values.iter().try_for_each(|(name, value)| object.setattr(name, value)) {
            Ok(()) => Ok(attempt),
            Err(error) => {
                attempt.put_back(object)?;
                Err(error)
            }
        }
    }

    /// Ends it: what was to be written is written, or put back.
    pub fn end<T>(attempt: Option<Self>, object: &Py<ModelBase>, written: PyResult<T>) -> PyResult<T> {
        if let (Err(_), Some(attempt)) = (&written, attempt) {
            Python::attach(|py| attempt.put_back(object.bind(py)))?;
        }
        written
    }

    fn put_back(self, object: &Bound<'_, ModelBase>) -> PyResult<()> {
        // When the transaction is over, its end has put everything back.
        if self.slot.scope() != self.scope {
            return Ok(());
        }
        for (column, old) in self.shape.columns.iter().zip(self.fields) {
            let now = get_slot(object.as_any(), column.offset);
            let Some(old) = old else {
                clear_slot(object.as_any(), column.offset);
                continue;
            };
            if now.is_none_or(|now| !now.is(&old)) {
                // Set as anybody sets it: relations and collections follow.
                object.setattr(&column.name, old)?;
            }
        }
        object.borrow_mut().changed = self.changed;
        Ok(())
    }
}
