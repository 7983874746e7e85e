//! Reading what belongs to rows: one statement for any number of them, unless the database takes no more values.

use super::Session;
use reprieve_core::driver::RowSink;
use reprieve_core::error::Result;
use reprieve_core::query::{RelationPath, Select, Source, Statement, Visibility};
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
        let rows = Select::rows(Source::new(0, &path.target, visibility));
        self.related_among(path, rows, keys, sink).await
    }

    /// Reads what a select of rows of the path's target finds of the rows that belong to these keys: for each its columns,
    /// then the key it belongs to. NULL is no key. The keys should differ.
    ///
    /// # Errors
    /// As [`Session::related`].
    pub async fn related_among(
        &mut self,
        path: &RelationPath,
        rows: Select,
        keys: Vec<Value>,
        sink: &mut dyn PlanSink,
    ) -> Result<()> {
        let mut own = Vec::new();
        self.compile(&Statement::Select(rows.clone()), &mut own)?;
        let most = self.database.inner.compiler.dialect().max_binds().saturating_sub(own.len()).max(1);
        let keys: Vec<Value> = keys.into_iter().filter(|key| !key.is_null()).collect();
        for part in keys.chunks(most) {
            self.select(path.among(rows.clone(), part.to_vec()), sink).await?;
            sink.keep();
        }
        Ok(())
    }
}
