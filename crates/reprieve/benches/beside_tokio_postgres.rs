//! What the library takes beside `tokio-postgres` used by hand: `cargo bench -p reprieve`.
//!
//! Client and server are on one machine; `REPRIEVE_TEST_POSTGRES_URL` names another server. Every figure is the median of
//! one run, both sides in turns. Nothing here passes or fails: the last column says where a limit that the project set
//! itself is exceeded.
#![allow(missing_docs, clippy::unwrap_used, reason = "a program of its own; a panic ends it")]

use reprieve::{Database, Model, Session};
use reprieve_conformance::postgres::Place;
use std::time::Instant;
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
const ROUNDS: usize = 41;
const GETS: i64 = 1_000;

struct Sides {
    session: Session,
    client: Client,
    one: Statement,
    all: Statement,
}

fn main() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut sides = Sides::open(&place.url()).await;
        println!("{:<34} {:>12} {:>12} {:>7} {:>7}", "work", "ours", "by hand", "ratio", "limit");
        sides.compare("get", GETS, 1.1, Sides::get, Sides::get_by_hand).await;
        sides.compare("10,000 rows as structs", 1, 1.1, Sides::all, Sides::all_by_hand).await;
    });
}

impl Sides {
    async fn open(url: &str) -> Self {
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
        Self { session: database.session().unwrap(), client, one, all }
    }

    /// The medians of both sides, in turns; the side that starts changes every round.
    async fn compare(
        &mut self,
        work: &str,
        times: i64,
        limit: f64,
        ours: impl AsyncFn(&mut Self),
        by_hand: impl AsyncFn(&mut Self),
    ) {
        let mut taken: [Vec<f64>; 2] = Default::default();
        for round in 0..ROUNDS {
            for side in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                let started = Instant::now();
                if side == 0 {
                    ours(self).await;
                } else {
                    by_hand(self).await;
                }
                taken[side].push(started.elapsed().as_secs_f64() * 1e6 / times as f64);
            }
        }
        let [ours, other] = taken.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        });
        let ratio = ours / other;
        let verdict = if ratio <= limit { "ok" } else { "over" };
        println!("{work:<34} {ours:>9.2} µs {other:>9.2} µs {ratio:>6.2}x {limit:>6.1}x  {verdict}");
    }

    async fn get(&mut self) {
        for id in 1..=GETS {
            std::hint::black_box(Post::get(&mut self.session, id).await.unwrap());
        }
    }

    async fn get_by_hand(&mut self) {
        for id in 1..=GETS {
            let row = self.client.query_one(&self.one, &[&id]).await.unwrap();
            std::hint::black_box(plain(&row));
        }
    }

    async fn all(&mut self) {
        let posts = Post::all().all(&mut self.session).await.unwrap();
        assert_eq!(std::hint::black_box(posts).len() as i64, ROWS);
    }

    async fn all_by_hand(&mut self) {
        let rows = self.client.query(&self.all, &[]).await.unwrap();
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
