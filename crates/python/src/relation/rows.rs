//! Rows of a relation on their way into objects, each beside the key that it belongs to.

use super::key::Key;
use crate::model::Shape;
use crate::rows::Objects;
use crate::session::Slot;
use pyo3::prelude::*;
use pyo3::types::PyType;
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_engine::PlanSink;
use std::collections::HashMap;
use std::sync::Arc;

/// Takes rows of all visible columns and then the key that each belongs to.
pub struct Related {
    objects: Objects,
    /// Where the row's own key is, when one row may belong to several keys: it is one object then.
    shared: Option<usize>,
    known: HashMap<Key, Py<PyAny>>,
    keys: HashMap<Key, usize>,
    key_column: usize,
    last: Option<(Key, usize)>,
    /// Each object, and the number of the key it belongs to.
    pub found: Vec<(usize, Py<PyAny>)>,
    kept: usize,
}

impl Related {
    /// For rows that belong to these keys, which are numbered in any order.
    pub fn new(
        class: Py<PyType>,
        shape: &Arc<Shape>,
        slot: &Arc<Slot>,
        keys: HashMap<Key, usize>,
        shared: bool,
    ) -> Self {
        Self {
            objects: Objects::each(class, shape.clone(), slot.clone()),
            shared: shared.then_some(shape.table.primary_key),
            known: HashMap::new(),
            keys,
            key_column: shape.columns.len(),
            last: None,
            found: Vec::new(),
            kept: 0,
        }
    }

    /// The row of a reference that is read for one object: it is read alone too.
    pub fn alone(mut self) -> Self {
        self.objects = self.objects.alone();
        self
    }

    /// The number of the key that a row belongs to. Rows come ordered by it: most repeat the last one.
    fn number(&mut self, row: &dyn Row) -> Result<Option<usize>> {
        let cell = row.cell(self.key_column)?;
        if let (Some((Key::Int(last), number)), reprieve_core::value::Cell::Int(key)) = (&self.last, cell)
            && *last == key
        {
            return Ok(Some(*number));
        }
        let Some(key) = Key::of_cell(cell) else { return Ok(None) };
        let number = self.keys.get(&key).copied();
        self.last = number.map(|number| (key, number));
        Ok(number)
    }
}

impl RowSink for Related {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let Some(number) = self.number(row)? else { return Ok(()) };
        let own = self.shared.map(|position| row.cell(position)).transpose()?.and_then(Key::of_cell);
        if let Some(known) = own.as_ref().and_then(|own| self.known.get(own)) {
            let known = Python::attach(|py| known.clone_ref(py));
            self.found.push((number, known));
            return Ok(());
        }
        self.objects.row(row)?;
        let Some(object) = self.objects.take_one() else { return Ok(()) };
        if let Some(own) = own {
            self.known.insert(own, Python::attach(|py| object.clone_ref(py)));
        }
        self.found.push((number, object));
        Ok(())
    }

    fn restart(&mut self) {
        self.found.truncate(self.kept);
        self.last = None;
    }
}

impl PlanSink for Related {
    fn keep(&mut self) {
        self.kept = self.found.len();
        self.last = None;
    }
}
