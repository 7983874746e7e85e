//! The API of the blog: each route is one or two calls of the model.

use crate::answer::{Answer, Result};
use crate::post::Post;
use crate::query::{Bin, NewPost, Params, WithBin};
use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use reprieve::{Deleted, Model, Record};
use reprieve_axum::{Key, Session};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

const READING: &str = "Reading";
const WRITING: &str = "Writing";
const BIN: &str = "The bin";

/// The API, described.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "A blog with a bin",
        description = "Posts can be thrown away, looked at in the bin, brought back, or removed for good."
    ),
    paths(list_posts, read_post, write_post, bin_post, restore_post, remove_post)
)]
pub(crate) struct Api;

pub(crate) fn posts() -> Router {
    Router::new()
        .route("/posts", get(list_posts).post(write_post))
        .route("/posts/{post_id}", get(read_post))
        .route("/posts/{post_id}/soft", delete(bin_post))
        .route("/posts/{post_id}/restore", post(restore_post))
        .route("/posts/{post_id}/permanent", delete(remove_post))
}

/// List posts
#[utoipa::path(get, path = "/posts", tag = READING, params(Bin), responses((status = 200, body = [Post])))]
async fn list_posts(Params(bin): Params<Bin>, mut session: Session) -> Result<Response> {
    if bin.only_deleted {
        Ok(listed(Post::only_deleted().all(&mut session).await?.iter().map(Deleted::row)))
    } else if bin.include_deleted {
        Ok(listed(Post::with_deleted().all(&mut session).await?.iter().map(Record::row)))
    } else {
        Ok(listed(Post::all().all(&mut session).await?.iter()))
    }
}

/// Read one post
#[utoipa::path(get, path = "/posts/{post_id}", tag = READING, params(("post_id" = i64, Path), WithBin),
    responses((status = 200, body = Post), (status = 404, description = "There is none")))]
async fn read_post(
    Key(id): Key<Post>,
    Params(bin): Params<WithBin>,
    mut session: Session,
) -> Result<Response> {
    if bin.include_deleted {
        return Ok(Json(any(id, &mut session).await?.row()).into_response());
    }
    Ok(Json(live(id, &mut session).await?).into_response())
}

/// Write a post
#[utoipa::path(post, path = "/posts", tag = WRITING, params(NewPost),
    responses((status = 201, body = Post), (status = 422, description = "It has no title, or one that is too long")))]
async fn write_post(Params(new): Params<NewPost>, mut session: Session) -> Result<(StatusCode, Json<Post>)> {
    let post = Post::create().title(new.title).content(new.content).insert(&mut session).await?;
    Ok((StatusCode::CREATED, Json(post)))
}

/// Throw a post in the bin
#[utoipa::path(delete, path = "/posts/{post_id}/soft", tag = BIN, params(("post_id" = i64, Path)),
    responses((status = 204), (status = 404, description = "There is none")))]
async fn bin_post(Key(id): Key<Post>, mut session: Session) -> Result<StatusCode> {
    live(id, &mut session).await?.soft_delete(&mut session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a post out of the bin
#[utoipa::path(post, path = "/posts/{post_id}/restore", tag = BIN, params(("post_id" = i64, Path)),
    responses((status = 200, body = Post), (status = 400, description = "It is not in the bin"),
        (status = 404, description = "There is none")))]
async fn restore_post(Key(id): Key<Post>, mut session: Session) -> Result<Json<Post>> {
    match any(id, &mut session).await? {
        Record::Deleted(post) => Ok(Json(post.restore(&mut session).await?)),
        Record::Live(_) => Err(Answer::new(StatusCode::BAD_REQUEST, "Post is not deleted")),
    }
}

/// Remove a post for good
#[utoipa::path(delete, path = "/posts/{post_id}/permanent", tag = BIN, params(("post_id" = i64, Path)),
    responses((status = 200, body = Message), (status = 404, description = "There is none")))]
async fn remove_post(Key(id): Key<Post>, mut session: Session) -> Result<Json<Message>> {
    let post = match any(id, &mut session).await? {
        Record::Deleted(post) => post,
        // Only what is deleted can be removed; the request is one transaction, so nobody sees it in between.
        Record::Live(post) => post.soft_delete(&mut session).await?,
    };
    post.purge(&mut session).await?;
    Ok(Json(Message { message: "Post permanently deleted" }))
}

#[derive(Serialize, ToSchema)]
struct Message {
    message: &'static str,
}

fn listed<'a>(posts: impl Iterator<Item = &'a Post>) -> Response {
    Json(posts.collect::<Vec<_>>()).into_response()
}

async fn live(id: i64, session: &mut Session) -> Result<Post> {
    Post::get(session, id).await?.ok_or_else(not_found)
}

async fn any(id: i64, session: &mut Session) -> Result<Record<Post>> {
    Post::with_deleted().filter(Post::ID.eq(id)).first(session).await?.ok_or_else(not_found)
}

fn not_found() -> Answer {
    Answer::new(StatusCode::NOT_FOUND, "Post not found")
}
