//! What the library takes beside `tokio-postgres` used by hand: `cargo bench -p reprieve`.
//!
//! Client and server are on one machine; `REPRIEVE_TEST_POSTGRES_URL` names another server. Every figure is the median of
//! one run, both sides in turns. Nothing here passes or fails: the last column says where a limit that the project set
//! itself is exceeded.
//!
//! Where the system lets it, the program and its two servers stay on one processor. Else the scheduler puts each server
//! now beside the program and now on another processor, which takes two to four times as long: luck, and more than what
//! is to be measured.
#![allow(missing_docs, clippy::unwrap_used, reason = "a program of its own; a panic ends it")]

mod measure;
#[cfg(target_os = "linux")]
mod processor;

use measure::{compare, heading};
use reprieve::{Database, Model, Session};
use reprieve_conformance::postgres::Place;
use tokio::net::TcpStream;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};

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
}

/// What somebody would write without a library.
#[allow(dead_code, reason = "it is made, not looked at")]
struct Plain {
    id: i64,
    title: String,
    content: String,
    published: bool,
}

const ROWS: i64 = 10_000;
const GETS: i64 = 1_000;

struct Sides {
    runtime: tokio::runtime::Runtime,
    session: Session,
    client: Client,
    one: Statement,
    all: Statement,
}

fn main() {
    let place = Place::new();
    let mut sides = Sides::open(&place.url());
    sides.share_a_processor();
    heading();
    compare(&mut sides, "get", GETS, 1.1, Sides::get, Sides::get_by_hand);
    compare(&mut sides, "10,000 rows as structs", 1, 1.1, Sides::all, Sides::all_by_hand);
}

impl Sides {
    fn open(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (session, client, one, all) = runtime.block_on(async {
            let database = Database::builder(url).model::<Post>().connect().unwrap();
            database.create_tables().await.unwrap();
            let client = connect(url).await;
            let fill = "INSERT INTO posts (title, content, published) \
                        SELECT 'Title ' || n, 'Some content of a post', false FROM generate_series(1, 10000) AS n";
            client.batch_execute(fill).await.unwrap();
            client.batch_execute("VACUUM ANALYZE posts").await.unwrap();
            let select = "SELECT id, title, content, published FROM posts WHERE deleted_at IS NULL";
            let one = client.prepare(&format!("{select} AND id = $1")).await.unwrap();
            let all = client.prepare(select).await.unwrap();
            (database.session().unwrap(), client, one, all)
        });
        Self { runtime, session, client, one, all }
    }

    /// Both sides have read by now, so that both have a server.
    fn share_a_processor(&mut self) {
        self.get();
        let servers = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()";
        let servers = self.runtime.block_on(self.client.query(servers, &[])).unwrap();
        #[cfg(target_os = "linux")]
        let shared = processor::share(servers.iter().map(|server| server.get(0)));
        #[cfg(not(target_os = "linux"))]
        let shared: Result<(), _> =
            Err(format!("this system is not asked to keep {} servers there", servers.len()));
        if let Err(why) = shared {
            println!("program and servers do not stay on one processor ({why}): get depends on luck\n");
        }
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
        self.runtime.block_on(async {
            for id in 1..=GETS {
                let row = self.client.query_one(&self.one, &[&id]).await.unwrap();
                std::hint::black_box(plain(&row));
            }
        });
    }

    fn all(&mut self) {
        let Self { runtime, session, .. } = self;
        let posts = runtime.block_on(async { Post::all().all(session).await.unwrap() });
        assert_eq!(std::hint::black_box(posts).len() as i64, ROWS);
    }

    fn all_by_hand(&mut self) {
        let rows = self.runtime.block_on(self.client.query(&self.all, &[])).unwrap();
        let posts: Vec<Plain> = rows.iter().map(plain).collect();
        assert_eq!(std::hint::black_box(posts).len() as i64, ROWS);
    }
}

fn plain(row: &Row) -> Plain {
    Plain { id: row.get(0), title: row.get(1), content: row.get(2), published: row.get(3) }
}

/// A connection of tokio-postgres on tokio, as its own `connect` makes one.
async fn connect(url: &str) -> Client {
    let config: Config = url.parse().unwrap();
    let Some(Host::Tcp(host)) = config.get_hosts().first() else { panic!("the benchmark is for TCP") };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let stream = TcpStream::connect((host.as_str(), port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
