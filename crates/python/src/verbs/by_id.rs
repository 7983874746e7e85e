//! Changing and deleting the row with a key.

use super::attempt::Attempt;
use super::instance::attributes;
use super::read::{key_of, prepare_get};
use super::{actor, named};
use crate::awaitable::Coroutine;
use crate::errors::{is_absent, to_python};
use crate::model::{Fields, ModelBase, shape_of, shape_of_object};
use crate::session::{Session, flush, write_changes};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use reprieve_engine::deletion::{Delete, Roots};

/// Sets these attributes of the live row with this key and writes them: the object, or None.
pub fn update_by_id(
    model: &Bound<'_, PyType>,
    session: &Session,
    id: &Bound<'_, PyAny>,
    values: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        named(user, &session.slot)?;
        let values: Vec<(Py<PyString>, Py<PyAny>)> = attributes(model, session, values)?
            .into_iter()
            .map(|(name, value)| (name.unbind(), value.unbind()))
            .collect();
        Ok((prepare_get(model, session, id, "live")?, values))
    })();
    let (slot, user) = (session.slot.clone(), user.map(|user| user.clone().unbind()));
    Coroutine::from_result(
        "update_by_id",
        prepared.map(|(find, values)| async move {
            let found = find.await?;
            let object = Python::attach(|py| {
                let found = found.bind(py);
                if found.is_none() {
                    return Ok::<_, PyErr>(None);
                }
                let object = found.cast::<ModelBase>()?;
                let values: Vec<_> = values
                    .iter()
                    .map(|(name, value)| (name.bind(py).clone(), value.bind(py).clone()))
                    .collect();
                let attempt = Attempt::set(object, &slot, &shape_of_object(object)?, &values)?;
                Ok(Some((object.clone().unbind(), attempt)))
            })?;
            if let Some((object, attempt)) = object {
                let mut work = slot.take().await?;
                let written = write_changes(&mut work, &object, user.as_ref()).await;
                if let Err(error) = Attempt::end(Some(attempt), &object, written) {
                    // Deleted or removed since it was found: there is no live row with this key.
                    return Python::attach(
                        |py| if is_absent(py, &error) { Ok(py.None()) } else { Err(error) },
                    );
                }
                flush(&slot, &mut work).await?;
            }
            Ok(found)
        }),
    )
}

/// Deletes the row with this key: softly when the model has it, unless forced. Whether there was one.
pub fn delete_by_id(
    model: &Bound<'_, PyType>,
    session: &Session,
    id: &Bound<'_, PyAny>,
    force: bool,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        let shape = shape_of(model)?;
        Ok((
            key_of(&Fields::new(&shape, &session.slot), id)?,
            actor(model.py(), true, user, &session.slot)?,
            shape,
        ))
    })();
    let slot = session.slot.clone();
    Coroutine::from_result(
        "delete_by_id",
        prepared.map(|(key, actor, shape)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let table = &shape.table;
            let result = if table.marker.is_some() && !force {
                let deletion = work.soft_delete(table, Roots::Key(key), Delete::default(), &actor).await;
                deletion.map(|deletion| deletion.marked)
            } else {
                work.remove(table, &key, &actor).await
            };
            Python::attach(|py| {
                let found =
                    result.map_err(|error| to_python(py, &format!("{}.delete_by_id", table.model), error))?;
                Ok(found.into_pyobject(py)?.to_owned().into_any().unbind())
            })
        }),
    )
}
