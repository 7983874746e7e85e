//! Addresses of databases, with the variables and the passwords that belong to them: any text is read or refused, and no
//! password shows.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_postgres::{Environment, PostgresOptions};
use reprieve_sqlite::SqliteOptions;

/// Nothing that the input holds by chance, or by what the fuzzer learns of comparisons.
const SECRET: &str = "zK4u9Qw7-Rt2mX8cVb5nL1pY";
const VARIABLES: [&str; 8] =
    ["PGHOST", "PGPORT", "PGOPTIONS", "PGSSLMODE", "PGCONNECT_TIMEOUT", "PGUSER", "PGSERVICE", "PGPASSFILE"];

fuzz_target!(|text: &str| {
    if text.contains(SECRET) {
        return;
    }
    let mut parts = text.split('\n');
    let address = parts.next().unwrap_or_default();
    let _ = SqliteOptions::parse(address);
    let _ = SqliteOptions::parse(&format!("sqlite:{address}"));

    let environment = parts.zip(VARIABLES).fold(Environment::empty(), |environment, (value, name)| {
        if name == "PGPASSFILE" { environment } else { environment.variable(name, value) }
    });
    let _ = PostgresOptions::parse(address, &environment);
    for address in [
        format!("postgresql://user:{SECRET}@{address}"),
        format!("postgresql://user@localhost/db?password={SECRET}&{address}"),
    ] {
        let shown = match PostgresOptions::parse(&address, &environment) {
            Ok(options) => format!("{options} {options:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains(SECRET), "the password of {address} shows: {shown}");
    }
});
