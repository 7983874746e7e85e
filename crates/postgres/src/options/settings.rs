//! What was said of a connection, by libpq's keywords, before anything is made of it.

use super::url::Url;
use super::{Environment, invalid};
use reprieve_core::error::Result;
use std::collections::HashMap;

/// libpq's keywords that are understood, and the variable that stands in for each.
const KEYWORDS: [(&str, &str); 23] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("dbname", "PGDATABASE"),
    ("application_name", "PGAPPNAME"),
    ("fallback_application_name", ""),
    ("options", "PGOPTIONS"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("keepalives", ""),
    ("keepalives_idle", ""),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("client_encoding", ""),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("require_auth", "PGREQUIREAUTH"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("prepared_statements", ""),
];

/// The keywords, in a list that the compiler does not see into: it would unroll what is done with them, and LLVM then takes
/// ten minutes over joining their names.
fn keywords() -> impl Iterator<Item = &'static str> {
    std::hint::black_box(&KEYWORDS[..]).iter().map(|(keyword, _)| *keyword)
}

/// Keywords with their values.
pub(super) struct Settings(HashMap<&'static str, String>);

impl Settings {
    pub(super) fn of_url(url: &str) -> Result<Self> {
        let url = Url::parse(url)?;
        let mut settings = Self(HashMap::new());
        settings.0.extend(url.user.map(|user| ("user", user)));
        settings.0.extend(url.password.map(|password| ("password", password)));
        settings.0.extend(url.database.map(|database| ("dbname", database)));
        if !url.hosts.is_empty() {
            settings.0.insert("host", url.hosts.join(","));
            if url.ports.iter().any(|port| !port.is_empty()) {
                settings.0.insert("port", url.ports.join(","));
            }
        }
        for (name, value) in url.parameters {
            settings.set(&name, value)?;
        }
        Ok(settings)
    }

    /// A parameter of the address: libpq's, or as other drivers spell it.
    fn set(&mut self, name: &str, value: String) -> Result<()> {
        let (name, value) = match (name, value.as_str()) {
            ("ssl", "true") => ("sslmode", "require".to_owned()),
            ("ssl", "false") => ("sslmode", "disable".to_owned()),
            ("ssl", _) => ("sslmode", value),
            ("database", _) => ("dbname", value),
            ("timeout", _) => ("connect_timeout", value),
            // How many are kept; none means that none is prepared.
            ("prepared_statement_cache_size" | "statement_cache_size", _) => ("prepared_statements", value),
            // Nothing is done by GSS here.
            ("gssencmode", "disable" | "prefer") => return Ok(()),
            _ => (name, value),
        };
        let keyword = keywords().find(|keyword| *keyword == name).ok_or_else(|| unknown(name))?;
        self.0.insert(keyword, value);
        Ok(())
    }

    /// Takes what is missing from the environment.
    pub(super) fn fill(&mut self, environment: &Environment) {
        for (keyword, variable) in KEYWORDS {
            if let (false, Some(value)) = (self.0.contains_key(keyword), environment.get(variable)) {
                self.0.insert(keyword, value.to_owned());
            }
        }
    }

    /// What was said; an empty text is nothing.
    pub(super) fn get(&self, keyword: &str) -> Option<&str> {
        self.0.get(keyword).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[cold]
fn unknown(name: &str) -> reprieve_core::Error {
    // What is not a name may be the rest of a password with a question mark in it.
    let shown = match name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        true => format!("the unknown parameter '{name}'"),
        false => "a parameter without a proper name (write ? in a password as %3F)".to_owned(),
    };
    let known: Vec<&str> = keywords().collect();
    invalid(format!(
        "the postgresql address has {shown}: known are {}. Settings of the server are given as options=-c name=value",
        known.join(", ")
    ))
}
