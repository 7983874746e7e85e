//! Rows that a caller lists as dictionaries: read, never changed. Errors say which one they are about.

use super::create::related_values;
use crate::errors::{invalid, raise};
use crate::filters;
use crate::model::{Fields, Shape};
use crate::values::{describe, shown, to_checked_value, to_operand};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString, PyType};
use reprieve_core::value::Value;

/// What is made of each row of a list, all of them before anything is written.
pub fn listed<T>(
    model: &str,
    verb: &str,
    rows: &Bound<'_, PyAny>,
    mut each: impl FnMut(&Bound<'_, PyDict>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    let py = rows.py();
    if rows.is_instance_of::<PyString>() || rows.cast::<PyMapping>().is_ok() || rows.try_iter().is_err() {
        let message =
            format!("{model}.{verb} expects a list of dicts, one for each row, got {}", describe(rows));
        return Err(invalid(py, "rows", message));
    }
    // Not as long as the list says that it is: it may be of a class that says anything.
    let mut made = Vec::new();
    for (index, row) in rows.try_iter()?.enumerate() {
        let row = row?;
        let dict = match row.cast::<PyDict>() {
            Ok(dict) => dict.clone(),
            Err(_) => other_mapping(model, verb, index, &row)?,
        };
        if let Some(key) = dict.keys().iter().find(|key| !key.is_instance_of::<PyString>()) {
            let message = format!("row {index}: {model} has no field {}: names are str", shown(&key));
            return Err(raise(py, "UnknownFieldError", ("rows", message)));
        }
        made.push(each(&dict).map_err(|error| in_row(py, index, error))?);
    }
    Ok(made)
}

fn other_mapping<'py>(
    model: &str,
    verb: &str,
    index: usize,
    row: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = row.py();
    let Ok(mapping) = row.cast::<PyMapping>() else {
        let message = format!(
            "row {index}: {model}.{verb} expects a dict of field names and values, got {}: pass a dict",
            describe(row)
        );
        return Err(invalid(py, "rows", message));
    };
    let dict = PyDict::new(py);
    dict.update(mapping)?;
    Ok(dict)
}

/// Says of an error which row of the list it is about.
fn in_row(py: Python<'_>, index: usize, error: PyErr) -> PyErr {
    let renamed = || -> PyResult<Option<PyErr>> {
        let value = error.value(py);
        let class = py.import("fastapi_orm.exceptions")?.getattr("ValidationError")?;
        if !value.is_instance(&class)? {
            return Ok(None);
        }
        let message = format!("row {index}: {}", value.getattr(intern!(py, "message"))?.str()?);
        let field = value.getattr(intern!(py, "field"))?;
        let made = PyErr::from_value(value.get_type().call1((field, message))?);
        made.set_cause(py, error.cause(py));
        Ok(Some(made))
    };
    match renamed() {
        Ok(Some(made)) => made,
        Ok(None) => error,
        Err(failed) => failed,
    }
}

/// The name by which each dictionary has the key of its row: that of the primary key. Programs that always say `id` are
/// understood where no other field is called so.
pub fn key_name(py: Python<'_>, shape: &Shape, given: Option<&str>) -> PyResult<String> {
    let key = &shape.columns[shape.table.primary_key].text;
    let Some(name) = given else { return Ok(key.clone()) };
    let named = PyString::new(py, name);
    match shape.position(&named) {
        Some(position) if position == shape.table.primary_key => Ok(key.clone()),
        None if name == "id" => Ok(name.to_owned()),
        None => filters::position(shape, &named).map(|_| key.clone()),
        Some(_) => {
            let model = &shape.table.model;
            let message = format!("{model}.{name} is not the key of {model}: rows are found by '{key}'");
            Err(invalid(py, "id_field", message))
        }
    }
}

/// Names in any collection. A text alone is one too, of letters, and never meant.
pub fn field_names(verb: &str, option: &str, names: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let wrong = || {
        let message = format!("{verb}() expects a collection of names of fields, got {}", shown(names));
        invalid(names.py(), option, message)
    };
    if names.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    names.try_iter().map_err(|_| wrong())?.map(|name| name?.extract().map_err(|_| wrong())).collect()
}

/// The positions of the fields that are written.
pub fn written(shape: &Shape, names: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
    let py = names.py();
    field_names("bulk_update", "fields", names)?
        .iter()
        .map(|name| filters::position(shape, &PyString::new(py, name)))
        .collect()
}

/// The key and the changes that a dictionary holds, checked; of the fields named only, when any are.
pub fn changed_row(
    model: &Bound<'_, PyType>,
    fields: &Fields<'_>,
    given: &Bound<'_, PyDict>,
    key_name: &str,
    only: Option<&[usize]>,
) -> PyResult<(Value, Vec<(usize, Value)>)> {
    let py = model.py();
    let (table, column) = (&fields.table, &fields.columns[fields.table.primary_key]);
    let own = given.get_item(&column.name)?.map_or_else(|| given.get_item(key_name), |id| Ok(Some(id)))?;
    let key = own.map(|id| to_operand(fields, table.primary_key, &id)).transpose()?;
    let Some(key) = key.filter(|key| !key.is_null()) else {
        let message = format!("{}.{key_name} is missing: it says which row to change", table.model);
        return Err(invalid(py, key_name, message));
    };
    let (values, lists) = related_values(model, Some(given))?;
    if let Some(name) = lists.and_then(|lists| lists.bind(py).keys().iter().next()) {
        let message =
            format!("{}.{name} holds rows of its own, which have the reference: change those", table.model);
        return Err(invalid(py, &name.to_string(), message));
    }
    let mut changes = Vec::new();
    for (name, value) in crate::schema::items(values.as_ref()) {
        if [key_name, &column.text].contains(&&*name.to_string_lossy()) {
            continue;
        }
        let position = filters::position(fields, &name)?;
        if only.is_none_or(|only| only.contains(&position)) {
            changes.push((position, to_checked_value(fields, position, &value)?));
        }
    }
    Ok((key, changes))
}
