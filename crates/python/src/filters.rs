//! Filters: keyword arguments become predicates. Nothing is ignored: an unknown field or operator is an error.

use crate::arguments::HALF;
use crate::errors::{invalid, raise, unknown};
use crate::model::{Dictionaries, Fields, Shape};
use crate::q::Q;
use crate::values::{Codec, describe, shown, to_operand};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyList, PyMapping, PyString, PyTuple};
use reprieve_core::query::{Comparison, Expr, Order, Predicate, TextMatch};
use reprieve_core::value::Value;

const OPERATORS: [&str; 15] = [
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "not_in",
    "between",
    "contains",
    "icontains",
    "startswith",
    "endswith",
    "iexact",
    "is_null",
];

/// All the filters hold: keywords, and a `Q` as `q`.
pub fn predicate(shape: &Fields<'_>, filters: Option<&Bound<'_, PyDict>>) -> PyResult<Predicate> {
    crate::schema::items(filters)
        .iter()
        .try_fold(Predicate::True, |all, (name, value)| Ok(all.and(keyword(shape, name, value)?)))
}

/// All the conditions hold: each is a `Q`.
pub fn conditions(shape: &Fields<'_>, conditions: &Bound<'_, PyTuple>) -> PyResult<Predicate> {
    conditions.iter().try_fold(Predicate::True, |all, q| Ok(all.and(condition(shape, &q)?)))
}

fn condition(shape: &Fields<'_>, q: &Bound<'_, PyAny>) -> PyResult<Predicate> {
    match q.cast::<Q>() {
        Ok(q) => q.get().predicate(q.py(), shape),
        Err(_) if q.is_none() => Ok(Predicate::True),
        Err(_) => {
            let got = describe(q);
            let message = format!("expects a Q, got {got}: pass Q(field=value), or field=value alone");
            Err(invalid(q.py(), "q", message))
        }
    }
}

/// `field=value`, `field={"op": value}`, `field__op=value`; `q=Q(...)`, unless the model has a field of that name.
pub fn keyword(
    shape: &Fields<'_>,
    name: &Bound<'_, PyString>,
    value: &Bound<'_, PyAny>,
) -> PyResult<Predicate> {
    // What is no text is no name.
    let Ok(text) = name.to_str() else { return Err(unknown_name(shape, name)) };
    let position = shape.position(name);
    if text == "q" && (position.is_none() || value.is_instance_of::<Q>()) {
        return condition(shape, value);
    }
    if let Some(position) = position {
        return field(shape, position, value);
    }
    match split(shape, name)? {
        Some((position, operation)) => operator(shape, position, &operation, value),
        None => Err(unknown_name(shape, name)),
    }
}

/// The parts of `field__op`, when there is such a field.
fn split(shape: &Shape, name: &Bound<'_, PyString>) -> PyResult<Option<(usize, String)>> {
    let text = name.to_str()?;
    let Some((field, operation)) = text.rsplit_once("__") else { return Ok(None) };
    let position = shape.position(&PyString::new(name.py(), field));
    Ok(position.map(|position| (position, operation.to_owned())))
}

fn unknown_name(shape: &Shape, name: &Bound<'_, PyString>) -> PyErr {
    let names = shape.columns.iter().map(|column| column.text.as_str());
    unknown(name.py(), &shape.table.model, &name.to_string_lossy(), names)
}

/// Lists in lists: `order_by(*names)` with a list among the names, and one more for callers that pass on what they got.
const DEEPEST_ORDER: usize = 3;

/// The terms of an order: a name or a list of names, with a minus for the largest first.
pub fn order(shape: &Shape, names: &Bound<'_, PyAny>) -> PyResult<Vec<Order>> {
    if names.is_none() { Ok(Vec::new()) } else { order_within(shape, names, DEEPEST_ORDER) }
}

fn order_within(shape: &Shape, names: &Bound<'_, PyAny>, depth: usize) -> PyResult<Vec<Order>> {
    let py = names.py();
    if let Ok(name) = names.cast::<PyString>() {
        let name = &*name.to_string_lossy();
        let (field, descending) = match name.strip_prefix('-') {
            Some(field) => (field, true),
            None => (name, false),
        };
        let position = position(shape, &PyString::new(py, field))?;
        return Ok(vec![Order { by: Expr::Column { source: 0, position }, descending }]);
    }
    if depth == 0 {
        return Err(invalid(py, "order_by", "order_by expects names of fields, got lists in lists in lists"));
    }
    let Ok(list) = names.try_iter() else {
        let message = format!("order_by expects names of fields, got {}", shown(names));
        return Err(invalid(py, "order_by", message));
    };
    let mut terms = Vec::new();
    for name in list {
        let name = name?;
        if name.is_none() {
            return Err(invalid(py, "order_by", "order_by expects names of fields, got None among them"));
        }
        terms.extend(order_within(shape, &name, depth - 1)?);
    }
    Ok(terms)
}

/// The position of the field that a name stands for.
pub fn position(shape: &Shape, name: &Bound<'_, PyString>) -> PyResult<usize> {
    shape.position(name).ok_or_else(|| unknown_name(shape, name))
}

fn field(shape: &Fields<'_>, position: usize, value: &Bound<'_, PyAny>) -> PyResult<Predicate> {
    let Some(operators) = operators(shape, position, value)? else {
        return operator(shape, position, "eq", value);
    };
    if operators.is_empty() {
        let message = format!("{} has an empty dictionary of operators", place(shape, position));
        return Err(invalid(value.py(), &shape.columns[position].text, message));
    }
    // A copy: what a key or a value says of itself may change the dictionary.
    operators.items().iter().try_fold(Predicate::True, |all, item| {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let key = key.str()?;
        Ok(all.and(operator(shape, position, &key.to_string_lossy(), &value)?))
    })
}

/// The operators that a value is, if it is a dictionary of them.
fn operators<'a, 'py>(
    shape: &Fields<'_>,
    position: usize,
    value: &'a Bound<'py, PyAny>,
) -> PyResult<Option<&'a Bound<'py, PyDict>>> {
    let Ok(dict) = value.cast::<PyDict>() else { return Ok(None) };
    let is_document = matches!(shape.columns[position].codec, Codec::Json);
    let refuse = |why: &str| {
        let message = format!("{} was given a dictionary, and {why}", place(shape, position));
        Err(invalid(value.py(), &shape.columns[position].text, message))
    };
    match shape.dictionaries {
        // A document is compared with a JSON field as it is, unless all its keys are operators.
        Dictionaries::Operators => Ok((!is_document || keys_are_operators(dict)).then_some(dict)),
        _ if is_document => Ok(None),
        Dictionaries::OneRow(verb) => refuse(&format!(
            "{verb}() looks for one row by its values: pass a value, or use operators with filter(...).first()"
        )),
        Dictionaries::Refused => refuse(
            "this database takes no dictionaries of operators (operators=False): pass a value, or name the operator in \
             the keyword, as in field__gte=value",
        ),
    }
}

fn keys_are_operators(dict: &Bound<'_, PyDict>) -> bool {
    !dict.is_empty()
        && dict.keys().iter().all(|key| key.extract::<&str>().is_ok_and(|key| OPERATORS.contains(&key)))
}

fn place(shape: &Shape, position: usize) -> String {
    format!("{}.{}", shape.table.model, shape.columns[position].text)
}

fn operator(
    shape: &Fields<'_>,
    position: usize,
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<Predicate> {
    let column = Expr::Column { source: 0, position };
    let compare = |comparison| {
        Ok(Predicate::Compare(column.clone(), comparison, Expr::Bind(operand(shape, position, value)?)))
    };
    let matches = |how, ignore_case| {
        let pattern = text(shape, position, name, value)?;
        Ok(Predicate::Matches { text: column.clone(), how, pattern, ignore_case })
    };
    match name {
        "eq" => compare(Comparison::Equal),
        "ne" => compare(Comparison::NotEqual),
        "gt" => ordered(shape, position, name, value, compare(Comparison::Greater)),
        "gte" => ordered(shape, position, name, value, compare(Comparison::GreaterOrEqual)),
        "lt" => ordered(shape, position, name, value, compare(Comparison::Less)),
        "lte" => ordered(shape, position, name, value, compare(Comparison::LessOrEqual)),
        "in" => Ok(member(shape, position, value)?),
        "not_in" => Ok(Predicate::Not(Box::new(member(shape, position, value)?))),
        "between" => {
            let ends: Vec<Bound<'_, PyAny>> = match value.try_iter() {
                Ok(ends) if !is_no_list(value) => ends.collect::<PyResult<_>>()?,
                _ => Vec::new(),
            };
            let [low, high] = &ends[..] else {
                let (place, got) = (place(shape, position), describe(value));
                let message =
                    format!("{place} between expects a pair of values, got {got}: pass (low, high)");
                return Err(invalid(value.py(), &shape.columns[position].text, message));
            };
            let end = |end: &Bound<'_, PyAny>| {
                if end.is_none() {
                    Err(compares_with_nothing(shape, position, name, end))
                } else {
                    operand(shape, position, end)
                }
            };
            Ok(Predicate::Between(column, end(low)?, end(high)?))
        }
        "contains" => matches(TextMatch::Contains, false),
        "icontains" => matches(TextMatch::Contains, true),
        "startswith" => matches(TextMatch::StartsWith, false),
        "endswith" => matches(TextMatch::EndsWith, false),
        "iexact" => matches(TextMatch::Exactly, true),
        "is_null" => match value.cast::<PyBool>() {
            Ok(flag) => Ok(Predicate::IsNull(column, flag.is_true())),
            Err(_) => {
                let message =
                    format!("{} is_null expects a bool, got {}", place(shape, position), describe(value));
                Err(invalid(value.py(), &shape.columns[position].text, message))
            }
        },
        other => {
            let message = format!(
                "{} has no operator '{other}': the operators are {}",
                place(shape, position),
                OPERATORS.join(", ")
            );
            Err(raise(value.py(), "UnknownFieldError", (shape.columns[position].text.as_str(), message)))
        }
    }
}

/// NULL has no place in an order: `{"gt": None}` would silently select nothing.
fn ordered(
    shape: &Fields<'_>,
    position: usize,
    name: &str,
    value: &Bound<'_, PyAny>,
    made: PyResult<Predicate>,
) -> PyResult<Predicate> {
    if value.is_none() { Err(compares_with_nothing(shape, position, name, value)) } else { made }
}

fn compares_with_nothing(shape: &Shape, position: usize, operator: &str, none: &Bound<'_, PyAny>) -> PyErr {
    let message = format!("{} {operator} None compares with nothing: use is_null", place(shape, position));
    invalid(none.py(), &shape.columns[position].text, message)
}

/// Whether it is one value, or a dictionary, though it can be iterated over: its parts are no values to compare with.
fn is_no_list(value: &Bound<'_, PyAny>) -> bool {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return false;
    }
    value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.cast::<PyMapping>().is_ok()
}

fn member(shape: &Fields<'_>, position: usize, value: &Bound<'_, PyAny>) -> PyResult<Predicate> {
    if is_no_list(value) || value.try_iter().is_err() {
        let message =
            format!("{} in expects a list of values, got {}", place(shape, position), describe(value));
        return Err(invalid(value.py(), &shape.columns[position].text, message));
    }
    let values: Vec<Value> =
        value.try_iter()?.map(|item| operand(shape, position, &item?)).collect::<PyResult<_>>()?;
    Ok(Predicate::In(Expr::Column { source: 0, position }, values))
}

fn operand(shape: &Fields<'_>, position: usize, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    to_operand(shape, position, value)
}

fn text(shape: &Shape, position: usize, operator: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let refuse = |what: String| Err(invalid(value.py(), &shape.columns[position].text, what));
    if !matches!(shape.columns[position].codec, Codec::Text | Codec::Key) {
        return refuse(format!("{} is no text: {operator} does not apply", place(shape, position)));
    }
    match value.extract::<String>() {
        Ok(text) => Ok(text),
        Err(_) if value.is_instance_of::<PyString>() => {
            refuse(format!("{} {operator}: the text {HALF}", place(shape, position)))
        }
        Err(_) => {
            refuse(format!("{} {operator} expects a str, got {}", place(shape, position), describe(value)))
        }
    }
}
