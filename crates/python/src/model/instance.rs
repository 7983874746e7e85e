//! Instances as the engine makes and reads them.

use super::base::ModelBase;
use super::layout::get_slot;
use super::shape::{Fields, Shape, shape_of};
use crate::session::Slot;
use crate::values::to_checked_value;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A new instance for a stored row, with empty slots; `__init__` is not run.
#[allow(unsafe_code, reason = "allocates through the class's own tp_new")]
pub fn new_instance<'py>(
    class: &Bound<'py, PyType>,
    shape: &Arc<Shape>,
    session: &Arc<Slot>,
    alone: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let arguments = crate::schema::no_arguments(py);
    let class = class.as_ptr().cast::<ffi::PyTypeObject>();
    // SAFETY: a model's class inherits `tp_new` from `ModelBase` (the metaclass is ours, and a class that overrides
    // `__new__` has it called as Python would); the arguments are a tuple and NULL, as the slot demands. NULL is
    // returned with an exception set.
    let object = unsafe {
        let Some(new) = (*class).tp_new else {
            return Err(pyo3::exceptions::PyTypeError::new_err("cannot create instances of this class"));
        };
        Bound::from_owned_ptr_or_err(py, new(class, arguments.as_ptr(), std::ptr::null_mut()))?
    };
    let mut state = object.cast::<ModelBase>()?.borrow_mut();
    state.session = Some(session.clone());
    state.shape = Some(shape.clone());
    state.stored = true;
    state.alone = alone;
    drop(state);
    Ok(object)
}

/// The shape of an instance and the key of its row.
pub fn state_of(object: &Bound<'_, ModelBase>) -> PyResult<(Arc<Shape>, Value)> {
    let known = object.borrow().shape.clone();
    let shape = match known {
        Some(shape) => shape,
        None => shape_of(&object.get_type())?,
    };
    if object.borrow().undone {
        let message = format!(
            "this {} was created in a transaction that was rolled back: its row is not in the database. save() creates \
             it again",
            shape.table.model
        );
        return Err(crate::errors::raise(object.py(), "SessionError", (message,)));
    }
    let key = &shape.columns[shape.table.primary_key];
    let value = get_slot(object.as_any(), key.offset).filter(|value| !value.is_none());
    let Some(value) = value else {
        let message = format!(
            "this {} has no {} yet: its row is not in the database. Create it first",
            shape.table.model, key.text
        );
        return Err(crate::errors::invalid(object.py(), &key.text, message));
    };
    let session = object.borrow().session.clone();
    let fields = Fields::of(&shape, session.as_ref());
    let value = to_checked_value(&fields, shape.table.primary_key, &value)?;
    Ok((shape, value))
}

/// The state in which the object saw its row: what it writes is for a row in that state.
pub fn seen(object: &Bound<'_, ModelBase>, shape: &Shape) -> Visibility {
    let marker = shape.table.soft_delete.map(|soft| shape.columns[soft.deleted_at].offset);
    match marker.and_then(|offset| get_slot(object.as_any(), offset)) {
        Some(at) if !at.is_none() => Visibility::Deleted,
        _ => Visibility::Live,
    }
}

/// The fields that were set since the row was last read or written, with their values.
pub fn fields_changed(object: &Bound<'_, ModelBase>, fields: &Fields<'_>) -> PyResult<Vec<(usize, Value)>> {
    let state = object.borrow();
    if !state.is_changed() {
        return Ok(Vec::new());
    }
    let changed = state.changed.clone();
    drop(state);
    let set = |position: &usize| changed[*position];
    (0..fields.columns.len())
        .filter(set)
        .filter_map(|position| Some((position, get_slot(object.as_any(), fields.columns[position].offset)?)))
        .map(|(position, value)| Ok((position, to_checked_value(fields, position, &value)?)))
        .collect()
}

/// Notes that the row holds what the object does.
pub fn clear_changes(object: &Bound<'_, ModelBase>) {
    object.borrow_mut().take_changes();
}
