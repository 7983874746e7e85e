//! What the command line and the environment say.
#![allow(clippy::disallowed_methods, reason = "a program is steered by its environment; the library is not")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub(crate) const HELP: &str = "\
A blog with a bin, on axum and SQLite.

Usage: blog-axum [--host ADDRESS] [--port PORT]

  --host ADDRESS  address to listen on (default 127.0.0.1)
  --port PORT     port to listen on (default 8000); 0 lets the system choose a free one
  --help          this text

The environment variable DATABASE_URL says where the database is (default sqlite://blog.db); the file is made when missing.
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Serve(SocketAddr),
}

/// # Errors
/// What is wrong with the arguments, for a person.
pub(crate) fn command(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = || inline.clone().or_else(|| arguments.next()).unwrap_or_default();
        match name {
            "--help" | "-h" => return Ok(Command::Help),
            "--host" => {
                let host = value();
                let ip = host
                    .parse()
                    .map_err(|_| format!("--host wants an address such as 127.0.0.1, not {host:?}"))?;
                address.set_ip(ip);
            }
            "--port" => {
                let port = value();
                let number =
                    port.parse().map_err(|_| format!("--port wants a number up to 65535, not {port:?}"))?;
                address.set_port(number);
            }
            _ => return Err(format!("unknown argument {argument:?}: see --help")),
        }
    }
    Ok(Command::Serve(address))
}

pub(crate) fn database_url() -> String {
    std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite://blog.db".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        command(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_port_is_given_in_either_form() {
        let nine = Ok(Command::Serve("127.0.0.1:9000".parse().unwrap()));
        assert_eq!(parsed("--port 9000"), nine);
        assert_eq!(parsed("--port=9000"), nine);
        assert_eq!(parsed("--host ::1 --port 0"), Ok(Command::Serve("[::1]:0".parse().unwrap())));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(parsed("--port").unwrap_err().contains("--port wants a number"));
        assert!(parsed("--port 70000").unwrap_err().contains("\"70000\""));
        assert!(parsed("--host here").unwrap_err().contains("\"here\""));
        assert!(parsed("serve").unwrap_err().contains("--help"));
    }
}
