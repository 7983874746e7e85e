//! Relations: the rows on the other side of a foreign key, read when they are awaited.

use crate::model::{ModelBase, get_slot, shape_of, state_of};
use crate::query::Query;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};
use reprieve_core::query::{Expr, Predicate, Visibility};
use reprieve_core::value::Value;

/// What `post.author` or `user.posts` is: awaitable for the live row (or None), or the list of live rows.
#[pyfunction]
pub fn load_relation(object: &Bound<'_, ModelBase>, relation: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = object.py();
    let Some(session) = object.borrow().session.clone() else {
        let name: String = relation.getattr(intern!(py, "name"))?.extract()?;
        let message =
            format!("'{name}' cannot be read: no session knows the object. Create it or get it first");
        return Err(crate::errors::raise(py, "SessionError", (message,)));
    };
    let many: bool = relation.getattr(intern!(py, "many"))?.extract()?;
    let (child, key): (Bound<'_, PyType>, Bound<'_, PyString>) =
        relation.call_method0(intern!(py, "link"))?.extract()?;
    let target = relation.call_method0(intern!(py, "target"))?.cast_into::<PyType>()?;
    let shape = shape_of(&target)?;
    let key = crate::filters::position(&*shape_of(&child)?, &key)?;
    let (position, value) = if many {
        (key, state_of(object)?.1)
    } else {
        let own = shape_of(&object.get_type())?;
        let value = get_slot(object.as_any(), own.columns[key].offset);
        let value = value.map(|value| crate::values::to_checked_value(&own, key, &value)).transpose()?;
        (shape.table.primary_key, value.unwrap_or(Value::Null))
    };
    // A reference to nothing leads nowhere; a comparison with NULL would find rows without a key.
    let filter = match value {
        Value::Null => Predicate::Or(Vec::new()),
        value => Predicate::equals(Expr::Column { source: 0, position }, value),
    };
    let query = Query::new(target.unbind(), shape, session, Visibility::Live, filter);
    let query = Py::new(py, query)?;
    if many { Ok(query.into_any()) } else { Ok(query.call_method0(py, intern!(py, "first"))?) }
}
