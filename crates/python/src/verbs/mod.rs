//! The verbs of models: each prepares its arguments, and returns a coroutine.

mod actor;
mod added;
mod attempt;
mod bulk;
mod by_id;
mod chosen;
mod create;
mod delete;
mod instance;
mod listed;
mod marker;
mod read;
mod restore;
mod upsert;

pub use actor::{actor, named};
pub use added::{add, insert_added};
pub use bulk::{bulk_create, bulk_delete, bulk_update};
pub use by_id::{delete_by_id, update_by_id};
pub use chosen::Target;
pub use create::create;
pub use delete::delete;
pub use instance::{refresh, save, to_dict, update};
pub use marker::follow;
pub use read::{filter, get, get_by, get_or_404, in_order, live, one_live, ordered};
pub use upsert::upsert;

use pyo3::prelude::*;

/// The functions that the Python mixins call; the other verbs are methods of the base class.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(added::fill_defaults, module)?)?;
    module.add_function(wrap_pyfunction!(added::is_stored, module)?)?;
    module.add_function(wrap_pyfunction!(read::get, module)?)?;
    module.add_function(wrap_pyfunction!(read::filter, module)?)?;
    module.add_function(wrap_pyfunction!(delete::soft_delete, module)?)?;
    module.add_function(wrap_pyfunction!(restore::restore, module)?)?;
    module.add_function(wrap_pyfunction!(delete::bulk_soft_delete, module)?)?;
    module.add_function(wrap_pyfunction!(restore::bulk_restore, module)?)
}
