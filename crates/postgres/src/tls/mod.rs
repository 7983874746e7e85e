//! The encrypted way to the server, by rustls.

mod config;
mod possession;
mod stream;
mod verify;

pub(crate) use config::connector;
pub(crate) use stream::TlsStream;

use crate::auth::Gate;
use crate::options::RequireAuth;
use crate::wire::Wire;
use std::future::Future;
use std::io;
use std::pin::Pin;
use tokio_postgres::tls::TlsConnect;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Encrypts a stream to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    connector: TlsConnector,
    name: ServerName<'static>,
    /// How the server may ask who one is.
    required: RequireAuth,
}

impl TlsConnect<Wire> for Connector {
    type Stream = TlsStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TlsStream>> + Send>>;

    fn connect(self, stream: Wire) -> Self::Future {
        let gate = Some(Box::new(Gate::new(self.required, false, false)));
        Box::pin(async move {
            self.connector.connect(self.name, stream).await.map(|stream| TlsStream(stream, gate))
        })
    }
}
