//! Servers to ask, and the models they serve.

use axum::Router;
use reprieve::{Database, Model, Query};
use reprieve_axum::SessionLayer;
use serde::Serialize;
use std::net::SocketAddr;
use tempfile::TempDir;

#[derive(Debug, Clone, Model, Serialize)]
#[model(table = "shelves", soft_delete, audit)]
pub(crate) struct Shelf {
    #[model(primary_key)]
    pub(crate) id: i64,
    #[model(max_len = 20, unique)]
    pub(crate) label: String,
}

#[derive(Debug, Clone, Model, Serialize)]
#[model(table = "books", soft_delete)]
pub(crate) struct Book {
    #[model(primary_key)]
    pub(crate) id: i64,
    pub(crate) title: String,
    #[model(references = Shelf, on_delete = Cascade)]
    pub(crate) shelf_id: i64,
}

#[derive(Debug, Clone, Model, Serialize)]
#[model(table = "pages", soft_delete)]
pub(crate) struct Page {
    #[model(primary_key)]
    pub(crate) path: String,
}

/// A database in a folder of its own, and servers on it.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let database = Database::builder(url).model::<Shelf>().model::<Book>().model::<Page>();
        let database = database.connect().unwrap();
        database.create_tables().await.unwrap();
        Self { database, folder }
    }

    /// Serves the routes with the layer around them, for as long as the test runs.
    pub(crate) async fn serve(&self, routes: Router) -> SocketAddr {
        serve(routes.layer(SessionLayer::new(self.database.clone()))).await
    }

    /// A connection of another program.
    pub(crate) fn by_hand(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("test.db")).unwrap()
    }

    pub(crate) async fn shelf(&self, label: &str) -> Shelf {
        let mut session = self.database.session().unwrap();
        let shelf = Shelf::create().label(label).insert(&mut session).await.unwrap();
        session.commit().await.unwrap();
        shelf
    }

    pub(crate) async fn book(&self, title: &str, shelf: &Shelf) -> Book {
        let mut session = self.database.session().unwrap();
        let book = Book::create().title(title).shelf(shelf).insert(&mut session).await.unwrap();
        session.commit().await.unwrap();
        book
    }

    /// How many shelves are live, as a program sees it that looks at the file now.
    pub(crate) async fn shelves(&self) -> u64 {
        self.count(Shelf::all()).await
    }

    pub(crate) async fn books(&self) -> u64 {
        self.count(Book::all()).await
    }

    pub(crate) async fn count<M: Model>(&self, query: Query<M>) -> u64 {
        query.count(&mut self.database.session().unwrap()).await.unwrap()
    }

    pub(crate) async fn deleted(&self) -> u64 {
        Shelf::only_deleted().count(&mut self.database.session().unwrap()).await.unwrap()
    }
}

pub(crate) async fn serve(routes: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}
