//! How a server may ask who one is.
//!
//! Source: PostgreSQL's manual, "Database Connection Control Functions", `require_auth`.

use super::invalid;
use reprieve_core::error::Result;
use std::fmt;

/// What a server may ask for before it lets a connection in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Password,
    Md5,
    Gss,
    Sspi,
    ScramSha256,
    /// Nothing, or a certificate only.
    None,
}

impl Method {
    const ALL: [(&'static str, Self); 6] = [
        ("password", Self::Password),
        ("md5", Self::Md5),
        ("gss", Self::Gss),
        ("sspi", Self::Sspi),
        ("scram-sha-256", Self::ScramSha256),
        ("none", Self::None),
    ];

    fn parse(name: &str) -> Result<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, method)| *method).ok_or_else(|| {
            invalid(format!(
                "require_auth has the unknown method '{name}': use password, md5, gss, sspi, scram-sha-256 or none, or each \
                 with an exclamation mark before it"
            ))
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, method)| method == self).map_or("", |(name, _)| name))
    }
}

/// The methods that are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum RequireAuth {
    /// Not given: any method that does not show the password to a listener.
    #[default]
    Unsaid,
    /// These, wherever the way leads.
    Only(Vec<Method>),
    /// Any but these, as far as they do not show the password to a listener.
    AnyBut(Vec<Method>),
}

impl RequireAuth {
    pub(super) fn parse(list: Option<&str>) -> Result<Self> {
        let Some(list) = list else { return Ok(Self::Unsaid) };
        let names: Vec<&str> = list.split(',').map(str::trim).collect();
        let forbidden = names.iter().filter(|name| name.starts_with('!')).count();
        if forbidden != 0 && forbidden != names.len() {
            return Err(invalid(format!(
                "require_auth={list} names methods with and without an exclamation mark: use either"
            )));
        }
        let methods: Result<Vec<Method>> =
            names.iter().map(|name| Method::parse(name.strip_prefix('!').unwrap_or(name))).collect();
        Ok(if forbidden == 0 { Self::Only(methods?) } else { Self::AnyBut(methods?) })
    }

    /// Whether a method is one of those that were asked for.
    pub(crate) fn allows(&self, method: Method) -> bool {
        match self {
            Self::Unsaid => true,
            Self::Only(methods) => methods.contains(&method),
            Self::AnyBut(methods) => !methods.contains(&method),
        }
    }

    /// Whether it was named as one that is allowed.
    pub(crate) fn names(&self, method: Method) -> bool {
        matches!(self, Self::Only(methods) if methods.contains(&method))
    }
}
