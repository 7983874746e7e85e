//! `cargo xtask lint`: everything that reads the sources without running them.

use std::process::Command;

use anyhow::Result;

use crate::checks::Checks;
use crate::environment::Environment;
use crate::{checkout, extension};

#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Also check the dependencies' advisories, whose database is fetched from GitHub
    #[arg(long)]
    advisories: bool,
}

pub(crate) fn run(checks: &mut Checks, options: &Options) -> Result<()> {
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
    dependencies(checks, &environment, options);
    checks.run("ruff check", &mut python(&["ruff", "check", "."]));
    checks.run("ruff format", &mut python(&["ruff", "format", "--check", "."]));
    // Stubs are compared with the module that was built from these sources, not with one left from before.
    extension::build(&environment)?;
    checks.run("mypy", &mut python(&["mypy"]));
    checks.run("stubtest", &mut python(&["mypy.stubtest", "fastapi_orm._engine"]));
    Ok(())
}

/// Licences, duplicates and sources of the dependencies, and whether the licence texts that go into the wheel are those of what
/// is linked in. Advisories only when asked for: no package registry has their database.
fn dependencies(checks: &mut Checks, environment: &Environment, options: &Options) {
    let deny = |arguments: &[&str]| {
        let mut deny = environment.program("cargo-deny");
        deny.args(["--workspace", "check"]).args(arguments);
        deny
    };
    checks.run("cargo deny", &mut deny(&["licenses", "bans", "sources"]));
    if options.advisories {
        checks.run("advisories", &mut deny(&["advisories"]));
    } else {
        eprintln!(
            "==> advisories are not checked: `cargo xtask lint --advisories` fetches their database from GitHub"
        );
    }
    let mut licences = environment.python();
    checks.run("licences", licences.args(["xtask/licences.py", "--check"]));
}
