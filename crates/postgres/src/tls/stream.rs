//! An encrypted stream, and what a password is bound to on it.

use crate::auth::Gate;
use crate::wire::{Wire, forward, see};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::io;
use tokio_postgres::tls::ChannelBinding;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc5912;

/// An encrypted stream.
pub(crate) struct TlsStream(pub(super) tokio_rustls::client::TlsStream<Wire>, pub(super) Option<Box<Gate>>);

forward!(TlsStream);

impl TlsStream {
    fn arrived(&mut self, bytes: &[u8]) -> io::Result<()> {
        see(&mut self.1, bytes)
    }

    fn hangs_up_last(&self) -> bool {
        self.0.get_ref().0.hangs_up_last()
    }
}

impl tokio_postgres::tls::TlsStream for TlsStream {
    fn channel_binding(&self) -> ChannelBinding {
        let certificates = self.0.get_ref().1.peer_certificates();
        let digest = certificates.and_then(|certificates| end_point(certificates.first()?));
        digest.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

/// The digest of a certificate by the hash of its signature; by SHA-256 where that is older. None for signatures without
/// one, such as Ed25519.
///
/// Source: RFC 5929, section 4.1.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = Certificate::from_der(certificate).ok()?.signature_algorithm.oid;
    Some(match algorithm {
        rfc5912::ID_MD_5
        | rfc5912::MD_5_WITH_RSA_ENCRYPTION
        | rfc5912::ID_SHA_1
        | rfc5912::SHA_1_WITH_RSA_ENCRYPTION
        | rfc5912::SHA_256_WITH_RSA_ENCRYPTION
        | rfc5912::ECDSA_WITH_SHA_256 => Sha256::digest(certificate).to_vec(),
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_384 => {
            Sha384::digest(certificate).to_vec()
        }
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_512 => {
            Sha512::digest(certificate).to_vec()
        }
        _ => return None,
    })
}
