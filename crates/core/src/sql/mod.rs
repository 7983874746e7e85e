//! The compiler: a statement of [`crate::query`] becomes text and binds.
//!
//! The engine asks a [`Compiler`], which remembers the text by the statement's shape; [`compile`] does the work.
//! What always holds: identifiers are quoted, values are bound, and visibility is applied here, to each table
//! reference, and nowhere else (in `visibility`). Whatever a [`Dialect`] decides is a `match` on it in the file of
//! the concept, so that another database is added by filling in those.

mod cache;
mod compiled;
mod compiler;
mod ddl;
mod delete;
mod dialect;
mod expr;
mod fold;
mod given;
mod identifier;
mod insert;
mod json;
mod json_text;
mod key_text;
mod lock;
mod matching;
mod native;
mod next_key;
mod order;
mod predicate;
mod raw;
mod select;
mod typed;
mod update;
mod visibility;
mod writer;

pub use compiled::Compiled;
pub use compiler::{Compiler, compile};
pub use ddl::{
    broken_index, create_index, create_index_concurrently, create_table, create_tables, drop_table,
    drop_tables, repeated_keys,
};
pub use dialect::{
    CONTAINS_FUNCTION, DECIMAL_COLLATION, Dialect, FOLD_COLLATION, FOLD_FUNCTION, STARTS_FUNCTION,
};
pub use fold::fold;
pub use json_text::json_text;
pub use key_text::key_text;
pub use lock::{lock_number, lock_schema};
pub use next_key::{advance_key, repeats_keys};
pub use raw::{Leaves, Raw, RawKind};
pub use visibility::rows_of_index;

pub use crate::types::compare_decimals;

pub(crate) use insert::made_key;
pub(crate) use matching::Matching;
pub(crate) use predicate::{long_list, null_test};
