//! Whom a server's certificate convinces, by `sslmode`.
//!
//! Source: PostgreSQL's manual, "SSL Support", "Client Verification of Server Certificates".

use super::possession;
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::db::rfc4519::COMMON_NAME;
use x509_cert::der::oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;

/// Looks at certificates of servers.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) provider: Arc<CryptoProvider>,
    /// Who has to have signed; anybody, when there is none.
    pub(super) roots: Option<Trusted>,
    /// Whether the certificate has to be for the server's name.
    pub(super) name: bool,
}

/// Those whose signature is trusted.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) store: RootCertStore,
    /// The same, as they are: a server may use the very certificate that was named.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.roots else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ParsedCertificate::try_from(certificate)?;
        if trusted.certificates.iter().any(|trusted| trusted == certificate) {
            still_valid(certificate, now)?;
        } else {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                &trusted.store,
                intermediates,
                now,
                algorithms,
            )?;
        }
        if self.name {
            verify_server_name(&parsed, name).or_else(|error| match common_name_is(certificate, name) {
                true => Ok(()),
                false => Err(error),
            })?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match self.roots {
            Some(_) => verify_tls12_signature(message, certificate, signed, algorithms),
            None => possession::tls12(message, certificate, signed, algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match self.roots {
            Some(_) => verify_tls13_signature(message, certificate, signed, algorithms),
            None => possession::tls13(message, certificate, signed, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate that is trusted by itself is so until it ends.
fn still_valid(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let certificate = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let validity = certificate.tbs_certificate.validity;
    let (from, to) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    match now.as_secs() {
        now if now < from.as_secs() => Err(CertificateError::NotValidYet.into()),
        now if now > to.as_secs() => Err(CertificateError::Expired.into()),
        _ => Ok(()),
    }
}

/// A certificate without alternative names is for its common name, as libpq has it. An asterisk at its beginning stands for
/// one part of a name.
fn common_name_is(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let Ok(certificate) = Certificate::from_der(certificate) else { return false };
    let certificate = certificate.tbs_certificate;
    let mut extensions = certificate.extensions.iter().flatten();
    if extensions.any(|extension| extension.extn_id == ID_CE_SUBJECT_ALT_NAME) {
        return false;
    }
    let mut parts = certificate.subject.0.iter().flat_map(|set| set.0.iter());
    let Some(common) = parts.rfind(|part| part.oid == COMMON_NAME) else { return false };
    let (Ok(common), name) = (str::from_utf8(common.value.value()), name.to_str()) else { return false };
    match common.strip_prefix("*.") {
        Some(domain) => name.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
        None => common.eq_ignore_ascii_case(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
    use std::time::Duration;

    /// A certificate that its own key signed, good for 2026.
    fn certificate(common: &str, names: &[&str]) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, common);
        parameters.not_before = date_time_ymd(2026, 1, 1);
        parameters.not_after = date_time_ymd(2026, 12, 31);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn verdict(
        shown: &CertificateDer<'static>,
        trusted: &CertificateDer<'static>,
        name: &str,
        day: u64,
    ) -> bool {
        let mut store = RootCertStore::empty();
        store.add(trusted.clone()).unwrap();
        let verifier = Verifier {
            provider: Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()),
            roots: Some(Trusted { store, certificates: vec![trusted.clone()] }),
            name: true,
        };
        // From the first of January 2026.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_767_225_600 + day * 86_400));
        let name = ServerName::try_from(name).unwrap();
        verifier.verify_server_cert(shown, &[], &name, &[], now).is_ok()
    }

    #[test]
    fn the_very_certificate_that_is_trusted_convinces_while_it_is_valid() {
        let own = certificate("db", &["db.example"]);
        assert!(verdict(&own, &own, "db.example", 10));
        assert!(!verdict(&own, &own, "other.example", 10));
        assert!(!verdict(&own, &own, "db.example", 400));
        assert!(!verdict(&certificate("db", &["db.example"]), &own, "db.example", 10));
    }

    #[test]
    fn the_common_name_counts_when_there_is_no_other() {
        let own = certificate("db.example", &[]);
        assert!(verdict(&own, &own, "DB.example", 10));
        assert!(!verdict(&own, &own, "db2.example", 10));
        let own = certificate("*.example", &[]);
        assert!(verdict(&own, &own, "db.example", 10));
        assert!(!verdict(&own, &own, "a.db.example", 10));
        let own = certificate("db.example", &["other.example"]);
        assert!(!verdict(&own, &own, "db.example", 10));
    }
}
