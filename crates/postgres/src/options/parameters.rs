//! The parameters of an address, and what they mean.

use super::url::Url;
use super::{Environment, Host, PostgresOptions, Session, invalid};
use reprieve_core::error::Result;
use std::path::PathBuf;
use std::time::Duration;

/// What was said of a connection, before anything is filled in.
#[derive(Default)]
pub(super) struct Parameters {
    hosts: Vec<(String, Option<u16>)>,
    user: Option<String>,
    password: Option<String>,
    database: Option<String>,
    application_name: Option<String>,
    options: Option<String>,
    connect_timeout: Option<Duration>,
    keepalive: Option<Duration>,
    session: Option<Session>,
    prepared_statements: Option<bool>,
}

impl Parameters {
    pub(super) fn of_url(url: &str) -> Result<Self> {
        let url = Url::parse(url)?;
        let mut parameters = Self {
            hosts: url.hosts,
            user: url.user,
            password: url.password,
            database: url.database,
            ..Self::default()
        };
        let mut ports = None;
        for (name, value) in &url.parameters {
            match name.as_str() {
                "host" => parameters.hosts = hosts(value)?,
                "port" => ports = Some(value),
                _ => parameters.set(name, value)?,
            }
        }
        if let Some(list) = ports {
            parameters.ports(list)?;
        }
        Ok(parameters)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let text = || Some(value.to_owned());
        match name {
            "user" => self.user = text(),
            "password" => self.password = text(),
            "dbname" | "database" => self.database = text(),
            "application_name" | "fallback_application_name" => self.application_name = text(),
            "options" => self.options = text(),
            "connect_timeout" => self.connect_timeout = seconds(name, value)?,
            "keepalives_idle" => self.keepalive = seconds(name, value)?,
            "target_session_attrs" => self.session = Some(session(value)?),
            "prepared_statements" => self.prepared_statements = Some(boolean(name, value)?),
            _ => {
                return Err(invalid(format!(
                    "the postgresql address has the unknown parameter '{name}': known are host, port, user, password, \
                     dbname, application_name, options, connect_timeout, keepalives_idle, target_session_attrs and \
                     prepared_statements"
                )));
            }
        }
        Ok(())
    }

    /// `port=5432`, or as many as there are hosts.
    fn ports(&mut self, list: &str) -> Result<()> {
        let ports: Vec<Option<u16>> = list
            .split(',')
            .map(|text| if text.is_empty() { Ok(None) } else { port(text).map(Some) })
            .collect::<Result<_>>()?;
        if self.hosts.is_empty() {
            self.hosts.push((String::new(), None));
        }
        if ports.len() != 1 && ports.len() != self.hosts.len() {
            return Err(invalid("port= needs one number, or as many as there are hosts"));
        }
        for (i, host) in self.hosts.iter_mut().enumerate() {
            host.1 = ports[i % ports.len()].or(host.1);
        }
        Ok(())
    }

    /// Fills in what libpq would: from variables, then as it is usual.
    pub(super) fn complete(mut self, environment: &Environment) -> Result<PostgresOptions> {
        let variable = |name: &str| environment.get(name).map(str::to_owned);
        self.user = self.user.or_else(|| variable("PGUSER"));
        self.password = self.password.or_else(|| variable("PGPASSWORD"));
        self.database = self.database.or_else(|| variable("PGDATABASE"));
        if let (true, Some(list)) = (self.hosts.is_empty(), environment.get("PGHOST")) {
            self.hosts = hosts(list)?;
        }
        let user = self
            .user
            .or_else(|| environment.user.clone())
            .ok_or_else(|| invalid("the address names no user: write postgresql://user@host/database"))?;
        let mut hosts = self.hosts;
        if hosts.is_empty() {
            hosts.push(("localhost".to_owned(), None));
        }
        let hosts = hosts.into_iter().map(|(host, port)| {
            let port = port.unwrap_or(5432);
            match host {
                host if host.starts_with('/') => Host::Unix { directory: PathBuf::from(host), port },
                host if host.is_empty() => Host::Tcp { host: "localhost".to_owned(), port },
                host => Host::Tcp { host, port },
            }
        });
        Ok(PostgresOptions {
            hosts: hosts.collect(),
            database: self.database.unwrap_or_else(|| user.clone()),
            user,
            password: self.password,
            application_name: self.application_name.unwrap_or_else(|| "reprieve".to_owned()),
            options: self.options.unwrap_or_default(),
            connect_timeout: self.connect_timeout.or(Some(Duration::from_secs(10))),
            keepalive: self.keepalive,
            session: self.session.unwrap_or_default(),
            prepared_statements: self.prepared_statements.unwrap_or(true),
        })
    }
}

fn hosts(list: &str) -> Result<Vec<(String, Option<u16>)>> {
    Ok(list.split(',').map(|host| (host.to_owned(), None)).collect())
}

pub(super) fn port(text: &str) -> Result<u16> {
    match text.parse() {
        Ok(0) | Err(_) => Err(invalid(format!("'{text}' is no port: ports are numbers from 1 to 65535"))),
        Ok(port) => Ok(port),
    }
}

fn seconds(name: &str, value: &str) -> Result<Option<Duration>> {
    match value.parse::<i64>() {
        Ok(seconds) => Ok(u64::try_from(seconds).ok().filter(|s| *s > 0).map(Duration::from_secs)),
        Err(_) => Err(invalid(format!("{name}={value} is not a number of seconds, such as {name}=5"))),
    }
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "on" | "yes" => Ok(true),
        "false" | "0" | "off" | "no" => Ok(false),
        _ => Err(invalid(format!("{name}={value} is unknown: use true or false"))),
    }
}

fn session(value: &str) -> Result<Session> {
    Ok(match value {
        "any" => Session::Any,
        "read-write" => Session::ReadWrite,
        "read-only" => Session::ReadOnly,
        "primary" => Session::Primary,
        "standby" => Session::Standby,
        "prefer-standby" => Session::PreferStandby,
        _ => {
            return Err(invalid(format!(
                "target_session_attrs={value} is unknown: use any, read-write, read-only, primary, standby or \
                 prefer-standby"
            )));
        }
    })
}
