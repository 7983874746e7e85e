//! `cargo xtask lint`: everything that reads the sources without running them.

use std::process::Command;

use anyhow::Result;

use crate::checks::Checks;
use crate::environment::Environment;
use crate::{checkout, extension};

pub(crate) fn run(checks: &mut Checks) -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("lint")?;

    let cargo = |arguments: &[&str]| {
        let mut cargo = checkout::cargo();
        environment.activate(&mut cargo);
        cargo.args(arguments);
        cargo
    };
    checks.run("rustfmt", &mut cargo(&["fmt", "--all", "--check"]));
    checks.run("clippy", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    let mut rustdoc = cargo(&["doc", "--workspace", "--no-deps"]);
    checks.run("rustdoc", rustdoc.env("RUSTDOCFLAGS", "-D warnings"));

    let python = |arguments: &[&str]| -> Command {
        let mut python = environment.python();
        python.arg("-m").args(arguments);
        python
    };
    checks.run("ruff check", &mut python(&["ruff", "check", "."]));
    checks.run("ruff format", &mut python(&["ruff", "format", "--check", "."]));
    // Stubs are compared with the module that was built from these sources, not with one left from before.
    extension::build(&environment)?;
    checks.run("mypy", &mut python(&["mypy"]));
    checks.run("stubtest", &mut python(&["mypy.stubtest", "fastapi_orm._engine"]));
    Ok(())
}
