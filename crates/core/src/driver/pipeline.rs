//! A connection that many use at once.

use super::{Reply, RowSink};
use crate::error::Result;
use crate::sql::Compiled;
use crate::value::Value;

/// A connection that many use at once, each for one statement that reads little and stands by itself. Statements go out as
/// they come and are answered in that order, so that a crowd of readers costs few round trips.
pub trait Pipeline: Send + Sync {
    /// Runs a read; each row goes to the sink. When the returned future is dropped, its answer is passed over; the
    /// others' are not affected.
    fn read<'a>(
        &'a self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<()>>;

    /// Whether it can still be used.
    fn is_usable(&self) -> bool;
}
