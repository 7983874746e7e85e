//! A Python object as a value of the engine: type, rules and validators of the field are checked here, with errors in
//! the caller's words.

use super::codec::Codec;
use super::datetime::{Timezone, instant, time_fields};
use super::decimal::{Digits, Unfit, plain};
use super::json;
use crate::errors::invalid;
use crate::model::Fields;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDate, PyDateAccess, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTime,
    PyTuple, PyTzInfoAccess,
};
use reprieve_core::schema::{Column, ColumnType};
use reprieve_core::value::{Date, Value};

/// The value for a field of a model, checked.
pub fn to_checked_value(fields: &Fields<'_>, position: usize, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let (field, column) = (&fields.columns[position], &fields.table.columns[position]);
    let converted = to_value(&fields.table.model, column, &field.codec, value, fields.timezone)?;
    if let Some(description) = &field.description {
        run_validators(
            description.bind(value.py()),
            Some(&place(&fields.table.model, column)),
            &field.text,
            value,
        )?;
    }
    Ok(converted)
}

/// The value for a column, checked against its type and rules. `model` may be empty.
pub fn to_value(
    model: &str,
    column: &Column,
    codec: &Codec,
    value: &Bound<'_, PyAny>,
    timezone: Option<&Timezone>,
) -> PyResult<Value> {
    let converted = convert(model, column, codec, value, timezone)?;
    column.check(&converted).map_err(|why| {
        if model.is_empty() {
            // A check by hand: the caller has the value before them.
            return invalid(value.py(), &column.name, why);
        }
        let what = describe(value);
        let place = place(model, column);
        let advice = advice(&why);
        invalid(value.py(), &column.name, format!("{why} ({place} was given {what}{advice})"))
    })?;
    Ok(converted)
}

/// The value for a comparison with a column: of its type, but free of its rules.
pub fn to_operand(fields: &Fields<'_>, position: usize, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let (codec, column) = (&fields.columns[position].codec, &fields.table.columns[position]);
    convert(&fields.table.model, column, codec, value, fields.timezone)
}

fn convert(
    model: &str,
    column: &Column,
    codec: &Codec,
    value: &Bound<'_, PyAny>,
    timezone: Option<&Timezone>,
) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Codec::Array(Some(kind)) = codec
        && (value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>())
    {
        check_items(&place(model, column), column, value, kind.bind(value.py()))?;
    }
    let converted = match codec {
        Codec::Integer => integer(model, column, value)?,
        Codec::Key => match column.kind() {
            ColumnType::Text => text(value),
            ColumnType::Uuid => uuid(value),
            _ => integer(model, column, value)?,
        },
        Codec::Text => text(value),
        Codec::Boolean => match value.cast::<PyBool>() {
            Ok(v) => Some(Value::Bool(v.is_true())),
            Err(_) => exact_int(value).filter(|v| matches!(v, 0 | 1)).map(|v| Value::Bool(v == 1)),
        },
        Codec::Float => match value.is_instance_of::<PyFloat>() || is_int(value) {
            true => match value.extract::<f64>() {
                // No comparison with it is true, which no caller means, and databases disagree.
                Ok(number) if number.is_nan() => {
                    let message = format!("{} cannot hold NaN: use None", place(model, column));
                    return Err(invalid(value.py(), &column.name, message));
                }
                Ok(number) => Some(Value::Float(number)),
                Err(_) => return Err(out_of_range(model, column, value)),
            },
            false => None,
        },
        Codec::Decimal => decimal(model, column, value)?,
        Codec::Timestamp | Codec::AwareTimestamp => match value.cast::<PyDateTime>() {
            Ok(v) => match instant(v, timezone) {
                Ok(instant) => Some(Value::Timestamp(instant)),
                // The ends of the calendar have no UTC form in some zones.
                Err(_) => return Err(out_of_range(model, column, value)),
            },
            Err(_) => None,
        },
        Codec::Date => match value.cast::<PyDate>() {
            Ok(v) if !value.is_instance_of::<PyDateTime>() => {
                Some(Value::Date(Date { year: v.get_year() as u16, month: v.get_month(), day: v.get_day() }))
            }
            _ => None,
        },
        Codec::Time => match value.cast::<PyTime>() {
            Ok(v) if v.get_tzinfo().is_none() => Some(Value::Time(time_fields(v))),
            _ => None,
        },
        Codec::Array(_) if !value.is_instance_of::<PyList>() && !value.is_instance_of::<PyTuple>() => None,
        Codec::Json | Codec::Array(_) => match json::dump(value) {
            Ok(text) => Some(Value::Json(text)),
            Err(error) => {
                let message = format!("{} cannot be stored as JSON: {error}", place(model, column));
                return Err(invalid(value.py(), &column.name, message));
            }
        },
        Codec::Uuid => uuid(value),
        Codec::Enum(members) => {
            let member = members.iter().find(|(name, member)| {
                member.bind(value.py()).is(value) || value.extract::<&str>().is_ok_and(|label| label == name)
            });
            member.map(|(name, _)| Value::Text(name.clone()))
        }
    };
    converted.ok_or_else(|| {
        let (place, expected, got) = (place(model, column), codec.expects(), describe(value));
        let message = if matches!(codec, Codec::Text) && value.is_instance_of::<PyString>() {
            format!(
                "{place} cannot hold {got}: a lone surrogate is half of a character. Remove or replace it"
            )
        } else {
            format!("{place} expects {expected}, got {got}: convert it first")
        };
        invalid(value.py(), &column.name, message)
    })
}

/// Refuses an item, NULL aside, that is not of the type named.
fn check_items(
    place: &str,
    column: &Column,
    value: &Bound<'_, PyAny>,
    kind: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = value.py();
    for (i, item) in value.try_iter()?.enumerate() {
        let item = item?;
        // True is no number here, though Python counts it as one.
        let truth = item.is_instance_of::<PyBool>() && !kind.is(py.get_type::<PyBool>());
        if !item.is_none() && (truth || !item.is_instance(kind)?) {
            let expected = kind.getattr("__name__").unwrap_or_else(|_| kind.clone());
            let message =
                format!("{place} is a list of {expected}, and item {i} is {}: convert it", describe(&item));
            return Err(invalid(py, &column.name, message));
        }
    }
    Ok(())
}

fn out_of_range(model: &str, column: &Column, value: &Bound<'_, PyAny>) -> PyErr {
    let message = format!("{} cannot hold {}: it is out of range", place(model, column), describe(value));
    invalid(value.py(), &column.name, message)
}

fn place(model: &str, column: &Column) -> String {
    if model.is_empty() { column.name.clone() } else { format!("{model}.{}", column.name) }
}

/// A value for a message: its type, and its size. Never what it holds, which may be a secret: messages go into logs and
/// to clients.
pub fn describe(value: &Bound<'_, PyAny>) -> String {
    let kind = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    let unit = if value.is_instance_of::<PyString>() {
        "character"
    } else if value.is_instance_of::<PyBytes>() {
        "byte"
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        "item"
    } else {
        return kind;
    };
    match value.len() {
        Ok(1) => format!("{kind} of 1 {unit}"),
        Ok(length) => format!("{kind} of {length} {unit}s"),
        Err(_) => kind,
    }
}

/// An argument that holds no data, such as the number of a page or the name of a field, as it was given when it is short.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let kind = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    let is_short = value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyString>();
    match value.repr().map(|text| text.to_string()) {
        Ok(text) if is_short && text.len() <= 40 => format!("{kind} {text}"),
        _ => describe(value),
    }
}

fn advice(why: &str) -> &'static str {
    match why {
        why if why.contains("null") => "; give it a value, or declare the field nullable",
        why if why.starts_with("Length") => "; change the text, or the field's limit",
        why if why.starts_with("Value must") => "; change the number, or the field's limit",
        _ => "",
    }
}

pub fn is_int(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>()
}

pub fn exact_int(value: &Bound<'_, PyAny>) -> Option<i64> {
    if is_int(value) { value.extract().ok() } else { None }
}

fn integer(model: &str, column: &Column, value: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    if !is_int(value) {
        return Ok(None);
    }
    match value.extract::<i64>() {
        Ok(v) => Ok(Some(Value::Int(v))),
        Err(_) => {
            let message = format!(
                "{} expects a 64-bit integer (-2**63 to 2**63-1), got a larger int: use a DecimalField or a StringField",
                place(model, column)
            );
            Err(invalid(value.py(), &column.name, message))
        }
    }
}

/// Whether the value is an integer that no key of this column can be: one beyond 64 bits.
pub fn is_beyond_keys(column: &Column, codec: &Codec, value: &Bound<'_, PyAny>) -> bool {
    let integers = match codec {
        Codec::Integer => true,
        Codec::Key => !matches!(column.kind(), ColumnType::Text | ColumnType::Uuid),
        _ => false,
    };
    integers && is_int(value) && value.extract::<i64>().is_err()
}

fn text(value: &Bound<'_, PyAny>) -> Option<Value> {
    // A text with lone surrogates has no UTF-8 form and is refused with the other types.
    value.cast::<PyString>().ok()?.to_str().ok().map(Value::from)
}

fn uuid(value: &Bound<'_, PyAny>) -> Option<Value> {
    if let Ok(text) = value.cast::<PyString>() {
        return uuid::Uuid::parse_str(text.to_str().ok()?).ok().map(|uuid| Value::Uuid(uuid.into_bytes()));
    }
    let bytes = value.getattr(pyo3::intern!(value.py(), "bytes")).ok()?;
    bytes.cast::<PyBytes>().ok()?.as_bytes().try_into().ok().map(Value::Uuid)
}

/// A decimal in plain notation with the column's scale; digits that would be lost are an error.
fn decimal(model: &str, column: &Column, value: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let ColumnType::Decimal { precision, scale } = *column.kind() else { return Ok(None) };
    let refuse = |why: &str| {
        let message = format!("{} {why} (got {})", place(model, column), describe(value));
        Err(invalid(value.py(), &column.name, message))
    };
    let most = Digits { before: precision.saturating_sub(scale), after: scale };
    let too_large = || refuse(&format!("keeps {} digits before the point", most.before));
    let too_fine = || refuse(&format!("keeps {scale} digits after the point: round it first"));
    let text = match plain(value, most)? {
        None => return Ok(None),
        Some(Ok(text)) => text,
        Some(Err(Unfit::NotFinite)) => return refuse("expects a finite number"),
        Some(Err(Unfit::Before)) => return too_large(),
        Some(Err(Unfit::After)) => return too_fine(),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = whole.trim_start_matches(['-', '0']).len();
    if fraction.len() > scale as usize {
        return too_fine();
    }
    if digits > most.before as usize {
        return too_large();
    }
    let padded = format!("{fraction:0<width$}", width = scale as usize);
    let point = if scale == 0 { "" } else { "." };
    let sign = if whole.starts_with('-') && digits == 0 && fraction.is_empty() {
        whole.trim_start_matches('-')
    } else {
        whole
    };
    Ok(Some(Value::Decimal(format!("{sign}{point}{padded}"))))
}

/// Calls the validators of a field's description. `place` is the field in its model, unless it is checked by hand.
pub fn run_validators(
    description: &Bound<'_, PyDict>,
    place: Option<&str>,
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = value.py();
    if value.is_none() {
        return Ok(());
    }
    let Some(validators) = description.get_item("validators")? else { return Ok(()) };
    for validator in validators.try_iter()? {
        let verdict = validator?.call1((value,));
        let refused = match verdict {
            Ok(verdict) => verdict.cast::<PyBool>().is_ok_and(|verdict| !verdict.is_true()),
            // In the words of the validator.
            Err(error) if crate::errors::is_validation(py, &error) => return Err(error),
            Err(error) if error.is_instance_of::<pyo3::exceptions::PyException>(py) => {
                let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                let raised =
                    invalid(py, name, format!("Validation failed for custom validator: {error}{place}"));
                raised.set_cause(py, Some(error));
                return Err(raised);
            }
            Err(error) => return Err(error),
        };
        if refused {
            let given = place.map(|place| format!(" ({place} was given {})", describe(value)));
            let given = given.unwrap_or_default();
            return Err(invalid(py, name, format!("Validation failed for custom validator{given}")));
        }
    }
    Ok(())
}
