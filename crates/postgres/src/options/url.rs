//! The parts of an address.

use super::invalid;
use percent_encoding::percent_decode_str;
use reprieve_core::error::Result;

/// `scheme://user:password@host:port,host:port/database?name=value`, decoded. Errors never show the address, which may
/// hold a password.
#[derive(Default)]
pub(super) struct Url {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) hosts: Vec<String>,
    /// As many as there are hosts; empty where none is given.
    pub(super) ports: Vec<String>,
    pub(super) database: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Url {
    pub(super) fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or_else(unknown)?;
        if !matches!(scheme.split('+').next(), Some("postgresql" | "postgres")) {
            return Err(unknown());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        // An @ further on means that the password was not escaped. None of it may be shown.
        if user.is_none() && database.contains('@') {
            return Err(invalid(
                "the address has an @ after its first /: write / in a password as %2F, and @ in a name as %40",
            ));
        }
        // What follows was to be a parameter: a password, for one. None of it may be shown.
        if database.contains(['&', '#', ';']) {
            return Err(invalid(
                "the database's name has a &, # or ;: begin the parameters with ?, and write & in a name as %26, # as %23 \
                 and ; as %3B",
            ));
        }
        let mut parts = Self { database: some(decode(database)?), ..Self::default() };
        if let Some(user) = user {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            (parts.user, parts.password) = (some(decode(user)?), some(decode(password)?));
        }
        for host in hosts.split(',').filter(|_| !hosts.is_empty()) {
            let (host, port) = host_and_port(host);
            parts.hosts.push(decode(host)?);
            parts.ports.push(port.to_owned());
        }
        // A port alone says nothing of the host.
        if let [host] = parts.hosts.as_slice()
            && host.is_empty()
        {
            parts.hosts.clear();
            let port = parts.ports.remove(0);
            parts.parameters.extend((!port.is_empty()).then(|| ("port".to_owned(), port)));
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            parts.parameters.push((decode(name)?, decode(value)?));
        }
        Ok(parts)
    }
}

/// `host`, `host:port`, `[address]:port`.
fn host_and_port(text: &str) -> (&str, &str) {
    match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or(port)),
        None => text.rsplit_once(':').unwrap_or((text, "")),
    }
}

fn decode(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into)
        .map_err(|_| invalid("the address has an escape (%XX) that is no UTF-8: write it anew"))
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn unknown() -> reprieve_core::Error {
    invalid("the address is none of PostgreSQL: use postgresql://user:password@host:5432/database")
}
