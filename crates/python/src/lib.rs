//! The Python face: `fastapi_orm._engine`, the only crate that knows PyO3.
//!
//! It translates and decides nothing: Python classes are declared into the engine's schema, calls become the engine's
//! verbs, rows become objects straight from the driver's buffer. Futures of the engine are polled on the event loop's
//! own thread (`awaitable`); what needs the loop or another thread goes through `runtime`.
#![allow(missing_docs, reason = "the public face is Python's, documented in _engine.pyi")]
#![allow(unreachable_pub, reason = "PyO3's macros ask for pub")]
#![warn(unused_macro_rules, reason = "a text of _engine.pyi that help() would not show")]

use pyo3::prelude::*;
use pyo3::types::PyTuple;

// `text!("Query.filter")` is what `_engine.pyi` says of it: see `build.rs`.
include!(concat!(env!("OUT_DIR"), "/text.rs"));

mod arguments;
mod awaitable;
mod database;
mod deletion;
mod errors;
mod filters;
mod model;
mod q;
mod query;
mod relation;
mod response;
mod rows;
mod runtime;
mod schema;
mod session;
mod values;
mod verbs;

// A build of Python without the interpreter's lock takes it for as long as this module is loaded: the slots of objects are
// read and written without one of their own.
#[doc = text!("_engine")]
#[pymodule(gil_used = true)]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    let operations = PyTuple::new(module.py(), reprieve_core::schema::AuditLog::OPERATIONS)?;
    module.add("AUDIT_OPERATIONS", operations)?;
    module.add_class::<awaitable::Coroutine>()?;
    module.add_class::<database::Database>()?;
    module.add_class::<deletion::Deletion>()?;
    module.add_class::<deletion::Restoration>()?;
    module.add_class::<model::ModelBase>()?;
    module.add_class::<q::Q>()?;
    module.add_class::<query::Query>()?;
    module.add_class::<query::Stream>()?;
    module.add_class::<response::Response>()?;
    module.add_class::<schema::Schema>()?;
    module.add_class::<schema::Table>()?;
    module.add_class::<session::Session>()?;
    relation::register(module)?;
    module.add_function(wrap_pyfunction!(schema::audit_log_columns, module)?)?;
    module.add_function(wrap_pyfunction!(schema::validate, module)?)?;
    module.add_function(wrap_pyfunction!(database::isolation, module)?)?;
    module.add_function(wrap_pyfunction!(arguments::actor_text, module)?)?;
    module.add_function(wrap_pyfunction!(database::retry_pause, module)?)?;
    module.add_function(wrap_pyfunction!(errors::unknown_field, module)?)?;
    verbs::register(module)?;
    awaitable::ending::watch(module.py())?;
    runtime::watch_forks(module.py())
}
