//! Who acts. The audit log and the journal of deletions note it; it is kept per task.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use reprieve::actor::{self, Actor};
//!
//! actor::scope(Actor::user(7), async {
//!     assert_eq!(actor::current().user_id.as_deref(), Some("7"));
//! })
//! .await;
//! assert_eq!(actor::current(), Actor::default());
//! # });
//! ```

use std::future::Future;

pub use reprieve_engine::audit::Actor;

tokio::task_local! {
    static CURRENT: Actor;
}

/// Runs a future in which this actor acts. Tasks that it spawns do not inherit it.
pub async fn scope<F: Future>(actor: Actor, future: F) -> F::Output {
    CURRENT.scope(actor, future).await
}

/// The actor of the running task; nobody in particular outside of [`scope`].
pub fn current() -> Actor {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}
