//! `cargo xtask test`: every test of the project.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::checks::Checks;
use crate::environment::Environment;
use crate::postgres::Server;
use crate::{checkout, demo, extension};

pub(crate) fn run(checks: &mut Checks, pytest_arguments: &[String]) -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_test_requirements()?;
    let server = Server::prepare(&environment)?;

    // An extension module has no test binary of its own: nothing would provide the symbols of libpython.
    let mut cargo = checkout::cargo();
    cargo.args(["test", "--workspace", "--exclude", "reprieve-python", "--no-fail-fast"]);
    checks.run("cargo test", server.tell(&mut cargo));

    extension::build(&environment)?;
    checks.run("demo --check", &mut demo::check(&environment));
    demo::build_blog_axum()?;
    checks.run("demo --rust --check", &mut demo::check_rust(&environment));

    let mut pytest = pytest(&environment);
    pytest.arg("tests/python").args(pytest_arguments);
    checks.run("pytest", server.tell(&mut pytest));
    Ok(())
}

/// On every processor; tests of one group, which share what is dear to make, on the same.
fn pytest(environment: &Environment) -> Command {
    let mut pytest = environment.python();
    pytest.args(["-m", "pytest", "-n", "auto", "--dist", "loadgroup"]);
    pytest
}

/// What talks to PostgreSQL most closely, once more on the server that runs on the machine: it is of another version than
/// ours, and forgets nothing, which takes longer.
pub(crate) fn on_running_server(checks: &mut Checks) -> Result<()> {
    let environment = Environment::prepare()?;
    let Some(running) = Server::running(&environment) else {
        return Ok(());
    };
    let mut cargo = checkout::cargo();
    cargo.args(["test", "--package", "reprieve-conformance", "--test", "postgres"]);
    checks.run("cargo test on the running PostgreSQL", running.tell(&mut cargo));
    let mut pytest = pytest(&environment);
    pytest.args(["-m", "postgres"]);
    pytest.args(["types", "queries", "concurrency"].map(|part| format!("tests/python/test_{part}.py")));
    checks.run("pytest on the running PostgreSQL", running.tell(&mut pytest));
    Ok(())
}

/// The tests that need the soft-delete document, which lies at `path`, on what [`run`] has built.
pub(crate) fn of_document(checks: &mut Checks, path: &Path) -> Result<()> {
    let environment = Environment::prepare()?;
    let mut of_document = |label: &str, server: &Server, marks: &str| {
        let mut pytest = pytest(&environment);
        pytest.env("REPRIEVE_DOCUMENT", path).args(["tests/python", "-m", marks]);
        checks.run(label, server.tell(&mut pytest));
    };
    if let Some(running) = Server::running(&environment) {
        of_document("pytest of the document on the running PostgreSQL", &running, "document and postgres");
    }
    of_document("pytest of the document", &Server::prepare(&environment)?, "document");
    Ok(())
}
