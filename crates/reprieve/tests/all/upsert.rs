//! Rows that are found, or else written.

use crate::support::{User, blog, user};
use reprieve::{Database, Kind, Model, Outcome};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "members", soft_delete, over_deleted = Revive)]
struct Member {
    #[model(primary_key)]
    id: i64,
    #[model(unique)]
    name: String,
    visits: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "guests", soft_delete, over_deleted = Reject)]
struct Guest {
    #[model(primary_key)]
    id: i64,
    name: String,
}

async fn club() -> Database {
    let database = Database::builder("sqlite::memory:").model::<Member>().model::<Guest>().connect().unwrap();
    database.create_tables().await.unwrap();
    database
}

#[tokio::test]
async fn a_row_is_inserted_once_and_found_from_then_on() {
    let mut session = blog().await.session().unwrap();
    let ada = || User::create().name("Ada");
    let (first, outcome) = session.get_or_insert(ada(), User::NAME).await.unwrap();
    assert_eq!(outcome, Outcome::Created);
    let (second, outcome) = session.get_or_insert(ada(), User::NAME).await.unwrap();
    assert_eq!((second, outcome), (first, Outcome::Found));
    assert_eq!(User::all().count(&mut session).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_that_is_there_takes_the_new_values() {
    let mut session = club().await.session().unwrap();
    let ada = |visits: i64| Member::create().name("Ada").visits(visits);
    let (first, outcome) = session.insert_or_update(ada(1), Member::NAME).await.unwrap();
    assert_eq!((first.visits, outcome), (1, Outcome::Created));
    let (second, outcome) = session.insert_or_update(ada(2), (Member::NAME,)).await.unwrap();
    assert_eq!((second.id, second.visits, outcome), (first.id, 2, Outcome::Updated));
}

#[tokio::test]
async fn a_deleted_row_is_left_revived_or_in_the_way_as_the_model_says() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let old = ada.id;
    ada.soft_delete(&mut session).await.unwrap();
    let (new, outcome) = session.get_or_insert(User::create().name("Ada"), User::NAME).await.unwrap();
    assert!(new.id != old && outcome == Outcome::Created);

    let mut session = club().await.session().unwrap();
    let member = Member::create().name("Ada").visits(1).insert(&mut session).await.unwrap();
    member.clone().soft_delete(&mut session).await.unwrap();
    let again = Member::create().name("Ada").visits(5);
    let (revived, outcome) = session.get_or_insert(again, Member::NAME).await.unwrap();
    assert_eq!((revived, outcome), (member, Outcome::Revived));

    let guest = Guest::create().name("Bob").insert(&mut session).await.unwrap();
    guest.soft_delete(&mut session).await.unwrap();
    let error = session.get_or_insert(Guest::create().name("Bob"), Guest::NAME).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Deleted, "{error}");
}

#[tokio::test]
async fn a_value_to_look_for_is_given_or_it_is_an_error() {
    let mut session = club().await.session().unwrap();
    let error = session.get_or_insert(Guest::create().name("Bob"), Guest::ID).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Guest.id is to be looked for, and the new row gives no value for it: give it one"
    );
}

#[tokio::test]
async fn sessions_at_the_same_time_make_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("club.db").display());
    let database = Database::builder(url).model::<Member>().model::<Guest>().connect().unwrap();
    database.create_tables().await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut session = database.session().unwrap();
                let guest = Guest::create().name("Bob");
                let (row, outcome) = session.get_or_insert(guest, Guest::NAME).await.unwrap();
                session.commit().await.unwrap();
                (row.id, outcome)
            })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        let (id, outcome) = task.await.unwrap();
        assert_eq!(id, 1);
        created += usize::from(outcome == Outcome::Created);
    }
    assert_eq!(created, 1);
}
