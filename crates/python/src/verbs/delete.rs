//! Deleting, restoring and removing rows.

use super::actor;
use crate::awaitable::Coroutine;
use crate::deletion::{Deletion, Restoration};
use crate::errors::{gone, invalid, to_python};
use crate::model::{Fields, ModelBase, Shape, clear_changes, fields_changed, set_slot, shape_of, state_of};
use crate::session::{Session, Slot, Work, flush};
use crate::values::{Timezone, Zone, deleted_at, describe, to_operand};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use reprieve_core::query::{Predicate, Select, Source};
use reprieve_core::value::Value;
use reprieve_engine::deletion::{Delete, Restore, Roots};
use smallbitvec::SmallBitVec;
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
        let actor = actor(py, true, user)?;
        Ok((shape, key, changes, actor))
    })();
    let slot = session.slot.clone();
    let object = object.unbind();
    Coroutine::from_result(
        "delete",
        prepared.map(|(shape, key, changes, actor)| async move {
            let mut work = slot.take()?;
            if shape.table.soft_delete.is_some() && !force {
                let options = Delete { changes, ..Delete::default() };
                mark(&mut work, &slot, &object, &shape, &key, options, &actor).await?;
                return Ok(Python::attach(|py| py.None()));
            }
            // Changes of a row that goes are not written first.
            Python::attach(|py| {
                let object = object.bind(py);
                slot.note(object, &shape)?;
                clear_changes(object);
                Ok::<_, PyErr>(())
            })?;
            flush(&slot, &mut work).await?;
            let result = work.remove(&shape.table, &key, &actor).await;
            Python::attach(|py| {
                let found = result.map_err(|e| to_python(py, &format!("{}.delete", shape.table.model), e))?;
                if !found {
                    return Err(gone(py, &Fields::new(&shape, &slot), &key));
                }
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
    reason: Option<String>,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        let (shape, key) = state_of(&object)?;
        let changes = fields_changed(&object, &Fields::new(&shape, &session.slot))?;
        Ok((shape, key, Delete { cascade, reason, changes }, actor(object.py(), true, _audit_user_id)?))
    })();
    let slot = session.slot.clone();
    let object = object.unbind();
    Coroutine::from_result(
        "soft_delete",
        prepared.map(|(shape, key, options, actor)| async move {
            let mut work = slot.take()?;
            let inner = mark(&mut work, &slot, &object, &shape, &key, options, &actor).await?;
            Python::attach(|py| {
                Ok(Py::new(py, Deletion { inner, timezone: slot.timezone().cloned() })?.into_any())
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
    options: Delete,
    actor: &reprieve_engine::audit::Actor,
) -> PyResult<reprieve_engine::deletion::Deletion> {
    // The object's own changes go with the deletion, not before it.
    let changed = Python::attach(|py| {
        let object = object.bind(py);
        slot.note(object, shape)?;
        Ok::<_, PyErr>(object.borrow_mut().take_changes())
    })?;
    let flushed = flush(slot, work).await;
    if let Err(error) = flushed {
        restore_changes(slot, object, changed);
        return Err(error);
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
    if deletion.marked {
        Python::attach(|py| set_deleted_at(py, object, shape, Some(deletion.at), slot.timezone()))?;
    } else {
        // Deleted before, perhaps by another session: the object learns since when. Its own changes stay to be written.
        reread_deleted_at(work, object, shape, key).await?;
        restore_changes(slot, object, changed);
    }
    Ok(deletion)
}

/// Puts back what the object has to be written.
fn restore_changes(slot: &Arc<Slot>, object: &Py<ModelBase>, changed: SmallBitVec) {
    if changed.all_false() {
        return;
    }
    Python::attach(|py| {
        object.bind(py).borrow_mut().changed = changed;
        slot.remember(object.clone_ref(py));
    });
}

fn set_deleted_at(
    py: Python<'_>,
    object: &Py<ModelBase>,
    shape: &Shape,
    at: Option<reprieve_core::value::Timestamp>,
    timezone: Option<&Timezone>,
) -> PyResult<()> {
    let Some(soft) = shape.table.soft_delete else { return Ok(()) };
    let value = match at {
        Some(at) => deleted_at(py, &mut Zone::new(timezone), at)?,
        None => py.None().into_bound(py),
    };
    set_slot(object.bind(py).as_any(), shape.columns[soft.deleted_at].offset, value);
    Ok(())
}

async fn reread_deleted_at(
    work: &mut Work,
    object: &Py<ModelBase>,
    shape: &Arc<Shape>,
    key: &Value,
) -> PyResult<()> {
    let row = Source::any(0, &shape.table);
    let select = Select::rows(row.clone()).filter(Predicate::equals(row.key(), key.clone()));
    let mut marker =
        Marker { position: shape.table.soft_delete.map_or(0, |soft| soft.deleted_at), found: None };
    let result = work.select(select, &mut marker).await;
    Python::attach(|py| {
        result.map_err(|error| to_python(py, &shape.table.model, error))?;
        match marker.found {
            None => Err(gone(py, &Fields::new(shape, work.slot()), key)),
            Some(at) => set_deleted_at(py, object, shape, at, work.slot().timezone()),
        }
    })
}

/// Takes the marker of one row.
struct Marker {
    position: usize,
    found: Option<Option<reprieve_core::value::Timestamp>>,
}

impl reprieve_core::driver::RowSink for Marker {
    fn row(&mut self, row: &dyn reprieve_core::driver::Row) -> reprieve_core::Result<()> {
        let cell = row.cell(self.position)?;
        self.found = Some(match reprieve_core::schema::ColumnType::Timestamp.decode(cell) {
            Some(Value::Timestamp(at)) => Some(at),
            _ => None,
        });
        Ok(())
    }

    fn restart(&mut self) {
        self.found = None;
    }
}

/// Makes the object's row live again.
#[pyfunction]
#[pyo3(signature = (object, session, *, cascade=false, ancestors=false, _audit_user_id=None))]
pub fn restore(
    object: Bound<'_, ModelBase>,
    session: &Session,
    cascade: bool,
    ancestors: bool,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = state_of(&object)
        .and_then(|(shape, key)| Ok((shape, key, actor(object.py(), true, _audit_user_id)?)));
    let slot = session.slot.clone();
    let object = object.unbind();
    Coroutine::from_result(
        "restore",
        prepared.map(|(shape, key, actor)| async move {
            let mut work = slot.take()?;
            flush(&slot, &mut work).await?;
            let options = Restore { cascade, ancestors };
            let result = work.restore(&shape.table, Roots::Key(key.clone()), options, &actor).await;
            let inner = Python::attach(|py| {
                result.map_err(|e| to_python(py, &format!("{}.restore", shape.table.model), e))
            })?;
            Python::attach(|py| slot.note(object.bind(py), &shape))?;
            // The row may stay deleted: another deletion may hold its parent.
            reread_deleted_at(&mut work, &object, &shape, &key).await?;
            Python::attach(|py| Ok(Py::new(py, Restoration { inner })?.into_any()))
        }),
    )
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
    reason: Option<String>,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = shape_of(model).and_then(|shape| {
        Ok((keys(&Fields::new(&shape, &session.slot), ids)?, shape, actor(model.py(), true, _audit_user_id)?))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_soft_delete",
        prepared.map(|(keys, shape, actor)| async move {
            let mut work = slot.take()?;
            flush(&slot, &mut work).await?;
            let options = Delete { cascade, reason, changes: Vec::new() };
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

/// Restores the rows with these keys.
#[pyfunction]
#[pyo3(signature = (model, session, ids, *, cascade=false, ancestors=false, _audit_user_id=None))]
pub fn bulk_restore(
    model: &Bound<'_, PyType>,
    session: &Session,
    ids: &Bound<'_, PyAny>,
    cascade: bool,
    ancestors: bool,
    _audit_user_id: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = shape_of(model).and_then(|shape| {
        Ok((keys(&Fields::new(&shape, &session.slot), ids)?, shape, actor(model.py(), true, _audit_user_id)?))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_restore",
        prepared.map(|(keys, shape, actor)| async move {
            let mut work = slot.take()?;
            flush(&slot, &mut work).await?;
            let options = Restore { cascade, ancestors };
            let result = work.restore(&shape.table, Roots::Keys(keys), options, &actor).await;
            Python::attach(|py| {
                let done =
                    result.map_err(|e| to_python(py, &format!("{}.bulk_restore", shape.table.model), e))?;
                let rows = done.restored.iter().find(|t| t.table == shape.table.name).map_or(0, |t| t.rows);
                Ok(rows.into_pyobject(py)?.into_any().unbind())
            })
        }),
    )
}
