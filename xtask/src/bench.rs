//! `cargo xtask bench`: the library beside sqlite3 used by hand.

use anyhow::Result;

use crate::environment::Environment;
use crate::{extension, process};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("bench")?;
    extension::build(&environment)?;
    process::shown("bench", environment.python().arg("benches/compare.py").args(arguments))
}
