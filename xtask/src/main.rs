//! The project's own commands. Each does its whole set-up inside the checkout (virtual environment, tools, extension
//! module), so a fresh clone needs only Rust and Python.

#![allow(
    clippy::disallowed_methods,
    reason = "a developer's tool is steered by its environment; the library is not"
)]

mod bench;
mod checkout;
mod checks;
mod demo;
mod docs;
mod environment;
mod extension;
mod fuzz;
mod lint;
mod postgres;
mod process;
mod progress;
mod python;
mod rust;
mod test;
mod wheel;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reprieve's own commands; `cargo xtask demo` is the one to start with.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the example blog, on SQLite, until Ctrl-C
    Demo(demo::Options),
    /// Run every test of the project: Rust, the example over HTTP, Python
    Test {
        /// Handed to pytest, as in `cargo xtask test -- -k restore`
        #[arg(last = true)]
        pytest: Vec<String>,
    },
    /// Run every formatter check, linter and type checker
    Lint(lint::Options),
    /// Give what reads the input of clients and servers any input, and keep what reached something new
    Fuzz(fuzz::Options),
    /// Build the wheel that others get into target/wheels, and look into it
    Wheel,
    /// Build the pages of docs/ into target/site
    Docs,
    /// Print how long both faces take beside their databases used by hand
    Bench {
        /// Handed to benches/compare.py, as in `cargo xtask bench --quick`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        compare: Vec<String>,
    },
    /// Run what a change has to pass: lint, wheel, fuzz, test
    Ci {
        /// Where the soft-delete document is; its tests come last, so that the others show that they do without it
        #[arg(long, value_name = "PATH")]
        document: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // Printed here and not by the standard library, which adds a backtrace where RUST_BACKTRACE asks for one:
        // what fails is somebody's machine or change, and the message says what.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    rust::check()?;
    match task {
        Task::Demo(options) => demo::run(&options),
        Task::Test { pytest } => checks::all(|checks| test::run(checks, &pytest)),
        Task::Lint(options) => checks::all(|checks| lint::run(checks, &options)),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Wheel => wheel::run(),
        Task::Docs => docs::run(),
        Task::Bench { compare } => bench::run(&compare),
        // Tests come last, so that the last lines of a log are their summary.
        Task::Ci { document } => checks::all(|checks| {
            lint::run(checks, &lint::Options::default())?;
            checks.note("wheel", wheel::run());
            checks.note("fuzz", fuzz::run(&fuzz::Options::default()));
            test::run(checks, &[])?;
            test::on_running_server(checks)?;
            document.map_or(Ok(()), |path| test::of_document(checks, &path))
        }),
    }
}
