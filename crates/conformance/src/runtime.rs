//! A runtime of plain threads, and waiting for a future without any other runtime.

use reprieve::runtime::Tokio;
use reprieve_core::driver::{BoxFuture, Endpoint, Opened, Runtime};
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// A thread for each job.
#[derive(Debug, Default)]
pub struct Threads;

impl Runtime for Threads {
    fn spawn_blocking(&self, job: Box<dyn FnOnce() + Send>) {
        thread::spawn(job);
    }

    /// Only a test that hangs waits so long: it fails with a timeout then.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (cancel, cancelled) = mpsc::channel::<()>();
        let state = Arc::new(Mutex::new((false, None::<Waker>)));
        let ringing = state.clone();
        thread::spawn(move || {
            if cancelled.recv_timeout(duration) == Err(mpsc::RecvTimeoutError::Timeout) {
                let mut state = ringing.lock().unwrap();
                state.0 = true;
                state.1.take().into_iter().for_each(Waker::wake);
            }
        });
        Box::pin(std::future::poll_fn(move |cx| {
            // Ends the thread when the future is dropped.
            let _ = &cancel;
            let mut state = state.lock().unwrap();
            state.1 = Some(cx.waker().clone());
            if state.0 { Poll::Ready(()) } else { Poll::Pending }
        }))
    }

    fn yield_now(&self) -> BoxFuture<'static, ()> {
        let mut yielded = false;
        Box::pin(std::future::poll_fn(move |cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        server_side().spawn(task);
    }

    fn open(&self, endpoint: Endpoint) -> BoxFuture<'static, io::Result<Opened>> {
        let opened = server_side().spawn(Tokio.open(endpoint));
        Box::pin(async move { opened.await.map_err(io::Error::other)? })
    }

    fn process_epoch(&self) -> u64 {
        0
    }
}

/// Keeps connections to servers going.
fn server_side() -> &'static tokio::runtime::Handle {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        let builder = &mut tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().unwrap()
    });
    RUNTIME.handle()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Polls a future once; whoever drops it then has cancelled it.
pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
