//! Rows of a user's own SQL: tuples of what the database holds, and the names of the columns.

use super::objects::sink_error;
use crate::values::raw_object;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;

/// Takes rows of any shape.
pub struct Tuples {
    pub names: Vec<String>,
    pub rows: Py<PyList>,
}

impl Tuples {
    pub fn new(py: Python<'_>) -> Self {
        Self { names: Vec::new(), rows: PyList::empty(py).unbind() }
    }

    fn build(&self, py: Python<'_>, row: &dyn Row) -> PyResult<()> {
        let values = (0..self.names.len()).map(|position| {
            let cell =
                row.cell(position).map_err(|error| crate::errors::to_python(py, "reading a row", error))?;
            raw_object(py, cell)
        });
        let values: Vec<Bound<'_, PyAny>> = values.collect::<PyResult<_>>()?;
        self.rows.bind(py).append(PyTuple::new(py, values)?)
    }
}

impl RowSink for Tuples {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        Python::attach(|py| self.build(py, row)).map_err(sink_error)
    }

    fn restart(&mut self) {
        self.rows = Python::attach(|py| PyList::empty(py).unbind());
    }

    fn columns(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.names)
    }
}
