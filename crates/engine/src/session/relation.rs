//! Reading what belongs to rows: one statement for any number of them, unless the database takes no more values.

use super::Session;
use reprieve_core::driver::RowSink;
use reprieve_core::error::Result;
use reprieve_core::query::{RelationPath, Visibility};
use reprieve_core::value::Value;

/// Takes the rows of several statements, one after the other.
pub trait PlanSink: RowSink {
    /// A statement is done: a restart forgets the rows of the next one only.
    fn keep(&mut self);
}

impl Session {
    /// Reads the visible rows that belong to these keys: for each its visible columns, then the key it belongs to.
    /// NULL is no key. The keys should differ.
    ///
    /// # Errors
    /// When the database refuses, or the sink does.
    pub async fn related(
        &mut self,
        path: &RelationPath,
        keys: Vec<Value>,
        visibility: Visibility,
        sink: &mut dyn PlanSink,
    ) -> Result<()> {
        let most = self.database.inner.compiler.dialect().max_binds();
        let keys: Vec<Value> = keys.into_iter().filter(|key| !key.is_null()).collect();
        for part in keys.chunks(most) {
            self.select(path.select(part.to_vec(), visibility), sink).await?;
            sink.keep();
        }
        Ok(())
    }
}
