//! The program as such: its arguments, its end, its neighbours.

use crate::client::try_call;
use crate::server::{Blog, program};
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn help_says_how_to_use_it() {
    let output = program().arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(["--port", "--host", "DATABASE_URL"].iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn what_it_cannot_do_it_says_and_fails() {
    let output = program().arg("--prot").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("\"--prot\""));

    let output = program().args(["--port", "0"]).env("DATABASE_URL", "mysql://here").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("mysql"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let output =
        program().args(["--port", &port]).current_dir(folder.path()).env_remove("DATABASE_URL").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains(&port));
    // Without DATABASE_URL the database is here.
    assert!(folder.path().join("blog.db").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_stops_it_when_its_requests_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-INT", "-TERM"] {
        let mut blog = Blog::start(folder.path());
        blog.write("kept").await;
        // A connection that is kept open and asks for nothing does not hold it up.
        let idle = std::net::TcpStream::connect(blog.address).unwrap();
        let pid = blog.process.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(blog.process.wait().unwrap().code(), Some(0), "{signal}");
        drop(idle);
    }
    assert_eq!(Blog::start(folder.path()).ids("").await.len(), 2);
}

#[tokio::test]
async fn every_post_that_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut blog = Blog::start(folder.path());
    let address = blog.address;
    let writers = (0..8).map(|writer| {
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                let line = format!("POST /posts?title=w{writer}n{number}&content=c");
                match try_call(address, &line, &[], "").await {
                    Ok(answer) if answer.status == 201 => {
                        acknowledged.push(answer.json()["id"].as_i64().unwrap())
                    }
                    Ok(answer) => panic!("{answer:?}"),
                    // It was killed.
                    Err(_) => break,
                }
            }
            acknowledged
        })
    });
    let writers: Vec<_> = writers.collect();
    while blog.ids("").await.len() < 50 {
        tokio::task::yield_now().await;
    }
    blog.process.kill().unwrap();
    blog.process.wait().unwrap();

    let mut acknowledged = BTreeSet::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() >= 40, "{}", acknowledged.len());
    let found: BTreeSet<i64> = Blog::start(folder.path()).ids("").await.into_iter().collect();
    assert!(acknowledged.is_subset(&found), "lost: {:?}", acknowledged.difference(&found));
}

#[tokio::test]
async fn two_programs_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let blogs = Arc::new([Blog::start(folder.path()), Blog::start(folder.path())]);
    let writers = (0..60).map(|number| {
        let blogs = blogs.clone();
        tokio::spawn(async move {
            let id = blogs[number % 2].write("shared").await;
            // The other one sees it at once.
            let answer = blogs[(number + 1) % 2].call(&format!("GET /posts/{id}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            id
        })
    });
    let mut ids = BTreeSet::new();
    for writer in writers.collect::<Vec<_>>() {
        ids.insert(writer.await.unwrap());
    }
    assert_eq!(ids.len(), 60);
    assert_eq!(blogs[0].ids("").await, blogs[1].ids("").await);
}
