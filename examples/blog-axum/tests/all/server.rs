//! Blogs that run.

use crate::client::{self, Answer};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program, on the database `blog.db` of a folder; killed when it is dropped.
pub(crate) struct Blog {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_blog-axum"))
}

impl Blog {
    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        let url = format!("sqlite://{}", folder.join("blog.db").display());
        let mut process =
            program().args(["--port", "0"]).env("DATABASE_URL", url).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("running on") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the blog ended before it listened");
        }
        let address = line.split_once("http://").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        // A log that nobody reads would block the blog once the pipe is full.
        std::thread::spawn(move || {
            log.lines().map_while(Result::ok).for_each(|line| eprintln!("blog: {line}"))
        });
        Self { process, address }
    }

    pub(crate) async fn call(&self, line: &str) -> Answer {
        client::call(self.address, line).await
    }

    /// Writes a post; its id.
    pub(crate) async fn write(&self, title: &str) -> i64 {
        let answer = self.call(&format!("POST /posts?title={title}&content=c")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_i64().unwrap()
    }

    /// The ids of the posts of this list.
    pub(crate) async fn ids(&self, query: &str) -> Vec<i64> {
        let posts = self.call(&format!("GET /posts{query}")).await.json();
        posts.as_array().unwrap().iter().map(|post| post["id"].as_i64().unwrap()).collect()
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
