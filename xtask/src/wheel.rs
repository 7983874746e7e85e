//! `cargo xtask wheel`: the wheel as it is given to others: with the licences of what is in it, without the paths of this machine.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::environment::Environment;
use crate::{checkout, process};

const FOLDER: &str = "target/wheels";

pub(crate) fn run() -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("build")?;
    let folder = checkout::path(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    let mut maturin = environment.python();
    maturin.args(["-m", "maturin", "build", "--release", "--locked", "--out", FOLDER]);
    process::quiet("building the wheel (minutes the first time)", without_paths(&mut maturin))?;
    let mut inspect = environment.python();
    inspect.args(["xtask/wheel.py", FOLDER]).args(paths().into_iter().map(|(path, _)| path));
    process::shown("wheel", &mut inspect)?;
    eprintln!("\n  The wheel   {}\n", folder.display());
    Ok(())
}

/// Messages of panics name source files: those of the checkout and of crates.io get a name that is the same on every machine.
///
/// Whatever builds the extension for release MUST do this, so that it is built once.
pub(crate) fn without_paths(command: &mut Command) -> &mut Command {
    let mut flags: Vec<String> =
        env::var("RUSTFLAGS").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    flags.extend(
        paths().into_iter().map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display())),
    );
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
}

fn paths() -> [(PathBuf, &'static str); 2] {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo"))).unwrap_or_default();
    [(cargo, "cargo"), (checkout::root().to_owned(), "reprieve")]
}
