//! Values on their way to the server: in binary where the type that the server expects has a form as short as the
//! value's, else as text, which the server reads as it reads a literal.

use crate::cell::{EPOCH_DAYS, EPOCH_MICROSECONDS};
use crate::list;
use bytes::{BufMut, BytesMut};
use postgres_protocol::types;
use reprieve_core::sql::key_text;
use reprieve_core::value::Value;
use std::error::Error;
use std::fmt::{self, Write};
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

/// A value of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Bind<'a>(pub(crate) &'a Value);

/// Why a value cannot be sent. Says nothing of the value itself.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

type Encoded = Result<IsNull, Box<dyn Error + Sync + Send>>;

/// The type behind domains.
pub(crate) fn base(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(inner) => base(inner),
        _ => ty,
    }
}

impl ToSql for Bind<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        let ty = base(ty);
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            value if is_binary(value, ty) => binary(value, ty, out)?,
            value => out.put_slice(text(value, ty)?.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, ty: &Type) -> Format {
        if is_binary(self.0, base(ty)) { Format::Binary } else { Format::Text }
    }
}

/// Values go to no log.
impl fmt::Debug for Bind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.type_name())
    }
}

/// Whether the value has a binary form of this type.
fn is_binary(value: &Value, ty: &Type) -> bool {
    match value {
        Value::Bool(_) => *ty == Type::BOOL,
        Value::Int(_) => matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::FLOAT8),
        Value::Float(_) => *ty == Type::FLOAT8,
        Value::Bytes(_) => *ty == Type::BYTEA,
        Value::Timestamp(_) => matches!(*ty, Type::TIMESTAMPTZ | Type::TIMESTAMP),
        // Beyond the years that can be stored there are dates to compare with, and no text that the server reads.
        Value::Date(date) => *ty == Type::DATE && (date.exists() || !(1..=9999).contains(&date.year)),
        Value::Time(_) => *ty == Type::TIME,
        Value::Uuid(_) => *ty == Type::UUID,
        Value::List(values) => match ty.kind() {
            Kind::Array(item) => values.iter().all(|value| value.is_null() || is_binary(value, base(item))),
            _ => false,
        },
        _ => false,
    }
}

fn binary(value: &Value, ty: &Type, out: &mut BytesMut) -> Result<(), Box<dyn Error + Sync + Send>> {
    match value {
        Value::Bool(v) => types::bool_to_sql(*v, out),
        Value::Int(v) => integer(*v, ty, out)?,
        Value::Float(v) => types::float8_to_sql(*v, out),
        Value::Bytes(v) => out.put_slice(v),
        Value::Timestamp(v) => {
            types::timestamp_to_sql(v.microseconds().saturating_sub(EPOCH_MICROSECONDS), out)
        }
        // A year is a number of 16 bits: its days are near enough.
        Value::Date(v) => types::date_to_sql((v.days() - EPOCH_DAYS) as i32, out),
        Value::Time(v) => types::time_to_sql(v.microseconds(), out),
        Value::Uuid(v) => types::uuid_to_sql(*v, out),
        Value::List(values) => list::binary(values, ty, out)?,
        _ => return Err(Box::new(Unfit(format!("a {} has no form for {}", value.type_name(), ty.name())))),
    }
    Ok(())
}

fn integer(value: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Unfit> {
    match *ty {
        Type::INT2 => i16::try_from(value).map(|v| types::int2_to_sql(v, out)),
        Type::INT4 => i32::try_from(value).map(|v| types::int4_to_sql(v, out)),
        Type::FLOAT8 => {
            types::float8_to_sql(value as f64, out);
            Ok(())
        }
        _ => {
            types::int8_to_sql(value, out);
            Ok(())
        }
    }
    .map_err(|_| {
        Unfit(format!("a number is out of the range of {}: use a smaller one, or a wider column", ty.name()))
    })
}

/// The value as it would stand in a literal.
pub(crate) fn text(value: &Value, ty: &Type) -> Result<String, Unfit> {
    let text = match value {
        _ if matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME) => {
            key_text(value).unwrap_or_default()
        }
        Value::Null => String::new(),
        Value::Bool(v) => if *v { "t" } else { "f" }.to_owned(),
        Value::Int(v) => v.to_string(),
        Value::Float(v) if v.is_infinite() => if *v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        Value::Float(v) => format!("{v:?}"),
        Value::Text(v) | Value::Decimal(v) => v.clone(),
        Value::Json(v) => match ty.kind() {
            Kind::Array(item) => list::from_json(v, base(item))?,
            _ => v.clone(),
        },
        Value::Bytes(v) => hex(v),
        Value::Timestamp(v) => format!("{v}+00"),
        Value::Date(v) => v.to_string(),
        Value::Time(v) => v.to_string(),
        Value::Uuid(_) => key_text(value).unwrap_or_default(),
        Value::List(values) => list::text(values, ty)?,
        other => return Err(Unfit(format!("PostgreSQL has no form for a {}", other.type_name()))),
    };
    if text.contains('\0') {
        return Err(Unfit(
            "PostgreSQL cannot store a text that contains the character NUL: remove it first".to_owned(),
        ));
    }
    Ok(text)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("\\x");
    for byte in bytes {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unfit {}
