//! Queries: built step by step, run when they are awaited.
//!
//! A query is a value: each step makes another one, and none of them has read anything. `methods` is what Python calls,
//! `run` is how rows are read, `page` and `stream` how they are read part by part.

mod methods;
mod page;
mod run;
mod stream;

pub use page::Given;
pub use stream::Stream;

use crate::awaitable::Coroutine;
use crate::errors::invalid;
use crate::filters;
use crate::model::Shape;
use crate::relation::{Include, Includes};
use crate::rows::Objects;
use crate::session::Slot;
use crate::values::shown;
use crate::verbs::Target;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::{Order, Predicate, Select, Source, Visibility};
use std::sync::Arc;

#[doc = text!("Query")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Query {
    class: Py<PyType>,
    shape: Arc<Shape>,
    session: Arc<Slot>,
    visibility: Visibility,
    filter: Predicate,
    order: Vec<Order>,
    limit: Option<u64>,
    offset: u64,
    includes: Includes,
}

impl Query {
    pub fn new(
        class: Py<PyType>,
        shape: Arc<Shape>,
        session: Arc<Slot>,
        visibility: Visibility,
        filter: Predicate,
    ) -> Self {
        Self {
            class,
            shape,
            session,
            visibility,
            filter,
            order: Vec::new(),
            limit: None,
            offset: 0,
            includes: Includes::new(),
        }
    }

    fn copy(&self, py: Python<'_>) -> Self {
        Self {
            class: self.class.clone_ref(py),
            shape: self.shape.clone(),
            session: self.session.clone(),
            visibility: self.visibility,
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            includes: self.includes.clone(),
        }
    }

    /// A page of it.
    pub fn page(
        mut self,
        limit: Option<&Bound<'_, PyAny>>,
        offset: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        self.limit = limit.map(|rows| not_negative("limit", rows)).transpose()?;
        self.offset = offset.map_or(Ok(0), |rows| not_negative("offset", rows))?;
        Ok(self)
    }

    /// With this condition too.
    pub fn narrowed(&self, py: Python<'_>, more: Predicate) -> Self {
        let mut next = self.copy(py);
        next.filter = next.filter.and(more);
        next
    }

    /// In the order of these names too.
    pub fn ordered(&self, names: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut next = self.copy(names.py());
        next.order.extend(filters::order(&self.shape, names)?);
        Ok(next)
    }

    /// Shows the cycle collector what the query alone holds.
    fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.class)?;
        Include::visit(&self.includes, visit)
    }

    fn source(&self) -> Source {
        Source::new(0, &self.shape.table, self.visibility)
    }

    fn select(&self) -> Select {
        let mut select = Select::rows(self.source()).filter(self.filter.clone());
        select.order = self.order.clone();
        select.limit = self.limit;
        select.offset = self.offset;
        if select.limit.is_some() || select.offset > 0 {
            // Pages would overlap without an order of all rows.
            select.order_all();
        }
        select
    }

    /// The last row that a statement finds, or None.
    fn one(&self, name: &'static str, py: Python<'_>, select: Select) -> Coroutine {
        let slot = self.session.clone();
        let objects = Objects::single(self.class.clone_ref(py), self.shape.clone(), slot.clone());
        Coroutine::new(name, run::objects_of(slot, select, objects, self.includes.clone()))
    }

    /// What a verb on all of its rows is about.
    fn target<'a, 'py>(
        &'a self,
        py: Python<'py>,
        all: bool,
        user: Option<&'a Bound<'py, PyAny>>,
    ) -> Target<'a, 'py> {
        let (shape, slot, select) = (self.shape.clone(), self.session.clone(), self.select());
        Target { class: self.class.bind(py), shape, slot, select, all, user }
    }

    fn run(&self, py: Python<'_>) -> Coroutine {
        let select = self.select();
        let slot = self.session.clone();
        let objects = Objects::many(py, self.class.clone_ref(py), self.shape.clone(), slot.clone());
        Coroutine::new("Query", run::objects_of(slot, select, objects, self.includes.clone()))
    }
}

/// A number of rows.
pub fn not_negative(name: &str, rows: &Bound<'_, PyAny>) -> PyResult<u64> {
    let number = if rows.is_instance_of::<PyBool>() { None } else { rows.extract::<i64>().ok() };
    number.and_then(|number| u64::try_from(number).ok()).ok_or_else(|| {
        let message = format!("expects 0 or more rows, in 64 bits, got {}", shown(rows));
        invalid(rows.py(), name, message)
    })
}
