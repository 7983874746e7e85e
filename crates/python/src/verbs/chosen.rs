//! Verbs on all rows that a query finds.

use super::actor;
use super::bulk::rows_of;
use super::create::related_values;
use crate::awaitable::Coroutine;
use crate::deletion::{Deletion, Restoration};
use crate::errors::{invalid, to_python};
use crate::filters;
use crate::model::{Fields, Shape};
use crate::session::{Slot, flush};
use crate::values::to_checked_value;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};
use reprieve_core::query::Select;
use reprieve_core::value::Value;
use reprieve_engine::Chosen;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Restore};
use std::sync::Arc;

/// A query, as far as a verb on its rows is concerned.
pub struct Target<'a, 'py> {
    pub class: &'a Bound<'py, PyType>,
    pub shape: Arc<Shape>,
    pub slot: Arc<Slot>,
    pub select: Select,
    /// All rows are meant, if it has no condition.
    pub all: bool,
    /// Who acts, in place of the task's user.
    pub user: Option<&'a Bound<'py, PyAny>>,
}

impl Target<'_, '_> {
    fn rows(&self) -> PyResult<Chosen> {
        let model = &self.shape.table.model;
        Chosen::rows(self.select.clone(), self.all).map_err(|error| to_python(self.class.py(), model, error))
    }

    fn actor(&self, noted: bool) -> PyResult<Actor> {
        actor(self.class.py(), noted, self.user, &self.slot)
    }

    /// Gives these values to each row.
    pub fn update(self, values: Option<&Bound<'_, PyDict>>) -> Coroutine {
        let prepared = self
            .changes(values)
            .and_then(|changes| Ok((self.rows()?, changes, self.actor(self.shape.table.audit)?)));
        let Self { shape, slot, .. } = self;
        Coroutine::from_result(
            "Query.update",
            prepared.map(|(rows, changes, actor)| async move {
                let mut work = slot.take().await?;
                flush(&slot, &mut work).await?;
                let result = work.update_where(&rows, changes, &actor).await;
                rows_in(&shape, "update", result)
            }),
        )
    }

    /// Deletes each row: softly when the model has it, as one deletion, unless forced.
    pub fn delete(self, force: bool) -> Coroutine {
        let soft = self.shape.table.marker.is_some() && !force;
        let prepared = self.rows().and_then(|rows| Ok((rows, self.actor(soft || self.shape.table.audit)?)));
        let Self { shape, slot, .. } = self;
        Coroutine::from_result(
            "Query.delete",
            prepared.map(|(rows, actor)| async move {
                let mut work = slot.take().await?;
                flush(&slot, &mut work).await?;
                let result = if soft {
                    let done = work.soft_delete_where(&rows, Delete::default(), &actor).await;
                    done.map(|deletion| deletion.rows_of(&shape.table.name))
                } else {
                    work.remove_where(&rows, &actor).await
                };
                rows_in(&shape, "delete", result)
            }),
        )
    }

    /// Deletes each row softly, as one deletion.
    pub fn soft_delete(self, options: Delete) -> Coroutine {
        let prepared = self.rows().and_then(|rows| Ok((rows, self.actor(true)?)));
        let Self { shape, slot, .. } = self;
        Coroutine::from_result(
            "Query.soft_delete",
            prepared.map(|(rows, actor)| async move {
                let mut work = slot.take().await?;
                flush(&slot, &mut work).await?;
                let result = work.soft_delete_where(&rows, options, &actor).await;
                Python::attach(|py| {
                    let inner = result.map_err(|e| failed(py, &shape, "soft_delete", e))?;
                    Ok(Py::new(py, Deletion { inner, timezone: slot.timezone().cloned(), root: None })?
                        .into_any())
                })
            }),
        )
    }

    /// Restores those of the rows that are deleted.
    pub fn restore(self, options: Restore) -> Coroutine {
        let prepared = self.rows().and_then(|rows| Ok((rows, self.actor(true)?)));
        let Self { shape, slot, .. } = self;
        Coroutine::from_result(
            "Query.restore",
            prepared.map(|(rows, actor)| async move {
                let mut work = slot.take().await?;
                flush(&slot, &mut work).await?;
                let result = work.restore_where(&rows, options, &actor).await;
                Python::attach(|py| {
                    let inner = result.map_err(|e| failed(py, &shape, "restore", e))?;
                    Ok(Py::new(py, Restoration { inner })?.into_any())
                })
            }),
        )
    }

    /// The changes that keywords mean, checked.
    fn changes(&self, values: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<(usize, Value)>> {
        let (fields, lists) = related_values(self.class, values)?;
        let py = self.class.py();
        if let Some(name) = lists.and_then(|lists| lists.bind(py).keys().iter().next()) {
            let message = format!(
                "{}.{name} holds rows of its own, which have the reference: change those",
                self.shape.table.model
            );
            return Err(invalid(py, &name.to_string(), message));
        }
        let own = Fields::new(&self.shape, &self.slot);
        let change = |(name, value): &(Bound<'_, _>, Bound<'_, _>)| {
            let position = filters::position(&self.shape, name)?;
            Ok((position, to_checked_value(&own, position, value)?))
        };
        crate::schema::items(fields.as_ref()).iter().map(change).collect()
    }
}

fn rows_in(shape: &Shape, verb: &str, result: reprieve_core::Result<u64>) -> PyResult<Py<PyAny>> {
    rows_of(shape, &format!("filter().{verb}"), result)
}

fn failed(py: Python<'_>, shape: &Shape, verb: &str, error: reprieve_core::Error) -> PyErr {
    to_python(py, &format!("{}.filter().{verb}", shape.table.model), error)
}
