//! What a server may ask for before it lets a connection in, and what it is told.

use crate::own_server::{can_encrypt, own_server};
use crate::support::*;
use reprieve_core::driver::Driver;
use reprieve_core::error::Kind;

/// The user that was let in, or why none was.
async fn login(user: &str, parameters: &str) -> Result<(), String> {
    let url = own_server().url_of(&format!("{user}:right"), parameters);
    match driver_at(&url).connect().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let all = format!("{error} {error:?}");
            assert!(error.kind() == Kind::Unavailable && !all.contains("right"), "{all}");
            Err(error.to_string())
        }
    }
}

#[test]
fn a_password_goes_where_nobody_else_can_read_it() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        for (user, parameters, refused) in [
            ("clear", "sslmode=require", None),
            ("hashed", "sslmode=require", None),
            ("clear_open", "", None),
            ("clear_open", "sslmode=disable", Some("require_auth=password")),
            ("hashed_open", "sslmode=disable", Some("require_auth=md5")),
            ("clear_open", "sslmode=disable&require_auth=password", None),
            ("hashed_open", "sslmode=disable&require_auth=password", Some("md5")),
            ("hashed_open", "sslmode=disable&require_auth=md5,scram-sha-256", None),
            ("hashed_open", "sslmode=disable&require_auth=!password", Some("require_auth=md5")),
            ("scrambled", "sslmode=disable", None),
            // Without encryption it is refused, with it not.
            ("clear_open", "sslmode=allow", None),
        ] {
            match (login(user, parameters).await, refused) {
                (Ok(()), None) => {}
                (Err(said), Some(word)) => assert!(said.contains(word), "{user} {parameters}: {said}"),
                (is, _) => panic!("{user} {parameters}: {is:?}"),
            }
        }
    });
}

#[test]
fn require_auth_means_what_it_means_to_libpq() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        for (user, parameters, refused) in [
            ("clear", "require_auth=scram-sha-256", Some("method password")),
            ("hashed", "require_auth=scram-sha-256,password", Some("method md5")),
            ("hashed", "require_auth=!md5", Some("method md5")),
            ("bound", "require_auth=scram-sha-256", None),
            ("bound", "require_auth=!password,!md5", None),
            ("bound", "require_auth=none", Some("method scram-sha-256")),
            ("postgres", "require_auth=scram-sha-256", Some("without asking")),
            ("postgres", "require_auth=none", None),
            ("postgres", "require_auth=!none", Some("without asking")),
        ] {
            let parameters = format!("sslmode=require&{parameters}");
            match (login(user, &parameters).await, refused) {
                (Ok(()), None) => {}
                (Err(said), Some(word)) => assert!(said.contains(word), "{user} {parameters}: {said}"),
                (is, _) => panic!("{user} {parameters}: {is:?}"),
            }
        }
    });
}

#[test]
fn a_socket_of_this_machine_is_nobody_else_s() {
    if !can_encrypt() {
        return;
    }
    in_runtime(async {
        let mut admin = driver_at(&own_server().url).connect().await.unwrap();
        let sockets = scalar(&mut *admin, "SELECT current_setting('unix_socket_directories')").await;
        let reprieve_core::value::Value::Text(folder) = sockets else { panic!("{sockets:?}") };
        if folder.is_empty() {
            return;
        }
        let port = own_server().url.rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
        let url = format!("postgresql://clear_open:right@/postgres?host={folder}&port={port}");
        driver_at(&url).connect().await.unwrap();
    });
}
