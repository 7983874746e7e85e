//! An SQLite database in memory with the tables of the fixture, set up as [`Dialect::Sqlite`] asks of a driver.

use crate::fixture::{IntoStatement, fixture};
use reprieve_core::sql::{
    self, CONTAINS_FUNCTION, Compiler, DECIMAL_COLLATION, Dialect, FOLD_FUNCTION, STARTS_FUNCTION,
    compare_decimals, create_table,
};
use reprieve_core::value::Value;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, ToSql};

pub(crate) struct Database(pub(crate) Connection);

impl Database {
    pub(crate) fn empty() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false).unwrap();
        connection.create_collation(DECIMAL_COLLATION, compare_decimals).unwrap();
        let flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS;
        let fold = |context: &mut rusqlite::functions::Context<'_>| {
            Ok(match context.get_raw(0) {
                ValueRef::Text(text) => {
                    Stored::Text(sql::fold(std::str::from_utf8(text).unwrap()).into_owned())
                }
                other => other.try_into().unwrap(),
            })
        };
        connection.create_scalar_function(FOLD_FUNCTION, 1, flags, fold).unwrap();
        let search = |name, found: fn(&str, &str) -> bool| {
            let ask = move |context: &mut rusqlite::functions::Context<'_>| {
                let (text, pattern): (Option<String>, String) = (context.get(0)?, context.get(1)?);
                Ok(text.map(|text| found(&text, &pattern)))
            };
            connection.create_scalar_function(name, 2, flags, ask).unwrap();
        };
        search(CONTAINS_FUNCTION, |text, pattern| text.contains(pattern));
        search(STARTS_FUNCTION, |text, pattern| text.starts_with(pattern));
        Self(connection)
    }

    pub(crate) fn new() -> Self {
        let database = Self::empty();
        let fixture = fixture();
        for table in fixture.graph.tables() {
            for statement in create_table(table, &fixture.graph, Dialect::Sqlite).unwrap() {
                database.0.execute_batch(&statement).unwrap();
            }
        }
        database
    }

    /// Runs a statement; its rows, each column as text for people.
    pub(crate) fn run(&self, statement: impl IntoStatement) -> Vec<String> {
        let statement = statement.statement();
        let mut binds = Vec::new();
        let compiled = Compiler::new(Dialect::Sqlite).compile(&statement, &mut binds).unwrap();
        let mut prepared = self.0.prepare(&compiled.sql).unwrap_or_else(|e| panic!("{e}: {}", compiled.sql));
        let width = prepared.column_count();
        let rows = prepared.query_map(rusqlite::params_from_iter(binds.iter().map(Bound)), |row| {
            let cells: Vec<String> = (0..width).map(|i| shown(row.get_ref(i).unwrap())).collect();
            Ok(cells.join("|"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.0.execute_batch(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
    }
}

/// The text of a statement, which SQLite has prepared and which is the same by both ways.
pub(crate) fn text(statement: impl IntoStatement) -> String {
    with_binds(statement).0
}

/// The text of a statement and its binds.
pub(crate) fn with_binds(statement: impl IntoStatement) -> (String, Vec<Value>) {
    thread_local! {
        static DATABASE: Database = Database::new();
    }
    let statement = statement.statement();
    let (sql, binds) = sql::compile(&statement, Dialect::Sqlite).unwrap();
    let mut walked = Vec::new();
    let compiled = Compiler::new(Dialect::Sqlite).compile(&statement, &mut walked).unwrap();
    assert_eq!((&*compiled.sql, &walked), (sql.as_str(), &binds), "the two walks agree");
    DATABASE.with(|database| {
        let prepared = database.0.prepare(&sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
        assert_eq!(prepared.parameter_count(), binds.len(), "a bind for each placeholder: {sql}");
    });
    crate::postgres::with_postgres_binds(statement);
    (sql, binds)
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(v) => v.to_string(),
        ValueRef::Real(v) => format!("{v:?}"),
        ValueRef::Text(v) => String::from_utf8(v.to_vec()).unwrap(),
        ValueRef::Blob(v) => format!("{v:02x?}"),
    }
}

/// A value in the storage form of SQLite.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(match self.0 {
            Value::Null => Stored::Null,
            Value::Bool(v) => Stored::Integer((*v).into()),
            Value::Int(v) => Stored::Integer(*v),
            Value::Float(v) => Stored::Real(*v),
            Value::Text(v) | Value::Decimal(v) | Value::Json(v) => Stored::Text(v.clone()),
            Value::Bytes(v) => Stored::Blob(v.clone()),
            Value::Timestamp(v) => Stored::Text(v.to_string()),
            Value::Date(v) => Stored::Text(v.to_string()),
            Value::Time(v) => Stored::Text(v.to_string()),
            Value::Uuid(v) => Stored::Blob(v.to_vec()),
            other => panic!("no storage form for {other:?}"),
        }))
    }
}
