//! Loaded collections follow what their session does: a row that is created, or whose reference changes, appears in
//! the collections that it belongs to from then on.

use super::key::Key;
use crate::model::{Fields, ModelBase, Shape};
use crate::session::Slot;
use crate::values::to_operand;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use std::collections::HashMap;
use std::sync::Arc;

/// A column that says which rows belong together, and the key in it.
type Membership = ((u32, usize), Key);

/// The loaded collections of a session, by what they hold. It keeps none of them alive.
#[derive(Default)]
pub struct Watchers {
    collections: HashMap<Membership, Vec<Py<PyWeakrefReference>>>,
    sweep_at: usize,
}

impl Watchers {
    /// Adds a collection of the rows that belong to this key.
    pub fn add(&mut self, py: Python<'_>, of: Membership, collection: Py<PyWeakrefReference>) {
        if self.collections.len() >= self.sweep_at.max(64) {
            self.collections.retain(|_, list| {
                list.retain(|one| one.bind(py).upgrade().is_some());
                !list.is_empty()
            });
            self.sweep_at = self.collections.len() * 2;
        }
        self.collections.entry(of).or_default().push(collection);
    }

    /// The collections of the rows that belong to this key.
    pub fn of<'py>(&self, py: Python<'py>, of: &Membership) -> Vec<Bound<'py, PyAny>> {
        let list = self.collections.get(of).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|one| one.bind(py).upgrade()).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.collections.is_empty()
    }
}

/// A row was created: it is in the collections that its references name, and its own are empty.
pub fn created(object: &Bound<'_, ModelBase>, shape: &Shape, slot: &Arc<Slot>) -> PyResult<()> {
    let py = object.py();
    let class = object.get_type();
    if class.getattr(intern!(py, "__collections__"))?.is_truthy()? {
        let module = py.import(intern!(py, "fastapi_orm.relations"))?;
        module.call_method1(intern!(py, "begin"), (object,))?;
    }
    for (position, column) in shape.table.columns.iter().enumerate() {
        if column.references.is_none() || !slot.is_watched() {
            continue;
        }
        let key = Key::of_value(&super::key::value_at(object, shape, position)?);
        tell(slot, shape, position, key, object, true)?;
    }
    Ok(())
}

/// A reference of an object was set: what it led to before is forgotten, and collections gain and lose the object.
pub fn moved(
    object: &Bound<'_, ModelBase>,
    shape: &Shape,
    position: usize,
    old: Option<Bound<'_, PyAny>>,
    new: &Bound<'_, PyAny>,
) -> PyResult<()> {
    super::forget(object, Some(&shape.columns[position].text))?;
    let Some(slot) = object.borrow().session.clone() else { return Ok(()) };
    if !slot.is_watched() {
        return Ok(());
    }
    let fields = Fields::new(shape, &slot);
    // A value that is no key is refused when it is written; it is in no collection until then.
    let key = |value: &Bound<'_, PyAny>| {
        to_operand(&fields, position, value).ok().and_then(|value| Key::of_value(&value))
    };
    tell(&slot, shape, position, old.as_ref().and_then(key), object, false)?;
    tell(&slot, shape, position, key(new), object, true)
}

fn tell(
    slot: &Arc<Slot>,
    shape: &Shape,
    position: usize,
    key: Option<Key>,
    object: &Bound<'_, ModelBase>,
    gained: bool,
) -> PyResult<()> {
    let Some(key) = key else { return Ok(()) };
    let py = object.py();
    for collection in slot.watchers_of(py, &((shape.table.id, position), key)) {
        let method = if gained { intern!(py, "_gained") } else { intern!(py, "_lost") };
        collection.call_method1(method, (object,))?;
    }
    Ok(())
}
