//! JSON documents, by Python's own `json`.

use super::datetime::Timezone;
use super::from_python::shown;
use super::iso::instant_text;
use pyo3::exceptions::{PyRecursionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use reprieve_core::schema::MAX_JSON_DEPTH;

pub fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((text,))
}

/// The document as text; NaN and infinity are no JSON and are refused.
pub fn dump(value: &Bound<'_, PyAny>) -> PyResult<String> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    check_keys(value, 0)?;
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("ensure_ascii", false)?;
    let text = DUMPS.import(py, "json", "dumps")?.call((value,), Some(&options))?;
    Ok(text.cast_into::<PyString>()?.to_str()?.to_owned())
}

/// Refuses a key that is no text: Python would write the number 1 as the text "1", beside one that is there already. And
/// what is too deep before anything recurses through it, a list that holds itself too.
fn check_keys(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
    if depth > MAX_JSON_DEPTH {
        let message = format!("a document is at most {MAX_JSON_DEPTH} lists and objects deep");
        return Err(PyValueError::new_err(message));
    }
    if let Ok(object) = value.cast::<PyDict>() {
        for (key, item) in object.iter() {
            if !key.is_instance_of::<PyString>() {
                let message = format!("a dict has the key {}, and keys are str", shown(&key));
                return Err(PyTypeError::new_err(message));
            }
            check_keys(&item, depth + 1)?;
        }
    } else if let Ok(list) = value.cast::<PyList>() {
        list.iter().try_for_each(|item| check_keys(&item, depth + 1))?;
    } else if let Ok(list) = value.cast::<PyTuple>() {
        list.iter().try_for_each(|item| check_keys(&item, depth + 1))?;
    }
    Ok(())
}

/// A field's value for the wire: instants with their offset, other values as JSON has them.
pub fn to_plain<'py>(value: &Bound<'py, PyAny>, timezone: Option<&Timezone>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let is_plain = value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyBool>();
    if is_plain {
        return Ok(value.clone());
    }
    if value.is_instance_of::<PyFloat>() || is_document(value) {
        return Ok(finite(value, 0)?.unwrap_or_else(|| value.clone()));
    }
    if let Ok(instant) = value.cast::<PyDateTime>() {
        return match timezone {
            Some(timezone) => timezone.instant_text(instant),
            None => Ok(instant_text(instant)?.into_any()),
        };
    }
    if value.hasattr(pyo3::intern!(py, "isoformat"))? {
        return value.call_method0(pyo3::intern!(py, "isoformat"));
    }
    static ENUM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if value.is_instance(ENUM.import(py, "enum", "Enum")?)? {
        return value.getattr(pyo3::intern!(py, "value"));
    }
    static UUID: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let as_text = value.is_instance(UUID.import(py, "uuid", "UUID")?)?
        || value.is_instance(DECIMAL.import(py, "decimal", "Decimal")?)?;
    if as_text { Ok(value.str()?.into_any()) } else { Ok(value.clone()) }
}

fn is_document(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyDict>() || value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>()
}

/// A value with None in place of numbers that JSON does not have; none when there are none. A row that another program
/// wrote can hold infinity, and `1e999` in a document is read as it: that row must not make every list of rows fail.
fn finite<'py>(value: &Bound<'py, PyAny>, depth: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    const DEEPEST: usize = 1_000;
    let py = value.py();
    if depth > DEEPEST {
        return Err(PyRecursionError::new_err("a document holds itself, or is too deep to be sent"));
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok((!number.value().is_finite()).then(|| py.None().into_bound(py)));
    }
    if let Ok(object) = value.cast::<PyDict>() {
        let mut copy: Option<Bound<'_, PyDict>> = None;
        for (key, item) in object.iter() {
            if let Some(item) = finite(&item, depth + 1)? {
                let copy = match &copy {
                    Some(copy) => copy,
                    None => copy.insert(object.copy()?),
                };
                copy.set_item(key, item)?;
            }
        }
        return Ok(copy.map(Bound::into_any));
    }
    if !is_document(value) {
        return Ok(None);
    }
    let mut copy: Option<Bound<'_, PyList>> = None;
    for (i, item) in value.try_iter()?.enumerate() {
        if let Some(item) = finite(&item?, depth + 1)? {
            let copy = match &copy {
                Some(copy) => copy,
                None => copy.insert(py.get_type::<PyList>().call1((value,))?.cast_into()?),
            };
            copy.set_item(i, item)?;
        }
    }
    Ok(copy.map(Bound::into_any))
}
