//! How a server is spoken to, by what was asked for: certificates are read here.

use super::Connector;
use super::verify::{Trusted, Verifier};
use crate::options::{RequireAuth, Roots, Ssl, SslMode};
use reprieve_core::error::{Error, Kind, Result};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// The connector for a server of this name. Reads files: not on the thread of an event loop.
pub(crate) fn connector(ssl: &Ssl, required: &RequireAuth, name: &str) -> Result<Connector> {
    let name = ServerName::try_from(name.to_owned()).map_err(|_| {
        unavailable(format!("'{name}' is no name that a certificate could be for: correct the host"))
    })?;
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier =
        Verifier { roots: trusted(ssl)?, name: ssl.mode == SslMode::VerifyFull, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unavailable(format!("TLS is not possible: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &ssl.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            refuse_open_key(key)?;
            let chain = certificates(certificate)?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| unreadable(certificate, error))?
        }
    };
    if ssl.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(Connector { connector: TlsConnector::from(Arc::new(config)), name, required: required.clone() })
}

/// Who has to have signed a server's certificate; anybody, when none is asked for.
fn trusted(ssl: &Ssl) -> Result<Option<Trusted>> {
    let certificates = match &ssl.roots {
        // Whoever has a file of roots wants them to be used whenever encryption is demanded.
        Roots::File(path) if ssl.mode >= SslMode::Require => certificates(path)?,
        Roots::System => rustls_native_certs::load_native_certs().certs,
        Roots::File(_) | Roots::None => return Ok(None),
    };
    let mut store = RootCertStore::empty();
    if store.add_parsable_certificates(certificates.iter().cloned()).0 == 0 {
        return Err(unavailable("there is no certificate among those to trust: check sslrootcert"));
    }
    Ok(Some(Trusted { store, certificates }))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, error))?;
    read.collect::<Result<_, _>>().map_err(|error| unreadable(path, error))
}

#[cfg(unix)]
fn refuse_open_key(path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let Ok(file) = std::fs::metadata(path) else { return Ok(()) };
    // The group may read what belongs to root.
    let forbidden = if file.uid() == 0 { 0o037 } else { 0o077 };
    match file.mode() & forbidden {
        0 => Ok(()),
        _ => Err(unavailable(format!("others may read the private key {}: chmod 600 it", path.display()))),
    }
}

#[cfg(not(unix))]
fn refuse_open_key(_: &Path) -> Result<()> {
    Ok(())
}

fn unreadable(path: &Path, error: impl Display) -> Error {
    unavailable(format!("{} cannot be used for TLS ({error}): check the file", path.display()))
}

fn unavailable(message: impl Into<String>) -> Error {
    Error::new(Kind::Unavailable, message.into())
}
