//! A run of several checks that all get their turn: one that fails does not hide what the next would say.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// The checks that have failed so far.
#[derive(Default)]
pub(crate) struct Checks {
    failed: Vec<String>,
}

impl Checks {
    /// Runs one check with its output in view.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) {
        self.note(name, process::shown(name, command));
    }

    /// Takes down how one went that is more than a command.
    pub(crate) fn note(&mut self, name: &str, result: Result<()>) {
        if let Err(error) = result {
            eprintln!("    {error:#}");
            self.failed.push(name.to_owned());
        }
    }
}

/// Runs `work`, then names every check that failed, so that nobody has to look for it in a long log.
///
/// When all is well it adds nothing: the last line stays the test runner's own summary.
pub(crate) fn all(work: impl FnOnce(&mut Checks) -> Result<()>) -> Result<()> {
    let mut checks = Checks::default();
    let done = work(&mut checks);
    if !checks.failed.is_empty() {
        if let Err(error) = done {
            eprintln!("{error:#}");
        }
        bail!("failed: {}", checks.failed.join(", "));
    }
    done
}
