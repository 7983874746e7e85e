//! What the engine needs to know of a model's class: its table, and for each field where instances keep it and how
//! it is converted.

use super::base::ModelBase;
use super::layout;
use crate::schema::Table;
use crate::session::Slot;
use crate::values::{Codec, Timezone};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType, PyWeakrefReference};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::schema::Table as CoreTable;
use std::ops::Deref;
use std::sync::Arc;

/// A model's shape. Positions of `columns` are those of the table's visible columns.
pub struct Shape {
    pub table: Arc<CoreTable>,
    pub columns: Vec<PyColumn>,
    /// The class that the offsets of the columns are about.
    pub(super) class: Py<PyWeakrefReference>,
}

/// The fields of a model as one session reads and writes them.
pub struct Fields<'a> {
    shape: &'a Shape,
    /// What a naive datetime among their values means: this zone, or local time.
    pub timezone: Option<&'a Timezone>,
    /// What a dictionary is that a filter is given.
    pub dictionaries: Dictionaries,
}

/// What a dictionary is that a filter is given for a field.
#[derive(Clone, Copy)]
pub enum Dictionaries {
    /// Operators: `{"gte": 18}`.
    Operators,
    /// An error, for the call looks for one row by its values.
    OneRow(&'static str),
    /// An error, for the database takes none.
    Refused,
}

impl<'a> Fields<'a> {
    pub fn new(shape: &'a Shape, slot: &'a Slot) -> Self {
        let dictionaries = match slot.settings().operators {
            true => Dictionaries::Operators,
            false => Dictionaries::Refused,
        };
        Self { shape, timezone: slot.timezone(), dictionaries }
    }

    /// For an object that may be of no session.
    pub fn of(shape: &'a Shape, slot: Option<&'a Arc<Slot>>) -> Self {
        let timezone = slot.and_then(|slot| slot.timezone());
        Self { shape, timezone, dictionaries: Dictionaries::Operators }
    }

    /// For the filters of a verb that looks for one row by its values.
    pub fn for_one_row(self, verb: &'static str) -> Self {
        Self { dictionaries: Dictionaries::OneRow(verb), ..self }
    }
}

impl Deref for Fields<'_> {
    type Target = Shape;

    fn deref(&self) -> &Shape {
        self.shape
    }
}

/// A field of a model.
pub struct PyColumn {
    /// Interned: attribute names that Python passes are the same object.
    pub name: Py<PyString>,
    pub text: String,
    /// Where instances keep the value, in bytes from their start.
    pub(super) offset: isize,
    pub codec: Codec,
    /// A function that makes the value of a row created without one.
    pub default: Option<Py<PyAny>>,
    pub description: Option<Py<PyDict>>,
}

impl PyColumn {
    pub fn new(
        class: &Bound<'_, PyType>,
        name: &Bound<'_, PyString>,
        codec: Codec,
        description: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let py = class.py();
        let name = PyString::intern(py, name.to_str()?);
        let default = description.get_item("default")?.filter(|default| default.is_callable());
        let validators = description.get_item("validators")?;
        let validated = validators.is_some_and(|list| list.is_truthy().unwrap_or(true));
        Ok(Self {
            offset: layout::offset(class, &name)?,
            text: name.to_str()?.to_owned(),
            name: name.unbind(),
            codec,
            default: default.map(Bound::unbind),
            description: validated.then(|| description.clone().unbind()),
        })
    }

    /// Shows the cycle collector the objects of the field's declaration.
    pub fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.default)?;
        visit.call(&self.description)?;
        match &self.codec {
            Codec::Array(kind) => visit.call(kind),
            Codec::Enum(members) => members.iter().try_for_each(|(_, member)| visit.call(member)),
            _ => Ok(()),
        }
    }
}

impl Shape {
    /// The shape of a class's instances. `columns` MUST be of that class.
    pub fn new(class: &Bound<'_, PyType>, table: Arc<CoreTable>, columns: Vec<PyColumn>) -> PyResult<Self> {
        Ok(Self { table, columns, class: PyWeakrefReference::new(class)?.unbind() })
    }

    /// Whether rows hold plain values only, which refer to nothing.
    pub fn is_plain(&self) -> bool {
        self.columns.iter().all(|column| !matches!(column.codec, Codec::Json | Codec::Array(_)))
    }

    /// The position of a field by its name.
    pub fn position(&self, name: &Bound<'_, PyString>) -> Option<usize> {
        let same = self.columns.iter().position(|column| column.name.as_ptr() == name.as_ptr());
        same.or_else(|| {
            let text = name.to_str().ok()?;
            self.columns.iter().position(|column| column.text == text)
        })
    }
}

/// The shape of a model's class.
pub fn shape_of(class: &Bound<'_, PyType>) -> PyResult<Arc<Shape>> {
    let py = class.py();
    let table = class.getattr(intern!(py, "__table__")).map_err(|_| {
        let name = class.name().map(|name| name.to_string()).unwrap_or_default();
        let message = format!("{name} is abstract and has no table: use a model that declares one");
        crate::errors::raise(py, "SchemaError", (message,))
    })?;
    let shape = table.cast::<Table>()?.get().shape.clone();
    if shape.fits(class) {
        return Ok(shape);
    }
    let (name, model) = (class.name()?, &shape.table.model);
    let message = format!(
        "{name}.__table__ is the table of {model}, and {name} does not derive from {model}: a table is of the class \
         that declares it. Declare {name} as a model with fields of its own"
    );
    Err(crate::errors::raise(py, "SchemaError", (message,)))
}

/// The shape of an object: the one it was made or read with, or its class's.
pub fn shape_of_object(object: &Bound<'_, ModelBase>) -> PyResult<Arc<Shape>> {
    let Some(known) = object.borrow().shape.clone() else { return shape_of(&object.get_type()) };
    known.slots(object.as_any())?;
    Ok(known)
}
