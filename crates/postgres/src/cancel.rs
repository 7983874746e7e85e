//! Stopping what a connection does when nobody waits for it any more.

use crate::link::Link;
use crate::shared::Shared;
use crate::wire::Wire;
use futures_util::future::select;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::NoTls;

/// So often the server is asked, and so long is waited each time. A request that overtakes the statement it is about does
/// nothing.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// Stops the statement that runs on a connection, in the background, and closes the connection.
pub(crate) fn stop(link: Link, shared: &Arc<Shared>) {
    let Link { client, endpoint, tls, kill, mut ended, .. } = link;
    let token = client.cancel_token();
    // The task of the connection ends when what was asked for is done.
    drop(client);
    let runtime = shared.runtime.clone();
    shared.runtime.spawn(Box::pin(async move {
        for _ in 0..TRIES {
            let work = async {
                if let Ok(opened) = runtime.open(endpoint.clone()).await {
                    // Whoever takes the request hangs up when it has passed it on. PgBouncer 1.18 ends altogether when it is
                    // left before that; libpq waits, too.
                    let wire = Wire::that_is_hung_up_on(opened.stream);
                    // A server that does not take the request is gone, or will be asked again.
                    let _ = match tls.clone() {
                        Some(tls) => token.cancel_query_raw(wire, tls).await,
                        None => token.cancel_query_raw(wire, NoTls).await,
                    };
                }
                let _ = (&mut ended).await;
            };
            match select(pin!(work), runtime.sleep(PAUSE)).await {
                futures_util::future::Either::Left(_) => return,
                futures_util::future::Either::Right(_) => {}
            }
        }
        // The server does not answer: the task is ended, and the socket closed with it.
        let _ = kill.send(());
    }));
}
