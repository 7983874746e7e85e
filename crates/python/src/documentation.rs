//! What `help()` shows of the engine's classes: the texts of `_engine.pyi`, which editors read too. They are written
//! there, once; a doc comment here is for those who read Rust.
#![allow(
    unsafe_code,
    reason = "the text of a method is reached through its descriptor; each block states its proof"
)]

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use std::ffi::{CStr, CString, c_char};

/// Ends the signature that CPython finds in front of a method's text.
const SIGNATURE_END: &str = ")\n--\n\n";

/// Gives a method or a property of one of the engine's classes its text. Called once for each, when the library is
/// imported.
#[pyfunction]
pub fn document(class_: &Bound<'_, PyType>, name: &Bound<'_, PyString>, text: &str) -> PyResult<()> {
    let descriptor = class_.getattr("__dict__")?.get_item(name)?;
    let Some(place) = place(&descriptor) else {
        return Err(PyTypeError::new_err(format!("{}.{name} is no method of the engine", class_.name()?)));
    };
    // SAFETY: `place` points to the text of a definition that lives as long as its class, which never ends; the text
    // is NULL or a C string. CPython reads it with the interpreter attached, as this thread is.
    let known = unsafe { if (*place).is_null() { c"" } else { CStr::from_ptr(*place) } };
    let known = known.to_string_lossy();
    let signature = known.find(SIGNATURE_END).map_or("", |end| &known[..end + SIGNATURE_END.len()]);
    let text = CString::new(format!("{signature}{text}"))?;
    // SAFETY: as above; PyO3 makes the definitions on the heap and hands them to CPython for good, so that they can be
    // written. The new text is never freed; an old one, which somebody may hold, is not either.
    unsafe { *place = text.into_raw() };
    Ok(())
}

/// Where a descriptor has its text.
fn place(descriptor: &Bound<'_, PyAny>) -> Option<*mut *const c_char> {
    let object = descriptor.as_ptr();
    // SAFETY: the type of a live object, compared with the addresses of statics of the interpreter. A descriptor of
    // exactly that type has that C layout, and its definition outlives it.
    unsafe {
        let kind = ffi::Py_TYPE(object);
        if kind == &raw mut ffi::PyMethodDescr_Type || kind == &raw mut ffi::PyClassMethodDescr_Type {
            let method = (*object.cast::<ffi::PyMethodDescrObject>()).d_method;
            return Some(&raw mut (*method).ml_doc);
        }
        if kind == &raw mut ffi::PyGetSetDescr_Type {
            let property = (*object.cast::<ffi::PyGetSetDescrObject>()).d_getset;
            return Some(&raw mut (*property).doc);
        }
        None
    }
}
