//! Walks the list of types: each answers every question, and differs from the others where it has to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::list::all;
use super::rules::Storage;
use super::{ColumnType, values};
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{Cell, Value};
use std::collections::HashSet;

const DIALECTS: [Dialect; 2] = [Dialect::Sqlite, Dialect::Postgres];

/// The value as a driver hands it over that has the type.
fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Bool(v) => Cell::Bool(*v),
        Value::Int(v) => Cell::Int(*v),
        Value::Float(v) => Cell::Float(*v),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => Cell::Text(v),
        Value::Bytes(v) => Cell::Bytes(v),
        Value::Timestamp(v) => Cell::Timestamp(*v),
        Value::Date(v) => Cell::Date(*v),
        Value::Time(v) => Cell::Time(*v),
        Value::Uuid(v) => Cell::Uuid(*v),
        Value::Null | Value::List(_) => Cell::Null,
    }
}

#[test]
fn each_variant_leads_to_the_description_in_its_file() {
    for (description, (kind, _)) in all() {
        assert_eq!(kind.description(), description, "{kind:?}");
        assert_eq!(kind.name(), description.name);
    }
}

#[test]
fn no_two_types_share_a_name_or_a_code() {
    let (mut names, mut codes) = (HashSet::new(), HashSet::new());
    for (description, (kind, _)) in all() {
        assert!(!description.name.is_empty() && names.insert(description.name), "{kind:?}");
        assert!(codes.insert(description.code), "{kind:?}");
        let mut shape = Vec::new();
        kind.shape(&mut shape);
        assert_eq!(shape.first(), Some(&description.code), "{kind:?}");
    }
}

#[test]
fn each_database_has_a_name_and_templates_for_each_type() {
    for (_, (kind, _)) in all() {
        for dialect in DIALECTS {
            let Storage { json, key_text, from_text, .. } = kind.storage(dialect);
            for template in [json, key_text].into_iter().chain(from_text) {
                assert!(template.contains("{x}"), "{kind:?} {dialect:?}: {template}");
            }
            let untyped = kind == ColumnType::Any && dialect == Dialect::Sqlite;
            assert_eq!(kind.database_name(dialect).is_empty(), untyped, "{kind:?} {dialect:?}");
            assert!(
                kind.declared(dialect).starts_with(&*kind.database_name(dialect)),
                "{kind:?} {dialect:?}"
            );
        }
    }
}

#[test]
fn each_type_takes_its_value_and_finds_it_in_a_cell() {
    for (description, (kind, value)) in all() {
        assert!(kind.accepts(&value), "{kind:?}");
        assert_eq!(kind.check(&value, &Rules::default()), Ok(()), "{kind:?}");
        assert_eq!(kind.contradiction(), None, "{kind:?}");
        assert_eq!(kind.decode(Cell::Null), Some(Value::Null), "{kind:?}");
        assert_eq!(kind.decode(cell(&value)), Some(value.clone()), "{kind:?}");
        let text = values::key_text(&value).unwrap();
        if description.varying_text {
            assert_eq!(kind.decode(Cell::Text(&text)), Some(value), "{kind:?}");
        }
    }
}

#[test]
fn each_type_refuses_what_it_does_not_take() {
    let list = Value::List(Vec::new());
    for (description, (kind, _)) in all() {
        assert!(kind.accepts(&list) == (kind == ColumnType::Any), "{kind:?}");
        assert_eq!(kind.refusal(&list), format!("expected {}, got list", description.name));
    }
}

#[test]
fn each_value_is_json_and_returns_from_a_cursor() {
    let mut codes = HashSet::new();
    for (_, (kind, value)) in all() {
        for dialect in DIALECTS {
            let json = values::json_text(&value, dialect);
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{kind:?}: {json}");
        }
        let mut bytes = Vec::new();
        values::write(&value, &mut bytes);
        codes.insert((bytes[0], std::mem::discriminant(&value)));
        let mut reader = Reader::new(&bytes);
        assert_eq!(values::read(&mut reader), Some(value), "{kind:?}");
        assert!(reader.is_empty(), "{kind:?}");
    }
    let distinct: HashSet<u8> = codes.iter().map(|(code, _)| *code).collect();
    assert_eq!(distinct.len(), codes.len(), "two types share a byte in cursors: {codes:?}");
}
