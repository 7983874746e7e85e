//! Creating a row.

use super::actor;
use crate::awaitable::Coroutine;
use crate::errors::refused;
use crate::filters;
use crate::model::{Fields, ModelBase, Shape, shape_of};
use crate::relation::created;
use crate::rows::Objects;
use crate::session::{Session, Slot, Work, flush};
use crate::values::to_checked_value;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use std::sync::Arc;

/// A new row with these values, as an object.
pub fn create(
    model: &Bound<'_, PyType>,
    session: &Session,
    values: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = related_values(model, values).and_then(|(values, lists)| {
        let making = prepare(model, session, values.as_ref(), user)?;
        let shape = shape_of(model)?;
        let generated = makes_key(&shape, values.as_ref())?;
        Ok((shape, generated, making, lists))
    });
    let slot = session.slot.clone();
    Coroutine::from_result(
        "create",
        prepared.map(|(shape, generated, making, lists)| async move {
            let made = making.await?;
            Python::attach(|py| {
                let made = made.bind(py);
                let object = made.cast::<ModelBase>()?;
                slot.note_created(object, generated)?;
                created(object, &shape, &slot)?;
                let lists = lists.as_ref().map(|lists| lists.bind(py));
                crate::schema::items(lists).iter().try_for_each(|(name, rows)| made.setattr(name, rows))
            })?;
            Ok(made)
        }),
    )
}

/// Whether the database makes the key of a row with these values.
pub fn makes_key(shape: &Shape, values: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
    let name = &shape.columns[shape.table.primary_key].name;
    let given = values.map(|values| values.get_item(name)).transpose()?.flatten();
    Ok(shape.table.generates_key() && given.is_none_or(|key| key.is_none()))
}

/// The values of fields, with the keys of related rows; and the lists of related rows, which are added afterwards.
pub type Related<'py> = (Option<Bound<'py, PyDict>>, Option<Py<PyDict>>);

/// What `author=user` and `tags=[...]` mean.
pub fn related_values<'py>(
    model: &Bound<'py, PyType>,
    values: Option<&Bound<'py, PyDict>>,
) -> PyResult<Related<'py>> {
    let py = model.py();
    let relations = model.getattr(intern!(py, "__relations__"))?;
    let relations = relations.cast::<PyDict>()?;
    let is_relation = |name: &Bound<'_, PyString>| relations.contains(name).unwrap_or(false);
    if relations.is_empty() || !crate::schema::items(values).iter().any(|(name, _)| is_relation(name)) {
        return Ok((values.cloned(), None));
    }
    let module = py.import(intern!(py, "fastapi_orm.relations"))?;
    let (fields, lists): (Bound<'_, PyDict>, Bound<'_, PyDict>) =
        module.call_method1(intern!(py, "spell_out"), (model, values))?.extract()?;
    Ok((Some(fields), Some(lists.unbind())))
}

pub fn prepare(
    model: &Bound<'_, PyType>,
    session: &Session,
    values: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
) -> PyResult<impl Future<Output = PyResult<Py<PyAny>>> + Send + use<>> {
    let slot = session.slot.clone();
    let new = NewRow::prepare(model, &slot, values, user)?;
    Ok(async move {
        let mut work = slot.take().await?;
        flush(&slot, &mut work).await?;
        new.insert(&mut work).await
    })
}

/// A row that is checked and ready to be inserted.
pub struct NewRow {
    shape: Arc<Shape>,
    values: Vec<(usize, Value)>,
    actor: Actor,
    objects: Objects,
}

impl NewRow {
    pub fn prepare(
        model: &Bound<'_, PyType>,
        slot: &Arc<Slot>,
        values: Option<&Bound<'_, PyDict>>,
        user: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = model.py();
        let shape = shape_of(model)?;
        let values = row(py, &Fields::new(&shape, slot), values)?;
        let actor = actor(py, shape.table.audit, user, slot)?;
        let objects = Objects::single(model.clone().unbind(), shape.clone(), slot.clone());
        Ok(Self { shape, values, actor, objects })
    }

    /// Inserts it; returns it as an object.
    pub async fn insert(self, work: &mut Work) -> PyResult<Py<PyAny>> {
        let Self { shape, values, actor, mut objects } = self;
        match work.insert(&shape.table, values, &actor, &mut objects).await {
            Ok(()) => Ok(objects.take()),
            Err(error) => {
                let operation = format!("{}.create", shape.table.model);
                Err(Python::attach(|py| refused(py, &operation, error, &Fields::new(&shape, work.slot()))))
            }
        }
    }
}

/// The values of a new row, checked; defaults that are functions are called.
pub fn row(
    py: Python<'_>,
    shape: &Fields<'_>,
    values: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<(usize, Value)>> {
    let mut row = Vec::with_capacity(shape.columns.len());
    let mut given = vec![false; shape.columns.len()];
    for (name, value) in crate::schema::items(values) {
        let position = filters::position(shape, &name)?;
        if shape.table.marker.is_some_and(|marker| marker.column() == position) && !value.is_none() {
            let message = format!(
                "{}.deleted_at is written by soft_delete() only, together with the journal of deletions: create the \
                 row, then call it",
                shape.table.model
            );
            return Err(crate::errors::invalid(py, "deleted_at", message));
        }
        let generated = position == shape.table.primary_key && shape.table.generates_key() && value.is_none();
        if !generated {
            row.push((position, to_checked_value(shape, position, &value)?));
        }
        given[position] = true;
    }
    for (position, column) in shape.columns.iter().enumerate() {
        if let Some(default) = &column.default
            && !given[position]
        {
            let value = default.bind(py).call0()?;
            row.push((position, to_checked_value(shape, position, &value)?));
        }
    }
    // A required field that is missing is named here, in the caller's words.
    for (position, column) in shape.table.columns.iter().enumerate().take(shape.columns.len()) {
        let made = position == shape.table.primary_key && shape.table.generates_key()
            || column.fill.is_some()
            || column.default.is_some();
        if !column.nullable && !made && !row.iter().any(|(c, _)| *c == position) {
            to_checked_value(shape, position, &py.None().into_bound(py))?;
        }
    }
    Ok(row)
}
