//! Rows of a relation on their way into structs, each beside the key that it belongs to.

use super::key::Key;
use crate::Result;
use crate::value::Value;
use reprieve_core::driver::{Row, RowSink};
use reprieve_engine::PlanSink;
use std::collections::HashMap;
use std::marker::PhantomData;

/// The number of a key, and the position of a row that belongs to it.
pub(super) type Pair = (usize, usize);

/// Takes rows whose last column is the key, a `K`, that each belongs to.
pub(super) struct Related<K, R> {
    read: fn(&dyn Row) -> Result<R>,
    key_column: usize,
    numbers: HashMap<Key, usize>,
    /// Where the row's own key is, when one row may belong to several keys: it is read once then.
    own: Option<usize>,
    known: HashMap<Key, usize>,
    rows: Vec<R>,
    pairs: Vec<Pair>,
    kept: (usize, usize),
    of: PhantomData<fn() -> K>,
}

impl<K: Value, R> Related<K, R> {
    /// For rows that belong to these keys, which are numbered in any order.
    pub(super) fn new(
        read: fn(&dyn Row) -> Result<R>,
        key_column: usize,
        numbers: HashMap<Key, usize>,
        own: Option<usize>,
    ) -> Self {
        let (known, rows, pairs) = (HashMap::new(), Vec::new(), Vec::new());
        Self { read, key_column, numbers, own, known, rows, pairs, kept: (0, 0), of: PhantomData }
    }

    /// The rows, and which of them belong to which key, in the order they came.
    pub(super) fn take(self) -> (Vec<R>, Vec<Pair>) {
        (self.rows, self.pairs)
    }

    /// The number of the key that a row belongs to; keys are compared as the values they are stored for.
    fn number(&self, row: &dyn Row) -> Result<Option<usize>> {
        let key = K::from_cell(row.cell(self.key_column)?);
        Ok(key.and_then(|key| self.numbers.get(&Key(key.to_value())).copied()))
    }

    fn position(&mut self, row: &dyn Row) -> Result<usize> {
        let Some(own) = self.own else { return self.push(row) };
        let own = Key(row.cell(own)?.to_value());
        if let Some(known) = self.known.get(&own) {
            return Ok(*known);
        }
        let position = self.push(row)?;
        self.known.insert(own, position);
        Ok(position)
    }

    fn push(&mut self, row: &dyn Row) -> Result<usize> {
        self.rows.push((self.read)(row)?);
        Ok(self.rows.len() - 1)
    }
}

impl<K: Value, R: Send> RowSink for Related<K, R> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if let Some(number) = self.number(row)? {
            let position = self.position(row)?;
            self.pairs.push((number, position));
        }
        Ok(())
    }

    fn restart(&mut self) {
        let (rows, pairs) = self.kept;
        self.rows.truncate(rows);
        self.pairs.truncate(pairs);
        self.known.retain(|_, position| *position < rows);
    }
}

impl<K: Value, R: Send> PlanSink for Related<K, R> {
    fn keep(&mut self) {
        self.kept = (self.rows.len(), self.pairs.len());
    }
}
