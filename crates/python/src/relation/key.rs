//! Keys as something that can be looked up.

use crate::model::{Fields, ModelBase, Shape};
use crate::session::shown;
use crate::values::to_operand;
use pyo3::prelude::*;
use reprieve_core::value::{Cell, Value};

/// A key of a row: what keys can be, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Key {
    /// None for NULL, and for what no key is.
    pub fn of_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Int(v) => Self::Int(*v),
            Value::Text(v) => Self::Text(v.clone()),
            Value::Uuid(v) => Self::Bytes(v.to_vec()),
            Value::Bytes(v) => Self::Bytes(v.clone()),
            Value::Null => return None,
            other => Self::Text(shown(other)),
        })
    }

    /// The same for what a row holds.
    pub fn of_cell(cell: Cell<'_>) -> Option<Self> {
        Some(match cell {
            Cell::Int(v) => Self::Int(v),
            Cell::Text(v) => Self::Text(v.to_owned()),
            Cell::Bytes(v) => Self::Bytes(v.to_vec()),
            Cell::Uuid(v) => Self::Bytes(v.to_vec()),
            Cell::Null => return None,
            other => return Self::of_value(&other.to_value()),
        })
    }
}

/// The value of an object's field at this position; NULL when it was never set.
pub fn value_at(object: &Bound<'_, ModelBase>, shape: &Shape, position: usize) -> PyResult<Value> {
    match shape.slots(object.as_any())?.get(position) {
        Some(value) => {
            let session = object.borrow().session.clone();
            to_operand(&Fields::of(shape, session.as_ref()), position, &value)
        }
        None => Ok(Value::Null),
    }
}
