//! A connection that many use at once.

use crate::support::*;
use reprieve_core::driver::Driver;
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

#[test]
fn a_crowd_is_answered_each_by_itself() {
    test(|driver| async move {
        let crowd = driver.pipeline().unwrap().await.unwrap();
        let double = kept("SELECT 2 * $1::int8");
        let broken = kept("SELECT 1 / $1::int8");
        let reads = (0..100i64).map(|i| {
            let (crowd, double, broken) = (crowd.clone(), &double, &broken);
            async move {
                let mut rows = Rows::of(1);
                let statement = if i % 10 == 3 { broken } else { double };
                let binds = [Value::from(if i % 10 == 3 { 0 } else { i })];
                let result = crowd.read(statement, &binds, &mut rows).await;
                (i, result, rows.rows)
            }
        });
        for (i, result, rows) in futures_util::future::join_all(reads).await {
            match result {
                Ok(()) => assert_eq!(rows, [[Value::from(2 * i)]]),
                Err(error) => assert_eq!((error.kind(), i % 10), (Kind::InvalidValue, 3)),
            }
        }
        let mut given_up = Rows::of(1);
        drop(crowd.read(&kept("SELECT 1"), &[], &mut given_up));
        assert!(crowd.is_usable());
    });
}
