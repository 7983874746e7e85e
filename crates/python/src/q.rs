//! `Q`: conditions that are combined with `&`, `|` and `~` before a model is known.

use crate::errors::invalid;
use crate::filters;
use crate::model::Fields;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::Predicate;
use std::sync::Arc;

#[doc = text!("Q")]
#[pyclass(frozen, module = "fastapi_orm._engine")]
pub struct Q {
    condition: Arc<Condition>,
    /// How many conditions are inside each other.
    depth: usize,
}

enum Condition {
    /// All of these keywords hold.
    Fields(Vec<(Py<PyString>, Py<PyAny>)>),
    All(Vec<Arc<Condition>>),
    Any(Vec<Arc<Condition>>),
    Not(Arc<Condition>),
}

/// A database nests an expression only so deep, and counts each further term of a list as a level.
const WIDEST: usize = 500;

/// How deep conditions may nest, for the databases' sake and because each level takes some of the stack.
const DEEPEST: usize = 300;

impl Condition {
    /// It says nothing: `Q()`.
    fn is_empty(&self) -> bool {
        match self {
            Self::Fields(fields) => fields.is_empty(),
            Self::All(list) | Self::Any(list) => list.is_empty(),
            Self::Not(_) => false,
        }
    }

    fn predicate(&self, py: Python<'_>, shape: &Fields<'_>) -> PyResult<Predicate> {
        let each = |list: &[Arc<Self>]| -> PyResult<Vec<Predicate>> {
            list.iter().map(|condition| condition.predicate(py, shape)).collect()
        };
        Ok(match self {
            Self::Fields(fields) => fields.iter().try_fold(Predicate::True, |all, (name, value)| {
                Ok::<_, PyErr>(all.and(filters::keyword(shape, name.bind(py), value.bind(py))?))
            })?,
            Self::All(list) => balanced(each(list)?, Predicate::And),
            Self::Any(list) => balanced(each(list)?, Predicate::Or),
            Self::Not(inner) => Predicate::Not(Box::new(inner.predicate(py, shape)?)),
        })
    }

    fn repr(&self, py: Python<'_>, inside: bool) -> PyResult<String> {
        let joined = |list: &[Arc<Self>], word: &str| -> PyResult<String> {
            let parts: Vec<String> = list.iter().map(|part| part.repr(py, true)).collect::<PyResult<_>>()?;
            let text = parts.join(word);
            Ok(if inside { format!("({text})") } else { text })
        };
        match self {
            Self::Fields(fields) => {
                let parts: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| Ok(format!("{name}={}", value.bind(py).str()?)))
                    .collect::<PyResult<_>>()?;
                Ok(format!("Q({})", parts.join(", ")))
            }
            Self::All(list) => joined(list, " & "),
            Self::Any(list) => joined(list, " | "),
            Self::Not(inner) => Ok(format!("~{}", inner.repr(py, true)?)),
        }
    }
}

impl Condition {
    /// Shows the cycle collector the values of conditions that no other `Q` has a part in.
    fn visit(this: &Arc<Self>, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        if Arc::strong_count(this) > 1 {
            return Ok(());
        }
        match &**this {
            Self::Fields(fields) => fields.iter().try_for_each(|(_, value)| visit.call(value)),
            Self::All(list) | Self::Any(list) => list.iter().try_for_each(|part| Self::visit(part, visit)),
            Self::Not(inner) => Self::visit(inner, visit),
        }
    }
}

fn balanced(mut list: Vec<Predicate>, join: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    while list.len() > WIDEST {
        let mut rest = list.into_iter().peekable();
        let mut parts = Vec::new();
        while rest.peek().is_some() {
            parts.push(join(rest.by_ref().take(WIDEST).collect()));
        }
        list = parts;
    }
    join(list)
}

impl Q {
    /// The condition on the rows of a model.
    pub fn predicate(&self, py: Python<'_>, shape: &Fields<'_>) -> PyResult<Predicate> {
        if self.condition.is_empty() {
            return Ok(Predicate::True);
        }
        self.condition.predicate(py, shape)
    }

    fn join(&self, py: Python<'_>, other: &Self, any: bool) -> PyResult<Self> {
        // `Q()` says nothing, so that it can be the start of a loop that adds conditions.
        for (one, rest) in [(self, other), (other, self)] {
            if one.condition.is_empty() {
                return Ok(Self { condition: rest.condition.clone(), depth: rest.depth });
            }
        }
        let mut list = Vec::new();
        let mut depth = 1;
        for part in [self, other] {
            match (&*part.condition, any) {
                (Condition::All(parts), false) | (Condition::Any(parts), true) => {
                    list.extend(parts.iter().cloned());
                    depth = depth.max(part.depth);
                }
                _ => {
                    list.push(part.condition.clone());
                    depth = depth.max(part.depth + 1);
                }
            }
        }
        Self::nested(py, if any { Condition::Any(list) } else { Condition::All(list) }, depth)
    }

    fn nested(py: Python<'_>, condition: Condition, depth: usize) -> PyResult<Self> {
        if depth <= DEEPEST {
            return Ok(Self { condition: Arc::new(condition), depth });
        }
        let message = format!(
            "conditions nest at most {DEEPEST} deep: join like ones in a row, as Q(...) | Q(...) | Q(...), or pass a \
             list of values with in"
        );
        Err(invalid(py, "q", message))
    }
}

#[pymethods]
impl Q {
    #[new]
    #[pyo3(signature = (*conditions, **filters))]
    fn new(conditions: &Bound<'_, PyTuple>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let fields = crate::schema::items(filters);
        let fields = fields.into_iter().map(|(name, value)| (name.unbind(), value.unbind())).collect();
        let mut all = Self { condition: Arc::new(Condition::Fields(fields)), depth: 1 };
        for condition in conditions.iter() {
            let Ok(condition) = condition.cast::<Self>() else {
                let got = crate::values::describe(&condition);
                return Err(PyTypeError::new_err(format!(
                    "Q expects keywords or other Q, got {got}: write Q(field=value)"
                )));
            };
            all = condition.get().join(conditions.py(), &all, false)?;
        }
        Ok(all)
    }

    fn __and__(&self, other: &Bound<'_, Self>) -> PyResult<Self> {
        self.join(other.py(), other.get(), false)
    }

    fn __or__(&self, other: &Bound<'_, Self>) -> PyResult<Self> {
        self.join(other.py(), other.get(), true)
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<Self> {
        match &*self.condition {
            Condition::Not(inner) => Ok(Self { condition: inner.clone(), depth: self.depth - 1 }),
            _ => Self::nested(py, Condition::Not(self.condition.clone()), self.depth + 1),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        Condition::visit(&self.condition, &visit)
    }

    fn __bool__(&self) -> bool {
        !self.condition.is_empty()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.condition.repr(py, false)
    }
}
