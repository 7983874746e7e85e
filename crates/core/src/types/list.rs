//! The list of column types. One line makes a variant of [`ColumnType`], leads from it to the rules in the type's file, and
//! says which variant of [`Value`] holds the type's own values.

use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::value::Value;
use std::sync::Arc;

/// Each line is `file::Type`, the parameters of a column, and `holds` with the variant of [`Value`] for a type that has
/// values of its own. `$d` is a dollar sign, for the macros that this one writes.
macro_rules! column_types {
    ($d:tt $(
        $(#[$doc:meta])*
        $file:ident::$name:ident
        $({ $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)+ })?
        $(($part:ident: $part_type:ty))?
        $(holds $variant:ident)?;
    )+) => {
        /// The type of a column, independent of the database.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum ColumnType {
            $($(#[$doc])* $name $({ $($(#[$field_doc])* $field: $field_type,)+ })? $(($part_type))?,)+
        }

        /// `dispatch!(kind, rules => rules.accepts(value))`: asks the rules of a column's type.
        macro_rules! dispatch {
            ($d kind:expr, $d rules:ident => $d answer:expr) => {
                match $d kind {
                    $($crate::types::ColumnType::$name $({ $($field),+ })? $(($part))? => {
                        let $d rules = $crate::types::$file::$name $({ $($field: *$field),+ })? $(($part))?;
                        $d answer
                    })+
                }
            };
        }

        /// `dispatch_value!(value, Type(held) => Type::key_text(held), …)`: asks the type that holds a value. The other arms
        /// are for NULL and lists, which belong to no type.
        macro_rules! dispatch_value {
            ($d value:expr, $d of:ident($d held:ident) => $d answer:expr, $d($d others:tt)+) => {
                match $d value {
                    $($($crate::value::Value::$variant($d held) => {
                        type $d of = $crate::types::$file::$name;
                        $d answer
                    })?)+
                    $d($d others)+
                }
            };
        }
        pub(super) use {dispatch, dispatch_value};

        /// Reads a value whose type a cursor names by this byte.
        pub(super) fn read_held(code: u8, bytes: &mut Reader<'_>) -> Option<Value> {
            Some(match code {
                $($(<super::$file::$name as ValueRules>::CURSOR => {
                    Value::$variant(super::$file::$name::read(bytes)?)
                })?)+
                _ => return None,
            })
        }

        /// Every type: its description, a column type and a value of it.
        #[cfg(test)]
        pub(super) fn all() -> Vec<(&'static super::rules::Description, (ColumnType, Value))> {
            use super::rules::TypeRules;
            vec![$((super::$file::$name::DESCRIPTION, super::$file::$name::example())),+]
        }
    };
}

column_types! { $
    /// A 64-bit integer.
    integer::Integer holds Int;
    /// Text; the length limit is in [`crate::schema::Rules`].
    text::Text holds Text;
    /// A boolean.
    boolean::Boolean holds Bool;
    /// A double.
    float::Float holds Float;
    /// An exact decimal.
    decimal::Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    } holds Decimal;
    /// An instant, UTC, microseconds.
    timestamp::Timestamp holds Timestamp;
    /// A calendar date.
    date::Date holds Date;
    /// A time of day.
    time::Time holds Time;
    /// A JSON document.
    json::Json holds Json;
    /// A UUID.
    uuid::Uuid holds Uuid;
    /// Bytes.
    bytes::Bytes holds Bytes;
    /// One of these labels.
    enum_::Enum(labels: Arc<[String]>);
    /// A list, stored as JSON where the database has no arrays.
    array::Array(item: Box<ColumnType>);
    /// Anything, stored as it comes: the journal keeps keys and old values of other tables.
    any::Any;
    /// The type of the key that the column's foreign key points to; see [`crate::schema::Column::kind`].
    key::Key;
}
