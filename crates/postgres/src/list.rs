//! Lists on their way to the server, as arrays.

use crate::bind::{Bind, Unfit, base, text as item_text};
use crate::cell::MAX_DIMENSIONS;
use bytes::BytesMut;
use postgres_protocol::IsNull as ProtocolIsNull;
use postgres_protocol::types::{ArrayDimension, array_to_sql};
use reprieve_core::value::Value;
use serde_json::value::RawValue;
use std::error::Error;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

/// The values as an array of this type; each has a binary form of its item.
pub(crate) fn binary(
    values: &[Value],
    ty: &Type,
    out: &mut BytesMut,
) -> Result<(), Box<dyn Error + Sync + Send>> {
    let Kind::Array(item) = ty.kind() else {
        return Err(Box::new(Unfit(format!("a list has no form for {}", ty.name()))));
    };
    let length = i32::try_from(values.len()).map_err(|_| Unfit("a list is too long".to_owned()))?;
    let dimension = (length > 0).then_some(ArrayDimension { len: length, lower_bound: 1 });
    array_to_sql(
        dimension,
        item.oid(),
        values,
        |value, out| match Bind(value).to_sql(item, out)? {
            IsNull::Yes => Ok(ProtocolIsNull::Yes),
            IsNull::No => Ok(ProtocolIsNull::No),
        },
        out,
    )
}

/// The values as the literal of an array. Without a type (the server will find out), each as its own literal.
pub(crate) fn text(values: &[Value], ty: &Type) -> Result<String, Unfit> {
    let item = match ty.kind() {
        Kind::Array(item) => base(item),
        _ => &Type::UNKNOWN,
    };
    let mut literal = String::from("{");
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            literal.push(',');
        }
        match value {
            Value::Null => literal.push_str("NULL"),
            Value::List(inner) => literal.push_str(&text(inner, ty)?),
            value => quote(&item_text(value, item)?, &mut literal),
        }
    }
    literal.push('}');
    Ok(literal)
}

/// A JSON array as the literal of an array of this item.
pub(crate) fn from_json(json: &str, item: &Type) -> Result<String, Unfit> {
    let mut literal = String::new();
    append_json(json, item, MAX_DIMENSIONS, &mut literal)?;
    Ok(literal)
}

fn append_json(json: &str, item: &Type, dimensions: usize, literal: &mut String) -> Result<(), Unfit> {
    let inner = dimensions.checked_sub(1).ok_or_else(|| {
        Unfit(format!("a list is nested more than {MAX_DIMENSIONS} deep, which PostgreSQL does not allow"))
    })?;
    let unfit = || Unfit(format!("a list is expected, of items that fit {}", item.name()));
    let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| unfit())?;
    literal.push('{');
    for (i, raw) in items.iter().enumerate() {
        if i > 0 {
            literal.push(',');
        }
        match raw.get() {
            "null" => literal.push_str("NULL"),
            list if list.starts_with('[') => append_json(list, item, inner, literal)?,
            string if string.starts_with('"') => {
                let string: String = serde_json::from_str(string).map_err(|_| unfit())?;
                let prefix = if *item == Type::BYTEA { "\\x" } else { "" };
                quote(&format!("{prefix}{string}"), literal);
            }
            // JSON has no infinity; a number out of range stands for it.
            number if number.ends_with("9.0e+999") => {
                literal.push_str(if number.starts_with('-') { "-Infinity" } else { "Infinity" });
            }
            other => quote(other, literal),
        }
    }
    literal.push('}');
    Ok(())
}

fn quote(text: &str, literal: &mut String) {
    literal.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_literal_that_the_server_reads_back() {
        let values = [Value::from("a\"b\\c,d"), Value::Null, Value::from(7i64)];
        assert_eq!(text(&values, &Type::TEXT_ARRAY).unwrap(), r#"{"a\"b\\c,d",NULL,"7"}"#);
        assert_eq!(text(&[], &Type::TEXT_ARRAY).unwrap(), "{}");
    }

    #[test]
    fn json_becomes_a_literal() {
        assert_eq!(from_json(r#"["a,\"b", null, "NULL"]"#, &Type::TEXT).unwrap(), r#"{"a,\"b",NULL,"NULL"}"#);
        assert_eq!(
            from_json("[1, [2.50], -9.0e+999]", &Type::FLOAT8).unwrap(),
            r#"{"1",{"2.50"},-Infinity}"#
        );
        assert_eq!(from_json(r#"["00ff"]"#, &Type::BYTEA).unwrap(), r#"{"\\x00ff"}"#);
        assert!(from_json("{}", &Type::INT8).is_err());
        // A recursion without an end, if it were followed.
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(from_json(&deep, &Type::INT8).unwrap_err().to_string().contains("6 deep"));
    }
}
