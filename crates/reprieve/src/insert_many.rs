//! Many new rows, by few statements.

use crate::create::{NewRow, Values};
use crate::query::sink::Collect;
use crate::session::Session;
use crate::{Model, Result, actor};

impl Session {
    /// Inserts new rows, all or none, and gives them as they were stored, in the order in which they were given. The number
    /// of statements depends on how many rows the database takes in one.
    ///
    /// ```
    /// # use reprieve::{Database, Model};
    /// # #[derive(Debug, Clone, Model)]
    /// # #[model(table = "notes")]
    /// # struct Note { #[model(primary_key)] id: i64, text: String }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = Database::builder("sqlite::memory:").model::<Note>().connect()?;
    /// # database.create_tables().await?;
    /// # let mut session = database.session()?;
    /// let notes = session.insert_all(["milk", "bread"].map(|text| Note::create().text(text))).await?;
    /// assert_eq!(notes[1].text, "bread");
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As `insert` of one; they name the row by its place in the list, counted from 0.
    pub async fn insert_all<R: NewRow>(
        &mut self,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Vec<R::Model>> {
        let rows = rows.into_iter().map(|row| Values::into_inner(row.into_values())).collect();
        let mut made = Collect::new(R::Model::read);
        let table = R::Model::table()?;
        self.engine().await?.insert_many(table, rows, &actor::current(), Some(&mut made)).await?;
        Ok(made.take())
    }
}
