//! Where instances keep their fields: in the slots that CPython lays out for `__slots__`.
//!
//! The metaclass gives each model a slot per field, so that CPython itself allocates, visits, clears and frees the
//! values, and reads of an attribute go through its own member descriptors. The engine writes the slots of an object
//! that it builds, and reads those of one that it stores, at the offsets of those descriptors.
#![allow(unsafe_code, reason = "slots are reached by their offset; each block states its proof")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

/// Whether objects of a class are laid out as those of a base are, and go on after that.
///
/// Asked of the interpreter itself, which allows a base of another layout neither in a class statement nor in
/// `__bases__` nor in what a metaclass's `mro()` returns; `issubclass()` would ask the metaclass.
pub fn is_laid_out_as(class: &Bound<'_, PyType>, base: &Bound<'_, PyType>) -> bool {
    // SAFETY: two live types; the function runs no Python code.
    class.is(base) || unsafe { ffi::PyType_IsSubtype(class.as_type_ptr(), base.as_type_ptr()) } != 0
}

/// Whether a class makes its objects as a base does, and not by a `__new__` of its own, which may do anything to them.
pub fn makes_as(class: &Bound<'_, PyType>, base: &Bound<'_, PyType>) -> bool {
    // SAFETY: reading a field of two live types.
    let (own, inherited) = unsafe { ((*class.as_type_ptr()).tp_new, (*base.as_type_ptr()).tp_new) };
    own.map(|new| new as usize) == inherited.map(|new| new as usize)
}

/// The offset of a class's slot.
pub fn offset(class: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> PyResult<isize> {
    let descriptor = class.getattr(name)?;
    // SAFETY: reading the type of a live object, and the address of a static of the interpreter.
    let is_member = unsafe { ffi::Py_TYPE(descriptor.as_ptr()) == &raw mut ffi::PyMemberDescr_Type };
    if !is_member {
        let message = format!(
            "{}.{name} is declared as a field and as something else: remove or rename one of them",
            class.name()?
        );
        return Err(crate::errors::raise(class.py(), "SchemaError", (message,)));
    }
    let member = descriptor.as_ptr().cast::<ffi::PyMemberDescrObject>();
    // SAFETY: the object's type is exactly `member_descriptor`, whose C layout this is; `d_type` is the type that it
    // keeps alive, and `d_member` points to the definition in that type object.
    let (owner, definition) = unsafe {
        let owner = Bound::from_borrowed_ptr(class.py(), (*member).d_common.d_type.cast());
        (owner.cast_into::<PyType>()?, &*(*member).d_member.cast::<ffi::PyMemberDef>())
    };
    if !is_laid_out_as(class, &owner) {
        let message = format!(
            "{}.{name} is a slot of another class, which is no base of it: declare a field of its own",
            class.name()?
        );
        return Err(crate::errors::raise(class.py(), "SchemaError", (message,)));
    }
    if definition.type_code != ffi::Py_T_OBJECT_EX {
        let message = format!("{}.{name} is not a slot: rename the field", class.name()?);
        return Err(crate::errors::raise(class.py(), "SchemaError", (message,)));
    }
    Ok(definition.offset)
}

/// The value in a slot; `None` when it was never set.
///
/// `offset` MUST come from [`offset`] for the object's class or a base of it: [`super::FieldSlots`] sees to that.
pub(super) fn get_slot<'py>(object: &Bound<'py, PyAny>, offset: isize) -> Option<Bound<'py, PyAny>> {
    // SAFETY: the offset lies within the object, because its class (or a base) has a slot there; a slot holds NULL
    // or an owned reference. The interpreter's lock is held (the module asks for it), so no other thread changes it meanwhile.
    unsafe {
        let slot = object.as_ptr().cast::<u8>().offset(offset).cast::<*mut ffi::PyObject>();
        Bound::from_borrowed_ptr_or_opt(object.py(), *slot)
    }
}

/// Puts a value into a slot, without the model noticing a change.
///
/// `offset` MUST come from [`offset`] for the object's class or a base of it: [`super::FieldSlots`] sees to that.
pub(super) fn set_slot(object: &Bound<'_, PyAny>, offset: isize, value: Bound<'_, PyAny>) {
    // SAFETY: as in `get_slot`; the slot takes over the reference, and the old one is released after the slot holds
    // the new value, because its destructor may run any code.
    unsafe {
        let slot = object.as_ptr().cast::<u8>().offset(offset).cast::<*mut ffi::PyObject>();
        let old = std::mem::replace(&mut *slot, value.into_ptr());
        ffi::Py_XDECREF(old);
    }
}

/// Empties a slot, as if it was never set.
///
/// `offset` MUST come from [`offset`] for the object's class or a base of it: [`super::FieldSlots`] sees to that.
pub(super) fn clear_slot(object: &Bound<'_, PyAny>, offset: isize) {
    // SAFETY: as in `set_slot`; NULL is what a slot holds that was never set.
    unsafe {
        let slot = object.as_ptr().cast::<u8>().offset(offset).cast::<*mut ffi::PyObject>();
        let old = std::mem::replace(&mut *slot, std::ptr::null_mut());
        ffi::Py_XDECREF(old);
    }
}

/// Takes an object out of the sight of the cycle collector, as CPython does with tuples of plain values: a page of a
/// million rows would otherwise stop the loop for each of its passes.
///
/// The caller makes sure that the object refers to nothing that could refer back; [`track`] undoes it when that may
/// change.
pub fn untrack(object: &Bound<'_, PyAny>) {
    // SAFETY: a live object; it is asked whether it has the collector's header. The function accepts one that is
    // untracked already.
    unsafe {
        if ffi::PyObject_IS_GC(object.as_ptr()) != 0 {
            ffi::PyObject_GC_UnTrack(object.as_ptr().cast());
        }
    }
}

/// Shows an object to the cycle collector again.
pub fn track(object: &Bound<'_, PyAny>) {
    // SAFETY: as in `untrack`; an object MUST NOT be tracked twice, which is asked first. All its slots are NULL or
    // valid, so that the collector can visit it at once.
    unsafe {
        if ffi::PyObject_IS_GC(object.as_ptr()) != 0 && ffi::PyObject_GC_IsTracked(object.as_ptr()) == 0 {
            ffi::PyObject_GC_Track(object.as_ptr().cast());
        }
    }
}
