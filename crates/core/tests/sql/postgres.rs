//! The texts for PostgreSQL, and a PostgreSQL that is asked to prepare and run them when `REPRIEVE_TEST_POSTGRES_URL`
//! names one. Without it the texts alone are compared.
//!
//! Each [`Postgres`] is a connection whose tables are temporary: nothing is left behind.

use crate::database::Database;
use crate::fixture::{IntoStatement, fixture};
use bytes::BytesMut;
use reprieve_core::query::Statement;
use reprieve_core::schema::{Graph, Table};
use reprieve_core::sql::{self, Compiler, Dialect, FOLD_COLLATION, create_tables, key_text};
use reprieve_core::value::Value;
use std::error::Error;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::Host;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    /// The one that takes the place of [`FOLD_COLLATION`].
    collation: String,
}

/// As a driver has to choose it.
const BEST_COLLATION: &str = "SELECT collname::text FROM pg_collation \
    JOIN unnest(ARRAY['pg_unicode_fast', 'und-x-icu', 'pg_c_utf8', 'C.utf8']) WITH ORDINALITY AS best(name, place) \
    ON collname = name ORDER BY place LIMIT 1";

async fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(config: &Config, stream: S) -> Client {
    let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The text of a statement, which PostgreSQL has prepared (if there is one) and which is the same by both ways.
pub(crate) fn postgres(statement: impl IntoStatement) -> String {
    with_postgres_binds(statement).0
}

/// The text of a statement for PostgreSQL, and its binds.
pub(crate) fn with_postgres_binds(statement: impl IntoStatement) -> (String, Vec<Value>) {
    thread_local! {
        static DATABASE: Option<Postgres> = Postgres::new();
    }
    let (sql, binds) = compiled(&statement.statement());
    DATABASE.with(|database| {
        if let Some(database) = database {
            assert_eq!(database.types(&sql).len(), binds.len(), "a bind for each placeholder: {sql}");
        }
    });
    (sql, binds)
}

fn compiled(statement: &Statement) -> (String, Vec<Value>) {
    let (sql, binds) = sql::compile(statement, Dialect::Postgres).unwrap();
    let mut walked = Vec::new();
    let compiled = Compiler::new(Dialect::Postgres).compile(statement, &mut walked).unwrap();
    assert_eq!((&*compiled.sql, &walked), (sql.as_str(), &binds), "the two walks agree");
    (sql, binds)
}

impl Postgres {
    /// One with the tables of the fixture.
    pub(crate) fn new() -> Option<Self> {
        let database = Self::empty()?;
        database.create(fixture().graph.tables(), &fixture().graph);
        Some(database)
    }

    #[allow(clippy::disallowed_methods, reason = "whoever runs the tests says where a server is")]
    pub(crate) fn empty() -> Option<Self> {
        let config: Config = std::env::var("REPRIEVE_TEST_POSTGRES_URL").ok()?.parse().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let port = config.get_ports().first().copied().unwrap_or(5432);
            match config.get_hosts() {
                [Host::Tcp(host), ..] => {
                    over(&config, TcpStream::connect((host.as_str(), port)).await.unwrap()).await
                }
                [Host::Unix(folder), ..] => {
                    let socket = folder.join(format!(".s.PGSQL.{port}"));
                    over(&config, UnixStream::connect(socket).await.unwrap()).await
                }
                [] => panic!("the URL names no host"),
            }
        });
        let mut database = Self { runtime, client, collation: String::new() };
        database.collation = database.rows(BEST_COLLATION, &[]).remove(0);
        database.execute(
            "SET search_path = pg_temp; SET TimeZone = 'Pacific/Auckland'; SET DateStyle = 'SQL, DMY'",
        );
        Some(database)
    }

    pub(crate) fn create(&self, tables: &[Arc<Table>], graph: &Graph) {
        for statement in create_tables(tables, graph, Dialect::Postgres).unwrap() {
            self.execute(&statement);
        }
    }

    pub(crate) fn execute(&self, sql: &str) {
        let done = self.runtime.block_on(self.client.batch_execute(sql));
        done.unwrap_or_else(|e| panic!("{}: {sql}", said(&e)));
    }

    /// As a driver has to.
    fn with_collation(&self, sql: &str) -> String {
        sql.replace(&format!("\"{FOLD_COLLATION}\""), &format!("\"{}\"", self.collation))
    }

    /// Whether it is refused.
    pub(crate) fn refuses(&self, sql: &str) -> bool {
        self.runtime.block_on(self.client.batch_execute(sql)).is_err()
    }

    /// The types that it finds for the placeholders.
    pub(crate) fn types(&self, sql: &str) -> Vec<String> {
        let sql = self.with_collation(sql);
        let prepared = self.runtime.block_on(self.client.prepare(&sql));
        let prepared = prepared.unwrap_or_else(|e| panic!("{}: {sql}", said(&e)));
        prepared.params().iter().map(|of| of.name().to_owned()).collect()
    }

    /// The plan of a statement with its values.
    pub(crate) fn plan(&self, statement: impl IntoStatement) -> String {
        let (sql, binds) = compiled(&statement.statement());
        self.rows(&format!("EXPLAIN (COSTS OFF) {sql}"), &binds).join("\n")
    }

    /// Runs a statement; its rows, each column as text for people.
    pub(crate) fn run(&self, statement: impl IntoStatement) -> Vec<String> {
        let statement = statement.statement();
        let (sql, binds) = compiled(&statement);
        // Rows as text, whatever their types.
        let rows = match sql.contains(" RETURNING ") || matches!(statement, Statement::Select(_)) {
            true => format!("WITH reprieve_rows AS ({sql}) SELECT reprieve_rows::text FROM reprieve_rows"),
            false => sql,
        };
        self.rows(&rows, &binds).iter().map(|row| columns(row).join("|")).collect()
    }

    fn rows(&self, sql: &str, binds: &[Value]) -> Vec<String> {
        let sql = self.with_collation(sql);
        let binds: Vec<Bound<'_>> = binds.iter().map(Bound).collect();
        let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
        let rows = self.runtime.block_on(self.client.query(&sql, &binds));
        let rows = rows.unwrap_or_else(|e| panic!("{}: {sql}", said(&e)));
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn said(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| format!("{error} {:?}", error.source()), ToString::to_string)
}

/// The columns of a row that is written as `(1,"a ""b""",)`.
fn columns(row: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let (mut quoted, mut was_quoted) = (false, vec![false]);
    let mut rest = row[1..row.len() - 1].chars().peekable();
    while let Some(c) = rest.next() {
        let last = columns.last_mut().unwrap();
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                last.push('"');
                rest.next();
            }
            '"' => {
                quoted = !quoted;
                *was_quoted.last_mut().unwrap() = true;
            }
            '\\' => last.extend(rest.next()),
            ',' if !quoted => {
                columns.push(String::new());
                was_quoted.push(false);
            }
            c => last.push(c),
        }
    }
    let null =
        |(text, quoted): (String, bool)| if text.is_empty() && !quoted { "NULL".to_owned() } else { text };
    columns.into_iter().zip(was_quoted).map(null).collect()
}

/// A value in the text form of whatever type the server asks for.
#[derive(Debug)]
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let text = match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::List(items) => list(items.iter().map(|item| text(item, of))),
            Value::Json(json) if matches!(of.kind(), Kind::Array(_)) => {
                format!("{{{}}}", &json[1..json.len() - 1])
            }
            value => text(value, of),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    fn to_sql_checked(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(of, out)
    }
}

fn text(value: &Value, of: &Type) -> String {
    let text = key_text(value).unwrap();
    match value {
        Value::Timestamp(_) if *of != Type::TEXT => {
            // The year first, whatever the session's DateStyle.
            format!("{text}+00")
        }
        Value::Bytes(_) if *of == Type::BYTEA => format!("\\x{text}"),
        _ => text,
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let quoted = items.map(|item| format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

/// An SQLite and, if there is one, a PostgreSQL: what is done to one is done to the other, and the rows are the same.
pub(crate) struct Both {
    pub(crate) sqlite: Database,
    pub(crate) postgres: Option<Postgres>,
}

impl Both {
    pub(crate) fn new() -> Self {
        Self { sqlite: Database::new(), postgres: Postgres::new() }
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.sqlite.execute(sql);
        if let Some(postgres) = &self.postgres {
            postgres.execute(sql);
        }
    }

    pub(crate) fn run(&self, statement: impl IntoStatement) -> Vec<String> {
        let statement = statement.statement();
        let rows = self.sqlite.run(statement.clone());
        if let Some(postgres) = &self.postgres {
            let same = |row: &String| row.split('|').map(plain).collect::<Vec<_>>();
            let theirs = postgres.run(statement);
            assert_eq!(
                theirs.iter().map(same).collect::<Vec<_>>(),
                rows.iter().map(same).collect::<Vec<_>>()
            );
        }
        rows
    }
}

/// A number or a document without what is a matter of taste.
fn plain(cell: &str) -> String {
    if let Ok(number) = cell.parse::<f64>() {
        return number.to_string();
    }
    if let Ok(document) = serde_json::from_str::<serde_json::Value>(cell) {
        return document.to_string();
    }
    cell.to_owned()
}
