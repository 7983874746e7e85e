//! Opening a connection.

use crate::error;
use crate::link::Link;
use crate::options::Host;
use crate::shared::Shared;
use futures_util::future::{Either, select};
use reprieve_core::driver::Endpoint;
use reprieve_core::error::{Error, Kind, Result};
use std::pin::pin;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

/// Opens a connection to the first server that takes it.
pub(crate) async fn open(shared: &Shared) -> Result<Link> {
    let mut last = None;
    for host in &shared.options.hosts {
        match in_time(shared, host).await {
            Ok(link) => return Ok(link),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| Error::new(Kind::Internal, "an address without a host")))
}

async fn in_time(shared: &Shared, host: &Host) -> Result<Link> {
    let Some(limit) = shared.options.connect_timeout else { return to(shared, host).await };
    match select(pin!(to(shared, host)), shared.runtime.sleep(limit)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(
            Kind::Unavailable,
            format!(
                "{host} did not answer within {} s: check that the server runs and that nothing blocks the way, or raise \
                 connect_timeout",
                limit.as_secs()
            ),
        )),
    }
}

async fn to(shared: &Shared, host: &Host) -> Result<Link> {
    let endpoint = endpoint(shared, host);
    let opened = shared.runtime.open(endpoint.clone()).await.map_err(|error| unreachable(host, error))?;
    let result = config(shared).connect_raw(opened.stream, NoTls).await;
    let (client, connection) = result.map_err(|error| error::refused(error, &shared.options, host))?;
    Ok(Link::start(client, connection, opened.probe, endpoint, &*shared.runtime))
}

fn endpoint(shared: &Shared, host: &Host) -> Endpoint {
    match host {
        Host::Tcp { host, port } => {
            Endpoint::Tcp { host: host.clone(), port: *port, keepalive: shared.options.keepalive }
        }
        Host::Unix { directory, port } => Endpoint::Unix(directory.join(format!(".s.PGSQL.{port}"))),
    }
}

fn config(shared: &Shared) -> Config {
    let options = &shared.options;
    let mut config = Config::new();
    config.user(&options.user).dbname(&options.database).application_name(&options.application_name);
    if let Some(password) = &options.password {
        config.password(password);
    }
    if !options.options.is_empty() {
        config.options(&options.options);
    }
    config.ssl_mode(SslMode::Disable);
    config
}

#[cold]
fn unreachable(host: &Host, error: std::io::Error) -> Error {
    Error::new(
        Kind::Unavailable,
        format!(
            "no PostgreSQL server answers at {host} ({error}): check the address, and that the server runs and accepts \
             connections there"
        ),
    )
    .because(error)
}
