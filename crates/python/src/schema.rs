//! Declaring Python classes into the engine's schema.

use crate::arguments::Name;
use crate::errors::to_python;
use crate::model::{ModelBase, PyColumn, Shape, is_laid_out_as};
use crate::values::{Codec, to_value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::schema::{
    self as core, AuditLog, Column, ColumnType, Fill, ForeignKey, OnDelete, OverDeleted, Rules,
};
use std::sync::Arc;

#[doc = text!("Schema")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
#[derive(Default)]
pub struct Schema {
    pub inner: Arc<core::Schema>,
}

#[pymethods]
impl Schema {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Takes a table out, for a class that is declared anew.
    fn forget(&self, table: &str) {
        self.inner.forget(table);
    }
}

#[doc = text!("Table")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Table {
    pub shape: Arc<Shape>,
}

#[pymethods]
impl Table {
    #[new]
    #[pyo3(signature = (schema, model, name, fields, soft_delete, upsert_deleted, audit, together))]
    #[allow(clippy::too_many_arguments, reason = "called by the metaclass only")]
    fn new(
        schema: &Schema,
        model: &Bound<'_, PyType>,
        name: Name,
        fields: &Bound<'_, PyList>,
        soft_delete: bool,
        upsert_deleted: &Bound<'_, PyAny>,
        audit: bool,
        together: &Bound<'_, PyList>,
    ) -> PyResult<Self> {
        let py = model.py();
        let Name(model_name) = model.name()?.extract()?;
        expect_model(model)?;
        let mut builder = core::Table::builder(&*model_name, &*name.0);
        let mut columns = Vec::with_capacity(fields.len());
        for field in fields {
            let (name, description): (Bound<'_, PyString>, Bound<'_, PyDict>) = field.extract()?;
            let (column, codec) = column(&model_name, &name.extract::<Name>()?.0, &description)?;
            builder = builder.column(column);
            columns.push(PyColumn::new(model, &name, codec, &description)?);
        }
        for group in together {
            let (columns, unique, name): (Bound<'_, PyTuple>, bool, Option<Name>) = group.extract()?;
            let columns: Vec<String> = columns
                .iter()
                .map(|column| column.extract().map(|Name(name)| name))
                .collect::<PyResult<_>>()?;
            builder = builder.together(columns, unique, name.map(|name| name.0));
        }
        builder = if soft_delete { builder.soft_delete() } else { builder };
        builder = builder.over_deleted(policy(&model_name, upsert_deleted)?);
        builder = if audit { builder.audit() } else { builder };
        let table = builder.build().map_err(|error| to_python(py, &model_name, error))?;
        schema.inner.declare(table.clone()).map_err(|error| to_python(py, &model_name, error))?;
        Ok(Self { shape: Arc::new(Shape::new(model, table, columns)?) })
    }

    /// The engine's audit log, as the table of a class: it is declared in the engine, for every schema.
    #[staticmethod]
    fn audit_log(model: &Bound<'_, PyType>, fields: &Bound<'_, PyList>) -> PyResult<Self> {
        expect_model(model)?;
        let mut columns = Vec::with_capacity(fields.len());
        for field in fields {
            let (name, description): (Bound<'_, PyString>, Bound<'_, PyDict>) = field.extract()?;
            let (_, codec) = column("AuditLog", name.to_str()?, &description)?;
            columns.push(PyColumn::new(model, &name, codec, &description)?);
        }
        Ok(Self { shape: Arc::new(Shape::new(model, AuditLog::table().clone(), columns)?) })
    }

    /// The table's name.
    #[getter]
    fn name(&self) -> &str {
        &self.shape.table.name
    }

    // Many hold the shape, but the class owns it through this object: it alone shows the collector what is in it.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.shape.columns.iter().try_for_each(|column| column.visit(&visit))
    }
}

/// A table is of a class whose objects are models.
fn expect_model(class: &Bound<'_, PyType>) -> PyResult<()> {
    if is_laid_out_as(class, &class.py().get_type::<ModelBase>()) {
        return Ok(());
    }
    let message = format!("{} has no table: derive it from Model", class.name()?);
    Err(crate::errors::raise(class.py(), "SchemaError", (message,)))
}

/// What an upsert does with a deleted row.
fn policy(model: &str, name: &Bound<'_, PyAny>) -> PyResult<OverDeleted> {
    name.extract::<&str>().ok().and_then(OverDeleted::parse).ok_or_else(|| {
        let message = format!(
            "{model} has __upsert_deleted__ = {}: use \"new\", \"revive\" or \"reject\"",
            name.repr().map(|shown| shown.to_string()).unwrap_or_default()
        );
        crate::errors::raise(name.py(), "SchemaError", (message,))
    })
}

/// The columns of the audit log, in order: name, type, whether it is the key, whether NULL is allowed.
#[pyfunction]
pub fn audit_log_columns() -> Vec<(&'static str, &'static str, bool, bool)> {
    let column = |c: &'static Column| (c.name.as_str(), c.kind().name(), c.primary_key, c.nullable);
    AuditLog::table().columns.iter().map(column).collect()
}

/// Checks a value against a field's description.
#[pyfunction]
pub fn validate(description: &Bound<'_, PyDict>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let (column, codec) = column("", name, description)?;
    to_value("", &column, &codec, value, None)?;
    crate::values::run_validators(description, None, name, value)
}

fn column(model: &str, name: &str, description: &Bound<'_, PyDict>) -> PyResult<(Column, Codec)> {
    let py = description.py();
    let item = |key: &str| -> PyResult<Bound<'_, PyAny>> {
        description.get_item(key)?.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(key.to_owned()))
    };
    let (kind, codec) = kind(item("kind")?.extract::<&str>()?, &item("options")?)?;
    let mut column = Column::new(name, kind);
    column.nullable = item("nullable")?.extract()?;
    column.primary_key = item("primary_key")?.extract()?;
    column.unique = item("unique")?.extract::<bool>()? && !column.primary_key;
    column.index = item("index")?.extract()?;
    let length = |key: &str| -> PyResult<Option<usize>> {
        item(key)?.extract().map_err(|_| {
            let message =
                format!("{model}.{name} has a {key} that is no length: use an int from 0, or leave it out");
            crate::errors::raise(py, "SchemaError", (message,))
        })
    };
    let number = |key: &str| -> PyResult<Option<f64>> {
        item(key)?.extract().map_err(|_| {
            let message = format!(
                "{model}.{name} has a {key} that is no number: use a number, or validators for other kinds of values"
            );
            crate::errors::raise(py, "SchemaError", (message,))
        })
    };
    let infinity = *column.kind() == ColumnType::Float && item("options")?.is_truthy()?;
    column.rules = Rules {
        infinity,
        min_length: length("min_length")?,
        max_length: length("max_length")?,
        min_value: number("min_value")?,
        max_value: number("max_value")?,
    };
    column.fill = match item("fill")?.extract::<Option<&str>>()? {
        Some("created") => Some(Fill::Created),
        Some("updated") => Some(Fill::Updated),
        _ => None,
    };
    if let Some((Name(table), on_delete, on_update)) =
        item("references")?.extract::<Option<(Name, String, String)>>()?
    {
        let action = |text: &str| {
            OnDelete::parse(text).ok_or_else(|| {
                let message = format!(
                    "{model}.{name} has the unknown action '{text}': use CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION"
                );
                crate::errors::raise(py, "SchemaError", (message,))
            })
        };
        let key = ForeignKey::to(table).on_delete(action(&on_delete)?);
        column.references = Some(ForeignKey { on_update: action(&on_update)?, ..key });
    }
    let default = item("default")?;
    if !default.is_none() && !default.is_callable() {
        // SET DEFAULT needs the value; a function is called for each row created.
        column.default = Some(to_value(model, &column, &codec, &default, None)?);
    }
    Ok((column, codec))
}

fn kind(name: &str, options: &Bound<'_, PyAny>) -> PyResult<(ColumnType, Codec)> {
    Ok(match name {
        "integer" => (ColumnType::Integer, Codec::Integer),
        "text" => (ColumnType::Text, Codec::Text),
        "boolean" => (ColumnType::Boolean, Codec::Boolean),
        "float" => (ColumnType::Float, Codec::Float),
        "decimal" => {
            let (precision, scale) = options.extract().map_err(|_| {
                let message =
                    format!("a DecimalField has digits from 0 on, got precision and scale {options}");
                crate::errors::raise(options.py(), "SchemaError", (message,))
            })?;
            (ColumnType::Decimal { precision, scale }, Codec::Decimal)
        }
        "datetime" if options.is_truthy()? => (ColumnType::Timestamp, Codec::AwareTimestamp),
        "datetime" => (ColumnType::Timestamp, Codec::Timestamp),
        "date" => (ColumnType::Date, Codec::Date),
        "time" => (ColumnType::Time, Codec::Time),
        "json" => (ColumnType::Json, Codec::Json),
        "uuid" => (ColumnType::Uuid, Codec::Uuid),
        "enum" => {
            let members = options.getattr("__members__")?.call_method0("items")?;
            let members: Vec<(String, Py<PyAny>)> =
                members.try_iter()?.map(|item| item?.extract()).collect::<PyResult<_>>()?;
            let labels = members.iter().map(|(name, _)| name.clone()).collect();
            (ColumnType::Enum(labels), Codec::Enum(members))
        }
        "array" => (
            ColumnType::Array(Box::new(item(options))),
            Codec::Array((!options.is_none()).then(|| options.clone().unbind())),
        ),
        "key" => (ColumnType::Key, Codec::Key),
        other => {
            let message = format!("unknown kind of field '{other}'");
            return Err(crate::errors::raise(options.py(), "SchemaError", (message,)));
        }
    })
}

/// What a list holds, by the Python type of its items. Of floats it is a tuple, for a list of them can have integers.
fn item(options: &Bound<'_, PyAny>) -> ColumnType {
    let py = options.py();
    match options {
        kind if kind.is(py.get_type::<PyString>()) => ColumnType::Text,
        kind if kind.is(py.get_type::<PyBool>()) => ColumnType::Boolean,
        kind if kind.is(py.get_type::<PyInt>()) => ColumnType::Integer,
        kind if kind.is_instance_of::<PyTuple>() => ColumnType::Float,
        _ => ColumnType::Json,
    }
}

/// The values of a tuple or list, for unpacking keyword dictionaries.
pub fn items<'py>(dict: Option<&Bound<'py, PyDict>>) -> Vec<(Bound<'py, PyString>, Bound<'py, PyAny>)> {
    let Some(dict) = dict else { return Vec::new() };
    dict.iter().filter_map(|(key, value)| key.cast_into::<PyString>().ok().map(|key| (key, value))).collect()
}

/// An empty tuple, shared.
pub fn no_arguments(py: Python<'_>) -> Bound<'_, PyTuple> {
    PyTuple::empty(py)
}
