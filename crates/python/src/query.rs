//! Queries: built step by step, run when they are awaited.

use crate::awaitable::Coroutine;
use crate::errors::{invalid, to_python};
use crate::filters;
use crate::model::{ModelBase, Shape};
use crate::relation::{Include, Includes, load_includes};
use crate::rows::{Objects, Scalar};
use crate::session::{Slot, flush};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple, PyType};
use reprieve_core::driver::RowSink;
use reprieve_core::query::{Expr, Order, Predicate, Select, Source, Visibility};
use std::sync::Arc;

/// The rows of a model that fulfil some filters. `await` it for a list of objects.
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
    pub fn page(mut self, py: Python<'_>, limit: Option<i64>, offset: i64) -> PyResult<Self> {
        self.limit = limit.map(|rows| not_negative(py, "limit", rows)).transpose()?;
        self.offset = not_negative(py, "offset", offset)?;
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
        Coroutine::new(name, objects_of(slot, select, objects, self.includes.clone()))
    }

    fn run(&self, py: Python<'_>) -> Coroutine {
        let select = self.select();
        let slot = self.session.clone();
        let objects = Objects::many(py, self.class.clone_ref(py), self.shape.clone(), slot.clone());
        Coroutine::new("Query", objects_of(slot, select, objects, self.includes.clone()))
    }
}

/// What can go wrong in [`fetch`].
pub enum Failure {
    Python(PyErr),
    Engine(reprieve_core::Error),
}

impl Failure {
    pub fn raise(self, operation: &str) -> PyErr {
        match self {
            Self::Python(error) => error,
            Self::Engine(error) => Python::attach(|py| to_python(py, operation, error)),
        }
    }
}

/// Runs a query for objects, and loads their relations: a list of objects, or one or None.
async fn objects_of(
    slot: Arc<Slot>,
    select: Select,
    mut objects: Objects,
    includes: Includes,
) -> PyResult<Py<PyAny>> {
    let table = select.from.table.clone();
    let mut work = slot.take()?;
    flush(&slot, &mut work).await?;
    let read = work.select(select, &mut objects).await;
    read.map_err(|error| Failure::Engine(error).raise(&table.model))?;
    let found = objects.take();
    if !includes.is_empty() {
        let owners = Python::attach(|py| owners(found.bind(py)))?;
        load_includes(&mut work, &slot, &includes, owners).await?;
    }
    Ok(found)
}

/// The objects found, whether one, none or a list.
fn owners(found: &Bound<'_, PyAny>) -> PyResult<Vec<Py<ModelBase>>> {
    let one = |object: Bound<'_, PyAny>| Ok(object.cast_into::<ModelBase>()?.unbind());
    match found.cast::<PyList>() {
        Ok(list) => list.iter().map(one).collect(),
        Err(_) if found.is_none() => Ok(Vec::new()),
        Err(_) => Ok(vec![one(found.clone())?]),
    }
}

/// Writes pending changes, so that the query sees them, and runs it.
pub async fn fetch(slot: &Arc<Slot>, select: Select, sink: &mut dyn RowSink) -> Result<(), Failure> {
    let mut work = slot.take().map_err(Failure::Python)?;
    flush(slot, &mut work).await.map_err(Failure::Python)?;
    work.select(select, sink).await.map_err(Failure::Engine)
}

#[pymethods]
impl Query {
    /// `Query[Post]`, for annotations.
    #[classmethod]
    fn __class_getitem__(cls: &Bound<'_, PyType>, item: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let alias = cls.py().import("types")?.getattr("GenericAlias")?;
        Ok(alias.call1((cls, item))?.unbind())
    }

    fn __await__(&self, py: Python<'_>) -> Coroutine {
        self.run(py)
    }

    /// Rows that also fulfil these.
    #[pyo3(signature = (*conditions, **filters))]
    fn filter(
        &self,
        py: Python<'_>,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let more = filters::conditions(&self.shape, conditions)?;
        Ok(self.narrowed(py, more.and(filters::predicate(&self.shape, filters)?)))
    }

    /// In this order; a minus before a name means largest first.
    #[pyo3(signature = (*names))]
    fn order_by(&self, names: &Bound<'_, PyTuple>) -> PyResult<Self> {
        self.ordered(names.as_any())
    }

    /// With these relations loaded, each by one statement; dots lead to relations of relations.
    #[pyo3(signature = (*names, with_deleted=false))]
    fn include(&self, names: &Bound<'_, PyTuple>, with_deleted: bool) -> PyResult<Self> {
        let py = names.py();
        let mut next = self.copy(py);
        for name in names.iter() {
            next.includes =
                Include::add(&next.includes, self.class.bind(py), &name.extract::<String>()?, with_deleted)?;
        }
        Ok(next)
    }

    /// At most this many rows.
    fn limit(&self, py: Python<'_>, rows: Option<i64>) -> PyResult<Self> {
        let mut next = self.copy(py);
        next.limit = rows.map(|rows| not_negative(py, "limit", rows)).transpose()?;
        Ok(next)
    }

    /// After leaving out this many rows.
    fn offset(&self, py: Python<'_>, rows: i64) -> PyResult<Self> {
        let mut next = self.copy(py);
        next.offset = not_negative(py, "offset", rows)?;
        Ok(next)
    }

    /// How many rows there are, of those that limit and offset leave.
    pub fn count(&self) -> Coroutine {
        let select = Select::columns(self.source(), vec![Expr::Count]).filter(self.filter.clone());
        let (limit, offset) = (self.limit, self.offset);
        let slot = self.session.clone();
        Coroutine::new("Query.count", async move {
            let table = select.from.table.clone();
            let mut count = Scalar::default();
            fetch(&slot, select, &mut count).await.map_err(|f| f.raise(&table.model))?;
            let rows = u64::try_from(count.0.unwrap_or(0)).unwrap_or(0).saturating_sub(offset);
            let rows = limit.map_or(rows, |limit| rows.min(limit));
            Python::attach(|py| Ok(rows.into_pyobject(py)?.into_any().unbind()))
        })
    }

    /// Whether there is any row.
    pub fn exists(&self) -> Coroutine {
        let mut select =
            Select::columns(self.source(), vec![self.source().key()]).filter(self.filter.clone());
        select.limit = Some(1);
        select.offset = self.offset;
        let empty = self.limit == Some(0);
        let slot = self.session.clone();
        Coroutine::new("Query.exists", async move {
            let table = select.from.table.clone();
            let mut found = Found::default();
            fetch(&slot, select, &mut found).await.map_err(|f| f.raise(&table.model))?;
            Python::attach(|py| Ok((found.0 && !empty).into_pyobject(py)?.to_owned().into_any().unbind()))
        })
    }

    /// The first row, by the query's order or else by key, or None.
    pub fn first(&self, py: Python<'_>) -> Coroutine {
        let mut first = self.copy(py);
        first.limit = Some(self.limit.map_or(1, |limit| limit.min(1)));
        first.one("Query.first", py, first.select())
    }

    /// The last row, by the query's order or else by key, or None.
    pub fn last(&self, py: Python<'_>) -> Coroutine {
        let mut select = self.select();
        if select.limit.is_none() && select.offset == 0 {
            select.order_all();
            select.reverse();
            select.limit = Some(1);
        }
        self.one("Query.last", py, select)
    }
}

#[derive(Default)]
struct Found(bool);

impl RowSink for Found {
    fn row(&mut self, _: &dyn reprieve_core::driver::Row) -> reprieve_core::Result<()> {
        self.0 = true;
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = false;
    }
}

/// A number of rows.
pub fn not_negative(py: Python<'_>, name: &str, rows: i64) -> PyResult<u64> {
    u64::try_from(rows).map_err(|_| invalid(py, name, format!("expects 0 or more rows, got {rows}")))
}
