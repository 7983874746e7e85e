//! A driver's cell as a Python object.

use super::codec::Codec;
use super::datetime::{Timezone, Zone, aware};
use super::json;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDate, PyFloat, PyInt, PyString, PyTime, PyType};
use reprieve_core::error::{Error, Kind};
use reprieve_core::value::{Cell, Date, Time, Timestamp, Value};

/// The object for a cell of a field.
pub fn to_object<'py>(
    py: Python<'py>,
    codec: &Codec,
    cell: Cell<'_>,
    zone: &mut Zone,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match (codec, cell) {
        (_, Cell::Null) => py.None().into_bound(py),
        (Codec::Integer | Codec::Key, Cell::Int(v)) => PyInt::new(py, v).into_any(),
        (Codec::Text | Codec::Key, Cell::Text(v)) => PyString::new(py, v).into_any(),
        (Codec::Boolean, Cell::Int(v)) => PyBool::new(py, v != 0).to_owned().into_any(),
        (Codec::Boolean, Cell::Bool(v)) => PyBool::new(py, v).to_owned().into_any(),
        (Codec::Float, Cell::Float(v)) => PyFloat::new(py, v).into_any(),
        (Codec::Float, Cell::Int(v)) => PyFloat::new(py, v as f64).into_any(),
        (Codec::Timestamp, cell) => zone.datetime(py, instant(cell)?)?,
        (Codec::AwareTimestamp, cell) => zone.aware(py, instant(cell)?)?,
        (Codec::Date, Cell::Text(v)) => date(py, Date::parse(v).ok_or_else(|| unexpected(codec, cell))?)?,
        (Codec::Date, Cell::Date(v)) => date(py, v)?,
        (Codec::Time, Cell::Text(v)) => time(py, Time::parse(v).ok_or_else(|| unexpected(codec, cell))?)?,
        (Codec::Time, Cell::Time(v)) => time(py, v)?,
        (Codec::Decimal, Cell::Text(v)) => call(py, "decimal", "Decimal", v)?,
        (Codec::Json | Codec::Array(_), Cell::Text(v)) => json::load(py, v)?,
        (Codec::Uuid | Codec::Key, Cell::Bytes(v)) if v.len() == 16 => uuid(py, v)?,
        (Codec::Uuid | Codec::Key, Cell::Uuid(v)) => uuid(py, &v)?,
        (Codec::Enum(members), Cell::Text(label)) => {
            let member = members.iter().find(|(name, _)| name == label);
            member.ok_or_else(|| unexpected(codec, cell))?.1.bind(py).clone()
        }
        _ => return Err(unexpected(codec, cell)),
    })
}

/// The object for a value that was given for a field.
pub fn given_object<'py>(
    py: Python<'py>,
    codec: &Codec,
    value: &Value,
    timezone: Option<&Timezone>,
) -> PyResult<Bound<'py, PyAny>> {
    let cell = match value {
        Value::Null => Cell::Null,
        Value::Bool(v) => Cell::Bool(*v),
        Value::Int(v) => Cell::Int(*v),
        Value::Float(v) => Cell::Float(*v),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => Cell::Text(v),
        Value::Bytes(v) => Cell::Bytes(v),
        Value::Timestamp(v) => Cell::Timestamp(*v),
        Value::Date(v) => Cell::Date(*v),
        Value::Time(v) => Cell::Time(*v),
        Value::Uuid(v) => Cell::Uuid(*v),
        _ => return Err(unexpected(codec, Cell::Null)),
    };
    to_object(py, codec, cell, &mut Zone::new(timezone))
}

/// The object for a cell of a user's own SQL: what the database holds, as it holds it.
pub fn raw_object<'py>(py: Python<'py>, cell: Cell<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match cell {
        Cell::Null => py.None().into_bound(py),
        Cell::Int(v) => PyInt::new(py, v).into_any(),
        Cell::Bool(v) => PyBool::new(py, v).to_owned().into_any(),
        Cell::Float(v) => PyFloat::new(py, v).into_any(),
        Cell::Text(v) => PyString::new(py, v).into_any(),
        Cell::Bytes(v) => PyBytes::new(py, v).into_any(),
        Cell::Timestamp(v) => aware(py, v)?,
        Cell::Date(v) => date(py, v)?,
        Cell::Time(v) => time(py, v)?,
        Cell::Uuid(v) => uuid(py, &v)?,
        _ => return Err(unexpected(&Codec::Key, cell)),
    })
}

fn instant(cell: Cell<'_>) -> PyResult<Timestamp> {
    match cell {
        Cell::Timestamp(v) => Ok(v),
        Cell::Text(v) => Timestamp::parse(v).map_err(|_| unexpected(&Codec::Timestamp, cell)),
        _ => Err(unexpected(&Codec::Timestamp, cell)),
    }
}

/// A table that another program writes may hold anything.
fn unexpected(codec: &Codec, cell: Cell<'_>) -> PyErr {
    Python::attach(|py| {
        // Not what it holds: that is data.
        let what = format!("the database holds {} where {} is expected", cell.kind(), codec.expects());
        crate::errors::to_python(py, "reading a row", Error::new(Kind::Database, what))
    })
}

fn date(py: Python<'_>, v: Date) -> PyResult<Bound<'_, PyAny>> {
    Ok(PyDate::new(py, i32::from(v.year), v.month, v.day)?.into_any())
}

fn time(py: Python<'_>, v: Time) -> PyResult<Bound<'_, PyAny>> {
    Ok(PyTime::new(py, v.hour, v.minute, v.second, v.microsecond, None)?.into_any())
}

pub fn uuid<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "uuid", "UUID")?;
    class.call1((py.None(), PyBytes::new(py, bytes)))
}

fn call<'py>(py: Python<'py>, module: &str, class: &str, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(module)?.getattr(class)?.call1((text,))
}
