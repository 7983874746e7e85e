//! One function for each route: who may, then one or two calls of the model, as the actor that was named.

use super::page::Page;
use super::{Action, Authorize};
use crate::session::{Session, Slot};
use crate::{Error, key};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use reprieve::actor::{self, Actor};
use reprieve::{Column, Deleted, Model, SoftDelete};
use serde::Serialize;
use std::marker::PhantomData;

/// The name of the key in the paths.
pub(super) const KEY: &str = "key";

/// What the routes of a model need.
#[derive(Debug)]
pub(super) struct Trash<M, A> {
    pub(super) authorize: A,
    pub(super) cascade: bool,
    pub(super) page_size: u32,
    pub(super) of: PhantomData<fn() -> M>,
}

impl<M, A: Clone> Clone for Trash<M, A> {
    fn clone(&self) -> Self {
        Self { authorize: self.authorize.clone(), of: PhantomData, ..*self }
    }
}

pub(super) async fn soft_delete<M, A>(
    State(trash): State<Trash<M, A>>,
    mut parts: Parts,
) -> Result<Response, Response>
where
    M: SoftDelete,
    A: Authorize<M>,
{
    let key = key::named::<M>(&mut parts, KEY).await.map_err(answer)?;
    let (actor, mut session) = trash.admit(Action::SoftDelete(key.clone()), parts).await?;
    let cascade = trash.cascade;
    acting(actor, async {
        let row = M::get_or_404(&mut session, key).await?;
        let deleting = row.soft_delete(&mut session);
        if cascade { deleting.cascade() } else { deleting }.await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn restore<M, A>(
    State(trash): State<Trash<M, A>>,
    mut parts: Parts,
) -> Result<Response, Response>
where
    M: SoftDelete + Serialize,
    A: Authorize<M>,
{
    let key = key::named::<M>(&mut parts, KEY).await.map_err(answer)?;
    let (actor, mut session) = trash.admit(Action::Restore(key.clone()), parts).await?;
    let cascade = trash.cascade;
    acting(actor, async {
        let restoring = deleted::<M>(&mut session, key).await?.restore(&mut session);
        let row = if cascade { restoring.cascade() } else { restoring }.await?;
        Ok(Json(row))
    })
    .await
}

pub(super) async fn purge<M, A>(
    State(trash): State<Trash<M, A>>,
    mut parts: Parts,
) -> Result<Response, Response>
where
    M: SoftDelete,
    A: Authorize<M>,
{
    let key = key::named::<M>(&mut parts, KEY).await.map_err(answer)?;
    let (actor, mut session) = trash.admit(Action::Purge(key.clone()), parts).await?;
    acting(actor, async {
        deleted::<M>(&mut session, key).await?.purge(&mut session).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn list<M, A>(State(trash): State<Trash<M, A>>, parts: Parts) -> Result<Response, Response>
where
    M: SoftDelete + Serialize,
    A: Authorize<M>,
{
    let page = Page::of(&parts.uri, trash.page_size).map_err(answer)?;
    let (actor, mut session) = trash.admit(Action::List, parts).await?;
    let limit = page.limit.unwrap_or(trash.page_size);
    acting(actor, async {
        let rows = M::only_deleted().limit(limit.into()).offset(page.offset.into());
        Ok(Json(rows.all(&mut session).await?))
    })
    .await
}

impl<M: Model, A: Authorize<M>> Trash<M, A> {
    /// Who acts, and the request's session; or the refusal.
    async fn admit(&self, action: Action<M::Key>, parts: Parts) -> Result<(Actor, Session), Response> {
        let slot = Slot::of(&parts).map_err(answer)?;
        let actor = self.authorize.authorize(action, parts).await.map_err(IntoResponse::into_response)?;
        Ok((actor, Session::of(slot).map_err(answer)?))
    }
}

async fn acting<T: IntoResponse>(
    actor: Actor,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<Response, Response> {
    actor::scope(actor, work).await.map(IntoResponse::into_response).map_err(answer)
}

fn answer(error: Error) -> Response {
    error.into_response()
}

/// The deleted row with this key.
async fn deleted<M: SoftDelete>(session: &mut Session, key: M::Key) -> Result<Deleted<M>, Error> {
    let this = Column::<M, M::Key>::at(M::KEY).eq(&key);
    if let Some(row) = M::only_deleted().filter(this).first(session).await? {
        return Ok(row);
    }
    M::get_or_404(session, key).await?;
    let detail = format!("{} is not deleted", M::NAME);
    Err(Error::request(StatusCode::BAD_REQUEST, "Not deleted", detail))
}
