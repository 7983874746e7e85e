//! The task that runs on this thread.

use super::running_loop;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The task that runs on this thread, if one does.
pub fn current(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    static TASKS: PyOnceLock<Tasks> = PyOnceLock::new();
    let task = match TASKS.get_or_try_init(py, || Tasks::find(py)).ok()? {
        Tasks::Asked(function) => function.bind(py).call0().ok()?,
        Tasks::ByLoop(tasks) => tasks.bind(py).get_item(running_loop(py).ok()?).ok()??,
    };
    (!task.is_none()).then_some(task)
}

/// Where asyncio keeps the tasks that run.
enum Tasks {
    /// Its function, which is written in C since Python 3.12.
    Asked(Py<PyAny>),
    /// The dictionary that the function reads before: its Python code would take longer than the rest of a call does.
    ByLoop(Py<PyDict>),
}

impl Tasks {
    fn find(py: Python<'_>) -> PyResult<Self> {
        let asyncio = py.import("asyncio.tasks")?;
        if py.version_info() < (3, 12)
            && let Ok(tasks) = asyncio.getattr("_current_tasks")
            && let Ok(tasks) = tasks.cast_into::<PyDict>()
        {
            return Ok(Self::ByLoop(tasks.unbind()));
        }
        Ok(Self::Asked(asyncio.getattr("current_task")?.unbind()))
    }
}
