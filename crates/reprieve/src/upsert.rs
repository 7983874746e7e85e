//! Finding a row by some of its values, or else writing it, as one step among all sessions and processes.

use crate::create::NewRow;
use crate::projection::Selection;
use crate::query::sink::Last;
use crate::session::Session;
use crate::value::Bound;
use crate::{Model, Result, actor};
use reprieve_core::error::{Error, Kind};
use reprieve_engine::{Outcome, Writing};

impl Session {
    /// The live row that has the new row's values in these columns, or else the new row; and which of the two it is.
    /// What becomes of a deleted row that has them says the model: `#[model(soft_delete, over_deleted = …)]` with `New`
    /// (the default), `Revive` or `Reject`.
    ///
    /// ```
    /// # use reprieve::{Database, Model, Outcome};
    /// # #[derive(Debug, Clone, Model)]
    /// # #[model(table = "users")]
    /// # struct User { #[model(primary_key)] id: i64, #[model(unique)] name: String, visits: i64 }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = Database::builder("sqlite::memory:").model::<User>().connect()?;
    /// # database.create_tables().await?;
    /// # let mut session = database.session()?;
    /// let ada = || User::create().name("Ada").visits(1);
    /// let (first, outcome) = session.get_or_insert(ada(), User::NAME).await?;
    /// assert_eq!(outcome, Outcome::Created);
    /// let (second, outcome) = session.get_or_insert(ada().visits(9), User::NAME).await?;
    /// assert_eq!((second.id, second.visits, outcome), (first.id, 1, Outcome::Found));
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As `insert`; when the new row gives no value for one of the columns; [`Kind::Deleted`] when a deleted row stands in
    /// the way. Nothing is written then.
    pub async fn get_or_insert<R, C>(&mut self, row: R, by: C) -> Result<(R::Model, Outcome)>
    where
        R: NewRow,
        C: Selection<R::Model>,
    {
        let (wanted, values) = parts(row, &by)?;
        let mut found = Last::new(R::Model::read);
        let engine = self.engine().await?;
        let mut make = |_: Writing| Ok(values.clone());
        let actor = actor::current();
        let outcome =
            engine.get_or_create(R::Model::table()?, &wanted, &mut make, &actor, &mut found).await?;
        Ok((written::<R::Model>(found.take())?, outcome))
    }

    /// The live row that has the new row's values in these columns, changed to all values that the new row gives; or else
    /// the new row. Else as [`Session::get_or_insert`].
    ///
    /// # Errors
    /// As [`Session::get_or_insert`]; when several live rows have the values.
    pub async fn insert_or_update<R, C>(&mut self, row: R, by: C) -> Result<(R::Model, Outcome)>
    where
        R: NewRow,
        C: Selection<R::Model>,
    {
        let (wanted, values) = parts(row, &by)?;
        let mut found = Last::new(R::Model::read);
        let engine = self.engine().await?;
        let mut make = |writing: Writing| {
            let sought = |position: &usize| wanted.iter().any(|(column, _)| column == position);
            // What the row was found by it has already.
            let kept = |(position, _): &&(usize, Bound)| writing == Writing::Create || !sought(position);
            Ok(values.iter().filter(kept).cloned().collect())
        };
        let actor = actor::current();
        let outcome =
            engine.update_or_create(R::Model::table()?, &wanted, &mut make, &actor, &mut found).await?;
        Ok((written::<R::Model>(found.take())?, outcome))
    }
}

type Given = Vec<(usize, Bound)>;

/// The values to look for, and all values.
fn parts<R: NewRow, C: Selection<R::Model>>(row: R, by: &C) -> Result<(Given, Given)> {
    let values = row.into_values().into_inner();
    let value = |position: usize| {
        let given = values.iter().find(|(column, _)| *column == position).cloned();
        given.ok_or_else(|| not_given::<R::Model>(position))
    };
    let wanted = by.columns().into_iter().map(value).collect::<Result<_>>()?;
    Ok((wanted, values))
}

fn not_given<M: Model>(position: usize) -> Error {
    let name =
        M::table().ok().and_then(|table| table.columns.get(position)).map(|column| column.name.clone());
    let name = name.unwrap_or_default();
    let message =
        format!("{}.{name} is to be looked for, and the new row gives no value for it: give it one", M::NAME);
    Error::new(Kind::InvalidValue, message).model(M::NAME).field(name)
}

fn written<M: Model>(row: Option<M>) -> Result<M> {
    row.ok_or_else(|| {
        let message = format!("{}: the database did not hand a row back: please report this", M::NAME);
        Error::new(Kind::Internal, message)
    })
}
