//! A server's last words: a shutdown or a failover that follows an answer, in the same packet.

use crate::proxy::{Fault, Proxy, through};
use crate::support::*;
use reprieve::{Database, Error, Model};
use reprieve_core::driver::{ConnectionState, Driver, Isolation};
use reprieve_core::error::Kind;

/// The messages of a packet that a server sent whole: their types, and where each ends.
fn messages(bytes: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + 5)?;
        let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
        at += 1 + length;
        Some((head[0], at))
    })
}

/// How many answers end in this packet.
pub(crate) fn ready_answers(bytes: &[u8]) -> usize {
    messages(bytes).filter(|(kind, _)| *kind == b'Z').count()
}

/// The packet up to the end of its answer of this number, and a farewell.
pub(crate) fn after(bytes: &[u8], number: usize, code: &str) -> Vec<u8> {
    let (_, end) = messages(bytes).filter(|(kind, _)| *kind == b'Z').nth(number).unwrap();
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mterminating connection\0\0");
    let mut said = bytes[..end].to_vec();
    said.push(b'E');
    said.extend((fields.len() as u32 + 4).to_be_bytes());
    said.extend(fields.as_bytes());
    said
}

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete)]
struct Post {
    #[model(primary_key)]
    id: i64,
    #[model(unique)]
    title: String,
}

/// A program that writes, fails once and goes on, deletes and restores, reads, and commits.
async fn program(database: &Database) -> Result<(), Error> {
    let mut session = database.session()?;
    let first = Post::create().title("first").insert(&mut session).await?;
    let second = Post::create().title("second").insert(&mut session).await?;
    match Post::create().title("first").insert(&mut session).await {
        Err(error) if error.is_unique_violation() => {}
        other => drop(other?),
    }
    let gone = first.soft_delete(&mut session).await?;
    assert_eq!(Post::all().count(&mut session).await?, 1);
    gone.restore(&mut session).await?;
    second.soft_delete(&mut session).cascade().await?;
    session.commit().await
}

/// What the program comes to when the server leaves after each of its answers, until there are no more.
fn at_each_answer(code: &'static str, check: impl Fn(usize, &Error)) -> usize {
    let mut answers = 0;
    let check = &check;
    while let Some(error) = ended_after(answers, code) {
        check(answers, &error);
        answers += 1;
    }
    answers
}

fn ended_after(answer: usize, code: &'static str) -> Option<Error> {
    let mut ended = None;
    let ended_too = &mut ended;
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let builder = Database::builder(through(&url, proxy.port)).model::<Post>();
        let database = builder.pool_size(1).max_overflow(0).connect().unwrap();
        database.create_tables().await.unwrap();
        // Statements that were run once are closed in the server by now, by requests whose answers are not read.
        Post::all().count(&mut database.session().unwrap()).await.unwrap();
        proxy.set(Fault::Farewell(answer, code));
        let result = program(&database).await;
        proxy.set(Fault::None);
        let mut straight = driver_at(&url).connect().await.unwrap();
        let kept = ask(&mut *straight, "SELECT count(*) = 2 FROM posts", &[]).await.unwrap();
        let is_kept = kept == [[true.into()]];
        assert_eq!(is_kept, result.is_ok(), "after answer {answer}: {result:?}");
        // The pool goes on with another connection.
        let mut session = database.session().unwrap();
        Post::create().title("after").insert(&mut session).await.unwrap();
        session.commit().await.unwrap();
        *ended_too = result.err();
    });
    ended
}

#[test]
fn a_server_that_leaves_after_any_answer_is_a_lost_connection() {
    let answers = at_each_answer("57P01", |answer, error| {
        assert_eq!(error.kind(), Kind::Disconnected, "after answer {answer}: {error}");
        // COMMIT was not sent yet.
        assert!(!error.is_in_doubt(), "after answer {answer}: {error}");
        assert!(error.to_string().contains("terminating connection"), "after answer {answer}: {error}");
    });
    assert!(answers > 10, "{answers}");
}

#[test]
fn a_standby_that_has_to_go_on_makes_work_retryable() {
    let answers = at_each_answer("40001", |answer, error| {
        assert!(error.is_retryable() && !error.is_in_doubt(), "after answer {answer}: {error}");
    });
    assert!(answers > 10, "{answers}");
}

#[test]
fn a_farewell_after_preparing_leaves_no_doubt_about_a_write_by_itself() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let mut c = driver_at(&through(&url, proxy.port)).connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a text)").await.unwrap();
        proxy.set(Fault::Farewell(0, "57P01"));
        let error = ask(&mut *c, "INSERT INTO t VALUES ($1)", &["x".into()]).await.unwrap_err();
        assert_eq!((error.kind(), error.is_in_doubt()), (Kind::Disconnected, false), "{error}");
        assert_eq!(c.state(), ConnectionState::Broken);
        assert_eq!(c.begin(Isolation::default()).await.unwrap_err().kind(), Kind::Disconnected);
    });
}
