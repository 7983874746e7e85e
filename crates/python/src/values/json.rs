//! JSON documents, by Python's own `json`.

use super::datetime::Timezone;
use super::from_python::describe;
use super::iso::instant_text;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

pub fn load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((text,))
}

/// The document as text; NaN and infinity are no JSON and are refused.
pub fn dump(value: &Bound<'_, PyAny>) -> PyResult<String> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let options = PyDict::new(py);
    options.set_item("allow_nan", false)?;
    options.set_item("ensure_ascii", false)?;
    let text = DUMPS.import(py, "json", "dumps")?.call((value,), Some(&options))?;
    check_keys(value, DEEPEST)?;
    Ok(text.cast_into::<PyString>()?.to_str()?.to_owned())
}

/// How deep documents nest: as far as SQLite's own functions read them. Each level takes some of the stack.
const DEEPEST: usize = 1000;

/// Refuses a key that is no text: Python would write the number 1 as the text "1", beside one that is there already.
/// What is asked is what dicts and lists hold, not what a class derived from them says: no Python code runs.
fn check_keys(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
    if depth == 0 {
        return Err(PyTypeError::new_err(format!("a document nests at most {DEEPEST} levels deep")));
    }
    if let Ok(object) = value.cast::<PyDict>() {
        for (key, item) in object.iter() {
            if !key.is_instance_of::<PyString>() {
                let message = format!("a dict has the key {}, and keys are str", describe(&key));
                return Err(PyTypeError::new_err(message));
            }
            check_keys(&item, depth - 1)?;
        }
    } else if let Ok(list) = value.cast::<PyList>() {
        list.iter().try_for_each(|item| check_keys(&item, depth - 1))?;
    } else if let Ok(list) = value.cast::<PyTuple>() {
        list.iter().try_for_each(|item| check_keys(&item, depth - 1))?;
    }
    Ok(())
}

/// A field's value for the wire: instants with their offset, other values as JSON has them.
pub fn to_plain<'py>(value: &Bound<'py, PyAny>, timezone: Option<&Timezone>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let is_plain = value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyFloat>();
    if is_plain {
        return Ok(value.clone());
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
