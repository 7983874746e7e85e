//! `cargo xtask bench`: both faces beside their databases used by hand.

use anyhow::Result;

use crate::environment::Environment;
use crate::{checkout, extension, process};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let environment = Environment::prepare()?;
    environment.install_group("bench")?;
    extension::build(&environment)?;
    process::shown("bench", environment.python().arg("benches/compare.py").args(arguments))?;
    println!("\nThe Rust face beside rusqlite\n");
    process::shown(
        "bench",
        checkout::cargo().args(["bench", "--quiet", "--package", "reprieve", "--bench", "*"]),
    )
}
