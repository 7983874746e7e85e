//! Three tables: `users` and `posts` can be deleted softly, `countries` cannot.

use reprieve_core::query::{
    Delete, Expr, Insert, Predicate, Rows, Select, Source, Statement, Update, UpdateEach,
};
use reprieve_core::schema::{Column, ColumnType, ForeignKey, Graph, OnDelete, Schema, Table};
use reprieve_core::value::Value;
use std::sync::{Arc, LazyLock};

pub(crate) struct Fixture {
    pub(crate) users: Arc<Table>,
    pub(crate) posts: Arc<Table>,
    pub(crate) countries: Arc<Table>,
    pub(crate) graph: Arc<Graph>,
}

pub(crate) fn fixture() -> &'static Fixture {
    static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
        let schema = Schema::new();
        let countries = Table::builder("Country", "countries")
            .column(Column::new("code", ColumnType::Text).primary_key())
            .column(Column::new("name", ColumnType::Text).not_null().unique())
            .build()
            .unwrap();
        let users = Table::builder("User", "users")
            .column(Column::new("id", ColumnType::Integer).primary_key())
            .column(Column::new("email", ColumnType::Text).not_null().unique())
            .column(
                Column::new("country", ColumnType::Key)
                    .references(ForeignKey::to("countries").on_delete(OnDelete::SetNull)),
            )
            .soft_delete()
            .build()
            .unwrap();
        let posts = Table::builder("Post", "posts")
            .column(Column::new("id", ColumnType::Integer).primary_key())
            .column(Column::new("title", ColumnType::Text).not_null())
            .column(Column::new("body", ColumnType::Text))
            .column(Column::new("published", ColumnType::Boolean).indexed())
            .column(Column::new("author_id", ColumnType::Key).references(ForeignKey::to("users")))
            .column(Column::new("price", ColumnType::Decimal { precision: 12, scale: 2 }))
            .column(Column::new("rating", ColumnType::Float))
            .column(Column::new("meta", ColumnType::Json))
            .column(Column::new("token", ColumnType::Uuid))
            .column(Column::new("data", ColumnType::Bytes))
            .column(Column::new("at", ColumnType::Timestamp))
            .column(Column::new("any", ColumnType::Any))
            .column(Column::new("day", ColumnType::Date))
            .column(Column::new("time", ColumnType::Time))
            .column(Column::new(
                "state",
                ColumnType::Enum(["it's".to_owned(), "draft".to_owned(), "Zero".to_owned()].into()),
            ))
            .column(Column::new("tags", ColumnType::Array(Box::new(ColumnType::Text))))
            .soft_delete()
            .unique_together(["title", "author_id"])
            .build()
            .unwrap();
        for table in [&posts, &users, &countries] {
            schema.declare(table.clone()).unwrap();
        }
        Fixture { users, posts, countries, graph: schema.graph().unwrap() }
    });
    &FIXTURE
}

/// Live posts, as the reference 0.
pub(crate) fn posts() -> Source {
    Source::live(0, &fixture().posts)
}

/// Live users, as the reference 1.
pub(crate) fn users() -> Source {
    Source::live(1, &fixture().users)
}

/// The column of that name.
pub(crate) fn column(source: &Source, name: &str) -> Expr {
    source.column(position(&source.table, name))
}

pub(crate) fn position(table: &Table, name: &str) -> usize {
    table.position(name).unwrap()
}

/// The keys of the rows of a source that fulfil the predicate.
pub(crate) fn keys(from: Source, filter: Predicate) -> Select {
    let key = from.key();
    Select::columns(from, vec![key]).filter(filter)
}

pub(crate) fn insert(table: &Arc<Table>, columns: &[&str], rows: Vec<Vec<Value>>) -> Insert {
    let columns = columns.iter().map(|name| position(table, name)).collect();
    Insert { table: table.clone(), columns, rows: Rows::Values(rows), returning: vec![] }
}

pub(crate) fn update(target: Source, set: &[(&str, Expr)], filter: Predicate) -> Update {
    let set = set.iter().map(|(name, value)| (position(&target.table, name), value.clone())).collect();
    Update { target, set, filter, returning: vec![] }
}

/// Anything that is a statement.
pub(crate) trait IntoStatement {
    fn statement(self) -> Statement;
}

macro_rules! into_statement {
    ($($kind:ident),*) => {
        $(impl IntoStatement for $kind {
            fn statement(self) -> Statement { Statement::$kind(self) }
        })*
    };
}

impl IntoStatement for Statement {
    fn statement(self) -> Statement {
        self
    }
}

into_statement!(Select, Insert, Update, UpdateEach, Delete);
