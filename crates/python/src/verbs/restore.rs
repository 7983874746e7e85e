//! Restoring rows.

use super::actor;
use super::delete::keys;
use super::marker::{reread_deleted_at, restore_changes};
use crate::awaitable::Coroutine;
use crate::deletion::Restoration;
use crate::errors::to_python;
use crate::model::{Fields, ModelBase, Shape, seen, shape_of, state_of};
use crate::session::{Session, Work, flush};
use pyo3::prelude::*;
use pyo3::types::PyType;
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Restore, Roots};
use smallbitvec::SmallBitVec;
use std::sync::Arc;

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
        .and_then(|(shape, key)| Ok((shape, key, actor(object.py(), true, _audit_user_id, &session.slot)?)));
    let slot = session.slot.clone();
    let object = object.unbind();
    let options = Restore { cascade, ancestors };
    Coroutine::from_result(
        "restore",
        prepared.map(|(shape, key, actor)| async move {
            let mut work = slot.take().await?;
            // What was changed on a live object is for the row when it is live again; what was changed on one from the trash
            // goes first, for it may be what lets the row return.
            let aside = Python::attach(|py| {
                let object = object.bind(py);
                slot.note(object, &shape)?;
                Ok::<_, PyErr>(match seen(object, &shape)? {
                    Visibility::Live => object.borrow_mut().take_changes(),
                    _ => SmallBitVec::new(),
                })
            })?;
            let restored = bring_back(&mut work, &object, &shape, &key, options, &actor).await;
            restore_changes(&slot, &object, aside);
            let inner = restored?;
            Python::attach(|py| Ok(Py::new(py, Restoration { inner })?.into_any()))
        }),
    )
}

async fn bring_back(
    work: &mut Work,
    object: &Py<ModelBase>,
    shape: &Arc<Shape>,
    key: &Value,
    options: Restore,
    actor: &Actor,
) -> PyResult<reprieve_engine::deletion::Restoration> {
    flush(&work.slot().clone(), work).await?;
    let result = work.restore(&shape.table, Roots::Key(key.clone()), options, actor).await;
    let done = Python::attach(|py| {
        result.map_err(|error| to_python(py, &format!("{}.restore", shape.table.model), error))
    })?;
    // The row may stay deleted: another deletion may hold its parent.
    reread_deleted_at(work, object, shape, key).await?;
    Ok(done)
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
        Ok((
            keys(&Fields::new(&shape, &session.slot), ids)?,
            shape,
            actor(model.py(), true, _audit_user_id, &session.slot)?,
        ))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_restore",
        prepared.map(|(keys, shape, actor)| async move {
            let mut work = slot.take().await?;
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
