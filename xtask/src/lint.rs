//! `cargo xtask lint`: everything that reads the sources without running them.

use std::process::{Command, Stdio};

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
    checks.run("rustfmt of fuzz", &mut cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]));
    checks.run("clippy", &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    let mut rustdoc = cargo(&["doc", "--workspace", "--no-deps"]);
    checks.run("rustdoc", rustdoc.env("RUSTDOCFLAGS", "-D warnings"));

    let python = |arguments: &[&str]| -> Command {
        let mut python = environment.python();
        python.arg("-m").args(arguments);
        python
    };
    dependencies(checks, &environment);
    checks.run("ruff check", &mut python(&["ruff", "check", "."]));
    checks.run("ruff format", &mut python(&["ruff", "format", "--check", "."]));
    // Stubs are compared with the module that was built from these sources, not with one left from before.
    extension::build(&environment)?;
    checks.run("mypy", &mut python(&["mypy"]));
    checks.run("stubtest", &mut python(&["mypy.stubtest", "fastapi_orm._engine"]));
    Ok(())
}

/// Licences, duplicates and sources of what is depended on; advisories, where the database of RustSec can be had; and whether the
/// texts of licences that go into the wheel are those of what is linked in.
fn dependencies(checks: &mut Checks, environment: &Environment) {
    let deny = |arguments: &[&str]| {
        let mut deny = environment.program("cargo-deny");
        deny.arg("--workspace").args(arguments);
        deny
    };
    checks.run("cargo deny", &mut deny(&["check", "licenses", "bans", "sources"]));
    let mut fetch = deny(&["fetch", "db"]);
    fetch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if fetch.status().is_ok_and(|status| status.success()) {
        checks.run("cargo deny", &mut deny(&["check", "--disable-fetch", "advisories"]));
    } else {
        eprintln!("==> cargo deny: advisories are not checked, as their database on GitHub is out of reach");
    }
    let mut licences = environment.python();
    checks.run("licences", licences.args(["xtask/licences.py", "--check"]));
}
