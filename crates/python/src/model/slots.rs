//! The fields of one object, which was proven to be laid out as its shape says.
//!
//! Python decides which object a model's class makes and which table a class has. So no code reaches a slot by its
//! offset but through here, and the proof is made each time for the object at hand: its class is the one that the shape
//! was laid out for, or derives from it. The proof lasts as long as the borrow, even if Python code runs meanwhile: the
//! interpreter lets `__class__` be set only to a class of the same layout.

use super::layout::{clear_slot, get_slot, is_laid_out_as, set_slot};
use super::shape::Shape;
use pyo3::prelude::*;
use pyo3::types::{PyType, PyWeakrefMethods};

/// The slots of one object, by the positions of its model's fields.
pub struct FieldSlots<'a, 'py> {
    object: &'a Bound<'py, PyAny>,
    shape: &'a Shape,
}

impl Shape {
    /// The fields of an object of its class.
    pub fn slots<'a, 'py>(&'a self, object: &'a Bound<'py, PyAny>) -> PyResult<FieldSlots<'a, 'py>> {
        if self.fits(&object.get_type()) {
            return Ok(FieldSlots { object, shape: self });
        }
        let found = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let model = &self.table.model;
        let message = format!(
            "an object of {model} is expected, got one of {found}, whose fields lie elsewhere: an object keeps the class \
             that it was made by"
        );
        Err(crate::errors::raise(object.py(), "SchemaError", (message,)))
    }

    /// Whether objects of a class are laid out as this shape says.
    pub(super) fn fits(&self, class: &Bound<'_, PyType>) -> bool {
        // A class that is gone may have left its address to another one; its weak reference knows.
        let own = self.class.bind(class.py()).upgrade();
        own.is_some_and(|own| own.cast::<PyType>().is_ok_and(|own| is_laid_out_as(class, own)))
    }
}

impl<'py> FieldSlots<'_, 'py> {
    /// The value of a field; `None` when it was never set, and for a column that no field shows.
    pub fn get(&self, position: usize) -> Option<Bound<'py, PyAny>> {
        get_slot(self.object, self.shape.columns.get(position)?.offset)
    }

    /// The values of all fields.
    pub fn all(&self) -> Box<[Option<Py<PyAny>>]> {
        (0..self.shape.columns.len()).map(|position| self.get(position).map(Bound::unbind)).collect()
    }

    /// Sets a field without the model noticing a change.
    pub fn set(&self, position: usize, value: Bound<'py, PyAny>) {
        set_slot(self.object, self.shape.columns[position].offset, value);
    }

    /// Empties a field, as if it was never set.
    pub fn clear(&self, position: usize) {
        clear_slot(self.object, self.shape.columns[position].offset);
    }

    pub fn shape(&self) -> &Shape {
        self.shape
    }

    pub fn py(&self) -> Python<'py> {
        self.object.py()
    }
}
