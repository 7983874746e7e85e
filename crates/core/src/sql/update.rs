//! `UPDATE`.

use super::typed::Type;
use super::writer::{Writer, column_name, internal};
use crate::error::Result;
use crate::query::{Given, Update};

impl<'a> Writer<'a> {
    /// `UPDATE … SET … FROM … WHERE … RETURNING …`.
    pub(super) fn update(&mut self, update: &'a Update, given: Option<&'a Given>) -> Result<()> {
        let table = &update.target.table;
        if update.set.is_empty() {
            return Err(internal(format!("an UPDATE of '{}' sets nothing", table.name)));
        }
        self.within(&update.target, |w| w.within_given(given, |w| w.changes(update, given)))
    }

    fn changes(&mut self, update: &'a Update, given: Option<&'a Given>) -> Result<()> {
        let table = &update.target.table;
        self.push("UPDATE ");
        self.table(&update.target);
        self.push(" SET ");
        self.list(", ", &update.set, |w, (position, value)| {
            w.name(column_name(table, *position)?);
            w.push(" = ");
            match w.is_typed() {
                true => w.expr_for(value, &Type::of_column(table, *position)),
                false => w.expr(value),
            }
        })?;
        if let Some(given) = given {
            self.push(" FROM ");
            self.given(given)?;
        }
        self.rows(&update.target, &update.filter)?;
        self.returning_of(&update.target, &update.returning)
    }
}
