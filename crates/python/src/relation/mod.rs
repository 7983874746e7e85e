//! Relations in Python: where they lead, how they are read, and how loaded ones follow what the session does.
//!
//! The engine reads what belongs to a set of keys; here the rows become objects and find their places. A loaded
//! relation is in its object's `__dict__`, in front of the descriptor of the same name in the class; one that is not
//! there is loaded when it is read, if its object was read alone, or else awaited: see `loader`.

mod include;
mod keep;
mod key;
mod loader;
mod path;
mod rows;
mod watch;

pub use include::{Include, Includes, load_includes};
pub use keep::forget;
pub use key::Key;

pub use watch::{Watchers, created, moved};

use pyo3::prelude::*;

/// What the Python part of relations calls.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<path::LinkTable>()?;
    module.add_class::<path::Path>()?;
    module.add_class::<loader::Loader>()?;
    module.add_function(wrap_pyfunction!(keep::keep_related, module)?)?;
    module.add_function(wrap_pyfunction!(loader::is_alone, module)?)?;
    module.add_function(wrap_pyfunction!(loader::relation_loader, module)?)
}
