//! Deleting and removing rows.

use super::actor;
use super::instance::reread;
use super::marker::{reread_deleted_at, restore_changes, set_deleted_at};
use crate::arguments::Reason;
use crate::awaitable::Coroutine;
use crate::deletion::Deletion;
use crate::errors::{invalid, to_python};
use crate::model::{Fields, ModelBase, Shape, clear_changes, fields_changed, seen, shape_of, state_of};
use crate::session::{Session, Slot, Work, flush};
use crate::values::{describe, to_operand};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType, PyWeakrefReference};
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Roots};
use std::sync::Arc;

/// Deletes the object's row: softly when the model has it, unless forced.
pub fn delete(
    object: Bound<'_, ModelBase>,
    session: &Session,
    force: bool,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        let py = object.py();
        let (shape, key) = state_of(&object)?;
        let changes = fields_changed(&object, &Fields::new(&shape, &session.slot))?;
        let actor = actor(py, true, user, &session.slot)?;
        Ok((shape, key, changes, actor))
    })();
    let slot = session.slot.clone();
    let object = object.unbind();
    Coroutine::from_result(
        "delete",
        prepared.map(|(shape, key, changes, actor)| async move {
            let mut work = slot.take().await?;
            if shape.table.marker.is_some() && !force {
                let options = Delete { changes, ..Delete::default() };
                mark(&mut work, &slot, &object, &shape, &key, options, &actor).await?;
                return Ok(Python::attach(|py| py.None()));
            }
            // Changes of a row that goes are not written first.
            let seen = Python::attach(|py| {
                let object = object.bind(py);
                slot.note(object, &shape)?;
                clear_changes(object);
                seen(object, &shape)
            })?;
            flush(&slot, &mut work).await?;
            // What was taken from the trash is removed there only: a row that was restored since is not destroyed.
            let result = match seen {
                Visibility::Deleted => work.purge(&shape.table, &key, &actor).await,
                _ => work.remove(&shape.table, &key, &actor).await.map(drop),
            };
            Python::attach(|py| {
                result.map_err(|e| to_python(py, &format!("{}.delete", shape.table.model), e))?;
                object.bind(py).borrow_mut().stored = false;
                Ok(py.None())
            })
        }),
    )
}

/// Marks the object's row as deleted.
#[pyfunction]
#[pyo3(signature = (object, session, *, cascade=false, reason=None, _audit_user_id=None))]
pub fn soft_delete(
    object: Bound<'_, ModelBase>,
    session: &Session,
    cascade: bool,
    reason: Option<Reason>,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        let (shape, key) = state_of(&object)?;
        let changes = fields_changed(&object, &Fields::new(&shape, &session.slot))?;
        Ok((
            shape,
            key,
            Delete { cascade, reason: reason.map(|reason| reason.0), changes },
            actor(object.py(), true, _audit_user_id, &session.slot)?,
        ))
    })();
    let slot = session.slot.clone();
    let object = object.unbind();
    Coroutine::from_result(
        "soft_delete",
        prepared.map(|(shape, key, options, actor)| async move {
            let mut work = slot.take().await?;
            let inner = mark(&mut work, &slot, &object, &shape, &key, options, &actor).await?;
            Python::attach(|py| {
                let root = Some(PyWeakrefReference::new(object.bind(py))?.unbind());
                Ok(Py::new(py, Deletion { inner, timezone: slot.timezone().cloned(), root })?.into_any())
            })
        }),
    )
}

async fn mark(
    work: &mut Work,
    slot: &Arc<Slot>,
    object: &Py<ModelBase>,
    shape: &Arc<Shape>,
    key: &Value,
    mut options: Delete,
    actor: &Actor,
) -> PyResult<reprieve_engine::deletion::Deletion> {
    // The object's own changes go with the deletion, not before it.
    let (seen, changed) = Python::attach(|py| {
        let object = object.bind(py);
        slot.note(object, shape)?;
        Ok::<_, PyErr>((seen(object, shape)?, object.borrow_mut().take_changes()))
    })?;
    let flushed = flush(slot, work).await;
    if let Err(error) = flushed {
        restore_changes(slot, object, changed);
        return Err(error);
    }
    if seen == Visibility::Deleted {
        // What was changed on an object from the trash is not written to a row that was restored since.
        options.changes.clear();
    }
    let result = work.soft_delete(&shape.table, Roots::Key(key.clone()), options, actor).await;
    let deletion = match result {
        Ok(deletion) => deletion,
        Err(error) => {
            restore_changes(slot, object, changed);
            let operation = format!("{}.soft_delete", shape.table.model);
            return Err(Python::attach(|py| to_python(py, &operation, error)));
        }
    };
    if deletion.marked && seen == Visibility::Deleted {
        // The row was restored after the object read it. The object takes what the row holds.
        reread(work, object, shape, key).await?;
    } else if deletion.marked {
        Python::attach(|py| set_deleted_at(py, object, shape, Some(deletion.at), slot.timezone()))?;
    } else if seen == Visibility::Live {
        // It was deleted after the object read it. A second deletion changes nothing: what was changed on the object was
        // meant for the live row, and gives way to what the row holds.
        reread(work, object, shape, key).await?;
    } else {
        // What is changed on a row in the trash stays to be written there.
        reread_deleted_at(work, object, shape, key).await?;
        restore_changes(slot, object, changed);
    }
    Ok(deletion)
}

/// The keys that a caller lists.
pub fn keys(fields: &Fields<'_>, ids: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
    let table = &fields.table;
    let place = format!("{}.{}", table.model, table.key().name);
    if ids.is_instance_of::<PyString>() || ids.try_iter().is_err() {
        let message = format!("{place} expects a list of keys, got {}: pass a list", describe(ids));
        return Err(invalid(ids.py(), &table.key().name, message));
    }
    let key = |id: PyResult<Bound<'_, PyAny>>| match to_operand(fields, table.primary_key, &id?)? {
        Value::Null => {
            let message = format!("{place} is never None: pass the keys of rows");
            Err(invalid(ids.py(), &table.key().name, message))
        }
        key => Ok(key),
    };
    ids.try_iter()?.map(key).collect()
}

/// Deletes the rows with these keys softly, as one deletion.
#[pyfunction]
#[pyo3(signature = (model, session, ids, *, cascade=false, reason=None, _audit_user_id=None))]
pub fn bulk_soft_delete(
    model: &Bound<'_, PyType>,
    session: &Session,
    ids: &Bound<'_, PyAny>,
    cascade: bool,
    reason: Option<Reason>,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = shape_of(model).and_then(|shape| {
        Ok((
            keys(&Fields::new(&shape, &session.slot), ids)?,
            shape,
            actor(model.py(), true, _audit_user_id, &session.slot)?,
        ))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_soft_delete",
        prepared.map(|(keys, shape, actor)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let options = Delete { cascade, reason: reason.map(|reason| reason.0), ..Delete::default() };
            let result = work.soft_delete(&shape.table, Roots::Keys(keys), options, &actor).await;
            Python::attach(|py| {
                let done = result
                    .map_err(|e| to_python(py, &format!("{}.bulk_soft_delete", shape.table.model), e))?;
                let rows = done.rows_of(&shape.table.name);
                Ok(rows.into_pyobject(py)?.into_any().unbind())
            })
        }),
    )
}
