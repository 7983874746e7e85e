//! Who acts in a call: the user of the task, or else `_audit_user_id=` of the call.
//!
//! Every verb that writes has the keyword. It is named in the verb's signature, before `**values`, so that it is never
//! taken for a field; but values that a client sends may hold the name. So it names the actor only where the task has
//! none, and a database may refuse it altogether.

use crate::arguments::actor_text;
use crate::errors::invalid;
use crate::session::Slot;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use reprieve_engine::audit::Actor;

const KEYWORD: &str = "_audit_user_id";

/// The actor of a call, when it is going to be noted. What `set_audit_user` was told beside the user is about the task, and
/// noted beside any actor.
pub fn actor(py: Python<'_>, noted: bool, given: Option<&Bound<'_, PyAny>>, slot: &Slot) -> PyResult<Actor> {
    if !noted && given.is_none() {
        return Ok(Actor::default());
    }
    let (user, extra) = of_task(py)?;
    let given = given.map(|given| named_beside(given, user.as_deref(), slot)).transpose()?;
    Ok(Actor { user_id: user.or(given), extra })
}

/// Checks the actor that a call names, before anything is prepared.
pub fn named(given: Option<&Bound<'_, PyAny>>, slot: &Slot) -> PyResult<()> {
    given.map_or(Ok(()), |user| actor(user.py(), true, Some(user), slot).map(drop))
}

fn of_task(py: Python<'_>) -> PyResult<(Option<String>, Option<String>)> {
    static VARIABLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let variable = VARIABLE.import(py, "fastapi_orm.audit.actor", "_actor")?;
    let actor = variable.call_method0(intern!(py, "get"))?;
    if actor.is_none() {
        return Ok((None, None));
    }
    Ok((actor.getattr(intern!(py, "user"))?.extract()?, actor.getattr(intern!(py, "metadata"))?.extract()?))
}

fn named_beside(given: &Bound<'_, PyAny>, user: Option<&str>, slot: &Slot) -> PyResult<String> {
    let py = given.py();
    if !slot.settings().audit_keyword {
        let message = format!(
            "this database takes no {KEYWORD} (audit_keyword=False): say who acts with set_audit_user(), and pass on \
             only what a model of the body has checked"
        );
        return Err(invalid(py, KEYWORD, message));
    }
    let given = actor_text(KEYWORD, given)?;
    match user {
        Some(user) if user != given => {
            let message = format!(
                "{KEYWORD}={given} would act in place of {user}, whom set_audit_user() named: leave it out, or call \
                 set_audit_user({given}) first"
            );
            let refused = invalid(py, KEYWORD, message);
            // A client that sent the name learns neither what it sent nor who acts.
            let told = format!("{KEYWORD} would act in place of another user: leave it out");
            refused.value(py).setattr("_detail", told)?;
            Err(refused)
        }
        _ => Ok(given),
    }
}
