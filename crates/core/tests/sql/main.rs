//! The compiler, mirrored file by file: the exact text of each statement, which SQLite is asked to prepare at the
//! same time, and what the statements do to rows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compiler;
mod cursor;
mod database;
mod ddl;
mod decimal;
mod delete;
mod expr;
mod fixture;
mod fold;
mod given;
mod insert;
mod json;
mod keyset;
mod matching;
mod order;
mod plan;
mod postgres;
mod predicate;
mod relation;
mod renumber;
mod select;
mod shape;
mod update;
mod visibility;
