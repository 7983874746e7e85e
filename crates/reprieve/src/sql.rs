//! SQL of your own, with named values.

use crate::Result;
use crate::query::sink::Collect;
use crate::session::Session;
use crate::value::{Bound, Value};
use reprieve_core::driver::{Discard, Row, RowSink};
use reprieve_core::error::{Error, Kind};
use reprieve_core::sql::Raw;
use std::time::Duration;

/// A statement of your own on its way to being run: see [`Session::sql`].
#[derive(Debug)]
#[must_use = "a statement does nothing until it is run"]
pub struct Sql<'s> {
    session: &'s mut Session,
    raw: Raw,
    values: Vec<(String, Bound)>,
}

impl Session {
    /// A statement of your own. Its values are named `:name` in the text and always bound. Nothing is added to the text: it
    /// sees deleted rows, and what it changes is neither audited nor in the journal of deletions.
    ///
    /// It opens the session's transaction, and so does a `SELECT` on PostgreSQL, which may call functions that write:
    /// [`Sql::read_only`] says that it does not. What it leaves on its connection (`SET`, temporary tables, locks of the
    /// session) lasts until the session's next commit or rollback, and reaches no other session.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = reprieve::Database::builder("sqlite::memory:").connect()?;
    /// # let mut session = database.session()?;
    /// let rows: Vec<(i64, String)> =
    ///     session.sql("SELECT :n + 1, upper(:word)").bind("n", 41).bind("word", "up").all().await?;
    /// assert_eq!(rows, [(42, "UP".to_owned())]);
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn sql(&mut self, text: &str) -> Sql<'_> {
        let raw = self.raw(text);
        Sql { session: self, raw, values: Vec::new() }
    }
}

impl Sql<'_> {
    /// Gives the value of a name.
    pub fn bind(mut self, name: &str, value: impl Into<Operand>) -> Self {
        self.values.push((name.to_owned(), value.into().0));
        self
    }

    /// Gives the values of a name behind an `IN`: as many as there are, and none finds no row.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = reprieve::Database::builder("sqlite::memory:").connect()?;
    /// # let mut session = database.session()?;
    /// let numbers = "SELECT n FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) WHERE n IN (:wanted) ORDER BY n";
    /// let rows: Vec<(i64,)> = session.sql(numbers).bind_list("wanted", [1, 3, 5]).all().await?;
    /// assert_eq!(rows, [(1,), (3,)]);
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn bind_list<T: Into<Operand>>(mut self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(|value| value.into().0).collect();
        self.values.push((name.to_owned(), Bound::List(values)));
        self
    }

    /// Says that it only reads, functions that it calls included: it opens no transaction, and leaves nothing that would
    /// have to be taken back. One that writes by its own words is refused.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = reprieve::Database::builder("sqlite::memory:").connect()?;
    /// # let mut session = database.session()?;
    /// let row: Option<(i64,)> = session.sql("SELECT 1").read_only().first().await?;
    /// assert_eq!(row, Some((1,)));
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn read_only(mut self) -> Self {
        self.raw = self.raw.read_only(true);
        self
    }

    /// How long it may take, instead of what [its session](Session::command_timeout) says; `None`: any time.
    pub fn command_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.raw = self.raw.command_timeout(Some(time.into()));
        self
    }

    /// Runs it for its rows, read by position.
    ///
    /// # Errors
    /// When a value is missing or is one too many, the database refuses, or a column holds something else than asked for.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>> {
        let mut rows = Rows { names: Vec::new(), read: Collect::new(T::from_row), columns: T::COLUMNS };
        self.run(&mut rows).await?;
        Ok(rows.read.take())
    }

    /// Runs it for its first row, or `None`.
    ///
    /// # Errors
    /// As [`Sql::all`].
    pub async fn first<T: FromRow>(self) -> Result<Option<T>> {
        Ok(self.all().await?.into_iter().next())
    }

    /// Runs it for what it changes; gives the number of rows changed. It is committed with the session's other work.
    ///
    /// # Errors
    /// As [`Sql::all`].
    pub async fn execute(self) -> Result<u64> {
        self.run(&mut Discard).await
    }

    async fn run(self, sink: &mut dyn RowSink) -> Result<u64> {
        let binds = binds(&self.raw, self.values)?;
        self.session.engine().await?.execute_raw(&self.raw, &binds, sink).await
    }
}

/// The value of each name, in the order of the names. Of several for one name the last counts.
fn binds(raw: &Raw, values: Vec<(String, Bound)>) -> Result<Vec<Bound>> {
    let wrong = |message: String| Error::new(Kind::InvalidValue, message);
    let mut given: Vec<Option<Bound>> = vec![None; raw.names.len()];
    for (name, value) in values {
        let Some(position) = raw.position(&name) else {
            let known = match raw.names.is_empty() {
                true => "it takes none".to_owned(),
                false => format!("it takes :{}", raw.names.join(", :")),
            };
            return Err(wrong(format!("The statement takes no value :{name}; {known}")).field(name));
        };
        if raw.takes_list(position) && matches!(&value, Bound::Json(text) if text.starts_with('[')) {
            let message = format!(
                "The statement takes a list of values for :{name}, and was given a column's: give it with bind_list()"
            );
            return Err(wrong(message).field(name));
        }
        given[position] = Some(value);
    }
    let take = |(name, value): (&String, Option<Bound>)| {
        value.ok_or_else(|| {
            wrong(format!("The statement needs a value for :{name}: give it with bind()")).field(name)
        })
    };
    raw.names.iter().zip(given).map(take).collect()
}

/// Rows of a statement that has as many columns as are asked for.
struct Rows<S> {
    names: Vec<String>,
    read: S,
    columns: usize,
}

impl<S: RowSink> RowSink for Rows<S> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if self.names.len() != self.columns {
            let (has, asked) = (self.names.len(), self.columns);
            let message = format!("The statement has {has} columns, and {asked} were asked for");
            return Err(Error::new(Kind::InvalidValue, message));
        }
        self.read.row(row)
    }

    fn restart(&mut self) {
        self.read.restart();
    }

    fn columns(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.names)
    }
}

/// A value for a statement of your own.
#[derive(Debug, Clone)]
pub struct Operand(Bound);

impl<T: Value> From<T> for Operand {
    fn from(value: T) -> Self {
        Self(value.to_value())
    }
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self(Bound::Text(text.to_owned()))
    }
}

/// What a row of a statement of your own is read into, by position: tuples of up to twelve [values](Value).
#[diagnostic::on_unimplemented(
    message = "a row cannot be read into `{Self}`",
    note = "read it into a tuple, such as `(i64, String)`; one column is `(i64,)`"
)]
pub trait FromRow: Sized + Send {
    /// How many columns it reads.
    const COLUMNS: usize;

    /// Reads one row.
    ///
    /// # Errors
    /// When a column holds something else.
    fn from_row(row: &dyn Row) -> Result<Self>;
}

macro_rules! tuples {
    ($(($($of:ident $position:literal),+))+) => {$(
        impl<$($of: Value),+> FromRow for ($($of,)+) {
            const COLUMNS: usize = [$($position),+].len();

            fn from_row(row: &dyn Row) -> Result<Self> {
                Ok(($(column::<$of>(row, $position)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

fn column<T: Value>(row: &dyn Row, position: usize) -> Result<T> {
    let cell = row.cell(position)?;
    T::from_cell(cell).ok_or_else(|| {
        // Not what it holds: that is data.
        let holds = cell.kind();
        let asked = std::any::type_name::<T>();
        Error::new(
            Kind::InvalidValue,
            format!("Column {} of the statement holds {holds}, which is no {asked}", position + 1),
        )
    })
}
