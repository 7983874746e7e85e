//! A backend that is killed takes its server through a crash: what was acknowledged is there afterwards, and nothing else.

use crate::own_server::OwnServer;
use crate::support::*;
use reprieve_core::driver::{Connection, ConnectionState, Driver, Isolation, Savepoint};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

/// A connection, as soon as the server has been through its crash.
async fn connected(url: &str) -> Box<dyn Connection> {
    loop {
        match driver_at(url).connect().await {
            Ok(connection) => return connection,
            Err(error) => assert_eq!(error.kind(), Kind::Unavailable, "{error}"),
        }
    }
}

async fn add(c: &mut dyn Connection, text: &str) -> reprieve_core::Result<Vec<Vec<Value>>> {
    ask(c, "INSERT INTO t VALUES ($1)", &[Value::from(text)]).await
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    let server = OwnServer::start();
    in_runtime(async {
        let mut c = connected(&server.url).await;
        exec(&mut *c, "CREATE TABLE t (a text)").await.unwrap();
        let mut acknowledged: i64 = 0;
        for killed_before in 0..4 {
            let bystander = connected(&server.url).await;
            let mut c = connected(&server.url).await;
            let Value::Int(pid) = scalar(&mut *c, "SELECT pg_backend_pid()").await else { panic!() };
            add(&mut *c, "by itself").await.unwrap();
            acknowledged += 1;
            c.begin(Isolation::default()).await.unwrap();
            for step in 0..4 {
                if step == killed_before {
                    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
                }
                let result = match step {
                    0 | 1 => add(&mut *c, "in a transaction").await.map(drop),
                    2 => {
                        c.savepoint(Savepoint::Set(1)).await.unwrap();
                        add(&mut *c, "in a savepoint").await.map(drop)
                    }
                    _ => c.commit().await,
                };
                if let Err(error) = result {
                    assert_eq!(
                        (error.kind(), c.state()),
                        (Kind::Disconnected, ConnectionState::Broken),
                        "{error}"
                    );
                    // Of a commit, and of nothing else, it may not be known.
                    assert!(step == 3 || !error.is_in_doubt(), "{error}");
                    assert!(step >= killed_before);
                    break;
                }
                assert!(step < 3, "the backend was killed");
            }
            // The server lets nobody in from the moment on in which it ends the others.
            while bystander.is_alive() {
                tokio::task::yield_now().await;
            }
            let mut c = connected(&server.url).await;
            assert_eq!(scalar(&mut *c, "SELECT count(*) FROM t").await, Value::from(acknowledged));
        }
    });
}
