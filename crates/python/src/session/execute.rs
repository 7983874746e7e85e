//! Running a user's own SQL.

use super::{Session, flush};
use crate::arguments::{HALF, Seconds};
use crate::awaitable::Coroutine;
use crate::database::limit;
use crate::errors::{invalid, to_python};
use crate::rows::Tuples;
use crate::values::{Timezone, describe, to_bind};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple};
use reprieve_core::sql::Raw;
use reprieve_core::value::Value;

/// Writes changed attributes, so that the statement sees them, and runs it.
pub fn execute(
    session: &Session,
    sql: &Bound<'_, PyAny>,
    params: Option<&Bound<'_, PyAny>>,
    read_only: bool,
    command_timeout: Option<Seconds>,
) -> Coroutine {
    let py = sql.py();
    let prepared = text(sql).and_then(|sql| {
        let time = limit(py, command_timeout)?;
        let raw = Raw::parse(&sql, session.slot.dialect()).read_only(read_only).command_timeout(time);
        let binds = binds(py, &raw, params, session.slot.timezone())?;
        Ok((raw, binds))
    });
    let slot = session.slot.clone();
    let mut rows = Tuples::new(py);
    Coroutine::from_result(
        "Session.execute",
        prepared.map(|(raw, binds)| async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let result = work.execute_raw(&raw, &binds, &mut rows).await;
            Python::attach(|py| {
                let changed = result.map_err(|error| to_python(py, "execute", error))?;
                let class = py.import("fastapi_orm.result")?.getattr("Result")?;
                Ok(class.call1((rows.names, rows.rows, changed))?.unbind())
            })
        }),
    )
}

/// The text of a statement: a str, or an object that holds it as SQLAlchemy's `text()` does.
fn text(sql: &Bound<'_, PyAny>) -> PyResult<String> {
    let held = sql.extract::<String>().or_else(|_| sql.getattr("text").and_then(|text| text.extract()));
    held.map_err(|_: PyErr| {
        if sql.is_instance_of::<PyString>() {
            return invalid(sql.py(), "sql", HALF);
        }
        invalid(sql.py(), "sql", format!("expects a statement as a str, got {}", describe(sql)))
    })
}

/// The values of the statement's names, in their order.
fn binds(
    py: Python<'_>,
    raw: &Raw,
    params: Option<&Bound<'_, PyAny>>,
    timezone: Option<&Timezone>,
) -> PyResult<Vec<Value>> {
    let params = params.filter(|params| !params.is_none());
    if let Some(listed) =
        params.filter(|params| params.is_instance_of::<PyList>() || params.is_instance_of::<PyTuple>())
        && raw.names.is_empty()
    {
        let values = listed.try_iter()?.enumerate();
        return values.map(|(i, value)| to_bind(&(i + 1).to_string(), &value?, timezone)).collect();
    }
    let given = match params {
        None => PyDict::new(py),
        Some(params) => {
            let given = PyDict::new(py);
            given.update(params.cast().map_err(|_| {
                let message =
                    format!("expects a dict of the statement's values by name, got {}", describe(params));
                invalid(py, "params", message)
            })?)?;
            given
        }
    };
    for name in given.keys() {
        let Ok(name) = name.extract::<String>() else {
            let is_text = name.is_instance_of::<PyString>();
            let message =
                if is_text { format!("a name {HALF}") } else { "expects names that are str".to_owned() };
            return Err(invalid(py, "params", message));
        };
        if raw.position(&name).is_none() {
            let message = format!("the statement takes no value :{name}; {}", takes(&raw.names));
            return Err(invalid(py, &name, message));
        }
    }
    let value = |(position, name): (usize, &String)| match given.get_item(name)? {
        Some(value) if raw.takes_list(position) => to_operand_or_list(name, &value, timezone),
        Some(value) => to_bind(name, &value, timezone),
        None => {
            let message = format!("the statement needs a value for :{name}: pass it in the params");
            Err(invalid(py, name, message))
        }
    };
    raw.names.iter().enumerate().map(value).collect()
}

/// A value behind an IN: a single one, or several.
fn to_operand_or_list(name: &str, value: &Bound<'_, PyAny>, timezone: Option<&Timezone>) -> PyResult<Value> {
    let is_list = value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
        || value.is_instance_of::<PySet>()
        || value.is_instance_of::<PyFrozenSet>();
    if !is_list {
        return to_bind(name, value, timezone);
    }
    value.try_iter()?.map(|item| to_bind(name, &item?, timezone)).collect::<PyResult<_>>().map(Value::List)
}

fn takes(names: &[String]) -> String {
    if names.is_empty() {
        return "it takes none".to_owned();
    }
    format!("it takes :{}", names.join(", :"))
}
