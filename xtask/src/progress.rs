//! One step's progress on stderr: a spinner with the time on a terminal, now and then a plain line elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

/// How often a log gets a sign of life: rare enough to read, often enough that nobody takes a build for hung.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// A step under way; [`Progress::finish`] ends it.
pub(crate) struct Progress {
    label: String,
    started: Instant,
    last_said: Instant,
    last_line: String,
    crates: usize,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn start(label: &str) -> Self {
        let now = Instant::now();
        let bar = stderr().is_terminal().then(|| spinner(label));
        if bar.is_none() {
            eprintln!("==> {label}");
        }
        let last_line = String::new();
        Self { label: label.to_owned(), started: now, last_said: now, last_line, crates: 0, bar }
    }

    /// Takes a line of the step's output: its latest is what the user sees it doing.
    pub(crate) fn line(&mut self, line: &str) {
        let line = line.trim();
        if line.starts_with("Compiling ") {
            self.crates += 1;
            self.last_line = format!("{line} (crate {})", self.crates);
        } else {
            self.last_line = line.to_owned();
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.last_line.clone());
        }
        self.tick();
    }

    pub(crate) fn tick(&mut self) {
        if let Some(bar) = &self.bar {
            bar.tick();
        } else if self.last_said.elapsed() >= SIGN_OF_LIFE {
            self.last_said = Instant::now();
            eprintln!("    {} so far: {}", self.took(), self.last_line);
        }
    }

    pub(crate) fn finish(self, succeeded: bool) {
        let took = self.took();
        let word = if succeeded { "done" } else { "failed" };
        match self.bar {
            Some(bar) => {
                bar.finish_and_clear();
                eprintln!("==> {}: {word} in {took}", self.label);
            }
            None => eprintln!("    {word} in {took}"),
        }
    }

    fn took(&self) -> String {
        let took = self.started.elapsed();
        if took < Duration::from_secs(10) {
            format!("{:.1} seconds", took.as_secs_f64())
        } else {
            HumanDuration(took).to_string()
        }
    }
}

fn spinner(label: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg}")
        .expect("the template names only fields that exist");
    ProgressBar::new_spinner().with_style(style).with_prefix(label.to_owned())
}
