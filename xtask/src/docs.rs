//! `cargo xtask docs`: the pages of `docs/`, built into `target/site`.

use anyhow::Result;

use crate::environment::Environment;
use crate::{checkout, process};

pub(crate) fn run() -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("docs")?;
    process::shown("mkdocs", environment.python().args(["-m", "mkdocs", "build", "--strict"]))?;
    eprintln!("\n  The pages   {}\n", checkout::path("target/site/index.html").display());
    Ok(())
}
