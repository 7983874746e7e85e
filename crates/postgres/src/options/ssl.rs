//! Whether and how the way to the server is encrypted.
//!
//! Source: PostgreSQL's manual, "SSL Support".

use super::settings::Settings;
use super::{Environment, invalid};
use reprieve_core::error::Result;
use std::path::PathBuf;

/// Whether and how the way to the server is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ssl {
    pub(crate) mode: SslMode,
    /// Who a server's certificate has to be signed by.
    pub(crate) roots: Roots,
    /// The client's own certificate, and its key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    pub(crate) channel_binding: ChannelBinding,
    /// Encrypted from the first byte, without asking before.
    pub(crate) direct: bool,
}

/// How much encryption is asked for, in libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Who a server's certificate has to be signed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Nobody was named.
    None,
    /// Those that the system trusts.
    System,
    /// Those in this file.
    File(PathBuf),
}

/// Whether a password is bound to the encrypted channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

impl Ssl {
    pub(super) fn of(settings: &Settings, environment: &Environment) -> Result<Self> {
        let roots = match settings.get("sslrootcert") {
            Some("system") => Roots::System,
            Some(path) => Roots::File(PathBuf::from(path)),
            None => file(environment, "root.crt").map_or(Roots::None, Roots::File),
        };
        let client = match (settings.get("sslcert"), settings.get("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (Some(_), None) | (None, Some(_)) => {
                return Err(invalid("a certificate of the client's needs both sslcert and sslkey"));
            }
            (None, None) => file(environment, "postgresql.crt").zip(file(environment, "postgresql.key")),
        };
        let mode = match settings.get("sslmode") {
            Some(mode) => SslMode::parse(mode)?,
            // Whoever trusts the whole world has to know whom they speak to.
            None if roots == Roots::System => SslMode::VerifyFull,
            None => SslMode::Prefer,
        };
        if roots == Roots::System && mode != SslMode::VerifyFull {
            return Err(invalid(
                "sslrootcert=system needs sslmode=verify-full: anybody may have such a certificate",
            ));
        }
        if roots == Roots::None && mode >= SslMode::VerifyCa {
            return Err(invalid(
                "a server's certificate cannot be verified without one to trust: name it with sslrootcert=/path, or the \
                 system's with sslrootcert=system",
            ));
        }
        let direct = match settings.get("sslnegotiation") {
            None | Some("postgres") => false,
            Some("direct") if mode >= SslMode::Require => true,
            Some("direct") => return Err(invalid("sslnegotiation=direct needs sslmode=require or more")),
            Some(other) => {
                return Err(invalid(format!("sslnegotiation={other} is unknown: use postgres or direct")));
            }
        };
        let channel_binding = match settings.get("channel_binding") {
            None | Some("prefer") => ChannelBinding::Prefer,
            Some("disable") => ChannelBinding::Disable,
            Some("require") => ChannelBinding::Require,
            Some(other) => {
                return Err(invalid(format!(
                    "channel_binding={other} is unknown: use disable, prefer or require"
                )));
            }
        };
        Ok(Self { mode, roots, client, channel_binding, direct })
    }
}

impl Ssl {
    /// Whether certificates have to be read first.
    pub(crate) fn reads_files(&self) -> bool {
        self.client.is_some() || self.roots != Roots::None && self.mode >= SslMode::Require
    }
}

impl SslMode {
    fn parse(mode: &str) -> Result<Self> {
        Ok(match mode {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(invalid(format!(
                    "sslmode={mode} is unknown: use disable, allow, prefer, require, verify-ca or verify-full"
                )));
            }
        })
    }
}

/// A file that libpq would find by itself.
fn file(environment: &Environment, name: &str) -> Option<PathBuf> {
    let path = environment.home.as_ref()?.join(".postgresql").join(name);
    path.exists().then_some(path)
}
