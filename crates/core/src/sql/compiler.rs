//! From a statement to its text, and the memory of texts already written.

use super::cache::Cache;
use super::writer::{Writer, internal};
use super::{Compiled, Dialect};
use crate::error::{Error, Kind, Result};
use crate::query::{Statement, shape};
use crate::value::Value;
use std::cell::Cell;
use std::sync::Arc;

/// Compiles statements, each shape once.
#[derive(Debug)]
pub struct Compiler {
    dialect: Dialect,
    cache: Cache,
}

/// A statement with a longer text is not remembered: a list of thousands of values rarely comes again with the
/// same length, and its text and prepared form are large.
const LONGEST: usize = 16 * 1024;

thread_local! {
    static SHAPE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Compiler {
    /// A compiler that remembers nothing yet.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, cache: Cache::default() }
    }

    /// The dialect it writes.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The text of a statement; its binds replace what `binds` holds. A statement that differs from an earlier one
    /// in nothing but values gets the same text, by one walk that writes no SQL.
    ///
    /// # Errors
    /// [`Kind::InvalidValue`] for more values than the database takes in a statement, [`Kind::Internal`] for a
    /// statement that contradicts itself.
    pub fn compile(&self, statement: &Statement, binds: &mut Vec<Value>) -> Result<Arc<Compiled>> {
        let mut key = SHAPE.take();
        key.clear();
        binds.clear();
        shape::walk(statement, self.dialect, &mut key, binds);
        let compiled = match self.cache.get(&key) {
            Some(found) => Ok(found),
            None => self.compile_new(statement, &key, binds),
        };
        SHAPE.set(key);
        compiled
    }

    fn compile_new(&self, statement: &Statement, key: &[u8], binds: &[Value]) -> Result<Arc<Compiled>> {
        let (sql, written) = compile(statement, self.dialect)?;
        if written.len() != binds.len() {
            return Err(internal(format!(
                "the text of a statement has {} placeholders for {} values: {sql}",
                written.len(),
                binds.len()
            )));
        }
        if sql.len() > LONGEST {
            return Ok(Arc::new(Compiled::once(sql, statement.reach())));
        }
        Ok(self.cache.insert(key, &Arc::new(Compiled::new(sql, statement.reach()))))
    }
}

/// The text of a statement and its binds, in the order of the placeholders.
///
/// # Errors
/// As [`Compiler::compile`].
pub fn compile(statement: &Statement, dialect: Dialect) -> Result<(String, Vec<Value>)> {
    let mut writer = Writer::new(dialect, false);
    writer.statement(statement)?;
    if writer.sources > 1 {
        // Only now is it known that references need aliases.
        writer = Writer::new(dialect, true);
        writer.statement(statement)?;
    }
    if writer.binds.len() > dialect.max_binds() {
        return Err(too_many(writer.binds.len(), dialect));
    }
    Ok((writer.text, writer.binds))
}

impl<'a> Writer<'a> {
    fn statement(&mut self, statement: &'a Statement) -> Result<()> {
        match statement {
            Statement::Select(select) => self.select(select),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update, None),
            Statement::UpdateEach(each) => self.update(&each.update, Some(&each.given)),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Lock(select) => self.lock_and_count(select),
        }
    }
}

fn too_many(binds: usize, dialect: Dialect) -> Error {
    Error::new(
        Kind::InvalidValue,
        format!(
            "A statement was given {binds} values, and the database takes at most {}: give a list in several parts, \
             or use a sub-query",
            dialect.max_binds()
        ),
    )
    .value(format!("{binds} values"))
}
