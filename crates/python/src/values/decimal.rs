//! Decimals in plain notation.
//!
//! `Decimal("1E+300000000")` is a short text for a number of 300 million digits: how far a number reaches is read off its
//! exponent before it is written out.

use super::from_python::is_int;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyType};

/// How many digits may stand on either side of the point.
#[derive(Clone, Copy)]
pub struct Digits {
    pub before: u32,
    pub after: u32,
}

impl Digits {
    /// What PostgreSQL's `numeric` can hold, and a statement of the user's own can be given.
    pub const MOST: Self = Self { before: 131_072, after: 16_383 };
}

/// Why a number has no plain notation here.
pub enum Unfit {
    NotFinite,
    Before,
    After,
}

fn class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "decimal", "Decimal")
}

pub fn is_decimal(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(class(value.py())?)
}

/// A decimal, an int or a float in plain notation; `None` for anything else.
pub fn plain(value: &Bound<'_, PyAny>, digits: Digits) -> PyResult<Option<Result<String, Unfit>>> {
    let py = value.py();
    let class = class(py)?;
    let number = if value.is_instance(class)? {
        value.clone()
    } else if is_int(value) {
        // Four bits hold any digit.
        let bits: u64 = value.call_method0(intern!(py, "bit_length"))?.extract()?;
        if bits > 4 * (u64::from(digits.before) + 1) {
            return Ok(Some(Err(Unfit::Before)));
        }
        class.call1((value,))?
    } else if value.is_instance_of::<PyFloat>() {
        class.call1((value.repr()?,))?
    } else {
        return Ok(None);
    };
    if !number.call_method0(intern!(py, "is_finite"))?.is_truthy()? {
        return Ok(Some(Err(Unfit::NotFinite)));
    }
    // The place of the first digit: 0 for ones, -1 for tenths.
    let first: i64 = number.call_method0(intern!(py, "adjusted"))?.extract()?;
    let unfit = if first >= i64::from(digits.before) {
        Some(Unfit::Before)
    } else if first < -i64::from(digits.after) {
        Some(Unfit::After)
    } else {
        None
    };
    Ok(Some(match unfit {
        // Zero is zero, however far its exponent goes.
        Some(_) if !number.is_truthy()? => Ok("0".to_owned()),
        Some(unfit) => Err(unfit),
        None => Ok(number.call_method1(intern!(py, "__format__"), ("f",))?.extract()?),
    }))
}
