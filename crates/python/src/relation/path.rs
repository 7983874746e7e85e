//! Where a relation leads: worked out once for each, from names that the models give.

use crate::arguments::Name;
use crate::errors::to_python;
use crate::model::Shape;
use crate::schema::{Schema, Table};
use pyo3::prelude::*;
use pyo3::types::PyString;
use reprieve_core::query::{RelationPath, Via};
use reprieve_core::schema::Table as CoreTable;
use std::sync::Arc;

#[doc = text!("LinkTable")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct LinkTable {
    pub table: Arc<CoreTable>,
}

#[pymethods]
impl LinkTable {
    /// Declares it: each end is a column's name and the name of the table it refers to.
    #[new]
    fn new(
        py: Python<'_>,
        schema: &Schema,
        name: Name,
        left: (Name, Name),
        right: (Name, Name),
    ) -> PyResult<Self> {
        let Name(name) = name;
        let table = CoreTable::links(&name, (&left.0.0, &left.1.0), (&right.0.0, &right.1.0))
            .map_err(|error| to_python(py, &name, error))?;
        schema.inner.declare(table.clone()).map_err(|error| to_python(py, &name, error))?;
        Ok(Self { table })
    }

    /// The table's name.
    #[getter]
    fn name(&self) -> &str {
        &self.table.name
    }
}

#[doc = text!("RelationPath")]
#[pyclass(frozen, name = "RelationPath", module = "fastapi_orm._engine")]
pub struct Path {
    /// The attribute.
    pub name: Py<PyString>,
    /// `User.posts`, for messages.
    pub place: String,
    /// A list, or one row.
    pub many: bool,
    /// The position of the owner's field whose value is asked for: its key, or its reference.
    pub own: usize,
    pub owner: Arc<Shape>,
    pub target: Arc<Shape>,
    pub path: RelationPath,
}

#[pymethods]
impl Path {
    /// With a table of links, `key` and `far` are its columns with the key of the owner and of the target. Without,
    /// `key` is the foreign key: the owner's field, or the target's when there are `many`.
    #[new]
    #[pyo3(signature = (name, place, owner, target, many, key, links=None, far=None))]
    #[allow(clippy::too_many_arguments, reason = "called by the relation's descriptor only")]
    fn new(
        name: &Bound<'_, PyString>,
        place: String,
        owner: &Table,
        target: &Table,
        many: bool,
        key: &str,
        links: Option<&Bound<'_, PyAny>>,
        far: Option<&str>,
    ) -> PyResult<Self> {
        let py = name.py();
        let column = |table: &CoreTable, name: &str| {
            table.position(name).ok_or_else(|| {
                let message = format!("{place} needs the column '{name}', which '{}' has not", table.name);
                crate::errors::raise(py, "SchemaError", (message,))
            })
        };
        let (owner, target) = (owner.shape.clone(), target.shape.clone());
        let (own, via) = match links {
            Some(links) => {
                let table = match links.cast::<LinkTable>() {
                    Ok(links) => links.get().table.clone(),
                    Err(_) => links.cast::<Table>()?.get().shape.table.clone(),
                };
                let (near, far) = (column(&table, key)?, column(&table, far.unwrap_or_default())?);
                (owner.table.primary_key, Via::Links { table, near, far })
            }
            None if many => (owner.table.primary_key, Via::Column(column(&target.table, key)?)),
            None => (column(&owner.table, key)?, Via::Column(target.table.primary_key)),
        };
        let path = RelationPath { target: target.table.clone(), via };
        let name = PyString::intern(py, name.to_str()?).unbind();
        Ok(Self { name, place, many, own, owner, target, path })
    }
}

impl Path {
    /// The column whose value says which rows belong to a key: that of the rows, or of their links.
    pub fn membership(&self) -> (u32, usize) {
        match &self.path.via {
            Via::Column(column) => (self.target.table.id, *column),
            Via::Links { table, near, .. } => (table.id, *near),
        }
    }
}
