//! The extractor.

use super::Slot;
use crate::{Error, Result};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::ops::{Deref, DerefMut};

/// The request's session; it is used as a [`reprieve::Session`] is.
///
/// What was written is committed after the handler returned and before its response is sent, when the response's status is
/// below 400. Otherwise it is rolled back: a status of 400 and more, an error, a panic, a client that went away. The layer sees
/// the status alone, whether the handler returned it or failed with it: [`Session::commit_anyway`] is for a refusal that is to
/// leave something behind. A commit that fails turns the response into the error's. A request that only reads opens no transaction, and one that does not
/// take the session opens no session.
///
/// There is one session for each request, and so one transaction: a middleware, or an extractor of your own, that takes it
/// and drops it hands it on to the handler with what it wrote. It cannot be taken twice at a time: a handler with two
/// `Session` arguments answers 500, and the log says why.
///
/// What goes on after the response, a streamed body or a task, uses a session of its own, from [`Database::session`] or
/// [`Session::into_inner`]. A handler that succeeds and still holds the request's session then answers 500.
///
/// [`Database::session`]: reprieve::Database::session
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use reprieve::{Database, Model};
/// use reprieve_axum::{Result, Session, SessionLayer};
///
/// #[derive(Debug, Model)]
/// #[model(table = "notes")]
/// struct Note {
///     #[model(primary_key)]
///     id: i64,
///     text: String,
/// }
///
/// async fn write(mut session: Session, text: String) -> Result<StatusCode> {
///     Note::create().text(text).insert(&mut session).await?;
///     Ok(StatusCode::CREATED)
/// }
///
/// # fn app() -> reprieve::Result<Router> {
/// let database = Database::builder("sqlite://notes.db").model::<Note>().connect()?;
/// let app = Router::new().route("/notes", post(write)).layer(SessionLayer::new(database));
/// # Ok(app)
/// # }
/// ```
///
/// # Errors
/// 500, when no [`SessionLayer`](crate::SessionLayer) is around the route, or the session is in use.
#[derive(Debug)]
pub struct Session {
    /// There until the drop.
    session: Option<reprieve::Session>,
    slot: Slot,
}

impl Session {
    pub(crate) fn of(slot: Slot) -> Result<Self> {
        Ok(Self { session: Some(slot.take()?), slot })
    }

    /// Commits what the request writes, before and after this call, even if the response's status is 400 or more: for a refusal
    /// that is to be remembered. A panic and a client that went away roll back all the same.
    ///
    /// ```
    /// # use axum::http::StatusCode;
    /// # use reprieve::Model;
    /// # use reprieve_axum::{Result, Session};
    /// # #[derive(Debug, Model)]
    /// # #[model(table = "attempts")]
    /// # struct Attempt {
    /// #     #[model(primary_key)]
    /// #     id: i64,
    /// #     name: String,
    /// # }
    /// async fn log_in(mut session: Session, name: String) -> Result<StatusCode> {
    ///     Attempt::create().name(name).insert(&mut session).await?;
    ///     session.commit_anyway();
    ///     Ok(StatusCode::UNAUTHORIZED)
    /// }
    /// ```
    pub fn commit_anyway(&self) {
        self.slot.commit_anyway();
    }

    /// Takes the session out of the request: it is yours to commit from here on, and whatever the response is, the layer does
    /// nothing. For a body that is streamed from the database, or work that goes on after the response.
    pub fn into_inner(mut self) -> reprieve::Session {
        self.slot.give_away();
        self.session.take().expect("a session leaves only by into_inner and drop, which consume it")
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::of(Slot::of(parts)?)
    }
}

impl Slot {
    /// # Errors
    /// When no layer is around the route.
    pub(crate) fn of(parts: &Parts) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Error::without_layer)
    }
}

impl Deref for Session {
    type Target = reprieve::Session;

    fn deref(&self) -> &reprieve::Session {
        self.session.as_ref().expect("a session leaves only by into_inner and drop, which consume it")
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut reprieve::Session {
        self.session.as_mut().expect("a session leaves only by into_inner and drop, which consume it")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.slot.put_back(session);
        }
    }
}
