//! A Python object as a value of a user's own SQL: by its type alone, for there is no field to ask.

use super::datetime::{Timezone, instant, time_fields};
use super::decimal::{Digits, is_decimal, plain};
use super::from_python::{describe, exact_int};
use super::json;
use crate::arguments::HALF;
use crate::errors::invalid;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDate, PyDateAccess, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTime,
    PyTuple, PyTzInfoAccess,
};
use reprieve_core::value::{Date, Value};

/// The value in the form in which fields of that type are stored.
pub fn to_bind(name: &str, value: &Bound<'_, PyAny>, timezone: Option<&Timezone>) -> PyResult<Value> {
    let py = value.py();
    let converted = if value.is_none() {
        Some(Value::Null)
    } else if value.is_instance(&py.import("enum")?.getattr("Enum")?)? {
        // Enumerations are stored by the names of their members.
        Some(Value::Text(value.getattr("name")?.extract()?))
    } else if let Ok(truth) = value.cast::<PyBool>() {
        Some(Value::Bool(truth.is_true()))
    } else if value.is_instance_of::<PyInt>() {
        exact_int(value).map(Value::Int)
    } else if value.is_instance_of::<PyFloat>() {
        Some(Value::Float(value.extract()?)).filter(|v| !matches!(v, Value::Float(v) if v.is_nan()))
    } else if let Ok(text) = value.cast::<PyString>() {
        text.to_str().ok().map(Value::from)
    } else if let Ok(bytes) = value.cast::<PyBytes>() {
        Some(Value::Bytes(bytes.as_bytes().to_vec()))
    } else if let Ok(time) = value.cast::<PyDateTime>() {
        instant(time, timezone).ok().map(Value::Timestamp)
    } else if let Ok(date) = value.cast::<PyDate>() {
        Some(Value::Date(Date { year: date.get_year() as u16, month: date.get_month(), day: date.get_day() }))
    } else if let Ok(time) = value.cast::<PyTime>() {
        Some(Value::Time(time_fields(time))).filter(|_| time.get_tzinfo().is_none())
    } else if value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>()
    {
        json::dump(value).ok().map(Value::Json)
    } else {
        other(value)?
    };
    converted.ok_or_else(|| {
        let message = if value.is_instance_of::<PyString>() {
            format!("the text for :{name} {HALF}")
        } else {
            format!("the statement cannot take {} for :{name}: convert it first", describe(value))
        };
        invalid(py, name, message)
    })
}

fn other(value: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let py = value.py();
    if value.is_instance(&py.import("uuid")?.getattr("UUID")?)? {
        let bytes = value.getattr("bytes")?;
        return Ok(bytes.cast::<PyBytes>()?.as_bytes().try_into().ok().map(Value::Uuid));
    }
    if is_decimal(value)? {
        return Ok(plain(value, Digits::MOST)?.and_then(Result::ok).map(Value::Decimal));
    }
    Ok(None)
}
