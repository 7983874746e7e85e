//! Builds instances of a model.

use crate::model::{FieldSlots, ModelBase, Shape, clear_changes, makes_as, new_instance, track, untrack};
use crate::session::Slot;
use crate::values::{Zone, to_object};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyType};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_engine::PlanSink;
use std::sync::Arc;

/// Takes rows of all visible columns, in the table's order.
pub struct Objects {
    class: Py<PyType>,
    shape: Arc<Shape>,
    session: Arc<Slot>,
    zone: Zone,
    plain: bool,
    alone: bool,
    built: Built,
    /// How many objects of the list are there to stay.
    kept: usize,
}

/// A list is filled row by row: the copy of a long one would hold the loop.
enum Built {
    One(Option<Py<PyAny>>),
    List(Py<PyList>),
}

impl Objects {
    /// Keeps the one object that is asked for: it is read alone.
    pub fn single(class: Py<PyType>, shape: Arc<Shape>, session: Arc<Slot>) -> Self {
        Self::each(class, shape, session).alone()
    }

    /// For rows that are read alone.
    pub fn alone(self) -> Self {
        Self { alone: true, ..self }
    }

    /// Keeps the last object built, for a sink that takes them one by one.
    pub fn each(class: Py<PyType>, shape: Arc<Shape>, session: Arc<Slot>) -> Self {
        // What a class's own `__new__` puts into an object may refer back to it.
        let makes_plainly = Python::attach(|py| makes_as(class.bind(py), &py.get_type::<ModelBase>()));
        let plain = makes_plainly && shape.is_plain();
        let zone = Zone::new(session.timezone());
        Self { class, shape, session, zone, plain, alone: false, built: Built::One(None), kept: 0 }
    }

    /// Keeps all of them.
    pub fn many(py: Python<'_>, class: Py<PyType>, shape: Arc<Shape>, session: Arc<Slot>) -> Self {
        Self { built: Built::List(empty(py)), ..Self::each(class, shape, session) }
    }

    /// What was built: an object or None; or a list.
    pub fn take(self) -> Py<PyAny> {
        match self.built {
            Built::One(Some(object)) => object,
            Built::One(None) => Python::attach(|py| py.None()),
            Built::List(list) => Python::attach(|py| {
                track(list.bind(py).as_any());
                list.into_any()
            }),
        }
    }

    /// The last object built, for a sink that takes them one by one.
    pub fn take_one(&mut self) -> Option<Py<PyAny>> {
        match &mut self.built {
            Built::One(one) => one.take(),
            Built::List(_) => None,
        }
    }

    fn build(&mut self, py: Python<'_>, row: &dyn Row) -> PyResult<()> {
        let zone = &mut self.zone;
        let object = new_instance(self.class.bind(py), &self.shape, &self.session, self.alone, |slots| {
            fill(slots, row, zone)
        })?;
        if self.plain {
            untrack(&object);
        }
        match &mut self.built {
            Built::One(one) => *one = Some(object.unbind()),
            Built::List(list) => list.bind(py).append(object)?,
        }
        Ok(())
    }
}

impl RowSink for Objects {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        Python::attach(|py| self.build(py, row)).map_err(sink_error)
    }

    fn restart(&mut self) {
        match &mut self.built {
            Built::One(one) => *one = None,
            Built::List(list) if self.kept == 0 => *list = Python::attach(empty),
            Built::List(list) => Python::attach(|py| {
                let list = list.bind(py);
                // A list always gives up a part of itself.
                let _ = list.del_slice(self.kept, list.len());
            }),
        }
    }
}

impl PlanSink for Objects {
    fn keep(&mut self) {
        if let Built::List(list) = &self.built {
            self.kept = Python::attach(|py| list.bind(py).len());
        }
    }
}

/// A list that the cycle collector does not go through while it grows: nobody else can see it yet.
fn empty(py: Python<'_>) -> Py<PyList> {
    let list = PyList::empty(py);
    untrack(list.as_any());
    list.unbind()
}

fn fill(slots: &FieldSlots<'_, '_>, row: &dyn Row, zone: &mut Zone) -> PyResult<()> {
    let py = slots.py();
    for (position, column) in slots.shape().columns.iter().enumerate() {
        let cell =
            row.cell(position).map_err(|error| crate::errors::to_python(py, "reading a row", error))?;
        slots.set(position, to_object(py, &column.codec, cell, zone)?);
    }
    Ok(())
}

/// Reads a row into an object that exists.
pub struct Refill {
    pub object: Py<ModelBase>,
    pub shape: Arc<Shape>,
    pub session: Arc<Slot>,
    pub found: bool,
}

/// A sink that reads a row into this object.
pub fn refill(object: Py<ModelBase>, shape: Arc<Shape>, session: Arc<Slot>) -> Refill {
    Refill { object, shape, session, found: false }
}

impl RowSink for Refill {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self.found = true;
        Python::attach(|py| {
            let object = self.object.bind(py);
            let slots = self.shape.slots(object.as_any())?;
            fill(&slots, row, &mut Zone::new(self.session.timezone()))?;
            clear_changes(object);
            object.borrow_mut().alone = true;
            Ok(())
        })
        .map_err(sink_error)
    }

    fn restart(&mut self) {
        self.found = false;
    }
}

/// An exception raised while a row was read, on its way through the engine.
pub fn sink_error(error: PyErr) -> Error {
    Error::new(Kind::Sink, "an exception was raised while a row was read").because(error)
}
