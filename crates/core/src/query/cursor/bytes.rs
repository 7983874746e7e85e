//! Values as bytes: one that says the type, then the value; text and bytes with their length before them.

use crate::value::{Date, Time, Timestamp, Value};

pub(super) fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(0),
        Value::Bool(v) => bytes.extend_from_slice(&[1, u8::from(*v)]),
        Value::Int(v) => fixed(2, &v.to_le_bytes(), bytes),
        Value::Float(v) => fixed(3, &v.to_bits().to_le_bytes(), bytes),
        Value::Text(v) => measured(4, v.as_bytes(), bytes),
        Value::Bytes(v) => measured(5, v, bytes),
        Value::Timestamp(v) => fixed(6, &v.microseconds().to_le_bytes(), bytes),
        Value::Date(v) => fixed(7, &v.days().to_le_bytes(), bytes),
        Value::Time(v) => fixed(8, &v.microseconds().to_le_bytes(), bytes),
        Value::Decimal(v) => measured(9, v.as_bytes(), bytes),
        Value::Uuid(v) => fixed(10, v, bytes),
        Value::Json(v) => measured(11, v.as_bytes(), bytes),
        // Never a value of a column.
        Value::List(_) => bytes.push(0),
    }
}

fn fixed(tag: u8, value: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    bytes.extend_from_slice(value);
}

fn measured(tag: u8, value: &[u8], bytes: &mut Vec<u8>) {
    fixed(tag, &(value.len() as u64).to_le_bytes(), bytes);
    bytes.extend_from_slice(value);
}

/// Reads values one after the other.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    /// `None` for bytes that [`write`] did not make.
    pub(super) fn value(&mut self) -> Option<Value> {
        Some(match self.array::<1>()?[0] {
            0 => Value::Null,
            1 => Value::Bool(self.array::<1>()?[0] == 1),
            2 => Value::Int(self.number()?),
            3 => Value::Float(f64::from_bits(u64::from_le_bytes(self.array()?))),
            4 => Value::Text(self.text()?),
            5 => Value::Bytes(self.measured()?.to_vec()),
            6 => Value::Timestamp(Timestamp::from_microseconds(self.number()?)),
            7 => Value::Date(Date::from_days(self.number()?)),
            8 => Value::Time(Time::from_microseconds(self.number()?)),
            9 => Value::Decimal(self.text()?),
            10 => Value::Uuid(self.array()?),
            11 => Value::Json(self.text()?),
            _ => return None,
        })
    }

    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn measured(&mut self) -> Option<&[u8]> {
        let length = usize::try_from(u64::from_le_bytes(self.array()?)).ok()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.measured()?.to_vec()).ok()
    }
}
