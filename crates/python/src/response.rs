//! What `to_response()` returns: a mapping to its user, and to FastAPI a type that its encoder passes at once.
//!
//! The encoder walks through a dictionary value by value, which takes it longer than anything else between the row and
//! the answer. It looks other types up in a table, where this one is entered as soon as FastAPI is imported.

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyAttributeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString, PyTuple};

#[doc = text!("Response")]
#[pyclass(mapping, frozen, weakref, module = "fastapi_orm._engine")]
pub struct Response {
    fields: Py<PyDict>,
}

impl Response {
    /// A response of these fields.
    pub fn new(fields: Bound<'_, PyDict>) -> PyResult<Self> {
        teach_fastapi(fields.py())?;
        Ok(Self { fields: fields.unbind() })
    }

    fn dict<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.fields.bind(py).as_any()
    }
}

#[pymethods]
impl Response {
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).get_item(key)
    }

    /// A field by its name, where no method has that name.
    fn __getattr__<'py>(&self, name: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        let py = name.py();
        self.fields.bind(py).get_item(name)?.ok_or_else(|| {
            let known = self.fields.bind(py).keys().iter().map(|key| key.to_string()).collect::<Vec<_>>();
            PyAttributeError::new_err(format!("the response has no '{name}': it has {}", known.join(", ")))
        })
    }

    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.dict(key.py()).set_item(key, value)
    }

    fn __delitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<()> {
        self.dict(key.py()).del_item(key)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.fields.bind(py).len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.dict(key.py()).contains(key)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.dict(py).try_iter()?.into_any())
    }

    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).call_method0(intern!(py, "__reversed__"))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.dict(py).repr()
    }

    fn __richcmp__<'py>(
        &self,
        other: &Bound<'py, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.dict(other.py()).rich_compare(plain(other), operator)
    }

    fn __or__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(other.py()).bitor(plain(other))
    }

    fn __ror__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        plain(other).bitor(self.dict(other.py()))
    }

    fn __ior__(&self, other: &Bound<'_, PyAny>) -> PyResult<()> {
        self.dict(other.py()).call_method1(intern!(other.py(), "update"), (plain(other),))?;
        Ok(())
    }

    /// A pickled response comes back as a dictionary.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyDict>,))> {
        Ok((py.get_type::<PyDict>().into_any(), (self.fields.bind(py).copy()?,)))
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).call_method0(intern!(py, "keys"))
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).call_method0(intern!(py, "values"))
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).call_method0(intern!(py, "items"))
    }

    #[doc = text!("Response.get")]
    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.dict(key.py()).call_method1(intern!(key.py(), "get"), (key, default))
    }

    #[doc = text!("Response.pop")]
    #[pyo3(signature = (key, /, *default))]
    fn pop<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = std::iter::once(key.clone()).chain(default.iter());
        let arguments = PyTuple::new(key.py(), arguments.collect::<Vec<_>>())?;
        self.dict(key.py()).call_method1(intern!(key.py(), "pop"), arguments)
    }

    fn popitem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.dict(py).call_method0(intern!(py, "popitem"))
    }

    #[doc = text!("Response.setdefault")]
    #[pyo3(signature = (key, default=None))]
    fn setdefault<'py>(
        &self,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.dict(key.py()).call_method1(intern!(key.py(), "setdefault"), (key, default))
    }

    #[pyo3(signature = (*others, **values))]
    fn update(&self, others: &Bound<'_, PyTuple>, values: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        self.dict(others.py()).call_method(intern!(others.py(), "update"), others, values)?;
        Ok(())
    }

    fn clear(&self, py: Python<'_>) {
        self.fields.bind(py).clear();
    }

    #[doc = text!("Response.model_dump")]
    fn model_dump<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.copy(py)
    }

    #[doc = text!("Response.copy")]
    fn copy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.fields.bind(py).copy()
    }

    // The dictionary is cleared by the collector itself: every cycle goes through it.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.fields)
    }
}

/// The dictionary of a response; another object as it is.
fn plain<'py>(value: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    match value.cast::<Response>() {
        Ok(response) => response.get().dict(value.py()).clone(),
        Err(_) => value.clone(),
    }
}

/// Enters the type in FastAPI's table of encoders, once FastAPI is there.
fn teach_fastapi(py: Python<'_>) -> PyResult<()> {
    static TAUGHT: PyOnceLock<()> = PyOnceLock::new();
    if TAUGHT.get(py).is_some() {
        return Ok(());
    }
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let modules = MODULES.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?.unbind())
    })?;
    let Some(encoders) = modules.bind(py).get_item(intern!(py, "fastapi.encoders"))? else { return Ok(()) };
    // Not there yet while the module is being imported.
    let Ok(table) = encoders.getattr(intern!(py, "ENCODERS_BY_TYPE")) else { return Ok(()) };
    table.set_item(py.get_type::<Response>(), wrap_pyfunction!(encode, py)?)?;
    let _ = TAUGHT.set(py, ());
    Ok(())
}

/// The fields as FastAPI wants them: values that JSON has are left alone, others are its encoder's matter.
#[pyfunction]
fn encode<'py>(py: Python<'py>, response: &Response) -> PyResult<Bound<'py, PyDict>> {
    let fields = response.fields.bind(py);
    let is_json = |value: &Bound<'_, PyAny>| {
        value.is_none()
            || value.is_exact_instance_of::<PyString>()
            || value.is_exact_instance_of::<PyInt>()
            || value.is_exact_instance_of::<PyBool>()
            || value.is_exact_instance_of::<PyFloat>()
    };
    if fields.iter().all(|(key, value)| key.is_exact_instance_of::<PyString>() && is_json(&value)) {
        return Ok(fields.clone());
    }
    let encoder = py.import("fastapi.encoders")?.getattr("jsonable_encoder")?;
    Ok(encoder.call1((fields,))?.cast_into::<PyDict>()?)
}
