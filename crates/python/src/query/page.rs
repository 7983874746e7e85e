//! Pages: by number, with the total; and by cursor.

use super::Query;
use super::run::related;
use crate::awaitable::Coroutine;
use crate::errors::{invalid, to_python};
use crate::rows::{Objects, Scalar};
use crate::session::flush;
use crate::values::{describe, shown};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};
use reprieve_core::query::{Expr, Select};

/// An argument as the caller gave it; `None`: left out.
pub struct Given(pub Option<Py<PyAny>>);

impl FromPyObject<'_, '_> for Given {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(Some(object.to_owned().unbind())))
    }
}

/// A number from 1 on, such as that of a page; larger than any number of rows when it is beyond 64 bits.
pub fn positive(py: Python<'_>, name: &str, given: &Given, default: u64) -> PyResult<u64> {
    let Some(given) = &given.0 else { return Ok(default) };
    let given = given.bind(py);
    if !given.is_instance_of::<PyInt>() || given.is_instance_of::<PyBool>() {
        return Err(invalid(py, name, format!("{name} expects an int from 1 on, got {}", shown(given))));
    }
    if given.lt(1)? {
        return Err(invalid(py, name, format!("{name} counts from 1, got {}", shown(given))));
    }
    Ok(given.extract::<i64>().map_or(i64::MAX as u64, i64::cast_unsigned))
}

/// A cursor, or none for the first page.
fn cursor_of(py: Python<'_>, cursor: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
    let Some(cursor) = cursor else { return Ok(None) };
    match cursor.cast::<PyString>() {
        // A text with lone surrogates is no cursor either: what is left of it is refused as one.
        Ok(text) => Ok(Some(text.to_string_lossy().into_owned())),
        Err(_) => {
            let got = describe(cursor);
            let message = format!(
                "cursor expects a str, got {got}: pass the next_cursor of the page before, or None for the first page"
            );
            Err(invalid(py, "cursor", message))
        }
    }
}

impl Query {
    /// A page takes the place of limit and offset.
    fn refuse_window(&self, py: Python<'_>) -> PyResult<()> {
        let name = match (self.limit, self.offset) {
            (Some(_), _) => "limit",
            (_, 1..) => "offset",
            _ => return Ok(()),
        };
        let message = format!("a query with {name}() has no pages: leave it out, page_size takes its place");
        Err(invalid(py, name, message))
    }

    /// The page of that number, and how many there are.
    pub fn by_number(&self, py: Python<'_>, page: &Given, page_size: &Given) -> Coroutine {
        Coroutine::from_result("paginate", self.prepare_by_number(py, page, page_size))
    }

    fn prepare_by_number(
        &self,
        py: Python<'_>,
        page: &Given,
        page_size: &Given,
    ) -> PyResult<impl Future<Output = PyResult<Py<PyAny>>> + Send + use<>> {
        self.refuse_window(py)?;
        let (number, size) = (positive(py, "page", page, 1)?, positive(py, "page_size", page_size, 20)?);
        let count = Select::columns(self.source(), vec![Expr::Count]).filter(self.filter.clone());
        let mut select = self.select();
        select.order_all();
        select.limit = Some(size);
        select.offset = (number - 1).saturating_mul(size);
        // A number beyond 64 bits is answered as it was asked.
        let asked = page.0.as_ref().map(|page| page.clone_ref(py));
        let (slot, includes) = (self.session.clone(), self.includes.clone());
        let mut objects = Objects::many(py, self.class.clone_ref(py), self.shape.clone(), slot.clone());
        let model = self.shape.table.model.clone();
        Ok(async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let raise = |error| Python::attach(|py| to_python(py, &model, error));
            let mut total = Scalar::default();
            work.select(count, &mut total).await.map_err(raise)?;
            let total = total.0.map_or(0, i64::cast_unsigned);
            // A page far past the end would be searched for through the whole table.
            if select.offset < total {
                work.select(select, &mut objects).await.map_err(raise)?;
            }
            let items = related(&mut work, &slot, objects, &includes).await?;
            Python::attach(|py| {
                let pages = total.div_ceil(size);
                let page = PyDict::new(py);
                page.set_item(intern!(py, "items"), items)?;
                page.set_item(intern!(py, "total"), total)?;
                match asked {
                    Some(asked) => page.set_item(intern!(py, "page"), asked)?,
                    None => page.set_item(intern!(py, "page"), number)?,
                }
                page.set_item(intern!(py, "page_size"), size)?;
                page.set_item(intern!(py, "total_pages"), pages)?;
                page.set_item(intern!(py, "has_next"), number < pages)?;
                page.set_item(intern!(py, "has_prev"), number > 1 && pages > 0)?;
                Ok(page.into_any().unbind())
            })
        })
    }

    /// The page behind a cursor, and the cursor of the next one.
    pub fn by_cursor(
        &self,
        py: Python<'_>,
        cursor: Option<&Bound<'_, PyAny>>,
        page_size: &Given,
    ) -> Coroutine {
        Coroutine::from_result("paginate_by_cursor", self.prepare_by_cursor(py, cursor, page_size))
    }

    fn prepare_by_cursor(
        &self,
        py: Python<'_>,
        cursor: Option<&Bound<'_, PyAny>>,
        page_size: &Given,
    ) -> PyResult<impl Future<Output = PyResult<Py<PyAny>>> + Send + use<>> {
        self.refuse_window(py)?;
        let size = positive(py, "page_size", page_size, 20)?;
        let cursor = cursor_of(py, cursor)?;
        let select = self.select();
        let (slot, includes) = (self.session.clone(), self.includes.clone());
        let mut objects = Objects::many(py, self.class.clone_ref(py), self.shape.clone(), slot.clone());
        let model = self.shape.table.model.clone();
        Ok(async move {
            let mut work = slot.take().await?;
            flush(&slot, &mut work).await?;
            let next = work.read_page(select, cursor.as_deref(), size, &mut objects).await;
            let next = next.map_err(|error| Python::attach(|py| to_python(py, &model, error)))?;
            let items = related(&mut work, &slot, objects, &includes).await?;
            Python::attach(|py| {
                let page = PyDict::new(py);
                page.set_item(intern!(py, "items"), items)?;
                page.set_item(intern!(py, "has_next"), next.is_some())?;
                page.set_item(intern!(py, "next_cursor"), next)?;
                page.set_item(intern!(py, "page_size"), size)?;
                Ok(page.into_any().unbind())
            })
        })
    }
}
