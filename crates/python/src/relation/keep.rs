//! Where a loaded relation is kept: in the object's `__dict__`, in the sight of the cycle collector.

use crate::model::{ModelBase, track};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// Puts a loaded relation into its place. What it holds may refer back to the object.
#[pyfunction]
pub fn keep_related(
    object: &Bound<'_, ModelBase>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = object.py();
    track(object.as_any());
    object.getattr(intern!(py, "__dict__"))?.cast::<PyDict>()?.set_item(name, value)
}

/// Forgets relations that were loaded: those of this foreign key, or all.
pub fn forget(object: &Bound<'_, ModelBase>, key: Option<&str>) -> PyResult<()> {
    let py = object.py();
    if object.get_type().getattr(intern!(py, "__relations__"))?.is_truthy()? {
        let module = py.import(intern!(py, "fastapi_orm.relations"))?;
        module.call_method1(intern!(py, "forget"), (object, key))?;
    }
    Ok(())
}
