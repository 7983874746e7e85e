//! What the fuzz targets reach of the inside; compiled for them only.

use crate::cell::Form;
use crate::list;
use tokio_postgres::types::Type;

/// What a value was read as.
#[derive(Debug)]
pub enum Read {
    /// A value that is borrowed from the row.
    Cell,
    /// A decimal, written beside the row.
    Number(String),
    /// A list, written beside the row.
    Json(String),
}

const TYPES: [Type; 24] = [
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::TEXT,
    Type::JSONB,
    Type::BYTEA,
    Type::TIMESTAMPTZ,
    Type::DATE,
    Type::TIME,
    Type::UUID,
    Type::NUMERIC,
    Type::BOOL_ARRAY,
    Type::INT8_ARRAY,
    Type::FLOAT8_ARRAY,
    Type::TEXT_ARRAY,
    Type::JSONB_ARRAY,
    Type::TIMESTAMPTZ_ARRAY,
    Type::UUID_ARRAY,
    Type::NUMERIC_ARRAY,
    Type::BYTEA_ARRAY,
];

/// Reads the bytes of a value of the type with this number.
pub fn read(kind: usize, bytes: &[u8]) -> Option<Read> {
    let ty = &TYPES[kind % TYPES.len()];
    let form = Form::of(ty);
    if !form.is_written() {
        return form.cell(bytes).map(|cell| drop(cell.to_value())).map(|()| Read::Cell);
    }
    let mut text = String::new();
    form.write(bytes, &mut text)?;
    Some(match *ty {
        Type::NUMERIC => Read::Number(text),
        // Documents are not read on the way.
        Type::JSONB_ARRAY => Read::Cell,
        _ => Read::Json(text),
    })
}

/// Writes a JSON array for a column of a list of the type with this number.
pub fn list(kind: usize, json: &str) -> Option<String> {
    list::from_json(json, &TYPES[kind % TYPES.len()]).ok()
}
