//! The compiler: a statement of [`crate::query`] becomes text and binds.
//!
//! Visibility is applied here, to each table reference, and nowhere else.

mod compiled;
mod dialect;

pub use compiled::Compiled;
pub use dialect::Dialect;
