//! Threads for what may block. They belong to one database: a forked child makes its own, which a pool that is
//! global to the process could not offer.

use crate::awaitable::{ending, in_place};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

const MOST: usize = 32;
const IDLE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default, Clone)]
pub struct Threads {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Threads {
    pub fn run(&self, job: Job) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        // The loop stands still until this job is done, and the threads may all be waiting for the loop.
        let urgent = in_place::is_here();
        if urgent {
            queue.jobs.push_front(job);
        } else {
            queue.jobs.push_back(job);
        }
        if !urgent && (queue.idle >= queue.jobs.len() || queue.threads >= MOST) {
            self.shared.more.notify_one();
            return;
        }
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name("reprieve".into()).spawn(move || shared.work());
        match thread {
            Ok(_) => queue.threads += 1,
            // Dropped, it is an error for whoever waits: better than to stand still for ever.
            Err(_) if urgent => {
                let job = queue.jobs.pop_front();
                drop(queue);
                drop(job);
            }
            // No more threads to be had: one that exists takes the job when it is done.
            Err(_) => self.shared.more.notify_one(),
        }
    }
}

impl Shared {
    fn work(&self) {
        ending::begin_thread();
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                // A job reports its own failures; a panic in one must not cost the thread.
                drop(catch_unwind(AssertUnwindSafe(job)));
                queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.idle += 1;
            let (back, wait) = self.more.wait_timeout(queue, IDLE).unwrap_or_else(PoisonError::into_inner);
            queue = back;
            queue.idle -= 1;
            if wait.timed_out() && queue.jobs.is_empty() {
                queue.threads -= 1;
                return;
            }
        }
    }
}
