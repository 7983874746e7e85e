//! Addresses, as users have them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;
use std::path::PathBuf;

fn parse(url: &str) -> PostgresOptions {
    PostgresOptions::parse(url, &Environment::empty()).unwrap()
}

fn refused(url: &str) -> String {
    PostgresOptions::parse(url, &Environment::empty()).unwrap_err().to_string()
}

#[test]
fn an_address_is_shown_without_its_password() {
    for (url, shown) in [
        ("postgresql://ann@db/blog", "postgresql://ann@db:5432/blog"),
        ("postgres://ann:p%40ss@db:1/b%20g", "postgresql://ann:***@db:1/b g"),
        ("postgresql+psycopg://ann:p@ss@db", "postgresql://ann:***@db:5432/ann"),
        ("postgresql://ann@db/a%26b%23c%3Bd", "postgresql://ann@db:5432/a&b#c;d"),
        ("postgresql://ann@[::1]:5433/blog", "postgresql://ann@[::1]:5433/blog"),
        ("postgresql://ann@a,b:2,c/blog", "postgresql://ann@a:5432,b:2,c:5432/blog"),
        ("postgresql:///blog?host=/run/pg&user=ann", "postgresql://ann@:5432/blog?host=/run/pg"),
        ("postgresql://ann@%2Frun%2Fpg:5433/blog", "postgresql://ann@:5433/blog?host=/run/pg"),
        ("postgresql://ann@:5433/blog", "postgresql://ann@localhost:5433/blog"),
        ("postgresql://?host=a,b&port=1,2&user=ann&dbname=d", "postgresql://ann@a:1,b:2/d"),
        ("postgresql://ann@a,b/d?port=7", "postgresql://ann@a:7,b:7/d"),
        ("postgresql://ann@db?password=secret", "postgresql://ann:***@db:5432/ann"),
    ] {
        let options = parse(url);
        assert_eq!(options.to_string(), shown, "{url}");
        assert!(!format!("{options:?}").contains("ss@") && !format!("{options:?}").contains("secret"));
    }
    assert_eq!(parse("postgres://ann:p%40ss@db").password.as_deref(), Some("p@ss"));
}

#[test]
fn what_other_drivers_spell_otherwise_is_understood() {
    assert_eq!(parse("postgresql+asyncpg://a@b/c?ssl=require").ssl.mode, SslMode::Require);
    assert_eq!(parse("postgresql+asyncpg://a@b/c?ssl=false").ssl.mode, SslMode::Disable);
    assert!(!parse("postgresql://a@b/c?prepared_statement_cache_size=0").prepares());
    assert!(!parse("postgresql://a@b/c?statement_cache_size=0").prepares());
    assert!(!parse("postgresql://a@b/c?prepared_statements=False").prepares());
    assert_eq!(parse("postgresql://a@b/c?prepared_statement_cache_size=500").statements, 500);
    assert!(!parse("postgresql://a@b/c").prepared_statements(false).prepares());
    assert!(parse("postgresql://a@b/c?prepared_statements=false").prepared_statements(true).prepares());
    assert_eq!(parse("postgresql://a@b/c?prepared_statements=9").prepared_statements(true).statements, 9);
    assert_eq!(parse("postgresql://a@b/c?timeout=2.5").connect_timeout, Some(Duration::from_millis(2500)));
    assert_eq!(parse("postgresql://a@b/c?connect_timeout=0").connect_timeout, None);
    assert_eq!(parse("postgresql://a@b/c?options=-c%20lock_timeout%3D5s").options, "-c lock_timeout=5s");
}

#[test]
fn what_is_wrong_is_named_and_a_password_is_not() {
    for (url, word) in [
        ("mysql://a:secret@b/c", "postgresql://"),
        ("postgresql://a:secret@b/c?sslmod=require", "'sslmod'"),
        ("postgresql://a:secret@b:port/c", "a port that is no number"),
        ("postgresql://a:secret@b:0/c", "from 1 to 65535"),
        ("postgresql://a:secret@b/c?sslmode=yes", "sslmode=yes"),
        ("postgresql://a:secret@b/c?sslmode=verify-full", "sslrootcert"),
        ("postgresql://a:secret@b/c?sslmode=require&sslrootcert=system", "verify-full"),
        ("postgresql://a:secret@b/c?sslcert=/x", "sslkey"),
        ("postgresql://a:secret@b/c?connect_timeout=soon", "connect_timeout=soon"),
        ("postgresql://a:secret@b,c/d?port=1,2,3", "port"),
        ("postgresql://a:secret@b/c?client_encoding=latin1", "client_encoding"),
        ("postgresql://a:secret@b/%ff", "%XX"),
        ("postgresql://a@b/c&password=secret", "%26"),
        ("postgresql://a@b/c#password=secret", "%23"),
        ("postgresql://a@b/c;password=secret", "%3B"),
        ("postgresql://b/c", "user"),
    ] {
        let said = refused(url);
        assert!(said.contains(word) && !said.contains("secret"), "{url}: {said}");
    }
}

#[test]
fn the_environment_fills_what_the_address_leaves_out() {
    let environment = Environment::empty()
        .variable("PGHOST", "a,b")
        .variable("PGPORT", "6000")
        .variable("PGUSER", "ann")
        .variable("PGPASSWORD", "secret")
        .variable("PGDATABASE", "blog")
        .variable("PGSSLMODE", "disable")
        .variable("PGAPPNAME", "shop")
        .variable("PGOPTIONS", "-c x=y")
        .variable("PGCONNECT_TIMEOUT", "7");
    let options = PostgresOptions::parse("postgresql://", &environment).unwrap();
    assert_eq!(options.to_string(), "postgresql://ann:***@a:6000,b:6000/blog");
    assert_eq!(options.ssl.mode, SslMode::Disable);
    assert_eq!((options.application_name.as_str(), options.options.as_str()), ("shop", "-c x=y"));
    assert_eq!(options.connect_timeout, Some(Duration::from_secs(7)));
    let options = PostgresOptions::parse("postgresql://eve@c/d?sslmode=prefer", &environment).unwrap();
    assert_eq!(options.to_string(), "postgresql://eve:***@c:6000/d");
    assert_eq!(options.ssl.mode, SslMode::Prefer);
}

#[test]
fn passwords_come_from_the_users_file_unless_others_may_read_it() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    std::fs::write(&file, "a:*:*:ann:one\nlocalhost:5432:blog:*:two\n*:*:*:*:three\n").unwrap();
    let environment = Environment::empty().user("ann", home.path());
    let passwords = |url: &str| -> Vec<Option<String>> {
        let hosts = PostgresOptions::parse(url, &environment).unwrap().hosts;
        hosts.into_iter().map(|host| host.password).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    mode(&file, 0o600);
    assert_eq!(passwords("postgresql://a,b/blog"), [some("one"), some("three")]);
    assert_eq!(passwords("postgresql:///blog"), [some("two")]);
    assert_eq!(passwords("postgresql://ann:given@a/blog"), [None]);
    let elsewhere = format!("postgresql://a/blog?passfile={}", home.path().join("none").display());
    assert_eq!(passwords(&elsewhere), [None]);
    mode(&file, 0o640);
    assert_eq!(passwords("postgresql://a/blog"), [None]);
    let options = PostgresOptions::parse("postgresql://a/blog", &environment).unwrap();
    assert!(options.passfile.unwrap().contains("chmod 600"));
}

#[cfg(unix)]
fn mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn without_a_host_the_socket_of_this_machine_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut environment = Environment::empty().user("ann", "/nowhere");
    environment.sockets = vec![PathBuf::from("/not/there"), folder.path().to_owned()];
    let parse = |url: &str| PostgresOptions::parse(url, &environment).unwrap().to_string();
    assert_eq!(parse("postgresql:///blog"), "postgresql://ann@localhost:5432/blog");
    std::fs::write(folder.path().join(".s.PGSQL.5432"), "").unwrap();
    assert_eq!(
        parse("postgresql:///blog"),
        format!("postgresql://ann@:5432/blog?host={}", folder.path().display())
    );
    assert_eq!(parse("postgresql:///blog?port=5433"), "postgresql://ann@localhost:5433/blog");
}

#[test]
fn an_error_about_an_address_shows_nothing_of_a_password() {
    for url in [
        "postgresql://ann:secret/word@db/blog",
        "postgresql://ann:12/secretword@db/blog",
        "postgresql://ann:secret?word@db/blog",
        "postgresql://ann:12?secretword@db/blog",
        "postgresql://ann:secret%ffword@db/blog",
        "postgresql://ann:secretword@db:x/blog",
        "secretword@db",
    ] {
        let error = PostgresOptions::parse(url, &Environment::empty()).unwrap_err();
        let all = format!("{error} {error:?}");
        assert!(!all.contains("secret") && !all.contains("word@db"), "{url}: {all}");
    }
    let none = Environment::empty();
    let shown = PostgresOptions::parse("postgresql://ann:s%40:/?#@db/blog?pass%77ord=secret", &none)
        .map_or_else(|error| error.to_string(), |options| format!("{options} {options:?}"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn require_auth_names_what_is_allowed_or_what_is_not() {
    let environment = Environment::empty().user("ann", "/nowhere").variable("PGREQUIREAUTH", "!md5");
    let parse = |url: &str| PostgresOptions::parse(url, &environment).map(|options| options.require_auth);
    let but = parse("postgresql://db/blog").unwrap();
    assert!(but.allows(Method::Password) && !but.allows(Method::Md5) && !but.names(Method::Password));
    let only = parse("postgresql://db/blog?require_auth=md5, none").unwrap();
    assert!(only.names(Method::Md5) && only.allows(Method::None) && !only.allows(Method::Password));
    for (list, word) in [("md5,!password", "exclamation mark"), ("plain", "'plain'"), ("md5,", "''")] {
        let error = parse(&format!("postgresql://db/blog?require_auth={list}")).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}
