//! Objects that were made by their class: the rows they become, at `save()` or at the flush after `session.add()`.

use super::create::NewRow;
use crate::awaitable::Coroutine;
use crate::errors::raise;
use crate::model::{ModelBase, Shape, shape_of, shape_of_object};
use crate::relation::created;
use crate::session::{Session, Slot, Work, flush};
use crate::values::given_object;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::Arc;

/// Gives the fields of a new object that were given nothing what a row created without them has: their defaults, which
/// are part of the object from then on, or None. Nothing counts as changed by it.
#[pyfunction]
pub fn fill_defaults(object: &Bound<'_, ModelBase>) -> PyResult<()> {
    let py = object.py();
    let shape = shape_of_object(object)?;
    let slots = shape.slots(object.as_any())?;
    for (position, column) in shape.columns.iter().enumerate() {
        if slots.get(position).is_some() {
            continue;
        }
        let value = match (&column.default, &shape.table.columns[position].default) {
            (Some(default), _) => default.bind(py).call0()?,
            (None, Some(default)) => given_object(py, &column.codec, default, None)?,
            (None, None) => py.None().into_bound(py),
        };
        slots.set(position, value);
    }
    Ok(())
}

/// Whether the object's row is in the database, as far as the object knows.
#[pyfunction]
pub fn is_stored(object: &Bound<'_, ModelBase>) -> bool {
    object.borrow().stored
}

/// Notes that the object's row is to be inserted by the next flush. A stored object is from now on this session's.
pub fn add(object: &Bound<'_, ModelBase>, session: &Session) -> PyResult<()> {
    let slot = &session.slot;
    if slot.is_closed() {
        return Err(raise(object.py(), "SessionError", ("The session is closed: open a new one",)));
    }
    let shape = shape_of(&object.get_type())?;
    let mut this = object.borrow_mut();
    if !this.stored {
        drop(this);
        slot.add(object);
        return Ok(());
    }
    let known = this.session.as_ref().is_some_and(|known| Arc::ptr_eq(known, slot));
    if !known {
        (this.session, this.shape, this.noted) = (Some(slot.clone()), Some(shape), 0);
        if this.is_changed() {
            drop(this);
            slot.remember(object.clone().unbind());
        }
    }
    Ok(())
}

/// Inserts the rows of the objects that were added, each after those it refers to.
pub async fn insert_added(slot: &Arc<Slot>, work: &mut Work) -> PyResult<()> {
    let added = slot.take_added();
    if added.is_empty() {
        return Ok(());
    }
    let ordered = Python::attach(|py| in_order(py, &added));
    let ordered = match ordered {
        Ok(ordered) => ordered,
        Err(error) => {
            slot.add_again(added);
            return Err(error);
        }
    };
    let mut waiting = ordered.into_iter();
    while let Some(object) = waiting.next() {
        if let Err(error) = insert(slot, work, &object).await {
            // They stay: the caller may mend this one and flush again.
            slot.add_again(std::iter::once(object).chain(waiting));
            return Err(error);
        }
    }
    Ok(())
}

/// The objects in the order in which they can be inserted, with new ones that they refer to.
fn in_order(py: Python<'_>, added: &[Py<ModelBase>]) -> PyResult<Vec<Py<ModelBase>>> {
    let module = py.import(intern!(py, "fastapi_orm.added"))?;
    let ordered = module.call_method1(intern!(py, "in_order"), (PyList::new(py, added)?,))?;
    ordered.try_iter()?.map(|object| Ok(object?.cast_into::<ModelBase>()?.unbind())).collect()
}

async fn insert(slot: &Arc<Slot>, work: &mut Work, object: &Py<ModelBase>) -> PyResult<()> {
    let new = Python::attach(|py| {
        let object = object.bind(py);
        // Saved meanwhile.
        if object.borrow().stored { Ok(None) } else { prepare(object, slot, None).map(Some) }
    })?;
    let Some((shape, new)) = new else { return Ok(()) };
    let made = new.insert(work).await?;
    Python::attach(|py| adopt(object.bind(py), made.bind(py), &shape, slot))
}

/// Creates the row of an object that was made by its class.
pub fn save_new(
    object: Bound<'_, ModelBase>,
    session: &Session,
    user: Option<&Bound<'_, PyAny>>,
) -> Coroutine {
    let slot = session.slot.clone();
    let prepared = prepare(&object, &slot, user);
    let object = object.unbind();
    Coroutine::from_result(
        "save",
        prepared.map(|(shape, new)| async move {
            let mut work = slot.take().await?;
            slot.forget_added(&object);
            flush(&slot, &mut work).await?;
            let made = new.insert(&mut work).await?;
            Python::attach(|py| adopt(object.bind(py), made.bind(py), &shape, &slot))?;
            Ok(object.into_any())
        }),
    )
}

/// The row that an object is to become. What it refers to has a row by now.
fn prepare(
    object: &Bound<'_, ModelBase>,
    slot: &Arc<Slot>,
    user: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Arc<Shape>, NewRow)> {
    let py = object.py();
    let class = object.get_type();
    let shape = shape_of_object(object)?;
    slot.note(object, &shape)?;
    if class.getattr(intern!(py, "__relations__"))?.is_truthy()? {
        py.import(intern!(py, "fastapi_orm.added"))?.call_method1(intern!(py, "connect"), (object,))?;
    }
    let values = PyDict::new(py);
    let slots = shape.slots(object.as_any())?;
    let (set, undone) = {
        let this = object.borrow();
        (this.changed.clone(), this.undone)
    };
    for (position, column) in shape.columns.iter().enumerate() {
        let Some(value) = slots.get(position) else { continue };
        // A None that was not set by the caller says nothing: the field may fill itself.
        if !value.is_none() || undone || set.get(position).unwrap_or(false) {
            values.set_item(&column.name, value)?;
        }
    }
    let new = NewRow::prepare(&class, slot, Some(&values), user)?;
    Ok((shape, new))
}

/// The object stands for the row that was created for it.
fn adopt(
    object: &Bound<'_, ModelBase>,
    made: &Bound<'_, PyAny>,
    shape: &Arc<Shape>,
    slot: &Arc<Slot>,
) -> PyResult<()> {
    let (own, made) = (shape.slots(object.as_any())?, shape.slots(made)?);
    for position in 0..shape.columns.len() {
        if let Some(value) = made.get(position) {
            own.set(position, value);
        }
    }
    let mut state = object.borrow_mut();
    state.take_changes();
    state.stored = true;
    state.alone = true;
    state.undone = false;
    state.noted = slot.scope();
    state.session = Some(slot.clone());
    state.shape = Some(shape.clone());
    drop(state);
    created(object, shape, slot)
}
