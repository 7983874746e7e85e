//! `DELETE`.

use super::writer::Writer;
use crate::error::Result;
use crate::query::Delete;

impl<'a> Writer<'a> {
    /// `DELETE FROM … WHERE …`.
    pub(super) fn delete(&mut self, delete: &'a Delete) -> Result<()> {
        self.within(&delete.target, |w| {
            w.push("DELETE FROM ");
            w.table(&delete.target);
            w.rows(&delete.target, &delete.filter)
        })
    }
}
