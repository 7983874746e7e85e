//! What objects held before the session changed them, so that a rollback puts it back.
//!
//! The first change of an object in a scope (the transaction, or a block in it) is noted before it is made. Objects are
//! known by weak references: nobody misses what an object held that is gone. A commit forgets everything.

use super::slot::Slot;
use crate::model::{ModelBase, Shape};
use crate::relation::forget;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyWeakrefMethods, PyWeakrefReference};
use smallbitvec::SmallBitVec;
use std::sync::Arc;

/// One step back.
pub enum Before {
    /// An object held this.
    Object(Held),
    /// An object was not there: its row was created with it. Whether the database made the key.
    Nothing { object: Py<PyWeakrefReference>, generated: bool },
    /// A loaded collection held these rows.
    Collection { collection: Py<PyWeakrefReference>, rows: Py<PyList>, noted: u32 },
}

/// What an object held.
pub struct Held {
    object: Py<PyWeakrefReference>,
    shape: Arc<Shape>,
    fields: Box<[Option<Py<PyAny>>]>,
    changed: SmallBitVec,
    stored: bool,
    undone: bool,
    /// The relations that were set on a new object: nothing else knows of them.
    related: Option<Py<PyAny>>,
    /// The scope in which it was noted before, when the object is of the session that notes it.
    noted: Option<u32>,
}

impl Slot {
    /// Notes what an object holds, before it is changed or written, unless the current scope knows already.
    pub fn note(&self, object: &Bound<'_, ModelBase>, shape: &Arc<Shape>) -> PyResult<()> {
        if self.is_closed() {
            return Ok(());
        }
        let held = {
            let this = object.borrow();
            let own = this.session.as_ref().is_some_and(|session| std::ptr::eq(Arc::as_ptr(session), self));
            if own && this.noted >= self.scope() {
                return Ok(());
            }
            (this.changed.clone(), this.stored, this.undone, own.then_some(this.noted))
        };
        let (changed, stored, undone, noted) = held;
        let fields = shape.slots(object.as_any())?.all();
        let related = if stored { None } else { Some(related(object)?) };
        // Made before it is noted: the collector may run any code meanwhile.
        let weak = PyWeakrefReference::new(object)?.unbind();
        let held =
            Held { object: weak, shape: shape.clone(), fields, changed, stored, undone, related, noted };
        let serial = self.push(object.py(), Before::Object(held));
        if noted.is_some() {
            object.borrow_mut().noted = serial;
        }
        Ok(())
    }

    /// Notes that an object was created together with its row.
    pub fn note_created(&self, object: &Bound<'_, ModelBase>, generated: bool) -> PyResult<()> {
        let weak = PyWeakrefReference::new(object)?.unbind();
        let serial = self.push(object.py(), Before::Nothing { object: weak, generated });
        object.borrow_mut().noted = serial;
        Ok(())
    }

    /// Notes the rows of a loaded collection, before they are changed; returns the scope that knows of them.
    pub fn note_rows(&self, collection: &Bound<'_, PyAny>, rows: Py<PyList>, noted: u32) -> PyResult<u32> {
        let weak = PyWeakrefReference::new(collection)?.unbind();
        Ok(self.push(collection.py(), Before::Collection { collection: weak, rows, noted }))
    }
}

impl Before {
    /// Whether there is anything left to put it back into.
    pub fn is_alive(&self, py: Python<'_>) -> bool {
        let (Self::Object(Held { object: weak, .. })
        | Self::Nothing { object: weak, .. }
        | Self::Collection { collection: weak, .. }) = self;
        weak.bind(py).upgrade().is_some()
    }

    /// The scope in which it was noted before this.
    pub fn noted(&self) -> u32 {
        match self {
            Self::Object(held) => held.noted.unwrap_or(0),
            Self::Nothing { .. } => 0,
            Self::Collection { noted, .. } => *noted,
        }
    }

    /// Puts it back. A rollback does not fail half-way: what goes wrong here is reported aside.
    pub fn put_back(self, py: Python<'_>) {
        let done = match self {
            Self::Object(held) => held.put_back(py),
            Self::Nothing { object, generated } => uncreate(py, &object, generated),
            Self::Collection { collection, rows, noted } => match collection.bind(py).upgrade() {
                Some(collection) => collection.call_method1("_put_back", (rows, noted)).map(drop),
                None => Ok(()),
            },
        };
        if let Err(error) = done {
            error.write_unraisable(py, None);
        }
    }
}

impl Held {
    fn put_back(self, py: Python<'_>) -> PyResult<()> {
        let Some(object) = self.object.bind(py).upgrade() else { return Ok(()) };
        let object = object.cast_into::<ModelBase>()?;
        let mut moved = Vec::new();
        let slots = self.shape.slots(object.as_any())?;
        for (position, (column, old)) in self.shape.columns.iter().zip(self.fields).enumerate() {
            let old = old.map(|old| old.into_bound(py));
            let now = slots.get(position);
            if old.as_ref().map(Bound::as_ptr) == now.as_ref().map(Bound::as_ptr) {
                continue;
            }
            match old {
                Some(old) => slots.set(position, old),
                None => slots.clear(position),
            }
            if self.shape.table.columns[position].references.is_some() {
                moved.push(&column.text);
            }
        }
        {
            let mut this = object.borrow_mut();
            let created = this.stored && !self.stored;
            this.changed = self.changed;
            this.stored = self.stored;
            this.undone = created || self.undone;
            if let Some(noted) = self.noted {
                this.noted = noted;
            }
            if created {
                this.session = None;
            }
        }
        if let Some(related) = self.related {
            let module = py.import("fastapi_orm.relations")?;
            return module.call_method1("relate", (object, related)).map(drop);
        }
        moved.into_iter().try_for_each(|key| forget(&object, Some(key)))
    }
}

fn related(object: &Bound<'_, ModelBase>) -> PyResult<Py<PyAny>> {
    let module = object.py().import(intern!(object.py(), "fastapi_orm.relations"))?;
    Ok(module.call_method1(intern!(object.py(), "related"), (object,))?.unbind())
}

/// Takes its row from an object that was created with it. Its fields stay, so that it can be saved again.
fn uncreate(py: Python<'_>, object: &Py<PyWeakrefReference>, generated: bool) -> PyResult<()> {
    let Some(object) = object.bind(py).upgrade() else { return Ok(()) };
    let object = object.cast_into::<ModelBase>()?;
    let shape = {
        let mut this = object.borrow_mut();
        this.stored = false;
        this.undone = true;
        this.session = None;
        this.noted = 0;
        this.take_changes();
        this.shape.clone()
    };
    let Some(shape) = shape else { return Ok(()) };
    let slots = shape.slots(object.as_any())?;
    let key = generated.then_some(shape.table.primary_key);
    for position in key.into_iter().chain(shape.table.marker.map(|marker| marker.column())) {
        slots.set(position, py.None().into_bound(py));
    }
    forget(&object, None)
}
