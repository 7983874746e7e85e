//! The base class of all models.

use super::shape::{Shape, shape_of_object};
use crate::awaitable::Coroutine;
use crate::query::{Given, Query};
use crate::response::Response;
use crate::session::{Session, Slot};
use crate::values::Codec;
use crate::verbs;
use pyo3::exceptions::PyAttributeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use smallbitvec::SmallBitVec;
use std::sync::Arc;

// The part of an instance that Python does not see. Its fields are in the slots of its class; see `super::layout`.
#[doc = text!("ModelBase")]
#[pyclass(subclass, dict, weakref, module = "fastapi_orm._engine")]
#[derive(Default)]
pub struct ModelBase {
    /// The session that knows the object: changes are written by its next flush.
    pub session: Option<Arc<Slot>>,
    /// Found at first use: an instance is made before its class is known to be a model.
    pub shape: Option<Arc<Shape>>,
    /// One bit for each field that was set since the row was last read or written.
    pub changed: SmallBitVec,
    /// Whether the row is in the database, as far as the object knows.
    pub stored: bool,
    /// Whether its row was created in a transaction that was rolled back.
    pub undone: bool,
    /// The scope of its session that knows what the object held before it was changed.
    pub noted: u32,
    /// Whether it was read or made by itself, not as a row of a list: its relations are loaded when they are read.
    pub alone: bool,
}

impl ModelBase {
    /// Whether any field was set since the row was last read or written.
    pub fn is_changed(&self) -> bool {
        !self.changed.all_false()
    }

    /// Forgets what was set; returns it.
    pub fn take_changes(&mut self) -> SmallBitVec {
        std::mem::take(&mut self.changed)
    }

    /// Notes that a field of so many was set.
    fn mark(&mut self, position: usize, fields: usize) {
        if self.changed.len() != fields {
            self.changed.resize(fields, false);
        }
        self.changed.set(position, true);
    }
}

#[pymethods]
impl ModelBase {
    #[new]
    #[pyo3(signature = (*_args, **_values))]
    fn new(_args: &Bound<'_, PyTuple>, _values: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: Bound<'_, PyString>,
        value: Bound<'_, PyAny>,
    ) -> PyResult<()> {
        // Which class an object may be given is the interpreter's to say. It is asked for at each later use.
        if name.is(intern!(slf.py(), "__class__")) {
            return Self::set_plainly(slf, &name, &value);
        }
        let shape = shape_of_object(slf)?;
        let Some(position) = shape.position(&name) else {
            return match Self::assign_related(slf, &name, &value)? {
                true => Ok(()),
                false => Self::set_plainly(slf, &name, &value),
            };
        };
        let old = shape.slots(slf.as_any())?.get(position);
        if Self::holds(slf, &shape, position, old.as_ref(), &value) {
            return Ok(());
        }
        Self::refuse_key(slf, &shape, position)?;
        Self::note_before(slf, &shape)?;
        Self::set_plainly(slf, &name, &value)?;
        Self::note_change(slf, &shape, position);
        if shape.table.columns[position].references.is_none() {
            return Ok(());
        }
        crate::relation::moved(slf, &shape, position, old, &value)
    }

    #[doc = text!("ModelBase.get")]
    #[classmethod]
    fn get(cls: &Bound<'_, PyType>, session: &Session, id: &Bound<'_, PyAny>) -> Coroutine {
        verbs::get(cls, session, id, "live")
    }

    #[doc = text!("ModelBase.get_or_404")]
    #[classmethod]
    fn get_or_404(cls: &Bound<'_, PyType>, session: &Session, id: &Bound<'_, PyAny>) -> Coroutine {
        verbs::get_or_404(cls, session, id)
    }

    #[doc = text!("ModelBase.get_by")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, **filters))]
    fn get_by(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        verbs::get_by(cls, session, conditions, filters)
    }

    #[doc = text!("ModelBase.all")]
    #[classmethod]
    #[pyo3(
        signature = (session, limit=None, offset=None),
        text_signature = "($cls, session, limit=None, offset=0)"
    )]
    fn all(
        cls: &Bound<'_, PyType>,
        session: &Session,
        limit: Option<&Bound<'_, PyAny>>,
        offset: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Query> {
        verbs::filter(cls, session, "live", None)?.page(limit, offset)
    }

    #[doc = text!("ModelBase.filter")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, **filters))]
    fn filter(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Query> {
        verbs::live(cls, session, conditions, filters)
    }

    #[doc = text!("ModelBase.filter_by")]
    #[classmethod]
    #[pyo3(
        signature = (session, *conditions, order_by=None, limit=None, offset=None, **filters),
        text_signature = "($cls, session, *conditions, order_by=None, limit=None, offset=0, **filters)"
    )]
    fn filter_by(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        order_by: Option<&Bound<'_, PyAny>>,
        limit: Option<&Bound<'_, PyAny>>,
        offset: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Query> {
        verbs::ordered(cls, session, conditions, order_by, filters)?.page(limit, offset)
    }

    #[doc = text!("ModelBase.first")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, order_by=None, **filters))]
    fn first(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        order_by: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        let query = verbs::one_live("first", cls, session, conditions, filters)?;
        Ok(verbs::in_order(query, order_by)?.first(cls.py()))
    }

    #[doc = text!("ModelBase.last")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, order_by=None, **filters))]
    fn last(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        order_by: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        let query = verbs::one_live("last", cls, session, conditions, filters)?;
        Ok(verbs::in_order(query, order_by)?.last(cls.py()))
    }

    #[doc = text!("ModelBase.paginate")]
    #[classmethod]
    #[pyo3(
        signature = (
            session, page=Given(None), page_size=Given(None), *conditions, order_by=None, **filters
        ),
        text_signature = "($cls, session, page=1, page_size=20, *conditions, order_by=None, **filters)"
    )]
    #[allow(clippy::too_many_arguments, reason = "what Python passes")]
    fn paginate(
        cls: &Bound<'_, PyType>,
        session: &Session,
        page: Given,
        page_size: Given,
        conditions: &Bound<'_, PyTuple>,
        order_by: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        let query = verbs::ordered(cls, session, conditions, order_by, filters)?;
        Ok(query.by_number(cls.py(), &page, &page_size))
    }

    #[doc = text!("ModelBase.paginate_by_cursor")]
    #[classmethod]
    #[pyo3(
        signature = (
            session, cursor=None, page_size=Given(None), *conditions, order_by=None, **filters
        ),
        text_signature = "($cls, session, cursor=None, page_size=20, *conditions, order_by=None, **filters)"
    )]
    #[allow(clippy::too_many_arguments, reason = "what Python passes")]
    fn paginate_by_cursor(
        cls: &Bound<'_, PyType>,
        session: &Session,
        cursor: Option<&Bound<'_, PyAny>>,
        page_size: Given,
        conditions: &Bound<'_, PyTuple>,
        order_by: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        let query = verbs::ordered(cls, session, conditions, order_by, filters)?;
        Ok(query.by_cursor(cls.py(), cursor, &page_size))
    }

    #[doc = text!("ModelBase.count")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, **filters))]
    fn count(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        Ok(verbs::live(cls, session, conditions, filters)?.count())
    }

    #[doc = text!("ModelBase.exists")]
    #[classmethod]
    #[pyo3(signature = (session, *conditions, **filters))]
    fn exists(
        cls: &Bound<'_, PyType>,
        session: &Session,
        conditions: &Bound<'_, PyTuple>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Coroutine> {
        Ok(verbs::live(cls, session, conditions, filters)?.exists())
    }

    #[doc = text!("ModelBase.create")]
    #[classmethod]
    #[pyo3(signature = (session, *, _audit_user_id=None, **values))]
    fn create(
        cls: &Bound<'_, PyType>,
        session: &Session,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::create(cls, session, values, _audit_user_id)
    }

    #[doc = text!("ModelBase.get_or_create")]
    #[classmethod]
    #[pyo3(signature = (session, defaults=None, *, _audit_user_id=None, **filters))]
    fn get_or_create(
        cls: &Bound<'_, PyType>,
        session: &Session,
        defaults: Option<&Bound<'_, PyAny>>,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::upsert(cls, session, defaults, filters, _audit_user_id, false)
    }

    #[doc = text!("ModelBase.update_or_create")]
    #[classmethod]
    #[pyo3(signature = (session, defaults=None, *, _audit_user_id=None, **filters))]
    fn update_or_create(
        cls: &Bound<'_, PyType>,
        session: &Session,
        defaults: Option<&Bound<'_, PyAny>>,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        filters: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::upsert(cls, session, defaults, filters, _audit_user_id, true)
    }

    #[doc = text!("ModelBase.bulk_create")]
    #[classmethod]
    #[pyo3(signature = (session, rows, *, return_instances=true, _audit_user_id=None))]
    fn bulk_create(
        cls: &Bound<'_, PyType>,
        session: &Session,
        rows: &Bound<'_, PyAny>,
        return_instances: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        verbs::bulk_create(cls, session, rows, return_instances, _audit_user_id)
    }

    #[doc = text!("ModelBase.bulk_update")]
    #[classmethod]
    #[pyo3(signature = (session, rows, id_field=None, *, fields=None, _audit_user_id=None))]
    fn bulk_update(
        cls: &Bound<'_, PyType>,
        session: &Session,
        rows: &Bound<'_, PyAny>,
        id_field: Option<&str>,
        fields: Option<&Bound<'_, PyAny>>,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        verbs::bulk_update(cls, session, rows, id_field, fields, _audit_user_id)
    }

    #[doc = text!("ModelBase.bulk_delete")]
    #[classmethod]
    #[pyo3(signature = (session, ids, *, force=false, _audit_user_id=None))]
    fn bulk_delete(
        cls: &Bound<'_, PyType>,
        session: &Session,
        ids: &Bound<'_, PyAny>,
        force: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        verbs::bulk_delete(cls, session, ids, force, _audit_user_id)
    }

    #[doc = text!("ModelBase.update_by_id")]
    #[classmethod]
    #[pyo3(signature = (session, id, *, _audit_user_id=None, **values))]
    fn update_by_id(
        cls: &Bound<'_, PyType>,
        session: &Session,
        id: &Bound<'_, PyAny>,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::update_by_id(cls, session, id, values, _audit_user_id)
    }

    #[doc = text!("ModelBase.delete_by_id")]
    #[classmethod]
    #[pyo3(signature = (session, id, *, force=false, _audit_user_id=None))]
    fn delete_by_id(
        cls: &Bound<'_, PyType>,
        session: &Session,
        id: &Bound<'_, PyAny>,
        force: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        verbs::delete_by_id(cls, session, id, force, _audit_user_id)
    }

    #[doc = text!("ModelBase.update")]
    #[pyo3(signature = (session, *, _audit_user_id=None, **values))]
    fn update(
        slf: Bound<'_, Self>,
        session: &Session,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::update(slf, session, values, _audit_user_id)
    }

    #[doc = text!("ModelBase.update_fields")]
    #[pyo3(signature = (session, *, _audit_user_id=None, **values))]
    fn update_fields(
        slf: Bound<'_, Self>,
        session: &Session,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> Coroutine {
        verbs::update(slf, session, values, _audit_user_id)
    }

    #[doc = text!("ModelBase.save")]
    #[pyo3(signature = (session, *, _audit_user_id=None))]
    fn save(slf: Bound<'_, Self>, session: &Session, _audit_user_id: Option<&Bound<'_, PyAny>>) -> Coroutine {
        verbs::save(slf, session, _audit_user_id)
    }

    #[doc = text!("ModelBase.delete")]
    #[pyo3(signature = (session, *, force=false, _audit_user_id=None))]
    fn delete(
        slf: Bound<'_, Self>,
        session: &Session,
        force: bool,
        _audit_user_id: Option<&Bound<'_, PyAny>>,
    ) -> Coroutine {
        verbs::delete(slf, session, force, _audit_user_id)
    }

    #[doc = text!("ModelBase.refresh")]
    fn refresh(slf: Bound<'_, Self>, session: &Session) -> Coroutine {
        verbs::refresh(slf, session)
    }

    #[doc = text!("ModelBase.to_dict")]
    #[pyo3(signature = (include=None, exclude=None))]
    fn to_dict<'py>(
        slf: &Bound<'py, Self>,
        include: Option<&Bound<'py, PyAny>>,
        exclude: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        verbs::to_dict(slf, include, exclude)
    }

    #[doc = text!("ModelBase.to_response")]
    fn to_response(slf: &Bound<'_, Self>) -> PyResult<Response> {
        Response::new(verbs::to_dict(slf, None, None)?)
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: Bound<'_, PyString>) -> PyResult<()> {
        let class = slf.get_type();
        Err(PyAttributeError::new_err(format!(
            "{}.{name} cannot be deleted: set it to None, or delete the row",
            class.name()?
        )))
    }
}

impl ModelBase {
    /// Sets an attribute as any object does.
    #[allow(unsafe_code, reason = "calls the default behaviour of object")]
    fn set_plainly(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        // What is set may refer back to the object.
        super::layout::track(slf.as_any());
        // SAFETY: three live objects, of which the second is a str; this is what `object.__setattr__` does.
        let failed =
            unsafe { ffi::PyObject_GenericSetAttr(slf.as_ptr(), name.as_ptr(), value.as_ptr()) } != 0;
        if failed { Err(PyErr::fetch(slf.py())) } else { Ok(()) }
    }

    /// The key says which row the object is: with another one it would write to a row that is not its own.
    fn refuse_key(slf: &Bound<'_, Self>, shape: &Shape, position: usize) -> PyResult<()> {
        let table = &shape.table;
        if !slf.borrow().stored || position != table.primary_key {
            return Ok(());
        }
        let message = format!(
            "{}.{} is the key of a stored row and cannot be changed: create a row with the other key instead",
            table.model,
            table.key().name
        );
        Err(crate::errors::invalid(slf.py(), &table.key().name, message))
    }

    /// Whether the field has this value already: setting it again changes nothing. A document may have been changed
    /// in place, and counts as changed.
    fn holds(
        slf: &Bound<'_, Self>,
        shape: &Shape,
        position: usize,
        old: Option<&Bound<'_, PyAny>>,
        value: &Bound<'_, PyAny>,
    ) -> bool {
        if matches!(shape.columns[position].codec, Codec::Json | Codec::Array(_)) || !slf.borrow().stored {
            return false;
        }
        // Equal values of two types are stored differently, or not at all.
        old.is_some_and(|old| {
            old.is(value) || old.get_type().is(value.get_type()) && old.eq(value).unwrap_or(false)
        })
    }

    /// A relation is set through its foreign key; returns whether the name is one.
    fn assign_related(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let (py, class) = (slf.py(), slf.get_type());
        let relations = class.getattr(intern!(py, "__relations__"))?;
        let Some(relation) = relations.cast::<PyDict>()?.get_item(name)? else {
            return Self::refuse_foreign(slf, class.getattr_opt(name)?.as_ref()).map(|()| false);
        };
        relation.call_method1(intern!(slf.py(), "assign"), (slf, value))?;
        Ok(true)
    }

    /// A relation that was put on the class after it was declared is another model's, and cannot be set.
    fn refuse_foreign(slf: &Bound<'_, Self>, attribute: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        static RELATION: PyOnceLock<Py<PyType>> = PyOnceLock::new();
        let (py, Some(attribute)) = (slf.py(), attribute) else { return Ok(()) };
        if attribute.is_instance(RELATION.import(py, "fastapi_orm.relations", "Relation")?)? {
            attribute.call_method1(intern!(py, "check_owner"), (slf,))?;
        }
        Ok(())
    }

    /// The session is told what the object holds, before it is changed.
    fn note_before(slf: &Bound<'_, Self>, shape: &Arc<Shape>) -> PyResult<()> {
        let session = {
            let this = slf.borrow();
            match &this.session {
                // Known already, as it is for every change but the first.
                Some(session) if this.stored && this.noted < session.scope() => session.clone(),
                _ => return Ok(()),
            }
        };
        session.note(slf, shape)
    }

    fn note_change(slf: &Bound<'_, Self>, shape: &Arc<Shape>, position: usize) {
        let session = {
            let mut this = slf.borrow_mut();
            let first = !this.is_changed();
            this.mark(position, shape.columns.len());
            this.shape.get_or_insert_with(|| shape.clone());
            if first { this.session.clone() } else { None }
        };
        if let Some(session) = session {
            session.remember(slf.clone().unbind());
        }
    }
}
