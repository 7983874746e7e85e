//! `get_or_create` and `update_or_create`: the engine finds or writes; here arguments become values, when they are needed.

use super::actor;
use super::create::{related_values, row};
use crate::awaitable::Coroutine;
use crate::errors::{invalid, refused};
use crate::filters;
use crate::model::{Fields, ModelBase, Shape, shape_of};
use crate::relation::{created, moved};
use crate::rows::{Objects, sink_error};
use crate::session::{Session, Slot, flush};
use crate::values::{Codec, describe, to_checked_value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyType};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_engine::{Change, Outcome, Writing};
use std::sync::Arc;

/// A row by exact values, or else a new one: `(object, created)`. `update`: the row found takes the defaults too.
pub fn upsert(
    model: &Bound<'_, PyType>,
    session: &Session,
    defaults: Option<&Bound<'_, PyAny>>,
    wanted: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
    update: bool,
) -> Coroutine {
    let name = if update { "update_or_create" } else { "get_or_create" };
    Coroutine::from_result(name, prepare(name, model, session, defaults, wanted, user, update))
}

fn prepare(
    name: &'static str,
    model: &Bound<'_, PyType>,
    session: &Session,
    defaults: Option<&Bound<'_, PyAny>>,
    wanted: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
    update: bool,
) -> PyResult<impl Future<Output = PyResult<Py<PyAny>>> + Send + use<>> {
    let py = model.py();
    let shape = shape_of(model)?;
    let operation = format!("{}.{name}", shape.table.model);
    let wanted = fields(&operation, model, wanted)?;
    let values = exact(&operation, &Fields::new(&shape, &session.slot), &wanted)?;
    let defaults = fields(&operation, model, given(&operation, defaults)?.as_ref())?;
    for (name, _) in crate::schema::items(Some(&defaults)) {
        filters::position(&shape, &name)?;
    }
    let actor = actor(py, shape.table.audit, user, &session.slot)?;
    let slot = session.slot.clone();
    let objects = Objects::single(model.clone().unbind(), shape.clone(), slot.clone());
    let mut asked = Asked {
        shape: shape.clone(),
        slot: slot.clone(),
        wanted: wanted.unbind(),
        defaults: defaults.unbind(),
        given: Vec::new(),
        generated: false,
    };
    Ok(async move {
        let mut work = slot.take().await?;
        flush(&slot, &mut work).await?;
        let mut versions = Versions { objects, before: None };
        let mut make = |writing| Python::attach(|py| asked.values(py, writing)).map_err(sink_error);
        let table = &shape.table;
        let done = if update {
            work.update_or_create(table, &values, &mut make, &actor, &mut versions).await
        } else {
            work.get_or_create(table, &values, &mut make, &actor, &mut versions).await
        };
        Python::attach(|py| {
            let outcome =
                done.map_err(|error| refused(py, &operation, error, &Fields::new(&shape, &slot)))?;
            let Versions { objects, before } = versions;
            let object = objects.take();
            let row = object.bind(py).cast::<ModelBase>()?;
            match outcome {
                Outcome::Created => {
                    slot.note_created(row, asked.generated)?;
                    created(row, &shape, &slot)?;
                }
                Outcome::Updated => tell_moves(row, &shape, before.as_ref())?,
                Outcome::Found | Outcome::Revived => {}
            }
            Ok((object, outcome == Outcome::Created).into_pyobject(py)?.into_any().unbind())
        })
    })
}

/// The defaults as a dictionary; None: there are none.
fn given<'py>(operation: &str, defaults: Option<&Bound<'py, PyAny>>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(defaults) = defaults else { return Ok(None) };
    let py = defaults.py();
    let Ok(mapping) = defaults.cast::<PyMapping>() else {
        let got = describe(defaults);
        let message = format!("{operation} expects defaults={{field: value}}, got {got}");
        return Err(invalid(py, "defaults", message));
    };
    let dict = PyDict::new(py);
    dict.update(mapping)?;
    Ok(Some(dict))
}

/// The values of fields, with the keys of related rows.
fn fields<'py>(
    operation: &str,
    model: &Bound<'py, PyType>,
    values: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = model.py();
    let (fields, lists) = related_values(model, values)?;
    if let Some((name, _)) = crate::schema::items(lists.as_ref().map(|lists| lists.bind(py))).first() {
        let message =
            format!("{operation} takes fields and references to one row: add to '{name}' of what it returns");
        return Err(invalid(py, &name.to_string_lossy(), message));
    }
    Ok(fields.unwrap_or_else(|| PyDict::new(py)))
}

/// What the row is looked for by: values, for a new row is to have them too.
fn exact(operation: &str, shape: &Fields<'_>, wanted: &Bound<'_, PyDict>) -> PyResult<Vec<Change>> {
    let py = wanted.py();
    let items = crate::schema::items(Some(wanted));
    if items.is_empty() {
        let message = format!("{operation} was given no field to look for: pass field=value");
        return Err(invalid(py, "filters", message));
    }
    items.into_iter().map(|(name, value)| exact_value(operation, shape, &name, &value)).collect()
}

fn exact_value(
    operation: &str,
    shape: &Fields<'_>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<Change> {
    let refuse = |field: &str, place: &str, what: &str| {
        let message = format!(
            "{operation} looks for exact values, which a new row is to have too, and was given {what}: pass \
             {field}=value, or find the row with filter() first"
        );
        Err(invalid(name.py(), place, message))
    };
    let text = name.to_string_lossy();
    let Some(position) = shape.position(name) else {
        let operator = text
            .rsplit_once("__")
            .filter(|(field, _)| shape.columns.iter().any(|column| column.text == *field));
        return match operator {
            Some((field, operator)) => refuse(field, field, &format!("the operator '{operator}'")),
            None if text == "q" => refuse("field", "q", "a Q"),
            None => {
                filters::position(shape, name).map(|position| (position, reprieve_core::value::Value::Null))
            }
        };
    };
    let document = matches!(shape.columns[position].codec, Codec::Json);
    if !document && value.is_instance_of::<PyDict>() {
        return refuse(&text, &text, &format!("operators for {text}"));
    }
    Ok((position, to_checked_value(shape, position, value)?))
}

/// What the caller passed, as values when it is known what is written.
struct Asked {
    shape: Arc<Shape>,
    slot: Arc<Slot>,
    wanted: Py<PyDict>,
    defaults: Py<PyDict>,
    /// The values that were made, for messages.
    given: Vec<Change>,
    /// Whether the database makes the key of the new row.
    generated: bool,
}

impl Asked {
    fn fields(&self) -> Fields<'_> {
        Fields::new(&self.shape, &self.slot)
    }

    fn values(&mut self, py: Python<'_>, writing: Writing) -> PyResult<Vec<Change>> {
        let values = PyDict::new(py);
        for (name, value) in crate::schema::items(Some(self.defaults.bind(py))) {
            let value = if value.is_callable() { value.call0()? } else { value };
            values.set_item(name, value)?;
        }
        self.given = match writing {
            Writing::Create => {
                let all = self.wanted.bind(py).copy()?;
                all.update(values.as_mapping())?;
                self.generated = super::create::makes_key(&self.shape, Some(&all))?;
                row(py, &self.fields(), Some(&all))?
            }
            Writing::Update => crate::schema::items(Some(&values))
                .iter()
                .map(|(name, value)| self.change(name, value))
                .collect::<PyResult<_>>()?,
        };
        Ok(self.given.clone())
    }

    fn change(&self, name: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<Change> {
        let position = filters::position(&self.shape, name)?;
        let table = &self.shape.table;
        if position == table.primary_key {
            let message = format!(
                "{}.{name} is the key of a stored row and cannot be changed: leave it out of the defaults",
                table.model
            );
            return Err(invalid(name.py(), &table.key().name, message));
        }
        Ok((position, to_checked_value(&self.fields(), position, value)?))
    }
}

/// Collections gain and lose a row whose references were changed.
fn tell_moves(row: &Bound<'_, ModelBase>, shape: &Shape, before: Option<&Py<PyAny>>) -> PyResult<()> {
    let Some(before) = before else { return Ok(()) };
    let before = before.bind(row.py());
    let (before, after) = (shape.slots(before)?, shape.slots(row.as_any())?);
    for position in 0..shape.columns.len() {
        if shape.table.columns[position].references.is_none() {
            continue;
        }
        if let (Some(old), Some(new)) = (before.get(position), after.get(position))
            && !old.eq(&new)?
        {
            moved(row, shape, position, Some(old), &new)?;
        }
    }
    Ok(())
}

/// Keeps the row as it is, and as it was before it was changed.
struct Versions {
    objects: Objects,
    before: Option<Py<PyAny>>,
}

impl RowSink for Versions {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if let Some(before) = self.objects.take_one() {
            self.before = Some(before);
        }
        self.objects.row(row)
    }

    fn restart(&mut self) {
        self.objects.restart();
    }
}
