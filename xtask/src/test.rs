//! `cargo xtask test`: every test of the project.

use anyhow::Result;

use crate::checks::Checks;
use crate::environment::Environment;
use crate::{checkout, demo, extension};

pub(crate) fn run(checks: &mut Checks, pytest_arguments: &[String]) -> Result<()> {
    // An extension module has no test binary of its own: nothing would provide the symbols of libpython.
    let mut cargo = checkout::cargo();
    cargo.args(["test", "--workspace", "--exclude", "reprieve-python", "--no-fail-fast"]);
    checks.run("cargo test", &mut cargo);

    let environment = Environment::prepare()?;
    environment.install_test_requirements()?;
    extension::build(&environment)?;
    checks.run("demo --check", &mut demo::check(&environment));
    demo::build_blog_axum()?;
    checks.run("demo --rust --check", &mut demo::check_rust(&environment));

    let mut pytest = environment.python();
    pytest.args(["-m", "pytest", "tests/python", "-n", "auto"]).args(pytest_arguments);
    checks.run("pytest", &mut pytest);
    Ok(())
}
