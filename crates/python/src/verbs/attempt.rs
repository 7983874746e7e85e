//! Attributes that a verb sets and writes: when they cannot be written, the object holds again what it held before, so
//! that the session does not try once more to write them.

use crate::model::{ModelBase, Shape};
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
        let attempt = Self {
            slot: slot.clone(),
            shape: shape.clone(),
            scope: slot.scope(),
            fields: shape.slots(object.as_any())?.all(),
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
        let slots = self.shape.slots(object.as_any())?;
        for (position, (column, old)) in self.shape.columns.iter().zip(self.fields).enumerate() {
            let now = slots.get(position);
            let Some(old) = old else {
                slots.clear(position);
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
