//! What the library takes beside `rusqlite` used by hand: `cargo bench -p reprieve`.
//!
//! Every figure is the median of one run, both sides in turns, because clocks are noisy and machines slow down for a while.
//! Nothing here passes or fails: the last column says where a limit that the project set itself is exceeded.
#![allow(missing_docs, clippy::unwrap_used, reason = "a program of its own; a panic ends it")]

mod measure;

use measure::{compare, heading};
use reprieve::{Database, Model, Session};
use rusqlite::Connection;
use std::path::Path;

#[derive(Debug, Clone, Model)]
#[model(table = "users", soft_delete)]
struct User {
    #[model(primary_key)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete)]
struct Post {
    #[model(primary_key)]
    id: i64,
    #[model(max_len = 200)]
    title: String,
    content: String,
    #[model(default = false)]
    published: bool,
    #[model(references = User, on_delete = Cascade)]
    author_id: i64,
}

/// What somebody would write without a library.
#[allow(dead_code, reason = "it is made, not looked at")]
struct Plain {
    id: i64,
    title: String,
    content: String,
    published: bool,
    author_id: i64,
}

const ROWS: i64 = 10_000;
const GETS: i64 = 2_000;

struct Sides {
    runtime: tokio::runtime::Runtime,
    session: Session,
    by_hand: Connection,
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut sides = Sides::open(&folder.path().join("bench.db"));
    heading();
    compare(&mut sides, "get", GETS, 1.1, Sides::get, Sides::get_by_hand);
    compare(&mut sides, "10,000 rows as structs", 1, 1.1, Sides::all, Sides::all_by_hand);
    compare(&mut sides, "cascade over 10,000, rolled back", 1, 1.2, Sides::cascade, Sides::cascade_by_hand);
}

impl Sides {
    fn open(path: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let url = format!("sqlite://{}", path.display());
        let session = runtime.block_on(async {
            let database = Database::builder(url).model::<User>().model::<Post>().connect().unwrap();
            database.create_tables().await.unwrap();
            let mut session = database.session().unwrap();
            let ada = User::create().name("Ada").insert(&mut session).await.unwrap();
            for n in 0..ROWS {
                let post =
                    Post::create().title(format!("Title {n}")).content("Some content of a post").author(&ada);
                post.insert(&mut session).await.unwrap();
            }
            session.commit().await.unwrap();
            session
        });
        let by_hand = Connection::open(path).unwrap();
        by_hand.set_prepared_statement_cache_capacity(100);
        Self { runtime, session, by_hand }
    }

    fn get(&mut self) {
        let Self { runtime, session, .. } = self;
        runtime.block_on(async {
            for id in 1..=GETS {
                std::hint::black_box(Post::get(session, id).await.unwrap());
            }
        });
    }

    fn get_by_hand(&mut self) {
        for id in 1..=GETS {
            let text = "SELECT id, title, content, published, author_id FROM posts \
                        WHERE id = ?1 AND deleted_at IS NULL";
            let mut statement = self.by_hand.prepare_cached(text).unwrap();
            std::hint::black_box(statement.query_row([id], plain).unwrap());
        }
    }

    fn all(&mut self) {
        let Self { runtime, session, .. } = self;
        let posts = runtime.block_on(async { Post::all().all(session).await.unwrap() });
        assert_eq!(std::hint::black_box(posts).len() as i64, ROWS);
    }

    fn all_by_hand(&mut self) {
        let text = "SELECT id, title, content, published, author_id FROM posts WHERE deleted_at IS NULL";
        let mut statement = self.by_hand.prepare_cached(text).unwrap();
        let posts: Vec<Plain> = statement.query_map([], plain).unwrap().map(Result::unwrap).collect();
        assert_eq!(std::hint::black_box(posts).len() as i64, ROWS);
    }

    fn cascade(&mut self) {
        let Self { runtime, session, .. } = self;
        runtime.block_on(async {
            let ada = User::get_or_404(session, 1).await.unwrap();
            ada.soft_delete(session).cascade().await.unwrap();
            session.rollback().await.unwrap();
        });
    }

    /// The same markers, written by hand.
    fn cascade_by_hand(&mut self) {
        let (at, id) = ("2025-10-22 10:30:00.000000", [7u8; 16]);
        let transaction = self.by_hand.transaction().unwrap();
        for text in [
            "UPDATE users SET deleted_at = ?1, deletion_id = ?2 WHERE id = 1 AND deleted_at IS NULL",
            "UPDATE posts SET deleted_at = ?1, deletion_id = ?2 WHERE author_id = 1 AND deleted_at IS NULL",
        ] {
            transaction.prepare_cached(text).unwrap().execute((at, id)).unwrap();
        }
        transaction.rollback().unwrap();
    }
}

fn plain(row: &rusqlite::Row<'_>) -> rusqlite::Result<Plain> {
    Ok(Plain {
        id: row.get(0)?,
        title: row.get(1)?,
        content: row.get(2)?,
        published: row.get(3)?,
        author_id: row.get(4)?,
    })
}
