//! What a deletion costs in round trips, counted at a proxy.

use crate::proxy::{Proxy, through};
use crate::support::test_at;
use reprieve::{Database, Model};

#[derive(Debug, Clone, Model)]
#[model(table = "users", soft_delete)]
struct User {
    #[model(primary_key)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete)]
struct Post {
    #[model(primary_key)]
    id: i64,
    #[model(references = User, on_delete = Cascade)]
    user_id: i64,
}

#[derive(Debug, Clone, Model)]
#[model(table = "comments", soft_delete)]
struct Comment {
    #[model(primary_key)]
    id: i64,
    #[model(references = Post, on_delete = Cascade)]
    post_id: i64,
    #[model(references = Comment, on_delete = Cascade)]
    answers_id: Option<i64>,
}

#[derive(Debug, Clone, Model)]
#[model(table = "bills", soft_delete)]
struct Bill {
    #[model(primary_key)]
    id: i64,
    #[model(references = User, on_delete = Restrict)]
    user_id: i64,
    #[model(references = Comment, relation = about, on_delete = SetNull)]
    comment_id: Option<i64>,
}

#[test]
fn a_deletion_goes_out_with_its_journal_its_children_and_what_may_forbid_it() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let database = Database::builder(through(&url, proxy.port))
            .model::<User>()
            .model::<Post>()
            .model::<Comment>()
            .model::<Bill>()
            .connect()
            .unwrap();
        database.create_tables().await.unwrap();
        let mut session = database.session().unwrap();
        for turn in 0..2 {
            let user = User::create().name("ada").insert(&mut session).await.unwrap();
            for _ in 0..3 {
                let post = Post::create().user_id(user.id).insert(&mut session).await.unwrap();
                let first = Comment::create().post_id(post.id).insert(&mut session).await.unwrap();
                let answer = Comment::create().post_id(post.id).answers_id(first.id);
                answer.insert(&mut session).await.unwrap();
            }
            session.commit().await.unwrap();
            proxy.round_trips();

            user.soft_delete(&mut session).cascade().await.unwrap();
            // The first prepares the statements.
            let trips = proxy.round_trips();
            assert!(turn == 0 || trips == 1, "{trips}");
            session.commit().await.unwrap();
            assert_eq!(proxy.round_trips(), 1, "the commit");
            assert_eq!(Comment::all().count(&mut session).await.unwrap(), 0);

            // Nobody refers to a bill.
            let user = User::create().name("eve").insert(&mut session).await.unwrap();
            let bill = Bill::create().user_id(user.id).insert(&mut session).await.unwrap();
            session.commit().await.unwrap();
            proxy.round_trips();
            bill.soft_delete(&mut session).await.unwrap();
            let trips = proxy.round_trips();
            assert!(turn == 0 || trips == 1, "{trips}");
            session.rollback().await.unwrap();
            proxy.round_trips();

            let refused = user.soft_delete(&mut session).cascade().await.unwrap_err();
            assert!(refused.is_restricted(), "{refused}");
            session.rollback().await.unwrap();
        }
    });
}
