//! Verbs on rows that a caller lists: each is all or nothing, and its statements do not grow with the rows.

use super::actor;
use super::create::{related_values, row as new_row};
use super::delete::keys;
use super::listed::{changed_row, key_name, listed, written};
use crate::awaitable::Coroutine;
use crate::errors::to_python;
use crate::model::{Fields, Shape, shape_of};
use crate::relation::{Key, created};
use crate::rows::Objects;
use crate::session::{Session, Slot, flush};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyType};
use reprieve_core::value::Value;
use reprieve_engine::PlanSink;
use reprieve_engine::deletion::{Delete, Roots};
use std::sync::Arc;

/// New rows with these values, as objects.
pub fn bulk_create(
    model: &Bound<'_, PyType>,
    session: &Session,
    rows: &Bound<'_, PyAny>,
    return_instances: bool,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let py = model.py();
    let prepared = (|| {
        let shape = shape_of(model)?;
        let values = listed(&shape.table.model, "bulk_create", rows, |given| {
            let (values, lists) = related_values(model, Some(given))?;
            if let Some(lists) = lists.filter(|lists| !lists.bind(py).is_empty()) {
                let name = lists.bind(py).keys().get_item(0)?.to_string();
                let message = format!(
                    "{}.{name} holds rows of its own: create them with the key of this one, once it has it",
                    shape.table.model
                );
                return Err(crate::errors::invalid(py, &name, message));
            }
            new_row(py, &Fields::new(&shape, &session.slot), values.as_ref())
        })?;
        let actor = actor(py, shape.table.audit, user, &session.slot)?;
        let objects = Objects::many(py, model.clone().unbind(), shape.clone(), session.slot.clone());
        Ok((shape, values, actor, objects))
    })();
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_create",
        prepared.map(|(shape, values, actor, mut objects)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let given = |row: &Vec<(usize, Value)>| row.iter().any(|(c, _)| *c == shape.table.primary_key);
            let keyless: Vec<bool> = values.iter().map(|row| !given(row)).collect();
            // Loaded collections show new rows as objects, whoever else wants them.
            let wanted = return_instances || Python::attach(|py| are_shown(py, &shape, &slot, &values));
            let sink = wanted.then_some(&mut objects as &mut dyn PlanSink);
            let result = work.insert_many(&shape.table, values, &actor, sink).await;
            drop(work);
            Python::attach(|py| {
                result.map_err(|e| to_python(py, &format!("{}.bulk_create", shape.table.model), e))?;
                let made = objects.take();
                for (object, keyless) in made.bind(py).cast::<PyList>()?.iter().zip(keyless) {
                    let object = object.cast()?;
                    slot.note_created(object, keyless && shape.table.generates_key())?;
                    created(object, &shape, &slot)?;
                }
                Ok(if return_instances { made } else { PyList::empty(py).into_any().unbind() })
            })
        }),
    )
}

/// Whether any of the new rows belongs to a loaded collection.
fn are_shown(py: Python<'_>, shape: &Shape, slot: &Arc<Slot>, rows: &[Vec<(usize, Value)>]) -> bool {
    let shown = |(position, value): &(usize, Value)| {
        shape.table.columns[*position].references.is_some()
            && Key::of_value(value)
                .is_some_and(|key| !slot.watchers_of(py, &((shape.table.id, *position), key)).is_empty())
    };
    slot.is_watched() && rows.iter().flatten().any(shown)
}

/// Changes the rows whose keys are among the values.
pub fn bulk_update(
    model: &Bound<'_, PyType>,
    session: &Session,
    rows: &Bound<'_, PyAny>,
    id_field: Option<&str>,
    fields: Option<&Bound<'_, PyAny>>,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        let shape = shape_of(model)?;
        let key = key_name(model.py(), &shape, id_field)?;
        let only = fields.map(|names| written(&shape, names)).transpose()?;
        let changes = listed(&shape.table.model, "bulk_update", rows, |given| {
            changed_row(model, &Fields::new(&shape, &session.slot), given, &key, only.as_deref())
        })?;
        Ok((changes, actor(model.py(), shape.table.audit, user, &session.slot)?, shape))
    })();
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_update",
        prepared.map(|(changes, actor, shape)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let result = work.update_many(&shape.table, changes, &actor).await;
            rows_of(&shape, "bulk_update", result)
        }),
    )
}

/// Deletes the rows with these keys: softly when the model has it, as one deletion, unless forced.
pub fn bulk_delete(
    model: &Bound<'_, PyType>,
    session: &Session,
    ids: &Bound<'_, PyAny>,
    force: bool,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = shape_of(model).and_then(|shape| {
        let soft = shape.table.marker.is_some() && !force;
        Ok((
            keys(&Fields::new(&shape, &session.slot), ids)?,
            actor(model.py(), soft || shape.table.audit, user, &session.slot)?,
            soft,
            shape,
        ))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "bulk_delete",
        prepared.map(|(keys, actor, soft, shape)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let (table, roots) = (&shape.table, Roots::Keys(keys));
            let result = match soft {
                true => {
                    let done = work.soft_delete(table, roots, Delete::default(), &actor).await;
                    done.map(|deletion| deletion.rows_of(&table.name))
                }
                false => work.remove_all(table, roots, &actor).await,
            };
            rows_of(&shape, "bulk_delete", result)
        }),
    )
}

/// A number of rows, for Python.
pub fn rows_of(shape: &Shape, verb: &str, result: reprieve_core::Result<u64>) -> PyResult<Py<PyAny>> {
    Python::attach(|py| {
        let rows = result.map_err(|e| to_python(py, &format!("{}.{verb}", shape.table.model), e))?;
        Ok(rows.into_pyobject(py)?.into_any().unbind())
    })
}
