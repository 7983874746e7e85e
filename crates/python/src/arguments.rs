//! Arguments that Python can hold and nothing else can: text with a lone surrogate, integers that no float is as large as.
//! Errors say so in the library's own words, and never repeat what was given.

use crate::errors::{invalid, raise};
use pyo3::exceptions::{PyOverflowError, PyRecursionError, PyUnicodeError, PyValueError};
use pyo3::prelude::*;

/// A number of seconds, which its user checks: one that is too large is infinite.
pub struct Seconds(pub f64);

impl<'a, 'py> FromPyObject<'a, 'py> for Seconds {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match given.extract::<f64>() {
            Err(error) if error.is_instance_of::<PyOverflowError>(given.py()) => Ok(Self(f64::INFINITY)),
            seconds => seconds.map(Self),
        }
    }
}

/// Why rows are deleted.
pub struct Reason(pub String);

impl<'a, 'py> FromPyObject<'a, 'py> for Reason {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let wrong = |py: Python<'_>| invalid(py, "reason", HALF);
        given.extract().map(Self).map_err(|error| no_text(given.py(), error, wrong))
    }
}

/// The name of a class, a table or a column.
pub struct Name(pub String);

impl<'a, 'py> FromPyObject<'a, 'py> for Name {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let wrong = |py: Python<'_>| raise(py, "SchemaError", (format!("A name {HALF}"),));
        given.extract().map(Self).map_err(|error| no_text(given.py(), error, wrong))
    }
}

/// What is wrong with it, which Python takes for a text.
pub const HALF: &str = "has a lone surrogate, which is half of a character: remove or replace it";

/// The error in place of the encoder's, which holds the text.
fn no_text(py: Python<'_>, error: PyErr, wrong: impl FnOnce(Python<'_>) -> PyErr) -> PyErr {
    if error.is_instance_of::<PyUnicodeError>(py) { wrong(py) } else { error }
}

/// Who acts, as the text that is noted.
#[pyfunction]
pub fn actor_text(name: &str, user: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = user.py();
    user.str().and_then(|text| text.extract()).map_err(|error: PyErr| {
        let wrong = if error.is_instance_of::<PyUnicodeError>(py) {
            HALF
        } else if error.is_instance_of::<PyRecursionError>(py) {
            "nests too deep to be written as text: pass the key of a user"
        } else if error.is_instance_of::<PyValueError>(py) {
            "cannot be written as text: pass the key of a user"
        } else {
            return error;
        };
        invalid(py, name, wrong)
    })
}
