//! `UPDATE`.

use super::writer::{Writer, column_name, internal};
use crate::error::Result;
use crate::query::Update;

impl<'a> Writer<'a> {
    /// `UPDATE … SET … WHERE … RETURNING …`.
    pub(super) fn update(&mut self, update: &'a Update) -> Result<()> {
        let table = &update.target.table;
        if update.set.is_empty() {
            return Err(internal(format!("an UPDATE of '{}' sets nothing", table.name)));
        }
        self.within(&update.target, |w| {
            w.push("UPDATE ");
            w.table(&update.target);
            w.push(" SET ");
            w.list(", ", &update.set, |w, (position, value)| {
                w.name(column_name(table, *position)?);
                w.push(" = ");
                w.expr(value)
            })?;
            w.rows(&update.target, &update.filter)?;
            w.returning(table, &update.returning)
        })
    }
}
