//! What a pool is like when somebody has stopped waiting for packets that are late.

use crate::proxy::{Fault, Proxy, through};
use crate::support::*;
use futures_util::future::join_all;
use reprieve::{Database, Model};
use reprieve_core::driver::{Connection, Driver, Isolation};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete)]
struct Post {
    #[model(primary_key)]
    id: i64,
    title: String,
}

/// A pool of one connection, which goes through a proxy; a connection that does not; a row; and what is to be done with a packet.
struct Given {
    database: Database,
    straight: Box<dyn Connection>,
    proxy: Proxy,
    post: Post,
    fault: Fault,
}

/// Runs a test with the answer to a word held back, and with the word itself.
fn on_one_connection<F: Future<Output = ()>>(work: impl Fn(Given) -> F, word: &'static str) {
    for fault in [Fault::HoldAnswer(word), Fault::HoldQuestion(word)] {
        let work = &work;
        test_at(|url| async move {
            let proxy = Proxy::start().await;
            let straight = driver_at(&url).connect().await.unwrap();
            let builder = Database::builder(through(&url, proxy.port)).model::<Post>();
            let database = builder.pool_size(1).max_overflow(0).connect().unwrap();
            database.create_tables().await.unwrap();
            let mut session = database.session().unwrap();
            let post = Post::create().title("first").insert(&mut session).await.unwrap();
            session.commit().await.unwrap();
            drop(session);
            work(Given { database, straight, proxy, post, fault }).await;
        });
    }
}

/// Gives up what waits for a packet that the proxy holds back; it arrives when nobody waits any more.
async fn given_up<T>(proxy: &Proxy, work: impl Future<Output = T>) {
    tokio::select! {
        _ = work => panic!("the packet is held back"),
        () = proxy.is_holding() => {}
    }
}

fn comes_late(proxy: &Proxy) {
    proxy.set(Fault::Late);
    proxy.let_go();
}

#[test]
fn a_deletion_that_is_given_up_is_undone() {
    let work = |Given { database, proxy, post, fault, .. }: Given| async move {
        let mut session = database.session().unwrap();
        Post::create().title("half done").insert(&mut session).await.unwrap();
        proxy.set(fault);
        given_up(&proxy, post.soft_delete(&mut session).because("needle").into_future()).await;
        comes_late(&proxy);
        assert!(Post::all().count(&mut session).await.is_err(), "its transaction was rolled back");
        drop(session);
        let mut session = database.session().unwrap();
        let live = Post::all().all(&mut session).await.unwrap();
        assert_eq!(live.iter().map(|post| post.title.as_str()).collect::<Vec<_>>(), ["first"]);
        // Nobody holds a lock on it any more.
        live.into_iter().next().unwrap().soft_delete(&mut session).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(Post::all().count(&mut session).await.unwrap(), 0);
    };
    on_one_connection(work, "needle");
}

#[test]
fn a_commit_that_is_given_up_is_whole_or_nothing() {
    let work = |Given { database, mut straight, proxy, post, fault }: Given| async move {
        let mut session = database.session().unwrap();
        post.soft_delete(&mut session).await.unwrap();
        Post::create().title("instead").insert(&mut session).await.unwrap();
        proxy.set(fault);
        given_up(&proxy, session.commit()).await;
        drop(session);
        comes_late(&proxy);
        let mut session = database.session().unwrap();
        // Waits for whoever still writes there.
        straight.begin(Isolation::default()).await.unwrap();
        exec(&mut *straight, "LOCK TABLE posts IN EXCLUSIVE MODE").await.unwrap();
        let both = "SELECT count(*) FILTER (WHERE deleted_at IS NOT NULL), count(*) FILTER (WHERE deleted_at IS NULL), \
            count(*) FILTER (WHERE title = 'instead'), (SELECT count(*) FROM reprieve_deletions) FROM posts";
        let found = ask(&mut *straight, both, &[]).await.unwrap().remove(0);
        straight.rollback().await.unwrap();
        let (all, nothing) = ([1, 1, 1, 1i64].map(Value::from), [0, 1, 0, 0i64].map(Value::from));
        assert!(found == all || found == nothing, "{found:?}");
        assert!(found == all || matches!(fault, Fault::HoldQuestion(_)), "the server had heard it");
        // The pool works.
        Post::create().title("after").insert(&mut session).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(Post::all().count(&mut session).await.unwrap(), 2);
    };
    on_one_connection(work, "COMMIT");
}

#[test]
fn who_gives_up_a_late_answer_of_a_crowd_takes_nobody_elses() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let crowd = driver_at(&through(&url, proxy.port)).pipeline().unwrap().await.unwrap();
        let (many, broken) =
            (kept("SELECT $1::int8 + n FROM generate_series(1, 3) n"), kept("SELECT 1 / $1::int8"));
        proxy.set(Fault::Late);
        let reads = (0..40i64).map(|i| {
            let (crowd, many, broken) = (crowd.clone(), &many, &broken);
            async move {
                let mut rows = Rows::of(1);
                let (statement, value) = if i % 10 == 3 { (broken, 0) } else { (many, i) };
                let values = [Value::from(value)];
                let read = crowd.read(statement, &values, &mut rows);
                let result = match i % 10 {
                    7 => tokio::time::timeout(std::time::Duration::from_millis(1), read).await.ok()?,
                    _ => read.await,
                };
                Some((i, result, rows.rows))
            }
        });
        let answers = join_all(reads).await;
        assert!(answers.iter().flatten().count() >= 36);
        for (i, result, rows) in answers.into_iter().flatten() {
            match result {
                Ok(()) => assert_eq!(rows, [1, 2, 3].map(|n| [Value::from(i + n)])),
                Err(error) => assert_eq!((error.kind(), i % 10), (Kind::InvalidValue, 3)),
            }
        }
        assert!(crowd.is_usable());
    });
}
