//! `include("author", "comments.author")`: one statement for each relation, whatever the number of rows.

use super::keep::keep_related;
use super::key::{Key, value_at};
use super::loader::{Loader, present};
use super::path::Path;
use super::rows::Related;
use crate::errors::{invalid, raise, to_python};
use crate::model::ModelBase;
use crate::session::{Slot, Work};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyType};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::query::{Via, Visibility};
use reprieve_core::value::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A relation to load, and those of its rows.
pub struct Include {
    relation: Py<PyAny>,
    path: Py<Path>,
    class: Py<PyType>,
    name: String,
    visibility: Visibility,
    inner: Includes,
}

/// The relations to load of the rows of one model.
pub type Includes = Vec<Arc<Include>>;

/// How many relations a path leads through at most; each is a statement of its own.
const DEEPEST: usize = 50;

impl Include {
    /// Shows the cycle collector what relations to load hold, unless another query has a part in them.
    pub fn visit(includes: &Includes, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        for include in includes.iter().filter(|include| Arc::strong_count(include) == 1) {
            visit.call(&include.relation)?;
            visit.call(&include.path)?;
            visit.call(&include.class)?;
            Self::visit(&include.inner, visit)?;
        }
        Ok(())
    }

    /// Adds the relations that a dotted name leads through. Those on the way are read as they are, or live.
    pub fn add(
        includes: &Includes,
        class: &Bound<'_, PyType>,
        name: &str,
        with_deleted: bool,
    ) -> PyResult<Includes> {
        let py = class.py();
        if name.split('.').nth(DEEPEST).is_some() {
            let message =
                format!("a path leads through at most {DEEPEST} relations: read the rest by itself");
            return Err(invalid(py, "include", message));
        }
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let relations = class.getattr(intern!(py, "__relations__"))?;
        let Ok(relation) = relations.get_item(first) else {
            return Err(unknown(class, first, &relations));
        };
        let path = relation.call_method0(intern!(py, "path"))?.cast_into::<Path>()?.unbind();
        let target = relation.call_method0(intern!(py, "target"))?.cast_into::<PyType>()?;
        let known = includes.iter().position(|include| include.name == first);
        let (mut visibility, mut inner) = match known {
            Some(at) => (includes[at].visibility, includes[at].inner.clone()),
            None => (Visibility::Live, Includes::new()),
        };
        match rest {
            Some(rest) => inner = Self::add(&inner, &target, rest, with_deleted)?,
            None if with_deleted => visibility = Visibility::Any,
            None => {}
        }
        let include = Arc::new(Self {
            relation: relation.unbind(),
            path,
            class: target.unbind(),
            name: first.to_owned(),
            visibility,
            inner,
        });
        let mut all = includes.clone();
        match known {
            Some(at) => all[at] = include,
            None => all.push(include),
        }
        Ok(all)
    }
}

fn unknown(class: &Bound<'_, PyType>, name: &str, relations: &Bound<'_, PyAny>) -> PyErr {
    let py = class.py();
    let model = class.name().map(|name| name.to_string()).unwrap_or_default();
    let known: Vec<String> =
        relations.try_iter().into_iter().flatten().flatten().map(|name| name.to_string()).collect();
    let known = if known.is_empty() {
        "it has none".to_owned()
    } else {
        format!("its relations are {}", known.join(", "))
    };
    raise(py, "UnknownFieldError", (name, format!("{model} has no relation '{name}': {known}")))
}

/// A relation that is to be loaded, and the objects whose it is.
type Step = (Arc<Include>, Arc<Vec<Py<ModelBase>>>);

/// Loads relations of objects of one model, and of the objects found there.
pub async fn load_includes(
    work: &mut Work,
    slot: &Arc<Slot>,
    includes: &Includes,
    objects: Vec<Py<ModelBase>>,
) -> PyResult<()> {
    let objects = Arc::new(objects);
    let mut pending: VecDeque<Step> =
        includes.iter().map(|include| (include.clone(), objects.clone())).collect();
    while let Some((include, owners)) = pending.pop_front() {
        if owners.is_empty() {
            continue;
        }
        let found = Arc::new(load(work, slot, &include, &owners).await?);
        pending.extend(include.inner.iter().map(|inner| (inner.clone(), found.clone())));
    }
    Ok(())
}

/// Loads one relation of objects; returns the objects found.
async fn load(
    work: &mut Work,
    slot: &Arc<Slot>,
    include: &Include,
    owners: &[Py<ModelBase>],
) -> PyResult<Vec<Py<ModelBase>>> {
    let path = include.path.get();
    let mut numbers: HashMap<Key, usize> = HashMap::with_capacity(owners.len());
    let mut keys: Vec<Value> = Vec::with_capacity(owners.len());
    // For each owner the number of its key.
    let wanted: Vec<Option<usize>> = Python::attach(|py| {
        owners
            .iter()
            .map(|owner| {
                let value = value_at(owner.bind(py), &path.owner, path.own)?;
                let Some(key) = Key::of_value(&value) else { return Ok(None) };
                Ok(Some(*numbers.entry(key).or_insert_with(|| {
                    keys.push(value);
                    keys.len() - 1
                })))
            })
            .collect::<PyResult<_>>()
    })?;
    let count = keys.len();
    let values = if path.many { keys.clone() } else { Vec::new() };
    let class = Python::attach(|py| include.class.clone_ref(py));
    let shared = matches!(path.path.via, Via::Links { .. });
    let mut rows = Related::new(class, &path.target, slot, numbers, shared);
    let read = work.related(&path.path, keys, include.visibility, &mut rows).await;
    let lives = work.lives();
    Python::attach(|py| {
        read.map_err(|error| to_python(py, &path.place, error))?;
        if path.many {
            many(py, slot, include, owners, &wanted, values, rows, lives)
        } else {
            one(py, path, owners, &wanted, count, rows)
        }
    })
}

/// Each owner gets the row that its reference names, or None.
fn one(
    py: Python<'_>,
    path: &Path,
    owners: &[Py<ModelBase>],
    wanted: &[Option<usize>],
    keys: usize,
    rows: Related,
) -> PyResult<Vec<Py<ModelBase>>> {
    let mut by_number: Vec<Option<Py<PyAny>>> = Vec::new();
    by_number.resize_with(keys, || None);
    for (number, object) in rows.found {
        by_number[number] = Some(object);
    }
    let none = py.None();
    for (owner, number) in owners.iter().zip(wanted) {
        let value = number.and_then(|number| by_number[number].as_ref()).unwrap_or(&none);
        keep_related(owner.bind(py), path.name.bind(py), value.bind(py))?;
    }
    let found = by_number.into_iter().flatten();
    found.map(|object| Ok(object.bind(py).cast::<ModelBase>()?.clone().unbind())).collect()
}

/// Each owner gets the list of its rows.
#[allow(clippy::too_many_arguments, reason = "the parts of one step")]
fn many(
    py: Python<'_>,
    slot: &Arc<Slot>,
    include: &Include,
    owners: &[Py<ModelBase>],
    wanted: &[Option<usize>],
    keys: Vec<Value>,
    rows: Related,
    lives: u64,
) -> PyResult<Vec<Py<ModelBase>>> {
    let path = include.path.get();
    let mut lists: Vec<Vec<Py<PyAny>>> = Vec::new();
    lists.resize_with(keys.len(), Vec::new);
    let mut found = Vec::with_capacity(rows.found.len());
    let mut seen = std::collections::HashSet::new();
    let nested = !include.inner.is_empty();
    for (number, object) in rows.found {
        if nested && seen.insert(object.as_ptr() as usize) {
            found.push(object.bind(py).cast::<ModelBase>()?.clone().unbind());
        }
        lists[number].push(object);
    }
    for (owner, number) in owners.iter().zip(wanted) {
        let Some(number) = *number else { continue };
        let loader = Loader {
            slot: slot.clone(),
            relation: include.relation.clone_ref(py),
            path: include.path.clone_ref(py),
            class: include.class.clone_ref(py),
            key: keys[number].clone(),
        };
        let rows = PyList::new(py, lists[number].iter())?;
        let owner = owner.bind(py);
        let collection = present(owner, loader, &rows, lives)?;
        keep_related(owner, path.name.bind(py), &collection)?;
    }
    Ok(found)
}
