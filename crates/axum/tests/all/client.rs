//! A client of HTTP/1.1 in a few lines: one connection for each request, read to its end.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request with these headers (`name: value`) and this body, and reads the answer.
///
/// # Errors
/// When the server hangs up before it has answered.
pub(crate) async fn try_call(
    server: SocketAddr,
    line: &str,
    headers: &[&str],
    body: &str,
) -> io::Result<Answer> {
    let mut stream = send(server, line, headers, body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or(io::ErrorKind::InvalidData)?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// Sends a request, and leaves the answer in the connection.
pub(crate) async fn send(
    server: SocketAddr,
    line: &str,
    headers: &[&str],
    body: &str,
) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server).await?;
    let mut request = format!("{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    headers.iter().for_each(|header| request += &format!("{header}\r\n"));
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// As [`try_call`], of a server that answers.
pub(crate) async fn call(server: SocketAddr, line: &str) -> Answer {
    try_call(server, line, &[], "").await.unwrap_or_else(|error| panic!("{line}: {error}"))
}
