//! The addresses of a host.

use crate::runtime::threads::Threads;
use std::io::{Error, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use tokio::sync::oneshot;

/// All addresses, in the order in which they are to be tried.
pub(super) async fn look_up(threads: &Threads, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    // What this name means is fixed (RFC 6761, 6.3), so that nothing has to be asked on a thread.
    if host.eq_ignore_ascii_case("localhost") {
        return Ok(vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()]);
    }
    let (sender, receiver) = oneshot::channel();
    let name = host.to_owned();
    threads.run(Box::new(move || {
        let addresses = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
        // Whoever asked may have given up.
        let _ = sender.send(addresses);
    }));
    receiver
        .await
        .map_err(|_| Error::other(format!("{host} could not be looked up: there is no thread to be had")))?
}
