//! Whether a server holds the key of the certificate that it shows. Where no signature of an authority is asked for, that is
//! all a certificate proves. The crate that verifies chains reads certificates of version 3 only; openssl makes some of
//! version 1 by default, and libpq takes them.
//!
//! Source: RFC 5246, section 7.4.1.4.1; RFC 8446, section 4.4.3.

use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use tokio_rustls::rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// Whether a signature of TLS 1.3 was made by the certificate's key.
pub(super) fn tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = key(certificate)?.to_der().map_err(|_| CertificateError::BadEncoding)?;
    verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key), signed, algorithms)
}

/// Whether a signature of TLS 1.2 was made by the certificate's key. There a scheme leaves open which curve it is of.
pub(super) fn tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = key(certificate)?;
    let kind = key.algorithm.to_der().map_err(|_| CertificateError::BadEncoding)?;
    let bits = key.subject_public_key.raw_bytes();
    let candidates = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
    let (_, candidates) = candidates.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    // What the algorithm calls its key is the inside of the sequence, which is short.
    let inside = kind.get(2..).unwrap_or_default();
    let of_the_kind = candidates.iter().filter(|algorithm| algorithm.public_key_alg_id().as_ref() == inside);
    let mut verified =
        of_the_kind.map(|algorithm| algorithm.verify_signature(bits, message, signed.signature()));
    match verified.any(|result| result.is_ok()) {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(CertificateError::BadSignature.into()),
    }
}

fn key(certificate: &CertificateDer<'_>) -> Result<SubjectPublicKeyInfoOwned, Error> {
    let certificate = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    Ok(certificate.tbs_certificate.subject_public_key_info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{ChannelBinding, RequireAuth, Roots, Ssl, SslMode};
    use crate::tls::connector;
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, SigningKey};
    use std::sync::Arc;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
    use tokio_rustls::rustls::server::ResolvesServerCert;
    use tokio_rustls::rustls::sign::CertifiedKey;
    use tokio_rustls::rustls::version::{TLS12, TLS13};
    use tokio_rustls::rustls::{
        ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion, server::ClientHello,
    };
    use x509_cert::certificate::Version;
    use x509_cert::der::asn1::BitString;

    /// A certificate of version 1, as `openssl x509 -req` makes it.
    fn version_1(key: &KeyPair) -> CertificateDer<'static> {
        let newest = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(key).unwrap();
        let mut certificate = Certificate::from_der(newest.der()).unwrap();
        certificate.tbs_certificate.version = Version::V1;
        certificate.tbs_certificate.extensions = None;
        let signature = key.sign(&certificate.tbs_certificate.to_der().unwrap()).unwrap();
        certificate.signature = BitString::from_bytes(&signature).unwrap();
        CertificateDer::from(certificate.to_der().unwrap())
    }

    #[derive(Debug)]
    struct Shows(Arc<CertifiedKey>);

    impl ResolvesServerCert for Shows {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(self.0.clone())
        }
    }

    /// What a client says to a server that shows a certificate and signs by a key.
    fn handshake(
        certificate: &CertificateDer<'static>,
        key: &KeyPair,
        version: &'static SupportedProtocolVersion,
    ) -> Result<(), Error> {
        let ssl = Ssl {
            mode: SslMode::Require,
            roots: Roots::None,
            client: None,
            channel_binding: ChannelBinding::Prefer,
            direct: false,
        };
        let client = connector(&ssl, &RequireAuth::Unsaid, "localhost").unwrap().connector.config().clone();
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(client, name).unwrap();
        let secret = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let secret = ring::sign::any_supported_type(&secret).unwrap();
        let shows = Shows(Arc::new(CertifiedKey::new(vec![certificate.clone()], secret)));
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let server = server.with_protocol_versions(&[version]).unwrap().with_no_client_auth();
        let mut server = ServerConnection::new(Arc::new(server.with_cert_resolver(Arc::new(shows)))).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut bytes.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                client.read_tls(&mut rest).unwrap();
                client.process_new_packets()?;
            }
        }
        Ok(())
    }

    #[test]
    fn a_certificate_of_version_1_serves_where_nobody_has_to_have_signed_it() {
        for version in [&TLS12, &TLS13] {
            for key in [KeyPair::generate().unwrap(), KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap()]
            {
                assert_eq!(handshake(&version_1(&key), &key, version), Ok(()));
            }
        }
    }

    #[test]
    fn a_certificate_whose_key_is_another_s_does_not() {
        let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        for version in [&TLS12, &TLS13] {
            assert!(handshake(&version_1(&own), &other, version).is_err());
        }
    }
}
