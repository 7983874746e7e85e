//! Options of what was said, with libpq's defaults for the rest.

use super::settings::Settings;
use super::{Environment, Host, PostgresOptions, RequireAuth, Session, Ssl, invalid, passfile};
use reprieve_core::error::Result;
use std::time::Duration;

/// Unless told, as long as this for a server to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// Unless told, so many prepared statements are kept on a connection; each costs memory in the server.
pub(super) const STATEMENTS: usize = 256;

pub(super) fn options(settings: &Settings, environment: &Environment) -> Result<PostgresOptions> {
    let text = |keyword: &str| settings.get(keyword).map(str::to_owned);
    let user = text("user")
        .or_else(|| environment.user.clone())
        .ok_or_else(|| invalid("the address names no user: write postgresql://user@host/database"))?;
    let database = text("dbname").unwrap_or_else(|| user.clone());
    if !matches!(settings.get("client_encoding"), None | Some("utf8" | "UTF8" | "utf-8" | "UTF-8" | "auto")) {
        return Err(invalid("client_encoding can only be UTF8: leave it out, texts are Unicode"));
    }
    let mut options = PostgresOptions {
        hosts: hosts(settings, environment)?,
        password: text("password"),
        application_name: text("application_name")
            .or_else(|| text("fallback_application_name"))
            .unwrap_or_else(|| "reprieve".to_owned()),
        options: text("options").unwrap_or_default(),
        connect_timeout: match settings.get("connect_timeout") {
            None => Some(CONNECT),
            Some(value) => seconds("connect_timeout", value)?,
        },
        keepalive: keepalive(settings)?,
        session: settings.get("target_session_attrs").map_or(Ok(Session::default()), Session::parse)?,
        ssl: Ssl::of(settings, environment)?,
        require_auth: RequireAuth::parse(settings.get("require_auth"))?,
        statements: statements(settings)?,
        passfile: None,
        user,
        database,
    };
    if options.password.is_none() {
        passfile::look_up(&mut options, settings.get("passfile"), environment);
    }
    Ok(options)
}

/// Those named; else a socket where they usually lie; else this machine.
fn hosts(settings: &Settings, environment: &Environment) -> Result<Vec<Host>> {
    let list = |hosts: &str| {
        Host::list(
            hosts,
            settings.get("hostaddr").unwrap_or_default(),
            settings.get("port").unwrap_or_default(),
        )
    };
    if settings.get("host").or(settings.get("hostaddr")).is_some() {
        return list(settings.get("host").unwrap_or_default());
    }
    let port = settings.get("port").unwrap_or("5432");
    let folder = environment.sockets.iter().find(|folder| folder.join(format!(".s.PGSQL.{port}")).exists());
    list(folder.and_then(|folder| folder.to_str()).unwrap_or("localhost"))
}

fn keepalive(settings: &Settings) -> Result<Option<Duration>> {
    match (settings.get("keepalives"), settings.get("keepalives_idle")) {
        (Some("0"), _) => Ok(None),
        (_, Some(value)) => seconds("keepalives_idle", value),
        // A wall between that forgets connections is common, and two hours, which is the systems' rule, is too long for it.
        (_, None) => Ok(Some(Duration::from_secs(60))),
    }
}

fn statements(settings: &Settings) -> Result<usize> {
    match settings.get("prepared_statements").map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "on" | "yes" | "1") => Ok(STATEMENTS),
        Some("false" | "off" | "no") => Ok(0),
        Some(value) => value.parse().map_err(|_| {
            invalid(format!("prepared_statements={value} is unknown: use true, false, or how many are kept"))
        }),
    }
}

/// Zero and less is forever, as for libpq.
fn seconds(name: &str, value: &str) -> Result<Option<Duration>> {
    match value.parse::<f64>() {
        Ok(seconds) if seconds <= 0.0 => Ok(None),
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map(Some).map_err(|_| no_seconds(name, value)),
        Err(_) => Err(no_seconds(name, value)),
    }
}

fn no_seconds(name: &str, value: &str) -> reprieve_core::Error {
    invalid(format!("{name}={value} is not a number of seconds, such as {name}=5"))
}
