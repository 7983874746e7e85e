//! What an address asks for, at a real server.

use crate::support::*;
use reprieve_core::driver::Driver;
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

#[test]
fn a_server_of_the_wanted_kind_is_found() {
    in_runtime(async {
        let read_only = "options=-c%20default_transaction_read_only%3Don";
        for (parameters, fine) in [
            ("target_session_attrs=read-write".to_owned(), true),
            ("target_session_attrs=primary".to_owned(), true),
            ("target_session_attrs=prefer-standby".to_owned(), true),
            ("target_session_attrs=standby".to_owned(), false),
            ("target_session_attrs=read-only".to_owned(), false),
            (format!("target_session_attrs=read-only&{read_only}"), true),
            (format!("target_session_attrs=read-write&{read_only}"), false),
        ] {
            match driver_at(&with(&server(), &parameters)).connect().await {
                Ok(_) => assert!(fine, "{parameters}"),
                Err(error) => {
                    assert_eq!((error.kind(), fine), (Kind::Unavailable, false), "{error}");
                    assert!(error.to_string().contains("target_session_attrs"), "{error}");
                }
            }
        }
    });
}

#[test]
fn the_server_knows_the_application_and_a_standby_that_is_none_refuses_writes() {
    in_runtime(async {
        let url = with(&server(), "options=-c%20default_transaction_read_only%3Don");
        let mut c = driver_at(&url).connect().await.unwrap();
        let name = scalar(&mut *c, "SELECT current_setting('application_name')").await;
        assert_eq!(name, Value::from("reprieve"));
        let error = exec(&mut *c, "CREATE TABLE never (a int8)").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.to_string().contains("primary"), "{error}");
    });
}

#[test]
fn case_is_ignored_in_all_of_unicode() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let sql = "SELECT lower($1::text COLLATE \"reprieve_fold\")";
        let lower = ask(&mut *c, sql, &[Value::from("ÄÉ ЖA")]).await.unwrap();
        assert_eq!(lower, [[Value::from("äé жa")]]);
    });
}
