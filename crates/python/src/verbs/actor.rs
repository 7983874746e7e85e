//! Who acts in a call: `_audit_user_id=` of the call, or else the user of the task.
//!
//! Every verb that writes has the keyword. It is named in the verb's signature, before `**values`, so that it is never
//! taken for a field.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use reprieve_engine::audit::Actor;

/// The actor of a call, when somebody is going to note it. What `set_audit_user` was told beside the user is about the
/// task, and noted whoever acts.
pub fn actor(py: Python<'_>, noted: bool, given: Option<&Bound<'_, PyAny>>) -> PyResult<Actor> {
    static VARIABLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if !noted {
        return Ok(Actor::default());
    }
    let variable = VARIABLE.import(py, "fastapi_orm.audit.actor", "_user")?;
    let user: Option<(Option<String>, Option<String>)> =
        variable.call_method0(intern!(py, "get"))?.extract()?;
    let (user_id, extra) = user.unwrap_or_default();
    let given = given.map(|user| user.str()?.extract()).transpose()?;
    Ok(Actor { user_id: given.or(user_id), extra })
}
