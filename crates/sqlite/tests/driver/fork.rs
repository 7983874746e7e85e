use crate::support::{Database, Verbs, wait};
use reprieve_core::driver::Driver;
use reprieve_core::driver::Isolation;
use reprieve_core::error::Kind;
use std::sync::atomic::Ordering::SeqCst;

#[test]
fn a_child_process_is_refused_and_leaves_the_parents_connection_alone() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let mut parents = database.connect();
    wait(parents.begin(Isolation::default())).unwrap();
    parents.exec("DELETE FROM t").unwrap();

    database.runtime.epoch.store(1, SeqCst);
    for error in [
        connection.exec("SELECT 1").unwrap_err(),
        wait(connection.begin(Isolation::default())).unwrap_err(),
        wait(connection.commit()).unwrap_err(),
        wait(connection.rollback()).unwrap_err(),
        wait(database.driver.connect()).err().unwrap(),
    ] {
        assert_eq!(error.kind(), Kind::Forked);
        assert!(error.to_string().contains("make a new Database in the child"), "{error}");
    }
    drop(connection);
    drop(parents);
    wait(database.driver.close()).unwrap();

    // Neither was closed: the parent's transaction is still open.
    let stranger = database.stranger();
    stranger.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(stranger.execute_batch("BEGIN IMMEDIATE").is_err());
}
