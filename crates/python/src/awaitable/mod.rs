//! Awaitables: a future of the engine, polled on the event loop's own thread.

mod coroutine;
pub mod current_task;
pub mod ending;
pub mod in_place;
pub mod turn;
pub mod wait;
mod waker;

pub use coroutine::Coroutine;
pub use waker::running_loop;
