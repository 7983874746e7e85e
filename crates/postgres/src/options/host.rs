//! One server.

use super::invalid;
use reprieve_core::error::Result;
use std::fmt;
use std::path::PathBuf;

/// One server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) way: Way,
    pub(crate) port: u16,
    /// What the file of passwords has for it.
    pub(crate) password: Option<String>,
}

/// How it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    Tcp {
        /// The name, which a certificate has to be for.
        name: String,
        /// The address, when it is not to be looked up.
        address: Option<String>,
    },
    /// A folder with a socket.
    Unix(PathBuf),
}

impl Host {
    /// The hosts of comma-separated lists: as many ports as hosts, or one for all.
    pub(super) fn list(hosts: &str, addresses: &str, ports: &str) -> Result<Vec<Self>> {
        let addresses: Vec<&str> = split(addresses);
        let ports: Vec<&str> = split(ports);
        let mut hosts: Vec<&str> = split(hosts);
        if hosts.is_empty() {
            hosts = addresses.clone();
        }
        if !addresses.is_empty() && addresses.len() != hosts.len() {
            return Err(invalid("hostaddr needs as many addresses as there are hosts"));
        }
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err(invalid("port needs one number, or as many as there are hosts"));
        }
        let host = |(i, name): (usize, &&str)| {
            let text = if ports.len() == 1 { ports[0] } else { ports.get(i).copied().unwrap_or_default() };
            let address = addresses.get(i).filter(|address| !address.is_empty());
            let name = if name.is_empty() { address.copied().unwrap_or("localhost") } else { name };
            let way = match name.starts_with('/') {
                true => Way::Unix(PathBuf::from(name)),
                false => Way::Tcp { name: name.to_owned(), address: address.map(|text| (*text).to_owned()) },
            };
            Ok(Self { way, port: port(text)?, password: None })
        };
        hosts.iter().enumerate().map(host).collect()
    }
}

fn split(list: &str) -> Vec<&str> {
    if list.is_empty() { Vec::new() } else { list.split(',').map(str::trim).collect() }
}

fn port(text: &str) -> Result<u16> {
    match text.parse() {
        _ if text.is_empty() => Ok(5432),
        // It may be part of a password that was not escaped.
        Ok(0) | Err(_) => Err(invalid(
            "the address has a port that is no number from 1 to 65535: write / and ? in a password as %2F and %3F",
        )),
        Ok(port) => Ok(port),
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.way {
            Way::Tcp { name, .. } => write!(f, "{name}:{}", self.port),
            Way::Unix(folder) => write!(f, "{}", folder.join(format!(".s.PGSQL.{}", self.port)).display()),
        }
    }
}
