//! Verbs of one object: update, save, refresh, and its values as a dictionary.

use super::added::save_new;
use super::attempt::Attempt;
use super::listed::field_names;
use super::named;
use crate::awaitable::Coroutine;
use crate::errors::{gone, to_python};
use crate::filters;
use crate::model::{Fields, ModelBase, Shape, seen, shape_of, shape_of_object, state_of};
use crate::rows::refill;
use crate::session::{Session, Work, flush, write_changes};
use crate::values::{to_checked_value, to_plain};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use reprieve_core::query::{Predicate, Select, Source};
use reprieve_core::value::Value;
use std::sync::Arc;

/// Sets these attributes and writes them, with what else was changed on the object; sets none when they cannot be written.
pub fn update(
    object: Bound<'_, ModelBase>,
    session: &Session,
    values: Option<&Bound<'_, PyDict>>,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let prepared = (|| {
        named(user, &session.slot)?;
        let shape = shape_of_object(&object)?;
        let (undone, removed) = {
            let this = object.borrow();
            (this.undone, !this.stored && this.session.is_some())
        };
        if undone || removed {
            let (_, key) = state_of(&object)?;
            return Err(crate::errors::gone(object.py(), &Fields::new(&shape, &session.slot), &key));
        }
        // All are checked before one is set.
        let values = attributes(&object.get_type(), session, values)?;
        session.slot.note(&object, &shape)?;
        Attempt::set(&object, &session.slot, &shape, &values)
    })();
    match prepared {
        Ok(attempt) if object.borrow().stored => write("update", object, session, user, Some(attempt)),
        Ok(_) => save_new(object, session, user),
        Err(error) => Coroutine::failed("update", error),
    }
}

/// The attributes to set, checked: fields and relations of the model.
pub fn attributes<'py>(
    class: &Bound<'py, PyType>,
    session: &Session,
    values: Option<&Bound<'py, PyDict>>,
) -> PyResult<Vec<(Bound<'py, PyString>, Bound<'py, PyAny>)>> {
    let shape = shape_of(class)?;
    let values = crate::schema::items(values);
    let relations = class.getattr(intern!(class.py(), "__relations__"))?;
    for (name, value) in &values {
        if !relations.contains(name)? {
            let position = filters::position(&shape, name)?;
            to_checked_value(&Fields::new(&shape, &session.slot), position, value)?;
        }
    }
    Ok(values)
}

/// Writes what was changed on the object; creates its row when it has none.
pub fn save(object: Bound<'_, ModelBase>, session: &Session, user: Option<&Bound<'_, PyAny>>) -> Coroutine {
    if let Err(error) = named(user, &session.slot) {
        return Coroutine::failed("save", error);
    }
    if !object.borrow().stored {
        return save_new(object, session, user);
    }
    write("save", object, session, user, None)
}

fn write(
    verb: &'static str,
    object: Bound<'_, ModelBase>,
    session: &Session,
    user: Option<&Bound<'_, PyAny>>,
    attempt: Option<Attempt>,
) -> Coroutine {
    let (slot, object, user) =
        (session.slot.clone(), object.unbind(), user.map(|user| user.clone().unbind()));
    Coroutine::new(verb, async move {
        let written = match slot.take().await {
            Ok(mut work) => write_or_check(&mut work, &object, user.as_ref()).await.map(|()| work),
            Err(error) => Err(error),
        };
        let mut work = Attempt::end(attempt, &object, written)?;
        flush(&slot, &mut work).await?;
        Python::attach(|py| object.bind(py).borrow_mut().alone = true);
        Ok(object.into_any())
    })
}

/// Writes what differs. When nothing does, the row has to be there all the same, and in the state in which it was seen.
async fn write_or_check(work: &mut Work, object: &Py<ModelBase>, user: Option<&Py<PyAny>>) -> PyResult<()> {
    let unchanged = Python::attach(|py| {
        let object = object.bind(py);
        if object.borrow().is_changed() {
            return Ok(None);
        }
        let (shape, key) = state_of(object)?;
        Ok::<_, PyErr>(Some((seen(object, &shape)?, shape, key)))
    })?;
    let Some((seen, shape, key)) = unchanged else { return write_changes(work, object, user).await };
    let result = work.check_seen(&shape.table, &key, seen).await;
    result.map_err(|error| {
        Python::attach(|py| match error.is_not_found() {
            true => gone(py, &Fields::new(&shape, work.slot()), &key),
            false => to_python(py, &format!("{}.update", shape.table.model), error),
        })
    })
}

/// Reads the row of an object again, live or deleted.
pub fn refresh(object: Bound<'_, ModelBase>, session: &Session) -> Coroutine {
    let slot = session.slot.clone();
    let prepared = state_of(&object).map(|(shape, key)| {
        let object = object.unbind();
        async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            if work.in_transaction() {
                // It may read what is rolled back later.
                Python::attach(|py| slot.note(object.bind(py), &shape))?;
            }
            reread(&mut work, &object, &shape, &key).await?;
            Ok(object.into_any())
        }
    });
    Coroutine::from_result("refresh", prepared)
}

/// Makes the object hold what its row does, live or deleted, and forget what was changed on it.
pub async fn reread(
    work: &mut Work,
    object: &Py<ModelBase>,
    shape: &Arc<Shape>,
    key: &Value,
) -> PyResult<()> {
    let slot = work.slot().clone();
    let row = Source::any(0, &shape.table);
    let select = Select::rows(row.clone()).filter(Predicate::equals(row.key(), key.clone()));
    let mut sink = refill(Python::attach(|py| object.clone_ref(py)), shape.clone(), slot.clone());
    let read = work.select(select, &mut sink).await;
    Python::attach(|py| {
        read.map_err(|error| to_python(py, &shape.table.model, error))?;
        if !sink.found {
            return Err(crate::errors::gone(py, &Fields::new(shape, &slot), key));
        }
        crate::relation::forget(object.bind(py), None)
    })
}

/// The object's fields as a dictionary.
pub fn to_dict<'py>(
    object: &Bound<'py, ModelBase>,
    include: Option<&Bound<'py, PyAny>>,
    exclude: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = object.py();
    let include = include.map(|names| field_names("to_dict", "include", names)).transpose()?;
    let exclude = exclude.map(|names| field_names("to_dict", "exclude", names)).transpose()?;
    let shape = shape_of_object(object)?;
    let slots = shape.slots(object.as_any())?;
    for name in include.iter().chain(&exclude).flatten() {
        filters::position(&shape, &PyString::new(py, name))?;
    }
    let session = object.borrow().session.clone();
    let timezone = session.as_ref().and_then(|session| session.timezone());
    let dict = PyDict::new(py);
    for (position, column) in shape.columns.iter().enumerate() {
        let wanted = include.as_ref().is_none_or(|names| names.contains(&column.text))
            && exclude.as_ref().is_none_or(|names| !names.contains(&column.text));
        if wanted {
            let plain = slots.get(position).map(|value| to_plain(&value, timezone)).transpose()?;
            dict.set_item(&column.name, plain)?;
        }
    }
    Ok(dict)
}
