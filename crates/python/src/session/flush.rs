//! Writing what was changed on objects.

use super::slot::{Slot, Work};
use crate::errors::{gone, refused, to_python};
use crate::model::{Fields, ModelBase, clear_changes, fields_changed, seen, state_of};
use crate::values::{Zone, to_object};
use crate::verbs::{actor, insert_added};
use pyo3::prelude::*;
use reprieve_core::value::{Cell, Value};
use std::sync::Arc;

/// Inserts the rows of objects that were added, writes the changed attributes of every object that the session knows, and
/// then the links between rows.
pub async fn flush(slot: &Arc<Slot>, work: &mut Work) -> PyResult<()> {
    if slot.is_flushed() {
        return Ok(());
    }
    // Boxed, or the future of every verb would need room for it.
    Box::pin(write_pending(slot, work)).await
}

async fn write_pending(slot: &Arc<Slot>, work: &mut Work) -> PyResult<()> {
    insert_added(slot, work).await?;
    let mut objects = slot.take_changed().into_iter();
    while let Some(object) = objects.next() {
        if let Err(error) = write_changes(work, &object, None).await {
            // The object stays changed: the caller may mend it and flush again.
            slot.remember(object);
            objects.for_each(|object| slot.remember(object));
            return Err(error);
        }
    }
    write_links(slot, work).await
}

/// Writes the links between rows that were added to, or taken from, relations.
async fn write_links(slot: &Arc<Slot>, work: &mut Work) -> PyResult<()> {
    let mut links = slot.take_links().into_iter();
    while let Some((link, linked)) = links.next() {
        let result = if linked { work.link(&link).await } else { work.unlink(&link).await };
        if let Err(error) = result {
            // This one cannot be written; the others may.
            links.for_each(|(link, linked)| slot.link(link, linked));
            return Err(Python::attach(|py| to_python(py, &link.table.model, error)));
        }
    }
    Ok(())
}

/// Writes the changed attributes of one object: only those. `user` is who acts, when the call says so.
pub async fn write_changes(
    work: &mut Work,
    object: &Py<ModelBase>,
    user: Option<&Py<PyAny>>,
) -> PyResult<()> {
    let prepared = Python::attach(|py| {
        let object = object.bind(py);
        if !object.borrow().is_changed() || !object.borrow().stored {
            return Ok::<_, PyErr>(None);
        }
        let (shape, key) = state_of(object)?;
        // Known already, unless the object is of another session.
        work.slot().note(object, &shape)?;
        let changes = fields_changed(object, &Fields::new(&shape, work.slot()))?;
        let actor = actor(py, shape.table.audit, user.map(|user| user.bind(py)), work.slot())?;
        Ok(Some((seen(object, &shape)?, shape, key, changes, actor)))
    })?;
    let Some((seen, shape, key, changes, actor)) = prepared else { return Ok(()) };
    let result = work.update(&shape.table, &key, seen, changes, &actor).await;
    Python::attach(|py| {
        let fields = Fields::new(&shape, work.slot());
        let filled = result.map_err(|error| match error.is_not_found() {
            true => gone(py, &fields, &key),
            false => refused(py, &format!("{}.update", shape.table.model), error, &fields),
        })?;
        let object = object.bind(py);
        let mut zone = Zone::new(work.slot().timezone());
        let slots = shape.slots(object.as_any())?;
        for (position, value) in filled {
            let column = &shape.columns[position];
            if let Value::Timestamp(instant) = value {
                let cell = Cell::Timestamp(instant);
                slots.set(position, to_object(py, &column.codec, cell, &mut zone)?);
            }
        }
        clear_changes(object);
        Ok(())
    })
}

/// A value for a message.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => v.clone(),
        Value::Int(v) => v.to_string(),
        Value::Uuid(v) => uuid::Uuid::from_bytes(*v).to_string(),
        Value::Timestamp(v) => v.to_string(),
        other => format!("{other:?}"),
    }
}
