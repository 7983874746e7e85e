//! Values as the server sends them, in binary.

use crate::bind::base;
use crate::numeric;
use postgres_protocol::types;
use reprieve_core::sql::json_text;
use reprieve_core::value::{Cell, Date, Time, Timestamp, Value};
use tokio_postgres::types::{Kind, Type};

/// The server counts from 2000-01-01.
pub(crate) const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
pub(crate) const EPOCH_DAYS: i64 = 10_957;

/// As many as the server itself allows: `MAXDIM` in its `src/include/c.h`.
pub(crate) const MAX_DIMENSIONS: usize = 6;

/// How the values of a column are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Text,
    Jsonb,
    Bytes,
    Timestamp,
    Date,
    Time,
    Uuid,
    /// A type of nothing, which some functions return.
    Void,
    /// Read as text that is written beside the row.
    Numeric,
    /// Read as JSON that is written beside the row.
    Array(Box<Form>),
    /// A type that is not known here.
    Other,
}

impl Form {
    pub(crate) fn of(ty: &Type) -> Self {
        let ty = base(ty);
        match *ty {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID | Type::XID | Type::CID | Type::REGCLASS | Type::REGTYPE | Type::REGPROC => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::UNKNOWN
            | Type::JSON
            | Type::XML => Self::Text,
            Type::CHAR | Type::CSTRING => Self::Text,
            Type::JSONB => Self::Jsonb,
            Type::BYTEA => Self::Bytes,
            Type::TIMESTAMPTZ | Type::TIMESTAMP => Self::Timestamp,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::UUID => Self::Uuid,
            Type::VOID => Self::Void,
            Type::NUMERIC => Self::Numeric,
            _ => match ty.kind() {
                Kind::Enum(_) => Self::Text,
                Kind::Array(item) => match Self::of(item) {
                    Self::Other => Self::Other,
                    item => Self::Array(Box::new(item)),
                },
                Kind::Simple if ty.name() == "citext" => Self::Text,
                _ => Self::Other,
            },
        }
    }

    /// Whether its values are written beside the row.
    pub(crate) fn is_written(&self) -> bool {
        matches!(self, Self::Numeric | Self::Array(_))
    }

    /// The value, borrowed; `None` when the bytes are not what the type says.
    pub(crate) fn cell<'a>(&self, bytes: &'a [u8]) -> Option<Cell<'a>> {
        Some(match self {
            Self::Bool => Cell::Bool(types::bool_from_sql(bytes).ok()?),
            Self::Int2 => Cell::Int(i64::from(i16::from_be_bytes(bytes.try_into().ok()?))),
            Self::Int4 => Cell::Int(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Int8 => Cell::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Oid => Cell::Int(i64::from(u32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Float4 => Cell::Float(f64::from(f32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Float8 => Cell::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Text => Cell::Text(str::from_utf8(bytes).ok()?),
            // The first byte is the version of the form.
            Self::Jsonb => Cell::Text(str::from_utf8(bytes.strip_prefix(&[1])?).ok()?),
            Self::Bytes => Cell::Bytes(bytes),
            Self::Timestamp => Cell::Timestamp(timestamp(i64::from_be_bytes(bytes.try_into().ok()?))),
            Self::Date => {
                let days = i64::from(i32::from_be_bytes(bytes.try_into().ok()?));
                Cell::Date(Date::from_days(days + EPOCH_DAYS))
            }
            Self::Time => Cell::Time(Time::from_microseconds(i64::from_be_bytes(bytes.try_into().ok()?))),
            Self::Uuid => Cell::Uuid(bytes.try_into().ok()?),
            Self::Void => Cell::Null,
            Self::Numeric | Self::Array(_) | Self::Other => return None,
        })
    }

    /// Writes the value as text; `None` when the bytes are not what the type says.
    pub(crate) fn write(&self, bytes: &[u8], out: &mut String) -> Option<()> {
        match self {
            Self::Numeric => numeric::append(bytes, out),
            Self::Array(item) => item.array(bytes, out),
            _ => None,
        }
    }

    fn array(&self, bytes: &[u8], out: &mut String) -> Option<()> {
        use fallible_iterator::FallibleIterator;
        let array = types::array_from_sql(bytes).ok()?;
        let lengths: Vec<i32> = array.dimensions().map(|dimension| Ok(dimension.len)).collect().ok()?;
        // An empty array has no dimensions. Empty ones within others cost the sender nothing and us a bracket each.
        if lengths.len() > MAX_DIMENSIONS || lengths.contains(&0) {
            return None;
        }
        let mut values = array.values();
        self.dimension(&lengths, &mut || values.next().ok()?, out)
    }

    fn dimension<'a>(
        &self,
        lengths: &[i32],
        next: &mut dyn FnMut() -> Option<Option<&'a [u8]>>,
        out: &mut String,
    ) -> Option<()> {
        out.push('[');
        if let [length, inner @ ..] = lengths {
            for i in 0..*length {
                if i > 0 {
                    out.push(',');
                }
                match inner {
                    [] => self.json(next()?, out)?,
                    inner => self.dimension(inner, next, out)?,
                }
            }
        }
        out.push(']');
        Some(())
    }

    fn json(&self, bytes: Option<&[u8]>, out: &mut String) -> Option<()> {
        let value = match (self, bytes) {
            (_, None) => Value::Null,
            (Self::Numeric, Some(bytes)) => {
                let mut text = String::new();
                numeric::append(bytes, &mut text)?;
                Value::Decimal(text)
            }
            (Self::Jsonb, Some(bytes)) => {
                Value::Json(str::from_utf8(bytes.strip_prefix(&[1])?).ok()?.to_owned())
            }
            (form, Some(bytes)) => form.cell(bytes)?.to_value(),
        };
        out.push_str(&json_text(&value));
        Some(())
    }
}

/// Instants beyond those that can be stored, `infinity` among them, are the first and the last.
fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_microseconds(microseconds.saturating_add(EPOCH_MICROSECONDS))
        .clamp(Timestamp::MIN, Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of text, in as many dimensions as there are lengths.
    fn read(lengths: &[i32], items: &[&str]) -> Option<String> {
        let mut bytes = Vec::new();
        for word in [lengths.len() as i32, 0, Type::TEXT.oid() as i32] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        for length in lengths {
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&1i32.to_be_bytes());
        }
        for item in items {
            bytes.extend_from_slice(&(item.len() as i32).to_be_bytes());
            bytes.extend_from_slice(item.as_bytes());
        }
        let mut out = String::new();
        Form::of(&Type::TEXT_ARRAY).write(&bytes, &mut out).map(|()| out)
    }

    #[test]
    fn an_array_is_json() {
        assert_eq!(read(&[], &[]).as_deref(), Some("[]"));
        assert_eq!(read(&[2], &["a", "\""]).as_deref(), Some(r#"["a","\""]"#));
        assert_eq!(read(&[2, 1], &["a", "b"]).as_deref(), Some(r#"[["a"],["b"]]"#));
        assert_eq!(read(&[1; MAX_DIMENSIONS], &["a"]).as_deref(), Some(r#"[[[[[["a"]]]]]]"#));
    }

    #[test]
    fn what_no_server_sends_is_not_an_array() {
        // A few bytes that would be gigabytes of brackets, and a recursion without an end.
        assert_eq!(read(&[i32::MAX, 0], &[]), None);
        assert_eq!(read(&[1; 100_000], &["a"]), None);
        assert_eq!(read(&[2], &["a"]), None);
    }
}
