//! Instances as the engine makes and reads them.

use super::base::ModelBase;
use super::shape::{Fields, Shape, shape_of_object};
use super::slots::FieldSlots;
use crate::session::Slot;
use crate::values::to_checked_value;
use pyo3::prelude::*;
use pyo3::types::PyType;
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A new instance for a stored row, whose fields are filled by the caller; `__init__` is not run.
#[allow(unsafe_code, reason = "allocates through the class's own tp_new")]
pub fn new_instance<'py>(
    class: &Bound<'py, PyType>,
    shape: &Arc<Shape>,
    session: &Arc<Slot>,
    alone: bool,
    fill: impl FnOnce(&FieldSlots<'_, 'py>) -> PyResult<()>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    let arguments = crate::schema::no_arguments(py);
    let type_object = class.as_type_ptr();
    // SAFETY: the class is live, and its `tp_new` is called as Python itself would call it: with the class, a tuple and
    // no keywords. It returns an object, or NULL with an exception set. A class that overrides `__new__` may return any
    // object: what it is, is asked below.
    let object = unsafe {
        let Some(new) = (*type_object).tp_new else {
            return Err(pyo3::exceptions::PyTypeError::new_err("cannot create instances of this class"));
        };
        Bound::from_owned_ptr_or_err(py, new(type_object, arguments.as_ptr(), std::ptr::null_mut()))?
    };
    let Ok(slots) = shape.slots(&object) else { return Err(misfit(class, shape, &object)) };
    let mut state = object.cast::<ModelBase>()?.borrow_mut();
    state.session = Some(session.clone());
    state.shape = Some(shape.clone());
    state.stored = true;
    state.alone = alone;
    drop(state);
    fill(&slots)?;
    Ok(object)
}

/// What a class made is no object of the model.
fn misfit(class: &Bound<'_, PyType>, shape: &Shape, made: &Bound<'_, PyAny>) -> PyErr {
    let name = |class: &Bound<'_, PyType>| class.name().map(|name| name.to_string()).unwrap_or_default();
    let message = format!(
        "{}.__new__() returned an object of {}, and a row of {} is an object of {}: return what super().__new__(cls) makes",
        name(class),
        name(&made.get_type()),
        shape.table.name,
        shape.table.model
    );
    crate::errors::raise(class.py(), "SchemaError", (message,))
}

/// The shape of an instance and the key of its row.
pub fn state_of(object: &Bound<'_, ModelBase>) -> PyResult<(Arc<Shape>, Value)> {
    let shape = shape_of_object(object)?;
    if object.borrow().undone {
        let message = format!(
            "this {} was created in a transaction that was rolled back: its row is not in the database. save() creates \
             it again",
            shape.table.model
        );
        return Err(crate::errors::raise(object.py(), "SessionError", (message,)));
    }
    let key = &shape.columns[shape.table.primary_key];
    let value = shape.slots(object.as_any())?.get(shape.table.primary_key).filter(|value| !value.is_none());
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
pub fn seen(object: &Bound<'_, ModelBase>, shape: &Shape) -> PyResult<Visibility> {
    let slots = shape.slots(object.as_any())?;
    let marker = shape.table.marker.and_then(|marker| slots.get(marker.column()));
    Ok(match marker {
        Some(at) if !at.is_none() => Visibility::Deleted,
        _ => Visibility::Live,
    })
}

/// The fields that were set since the row was last read or written, with their values.
pub fn fields_changed(object: &Bound<'_, ModelBase>, fields: &Fields<'_>) -> PyResult<Vec<(usize, Value)>> {
    let state = object.borrow();
    if !state.is_changed() {
        return Ok(Vec::new());
    }
    let changed = state.changed.clone();
    drop(state);
    let slots = fields.slots(object.as_any())?;
    let set = |position: &usize| changed.get(*position).unwrap_or(false);
    (0..fields.columns.len())
        .filter(set)
        .filter_map(|position| Some((position, slots.get(position)?)))
        .map(|(position, value)| Ok((position, to_checked_value(fields, position, &value)?)))
        .collect()
}

/// Notes that the row holds what the object does.
pub fn clear_changes(object: &Bound<'_, ModelBase>) {
    object.borrow_mut().take_changes();
}
