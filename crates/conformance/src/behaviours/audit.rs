//! Each change of an audited row is in the log, in the same transaction.

use crate::{Work, World, values};
use reprieve_core::error::Kind;
use reprieve_core::query::Visibility;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;

async fn operations(work: &mut Work) -> Vec<String> {
    let text = |value: Value| match value {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let models = work.column("audit_logs", "model_name").await.into_iter().map(text);
    let models: Vec<String> = models.collect();
    let rows = work.column("audit_logs", "operation").await.into_iter().map(text);
    rows.zip(models).map(|(operation, model)| format!("{operation} {model}")).collect()
}

/// Create, update, soft delete, restore, removal: one row each, children included.
pub async fn every_operation_is_written_once_for_each_row(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    work.add("notes", values![id: 1, article_id: 1]).await;
    work.change("articles", 1, values![title: "two"]).await.unwrap();
    let deletion = work.cascade("articles", 1).await;
    work.back(&deletion).await;
    work.delete("notes", 1).await;
    work.restore_alone("notes", 1).await;
    work.gone("articles", 1).await.unwrap();
    assert_eq!(
        operations(&mut work).await,
        [
            "CREATE Article",
            "CREATE Note",
            "UPDATE Article",
            "SOFT_DELETE Article",
            "SOFT_DELETE Note",
            "RESTORE Article",
            "RESTORE Note",
            "SOFT_DELETE Note",
            "RESTORE Note",
            "DELETE Article",
        ]
    );
}

/// The log is written by the changes it tells of, and by nobody else.
pub async fn no_verb_writes_to_the_log(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    let before = work.content().await;
    let row =
        values![model_name: "Article", model_id: "1", operation: "UPDATE", timestamp: world.clock.next()];
    for error in [
        work.try_add("audit_logs", row).await.unwrap_err(),
        work.change("audit_logs", 1, values![user_id: "9"]).await.unwrap_err(),
        work.gone("audit_logs", 1).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::ReadOnly);
        assert_eq!(error.context().model.as_deref(), Some("AuditLog"));
    }
    assert_eq!(work.content().await, before);
}

/// Old values are the database's, the actor and what the caller added are the caller's.
pub async fn a_row_of_the_log_says_who_what_and_when(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one", hits: 3]).await;
    let articles = world.table("articles");
    let title = articles.position("title").unwrap();
    let actor = Actor { user_id: Some("7".into()), extra: Some("{\"ip\":\"::1\"}".into()) };
    let now = world.clock.next();
    work.update(&articles, &1.into(), Visibility::Live, vec![(title, "two".into())], &actor).await.unwrap();
    let log = work.content().await.remove("audit_logs").unwrap().swap_remove(1);
    let expected: [Value; 5] = ["Article".into(), "1".into(), "UPDATE".into(), "7".into(), now.into()];
    assert_eq!(log[1..6], expected);
    let [Value::Json(changes), Value::Json(snapshot), extra] = &log[6..] else { panic!("{log:?}") };
    assert!(
        changes.contains("\"title\"") && changes.contains("\"one\"") && changes.contains("\"two\""),
        "{changes}"
    );
    assert!(!changes.contains("hits"), "{changes}");
    assert!(snapshot.contains("\"one\"") && !snapshot.contains("deletion_id"), "{snapshot}");
    assert_eq!(extra, &Value::Json("{\"ip\":\"::1\"}".into()));
}

/// A rollback takes both; a failed verb leaves neither.
pub async fn the_log_shares_the_fate_of_the_change(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    work.save().await;
    let before = world.committed().await;
    work.cascade("articles", 1).await;
    work.rollback().await.unwrap();
    work.try_add("articles", values![id: 1, title: "twice"]).await.unwrap_err();
    work.change("articles", 9, values![title: "none"]).await.unwrap_err();
    work.save().await;
    assert_eq!(world.committed().await, before);
}

/// They change nothing.
pub async fn verbs_that_change_nothing_are_not_in_the_log(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    work.delete("articles", 1).await;
    let before = work.content().await["audit_logs"].clone();
    work.delete("articles", 1).await;
    work.gone("articles", 9).await.unwrap();
    work.restore_alone("articles", 9).await;
    assert_eq!(work.content().await["audit_logs"], before);
}
