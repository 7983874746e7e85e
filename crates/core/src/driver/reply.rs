//! The answer of a driver: often there at once, sometimes later.

use super::BoxFuture;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What a driver's verb returns. A statement that ran to its end on the caller's thread is `Ready` and costs no
/// allocation; otherwise there is a future to wait for.
pub enum Reply<'a, T> {
    /// Done.
    Ready(Option<T>),
    /// Under way. Dropping it gives the statement up: the connection then reports
    /// [`super::ConnectionState::Broken`] and is not used again.
    Pending(BoxFuture<'a, T>),
}

impl<T> Reply<'_, T> {
    /// An answer that is there.
    pub fn ready(value: T) -> Self {
        Self::Ready(Some(value))
    }
}

impl<T: Unpin> Future for Reply<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::Ready(value) => Poll::Ready(value.take().expect("a reply is not polled after it is ready")),
            Self::Pending(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> std::fmt::Debug for Reply<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Ready(_)) { "Reply::Ready" } else { "Reply::Pending" })
    }
}
