//! Rows on their way into Python objects, straight from the driver's buffer.

mod objects;
mod scalar;
mod tuples;

pub use objects::{Objects, refill, sink_error};
pub use scalar::Scalar;
pub use tuples::Tuples;
