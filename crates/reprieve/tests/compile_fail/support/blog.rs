//! A blog for programs that do not compile.
#![allow(dead_code)]

use reprieve::{Links, Model};

#[derive(Debug, Clone, Model)]
#[model(table = "users", soft_delete, has_many(posts: Post, by = author_id))]
pub struct User {
    #[model(primary_key)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete, many_to_many(tags: Tag, through = PostTag), many_to_many(fans: User, through = Vote))]
pub struct Post {
    #[model(primary_key)]
    pub id: i64,
    pub title: String,
    pub views: i64,
    #[model(references = User)]
    pub author_id: i64,
}

/// Without soft delete.
#[derive(Debug, Clone, Model)]
#[model(table = "tags")]
pub struct Tag {
    #[model(primary_key)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Links)]
#[links(table = "post_tags", post_id = Post, tag_id = Tag)]
pub struct PostTag;

/// Links with a life of their own.
#[derive(Debug, Clone, Model)]
#[model(table = "votes", soft_delete)]
pub struct Vote {
    #[model(primary_key)]
    pub id: i64,
    #[model(references = Post)]
    pub post_id: i64,
    #[model(references = User)]
    pub user_id: i64,
}
