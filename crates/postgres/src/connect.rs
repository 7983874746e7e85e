//! Opening a connection: to the first server that takes it and is of the kind that is wanted, with or without encryption as
//! it was asked for.

use crate::auth::Gate;
use crate::error;
use crate::link::Link;
use crate::options::{ChannelBinding, Host, Session, SslMode, Way};
use crate::shared::Shared;
use crate::tls::{self, Connector};
use crate::wire::Wire;
use futures_util::future::{Either, select};
use reprieve_core::driver::{Endpoint, Opened};
use reprieve_core::error::{Error, Kind, Result};
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio_postgres::config::{self, SslNegotiation};
use tokio_postgres::{Client, Config, Connection, NoTls};

/// Opens a connection to the first server that takes it.
pub(crate) async fn open(shared: &Arc<Shared>) -> Result<Link> {
    let mut last = None;
    let wanted = shared.options.session;
    let rounds = match wanted {
        Session::PreferStandby => &[Session::Standby, Session::Any][..],
        _ => &[wanted],
    };
    for session in rounds {
        for host in &shared.options.hosts {
            match in_time(shared, host, *session).await {
                Ok(link) => return Ok(link),
                Err(Refused { error, last: true }) => return Err(error),
                Err(Refused { error, .. }) => last = Some(error),
            }
        }
    }
    Err(last.unwrap_or_else(|| Error::new(Kind::Internal, "an address without a host")))
}

/// Why a server is not it.
struct Refused {
    error: Error,
    /// Others would say the same.
    last: bool,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, last: false }
    }
}

async fn in_time(shared: &Arc<Shared>, host: &Host, session: Session) -> Result<Link, Refused> {
    let Some(limit) = shared.options.connect_timeout else { return to(shared, host, session).await };
    match select(pin!(to(shared, host, session)), shared.runtime.sleep(limit)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Refused::from(Error::new(
            Kind::Unavailable,
            format!(
                "{host} did not answer within {} s: check that the server runs and that nothing blocks the way, or raise \
                 connect_timeout",
                limit.as_secs_f64()
            ),
        ))),
    }
}

/// How a connection is encrypted, in one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Plain,
    /// When the server can.
    Maybe,
    Encrypted,
}

async fn to(shared: &Arc<Shared>, host: &Host, session: Session) -> Result<Link, Refused> {
    let attempts = match (&host.way, shared.options.ssl.mode) {
        (Way::Unix(_), _) | (_, SslMode::Disable) => &[Attempt::Plain][..],
        (_, SslMode::Allow) => &[Attempt::Plain, Attempt::Encrypted],
        (_, SslMode::Prefer) => &[Attempt::Maybe, Attempt::Plain],
        _ => &[Attempt::Encrypted],
    };
    let mut first = None;
    for attempt in attempts {
        match once(shared, host, *attempt).await {
            Ok((link, kind)) if session.suits(kind.standby, kind.read_only) => return Ok(link),
            Ok(_) => return Err(Refused::from(unsuited(host))),
            Err(Ended::Unreachable(error)) => return Err(Refused::from(error)),
            Err(Ended::Refused(error)) => {
                // Whether encryption was the reason is not always told: without it, or with it, it may be let in.
                let code = error.code().map_or("", |code| code.code()).to_owned();
                let refused = error::refused(error, &shared.options, host);
                let last = code.starts_with("28") && code != "28000";
                first.get_or_insert(Refused { error: refused, last });
                if !matches!(code.as_str(), "" | "28000") {
                    break;
                }
            }
        }
    }
    Err(first.unwrap_or_else(|| Refused::from(Error::new(Kind::Internal, "no way to connect was tried"))))
}

/// How an attempt ended.
enum Ended {
    Unreachable(Error),
    Refused(tokio_postgres::Error),
}

/// What a server is, as it says when it lets a connection in.
struct ServerKind {
    standby: bool,
    read_only: bool,
}

impl ServerKind {
    fn of<S, T>(connection: &Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin,
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let is_on = |name| connection.parameter(name) == Some("on");
        Self { standby: is_on("in_hot_standby"), read_only: is_on("default_transaction_read_only") }
    }
}

async fn once(shared: &Arc<Shared>, host: &Host, attempt: Attempt) -> Result<(Link, ServerKind), Ended> {
    let connector = match attempt {
        Attempt::Plain => None,
        Attempt::Maybe | Attempt::Encrypted => {
            Some(connector(shared, host).await.map_err(Ended::Unreachable)?)
        }
    };
    let endpoint = endpoint(shared, host);
    let opened = shared.runtime.open(endpoint.clone()).await;
    let Opened { stream, probe } = opened.map_err(|error| Ended::Unreachable(unreachable(host, error)))?;
    let stream = Wire::new(stream, gate(shared, host, attempt));
    let config = config(shared, host, attempt);
    let runtime = &*shared.runtime;
    match connector {
        None => {
            let (client, connection) = config.connect_raw(stream, NoTls).await.map_err(Ended::Refused)?;
            let kind = ServerKind::of(&connection);
            Ok((Link::start(client, connection, probe, endpoint, None, runtime), kind))
        }
        Some(tls) => {
            let made: (Client, Connection<_, _>) =
                config.connect_raw(stream, tls.clone()).await.map_err(Ended::Refused)?;
            let kind = ServerKind::of(&made.1);
            Ok((Link::start(made.0, made.1, probe, endpoint, Some(tls), runtime), kind))
        }
    }
}

/// Watches what the server asks for, where it does not do so encrypted.
fn gate(shared: &Shared, host: &Host, attempt: Attempt) -> Option<Gate> {
    let exposed = matches!(host.way, Way::Tcp { .. });
    let gate = |offer| Some(Gate::new(shared.options.require_auth.clone(), exposed, offer));
    match attempt {
        Attempt::Plain => gate(false),
        Attempt::Maybe => gate(true),
        Attempt::Encrypted => None,
    }
}

/// Certificates, if any, are read on another thread.
async fn connector(shared: &Arc<Shared>, host: &Host) -> Result<Connector> {
    let name = match &host.way {
        Way::Tcp { name, .. } => name.clone(),
        Way::Unix(_) => "localhost".to_owned(),
    };
    if !shared.options.ssl.reads_files() {
        return tls::connector(&shared.options.ssl, &shared.options.require_auth, &name);
    }
    let (sender, receiver) = oneshot::channel();
    let (ssl, required) = (shared.options.ssl.clone(), shared.options.require_auth.clone());
    shared.runtime.spawn_blocking(Box::new(move || {
        // When nobody waits any more, it was for nothing.
        let _ = sender.send(tls::connector(&ssl, &required, &name));
    }));
    receiver
        .await
        .map_err(|_| Error::new(Kind::Internal, "a job of the PostgreSQL driver ended without an answer"))?
}

fn endpoint(shared: &Shared, host: &Host) -> Endpoint {
    match &host.way {
        Way::Tcp { name, address } => Endpoint::Tcp {
            host: address.as_ref().unwrap_or(name).clone(),
            port: host.port,
            keepalive: shared.options.keepalive,
        },
        Way::Unix(folder) => Endpoint::Unix(folder.join(format!(".s.PGSQL.{}", host.port))),
    }
}

fn config(shared: &Shared, host: &Host, attempt: Attempt) -> Config {
    let options = &shared.options;
    let mut config = Config::new();
    config.user(&options.user).dbname(&options.database).application_name(&options.application_name);
    if let Some(password) = options.password.as_ref().or(host.password.as_ref()) {
        config.password(password);
    }
    if !options.options.is_empty() {
        config.options(&options.options);
    }
    config.ssl_mode(match attempt {
        Attempt::Plain => config::SslMode::Disable,
        Attempt::Maybe => config::SslMode::Prefer,
        Attempt::Encrypted => config::SslMode::Require,
    });
    if options.ssl.direct {
        config.ssl_negotiation(SslNegotiation::Direct);
    }
    config.channel_binding(match options.ssl.channel_binding {
        ChannelBinding::Disable => config::ChannelBinding::Disable,
        ChannelBinding::Prefer => config::ChannelBinding::Prefer,
        ChannelBinding::Require => config::ChannelBinding::Require,
    });
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

#[cold]
fn unsuited(host: &Host) -> Error {
    Error::new(
        Kind::Unavailable,
        format!(
            "the server at {host} is not of the kind that target_session_attrs asks for: name one that is"
        ),
    )
}
