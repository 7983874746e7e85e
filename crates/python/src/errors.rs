//! The engine's errors as the classes of `fastapi_orm.exceptions`.

use crate::model::{Fields, shape_of};
use crate::values::given_object;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use reprieve_core::error::{Error, Kind};
use reprieve_core::value::Value;

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("fastapi_orm.exceptions").map(Bound::unbind))?;
    module.bind(py).getattr(name)
}

/// Runs what a destructor has to do. An object may be freed while an exception is on its way: it must be found as it
/// was, and Python code must not run in its sight.
pub fn aside(py: Python<'_>, work: impl FnOnce()) {
    let error = PyErr::take(py);
    work();
    if let Some(error) = error {
        error.restore(py);
    }
}

/// An exception of that class, made with these arguments.
pub fn raise<'py>(py: Python<'py>, name: &str, args: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    match class(py, name).and_then(|class| class.call1(args)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// A value that does not fit its field.
pub fn invalid(py: Python<'_>, field: &str, message: impl AsRef<str>) -> PyErr {
    raise(py, "ValidationError", (field, message.as_ref()))
}

/// Whether it is a value that does not fit, in our own words or a validator's.
pub fn is_validation(py: Python<'_>, error: &PyErr) -> bool {
    class(py, "ValidationError").is_ok_and(|class| error.is_instance(py, &class))
}

/// Whether the row that was to be written is not in the state in which it was seen, or gone.
pub fn is_absent(py: Python<'_>, error: &PyErr) -> bool {
    let is = |name| class(py, name).is_ok_and(|class| error.is_instance(py, &class));
    is("RecordDeletedError") || is("RecordNotFoundError")
}

/// Whether nobody let go of a lock, or of a connection, in time.
pub fn is_timeout(py: Python<'_>, error: &PyErr) -> bool {
    class(py, "DatabaseTimeoutError").is_ok_and(|class| error.is_instance(py, &class))
}

/// Whether a session, or its connection, cannot be used here.
pub fn is_of_session(py: Python<'_>, error: &PyErr) -> bool {
    class(py, "SessionError").is_ok_and(|class| error.is_instance(py, &class))
}

/// The exception for an engine's error in the course of an operation such as `Post.create`.
pub fn to_python(py: Python<'_>, operation: &str, error: Error) -> PyErr {
    let context = error.context();
    let field = context.field().unwrap_or_default().into_owned();
    let (model, value) =
        (context.model.clone().unwrap_or_default(), context.value.clone().unwrap_or_default());
    let message = error.to_string();
    let detail = error.for_client().into_owned();
    // What a client is told, where the message holds keys and values of rows.
    let refusal = |name: &str, message: String| {
        let raised = raise(py, name, (message,));
        // An object that takes no attribute is told as it is.
        let _ = raised.value(py).setattr("_detail", &detail);
        raised
    };
    match error.kind() {
        Kind::Sink => match error.into_source().map(|source| source.downcast::<PyErr>()) {
            Some(Ok(raised)) => *raised,
            _ => raise(py, "DatabaseError", (operation, message)),
        },
        Kind::Schema => raise(py, "SchemaError", (message,)),
        Kind::UnknownName => raise(py, "UnknownFieldError", (field, message)),
        // A statement of the user's own: no field is concerned.
        Kind::InvalidValue if field.is_empty() => raise(py, "DatabaseError", (operation, message)),
        Kind::InvalidValue => raise(py, "ValidationError", (field, message)),
        Kind::NotFound => not_found(py, &model, &field, &value, message),
        Kind::UniqueViolation => raise(py, "DuplicateRecordError", (model, field, value)),
        Kind::Restricted => refusal("RestrictedError", message),
        Kind::Deleted => refusal("RecordDeletedError", message),
        Kind::RestoreConflict => refusal("RestoreConflict", message),
        Kind::ReadOnly => raise(py, "ReadOnlyError", (message,)),
        Kind::Session => raise(py, "SessionError", (message,)),
        Kind::Forked => raise(py, "ForkedError", (message,)),
        kind => {
            let name = match kind {
                Kind::ConstraintViolation => "ConstraintError",
                Kind::MissingTable => "MissingTableError",
                Kind::Unavailable => "DatabaseUnavailableError",
                Kind::Serialization => "SerializationError",
                Kind::Disconnected | Kind::Timeout => {
                    let in_doubt = error.is_in_doubt();
                    let name =
                        if kind == Kind::Timeout { "DatabaseTimeoutError" } else { "ConnectionLostError" };
                    return with_words(py, raise(py, name, (operation, full(&error), in_doubt)), &error);
                }
                _ => "DatabaseError",
            };
            with_words(py, raise(py, name, (operation, full(&error))), &error)
        }
    }
}

/// What happened, and what the database said of it; or where that is, when it belongs in no log: the message is there
/// with the traceback.
fn full(error: &Error) -> String {
    let message = error.to_string();
    match error.database_message() {
        Some(_) if error.hides_words() => {
            format!("{message} (the database's own words are in `database_message`)")
        }
        Some(words) if !message.contains(&words) => format!("{message} ({words})"),
        _ => message,
    }
}

/// Keeps what the database said in its own words.
fn with_words(py: Python<'_>, raised: PyErr, error: &Error) -> PyErr {
    // An object that takes no attribute is raised as it is.
    let _ = raised.value(py).setattr("database_message", error.database_message());
    raised
}

/// [`to_python`] for a row that could not be written: with the values that were given, as Python has them.
pub fn refused(py: Python<'_>, operation: &str, error: Error, fields: &Fields<'_>) -> PyErr {
    match taken(py, &error, fields) {
        Some(value) => {
            let field = error.context().field().unwrap_or_default();
            raise(py, "DuplicateRecordError", (&fields.table.model, field, value))
        }
        None => to_python(py, operation, error),
    }
}

/// What was given for a unique field, or for several that are unique together, if it is known.
fn taken<'py>(py: Python<'py>, error: &Error, fields: &Fields<'_>) -> Option<Bound<'py, PyAny>> {
    let context = error.context();
    if !error.is_unique_violation() || context.values.is_empty() {
        return None;
    }
    let as_given = |(field, value): (&String, &Value)| {
        let column = fields.columns.iter().find(|column| column.text == *field)?;
        given_object(py, &column.codec, value, fields.timezone).ok()
    };
    let given: Vec<Bound<'_, PyAny>> =
        context.fields.iter().zip(&context.values).map(as_given).collect::<Option<_>>()?;
    match &given[..] {
        [one] => Some(one.clone()),
        several => PyTuple::new(py, several).ok().map(Bound::into_any),
    }
}

/// The error for an object whose row is not there any more.
pub fn gone(py: Python<'_>, fields: &Fields<'_>, key: &Value) -> PyErr {
    let column = &fields.columns[fields.table.primary_key];
    let filters = PyDict::new(py);
    let made = given_object(py, &column.codec, key, fields.timezone)
        .and_then(|key| filters.set_item(&column.name, key))
        .and_then(|()| class(py, "RecordNotFoundError")?.call((&fields.table.model,), Some(&filters)));
    made.map_or_else(|error| error, PyErr::from_value)
}

fn not_found(py: Python<'_>, model: &str, field: &str, value: &str, message: String) -> PyErr {
    if model.is_empty() {
        return raise(py, "FastAPIOrmException", (message,));
    }
    let filters = PyDict::new(py);
    let made = filters
        .set_item(field, value)
        .and_then(|()| class(py, "RecordNotFoundError"))
        .and_then(|class| class.call((model,), Some(&filters)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception for a keyword that is no field of a model; suggests the nearest name.
#[pyfunction]
#[pyo3(signature = (class_, name))]
pub fn unknown_field(class_: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> PyResult<Py<PyAny>> {
    let py = class_.py();
    let shape = shape_of(class_)?;
    Ok(unknown(
        py,
        &shape.table.model,
        &name.to_string_lossy(),
        shape.columns.iter().map(|c| c.text.as_str()),
    )
    .into_value(py)
    .into_any())
}

pub fn unknown<'a>(py: Python<'_>, model: &str, name: &str, known: impl Iterator<Item = &'a str>) -> PyErr {
    let known: Vec<&str> = known.collect();
    let near = known.iter().min_by_key(|candidate| distance(name, candidate));
    let hint = match near {
        Some(near) if distance(name, near) <= 2 => format!(": did you mean '{near}'?"),
        _ => format!(": its fields are {}", known.join(", ")),
    };
    raise(py, "UnknownFieldError", (name, format!("{model} has no field '{name}'{hint}")))
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
