//! The encrypted way, and who is let in by it.

use crate::own_server::{can_encrypt, own_server};
use crate::support::*;
use reprieve_core::driver::{Connection, Driver};
use reprieve_core::error::{Kind, Result};
use reprieve_core::value::Value;

async fn connect(user: &str, parameters: &str) -> Result<Box<dyn Connection>> {
    driver_at(&own_server().url_of(user, parameters)).connect().await
}

/// Whether the connection is encrypted; why there is none.
async fn encrypted(user: &str, parameters: &str) -> Result<bool, String> {
    let mut c = connect(user, parameters).await.map_err(|error| {
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        let all = format!("{error} {error:?}");
        assert!(!all.contains("right") && !all.contains("wrong!"), "{all}");
        error.to_string()
    })?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(scalar(&mut *c, sql).await == Value::from(true))
}

#[test]
fn each_mode_asks_for_what_libpq_asks_for() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let root = format!("sslrootcert={}", own_server().file("root.crt"));
        let other = format!("sslrootcert={}", own_server().file("other.crt"));
        for (parameters, expected) in [
            ("sslmode=disable".to_owned(), Ok(false)),
            ("sslmode=allow".to_owned(), Ok(false)),
            (String::new(), Ok(true)),
            ("sslmode=prefer".to_owned(), Ok(true)),
            (format!("sslmode=prefer&{other}"), Ok(true)),
            ("sslmode=require".to_owned(), Ok(true)),
            (format!("sslmode=require&{other}"), Err("certificate")),
            (format!("sslmode=verify-ca&{root}"), Ok(true)),
            (format!("sslmode=verify-ca&{other}"), Err("certificate")),
            (format!("sslmode=verify-full&{root}"), Ok(true)),
            (format!("sslmode=verify-full&{other}"), Err("certificate")),
            ("sslrootcert=system".to_owned(), Err("certificate")),
            (format!("sslmode=verify-full&sslrootcert={}", own_server().file("none")), Err("none")),
        ] {
            match (encrypted("postgres", &parameters).await, expected) {
                (Ok(is), Ok(expected)) => assert_eq!(is, expected, "{parameters}"),
                (Err(said), Err(word)) => assert!(said.contains(word), "{parameters}: {said}"),
                (is, expected) => panic!("{parameters}: {is:?} instead of {expected:?}"),
            }
        }
        // By its number it is not who its certificate says; signed it is.
        let url = with(&own_server().url, &root);
        assert!(driver_at(&with(&url, "sslmode=verify-full")).connect().await.is_err());
        assert!(driver_at(&with(&url, "sslmode=verify-ca")).connect().await.is_ok());
    });
}

#[test]
fn without_or_with_encryption_is_tried_where_the_mode_allows_it() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        // Let in with encryption only, and without only.
        assert_eq!(encrypted("hidden", "sslmode=allow").await, Ok(true));
        assert_eq!(encrypted("open", "sslmode=prefer").await, Ok(false));
        assert!(encrypted("hidden", "sslmode=disable").await.unwrap_err().contains("pg_hba.conf"));
        assert!(encrypted("open", "sslmode=require").await.unwrap_err().contains("pg_hba.conf"));
    });
}

#[test]
fn a_password_is_bound_to_the_channel() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let user = "bound:right";
        assert_eq!(encrypted(user, "channel_binding=require&sslmode=require").await, Ok(true));
        assert_eq!(encrypted(user, "channel_binding=disable").await, Ok(true));
        assert!(encrypted("postgres", "channel_binding=require").await.is_err());
        assert!(
            encrypted("bound:wrong!", "").await.unwrap_err().contains("password of user \"bound\" is wrong")
        );
        assert!(encrypted("bound", "").await.unwrap_err().contains("asks for a password"));
    });
}

#[test]
fn a_client_shows_its_own_certificate() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let own = own_server();
        let shown = format!("sslcert={}&sslkey={}", own.file("client.crt"), own.file("client.key"));
        assert_eq!(encrypted("certified", &shown).await, Ok(true));
        assert!(encrypted("certified", "").await.is_err());
        let readable = own.files.path().join("readable.key");
        std::fs::copy(own.file("client.key"), &readable).unwrap();
        std::fs::set_permissions(&readable, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let shown =
            format!("sslcert={}&sslkey={}&sslmode=require", own.file("client.crt"), readable.display());
        assert!(encrypted("certified", &shown).await.unwrap_err().contains("chmod 600"));
    });
}

#[test]
fn a_statement_that_is_given_up_stops_on_an_encrypted_connection_too() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let mut other = connect("postgres", "sslmode=require").await.unwrap();
        let mut c = connect("postgres", "sslmode=require").await.unwrap();
        let gone = give_up_asleep(&mut *c, &mut *other).await;
        until(&mut *other, &gone).await;
    });
}

#[test]
fn a_server_that_can_is_spoken_to_encrypted_from_the_first_byte() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let mut c = connect("postgres", "sslmode=disable").await.unwrap();
        let new = scalar(&mut *c, "SELECT current_setting('server_version_num')::int8 >= 170000").await;
        let direct = encrypted("postgres", "sslmode=require&sslnegotiation=direct").await;
        assert_eq!(direct.is_ok(), new == Value::from(true));
    });
}
