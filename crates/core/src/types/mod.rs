//! What a column type is: its name, the values it accepts, how a driver's cell is read, what each database calls it, and
//! how its values are written as JSON, as keys and in cursors.
//!
//! Each type has one file, which answers all of it: a static description, and methods where an answer depends on the
//! parameters of a column. A new type is a new file and a line in [`list`].

mod any;
mod array;
mod boolean;
mod bytes;
mod column_type;
mod date;
mod decimal;
mod enum_;
mod float;
mod integer;
mod json;
mod key;
mod list;
mod rules;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod timestamp;
mod uuid;
mod value_rules;
pub(crate) mod values;

pub use decimal::compare_decimals;
pub use json::MAX_JSON_DEPTH;
pub use list::ColumnType;
pub(crate) use rules::Limits;
