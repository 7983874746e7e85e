//! What Python calls on a query.

use super::run::{Found, fetch};
use super::{Given, Query, Stream, not_negative};
use crate::arguments::Reason;
use crate::awaitable::Coroutine;
use crate::filters;
use crate::model::Fields;
use crate::relation::Include;
use crate::rows::Scalar;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::{Expr, Select};
use reprieve_engine::deletion::{Delete, Restore};

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

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.visit(&visit)
    }

    fn __aiter__(&self, py: Python<'_>) -> PyResult<Stream> {
        self.in_batches(py, "batch_size", &Given(None), false)
    }

    #[doc = text!("Query.stream")]
    #[pyo3(signature = (batch_size=Given(None)), text_signature = "($self, batch_size=1000)")]
    fn stream(&self, py: Python<'_>, batch_size: Given) -> PyResult<Stream> {
        self.in_batches(py, "batch_size", &batch_size, false)
    }

    #[doc = text!("Query.batches")]
    #[pyo3(signature = (size=Given(None)), text_signature = "($self, size=1000)")]
    fn batches(&self, py: Python<'_>, size: Given) -> PyResult<Stream> {
        self.in_batches(py, "size", &size, true)
    }

    #[doc = text!("Query.paginate")]
    #[pyo3(
        signature = (page=Given(None), page_size=Given(None)),
        text_signature = "($self, page=1, page_size=20)"
    )]
    fn paginate(&self, py: Python<'_>, page: Given, page_size: Given) -> Coroutine {
        self.by_number(py, &page, &page_size)
    }

    #[doc = text!("Query.paginate_by_cursor")]
    #[pyo3(
        signature = (cursor=None, page_size=Given(None)),
        text_signature = "($self, cursor=None, page_size=20)"
    )]
    fn paginate_by_cursor(
        &self,
        py: Python<'_>,
        cursor: Option<&Bound<'_, PyAny>>,
        page_size: Given,
    ) -> Coroutine {
        self.by_cursor(py, cursor, &page_size)
    }

    #[doc = text!("Query.filter")]
    #[pyo3(signature = (*conditions, **filters))]
    fn filter(
        &self,
        py: Python<'_>,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let fields = Fields::new(&self.shape, &self.session);
        let more = filters::conditions(&fields, conditions)?;
        Ok(self.narrowed(py, more.and(filters::predicate(&fields, filters)?)))
    }

    #[doc = text!("Query.order_by")]
    #[pyo3(signature = (*names))]
    fn order_by(&self, names: &Bound<'_, PyTuple>) -> PyResult<Self> {
        self.ordered(names.as_any())
    }

    #[doc = text!("Query.include")]
    #[pyo3(signature = (*names, with_deleted=false))]
    fn include(&self, names: &Bound<'_, PyTuple>, with_deleted: bool) -> PyResult<Self> {
        let py = names.py();
        let mut next = self.copy(py);
        for name in names.iter() {
            next.includes = Include::add(
                &next.includes,
                self.class.bind(py),
                &name.cast::<PyString>()?.to_string_lossy(),
                with_deleted,
            )?;
        }
        Ok(next)
    }

    #[doc = text!("Query.limit")]
    fn limit(&self, py: Python<'_>, rows: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut next = self.copy(py);
        next.limit = rows.map(|rows| not_negative("limit", rows)).transpose()?;
        Ok(next)
    }

    #[doc = text!("Query.offset")]
    fn offset(&self, py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut next = self.copy(py);
        next.offset = not_negative("offset", rows)?;
        Ok(next)
    }

    #[doc = text!("Query.count")]
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

    #[doc = text!("Query.exists")]
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

    #[doc = text!("Query.first")]
    pub fn first(&self, py: Python<'_>) -> Coroutine {
        let mut first = self.copy(py);
        first.limit = Some(self.limit.map_or(1, |limit| limit.min(1)));
        first.one("Query.first", py, first.select())
    }

    #[doc = text!("Query.last")]
    pub fn last(&self, py: Python<'_>) -> Coroutine {
        let mut select = self.select();
        if select.limit.is_none() && select.offset == 0 {
            select.order_all();
            select.reverse();
            select.limit = Some(1);
        }
        self.one("Query.last", py, select)
    }

    #[doc = text!("Query.update")]
    #[pyo3(signature = (*, all=false, _audit_user_id=None, **values))]
    fn update(
        &self,
        py: Python<'_>,
        all: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        if all && self.shape.columns.iter().any(|column| column.text == "all") {
            let message = format!(
                "{}.all and the keyword that means every row have one name in update(): set the field with bulk_update() \
                 or on objects, or give the query a condition",
                self.shape.table.model
            );
            return Coroutine::failed("Query.update", crate::errors::invalid(py, "all", message));
        }
        self.target(py, all, _audit_user_id).update(values)
    }

    #[doc = text!("Query.delete")]
    #[pyo3(signature = (*, force=false, all=false, _audit_user_id=None))]
    fn delete(
        &self,
        py: Python<'_>,
        force: bool,
        all: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        self.target(py, all, _audit_user_id).delete(force)
    }

    #[doc = text!("Query.soft_delete")]
    #[pyo3(signature = (*, cascade=false, reason=None, all=false, _audit_user_id=None))]
    fn soft_delete(
        &self,
        py: Python<'_>,
        cascade: bool,
        reason: Option<Reason>,
        all: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        let options = Delete { cascade, reason: reason.map(|reason| reason.0), ..Delete::default() };
        self.target(py, all, _audit_user_id).soft_delete(options)
    }

    #[doc = text!("Query.restore")]
    #[pyo3(signature = (*, cascade=false, ancestors=false, all=false, _audit_user_id=None))]
    fn restore(
        &self,
        py: Python<'_>,
        cascade: bool,
        ancestors: bool,
        all: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        self.target(py, all, _audit_user_id).restore(Restore { cascade, ancestors })
    }
}
