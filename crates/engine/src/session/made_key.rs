//! Keys that the database makes and that a row has already, because a program gave it: the next one is free.

use super::Session;
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::schema::Table;
use reprieve_core::sql::{advance_key, repeats_keys};

/// How often a row without a key is written again.
pub(super) struct Attempts(u8);

/// Others may make keys at the same moment.
const MOST: u8 = 3;

impl Attempts {
    /// Whether the values may be needed once more.
    pub(super) fn are_left(&self) -> bool {
        self.0 > 0
    }
}

impl Session {
    /// For rows with values in these columns.
    pub(super) fn attempts(&self, table: &Table, mut columns: impl Iterator<Item = usize>) -> Attempts {
        let dialect = self.database.inner.driver.dialect();
        let makes = repeats_keys(table, dialect) && columns.all(|column| column != table.primary_key);
        Attempts(if makes { MOST } else { 0 })
    }

    /// Whether a row was refused because of the key that the database made for it, and a free one is next now.
    pub(super) async fn try_again<T>(
        &mut self,
        attempts: &mut Attempts,
        table: &Table,
        result: &Result<T>,
    ) -> bool {
        let Err(error) = result else { return false };
        let of_key = error.is_unique_violation() && error.context().fields == [table.key().name.as_str()];
        if !of_key || attempts.0 == 0 {
            return false;
        }
        attempts.0 -= 1;
        let Some(advance) = advance_key(table, self.database.inner.driver.dialect()) else { return false };
        // Without the right to do so, the first refusal stands.
        self.read(&advance, &[], &mut Discard).await.is_ok()
    }
}
