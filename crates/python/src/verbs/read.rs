//! Reading: by key, and the queries behind `all`, `filter` and the like.

use crate::awaitable::Coroutine;
use crate::errors::{raise, to_python};
use crate::filters;
use crate::model::{Fields, shape_of};
use crate::query::Query;
use crate::rows::Objects;
use crate::session::{Session, flush};
use crate::values::{is_beyond_keys, to_operand};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;

fn visibility(name: &str) -> Visibility {
    match name {
        "deleted" => Visibility::Deleted,
        "any" => Visibility::Any,
        _ => Visibility::Live,
    }
}

/// The row with this key, or None.
#[pyfunction]
#[pyo3(signature = (model, session, id, rows="live"))]
pub fn get(model: &Bound<'_, PyType>, session: &Session, id: &Bound<'_, PyAny>, rows: &str) -> Coroutine {
    let prepared = prepare_get(model, session, id, rows);
    Coroutine::from_result("get", prepared)
}

/// The key that an argument is.
pub fn key_of(fields: &Fields<'_>, id: &Bound<'_, PyAny>) -> PyResult<Value> {
    let (py, table) = (id.py(), &fields.table);
    let codec = &fields.columns[table.primary_key].codec;
    if is_beyond_keys(table.key(), codec, id) {
        let place = format!("{}.{}", table.model, table.key().name);
        let message =
            format!("no {} has this {place}: keys are 64-bit integers, and it is larger", table.model);
        return Err(raise(py, "KeyOutOfRangeError", (&*table.key().name, message)));
    }
    let key = to_operand(fields, table.primary_key, id)?;
    if key.is_null() {
        let message = format!("{}.{} is never None: pass the key of a row", table.model, table.key().name);
        return Err(crate::errors::invalid(py, &table.key().name, message));
    }
    Ok(key)
}

pub fn prepare_get(
    model: &Bound<'_, PyType>,
    session: &Session,
    id: &Bound<'_, PyAny>,
    rows: &str,
) -> PyResult<impl Future<Output = PyResult<Py<PyAny>>> + Send + use<>> {
    let shape = shape_of(model)?;
    let key = key_of(&Fields::new(&shape, &session.slot), id)?;
    let (slot, visibility) = (session.slot.clone(), visibility(rows));
    let mut objects = Objects::single(model.clone().unbind(), shape.clone(), slot.clone());
    Ok(async move {
        let mut work = slot.take().await?;
        flush(&slot, &mut work).await?;
        let result = work.get(&shape.table, key, visibility, &mut objects).await;
        result.map_err(|error| {
            Python::attach(|py| to_python(py, &format!("{}.get", shape.table.model), error))
        })?;
        Ok(objects.take())
    })
}

/// The rows that fulfil these filters.
#[pyfunction]
pub fn filter(
    model: &Bound<'_, PyType>,
    session: &Session,
    rows: &str,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Query> {
    let shape = shape_of(model)?;
    let predicate = filters::predicate(&Fields::new(&shape, &session.slot), filters)?;
    Ok(Query::new(model.clone().unbind(), shape, session.slot.clone(), visibility(rows), predicate))
}

/// The live rows that fulfil these.
pub fn live(
    model: &Bound<'_, PyType>,
    session: &Session,
    conditions: &Bound<'_, PyTuple>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Query> {
    let query = filter(model, session, "live", filters)?;
    let shape = shape_of(model)?;
    fulfilling(query, &Fields::new(&shape, &session.slot), conditions)
}

/// The live rows that fulfil these, for a verb that looks for one of them by its values.
pub fn one_live(
    verb: &'static str,
    model: &Bound<'_, PyType>,
    session: &Session,
    conditions: &Bound<'_, PyTuple>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Query> {
    let shape = shape_of(model)?;
    let exact = Fields::new(&shape, &session.slot).for_one_row(verb);
    let predicate = filters::predicate(&exact, filters)?;
    let rows = Visibility::Live;
    let query = Query::new(model.clone().unbind(), shape.clone(), session.slot.clone(), rows, predicate);
    fulfilling(query, &exact, conditions)
}

/// The rows of the query that fulfil conditions, too.
fn fulfilling(query: Query, fields: &Fields<'_>, conditions: &Bound<'_, PyTuple>) -> PyResult<Query> {
    if conditions.is_empty() {
        return Ok(query);
    }
    Ok(query.narrowed(conditions.py(), filters::conditions(fields, conditions)?))
}

/// The live rows that fulfil these, in this order.
pub fn ordered(
    model: &Bound<'_, PyType>,
    session: &Session,
    conditions: &Bound<'_, PyTuple>,
    order: Option<&Bound<'_, PyAny>>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Query> {
    in_order(live(model, session, conditions, filters)?, order)
}

/// The query, its rows in this order.
pub fn in_order(query: Query, order: Option<&Bound<'_, PyAny>>) -> PyResult<Query> {
    match order {
        Some(names) => query.ordered(names),
        None => Ok(query),
    }
}

/// The first row, by key, that fulfils these, or None. Without any it is a mistake: it would be any row at all.
pub fn get_by(
    model: &Bound<'_, PyType>,
    session: &Session,
    conditions: &Bound<'_, PyTuple>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Coroutine> {
    if conditions.is_empty() && filters.is_none_or(PyDictMethods::is_empty) {
        let name = model.name()?;
        let message = format!("{name}.get_by() was given no filter: pass field=value, or use first()");
        return Err(crate::errors::invalid(model.py(), "filters", message));
    }
    Ok(one_live("get_by", model, session, conditions, filters)?.first(model.py()))
}

/// The row with this key; RecordNotFoundError when there is none.
pub fn get_or_404(model: &Bound<'_, PyType>, session: &Session, id: &Bound<'_, PyAny>) -> Coroutine {
    let prepared = prepare_get(model, session, id, "live");
    let (model, id) = (model.clone().unbind(), id.clone().unbind());
    Coroutine::from_result(
        "get_or_404",
        prepared.map(|find| async move {
            let found = find.await?;
            Python::attach(|py| {
                if found.is_none(py) { Err(missing(model.bind(py), id.bind(py))?) } else { Ok(found) }
            })
        }),
    )
}

/// The error for a key without a visible row.
fn missing(model: &Bound<'_, PyType>, id: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    let shape = shape_of(model)?;
    let key = PyDict::new(model.py());
    key.set_item(&shape.table.key().name, id)?;
    let class = model.py().import("fastapi_orm.exceptions")?.getattr("RecordNotFoundError")?;
    Ok(PyErr::from_value(class.call((shape.table.model.as_str(),), Some(&key))?))
}
