//! Who acts: a context variable of the task.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use reprieve_engine::audit::Actor;

/// The actor of the running task, when somebody is going to note it.
pub fn actor(py: Python<'_>, noted: bool) -> PyResult<Actor> {
    static VARIABLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if !noted {
        return Ok(Actor::default());
    }
    let variable = VARIABLE.import(py, "fastapi_orm.audit", "_user")?;
    let user: Option<(Option<String>, Option<String>)> =
        variable.call_method0(intern!(py, "get"))?.extract()?;
    let (user_id, extra) = user.unwrap_or_default();
    Ok(Actor { user_id, extra })
}
