//! Keeps processes on one processor.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};

/// This thread and these processes run on the first processor only, from now on.
pub(crate) fn share(processes: impl IntoIterator<Item = i32>) -> rustix::io::Result<()> {
    let mut first = CpuSet::new();
    first.set(0);
    sched_setaffinity(None, &first)?;
    processes.into_iter().try_for_each(|process| sched_setaffinity(Pid::from_raw(process), &first))
}
